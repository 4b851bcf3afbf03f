//! Parameters whose derivative is zero for a reason, no path to the output or no open one; and nodes that the
//! output does not use.

use super::code::{Code, Finding, Severity};
use super::describe::{each, list, nodes_that};
use crate::inspect::Report;
use crate::op::Op;
use crate::text::counted;
use crate::{Node, Reach};

pub(super) fn find(report: &Report) -> Vec<Finding> {
    let inputs = |reach| nodes_that(report, |_, node| node.op == Op::Input && node.reach == reach);
    let unconnected = inputs(Reach::NotConnected);
    let Some(output) = report.output else { return constant_output(report, &unconnected) };
    let last = if unconnected.is_empty() { Vec::new() } else { last_reached(report) };
    let mut findings = each(report, &unconnected, |i| not_connected(report, i, last[i], output));
    findings.extend(each(report, &inputs(Reach::Blocked), |i| blocked(report, i, output)));
    findings.extend(each(report, &inputs(Reach::AtKink), |i| at_kink(report, i, output)));
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
    let message = format!("the output does not depend on {}", report.described(i));
    let evidence = match last == i {
        true => format!("no operation uses it; the output is {output}"),
        false => format!(
            "the last node it reaches is {}, which does not lead to the output {output}",
            report.in_numbers(last)
        ),
    };
    Finding::new(Code::NotConnected, i, message, evidence)
}

/// Everything is unconnected if the output is a constant: that is one finding.
fn constant_output(report: &Report, inputs: &[usize]) -> Vec<Finding> {
    let Some(&first) = inputs.first() else { return Vec::new() };
    let evidence = format!("inputs: {}", list(inputs.iter(), |&i| report.name_and_index(i)));
    vec![Finding {
        advice: "compute the output from the `Var`s of this tape, not from their `value()`".into(),
        ..Finding::new(
            Code::NotConnected,
            first,
            "the output is a constant: it depends on no input",
            evidence,
        )
    }]
}

fn blocked(report: &Report, i: usize, output: usize) -> Finding {
    let at = report.blocked_at(i);
    let named = |&node: &usize| {
        format!("{} ({})", report.in_numbers(node), report.operands_in_numbers(node))
    };
    let message = format!(
        "every path from {} to the output is blocked, at {}",
        report.described(i),
        list(at.iter(), |&node| report.name_and_index(node))
    );
    let evidence = format!("the partial is exactly 0 there: {}", list(at.iter(), named));
    let finding = Finding::new(Code::Blocked, i, message, evidence);
    // With a single row it is ordinary that some units are off; if they are off for every row, that is a
    // finding of its own. That a loss has a flat piece too, for some rows, makes it no graver.
    match switches_block(report, i, output) {
        true => Finding { severity: Severity::Note, ..finding },
        false => finding,
    }
}

/// The derivative is 0 only because that was chosen.
fn at_kink(report: &Report, i: usize, output: usize) -> Finding {
    let at = report.blocked_at(i);
    let convention = |&node: &usize| {
        let op = report.nodes[node].op;
        let kink = op.info().kink.filter(|_| op.at_kink(&report.point(node)));
        let why = kink.map_or("it is constant there", |(_, convention)| convention);
        format!("{} ({}): {why}", report.in_numbers(node), report.operands_in_numbers(node))
    };
    let message = format!(
        "the derivative with respect to {} is 0 by a convention at a kink, at {}",
        report.described(i),
        list(at.iter(), |&node| report.name_and_index(node))
    );
    let finding = Finding::new(Code::AtKink, i, message, list(at.iter(), convention));
    match switches_block(report, i, output) {
        true => finding,
        false => Finding { severity: Severity::Warning, ..finding },
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
    let unused = nodes_that(report, |_, node| {
        node.reach == Reach::NotConnected && !node.is_leaf() && node.op != Op::Custom
    });
    let (Some(&first), Some(_)) = (unused.first(), report.output) else { return Vec::new() };
    let mut evidence = list(unused.iter(), |&i| report.in_numbers(i));
    let mut labelled = unused.iter().filter(|&&i| report.nodes[i].label.is_some()).peekable();
    if labelled.peek().is_some() {
        let labelled = list(labelled, |&i| report.name_and_index(i));
        evidence += &format!("; with a label: {labelled}");
    }
    let verb = if unused.len() == 1 { "is" } else { "are" };
    let message = format!(
        "{} of {} {verb} not used by the output, the first of them {}",
        counted(unused.len(), "node"),
        report.nodes.len(),
        report.described(first)
    );
    vec![Finding::new(Code::UnusedNodes, first, message, evidence)]
}
