//! The exponential function and what is made of it.
//!
//! The scheme is that of Cody and Waite: `x = k ln 2 + r` with `|r| <= ln 2 / 2`, then `eˣ = 2ᵏ eʳ`, and
//! `eʳ` by a polynomial. Sources: W. J. Cody, W. Waite, *Software Manual for the Elementary Functions*
//! (1980), chapter 6; P. T. P. Tang, *Table-driven implementation of the exponential function in IEEE
//! floating-point arithmetic*, ACM TOMS 15 (1989), for the compensated sums; the split of ln 2 is that of
//! FreeBSD's `e_exp.c`.

use super::bits::Exponent;
use super::logarithm::ln_1p_of_unit;
use std::f64::consts::LOG2_E;

/// ln 2 in two parts. The first has 32 bits: its product with an exponent is exact.
pub(super) const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
pub(super) const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// Where the exponential function has surely overflowed, and where it is surely zero.
const MOST: f64 = 710.0;
const LEAST: f64 = -746.0;

/// `x = k ln 2 + r + rest`, where `r + rest` is not rounded to one number.
pub(super) struct Reduced {
    pub k: Exponent,
    r: f64,
    rest: f64,
}

impl Reduced {
    #[inline(always)]
    pub fn new(x: f64) -> Reduced {
        let k = Exponent::nearest(x * LOG2_E);
        let high = x - k.number * LN2_HIGH;
        let low = k.number * LN2_LOW;
        let r = high - low;
        Reduced { k, r, rest: (high - r) - low }
    }

    /// Compute `exp(r + rest)`.
    #[inline(always)]
    pub fn exp(&self) -> f64 {
        let sum = 1.0 + self.r;
        sum + (((1.0 - sum) + self.r) + (tail(self.r) + self.rest * sum))
    }

    /// Compute `exp(r + rest) - 1` as a sum of two numbers.
    #[inline(always)]
    pub fn exp_m1(&self) -> (f64, f64) {
        let tail = tail(self.r) + self.rest * (1.0 + self.r);
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
pub(super) fn tail(r: f64) -> f64 {
    let r2 = r * r;
    let r4 = r2 * r2;
    let low =
        (0.5 + r * 0.1666666666666667) + r2 * (0.041666666666666685 + r * 0.008333333333326134);
    let middle = (0.00138888888888744 + r * 0.00019841269874822077)
        + r2 * (2.480158734733894e-05 + r * 2.755725539859815e-06);
    let high = (2.755725291227619e-07 + r * 2.5105217600667974e-08) + r2 * 2.092158967413066e-09;
    r2 * (low + r4 * (middle + r4 * high))
}

/// Compute `eˣ`.
///
/// Accuracy: 0.7 ulp; 0.8 ulp where the result is subnormal.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    exp_up_to_most(if x > MOST { MOST } else { x })
}

/// Compute `eˣ` for `x <= 710`.
#[inline(always)]
fn exp_up_to_most(x: f64) -> f64 {
    let reduced = Reduced::new(if x < LEAST { LEAST } else { x });
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
pub(super) struct ScaledExpM1 {
    pub k: Exponent,
    pub high: f64,
    pub low: f64,
    /// `2⁻ᵏ`, or zero where it does not count.
    pub inverse_power: f64,
    /// `eʳ - 1` in two parts.
    pub significand_m1: (f64, f64),
}

impl ScaledExpM1 {
    /// Take it apart for `-1000 < x < 745`.
    #[inline(always)]
    pub fn new(x: f64) -> ScaledExpM1 {
        let reduced = Reduced::new(x);
        let (p, p_low) = reduced.exp_m1();
        let inverse_power = if x > 100.0 { 0.0 } else { reduced.k.inverse_power() };
        let one = 1.0 - inverse_power;
        let one_low = (1.0 - one) - inverse_power;
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
pub(crate) fn sigmoid(x: f64) -> f64 {
    let e = exp_up_to_most(-x.abs());
    let quotient = e / (1.0 + e);
    let largest = if x < 0.0 { e } else { 1.0 };
    largest - largest * quotient
}

/// Compute `ln(1 + eˣ)` as `max(x, 0) + ln(1 + exp(-|x|))`.
///
/// Source: M. Mächler, *Accurately computing log(1 − exp(−|a|))* (2012). Accuracy: 1.5 ulp, subnormal
/// results included: `softplus(x) → eˣ`. `-inf → 0`, `inf → inf`.
#[inline(always)]
pub(crate) fn softplus(x: f64) -> f64 {
    let positive = if x > 0.0 { x } else { 0.0 };
    positive + ln_1p_of_unit(exp_up_to_most(-x.abs()))
}
