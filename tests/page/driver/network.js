// Every pair of texts of the network, at several steps, for every observation and whatever is pointed at.
const faults = new Set();
let texts = 0;
one('#network').scrollIntoView();
await wait(60);
function look(when) {
  const root = one('#network svg[role="group"]'), home = root.getBoundingClientRect();
  const seen = all('text', root).filter(e => e.textContent && e.checkVisibility()).map(e => [e, e.getBoundingClientRect(), e.getBBox()]);
  texts = Math.max(texts, seen.length);
  seen.forEach(([a, p, box], k) => {
    if (!(box.width > 0)) faults.add(`"${a.textContent}" has no width, ${when}`);
    if (p.left < home.left - 1 || p.right > home.right + 1 || p.top < home.top - 1 || p.bottom > home.bottom + 1) faults.add(`"${a.textContent}" leaves the drawing, ${when}`);
    const pixels = parseFloat(getComputedStyle(a).fontSize) * home.width / root.viewBox.baseVal.width;
    if (pixels < 10.5) faults.add(`"${a.textContent}" is ${pixels.toFixed(1)} px, ${when}`);
    const rect = a.parentNode.querySelector(':scope > rect');
    if (rect) {
      const q = rect.getBoundingClientRect();
      if (p.left < q.left || p.right > q.right || p.bottom > q.bottom + 1) faults.add(`"${a.textContent}" leaves its unit, ${when}`);
    }
    for (const [b, q] of seen.slice(k + 1)) {
      // Of a line of text the box is higher than the letters.
      const [across, down] = [Math.min(p.right, q.right) - Math.max(p.left, q.left), Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top)];
      if (across > 0.5 && down > 0.25 * Math.min(p.height, q.height)) faults.add(`"${a.textContent}" lies on "${b.textContent}", ${when}`);
    }
    // No line strikes a text through, and no unit covers one.
    if (!rect && a.matches('.num, .adj')) for (const unit of all('#network .unit > rect')) {
      const q = unit.getBoundingClientRect();
      if (Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 2) faults.add(`"${a.textContent}" lies on a unit, ${when}`);
    }
  });
}
const count = steps();
for (const t of [0, Math.floor(0.3 * count), Math.floor(0.6 * count), count - 1]) {
  slide('#slider', t);
  look(`step ${t}`);
}
for (const tab of all('#network [data-sample]')) tab.click(), look(`sample ${tab.dataset.sample}`);
for (const part of all('#network [role="button"]').filter((_, k, list) => k % Math.ceil(list.length / 12) === 0)) {
  part.dispatchEvent(new PointerEvent('pointerenter'));
  look(`at ${part.getAttribute('aria-label')}`);
  if (!text('#network .readout').trim()) faults.add(`nothing is said of ${part.getAttribute('aria-label')}`);
  part.dispatchEvent(new PointerEvent('pointerleave'));
}
return { title: document.title, texts, faults: [...faults].slice(0, 12) };
