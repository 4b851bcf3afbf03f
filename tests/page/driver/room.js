// Where every text is, against the box it belongs in, at many steps.
const out = new Map();
let looked = 0;
const say = (what, state) => out.has(what) || out.set(what, `${what} (${state})`);
const named = e => `${e.closest('section, header, footer')?.id || 'page'} ${e.tagName}.${e.getAttribute('class') ?? ''} "${e.textContent.slice(0, 30)}"`;
const scrolls = e => /auto|scroll/.test(getComputedStyle(e).overflowX);

// A text of a drawing: inside the drawing, and inside the box of its group if there is one.
function drawn(e, state) {
  const text = e.getBoundingClientRect(), root = e.closest('svg:not(svg svg)').getBoundingClientRect();
  if (!text.width) return;
  looked++;
  if (text.left < root.left - 1 || text.right > root.right + 1 || text.top < root.top - 1 || text.bottom > root.bottom + 1) say(`${named(e)} leaves its drawing by ${[root.left - text.left, text.right - root.right, root.top - text.top, text.bottom - root.bottom].map(Math.round)}`, state);
  const box = e.matches('.frame-title') ? e.previousElementSibling : e.parentNode.querySelector(':scope > rect:last-of-type');
  if (!box || e.matches('.small') || (e.parentNode.tagName !== 'g' && !e.matches('.frame-title'))) return;
  const room = box.width.baseVal.value, long = e.getComputedTextLength();
  const at = Number(e.getAttribute('x')) - box.x.baseVal.value;
  const start = at - { start: 0, middle: long / 2, end: long }[e.getAttribute('text-anchor') ?? 'start'];
  if (start < 3 || start + long > room - 3) say(`${named(e)}: ${long.toFixed(1)} in a box of ${room}`, state);
}

// A text of the document: inside its panel, or in something that scrolls.
function written(node, state) {
  const e = node.parentElement, range = document.createRange();
  range.selectNodeContents(node);
  const home = e.closest('section, header, footer, .notice').getBoundingClientRect();
  for (let at = e; at && at !== document.body; at = at.parentElement) if (scrolls(at)) return;
  looked++;
  for (const part of range.getClientRects()) {
    if (part.width && (part.right > home.right + 1 || part.left < home.left - 1)) say(`${named(e)} leaves its panel`, state);
  }
}

function look(state) {
  if (document.documentElement.scrollWidth > innerWidth) say(`the page is ${document.documentElement.scrollWidth} wide`, state);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || e.closest('script, style, noscript, title, .said, .skip, math, [hidden]') || !e.checkVisibility()) continue;
    if (!(e instanceof SVGElement)) written(node, state);
  }
  all('svg text').filter(e => e.checkVisibility() && e.textContent).forEach(e => drawn(e, state));
  // Numbers in the network do not lie on each other.
  const labels = all('#network svg text').filter(e => e.textContent).map(e => [e, e.getBoundingClientRect()]);
  labels.forEach(([a, p], k) => labels.slice(k + 1).forEach(([b, q]) => {
    const [across, down] = [Math.min(p.right, q.right) - Math.max(p.left, q.left), Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top)];
    if (across > 1 && down > 0.35 * Math.min(p.height, q.height)) say(`${named(a)} lies on ${named(b)}`, state);
  }));
  // Formulas may be wide, but then they scroll.
  for (const e of all('math')) {
    const home = e.closest('section')?.getBoundingClientRect(), at = e.getBoundingClientRect();
    let scroller = e;
    while (scroller && !scrolls(scroller)) scroller = scroller.parentElement;
    if (home && e.checkVisibility() && !scroller && at.right > home.right + 1) say(`${named(e)} leaves its panel`, state);
  }
  // Two controls do not lie on each other.
  const controls = all('button, input').filter(e => e.checkVisibility() && !e.closest('.scroll'));
  controls.forEach((a, k) => controls.slice(k + 1).forEach(b => {
    const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
    if (a.closest('section') === b.closest('section') && Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 1) say(`${named(a)} and ${named(b)} overlap`, state);
  }));
}

await wait(100);
look('at first');
const count = steps(), nodes = all('#table tr[data-id]').length;
for (const t of [0, nodes - 1, nodes, Math.floor(1.3 * nodes), Math.floor(1.6 * nodes), count - 1]) {
  slide('#slider', t);
  chosen(Math.min(t, nodes - 1));
  await wait(10);
  look(`step ${t}`);
}
one('#full').click();
look('every step');
for (const tab of all('[data-run], [data-sample], #loss input')) {
  tab.click();
  look(`after ${tab.textContent.slice(0, 20)}`);
}
for (const k of [0, 3]) if (document.querySelector('#training [type=range]')) {
  slide('#training [type=range]', k);
  look(`training ${k}`);
}
return { title: document.title, width: innerWidth, looked, out: [...out.values()] };
