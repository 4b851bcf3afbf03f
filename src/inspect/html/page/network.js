// The network that made the tape: every number in it is a node, and can be selected.

function networkPanel() {
  const network = data.network;
  if (!network) return;
  panel('network', 'The network', 'five', (section, head) => {
    section.classList.add('network');
    const few = network.samples.length <= 6;
    const samples = few
      ? html('div', { class: 'buttons', role: 'group', 'aria-label': 'Observations' },
        network.samples.map((name, k) => button(cut(name, 24), `Show ${name}`, () => set({ sample: k }), { 'data-sample': k })))
      : html('select', { 'aria-label': 'Observation', onchange: event => set({ sample: Number(event.target.value) }) },
        network.samples.map((name, k) => html('option', { value: k }, cut(name, 40))));
    if (network.samples.length > 1) head.append(samples);
    const tallest = Math.max(...network.layers.map(layer => layer.length));
    const [stepX, stepY, boxW, boxH] = [250, tallest > 8 ? 84 : 128, 132, 70];
    const width = (network.layers.length - 1) * stepX + boxW + 40, height = tallest * stepY + 40;
    const at = network.layers.map((layer, l) => layer.map((_, u) => [20 + l * stepX, 20 + (height - 40) * ((u + 0.5) / layer.length) - boxH / 2]));
    const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'Units and links of the network', style: `max-width: ${width * 1.4}px; margin: 0 auto` });
    section.append(html('div', { class: 'scroll' }, root), html('p', { class: 'soft' },
      'A link shows its weight, a unit what it gives; \u2202 is the slope of the output with respect to it, over all observations for a weight or bias.'));

    const sample = () => clamp(state.sample, 0, Math.max(network.samples.length - 1, 0));
    // The node that a unit gives for the observation shown.
    const nodeOf = unit => unit.gives[sample()]?.node ?? null;

    const parts = [];
    const weight = i => `${tape.name(i)} = `;
    const greatest = Math.max(...network.links.map(link => Math.abs(tape.value[link.weight] ?? 0)), 1e-300);
    const several = network.links.length <= 24;
    for (const { layer, from, to, weight: i } of network.links) {
      const [x0, y0] = [at[layer][from][0] + boxW, at[layer][from][1] + boxH / 2];
      const [x1, y1] = [at[layer + 1][to][0], at[layer + 1][to][1] + boxH / 2];
      const line = svg('path', { class: 'link', d: `M${x0} ${y0}L${x1} ${y1}`, 'stroke-width': i == null ? 1 : 1 + 4 * Math.abs(tape.value[i]) / greatest });
      root.append(line);
      if (i == null) continue;
      // Between many and many, the labels of the links into one unit stand at different parts of the way.
      const many = Math.min(network.layers[layer].length, network.layers[layer + 1].length) - 1;
      const part = many > 0 ? 0.36 + (0.28 * from) / (network.layers[layer].length - 1) : 0.5;
      const group = several ? pick(i, x0 + (x1 - x0) * part, y0 + (y1 - y0) * part - 9) : null;
      parts.push({ i, group, line, lead: weight(i) });
    }
    function pick(i, x, y) {
      const value = svg('text', { x, y, class: 'num', 'text-anchor': 'middle' }), adjoint = svg('text', { x, y: y + 17, class: 'adj', 'text-anchor': 'middle' });
      const group = svg('g', {
        class: 'pick', role: 'button', tabindex: 0, 'aria-label': `Select ${tape.name(i)}`, onclick: () => select(i),
        onkeydown: event => (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), select(i)),
      }, value, adjoint);
      return Object.assign(group, { value, adjoint });
    }
    const labels = parts.filter(({ group }) => group).map(({ group }) => group);
    const units = network.layers.flatMap((layer, l) => layer.map((unit, u) => {
      const [x, y] = at[l][u];
      const last = l === network.layers.length - 1;
      const kind = ['unit', unit.part != null && `p${unit.part}`, last && 'last'].filter(Boolean).join(' ');
      const value = svg('text', { class: 'num', x: x + boxW / 2, y: y + 40, 'text-anchor': 'middle' });
      const adjoint = svg('text', { class: 'adj', x: x + boxW / 2, y: y + 58, 'text-anchor': 'middle' });
      const group = svg('g', { class: kind },
        svg('rect', { x, y, width: boxW, height: boxH, rx: 12 }),
        svg('text', { x: x + boxW / 2, y: y + 20, 'text-anchor': 'middle' }, cut(unit.name, 17)), value, adjoint);
      if (unit.activation) group.append(svg('text', { class: 'small', x: x + boxW / 2, y: y - 6, 'text-anchor': 'middle' }, unit.activation));
      if (unit.gives.some(seen => 'node' in seen)) {
        const act = () => nodeOf(unit) !== null && select(nodeOf(unit));
        for (const [key, as] of Object.entries({ role: 'button', tabindex: 0, style: 'cursor: pointer' })) group.setAttribute(key, as);
        group.addEventListener('click', act);
        group.addEventListener('keydown', event => (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), act()));
      }
      root.append(group);
      if (unit.bias != null && tallest <= 8) {
        const bias = pick(unit.bias, x + boxW / 2, y + boxH + 16);
        root.append(bias);
        parts.push({ i: unit.bias, group: bias, lead: weight(unit.bias) });
      }
      return { unit, value, adjoint, group };
    }));
    root.append(...labels);

    return () => {
      const k = sample();
      if (few) for (const tab of samples.children) tab.setAttribute('aria-pressed', Number(tab.dataset.sample) === k);
      else samples.value = k;
      for (const { i, group, line, lead } of parts) {
        const chosen = i === state.sel;
        if (line) line.setAttribute('class', chosen ? 'link selected' : 'link');
        if (!group) continue;
        group.value.textContent = tape.hasValue(i, state.t) ? lead + show(tape.value[i], 4) : '';
        group.adjoint.textContent = tape.hasAdjoint(i, state.t) ? `\u2202 ${adjointText(i)}` : '';
        group.setAttribute('class', chosen ? 'pick selected' : 'pick');
      }
      for (const { unit, value, adjoint, group } of units) {
        const seen = unit.gives[k], node = nodeOf(unit);
        value.textContent = node === null ? (seen ? show(real(seen.data), 5) : '') : tape.hasValue(node, state.t) ? show(tape.value[node], 5) : '';
        adjoint.textContent = node !== null && tape.hasAdjoint(node, state.t) ? `\u2202 ${adjointText(node)}` : '';
        if (node !== null) group.setAttribute('aria-label', `Select ${tape.name(node)}`);
      }
    };
  });
}
