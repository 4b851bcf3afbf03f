// The data as panels read it: what data.rs and drawings.rs write briefly is spelled out. Numbers are left to engine.js.

// The index of an earlier node stands for what that one has.
for (const shared of [data.constants, data.label, data.locations ?? {}]) {
  for (const [i, x] of Object.entries(shared)) if (typeof x === 'number') shared[i] = shared[x];
}

// A name is the label, if no other is given; of one that several nodes have the index follows.
{
  const counts = new Map();
  for (const label of Object.values(data.label)) counts.set(label, (counts.get(label) ?? 0) + 1);
  for (const [i, label] of Object.entries(data.label)) if (counts.get(label) > 1) data.name[i] ??= `${label} (%${i})`;
}

// An edge: from which box, which operand, how many it stands for, the heights of its end and in the columns between.
for (const drawing of data.layout.drawings) {
  drawing.edges = drawing.edges.map((list, to) => list.map((edge, k) => {
    const [from, operand, count, ...down] = edge[0] < 0 ? [-1 - edge[0], ...edge.slice(1)] : [edge[0], k, 1, ...edge.slice(1)];
    let y = drawing.at[to][1];
    return [from, operand, count, ...down.map(more => (y += more))];
  }));
}
