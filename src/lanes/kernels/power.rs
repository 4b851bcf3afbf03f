//! Logarithms, powers and roots.
//!
//! The scheme of `ln` and `ln_1p` is that of FreeBSD's `e_log.c` and `s_log1p.c` (fdlibm, Sun Microsystems
//! 1993): with `x = 2ᵏ (1 + f)` and `s = f / (2 + f)`, `ln(1 + f) = 2 artanh(s) = f - (f²/2 - s (f²/2 + R(s²)))`,
//! so that the largest term is exact.
//!
//! [`pow`] is FreeBSD's `e_pow.c` without its branches: the binary logarithm of `|x|` as a sum of two numbers
//! that hold some 75 bits, its product with `y` likewise, and 2 to the power of that. Heads with 21 bits
//! take the place of fused operations: their products are exact (T. J. Dekker, *A floating-point technique
//! for extending the available precision*, Numer. Math. 18 (1971)).

use super::arithmetic::{
    Exponent, INTEGERS, LN2_HIGH, LN2_LOW, Number, Split, head, polynomial, rough_reciprocal, upper,
};
use super::exponential::{exp_up_to_most, tail};
use std::f64::consts::LN_2;

const INF: f64 = f64::INFINITY;

/// Compute `k ln 2 + ln(1 + f + rest)` for `-0.3 <= f <= 0.5`, `rest` being far smaller than `f`.
///
/// `|s|` is at most 1/5. `R` is the minimax polynomial by the algorithm of Remez for that, off by 2⁻⁶¹ of
/// the logarithm at most; fdlibm's, one term shorter, is for 0.172. Estrin's scheme, as for `exp`.
#[inline(always)]
fn ln_of_split<T: Number>(k: T, f: T, rest: T) -> T {
    let s = f / (f + 2.0);
    let z = s * s;
    let z2 = z * z;
    let low = (z * 0.40000000000008057 + 0.6666666666666666)
        + z2 * (z * 0.2222222305518488 + 0.285714285672303);
    let high = (z * 0.15388885632700477 + 0.1818173713913469)
        + z2 * (z * 0.13611335690224796 + 0.13209384788270317);
    let series = z * (low + z2 * z2 * high);
    let half_square = f * 0.5 * f;
    let small = s * (half_square + series) + (k * LN2_LOW + rest);
    k * LN2_HIGH - ((half_square - small) - f)
}

/// Compute `ln(1 + e)` for `0 <= e <= 1`, from 1/2 on as `ln 2 + ln(1 + (e - 1) / 2)`.
///
/// Accuracy: 0.9 ulp, subnormal numbers included.
#[inline(always)]
fn ln_1p_of_unit<T: Number>(e: T) -> T {
    // NaN takes either.
    let f = e.if_less(0.5, e, (e - 1.0) * 0.5);
    ln_of_split(e.if_less(0.5, T::from(0.0), T::from(1.0)), f, T::from(0.0))
}

/// Compute the natural logarithm.
///
/// Accuracy: 0.9 ulp. `±0 → -inf`, `inf → inf`, negative numbers and NaN → NaN.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    /// What makes a subnormal number normal: 2⁵⁴.
    const UP: f64 = 18014398509481984.0;
    let subnormal = x < f64::MIN_POSITIVE;
    let split = Split::new(if subnormal { x * UP } else { x });
    let k = split.exponent - if subnormal { 54.0 } else { 0.0 };
    let y = ln_of_split(k, split.significand - 1.0, 0.0);
    let y = if x < INF { y } else { x };
    let y = if x < 0.0 { f64::NAN } else { y };
    if x == 0.0 { -INF } else { y }
}

/// Compute `ln(1 + x)`.
///
/// Accuracy: 0.9 ulp. `±0 → ±0`, `-1 → -inf`, `inf → inf`, numbers below -1 and NaN → NaN.
#[inline(always)]
pub(crate) fn ln_1p(x: f64) -> f64 {
    /// From 2⁶⁰ on the rounding error of `1 + x` does not count.
    const NO_ERROR: f64 = 1152921504606846976.0;
    let sum = 1.0 + x;
    let error = if x < 1.0 { x - (sum - 1.0) } else { 1.0 - (sum - x) };
    let split = Split::new(sum);
    let m = split.significand;
    // Without a reduction x itself is f, and exact.
    let reduced = split.exponent != 0.0;
    let f = if reduced { m - 1.0 } else { x };
    let rest = (error * split.inverse_power) * rough_reciprocal(m);
    let rest = if reduced & (x < NO_ERROR) { rest } else { 0.0 };
    let y = ln_of_split(split.exponent, f, rest);
    let y = if x < INF { y } else { x };
    let y = if x < -1.0 { f64::NAN } else { y };
    // The sign is for -0.
    (if x == -1.0 { -INF } else { y }).copysign(x)
}

/// Compute `ln(1 + eˣ)` as `max(x, 0) + ln(1 + exp(-|x|))`.
///
/// Source: M. Mächler, *Accurately computing log(1 − exp(−|a|))* (2012). Accuracy: 1.5 ulp, subnormal
/// results included: `softplus(x) → eˣ`. `-inf → 0`, `inf → inf`.
#[inline(always)]
pub(crate) fn softplus<T: Number>(x: T) -> T {
    x.if_more(0.0, x, T::from(0.0)) + ln_1p_of_unit(exp_up_to_most(-x.abs()))
}

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

/// Compute the square root. Correctly rounded: every instruction set has one for numbers in step.
#[inline(always)]
pub(crate) fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// Round to the nearest integer, ties away from zero. Exact, and the sign of a zero is kept.
#[inline(always)]
pub(crate) fn round(x: f64) -> f64 {
    let a = x.abs();
    // Ties go to the even integer here, so some are one too low.
    let even = (a + INTEGERS) - INTEGERS;
    let away = if a - even == 0.5 { even + 1.0 } else { even };
    (if a < INTEGERS { away } else { a }).copysign(x)
}

/// Compute the cube root.
///
/// `x = m·8ᵏ` with `1 ≤ m < 8`; a polynomial for `m^(-1/3)`, one step of a fourth-order iteration,
/// and a correction by the exact remainder `m - c³`. Accuracy: 0.55 ulp. `±0 → ±0`, `±inf → ±inf`,
/// `NaN → NaN`.
#[inline(always)]
pub(crate) fn cbrt(x: f64) -> f64 {
    const THIRD: f64 = 1.0 / 3.0;
    let subnormal = x.abs() < f64::MIN_POSITIVE;
    let a = if subnormal { x.abs() * 18_014_398_509_481_984.0 } else { x.abs() };
    let shrink = if subnormal { -341.0 - 18.0 } else { -341.0 };
    // The exponent, biased by 1023 = 3 · 341, is 3k or one or two more.
    let exponent = f64::from_bits((a.to_bits() >> 52) | INTEGERS.to_bits()) - INTEGERS;
    let k = Exponent::nearest((exponent - 1.0) * THIRD).number;
    let mantissa = f64::from_bits(a.to_bits() & ((1 << 52) - 1) | 1.0_f64.to_bits());
    let m = mantissa * Exponent::nearest(exponent - 3.0 * k).power();
    let inverse = polynomial!(m;
        1.4788960205839452, -0.7149181219383872, 0.29903962657323746, -0.07512465780891567,
        0.010852833515977007, -0.0008304424299961852, 2.6034477433439637e-05);
    let h = 1.0 - m * inverse * (inverse * inverse);
    let inverse = inverse + inverse * h * (THIRD + h * (2.0 / 9.0 + h * (14.0 / 81.0)));
    let inverse_square = inverse * inverse;
    let c = upper(m * inverse_square);
    let square = c * c;
    let square_high = upper(square);
    let remainder = (m - square_high * c) - (square - square_high) * c;
    let step = THIRD * remainder * inverse_square;
    // m - c³ = 3·r²·(r - c) - 3·r·(r - c)² + ..., with 1/r at hand rather than 1/c.
    let root = c + (step + step * step * inverse);
    let finite = root * Exponent::nearest(k + shrink).power();
    // Zeros, infinities and NaN are their own roots.
    (if (a > 0.0) & (a < f64::INFINITY) { finite } else { a }).copysign(x)
}
