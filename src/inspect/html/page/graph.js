// The tape as a graph. Rust has laid it out; here it is drawn and brought to life.

function graphPanel() {
  const layout = data.layout;
  if (!tape.count || !layout) return;
  panel('graph', 'The tape', '', (section, head) => {
    const [width, height] = layout.size, [w, h] = layout.box;
    const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'The nodes of the tape, inputs at the left, the output at the right' });
    const frame = html('div', { class: 'scroll graph' }, root);
    let zoom = 0;
    const resize = () => {
      const room = frame.clientWidth - 2;
      const scale = zoom || clamp(room / width, 0.62, 1.6);
      root.setAttribute('width', width * scale);
      root.setAttribute('height', height * scale);
    };
    head.append(html('div', { class: 'buttons' },
      button('\u2212', 'Smaller', () => { zoom = (root.width.baseVal.value / width) / 1.25; resize(); }),
      button('fit', 'Fit the width', () => { zoom = 0; resize(); }),
      button('+', 'Larger', () => { zoom = (root.width.baseVal.value / width) * 1.25; resize(); })));
    section.append(frame);

    for (const [title, x, y, fw, fh] of layout.frames) {
      root.append(
        svg('rect', { class: 'frame', x, y, width: fw, height: fh, rx: 10 }),
        svg('text', { class: 'frame-title', x: x + 9, y: y + 15 }, cut(title, Math.floor((fw - 18) / 6.2))));
    }
    const edgeLayer = svg('g'), nodeLayer = svg('g'), spelledLayer = svg('g', { 'aria-hidden': 'true' });
    root.append(edgeLayer, nodeLayer, spelledLayer);

    // An edge leaves at the right and enters at the left, at a height of its own for each operand.
    const enters = (i, which) => {
      const many = tape.operands[i].length;
      return layout.at[i][1] + h * ((which + 1) / (many + 1));
    };
    const edges = tape.operands.map((list, i) => list.map((o, which) => {
      const [x0, y0] = [layout.at[o][0] + w, layout.at[o][1] + h / 2];
      const [x1, y1] = [layout.at[i][0], enters(i, which)];
      const bend = Math.max(18, (x1 - x0) / 2);
      const line = svg('path', { class: 'edge', d: `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}` });
      edgeLayer.append(line);
      return { line, x1, y1 };
    }));
    const boxes = layout.at.map(([x, y], i) => {
      const named = tape.label(i) !== undefined;
      const texts = [
        svg('text', { class: 'name', x: 10, y: 17 }, cut(named ? tape.label(i) : tape.inNames(i), TEXT.name)),
        svg('text', { class: 'does', x: 10, y: 31 }, cut(named ? (tape.isLeaf(i) ? 'input' : tape.inNames(i)) : `%${i}`, TEXT.does)),
        svg('text', { class: 'v', x: 10, y: 46 }), svg('text', { class: 'a', x: 10, y: 60 }),
      ];
      const node = svg('g', {
        class: 'node', transform: `translate(${x} ${y})`, role: 'button', tabindex: 0, 'data-id': i,
        onclick: () => select(i),
        onkeydown: event => (event.key === 'Enter' || event.key === ' ') && (event.preventDefault(), select(i)),
      },
      svg('title', {}, `${tape.name(i)} = ${tape.inNames(i)}${tape.location(i) ? `, at ${tape.location(i)}` : ''}`),
      svg('rect', { width: w, height: h, rx: 8 }), ...texts);
      nodeLayer.append(node);
      return { node, value: texts[2], adjoint: texts[3] };
    });

    const bad = i => !Number.isFinite(tape.value[i]) || !Number.isFinite(tape.adjoint[i]);
    const still = i => [
      tape.isLeaf(i) && 'leaf', i === data.output && 'output', !tape.connected(i) && 'apart', bad(i) && 'bad',
    ].filter(Boolean).join(' ');
    const always = boxes.map((_, i) => still(i));
    new ResizeObserver(resize).observe(frame);
    resize();

    let onPath = new Set();
    return before => {
      const t = state.t, now = tape.nodeAt(t), back = t >= tape.count;
      if (before.sel !== state.sel) {
        onPath = new Set();
        // Everything between the selected node and the output.
        const leads = new Set([state.sel]);
        for (let i = state.sel + 1; i <= (data.output ?? -1); i++) {
          tape.operands[i].forEach((o, which) => leads.has(o) && tape.connected(i) && (leads.add(i), onPath.add(edges[i][which])));
        }
      }
      boxes.forEach(({ node, value, adjoint }, i) => {
        const known = tape.hasValue(i, t), complete = tape.hasAdjoint(i, t);
        const kind = ['node', always[i], !known && 'ahead', i === now && 'now', i === state.sel && 'selected'].filter(Boolean).join(' ');
        if (node.getAttribute('class') !== kind) node.setAttribute('class', kind);
        const v = known ? show(tape.value[i]) : '', a = complete ? `\u2202 ${adjointText(i)}` : '';
        if (value.textContent !== v) value.textContent = v;
        if (adjoint.textContent !== a) adjoint.textContent = a;
        node.setAttribute('aria-label', `${tape.name(i)}${known ? `, value ${show(tape.value[i])}` : ''}${complete ? `, adjoint ${adjointText(i)}` : ''}`);
      });
      edges.forEach((list, i) => list.forEach((edge, which) => {
        const blocked = tape.partials[i][which] === 0;
        const kind = ['edge', blocked && 'blocked', onPath.has(edge) && 'on-path', i === now && 'now', i === now && back && 'back'].filter(Boolean).join(' ');
        if (edge.line.getAttribute('class') !== kind) edge.line.setAttribute('class', kind);
      }));
      // The current edges spell out what they carry.
      const carried = back ? flows(now).map(({ which, partial }) => [which, `${factor(partial, 4)} \u00b7 ${factor(tape.adjoint[now], 4)}`])
        : tape.operands[now].map((o, which) => [which, show(tape.value[o], 4)]);
      replace(spelledLayer, carried.slice(0, 8).map(([which, text]) => {
        const { x1, y1 } = edges[now][which];
        return svg('text', { class: `spelled ${back ? 'back' : 'ahead'}`, x: x1 - 8, y: y1 + (which - (carried.length - 1) / 2) * 4 - 4, 'text-anchor': 'end' }, text);
      }));
      if (before.t !== state.t && before.t !== undefined) follow(frame, root, layout.at[now], width);
    };
  });
}

// How many characters a box has room for, by the widest letters of each line.
const TEXT = { name: 17, does: 22 };

// Keep the current box in sight, without moving the page.
function follow(frame, root, [x, y], width) {
  const scale = root.width.baseVal.value / width;
  const [left, top] = [x * scale, y * scale];
  if (left < frame.scrollLeft || left + 160 > frame.scrollLeft + frame.clientWidth) frame.scrollLeft = left - frame.clientWidth / 2;
  if (top < frame.scrollTop || top + 90 > frame.scrollTop + frame.clientHeight) frame.scrollTop = top - frame.clientHeight / 2;
}
