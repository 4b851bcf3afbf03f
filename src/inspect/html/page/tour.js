// The guided tour: the explanation in six stops, each at a panel and a step; the address says where one is.

const STOPS = (() => {
  const run = data.runs[0], curves = run?.curves;
  if (!curves || !live.leavesOf[0] || !live.movable || !hasStory()) return [];
  const start = { run: 0, step: run.frames[0].step, leaves: DEFAULTS.leaves, points: DEFAULTS.points, rate: null };
  const name = run.parameters.at(-1), leaf = live.leavesOf[0].at(-1), all = data.runs.findIndex((run, k) => k > 0 && live.leavesOf[k]?.length > 1);
  const residuals = () => Array.from({ length: live.samples }, (_, j) => live.point(j)[1] - tape.value[live.predictedAt(j)]);
  const loss = () => show(tape.value[data.output], 4), slopeNow = () => tape.adjoint[leaf];
  const stops = [
    ['fit', 'The squiggle', start, () => `Each hidden unit bends a straight line into a curve. Scaled by its weight it is the ${curves.parts.join(' or the ')} curve. Dotted: the curves added up. Shifted by the last bias, the sum is the green squiggle: what the network predicts.`],
    ['fit', 'The residuals', start, () => `A dashed line is a residual, observed \u2212 predicted: ${residuals().map(r => show(r, 4)).join(', ')}. Drag a point and its residual follows.`],
    ['fit', run.loss, start, () => `${residuals().slice(0, 4).map(r => `${factor(r, 4)}\u00b2`).join(' + ')}${live.samples > 4 ? ' + \u2026' : ''} gives ${loss()}, the ${run.loss}: one number for how badly the squiggle fits.`],
    ['story', 'The slope', { ...start, sel: leaf }, () => `How does the ${run.loss} move with ${name}? Through each prediction: multiply the two slopes, then add up. The slope is ${show(slopeNow(), 4)}; the dark line on the pink curve has it.`],
    ['slice', 'The step', { ...start, sel: leaf }, () => `The step goes against the slope: step size = slope \u00d7 rate = ${show(slopeNow() * live.rate(), 4)}, so ${name} becomes ${show(tape.value[leaf] - slopeNow() * live.rate(), 4)}. Press step above a few times: where the slope nears 0, the steps become small by themselves.`],
    ['network', 'All parameters', all < 0 ? start : { ...start, run: all, step: data.runs[all].frames[0].step }, () => `Every weight and bias has a slope (\u2202), found by the same chain rule in one sweep over the tape. Each step moves them all at once: press step, or play.`],
  ];
  return stops.map(([at, title, go, says]) => ({ at, title, go, says }));
})();
DEFAULTS.tour = 0;
READ.tour = text => (/^\d$/.test(text) && Number(text) <= STOPS.length ? Number(text) : null);

function tour() {
  if (!STOPS.length) return;
  const goTo = k => set(k ? { ...STOPS[k - 1].go, tour: k } : { tour: 0 });
  document.getElementById('tools').prepend(button('tour', `A tour in ${STOPS.length} stops`, () => goTo(1), { id: 'start-tour', class: 'wordy' }));
  const card = html('section', { id: 'tour', class: 'hidden', 'aria-label': 'Tour' });
  document.body.append(card);
  panels.push({
    id: 'tour',
    update: before => {
      if (before.tour === state.tour && before.version === state.version) return;
      const k = state.tour;
      card.classList.toggle('hidden', !k);
      for (const section of document.querySelectorAll('section.panel')) section.classList.toggle('toured', Boolean(k) && section.id === STOPS[k - 1].at);
      if (!k) return;
      const { at, title, says } = STOPS[k - 1], more = k < STOPS.length;
      const held = document.activeElement?.closest('#tour') ? document.activeElement.dataset.go : null;
      replace(card,
        html('h2', {}, `${title} `, html('span', { class: 'soft' }, `${k} of ${STOPS.length}`)), html('p', { 'aria-live': 'polite' }, says()),
        html('div', { class: 'buttons' }, button('back', 'The stop before', () => goTo(k - 1), { 'data-go': 'back' }),
          button(more ? 'next' : 'done', more ? 'The next stop' : 'End the tour', () => goTo(more ? k + 1 : 0), { class: 'main', 'data-go': 'next' }),
          more && button('skip', 'End the tour', () => goTo(0), { 'data-go': 'skip' })));
      if (held) card.querySelector(`[data-go="${held}"]`)?.focus();
      if (before.tour !== k) document.getElementById(at)?.scrollIntoView({ block: 'center' });
    },
  });
}
