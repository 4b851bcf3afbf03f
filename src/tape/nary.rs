//! Recording operations with any number of operands as one node: sums, dot products, log-sum-exp, and the
//! user's own.

use super::custom::{CustomCall, CustomOp};
use super::gather::{self, ReusedVec};
use super::record;
use super::serial::CONSTANT;
use super::var::Var;
use crate::Real;
use crate::op::Op;
use crate::real::CustomFn;
use crate::real::float;
use smallvec::SmallVec;
use std::any::Any;
use std::sync::Arc;

/// Record a sum of `f(term)`.
#[inline]
#[track_caller]
pub(crate) fn sum(op: Op, terms: impl Iterator<Item = Var>, f: impl Fn(f64) -> f64) -> Var {
    let mut terms = terms.map(|x| [x]);
    match terms.next() {
        None => Var::constant(0.0),
        Some(first) => gather::record(op, first, terms, None, |[x]| f(x), |total| total),
    }
}

/// Record `ln Σ exp(term)`.
///
/// The largest term is needed before the first is used, so all are gathered first: a few on the stack,
/// many in a vector that the thread keeps.
#[inline]
#[track_caller]
pub(crate) fn log_sum_exp(mut terms: impl Iterator<Item = Var>) -> Var {
    let mut few = [Var::constant(0.0); 8];
    for count in 0..few.len() {
        match terms.next() {
            Some(term) => few[count] = term,
            None => return log_sum_exp_of(&few[..count]),
        }
    }
    let mut many = ReusedVec::new();
    many.0.extend_from_slice(&few);
    many.0.extend(terms);
    log_sum_exp_of(&many.0)
}

#[inline(never)]
#[track_caller]
fn log_sum_exp_of(operands: &[Var]) -> Var {
    let value = float::log_sum_exp(operands.iter().map(|x| x.value));
    let mut terms = operands.iter().map(|&x| [x]);
    match terms.next() {
        None => Var::constant(value),
        Some(first) => gather::record(Op::LogSumExp, first, terms, None, |_| 0.0, |_| value),
    }
}

/// Record a dot product, with a bias or without.
///
/// If every pair has a constant in it the constants are kept as data, else each becomes a node.
#[inline]
#[track_caller]
pub(crate) fn dot(pairs: impl Iterator<Item = (Var, Var)>, bias: Option<Var>) -> Var {
    let mut pairs = pairs.map(|(x, y)| [x, y]);
    let add_bias = |total| bias.map_or(total, |bias| total + bias.value);
    match pairs.next() {
        // The sum is empty: what is left is 0 + bias.
        None => match bias {
            Some(bias) => bias + 0.0,
            None => Var::constant(0.0),
        },
        Some(first) if first[0].tag == CONSTANT || first[1].tag == CONSTANT => {
            gather::record_weighted(first, pairs, bias, add_bias)
        }
        Some(first) => {
            let op = if bias.is_some() { Op::Affine } else { Op::Dot };
            gather::record(op, first, pairs, bias, |[x, y]| x * y, add_bias)
        }
    }
}

/// Apply a custom operation; returns its outputs. A [`Var`] records it, a `Dual` runs its vjp, `f64` and
/// other scalars compute its value.
///
/// Pass the operation itself, or an `Arc` of it to use it more than once. One with one output and no second
/// derivatives can be written on the spot: name, value, vjp.
///
/// # Panics
/// If the inputs are stale or of two tapes. If all are constants, nothing is recorded.
///
/// ```
/// use gradtape::{Real, custom, gradient};
///
/// fn cube<S: Real>(x: S) -> S {
///     let value = |x: &[f64], y: &mut [f64]| y[0] = x[0].powi(3);
///     let vjp = |x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]| dx[0] = w[0] * 3.0 * x[0].powi(2);
///     custom(("cube", value, vjp), &[x])[0]
/// }
/// assert_eq!(cube(2.0), 8.0);
/// assert_eq!(gradient(|x| cube(x[0]) * 10.0, &[2.0]), [120.0]);
/// ```
#[doc(alias = "custom_vjp")]
#[track_caller]
pub fn custom<S: Real>(op: impl CustomOp, inputs: &[S]) -> SmallVec<[S; 2]> {
    let op: Arc<dyn CustomOp> = Arc::new(op);
    let mut outputs = SmallVec::from_elem(S::from(0.0), CustomFn::outputs(&op));
    S::custom_value(&op, inputs, &mut outputs);
    outputs
}

/// Record a custom operation; returns its outputs.
#[track_caller]
pub(super) fn custom_call(op: &Arc<dyn CustomOp>, inputs: &[Var]) -> SmallVec<[Var; 2]> {
    let x: SmallVec<[f64; 8]> = inputs.iter().map(|v| v.value).collect();
    let mut y: SmallVec<[f64; 8]> = SmallVec::from_elem(0.0, CustomFn::outputs(op));
    CustomFn::value(op, &x, &mut y);
    if inputs.iter().all(|v| v.tag == CONSTANT) {
        return y.iter().map(|&v| Var::constant(v)).collect();
    }
    let tags = || inputs.iter().map(|v| v.tag);
    let recording = record::common_recording(tags());
    record::assert_room(&recording, tags, y.len(), 0);
    let inputs_at = recording.push_pool([]);
    for v in inputs {
        recording.push_pool([record::operand(&recording, v.tag, v.value)]);
    }
    let index = recording.customs.borrow().len() as u32;
    recording.annotated.set(true);
    recording.customs.borrow_mut().push(CustomCall {
        op: op.clone(),
        inputs_at,
        inputs: inputs.len() as u32,
        outputs: y.len() as u32,
    });
    let mut outputs = SmallVec::with_capacity(y.len());
    for (j, &value) in y.iter().enumerate() {
        outputs.push(Var { value, tag: recording.push(Op::Custom, index, j as u32, value) });
    }
    outputs
}

/// The part on plain numbers.
impl CustomFn for Arc<dyn CustomOp> {
    fn name(&self) -> &str {
        (**self).name()
    }
    fn outputs(&self) -> usize {
        (**self).outputs()
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        (**self).value(x, y);
    }
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        (**self).vjp(x, y, w, dx);
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
