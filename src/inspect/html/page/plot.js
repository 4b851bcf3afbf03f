// Plots: a frame with two axes, and lines in it.

// Round steps: about `count` of them over a range, however wide, narrow or far from 0: the number of turns is bounded.
function ticks(low, high, count = 5) {
  const raw = high / count - low / count || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(k => k * power).find(step => step >= raw * 0.999);
  const found = [], first = Math.ceil(low / step - 1e-9);
  for (let k = 0; k <= count + 1 && (first + k) * step <= high + step * 1e-9; k++) found.push((first + k) * step + 0);
  return found.filter((v, k) => Number.isFinite(v) && v !== found[k - 1]);
}

// Where a number lies between two others, from 0 to 1, or far outside. Differences of halves do not overflow.
const share = (v, low, high) => clamp((v / 2 - low / 2) / (high / 2 - low / 2 || 1), -1e6, 1e6);

// The nearest finite number.
const finite = v => clamp(v, -Number.MAX_VALUE, Number.MAX_VALUE);

// `follow({ x, y })` gives the axes another range; what is drawn must then be drawn anew, so it says whether they moved.
// They stay where the data still fill more than half of them, or they would tremble.
// A number beside an axis: with fewer digits where it is long.
const brief = v => [4, 3, 2].map(n => show(v, n)).find((text, k) => text.length <= 8 || k === 2);

function plot({ width = 560, height = 340, x, y, xTitle, yTitle, logY = false, says }) {
  const inner = { left: 62, right: 16, top: 16, bottom: 44 };
  const spanX = width - inner.left - inner.right, spanY = height - inner.top - inner.bottom;
  const scale = logY ? Math.log10 : v => v;
  const atX = v => inner.left + share(v, ...x) * spanX, atY = v => inner.top + spanY - share(scale(v), scale(y[0]), scale(y[1])) * spanY;
  const root = svg('svg', { class: 'plot', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': says });
  const grid = svg('g');
  const axes = () => {
    const [lowY, highY] = y.map(scale), decades = () => ticks(Math.ceil(lowY), Math.floor(highY), 5).filter(Number.isInteger).map(e => 10 ** e);
    const marksY = logY && Math.floor(highY) > Math.ceil(lowY) ? decades() : ticks(y[0], y[1]).filter(v => !logY || v > 0);
    replace(grid,
      ticks(x[0], x[1]).map(v => [
        svg('line', { class: 'grid', x1: atX(v), x2: atX(v), y1: inner.top, y2: inner.top + spanY }),
        svg('text', { class: 'tick', x: atX(v), y: inner.top + spanY + 17, 'text-anchor': 'middle' }, show(v, 4))]),
      marksY.map(v => [
        svg('line', { class: 'grid', x1: inner.left, x2: inner.left + spanX, y1: atY(v), y2: atY(v) }),
        svg('text', { class: 'tick', x: inner.left - 7, y: atY(v) + 4, 'text-anchor': 'end' }, brief(v))]));
  };
  axes();
  root.append(
    grid,
    svg('path', { class: 'axis', d: `M${inner.left} ${inner.top}V${inner.top + spanY}H${inner.left + spanX}` }),
    svg('text', { class: 'title', x: inner.left + spanX / 2, y: height - 6, 'text-anchor': 'middle' }, fitted(xTitle, spanX, 12)),
    svg('text', { class: 'title', x: 13, y: inner.top + spanY / 2, 'text-anchor': 'middle', transform: `rotate(-90 13 ${inner.top + spanY / 2})` }, fitted(yTitle, spanY, 12)));
  // An inner drawing with the same coordinates cuts off what lies outside the axes.
  const box = { x: inner.left - 6, y: inner.top - 6, width: spanX + 12, height: spanY + 12 };
  const layer = svg('svg', { ...box, viewBox: `${box.x} ${box.y} ${box.width} ${box.height}`, overflow: 'hidden' });
  root.append(layer);
  const round = v => Math.round(v * 10) / 10;
  const path = points => points.map(([a, b], k) => `${k ? 'L' : 'M'}${round(atX(a))} ${round(atY(b))}`).join('');
  // Outward to round numbers, so that a range that changes a little moves no axis.
  const rounded = ([low, high]) => {
    const marks = ticks(low, high, 8), step = marks[1] - marks[0];
    return step > 0 && !logY ? [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step].map(finite) : [low, high];
  };
  // Where a pointer is, in the numbers of the axes.
  const under = event => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(root.getScreenCTM().inverse());
    const part = (v, low, high) => low + clamp(v, 0, 1) * (high - low);
    const [px, py] = [(at.x - inner.left) / spanX, (inner.top + spanY - at.y) / spanY];
    return [part(px, ...x), logY ? 10 ** part(py, ...y.map(scale)) : part(py, ...y)];
  };
  return {
    root, layer, atX, atY, under,
    get x() { return x; },
    get y() { return y; },
    clear: () => layer.replaceChildren(),
    follow: ({ x: wantsX = x, y: wantsY = y }) => {
      const wants = [wantsX, rounded(wantsY)], moves = String(wants) !== String([x, y]);
      [x, y] = wants;
      if (moves) axes();
      return moves;
    },
    line: (points, kind) => {
      const real = points.filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b) && (!logY || b > 0));
      const made = svg('path', { class: kind, d: path(real) });
      layer.append(made);
      return made;
    },
    dot: (a, b, r, kind) => layer.append(svg('circle', { class: kind, cx: atX(a), cy: atY(b), r })),
    text: (a, b, text, kind, more = {}) => layer.append(svg('text', { class: `${kind} halo`, x: atX(a) + (more.dx ?? 0), y: atY(b) + (more.dy ?? 0), 'text-anchor': more.anchor ?? 'start' }, text)),
  };
}

// The least and the greatest finite number, with some air.
function range(lists, air = 0.06) {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) for (const v of list) if (Number.isFinite(v)) [low, high] = [Math.min(low, v), Math.max(high, v)];
  if (low > high) return [0, 1];
  const more = low === high ? Math.max(1, Math.abs(low) * 1e-6) : (high - low) * air;
  return [finite(low - more), finite(high + more)];
}

// A point that can be dragged, or moved by the arrow keys; it stays where `place` puts it.
function handle(chart, { says, move, kind = 'datum' }) {
  let at = [0, 0], held = false;
  const point = svg('circle', { class: `${kind} handle`, r: 7.5, tabindex: 0, role: 'slider', 'aria-label': says });
  let dragged = false;
  const drag = event => held && (dragged = true) && move(...chart.under(event));
  for (const [name, act] of Object.entries({
    pointerdown: event => {
      event.preventDefault();
      point.focus({ preventScroll: true });
      point.setPointerCapture(event.pointerId);
      [held, dragged] = [true, false];
    },
    pointermove: drag,
    // The axes, which have stood still, follow now.
    pointerup: event => {
      held = false;
      if (dragged) move(...chart.under(event));
    },
    pointercancel: () => (held = false),
    keydown: event => {
      const by = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      const size = event.shiftKey ? 20 : 100;
      move(at[0] + (by[0] * (chart.x[1] - chart.x[0])) / size, at[1] + (by[1] * (chart.y[1] - chart.y[0])) / size);
    },
  })) point.addEventListener(name, act);
  // A finger on the point moves it, not the page.
  point.addEventListener('touchstart', event => event.preventDefault(), { passive: false });
  chart.root.append(point);
  // It is no mere picture any more.
  chart.root.setAttribute('role', 'group');
  return {
    held: () => held,
    place: (x, y) => {
      at = [x, y];
      point.setAttribute('cx', clamp(chart.atX(x), -1e5, 1e5));
      point.setAttribute('cy', clamp(chart.atY(y), -1e5, 1e5));
      point.setAttribute('aria-valuenow', digits(x));
      point.setAttribute('aria-valuetext', kind === 'datum' ? `${show(x)}, ${show(y)}` : show(x));
    },
  };
}
