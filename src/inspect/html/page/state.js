// One state drives all panels, and it is the fragment of the address: a link to a page is a link to a step.

const state = {
  // Goes up whenever the numbers of the tape are others: what shows numbers compares it with the one before.
  version: 0,
};
const panels = [];
let isReady = false;

const leaves = Object.keys(data.label).map(Number).filter(i => tape.isLeaf(i) && tape.connected(i));
const END = Math.max(tape.steps - 1, 0);
// The step that shows what a finding is about: where its node is computed, or where its adjoint is complete.
const stepOf = ({ node, code }) => (/adjoint|blocked|connected|gradient/.test(code) ? tape.complete[node] : node);
// Where a number is lost that spoils the output, the page opens.
const culprit = data.findings.find(({ severity, node, code }) => severity === 'error' && node != null && code.startsWith('non-finite'));
const DEFAULTS = {
  t: culprit ? stepOf(culprit) : END,
  // The last input by name: of parameters in their order, a bias of the last layer.
  sel: culprit?.node ?? leaves.at(-1) ?? data.output ?? 0,
  run: 0,
  step: Infinity,
  sample: 0,
  // As the numbers are, unless chosen.
  log: '',
  full: 0,
  in: culprit ? innermost(culprit.node) : 0,
  show: '',
  sort: '',
  theme: '',
  // What the reader has changed: leaves by node, data points by sample, and the rate of the next step.
  leaves: new Map(),
  points: new Map(),
  rate: null,
};

// Read one key of the fragment; what makes no sense is as if it were not there.
const READ = {
  t: text => (/^\d+$/.test(text) ? clamp(Number(text), 0, END) : null),
  sel: text => tape.find(text),
  run: text => (/^\d+$/.test(text) && Number(text) < data.runs.length ? Number(text) : null),
  step: text => (text === 'end' ? Infinity : /^\d+$/.test(text) ? Number(text) : null),
  sample: text => (/^\d+$/.test(text) && Number(text) < (data.network?.samples.length ?? 0) ? Number(text) : null),
  log: text => ({ 0: 0, 1: 1 })[text] ?? null,
  full: text => (text === '1' ? 1 : 0),
  in: text => (/^\d+$/.test(text) && Number(text) < data.layout.groups.length ? Number(text) : null),
  show: text => (Object.hasOwn(SHOWN, text) ? text : null),
  sort: text => (SORTED[text.replace('-', '')]?.[1] ? text : null),
  theme: text => (['light', 'dark'].includes(text) ? text : null),
  leaves: text => numbersFrom(text, 1, i => i < tape.count && tape.isLeaf(i)),
  points: text => numbersFrom(text, 2, j => j < (data.network?.samples.length ?? 0)),
  rate: text => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : null),
};
// `3:0.5,7:1`: numbers by index, each with as many as it takes.
function numbersFrom(text, each, known) {
  const read = new Map();
  for (const part of text.split(',')) {
    const [index, ...numbers] = part.split(':');
    if (!/^\d+$/.test(index) || !known(Number(index)) || numbers.length !== each) continue;
    const values = numbers.map(number => (number.trim() === '' ? NaN : Number(number)));
    if (values.every(Number.isFinite)) read.set(Number(index), each === 1 ? values[0] : values);
  }
  return read.size ? read : null;
}
const numbersTo = map => [...map].map(([i, numbers]) => [i, numbers].flat().join(':')).join(',');
// A node is called what leads back to it: its label, if no node before it has the same.
const WRITE = {
  sel: i => [tape.rawName(i), `%${i}`, `${i}`].find(name => tape.find(name) === i) ?? '',
  step: step => (step === Infinity ? 'end' : String(step)),
  leaves: numbersTo,
  points: numbersTo,
};

function fromFragment(address) {
  const given = new URLSearchParams(address.hash.slice(1) || document.body.dataset.at);
  const read = { ...DEFAULTS };
  for (const key of Object.keys(DEFAULTS)) {
    const value = given.has(key) ? READ[key](given.get(key)) : null;
    if (value !== null) read[key] = value;
  }
  return read;
}

function toFragment() {
  const parts = Object.keys(DEFAULTS)
    .filter(key => state[key] !== DEFAULTS[key])
    .map(key => `${key}=${encodeURIComponent((WRITE[key] ?? String)(state[key]))}`);
  return `#${parts.join('&')}`;
}

// Browsers refuse an address that changes too often (one throws after a hundred times in ten seconds), so it is
// written when the state has been still for a moment.
let writing = null;
function writeFragment() {
  clearTimeout(writing);
  writing = setTimeout(() => {
    try {
      history.replaceState(null, '', toFragment());
    } catch {
      // In a notebook's frame there is no address to write to.
    }
  }, 150);
}
// An event brings the address that it is about: that of the page may have been written since.
function readFragment({ newURL } = location) {
  clearTimeout(writing);
  set(fromFragment(newURL ? new URL(newURL) : location));
}

// Change the state, the address and all that is seen. `shown` is the version of the numbers that the panels show.
let shown = 0;
function set(changes) {
  const before = { ...state, version: shown };
  Object.assign(state, changes);
  if (['run', 'step', 'leaves', 'points'].some(key => before[key] !== state[key])) {
    live.settle();
    state.version++;
  }
  if (isReady && Object.keys(changes).some(key => before[key] !== state[key])) {
    writeFragment();
  }
  shown = state.version;
  document.documentElement.dataset.theme = theme();
  for (const panel of panels) panel.update(before);
}

// What has to be measured is measured when all has been drawn, once a frame: each look in between lays the page out anew.
// Of one key the last one counts.
const measures = new Map();
function measure(key, act) {
  if (!measures.size) requestAnimationFrame(measureNow);
  measures.set(key, act);
}
function measureNow() {
  const acts = [...measures.values()];
  measures.clear();
  for (const act of acts) act();
}

const dark = matchMedia('(prefers-color-scheme: dark)');
const theme = () => state.theme || (dark.matches ? 'dark' : 'light');

// A panel is a section with a heading, and a function that brings it up to date.
function panel(id, title, size, build) {
  const section = html('section', { id, class: `panel ${size}`, 'aria-labelledby': `${id}-title` });
  const head = html('div', { class: 'head' }, html('h2', { id: `${id}-title` }, title));
  section.append(head);
  document.getElementById('panels').append(section);
  panels.push({ id, update: build(section, head) ?? (() => {}) });
}

// Light what shows these edges, each `user:operand`, in every panel: whatever has them among its `data-edges`.
function lit(edges) {
  for (const shown of document.querySelectorAll('.lit')) shown.classList.remove('lit');
  for (const edge of edges) for (const shown of document.querySelectorAll(`[data-edges~="${edge}"]`)) shown.classList.add('lit');
}
for (const kind of ['pointerover', 'focusin']) {
  document.addEventListener(kind, ({ target }) => lit(target.closest?.('[data-edges]')?.dataset.edges.split(' ').filter(Boolean).slice(0, 100) ?? []));
}

const button = (text, says, act, more = {}) =>
  html('button', { type: 'button', 'aria-label': says, title: says, onclick: act, ...more }, text);

// Select a node, and open the drawing that it is in.
const select = i => set({ sel: i, in: innermost(i) });
function innermost(i) {
  const { groups } = data.layout;
  let at = 0;
  for (let next = 0; next !== undefined;) {
    at = next;
    next = groups[at].children.find(g => i >= groups[g].start && i < groups[g].start + groups[g].nodes);
  }
  return at;
}

// Play: one step a tick until the end or until stopped.
function player(advance, delay) {
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
  };
  const start = () => {
    stop();
    timer = setInterval(() => advance() || (stop(), set({})), delay);
  };
  return { toggle: () => (timer ? stop() : start(), set({})), stop, playing: () => timer !== null };
}
