// Where the numbers on edges stand, and the titles of frames: on no box, on no other text, on no line but their own.
// The page and a picture have the same parts under other names.
const isPage = document.getElementById('graph') !== null;
const root = isPage ? one('#graph svg:not(.sign)') : one('svg');
const place = e => e.getAttribute('transform').match(/-?\d+/g).map(Number);

// The curves as short straight lines, level stretches whole, and the box around them all.
function lines(d) {
  const found = [];
  let [x, y] = [0, 0];
  for (const [, kind, rest] of d.matchAll(/([MCH])([^MCH]*)/g)) {
    const n = rest.trim().split(/[ ,]+/).map(Number);
    if (kind === 'M') [x, y] = n;
    else if (kind === 'H') found.push([x, y, x = n[0], y]);
    else for (let k = 1, [a, b, from, top] = [n[0], n[2], x, y]; k <= 40; k++) {
      const t = k / 40, u = 1 - t, at = (p, q, r, s) => u * u * u * p + 3 * u * u * t * q + 3 * u * t * t * r + t * t * t * s;
      const to = [at(from, a, b, n[4]), at(top, n[1], n[3], n[5])];
      found.push([x, y, ...to]);
      [x, y] = to;
    }
  }
  const [xs, ys] = [0, 1].map(k => found.flatMap(line => [line[k], line[k + 2]]));
  return { found, end: [x, y], around: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] };
}
const edges = all(isPage ? 'path.edge' : '.edge .line', root).map(e => lines(e.getAttribute('d')));
const boxes = all(isPage ? '.node' : '.node, .group', root).map(e => {
  const [x, y] = place(e), rect = one(isPage ? 'rect' : '.box', e), [w, h] = ['width', 'height'].map(k => Number(rect.getAttribute(k)));
  return [x, y, x + w, y + h];
});
const box = e => {
  const { x, y, width, height } = e.getBBox();
  return [x, y, x + width, y + height];
};
// Letters have room around them in their box: half a pixel there is nothing.
const overlap = (a, b) => Math.min(a[2], b[2]) - Math.max(a[0], b[0]) > 0.5 && Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > 0.5;
// Whether a short line meets a box: in one of its parts, cut at the sides.
function meets([ax, ay, bx, by], [left, top, right, bottom]) {
  let from = 0, to = 1;
  for (const [a, d, low, high] of [[ax, bx - ax, left, right], [ay, by - ay, top, bottom]]) {
    if (d === 0) { if (a <= low || a >= high) return false; continue; }
    const p = (low - a) / d, q = (high - a) / d;
    from = Math.max(from, Math.min(p, q));
    to = Math.min(to, Math.max(p, q));
  }
  return from < to;
}
const crosses = ({ found, around: [left, top, right, bottom] }, b) =>
  left <= b[2] && right >= b[0] && top <= b[3] && bottom >= b[1] && found.some(line => meets(line, b));

const faults = new Set();
let looked = 0;
for (const [k, edge] of edges.entries()) {
  if (boxes.some(b => crosses(edge, b))) faults.add(`edge ${k} runs through a box`);
}
function look(state) {
  const numbers = all(isPage ? '.partial text, .spelled text, .share text' : '.partial', root), titles = all(isPage ? '.frame-title' : '.frame text', root);
  const texts = [...numbers, ...titles].filter(e => e.textContent).map(e => ({ e, at: box(e), isTitle: titles.includes(e) }));
  looked += texts.length;
  texts.forEach(({ e, at, isTitle }, k) => {
    const what = `${JSON.stringify(e.textContent)} ${state}`;
    for (const other of texts.slice(k + 1)) {
      if (overlap(at, other.at)) faults.add(`${what} lies on ${JSON.stringify(other.e.textContent)}`);
    }
    if (boxes.some(b => overlap(at, b))) faults.add(`${what} lies on a box`);
    // Its own line ends a little to the right of it, at its height.
    const middle = (at[1] + at[3]) / 2;
    const own = ({ end: [x, y] }) => !isTitle && x > at[2] && x < at[2] + 110 && Math.abs(y - middle) < 16;
    const nearest = Math.min(...edges.filter(own).map(({ end: [, y] }) => Math.abs(y - middle)));
    for (const edge of edges) {
      if (own(edge) && Math.abs(edge.end[1] - middle) === nearest) continue;
      // Two lines of one number stand on both sides of their edge.
      if (own(edge) && e.parentNode.childElementCount === 3 && Math.abs(edge.end[1] - middle) < 8) continue;
      if (crosses(edge, at)) faults.add(`${what} is crossed by a line`);
    }
  });
}
if (isPage) {
  const few = steps() <= 100, count = steps();
  for (let t = 0; t < count; t += few ? 1 : Math.ceil(count / 7)) {
    slide('#slider', t);
    if (t % 9 === 0) document.querySelector(`#table tr[data-id="${t % (count / 2)}"]`)?.click();
    look(`at step ${t}`);
  }
  slide('#slider', count - 1);
}
look('at the end');
return { looked, faults: [...faults] };
