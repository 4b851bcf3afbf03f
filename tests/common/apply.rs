//! The rows of the op table that can be called, applied the way a user writes them.

#![allow(dead_code, reason = "each test uses its part")]

use gradtape::Real;
use gradtape::op::Op;

/// How many operands a scalar row takes.
pub fn operands(op: Op) -> usize {
    op.arity().operands().expect("a scalar row")
}

/// The scalar rows that can be called. `Copy` cannot: it is what a nested gradient makes of its
/// inputs.
pub fn scalar_rows() -> impl Iterator<Item = Op> {
    let rows = Op::ALL.iter().copied();
    rows.filter(|&op| op != Op::Copy && op.arity().operands().is_some())
}

/// Apply a scalar row to its operands `x` and its constants `c`.
pub fn apply<S: Real>(op: Op, x: &[S], c: &[f64]) -> S {
    op.apply(x, c).unwrap_or_else(|| {
        panic!(
            "{op:?} takes {} operands and {} constants, not {} and {}: a sample point in its row in \
             src/op/table.rs is its operands, then its constants",
            operands(op),
            op.constants(),
            x.len(),
            c.len()
        )
    })
}

/// Split a sample point of the table into operands and constants.
pub fn split(op: Op, point: &[f64]) -> (&[f64], &[f64]) {
    point.split_at(operands(op))
}
