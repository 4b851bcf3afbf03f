//! The printed form of an operation with its operands in place.

use super::Op;
use crate::real::words::number;

impl Op {
    /// Write the operation with these operands and constants: `%3 * %1`, `sum(%0, %1)`.
    pub(crate) fn express(self, operands: &[String], constants: &[f64]) -> String {
        match (self, constants) {
            // `x - 2` is kept as `x + (-2)`.
            (Op::AddConst, [c, ..]) if *c < 0.0 => fill("{x} - {c}", operands, &[-c]),
            _ => fill(self.info().form, operands, constants),
        }
    }
}

/// Put operands and constants into their places in a form. In one pass, for a label may itself look
/// like a place.
fn fill(form: &str, operands: &[String], constants: &[f64]) -> String {
    let mut parts = form.split('{');
    let mut text = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap_or((part, ""));
        let operand =
            ["x", "y", "z"].iter().position(|&p| p == place).and_then(|i| operands.get(i));
        let constant = ["c", "d"].iter().position(|&p| p == place).and_then(|i| constants.get(i));
        match (operand, constant) {
            (Some(operand), _) => text.push_str(operand),
            (_, Some(constant)) => text.push_str(&number(*constant)),
            (None, None) => text.push_str(place),
        }
        text.push_str(rest);
    }
    text
}
