// The chain rule of the selected node: symbols, numbers, each path's product, their sum.

const mi = text => math('mi', { mathvariant: 'normal' }, text);
const mo = text => math('mo', {}, text);
const mn = (x, n = 5) => math('mrow', {}, x < 0 || Object.is(x, -0) ? [mo('('), math('mn', {}, show(x, n)), mo(')')] : math('mn', {}, show(x, n)));
const fraction = (top, bottom) =>
  math('mfrac', {}, math('mrow', {}, mo('\u2202'), mi(cut(tape.name(top), 24))), math('mrow', {}, mo('\u2202'), mi(cut(tape.name(bottom), 24))));
const between = (parts, sign) => parts.flatMap((part, k) => (k ? [mo(sign), part] : [part]));

// Whether exactly one path leads from a node down to another by nodes without a label: only then is its
// product the derivative of the one with respect to the other.
const onlyRuns = new Map();
function isOnlyRun(top, bottom) {
  const key = `${top} ${bottom}`;
  if (!onlyRuns.has(key)) {
    const ways = new Map([[bottom, 1]]);
    for (let i = bottom + 1; i <= top; i++) {
      if (i !== top && tape.label(i) !== undefined) continue;
      const below = tape.operands[i].reduce((sum, o) => sum + (ways.get(o) ?? 0), 0);
      if (below) ways.set(i, below);
    }
    onlyRuns.set(key, ways.get(top) === 1);
  }
  return onlyRuns.get(key);
}

// A path as factors. Nodes without a label are passed over where they are all that is between two labels,
// unless every step is asked for.
function factors({ nodes, which }) {
  const end = nodes.length - 1;
  const labelled = k => k === 0 || k === end || tape.label(nodes[k]) !== undefined;
  const contracts = !state.full && nodes.some((_, k) => k > 0 && k < end && labelled(k));
  const stops = [0];
  for (let k = 1; k <= end; k++) {
    if (contracts && !labelled(k)) continue;
    const from = stops.at(-1);
    if (k - from > 1 && !isOnlyRun(nodes[from], nodes[k])) for (let j = from + 1; j < k; j++) stops.push(j);
    stops.push(k);
  }
  return stops.slice(1).map((stop, k) => {
    let product = 1;
    for (let at = stops[k]; at < stop; at++) if (product !== 0) product *= tape.partials[nodes[at]][which[at]];
    return { top: nodes[stops[k]], bottom: nodes[stop], product };
  });
}

const LONG = matchMedia('(max-width: 46rem)').matches ? 1 : 3;
function pathRows(found, shown) {
  return found.listed.slice(0, shown).flatMap((path, k) => {
    const parts = factors(path), sign = mo(k ? '+' : '=');
    const cell = (...children) => math('mtd', { style: 'text-align: left' }, ...children);
    if (!parts.length) return [math('mtr', {}, cell(sign), cell(math('mn', {}, '1')), cell(), cell())];
    const symbols = math('mrow', {}, ...between(parts.map(p => fraction(p.top, p.bottom)), '\u00b7'));
    const numbers = math('mrow', {}, ...between(parts.map(p => mn(p.product)), '\u00b7'));
    const product = math('mn', {}, show(path.product));
    // A long path takes two rows: its numbers stand below its symbols.
    return parts.length <= LONG
      ? [math('mtr', {}, cell(sign), cell(symbols), cell(mo('='), numbers), cell(mo('='), product))]
      : [math('mtr', {}, cell(sign), cell(symbols), cell(), cell()),
        math('mtr', {}, cell(), cell(mo('='), numbers), cell(), cell(mo('='), product))];
  });
}

// What one node does, with the partials of its operands.
function localRule(i) {
  if (tape.isLeaf(i)) return null;
  const op = tape.op(i), shown = tape.operands[i].slice(0, 6);
  const lines = shown.map((o, which) => math('math', { display: 'inline' },
    fraction(i, o), mo('='), symbolic(op, i, which), math('mn', {}, show(tape.partials[i][which]))));
  const more = tape.operands[i].length - shown.length;
  return html('div', { class: 'local' },
    html('p', {}, html('b', {}, tape.name(i)), ` = ${tape.inNames(i)} = `, html('span', { class: 'number' }, tape.inNumbers(i)), ' = ',
      html('b', { class: 'number value' }, show(tape.value[i]))),
    html('div', { class: 'buttons rule' }, ...lines.map(line => html('span', {}, line, '\u2003')), more > 0 && html('span', { class: 'soft' }, `and ${more} more`)));
}

// The partial as a formula, if it says more than the number.
function symbolic(op, i, which) {
  const text = partialForm(op, i, which);
  return text === null || /^\u2212?[\d.]+$/.test(text) ? null : math('mrow', {}, mi(text), mo('='));
}

function partialForm(op, i, which) {
  const form = op.kind === 'few' ? op.partials[which] : null;
  if (!form) return null;
  // A name of several words stands in parentheses, unless it is the whole formula.
  const guarded = name => (/^\{.\}$/.test(form) || /^[\w%.\u005b\u005d]+$/.test(name) ? name : `(${name})`);
  const of = tape.operands[i].map(o => guarded(tape.name(o))), constants = tape.constants(i).map(c => guarded(show(c)));
  const text = tape.fill(form, { x: of[0], y: of[1], z: of[2], r: guarded(tape.name(i)), c: constants[0], d: constants[1] });
  return text.replaceAll(' * ', ' \u00b7 ').replaceAll('-', '\u2212');
}

// Who uses the node: the sum that the sweep makes.
function throughUsers(i) {
  const users = tape.uses(i).filter(({ user }) => tape.connected(user));
  if (!users.length) return null;
  // The sweep leaves out a user whose adjoint is 0, so 0 times an infinite partial is 0.
  const sent = ({ user, which }) => (tape.adjoint[user] === 0 ? 0 : tape.adjoint[user] * tape.partials[user][which]);
  const rows = users.slice(0, 12).map(({ user, which }, k) => math('mtr', {},
    math('mtd', {}, mo(k ? '+' : '=')),
    math('mtd', { style: 'text-align: left' }, fraction(data.output, user), mo('\u00b7'), fraction(user, i)),
    math('mtd', { style: 'text-align: left' }, mo('='), mn(tape.adjoint[user]), mo('\u00b7'), mn(tape.partials[user][which])),
    math('mtd', { style: 'text-align: left' }, mo('='), math('mn', {}, show(sent({ user, which }))))));
  const more = users.length - rows.length;
  return [
    html('h3', {}, 'As the sweep adds it up: through each use'),
    html('div', { class: 'rule' }, math('math', { display: 'block', style: 'text-align: left' }, math('mtable', { class: 'paths', displaystyle: 'true' }, ...rows))),
    more > 0 && html('p', { class: 'soft' }, `and ${plural(more, 'more use')}`),
  ];
}

function verdict(found, i) {
  const sum = html('span', { class: 'number' }, show(found.sum, 10));
  const adjoint = html('b', { class: 'number adjoint' }, show(found.adjoint, 10));
  if (found.all) {
    return html('p', { class: 'verdict' },
      found.agrees ? html('span', { class: 'tick' }, '\u2713 ') : html('span', { class: 'cross' }, '\u2717 '),
      'Sum of the products: ', sum, '. Adjoint of the sweep: ', adjoint, '. ',
      found.agrees ? 'They agree.' : `They differ by ${show(Math.abs(found.sum - found.adjoint), 3)}.`);
  }
  const rest = found.count - found.listed.length;
  return html('p', { class: 'verdict' },
    `The largest ${found.listed.length} of ${show(found.count, 4)} paths sum to `, sum, '; the other ', show(rest, 4),
    ' contribute the remainder ', html('span', { class: 'number' }, show(found.remainder, 10)),
    '. Together: ', adjoint, ', the adjoint of the sweep.');
}

function chainPanel() {
  if (!tape.count) return;
  panel('chain', 'The chain rule', '', (section, head) => {
    const full = html('input', { type: 'checkbox', id: 'full', onchange: event => set({ full: event.target.checked ? 1 : 0 }) });
    head.append(...(hasStory() ? [] : [leafEditor()]), html('label', { class: 'check' }, full, 'every step'));
    const body = html('div', { class: 'chain', 'aria-live': 'polite' });
    section.append(body);
    return before => {
      if (before.sel === state.sel && before.full === state.full && before.version === state.version) return;
      full.checked = Boolean(state.full);
      const i = state.sel, found = paths.of(i), shown = 12;
      Object.assign(section.dataset, {
        node: tape.name(i), paths: found.count, listed: found.listed.length, sum: digits(found.sum, 17),
        remainder: digits(found.remainder, 17), adjoint: digits(found.adjoint, 17), agrees: found.agrees ? 1 : 0,
      });
      head.querySelector('h2').textContent = `The chain rule: ${cut(tape.name(i), 40)}`;
      if (!tape.connected(i)) {
        const why = data.output === null ? 'The output is a constant.' : `No path leads from it to ${tape.name(data.output)}.`;
        replace(body, html('p', {}, `Not connected. ${why}`), localRule(i));
        return;
      }
      const blocked = tape.reach(i) === 'b'
        ? html('p', { class: 'warn' }, 'Blocked: paths lead to the output, but on each an operation is constant here.') : null;
      const hidden = found.listed.length - shown;
      replace(body,
        html('p', {}, 'How does ', html('b', {}, tape.name(data.output)), ' move with ', html('b', {}, tape.name(i)), '? ',
          found.count === 1 ? 'By one path: multiply along it.' : `By ${show(found.count, 4)} paths: multiply along each, then add up.`),
        blocked,
        html('div', { class: 'rule' },
          math('math', { display: 'block', style: 'text-align: left' },
            math('mrow', {}, fraction(data.output, i)),
            math('mtable', { class: 'paths', displaystyle: 'true' }, ...pathRows(found, shown)))),
        hidden > 0 && html('p', { class: 'soft' }, `and ${plural(hidden, 'more path')} in the list`),
        verdict(found, i),
        found.count > 1 && i !== data.output ? throughUsers(i) : null,
        localRule(i) && html('h3', {}, 'What it does'),
        localRule(i));
    };
  });
}
