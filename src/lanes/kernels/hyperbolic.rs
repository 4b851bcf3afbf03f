//! Hyperbolic functions, by `eˣ - 1` in two parts.
//!
//! The formulas are those of FreeBSD's `e_sinh.c`, `e_cosh.c` and `s_tanh.c` (fdlibm, Sun Microsystems
//! 1993). Theirs branch because rounding errors add up; here each numerator and denominator is a sum of
//! two numbers, and one formula serves all arguments. With `2ᵏ` taken out nothing overflows early.

use super::bits::rough_reciprocal;
use super::exponential::ScaledExpM1;

/// Where `sinh` and `cosh` have surely overflowed.
const MOST: f64 = 711.0;

/// Compute `sinh(x)` as `(t + t / (1 + t)) / 2`, where `t = e^|x| - 1`.
///
/// Accuracy: 1.1 ulp.
#[inline(always)]
pub(crate) fn sinh(x: f64) -> f64 {
    let a = x.abs();
    let t = ScaledExpM1::new(if a > MOST { MOST } else { a });
    let (p, p_low) = t.significand_m1;
    let denominator = 1.0 + p;
    let denominator_low = ((1.0 - denominator) + p) + p_low;
    let quotient = t.high / denominator;
    let correction = (t.low - quotient * denominator_low) * rough_reciprocal(denominator);
    let other = quotient * t.inverse_power;
    let sum = t.high + other;
    let sum_low = ((t.high - sum) + other) + (t.low + correction * t.inverse_power);
    t.k.halved().scale(sum + sum_low).copysign(x)
}

/// Compute `cosh(x)` as `(e^|x| + e^-|x|) / 2`.
///
/// Accuracy: 0.9 ulp.
#[inline(always)]
pub(crate) fn cosh(x: f64) -> f64 {
    let a = x.abs();
    let t = ScaledExpM1::new(if a > MOST { MOST } else { a });
    let (p, p_low) = t.significand_m1;
    let m = 1.0 + p;
    let m_low = ((1.0 - m) + p) + p_low;
    let other = t.inverse_power * t.inverse_power / m;
    let sum = m + other;
    t.k.halved().scale(sum + (((m - sum) + other) + m_low))
}

/// Compute `tanh(x)` as `t / (t + 2)`, where `t = e^2|x| - 1`.
///
/// Accuracy: 1.3 ulp.
#[inline(always)]
pub(crate) fn tanh(x: f64) -> f64 {
    // Beyond 22 it is 1.
    let a = x.abs();
    let t = ScaledExpM1::new(2.0 * if a > 22.0 { 22.0 } else { a });
    let (p, p_low) = t.significand_m1;
    // (t + 2) / 2ᵏ = (1 + 2⁻ᵏ) + p.
    let one = 1.0 + t.inverse_power;
    let one_low = (1.0 - one) + t.inverse_power;
    let denominator = one + p;
    let denominator_low = ((one - denominator) + p) + (p_low + one_low);
    let quotient = t.high / denominator;
    let correction = (t.low - quotient * denominator_low) * rough_reciprocal(denominator);
    (quotient + correction).copysign(x)
}
