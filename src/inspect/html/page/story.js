// The chain rule as it is told: the slope of the loss with respect to one parameter, through what the network predicts.

// How one node moves with another, by the partials between them.
function slope(top, bottom) {
  const sent = new Map([[top, 1]]), open = [top];
  while (open.length) {
    for (const o of tape.operands[open.pop()]) if (o >= bottom && !sent.has(o)) sent.set(o, 0) && open.push(o);
  }
  for (const i of [...sent.keys()].sort((a, b) => b - a)) {
    const adjoint = sent.get(i);
    if (adjoint !== 0) tape.operands[i].forEach((o, which) => sent.has(o) && sent.set(o, sent.get(o) + adjoint * tape.partials[i][which]));
  }
  return sent.get(bottom) ?? 0;
}

// Above so many observations the rest is one row.
const STORY_ROWS = 6;
// With d, as the explanation writes it.
const ordinary = (top, bottom) => math('mfrac', {}, math('mrow', {}, mi(`d${top}`)), math('mrow', {}, mi(`d${bottom}`)));
const formula = (...parts) => math('math', { display: 'inline' }, math('mrow', {}, ...parts));

// For each observation: how the loss moves with the prediction, and the prediction with the parameter.
function storyOf(i) {
  const rows = Array.from({ length: live.samples }, (_, j) => {
    const predicted = live.predictedAt(j), y = live.movable ? live.point(j)[1] : null;
    const outer = tape.adjoint[predicted], inner = slope(predicted, i);
    return { j, name: data.network.samples[j], predicted: tape.value[predicted], observed: y, outer, inner, product: outer * inner + 0 };
  });
  // A loss that adds up squares has the slope -2 (observed - predicted), a mean of them a part of it.
  const scales = rows.filter(({ observed, predicted }) => observed !== null && observed !== predicted)
    .map(({ outer, observed, predicted }) => outer / (observed - predicted));
  const same = scales.length && scales.every(scale => Math.abs(scale - scales[0]) <= 1e-9 * Math.abs(scales[0]));
  const scale = !same ? null : Math.abs(scales[0] + 2) < 1e-9 ? '\u22122' : Math.abs(scales[0] * rows.length + 2) < 1e-6 ? `\u22122 / ${rows.length}` : null;
  const sum = rows.reduce((sum, { product }) => sum + product, 0), adjoint = tape.adjoint[i];
  return { rows, scale, sum, agrees: Math.abs(sum - adjoint) <= 1e-9 * Math.max(1, Math.abs(adjoint)) };
}

const hasStory = () => live.samples > 0 && live.predictedAt(0) !== null && live.predictedAt(live.samples - 1) !== null && data.runs.length > 0;

function storyPanel() {
  if (!hasStory()) return;
  panel('story', 'The chain rule', 'seven', (section, head) => {
    head.append(leafEditor());
    const body = html('div', { class: 'story', 'aria-live': 'polite' });
    section.append(body);
    return before => {
      if (!training.moved(before) && before.sel === state.sel && before.sample === state.sample && before.rate === state.rate) return;
      const i = state.sel, name = tape.name(i), loss = data.runs[state.run].loss, predicted = data.network.layers.at(-1)[0].name;
      head.querySelector('h2').textContent = `Why ${name} moves ${loss}`;
      const story = tape.isLeaf(i) && tape.connected(i) ? storyOf(i) : null;
      if (!story?.agrees) {
        replace(body, html('p', {}, 'Select a weight or a bias in the network: here stands how ', html('b', {}, loss), ' moves with it.'));
        return;
      }
      const { rows, scale, sum } = story, [outer, inner] = [ordinary(loss, predicted), ordinary(predicted, name)];
      const shown = rows.length > STORY_ROWS ? [...rows].sort((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, STORY_ROWS) : rows;
      const rest = sum - shown.reduce((sum, { product }) => sum + product, 0);
      const how = ({ observed, predicted, outer }) => (scale === null ? show(outer, 5) : `${scale} (${show(observed, 5)} \u2212 ${factor(predicted, 5)}) = ${show(outer, 5)}`);
      const number = (text, kind = '') => html('td', { class: `number ${kind}` }, text);
      replace(body,
        html('p', { class: 'headline' }, formula(ordinary(loss, name), mo('='), mo('\u2211'), outer, mo('\u00b7'), inner),
          scale !== null && html('span', { class: 'soft' }, ' where ', formula(ordinary(loss, predicted), mo('='), mi(`${scale} (observed \u2212 ${predicted})`)))),
        html('div', { class: 'scroll' }, html('table', {},
          html('thead', {}, html('tr', {}, ['observation', `d${loss} / d${predicted}`, `d${predicted} / d${name}`, 'product'].map((text, c) => html('th', { scope: 'col', class: c ? 'number' : '' }, text)))),
          html('tbody', {},
            shown.map(row => html('tr', { class: row.j === state.sample ? 'selected' : '' },
              html('td', {}, button(row.name, `Show ${row.name}`, () => set({ sample: row.j }), { class: 'plain' })), number(how(row)), number(`\u00b7 ${factor(row.inner, 5)}`), number(`= ${show(row.product, 4)}`, 'adjoint'))),
            rows.length > shown.length && html('tr', {}, html('td', {}, `${rows.length - shown.length} more`), number(''), number(''), number(`= ${show(rest, 4)}`, 'adjoint')),
            html('tr', { class: 'total' }, html('td', {}, 'slope'), number(''), number(''), number(`= ${show(sum, 4)}`, 'adjoint'))))),
        stepLine(i, name));
    };
  });
}

// The step that follows from the slope.
function stepLine(i, name) {
  if (!live.leavesOf[state.run]?.includes(i)) return null;
  const [old, slope, rate] = [tape.value[i], tape.adjoint[i], live.rate()];
  return html('p', { class: 'number' }, `step size = slope \u00d7 rate = ${show(slope, 4)} \u00d7 ${show(rate, 4)} = ${show(slope * rate, 4)}; `,
    html('b', {}, `new ${name} = ${show(old, 4)} \u2212 ${factor(slope * rate, 4)} = ${show(old - slope * rate, 4)}`));
}

// A number and a slider for the selected leaf.
function leafEditor() {
  const typed = html('input', { type: 'number', step: 'any', id: 'leaf' }), scrubbed = html('input', { type: 'range', step: 'any', 'aria-label': 'Change it' });
  const name = html('span'), place = html('label', { class: 'check leaf' }, name, typed, scrubbed);
  const change = event => {
    const x = event.target.valueAsNumber;
    if (Number.isFinite(x)) set({ leaves: new Map([...state.leaves, [state.sel, x]]) });
  };
  typed.addEventListener('change', change);
  scrubbed.addEventListener('input', change);
  panels.push({
    id: 'leaf',
    update: () => {
      const i = state.sel, can = engine.able && tape.count > 0 && tape.isLeaf(i);
      place.classList.toggle('hidden', !can && engine.able);
      for (const input of [typed, scrubbed]) input.classList.toggle('hidden', !can);
      if (!can) {
        name.textContent = engine.why;
        return;
      }
      const x = tape.value[i];
      name.textContent = `${cut(tape.name(i), 24)} =`;
      typed.value = digits(x);
      const was = tape.recorded.value[i], reach = Math.max(2, 2 * Math.abs(was));
      Object.assign(scrubbed, { min: Math.min(was - reach, x), max: Math.max(was + reach, x) });
      scrubbed.value = x;
    },
  });
  return place;
}

// What differs from the recording, in words.
function changedBanner() {
  const says = html('p', { id: 'changed', role: 'status', class: 'hidden' });
  document.body.append(says);
  panels.push({
    id: 'changed',
    update: before => {
      if (before.version === state.version && before.rate === state.rate && isReady) return;
      says.classList.toggle('hidden', !live.isChanged());
      if (!live.isChanged()) return;
      const leaves = [...state.leaves].map(([i, x]) => `${tape.name(i)} = ${show(x)} (recorded ${show(tape.recorded.value[i])})`);
      const points = [...state.points].map(([j, [x, y]]) => `observation ${j + 1} at (${show(x, 4)}, ${show(y, 4)})`);
      const all = [...leaves, ...points, ...(state.rate === null ? [] : [`rate ${show(state.rate)}`])];
      const flipped = engine.guards(tape).length;
      replace(says, html('b', {}, 'Changed by hand: '), `${all.slice(0, 4).join(', ')}${all.length > 4 ? ` and ${all.length - 4} more` : ''}. `,
        flipped > 0 && html('b', { class: 'bad' }, `${plural(flipped, 'comparison')} of the recording would fall otherwise: these are the numbers of the recorded branch. `),
        button('reset', 'Back to the recording', live.reset));
    },
  });
}
