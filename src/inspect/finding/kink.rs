//! Operations at their kink, where the derivative is a convention.

use super::words::told;
use super::{Code, Finding, Severity};
use crate::inspect::Report;
use crate::op::Op;
use crate::{Node, Reach};

/// Find the operations that the derivative of the output leads through at their kink.
///
/// One whose operands cannot move is not at a kink, as a `select` on a condition that jumps elsewhere.
pub(super) fn find(report: &Report) -> Vec<Finding> {
    let moves = moves(report);
    let kinked: Vec<usize> = (0..report.nodes.len())
        .filter(|&i| {
            let node = &report.nodes[i];
            node.reach == Reach::Connected
                && node.op.info().kink.is_some()
                && deciding(node).iter().any(|&o| moves[o])
                && node.op.at_kink(&report.point(i))
        })
        .collect();
    told(report, &kinked, |i| finding(report, i))
}

/// The operands on which it depends whether an operation is at its kink.
fn deciding(node: &Node) -> &[usize] {
    match (node.op, &node.operands[..]) {
        (Op::Select, [condition, ..]) => std::slice::from_ref(condition),
        (_, operands) => operands,
    }
}

/// Which nodes move if the inputs do.
fn moves(report: &Report) -> Vec<bool> {
    let mut moves: Vec<bool> = Vec::with_capacity(report.nodes.len());
    for (i, node) in report.nodes.iter().enumerate() {
        let mut edges = node.operands.iter().zip(&node.partials);
        let moved = edges.any(|(&o, &partial)| moves[o] && report.carries(i, partial));
        moves.push(node.op == Op::Input || moved);
    }
    moves
}

fn finding(report: &Report, i: usize) -> Finding {
    let (_, convention) = report.nodes[i].op.info().kink.unwrap_or_default();
    Finding {
        code: Code::AtKink,
        severity: Severity::Note,
        node: Some(i),
        message: format!("{} is at its kink", report.described(i)),
        evidence: format!(
            "{}; the convention used there is: {convention}",
            report.operands_in_numbers(i)
        ),
        advice: "the derivative jumps here, and what is given is one choice: if it matters, move the point a \
                 little and compare, or use a smooth operation"
            .into(),
    }
}
