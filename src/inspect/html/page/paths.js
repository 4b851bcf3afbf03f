// All paths from a node to the output: counted by one sweep, listed best first.

const paths = (() => {
  const CAP = 64;
  const counts = new Float64Array(tape.count);
  if (data.output !== null) {
    counts[data.output] = 1;
    for (let i = data.output; i >= 0; i--) for (const o of tape.operands[i]) counts[o] += counts[i];
  }
  const size = x => (Number.isNaN(x) ? Infinity : Math.abs(x));

  // The largest product that a path from each node down to `goal` can have; none where no path leads.
  function bounds(goal) {
    const best = new Map([[goal, 1]]);
    for (let i = goal + 1; i <= data.output; i++) {
      let most = -1;
      tape.operands[i].forEach((o, which) => {
        if (best.has(o)) most = Math.max(most, size(size(tape.partials[i][which]) * best.get(o)));
      });
      if (most >= 0) best.set(i, most);
    }
    return best;
  }

  // A heap: the largest priority first, of equals the youngest.
  function heap() {
    const items = [];
    const above = (a, b) => a.priority > b.priority || (a.priority === b.priority && a.age > b.age);
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
    open.push({ node: data.output, up: null, which: 0, product: 1, priority: best.get(data.output), age });
    while (open.length && found.length < cap) {
      const at = open.pop();
      if (at.node === goal) {
        found.push(at);
        continue;
      }
      const edges = tape.operands[at.node].map((o, which) => {
        const partial = tape.partials[at.node][which];
        return { o, which, partial, bound: best.has(o) ? size(size(partial) * best.get(o)) : -1 };
      });
      // Pushed from the last on, so that of equals the first comes first. The best edge inherits its
      // parent's priority exactly: rounding must not send the search back to the start.
      for (const { o, which, partial, bound } of edges.reverse()) {
        if (bound < 0) continue;
        const most = best.get(at.node);
        const priority = bound === most ? at.priority : Math.min(at.priority, size(at.priority * (bound / most)));
        // The sweep does not propagate a 0: once 0, a product stays 0.
        const product = at.product === 0 ? 0 : at.product * partial;
        open.push({ node: o, up: at, which, product, priority, age: ++age });
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
  const known = new Map();
  return { of: goal => known.get(goal) ?? (known.set(goal, of(goal)), known.get(goal)) };
})();
