// What all panels use: the data, elements, numbers in print.

const data = JSON.parse(document.getElementById('report').textContent);

// Non-finite numbers travel as strings.
const NON_FINITE = { NaN: NaN, inf: Infinity, '-inf': -Infinity };
const real = x => (typeof x === 'string' ? NON_FINITE[x] : x);
const reals = list => list.map(real);

// element(space)(name, attributes, ...children); `on...` attributes are listeners.
const element = space => (name, attributes = {}, ...children) => {
  const made = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return made;
};
const html = element(document.body.namespaceURI);
const svg = element(document.querySelector('svg').namespaceURI);
const math = element(document.querySelector('math').namespaceURI);
const mark = (of, name, value) => (value ? of.setAttribute(name, value) : of.removeAttribute(name));
const replace = (parent, ...children) => parent.replaceChildren(...children.flat(Infinity).filter(child => child));

// At most n significant digits, as briefly as it goes; the same rule as in the terminal.
function digits(x, n = 6) {
  if (Number.isNaN(x)) return 'NaN';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  const trimmed = text => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  const [mantissa, exponent] = x.toExponential(n - 1).split('e');
  const power = Number(exponent);
  const plain = power >= -5 && power < n;
  const short = plain ? trimmed(x.toFixed(Math.max(0, n - 1 - power))) : `${trimmed(mantissa)}e${power}`;
  const exact = String(x).replace('e+', 'e');
  return exact.length <= short.length ? exact : short;
}

// For people: a real minus sign.
const show = (x, n) => digits(x, n).replaceAll('-', '\u2212');

// A number that follows an operator stands in parentheses if it is negative.
const factor = (x, n) => (x < 0 || Object.is(x, -0) ? `(${show(x, n)})` : show(x, n));

// Cut by characters, not by bytes; control characters are written out.
function cut(text, most) {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, c => (c === '\n' ? '\u21b5' : '\ufffd'));
  const letters = [...clean];
  return letters.length <= most ? clean : `${letters.slice(0, most - 1).join('')}\u2026`;
}

// Cut to a width in pixels, as the page's own font measures it.
const ruler = document.createElement('canvas').getContext('2d');
function fitted(text, width, size, weight = 400) {
  ruler.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  const holds = text => ruler.measureText(text).width <= width;
  const whole = cut(text, 200);
  if (holds(whole)) return whole;
  let [fits, most] = [1, 200];
  while (most - fits > 1) {
    const middle = (fits + most) >> 1;
    if (holds(cut(text, middle))) fits = middle;
    else most = middle;
  }
  return cut(text, fits);
}

// Drawn signs, for fonts lack them: paths in a square of 16.
const SIGNS = {
  first: 'M4 3v10M13 3 6 8l7 5z', back: 'M10.5 3 4.5 8l6 5', play: 'M5 3l8 5-8 5z', pause: 'M5 3v10M11 3v10',
  on: 'M5.5 3l6 5-6 5', last: 'M12 3v10M3 3l7 5-7 5z', theme: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 1 1 0 12',
};
const sign = name => svg('svg', { class: 'sign', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: SIGNS[name] }));

const plural = (n, noun) => `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
