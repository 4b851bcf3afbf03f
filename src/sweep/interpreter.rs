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
use crate::op::{Flow, Op, Pull, Reading, Row, Site, Values, nary, row, with_row};
use crate::tape::{Inst, Instructions, NotTwiceDifferentiable};
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
    fn nary<R: Row>(&mut self) {
        let terms = self.code.terms(Inst { op: R::OP, ..self.inst });
        nary::pull::<R, T>(terms, self.own, self.values, &mut self.flow);
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
    let inst = code.load(op, i);
    with_row!(op, Row => apply_row::<Row, T, F>(code, inst, i, values, flow))
}

/// The same where the operation is known to the compiler.
///
/// A function of its own where nothing is optimized: a loop with all rules in it would take a megabyte of stack.
#[cfg_attr(not(unoptimized), inline(always))]
#[cfg_attr(unoptimized, inline(never))]
fn apply_row<R: Row, T: Real, F: Flow<T>>(
    code: &(impl Instructions + ?Sized),
    inst: Inst,
    i: usize,
    values: &(impl Values<T> + ?Sized),
    flow: F,
) -> F {
    let mut step = Step { code, inst, own: i as u32, values, flow, scalar: PhantomData };
    R::pull(&mut step);
    step.flow
}

/// Run one expression with the operation known to the compiler for each of the most frequent operations, whose
/// rules call no function; leave all others to a call. With their calls in the loop, the compiler would keep the
/// loop's variables in memory.
///
/// Not for lanes, but in careful sweeps: what is not inlined is compiled for the baseline.
macro_rules! inline_or_call {
    ($op:expr, [$($also:ident)*], |$Row:ident| $inline:expr, $call:expr) => {
        inline_or_call! { @each $op, $Row, $inline, $call;
            Copy Neg Recip Square Add Sub Mul Div AddConst ConstSub MulConst DivConst ConstDiv
            Sqrt Sum SumSquares Dot Linear Affine AffineData $($also)*
        }
    };
    (@each $op:expr, $Row:ident, $inline:expr, $call:expr; $($Op:ident)*) => {
        match $op {
            $(Op::$Op => {
                type $Row = row::$Op;
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
    with_row!(inst.op, Row => value_of_row::<Row, T>(code, inst, values))
}

/// The same where the operation is known to the compiler.
#[inline(always)]
fn value_of_row<R: Row, T: Primal>(
    code: &(impl Instructions + ?Sized),
    inst: Inst,
    values: &(impl Values<T> + ?Sized),
) -> T {
    if R::NARY {
        return T::nary_value::<R>(code.terms(Inst { op: R::OP, ..inst }), values);
    }
    R::evaluate(&Step { code, inst, own: 0, values, flow: (), scalar: PhantomData })
}

/// Compute one instruction, whose operation is known to the compiler. It stores the result itself: results that meet
/// behind the match are there number by number, and one that is returned by a call would go through memory, as would
/// those of the inlined operations. A function of its own where nothing is optimized, as [`apply_row`].
#[cfg_attr(not(unoptimized), inline(always))]
#[cfg_attr(unoptimized, inline(never))]
fn evaluate_row<R: Row, T: Primal>(
    code: &(impl Instructions + ?Sized),
    inst: Inst,
    i: usize,
    values: &mut (impl Results<T> + ?Sized),
) {
    let value = value_of_row::<R, T>(code, inst, values);
    values.set(i, value);
}

#[inline(never)]
fn call_evaluate<T: Primal>(
    code: &(impl Instructions + ?Sized),
    i: usize,
    values: &mut (impl Results<T> + ?Sized),
) {
    let inst = code.inst(i);
    with_row!(inst.op, Row => evaluate_row::<Row, T>(code, inst, i, values));
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
            op if const { T::IN_LANES } => {
                let inst = code.load(op, i);
                with_row!(op, Row => evaluate_row::<Row, T>(code, inst, i, values));
            }
            op => inline_or_call!(
                op,
                [],
                |Row| evaluate_row::<Row, T>(code, code.load(Row::OP, i), i, values),
                call_evaluate::<T>(code, i, values)
            ),
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
pub(crate) fn pull<const CAREFUL: bool, T: Scalar>(
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
                if const { T::IN_LANES && !CAREFUL } {
                    apply(op, code, i, values, Back::<T, _, CAREFUL> { adjoints, w });
                    continue;
                }
                // The rule of `exp` reads its own result.
                inline_or_call!(
                    op,
                    [Input Const Exp MulAdd],
                    |Row| {
                        let inst = code.load(Row::OP, i);
                        let back = Back::<T, _, CAREFUL> { adjoints, w };
                        apply_row::<Row, T, _>(code, inst, i, values, back);
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
            op if const { T::IN_LANES && !CAREFUL } => {
                with_row!(op, Row => push_row::<CAREFUL, Row, T>(code, i, values, tangents))
            }
            op => inline_or_call!(
                op,
                [Input Const Exp],
                |Row| push_row::<CAREFUL, Row, T>(code, i, values, tangents),
                call_push::<CAREFUL, T>(code, i, values, tangents)
            ),
        };
        tangents.set(i, tangent);
    }
}

/// The tangent of instruction `i`, whose operation is known to the compiler.
#[cfg_attr(not(unoptimized), inline(always))]
#[cfg_attr(unoptimized, inline(never))]
fn push_row<const CAREFUL: bool, R: Row, T: Scalar>(
    code: &(impl Instructions + ?Sized),
    i: usize,
    values: &(impl Values<T> + ?Sized),
    tangents: &(impl Values<T> + ?Sized),
) -> T {
    let ahead = Ahead::<T, _, CAREFUL> { tangents, tangent: T::nothing() };
    apply_row::<R, T, _>(code, code.load(R::OP, i), i, values, ahead).tangent
}

#[inline(never)]
fn call_push<const CAREFUL: bool, T: Scalar>(
    code: &(impl Instructions + ?Sized),
    i: usize,
    values: &(impl Values<T> + ?Sized),
    tangents: &(impl Values<T> + ?Sized),
) -> T {
    let ahead = Ahead::<T, _, CAREFUL> { tangents, tangent: T::nothing() };
    apply(code.op(i), code, i, values, ahead).tangent
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
