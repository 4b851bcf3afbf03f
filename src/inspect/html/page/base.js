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
// A text that is set anew is laid out anew, also if it is the same.
const setText = (of, text) => { if (of.textContent !== text) of.textContent = text; };
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
// Of a product the sign of a zero says nothing.
const term = (x, n) => factor(x + 0, n);

// What would turn, join or break what stands around it is written out, as in the terminal: src/text/line.rs has the rule.
const UNSEEN = /[\p{Cc}\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
const ESCAPES = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const clean = text => text.replace(UNSEEN, c => ESCAPES[c] ?? `\\u{${c.codePointAt(0).toString(16)}}`);

// Letters that run from right to left turn the numbers beside them round, `-6.5` into `6.5-`, so such a name is put
// between the signs that isolate it: what <bdi> does, but in attributes, in SVG and in MathML as well.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const isolated = text => (RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text);

// Cut by characters, not by bytes; what is isolated ends where the text does.
function cut(text, most) {
  const letters = [...text];
  if (letters.length <= most) return text;
  const short = letters.slice(0, most - 1).join(''), open = short.split('\u2068').length - short.split('\u2069').length;
  return `${short}\u2026${'\u2069'.repeat(Math.max(open, 0))}`;
}

// Names that begin alike differ at their ends, so a name is cut in its middle.
function cutName(text, most) {
  const letters = [...text.replace(/[\u2068\u2069]/g, '')];
  if (letters.length <= most) return text;
  const head = Math.floor(most / 2);
  return isolated(`${letters.slice(0, head).join('')}\u2026${letters.slice(letters.length - (most - 1 - head)).join('')}`);
}

// A message of Rust's: names stand in backquotes.
const said = text => text.split('`').map((part, k) => (k % 2 ? html('bdi', { class: 'code' }, part) : part));

// Cut to a width in pixels, as the page's own font measures it.
const ruler = document.createElement('canvas').getContext('2d');
function fitted(text, width, size, weight = 400, shorter = cut) {
  ruler.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  const holds = text => ruler.measureText(text).width <= width;
  const whole = shorter(text, 200);
  if (holds(whole)) return whole;
  let [fits, most] = [1, 200];
  while (most - fits > 1) {
    const middle = (fits + most) >> 1;
    if (holds(shorter(text, middle))) fits = middle;
    else most = middle;
  }
  return shorter(text, fits);
}

// Drawn signs, for fonts lack them: paths in a square of 16.
const SIGNS = {
  first: 'M4 3v10M13 3 6 8l7 5z', back: 'M10.5 3 4.5 8l6 5', play: 'M5 3l8 5-8 5z', pause: 'M5 3v10M11 3v10',
  on: 'M5.5 3l6 5-6 5', last: 'M12 3v10M3 3l7 5-7 5z', theme: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 1 1 0 12',
};
const sign = name => svg('svg', { class: 'sign', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: SIGNS[name] }));

const plural = (n, noun) => `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
