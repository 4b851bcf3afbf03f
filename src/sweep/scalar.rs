//! What the interpreter runs on: numbers, dual numbers, lanes of numbers, and variables of a tape.

use crate::lanes::Lanes;
use crate::op::nary::{self, Terms};
use crate::op::{Op, Values};
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
    fn nary_value(op: Op, terms: Terms<'_>, values: &(impl Values<Self> + ?Sized)) -> Self;
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
    fn nary_value(op: Op, terms: Terms<'_>, values: &(impl Values<f64> + ?Sized)) -> f64 {
        let operands = || terms.operands.iter().map(|&i| values.get(i));
        nary::evaluate(op, terms, values).unwrap_or_else(|| float::log_sum_exp(operands()))
    }
}

impl Scalar for Var {}

impl Primal for Var {
    fn nary_value(op: Op, terms: Terms<'_>, values: &(impl Values<Var> + ?Sized)) -> Var {
        nary::record(op, terms, values)
    }
}

impl Scalar for Dual {}

impl<const W: usize> Scalar for Lanes<W> {
    #[inline(always)]
    fn gated(self, w: Self) -> Self {
        self.zip(w, |contribution, w| if w.is_nothing() { -0.0 } else { contribution })
    }
}

impl<const W: usize> Primal for Lanes<W> {
    #[inline(always)]
    fn nary_value(op: Op, terms: Terms<'_>, values: &(impl Values<Self> + ?Sized)) -> Self {
        match nary::evaluate(op, terms, values) {
            Some(value) => value,
            None => log_sum_exp(terms.operands, values),
        }
    }
}

/// As `float::log_sum_exp` does, in each lane.
#[inline(always)]
fn log_sum_exp<const W: usize>(
    operands: &[u32],
    values: &(impl Values<Lanes<W>> + ?Sized),
) -> Lanes<W> {
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
