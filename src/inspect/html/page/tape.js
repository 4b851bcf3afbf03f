// The tape: its nodes, and what follows from them by adding and multiplying. Its shape stays; its numbers are those of
// the recording until `put` gives it others.

const tape = (() => {
  const { recorded } = engine, count = recorded.value.length;
  let numbers = recorded, constantsOf = new Map();
  const operands = data.operands;
  const users = Array.from({ length: count }, () => []);
  operands.forEach((list, user) => list.forEach((operand, which) => users[operand].push({ user, which })));
  // In the order in which the sweep adds what they send: the last user first, its operands in order.
  const uses = i => [...users[i]].sort((a, b) => b.user - a.user || a.which - b.which);

  // Step t computes node t; step count + k looks at node count - 1 - k on the way back.
  const steps = 2 * count;
  const nodeAt = t => (t < count ? t : steps - 1 - t);
  // An adjoint is complete when the last of its users, which is the first on the tape, has been looked at.
  const complete = users.map((list, i) => {
    if (i === data.output) return count;
    const first = list.length ? list[0].user : i;
    return steps - 1 - first;
  });

  const label = i => data.label[i];
  // As Rust has it, for addresses; and as it can stand among other text.
  const rawName = i => data.name[i] ?? label(i) ?? `%${i}`;
  const names = [];
  const name = i => (names[i] ??= isolated(clean(rawName(i))));
  // Scopes are nested and in order, so one walk finds the innermost around each node.
  const open = [];
  let begun = 0;
  const scopeOf = Array.from({ length: count }, (_, i) => {
    while (data.scopes[begun]?.[2] <= i) open.push(begun++);
    while (open.length && data.scopes[open.at(-1)][3] <= i) open.pop();
    return open.at(-1) ?? -1;
  });
  const path = scope => {
    const names = [];
    for (let s = scope; s >= 0; s = data.scopes[s][1] ?? -1) {
      if (names.push(names.length < 8 ? isolated(data.scopes[s][0].trim()) || `scope ${s}` : '\u2026') > 8) break;
    }
    return names.reverse().join(' / ');
  };

  // What a node computes, with operands written by `write`: the operation's form, filled in.
  const fill = (form, values) => form.replace(/\{([a-z])\}/g, (all, place) => values[place] ?? all);
  const SHOWN = 6;
  const constantsAt = i => constantsOf.get(i) ?? reals(data.constants[i] ?? []);
  function expression(i, write) {
    const op = data.ops[data.op[i]];
    const of = operands[i].map(write), constants = constantsAt(i);
    if (op.kind === 'leaf') return op.name;
    if (op.kind === 'few') {
      const negated = op.negated && constants[0] < 0;
      const [c, d] = constants.map(x => show(negated ? -x : x));
      return fill(negated ? op.negated : op.form, { x: of[0], y: of[1], z: of[2], c, d });
    }
    const bias = op.bias ? [of.pop()] : [], each = op.pairs ? 2 : 1, count = Math.ceil(of.length / each);
    const term = (_, k) => fill(op.form, { x: of[each * k], y: of[each * k + 1], c: show(constants[k]) });
    const parts = Array.from({ length: Math.min(count, SHOWN) }, term);
    if (count > SHOWN) parts.push(`\u2026 ${count - SHOWN} more`);
    parts.push(...bias);
    return op.sum ? parts.join(' + ') || '0' : `${op.name}(${parts.join(', ')})`;
  }
  const inNames = i => expression(i, name).replaceAll(' * ', ' \u00b7 ').replaceAll('-', '\u2212');
  const inNumbers = i => expression(i, o => factor(numbers.value[o])).replaceAll(' * ', ' \u00b7 ').replaceAll('-', '\u2212');

  const connected = i => numbers.reach[i] !== 'n';
  // The first node of each label.
  const labelled = new Map(Object.entries(data.label).reverse().map(([i, known]) => [known, Number(i)]));
  const find = text => {
    if (labelled.has(text)) return labelled.get(text);
    const index = /^%?\d+$/.test(text) ? Number(text.replace('%', '')) : -1;
    return index >= 0 && index < count ? index : null;
  };
  return {
    count, steps, recorded, operands, uses, complete, nodeAt, label, rawName, name,
    inNames, inNumbers, connected, find,
    get value() { return numbers.value; },
    get adjoint() { return numbers.adjoint; },
    get partials() { return numbers.partials; },
    reach: i => numbers.reach[i],
    constants: constantsAt,
    // Show other numbers; `constants` are those that differ from the recording, by node.
    put(other, constants = new Map()) {
      numbers = other;
      constantsOf = constants;
    },
    op: i => data.ops[data.op[i]],
    // How node i depends on its operand k: as `reach`, of this edge.
    edge: (i, k) => engine.edgeReach(i, k, numbers.partials[i][k], numbers.value, constantsAt(i)),
    isLeaf: i => data.ops[data.op[i]].kind === 'leaf',
    location: i => data.locations?.[i],
    // The path of the scope around node i; empty outside of all.
    scope: i => path(scopeOf[i]),
    // What is known of node i at step t.
    hasValue: (i, t) => i <= t,
    hasAdjoint: (i, t) => t >= complete[i],
  };
})();

// What the adjoint of a node is called when it is no number.
const WHY_NONE = { n: 'not connected', b: 'blocked', k: 'at a kink' };
function adjointText(i) {
  if (tape.reach(i) === 'n') return WHY_NONE.n;
  if (tape.reach(i) !== 'c' && tape.adjoint[i] === 0) return `0, ${WHY_NONE[tape.reach(i)]}`;
  return show(tape.adjoint[i]);
}

// What flows into the operands of node i when the sweep comes to it: the sum before, the product, the sum after.
function flows(i) {
  if (!tape.connected(i) || tape.adjoint[i] === 0) return [];
  const before = {};
  return tape.operands[i].map((operand, which) => {
    if (!(operand in before)) {
      before[operand] = operand === data.output ? 1 : 0;
      for (const { user, which: w } of tape.uses(operand)) {
        if (user > i && tape.connected(user) && tape.adjoint[user] !== 0) {
          before[operand] += tape.partials[user][w] * tape.adjoint[user];
        }
      }
    }
    const partial = tape.partials[i][which], sum = before[operand];
    before[operand] = sum + partial * tape.adjoint[i];
    return { operand, which, partial, before: sum, after: before[operand] };
  });
}
