// The chain rule of the selected node: each path as factors, their product, the sum of all, and the sum over uses.

const mi = text => math('mi', { mathvariant: 'normal' }, text);
const mo = text => math('mo', {}, text);
const derivative = (top, bottom) => math('mfrac', {},
  ...[top, bottom].map(i => math('mrow', {}, mo('\u2202'), mi(cutName(tape.name(i), 24)))));
const fraction = (top, bottom) => math('math', { displaystyle: 'true' }, derivative(top, bottom));

// Whether exactly one path leads from a node down to another by nodes without a label: only then is its
// product the derivative of the one with respect to the other.
const onlyRuns = new Map();
function isOnlyRun(top, bottom) {
  const key = `${top} ${bottom}`;
  if (!onlyRuns.has(key)) {
    const ways = new Map([[bottom, 1]]);
    for (let i = bottom + 1; i <= top; i++) {
      if (i !== top && tape.label(i)) continue;
      const below = tape.operands[i].reduce((sum, o) => sum + (ways.get(o) ?? 0), 0);
      if (below) ways.set(i, below);
    }
    onlyRuns.set(key, ways.get(top) === 1);
  }
  return onlyRuns.get(key);
}

// What edges multiply to; an edge that is blocked lets nothing through, whatever the others are.
const multiplied = edges => (edges.some(([user, which]) => blocks(user, tape.partials[user][which])) ? 0
  : edges.reduce((product, [user, which]) => product * tape.partials[user][which], 1));

// A path as factors. Nodes without a label are passed over where they are all that is between two labels,
// unless every step is asked for. Of very many factors a dozen stand at each end, the others are one.
const DOZEN = 12;
function factors({ nodes, which }) {
  const end = nodes.length - 1;
  const labelled = k => k === 0 || k === end || Boolean(tape.label(nodes[k]));
  const contracts = !state.full && nodes.some((_, k) => k > 0 && k < end && labelled(k));
  const stops = [0];
  for (let k = 1; k <= end; k++) {
    if (contracts && !labelled(k)) continue;
    const from = stops.at(-1);
    if (k - from > 1 && !isOnlyRun(nodes[from], nodes[k])) for (let j = from + 1; j < k; j++) stops.push(j);
    stops.push(k);
  }
  const between = (from, to, count = 1) => {
    const edges = which.slice(from, to).map((operand, k) => [nodes[from + k], operand]);
    return { top: nodes[from], bottom: nodes[to], edges, count, product: multiplied(edges) };
  };
  const each = (first, last) => stops.slice(first, last).map((stop, k) => between(stop, stops[first + k + 1]));
  const count = stops.length - 1, left = count - 2 * DOZEN;
  return left <= 1 ? each(0, count)
    : [...each(0, DOZEN), between(stops[DOZEN], stops[count - DOZEN], left), ...each(count - DOZEN, count)];
}

// A form with `write` of its operands in its places, and parentheses where one would be read apart, as in
// src/op/express.rs: the local partial of an edge in names or in numbers.
const isWord = text => (/^\d/.test(text) ? /^[\d.]+$/ : /^[\p{Alphabetic}\d\u2080-\u2089\u2068\u2069_%.'[\]]*$/u).test(text);
const isNumber = text => /^\u2212?(\d[\d.]*(e\u2212?\d+)?|inf|NaN)$/.test(text);
function guarded(text, before, after) {
  const alone = !before && !after, enclosed = before.endsWith('(') && after.startsWith(')');
  const begins = !before || /(\(|if |else |< |> |= )$/.test(before);
  return alone || enclosed || (begins && !/^[\u00b2^]/.test(after) && isNumber(text)) || isWord(text) ? text : `(${text})`;
}
function partialText(i, which, write) {
  const { partials: forms = [], bias, name } = tape.op(i), operands = tape.operands[i];
  const each = Math.max(forms.length - (bias ? 1 : 0), 1), term = Math.floor(which / each);
  const form = forms[bias && which + 1 === operands.length ? each : which % each];
  if (form === undefined) return '';
  const [x, y, z] = operands.slice(term * each, term * each + 3).map(write), [c, d] = tape.constants(i).slice(term, term + 2).map(c => show(c));
  const values = { x, y, z, c, d, r: write(i) };
  const [first, ...rest] = form.replaceAll(' * ', ' \u00b7 ').replaceAll('-', '\u2212').split('{');
  return rest.reduce((text, part) => {
    const [place, after] = part.split('}');
    return text + (place === 'name' ? name : values[place] === undefined ? place : guarded(values[place], text, after)) + after;
  }, first);
}
// The local rule of a factor in names and in numbers, where it says more than the number; of several operations the
// product. A zero keeps its sign where that decides.
function rule(edges) {
  const text = (write, single) => edges.map(([user, which]) => partialText(user, which, write) || term(tape.partials[user][which]))
    .filter((part, _, all) => all.length === 1 || part !== '1')
    .map((part, _, all) => (single || all.length === 1 || isWord(part) || /^[\w.]+\([^()]*\)$/.test(part) ? part : `(${part})`)).join(' \u00b7 ');
  if (edges.length > 6) return ['', ''];
  const names = text(tape.name, edges.length === 1), numbers = text(i => show(tape.value[i] + (edges.every(([i, k]) => Number.isFinite(tape.partials[i][k])) ? 0 : -0)), edges.length === 1);
  return /^[\d.\u2212()\u00b7 e]*$/.test(names) ? ['', ''] : [names, numbers === names || isNumber(numbers.replace(/^\((.*)\)$/, '$1')) ? '' : numbers];
}

// One piece of a product: a sign, what it is, and below it the number.
const piece = (sign, what, number, below = sign) => html('span', { class: 'piece' },
  html('span', {}, sign), html('span', {}, what), number !== null && [html('span', {}, below), html('span', { class: 'number' }, number)]);
const edgesText = edges => edges.slice(0, 500).map(edge => edge.join(':')).join(' ');
// A factor lights its edges everywhere, and selects its lower node.
function factorPiece(sign, { top, bottom, edges, count, product }) {
  if (count > 1) return piece(sign, html('span', { class: 'soft' }, `\u2026 ${plural(count, 'more factor')}`), term(product));
  const [names, numbers] = edges.length ? rule(edges) : ['', ''];
  const says = `\u2202${tape.name(top)}/\u2202${tape.name(bottom)} = ${show(product + 0)}${names && `, by ${names}`}`;
  const part = html('button', { type: 'button', class: 'factor', title: says, 'data-edges': edgesText(edges), tabindex: -1, onclick: () => select(bottom) },
    fraction(top, bottom), html('span', { class: 'number' }, term(product)),
    names && html('small', {}, cut(names, 44)), numbers && html('small', { class: 'number' }, `= ${cut(numbers, 44)}`));
  return html('span', { class: 'piece' }, html('span', {}, sign), part, html('span', {}, sign));
}

// Rows of a sum: each a list of factors and what it adds; then all that is not shown, as one, with a button that shows
// it. `left` stands beside the first row.
function sumRows(left, rows, rest, noun, unfold) {
  const sign = k => (k ? '+' : '=');
  const line = (k, kind, ...children) => [html('span', {}, k ? '' : left), html('div', { class: kind }, ...children)];
  const lines = rows.map(({ parts, count = 1, adds }, k) => {
    const pieces = [...parts.map((part, j) => factorPiece(j ? '\u00b7' : sign(k), part)), ...(count > 1 ? [piece('\u00b7', `${show(count)} equal paths`, show(count))] : [])];
    if (!pieces.length) return line(k, 'path', piece(sign(k), '', '1'));
    // The product stays beside the last factor.
    const last = pieces.pop();
    return line(k, 'path', pieces, html('span', { class: 'last' }, last, pieces.length > 0 && piece('', '', show(adds + 0), '=')));
  });
  if (rest) {
    lines.push(line(rows.length, 'path rest',
      piece(sign(rows.length), html('span', {}, `\u2026 ${show(rest.count, 4)} more ${noun}${rest.count === 1 ? '' : 's'} `), null),
      piece('=', html('span', { class: 'number' }, show(rest.adds + 0)), null),
      rest.more > 0 && button(`show ${rest.more} more`, `Show ${rest.more} more ${noun}s`, unfold)));
  }
  return html('div', { class: 'sum rule' }, lines);
}

// What one node does, with the partials of its operands.
function localRule(i) {
  if (tape.isLeaf(i)) return null;
  const shown = tape.operands[i].slice(0, 6), more = tape.operands[i].length - shown.length;
  return [
    html('h3', {}, 'What it does'),
    html('p', {}, html('b', {}, tape.name(i)), ` = ${tape.inNames(i)} = `, html('span', { class: 'number' }, tape.inNumbers(i)), ' = ',
      html('b', { class: 'number value' }, show(tape.value[i]))),
    html('div', { class: 'sum rule' }, html('span'), html('div', { class: 'path' },
      shown.map((o, which) => factorPiece('', { top: i, bottom: o, edges: [[i, which]], count: 1, product: tape.partials[i][which] })),
      more > 0 && html('span', { class: 'soft' }, `and ${more} more`))),
  ];
}

// Who uses the node: the sum that the sweep makes. An adjoint of 0 flows only through a node that is connected.
function throughUsers(i, most, unfold) {
  const sent = ({ user, which }) => {
    const adjoint = tape.adjoint[user], partial = tape.partials[user][which];
    return (adjoint !== 0 || tape.reach(user) === 'c') && !blocks(user, partial) ? adjoint * partial : 0;
  };
  const users = tape.uses(i).filter(({ user }) => tape.connected(user));
  if (!users.length) return null;
  const hidden = users.slice(most), rows = users.slice(0, most).map(use => ({
    parts: [
      { top: data.output, bottom: use.user, edges: [], count: 1, product: tape.adjoint[use.user] },
      { top: use.user, bottom: i, edges: [[use.user, use.which]], count: 1, product: tape.partials[use.user][use.which] },
    ],
    adds: sent(use),
  }));
  const rest = hidden.length ? { count: hidden.length, adds: hidden.reduce((sum, use) => sum + sent(use), 0), more: Math.min(hidden.length, 200) } : null;
  return [html('h3', {}, 'As the sweep adds it up: through each use'), sumRows(fraction(data.output, i), rows, rest, 'use', unfold)];
}

function verdict(found) {
  const sum = html('span', { class: 'number' }, show(found.sum + 0, 10));
  const adjoint = html('b', { class: 'number adjoint' }, show(found.adjoint + 0, 10));
  if (found.all) {
    const neither = Number.isNaN(found.sum) && Number.isNaN(found.adjoint);
    return html('p', { class: 'verdict' },
      neither ? null : found.agrees ? html('span', { class: 'tick' }, '\u2713 ') : html('span', { class: 'cross' }, '\u2717 '),
      'Sum of the products: ', sum, '. Adjoint of the sweep: ', adjoint, '. ',
      neither ? 'Neither is a number.' : found.agrees ? 'They agree.' : `They differ by ${show(Math.abs(found.sum - found.adjoint), 3)}.`);
  }
  const listed = found.listed.reduce((sum, { count }) => sum + count, 0);
  return html('p', { class: 'verdict' },
    `The largest ${show(listed, 4)} of ${show(found.count, 4)} paths sum to `, sum, '; the other ', show(found.count - listed, 4),
    ' contribute the remainder ', html('span', { class: 'number' }, show(found.remainder + 0, 10)),
    '. Together: ', adjoint, ', the adjoint of the sweep.');
}

// What the paths add, end to end: positive ones to the right from 0, then negative ones back from there to the adjoint.
function bar(rows, rest) {
  const pieces = [...rows.map(row => ({ adds: row.adds, edges: row.edges, says: row.says })),
    ...(rest ? [{ adds: rest.adds, edges: [], says: `${show(rest.count, 4)} more paths`, kind: 'rest' }] : [])];
  const sum = list => list.reduce((sum, { adds }) => sum + adds, 0);
  const plus = pieces.filter(({ adds }) => adds > 0), minus = pieces.filter(({ adds }) => adds < 0);
  const high = sum(plus), low = Math.min(0, high + sum(minus)), span = high - low;
  if (pieces.length < 2 || !(span > 0) || !Number.isFinite(span)) return null;
  const signed = x => `${x < 0 ? '\u2212' : '+'}${show(Math.abs(x), 4)}`;
  const lane = (list, from) => html('div', { class: 'lane' }, list.map(({ adds, edges, says, kind = '' }) => {
    const [left, wide] = [Math.min(from, from + adds) - low, Math.abs(adds)].map(x => 100 * x / span);
    from += adds;
    return html('span', {
      class: `add ${adds < 0 ? 'minus' : 'plus'} ${kind}`, style: `left: ${left.toFixed(3)}%; width: ${wide.toFixed(3)}%`,
      title: `${says}: ${signed(adds)}`, 'data-edges': edgesText(edges),
    }, wide > 8 ? signed(adds) : '');
  }));
  const at = (x, text) => html('span', { class: `mark-at ${x - low > 0.8 * span ? 'before' : ''}`, style: `left: ${(100 * (x - low) / span).toFixed(3)}%` }, text);
  const total = high + sum(minus);
  return html('div', { class: 'bar', role: 'img', 'aria-label': `${pieces.map(({ adds }) => signed(adds)).join(' ')} = ${show(total)}` },
    lane(plus, 0), minus.length ? lane(minus, high) : null, html('div', { class: 'lane marks' }, at(0, '0'), at(total, `= ${show(total, 4)}`)));
}

const SPELLED = 12;
function chainPanel() {
  if (!tape.count) return;
  panel('chain', 'The chain rule', '', (section, head) => {
    const full = html('input', { type: 'checkbox', id: 'full', onchange: event => set({ full: event.target.checked ? 1 : 0 }) });
    const along = (text, says, file, write) => button(text, says, () => take(`The chain rule of ${tape.name(state.sel)}`, file, write(state.sel)));
    head.append(...(hasStory() ? [] : [leafEditor()]), html('label', { class: 'check' }, full, 'every step'),
      html('div', { class: 'buttons' }, along('text', 'Take the chain rule along as text', 'chain-rule.txt', chainText), along('LaTeX', 'Take the chain rule along as LaTeX', 'chain-rule.tex', chainLatex)));
    const body = html('div', { class: 'chain', 'aria-live': 'polite' });
    section.append(body);
    let most = SPELLED, uses = SPELLED;
    function draw() {
      const i = state.sel, found = paths.of(i);
      Object.assign(section.dataset, {
        node: tape.rawName(i), paths: found.count, listed: found.listed.reduce((sum, { count }) => sum + count, 0), sum: digits(found.sum, 17),
        remainder: digits(found.remainder, 17), adjoint: digits(found.adjoint, 17), agrees: found.agrees ? 1 : 0,
      });
      head.querySelector('h2').textContent = `The chain rule: ${cutName(tape.name(i), 40)}`;
      if (!tape.connected(i)) {
        const why = data.output === null ? 'The output is a constant.' : `No path leads from it to ${tape.name(data.output)}.`;
        replace(body, html('p', {}, `Not connected. ${why}`), localRule(i));
        return;
      }
      const { rows, rest } = found.shown(most);
      const lines = rows.map(path => ({ ...path, parts: factors(path) }));
      replace(body,
        html('p', {}, 'How does ', html('b', {}, tape.name(data.output)), ' move with ', html('b', {}, tape.name(i)), '? ',
          found.count === 1 ? 'By one path: multiply along it.' : `By ${show(found.count, 4)} paths: multiply along each, then add up.`),
        tape.reach(i) === 'b' && html('p', { class: 'warn' }, 'Blocked: paths lead to the output, but on each an operation is constant here.'),
        sumRows(fraction(data.output, i), lines, rest, 'path', () => (most = Infinity, draw(), set({}))),
        bar(lines.map(({ adds, parts, count }) => ({
          adds, edges: parts.flatMap(part => part.edges), says: `by ${parts.length > 1 ? tape.name(parts[0].bottom) : tape.name(i)}${count > 1 ? `, ${show(count)} equal paths` : ''}`,
        })), rest),
        verdict(found),
        found.count > 1 && i !== data.output ? throughUsers(i, uses, () => (uses += 200, draw(), set({}))) : null,
        localRule(i));
    }
    return before => {
      if (before.sel === state.sel && before.full === state.full && before.version === state.version) return;
      full.checked = Boolean(state.full);
      if (before.sel !== state.sel) most = uses = SPELLED;
      draw();
    };
  });
}
