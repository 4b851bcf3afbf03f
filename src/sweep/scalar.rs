//! What the interpreter runs on: numbers, dual numbers, lanes of numbers, and variables of a tape.

use crate::lanes::Lanes;
use crate::op::nary::{self, Terms};
use crate::op::{Op, Values};
use crate::real::float;
use crate::tape::CustomCall;
use crate::{Dual, Real, Tape, Var};

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

    /// Compute `dx = wᵀ ∂y/∂x` of a custom operation, or `None` where it does not offer that for this
    /// scalar.
    fn pull_custom(call: &CustomCall, x: &[Self], y: &[Self], w: &[Self]) -> Option<Vec<Self>> {
        Self::custom_vjp(&call.op, x, y, w)
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

impl Scalar for Dual {
    /// Record the vjp on a tape of its own, and push the tangents through that.
    fn pull_custom(call: &CustomCall, x: &[Self], y: &[Self], w: &[Self]) -> Option<Vec<Self>> {
        let tape = Tape::new();
        let all: Vec<Dual> = [x, y, w].concat();
        let vars: Vec<Var> = all.iter().map(|d| tape.var(d.primal())).collect();
        let (xs, rest) = vars.split_at(x.len());
        let (ys, ws) = rest.split_at(y.len());
        let dx = Var::custom_vjp(&call.op, xs, ys, ws)?;
        let seeds: Vec<(Var, f64)> =
            vars.iter().zip(&all).map(|(&v, d)| (v, d.tangent())).collect();
        let tangents = tape.forward(&seeds);
        Some(dx.into_iter().map(|v| Dual::new(v.value(), tangents.wrt(v))).collect())
    }
}

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
