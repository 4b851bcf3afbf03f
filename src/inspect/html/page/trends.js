// How the training went, over its steps: loss, gradient and updates by layer; and which units are dead for which rows.

// Logarithmic where the numbers cross three decades, unless the address says otherwise.
const spans = values => {
  const above = values.filter(v => v > 0 && Number.isFinite(v));
  return above.length > 1 && Math.max(...above) / Math.min(...above) >= 1e3;
};
const isLog = values => (state.log === '' ? spans(values) : state.log === 1) && values.some(v => v > 0);
const logBox = id => html('input', { type: 'checkbox', id: `${id}-log`, onchange: event => set({ log: event.target.checked ? 1 : 0 }) });

// A chart of lines over the steps, each with a name; its axes hold all that is finite.
function overSteps({ run, lines, log, yTitle, says, height = 280 }) {
  const all = lines.flatMap(({ values }) => values).filter(v => Number.isFinite(v) && (!log || v > 0));
  const [low, high] = all.length ? [Math.min(...all), Math.max(...all)] : [0.1, 1];
  const y = log ? [Math.max(low * 0.7, Number.MIN_VALUE), finite(high * 1.4)] : low >= 0 ? [0, finite(high * 1.06) || 1] : range([all]);
  return plot({ x: [0, Math.max(run.last, 1)], y, logY: log, height, xTitle: 'step', yTitle, says });
}

function tracePanel(id, title, key, says) {
  const has = run => key === 'loss' || run.parameters.length;
  if (!data.runs.some(has)) return;
  panel(id, title, 'half', (section, head) => {
    const place = html('div'), why = html('p', { class: 'soft' }), log = logBox(id);
    head.append(html('label', { class: 'check' }, log, 'logarithmic'));
    section.append(place, key === 'loss' ? why : '');
    let drawn = '', chart = null;
    return before => {
      const run = training.run(), values = reals(run.trace[key]), steps = run.trace.step, asLog = isLog(values);
      section.classList.toggle('hidden', !has(run));
      log.checked = asLog;
      if (!has(run) || (!training.moved(before) && before.log === state.log && before.version === state.version)) return;
      if (drawn !== `${state.run} ${asLog}`) {
        drawn = `${state.run} ${asLog}`;
        head.querySelector('h2').textContent = title.replace('loss', run.loss).replace('Loss', run.loss);
        chart = overSteps({ run, lines: [{ values }], log: asLog, yTitle: key === 'loss' ? run.loss : title, says: says.replace('loss', run.loss) });
        replace(place, chart.root);
        why.textContent = run.reason ? `Stopped at step ${run.last} because ${run.reason}.` : '';
      }
      // Where the reader has gone on from there.
      const frame = run.frames[training.now()], step = frame.step + live.trail.length;
      const slopes = live.isLive() ? live.leavesOf[state.run].map(i => tape.adjoint[i]) : reals(frame.g);
      const here = key === 'loss' ? training.loss() : slopes.reduce((norm, g) => Math.hypot(norm, g), 0);
      if (step > run.last) chart.follow({ x: [0, step] });
      chart.clear();
      chart.line(steps.map((step, k) => [step, values[k]]), 'curve trace');
      if (Number.isFinite(here) && (!asLog || here > 0)) {
        chart.dot(step, here, 6, 'here');
        const right = step < run.last * 0.7;
        chart.text(step, here, show(here), 'pink', { dx: right ? 10 : -10, dy: chart.atY(here) < 44 ? 16 : -10, anchor: right ? 'start' : 'end' });
      }
    };
  });
}

// What the optimizer did after a frame: its own update, or the rule of plain descent.
const updateOf = (run, frame, p) => (frame.d ? real(frame.d[p]) : run.plain ? -real(frame.rate) * real(frame.g[p]) : NaN);

// The parameters of each layer: by their names, by the network that made the tape, or all as one.
function layersOf(run) {
  const ofNode = new Map();
  for (const { layer, weight } of data.network?.links ?? []) ofNode.set(weight, layer + 1);
  (data.network?.layers ?? []).forEach((units, l) => units.forEach(({ bias }) => ofNode.set(bias, l)));
  const layers = new Map();
  run.parameters.forEach((name, p) => {
    const [, named] = name.match(/^(.+?)[ ._](?:weight|bias)s?(?:\[|$)/) ?? [], layer = ofNode.get(tape.find(name));
    const key = named ?? (layer === undefined ? '' : `layer ${layer}`);
    if (!layers.has(key)) layers.set(key, []);
    layers.get(key).push(p);
  });
  const all = [...layers].map(([name, members]) => ({ name: name || (layers.size > 1 ? 'others' : 'all parameters'), members }));
  return all.length > 8 ? [{ name: 'all parameters', members: run.parameters.map((_, p) => p) }] : all;
}

const normOf = (members, of) => members.reduce((sum, p) => Math.hypot(sum, of(p)), 0);
function layersPanel() {
  if (!data.runs.some(run => run.parameters.length)) return;
  panel('layers', 'Layer by layer', '', section => {
    const places = [html('div'), html('div')], legend = html('ul', { class: 'legend' });
    section.append(html('div', { class: 'two' }, places), legend, html('p', { class: 'soft' },
      'Left: the norm of the gradient of each layer. Right: the norm of its update over that of its parameters; about 1/1000 is usual, 1 means that a step replaces the layer.'));
    let drawn = '', charts = [], series = [];
    const KINDS = [
      ['The norm of the gradient', (frame, members) => normOf(members, p => real(frame.g[p]))],
      ['Update over parameters', (frame, members, run) => normOf(members, p => updateOf(run, frame, p)) / normOf(members, p => real(frame.p[p]))],
    ];
    return before => {
      const run = training.run();
      section.classList.toggle('hidden', !run.parameters.length);
      if (!run.parameters.length || (!training.moved(before) && before.version === state.version && before.log === state.log)) return;
      const steps = run.frames.map(frame => frame.step);
      if (drawn !== `${state.run} ${state.log} ${run.frames.length}`) {
        drawn = `${state.run} ${state.log} ${run.frames.length}`;
        const layers = layersOf(run);
        series = KINDS.map(([, of]) => layers.map(({ name, members }) => ({ name, values: run.frames.map(frame => of(frame, members, run)) })));
        charts = series.map((lines, c) => {
          const log = isLog(lines.flatMap(({ values }) => values));
          const chart = overSteps({ run, lines, log, yTitle: KINDS[c][0], says: `${KINDS[c][0]} by step, a line for each layer`, height: 250 });
          lines.forEach(({ values }, k) => chart.line(steps.map((step, j) => [step, values[j]]), `curve c${k % 4} d${k % 8}`));
          return { chart, mark: svg('line', { class: 'mark-here' }) };
        });
        charts.forEach(({ chart, mark }, c) => (chart.layer.append(mark), replace(places[c], chart.root)));
      }
      const k = training.now();
      for (const { chart, mark } of charts) for (const [key, v] of [['x1', chart.atX(steps[k])], ['x2', chart.atX(steps[k])], ['y1', 0], ['y2', 300]]) mark.setAttribute(key, v);
      replace(legend, series[0].map(({ name, values }, j) => html('li', {},
        svg('svg', { class: 'plot', viewBox: '0 0 32 10', 'aria-hidden': 'true' }, svg('path', { class: `curve c${j % 4} d${j % 8}`, d: 'M2 5H30' })),
        `${cut(name, 30)}: `, html('span', { class: 'number' }, show(values[k], 3)), ', ', html('span', { class: 'number' }, Number.isFinite(series[1][j].values[k]) ? show(series[1][j].values[k], 2) : '\u2013'))));
    };
  });
}

// What each unit gives for each row of the network, as a table of small squares: darker is larger, a stroke is below 0,
// a cross is dead. The numbers of a unit stand in the line below when it is chosen.
const SEEN_ROWS = 40;
function activationsPanel() {
  const network = data.network, columns = network?.samples.slice(0, SEEN_ROWS) ?? [];
  const hidden = network?.layers.slice(1, network.layers.length > 2 ? -1 : undefined) ?? [];
  const units = hidden.flatMap((layer, l) => layer.map((unit, u) => ({ unit, name: hidden.length > 1 ? `layer ${l + 1}, ${unitName(unit.name)}` : unitName(unit.name), u })));
  if (columns.length < 2 || !units.length || !units.some(({ unit }) => unit.activation)) return;
  panel('activations', 'Activations by unit and row', 'half', section => {
    const told = html('p', { class: 'readout', 'aria-live': 'polite' }), summary = html('p');
    const rows = units.map(one => {
      const cells = columns.map(() => html('td'));
      const named = html('button', { type: 'button', class: 'plain', onclick: () => tell(one) }, cut(one.name, 26));
      return { ...one, cells, row: html('tr', {}, html('th', { scope: 'row' }, named), cells, html('td', { class: 'state' })) };
    });
    const head = html('tr', {}, html('th', { scope: 'col' }, 'unit'), columns.map((name, k) => html('th', { scope: 'col', title: name }, k + 1)), html('th', { scope: 'col' }, 'is'));
    section.append(summary, html('div', { class: 'scroll rows heat' }, html('table', {}, html('thead', {}, head), html('tbody', {}, rows.map(({ row }) => row)))), told,
      html('p', { class: 'soft' }, `Columns: the ${plural(network.samples.length, 'row')}${network.samples.length > SEEN_ROWS ? `, of which ${SEEN_ROWS} are shown` : ''}. Darker: larger. \u2212: below 0. \u00d7: its slope is 0. Choose a unit for its numbers.`));
    let chosen = null;
    const numberAt = (unit, k) => { const seen = unit.gives[k]; return seen?.node != null ? (tape.hasValue(seen.node, state.t) ? tape.value[seen.node] : NaN) : seen ? real(seen.data) : NaN; };
    const slopeAt = (unit, k) => { const node = unit.gives[k]?.node; return node != null && unit.activation && tape.operands[node].length === 1 ? tape.partials[node][0] : 1; };
    const tell = one => {
      chosen = one;
      replace(told, html('b', {}, one.name), ': ', columns.map((name, k) => [k ? ', ' : '', `${cut(name, 20)} `, html('span', { class: 'number value' }, show(numberAt(one.unit, k), 4))]));
    };
    return before => {
      if (before.version === state.version && before.t === state.t) return;
      const largest = Math.max(...rows.flatMap(({ unit }) => columns.map((_, k) => Math.abs(numberAt(unit, k)))).filter(Number.isFinite), 1e-300);
      const count = { dead: 0, saturated: 0 };
      for (const { unit, cells, row } of rows) {
        const slopes = columns.map((_, k) => Math.abs(slopeAt(unit, k))), steepest = { sigmoid: 0.25 }[unit.activation] ?? 1;
        const what = slopes.every(s => s === 0) ? 'dead' : ['sigmoid', 'tanh', 'softplus', 'silu', 'gelu'].includes(unit.activation) && slopes.every(s => s < 1e-3 * steepest) ? 'saturated' : '';
        if (what) count[what]++;
        row.lastChild.textContent = what;
        row.className = what;
        cells.forEach((cell, k) => {
          const x = numberAt(unit, k);
          cell.textContent = Number.isNaN(x) ? '' : slopes[k] === 0 ? '\u00d7' : x < 0 ? '\u2212' : '';
          cell.title = Number.isNaN(x) ? '' : `${columns[k]}: ${show(x, 4)}`;
          cell.style.setProperty('--heat', `${Math.round(Math.min(Math.abs(x) / largest, 1) * 70) || 0}%`);
        });
      }
      const says = Object.entries(count).filter(([, n]) => n).map(([what, n]) => `${plural(n, 'unit')} ${n === 1 ? 'is' : 'are'} ${what} for every row`);
      replace(summary, says.length ? html('b', { class: 'warn' }, `! ${says.join(', ')}.`) : 'No unit is dead or saturated for every row.');
      if (chosen) tell(chosen);
    };
  });
}
