//! The exponential function and what is made of it: the logistic function, `silu`, hyperbolic functions.
//!
//! The scheme is that of Cody and Waite: `x = k ln 2 + r` with `|r| <= ln 2 / 2`, then `eˣ = 2ᵏ eʳ`, and
//! `eʳ` by a polynomial. Sources: W. J. Cody, W. Waite, *Software Manual for the Elementary Functions*
//! (1980), chapter 6; P. T. P. Tang, *Table-driven implementation of the exponential function in IEEE
//! floating-point arithmetic*, ACM TOMS 15 (1989), for the compensated sums; the split of ln 2 is that of
//! FreeBSD's `e_exp.c`.

use super::arithmetic::{
    Exponent, LN2_HIGH, LN2_LOW, Number, polynomial, quotient, rough_reciprocal, two_sum,
};
use std::f64::consts::LOG2_E;

/// Where the exponential function has surely overflowed, and where it is surely zero.
const MOST: f64 = 710.0;
const LEAST: f64 = -746.0;

/// `x = k ln 2 + r + rest`, where `r + rest` is not rounded to one number.
pub(super) struct Reduced<T: Number = f64> {
    pub k: Exponent<T>,
    r: T,
    rest: T,
}

impl<T: Number> Reduced<T> {
    #[inline(always)]
    pub fn new(x: T) -> Reduced<T> {
        let k = Exponent::nearest(x * LOG2_E);
        let high = x - k.number * LN2_HIGH;
        let low = k.number * LN2_LOW;
        let r = high - low;
        Reduced { k, r, rest: (high - r) - low }
    }

    /// Compute `exp(r + rest)`.
    #[inline(always)]
    pub fn exp(&self) -> T {
        let sum = self.r + 1.0;
        sum + (((-sum + 1.0) + self.r) + (tail(self.r) + self.rest * sum))
    }

    /// Compute `exp(r + rest) - 1` as a sum of two numbers.
    #[inline(always)]
    pub fn exp_m1(&self) -> (T, T) {
        let tail = tail(self.r) + self.rest * (self.r + 1.0);
        let sum = self.r + tail;
        (sum, (self.r - sum) + tail)
    }
}

/// Compute `eʳ - 1 - r` for `|r| <= ln 2 / 2`.
///
/// The polynomial is the minimax one for `(eʳ - 1 - r) / r²`, by the algorithm of Remez; it is off by
/// 2⁻⁶¹ of `eʳ - 1` at most. Its terms are summed in pairs (Estrin's scheme), because instructions that
/// do not wait for each other run at the same time.
#[inline(always)]
pub(super) fn tail<T: Number>(r: T) -> T {
    let r2 = r * r;
    let r4 = r2 * r2;
    let low =
        (r * 0.1666666666666667 + 0.5) + r2 * (r * 0.008333333333326134 + 0.041666666666666685);
    let middle = (r * 0.00019841269874822077 + 0.00138888888888744)
        + r2 * (r * 2.755725539859815e-06 + 2.480158734733894e-05);
    let high = (r * 2.5105217600667974e-08 + 2.755725291227619e-07) + r2 * 2.092158967413066e-09;
    r2 * (low + r4 * (middle + r4 * high))
}

/// Compute `eˣ`.
///
/// Accuracy: 0.7 ulp; 0.8 ulp where the result is subnormal.
#[inline(always)]
pub(crate) fn exp<T: Number>(x: T) -> T {
    exp_up_to_most(x.if_more(MOST, T::from(MOST), x))
}

/// Compute `eˣ` for `x <= 710`.
#[inline(always)]
pub(super) fn exp_up_to_most<T: Number>(x: T) -> T {
    let reduced = Reduced::new(x.if_less(LEAST, T::from(LEAST), x));
    reduced.k.scale(reduced.exp())
}

/// Compute `eˣ - 1` as `2ᵏ ((1 - 2⁻ᵏ) + (eʳ - 1))`.
///
/// Accuracy: 1 ulp.
#[inline(always)]
pub(crate) fn exp_m1(x: f64) -> f64 {
    // Below -40 it is -1 as it is at -40.
    let clamped = if x < -40.0 { -40.0 } else { x };
    let scaled = ScaledExpM1::new(if clamped > MOST { MOST } else { clamped });
    // The sign is for -0.
    scaled.k.scale(scaled.high + scaled.low).copysign(x)
}

/// `eˣ - 1 = 2ᵏ (high + low)`.
pub(super) struct ScaledExpM1<T: Number = f64> {
    pub k: Exponent<T>,
    pub high: T,
    pub low: T,
    /// `2⁻ᵏ`, or zero where it does not count.
    pub inverse_power: T,
    /// `eʳ - 1` in two parts.
    pub significand_m1: (T, T),
}

impl<T: Number> ScaledExpM1<T> {
    /// Take it apart for `-1000 < x < 745`.
    #[inline(always)]
    pub fn new(x: T) -> ScaledExpM1<T> {
        let reduced = Reduced::new(x);
        let (p, p_low) = reduced.exp_m1();
        let inverse_power = x.if_more(100.0, T::from(0.0), reduced.k.inverse_power());
        let one = -inverse_power + 1.0;
        let one_low = (-one + 1.0) - inverse_power;
        // No sum loses anything: its first term is zero or the larger one.
        let high = one + p;
        let low = ((one - high) + p) + (p_low + one_low);
        ScaledExpM1 { k: reduced.k, high, low, inverse_power, significand_m1: (p, p_low) }
    }
}

/// Compute the logistic function `1 / (1 + e⁻ˣ)`.
///
/// With `e = exp(-|x|)` and `q = e / (1 + e)` it is `1 - q` for positive and `e - e q` for negative `x`:
/// the quotient, which has several rounding errors, never makes up more than half of the result. Compare
/// P. Blanchard, D. J. Higham, N. J. Higham, *Accurately computing the log-sum-exp and softmax functions*,
/// IMA J. Numer. Anal. 41 (2021). Accuracy: 1.7 ulp, subnormal results included. `-inf → 0`, `inf → 1`.
#[inline(always)]
pub(crate) fn sigmoid<T: Number>(x: T) -> T {
    let e = exp_up_to_most(-x.abs());
    let quotient = e / (e + 1.0);
    let largest = x.if_less(0.0, e, T::from(1.0));
    largest - largest * quotient
}

/// `2ᵏ (high + low)`, which is out of range only when multiplied out.
pub(super) struct InParts {
    /// Has 33 bits.
    pub high: f64,
    /// At most a tenth of `high`.
    pub low: f64,
    pub k: Exponent,
}

/// Compute `exp(x + low)` for `-1400 ≤ x ≤ 800` and `|low| ≤ 2⁻¹⁵`.
///
/// `x = k ln 2 + s` as above with more bits of both, and on `|s| ≤ 0.3467` a polynomial that
/// interpolates `(exp(s) - 1 - s)/s²` at Chebyshev points. Accuracy: 2⁻⁵⁶ relative, measured through the
/// kernels that use it.
#[inline(always)]
pub(super) fn exp_of_sum(x: f64, low: f64) -> InParts {
    /// 40 bits of `ln 2`, and the rest.
    const LN2: [f64; 2] = [0.6931471805592082, 7.371002565167799e-13];
    /// Rounds a number near 1 to a multiple of 2⁻³².
    const TO_33_BITS: f64 = 1.5 * 1_048_576.0;
    let k = Exponent::nearest(x * LOG2_E);
    let n = k.number;
    let (s, s_low) = two_sum(x - n * LN2[0], low - n * LN2[1]);
    let high = (s + (1.0 + TO_33_BITS)) - TO_33_BITS;
    let curve = polynomial!(s;
        0.5, 0.1666666666666667, 0.04166666666666667, 0.00833333333332612, 0.0013888888888883737,
        0.00019841269874873975, 2.480158732558584e-5, 2.755725533255441e-6, 2.7557273594799413e-7,
        2.510524515390137e-8, 2.0914707069612355e-9);
    InParts { high, low: (s - (high - 1.0)) + (s * s * curve + s_low * high), k }
}

/// Compute `x / (1 + e⁻ˣ)`.
///
/// For `x < 0` as `x·eˣ / (1 + eˣ)` with the power of two of the exponential multiplied last, so that the
/// left tail goes through the subnormal numbers to zero. Accuracy: 1.6 ulp, subnormal results
/// included. `±0 → ±0`, `-inf → -0` (the limit), `inf → inf`, `NaN → NaN`.
#[inline(always)]
pub(crate) fn silu(x: f64) -> f64 {
    /// `silu(-800)` is zero, and -inf must not reach a product with zero.
    const NOTHING: f64 = 800.0;
    let a = if x.abs() > NOTHING { NOTHING } else { x.abs() };
    let e = exp_of_sum(-a, 0.0);
    let power = e.k.scale(e.high + e.low);
    let below = 1.0 + power;
    let negative = x < 0.0;
    let above = if negative { e.high } else { 1.0 };
    let above_low = if negative { e.low } else { 0.0 };
    let sigmoid = quotient((above, above_low), (below, (1.0 - below) + power));
    let scaled = e.k.scale(-a * sigmoid);
    if negative { scaled } else { x * sigmoid }
}

// Hyperbolic functions, by `eˣ - 1` in two parts. The formulas are those of FreeBSD's `e_sinh.c`, `e_cosh.c`
// and `s_tanh.c` (fdlibm, Sun Microsystems 1993). Theirs branch because rounding errors add up; here each
// numerator and denominator is a sum of two numbers, and one formula serves all arguments. With `2ᵏ` taken
// out nothing overflows early.

/// Where `sinh` and `cosh` have surely overflowed.
const MOST_HYPERBOLIC: f64 = 711.0;

/// Compute `sinh(x)` as `(t + t / (1 + t)) / 2`, where `t = e^|x| - 1`.
///
/// Accuracy: 1.1 ulp.
#[inline(always)]
pub(crate) fn sinh(x: f64) -> f64 {
    let a = x.abs();
    let t = ScaledExpM1::new(if a > MOST_HYPERBOLIC { MOST_HYPERBOLIC } else { a });
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
    let t = ScaledExpM1::new(if a > MOST_HYPERBOLIC { MOST_HYPERBOLIC } else { a });
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
pub(crate) fn tanh<T: Number>(x: T) -> T {
    // Beyond 22 it is 1.
    let a = x.abs();
    let t = ScaledExpM1::new(a.if_more(22.0, T::from(22.0), a) * 2.0);
    let (p, p_low) = t.significand_m1;
    // (t + 2) / 2ᵏ = (1 + 2⁻ᵏ) + p.
    let one = t.inverse_power + 1.0;
    let one_low = (-one + 1.0) + t.inverse_power;
    let denominator = one + p;
    let denominator_low = ((one - denominator) + p) + (p_low + one_low);
    let quotient = t.high / denominator;
    let correction = (t.low - quotient * denominator_low) * rough_reciprocal(denominator);
    (quotient + correction).with_sign_of(x)
}
