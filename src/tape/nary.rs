//! Recording the user's own operations.

use super::custom::{CustomCall, CustomOp, Stored};
use super::record;
use super::serial::CONSTANT;
use super::var::Var;
use crate::Real;
use crate::op::Op;
use crate::real::CustomFn;
use crate::text::quoted;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::sync::Arc;

/// Apply a custom operation; returns its outputs. A [`Var`] records it, a `Dual` runs its vjp, `f64` and
/// other scalars compute its value.
///
/// Pass the operation itself, or an `Arc` of it to use it more than once. One with one output and no second
/// derivatives can be written on the spot: name, value, vjp.
///
/// Constants among the inputs are kept with the operation and are no nodes. If all are constants, nothing is
/// recorded.
///
/// # Panics
/// If the inputs are stale or of two tapes.
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
    let constants = inputs.iter().filter(|v| v.tag == CONSTANT).count();
    if constants == inputs.len() {
        return y.iter().map(|&v| Var::constant(v)).collect();
    }
    let (op, variables): (Arc<dyn CustomOp>, Cow<[Var]>) = match constants {
        0 => (op.clone(), inputs.into()),
        _ => {
            let variables = inputs.iter().filter(|v| v.tag != CONSTANT).copied().collect();
            (Arc::new(AtConstants::new(op.clone(), inputs)), variables)
        }
    };
    let tags = || variables.iter().map(|v| v.tag);
    let recording = record::common_recording(tags());
    record::assert_room(&recording, tags, y.len(), 0);
    let inputs_at = recording.push_pool([]);
    for v in &*variables {
        recording.push_pool([record::operand(&recording, v.tag, v.value)]);
    }
    let index = recording.customs.borrow().len() as u32;
    recording.annotated.set(true);
    recording.customs.borrow_mut().push(CustomCall {
        op,
        inputs_at,
        inputs: variables.len() as u32,
        outputs: y.len() as u32,
    });
    let mut outputs = SmallVec::with_capacity(y.len());
    for (j, &value) in y.iter().enumerate() {
        outputs.push(Var { value, tag: recording.push(Op::Custom, index, j as u32, value) });
    }
    outputs
}

/// An operation as a function of those inputs that are no constants.
pub(crate) struct AtConstants {
    op: Arc<dyn CustomOp>,
    /// All inputs, with any number where a variable stands.
    inputs: Vec<f64>,
    /// Where the variables stand.
    variables: Vec<u32>,
}

impl AtConstants {
    fn new(op: Arc<dyn CustomOp>, inputs: &[Var]) -> AtConstants {
        let is_variable = |&at: &u32| inputs[at as usize].tag != CONSTANT;
        let variables = (0..inputs.len() as u32).filter(is_variable).collect();
        AtConstants { op, inputs: inputs.iter().map(|v| v.value).collect(), variables }
    }

    /// The operation with these inputs, of which those at `variables` are variables.
    pub fn from_parts(op: Arc<dyn CustomOp>, inputs: Vec<f64>, variables: Vec<u32>) -> AtConstants {
        AtConstants { op, inputs, variables }
    }

    /// All inputs, with `x` where the variables stand.
    fn with<T: Copy + From<f64>>(&self, x: &[T]) -> Vec<T> {
        let mut inputs: Vec<T> = self.inputs.iter().map(|&x| T::from(x)).collect();
        self.variables.iter().zip(x).for_each(|(&at, &x)| inputs[at as usize] = x);
        inputs
    }
}

impl CustomOp for AtConstants {
    fn name(&self) -> &str {
        CustomOp::name(&*self.op)
    }
    fn outputs(&self) -> usize {
        CustomOp::outputs(&*self.op)
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        CustomOp::value(&*self.op, &self.with(x), y);
    }
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        let mut all = vec![0.0; self.inputs.len()];
        CustomOp::vjp(&*self.op, &self.with(x), y, w, &mut all);
        self.variables.iter().zip(dx).for_each(|(&at, dx)| *dx = all[at as usize]);
    }
    fn vjp_recorded(&self, x: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let x = self.with(x);
        let all = self.op.vjp_recorded(&x, y, w)?;
        assert_one_each(&*self.op, all.len(), x.len());
        Some(self.variables.iter().map(|&at| all[at as usize]).collect())
    }
    fn stored(&self) -> Stored<'_> {
        Stored { constants: Some((&self.inputs, &self.variables)), ..self.op.stored() }
    }
}

/// Panic unless `vjp_recorded` returned as many derivatives as the operation has inputs.
#[track_caller]
pub(super) fn assert_one_each(op: &dyn CustomOp, found: usize, inputs: usize) {
    assert!(
        found == inputs,
        "`vjp_recorded` of custom operation {} returned {found} derivatives for {inputs} inputs",
        quoted(op.name())
    );
}
