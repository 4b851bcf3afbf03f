//! Derivatives that are operations of their own.
//!
//! A sweep over variables records a rule by the operations it is written with, and differentiates it by theirs. Where
//! that loses digits though the rule itself does not, the derivative is one operation, with a rule that is the
//! *second* derivative in a form that keeps them: `sigmoid'' = -sigmoid' tanh(x/2)` where that of `e / (1 + e)²`
//! cancels near 0. They are hidden methods: a recorded derivative has them as nodes.

use super::Real;
use super::special::{INV_SQRT_2PI, horner};
use std::f64::consts::FRAC_1_SQRT_2;

/// Compute `sigmoid'(x)`: as [`sigmoid_slope_at`] does, in lanes `e / (1 + e)²` with `e = exp(-|x|)` everywhere.
///
/// Accuracy: 4 ulp. Even, but for the last bits; `±inf → 0`.
#[inline(always)]
pub(crate) fn sigmoid_slope<T: Real>(x: T) -> T {
    if T::IN_LANES { sigmoid_slope_far(x) } else { sigmoid_slope_at(x, x.sigmoid()) }
}

/// Compute `sigmoid'(x)` where `r = sigmoid(x)` is known: `r (1 - r)` as far as the relative error of `r` grows by no
/// more than a factor of 1.
///
/// That factor is `|1 - 2r| / (1 - r)`, at most 1 up to `r = 2/3`.
///
/// Accuracy: 4 ulp, and nowhere less than that of `e / (1 + e)²`.
#[inline(always)]
pub(crate) fn sigmoid_slope_at<T: Real>(x: T, r: T) -> T {
    if r.value() > 2.0 / 3.0 {
        return sigmoid_slope_far(x);
    }
    r * (-r + 1.0)
}

#[inline(always)]
fn sigmoid_slope_far<T: Real>(x: T) -> T {
    let e = (-x.abs()).exp();
    e / T::square(e + 1.0)
}

/// Compute `tanh'(x)`: as [`tanh_slope_at`] does, in lanes `4 sigmoid'(2x)` everywhere.
///
/// Accuracy: 4 ulp. Even; `±inf → 0`.
#[inline(always)]
pub(crate) fn tanh_slope<T: Real>(x: T) -> T {
    if T::IN_LANES { tanh_slope_far(x) } else { tanh_slope_at(x, x.tanh()) }
}

/// Compute `tanh'(x)` where `r = tanh(x)` is known: `(1 - r)(1 + r)` as far as the relative error of `r` shrinks, and
/// else `4 sigmoid'(2x)`.
///
/// The error is multiplied by `2r² / (1 - r²)`, 2/3 at `|r| = 1/2`.
///
/// Accuracy: 2 ulp up to `|r| = 1/2`, 4 ulp beyond.
#[inline(always)]
pub(crate) fn tanh_slope_at<T: Real>(x: T, r: T) -> T {
    if r.abs().value() > 0.5 {
        return tanh_slope_far(x);
    }
    (-r + 1.0) * (r + 1.0)
}

#[inline(always)]
fn tanh_slope_far<T: Real>(x: T) -> T {
    sigmoid_slope_far(x * 2.0) * 4.0
}

/// One of two formulas: numbers compute the one that is wanted, lanes both.
#[inline(always)]
fn either<T: Real>(condition: T, near: impl FnOnce() -> T, far: impl FnOnce() -> T) -> T {
    if T::IN_LANES {
        T::select(condition, near(), far())
    } else if condition.value() > 0.0 {
        near()
    } else {
        far()
    }
}

/// The zero of `silu'`, rounded, and the rest; then `sigmoid(-x₀)` and `exp(x₀)` there. To 60 digits.
const SILU_ROOT: [f64; 2] = [-1.2784645427610737, -1.0946994183093437e-16];
const SIGMOID_OF_MINUS_ROOT: f64 = 0.7821882942801999;
const EXP_OF_ROOT: f64 = 0.2784645427610738;

/// Compute `silu'(x) = sigmoid(x) (1 + x sigmoid(-x))`.
///
/// The bracket cancels near its zero `x₀`. There `x₀ sigmoid(-x₀) = -1` turns it into
///
/// `sigmoid(-x₀) ((x - x₀) - x exp(x₀) expm1(x - x₀) sigmoid(-x))`,
///
/// whose two terms have the same sign for negative `x`. `-inf → -0`, `inf → 1`.
#[inline(always)]
pub(crate) fn silu_slope<T: Real>(x: T) -> T {
    // Beyond, it is 0 or 1 to the last bit, and infinity must not reach a product with 0.
    let x = x.clamp(-800.0, 800.0);
    let e = (-x.abs()).exp();
    let larger = (e + 1.0).recip();
    let sigmoid = T::select(x, larger, e * larger);
    let opposite = T::select(x, e * larger, larger);
    let h = (x - SILU_ROOT[0]) - SILU_ROOT[1];
    let near = || (h - x * h.exp_m1() * opposite * EXP_OF_ROOT) * SIGMOID_OF_MINUS_ROOT;
    let bracket = either(-h.abs() + 0.75, near, || x * opposite + 1.0);
    sigmoid * bracket
}

/// The zero of `gelu'`, rounded, and the rest, to 60 digits.
const GELU_ROOT: [f64; 2] = [-0.7517915246935645, 1.4956759177009883e-17];

/// Compute `gelu'(x) = Φ(x) + x φ(x)`, which cancels near its zero: there by a polynomial in the distance from it.
///
/// `-inf → -0`, `inf → 1`.
#[inline(always)]
pub(crate) fn gelu_slope<T: Real>(x: T) -> T {
    /// `gelu'(x₀ + h) / h` for `|h| ≤ 1/8`, interpolated at Chebyshev points to 2⁻⁵³.
    const NEAR: [f64; 12] = [
        0.4314939923140469,
        0.388284982990552,
        -0.01819967639867134,
        -0.11400823329722169,
        -0.014771522148055542,
        0.019421679838178486,
        0.004539228327563082,
        -0.0022395380651844187,
        -0.0007448204723286875,
        0.00018633938963142716,
        8.579705149449436e-05,
        -1.1194092824660744e-05,
    ];
    let x = x.clamp(-40.0, 40.0);
    let bell = || x * (T::square(x) * -0.5).exp() * INV_SQRT_2PI;
    let far = || T::erfc(x * -FRAC_1_SQRT_2) * 0.5 + bell();
    let h = (x - GELU_ROOT[0]) - GELU_ROOT[1];
    either(-h.abs() + 0.125, || h * horner(h, &NEAR), far)
}

/// Compute `atan'(x) = 1 / (1 + x²)`, also where the square overflows.
#[inline(always)]
pub(crate) fn atan_slope(x: f64) -> f64 {
    if x.abs() < 1e9 {
        1.0 / (x * x + 1.0)
    } else {
        let inverse = 1.0 / x;
        inverse * inverse
    }
}

/// Compute `x / hypot(x, y)`, the slope of `hypot` along `x`: 0 at the origin, `±1` for an infinite `x` and a finite `y`.
#[inline]
pub(crate) fn hypot_slope(x: f64, y: f64) -> f64 {
    hypot_slope_at(x, y, x.hypot(y))
}

/// The same where `r = hypot(x, y)` is known.
#[inline]
pub(crate) fn hypot_slope_at(x: f64, y: f64, r: f64) -> f64 {
    if r == 0.0 {
        0.0
    } else if x.is_infinite() && y.is_finite() {
        1.0_f64.copysign(x)
    } else {
        x / r
    }
}

/// Compute `y / (x² + y²)`, the slope of `atan2(x, y)` along `x`: 0 far out in any direction, NaN at the origin.
#[inline]
pub(crate) fn atan2_slope(x: f64, y: f64) -> f64 {
    let r = x.hypot(y);
    if r.is_infinite() && !x.is_nan() && !y.is_nan() {
        // hypot itself overflows near the end of the range, where the slope is subnormal.
        return if x.is_infinite() || y.is_infinite() {
            0.0_f64.copysign(y)
        } else {
            y / x / x / (1.0 + (y / x) * (y / x))
        };
    }
    y / r / r
}
