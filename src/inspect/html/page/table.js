// The same nodes as rows.

const PAGE = 200;

function tablePanel() {
  if (!tape.count) return;
  panel('table', 'The nodes in order', '', (section, head) => {
    let first = -1;
    const says = html('span', { class: 'soft' });
    const turn = by => () => fill(clamp(first + by, 0, Math.floor(tape.last / PAGE) * PAGE));
    if (tape.count > PAGE) {
      head.append(html('div', { class: 'buttons' },
        button(sign('back'), 'Earlier rows', turn(-PAGE)), button(sign('on'), 'Later rows', turn(PAGE))));
    }
    head.append(says);
    const located = Boolean(data.locations);
    const columns = ['node', 'label', 'computes', 'value', 'adjoint', 'partials', ...(located ? ['where'] : [])];
    const body = html('tbody');
    const frame = html('div', { class: 'scroll rows' },
      html('table', {}, html('thead', {}, html('tr', {}, columns.map((column, k) =>
        html('th', { scope: 'col', class: k === 0 || (k > 2 && k < 6) ? 'number' : '' }, column)))), body));
    section.append(frame);

    let rows = [];
    function fill(from, most = PAGE) {
      first = from;
      const count = Math.min(most, tape.count - from);
      rows = Array.from({ length: count }, (_, k) => {
        const i = from + k;
        const value = html('td', { class: 'number value' }), adjoint = html('td', { class: 'number adjoint' }), partials = html('td', { class: 'number' });
        const pick = html('button', { type: 'button', class: 'plain', 'aria-label': `Select ${tape.name(i)}` }, cut(tape.name(i), 28));
        const row = html('tr', { class: 'pick', 'data-id': i, onclick: () => select(i) },
          html('td', { class: 'number soft' }, `%${i}`),
          html('td', {}, pick),
          html('td', {}, cut(tape.inNames(i), 44)), value, adjoint,
          partials,
          located && html('td', { class: 'soft' }, tape.location(i) ?? ''));
        return { i, row, pick, value, adjoint, partials };
      });
      body.replaceChildren(...rows.map(({ row }) => row));
      says.textContent = tape.count > count ? `${from} to ${from + count - 1} of ${plural(tape.count, 'node')}` : plural(tape.count, 'node');
      paint();
    }
    const partialsOf = i => tape.partials[i].slice(0, 4).map(p => show(p, 5)).join('\u2002') + (tape.partials[i].length > 4 ? ' \u2026' : '');
    function paint() {
      const now = tape.nodeAt(state.t);
      for (const { i, row, pick, value, adjoint, partials } of rows) {
        value.textContent = tape.hasValue(i, state.t) ? show(tape.value[i]) : '';
        adjoint.textContent = tape.hasAdjoint(i, state.t) ? adjointText(i) : '';
        partials.textContent = tape.hasValue(i, state.t) ? partialsOf(i) : '';
        row.className = ['pick', i === state.sel && 'selected', i === now && 'now'].filter(Boolean).join(' ');
        // Not by colour alone: the style sheet gives both a sign, and these say them aloud.
        mark(row, 'aria-current', i === now && 'step');
        pick.setAttribute('aria-pressed', i === state.sel);
      }
    }
    // On paper there is no turning of pages.
    addEventListener('beforeprint', () => fill(0, tape.count));
    addEventListener('afterprint', () => fill(Math.floor(state.sel / PAGE) * PAGE));
    return before => {
      const goal = before.sel !== state.sel ? state.sel : tape.nodeAt(state.t);
      const from = Math.floor(goal / PAGE) * PAGE;
      if (from !== first && (before.sel !== state.sel || before.t !== state.t)) fill(from);
      else paint();
      if (before.t !== undefined && (before.sel !== state.sel || before.t !== state.t)) {
        const row = rows.find(({ i }) => i === goal)?.row;
        if (row) frame.scrollTop = clamp(frame.scrollTop, row.offsetTop - frame.clientHeight + 60, row.offsetTop - 60);
      }
    };
  });
}
