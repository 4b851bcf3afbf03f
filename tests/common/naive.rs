//! The naive engine: every node keeps its operands with their partials, by the rules of a textbook.

#![allow(dead_code, reason = "each test uses its part")]

use super::formula::evaluate;
use gradtape::op::Op;

/// A value, and the operands it came from, each with its partial.
pub struct Node {
    pub value: f64,
    pub edges: Vec<(usize, f64)>,
}

/// The adjoint of every node of `nodes` under the last one.
pub fn backward(nodes: &[Node]) -> Vec<f64> {
    let mut adjoints = vec![0.0; nodes.len()];
    adjoints[nodes.len() - 1] = 1.0;
    for (i, node) in nodes.iter().enumerate().rev() {
        for &(operand, partial) in &node.edges {
            adjoints[operand] += adjoints[i] * partial;
        }
    }
    adjoints
}

/// Value and partials of a scalar operation: the formulas that its row prints, computed by a reader that
/// knows nothing of the rules that run. `None` for those without a formula in elementary functions.
pub fn textbook(op: Op, x: &[f64], c: &[f64]) -> Option<(f64, Vec<f64>)> {
    let info = op.info();
    if info.form.contains("gamma") {
        return None;
    }
    // As they are printed these cancel near 0, which the library does not: tests/op_functions.rs and
    // tests/derivatives_of_rows.rs have their values. The partial of `sinc_bend` loses 2e-16 / x³, 1e-14 at 1/4.
    let cancels = matches!(op, Op::Sinc | Op::SincSlope | Op::SincBend);
    if cancels && x[0] != 0.0 && x[0].abs() < 0.25 {
        return None;
    }
    let find = |places: &[&str], numbers: &[f64], place: &str| {
        let i = places.iter().position(|&p| p == place)?;
        numbers.get(i).copied()
    };
    let letter = |place: &str| {
        find(&["{x}", "{y}", "{z}"], x, place).or_else(|| find(&["{c}", "{d}"], c, place))
    };
    // A form whose function the reader does not know is computed by the library.
    let value = evaluate(info.form, &letter).ok().or_else(|| op.apply(x, c))?;
    let of_result = |place: &str| if place == "{r}" { Some(value) } else { letter(place) };
    let partials = info.partial_forms.iter().map(|form| {
        evaluate(form, &of_result).unwrap_or_else(|why| {
            panic!("{op:?} prints a partial that nobody can read: {why}; see src/op/table.rs")
        })
    });
    Some((value, partials.collect()))
}
