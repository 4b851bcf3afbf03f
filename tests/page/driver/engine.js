// What the page computes at other numbers: a list of runs, each with leaves, constants, and which nodes are asked for;
// without leaves and constants of its own a run is the recording.
const exact = x => (Object.is(x, -0) ? '-0' : String(x));
const exactly = list => Array.from(list, exact);
const map = (pairs, read) => new Map(pairs.map(([node, x]) => [node, read(x)]));
const runs = RUNS.map(({ leaves, constants, nodes, anew }) => {
  const changes = { leaves: map(leaves, Number), constants: map(constants, list => list.map(Number)) };
  const found = anew || changes.leaves.size || changes.constants.size ? engine.run({ ...changes, anew }) : engine.recorded;
  const wanted = nodes ?? found.value.map((_, i) => i);
  const guards = engine.guards(found).map(k => guardText(data.guards[k]).replace(/[\u2066-\u2069]/g, ''));
  const along = data.output === null ? '' : exact(engine.along(changes, data.output)());
  return {
    value: exactly(wanted.map(i => found.value[i])), adjoint: exactly(wanted.map(i => found.adjoint[i])),
    partials: wanted.map(i => exactly(found.partials[i])), reach: wanted.map(i => found.reach[i]).join(''), guards, along,
  };
});
// Names may be set apart from what stands beside them.
const bare = text => text.replace(/[\u2066-\u2069]/g, '');
return { runs, able: engine.able, why: engine.why, told: text('label.leaf'), forms: engine.recorded.value.map((_, i) => bare(tape.inNames(i))) };
