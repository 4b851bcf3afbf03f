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
  // What was recorded comes before what the reader has set.
  const moveTo = k => {
    const { frames } = run(), ofRun = new Set(live.leavesOf[state.run] ?? []);
    const leaves = [...state.leaves].filter(([i]) => !ofRun.has(i));
    set({ step: frames[clamp(k, 0, frames.length - 1)].step, leaves: leaves.length ? new Map(leaves) : DEFAULTS.leaves });
  };
  const playing = player(() => {
    const k = now(), end = run().frames.length - 1;
    if (k < end) moveTo(k + 1);
    return now() < end;
  }, 450);
  const moved = before => before.run !== state.run || before.step !== state.step || before.version !== state.version;
  // The loss now: that of the tape, if the tape is the run's.
  const loss = () => (live.isLive() ? tape.value[data.output] : real(run().frames[now()].loss));
  return { run, now, moveTo, loss, player: playing, moved };
})();

// One clock: which run, which step, and the step that the reader makes.
function trainingPanel() {
  if (!data.runs.length) return;
  panel('training', 'Training', '', (section, head) => {
    const tabs = html('div', { class: 'buttons', role: 'group', 'aria-label': 'Training histories' },
      data.runs.map((run, k) => button(run.name, `Show ${run.name}`, () => {
        training.player.stop();
        set({ run: k, step: k === DEFAULTS.run ? DEFAULTS.step : run.frames[0].step, leaves: DEFAULTS.leaves });
      }, { 'data-run': k })));
    const line = html('p', { 'aria-live': 'polite' });
    head.append(line, tabs);
    head.querySelector('h2').classList.add('said');
    const go = k => (training.player.stop(), training.moveTo(k));
    const play = () => {
      if (!training.player.playing() && training.now() === training.run().frames.length - 1) training.moveTo(0);
      training.player.toggle();
    };
    const playing = button(sign('play'), 'Play the training', play);
    const stepping = button('step', 'One step against the slope', () => (training.player.stop(), live.step()), { class: 'main', id: 'step' });
    const slider = html('input', { type: 'range', min: 0, 'aria-label': 'Training step', oninput: event => go(Number(event.target.value)) });
    const phase = html('span', { class: 'phase soft' });
    const rate = html('input', {
      type: 'number', step: 'any', id: 'rate', onchange: event => set({ rate: event.target.value === '' ? null : Number(event.target.value) }),
    });
    const rated = html('label', { class: 'check' }, 'rate ', rate);
    section.append(
      html('div', { class: 'row' },
        html('div', { class: 'buttons' },
          button(sign('first'), 'Start of the training', () => go(0)), button(sign('back'), 'One step back', () => go(training.now() - 1)), playing,
          button(sign('on'), 'One recorded step on', () => go(training.now() + 1)), button(sign('last'), 'End of the training', () => go(Infinity))),
        stepping, rated, html('div', { class: 'wide' }, slider), phase));
    return before => {
      const run = training.run(), k = training.now(), frame = run.frames[k];
      replace(playing, sign(training.player.playing() ? 'pause' : 'play'));
      playing.setAttribute('aria-label', training.player.playing() ? 'Pause the training' : 'Play the training');
      if (!training.moved(before) && before.rate === state.rate) return;
      for (const place of [stepping, rated]) place.classList.toggle('hidden', !live.isLive());
      rate.value = live.isLive() ? digits(live.rate()) : '';
      slider.max = run.frames.length - 1;
      slider.value = k;
      slider.setAttribute('aria-valuetext', `step ${frame.step}`);
      for (const tab of tabs.children) tab.setAttribute('aria-pressed', Number(tab.dataset.run) === state.run);
      const made = live.trail.length;
      phase.textContent = `step ${frame.step} of ${run.last}${made ? ` and ${made} of yours` : ''}`;
      replace(line, made ? `After ${plural(made, 'step')} of yours` : `At step ${frame.step}`, ` the ${run.loss} is `,
        html('b', { class: 'number' }, show(training.loss())), '.');
    };
  });
}

// The step that follows, as the explanation of gradient descent spells it.
function stepsPanel() {
  if (!data.runs.length) return;
  panel('steps', 'The next step of every parameter', '', section => {
    const table = html('div', { class: 'scroll' });
    section.append(table);
    return before => {
      if (!training.moved(before) && before.rate === state.rate) return;
      const run = training.run(), k = training.now(), frame = run.frames[k], next = run.frames[k + 1];
      const leaves = live.leavesOf[state.run], plain = leaves !== null || run.plain;
      replace(table, run.thinned && html('p', { class: 'soft' }, run.thinned), run.parameters.length && html('table', {},
        html('thead', {}, html('tr', {}, ['parameter', 'now', 'slope', plain ? 'step size = slope \u00d7 rate' : 'step size, by the optimizer', 'new = old \u2212 step size'].map((column, c) =>
          html('th', { scope: 'col', class: c ? 'number' : '' }, column)))),
        html('tbody', {}, run.parameters.map((name, p) => {
          const [old, slope, rate] = leaves ? [tape.value[leaves[p]], tape.adjoint[leaves[p]], live.rate()]
            : [real(frame.p[p]), real(frame.g[p]), real(frame.rate)];
          return html('tr', {}, html('td', {}, name), html('td', { class: 'number' }, show(old)),
            html('td', { class: 'number adjoint' }, show(slope)),
            html('td', { class: 'number' }, plain ? `${show(slope, 4)} \u00d7 ${show(rate)} = ${show(slope * rate)}` : frame.d ? show(-real(frame.d[p])) : '\u2013'),
            html('td', { class: 'number' }, plain ? show(old - slope * rate) : frame.d ? show(old + real(frame.d[p])) : next ? `${show(real(next.p[p]))} at step ${next.step}` : '\u2013'));
        }))));
    };
  });
}

// The curves of the network over its one input, with other leaves: each part is a unit times its weight.
const curvesWith = (() => {
  const network = data.network;
  if (!live.movable) return null;
  const parts = network.layers.flatMap((layer, l) => layer.map((unit, u) => ({ unit, l, u }))).filter(({ unit }) => unit.part != null)
    .sort((a, b) => a.unit.part - b.unit.part)
    .map(({ unit, l, u }) => ({ gives: unit.gives[0].node, weight: network.links.find(({ layer, from }) => layer === l && from === u)?.weight }));
  if (!parts.length || parts.some(({ gives, weight }) => gives == null || weight == null)) return null;
  const output = live.predictedAt(0);
  return (leaves, at) => {
    const change = x => ({ leaves, constants: live.constantsFor(new Map([[0, [x, 0]]])) });
    const over = node => at.map((find => x => find(change(x)))(live.along(node)));
    const scaled = ({ gives, weight }) => over(gives).map(y => y * (leaves.get(weight) ?? tape.value[weight]));
    return { parts: parts.map(scaled), predicted: over(output) };
  };
})();

function fitPanel() {
  if (!data.runs.some(run => run.curves)) return;
  panel('fit', 'The fit', 'five', section => {
    const place = html('div'), says = html('p', { class: 'soft' });
    section.append(place, says);
    let drawn = -1, chart = null, handles = [];
    const pointOf = (run, j) => (run.computed ? live.point(j) : run.curves.data[j]);
    return before => {
      const run = training.run(), curves = run.curves;
      section.classList.toggle('hidden', !curves);
      if (!curves || !training.moved(before)) return;
      const computes = run.computed && live.isLive();
      if (drawn !== state.run) {
        drawn = state.run;
        chart = plot({
          x: range([curves.grid, curves.data.map(d => d[0])], 0.04), y: range([curves.data.map(d => d[1])]), height: 265,
          xTitle: curves.x, yTitle: curves.y, says: `The fit over ${curves.x}: observations, the parts, and their sum`,
        });
        replace(place, chart.root, legend(curves));
        handles = computes ? curves.data.map((_, j) => handle(chart, {
          says: `Observation ${j + 1}, ${curves.x} and ${curves.y}`,
          move: (x, y) => set({ points: new Map([...state.points, [j, [x, y]]]) }),
        })) : [];
      }
      const k = training.now(), grid = curves.grid, points = list => grid.map((x, j) => [x, list[j]]);
      const observed = curves.data.map((_, j) => pointOf(run, j));
      const shown = computes ? { ...curvesWith(new Map(), grid), at: observed.map((_, j) => tape.value[live.predictedAt(j)]) } : curves.frames[k];
      if (!handles.some(handle => handle.held())) chart.follow({ y: range([...shown.parts, shown.predicted, observed.map(([, y]) => y)]) });
      chart.clear();
      const recent = run.frames.slice(0, k).map((_, j) => j).slice(-8);
      const older = !computes ? recent.map(j => curves.frames[j])
        : (live.trail.length ? live.trail.slice(-8).map(was => was.leaves) : recent.map(live.leavesAt)).map(leaves => curvesWith(leaves, grid));
      for (const was of older) {
        was.parts.forEach((part, p) => chart.line(points(part), `curve older c${p % 4}`));
        chart.line(points(was.predicted), 'curve older green');
      }
      observed.forEach(([x, y], j) => chart.line([[x, y], [x, shown.at[j]]], 'curve residual'));
      shown.parts.forEach((part, p) => chart.line(points(part), `curve c${p % 4}`));
      chart.line(points(sums(shown)), 'curve sum');
      chart.line(points(shown.predicted), 'curve green');
      observed.forEach(([x, y], j) => (handles[j] ? handles[j].place(x, y) : chart.dot(x, y, 6.5, 'datum')));
      replace(says, `Residuals, observed \u2212 predicted: ${observed.map(([, y], j) => show(y - shown.at[j], 4)).join(', ')}.`,
        computes && ' Drag.');
    };
  });
}

function legend(curves) {
  const sample = kind => svg('svg', { class: 'plot', viewBox: '0 0 32 10', 'aria-hidden': 'true' }, svg('path', { class: `curve ${kind}`, d: 'M2 5H30' }));
  const shown = [
    ...curves.parts.map((name, p) => [`c${p % 4}`, name]), ['sum', 'their sum'], ['green', 'predicted'],
    ['residual', 'residual'],
  ];
  return html('ul', { class: 'legend' }, shown.map(([kind, name]) => html('li', {}, sample(kind), name)));
}

// At how many points the curve is computed: fewer on a long tape, for it follows the hand; none on one that is too long.
const GRID = clamp(Math.floor(2e5 / (tape.count || 1)), 11, 81);
const LONGEST = 2e5;

// The loss against one parameter: the one that is selected if the run trains it, else the run's own.
function sliceNow() {
  const run = training.run(), leaves = live.leavesOf[state.run];
  const chosen = leaves ? leaves.indexOf(state.sel) : -1, p = chosen >= 0 ? chosen : run.slice?.parameter ?? (leaves ? leaves.length - 1 : -1);
  if (p < 0) return null;
  const k = training.now();
  if (!leaves || (tape.count > LONGEST && !run.computed)) {
    if (!run.slice) return null;
    const { parameter, grid, losses } = run.slice, frame = run.frames[k];
    const dot = f => [real(f.p[parameter]), real(f.loss), real(f.g[parameter])];
    return { p: parameter, grid, losses: losses[Math.min(k, losses.length - 1)], been: run.frames.slice(0, k).map(dot), here: dot(frame), leaf: null };
  }
  const leaf = leaves[p], here = [tape.value[leaf], tape.value[data.output], tape.adjoint[leaf]];
  // Where the descent was; the recorded one is on another curve once something else was changed.
  const apart = state.points.size > 0 || [...state.leaves.keys()].some(i => i !== leaf);
  const recorded = apart ? [] : run.frames.slice(0, live.trail.length ? k + 1 : k).map(f => [real(f.p[p]), real(f.loss), real(f.g[p])]);
  const been = [...recorded, ...live.trail.map(was => was.at(leaf))];
  const own = run.slice?.parameter === p ? run.slice.grid : [], visited = [...run.frames.map(f => real(f.p[p])), here[0], ...live.trail.map(was => was.at(leaf)[0])];
  const seen = visited.filter(Number.isFinite), air = own.length ? 0 : Math.max(1, (Math.max(...seen) - Math.min(...seen)) / 4);
  const [low, high] = [Math.min(...seen.map(x => x - air), ...own), Math.max(...seen.map(x => x + air), ...own)];
  const grid = Array.from({ length: GRID }, (_, j) => low + ((high - low) * j) / (GRID - 1));
  const find = live.along(data.output);
  return { p, grid, losses: grid.map(x => find({ leaves: new Map([[leaf, x]]) })), been, here, leaf };
}

function slicePanel() {
  if (!data.runs.some((run, k) => run.slice || live.leavesOf[k])) return;
  panel('slice', 'The loss against one parameter', 'five', (section, head) => {
    const place = html('div'), says = html('p', { class: 'soft' });
    section.append(place, says);
    let chart = null, grip = null, drawn = '';
    return before => {
      if (!training.moved(before) && before.sel === state.sel) return;
      const run = training.run(), slice = sliceNow();
      section.classList.toggle('hidden', !slice);
      if (!slice) return;
      const name = run.parameters[slice.p], { grid, losses, been, here } = slice;
      // As high as the descent went, and half as high again: what lies above is of no interest here.
      const inSight = been.slice(-12).concat([here]).map(([, loss]) => loss).filter(Number.isFinite);
      // Nor is it so flat that the curve is lost.
      const seen = losses.filter(Number.isFinite), lowest = Math.min(...seen, ...inSight);
      const highest = lowest + Math.max((Math.max(...inSight) - lowest) * 1.5, (Math.max(...seen) - lowest) / 4);
      const y = range([losses.filter(loss => !(loss > highest)), inSight, [finite(highest)]], 0.03);
      const shape = `${state.run} ${slice.p}`;
      if (drawn !== shape) {
        drawn = shape;
        head.querySelector('h2').textContent = `${run.loss} against ${name}`;
        chart = plot({
          x: [grid[0], grid.at(-1)], y, height: 228, xTitle: name, yTitle: run.loss,
          says: `The ${run.loss} against ${name}, with the tangent at the present step`,
        });
        replace(place, chart.root);
        grip = slice.leaf === null ? null : handle(chart, {
          says: name, kind: 'here', move: x => set({ leaves: new Map([...state.leaves, [slice.leaf, x]]) }),
        });
      }
      if (!grip?.held()) chart.follow({ x: [grid[0], grid.at(-1)], y });
      chart.clear();
      chart.line(grid.map((x, j) => [x, losses[j]]), 'curve pink');
      const tangent = ([x, y, slope], kind, reach) => {
        // As long on the screen whatever the slope.
        const [dx, dy] = [chart.atX(1) - chart.atX(0), chart.atY(slope) - chart.atY(0)];
        const half = reach / Math.hypot(dx, dy);
        chart.line([[x - half, y - half * slope], [x + half, y + half * slope]], kind);
      };
      for (const dot of been) {
        if (run.parameters.length === 1) tangent(dot, 'curve tangent older', 46);
        chart.dot(dot[0], dot[1], 4, 'been');
      }
      tangent(here, 'curve tangent', 74);
      if (grip) grip.place(here[0], here[1]);
      else chart.dot(here[0], here[1], 6.5, 'here');
      const others = run.parameters.length > 1 ? ' The others are as they are now, so the curve moves too.' : '';
      replace(says, `At ${name} = ${show(here[0])} the slope is ${show(here[2])}.${others}${grip ? ' Drag the point.' : ''}`);
    };
  });
}
