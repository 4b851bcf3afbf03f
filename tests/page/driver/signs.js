// What is seen of an element apart from colours.
const signs = e => [e, ...all('*', e)].flatMap(part => [null, '::before', '::after'].map(pseudo => {
  const s = getComputedStyle(part, pseudo);
  if (pseudo && s.content === 'none') return '';
  return [pseudo && s.content, s.fontWeight, s.fontStyle, s.textDecorationLine, s.textDecorationStyle, s.borderTopWidth, s.borderLeftWidth,
    s.borderLeftStyle, s.boxShadow.replace(/rgba?\([^)]*\)/g, ''), s.strokeWidth, s.strokeDasharray, s.opacity].join();
})).join(';') + e.textContent;
const attributes = e => [e, ...all('*', e)].map(part => [...part.attributes].filter(a => /^aria-(current|selected|pressed)$/.test(a.name)).map(a => `${a.name}=${a.value}`)).join();

const marks = {};
const differ = (mark, place, i, a, b) => {
  (marks[`${mark} in the ${place}`] ??= []);
  if (a === b) marks[`${mark} in the ${place}`].push(i);
};
const count = steps() / 2;
const places = { table: i => one(`#table tr[data-id="${i}"]`), graph: i => one(`#graph .node[data-id="${i}"]`) };
for (const [place, at] of Object.entries(places)) {
  for (let i = 1; i < Math.min(count - 1, 12); i++) {
    const other = i > 6 ? 1 : 9 % count;
    chosen(other === i ? 0 : other);
    // The value is known at both steps; only the present one differs.
    slide('#slider', i);
    const now = [signs(at(i)), attributes(at(i))];
    slide('#slider', i + 1);
    differ('the present step', place, i, now[0], signs(at(i)));
    differ('the present step, for those who listen,', place, i, now[1], attributes(at(i)));
    const apart = [signs(at(i)), attributes(at(i))];
    chosen(i);
    const selected = [signs(at(i)), attributes(at(i))];
    differ('the selected node', place, i, selected[0], apart[0]);
    differ('the selected node, for those who listen,', place, i, selected[1], apart[1]);
    differ('present and selected', place, i, now[0], selected[0]);
  }
}
slide('#slider', steps() - 1);
return {
  marks,
  words: all('#table td.value, #table td.adjoint').map(cell => cell.textContent),
  dashed: all('#graph .edge').filter(edge => getComputedStyle(edge).strokeDasharray !== 'none').length,
};
