//! Numbers as people read them in a table or a drawing: rounded, and marked where they are not finite.

use super::words::digits;
use super::{Reach, ReportNode};

/// A number, with a mark in front if it is NaN or infinite: `!NaN`.
pub(super) fn marked(x: f64, count: usize) -> String {
    let mark = if x.is_finite() { "" } else { "!" };
    format!("{mark}{}", digits(x, count))
}

/// What there is to say of a node's adjoint: a zero comes with its reason.
pub(super) fn adjoint(node: &ReportNode, count: usize) -> String {
    match node.reach {
        // `inf * 0` is NaN also where an operation is constant.
        Reach::Blocked if node.adjoint == 0.0 => "blocked".into(),
        Reach::NotConnected if node.adjoint == 0.0 => "-".into(),
        _ => marked(node.adjoint, count),
    }
}
