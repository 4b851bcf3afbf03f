// The same nodes as rows: in the order of the tape or sorted, all or some.

// All of the dosage network, and what is drawn anew within a frame or two.
const PAGE = 128;
const LARGEST = 20;
const isNotFinite = i => !Number.isFinite(tape.value[i]) || !Number.isFinite(tape.adjoint[i]);
const magnitude = x => (Number.isNaN(x) ? Infinity : Math.abs(x));
const largestFirst = of => (a, b) => Number.isNaN(of(b)) - Number.isNaN(of(a)) || magnitude(of(b)) - magnitude(of(a)) || a - b;
const steepest = i => tape.partials[i].reduce((most, p) => (Number.isNaN(most) || magnitude(p) <= most ? most : p), 0);
const byText = of => (a, b) => of(a).localeCompare(of(b), 'en', { numeric: true }) || a - b;

// The nodes between one and the output.
function onTheWay(goal) {
  const leads = new Set([goal]);
  for (let i = goal + 1; i <= (data.output ?? -1); i++) {
    if (tape.connected(i) && tape.operands[i].some(o => leads.has(o))) leads.add(i);
  }
  return leads;
}

// Which nodes the table shows, by the name that the address has for it.
const SHOWN = {
  '': ['all nodes', nodes => nodes],
  bad: ['not finite', nodes => nodes.filter(isNotFinite)],
  path: ['on the paths of the selected', nodes => (way => nodes.filter(i => way.has(i)))(onTheWay(state.sel))],
  largest: [`the ${LARGEST} largest adjoints`, nodes => nodes.sort(largestFirst(i => tape.adjoint[i])).slice(0, LARGEST).sort((a, b) => a - b)],
};
// How they can be sorted: numbers by magnitude, the largest first.
const SORTED = {
  node: ['node', null],
  label: ['label', byText(i => (tape.label(i) === undefined ? '\uffff' : tape.name(i)))],
  computes: ['computes', byText(i => tape.op(i).name)],
  value: ['value', largestFirst(i => tape.value[i])],
  adjoint: ['adjoint', largestFirst(i => tape.adjoint[i])],
  partials: ['partials', largestFirst(steepest)],
};

function tablePanel() {
  if (!tape.count) return;
  panel('table', 'The nodes in order', '', (section, head) => {
    let order = [], first = -1;
    const says = html('span', { class: 'soft', role: 'status' });
    const turn = by => () => fill(clamp(first + by, 0, Math.floor(Math.max(order.length - 1, 0) / PAGE) * PAGE));
    const pages = html('div', { class: 'buttons' }, button(sign('back'), 'Earlier rows', turn(-PAGE)), button(sign('on'), 'Later rows', turn(PAGE)));
    const filter = html('select', { id: 'show', 'aria-label': 'Which nodes', onchange: event => set({ show: event.target.value }) },
      Object.entries(SHOWN).map(([key, [text]]) => html('option', { value: key }, text)));
    head.append(pages, filter, button('CSV', 'Take these rows along as CSV', () => take('The table', 'nodes.csv', csv(order))), says);
    const located = Boolean(data.locations);
    const numeric = key => !['label', 'computes'].includes(key);
    const sortBy = key => () => set({ sort: state.sort === key ? `-${key}` : state.sort === `-${key}` || key === 'node' ? '' : key });
    const heads = Object.entries(SORTED).map(([key, [text]]) => html('th', { scope: 'col', class: numeric(key) ? 'number' : '', 'data-sort': key },
      html('button', { type: 'button', class: 'plain', 'aria-label': `Sort by ${key === 'node' ? 'node, the order of the tape' : text}`, onclick: sortBy(key) }, text)));
    const body = html('tbody');
    const frame = html('div', { class: 'scroll rows' },
      html('table', {}, html('thead', {}, html('tr', {}, heads, located && html('th', { scope: 'col' }, 'where'))), body));
    section.append(frame);

    let rows = [];
    function fill(from, most = PAGE) {
      first = from;
      rows = order.slice(from, from + most).map(i => {
        const value = html('td', { class: 'number value' }), adjoint = html('td', { class: 'number adjoint' }), partials = html('td', { class: 'number' });
        const pick = html('button', { type: 'button', class: 'plain', 'aria-label': `Select ${tape.name(i)}`, title: tape.name(i) }, cutName(tape.name(i), 28));
        const row = html('tr', { class: 'pick', 'data-id': i, 'data-edges': edgesText(tape.operands[i].slice(0, 64).map((_, which) => [i, which])), onclick: () => select(i) },
          html('td', { class: 'number soft' }, `%${i}`),
          html('td', {}, pick),
          html('td', {}, cut(tape.inNames(i), 44)), value, adjoint,
          partials,
          located && html('td', { class: 'soft' }, tape.location(i) ?? ''));
        return { i, row, pick, value, adjoint, partials };
      });
      body.replaceChildren(...rows.map(({ row }) => row));
      const count = order.length, some = count === tape.count ? plural(count, 'node') : `${count.toLocaleString('en')} of ${plural(tape.count, 'node')}`;
      says.textContent = count > rows.length ? `${from + 1} to ${from + rows.length} of ${some}` : some;
      pages.hidden = count <= PAGE;
      paint();
    }
    const partialsOf = i => tape.partials[i].slice(0, 4).map(p => show(p, 5)).join('\u2002') + (tape.partials[i].length > 4 ? ' \u2026' : '');
    function paint() {
      const now = tape.nodeAt(state.t);
      for (const { i, row, pick, value, adjoint, partials } of rows) {
        setText(value, tape.hasValue(i, state.t) ? show(tape.value[i]) : '');
        setText(adjoint, tape.hasAdjoint(i, state.t) ? adjointText(i) : '');
        setText(partials, tape.hasValue(i, state.t) ? partialsOf(i) : '');
        const name = ['pick', i === state.sel && 'selected', i === now && 'now'].filter(Boolean).join(' ');
        if (row.className !== name) row.className = name;
        // Not by colour alone: the style sheet gives both a sign, and these say them aloud.
        mark(row, 'aria-current', i === now && 'step');
        pick.setAttribute('aria-pressed', i === state.sel);
      }
    }
    // On paper there is no turning of pages.
    addEventListener('beforeprint', () => fill(0, tape.count));
    addEventListener('afterprint', () => fill(Math.max(Math.floor(order.indexOf(state.sel) / PAGE), 0) * PAGE));
    // The nodes to show, in order.
    function arrange() {
      const key = state.sort.replace('-', ''), compare = SORTED[key]?.[1];
      order = SHOWN[state.show][1](Array.from({ length: tape.count }, (_, i) => i));
      if (compare) order.sort((a, b) => (state.sort[0] === '-' ? compare(b, a) : compare(a, b)));
      filter.value = state.show;
      for (const th of heads) mark(th, 'aria-sort', th.dataset.sort === key && (numeric(key) === (state.sort[0] === '-') ? 'ascending' : 'descending'));
    }
    return before => {
      const moved = before.t !== state.t, chosen = before.sel !== state.sel;
      const again = before.show !== state.show || before.sort !== state.sort || (chosen && state.show === 'path')
        || (before.version !== state.version && (state.show || state.sort));
      if (again) arrange();
      const goal = chosen ? state.sel : tape.nodeAt(state.t), at = order.indexOf(goal);
      const from = at < 0 ? Math.max(first, 0) : Math.floor(at / PAGE) * PAGE;
      if (again || (from !== first && (chosen || moved))) fill(from);
      else paint();
      if (before.t !== undefined && (chosen || moved)) {
        const row = rows.find(({ i }) => i === goal)?.row;
        if (row) measure(frame, () => (frame.scrollTop = clamp(frame.scrollTop, row.offsetTop - frame.clientHeight + 60, row.offsetTop - 60)));
      }
    };
  });
}

// Rows in full: numbers of 17 digits, as they read back.
function csv(nodes) {
  const cell = text => (/[",\n]|^[=+@-]/.test(text) && Number.isNaN(Number(text)) ? `"${text.replaceAll('"', '""')}"` : text);
  const bare = text => text.replace(/[\u2068\u2069]/g, '');
  const rows = nodes.map(i => [i, bare(tape.label(i) === undefined ? '' : tape.name(i)), bare(tape.inNames(i)), ...[tape.value[i], tape.adjoint[i]].map(x => digits(x, 17)),
    tape.partials[i].map(p => digits(p, 17)).join(' '), tape.operands[i].join(' '), bare(tape.scope(i))]);
  return [['node', 'label', 'computes', 'value', 'adjoint', 'partials', 'operands', 'scope'], ...rows].map(row => row.map(x => cell(String(x))).join(',')).join('\n') + '\n';
}
