// The colour of every text that is seen, and of what is painted behind it, in many states.
const parse = colour => {
  const numbers = colour.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
  const [r, g, b, a = 1] = colour.startsWith('color(srgb') ? numbers.map((n, k) => (k < 3 ? n * 255 : n)) : numbers;
  return { rgb: [r, g, b], a: colour === 'none' || colour === 'transparent' ? 0 : a };
};
const over = (top, a, ground) => top.map((c, k) => a * c + (1 - a) * ground[k]);
const light = c => [0.2126, 0.7152, 0.0722].reduce((sum, weight, k) => {
  const part = c[k] / 255;
  return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
}, 0);
const contrast = (a, b) => {
  const [x, y] = [light(a), light(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};
const opacity = e => (e instanceof Element ? Number(getComputedStyle(e).opacity) * opacity(e.parentNode) : 1);

// What lies behind an element of HTML: the backgrounds of all around it.
function ground(e) {
  if (!(e instanceof Element)) return [255, 255, 255];
  const { rgb, a } = parse(getComputedStyle(e).backgroundColor);
  return a === 1 ? rgb : over(rgb, a, ground(e.parentNode));
}
// The filled shapes of a drawing with their places, while nothing changes.
let shapes = new Map();
function filled(root) {
  if (!shapes.has(root)) {
    const painted = all('rect, circle, path, ellipse, polygon', root).map(shape => ({ shape, at: shape.getBoundingClientRect(), ...parse(getComputedStyle(shape).fill) }));
    shapes.set(root, painted.filter(({ a }) => a));
  }
  return shapes.get(root);
}
// Behind a text of a drawing: the filled shapes that are painted before it and hold its middle.
function behind(e) {
  const root = e.closest('svg:not(svg svg)') ?? e.ownerSVGElement;
  const box = e.getBoundingClientRect(), [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  let colour = ground(root.parentNode);
  for (const { shape, at, rgb, a } of filled(root)) {
    if (x < at.left || x > at.right || y < at.top || y > at.bottom) continue;
    if (!(shape.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
    colour = over(rgb, a * opacity(shape), colour);
  }
  const style = getComputedStyle(e);
  // A halo is its own ground.
  if (style.paintOrder.startsWith('stroke') && style.stroke !== 'none' && parseFloat(style.strokeWidth) >= 3) colour = parse(style.stroke).rgb;
  return colour;
}

const faint = new Map();
let seen = 0;
function look(state) {
  shapes = new Map();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || ['SCRIPT', 'STYLE', 'title', 'NOSCRIPT'].includes(e.tagName) || !e.checkVisibility() || e.closest('.said, [hidden]')) continue;
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    seen++;
    const drawn = e instanceof SVGElement, under = drawn ? behind(e) : ground(e);
    const style = getComputedStyle(e), { rgb, a } = parse(drawn ? style.fill : style.color);
    const found = contrast(over(rgb, a * opacity(e), under), under);
    if (found < 4.5) {
      const what = `${e.closest('section')?.id} ${e.tagName} ${e.getAttribute('class')} "${node.data.slice(0, 30)}"`;
      if (!faint.has(what)) faint.set(what, `${what}: ${found.toFixed(2)}, ${rgb.map(Math.round)} on ${under.map(Math.round)} ${state}`);
    }
  }
}

// Lines that say something, at least 3 : 1 against all they may lie on. Not the grid of a plot, what was before, or what
// is left out, which are faint on purpose; nor what is filled and stands out by that.
const FAINT = '.grid, .ground, .older, .been, .frame, .rule, .behind, .hit, .mark-here, .ghost, .band, .axis';
function lines(state) {
  shapes = new Map();
  for (const e of all('main svg :is(path, line, rect, circle)')) {
    if (e.matches(FAINT) || e.closest(FAINT) || !e.checkVisibility()) continue;
    const style = getComputedStyle(e), { rgb, a } = parse(style.stroke), width = parseFloat(style.strokeWidth);
    if (!a || !width || !e.getBoundingClientRect().width && !e.getBoundingClientRect().height) continue;
    seen++;
    // A sign on a disc is seen against the disc.
    const under = e.matches('.way path') ? behind(e) : ground(e.closest('svg:not(svg svg)').parentNode), line = contrast(over(rgb, a * opacity(e), under), under);
    const { rgb: inside, a: filled } = parse(style.fill);
    const found = Math.max(line, filled ? contrast(over(inside, filled * opacity(e), under), under) : 0);
    if (found < 3) {
      const what = `${e.closest('section')?.id} ${e.tagName} ${e.getAttribute('class')} in ${e.parentNode.getAttribute('class')}`;
      if (!faint.has(what)) faint.set(what, `${what}: a line of ${found.toFixed(2)} ${state}`);
    }
  }
}

look('at first');
lines('at first');
const count = steps(), nodes = all('#table tr[data-id]').length;
for (const t of [0, Math.floor(nodes / 2), nodes - 1, nodes, Math.floor(count * 0.75), count - 1]) {
  slide('#slider', t);
  for (const i of [0, nodes - 1]) {
    chosen(i);
    look(`at step ${t}, ${i} selected`);
    lines(`at step ${t}, ${i} selected`);
  }
}
for (const tab of all('[data-run], [data-sample], #full, #loss input')) {
  tab.click();
  look(`after ${tab.outerHTML.slice(0, 60)}`);
}
for (const k of [0, 3, 1e9]) if (document.querySelector('#training [type=range]')) {
  slide('#training [type=range]', k);
  look(`training ${k}`);
}
one('.skip').focus();
look('skipping');
return { seen, faint: [...faint.values()] };
