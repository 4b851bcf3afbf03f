// The tape at other numbers: values forwards, adjoints backwards, as src/sweep does it.
//
// A careful sweep starts all adjoints at -0, to which any number is added as it is. What a rule gives by value is never
// -0, and what flows through a flat piece is, so an adjoint is -0 where nothing has flowed. What no change reaches keeps
// the number that was recorded, to the last digit.

const engine = (() => {
  const count = data.value.length, none = [];
  const kinds = data.ops.map(op => ({ ...op, flatAt: real(op.flatAt) })), ops = data.op.map(k => kinds[k]);
  const rows = ops.map(op => (op.kind === 'few' ? ROWS[op.name] : null));
  const operands = data.operands;
  const constants = ops.map((_, i) => (i in data.constants ? reals(data.constants[i]) : none));
  const custom = ops.findIndex(op => op.custom);

  // Whether a constant factor or power makes node i constant.
  const isConstant = (i, [c]) => c !== undefined && (c === ops[i].flatAt || -c === ops[i].flatAt && c === -Infinity);

  function nary(i, value, data) {
    const { name, pairs, bias } = ops[i], all = operands[i], end = all.length - (bias ? 1 : 0);
    if (name === 'log_sum_exp') return ROWS[name][0](all.map(o => value[o]));
    let sum = end ? -0 : 0;
    if (pairs) for (let k = 0; k < end; k += 2) sum += value[all[k]] * value[all[k + 1]];
    else if (name === 'sum') for (let k = 0; k < end; k++) sum += value[all[k]];
    else if (name === 'sum_squares') for (let k = 0; k < end; k++) sum += value[all[k]] * value[all[k]];
    else for (let k = 0; k < end; k++) sum += value[all[k]] * data[k];
    return bias ? sum + value[all[end]] : sum;
  }

  function compute(i, value, data) {
    const row = rows[i];
    if (!row) return nary(i, value, data);
    const of = operands[i];
    switch (of.length) {
      case 1: return row[0](value[of[0]], data[0], data[1]);
      case 2: return row[0](value[of[0]], value[of[1]]);
      default: return row[0](value[of[0]], value[of[1]], value[of[2]]);
    }
  }

  // What node i gives each operand, in their order, of an adjoint w; -0 is nothing.
  function give(i, w, value, data, to) {
    const of = operands[i], row = rows[i], r = value[i];
    if (row) {
      if (isConstant(i, data)) return to(0, -0);
      const n = of.length, x = value[of[0]], y = n > 1 ? value[of[1]] : data[0], z = n > 2 ? value[of[2]] : data[1];
      for (let k = 0; k < n; k++) {
        const rule = row[k + 1], given = rule(w, r, x, y, z);
        to(k, rule.gates ? given : given + 0);
      }
      return;
    }
    const { name, pairs, bias } = ops[i], end = of.length - (bias ? 1 : 0);
    const shares = name === 'log_sum_exp' ? ROWS[name][1](of.map(o => value[o]), r) : null;
    for (let k = 0; k < end; k++) {
      if (pairs) to(k, w * value[of[k ^ 1]] + 0);
      else if (shares) to(k, w * shares[k] + 0);
      else if (name === 'sum') to(k, w + 0);
      else if (name === 'sum_squares') to(k, w * (value[of[k]] * 2) + 0);
      else to(k, data[k] === 0 ? -0 : w * data[k] + 0);
    }
    if (bias) to(end, w + 0);
  }

  function partialsOf(i, value, data) {
    const partials = new Array(operands[i].length);
    give(i, 1, value, data, (k, partial) => { partials[k] = partial + 0; });
    return partials;
  }

  // The numbers of the recording. An empty text stands for one that follows from others, see numbers.rs.
  const recorded = { value: [], partials: [], adjoint: new Array(count), reach: [...data.reach] };
  for (let i = 0; i < count; i++) {
    const { value } = recorded, [x, partials] = [data.value[i], data.partials[i]];
    value.push(x === '' ? compute(i, value, constants[i]) : real(x));
    recorded.partials.push(partials === '' ? partialsOf(i, value, constants[i]) : reals(partials));
  }
  const sums = new Float64Array(count);
  if (data.output !== null) sums[data.output] = 1;
  for (let i = count - 1; i >= 0; i--) {
    const x = data.adjoint[i], w = recorded.adjoint[i] = x === '' ? sums[i] : real(x);
    if (w !== 0) recorded.partials[i].forEach((partial, k) => { sums[operands[i][k]] += w * partial; });
  }

  // All numbers at other leaves (node to number) and constants (node to list). With `anew` none is taken from the
  // recording.
  function run({ leaves = new Map(), constants: changed = new Map(), anew = false } = {}) {
    const value = new Float64Array(count), fresh = new Uint8Array(count), partials = recorded.partials.slice();
    const dataOf = i => changed.get(i)?.map(Number) ?? constants[i];
    for (let i = 0; i < count; i++) {
      const of = operands[i], was = recorded.value[i];
      if (ops[i].kind === 'leaf') {
        value[i] = leaves.get(i) ?? changed.get(i)?.[0] ?? was;
        fresh[i] = Object.is(value[i], was) ? 0 : 1;
        continue;
      }
      let isFresh = anew || changed.has(i);
      for (let k = 0; k < of.length && !isFresh; k++) isFresh = fresh[of[k]] === 1;
      fresh[i] = isFresh ? 1 : 0;
      value[i] = isFresh && !ops[i].custom ? compute(i, value, dataOf(i)) : was;
      if (isFresh && !ops[i].custom) partials[i] = partialsOf(i, value, dataOf(i));
    }
    return { value: Array.from(value), partials, ...sweep(value, fresh, partials, dataOf) };
  }

  // Adjoints, and how the output depends on each node: connected, at a kink, blocked, not connected; the best of its
  // paths, of which each is as good as the worst of its edges.
  function sweep(value, fresh, partials, dataOf) {
    const adjoint = new Float64Array(count).fill(-0), reach = new Array(count).fill('n');
    const { output } = data;
    if (output === null) return { adjoint: new Array(count).fill(0), reach };
    // Whether anything that the adjoint is made of has changed.
    const moved = new Uint8Array(count);
    let of, here;
    const to = (k, given) => { adjoint[of[k]] += given; };
    adjoint[output] = 1;
    reach[output] = 'c';
    for (let i = output; i >= 0; i--) {
      if (!moved[i] && !Object.is(adjoint[i], -0)) adjoint[i] = recorded.adjoint[i];
      of = operands[i];
      here = reach[i];
      if (here === 'n' || !of.length) continue;
      for (let k = 0; k < of.length; k++) {
        const o = of[k], partial = partials[i][k];
        if (moved[i] || fresh[i]) moved[o] = 1;
        const edge = edgeReach(i, k, partial, value, dataOf(i)), path = RANKS.indexOf(edge) > RANKS.indexOf(here) ? edge : here;
        if (RANKS.indexOf(path) < RANKS.indexOf(reach[o])) reach[o] = path;
      }
      if (!Object.is(adjoint[i], -0) && !ops[i].custom) give(i, adjoint[i], value, dataOf(i), to);
    }
    for (let i = 0; i < count; i++) adjoint[i] += 0;
    return { adjoint: Array.from(adjoint), reach };
  }

  // How node i depends on its operand k, as `edge` of src/sweep/reach.rs has it.
  const RANKS = 'ckbn', isZero = x => x === 0, isWhole = x => x === Math.floor(x);
  const KINKS = {
    abs: isZero, relu: isZero, leaky_relu: isZero, signum: isZero, select: isZero, floor: isWhole, ceil: isWhole,
    round: x => Math.abs(x % 1) === 0.5, trunc: x => x !== 0 && isWhole(x), compare: (x, y) => x === y,
    hypot: (x, y) => x === 0 && y === 0, hypot_slope: (x, y) => x === 0 && y === 0,
  };
  function edgeReach(i, k, partial, value, data) {
    if (partial !== 0) return 'c';
    const { name } = ops[i], atKink = Object.hasOwn(KINKS, name) && !(name === 'select' && k > 0) && KINKS[name];
    if (atKink && atKink(...operands[i].map(o => value[o]))) return 'k';
    return opens(i, partial, data) ? 'c' : 'b';
  }

  // Whether node i carries a change of an operand on that has this partial.
  const opens = (i, partial, data = constants[i]) => partial !== 0 || !(ops[i].flat || isConstant(i, data));

  // The nodes that a node is made of, in tape order, itself the last.
  const made = new Map();
  function ancestors(node) {
    if (made.has(node)) return made.get(node);
    const wanted = new Uint8Array(node + 1), list = [];
    wanted[node] = 1;
    for (let i = node; i >= 0; i--) {
      if (!wanted[i]) continue;
      list.push(i);
      for (const o of operands[i]) wanted[o] = 1;
    }
    made.set(node, list.reverse());
    return list;
  }

  // The value of one node as a function of more leaves and constants than these: only what it is made of is computed.
  function along({ leaves = new Map(), constants: changed = new Map() } = {}, node) {
    const list = ancestors(node), value = new Float64Array(node + 1);
    return ({ leaves: more = new Map(), constants: moreData = new Map() } = {}) => {
      for (const i of list) {
        const data = moreData.get(i) ?? changed.get(i) ?? constants[i];
        value[i] = ops[i].kind === 'leaf'
          ? more.get(i) ?? leaves.get(i) ?? moreData.get(i)?.[0] ?? changed.get(i)?.[0] ?? recorded.value[i] : ops[i].custom ? recorded.value[i] : compute(i, value, data);
      }
      return value[node];
    };
  }

  const HOLDS = {
    '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b, '==': (a, b) => a === b,
    'is unordered with': (a, b) => !(a < b || a >= b),
  };
  const sideOf = (side, value) => (Array.isArray(side) ? real(side[0]) : value[side]);
  return {
    able: custom < 0,
    // What stands in the way, in words.
    why: custom < 0 ? '' : `the page cannot compute the custom operation ${ops[custom].name} (%${custom})`,
    recorded, run, along, opens, edgeReach,
    // The comparisons that fall otherwise at these values, as indices.
    guards: ({ value }) => data.guards.flatMap(([left, relation, right, outcome], k) =>
      (HOLDS[relation](sideOf(left, value), sideOf(right, value)) === outcome ? [] : [k])),
  };
})();

// A comparison in names: `r < 10 is true`.
function guardText([left, relation, right, outcome]) {
  const side = of => (Array.isArray(of) ? digits(real(of[0]), 17) : tape.name(of));
  return `${side(left)} ${relation} ${side(right)} is ${outcome}`;
}
