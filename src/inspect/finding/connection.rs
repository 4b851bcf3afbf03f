//! Parameters whose derivative is zero for a reason, no path to the output or no open one; and nodes that the
//! output does not use.

use super::code::{Code, Finding, Severity};
use super::describe::{each, list, nodes};
use crate::inspect::Report;
use crate::op::Op;
use crate::{Node, Reach};

pub(super) fn find(report: &Report) -> Vec<Finding> {
    let inputs = |reach: Reach| -> Vec<usize> {
        let is = |node: &Node| node.op == Op::Input && node.reach == reach;
        (0..report.nodes.len()).filter(|&i| is(&report.nodes[i])).collect()
    };
    let unconnected = inputs(Reach::NotConnected);
    let Some(output) = report.output else { return constant_output(report, &unconnected) };
    let last = if unconnected.is_empty() { Vec::new() } else { last_reached(report) };
    let mut findings = each(report, &unconnected, |i| not_connected(report, i, last[i], output));
    let blocked = inputs(Reach::Blocked);
    findings.extend(each(report, &blocked, |i| self::blocked(report, i, output)));
    findings
}

/// The last node that each node leads to; itself if nothing uses it.
fn last_reached(report: &Report) -> Vec<usize> {
    let mut last: Vec<usize> = (0..report.nodes.len()).collect();
    for (i, node) in report.nodes.iter().enumerate().rev() {
        for &o in &node.operands {
            last[o] = last[o].max(last[i]);
        }
    }
    last
}

fn not_connected(report: &Report, i: usize, last: usize, output: usize) -> Finding {
    let output = report.name_and_index(output);
    Finding {
        code: Code::NotConnected,
        severity: Severity::Warning,
        node: Some(i),
        message: format!("the output does not depend on {}", report.described(i)),
        evidence: match last == i {
            true => format!("no operation uses it; the output is {output}"),
            false => format!(
                "the last node it reaches is {}, which does not lead to the output {output}",
                report.in_numbers(last)
            ),
        },
        advice: "pass it on as a `Var`: its `value()`, or a copy of the number made before, is not on the \
                 tape; if it is not a parameter of this output, leave it out"
            .into(),
    }
}

/// Everything is unconnected if the output is a constant: that is one finding.
fn constant_output(report: &Report, inputs: &[usize]) -> Vec<Finding> {
    let finding = |&first: &usize| Finding {
        code: Code::NotConnected,
        severity: Severity::Warning,
        node: Some(first),
        message: "the output is a constant: it depends on no input".into(),
        evidence: format!("inputs: {}", list(inputs.iter().map(|&i| report.name_and_index(i)))),
        advice: "compute the output from the `Var`s of this tape, not from their `value()`".into(),
    };
    inputs.first().map(finding).into_iter().collect()
}

fn blocked(report: &Report, i: usize, output: usize) -> Finding {
    let at = report.blocked_at(i);
    // With a single row it is ordinary that some units are off; if they are off for every row, that is a
    // finding of its own. That a loss has a flat piece too, for some rows, makes it no graver.
    let ordinary = switches_block(report, i, output);
    let named = |&node: &usize| {
        format!("{} ({})", report.in_numbers(node), report.operands_in_numbers(node))
    };
    let evidence = list(at.iter().map(named));
    Finding {
        code: Code::Blocked,
        severity: if ordinary { Severity::Note } else { Severity::Warning },
        node: Some(i),
        message: format!(
            "every path from {} to the output is blocked, at {}",
            report.described(i),
            list(at.iter().map(|&node| report.name_and_index(node)))
        ),
        evidence: format!("the partial is exactly 0 there: {evidence}"),
        advice: "its derivative is exactly 0 here, though not everywhere: move the point, or use an operation \
                 with a slope there, such as `leaky_relu` or `softplus` in place of `relu`"
            .into(),
    }
}

/// Tell whether an operation is a switch as units of networks have it: off for half of all operands.
fn is_switch(node: &Node) -> bool {
    match node.op {
        Op::Relu => true,
        Op::LeakyRelu | Op::MaxConst => node.constants == [0.0],
        _ => false,
    }
}

/// Whether switches that are off are enough to block every path from a node.
fn switches_block(report: &Report, from: usize, output: usize) -> bool {
    let depends = report.dependents(from);
    let mut reached = vec![false; output + 1];
    reached[output] = true;
    for i in (from + 1..=output).rev().filter(|&i| depends[i]) {
        if !reached[i] {
            continue;
        }
        let node = &report.nodes[i];
        for (&o, &partial) in node.operands.iter().zip(&node.partials) {
            reached[o] |= depends[o] && (report.carries(i, partial) || !is_switch(node));
        }
    }
    !reached[from]
}

/// Count the operations that were recorded for nothing.
///
/// Inputs have findings of their own, and an output of a custom operation may be left unused.
pub(super) fn find_unused(report: &Report) -> Vec<Finding> {
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
        evidence +=
            &format!("; with a label: {}", list(labels.iter().map(|&i| report.name_and_index(i))));
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
