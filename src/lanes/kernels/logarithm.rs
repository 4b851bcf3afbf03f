//! Logarithms.
//!
//! The scheme is that of FreeBSD's `e_log.c` and `s_log1p.c` (fdlibm, Sun Microsystems 1993): with
//! `x = 2ᵏ (1 + f)` and `s = f / (2 + f)`, `ln(1 + f) = 2 artanh(s) = f - (f²/2 - s (f²/2 + R(s²)))`, so that
//! the largest term is exact.

use super::bits::{Split, rough_reciprocal};
use super::exponential::{LN2_HIGH, LN2_LOW};

const INF: f64 = f64::INFINITY;

/// Compute `k ln 2 + ln(1 + f + rest)` for `-0.3 <= f <= 0.5`, `rest` being far smaller than `f`.
///
/// `|s|` is at most 1/5. `R` is the minimax polynomial by the algorithm of Remez for that, off by 2⁻⁶¹ of
/// the logarithm at most; fdlibm's, one term shorter, is for 0.172. Estrin's scheme, as for `exp`.
#[inline(always)]
fn ln_of_split(k: f64, f: f64, rest: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let z2 = z * z;
    let low = (0.6666666666666666 + z * 0.40000000000008057)
        + z2 * (0.285714285672303 + z * 0.2222222305518488);
    let high = (0.1818173713913469 + z * 0.15388885632700477)
        + z2 * (0.13209384788270317 + z * 0.13611335690224796);
    let series = z * (low + z2 * z2 * high);
    let half_square = 0.5 * f * f;
    let small = s * (half_square + series) + (k * LN2_LOW + rest);
    k * LN2_HIGH - ((half_square - small) - f)
}

/// Compute `ln(1 + e)` for `0 <= e <= 1`, from 1/2 on as `ln 2 + ln(1 + (e - 1) / 2)`.
///
/// Accuracy: 0.9 ulp, subnormal numbers included.
#[inline(always)]
pub(super) fn ln_1p_of_unit(e: f64) -> f64 {
    let near_one = e >= 0.5;
    let f = if near_one { 0.5 * (e - 1.0) } else { e };
    ln_of_split(if near_one { 1.0 } else { 0.0 }, f, 0.0)
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
