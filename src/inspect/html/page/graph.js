// The tape as a graph, brought to life by the timeline.

// Above so many edges partials are written only where they are in use.
const FEW_EDGES = 160;

// Where a number stopped being finite: what it is made of still was.
const fine = Number.isFinite;
function isCulprit(i) {
  const { value, adjoint, operands } = tape, whole = j => fine(value[j]) && operands[j].every(o => fine(value[o]));
  if (!fine(value[i])) return operands[i].every(o => fine(value[o]));
  return !fine(adjoint[i]) && tape.uses(i).every(({ user }) => fine(adjoint[user]) && whole(user));
}

// What fills a box of nodes at step t; nothing is done for a box that stays as it is.
function paintNode(made, i, t, now) {
  const { node, value, adjoint } = made;
  const known = tape.hasValue(i, t), complete = tape.hasAdjoint(i, t);
  const looks = [known, complete, i === now, i === state.sel, state.version].join();
  if (made.looks === looks) return;
  made.looks = looks;
  const bad = (known && !fine(tape.value[i])) || (complete && !fine(tape.adjoint[i]));
  const kinds = ['node', tape.isLeaf(i) && 'leaf', i === data.output && 'output', !tape.connected(i) && 'apart', bad && 'bad', bad && isCulprit(i) && 'first',
    !known && 'ahead', i === now && 'now', i === state.sel && 'selected'];
  put(node, kinds, known ? show(tape.value[i]) : '', complete ? adjointText(i) : '', value, adjoint);
  mark(node, 'aria-current', i === now && 'step');
  node.setAttribute('aria-pressed', i === state.sel);
}

// How many of a sorted list are at most t.
function countUpTo(list, t) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

// How many nodes of a group are done, forwards and backwards.
const completeIn = new Map();
function paintGroup({ node, value, adjoint }, g, t, now) {
  const { start, nodes } = layout.groups[g], end = start + nodes;
  if (!completeIn.has(g)) completeIn.set(g, Float64Array.from(tape.complete.slice(start, end)).sort());
  const values = clamp(t + 1 - start, 0, nodes), adjoints = countUpTo(completeIn.get(g), t);
  const holds = i => i >= start && i < end;
  const kinds = ['node', 'group', values === 0 && 'ahead', holds(now) && 'now', holds(state.sel) && 'selected', holds(data.output) && 'output'];
  put(node, kinds, `${values} of ${nodes}`, `${adjoints} of ${nodes}`, value, adjoint);
}

function put(node, kinds, valueText, adjointSays, value, adjoint) {
  const kind = kinds.filter(Boolean).join(' ');
  if (node.getAttribute('class') !== kind) node.setAttribute('class', kind);
  if (value.textContent !== valueText) value.textContent = valueText;
  if (adjoint.textContent !== adjointSays) adjoint.textContent = adjointSays;
}

// What the slope of node `goal` is made of: for each edge on a path from it to the output how much flows through, the
// change of its operand with `goal` times the partial times the adjoint of its user, as a share of all.
function sharesOf(goal) {
  const { value, partials, adjoint, operands } = tape, end = (data.output ?? -1) + 1;
  const leads = new Uint8Array(tape.count), moves = new Float64Array(tape.count);
  leads[goal] = moves[goal] = 1;
  for (let i = goal + 1; i < end; i++) {
    if (!tape.connected(i)) continue;
    operands[i].forEach((o, k) => {
      if (!leads[o]) return;
      leads[i] = 1;
      if (tape.edge(i, k) === 'c') moves[i] += moves[o] * partials[i][k];
    });
  }
  const through = (i, k) => (tape.edge(i, k) === 'c' ? moves[operands[i][k]] * partials[i][k] * adjoint[i] : 0);
  const all = tape.uses(goal).reduce((sum, { user, which }) => sum + Math.abs(leads[user] ? through(user, which) : 0), 0);
  return {
    has: (i, k) => i < end && leads[i] === 1 && leads[operands[i][k]] === 1,
    // None where the change on the way leaves the range of numbers.
    of: (i, k) => (fine(through(i, k)) && all > 0 ? through(i, k) / all : NaN),
    // How much of the adjoint itself, as people say it.
    says: (i, k) => `${show(through(i, k), 4)} of \u2202${tape.name(data.output)}/\u2202${tape.name(goal)} = ${show(adjoint[goal], 4)} flows here`,
  };
}

// Into more edges than this their numbers do not fit beside a box.
const BESIDE = 4;

// What is written on an edge: the number, or the product that it carries, on two lines if need be.
function edgeText({ operand, beside }, from, to, t, now, carried, sign) {
  const back = t >= tape.count, current = to === now;
  const partial = tape.partials[to][operand];
  const flow = current && carried.find(({ which }) => which === operand);
  if (flow) {
    const product = [`${show(partial, 3)} \u00b7 `, factor(tape.adjoint[now], 3)], whole = product.join('');
    if (fitsEdge(whole)) return ['spelled back', [whole]];
    if (beside <= 2) return ['spelled back', product];
  }
  if (current && !back) return ['spelled', [show(tape.value[from], 4)]];
  return ['partial', [onEdge(partial, 3, sign)], sign];
}

// Edges on the way of the selected slope are as wide as their share of it, and marked with its sign.
function paintEdges(drawn, shares, t, now) {
  const back = t >= tape.count, few = drawn.edges.flat().length <= FEW_EDGES, texts = [];
  const carried = back ? flows(now) : [];
  drawn.edges.forEach((list, k) => list.forEach(edge => {
    const to = drawn.items[k], from = drawn.items[edge.from], { operand } = edge, hasRoom = edge.beside <= BESIDE;
    if (drawn.ofGroups) {
      if (edge.count > 1 && hasRoom) texts.push(ground('partial', edge.end, [`\u00d7${edge.count}`]));
      return;
    }
    const partial = tape.partials[to][operand], current = to === now, onPath = shares.has(to, operand);
    const share = onPath && tape.hasAdjoint(to, t) ? shares.of(to, operand) : NaN, sign = Math.sign(share);
    const kinds = ['edge', tape.edge(to, operand) !== 'c' && 'blocked', onPath && 'on-path', sign < 0 && 'minus', current && 'now', current && back && 'back'];
    const kind = kinds.filter(Boolean).join(' '), width = share ? (1.6 + 6 * Math.min(1, Math.abs(share))).toFixed(1) : '';
    if (edge.kind !== kind + width) {
      edge.kind = kind + width;
      edge.line.setAttribute('class', kind);
      mark(edge.line, 'style', width && `stroke-width: ${width}`);
    }
    if (hasRoom && (current || (few && tape.hasValue(to, t)))) {
      const [kind, lines, way] = edgeText(edge, from, to, t, now, carried, sign);
      texts.push(ground(kind, edge.end, lines, way, `${to}:${operand}`, way ? shares.says(to, operand) : ''));
    }
  }));
  replace(drawn.numbers, texts);
}

function graphPanel() {
  if (!tape.count) return;
  panel('graph', 'The tape', '', (section, head) => {
    const frame = html('div', { class: 'scroll graph', 'data-scroll': 'graph' });
    const crumbs = html('div', { class: 'buttons', role: 'group', 'aria-label': 'Where in the tape' });
    const says = html('p', { class: 'soft' });
    let drawn = null, zoom = 0, shown = null, shares = null, version = null;
    // As wide as the panel, but with numbers that can be read; what is wider scrolls.
    const fit = () => clamp((frame.clientWidth - 2) / drawn.width, LEGIBLE, 1.25);
    const scale = () => zoom || fit();
    const resize = () => {
      drawn.root.setAttribute('width', drawn.width * scale());
      drawn.root.setAttribute('height', drawn.height * scale());
    };
    // The point under the pointer, or the middle, stays where it is.
    const zoomTo = (wanted, x = frame.clientWidth / 2, y = frame.clientHeight / 2) => {
      const before = scale(), [left, top] = [frame.scrollLeft + x, frame.scrollTop + y];
      zoom = clamp(wanted, 0.05, 4);
      resize();
      frame.scrollTo(left * scale() / before - x, top * scale() / before - y);
    };
    head.append(crumbs, html('div', { class: 'buttons' },
      button('\u2212', 'Smaller', () => zoomTo(scale() * 0.8)),
      button('fit', 'Fit the width, as far as numbers can be read', () => { zoom = 0; resize(); }),
      button('whole', 'The whole drawing, however small', () => zoomTo(Math.min((frame.clientWidth - 2) / drawn.width, innerHeight * 0.76 / drawn.height, 1))),
      button('+', 'Larger', () => zoomTo(scale() * 1.25)),
      button('SVG', 'Take this drawing along as SVG', () => take('The drawing', 'tape.svg', svgText(drawn.root)))));
    movable(frame, (by, x, y) => zoomTo(scale() * by, x, y));
    section.append(says, frame);
    // What the pointer is on, in full. A title in each box would be read aloud as well.
    frame.addEventListener('pointerover', ({ target }) => mark(frame, 'title', target.closest('[data-tip]')?.dataset.tip));

    function open(g) {
      shown = g;
      drawn = draw(g);
      replace(frame, drawn.root);
      resize();
      const trail = [];
      for (let at = g; at !== null; at = layout.groups[at].parent) trail.unshift(at);
      replace(crumbs, layout.groups.length > 1 && trail.map(at =>
        button(at === 0 ? 'whole tape' : cut(layout.groups[at].title, 24), `Go to ${at ? layout.groups[at].title : 'whole tape'}`, () => set({ in: at }), { 'aria-pressed': String(at === g) })));
      const out = layout.drawings[g].leftOut, { alike } = layout.groups[g];
      const beside = [alike && `${layout.groups[g].title}: ${alike}.`, out && `${plural(out, 'edge')} lead to or from what is outside of this box; the chain rule has them all.`];
      says.textContent = layout.groups.length === 1 ? ''
        : g === 0 ? `${plural(tape.count, 'node')} are more than the ${layout.largest} that are drawn at once: this is an overview, collapsed ${data.scopes.length ? 'by scope' : 'to runs of nodes'}. Enter a box to see what is in it.`
          : beside.filter(Boolean).join(' ');
    }
    if (globalThis.ResizeObserver) new ResizeObserver(() => drawn && resize()).observe(frame);

    return before => {
      const t = state.t, now = tape.nodeAt(t), moved = before.t !== t, chosen = before.sel !== state.sel, other = version !== state.version;
      const opened = shown !== state.in;
      if (opened) open(state.in);
      else if (!moved && !chosen && !other) return;
      if (chosen || other || !shares) shares = sharesOf(state.sel);
      version = state.version;
      const paint = drawn.ofGroups ? paintGroup : paintNode;
      drawn.boxes.forEach((made, k) => paint(made, drawn.items[k], t, now));
      paintEdges(drawn, shares, t, now);
      const at = i => (drawn.ofGroups ? drawn.items.findIndex(g => i >= layout.groups[g].start && i < layout.groups[g].start + layout.groups[g].nodes) : i - drawn.start);
      const wanted = drawn.at[at(opened || chosen ? state.sel : now)];
      if ((moved || opened || chosen) && wanted) measure(frame, () => follow(frame, drawn, wanted));
    };
  });
}

// Numbers on edges are 12.5 px high in the drawing; smaller than 11 px they cannot be read.
const LEGIBLE = 11 / NUMBER;

// Drag with the mouse to move, as a finger does by itself; the wheel zooms with Ctrl, and scrolls the page without.
function movable(frame, zoomBy) {
  let from = null;
  frame.addEventListener('pointerdown', event => {
    if (event.pointerType === 'mouse' && event.button === 0) from = [event.clientX, event.clientY, frame.scrollLeft, frame.scrollTop];
  });
  addEventListener('pointermove', event => {
    if (!from) return;
    const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
    if (!frame.classList.contains('dragged') && Math.hypot(dx, dy) < 5) return;
    frame.classList.add('dragged');
    frame.scrollTo(from[2] - dx, from[3] - dy);
    event.preventDefault();
  });
  const end = () => {
    from = null;
    // A click that ends a drag selects nothing.
    setTimeout(() => frame.classList.remove('dragged'));
  };
  addEventListener('pointerup', end);
  addEventListener('pointercancel', end);
  frame.addEventListener('click', event => frame.classList.contains('dragged') && event.stopPropagation(), true);
  frame.addEventListener('wheel', event => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { left, top } = frame.getBoundingClientRect();
    zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.clientX - left, event.clientY - top);
  }, { passive: false });
}

// Keep a box in sight, without moving the page.
function follow(frame, drawn, [x, y]) {
  const scale = drawn.root.width.baseVal.value / drawn.width;
  const [left, top, w, h] = [x * scale, y * scale, BOX_W * scale, BOX_H * scale];
  if (left < frame.scrollLeft || left + w > frame.scrollLeft + frame.clientWidth) frame.scrollLeft = left - (frame.clientWidth - w) / 2;
  if (top < frame.scrollTop || top + h > frame.scrollTop + frame.clientHeight) frame.scrollTop = top - (frame.clientHeight - h) / 2;
}
