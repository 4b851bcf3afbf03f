//! What the interpreter runs on: numbers, dual numbers, lanes of numbers, and variables of a tape.

use crate::lanes::{Lanes, Target};
use crate::op::nary::{self, Terms, is_log_sum_exp};
use crate::op::{Row, Values};
use crate::real::float;
use crate::{Dual, Real, Var};

/// A scalar for adjoints and tangents.
pub(crate) trait Scalar: Real {
    /// Tell whether it is 0 or NaN: of numbers, for others it is never so. One comparison answers both.
    #[inline(always)]
    fn is_zero_or_nan(self) -> bool {
        false
    }

    /// Mask a contribution: nothing is left of it in lanes where the adjoint `w` that it comes from is nothing.
    #[inline(always)]
    fn gated(self, _w: Self) -> Self {
        self
    }
}

/// A scalar for values.
pub(crate) trait Primal: Scalar {
    /// Compute an n-ary operation.
    fn nary_value<R: Row>(terms: Terms<'_>, values: &(impl Values<Self> + ?Sized)) -> Self;
}

impl Scalar for f64 {
    #[inline(always)]
    #[expect(
        clippy::double_comparisons,
        reason = "NaN is not equal to 0, and neither less nor greater"
    )]
    fn is_zero_or_nan(self) -> bool {
        !(self < 0.0 || self > 0.0)
    }
}

impl Primal for f64 {
    #[inline(always)]
    fn nary_value<R: Row>(terms: Terms<'_>, values: &(impl Values<f64> + ?Sized)) -> f64 {
        if const { is_log_sum_exp::<R>() } {
            return float::log_sum_exp(terms.operands.iter().map(|&i| values.get(i)));
        }
        nary::evaluate::<R, f64>(terms, values)
    }
}

impl Scalar for Var {}

impl Primal for Var {
    fn nary_value<R: Row>(terms: Terms<'_>, values: &(impl Values<Var> + ?Sized)) -> Var {
        nary::record(R::OP, terms, values)
    }
}

impl Scalar for Dual {}

impl<T: Target> Scalar for Lanes<T> {
    #[inline(always)]
    fn gated(self, w: Self) -> Self {
        self.zip(w, |contribution, w| if w.is_nothing() { -0.0 } else { contribution })
    }
}

impl<T: Target> Primal for Lanes<T> {
    #[inline(always)]
    fn nary_value<R: Row>(terms: Terms<'_>, values: &(impl Values<Self> + ?Sized)) -> Self {
        if const { is_log_sum_exp::<R>() } {
            return log_sum_exp(terms.operands, values);
        }
        nary::evaluate::<R, Self>(terms, values)
    }
}

/// As `float::log_sum_exp` does, in each lane.
#[inline(always)]
fn log_sum_exp<T: Target>(operands: &[u32], values: &(impl Values<Lanes<T>> + ?Sized)) -> Lanes<T> {
    if let &[only] = operands {
        // As it is, also -0.
        return values.get(only);
    }
    let terms = || operands.iter().map(|&i| values.get(i));
    let lowest = Lanes::splat(f64::NEG_INFINITY);
    let max = terms().fold(lowest, |m, t| m.zip(t, |m, t| if t > m { t } else { m }));
    let (mut rest, mut others) = (Lanes::splat(0.0), Lanes::splat(-1.0));
    for term in terms() {
        let is_largest = term.zip(max, |t, m| if t == m { 1.0 } else { 0.0 });
        others += is_largest;
        rest =
            rest.zip3((term - max).exp(), is_largest, |r, e, l| r + if l > 0.0 { 0.0 } else { e });
    }
    max + (rest + others).ln_1p()
}
