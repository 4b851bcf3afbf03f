//! Numbers as people read them in a table or a drawing: rounded, and marked where they are not finite.

use super::words::digits;
use super::{Reach, ReportNode};

/// A number, with a mark in front if it is NaN or infinite: `!NaN`.
pub(super) fn marked(x: f64, count: usize) -> String {
    let mark = if x.is_finite() { "" } else { "!" };
    format!("{mark}{}", digits(x, count))
}

/// Why an adjoint is 0, if not because the slope is.
pub(super) fn why_zero(node: &ReportNode) -> Option<Reach> {
    // `inf * 0` is NaN also where an operation is constant.
    let is_reason = node.adjoint == 0.0 && node.reach != Reach::Connected;
    is_reason.then_some(node.reach)
}
