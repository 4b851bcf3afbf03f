//! What the interpreter runs on: numbers, dual numbers, lanes of numbers, and variables of a tape.

use crate::lanes::Lanes;
use crate::op::nary::{self, Terms};
use crate::op::{Op, Values};
use crate::real::float;
use crate::tape::{CustomCall, custom};
use crate::{Dual, Real, Tape, Var};
use smallvec::SmallVec;

/// A scalar for adjoints and tangents.
pub(crate) trait Scalar: Real {
    /// Whether it is several numbers, to be computed with vector instructions.
    const IN_LANES: bool = false;

    /// Mask a contribution: nothing is left of it in lanes where the adjoint `w` that it comes from is 0,
    /// because a zero adjoint is not propagated.
    #[inline(always)]
    fn gated(self, _w: Self) -> Self {
        self
    }

    /// Compute `dx = wᵀ ∂y/∂x` of a custom operation, or `None` where it does not offer that for this
    /// scalar.
    fn custom_vjp(call: &CustomCall, x: &[Self], y: &[Self], w: &[Self]) -> Option<Vec<Self>>;
}

/// A scalar for values.
pub(crate) trait Primal: Scalar {
    /// Compute the outputs of a custom operation.
    fn custom_value(call: &CustomCall, x: &[Self], y: &mut [Self]);

    /// Compute an n-ary operation.
    fn nary_value(op: Op, terms: Terms<'_>, values: &(impl Values<Self> + ?Sized)) -> Self;
}

impl Scalar for f64 {
    fn custom_vjp(call: &CustomCall, x: &[f64], y: &[f64], w: &[f64]) -> Option<Vec<f64>> {
        let mut dx = vec![0.0; x.len()];
        call.op.vjp(x, y, w, &mut dx);
        Some(dx)
    }
}

impl Primal for f64 {
    #[inline(always)]
    fn nary_value(op: Op, terms: Terms<'_>, values: &(impl Values<f64> + ?Sized)) -> f64 {
        let operands = || terms.operands.iter().map(|&i| values.get(i));
        nary::evaluate(op, terms, values).unwrap_or_else(|| float::log_sum_exp(operands()))
    }

    fn custom_value(call: &CustomCall, x: &[f64], y: &mut [f64]) {
        y.fill(0.0);
        call.op.value(x, y);
    }
}

impl Scalar for Var {
    fn custom_vjp(call: &CustomCall, x: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let dx = call.op.vjp_recorded(x, y, w)?;
        assert!(
            dx.len() == x.len(),
            "`vjp_recorded` of custom operation `{}` returned {} derivatives for {} inputs",
            call.op.name(),
            dx.len(),
            x.len()
        );
        Some(dx)
    }
}

impl Primal for Var {
    fn nary_value(op: Op, terms: Terms<'_>, values: &(impl Values<Var> + ?Sized)) -> Var {
        nary::record(op, terms, values)
    }

    fn custom_value(call: &CustomCall, x: &[Var], y: &mut [Var]) {
        y.copy_from_slice(&custom(call.op.clone(), x));
    }
}

impl Scalar for Dual {
    /// Record the vjp on a tape of its own, and push the tangents through that.
    fn custom_vjp(call: &CustomCall, x: &[Self], y: &[Self], w: &[Self]) -> Option<Vec<Self>> {
        let tape = Tape::new();
        let all: Vec<Dual> = [x, y, w].concat();
        let vars: Vec<Var> = all.iter().map(|d| tape.var(d.primal())).collect();
        let (xs, rest) = vars.split_at(x.len());
        let (ys, ws) = rest.split_at(y.len());
        let dx = Var::custom_vjp(call, xs, ys, ws)?;
        let seeds: Vec<(Var, f64)> =
            vars.iter().zip(&all).map(|(&v, d)| (v, d.tangent())).collect();
        let tangents = tape.forward(&seeds);
        Some(dx.into_iter().map(|v| Dual::new(v.value(), tangents.wrt(v))).collect())
    }
}

impl<const W: usize> Scalar for Lanes<W> {
    const IN_LANES: bool = true;

    #[inline(always)]
    fn gated(self, w: Self) -> Self {
        // Adding -0 changes no number, not even 0 or -0.
        self.zip(w, |contribution, w| if w == 0.0 { -0.0 } else { contribution })
    }

    /// Lane by lane: an operation of the user's takes plain numbers.
    fn custom_vjp(call: &CustomCall, x: &[Self], y: &[Self], w: &[Self]) -> Option<Vec<Self>> {
        let mut dx = vec![Lanes::splat(0.0); x.len()];
        for lane in 0..W {
            let w = lane_of(w, lane);
            if w.iter().all(|&w| w == 0.0) {
                continue;
            }
            let numbers = f64::custom_vjp(call, &lane_of(x, lane), &lane_of(y, lane), &w)?;
            dx.iter_mut().zip(numbers).for_each(|(dx, number)| dx.0[lane] = number);
        }
        Some(dx)
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

    fn custom_value(call: &CustomCall, x: &[Self], y: &mut [Self]) {
        let mut numbers: SmallVec<[f64; 4]> = SmallVec::from_elem(0.0, y.len());
        for lane in 0..W {
            f64::custom_value(call, &lane_of(x, lane), &mut numbers);
            y.iter_mut().zip(&numbers).for_each(|(y, &number)| y.0[lane] = number);
        }
    }
}

/// As `float::log_sum_exp` does, in each lane: the largest is left out of the sum.
#[inline(always)]
fn log_sum_exp<const W: usize>(
    operands: &[u32],
    values: &(impl Values<Lanes<W>> + ?Sized),
) -> Lanes<W> {
    let mut largest = Lanes::splat(f64::NEG_INFINITY);
    let mut place = Lanes::splat(-1.0);
    for (here, &i) in operands.iter().enumerate() {
        let (here, term) = (here as f64, values.get(i));
        place = term.zip3(largest, place, |t, m, p| if (t > m) | t.is_nan() { here } else { p });
        largest = term.zip(largest, |t, m| if (t > m) | t.is_nan() { t } else { m });
    }
    let mut rest = Lanes::splat(0.0);
    for (here, &i) in operands.iter().enumerate() {
        let (here, share) = (here as f64, (values.get(i) - largest).exp());
        rest = rest.zip3(place, share, |r, p, s| r + if p == here { 0.0 } else { s });
    }
    // inf - inf would be NaN.
    largest.zip(largest + rest.ln_1p(), |m, sum| if m.abs() == f64::INFINITY { m } else { sum })
}

fn lane_of<const W: usize>(lanes: &[Lanes<W>], lane: usize) -> SmallVec<[f64; 8]> {
    lanes.iter().map(|lanes| lanes.0[lane]).collect()
}
