// The pattern of a sparse derivative: a square for each entry, or for each block of them. It has the hue of its colour, whose
// number stands above the columns or left of the rows that share a seed.
function patternPanel() {
  const { matrix, summary, shape, block, cells, rows, columns, rowsFirst, hasHues } = data.pattern;
  const isWhole = block[0] === 1 && block[1] === 1, isHessian = matrix === 'Hessian';
  const squares = cells.flatMap((list, r) => list.flatMap((c, k) => (k % 2 ? [] : [{ r, c, count: list[k + 1] }])));
  const inRow = cells.map(() => []);
  squares.forEach(({ r }, k) => inRow[r].push(k));
  const most = Math.max(1, ...squares.map(({ count }) => count));

  // The colour of an entry: that of its column, or of its row if it is read from there. Those of rows go on behind those of columns.
  const seedOf = ({ r, c }) => {
    const own = [['rows', rows?.[r]?.[1]], ['columns', columns?.[c]?.[1]]];
    return hasHues ? (rowsFirst ? own : own.reverse()).find(([, colour]) => colour != null) : undefined;
  };
  const behind = { columns: 0, rows: Math.max(0, ...(columns ?? []).map(([, colour]) => (colour ?? -1) + 1)) };
  const hue = ([kind, colour]) => `h${(behind[kind] + colour) % 6}`;
  const named = (lines, i, letter) => cut(isolated(lines[i][0] ?? `${letter}[${i}]`), 60);
  const span = (i, side, noun) => {
    const first = i * block[side], last = Math.min(first + block[side], shape[side]) - 1;
    return first === last ? `${noun} ${first}` : `${noun}s ${first}\u2013${last}`;
  };
  const room = ({ r, c }) => [r, c].reduce((all, i, side) => all * (Math.min((i + 1) * block[side], shape[side]) - i * block[side]), 1);
  const says = square => {
    const { r, c, count } = square, [kind, colour] = seedOf(square) ?? [];
    const what = !isWhole ? `${span(r, 0, 'row')}, ${span(c, 1, 'column')}: ${count.toLocaleString('en')} of ${plural(room(square), 'place')}`
      : isHessian ? `\u2202\u00b2f/\u2202${named(rows, r, 'x')}\u2202${named(columns, c, 'x')}` : `\u2202${named(rows, r, 'y')}/\u2202${named(columns, c, 'x')}`;
    return kind ? `${what}, colour ${colour} of the ${kind}` : what;
  };

  panel('pattern', `The pattern of the ${matrix}`, '', section => {
    const [down, across] = shape.map((n, side) => Math.ceil(n / block[side]));
    const size = clamp(Math.floor(720 / Math.max(down, across)), 6, 24);
    // Numbers of lines that are narrower than they stand in several lanes.
    const lanes = (lines, long) => {
      const colours = (lines ?? []).map(([, colour]) => colour ?? ''), wide = Math.max(0, ...colours.map(colour => String(colour).length)) * 6 + 4;
      return { colours, wide, count: wide > 4 ? Math.ceil((long ? wide : 11) / size) : 0 };
    };
    const left = lanes(rows, false), above = lanes(columns, true);
    const x0 = left.count * left.wide + 2, y0 = above.count * 11 + 4;
    const numbers = [
      ...(above.count ? above.colours.map((colour, c) => ['columns', colour, x0 + (c + 0.5) * size, y0 - 4 - 11 * (c % above.count), 'middle']) : []),
      ...(left.count ? left.colours.map((colour, r) => ['rows', colour, x0 - 4 - left.wide * (r % left.count), y0 + (r + 0.5) * size + 3.5, 'end']) : []),
    ].filter(([, colour]) => colour !== '').map(([kind, colour, x, y, anchor]) => ({ kind, colour, drawn: svg('text', { class: hue([kind, colour]), x, y, 'text-anchor': anchor }, colour) }));
    const drawn = squares.map((square, k) => {
      const seed = seedOf(square), gap = isWhole && size > 8 ? 1 : 0;
      return svg('rect', {
        class: seed ? hue(seed) : null, 'data-k': k, x: x0 + square.c * size + gap, y: y0 + square.r * size + gap, width: size - 2 * gap, height: size - 2 * gap,
        opacity: isWhole ? null : Math.round(100 * (0.35 + (0.65 * square.count) / most)) / 100,
      });
    });
    const frame = svg('rect', { class: 'at', width: size, height: size, display: 'none' });
    const readout = html('p', { class: 'readout', 'aria-live': 'polite' });
    let at = 0, seen = null;
    const tell = k => {
      const seed = k === null ? undefined : seedOf(squares[k]);
      for (const { kind, colour, drawn } of numbers) drawn.classList.toggle('near', kind === seed?.[0] && colour === seed[1]);
      mark(frame, 'display', k === null && 'none');
      if (k !== null) for (const [key, i, from] of [['x', squares[k].c, x0], ['y', squares[k].r, y0]]) frame.setAttribute(key, from + i * size);
      if (k !== seen) readout.textContent = k === null ? 'Point at a square for its row and column.' : says(squares[k]);
      seen = k;
    };
    const resting = () => tell(document.activeElement === root ? at : null);
    // The next row that has squares, and there the nearest one.
    const beside = way => {
      const { r, c } = squares[at], off = k => Math.abs(squares[k].c - c);
      let next = r + way;
      while (inRow[next]?.length === 0) next += way;
      return inRow[next]?.reduce((best, k) => (off(k) < off(best) ? k : best)) ?? at;
    };
    const onkeydown = event => {
      if (event.key === 'Escape') root.blur();
      const to = { ArrowRight: () => at + 1, ArrowLeft: () => at - 1, ArrowDown: () => beside(1), ArrowUp: () => beside(-1), Home: () => 0, End: () => squares.length - 1 }[event.key];
      if (!to || pointed || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      at = clamp(to(), 0, squares.length - 1);
      tell(at);
      drawn[at].scrollIntoView({ block: 'nearest', inline: 'nearest' });
    };
    const pick = ({ target }) => target.dataset.k && Number(target.dataset.k);
    const width = x0 + across * size + 2, height = y0 + down * size + 2;
    const root = svg('svg', {
      class: 'pattern', width, height, viewBox: `0 0 ${width} ${height}`, 'aria-label': `${summary}. Arrow keys go from square to square.`,
      ...(squares.length ? { role: 'application', tabindex: 0, onkeydown, onfocus: resting, onblur: resting } : { role: 'img' }),
      onpointerover: event => (pick(event) === undefined ? resting() : tell(pick(event))), onpointerleave: () => resting(),
      onclick: event => pick(event) !== undefined && (at = pick(event), tell(at)),
    }, svg('rect', { class: 'ground', x: x0, y: y0, width: across * size, height: down * size }), drawn, numbers.map(({ drawn }) => drawn), frame);
    section.append(html('p', {}, `${summary}.`), html('div', { class: 'scroll' }, root), readout, html('p', { class: 'soft' },
      isWhole ? 'A square is an entry: a derivative that may be other than 0. All others are 0 wherever the program is evaluated.' : `A square is a block of up to ${plural(block[0], 'row')} by ${plural(block[1], 'column')}: the darker, the more entries.${hasHues ? '' : ' Blocks have no colours.'}`,
      numbers.length ? ' The number above a column or left of a row is its colour: those of one colour share a seed.' : '',
      ' Inside the drawing arrow keys go from square to square, and Escape leaves it.'));
    seen = undefined;
    tell(null);
  });
}
