//! What nodes and derivatives are called.

use super::style::Style;
use crate::inspect::{PathEdge, Report};
use std::collections::BTreeMap;

/// The names of a report's nodes in a style.
pub(super) struct Names<'a> {
    pub report: &'a Report,
    pub style: Style,
    /// How many nodes have each label.
    labels: BTreeMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    pub fn new(report: &'a Report, style: Style) -> Names<'a> {
        let mut labels = BTreeMap::new();
        for label in report.nodes.iter().filter_map(|node| node.label.as_deref()) {
            *labels.entry(label).or_default() += 1;
        }
        Names { report, style, labels }
    }

    /// The label of a node, if it says anything.
    pub fn label(&self, node: usize) -> Option<&'a str> {
        self.report.nodes[node].label.as_deref().filter(|label| !label.is_empty())
    }

    /// A node: its label, with the index if it is shared, cut if it is long; else its index.
    pub fn node(&self, node: usize) -> String {
        let index = format!("%{node}");
        let Some(label) = self.label(node) else { return index };
        let text = self.style.text(label);
        let cut = self.style.cut(&text, self.style.width / 3);
        match self.labels[label] > 1 || cut != text.trim_end() {
            true => format!("{cut} ({index})"),
            false => cut,
        }
    }

    /// A derivative of one node with respect to another.
    pub fn derivative(&self, of: usize, by: usize) -> String {
        let d = self.style.d();
        format!("{d}{}/{d}{}", self.node(of), self.node(by))
    }

    /// A local partial, which says by which operand if the node is several.
    pub fn partial(&self, edge: PathEdge) -> String {
        let operands = &self.report.nodes[edge.user].operands;
        let text = self.derivative(edge.user, edge.node);
        match operands.iter().filter(|&&operand| operand == edge.node).count() {
            1 => text,
            _ => {
                let before = operands[..edge.operand].iter().filter(|&&o| o == edge.node).count();
                format!("{text} ({})", ordinal(before + 1))
            }
        }
    }

    /// The constants of a node with the digits that are shown.
    fn constants(&self, node: usize) -> Vec<f64> {
        self.report.nodes[node].constants.iter().map(|&c| self.style.rounded(c)).collect()
    }

    /// What a node computes, in names and in numbers.
    pub fn expressions(&self, node: usize) -> [String; 2] {
        let values = |operand: usize| {
            let value = self.report.nodes[operand].value;
            let is_negative_zero = value == 0.0 && value.is_sign_negative();
            if is_negative_zero { "(-0)".into() } else { self.style.enclosed(value) }
        };
        let constants = self.constants(node);
        let mut numbers = self.report.expression_with(node, &constants, values);
        for &operand in &self.report.nodes[node].operands {
            // The parentheses of a function's name are enough.
            let number = values(operand);
            numbers = numbers.replace(
                &format!("({number})"),
                &match number.starts_with('(') {
                    true => number,
                    false => format!("({number})"),
                },
            );
        }
        let names = self.report.expression_with(node, &constants, |operand| self.node(operand));
        [names, numbers].map(|text| self.style.text(&text))
    }

    /// The local partial of an edge, in names and in numbers.
    pub fn partials(&self, edge: PathEdge) -> [String; 2] {
        let node = &self.report.nodes[edge.user];
        let express = |call: &dyn Fn(usize) -> String| {
            let operands: Vec<String> = node.operands.iter().map(|&o| call(o)).collect();
            let result = call(edge.user);
            let text = node.op.express_partial(
                edge.operand,
                &node.name,
                &operands,
                &result,
                &self.constants(edge.user),
            );
            self.style.text(&text)
        };
        let number = |node: usize| self.style.value(self.report.nodes[node].value);
        [express(&|node| self.node(node)), express(&number)]
    }
}

fn ordinal(n: usize) -> String {
    let ending = match (n % 10, n % 100 / 10) {
        (_, 1) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}
