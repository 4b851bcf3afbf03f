// Findings, the gradient check, statistics, and what everything here means.

// How many findings there are, as a way to them.
function findingsBadge() {
  const count = data.findings.length, gravest = data.findings[0]?.severity ?? '';
  const go = () => document.getElementById('findings').scrollIntoView();
  const text = count ? [html('span', { 'aria-hidden': 'true' }, '! '), plural(count, 'finding')] : [html('span', { 'aria-hidden': 'true' }, '\u2713 '), 'no findings'];
  return html('button', { type: 'button', id: 'badge', class: gravest, onclick: go }, text);
}

function findingsPanel() {
  panel('findings', 'Findings', isBad ? '' : data.check ? 'five' : 'half', section => {
    if (!data.findings.length) {
      section.append(html('p', {}, html('span', { class: 'tick' }, '\u2713 '), `Nothing stands out: values and adjoints are finite, and the parameters are connected${data.runs.length ? '; the descent falls' : ''}.`));
      return;
    }
    section.append(html('ul', { class: 'findings' }, data.findings.map(finding => html('li', { class: finding.severity, 'data-code': finding.code },
      html('p', {}, html('b', { class: { error: 'bad', warning: 'warn' }[finding.severity] ?? 'soft' }, finding.severity), ' ', html('span', { class: 'code soft' }, finding.code), ': ', said(finding.message),
        finding.node != null && [' ', button('show', `Show ${tape.name(finding.node)}`, () => showAt(finding.node, stepOf(finding)))],
        finding.step != null && [' ', button(`step ${finding.step}`, `Show step ${finding.step}`, () => set({ run: finding.run, step: finding.step }))]),
      finding.evidence && html('p', { class: 'number soft' }, said(finding.evidence)),
      finding.advice && html('p', { class: 'soft' }, 'Try: ', said(finding.advice)),
      trail(finding)))));
  });
}

// Select a node, at a step, where it is drawn.
function showAt(node, t) {
  tapePlayer.stop();
  set({ sel: node, t, in: innermost(node) });
  document.getElementById('graph')?.scrollIntoView({ block: 'nearest' });
}

// From where a number was lost to the output: what it spoiled on the way, or for an adjoint how the sweep came there.
function trail({ node, code }) {
  const isValue = /^non-finite-(value|leaf)$/.test(code), { output } = data;
  if (node == null || output === null || !(isValue || code === 'non-finite-adjoint')) return null;
  const next = new Map(), leads = o => (isValue ? !fine(tape.value[o]) : tape.connected(o));
  for (let i = output; i > node; i--) {
    if (i !== output && !next.has(i)) continue;
    for (const o of tape.operands[i]) if (!next.has(o) && leads(o)) next.set(o, i);
  }
  const way = [node];
  while (next.has(way.at(-1))) way.push(next.get(way.at(-1)));
  if (way.length < 2) return null;
  const step = i => html('button', { type: 'button', class: 'plain', onclick: () => showAt(i, isValue ? i : tape.complete[i]) }, tape.name(i));
  const [SHOWN, LAST] = [7, 4], hidden = way.length - SHOWN - LAST;
  const parts = hidden > 1 ? [...way.slice(0, SHOWN).map(step), `${hidden} more`, ...way.slice(-LAST).map(step)] : way.map(step);
  return html('p', { class: 'trail' }, `From there to ${tape.name(output)}: `, parts.map((part, k) => [k ? ' \u2192 ' : '', part]));
}

function checkPanel() {
  const check = data.check;
  if (!check) return;
  panel('check', 'The gradient, checked', 'seven tall', section => {
    const claims = check.inputs.some(input => input.claimed != null);
    const columns = ['input', 'value', ...(claims ? ['claimed'] : []), 'reverse sweep', 'forward sweep', 'central difference', '\u00b1', 'verdict'];
    section.append(
      html('p', {}, check.confirmed ? html('span', { class: 'tick' }, '\u2713 ') : html('span', { class: 'cross' }, '\u2717 '), check.verdict, '.'),
      html('div', { class: 'scroll rows' }, html('table', {},
        html('thead', {}, html('tr', {}, columns.map((column, c) => html('th', { scope: 'col', class: c && column ? 'number' : '' }, column)))),
        html('tbody', {}, check.inputs.map(input => html('tr', {},
          html('td', {}, cut(input.name, 24)), html('td', { class: 'number' }, show(real(input.x))),
          claims && html('td', { class: 'number' }, input.claimed == null ? '' : show(real(input.claimed))),
          html('td', { class: 'number adjoint' }, show(real(input.reverse), 9)), html('td', { class: 'number' }, show(real(input.forward), 9)),
          html('td', { class: 'number' }, input.difference == null ? '' : show(real(input.difference.value), 9)),
          html('td', { class: 'number soft' }, input.difference == null ? '' : show(real(input.difference.uncertainty), 2)),
          html('td', { class: input.kind === 'agree' ? 'good' : 'bad' }, `${input.kind === 'agree' ? '\u2713' : '\u2717'} ${input.finding}`)))))));
    remainders(section, check);
  });
}

// The third referee as a picture: log against log, a right gradient falls twice as steeply as a wrong one.
function remainders(section, check) {
  const points = check.remainders.map(r => [real(r.step), real(r.value)]).filter(([h, r]) => h > 0 && r > 0);
  if (points.length < 2) return;
  const logs = points.map(([h, r]) => [Math.log10(h), Math.log10(r)]);
  const chart = plot({
    x: range([logs.map(p => p[0])]), y: range([logs.map(p => p[1])]), height: 230, xTitle: 'log\u2081\u2080 of the step h', yTitle: 'log\u2081\u2080 of the remainder',
    says: 'The Taylor remainder against the step, both logarithmic',
  });
  const [h, r] = logs[0], end = logs.at(-1)[0];
  chart.line([[h, r], [end, r + 2 * (end - h)]], 'curve residual');
  chart.line([[h, r], [end, r + (end - h)]], 'curve residual older');
  chart.line(logs, 'curve pink');
  for (const [a, b] of logs) chart.dot(a, b, 3.5, 'here');
  section.append(html('h3', {}, 'The Taylor remainder'), chart.root, html('p', { class: 'soft' },
    'Pink: |f(x + hv) \u2212 f(x) \u2212 h g\u00b7v|. Dashed: the fall of a right gradient, h\u00b2; faint: that of a wrong one, h. Where rounding is reached, the line flattens.'));
}

// What changed since another report, or by the passes of a program: a sign for each kind, and the listings below.
const CHANGES = { removed: ['\u2212', 'bad'], added: ['+', 'good'], changed: ['~', 'warn'] };
function comparedPanel() {
  if (!data.compared.length) return;
  panel('compared', 'What changed', '', section => {
    const listings = data.compared.filter(([what]) => what.startsWith('listing')), lines = data.compared.filter(([what]) => !what.startsWith('listing'));
    section.append(html('div', { class: 'scroll rows' }, html('table', {}, html('tbody', {}, lines.slice(0, 400).map(([what, text]) => {
      const [sign, kind] = CHANGES[what] ?? ['', 'soft'];
      return html('tr', { class: CHANGES[what] ? '' : 'lead' }, html('td', { class: kind }, `${sign} ${what}`), html('td', { class: 'number', style: 'text-align: left; white-space: pre-wrap' }, html('bdi', {}, text.replaceAll('`', ''))));
    })))),
    lines.length > 400 ? html('p', { class: 'soft' }, `and ${lines.length - 400} more`) : '',
    html('div', { class: 'two' }, listings.map(([what, lines]) => html('details', { open: lines.length < 100 }, html('summary', {}, what), html('pre', { class: 'scroll number' }, [lines].flat().join('\n'))))));
  });
}

function statisticsPanel() {
  panel('statistics', 'Statistics', data.check ? 'five' : isBad ? '' : 'half', section => {
    const rows = [...data.statistics, ...data.facts];
    section.append(html('div', { class: 'scroll' }, html('table', {}, html('tbody', {}, rows.map(([name, value]) =>
      html('tr', {}, html('td', {}, name.replaceAll('`', '')), html('td', { class: 'number' }, value)))))));
    if (data.guards.length) {
      section.append(html('h3', {}, 'Comparisons made while recording'),
        html('ul', {}, data.guards.slice(0, 20).map(guard => html('li', { class: 'number' }, guardText(guard)))));
      if (data.guards.length > 20) section.append(html('p', { class: 'soft' }, `and ${data.guards.length - 20} more`));
    }
  });
}

const ABOUT = [
  ['value', 'What a node computes, going forwards through the tape.', 'value'],
  ['\u2202, adjoint', 'The slope of the output with respect to the node: how fast the output moves when the node does. The sweep computes it going backwards; it is complete when every use of the node has been looked at, and until then nothing is shown.', 'adjoint'],
  ['partial', 'How fast one node moves with one of its operands. The chain rule multiplies partials along a path and adds the paths up.'],
  ['not connected', 'No path leads from the node to the output.'],
  ['0, blocked', 'Paths lead there, but on each an operation is constant at this point, as a relu below 0.'],
  ['0, at a kink', 'Paths lead there, but through an operation at its kink, as |x| at 0: the slope jumps there, and 0 is a convention.'],
  ['0', 'A true zero: the slope vanishes here, or the paths cancel.'],
  ['boxes', 'Round ends: an input. Dark frame: the output. Yellow, with a thick frame: the present step. Violet, with its name underlined: selected. Dotted frame: not computed yet. Red: not finite, all over where it began. Pale: the output does not use it.'],
  ['lines', 'Violet, or brown with a minus sign: on a path from the selected node to the output, as wide as its share of the slope. In use at this step: with the product it carries. Dashed: nothing passes, for the operation is constant at this point, or at a kink.'],
];
const ABOUT_FIT = [
  ['blue, orange', 'Each hidden unit\u2019s curve, bent by its activation and scaled by its weight.'],
  ['green', 'Dotted: the curves added up. Solid: shifted by the last bias; this is what the network predicts. Faint: earlier steps.'],
  ['dashed', 'The residuals, observed \u2212 predicted. Squared and added up they are the SSR.'],
  ['pink', 'The loss against one parameter, all others held. The dark line touches it: its slope is the derivative, and the step goes against it.'],
];
const KEYBOARD = [['\u2192 \u2190', 'one step on, one back'], ['space', 'play, pause'], ['Home End', 'first step, last step'], ['/', 'search for a node'], ['Tab', 'from control to control; Enter selects a node']];

function aboutPanel() {
  panel('about', 'About this page', '', section => {
    const rows = [...ABOUT, ...(data.runs.some(run => run.curves) ? ABOUT_FIT : [])];
    section.append(
      html('dl', { class: 'about' }, rows.map(([term, text, kind]) => [html('dt', { class: kind ?? '' }, term), html('dd', {}, text)])),
      html('h3', {}, 'Keys'),
      html('p', {}, KEYBOARD.flatMap(([keys, does], k) => [k ? '; ' : '', keys.split(' ').map(key => [html('kbd', {}, key), ' ']), does])),
      html('p', { class: 'soft' }, 'The address holds the state: copy it to show somebody this very step. The page is one file, needs no network and sends nothing.'));
  });
}
