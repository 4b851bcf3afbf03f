// With the keyboard alone: few stops for Tab, arrow keys inside of groups, links that skip, and a stop wherever
// something scrolls.

// A click gives the focus too, but the arrow keys stay with the tape until Tab is pressed.
let pointed = false;
addEventListener('pointerdown', () => { pointed = true; }, true);
addEventListener('keydown', event => { if (event.key === 'Tab') pointed = false; }, true);

// Tab comes to one element of a group and goes on; arrow keys move to the nearest one on that side, in a list to the
// next one. Returns what is to be called when the group may have been drawn anew.
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
function rove(frame, query, isList) {
  const every = () => [...frame.querySelectorAll(query)];
  let stop = null, first = null;
  const stopAt = one => {
    stop?.setAttribute('tabindex', -1);
    stop = one;
    stop?.setAttribute('tabindex', 0);
  };
  const middle = one => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  };
  frame.dataset.rove = query;
  frame.addEventListener('focusin', ({ target }) => target.closest(query) && stopAt(target.closest(query)));
  frame.addEventListener('keydown', event => {
    const from = event.target.closest(query), [right, down] = WAYS[event.key] ?? [];
    if (!from || pointed || down === undefined || (isList && !down) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const all = every(), [x, y] = middle(from);
    let [nearest, least] = [isList ? all[all.indexOf(from) + down] : null, Infinity];
    for (const one of isList ? [] : all) {
      const [a, b] = middle(one), along = (a - x) * right + (b - y) * down, across = Math.abs((a - x) * down) + Math.abs((b - y) * right);
      // What lies on that side, the straighter the better.
      if (along > 2 && along + 3 * across < least) [nearest, least] = [one, along + 3 * across];
    }
    nearest?.focus();
  });
  return chosen => {
    const now = frame.querySelector(query);
    if (now === first && !chosen) return;
    first = now;
    const all = every();
    for (const one of all) one.setAttribute('tabindex', -1);
    stopAt(all.find(one => one.getAttribute('aria-pressed') === 'true') ?? now);
  };
}

// The groups of the page, and what is looked at after each change.
const GROUPS = [['#graph .graph', '.node', false], ['#chain .chain', 'button', false], ['#table thead', 'button', false], ['#table .rows', 'td button.plain', true], ['#activations .rows', 'th button.plain', true], ['#network', 'svg [role="button"]', true]];
function keysPanel() {
  const groups = GROUPS.map(([frame, query, isList]) => [document.querySelector(frame), query, isList]).filter(([frame]) => frame);
  const settle = groups.map(group => rove(...group));
  skipLinks();
  panels.push({ id: 'keys', update: before => {
    settle.forEach(one => one(before.sel !== state.sel));
    measure('scrolling', markScrolling);
    document.querySelectorAll('svg [role="button"]').forEach(speak);
  } });
}

// A drawn button is called what it was given, and then all that is written in it: who speaks says what is seen.
const spoken = new WeakMap();
function speak(drawn) {
  let [given, label] = spoken.get(drawn) ?? [];
  const texts = [...drawn.querySelectorAll('text')];
  const now = drawn.getAttribute('aria-label') ?? '';
  if (now !== label) given = now;
  label = [given, ...texts.map(text => text.textContent)].filter(Boolean).join(' ');
  if (label !== now) drawn.setAttribute('aria-label', label);
  // Words apart, for those that look for them.
  for (const text of texts) if (!text.nextSibling?.data) text.after(' ');
  spoken.set(drawn, [given, label]);
}

// To a panel without changing the address, which holds the state.
function skipLinks() {
  const places = { chain: 'the chain rule', timeline: 'the timeline', table: 'the table', findings: 'the findings' };
  const go = section => event => {
    event.preventDefault();
    section.tabIndex = -1;
    section.focus({ preventScroll: true });
    section.scrollIntoView();
  };
  document.getElementById('skip').append(...Object.entries(places).map(([id, name]) => {
    const section = document.getElementById(id);
    return section && html('a', { class: 'skip', href: `#${id}`, onclick: go(section) }, `Skip to ${name}`);
  }).filter(Boolean));
}

// What scrolls can have the focus, and says what it is; what fits is no stop.
function markScrolling() {
  const names = [], frames = [...document.querySelectorAll('.scroll:not(.graph), div.rule')];
  const room = frames.map(frame => [frame, frame.scrollWidth > frame.clientWidth + 1 || frame.scrollHeight > frame.clientHeight + 1]);
  for (const [frame, scrolls] of room) {
    const title = frame.closest('section')?.querySelector('h2')?.textContent ?? '', nth = names.push(title) && names.filter(name => name === title).length;
    const says = { tabindex: '0', role: 'region', 'aria-label': `${title}, scrolls${nth > 1 ? ` (${nth})` : ''}`, 'data-keys': 'scroll' };
    for (const [key, value] of Object.entries(says)) mark(frame, key, scrolls && value);
  }
}
addEventListener('resize', markScrolling);
