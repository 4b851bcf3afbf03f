// Every node in turn is selected in the table; then the chain panel is read.
const panel = one('#chain');
const numbers = from => all('mn', from).map(n => n.textContent);
// Cells row by row; a row that begins with nothing goes on with the one before.
const table = from => all('mtr', from).reduce((rows, row) => {
  if (row.children[0].textContent) rows.push([...row.children]);
  else rows.at(-1).push(...row.children);
  return rows;
}, []);
const found = [];
for (const i of all('#table tr[data-id]').map(row => row.dataset.id)) {
  chosen(i);
  const [paths, uses] = [panel.querySelector('.rule mtable'), all('mtable', panel)[1]];
  found.push({
    data: { ...panel.dataset },
    says: one('.chain', panel).textContent,
    verdict: all('.verdict .number', panel).map(n => n.textContent),
    rows: paths ? table(paths).map(cells => ({
      names: cells.flatMap(cell => all('mi', cell)).map(name => name.textContent),
      factors: cells.flatMap(numbers).slice(0, -1),
      product: cells.flatMap(numbers).at(-1),
    })) : [],
    uses: uses ? table(uses).map(cells => cells.flatMap(numbers)) : [],
  });
}
return found;
