//! What rules of the table are made of that is longer than a line: generic over the scalar, so that they can be
//! recorded and differentiated in turn.

use crate::Real;
use crate::real::special::{INV_SQRT_2PI, erfcx_decay, horner};
use std::f64::consts::FRAC_2_SQRT_PI;

/// 1 for a zero of either sign, 0 for other numbers, NaN for NaN: the condition of a `select` whose
/// second branch then takes the NaN.
#[inline(always)]
#[track_caller]
pub(crate) fn is_zero<T: Real>(x: T) -> T {
    T::from(1.0) - x.compare(T::from(0.0)).abs()
}

/// 0 for a number, also an infinite one, NaN for NaN; its own derivative is 0.
#[inline(always)]
#[track_caller]
pub(super) fn flat<T: Real>(x: T) -> T {
    x.compare(x)
}

/// 1 for a number, also an infinite one, NaN for NaN: a factor that makes a partial NaN where the value is, outside the
/// domain, and its derivatives too.
#[inline(always)]
#[track_caller]
pub(super) fn number<T: Real>(x: T) -> T {
    flat(x) + 1.0
}

/// What the side of a `max` or its kin lets through that leads if `lead` is 1, has lost if it is -1, and shares
/// if it is 0: `w`, nothing, half of `w`; NaN of NaN.
#[inline(always)]
#[track_caller]
pub(super) fn side<T: Real>(lead: T, w: T) -> T {
    T::select(lead, w, T::select(-lead, T::nothing(), (w * (lead + 0.5)).settled()))
}

/// A contribution by value, and nothing where the condition is above 0.
#[inline(always)]
#[track_caller]
pub(super) fn unless<T: Real>(condition: T, contribution: T) -> T {
    T::select(condition, T::nothing(), contribution.settled())
}

/// Infinity as the largest number, whose product with 0 is 0.
#[inline(always)]
#[track_caller]
pub(super) fn finite<T: Real>(x: T) -> T {
    x.clamp(-f64::MAX, f64::MAX)
}

/// `x · y`, and 0 for 0 · ∞: the limit where `x` vanishes as an exponential and `y` grows as a power.
#[inline(always)]
#[track_caller]
pub(super) fn product<T: Real>(x: T, y: T) -> T {
    x * T::select(is_zero(x), finite(y), y)
}

/// The same with a constant.
#[inline(always)]
#[track_caller]
pub(super) fn times<T: Real>(x: T, c: f64) -> T {
    if c.is_infinite() { product(x, T::from(c)) } else { x * c }
}

/// Above 0 where `xʸ` is `0ʸ` with `y ≥ 0`, whose slope in `y` is 0 by convention; for a negative `y` it is infinite.
#[inline(always)]
#[track_caller]
pub(crate) fn zero_to<T: Real>(x: T, y: T) -> T {
    is_zero(x) * (y.compare(T::from(0.0)) + 0.5)
}

/// `silu''(x) / sigmoid'(x) = 2 - x tanh(x/2)`, which cancels near its zeros `±x₁`. With `a = |x|`, `h = x₁ - a` and
/// `x₁ tanh(x₁/2) = 2` it is
///
/// `h tanh(x₁/2) + a sinh(h/2) / (cosh(a/2) cosh(x₁/2))`,
///
/// whose terms have the same sign everywhere.
#[inline(always)]
#[track_caller]
pub(super) fn silu_bend<T: Real>(x: T) -> T {
    /// The zero, rounded, and the rest, to 60 digits.
    const ROOT: [f64; 2] = [2.3993572805154675, 1.8464872855353363e-16];
    const TANH: f64 = 0.8335565596009648;
    const SECH: f64 = 0.5524341245308833;
    // Beyond, sigmoid' is 0. Not `abs`, whose slope 0 at the kink would spoil the second derivative at 0: the
    // function is even and takes either sign.
    let x = x.clamp(-800.0, 800.0);
    let a = x * x.signum();
    let h = (-a + ROOT[0]) + ROOT[1];
    h * TANH + a * (h * 0.5).sinh() / (a * 0.5).cosh() * SECH
}

/// `gelu''(x) = φ(x) (2 - x²)`, with the zeros `±√2` factored out in two parts.
#[inline(always)]
#[track_caller]
pub(super) fn gelu_bend<T: Real>(x: T) -> T {
    /// `√2`, rounded, and the rest.
    const ROOT: [f64; 2] = [std::f64::consts::SQRT_2, -9.667293313452913e-17];
    let x = x.clamp(-40.0, 40.0);
    let density = (x.square() * -0.5).exp() * INV_SQRT_2PI;
    density * ((-x + ROOT[0]) + ROOT[1]) * ((x + ROOT[0]) + ROOT[1])
}

/// `erf'(x) = 2/√π exp(-x²)`. Beyond ±30 it is 0, and so are its derivatives.
#[inline(always)]
#[track_caller]
pub(super) fn erf_slope<T: Real>(x: T) -> T {
    (-x.clamp(-30.0, 30.0).square()).exp() * FRAC_2_SQRT_PI
}

/// `∂²/∂x∂y atan2(x, y) = (x² - y²) / (x² + y²)²`, which is 0 on the diagonals, and far out.
#[inline(always)]
#[track_caller]
pub(super) fn atan2_bend<T: Real>(x: T, y: T) -> T {
    let r = x.hypot(y);
    // From 1e170 on it is below 1e-340; infinity must not be divided by infinity.
    T::select(r - 1e170, T::from(0.0), ((x - y) / r / r) * ((x + y) / r / r))
}

/// `sinc'''(x) = -(3 sinc''(x) + sinc(x)) / x - sinc'(x)`, from the differential equation `x s'' + 2 s' + x s = 0`. That
/// cancels near 0, where the series in `x²` takes its place; it can be differentiated in turn.
#[inline(always)]
#[track_caller]
pub(super) fn sinc_twist<T: Real>(x: T, bend: T) -> T {
    /// `(-1)ᵏ 2k (2k - 1) (2k - 2) / (2k + 1)!` for `k` from 2 on.
    const SERIES: [f64; 13] = [
        0.2,
        -0.023809523809523808,
        0.000925925925925926,
        -1.8037518037518038e-05,
        2.119793786460453e-07,
        -1.6701405590294479e-09,
        9.44649637460095e-12,
        -4.024823016747272e-14,
        1.3387891687359624e-16,
        -3.574189237662752e-19,
        7.829176425356505e-22,
        -1.4326556187521052e-24,
        2.2230863049601632e-27,
    ];
    let outside = x.square() - 2.25;
    // Each formula is fed where it holds.
    let far = T::select(outside, x, T::from(1.0));
    let near = T::select(outside, T::from(0.0), x);
    let equation = -((bend * 3.0 + x.sinc()) / far) - x.sinc_slope();
    T::select(outside, equation, near * horner(near.square(), &SERIES))
}

/// `erfcx'(x) = 2 x erfcx(x) - 2/√π`, with the result `r`. That cancels for positive `x`, from ½ on the decay
/// of the function takes its place.
#[inline(always)]
#[track_caller]
pub(super) fn erfcx_slope<T: Real>(x: T, r: T) -> T {
    // The decay has poles among negative numbers, where it is not used.
    T::select(x - 0.5, -(r * erfcx_decay(x.abs())), x * r * 2.0 - FRAC_2_SQRT_PI)
}
