// All paths from a node to the output: counted by one sweep, listed best first.

const paths = (() => {
  const CAP = 64;
  const counts = new Float64Array(tape.count);
  if (data.output !== null) {
    counts[data.output] = 1;
    for (let i = data.output; i >= 0; i--) for (const o of tape.operands[i]) counts[o] += counts[i];
  }
  // As in src/inspect/paths/search.rs. The size of a product is the logarithm of its magnitude, which neither
  // overflows nor underflows; a true zero is least, and NaN is above infinity. What is 0 stays 0, for the sweep
  // does not propagate it.
  const size = x => Math.log2(Math.abs(x));
  const times = (size, factor) => (size === -Infinity ? size : size + factor);
  const compare = (a, b) => Number.isNaN(a) - Number.isNaN(b) || (a > b) - (a < b);

  // The size of the largest product that follows from an edge after one of size `start`; none if no path does.
  function bound(best, start, partial, o) {
    if (!best.has(o)) return null;
    const soFar = times(start, size(partial)), [finite, infinite] = best.get(o);
    return times(soFar, soFar === Infinity ? infinite : finite);
  }

  // For each node from which a path leads down to `goal`, the size of the largest product of one, after a finite
  // product and after an infinite one.
  function bounds(goal) {
    const best = new Map([[goal, [0, 0]]]);
    for (let i = goal + 1; i <= data.output; i++) {
      const most = [0, Infinity].map(start => tape.operands[i]
        .map((o, which) => bound(best, start, tape.partials[i][which], o))
        .reduce((a, b) => (a === null || (b !== null && compare(a, b) < 0) ? b : a), null));
      if (most[0] !== null) best.set(i, most);
    }
    return best;
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

  function list(goal, cap) {
    const found = [], open = heap();
    if (!counts[goal]) return found;
    const best = bounds(goal);
    let age = 0;
    open.push({ node: data.output, up: null, which: 0, product: 1, size: 0, bound: best.get(data.output)[0], age });
    while (open.length && found.length < cap) {
      const at = open.pop();
      if (at.node === goal) {
        found.push(at);
        continue;
      }
      const infinite = at.size === Infinity, most = best.get(at.node)[infinite ? 1 : 0];
      // Pushed from the last on, so that of equals the first comes first. The best edge inherits its beginning's
      // bound exactly: rounding must not send the search back to the start.
      for (let which = tape.operands[at.node].length - 1; which >= 0; which--) {
        const o = tape.operands[at.node][which], partial = tape.partials[at.node][which];
        const follows = bound(best, infinite ? Infinity : 0, partial, o);
        if (follows === null) continue;
        const own = times(at.size, follows), inherits = compare(follows, most) === 0 || compare(own, at.bound) > 0;
        open.push({
          node: o, up: at, which, age: ++age, bound: inherits ? at.bound : own, size: times(at.size, size(partial)),
          product: at.product === 0 ? at.product : at.product * partial,
        });
      }
    }
    return found;
  }

  // From the output down to the node: nodes, and the operand numbers of the edges between them.
  function steps(end) {
    const nodes = [], which = [];
    for (let at = end; at; at = at.up) {
      nodes.unshift(at.node);
      if (at.up) which.unshift(at.which);
    }
    return { nodes, which };
  }

  // The order of a list, and so of the sum: NaN, infinities, then by magnitude; of equals by operands.
  function before(a, b) {
    const [x, y] = [Math.abs(a.product), Math.abs(b.product)];
    const differs = a.which.findIndex((which, k) => which !== b.which[k]);
    return Number.isNaN(y) - Number.isNaN(x) || (y > x) - (y < x) || (differs < 0 ? 0 : a.which[differs] - b.which[differs]);
  }

  function of(goal) {
    const listed = list(goal, CAP).map(end => ({ ...steps(end), product: end.product })).sort(before);
    const sum = listed.reduce((sum, { product }) => sum + product, 0);
    const adjoint = tape.adjoint[goal], all = listed.length >= counts[goal];
    const apart = Math.abs(sum - adjoint);
    return {
      count: counts[goal], listed, sum, adjoint, all,
      remainder: all ? 0 : adjoint - sum,
      agrees: all && (apart <= 1e-12 * Math.max(1, Math.abs(adjoint)) || Object.is(sum, adjoint)),
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
