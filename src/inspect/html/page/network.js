// The network that made the tape: units with the curves of their activations, links as wide as their weights. What is
// large enough shows its numbers; of all others they stand in the line below, for what is pointed at, focused or selected.

// The activation of a unit as a function: the row of its operation, which is on the page if the tape has it.
const curveOf = unit => (Object.hasOwn(ROWS, unit.activation) ? x => ROWS[unit.activation][0](x, 0.01) : null);

// The sizes of a unit, from the one that shows most: how many fit below each other, what of it is text.
const SHAPES = [
  { rows: 2, w: 118, h: 108, below: 42, gap: 116, lines: 3 },
  { rows: 2, w: 88, h: 108, below: 42, gap: 26, lines: 3 },
  { rows: 5, w: 136, h: 58, below: 9, gap: 40, lines: 3 },
  { rows: 10, w: 88, h: 27, below: 6, gap: 40, lines: 1 },
  { rows: 13, w: 38, h: 24, below: 4, gap: 22, lines: 0 },
  { rows: Infinity, w: 9, h: 9, below: 2, gap: 9, lines: 0 },
];

// Short names: those of a layer say where they stand, and the layer stands above.
const parameterName = (i, place) => {
  const label = tape.label(i) ?? '', known = label.match(/(weight|bias)(\[[\d,]+\])?$/);
  if (known) return known[1][0] + (known[2] ?? place.slice(1));
  return label && [...label].length <= 8 ? cut(label, 8) : place;
};
const unitName = name => name.replace(/^layer \d+\[(\d+)\]$/, 'unit $1');

function networkPanel() {
  const network = data.network;
  if (!network) return;
  const { layers, links } = network;
  const sample = () => clamp(state.sample, 0, Math.max(network.samples.length - 1, 0));
  // The node that a unit gives for the observation shown, and what its activation is applied to.
  const nodeOf = unit => unit.gives[sample()]?.node ?? null;
  const formOf = (unit, node = nodeOf(unit)) => (node === null || !unit.activation ? node : tape.operands[node].length === 1 ? tape.operands[node][0] : null);
  // An input that is data is a constant of the operation that multiplies it by its first weight.
  const dataOf = unit => {
    const recorded = unit.gives[sample()] && real(unit.gives[sample()].data), from = layers[0].indexOf(unit);
    const link = links.find(link => link.layer === 0 && link.from === from && link.weight != null), form = link && formOf(layers[1][link.to]);
    const use = form != null && tape.uses(link.weight).find(({ user }) => user === form || tape.operands[form].includes(user));
    return use ? tape.constants(use.user)[use.which] ?? recorded : recorded;
  };
  const numberOf = unit => (nodeOf(unit) === null ? dataOf(unit) : tape.value[nodeOf(unit)]);
  const biasName = (unit, layer) => parameterName(unit.bias, `b[${layers[layer].indexOf(unit)}]`);
  // The largest weight that the tape has now: the widest line.
  let widest = 0, widestAt = null;
  const widestNow = () => {
    if (widestAt !== state.version) widest = Math.max(...links.map(({ weight }) => Math.abs(tape.value[weight] ?? 0)).filter(Number.isFinite), 1e-300);
    widestAt = state.version;
    return widest;
  };
  const isKnown = i => i !== null && tape.hasValue(i, state.t);

  panel('network', 'The network', 'seven', (section, head) => {
    section.classList.add('network');
    const few = network.samples.length <= 6;
    const samples = few
      ? html('div', { class: 'buttons', role: 'group', 'aria-label': 'Observations' },
        network.samples.map((name, k) => button(cut(name, 24), `Show ${name}`, () => set({ sample: k }), { 'data-sample': k })))
      : html('select', { 'aria-label': 'Observation', onchange: event => set({ sample: Number(event.target.value) }) },
        network.samples.map((name, k) => html('option', { value: k }, cut(name, 40))));
    if (network.samples.length > 1) head.append(samples);
    const place = html('div'), readout = html('p', { class: 'readout', 'aria-live': 'polite' });
    const line = minus => svg('svg', { viewBox: '0 0 32 8', 'aria-hidden': 'true' }, svg('path', { class: `link${minus}`, d: 'M1 4H31', 'stroke-width': 3 }));
    section.append(place, readout, html('ul', { class: 'legend' },
      html('li', {}, line(''), 'weight above 0'), html('li', {}, line(' minus'), 'below 0'), html('li', {}, 'wider: larger; dot on a frame: bias'), html('li', {}, data.output !== null && `\u2202: the slope of ${cut(tape.name(data.output), 24)}`)));

    const press = event => (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), event.target.dispatchEvent(new MouseEvent('click')));
    let items = [], pointed = null, focused = null, width = 0;
    const draw = () => {
      items = [];
      const deepest = Math.max(...layers.map(layer => layer.length)), columns = layers.length;
      const shape = SHAPES.find(({ rows, w, gap }) => deepest <= rows && columns * w + (columns - 1) * gap <= width) ?? SHAPES.at(-1);
      const { w, h, below, lines } = shape;
      const pitch = lines || h > 9 ? h + below : clamp(340 / deepest, 8, 20), top = 22;
      const height = top + deepest * pitch + 4, stepX = columns > 1 ? (width - w - 2) / (columns - 1) : 0;
      const at = layers.map((layer, l) => layer.map((_, u) => [1 + l * stepX, top + (pitch * (deepest - layer.length)) / 2 + u * pitch]));
      const root = svg('svg', {
        viewBox: `0 0 ${width} ${height}`, role: 'group', onkeydown: press,
        'aria-label': 'Units and links of the network; the up and down arrows go from one to the next',
      });
      const add = (says, act, group) => {
        const item = { group };
        for (const [key, as] of Object.entries({ role: 'button', tabindex: items.length ? -1 : 0, 'aria-label': says })) group.setAttribute(key, as);
        for (const [kind, does] of Object.entries({
          pointerenter: () => (pointed = item, tell()), pointerleave: () => (pointed = pointed === item ? null : pointed, tell()),
          focus: () => (focused = item, tell()), blur: () => (focused = null, tell()), click: () => act(),
        })) group.addEventListener(kind, does);
        items.push(item);
        return item;
      };
      const broad = links.length > 200 ? 1.8 : links.length > 40 ? 3 : 4.5, thin = links.length > 200 ? 0.25 : 0.8, labels = [];
      for (const { layer, from, to, weight: i } of links) {
        const [x0, y0] = [at[layer][from][0] + w, at[layer][from][1] + h / 2], [x1, y1] = [at[layer + 1][to][0], at[layer + 1][to][1] + h / 2];
        const d = `M${x0} ${y0}L${x1} ${y1}`, path = svg('path', { class: 'link', d });
        const group = svg('g', { class: 'pick' }, path, links.length <= 200 && svg('path', { class: 'hit', d }));
        root.append(group);
        if (i == null) continue;
        const name = parameterName(i, `w[${to},${from}]`);
        const item = add(`Select ${tape.name(i)}`, () => select(i), group);
        Object.assign(item, {
          i, name, path, into: layers[layer + 1][to], says: `the weight from ${unitName(layers[layer][from].name)} to ${unitName(layers[layer + 1][to].name)}`,
          show: () => {
            const widest = widestNow();
            path.setAttribute('stroke-width', thin + (broad * Math.min(Math.abs(tape.value[i]), widest)) / widest || thin);
            path.setAttribute('class', tape.value[i] < 0 ? 'link minus' : 'link');
          },
        });
        labels.push({ item, x: (x0 + x1) / 2, y: (y0 + y1) / 2, slope: (y1 - y0) / (x1 - x0), up: (y0 + y1) / 2 <= top + (deepest * pitch - below) / 2 + 1 });
      }
      layers.forEach((layer, l) => {
        const functions = [...new Set(layer.map(unit => unit.activation))].filter(Boolean).join(', ');
        const title = l === 0 ? (layer.length === 1 ? 'input' : 'inputs') : functions || (l === layers.length - 1 ? (layer.length === 1 ? 'output' : 'outputs') : 'sums');
        const outer = l === 0 ? 'start' : l === columns - 1 ? 'end' : 'middle', room = Math.max(stepX - 10, w);
        const x = lines === 3 || outer === 'middle' ? 1 + l * stepX + w / 2 : l && width - 1;
        root.append(svg('text', { class: 'small', x, y: 12, 'text-anchor': lines === 3 ? 'middle' : outer }, room < 20 ? '' : fitted(title, outer === 'middle' ? room : Math.max(w, room / 2), 11)));
        layer.forEach((unit, u) => root.append(...unitOf(unit, l, ...at[l][u], shape, add)));
      });
      if (shape.gap > 100) label(labels);
      replace(place, root);
    };

    // Names and numbers on the lines, if all of them have room: above those that lead up, below the others.
    function label(labels) {
      const boxes = labels.map(({ item, x, y, slope, up }) => {
        const half = 3.6 * Math.max(item.name.length + 11, 12), away = Math.abs(slope) * half + 5;
        return { item, x, y: up ? y - away - 26 : y + away, half };
      });
      const free = boxes.every((a, k) => a.y > 14 && boxes.slice(0, k).every(b => Math.abs(a.y - b.y) > 28 || Math.abs(a.x - b.x) > a.half + b.half));
      if (free) for (const { item, x, y } of boxes) item.group.append(written(item, item.i, item.name, x, y + 11));
    }

    // As many digits as there is room for, of so many pixels a letter.
    const fits = (room, letter, write) => [6, 5, 4, 3, 2, 1].map(write).find(text => text.length * letter <= room) ?? '';
    // The lines of a parameter: its name and value, and its slope.
    function written(item, i, name, x, y, room = 104) {
      const value = svg('text', { class: 'num', x, y, 'text-anchor': 'middle' }), adjoint = svg('text', { class: 'adj', x, y: y + 14, 'text-anchor': 'middle' });
      const before = item.show;
      item.show = () => {
        before?.();
        value.textContent = fits(room, 7.3, n => (isKnown(i) ? `${name} ${show(tape.value[i], Math.min(n, 4))}` : name));
        adjoint.textContent = tape.hasAdjoint(i, state.t) ? fits(room, 6.7, n => `\u2202 ${briefAdjoint(i, Math.min(n, 5))}`) : '';
      };
      const group = svg('g', { class: 'words', 'aria-hidden': 'true' }, value, adjoint);
      return group;
    }
    const briefAdjoint = (i, n) => (tape.connected(i) ? (adjointText(i).includes('blocked') ? 'blocked' : show(tape.adjoint[i], n)) : 'none');

    function unitOf(unit, l, x, y, { w, h, lines, below }, add) {
      const last = l === layers.length - 1;
      const group = svg('g', { class: ['unit', unit.part != null && `p${unit.part}`, last && 'last'].filter(Boolean).join(' ') });
      const box = svg('rect', { x, y, width: w, height: h, rx: lines ? 9 : Math.min(h / 2, 6) });
      group.append(box);
      const item = Object.assign(add(unit.name, () => nodeOf(unit) !== null && select(nodeOf(unit)), group), { unit, layer: l });
      const tall = h > 90, bends = curveOf(unit) && h > 9;
      const area = tall ? { x: x + 8, y: y + 25, w: w - 16, h: 44 } : { x: x + 5, y: y + 4, w: lines === 0 ? w - 10 : lines === 1 ? 26 : 46, h: h - 8 };
      const curve = svg('path', { class: `bend${unit.part != null ? ` c${unit.part % 4}` : ''}` }), dot = svg('circle', { class: 'dot', r: tall ? 4.5 : 3 }), ground = svg('path', { class: 'ground' });
      if (bends) group.append(ground, curve, dot);
      const left = bends && !tall ? area.x + area.w + 6 : x + 6, middle = (left + x + w - 5) / 2, room = x + w - 5 - left;
      const text = (kind, y) => {
        const made = svg('text', { class: kind, x: middle, y, 'text-anchor': 'middle' });
        group.append(made);
        return made;
      };
      if (lines === 3) text('title', y + 18).textContent = fitted(unitName(unit.name), room, 12.5, 700);
      const value = lines ? text('num', tall ? y + (bends ? 86 : 56) : lines === 3 ? y + 34 : y + 18) : null, adjoint = lines === 3 ? text('adj', tall ? y + (bends ? 101 : 74) : y + 49) : null;
      item.show = () => {
        const node = nodeOf(unit), number = numberOf(unit), seen = node === null ? number !== undefined : isKnown(node);
        if (value) value.textContent = seen ? fits(room, 7.3, n => show(number, n)) : '';
        if (adjoint) adjoint.textContent = node !== null && tape.hasAdjoint(node, state.t) ? fits(room, 6.7, n => `\u2202 ${briefAdjoint(node, n)}`) : '';
        if (node !== null) group.setAttribute('aria-label', `Select ${unit.name}`);
        if (bends) bend(unit, area, { curve, dot, ground });
      };
      if (unit.bias == null || h < 10) return [group];
      const bias = svg('g', { class: 'pick' }), name = biasName(unit, l);
      const own = Object.assign(add(`Select ${tape.name(unit.bias)}`, () => select(unit.bias), bias), { i: unit.bias, name, says: `the bias of ${unitName(unit.name)}` });
      bias.append(below > 30 ? written(own, unit.bias, name, x + w / 2, y + h + 14, w) : svg('circle', { class: 'bias', cx: x + w - 9, cy: y + h, r: 4 }));
      return [group, bias];
    }

    // The curve of an activation over what it is applied to for all observations, with a dot at the one shown.
    function bend(unit, area, { curve, dot, ground }) {
      const f = curveOf(unit);
      const forms = unit.gives.map(({ node }) => formOf(unit, node ?? null)).filter(isKnown).map(i => Math.abs(tape.value[i]));
      const far = clamp(Math.max(3, ...forms.filter(Number.isFinite)) * 1.15, 3, 1e100), [low, high] = range([[f(-far), f(far), f(-1), 0]]);
      const atX = x => area.x + share(x, -far, far) * area.w, atY = y => area.y + area.h - share(y, low, high) * area.h;
      const tenth = v => Math.round(v * 10) / 10;
      curve.setAttribute('d', Array.from({ length: 33 }, (_, k) => far * (k / 16 - 1)).map((x, k) => `${k ? 'L' : 'M'}${tenth(atX(x))} ${tenth(atY(f(x)))}`).join(''));
      ground.setAttribute('d', `M${tenth(atX(-far))} ${tenth(atY(0))}H${tenth(atX(far))}M${tenth(atX(0))} ${area.y}V${area.y + area.h}`);
      const form = formOf(unit), here = isKnown(form) && Number.isFinite(tape.value[form]);
      mark(dot, 'display', !here && 'none');
      mark(dot, 'cx', here && String(tenth(atX(tape.value[form]))));
      mark(dot, 'cy', here && String(tenth(atY(f(tape.value[form])))));
    }

    const isChosen = item => state.sel === (item.unit ? nodeOf(item.unit) : item.i);
    // The bias of a unit has no place of its own where units are small.
    const isInside = item => item.unit && item.unit.bias === state.sel && !items.some(({ i }) => i === state.sel);
    const number = (i, kind = 'value') => html('span', { class: `number ${kind}` }, kind === 'value' ? (isKnown(i) ? show(tape.value[i]) : '\u2026') : tape.hasAdjoint(i, state.t) ? adjointText(i) : '\u2026');
    const slope = i => [', \u2202 ', number(i, 'adjoint')];
    function tell() {
      const item = pointed ?? focused ?? items.find(isChosen) ?? items.find(isInside);
      for (const other of items) other.group.classList.toggle('near', other === item || Boolean(item?.unit && other.into === item.unit));
      if (!item) return replace(readout, 'Point at a unit or a link for its name and its numbers.');
      if (!item.unit) {
        const long = tape.name(item.i);
        return replace(readout, html('b', {}, item.name), `, ${item.says}${long === item.name ? '' : ` (${cut(long, 60)})`}: `, number(item.i), slope(item.i));
      }
      const { unit, layer } = item, node = nodeOf(unit), form = formOf(unit);
      const given = node === null ? html('span', { class: 'number value' }, show(numberOf(unit) ?? NaN)) : [number(node), slope(node)];
      const bias = unit.bias != null && [`; ${biasName(unit, layer)} `, number(unit.bias), slope(unit.bias)];
      // A curve that a weight scales is a node of its own, with another name.
      const scaled = node === null ? undefined : tape.uses(node).find(({ user }) => tape.operands[user].length === 2 && tape.label(user) !== undefined && links.some(({ weight }) => tape.operands[user].includes(weight)));
      replace(readout, html('b', {}, cut(unit.name, 40)), ': ', form !== null && form !== node && [`${unit.activation}(`, number(form), ') = '], given, bias,
        scaled && [`; scaled it is ${tape.name(scaled.user)} `, number(scaled.user)]);
    }

    // Sizes follow the width of the panel, so that text is never smaller than it is written.
    const fit = () => {
      const zoom = parseFloat(getComputedStyle(document.documentElement).fontSize) / 15;
      const room = Math.min(Math.floor(place.clientWidth / zoom), 820);
      if (room > 0 && room !== width) {
        width = room;
        draw();
        bring();
      }
    };
    const bring = () => {
      for (const item of items) {
        item.show?.();
        item.group.classList.toggle('selected', isChosen(item) || Boolean(isInside(item)));
        item.group.setAttribute('aria-pressed', isChosen(item));
      }
      tell();
    };
    new ResizeObserver(fit).observe(place);
    return before => {
      const k = sample();
      if (few) for (const tab of samples.children) tab.setAttribute('aria-pressed', Number(tab.dataset.sample) === k);
      else samples.value = k;
      if (!width) fit();
      if (['t', 'sel', 'sample', 'version'].some(key => before[key] !== state[key])) bring();
    };
  });
}
