//! Passes that drop an instruction or make it simpler: dead instructions, algebraic identities, constants.
//!
//! The identities hold to the last bit, for every `x`: zeros of either sign, infinities and subnormal numbers
//! included; a NaN stays a NaN. Not among them are `x + 0 = x` (-0 + 0 is 0), `x · 0 = 0` (not for -1, ∞ and
//! NaN) and `x / 3 = x · (1/3)` (1/3 is rounded).

use crate::op::{Arity, Op};
use crate::program::body::{Body, Rebuild, Spare};
use crate::program::code::{Check, InstVec};
use crate::sweep::interpreter::evaluate_one;
use crate::tape::{Inst, Instructions};

/// Drop what no output and no guard depends on.
pub(super) fn dead(body: Body, spare: &mut Spare) -> Body {
    let live = live(&body);
    if live[body.inputs as usize..].iter().all(|&live| live) {
        return body;
    }
    let mut rebuild = Rebuild::new(body, spare);
    for i in rebuild.computing().filter(|&i| live[i]) {
        rebuild.copy(i);
    }
    rebuild.finish(spare)
}

/// Find what outputs and guards depend on.
pub(in crate::program) fn live(body: &Body) -> Vec<bool> {
    let code = &body.code;
    let mut live = vec![false; code.insts.len()];
    let compared = body.checks.iter().flat_map(Check::operands);
    body.outputs.iter().copied().chain(compared).for_each(|i| live[i as usize] = true);
    for i in (0..code.insts.len()).rev() {
        let inst = &code.insts[i];
        // A custom call computes all its outputs together; the first, met last here, stands for them.
        if inst.op == Op::Custom && inst.at[1] == 0 {
            let outputs = code.calls[inst.at[0] as usize].outputs as usize;
            let any = live[i..i + outputs].contains(&true);
            live[i..i + outputs].fill(any);
        }
        if live[i] {
            code.operands(inst).iter().for_each(|&o| live[o as usize] = true);
        }
    }
    live
}

/// What an instruction is replaced with.
enum Replacement {
    /// The result of an earlier instruction.
    Existing(u32),
    Unary(Op, u32),
    Binary(Op, u32, u32),
    WithConstant(Op, u32, f64),
    Constant(f64),
}

/// Replace the newest instruction, which was copied from `i`, by an equal one with less to do; tell whether
/// it is still an instruction of its own.
pub(super) fn identity(rebuild: &mut Rebuild, i: usize) -> bool {
    let code = &mut rebuild.to.code;
    // One identity may lead to another: x · (-1) · (-1).
    while let Some(replacement) = replacement(code, code.insts[rebuild.new_index[i] as usize]) {
        code.insts.pop();
        rebuild.new_index[i] = match replacement {
            Replacement::Existing(at) => {
                rebuild.new_index[i] = at;
                return false;
            }
            Replacement::Unary(op, x) => code.push(op, &[x], &[]),
            Replacement::Binary(op, x, y) => code.push(op, &[x, y], &[]),
            Replacement::WithConstant(op, x, c) => code.push(op, &[x], &[c]),
            Replacement::Constant(c) => code.push(Op::Const, &[], &[c]),
        };
    }
    true
}

fn replacement(code: &InstVec, inst: Inst) -> Option<Replacement> {
    use Replacement::{Binary, Constant, Existing, Unary, WithConstant};
    let [x, y, _] = inst.at;
    let op_of = |i: u32| code.insts[i as usize].op;
    let inner = |i: u32| code.insts[i as usize].at[0];
    let c = || code.constants(&inst)[0];
    let is = |expected: f64| c().to_bits() == expected.to_bits();
    Some(match inst.op {
        Op::Copy => Existing(x),
        Op::AddConst if is(-0.0) => Existing(x),
        Op::MulConst | Op::DivConst | Op::Powi if is(1.0) => Existing(x),
        Op::MulConst if is(-1.0) => Unary(Op::Neg, x),
        Op::ConstSub if is(-0.0) => Unary(Op::Neg, x),
        Op::DivConst if has_exact_reciprocal(c()) => WithConstant(Op::MulConst, x, 1.0 / c()),
        Op::Powi if is(0.0) => Constant(1.0),
        Op::Powi if is(2.0) => Unary(Op::Square, x),
        Op::Neg if op_of(x) == Op::Neg => Existing(inner(x)),
        Op::Abs if op_of(x) == Op::Abs => Existing(x),
        Op::Abs | Op::Square if op_of(x) == Op::Neg => Unary(inst.op, inner(x)),
        Op::Mul if x == y => Unary(Op::Square, x),
        Op::Add if op_of(y) == Op::Neg => Binary(Op::Sub, x, inner(y)),
        Op::Add if op_of(x) == Op::Neg => Binary(Op::Sub, y, inner(x)),
        Op::Sub if op_of(y) == Op::Neg => Binary(Op::Add, x, inner(y)),
        Op::Sum | Op::SumSquares | Op::Dot | Op::Linear => return of_one_term(code, inst),
        _ => return None,
    })
}

/// A sum of one term is that term, because sums start at their first term.
fn of_one_term(code: &InstVec, inst: Inst) -> Option<Replacement> {
    let terms = code.terms(inst);
    match (inst.op, terms.operands) {
        (Op::Sum, &[x]) => Some(Replacement::Existing(x)),
        (Op::SumSquares, &[x]) => Some(Replacement::Unary(Op::Square, x)),
        (Op::Dot, &[x, y]) => Some(Replacement::Binary(Op::Mul, x, y)),
        (Op::Linear, &[x]) => Some(Replacement::WithConstant(Op::MulConst, x, terms.data[0])),
        _ => None,
    }
}

/// Tell whether `x / c` and `x · (1/c)` are the same for every `x`: `c` is a power of two, and neither it
/// nor its reciprocal is subnormal.
fn has_exact_reciprocal(c: f64) -> bool {
    const MANTISSA: u64 = (1 << 52) - 1;
    c.is_normal() && (1.0 / c).is_normal() && c.to_bits() & MANTISSA == 0
}

/// Fold the newest instruction, which was copied from `i`, if its operands are constants; keep a constant operand
/// in the instruction where there is a form for that. Custom operations are left alone: they may do something
/// else each time.
pub(super) fn fold(rebuild: &mut Rebuild, i: usize) {
    let code = &mut rebuild.to.code;
    let inst = code.insts[rebuild.new_index[i] as usize];
    let arity = inst.op.arity();
    if matches!(arity, Arity::Leaf | Arity::Custom) {
        return;
    }
    let constant = |o: u32| match code.insts[o as usize] {
        Inst { op: Op::Const, at } => Some(code.data[at[1] as usize]),
        _ => None,
    };
    if code.operands(&inst).iter().all(|&o| constant(o).is_some()) {
        let value = evaluate_one(code, inst, |o| constant(o).unwrap_or(f64::NAN));
        code.insts.pop();
        rebuild.new_index[i] = code.push(Op::Const, &[], &[value]);
    } else if arity == Arity::Binary {
        let [x, y, _] = inst.at;
        let constants = [constant(x), constant(y)];
        if let Some((op, operand, c)) = with_constant(inst.op, [x, y], constants) {
            code.insts.pop();
            rebuild.new_index[i] = code.push(op, &[operand], &[c]);
        }
    }
}

/// The form that keeps a constant operand, if there is one.
fn with_constant(op: Op, [x, y]: [u32; 2], constants: [Option<f64>; 2]) -> Option<(Op, u32, f64)> {
    let forms = op.forms();
    match constants {
        [None, Some(c)] => forms.right.map(|op| (op, x, if forms.negates { -c } else { c })),
        [Some(c), None] => forms.left.map(|op| (op, y, c)),
        _ => None,
    }
}
