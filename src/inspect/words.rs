//! What a report, its nodes and its comparisons are called, and what nodes compute, in print.

use super::Report;
use crate::Node;
use crate::op::{Arity, Op};
use crate::tape::{Guard, GuardOperand};
use crate::text::number;

impl Report {
    /// What the report is about: its title, else the output's name.
    pub(super) fn heading(&self) -> String {
        match (self.title.as_str(), self.output) {
            ("", Some(output)) => format!("The tape of {}", self.name(output)),
            ("", None) => "A gradient tape".into(),
            (title, _) => title.into(),
        }
    }

    /// A comparison in the names of the nodes: `r < 10 is true`.
    pub(super) fn guard_text(&self, guard: &Guard) -> String {
        let side = |operand: GuardOperand| match operand {
            GuardOperand::Node(i) => self.name(i),
            GuardOperand::Constant(c) => number(c),
        };
        let Guard { left, relation, right, outcome, .. } = *guard;
        format!("{} {} {} is {outcome}", side(left), relation.symbol(), side(right))
    }

    /// Call a node by its label, else by its index as `%12`.
    ///
    /// # Panics
    /// If the report has no such node.
    #[must_use]
    #[track_caller]
    pub fn name(&self, node: usize) -> String {
        self.assert_has(node);
        match &self.nodes[node].label {
            Some(label) => label.clone(),
            None => format!("%{node}"),
        }
    }

    /// Write what a node computes, in the names of its operands: `w1 * 0.5`.
    ///
    /// # Panics
    /// If the report has no such node.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let w1 = tape.var(3.34).label("w1");
    /// let report = tape.report((w1 * 0.5).label("scaled"));
    /// assert_eq!((report.name(1), report.expression(1)), ("scaled".into(), "w1 * 0.5".into()));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn expression(&self, node: usize) -> String {
        self.assert_has(node);
        self.expression_with(node, &self.nodes[node].constants, |operand| self.name(operand))
    }

    /// What a node computes, in what its operands and constants are called here: names or numbers.
    pub(super) fn expression_with(
        &self,
        node: usize,
        constants: &[f64],
        call: impl Fn(usize) -> String,
    ) -> String {
        let Node { op, name, operands, .. } = &self.nodes[node];
        let operands: Vec<String> = operands.iter().map(|&o| call(o)).collect();
        match op.arity() {
            Arity::Leaf => name.to_string(),
            Arity::Nary | Arity::Custom => nary(*op, name, &operands, constants),
            _ => op.express(&operands, constants),
        }
    }
}

/// An operation with many operands, term by term; of many terms the first.
fn nary(op: Op, name: &str, operands: &[String], constants: &[f64]) -> String {
    const SHOWN: usize = 6;
    let (operands, bias) = match (op, operands) {
        (Op::Affine | Op::AffineData, [terms @ .., bias]) => (terms, Some(bias)),
        (_, terms) => (terms, None),
    };
    let terms: Vec<String> = match op {
        Op::SumSquares => operands.iter().map(|x| format!("{x}²")).collect(),
        Op::Dot | Op::Affine => operands.chunks(2).map(|pair| pair.join(" * ")).collect(),
        Op::Linear | Op::AffineData => {
            operands.iter().zip(constants).map(|(x, &c)| format!("{x} * {}", number(c))).collect()
        }
        _ => operands.to_vec(),
    };
    let is_sum = !matches!(op, Op::LogSumExp | Op::Custom);
    let between = if is_sum { " + " } else { ", " };
    let mut text = terms[..terms.len().min(SHOWN)].join(between);
    if terms.len() > SHOWN {
        text += &format!("{between}... {} more", terms.len() - SHOWN);
    }
    match (is_sum, bias) {
        (true, Some(bias)) if text.is_empty() => bias.clone(),
        (true, Some(bias)) => format!("{text} + {bias}"),
        (true, None) if text.is_empty() => "0".into(),
        (true, None) => text,
        (false, _) => format!("{name}({text})"),
    }
}
