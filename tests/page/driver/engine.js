// What the page computes at other numbers: a list of runs, each with leaves, constants, and which nodes are asked for.
const exact = x => (Object.is(x, -0) ? '-0' : String(x));
const texts = list => Array.from(list, exact);
const map = (pairs, read) => new Map(pairs.map(([node, x]) => [node, read(x)]));
return RUNS.map(({ leaves = [], constants = [], nodes, anew = true }) => {
  const found = engine.run({ leaves: map(leaves, Number), constants: map(constants, list => list.map(Number)), anew });
  const wanted = nodes ?? found.value.map((_, i) => i);
  const guards = engine.guards(found).map(k => guardText(data.guards[k]));
  return {
    value: texts(wanted.map(i => found.value[i])), adjoint: texts(wanted.map(i => found.adjoint[i])),
    partials: wanted.map(i => texts(found.partials[i])), reach: wanted.map(i => found.reach[i]).join(''), guards,
  };
});
