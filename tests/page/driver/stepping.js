// Every step in turn, by the slider; then what the rows and the boxes show.
const graph = one('#graph');
const rows = all('#table tr[data-id]').map(row => [one('td.value', row), one('td.adjoint', row)]);
const boxes = all('.node[data-id]', graph).sort((a, b) => a.dataset.id - b.dataset.id).map(box => ['.v', '.a'].map(kind => all(kind, box).at(-1)));
const partials = all('#table tr[data-id]').map(row => row.children[5]);
const read = list => list.map(pair => pair.map(place => place.textContent.replace('\u2202 ', '')));
const found = [];
for (let t = 0; t < steps(); t++) {
  slide('#slider', t);
  found.push({
    table: read(rows),
    graph: read(boxes),
    partials: partials.map(cell => cell.textContent !== ''),
    spelled: all('.spelled', graph).map(place => place.textContent),
    says: text('#sentence'),
    name: text('#sentence b'),
    numbers: all('#sentence .number').map(place => place.textContent),
  });
}
return found;
