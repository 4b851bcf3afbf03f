// Functions that the browser lacks, or has with other limits. A page has those that its tape needs: each block begins
// with its name and uses only blocks above it. The formulas and their sources are those of src/real.

const number = x => (x === x ? 1 : NaN);

const flat = x => (x === x ? 0 : NaN);

const blocked = x => (x === x ? -0 : NaN);

const finiteOf = x => (x > Number.MAX_VALUE ? Number.MAX_VALUE : x < -Number.MAX_VALUE ? -Number.MAX_VALUE : x);

const compareOf = (x, y) => (x < y ? -1 : x > y ? 1 : x === y ? 0 : NaN);

const product = (x, y) => x * (x === 0 ? finiteOf(y) : y);

// What a side of a maximum lets through that leads (1), has lost (-1) or shares (0).
const side = (lead, w) => (lead > 0 ? w : lead < 0 ? -0 : w * (lead + 0.5) + 0);

const horner = (x, c) => {
  let sum = c[c.length - 1];
  for (let k = c.length - 2; k >= 0; k--) sum = sum * x + c[k];
  return sum;
};

// Half away from zero.
const roundOf = x => {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
};

const minOf = (x, y) => (x === y ? (Object.is(x, -0) ? x : y) : x < y || y !== y ? x : y);

const maxOf = (x, y) => (x === y ? (Object.is(x, -0) ? y : x) : x > y || y !== y ? x : y);

// 1 to any power is 1, and so is -1 to an infinite one.
const power = (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y));

// A few products, else as any power.
const whole = (x, n) => {
  const square = x * x, inverse = 1 / x;
  switch (n) {
    case 0: return 1;
    case 1: return x;
    case 2: return square;
    case 3: return square * x;
    case 4: return square * square;
    case 5: return square * square * x;
    case -1: return inverse;
    case -2: return inverse * inverse;
    default: return power(x, n);
  }
};

// The rounding error of x y, by halves of 26 bits (Dekker, 1971).
const productError = (x, y) => {
  const halves = v => {
    const scale = Math.abs(v) > 1e290 ? 2 ** -60 : 1, small = v * scale, big = small * 134217729, high = big - (big - small);
    return [high / scale, (small - high) / scale];
  };
  const [a, b] = halves(x), [c, d] = halves(y);
  return ((a * c - x * y) + a * d + b * c) + b * d;
};

// x y + z, rounded once but for the last bit.
const fused = (x, y, z) => {
  const p = x * y, s = p + z;
  if (!Number.isFinite(s)) {
    // The product alone may leave the range.
    return Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z)
      ? fused(x * 2 ** -300, y * 2 ** -300, z * 2 ** -600) * 2 ** 300 * 2 ** 300 : s;
  }
  if (Math.abs(p) < 1e-280 && x !== 0 && y !== 0) {
    // The error of the product would be below the range.
    if (Math.abs(z) > 1e-240) return s;
    const [a, b] = Math.abs(x) < Math.abs(y) ? [x, y] : [y, x];
    return fused(a * 2 ** 400, b, z * 2 ** 400) * 2 ** -400;
  }
  const back = s - p, rest = (p - (s - back)) + (z - back) + productError(x, y);
  return rest === 0 ? s : s + rest;
};

const sigmoid = x => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};

const sigmoidSlopeFar = x => {
  const e = Math.exp(-Math.abs(x));
  return e / ((e + 1) * (e + 1));
};

const sigmoidSlope = (x, r) => (r <= 2 / 3 ? r * (1 - r) : sigmoidSlopeFar(x));

const tanhSlope = (x, r) => (Math.abs(r) <= 0.5 ? (1 - r) * (r + 1) : sigmoidSlopeFar(x * 2) * 4);

const silu = x => {
  if (!(x < -700)) return x / (1 + Math.exp(-x));
  const least = Math.max(x, -1000), half = Math.exp(0.5 * least);
  return least * half * half;
};

// Its zero is split in two, and what cancels there is written with expm1.
const siluSlope = all => {
  const x = all > 800 ? 800 : all < -800 ? -800 : all, e = Math.exp(-Math.abs(x)), larger = 1 / (e + 1);
  const [near, opposite] = x > 0 ? [larger, e * larger] : [e * larger, larger];
  const h = (x + 1.2784645427610737) + 1.0946994183093437e-16;
  return near * (Math.abs(h) < 0.75
    ? (h - x * Math.expm1(h) * opposite * 0.2784645427610738) * 0.7821882942801999 : x * opposite + 1);
};

const siluBend = all => {
  const x = all > 800 ? 800 : all < -800 ? -800 : all, a = Math.abs(x), h = (2.3993572805154675 - a) + 1.8464872855353363e-16;
  return h * 0.8335565596009648 + a * Math.sinh(h * 0.5) / Math.cosh(a * 0.5) * 0.5524341245308833;
};

const atanSlope = x => (Math.abs(x) < 1e9 ? 1 / (x * x + 1) : (1 / x) * (1 / x));

const hypotSlope = (x, y, r) => (r === 0 ? 0 : Math.abs(x) === Infinity && Math.abs(y) < Infinity ? Math.sign(x) : x / r);

const atan2Slope = (x, y) => {
  const r = Math.hypot(x, y);
  if (r !== Infinity || x !== x || y !== y) return y / r / r;
  return Math.abs(x) === Infinity || Math.abs(y) === Infinity ? 0 * Math.sign(y) : y / x / x / (1 + (y / x) * (y / x));
};

const atan2Bend = (x, y) => {
  const r = Math.hypot(x, y);
  return r > 1e170 ? 0 : ((x - y) / r / r) * ((x + y) / r / r);
};

// erfcx decays by -2 / (√π erfcx) + 2x, times 1 + 2x a polynomial in 1 - 5 / (x + 2).
const DECAY = [
  2.126275823022641, 0.05513220611915144, -0.31420272108449304, 0.13879466531609239, 0.022087602383146127,
  -0.03296658246242301, -0.001674219722702631, 0.007900779247192676, 0.00035391218104086834, -0.0019511970969296921,
  -0.0002109751481677733, 0.00047067228814717533, 0.00010904998563007756, -0.00010129240386510007,
  -4.3906046051027306e-05, 1.6125564939085217e-05, 1.3907647591156909e-05, -4.527272611793404e-07,
  -3.2957115659077957e-06, -8.461404050506667e-07, 4.727433854396024e-07, 3.460368815148347e-07,
  7.771630729241586e-09, -7.190771742425566e-08, -1.9837116687638302e-08, 6.8674987681193315e-09, 3.113730147860122e-09,
];

const decay = x => horner(1 - 5 / (x + 2), DECAY) / (x * 2 + 1);

const TWO_BY_ROOT_PI = 1.1283791670955126;

const PER_ROOT_2PI = 0.3989422804014327;

// exp(x²) by two factors, the rounding error of the square in one: their product leaves the range as late as it can.
const expSquare = (x, sign) => {
  const square = x * x, half = Math.exp(sign * 0.5 * square);
  return [half, half * (1 + sign * productError(x, x))];
};

// By Kummer's series, whose terms are all positive: 2/√π x exp(-x²) (1 + 2x²/3 (1 + 2x²/5 (1 + ...))).
const erfNear = x => {
  let sum = 1;
  for (let k = 26; k > 0; k--) sum = 1 + sum * (2 * x * x) / (2 * k + 1);
  return TWO_BY_ROOT_PI * x * Math.exp(-x * x) * sum;
};

const erfcx = x => {
  const a = Math.abs(x);
  if (a < 0.5) return Math.exp(x * x) * (1 - erfNear(x));
  const positive = 0.5 * TWO_BY_ROOT_PI / (a + 0.5 * decay(a));
  if (x > 0 || x !== x) return positive;
  if (a > 26.64) return Infinity;
  const [half, other] = expSquare(a, 1);
  return 2 * half * other - positive;
};

const erfc = x => {
  if (Math.abs(x) < 0.5) return 1 - erfNear(x);
  if (Math.abs(x) > 28) return x > 0 ? 0 : 2;
  const a = Math.abs(x), [half, other] = expSquare(a, -1), tail = erfcx(a) * half * other;
  return x < 0 ? 2 - tail : tail;
};

const erf = x => (Math.abs(x) < 1 ? erfNear(x) : x > 0 ? 1 - erfc(x) : erfc(-x) - 1);

const erfSlope = x => Math.exp(-(Math.abs(x) > 30 ? 900 : x * x)) * TWO_BY_ROOT_PI;

const erfcxSlope = (x, r) => (x > 0.5 ? -(r * decay(x)) : x * r * 2 - TWO_BY_ROOT_PI);

// x/2 erfc(-x/√2); the rounding error of the square counts where the tail is steep.
const gelu = x => {
  if (x < -40) return -0;
  if (!(x < -1)) return x * (0.5 * erfc(-x * Math.SQRT1_2));
  const square = x * x, half = Math.exp(-0.25 * square), rest = 1 - 0.5 * productError(x, x);
  return 0.5 * x * erfcx(-x * Math.SQRT1_2) * half * rest * half;
};

const GELU_NEAR = [
  0.4314939923140469, 0.388284982990552, -0.01819967639867134, -0.11400823329722169, -0.014771522148055542,
  0.019421679838178486, 0.004539228327563082, -0.0022395380651844187, -0.0007448204723286875, 0.00018633938963142716,
  8.579705149449436e-05, -1.1194092824660744e-05,
];

const geluSlope = all => {
  const x = all > 40 ? 40 : all < -40 ? -40 : all, h = (x + 0.7517915246935645) - 1.4956759177009883e-17;
  return Math.abs(h) < 0.125 ? h * horner(h, GELU_NEAR)
    : erfc(-x * Math.SQRT1_2) * 0.5 + x * Math.exp(x * x * -0.5) * PER_ROOT_2PI;
};

const geluBend = all => {
  const x = all > 40 ? 40 : all < -40 ? -40 : all, density = Math.exp(x * x * -0.5) * PER_ROOT_2PI;
  return density * ((Math.SQRT2 - x) - 9.667293313452913e-17) * ((Math.SQRT2 + x) - 9.667293313452913e-17);
};

// ln(1 - eˣ): by expm1 near 0, by log1p further down.
const ln1mExp = x => (x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x)));

// Sums of two numbers, the second at most half an ulp of the first.
const two = {
  quick: (high, low) => [high + low, low - (high + low - high)],
  product: (a, b) => [a * b, productError(a, b)],
  times: ([a, b], [c, d]) => two.quick(a * c, productError(a, c) + (a * d + b * c)),
  plus([a, b], [c, d]) {
    const sum = a + c, part = sum - a;
    return two.quick(sum, (a - (sum - part)) + (c - part) + (b + d));
  },
  over([a, b], divisor) {
    const quotient = a / divisor, [p, e] = two.product(quotient, divisor);
    return two.quick(quotient, ((a - p) - e + b) / divisor);
  },
  minus: ([a, b]) => [-a, -b],
};

// Sine and cosine with some 31 digits.
const sinCos = x => {
  const turns = Math.round(x * (2 / Math.PI));
  const r = [1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33]
    .reduce((r, part) => two.plus(r, two.minus(two.product(turns, part))), [x, 0]);
  const square = two.minus(two.times(r, r));
  let terms = [r, [1, 0]], sums = terms;
  for (let k = 2; k < 30; k += 2) {
    terms = terms.map((term, j) => two.over(two.times(term, square), k * (j ? k - 1 : k + 1)));
    sums = sums.map((sum, j) => two.plus(sum, terms[j]));
  }
  const [sin, cos] = sums;
  return [[sin, cos], [cos, two.minus(sin)], [two.minus(sin), two.minus(cos)], [two.minus(cos), sin]][((turns % 4) + 4) % 4];
};

// The power series Σ (-1)ᵏ factor(k) x²ᵏ⁻² / (2k + 1)! from k on: what sinc and its derivatives are near 0.
const sincSeries = (x, factor, from) => {
  let sum = 0, factorial = 1;
  const terms = [];
  for (let k = 1; k < 16; k++) terms.push((factorial *= -2 * k * (2 * k + 1)) && factor(2 * k) / factorial);
  for (let k = 15; k >= from; k--) sum = sum * x * x + terms[k - 1];
  return sum;
};

const sinc = x => (x === 0 ? 1 : Math.abs(x) === Infinity ? 0 : Math.sin(x) / x);

const sincSlope = x => {
  if (Math.abs(x) < 1.5) return x * sincSeries(x, k => k, 1);
  if (Math.abs(x) === Infinity) return 0;
  const c = Math.cos(x), gap = c - Math.sin(x) / x;
  if (x !== x || Math.abs(x) > 1e7 || Math.abs(gap) > 0.1 * Math.abs(c)) return gap / x;
  const [sin, cos] = sinCos(x), [a, b] = two.plus(two.times(cos, [x, 0]), two.minus(sin));
  return (a + b) / x / x;
};

const sincBend = x => {
  if (Math.abs(x) < 1.5) return sincSeries(x, k => k * (k - 1), 1);
  if (Math.abs(x) === Infinity) return 0;
  const s = Math.sin(x), gap = s + (Math.cos(x) - s / x) / x * 2;
  if (x !== x || Math.abs(x) > 1e7 || Math.abs(gap) > 0.1 * Math.abs(s)) return -gap / x;
  const [sin, cos] = sinCos(x), factor = two.plus([2, 0], two.minus(two.product(x, x)));
  const [a, b] = two.plus(two.times(sin, factor), two.times(cos, [-2 * x, 0]));
  return (a + b) / x / x / x;
};

const sincTwist = (x, bend) => (x * x > 2.25
  ? -((bend * 3 + sinc(x)) / x) - sincSlope(x) : x * sincSeries(x, k => k * (k - 1) * (k - 2), 2));

// (ζ(k) - 1) / k from k = 2 on: ln Γ(2 + w) = (1 - γ) w + Σ (-1)ᵏ (ζ(k) - 1) wᵏ / k (A&S 6.1.33).
const ZETA = [
  0.3224670334241132, 0.0673523010531981, 0.020580808427784546, 0.007385551028673986, 0.0028905103307415234,
  0.001192753911703261, 0.0005096695247430425, 0.00022315475845357939, 9.945751278180853e-05,
  4.492623673813314e-05, 2.050721277567069e-05, 9.439488275268397e-06, 4.374866789907488e-06,
  2.039215753801366e-06, 9.55141213040742e-07, 4.492469198764566e-07, 2.1207184805554665e-07,
  1.0043224823968099e-07, 4.7698101693639804e-08, 2.2711094608943164e-08, 1.0838659214896955e-08,
  5.183475041970047e-09, 2.4836745438024785e-09, 1.1921401405860912e-09, 5.731367241678862e-10,
  2.7595228851242334e-10, 1.330476437424449e-10, 6.4229645638381e-11,
];

const nearTwo = w => w * (0.42278433509846713 + w * horner(-w, ZETA));

// B₂ⱼ / 2j, with the signs they alternate by.
const BERNOULLI = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160, 43867 / 14364, -174611 / 6600];

// ln |Γ|: around 1 and 2 their series, in between products, Stirling's from 10 on, the reflection below.
const lgamma = x => {
  if (Math.abs(x) === Infinity || (x <= 0 && x === Math.floor(x))) return Infinity;
  if (Math.abs(x) < 0.5) return nearTwo(x) - Math.log1p(x) - Math.log(Math.abs(x));
  if (x < 0) return Math.log(Math.PI / Math.abs(x * Math.sin(Math.PI * (x - Math.round(x))))) - lgamma(-x);
  if (x < 1.5) return nearTwo(x - 1) - Math.log1p(x - 1);
  if (x > 1e17) return x * (Math.log(x) - 1);
  if (x >= 10) {
    const series = horner(1 / (x * x), BERNOULLI.map((b, k) => b / (2 * k + 1))) / x;
    return (x - 0.5) * Math.log(x) - x + 0.9189385332046728 + series;
  }
  let w = x - 2, factors = 1;
  for (; w > 0.5; w--) factors *= w + 1;
  return Math.log(factors) + nearTwo(w);
};

const digamma = x => {
  if (x >= 10) {
    const u = 1 / (x * x);
    return Math.log(x) - 0.5 / x - horner(u, BERNOULLI) * u;
  }
  const root = 1.4616321449683622, h = (x - root) - 9.549995429965697e-17, y = x + 10, y0 = root + 10;
  const u = 1 / (y * y), u0 = 1 / (y0 * y0);
  let value = 0, slope = 0, sum = 0;
  for (let j = 9; j >= 0; j--) {
    slope = slope * u0 + value;
    value = value * u + BERNOULLI[j];
  }
  slope = slope * u0 + value;
  sum = 0.5 / (y * y0) + slope * ((y + y0) * u * u0);
  for (let k = 9; k >= 0; k--) sum += 1 / ((x + k) * (root + k));
  return h * sum + Math.log1p(h / y0);
};

const polygammaPositive = (n, x) => {
  if (n === 0) return digamma(x);
  let size = 1 / x;
  if (n <= 170) for (let k = 1; k < n; k++) size *= k / x;
  else size = Math.exp(lgamma(n) - n * Math.log(x));
  const scale = n % 2 ? size : -size, powerOf = q => (n === 1 ? q : Math.pow(q, n));
  if (x === Infinity) return scale;
  let y = x, sum = 0;
  for (let k = 1; y < n + 10; k++) {
    const p = powerOf(x / y);
    sum += p * (n / y);
    if (p < 1e-18 * sum) return scale * sum;
    y = x + k;
  }
  const u = 1 / (y * y);
  let coefficient = 1, series = 1 + 0.5 * n / y;
  BERNOULLI.forEach((b, k) => {
    const j = 2 * k + 2;
    coefficient *= (n + j - 2) * (n + j - 1) / ((j - 1) * j) * u;
    series += b * j * coefficient;
  });
  return scale * (sum + powerOf(x / y) * series);
};

// (-1)ⁿ dⁿ/dxⁿ π cot πx, by the recurrence of the Taylor coefficients of a tangent.
const cotDerivative = (n, x) => {
  const r = x - roundOf(x), near = Math.abs(r) <= 0.25;
  const cot = near ? Math.PI / Math.tan(Math.PI * r) : Math.sign(r) * Math.PI * Math.tan(Math.PI * (0.5 - Math.abs(r)));
  if (n === 0 || (n % 2 === 0 && cot === 0)) return cot;
  if (n > 170) return Infinity * (n % 2 ? 1 : Math.sign(cot));
  const a = [cot];
  let factorial = 1;
  for (let k = 0; k < n; k++) {
    let square = k ? 0 : Math.PI * Math.PI;
    for (let j = 0; j <= k; j++) square += a[j] * a[k - j];
    factorial *= k + 1;
    a.push(square / (k + 1));
  }
  return factorial * a[n];
};

const polygamma = (n, x) => {
  const odd = n % 2 === 1;
  if (x > 0) return polygammaPositive(n, x);
  if (x !== x || x === -Infinity) return NaN;
  if (x === Math.floor(x)) return odd ? Infinity : x === 0 ? -1 / x : NaN;
  const cot = cotDerivative(n, x), difference = Math.abs(cot) === Infinity ? cot : cot - polygammaPositive(n, 1 - x);
  return odd ? difference : -difference;
};

// ln Σ exp, with the largest taken out; all that are equal to it are counted.
const logSumExp = x => {
  if (x.length === 1) return x[0];
  let most = -Infinity, rest = 0, others = -1;
  for (const v of x) if (v > most) most = v;
  for (const v of x) if (v === most) others++; else rest += Math.exp(v - most);
  return most + Math.log1p(rest + others);
};

// The share of each term: exp(x - r) over the sum of these; from half on 1 less the others.
const sharesOf = (x, r) => {
  const e = x.map(v => Math.exp(Math.abs(r) === Infinity && !(v < r) ? (v === r ? 0 : NaN) : v - r));
  let total = -0, rest = -0, largest = e[0];
  e.forEach((v, k) => {
    total += v;
    if (k) [rest, largest] = v > largest ? [rest + largest, v] : [rest + v, largest];
  });
  return e.map(v => (v / total > 0.5 ? 1 - rest / total : v / total));
};
