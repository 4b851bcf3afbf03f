//! `f64` as a [`Real`]: what the tape records is what these lines return, bit for bit. Below it are the
//! functions that `std` lacks and whose textbook formula overflows, cancels or loses a NaN.
//!
//! The inverse hyperbolic functions are those of `libm`, at most 1.2 ulp off. `std` has formulas of its own for them:
//! its `atanh` is 2 % wrong at `-1 + 1e-9`, its `asinh` and `acosh` are infinite from 9e307 on. All else that is
//! taken from `std` was found within 1.8 ulp of 700-digit arithmetic near zeros, poles and the ends of the range.

use super::custom::CustomFn;
use super::sealed::Sealed;
use super::{Operand, Real, sinc, slope, special};
use smallvec::SmallVec;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LN_2};

impl Operand for f64 {
    type Scalar = f64;
    #[inline(always)]
    fn scalar(self) -> f64 {
        self
    }
}

/// Methods that are the function of the same name: of `std`, of a module, or of this file.
macro_rules! forward {
    ($($f:ident ( $($arg:ident : $t:ty),* );)*) => {$(
        #[inline(always)]
        fn $f(self, $($arg: $t),*) -> f64 {
            $f(self, $($arg),*)
        }
    )*};
    ($($module:ident :: $f:ident ( $($arg:ident : $t:ty),* );)*) => {$(
        #[inline(always)]
        fn $f(self, $($arg: $t),*) -> f64 {
            $module::$f(self, $($arg),*)
        }
    )*};
}

impl Sealed for f64 {}

impl Real for f64 {
    const NOTHING: f64 = -0.0;

    #[inline(always)]
    fn value(self) -> f64 {
        self
    }

    forward! {
        f64::recip(); f64::powf(exponent: f64);
        f64::sqrt(); f64::cbrt(); f64::exp(); f64::exp2(); f64::exp_m1();
        f64::ln(); f64::ln_1p(); f64::log2(); f64::log10();
        f64::sin(); f64::cos(); f64::tan(); f64::asin(); f64::acos(); f64::atan();
        f64::atan2(x: f64); f64::sinh(); f64::cosh(); f64::tanh();
        f64::hypot(y: f64);
        f64::abs(); f64::signum(); f64::floor(); f64::ceil(); f64::round(); f64::trunc();
        f64::fract(); f64::mul_add(a: f64, b: f64);
    }
    forward! {
        powi(n: i32); min(other: f64); max(other: f64); clamp(lo: f64, hi: f64); relu(); leaky_relu(slope: f64); compare(other: f64);
        softplus(); ln_1m_exp(); sigmoid(); silu(); gelu(); acosh(); asinh(); atanh();
    }
    forward! {
        special::erf(); special::erfc(); special::erfcx(); special::lgamma();
        slope::sigmoid_slope(); slope::tanh_slope(); slope::silu_slope(); slope::gelu_slope(); slope::atan_slope();
        sinc::sinc(); sinc::sinc_slope(); sinc::sinc_bend();
        slope::hypot_slope(y: f64); slope::atan2_slope(y: f64);
        slope::sigmoid_slope_at(r: f64); slope::tanh_slope_at(r: f64);
        slope::hypot_slope_at(y: f64, r: f64);
    }

    #[inline(always)]
    fn square(self) -> f64 {
        self * self
    }

    #[inline(always)]
    fn pow(self, exponent: f64) -> f64 {
        self.powf(exponent)
    }

    #[inline]
    fn polygamma(self, n: u32) -> f64 {
        special::polygamma(n, self)
    }

    #[inline(always)]
    fn select(condition: f64, a: f64, b: f64) -> f64 {
        if condition > 0.0 { a } else { b }
    }

    fn custom_value(op: &dyn CustomFn, x: &[f64], y: &mut [f64]) {
        op.value(x, y);
    }

    fn custom_vjp(op: &dyn CustomFn, x: &[f64], y: &[f64], w: &[f64]) -> Option<Vec<f64>> {
        let mut dx = vec![0.0; x.len()];
        op.vjp(x, y, w, &mut dx);
        Some(dx)
    }

    fn custom_vjp_along(
        op: &dyn CustomFn,
        at: [&[f64]; 3],
        along: [&[f64]; 3],
    ) -> Option<Vec<[f64; 2]>> {
        op.vjp_along(at, along)
    }

    #[inline]
    fn log_sum_exp_of(terms: impl Iterator<Item = f64>) -> f64 {
        let terms: SmallVec<[f64; 16]> = terms.collect();
        log_sum_exp(terms.iter().copied())
    }

    #[inline(always)]
    fn is_nothing(self) -> bool {
        self.to_bits() == (-0.0_f64).to_bits()
    }

    #[inline(always)]
    fn constant(self) -> Option<f64> {
        Some(self)
    }

    #[inline(always)]
    fn seeded(self) -> f64 {
        if self == 0.0 { f64::nothing() } else { self }
    }

    #[inline(always)]
    fn settled(self) -> f64 {
        self + 0.0
    }
}

/// Raise to an integer power.
///
/// By multiplication as long as that is 2 ulp off at most, else as `powf`. `f64::powi` multiplies always: its error
/// grows with `n`, and a negative power is 0 where the positive one has overflowed.
#[inline(always)]
pub(crate) fn powi(x: f64, n: i32) -> f64 {
    few_products(x, n).unwrap_or_else(|| x.powf(n as f64))
}

/// A power that takes few multiplications, each of which adds half an ulp to the error of its factors.
#[inline(always)]
pub(crate) fn few_products<T: Real>(x: T, n: i32) -> Option<T> {
    Some(match n {
        0 => T::from(1.0),
        1 => x,
        2 => T::square(x),
        3 => T::square(x) * x,
        4 => T::square(T::square(x)),
        5 => T::square(T::square(x)) * x,
        -1 => x.recip(),
        -2 => T::square(x.recip()),
        _ => return None,
    })
}

/// Compute the inverse hyperbolic sine.
fn asinh(x: f64) -> f64 {
    libm::asinh(x)
}

/// Compute the inverse hyperbolic cosine; below 1 NaN.
///
/// `libm::acosh` forgets the sign of a large number: it makes -1.5 of -100000.
fn acosh(x: f64) -> f64 {
    if x < 1.0 {
        return f64::NAN;
    }
    libm::acosh(x)
}

/// Compute the inverse hyperbolic tangent.
fn atanh(x: f64) -> f64 {
    libm::atanh(x)
}

/// Compute `ln(1 + eˣ)`.
///
/// `max(x, 0) + ln_1p(exp(-|x|))`: the exponential never overflows, and `ln_1p` keeps the
/// tail `softplus(x) → eˣ` to full relative accuracy. Source: M. Mächler, *Accurately
/// Computing log(1 − exp(−|a|))* (2012), with its cut-offs folded into the maximum.
///
/// Accuracy: 1 ulp. `-inf → 0`, `inf → inf`, `NaN → NaN`.
pub(crate) fn softplus(x: f64) -> f64 {
    // `max` drops a NaN, but the second summand brings it back.
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Compute `ln(1 - eˣ)` for `x < 0`.
///
/// `ln(-expm1(x))` near 0, where `1 - eˣ` would cancel, and `ln_1p(-eˣ)` from `-ln 2` on, where it would be
/// rounded to 1. Source: M. Mächler, *Accurately Computing log(1 − exp(−|a|))* (2012).
///
/// Accuracy: 2 ulp. `-inf → -0`, `±0 → -inf`, positive numbers and NaN → NaN.
pub(crate) fn ln_1m_exp(x: f64) -> f64 {
    if x > -LN_2 {
        return (-x.exp_m1()).ln();
    }
    (-x.exp()).ln_1p()
}

/// Compute the logistic function `1 / (1 + e⁻ˣ)`.
///
/// For `x < 0` it is evaluated as `eˣ / (1 + eˣ)`. Both forms keep the exponential at most 1, so
/// the left tail goes through the subnormal numbers to zero instead of dropping to zero
/// where `e⁻ˣ` overflows. It is the exponential of [`softplus`], and where both are inlined it is computed once. Source: P. Blanchard, D. J. Higham, N. J. Higham, *Accurately
/// computing the log-sum-exp and softmax functions*, IMA J. Numer. Anal. 41 (2021).
///
/// Accuracy: 2 ulp, subnormal results included. `-inf → 0`, `inf → 1`, `NaN → NaN`.
pub(crate) fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    let above = if x >= 0.0 { 1.0 } else { e };
    above / (1.0 + e)
}

/// Compute `x · sigmoid(x)`.
///
/// Source: S. Elfwing, E. Uchibe, K. Doya, *Sigmoid-weighted linear units for neural network
/// function approximation in reinforcement learning*, Neural Networks 107 (2018).
///
/// Accuracy: 2 ulp, subnormal results included. `±0 → ±0`, `-inf → -0` (the limit), `inf → inf`,
/// `NaN → NaN`.
pub(crate) fn silu(x: f64) -> f64 {
    if x < -700.0 {
        // sigmoid(x) equals eˣ here and is about to lose digits as a subnormal number although
        // the product is still normal, so scale by one half of the exponential at a time. The
        // bound makes -inf take the value of its neighbours, 0, instead of inf · 0.
        let x = x.max(-1000.0);
        let half = (0.5 * x).exp();
        (x * half) * half
    } else {
        x / (1.0 + (-x).exp())
    }
}

/// Compute `x · Φ(x)`, `Φ` being the standard normal distribution function (the exact GELU).
///
/// `x/2 · erfc(-x/√2)`, which unlike `1 + erf(x/√2)` does not cancel for negative `x`. Source:
/// D. Hendrycks, K. Gimpel, *Gaussian Error Linear Units*, arXiv:1606.08415 (2016).
///
/// Accuracy: 2.1 ulp. `±0 → ±0`, `-inf → -0` (the limit), `inf → inf`, `NaN → NaN`.
pub(crate) fn gelu(x: f64) -> f64 {
    /// `1/√2 - FRAC_1_SQRT_2`.
    const FRAC_1_SQRT_2_LOW: f64 = -4.833646656726457e-17;
    let t = -x * FRAC_1_SQRT_2;
    if x < -40.0 {
        // Φ(-40) < 1e-349; -inf must not reach the products below.
        -0.0
    } else if x < -26.0 {
        // x Φ(x) = -exp(-x²/2) / √(2π) · (1 - 1/x² + 3/x⁴ - 15/x⁶ + ...) (A&S 26.2.12). The exponential is subnormal
        // too early, so it is multiplied in two halves; the rounding error of the square counts.
        let square = x * x;
        let half = (-0.25 * square).exp();
        let u = 1.0 / square;
        let mut series = 1.0;
        for k in [15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
            series = 1.0 - k * u * series;
        }
        let scaled = series * half;
        let rounded_off = 0.5 * x.mul_add(x, -square) * scaled;
        -special::INV_SQRT_2PI * (scaled - rounded_off) * half
    } else if x < -1.0 {
        // The relative derivative of erfc(t) is about 2t², so the rounding error of t = -x/√2
        // would cost a factor x² in accuracy. Recover it and correct to first order.
        let error = (-x).mul_add(FRAC_1_SQRT_2, -t) - x * FRAC_1_SQRT_2_LOW;
        let tail = libm::erfc(t) - FRAC_2_SQRT_PI * (-t * t).exp() * error;
        0.5 * x * tail
    } else {
        x * (0.5 * libm::erfc(t))
    }
}

/// Return the smaller of two numbers, with -0 below +0; of a number and a NaN the number.
///
/// `minimumNumber` of IEEE 754-2019, §9.6. `f64::min` is that but for the zeros, of which it may return either,
/// and does, by the order of its operands and the level of optimization.
#[inline(always)]
pub(crate) fn min(x: f64, y: f64) -> f64 {
    let smaller = if x < y || y.is_nan() { x } else { y };
    // Equal numbers have the same bits, but for the sign of zero: it is set if either is set.
    let equal = f64::from_bits(x.to_bits() | y.to_bits());
    if x == y { equal } else { smaller }
}

/// Return the larger of two numbers, with -0 below +0; of a number and a NaN the number.
///
/// `maximumNumber` of IEEE 754-2019, §9.6. See [`min`].
#[inline(always)]
pub(crate) fn max(x: f64, y: f64) -> f64 {
    let larger = if x > y || y.is_nan() { x } else { y };
    let equal = f64::from_bits(x.to_bits() & y.to_bits());
    if x == y { equal } else { larger }
}

/// Compute the positive part of `x`.
///
/// The value is exact. The comparison, unlike `max`, lets a NaN through. `±0 → +0`, `-inf → +0`, `inf → inf`,
/// `NaN → NaN`.
pub(crate) fn relu(x: f64) -> f64 {
    if x <= 0.0 { 0.0 } else { x }
}

/// Return `x` for `x ≥ 0` and `slope · x` below.
///
/// Source: A. L. Maas, A. Y. Hannun, A. Y. Ng, *Rectifier nonlinearities improve neural network
/// acoustic models*, ICML (2013). Correctly rounded. `±0 → ±0`, `inf → inf`, `NaN → NaN`; `-inf`
/// gives the limit, with a slope of 0 the zero of its neighbours.
pub(crate) fn leaky_relu(x: f64, slope: f64) -> f64 {
    if x >= 0.0 {
        x
    } else if slope == 0.0 && x == f64::NEG_INFINITY {
        -slope
    } else {
        slope * x
    }
}

/// Restrict `x` to `[lo, hi]`, that is, `min(max(x, lo), hi)`.
///
/// Unlike `f64::clamp` it never panics: `hi` wins where `lo > hi`, and a NaN bound is no bound.
/// A NaN `x` stays NaN. The value is exact, with the zeros in the order that [`min`] and [`max`] have:
/// `clamp(-0, 0, 1)` is `+0`.
pub(crate) fn clamp(x: f64, lo: f64, hi: f64) -> f64 {
    let clamped = min(max(x, lo), hi);
    if x.is_nan() { x } else { clamped }
}

/// Return -1, 0 or 1 for `x < y`, `x == y` or `x > y`, and NaN if they are unordered.
///
/// Zeros of either sign are equal, and so are infinities of the same sign.
pub(crate) fn compare(x: f64, y: f64) -> f64 {
    if x < y {
        -1.0
    } else if x == y {
        0.0
    } else if x > y {
        1.0
    } else {
        f64::NAN
    }
}

/// Compute `ln Σ exp(vᵢ)`.
///
/// `m + ln_1p(Σ exp(vᵢ - m))`, where `m` is the maximum and the sum leaves out one element
/// equal to it: nothing overflows, and terms below the rounding unit of 1 still count where `m`
/// is small. Source: P. Blanchard, D. J. Higham, N. J. Higham, *Accurately computing the
/// log-sum-exp and softmax functions*, IMA J. Numer. Anal. 41 (2021).
///
/// Accuracy: the logarithm of `k` values is off by at most `(k+2) · 1.2e-16`, and adding `m`
/// rounds once more. There is no bound relative to the result where `m` and the logarithm cancel:
/// there the function itself is ill-conditioned.
///
/// Nothing, or nothing but `-inf`, gives `-inf`; any NaN gives NaN; else any `inf` gives `inf`. A single value
/// is returned as it is, also -0.
pub(crate) fn log_sum_exp<I>(values: I) -> f64
where
    I: IntoIterator<Item = f64>,
    I::IntoIter: ExactSizeIterator + Clone,
{
    let values = values.into_iter();
    // A NaN is passed over here, and is in the sum.
    let mut largest = f64::NEG_INFINITY;
    for v in values.clone() {
        largest = if v > largest { v } else { largest };
    }
    if values.len() == 1 {
        return values.fold(-0.0, |_, only| only);
    }
    // All that are equal to the maximum are counted, one is left out. At infinity only they are: inf - inf is NaN.
    let (mut rest, mut others) = (0.0, -1.0);
    for v in values {
        if v == largest {
            others += 1.0;
        } else {
            rest += (v - largest).exp();
        }
    }
    largest + (rest + others).ln_1p()
}
