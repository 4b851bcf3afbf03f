//! Nodes that the output does not use.

use super::words::{list, nodes};
use super::{Code, Finding, Severity};
use crate::inspect::Report;
use crate::op::Op;
use crate::{Node, Reach};

/// Count the operations that were recorded for nothing.
///
/// Inputs are told one by one elsewhere, and an output of a custom operation may be left unused.
pub(super) fn find(report: &Report) -> Vec<Finding> {
    let is_unused =
        |node: &Node| node.reach == Reach::NotConnected && !node.is_leaf() && node.op != Op::Custom;
    let unused: Vec<usize> =
        (0..report.nodes.len()).filter(|&i| is_unused(&report.nodes[i])).collect();
    let (Some(&first), true) = (unused.first(), report.output.is_some()) else {
        return Vec::new();
    };
    let mut evidence = list(unused.iter().map(|&i| report.in_numbers(i)));
    let labels: Vec<usize> =
        unused.iter().copied().filter(|&i| report.nodes[i].label.is_some()).collect();
    if !labels.is_empty() {
        evidence += &format!("; with a label: {}", list(labels.iter().map(|&i| report.called(i))));
    }
    let verb = if unused.len() == 1 { "is" } else { "are" };
    vec![Finding {
        code: Code::UnusedNodes,
        severity: Severity::Note,
        node: Some(first),
        message: format!(
            "{} of {} {verb} not used by the output, the first of them {}",
            nodes(unused.len()),
            report.nodes.len(),
            report.described(first)
        ),
        evidence,
        advice: "nothing, if they belong to another output; else leave the computation out, or look for where \
                 its result was lost"
            .into(),
    }]
}
