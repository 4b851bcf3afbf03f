//! Running the instructions: values forwards, tangents forwards, adjoints backwards.
//!
//! Each is one loop over the instructions, generic over the scalar and over where results are kept. The
//! rules come from the op table.

use super::graph::{Check, Code, Inst, Side};
use super::scalar::{Primal, Scalar};
use crate::op::{self, Flow, Op, Pull, Reading, Site, Values, nary};
use crate::{NotTwiceDifferentiable, Real};
use smallvec::SmallVec;
use std::marker::PhantomData;
use std::ops::Range;

/// Where results are kept.
pub(super) trait Results<T>: Values<T> {
    /// Keep the result of an instruction.
    fn set(&mut self, instruction: usize, value: T);
}

impl<T: Copy> Results<T> for [T] {
    #[inline(always)]
    fn set(&mut self, instruction: usize, value: T) {
        self[instruction] = value;
    }
}

/// Where adjoints are kept.
pub(super) trait Adjoints<T> {
    /// Read the adjoint of an instruction, which is not needed again.
    fn take(&mut self, instruction: usize) -> T;
    /// Tell whether the adjoint of an operand is wanted.
    fn wants(&self, operand: u32) -> bool;
    /// Add to the adjoint of an operand.
    fn add(&mut self, operand: u32, contribution: T);
}

impl<T: Real> Adjoints<T> for [T] {
    #[inline(always)]
    fn take(&mut self, instruction: usize) -> T {
        self[instruction]
    }
    #[inline(always)]
    fn wants(&self, _: u32) -> bool {
        true
    }
    #[inline(always)]
    fn add(&mut self, operand: u32, contribution: T) {
        self[operand as usize].accumulate(contribution);
    }
}

/// One instruction at work: its operands' values, and where contributions flow.
struct Step<'s, T, V: ?Sized, F> {
    code: &'s Code,
    inst: Inst,
    /// Where the instruction's own result is kept.
    own: u32,
    values: &'s V,
    flow: F,
    scalar: PhantomData<T>,
}

impl<T: Real, V: Values<T> + ?Sized, F> Site<T> for Step<'_, T, V, F> {
    #[inline(always)]
    fn x(&self) -> T {
        self.values.get(self.inst.at[0])
    }
    #[inline(always)]
    fn y(&self) -> T {
        self.values.get(self.inst.at[1])
    }
    #[inline(always)]
    fn z(&self) -> T {
        self.values.get(self.inst.at[2])
    }
    #[inline(always)]
    fn r(&self) -> T {
        self.values.get(self.own)
    }
    #[inline(always)]
    fn c(&self) -> f64 {
        self.code.data[self.inst.at[1] as usize]
    }
    #[inline(always)]
    fn d(&self) -> f64 {
        self.code.data[self.inst.at[1] as usize + 1]
    }
}

impl<T: Real, V: Values<T> + ?Sized, F: Flow<T>> Pull<T> for Step<'_, T, V, F> {
    #[inline(always)]
    fn weight(&self, which: usize) -> Option<T> {
        self.flow.weight(self.inst.at[which])
    }
    #[inline(always)]
    fn give(&mut self, which: usize, contribution: T) {
        self.flow.give(self.inst.at[which], contribution);
    }
    #[inline(always)]
    fn nary(&mut self, op: Op) {
        let terms = self.code.terms(Inst { op, ..self.inst });
        nary::pull(op, terms, self.own, self.values, &mut self.flow);
    }
}

/// Run one expression with the operation known to the compiler, for each of those met most, whose rules call
/// no function; leave all others to a call. Were their calls in the loop, its variables would live in
/// memory.
///
/// In lanes nothing is left to a call: what is not inlined is compiled for the baseline.
macro_rules! near_or_far {
    ($Scalar:ident, $op:expr, |$known:ident| $near:expr, $far:expr) => {
        near_or_far! { @each $Scalar, $op, $known, $near, $far;
            Copy Neg Recip Square Add Sub Mul Div AddConst ConstSub MulConst DivConst ConstDiv
            Sqrt Sum SumSquares Dot Linear Affine AffineData
        }
    };
    (@each $Scalar:ident, $op:expr, $known:ident, $near:expr, $far:expr; $($Near:ident)*) => {
        match $op {
            $known if $Scalar::IN_LANES => $near,
            $(Op::$Near => {
                let $known = Op::$Near;
                $near
            })*
            _ => $far,
        }
    };
}

/// Compute one instruction that is neither leaf nor custom.
#[inline(always)]
fn value_of<T: Primal>(op: Op, code: &Code, inst: Inst, values: &(impl Values<T> + ?Sized)) -> T {
    let mut step = Step { code, inst, own: 0, values, flow: (), scalar: PhantomData };
    match op::evaluate(op, &mut step) {
        Some(value) => value,
        None => T::nary_value(op, code.terms(Inst { op, ..inst }), values),
    }
}

/// Compute one instruction. It keeps the result itself: one that is returned would go through memory, and so
/// would all others.
#[inline(never)]
fn far_evaluate<T: Primal>(code: &Code, i: usize, values: &mut (impl Results<T> + ?Sized)) {
    let inst = code.insts[i];
    let value = value_of(inst.op, code, inst, values);
    values.set(i, value);
}

/// Compute one instruction on plain numbers.
pub(super) fn evaluate_one(code: &Code, inst: Inst, value: impl Fn(u32) -> f64) -> f64 {
    value_of(inst.op, code, inst, &Reading(value))
}

/// Compute the instructions of a range in order.
#[inline(always)]
pub(super) fn evaluate<T: Primal>(
    code: &Code,
    range: Range<usize>,
    values: &mut (impl Results<T> + ?Sized),
) {
    for i in range {
        let inst = code.insts[i];
        match inst.op {
            Op::Input => {}
            Op::Const => values.set(i, T::from(code.data[inst.at[1] as usize])),
            Op::Custom => custom_values(code, i, values),
            _ => {
                near_or_far!(
                    T,
                    inst.op,
                    |op| {
                        let value = value_of(op, code, inst, values);
                        values.set(i, value);
                    },
                    far_evaluate(code, i, values)
                );
            }
        }
    }
}

/// Compute all outputs of a custom call at its first.
#[cold]
#[inline(never)]
fn custom_values<T: Primal>(code: &Code, i: usize, values: &mut (impl Results<T> + ?Sized)) {
    let [call, output, _] = code.insts[i].at;
    if output > 0 {
        return;
    }
    let call = &code.calls[call as usize];
    let x: SmallVec<[T; 8]> = code.call_inputs(call).iter().map(|&o| values.get(o)).collect();
    let mut y: SmallVec<[T; 4]> = SmallVec::from_elem(T::from(0.0), call.outputs as usize);
    T::custom_value(call, &x, &mut y);
    y.into_iter().enumerate().for_each(|(j, y)| values.set(i + j, y));
}

/// Adjoints that grow by what flows back from one instruction.
struct Back<'s, T, A: ?Sized> {
    adjoints: &'s mut A,
    w: T,
}

impl<T: Scalar, A: Adjoints<T> + ?Sized> Flow<T> for Back<'_, T, A> {
    #[inline(always)]
    fn weight(&self, operand: u32) -> Option<T> {
        if self.adjoints.wants(operand) { Some(self.w) } else { None }
    }
    #[inline(always)]
    fn give(&mut self, operand: u32, contribution: T) {
        self.adjoints.add(operand, contribution.gated(self.w));
    }
}

/// Give the operands of one instruction what flows back to them.
#[inline(always)]
fn pull_one<T: Scalar>(
    op: Op,
    code: &Code,
    i: usize,
    values: &(impl Values<T> + ?Sized),
    adjoints: &mut (impl Adjoints<T> + ?Sized),
    w: T,
) {
    let flow = Back { adjoints, w };
    let (inst, own) = (code.insts[i], i as u32);
    op::pull(op, &mut Step { code, inst, own, values, flow, scalar: PhantomData });
}

#[inline(never)]
fn far_pull_one<T: Scalar>(
    code: &Code,
    i: usize,
    values: &(impl Values<T> + ?Sized),
    adjoints: &mut (impl Adjoints<T> + ?Sized),
    w: T,
) {
    pull_one(code.insts[i].op, code, i, values, adjoints, w);
}

/// Sweep backwards over a range of instructions. A zero adjoint is not propagated.
#[inline(always)]
pub(super) fn sweep<T: Scalar>(
    code: &Code,
    range: Range<usize>,
    values: &(impl Values<T> + ?Sized),
    adjoints: &mut (impl Adjoints<T> + ?Sized),
) -> Result<(), NotTwiceDifferentiable> {
    for i in range.rev() {
        let inst = code.insts[i];
        if inst.op == Op::Custom {
            custom_adjoints(code, i, values, adjoints)?;
            continue;
        }
        let w = adjoints.take(i);
        // In lanes each contribution is gated, and one look at all lanes would cost more than it saves.
        if T::IN_LANES || !w.is_exact_zero() {
            near_or_far!(
                T,
                inst.op,
                |op| pull_one(op, code, i, values, adjoints, w),
                far_pull_one(code, i, values, adjoints, w)
            );
        }
    }
    Ok(())
}

/// Pull the adjoints of all outputs of a custom call, once, at its first output.
#[cold]
#[inline(never)]
fn custom_adjoints<T: Scalar>(
    code: &Code,
    i: usize,
    values: &(impl Values<T> + ?Sized),
    adjoints: &mut (impl Adjoints<T> + ?Sized),
) -> Result<(), NotTwiceDifferentiable> {
    let [call, output, _] = code.insts[i].at;
    if output > 0 {
        return Ok(());
    }
    let call = &code.calls[call as usize];
    let outputs = i..i + call.outputs as usize;
    let w: SmallVec<[T; 4]> = outputs.clone().map(|j| adjoints.take(j)).collect();
    if w.iter().all(|w| w.is_exact_zero()) {
        return Ok(());
    }
    let x: SmallVec<[T; 8]> = code.call_inputs(call).iter().map(|&o| values.get(o)).collect();
    let y: SmallVec<[T; 4]> = outputs.map(|j| values.get(j as u32)).collect();
    let dx = T::custom_vjp(call, &x, &y, &w)
        .ok_or_else(|| NotTwiceDifferentiable { op: call.op.name().to_string(), node: i })?;
    for (&operand, dx) in code.call_inputs(call).iter().zip(dx) {
        if adjoints.wants(operand) {
            adjoints.add(operand, dx);
        }
    }
    Ok(())
}

/// Tangents that flow into one instruction.
struct Ahead<'s, T> {
    tangents: &'s [T],
    tangent: T,
}

impl<T: Scalar> Flow<T> for Ahead<'_, T> {
    #[inline(always)]
    fn weight(&self, operand: u32) -> Option<T> {
        let w = self.tangents[operand as usize];
        if !T::IN_LANES && w.is_exact_zero() { None } else { Some(w) }
    }
    #[inline(always)]
    fn give(&mut self, operand: u32, contribution: T) {
        self.tangent.accumulate(contribution.gated(self.tangents[operand as usize]));
    }
}

/// Fill in the tangents of a range of instructions from those of the inputs.
#[inline(always)]
pub(super) fn push<T: Scalar>(
    code: &Code,
    range: Range<usize>,
    values: &(impl Values<T> + ?Sized),
    tangents: &mut [T],
) {
    let zero = T::from(0.0);
    for i in range {
        let inst = code.insts[i];
        let own = i as u32;
        tangents[i] = if inst.op == Op::Custom {
            custom_tangent(code, i, values, tangents)
        } else {
            let flow = Ahead { tangents, tangent: zero };
            let mut step = Step { code, inst, own, values, flow, scalar: PhantomData };
            op::pull(inst.op, &mut step);
            step.flow.tangent
        };
    }
}

/// The tangent of one output of a custom call: its vjp for that output alone, times the tangents of the
/// inputs.
#[cold]
#[inline(never)]
fn custom_tangent<T: Scalar>(
    code: &Code,
    i: usize,
    values: &(impl Values<T> + ?Sized),
    tangents: &[T],
) -> T {
    let [call, output, _] = code.insts[i].at;
    let call = &code.calls[call as usize];
    let inputs = code.call_inputs(call);
    let first = i as u32 - output;
    let x: SmallVec<[T; 8]> = inputs.iter().map(|&o| values.get(o)).collect();
    let y: SmallVec<[T; 4]> = (first..first + call.outputs).map(|j| values.get(j)).collect();
    let mut w: SmallVec<[T; 4]> = SmallVec::from_elem(T::from(0.0), y.len());
    w[output as usize] = T::from(1.0);
    let mut flow = Ahead { tangents, tangent: T::from(0.0) };
    if inputs.iter().any(|&o| !tangents[o as usize].is_exact_zero()) {
        let row = T::custom_vjp(call, &x, &y, &w).unwrap_or_default();
        for (&o, partial) in inputs.iter().zip(row) {
            if let Some(w) = flow.weight(o) {
                flow.give(o, w * partial);
            }
        }
    }
    flow.tangent
}

/// Compute the instructions of a range, and check each guard as soon as both its sides are there.
///
/// `holds` compares the two sides. The error is the place of the first guard that does not hold.
#[inline(always)]
pub(super) fn evaluate_guarded<T: Primal>(
    code: &Code,
    range: Range<usize>,
    checks: &[Check],
    values: &mut (impl Results<T> + ?Sized),
    mut holds: impl FnMut(&Check, T, T) -> bool,
) -> Result<(), usize> {
    let mut done = range.start;
    for (k, check) in checks.iter().enumerate() {
        let before = check.before as usize;
        if done < before {
            evaluate(code, done..before, values);
            done = before;
        }
        let side = |side: Side| match side {
            Side::Value(i) => values.get(i),
            Side::Constant(c) => T::from(c),
        };
        if !holds(check, side(check.left), side(check.right)) {
            return Err(k);
        }
    }
    evaluate(code, done..range.end, values);
    Ok(())
}
