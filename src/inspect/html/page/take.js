// What is taken along: a text in a dialog, to be copied or saved; where a page may do neither it can be selected there.

function dialog(id, title, ...children) {
  document.getElementById(id)?.remove();
  const made = html('dialog', { id, 'aria-label': title, 'data-keys': true, onclose: () => made.remove() }, ...children);
  document.body.append(made);
  made.showModal();
  return made;
}

function take(title, file, text) {
  const area = html('textarea', { readonly: true, rows: 14, 'aria-label': title }, text);
  const says = html('span', { role: 'status', class: 'soft' });
  const copy = async () => {
    area.select();
    try {
      await navigator.clipboard.writeText(text);
      says.textContent = 'Copied.';
    } catch {
      says.textContent = document.execCommand('copy') ? 'Copied.' : 'It is selected: copy it with the keyboard.';
    }
  };
  const save = () => {
    const address = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
    html('a', { download: file, href: address }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    says.textContent = `Saved as ${file}, where pages may save.`;
  };
  const made = dialog('take', title, html('h2', {}, title), area,
    html('div', { class: 'buttons' }, button('copy', 'Copy', copy), button('save', `Save as ${file}`, save), button('close', 'Close', () => made.close()), says));
  area.select();
}

// A drawing that stands alone: the style that it has here comes along with each of its parts.
const STYLED = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'paint-order', 'font-family', 'font-size', 'font-weight', 'font-style', 'text-anchor'];
function svgText(root) {
  const copy = root.cloneNode(true), plain = getComputedStyle(document.body);
  const parts = [[root, copy], ...[...root.querySelectorAll('*')].map((part, k) => [part, copy.querySelectorAll('*')[k]])];
  const kinds = new Map();
  for (const [here, there] of parts) {
    const style = getComputedStyle(here), text = STYLED.map(name => `${name}: ${style.getPropertyValue(name)}`).join('; ');
    if (!kinds.has(text)) kinds.set(text, `k${kinds.size}`);
    for (const { name } of [...there.attributes]) if (/^(class|style|tabindex|role|data-|aria-(?!label))/.test(name)) there.removeAttribute(name);
    there.setAttribute('class', kinds.get(text));
  }
  const [, , width, height] = root.getAttribute('viewBox').split(' ');
  copy.setAttribute('width', width);
  copy.setAttribute('height', height);
  copy.prepend(svg('style', {}, [...kinds].map(([text, kind]) => `.${kind} { ${text} }`).join('\n')),
    svg('rect', { width, height, fill: plain.backgroundColor }));
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

// The chain rule in writing: symbols, numbers, the derivative, a path a line.
const named = i => tape.name(i).replace(/[\u2068\u2069]/g, '').trimEnd();
function chainIn({ derivative, number, dot, between, begin, next, end }, i) {
  const { rows, rest } = paths.of(i).shown(SPELLED);
  const shown = rows.map(path => [path, factors(path)]).filter(([, parts]) => parts.length);
  const enclosed = x => (x < 0 || /[e^]/.test(number(x)) ? `(${number(x)})` : number(x));
  const line = of => shown.map(([{ count }, parts]) => [...parts.map(of), ...(count > 1 ? [number(count)] : [])].join(dot));
  const symbols = line(({ top, bottom, count }) => (count > 1 ? between(`${count} factors`) : derivative(named(top), named(bottom))));
  const numbers = line(({ product }) => enclosed(product));
  if (rest) {
    const many = rest.count === 1 ? '1 path' : rest.count < 1e15 ? `${rest.count} paths` : `about ${digits(rest.count)} paths`;
    symbols.push(between(`${many} more`));
    numbers.push(enclosed(rest.left));
  }
  const all = [symbols, numbers.length === 1 && !numbers[0].includes(dot) ? [] : numbers, [number(tape.adjoint[i])]];
  const signed = all.flatMap(row => row.map((text, k) => `${k ? '+' : '='} ${text}`));
  return `${begin}${derivative(named(data.output ?? i), named(i))} ${signed.join(next)}${end}`;
}

const chainText = i => chainIn({
  derivative: (top, bottom) => `\u2202${top}/\u2202${bottom}`, number: x => show(x + 0), dot: ' \u00b7 ',
  between: text => `(\u2026 ${text})`, begin: '', next: '\n    ', end: '\n',
}, i);

// To the letter as src/inspect/explain/latex.rs writes it.
const ESCAPED = { '\\': '\\textbackslash{}', '^': '\\textasciicircum{}', '~': '\\textasciitilde{}' };
const latexText = text => `\\text{${text.replace(/[\\^~{}$&#%_]/g, c => ESCAPED[c] ?? `\\${c}`)}}`;
const chainLatex = i => chainIn({
  derivative: (top, bottom) => `\\frac{\\partial ${latexText(top)}}{\\partial ${latexText(bottom)}}`,
  number: x => (Number.isNaN(x) ? '\\text{NaN}' : digits(x + 0).replace('inf', '\\infty').replace(/e(-?\d+)/, ' \\cdot 10^{$1}')), dot: ' \\cdot ',
  between: text => `\\underbrace{\\cdots}_{${latexText(text)}}`, begin: '\\begin{aligned}\n', next: ' \\\\\n&', end: '\n\\end{aligned}\n',
}, i).replace('}} = ', '}} &= ');
