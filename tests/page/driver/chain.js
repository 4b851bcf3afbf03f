// Every node in turn is selected in the table; then the chain panel is read.
const panel = one('#chain');
const numbers = from => all('mn', from).map(n => n.textContent);
const table = one => all('mtr', one).map(row => [...row.children]);
const found = [];
for (const i of all('#table tr[data-id]').map(row => row.dataset.id)) {
  chosen(i);
  const [paths, uses] = [panel.querySelector('.rule mtable'), all('mtable', panel)[1]];
  found.push({
    data: { ...panel.dataset },
    says: one('.chain', panel).textContent,
    verdict: all('.verdict .number', panel).map(n => n.textContent),
    rows: paths ? table(paths).map(cells => ({
      names: all('mi', cells[1]).map(name => name.textContent),
      factors: cells[2] ? numbers(cells[2]) : [],
      product: numbers(cells.findLast(cell => cell.textContent)).at(-1),
    })) : [],
    uses: uses ? table(uses).map(cells => [...numbers(cells[2]), ...numbers(cells[3])]) : [],
  });
}
return found;
