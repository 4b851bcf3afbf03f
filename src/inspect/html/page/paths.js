// All paths from a node to the output: counted by one sweep, listed best first. src/inspect/paths/search.rs explains it.

// Whether a node is constant, for an operand with this partial.
const blocks = (i, partial) => !engine.opens(i, partial, tape.constants(i));

const paths = (() => {
  const CAP = 64;
  const counts = new Float64Array(tape.count);
  if (data.output !== null) {
    counts[data.output] = 1;
    for (let i = data.output; i >= 0; i--) for (const o of tape.operands[i]) counts[o] += counts[i];
  }
  // The size of a product is the logarithm of its magnitude, which neither overflows nor underflows; NaN is above
  // infinity, and what is blocked is below all numbers but 0.
  const BLOCKED = -Number.MAX_VALUE, KINDS = [0, Infinity, -Infinity, NaN];
  const kindOf = size => (Number.isNaN(size) ? 3 : size === Infinity ? 1 : size === -Infinity ? 2 : 0);
  const times = (size, factor) => (size === BLOCKED || factor === BLOCKED ? BLOCKED : size + factor);
  const compare = (a, b) => Number.isNaN(a) - Number.isNaN(b) || (a > b) - (a < b);

  // The edges from a node to its operands. Equal ones, to one operand by one partial, are one that counts for all.
  function edges(user) {
    const operands = tape.operands[user], partials = tape.partials[user], found = [];
    const first = operands.length > 8 ? new Map() : null;
    operands.forEach((node, which) => {
      const partial = partials[which], key = first && `${node} ${Object.is(partial, -0) ? '-0' : partial}`;
      const same = first ? first.get(key) : found.find(edge => edge.node === node && Object.is(edge.partial, partial));
      if (same) same.count++;
      else {
        const edge = { node, which, partial, count: 1, size: 0 };
        found.push(edge);
        first?.set(key, edge);
      }
    });
    for (const edge of found) edge.size = blocks(user, edge.partial) ? BLOCKED : Math.log2(Math.abs(edge.partial)) + Math.log2(edge.count);
    return found;
  }

  // For each node from which a path leads down to `goal`, the size of the largest product of one, after a product of
  // each kind.
  function bounds(goal) {
    const best = new Float64Array(4 * (data.output + 1 - goal)), leads = new Uint8Array(data.output + 1 - goal);
    best[3] = NaN;
    leads[0] = 1;
    // The size of the largest product that follows from an edge, after one of size `start`.
    const follows = (start, { node, size }) => {
      const soFar = times(start, size), most = best[4 * (node - goal) + kindOf(soFar)];
      return Number.isNaN(soFar) ? most : times(soFar, most);
    };
    const isOpen = edge => edge.node >= goal && leads[edge.node - goal] === 1;
    for (let i = goal + 1; i <= data.output; i++) {
      const at = i - goal;
      if (!tape.operands[i].some(o => o >= goal && leads[o - goal])) continue;
      for (const edge of edges(i).filter(isOpen)) {
        for (let kind = 0; kind < 4; kind++) {
          const size = follows(KINDS[kind], edge);
          if (!leads[at] || compare(size, best[4 * at + kind]) > 0) best[4 * at + kind] = size;
        }
        leads[at] = 1;
      }
    }
    return { follows, isOpen, most: (i, kind) => best[4 * (i - goal) + kind] };
  }

  // A heap: the largest bound first, of equals the youngest.
  function heap() {
    const items = [];
    const above = (a, b) => (compare(a.bound, b.bound) || a.age - b.age) > 0;
    const swap = (i, j) => ([items[i], items[j]] = [items[j], items[i]]);
    return {
      push(item) {
        let i = items.push(item) - 1;
        for (let up; i > 0 && above(items[i], items[(up = (i - 1) >> 1)]); i = up) swap(i, up);
      },
      pop() {
        const top = items[0], end = items.pop();
        if (items.length) {
          items[0] = end;
          for (let i = 0; ;) {
            let down = 2 * i + 1;
            if (down >= items.length) break;
            if (down + 1 < items.length && above(items[down + 1], items[down])) down++;
            if (!above(items[down], items[i])) break;
            swap(i, down);
            i = down;
          }
        }
        return top;
      },
      get length() { return items.length; },
    };
  }

  // The best groups of equal paths, at most so many, and whether that is all.
  function list(goal, cap) {
    const found = [], open = heap();
    if (!counts[goal]) return { found, all: true };
    const { follows, isOpen, most } = bounds(goal);
    let age = 0;
    open.push({ node: data.output, up: null, which: 0, product: 1, count: 1, size: 0, bound: most(data.output, 0), age });
    while (open.length) {
      const at = open.pop();
      if (at.node === goal) {
        if (found.length === cap) return { found, all: false };
        found.push(at);
        continue;
      }
      const kind = kindOf(at.size), best = most(at.node, kind);
      // Pushed from the last on, so that of equals the first comes first. The best edge inherits its beginning's
      // bound exactly: rounding must not send the search back to the start.
      for (const edge of edges(at.node).filter(isOpen).reverse()) {
        const after = follows(KINDS[kind], edge), own = kind === 0 ? times(at.size, after) : after, size = times(at.size, edge.size);
        const inherits = compare(after, best) === 0 || compare(own, at.bound) > 0;
        open.push({
          node: edge.node, up: at, which: edge.which, age: ++age, bound: inherits ? at.bound : own, size,
          product: size === BLOCKED ? 0 : at.product * edge.partial, count: at.count * edge.count,
        });
      }
    }
    return { found, all: true };
  }

  // From the output down to the node: nodes, and the operand numbers of the edges between them.
  function steps(end) {
    const nodes = [], which = [];
    for (let at = end; at; at = at.up) {
      nodes.push(at.node);
      if (at.up) which.push(at.which);
    }
    return { nodes: nodes.reverse(), which: which.reverse(), product: end.product, count: end.count, adds: end.product * end.count };
  }

  function inTapeOrder(a, b) {
    const differs = a.which.findIndex((which, k) => which !== b.which[k]);
    return differs < 0 ? 0 : a.which[differs] - b.which[differs];
  }
  // The order of a list, and so of the sum: NaN, infinities, then by magnitude; of equals by operands.
  function before(a, b) {
    const [x, y] = [Math.abs(a.adds), Math.abs(b.adds)];
    return Number.isNaN(y) - Number.isNaN(x) || (y > x) - (y < x) || inTapeOrder(a, b);
  }

  const total = list => list.reduce((sum, { adds }) => sum + adds, 0);
  const number = list => list.reduce((sum, { count }) => sum + count, 0);
  function of(goal) {
    const { found, all } = list(goal, CAP);
    const listed = found.map(steps).sort(before);
    const sum = total(listed), adjoint = tape.adjoint[goal];
    return {
      count: counts[goal], listed, sum, adjoint, all,
      remainder: all ? 0 : adjoint - sum,
      agrees: all && (Math.abs(sum - adjoint) <= 1e-12 * Math.max(1, Math.abs(adjoint)) || sum === adjoint),
      // The first so many groups, and the others as one: how many paths, and what they add up to. If none is left
      // over they stand in the order of the tape, as in the terminal.
      shown(most) {
        const rows = listed.slice(0, most), hidden = listed.slice(most);
        if (all && !hidden.length) return { rows: rows.sort(inTapeOrder), rest: null };
        return { rows, rest: { left: adjoint - total(rows), count: all ? number(hidden) : counts[goal] - number(rows), adds: all ? total(hidden) : adjoint - total(rows), more: hidden.length } };
      },
    };
  }
  // What was found holds for the numbers that it was found with.
  let known = new Map(), version = null;
  return {
    of: goal => {
      if (version !== state.version) [known, version] = [new Map(), state.version];
      if (!known.has(goal)) known.set(goal, of(goal));
      return known.get(goal);
    },
  };
})();
