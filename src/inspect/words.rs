//! Numbers and names as they are shown.

use super::{Report, ReportNode};
use crate::op::{Arity, Op};
use crate::real::words::number;
use crate::{Guard, GuardOperand};

/// Write a number with so many significant digits, as briefly as it goes; exactly, if that is no longer.
///
/// It is never longer than `digits` + 7 characters: a sign, a point, and an exponent of five.
pub(super) fn digits(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return x.to_string();
    }
    let exact = number(x);
    let rounded = format!("{x:.*e}", digits.max(1) - 1);
    let Some((mantissa, exponent)) = rounded.split_once('e') else { return exact };
    let power: i32 = exponent.parse().unwrap_or(0);
    let plain = (-5..digits as i32).contains(&power);
    let short = match plain {
        true => trimmed(&format!("{x:.*}", (digits as i32 - 1 - power).max(0) as usize)),
        false => format!("{}e{power}", trimmed(mantissa)),
    };
    if exact.len() <= short.len() { exact } else { short }
}

/// Without zeros after the last digit that says something.
fn trimmed(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    }
}

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

    /// What a node is called: its label, else its index as `%12`.
    #[must_use]
    pub fn name(&self, node: usize) -> String {
        match &self.nodes[node].label {
            Some(label) => label.clone(),
            None => format!("%{node}"),
        }
    }

    /// What a node computes, in the names of its operands: `w1 * 0.5`.
    #[must_use]
    pub fn expression(&self, node: usize) -> String {
        self.expression_with(node, &self.nodes[node].constants, |operand| self.name(operand))
    }

    /// What a node computes, in what its operands and constants are called here: names or numbers.
    pub(super) fn expression_with(
        &self,
        node: usize,
        constants: &[f64],
        call: impl Fn(usize) -> String,
    ) -> String {
        let ReportNode { op, name, operands, .. } = &self.nodes[node];
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

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn a_number_is_short_and_rounded() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (-0.5, "-0.5"),
            (20.423597677589214, "20.4236"),
            (-15.655108380577747, "-15.6551"),
            (1e-9, "1e-9"),
            (-1.234e120, "-1.234e120"),
            (123456.7, "123457"),
            (1234567.0, "1234567"),
            (12345678.9, "1.23457e7"),
            (0.00001234567, "1.234567e-5"),
            (0.0000123456789, "0.0000123457"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (x, text) in cases {
            assert_eq!(digits(x, 6), text);
        }
        for x in [-1.2345678e-300, f64::MIN, f64::MIN_POSITIVE, -9.99999999e-6, 999999.96] {
            assert!(digits(x, 6).len() <= 13, "{}", digits(x, 6));
        }
    }
}
