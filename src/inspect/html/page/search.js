// Find a node: `/` opens a search over labels, operations, ids and scopes; arrow keys choose, Enter selects.

const MOST_FOUND = 40;
// The best first: what is the text, then what begins with it, then what holds it; nodes in order.
function search(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const rank = (is, at) => (is === wanted ? 0 : is.startsWith(wanted) ? 1 : is.includes(wanted) ? 2 : 9) + at;
  const found = [];
  for (let i = 0; i < tape.count; i++) {
    const names = [tape.label(i) === undefined ? '' : named(i), `%${i}`, `${i}`, tape.op(i).name, tape.scope(i)];
    const best = Math.min(...names.map((name, at) => rank(name.toLowerCase(), at === 2 ? 0.5 : at / 10)));
    if (best < 9 && !(best > 2.4 && /^%?\d+$/.test(wanted))) found.push([best, i]);
  }
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, i]) => i);
}

const SEARCHED = 'A label, an operation, an id such as %12, or a scope.';
function openSearch() {
  let at = 0, found = [];
  const list = html('ul', { id: 'found', role: 'listbox', 'aria-label': 'Nodes found' });
  const says = html('p', { class: 'soft', role: 'status' }, SEARCHED);
  const input = html('input', {
    type: 'text', role: 'combobox', 'aria-expanded': true, 'aria-controls': 'found', 'aria-autocomplete': 'list', autocomplete: 'off',
    'aria-label': 'Search nodes', placeholder: 'label, operation, %12, scope',
    oninput: () => { found = search(input.value); at = 0; paint(); },
    onkeydown: event => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) at = clamp(at + by, 0, Math.min(found.length, MOST_FOUND) - 1);
      else if (event.key === 'Enter' && found.length) return choose(found[at]);
      else return;
      event.preventDefault();
      paint();
    },
  });
  const made = dialog('search', 'Search', html('h2', {}, 'Search'), input, says, list);
  function choose(i) {
    made.close();
    select(i);
  }
  function paint() {
    const shown = found.slice(0, MOST_FOUND);
    replace(list, shown.map((i, k) => html('li', { role: 'option', id: `found-${k}`, 'aria-selected': String(k === at), onclick: () => choose(i) },
      html('b', {}, tape.name(i)), html('span', { class: 'soft' }, ` %${i} = ${cut(tape.inNames(i), 40)}${tape.scope(i) && `, in ${tape.scope(i)}`}`))));
    mark(input, 'aria-activedescendant', shown.length && `found-${at}`);
    says.textContent = !input.value.trim() ? SEARCHED
      : found.length > MOST_FOUND ? `${MOST_FOUND} of ${plural(found.length, 'node')}` : found.length ? plural(found.length, 'node') : 'Nothing has this name.';
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  }
}

document.addEventListener('keydown', event => {
  if (event.key !== '/' || event.altKey || event.ctrlKey || event.metaKey || !tape.count || event.target.closest?.('input:not([type=range], [type=checkbox], [type=radio]), textarea, select, dialog')) return;
  event.preventDefault();
  openSearch();
});
