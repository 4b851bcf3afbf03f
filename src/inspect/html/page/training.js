// Training, step by step: the fit, the loss against one parameter with its tangent, the loss over time.

const sums = frame => frame.parts[0].map((_, k) => frame.parts.reduce((sum, part) => sum + part[k], 0));

// Parts that stand still are given once; numbers that are not finite travel as strings.
for (const { curves, slice } of data.runs) {
  curves?.frames.forEach((frame, k, frames) => {
    frame.parts = frame.parts ? frame.parts.map(reals) : frames[k - 1].parts;
    const shift = real(frame.shift);
    frame.predicted = frame.predicted ? reals(frame.predicted) : sums(frame).map(sum => sum + shift);
    frame.at = reals(frame.at);
  });
  if (slice) slice.losses = slice.losses.map(reals);
}

const training = (() => {
  // The frame whose step is the last one not after `step`.
  const frameAt = (run, step) => {
    const { frames } = data.runs[run];
    let k = 0;
    while (k + 1 < frames.length && frames[k + 1].step <= step) k++;
    return k;
  };
  const run = () => data.runs[state.run];
  const now = () => frameAt(state.run, state.step);
  const moveTo = k => {
    const { frames } = run(), to = clamp(k, 0, frames.length - 1);
    set({ step: to === frames.length - 1 ? Infinity : frames[to].step });
  };
  const player_ = player(() => {
    const k = now(), end = run().frames.length - 1;
    if (k < end) moveTo(k + 1);
    return now() < end;
  }, 450);
  const moved = before => before.run !== state.run || before.step !== state.step;
  return { run, now, moveTo, player: player_, moved };
})();

function trainingPanel() {
  if (!data.runs.length) return;
  panel('training', 'Training', '', (section, head) => {
    const tabs = html('div', { class: 'buttons', role: 'group', 'aria-label': 'Training histories' },
      data.runs.map((run, k) => button(run.name, `Show ${run.name}`, () => (training.player.stop(), set({ run: k, step: Infinity })), { 'data-run': k })));
    head.append(tabs);
    const go = k => (training.player.stop(), training.moveTo(k));
    const play = () => {
      if (!training.player.playing() && training.now() === training.run().frames.length - 1) training.moveTo(0);
      training.player.toggle();
    };
    const playing = button(sign('play'), 'Play the training', play, { class: 'main' });
    const slider = html('input', { type: 'range', min: 0, 'aria-label': 'Training step', oninput: event => go(Number(event.target.value)) });
    const phase = html('span', { class: 'phase soft' });
    const line = html('p', { 'aria-live': 'polite' });
    const table = html('div', { class: 'scroll' });
    section.append(
      html('div', { class: 'head' },
        html('div', { class: 'buttons' },
          button(sign('first'), 'Start of the training', () => go(0)), button(sign('back'), 'One step back', () => go(training.now() - 1)), playing,
          button(sign('on'), 'One step on', () => go(training.now() + 1)), button(sign('last'), 'End of the training', () => go(Infinity))),
        html('div', { style: 'flex: 1; min-width: 8rem' }, slider), phase),
      line, table);
    return before => {
      const run = training.run(), k = training.now(), frame = run.frames[k];
      replace(playing, sign(training.player.playing() ? 'pause' : 'play'));
      playing.setAttribute('aria-label', training.player.playing() ? 'Pause the training' : 'Play the training');
      if (!training.moved(before)) return;
      slider.max = run.frames.length - 1;
      slider.value = k;
      slider.setAttribute('aria-valuetext', `step ${frame.step}`);
      for (const tab of tabs.children) tab.setAttribute('aria-pressed', Number(tab.dataset.run) === state.run);
      phase.textContent = `step ${frame.step} of ${run.last}`;
      const next = run.frames[k + 1];
      replace(line, `At step ${frame.step} the ${run.loss} is `, html('b', { class: 'number' }, show(real(frame.loss))), '. ',
        run.thinned ? html('span', { class: 'soft' }, `${run.thinned} `) : null);
      // The step that follows, as the explanation of gradient descent spells it.
      replace(table, html('table', {},
        html('thead', {}, html('tr', {}, ['parameter', 'now', 'slope', 'step size = slope \u00d7 rate', 'new = old \u2212 step size'].map((column, c) =>
          html('th', { scope: 'col', class: c ? 'number' : '' }, column)))),
        html('tbody', {}, run.parameters.map((name, p) => {
          const [old, slope, rate] = [real(frame.p[p]), real(frame.g[p]), real(frame.rate)];
          const plain = run.plain;
          return html('tr', {}, html('td', {}, name), html('td', { class: 'number' }, show(old)),
            html('td', { class: 'number adjoint' }, show(slope)),
            html('td', { class: 'number' }, plain ? `${show(slope, 4)} \u00d7 ${show(rate)} = ${show(slope * rate)}` : ''),
            html('td', { class: 'number' }, plain ? show(old - slope * rate) : next ? `${show(real(next.p[p]))} at step ${next.step}` : ''));
        }))));
    };
  });
}

function fitPanel() {
  if (!data.runs.some(run => run.curves)) return;
  panel('fit', 'The fit', 'half', section => {
    const place = html('div'), says = html('p', { class: 'soft' });
    section.append(place, says);
    let drawn = -1, chart = null;
    return before => {
      const run = training.run(), curves = run.curves;
      section.classList.toggle('hidden', !curves);
      if (!curves || !training.moved(before)) return;
      if (drawn !== state.run) {
        drawn = state.run;
        const all = curves.frames.flatMap(frame => [...frame.parts, frame.predicted]);
        chart = plot({
          x: range([curves.grid, curves.data.map(d => d[0])], 0.04), y: range([...all, curves.data.map(d => d[1])]), height: 380,
          xTitle: curves.x, yTitle: curves.y, says: `The fit over ${curves.x}: observations, the parts, and their sum`,
        });
        replace(place, chart.root, legend(curves));
      }
      const k = training.now(), frame = curves.frames[k], grid = curves.grid, points = list => grid.map((x, j) => [x, list[j]]);
      chart.clear();
      for (let older = Math.max(0, k - 8); older < k; older++) {
        const was = curves.frames[older];
        was.parts.forEach((part, p) => chart.line(points(part), `curve older c${p % 4}`));
        chart.line(points(was.predicted), 'curve older green');
      }
      curves.data.forEach(([x, y], j) => chart.line([[x, y], [x, frame.at[j]]], 'curve residual'));
      frame.parts.forEach((part, p) => chart.line(points(part), `curve c${p % 4}`));
      chart.line(points(sums(frame)), 'curve sum');
      chart.line(points(frame.predicted), 'curve green');
      curves.data.forEach(([x, y]) => chart.dot(x, y, 6.5, 'datum'));
      replace(says, `Residuals, observed \u2212 predicted: ${curves.data.map(([, y], j) => show(y - frame.at[j], 4)).join(', ')}.`);
    };
  });
}

function legend(curves) {
  const sample = kind => svg('svg', { class: 'plot', viewBox: '0 0 32 10', 'aria-hidden': 'true' }, svg('path', { class: `curve ${kind}`, d: 'M2 5H30' }));
  const shown = [
    ...curves.parts.map((name, p) => [`c${p % 4}`, name]), ['sum', 'their sum'], ['green', `predicted ${curves.y}`],
    ['residual', 'residual'],
  ];
  return html('ul', { class: 'legend' }, shown.map(([kind, name]) => html('li', {}, sample(kind), name)));
}

function slicePanel() {
  if (!data.runs.some(run => run.slice)) return;
  panel('slice', 'The loss against one parameter', 'half', (section, head) => {
    const place = html('div'), says = html('p', { class: 'soft' });
    section.append(place, says);
    let drawn = -1, chart = null;
    return before => {
      const run = training.run(), slice = run.slice;
      section.classList.toggle('hidden', !slice);
      if (!slice || !training.moved(before)) return;
      const name = run.parameters[slice.parameter], k = training.now(), frame = run.frames[k];
      const lossesOf = j => slice.losses[Math.min(j, slice.losses.length - 1)];
      if (drawn !== state.run) {
        drawn = state.run;
        head.querySelector('h2').textContent = `${run.loss} against ${name}`;
        // As high as the descent went, and half as high again: what lies above is of no interest here.
        const highest = Math.max(...reals(run.frames.map(frame => frame.loss)).filter(Number.isFinite)) * 1.5;
        const seen = slice.losses.map(losses => losses.filter(loss => !(loss > highest)));
        chart = plot({
          x: [slice.grid[0], slice.grid.at(-1)], y: range([...seen, [highest]], 0.03), height: 380, xTitle: name, yTitle: run.loss,
          says: `The ${run.loss} against ${name}, with the tangent at the present step`,
        });
        replace(place, chart.root);
      }
      chart.clear();
      const losses = lossesOf(k);
      chart.line(slice.grid.map((x, j) => [x, losses[j]]), 'curve pink');
      const tangent = ({ p, g, loss }, kind, reach) => {
        const [x, slope, y] = [real(p[slice.parameter]), real(g[slice.parameter]), real(loss)];
        // As long on the screen whatever the slope.
        const [dx, dy] = [chart.atX(1) - chart.atX(0), chart.atY(slope) - chart.atY(0)];
        const half = reach / Math.hypot(dx, dy);
        chart.line([[x - half, y - half * slope], [x + half, y + half * slope]], kind);
      };
      run.frames.slice(0, k).forEach(frame => {
        if (run.parameters.length === 1) tangent(frame, 'curve tangent older', 46);
        chart.dot(real(frame.p[slice.parameter]), real(frame.loss), 4, 'been');
      });
      tangent(frame, 'curve tangent', 74);
      const [b, slope] = [real(frame.p[slice.parameter]), real(frame.g[slice.parameter])];
      chart.dot(b, real(frame.loss), 6.5, 'here');
      const others = run.parameters.length > 1 ? ' The other parameters are as they are at this step, so the curve moves too.' : '';
      replace(says, `At ${name} = ${show(b)} the slope of the tangent is ${show(slope)}.${others}`);
    };
  });
}

// Loss and gradient norm by step.
function tracePanel(id, title, key, says) {
  if (!data.runs.length) return;
  panel(id, title, 'half', (section, head) => {
    const place = html('div');
    const log = html('input', { type: 'checkbox', id: `${id}-log`, onchange: event => set({ log: event.target.checked ? 1 : 0 }) });
    head.append(html('label', { class: 'check' }, log, 'logarithmic'));
    section.append(place);
    let drawn = '', chart = null;
    return before => {
      const run = training.run(), values = reals(run.trace[key]), steps = run.trace.step;
      log.checked = Boolean(state.log);
      if (!training.moved(before) && before.log === state.log) return;
      const usable = values.filter(v => Number.isFinite(v) && (!state.log || v > 0));
      if (drawn !== `${state.run} ${state.log}`) {
        drawn = `${state.run} ${state.log}`;
        const [low, high] = usable.length ? [Math.min(...usable), Math.max(...usable)] : [0.1, 1];
        const y = state.log ? [Math.max(low * 0.7, Number.MIN_VALUE), finite(high * 1.4)] : [0, finite(high * 1.06) || 1];
        head.querySelector('h2').textContent = title.replace('loss', run.loss).replace('Loss', run.loss);
        chart = plot({
          x: [0, Math.max(run.last, 1)], y, logY: Boolean(state.log), height: 280, xTitle: 'step',
          yTitle: key === 'loss' ? run.loss : title, says: says.replace('loss', run.loss),
        });
        replace(place, chart.root);
      }
      chart.clear();
      chart.line(steps.map((step, k) => [step, values[k]]), 'curve trace');
      const frame = run.frames[training.now()];
      const here = key === 'loss' ? real(frame.loss) : reals(frame.g).reduce((norm, g) => Math.hypot(norm, g), 0);
      if (Number.isFinite(here) && (!state.log || here > 0)) {
        chart.dot(frame.step, here, 6, 'here');
        const right = frame.step < run.last * 0.7;
        chart.text(frame.step, here, show(here), 'pink', { dx: right ? 10 : -10, dy: chart.atY(here) < 44 ? 16 : -10, anchor: right ? 'start' : 'end' });
      }
    };
  });
}
