//! How findings speak of nodes and numbers.

use super::code::Finding;
use crate::Node;
use crate::inspect::Report;
use crate::op::Op;
use crate::text::{self, digits};

/// How many findings of one kind are described in full.
const FULL: usize = 5;
/// How many things are listed in one sentence.
const LISTED: usize = 6;

/// Write a number with six digits.
pub(super) fn six_digits(x: f64) -> String {
    digits(x, 6)
}

/// Write the size of a number: two digits.
pub(super) fn two_digits(x: f64) -> String {
    digits(x, 2)
}

/// The nodes for which something holds, given index and node.
pub(super) fn nodes_that(report: &Report, holds: impl Fn(usize, &Node) -> bool) -> Vec<usize> {
    (0..report.nodes.len()).filter(|&i| holds(i, &report.nodes[i])).collect()
}

/// List the first few, and say how many more there are.
pub(super) fn list<T>(
    items: impl IntoIterator<Item = T>,
    shown: impl FnMut(T) -> String,
) -> String {
    text::list(items, shown, LISTED)
}

/// Tell the first few nodes in full, and how many more there are in one finding.
pub(super) fn each(
    report: &Report,
    nodes: &[usize],
    full: impl Fn(usize) -> Finding,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = nodes.iter().take(FULL).map(|&i| full(i)).collect();
    if let Some(rest @ [first, ..]) = nodes.get(FULL..) {
        let names = list(rest.iter(), |&i| report.name(i));
        findings.push(Finding {
            message: format!("{} more of the same kind: {names}", rest.len()),
            evidence: String::new(),
            ..full(*first)
        });
    }
    findings
}

impl Report {
    /// A node's name and index: `` `w1` (%3) ``, or `%3`.
    pub(super) fn name_and_index(&self, node: usize) -> String {
        match &self.nodes[node].label {
            Some(label) => format!("`{label}` (%{node})"),
            None => format!("%{node}"),
        }
    }

    /// A node with what it computes, its scope, and where it was recorded.
    pub(super) fn described(&self, node: usize) -> String {
        let mut text = self.name_and_index(node);
        if !self.nodes[node].is_leaf() {
            text += &format!(" = {}", self.expression(node));
        }
        let scope = self.nodes[node].scope.map(|scope| format!("in {}", self.short_path(scope)));
        let location = self.nodes[node].location.as_ref().map(|location| format!("at {location}"));
        let place: Vec<String> = scope.into_iter().chain(location).collect();
        if place.is_empty() { text } else { format!("{text} ({})", place.join(", ")) }
    }

    /// A node's operands with what they compute and their values: `x = 3, %1 = x - 2 = 1`.
    pub(super) fn operands_in_numbers(&self, node: usize) -> String {
        let mut operands = Vec::new();
        for &o in &self.nodes[node].operands {
            // Of a long sum only the first are shown.
            if operands.len() > LISTED || !operands.contains(&o) {
                operands.push(o);
            }
        }
        list(operands, |o| self.in_numbers(o))
    }

    /// A node with what it computes and its value: `%1 = x - 2 = 1`.
    pub(super) fn in_numbers(&self, node: usize) -> String {
        let (name, value) = (self.name(node), six_digits(self.nodes[node].value));
        match self.nodes[node].is_leaf() {
            true => format!("{name} = {value}"),
            false => format!("{name} = {} = {value}", self.expression(node)),
        }
    }

    /// Tell whether the adjoint of an input is NaN or infinite.
    pub(super) fn gradient_is_lost(&self) -> bool {
        self.nodes.iter().any(|node| node.op == Op::Input && !node.adjoint.is_finite())
    }

    /// The values of a node's operands, then its constants: a point of its operation.
    pub(in crate::inspect) fn point(&self, node: usize) -> Vec<f64> {
        let Node { operands, constants, .. } = &self.nodes[node];
        operands.iter().map(|&o| self.nodes[o].value).chain(constants.iter().copied()).collect()
    }
}
