// The drawing: how large its numbers are, how it moves, and what its edges say of the selected slope.
const root = () => one('#graph svg:not(.sign)'), frame = one('#graph .graph');
const scale = () => Number(root().getAttribute('width')) / root().viewBox.baseVal.width;
const high = () => Math.min(...all('#graph .partial text, #graph .spelled text, #graph .v, #graph .a').map(e => parseFloat(getComputedStyle(e).fontSize) * scale()));

// Forwards from a node and backwards from the output meet: over the last edges flows the whole adjoint.
const close = (a, b) => a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
const wrong = [];
let beyond = 0;
for (let i = 0; i < tape.count; i++) {
  if (i === data.output || tape.reach(i) !== 'c' || !Number.isFinite(tape.adjoint[i])) continue;
  const shares = sharesOf(i), uses = tape.uses(i).filter(({ user, which }) => shares.has(user, which));
  const out = uses.map(({ user, which }) => tape.partials[user][which] * tape.adjoint[user]), all = out.reduce((sum, x) => sum + Math.abs(x), 0);
  const last = tape.operands[data.output].reduce((sum, _, k) => sum + (shares.has(data.output, k) ? shares.of(data.output, k) : 0), 0);
  // `beyond` has pieces that leave the range of numbers: of these no share is told.
  if (all && Number.isNaN(last)) beyond++;
  else if (all && !close(last * all, tape.adjoint[i])) wrong.push(`%${i}: ${last * all}, not ${tape.adjoint[i]}`);
}

slide('#slider', steps() - 1);
const legible = high();
const widths = all('#graph .edge.on-path').map(e => ({ width: parseFloat(getComputedStyle(e).strokeWidth), minus: e.classList.contains('minus'), edge: e.dataset.edges }));
const signs = Object.fromEntries(all('#graph .partial').filter(e => e.querySelector('.way')).map(e => [e.dataset.edges, e.querySelector('.way.minus') !== null]));

const wheel = more => {
  const event = new WheelEvent('wheel', { deltaY: -200, bubbles: true, cancelable: true, clientX: 300, clientY: 300, ...more });
  frame.dispatchEvent(event);
  return event.defaultPrevented;
};
const before = scale(), plain = wheel({}), unmoved = scale() === before, zoomed = wheel({ ctrlKey: true }), larger = scale() > before;
frame.scrollLeft = 50;
const pointer = (kind, x, y) => frame.dispatchEvent(new PointerEvent(kind, { pointerType: 'mouse', button: 0, bubbles: true, cancelable: true, clientX: x, clientY: y }));
const from = frame.scrollLeft;
pointer('pointerdown', 300, 300);
pointer('pointermove', 270, 290);
const dragged = frame.scrollLeft - from;
const selected = location.hash;
pointer('pointerup', 270, 290);
one('#graph button[title^="Fit"]').click();
const again = scale() === before;

return {
  wrong, beyond, legible, widths, signs, plain, unmoved, zoomed, larger, dragged, again,
  first: all('#graph .node.first').map(e => e.dataset.id), bad: all('#graph .node.bad').length,
};
