//! One interpreter for tapes and programs: values forwards, tangents forwards, adjoints backwards.
//!
//! ```text
//! evaluate   for i in range:            value[i] = rule(i)
//! push       for i in range:            tangent[i] = Σ over operands o of  tangent[o] · ∂i/∂o
//! pull       for i in range, reversed:  adjoint[o] += adjoint[i] · ∂i/∂o  for each operand o
//! ```
//!
//! (Griewank & Walther, *Evaluating Derivatives*, 2nd ed., §3.1 and §3.2.) The rules come from the op table.
//! Each loop is generic over the instructions (a tape's or a program's), over the scalar (`f64` for a
//! gradient, `Dual` for a Hessian-vector product, `Var` to record the sweep, lanes for many points at once)
//! and over where results are kept. Three things are not in the formulas:
//!
//! 1. **Where nothing has flowed, nothing is propagated**, so that 0 · ∞ makes no NaN by itself. In lanes the
//!    contribution is masked instead ([`Scalar::gated`]). Quick sweeps let the NaN come, and look for it: see
//!    [`care`](super::care).
//! 2. **Rules that call no function are compiled into the loop**, the others are one call away: see
//!    [`inline_or_call`].
//! 3. **A custom call is run once**, at its first output: when values are computed the others follow, when
//!    adjoints are pulled all others are done.

use super::custom::{custom_adjoints, custom_partials, custom_values};
use super::scalar::{Primal, Scalar};
use super::storage::{Adjoints, Results};
use crate::Real;
use crate::op::{self, Flow, Op, Pull, Reading, Site, Values, nary};
use crate::tape::{Inst, Instructions, NotTwiceDifferentiable};
use smallvec::SmallVec;
use std::marker::PhantomData;
use std::ops::Range;

/// An instruction while its rule runs: its operands' values, and where contributions flow.
struct Step<'s, T, C: ?Sized, V: ?Sized, F> {
    code: &'s C,
    inst: Inst,
    /// Where the instruction's own result is kept.
    own: u32,
    values: &'s V,
    flow: F,
    scalar: PhantomData<T>,
}

impl<T, C: Instructions + ?Sized, V: Values<T> + ?Sized, F> Site<T> for Step<'_, T, C, V, F> {
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
        self.code.data()[self.inst.at[1] as usize]
    }
    #[inline(always)]
    fn d(&self) -> f64 {
        self.code.data()[self.inst.at[1] as usize + 1]
    }
}

impl<T: Real, C, V, F> Pull<T> for Step<'_, T, C, V, F>
where
    C: Instructions + ?Sized,
    V: Values<T> + ?Sized,
    F: Flow<T>,
{
    const GATES: bool = F::GATES;
    #[inline(always)]
    fn weight(&self, which: usize) -> Option<T> {
        self.flow.weight(self.inst.at[which])
    }
    #[inline(always)]
    fn give(&mut self, which: usize, contribution: T) {
        self.flow.give(self.inst.at[which], contribution);
    }
    #[inline(always)]
    fn gate(&mut self, which: usize, contribution: T) {
        self.flow.gate(self.inst.at[which], contribution);
    }
    #[inline(always)]
    fn nary(&mut self, op: Op) {
        let terms = self.code.terms(Inst { op, ..self.inst });
        nary::pull(op, terms, self.own, self.values, &mut self.flow);
    }
}

/// Apply the rules of instruction `i`, whose operation is `op`, to all operands; return `flow`, which has taken
/// the contributions. Not for custom operations.
#[inline(always)]
pub(super) fn apply<T: Real, F: Flow<T>>(
    op: Op,
    code: &(impl Instructions + ?Sized),
    i: usize,
    values: &(impl Values<T> + ?Sized),
    flow: F,
) -> F {
    let (inst, own) = (code.load(op, i), i as u32);
    let mut step = Step { code, inst, own, values, flow, scalar: PhantomData };
    op::pull(op, &mut step);
    step.flow
}

/// Run one expression with the operation known to the compiler for each of the most frequent operations, whose
/// rules call no function; leave all others to a call. With their calls in the loop, the compiler would keep the
/// loop's variables in memory.
///
/// In lanes nothing is left to a call: what is not inlined is compiled for the baseline.
macro_rules! inline_or_call {
    ($Scalar:ident, $op:expr, [$($also:ident)*], |$known:ident| $inline:expr, $call:expr) => {
        inline_or_call! { @each $Scalar, $op, $known, $inline, $call;
            Copy Neg Recip Square Add Sub Mul Div AddConst ConstSub MulConst DivConst ConstDiv
            Sqrt Sum SumSquares Dot Linear Affine AffineData $($also)*
        }
    };
    (@each $Scalar:ident, $op:expr, $known:ident, $inline:expr, $call:expr; $($Op:ident)*) => {
        match $op {
            $known if $Scalar::IN_LANES => $inline,
            $(Op::$Op => {
                let $known = Op::$Op;
                $inline
            })*
            _ => $call,
        }
    };
}

/// Compute one instruction that is neither leaf nor custom.
#[inline(always)]
fn value_of<T: Primal>(
    code: &(impl Instructions + ?Sized),
    inst: Inst,
    values: &(impl Values<T> + ?Sized),
) -> T {
    let step = Step { code, inst, own: 0, values, flow: (), scalar: PhantomData };
    match op::evaluate(inst.op, &step) {
        Some(value) => value,
        None => T::nary_value(inst.op, code.terms(inst), values),
    }
}

/// Compute one instruction. It stores the result itself: a result that is returned would go through memory, and
/// so would those of the inlined operations.
#[inline(never)]
fn call_evaluate<T: Primal>(
    code: &(impl Instructions + ?Sized),
    i: usize,
    values: &mut (impl Results<T> + ?Sized),
) {
    let value = value_of(code, code.inst(i), values);
    values.set(i, value);
}

/// Compute one instruction on plain numbers.
pub(crate) fn evaluate_one(
    code: &impl Instructions,
    inst: Inst,
    value: impl Fn(u32) -> f64,
) -> f64 {
    value_of(code, inst, &Reading(value))
}

/// Compute the instructions of a range in order. Inputs are there already.
#[inline(always)]
pub(crate) fn evaluate<T: Primal>(
    code: &(impl Instructions + ?Sized),
    range: Range<usize>,
    values: &mut (impl Results<T> + ?Sized),
) {
    for i in range {
        match code.op(i) {
            Op::Input => {}
            Op::Const => {
                let value = T::from(code.constants(&code.load(Op::Const, i))[0]);
                values.set(i, value);
            }
            Op::Custom => custom_values(code, i, values),
            op => {
                inline_or_call!(
                    T,
                    op,
                    [],
                    |op| {
                        let value = value_of(code, code.load(op, i), values);
                        values.set(i, value);
                    },
                    call_evaluate(code, i, values)
                );
            }
        }
    }
}

/// Adds the contributions of one instruction, whose adjoint is `w`, to the adjoints of its operands.
struct Back<T, A, const CAREFUL: bool> {
    adjoints: A,
    w: T,
}

impl<T: Scalar, A: Adjoints<T>, const CAREFUL: bool> Flow<T> for Back<T, A, CAREFUL> {
    const GATES: bool = CAREFUL;
    #[inline(always)]
    fn weight(&self, operand: u32) -> Option<T> {
        if self.adjoints.wants(operand) { Some(self.w) } else { None }
    }
    #[inline(always)]
    fn give(&mut self, operand: u32, contribution: T) {
        self.gate(operand, if CAREFUL { contribution.settled() } else { contribution });
    }
    #[inline(always)]
    fn gate(&mut self, operand: u32, contribution: T) {
        let contribution = if CAREFUL { contribution.gated(self.w) } else { contribution };
        self.adjoints.add(operand, contribution);
    }
}

#[inline(never)]
fn call_pull<const CAREFUL: bool, T: Scalar>(
    code: &(impl Instructions + ?Sized),
    i: usize,
    values: &(impl Values<T> + ?Sized),
    adjoints: impl Adjoints<T>,
    w: T,
) {
    apply(code.op(i), code, i, values, Back::<T, _, CAREFUL> { adjoints, w });
}

/// Sweep backwards over a range of instructions, quickly if not `CAREFUL`: numbers, dual numbers and lanes only. Tell
/// whether the adjoints are certain as far as the sweep can see: numbers are not where 0 has met infinity, which is seen
/// at the instruction whose adjoint that made NaN.
#[inline(always)]
pub(super) fn pull<const CAREFUL: bool, T: Scalar>(
    code: &(impl Instructions + ?Sized),
    range: Range<usize>,
    values: &(impl Values<T> + ?Sized),
    adjoints: impl Adjoints<T>,
) -> Result<bool, NotTwiceDifferentiable> {
    for i in range.rev() {
        let (op, w) = (code.op(i), adjoints.get(i));
        if CAREFUL {
            if !T::IN_LANES && w.is_nothing() && op != Op::Custom {
                adjoints.unreached(i);
                continue;
            }
        } else if w.is_zero_or_nan() {
            if w.has_nan() {
                return Ok(false);
            }
            // The product with a finite partial would be 0.
            if !op.is_steep() && values.get(i as u32).value().is_finite() {
                continue;
            }
        }
        match op {
            Op::Custom => {
                if !custom_adjoints::<CAREFUL, T>(code, i, values, adjoints)? {
                    return Ok(false);
                }
            }
            op => {
                adjoints.done(i);
                // The rule of `exp` reads its own result.
                inline_or_call!(
                    T,
                    op,
                    [Input Const Exp],
                    |op| {
                        apply(op, code, i, values, Back::<T, _, CAREFUL> { adjoints, w });
                    },
                    call_pull::<CAREFUL, T>(code, i, values, adjoints, w)
                );
            }
        }
    }
    Ok(true)
}

/// Tangents that flow into one instruction.
struct Ahead<'s, T, R: ?Sized, const CAREFUL: bool> {
    tangents: &'s R,
    tangent: T,
}

impl<T: Scalar, R: Values<T> + ?Sized, const CAREFUL: bool> Flow<T> for Ahead<'_, T, R, CAREFUL> {
    const GATES: bool = CAREFUL;
    #[inline(always)]
    fn weight(&self, operand: u32) -> Option<T> {
        let w = self.tangents.get(operand);
        if !T::IN_LANES && w.is_nothing() { None } else { Some(w) }
    }
    #[inline(always)]
    fn give(&mut self, operand: u32, contribution: T) {
        self.gate(operand, if CAREFUL { contribution.settled() } else { contribution });
    }
    #[inline(always)]
    fn gate(&mut self, operand: u32, contribution: T) {
        let w = self.tangents.get(operand);
        self.tangent.accumulate(if CAREFUL { contribution.gated(w) } else { contribution });
    }
}

/// Fill in the tangents of a range of instructions from those before, quickly if not `CAREFUL`: lanes only.
#[inline(always)]
pub(super) fn push<const CAREFUL: bool, T: Scalar>(
    code: &(impl Instructions + ?Sized),
    range: Range<usize>,
    values: &(impl Values<T> + ?Sized),
    tangents: &mut (impl Results<T> + ?Sized),
) {
    for i in range {
        let tangent = match code.op(i) {
            Op::Custom => custom_tangent::<CAREFUL, T>(code, i, values, tangents),
            // Nothing is lent out here that a call could change, so the rules that call functions are inlined
            // too; those named only spare the others a look at their arity.
            op => inline_or_call!(
                T,
                op,
                [Input Const Exp],
                |op| push_one::<CAREFUL, T>(op, code, i, values, tangents),
                push_one::<CAREFUL, T>(op, code, i, values, tangents)
            ),
        };
        tangents.set(i, tangent);
    }
}

/// The tangent of instruction `i`, whose operation is `op`.
#[inline(always)]
fn push_one<const CAREFUL: bool, T: Scalar>(
    op: Op,
    code: &(impl Instructions + ?Sized),
    i: usize,
    values: &(impl Values<T> + ?Sized),
    tangents: &(impl Values<T> + ?Sized),
) -> T {
    let ahead = Ahead::<T, _, CAREFUL> { tangents, tangent: T::nothing() };
    apply(op, code, i, values, ahead).tangent
}

/// The tangent of one output of a custom call: its row of partials times the tangents of the inputs.
#[cold]
#[inline(never)]
fn custom_tangent<const CAREFUL: bool, T: Scalar>(
    code: &(impl Instructions + ?Sized),
    i: usize,
    values: &(impl Values<T> + ?Sized),
    tangents: &(impl Values<T> + ?Sized),
) -> T {
    let inst = code.load(Op::Custom, i);
    let mut flow = Ahead::<T, _, CAREFUL> { tangents, tangent: T::nothing() };
    let inputs = code.operands(&inst);
    if inputs.iter().any(|&o| !tangents.get(o).is_nothing()) {
        for (&o, partial) in inputs.iter().zip(custom_partials(code, i, inst, values)) {
            if let Some(w) = flow.weight(o) {
                flow.give(o, w * partial);
            }
        }
    }
    flow.tangent
}

/// The edges of one instruction: its operands, each with its local partial.
struct Edges(SmallVec<[(u32, f64); 2]>);

impl Flow<f64> for Edges {
    fn weight(&self, _: u32) -> Option<f64> {
        Some(1.0)
    }
    fn give(&mut self, operand: u32, contribution: f64) {
        self.0.push((operand, contribution.settled()));
    }
    fn gate(&mut self, operand: u32, contribution: f64) {
        self.give(operand, contribution);
    }
}

/// List the operands of instruction `i` in order, each with its local partial: the rules with `w = 1`.
pub(crate) fn partials(
    code: &impl Instructions,
    values: &[f64],
    i: usize,
) -> SmallVec<[(u32, f64); 2]> {
    let inst = code.inst(i);
    if inst.op != Op::Custom {
        return apply(inst.op, code, i, values, Edges(SmallVec::new())).0;
    }
    code.operands(&inst).iter().copied().zip(custom_partials(code, i, inst, values)).collect()
}
