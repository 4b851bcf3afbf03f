//! Which partials of 0 block a path, from the printed rules of the op table.

use gradtape::Node;
use gradtape::op::{Op, Zero};

/// Whether a node is constant in an operand with this partial.
pub fn blocks(node: &Node, partial: f64) -> bool {
    let is_flat = match (node.op, node.constants.first()) {
        (Op::Powi | Op::Powf | Op::ConstDiv, Some(&c)) => c == 0.0,
        (Op::ConstPow, Some(&c)) => c == 1.0,
        _ => node.op.info().zero == Zero::Flat,
    };
    is_flat && partial == 0.0
}
