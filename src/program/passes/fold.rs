//! Constants: what depends on no input is computed when freezing, and a constant operand is kept in the
//! instruction where there is a form for it.

use crate::op::{Arity, Op};
use crate::program::graph::{Graph, Inst, Rebuild};
use crate::program::run::evaluate_one;

/// Fold constants. Custom operations are left alone: they may have reasons to run each time.
pub(super) fn fold(graph: Graph) -> Graph {
    if graph.code.insts.iter().all(|inst| inst.op != Op::Const) {
        return graph;
    }
    let mut rebuild = Rebuild::new(&graph);
    for i in rebuild.computing() {
        let inst = graph.code.insts[i];
        let new = rebuild.copy(i);
        let arity = inst.op.arity();
        if matches!(arity, Arity::Leaf | Arity::Custom) {
            continue;
        }
        let code = &mut rebuild.to.code;
        let constant = |o: u32| match code.insts[o as usize] {
            Inst { op: Op::Const, at } => Some(code.data[at[1] as usize]),
            _ => None,
        };
        let copied = code.insts[new as usize];
        let operands = code.operands(&copied);
        if operands.iter().all(|&o| constant(o).is_some()) {
            let value = evaluate_one(code, copied, |o| constant(o).unwrap_or(f64::NAN));
            code.insts.pop();
            rebuild.place[i] = code.push(Op::Const, &[], &[value]);
        } else if arity == Arity::Binary {
            let [x, y] = [copied.at[0], copied.at[1]];
            if let Some((op, operand, c)) =
                with_constant(inst.op, [x, y], [constant(x), constant(y)])
            {
                code.insts.pop();
                rebuild.place[i] = code.push(op, &[operand], &[c]);
            }
        }
    }
    rebuild.finish()
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
