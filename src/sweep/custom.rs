//! Custom calls in the interpreter: each is run once, at its first output.

use super::scalar::{Primal, Scalar};
use super::storage::{Adjoints, Results};
use crate::op::{Op, Values};
use crate::tape::{Inst, Instructions, NotTwiceDifferentiable};
use smallvec::SmallVec;

/// Compute all outputs of a custom call at its first.
#[cold]
#[inline(never)]
pub(super) fn custom_values<T: Primal>(
    code: &(impl Instructions + ?Sized),
    i: usize,
    values: &mut (impl Results<T> + ?Sized),
) {
    let [call, output, _] = code.load(Op::Custom, i).at;
    if output > 0 {
        return;
    }
    let call = &code.calls()[call as usize];
    let x: SmallVec<[T; 8]> = code.call_inputs(call).iter().map(|&o| values.get(o)).collect();
    let mut y: SmallVec<[T; 4]> = SmallVec::from_elem(T::from(0.0), call.outputs as usize);
    T::custom_value(&call.op, &x, &mut y);
    y.into_iter().enumerate().for_each(|(j, y)| values.set(i + j, y));
}

/// Pull the adjoints of all outputs of a custom call, once, at its first output. Tell whether that is certain.
#[cold]
#[inline(never)]
pub(super) fn custom_adjoints<const CAREFUL: bool, T: Scalar>(
    code: &(impl Instructions + ?Sized),
    i: usize,
    values: &(impl Values<T> + ?Sized),
    adjoints: impl Adjoints<T>,
) -> Result<bool, NotTwiceDifferentiable> {
    let [call, output, _] = code.load(Op::Custom, i).at;
    if output > 0 {
        return Ok(true);
    }
    let call = &code.calls()[call as usize];
    let outputs = i..i + call.outputs as usize;
    // The output that is swept from may be followed by others of the same call.
    let w = outputs.clone().map(|j| if adjoints.has(j) { adjoints.get(j) } else { T::nothing() });
    let w: SmallVec<[T; 4]> = w.collect();
    if !CAREFUL && w.iter().all(|w| w.is_zero_or_nan()) {
        return Ok(false);
    }
    outputs.clone().filter(|&j| adjoints.has(j)).for_each(|j| adjoints.done(j));
    if w.iter().all(|w| w.is_nothing()) {
        outputs.filter(|&j| adjoints.has(j)).for_each(|j| adjoints.unreached(j));
        return Ok(true);
    }
    let inputs = code.call_inputs(call);
    let x: SmallVec<[T; 8]> = inputs.iter().map(|&o| values.get(o)).collect();
    let y: SmallVec<[T; 4]> = outputs.map(|j| values.get(j as u32)).collect();
    let dx = T::custom_vjp(&call.op, &x, &y, &w)
        .ok_or_else(|| NotTwiceDifferentiable { op: call.op.name().to_string(), node: i })?;
    for (&operand, dx) in inputs.iter().zip(dx) {
        if adjoints.wants(operand) {
            // In lanes there is nothing where the operation was not called.
            adjoints.add(operand, if T::IN_LANES { dx } else { dx.settled() });
        }
    }
    Ok(true)
}

/// The partials of one output of a custom call: its vjp for that output alone.
pub(super) fn custom_partials<T: Scalar>(
    code: &(impl Instructions + ?Sized),
    i: usize,
    inst: Inst,
    values: &(impl Values<T> + ?Sized),
) -> Vec<T> {
    let [call, output, _] = inst.at;
    let call = &code.calls()[call as usize];
    let first = i as u32 - output;
    let x: SmallVec<[T; 8]> = code.call_inputs(call).iter().map(|&o| values.get(o)).collect();
    let y: SmallVec<[T; 4]> = (first..first + call.outputs).map(|j| values.get(j)).collect();
    let mut w: SmallVec<[T; 4]> = SmallVec::from_elem(T::from(0.0), y.len());
    w[output as usize] = T::from(1.0);
    T::custom_vjp(&call.op, &x, &y, &w).unwrap_or_default()
}
