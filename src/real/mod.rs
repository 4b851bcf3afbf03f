//! What a differentiable scalar can do: the trait [`Real`], and `f64` as its plainest case.

pub(crate) mod cast;
mod custom;
pub(crate) mod float;
mod nary;
pub(crate) mod num;
pub(crate) mod operators;
#[cfg(any(feature = "simba-0_9", feature = "simba-0_10"))]
pub(crate) mod simba;
mod sinc;
pub(crate) mod slope;
pub(crate) mod special;

pub(crate) use custom::CustomFn;
pub use nary::{affine, dot, log_sum_exp, sum, sum_squares};

use smallvec::SmallVec;
use std::fmt::{Debug, Display};
use std::iter::{Product, Sum};
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

/// Names the scalar behind a value or a reference, so that [`sum`], [`dot`] and their kin take
/// slices, arrays and iterators alike.
///
/// Every scalar has it, and every reference to one.
pub trait Operand: Copy {
    /// The scalar itself.
    type Scalar: Real;
    /// Read the scalar.
    fn scalar(self) -> Self::Scalar;
}

impl<S: Real> Operand for &S {
    type Scalar = S;
    #[inline(always)]
    fn scalar(self) -> S {
        *self
    }
}

/// Compute with a number that may be differentiated.
///
/// The rules of the op table and all user code are generic over it. `f64` computes, [`Dual`]
/// carries a tangent along, [`Var`] records on a tape: the same function serves all three, and its
/// primal values are the same bits on each.
///
/// **Numbers stand on the right**: `x * 2.0`, `x - 1.0`, `x.powf(0.5)`. Generic code that needs one on the left,
/// as in `1 - x`, writes `-x + 1.0` or `S::from(1.0) - x`; that the number is the left operand of an `S` is
/// something a trait cannot ask for in Rust. On `Var`, `Dual` and `f64` themselves either side will do.
///
/// It is **sealed**: `f64`, [`Dual`], [`Var`] and the lanes of rows are all there are. A scalar has to
/// run every operation of the table and the sweeps, and an operation more must be no change that breaks code.
///
/// [`Dual`]: crate::Dual
/// [`Var`]: crate::Var
///
/// ```
/// use gradtape::{Dual, Real, gradient};
///
/// fn rosenbrock<S: Real>(x: &[S]) -> S {
///     (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
/// }
///
/// assert_eq!(rosenbrock(&[-1.2, 1.0]), 24.199999999999996);
/// assert_eq!(rosenbrock(&[Dual::new(-1.2, 1.0), Dual::new(1.0, 0.0)]).tangent(), -215.59999999999997);
/// assert_eq!(gradient(rosenbrock, &[-1.2, 1.0]), [-215.59999999999997, -87.99999999999999]);
/// ```
#[doc(alias("no_grad", "scalar"))]
pub trait Real:
    sealed::Sealed
    + Copy
    + Debug
    + Display
    + PartialOrd
    + PartialOrd<f64>
    + From<f64>
    + Operand<Scalar = Self>
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Rem<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + RemAssign
    + AddAssign<f64>
    + SubAssign<f64>
    + MulAssign<f64>
    + DivAssign<f64>
    + Sum
    + Product
    + for<'a> Sum<&'a Self>
    + for<'a> Product<&'a Self>
    + 'static
{
    /// Read the primal value.
    ///
    /// What is computed from it by plain arithmetic leaves the derivative behind, and a branch taken
    /// on it is not seen by guards; compare the scalars themselves instead.
    #[doc(alias("detach", "item"))]
    fn value(self) -> f64;

    /// Compute `1 / x`.
    #[doc(alias("reciprocal"))]
    fn recip(self) -> Self;
    /// Compute `x²`.
    #[doc(alias("sqr"))]
    fn square(self) -> Self;
    /// Raise to an integer power.
    fn powi(self, n: i32) -> Self;
    /// Raise to a constant real power.
    fn powf(self, exponent: f64) -> Self;
    /// Raise to a power that is itself differentiated.
    #[doc(alias("power"))]
    fn pow(self, exponent: Self) -> Self;
    /// Compute `√x`; its derivative at 0 is `+∞`.
    fn sqrt(self) -> Self;
    /// Compute `∛x`, also of negative numbers.
    fn cbrt(self) -> Self;
    /// Compute `eˣ`.
    fn exp(self) -> Self;
    /// Compute `2ˣ`.
    fn exp2(self) -> Self;
    /// Compute `eˣ - 1`, accurate near 0.
    #[doc(alias("expm1"))]
    fn exp_m1(self) -> Self;
    /// Compute the natural logarithm.
    #[doc(alias("log"))]
    fn ln(self) -> Self;
    /// Compute `ln(1 + x)`, accurate near 0.
    #[doc(alias("log1p"))]
    fn ln_1p(self) -> Self;
    /// Compute the logarithm to base 2.
    fn log2(self) -> Self;
    /// Compute the logarithm to base 10.
    fn log10(self) -> Self;
    /// Compute the sine (radians).
    fn sin(self) -> Self;
    /// Compute the cosine (radians).
    fn cos(self) -> Self;
    /// Compute the tangent (radians).
    fn tan(self) -> Self;
    /// Compute the arc sine.
    fn asin(self) -> Self;
    /// Compute the arc cosine.
    fn acos(self) -> Self;
    /// Compute the arc tangent.
    fn atan(self) -> Self;
    /// Compute the angle of the point (`x`, `self`) in (-π, π].
    fn atan2(self, x: Self) -> Self;
    /// Compute the hyperbolic sine.
    fn sinh(self) -> Self;
    /// Compute the hyperbolic cosine.
    fn cosh(self) -> Self;
    /// Compute the hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Compute the inverse hyperbolic sine.
    fn asinh(self) -> Self;
    /// Compute the inverse hyperbolic cosine.
    fn acosh(self) -> Self;
    /// Compute the inverse hyperbolic tangent.
    fn atanh(self) -> Self;
    /// Compute `√(x² + y²)` without overflow; its gradient at the origin is (0, 0).
    fn hypot(self, y: Self) -> Self;
    /// Compute `|x|`; its derivative at 0 is 0.
    fn abs(self) -> Self;
    /// Compute the sign as `f64::signum` does (`signum(0) = 1`); derivative 0.
    #[doc(alias("sign"))]
    fn signum(self) -> Self;
    /// Round down; derivative 0.
    fn floor(self) -> Self;
    /// Round up; derivative 0.
    fn ceil(self) -> Self;
    /// Round to nearest, ties away from zero; derivative 0.
    fn round(self) -> Self;
    /// Round towards zero; derivative 0.
    fn trunc(self) -> Self;
    /// Compute `x - trunc(x)`; derivative 1.
    fn fract(self) -> Self;
    /// Pick the smaller, with -0 below +0; a tie shares the derivative ½ : ½. A NaN is ignored if the other
    /// is a number.
    #[doc(alias("minimum"))]
    fn min(self, other: Self) -> Self;
    /// Pick the larger, with -0 below +0; a tie shares the derivative ½ : ½. A NaN is ignored if the other
    /// is a number.
    #[doc(alias("maximum"))]
    fn max(self, other: Self) -> Self;
    /// Limit to an interval: `min(max(x, lo), hi)`; a NaN stays NaN.
    #[doc(alias("clip"))]
    fn clamp(self, lo: f64, hi: f64) -> Self;
    /// Compute `max(x, 0)`; its derivative at 0 is 0.
    fn relu(self) -> Self;
    /// Compute `x` for `x > 0`, else `slope · x`.
    fn leaky_relu(self, slope: f64) -> Self;
    /// Compute `ln(1 + eˣ)` without overflow.
    #[doc(alias("log1pexp"))]
    fn softplus(self) -> Self;
    /// Compute `ln(1 - eˣ)` for `x < 0`, accurate near 0 and far from it.
    #[doc(alias("log1mexp"))]
    fn ln_1m_exp(self) -> Self;
    /// Compute `1 / (1 + e⁻ˣ)`, accurate on both sides.
    #[doc(alias("expit", "logistic"))]
    fn sigmoid(self) -> Self;
    /// Compute `x · sigmoid(x)`.
    #[doc(alias("swish"))]
    fn silu(self) -> Self;
    /// Compute `x · Φ(x)` with the exact normal distribution function.
    fn gelu(self) -> Self;
    /// Compute the error function.
    fn erf(self) -> Self;
    /// Compute `1 - erf(x)`, accurate for large `x`.
    fn erfc(self) -> Self;
    /// Compute `exp(x²) erfc(x)`, accurate where `erfc` underflows: `1 / (x√π)` for large `x`.
    #[doc(alias("scaled complementary error function"))]
    fn erfcx(self) -> Self;
    /// Compute `sin(x) / x`, smooth at 0, where it is 1.
    #[doc(alias("sine cardinal"))]
    fn sinc(self) -> Self;
    /// Compute `ln |Γ(x)|`.
    #[doc(alias("gammaln", "ln_gamma"))]
    fn lgamma(self) -> Self;
    /// Compute the polygamma function: derivative `n + 1` of `ln Γ`.
    fn polygamma(self, n: u32) -> Self;
    /// Compute `self · a + b` with one rounding.
    #[doc(alias("fma"))]
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// Compare as a number: -1, 0 or 1 for `<`, `==`, `>`, and NaN if unordered; derivative 0.
    ///
    /// Unlike `<` it is an ordinary operation: it branches nowhere and replays freely.
    fn compare(self, other: Self) -> Self;
    /// Choose `a` where `condition > 0`, else `b`, as an ordinary operation that replays freely.
    #[doc(alias("where", "cond"))]
    fn select(condition: Self, a: Self, b: Self) -> Self;

    // Derivatives that rules record as one operation: see `slope`.
    #[doc(hidden)]
    fn sigmoid_slope(self) -> Self;
    #[doc(hidden)]
    fn tanh_slope(self) -> Self;
    #[doc(hidden)]
    fn silu_slope(self) -> Self;
    #[doc(hidden)]
    fn gelu_slope(self) -> Self;
    #[doc(hidden)]
    fn atan_slope(self) -> Self;
    #[doc(hidden)]
    fn sinc_slope(self) -> Self;
    #[doc(hidden)]
    fn sinc_bend(self) -> Self;
    #[doc(hidden)]
    fn hypot_slope(self, y: Self) -> Self;
    #[doc(hidden)]
    fn atan2_slope(self, y: Self) -> Self;

    // The same where the result `r` of the function is known, for numbers the cheaper way.
    #[doc(hidden)]
    #[inline(always)]
    #[track_caller]
    fn sigmoid_slope_at(self, _r: Self) -> Self {
        self.sigmoid_slope()
    }
    #[doc(hidden)]
    #[inline(always)]
    #[track_caller]
    fn tanh_slope_at(self, _r: Self) -> Self {
        self.tanh_slope()
    }
    #[doc(hidden)]
    #[inline(always)]
    #[track_caller]
    fn hypot_slope_at(self, y: Self, _r: Self) -> Self {
        self.hypot_slope(y)
    }

    /// Compute the sine and the cosine.
    #[inline]
    fn sin_cos(self) -> (Self, Self) {
        (self.sin(), self.cos())
    }

    /// Compute the digamma function, the derivative of `ln Γ`.
    #[inline]
    fn digamma(self) -> Self {
        self.polygamma(0)
    }

    /// Name this value for listings, messages and gradients by label; plain numbers ignore it.
    #[inline]
    fn label(self, _name: &str) -> Self {
        self
    }

    /// Name what `body` computes, for listings; scopes nest. Plain numbers just run it.
    ///
    /// Variables open the scope on every tape that records in it. One that is made in it takes no part.
    #[inline]
    fn scope<R>(_name: &str, body: impl FnOnce() -> R) -> R {
        body()
    }

    /// Add up the terms from left to right; an empty sum is 0. See [`sum`].
    #[inline]
    fn sum_of(terms: impl Iterator<Item = Self>) -> Self {
        sum_in_order(terms)
    }

    /// Add up the squares of the terms from left to right. See [`sum_squares`].
    #[inline]
    fn sum_squares_of(terms: impl Iterator<Item = Self>) -> Self {
        sum_in_order(terms.map(Real::square))
    }

    /// Add up the products of the pairs from left to right. See [`dot`].
    #[inline]
    fn dot_of(pairs: impl Iterator<Item = (Self, Self)>) -> Self {
        sum_in_order(pairs.map(|(a, b)| a * b))
    }

    /// Add up the products of the pairs from left to right, then add `bias`. See [`affine`].
    #[inline]
    fn affine_of(pairs: impl Iterator<Item = (Self, Self)>, bias: Self) -> Self {
        Self::dot_of(pairs) + bias
    }

    /// Compute `ln Σ exp(terms)` with the maximum shifted out. See [`log_sum_exp`].
    #[inline]
    fn log_sum_exp_of(terms: impl Iterator<Item = Self>) -> Self {
        shifted_log_sum_exp(terms)
    }

    /// Add a contribution to an adjoint or tangent. A variable takes the place of a constant 0 instead
    /// of recording the addition.
    #[doc(hidden)]
    #[inline(always)]
    fn accumulate(&mut self, contribution: Self) {
        *self += contribution;
    }

    /// Compute the outputs `y` of a custom operation, which arrive as zeros.
    #[doc(hidden)]
    #[track_caller]
    fn custom_value(op: &dyn CustomFn, x: &[Self], y: &mut [Self]);

    /// Compute `dx = wᵀ ∂y/∂x` of a custom operation, or `None` where it does not offer that for this
    /// scalar.
    #[doc(hidden)]
    fn custom_vjp(op: &dyn CustomFn, x: &[Self], y: &[Self], w: &[Self]) -> Option<Vec<Self>>;

    /// Compute the vjp of a custom operation at `x`, `y`, `w`, and its tangent along theirs, or `None` where it does not
    /// offer that for this scalar.
    #[doc(hidden)]
    fn custom_vjp_along(
        _op: &dyn CustomFn,
        _at: [&[Self]; 3],
        _along: [&[Self]; 3],
    ) -> Option<Vec<[Self; 2]>> {
        None
    }

    /// The adjoint or tangent where nothing has flowed: -0, to which any number is added as it is.
    #[doc(hidden)]
    const NOTHING: Self;

    #[doc(hidden)]
    #[inline(always)]
    fn nothing() -> Self {
        Self::NOTHING
    }

    /// Tell whether this is [`nothing`](Real::nothing), which beats infinity.
    #[doc(hidden)]
    fn is_nothing(self) -> bool;

    /// Whether it is several numbers, to be computed with vector instructions.
    #[doc(hidden)]
    const IN_LANES: bool = false;

    /// Tell whether there is a NaN among its numbers.
    #[doc(hidden)]
    #[inline(always)]
    fn has_nan(self) -> bool {
        self.value().is_nan()
    }

    /// The number that this is, if nothing can move it.
    #[doc(hidden)]
    fn constant(self) -> Option<f64>;

    /// Make a 0 one that has flowed, whatever its sign: the inverse of what `nothing` means.
    #[doc(hidden)]
    fn settled(self) -> Self;

    /// The seed of a direction: nothing flows from one of 0.
    #[doc(hidden)]
    #[inline(always)]
    fn seeded(self) -> Self {
        self
    }

    /// What the derivative of a function lets through that is constant around `self`: nothing, or NaN of NaN.
    #[doc(hidden)]
    #[inline(always)]
    fn blocked(self) -> Self {
        Self::nothing() - self.compare(self)
    }
}

/// What only this crate can implement.
pub(crate) mod sealed {
    pub trait Sealed {}
}

#[inline(always)]
fn sum_in_order<S: Real>(terms: impl Iterator<Item = S>) -> S {
    // To start at -0 is to start at the first term: -0 + x is x, bit for bit, for every x.
    let mut total = S::from(-0.0);
    let mut is_empty = true;
    for term in terms {
        total += term;
        is_empty = false;
    }
    if is_empty { S::from(0.0) } else { total }
}

fn shifted_log_sum_exp<S: Real>(terms: impl Iterator<Item = S>) -> S {
    let mut all: SmallVec<[S; 16]> = SmallVec::new();
    all.extend(terms);
    let shift = max_value(all.iter().map(|t| t.value()));
    if !shift.is_finite() {
        // All -inf, some +inf, or a NaN: the shift itself is the answer, and inf - inf is avoided.
        return S::from(shift);
    }
    sum_in_order(all.iter().map(|&t| (t - shift).exp())).ln() + shift
}

/// The largest of the values; a NaN wins, -∞ if there is none.
#[inline]
fn max_value(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, |m, v| if v > m || v.is_nan() { v } else { m })
}
