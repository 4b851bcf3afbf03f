// One drawing: boxes for nodes or for groups of nodes, frames for scopes, edges. Rust has laid it out.

const layout = data.layout;
const [BOX_W, BOX_H] = layout.box;
// The lines of a box, between its margins, as large as the style sheet has them.
const nameLine = (text, weight) => fitted(text, BOX_W - 24, 15, weight, weight > 400 ? cutName : cut);
const doesLine = text => fitted(text, BOX_W - 24, 12.5);

// Level before every column that it meets, and in those that it passes.
function curve([x, y], passed, end) {
  let d = `M${x} ${y}`;
  for (const [left, height, to] of [...passed, [...end, end[0]]]) {
    const from = left - layout.level, middle = Math.trunc((x + from) / 2);
    d += `C${middle} ${y} ${middle} ${height} ${from} ${height}H${to}`;
    [x, y] = [to, height];
  }
  return d;
}

function drawEdges(drawing, layer, ofGroups, start) {
  const column = x => Math.round((x - layout.margin) / layout.pitch);
  return drawing.edges.map((list, to) => list.map(([from, operand, count, y, ...heights]) => {
    const [fx, fy] = drawing.at[from], end = [drawing.at[to][0], y], first = column(fx) + 1, last = column(end[0]);
    const left = k => layout.margin + k * layout.pitch;
    // One height for many columns: an edge that goes far, below all boxes.
    const passed = heights.length === 1 ? [[left(first), heights[0], left(last - 1) + BOX_W]]
      : heights.map((height, k) => [left(first + k), height, left(first + k) + BOX_W]);
    const line = svg('path', { class: 'edge', 'data-edges': ofGroups ? null : `${start + to}:${operand}`, d: curve([fx + BOX_W, fy + BOX_H / 2], passed, end) });
    layer.append(line);
    return { line, from, operand, count, end, beside: list.length };
  }));
}

// A number on an edge stands on a ground of its own that breaks the line: one line, or two.
const NUMBER = 12.5, AROUND = 4, ROOM = layout.level - 7 - 2 * AROUND;
const advance = (() => {
  ruler.font = `${NUMBER}px ${getComputedStyle(document.documentElement).getPropertyValue('--mono')}`;
  return ruler.measureText('0').width;
})();
const SIGN = 15;
const fitsEdge = (text, sign) => text.length * advance <= ROOM - (sign ? SIGN : 0);
// As many digits as there is room for.
const onEdge = (x, n = 3, sign = 0) => (n === 1 || fitsEdge(show(x, n), sign) ? show(x, n) : onEdge(x, n - 1, sign));
function ground(kind, [x, y], lines, sign = 0, edges = null, says = '') {
  const high = 14.6, right = x - 7, width = Math.max(...lines.map(line => line.trim().length)) * advance + 2 * AROUND + (sign ? SIGN : 0);
  return svg('g', { class: kind, 'data-edges': edges, 'data-tip': says || null },
    svg('rect', { x: right - width, y: y - high * lines.length / 2, width, height: high * lines.length, rx: 4 }),
    sign ? svg('g', { class: sign < 0 ? 'way minus' : 'way', transform: `translate(${right - width + 9} ${y})` },
      svg('circle', { r: 5.5 }), svg('path', { d: sign < 0 ? 'M-3 0h6' : 'M-3 0h6M0 -3v6' })) : null,
    ...lines.map((line, k) => svg('text', { x: right - AROUND, y: y + 4.3 + high * (k - (lines.length - 1) / 2), 'text-anchor': 'end' }, line)));
}

function box([x, y], label, act, ...children) {
  return svg('g', {
    class: 'node', transform: `translate(${x} ${y})`, role: 'button', tabindex: 0, 'aria-label': label, onclick: act,
    onkeydown: event => (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), event.stopPropagation(), act()),
  }, ...children);
}

function nodeBox(i, at) {
  const named = tape.label(i) !== undefined, right = BOX_W - 11;
  const value = svg('text', { class: 'v', x: right, y: 63, 'text-anchor': 'end' });
  const adjoint = svg('text', { class: 'a', x: right, y: 80, 'text-anchor': 'end' });
  const node = box(at, null, () => select(i),
    svg('rect', { width: BOX_W, height: BOX_H, rx: tape.isLeaf(i) ? 20 : 9 }),
    svg('text', { class: named ? 'name' : 'name plain', x: 11, y: 21 }, nameLine(named ? tape.name(i) : tape.inNames(i), named ? 700 : 400)),
    svg('text', { class: 'does', x: 11, y: 37 }, doesLine(named ? (tape.isLeaf(i) ? 'input' : tape.inNames(i)) : `%${i}`)),
    svg('path', { class: 'rule', d: `M11 46H${right}` }),
    svg('text', { class: 'v', x: 11, y: 63 }, '='), svg('text', { class: 'a', x: 11, y: 80 }, '\u2202'), value, adjoint);
  node.dataset.id = i;
  node.dataset.tip = `${tape.name(i)} = ${tape.inNames(i)}${tape.scope(i) && `, in ${tape.scope(i)}`}${tape.location(i) ? `, at ${tape.location(i)}` : ''}`;
  return { node, value, adjoint };
}

function groupBox(g, at) {
  const { title, nodes, alike } = layout.groups[g], right = BOX_W - 11;
  const value = svg('text', { class: 'v', x: right, y: 63, 'text-anchor': 'end' });
  const adjoint = svg('text', { class: 'a', x: right, y: 80, 'text-anchor': 'end' });
  const node = box(at, 'Look inside', () => set({ in: g }),
    svg('rect', { class: 'behind', x: 5, y: 5, width: BOX_W, height: BOX_H, rx: 9 }),
    svg('rect', { width: BOX_W, height: BOX_H, rx: 9 }),
    svg('text', { class: 'name', x: 11, y: 21 }, fitted(title, BOX_W - 24, 12.5, 700)),
    svg('text', { class: 'does', x: 11, y: 37 }, doesLine(alike.replace('like this', 'alike') || plural(nodes, 'node'))),
    svg('path', { class: 'rule', d: `M11 46H${right}` }),
    svg('text', { class: 'v', x: 11, y: 63 }, '='), svg('text', { class: 'a', x: 11, y: 80 }, '\u2202'), value, adjoint);
  node.dataset.group = g;
  node.dataset.tip = alike ? `${title}, ${alike}` : title;
  return { node, value, adjoint };
}

// Draw group `g`: the groups in it or, if there are none, its nodes.
function draw(g) {
  const group = layout.groups[g], drawing = layout.drawings[g];
  const ofGroups = group.children.length > 0;
  const items = ofGroups ? group.children : Array.from({ length: group.nodes }, (_, k) => group.start + k);
  const [width, height] = drawing.size;
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'The tape: inputs at the left, the output at the right' });
  for (const [title, x, y, w, h] of drawing.frames) {
    root.append(svg('rect', { class: 'frame', x, y, width: w, height: h, rx: 12 }),
      svg('text', { class: 'frame-title', x: x + 12, y: y + 17 }, fitted(title, Math.min(w, BOX_W) - 24, 12, 600)));
  }
  const lines = svg('g'), boxes = svg('g'), numbers = svg('g', { 'aria-hidden': 'true' });
  const edges = drawEdges(drawing, lines, ofGroups, group.start);
  const made = items.map((item, k) => (ofGroups ? groupBox : nodeBox)(item, drawing.at[k]));
  boxes.append(...made.map(({ node }) => node));
  root.append(lines, boxes, numbers);
  return { root, width, height, ofGroups, items, boxes: made, edges, numbers, start: group.start, at: drawing.at };
}
