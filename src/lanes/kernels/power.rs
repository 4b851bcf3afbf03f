//! Powers.
//!
//! FreeBSD's `e_pow.c` (fdlibm, Sun Microsystems 1993) without its branches: the binary logarithm of
//! `|x|` as a sum of two numbers that hold some 75 bits, its product with `y` likewise, and 2 to the
//! power of that. Heads with 21 bits take the place of fused operations: their products are exact (T. J.
//! Dekker, *A floating-point technique for extending the available precision*, Numer. Math. 18 (1971)).

use super::bits::{Exponent, Split, head};
use super::exponential::tail;
use std::f64::consts::LN_2;

const INF: f64 = f64::INFINITY;

/// Compute `x` to the power `y`.
///
/// Accuracy: 0.7 ulp; 0.8 ulp where the result is subnormal. The special values are those of `f64::powf`
/// (C99, annex F): `x⁰ = 1` and `1ʸ = 1` also for NaN, a negative `x` with a `y` that is not an integer
/// is NaN, and so on.
///
/// ```
/// use gradtape::lanes::pow;
/// assert_eq!(pow(2.0, -1074.0), 5e-324);
/// assert_eq!(pow(-3.0, 3.0), -27.0);
/// assert!(pow(-3.0, 0.5).is_nan());
/// assert_eq!(pow(f64::NAN, 0.0), 1.0);
/// ```
#[must_use]
#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    let a = x.abs();
    let positive = exp2_of_product(y, log2(a));
    // Zero and infinity, which have no logarithm.
    let up = (a == 0.0) == (y < 0.0);
    let end = if up { INF } else { 0.0 };
    let at_end = (a == 0.0) | (a == INF);
    let positive = if at_end { end } else { positive };

    let integer = is_integer(y);
    let odd = integer & !is_integer(0.5 * y);
    let negative = x.is_sign_negative();
    let signed = if odd & negative { -positive } else { positive };
    let no_real = negative & !integer & !at_end;
    let value = if no_real | x.is_nan() | y.is_nan() { f64::NAN } else { signed };
    if (y == 0.0) | (x == 1.0) { 1.0 } else { value }
}

/// Tell whether a number is an integer. Infinity counts as one.
#[inline(always)]
fn is_integer(y: f64) -> bool {
    /// From here on every number is one: 2⁵².
    const INTEGERS: f64 = 4503599627370496.0;
    let a = y.abs();
    ((a + INTEGERS) - INTEGERS == a) | (a >= INTEGERS)
}

/// Compute the binary logarithm of a positive finite number as a sum of two, the first with 21 bits.
///
/// With `b` one of 1 and 3/2, whichever is nearer, `s = (m - b) / (m + b)` and `ln(m / b) = 2 artanh(s)`.
#[inline(always)]
fn log2(a: f64) -> (f64, f64) {
    /// 2⁵⁴ makes a subnormal number normal.
    const UP: f64 = 18014398509481984.0;
    /// log₂ 1.5 and 2 / (3 ln 2), in two parts.
    const LOG2_3_2: (f64, f64) = (f64::from_bits(0x3fe2_b803_4000_0000), 1.350039202129749e-08);
    const SCALE: f64 = 0.9617966939259756;
    const SCALE_PARTS: (f64, f64) = (f64::from_bits(0x3fee_c709_e000_0000), -7.028461650952758e-09);

    let subnormal = a < f64::MIN_POSITIVE;
    let Split { exponent, significand: m, .. } = Split::new(if subnormal { a * UP } else { a });
    let n = exponent - if subnormal { 54.0 } else { 0.0 };
    let above = m > 1.224744871391589;
    let below = m < 0.816496580927726;
    // Below √⅔ it is 2m that is near 3/2.
    let m = if below { 2.0 * m } else { m };
    let n = if below { n - 1.0 } else { n };
    let near_3_2 = above | below;
    let b = if near_3_2 { 1.5 } else { 1.0 };
    let log2_b = if near_3_2 { LOG2_3_2.0 } else { 0.0 };
    let log2_b_low = if near_3_2 { LOG2_3_2.1 } else { 0.0 };

    // s, with its head and what the head leaves.
    let difference = m - b;
    let sum = m + b;
    let reciprocal = 1.0 / sum;
    let s = difference * reciprocal;
    let s_head = head(s);
    let sum_head = head(sum);
    let sum_rest = m - (sum_head - b);
    let s_rest = reciprocal * ((difference - s_head * sum_head) - s_head * sum_rest);

    // 3 ln(m / b) / 2 = s (3 + s² + series).
    let s2 = s * s;
    let series = s2
        * s2
        * (0.5999999999999946
            + s2 * (0.4285714285785502
                + s2 * (0.33333332981837743
                    + s2 * (0.272728123808534
                        + s2 * (0.23066074577556175 + s2 * 0.20697501780033842)))));
    let series = series + s_rest * (s_head + s);
    let square = s_head * s_head;
    let factor = head(3.0 + square + series);
    let factor_rest = series - ((factor - 3.0) - square);
    let product = s_head * factor;
    let product_rest = s_rest * factor + factor_rest * s;
    let log = head(product + product_rest);
    let log_rest = product_rest - (log - product);

    // Times 2 / (3 ln 2), plus log₂ b, plus the exponent.
    let high = SCALE_PARTS.0 * log;
    let low = SCALE_PARTS.1 * log + log_rest * SCALE + log2_b_low;
    let total = head(((high + low) + log2_b) + n);
    (total, low - (((total - n) - log2_b) - high))
}

/// Compute `2^(y · l)` for a sum of two numbers `l`, the first with 21 bits.
#[inline(always)]
fn exp2_of_product(y: f64, (l, l_low): (f64, f64)) -> f64 {
    /// With a larger exponent every base but 1 overflows or underflows: 2⁶⁵.
    const MOST: f64 = 36893488147419103232.0;
    /// Where the power of 2 has surely overflowed or is surely zero.
    const END: f64 = 1080.0;
    /// ln 2 in two parts.
    const LN2: (f64, f64) = (f64::from_bits(0x3fe6_2e43_0000_0000), -1.904654299957768e-09);

    let y = if y > MOST { MOST } else { y };
    let y = if y < -MOST { -MOST } else { y };
    let y_head = head(y);
    let z = y_head * l;
    let z_low = (y - y_head) * l + y * l_low;
    let z_low = if z.abs() > END { 0.0 } else { z_low };
    let z = if z > END { END } else { z };
    let z = if z < -END { -END } else { z };

    let k = Exponent::nearest(z + z_low);
    let z = z - k.number;
    let t = head(z + z_low);
    let high = t * LN2.0;
    let low = (z_low - (t - z)) * LN_2 + t * LN2.1;
    let r = high + low;
    let rest = low - (r - high);
    let sum = 1.0 + r;
    k.scale(sum + (((1.0 - sum) + r) + (tail(r) + rest * sum)))
}
