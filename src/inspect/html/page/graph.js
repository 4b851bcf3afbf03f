// The tape as a graph, brought to life by the timeline.

// Above so many edges partials are written only where they are in use.
const FEW_EDGES = 160;

// What fills a box of nodes at step t.
function paintNode({ node, value, adjoint }, i, t, now) {
  const known = tape.hasValue(i, t), complete = tape.hasAdjoint(i, t);
  const bad = (known && !Number.isFinite(tape.value[i])) || (complete && !Number.isFinite(tape.adjoint[i]));
  const kinds = ['node', tape.isLeaf(i) && 'leaf', i === data.output && 'output', !tape.connected(i) && 'apart', bad && 'bad',
    !known && 'ahead', i === now && 'now', i === state.sel && 'selected'];
  put(node, kinds, known ? show(tape.value[i]) : '', complete ? adjointText(i) : '', value, adjoint);
  mark(node, 'aria-current', i === now && 'step');
  node.setAttribute('aria-pressed', i === state.sel);
}

// How many nodes of a group are done, forwards and backwards.
const completeIn = new Map();
function paintGroup({ node, value, adjoint }, g, t, now) {
  const { start, nodes } = layout.groups[g], end = start + nodes;
  if (!completeIn.has(g)) completeIn.set(g, tape.complete.slice(start, end).sort((a, b) => a - b));
  const values = clamp(t + 1 - start, 0, nodes), adjoints = completeIn.get(g).filter(step => step <= t).length;
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

// The nodes between the selected one and the output.
function onTheWay(goal) {
  const leads = new Set([goal]);
  for (let i = goal + 1; i <= (data.output ?? -1); i++) {
    if (tape.connected(i) && tape.operands[i].some(o => leads.has(o))) leads.add(i);
  }
  return leads;
}

function paintEdges(drawn, way, t, now) {
  const back = t >= tape.count, few = drawn.edges.flat().length <= FEW_EDGES, texts = [];
  const carried = back ? flows(now) : [];
  drawn.edges.forEach((list, k) => list.forEach(edge => {
    const to = drawn.items[k], from = drawn.items[edge.from];
    if (drawn.ofGroups) {
      edge.line.setAttribute('class', 'edge');
      if (edge.count > 1) texts.push(['partial', edge.end, `\u00d7${edge.count}`]);
      return;
    }
    const partial = tape.partials[to][edge.operand], current = to === now;
    const kinds = ['edge', tape.blocks(to, partial) && 'blocked', way.has(from) && way.has(to) && 'on-path', current && 'now', current && back && 'back'];
    edge.line.setAttribute('class', kinds.filter(Boolean).join(' '));
    const flow = current && carried.find(({ which }) => which === edge.operand);
    if (flow) texts.push(['spelled back', edge.end, `${factor(partial, 3)} \u00b7 ${factor(tape.adjoint[now], 3)}`]);
    else if (current && !back) texts.push(['spelled', edge.end, show(tape.value[from], 4)]);
    else if (few && tape.hasValue(to, t) && (!current || back)) texts.push(['partial', edge.end, show(partial, 3)]);
  }));
  replace(drawn.numbers, texts.map(([kind, [x, y], text]) => svg('text', { class: kind, x: x - 9, y: kind === 'partial' ? y + 4.5 : y - 5, 'text-anchor': 'end' }, text)));
}

function graphPanel() {
  if (!tape.count) return;
  panel('graph', 'The tape', '', (section, head) => {
    const frame = html('div', { class: 'scroll graph', 'data-scroll': 'graph' });
    const crumbs = html('div', { class: 'buttons', role: 'group', 'aria-label': 'Where in the tape' });
    const says = html('p', { class: 'soft' });
    let drawn = null, zoom = 0, shown = null, way = new Set();
    const resize = () => {
      const scale = zoom || clamp((frame.clientWidth - 2) / drawn.width, 0.5, 1.25);
      drawn.root.setAttribute('width', drawn.width * scale);
      drawn.root.setAttribute('height', drawn.height * scale);
    };
    const zoomBy = by => () => {
      zoom = clamp((drawn.root.width.baseVal.value / drawn.width) * by, 0.1, 4);
      resize();
    };
    head.append(crumbs, html('div', { class: 'buttons' },
      button('\u2212', 'Smaller', zoomBy(0.8)),
      button('fit', 'Fit the width', () => { zoom = 0; resize(); }),
      button('+', 'Larger', zoomBy(1.25))));
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
      const out = layout.drawings[g].leftOut;
      says.textContent = layout.groups.length === 1 ? ''
        : g === 0 ? `${plural(tape.count, 'node')} are too many to draw at once: this is an overview, collapsed by scope. Enter a box to see what is in it.`
          : out ? `${plural(out, 'edge')} lead to or from what is outside of this box; the chain rule has them all.` : '';
    }
    if (globalThis.ResizeObserver) new ResizeObserver(() => drawn && resize()).observe(frame);

    return before => {
      const t = state.t, now = tape.nodeAt(t), moved = before.t !== t, chosen = before.sel !== state.sel, other = before.version !== state.version;
      if (shown !== state.in) open(state.in);
      else if (!moved && !chosen && !other) return;
      if (chosen || other) way = onTheWay(state.sel);
      const paint = drawn.ofGroups ? paintGroup : paintNode;
      drawn.boxes.forEach((made, k) => paint(made, drawn.items[k], t, now));
      paintEdges(drawn, way, t, now);
      const k = drawn.ofGroups ? -1 : now - drawn.start;
      if (moved && before.t !== undefined && drawn.at[k]) follow(frame, drawn, drawn.at[k]);
    };
  });
}

// Keep the current box in sight, without moving the page.
function follow(frame, drawn, [x, y]) {
  const scale = drawn.root.width.baseVal.value / drawn.width;
  const [left, top, w, h] = [x * scale, y * scale, BOX_W * scale, BOX_H * scale];
  if (left < frame.scrollLeft || left + w > frame.scrollLeft + frame.clientWidth) frame.scrollLeft = left - (frame.clientWidth - w) / 2;
  if (top < frame.scrollTop || top + h > frame.scrollTop + frame.clientHeight) frame.scrollTop = top - (frame.clientHeight - h) / 2;
}
