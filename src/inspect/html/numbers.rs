//! The numbers of the page, each sent once: what follows from others to the last bit, by adding and multiplying, is left
//! out, and an empty text stands for it.
//!
//! ```text
//! value      of an arithmetic operation, from those of its operands
//! partial    of an operation whose rule is arithmetic, from operands, constants and result
//! adjoint    Σ adjoint of user · partial, over all uses in the order of the sweep
//! ```
//!
//! Nothing is taken on trust: a number is left out only where the formula gives its very bits. What the page's
//! `engine.js` does is the same arithmetic, which IEEE 754 rounds alike everywhere.

use crate::Node;
use crate::inspect::Report;
use crate::inspect::json::{Field, Value};
use crate::op::Op;

/// A number, or nothing if it follows.
fn unless(follows: bool, x: impl Into<Value>) -> Value {
    if follows { "".into() } else { x.into() }
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

pub(super) fn values(report: &Report) -> Value {
    let follows = |node: &Node| {
        let operands: Vec<f64> = node.operands.iter().map(|&o| report.nodes[o].value).collect();
        let value = node.op.apply(&operands, &node.constants);
        is_arithmetic(node.op) && value.is_some_and(|value| same(value, node.value))
    };
    Value::list(report.nodes.iter().map(|node| unless(follows(node), node.value)))
}

fn is_arithmetic(op: Op) -> bool {
    use Op::*;
    let scalar = matches!(op, Neg | Recip | Square | Add | Sub | Mul | Div);
    let with_constant = matches!(op, AddConst | ConstSub | MulConst | DivConst | ConstDiv);
    let nary = matches!(op, Sum | SumSquares | Dot | Linear | Affine | AffineData);
    scalar || with_constant || nary
}

pub(super) fn partials(report: &Report) -> Value {
    let follow = |node: &Node| {
        let known = partials_of(node, &report.nodes);
        let known = known.iter().zip(&node.partials);
        known.len() == node.partials.len() && known.into_iter().all(|(a, &b)| same(a + 0.0, b))
    };
    Value::list(report.nodes.iter().map(|node| unless(follow(node), node.partials.to_json())))
}

/// The local partials of a node, if its rules are arithmetic there.
fn partials_of(node: &Node, nodes: &[Node]) -> Vec<f64> {
    let (r, count) = (node.value, node.operands.len());
    let x = |k: usize| node.operands.get(k).map_or(f64::NAN, |&o| nodes[o].value);
    let c = |k: usize| node.constants.get(k).copied().unwrap_or(f64::NAN);
    let all = |of: &dyn Fn(usize) -> f64| (0..count).map(of).collect();
    let with_bias = |of: &dyn Fn(usize) -> f64| all(&|k| if k + 1 == count { 1.0 } else { of(k) });
    match node.op {
        Op::Copy | Op::Add | Op::AddConst | Op::Sum => all(&|_| 1.0),
        Op::Neg | Op::ConstSub => all(&|_| -1.0),
        Op::Sub => vec![1.0, -1.0],
        Op::Recip => vec![-(r * r)],
        Op::Square | Op::SumSquares => all(&|k| x(k) * 2.0),
        Op::Mul | Op::Dot => all(&|k| x(k ^ 1)),
        Op::MulAdd | Op::Affine => with_bias(&|k| x(k ^ 1)),
        Op::MulConst | Op::Linear => all(&c),
        Op::AffineData => with_bias(&c),
        Op::Div => vec![1.0 / x(1), -(1.0 / x(1) * r)],
        Op::DivConst => vec![1.0 / c(0)],
        Op::ConstDiv => vec![-(1.0 / x(0) * r)],
        Op::Sqrt => vec![1.0 / (r * 2.0)],
        Op::Exp => vec![r],
        Op::Ln => vec![1.0 / x(0)],
        Op::Tanh if r.abs() <= 0.5 => vec![(1.0 - r) * (r + 1.0)],
        Op::Sigmoid if r <= 2.0 / 3.0 => vec![r * (1.0 - r)],
        _ => vec![f64::NAN; count],
    }
}

pub(super) fn adjoints(report: &Report) -> Value {
    let mut sums = vec![0.0; report.nodes.len()];
    if let Some(output) = report.output {
        sums[output] = 1.0;
    }
    let mut sent = Vec::with_capacity(sums.len());
    for (i, node) in report.nodes.iter().enumerate().rev() {
        sent.push(unless(same(sums[i], node.adjoint), node.adjoint));
        if node.adjoint != 0.0 {
            let edges = node.operands.iter().zip(&node.partials);
            edges.for_each(|(&operand, partial)| sums[operand] += node.adjoint * partial);
        }
    }
    sent.reverse();
    Value::List(sent)
}
