//! Constants: what depends on no input is computed when freezing, and a constant operand is kept in the
//! instruction where there is a form for it.

use crate::op::{Arity, Op};
use crate::program::graph::Rebuild;
use crate::sweep::interpreter::evaluate_one;
use crate::tape::{Inst, Instructions};

/// Fold the newest instruction, which came from `i`, if its operands are constants. Custom operations are left
/// alone: they may have reasons to run each time.
pub(super) fn step(rebuild: &mut Rebuild<'_>, i: usize) {
    let code = &mut rebuild.to.code;
    let inst = code.insts[rebuild.place[i] as usize];
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
        rebuild.place[i] = code.push(Op::Const, &[], &[value]);
    } else if arity == Arity::Binary {
        let [x, y, _] = inst.at;
        let constants = [constant(x), constant(y)];
        if let Some((op, operand, c)) = with_constant(inst.op, [x, y], constants) {
            code.insts.pop();
            rebuild.place[i] = code.push(op, &[operand], &[c]);
        }
    }
}

/// The form that keeps the constant operand, if one is constant and there is such a form.
fn with_constant(op: Op, [x, y]: [u32; 2], constants: [Option<f64>; 2]) -> Option<(Op, u32, f64)> {
    let forms = op.forms();
    match constants {
        [None, Some(c)] => forms.right.map(|op| (op, x, if forms.negates { -c } else { c })),
        [Some(c), None] => forms.left.map(|op| (op, y, c)),
        _ => None,
    }
}
