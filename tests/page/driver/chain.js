// Every node in turn is selected in the table; then the chain panel is read.
const panel = one('#chain');
const texts = (query, from) => all(query, from).map(e => e.textContent);
const read = sum => ({
  left: sum.children[0]?.textContent ?? '',
  rows: all('.path:not(.rest)', sum).map(path => ({
    names: texts('.factor mi', path),
    factors: texts('.factor > span.number', path),
    equal: Number(texts('.piece', path).find(text => text.includes('equal paths'))?.match(/(\d[\d.e]*)$/)[1] ?? 1),
    adds: texts('span.number', path).at(-1),
    rules: all('.factor', path).map(factor => texts('small', factor)),
  })),
  rest: all('.rest', sum).map(rest => ({ says: rest.textContent, adds: texts('.number', rest)[0], more: texts('button', rest) }))[0] ?? null,
});
const found = [];
for (const i of all('#table tr[data-id]').map(row => row.dataset.id)) {
  chosen(i);
  // What the node itself does is no sum over paths.
  const own = all('.sum', panel).filter(sum => sum.children[0].textContent);
  const seen = { data: { ...panel.dataset }, says: one('.chain', panel).textContent, verdict: texts('.verdict .number', panel) };
  Object.assign(seen, { paths: own[0] ? read(own[0]) : null, uses: own[1] ? read(own[1]) : null });
  const unfold = all('.rest button', own[0] ?? panel)[0];
  seen.unfolds = Boolean(unfold);
  // All of many long paths take a moment.
  if (unfold && i % 9 === 0) {
    unfold.click();
    seen.unfolded = read(all('.sum', panel)[0]);
  }
  found.push(seen);
}
return found;
