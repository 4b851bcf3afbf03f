//! Why a derivative is zero: three kinds of zero, three answers.

use super::interpreter::partials;
use crate::op::{Op, Zero};
use crate::tape::Instructions;
use crate::tape::nodes::Nodes;
use std::fmt;

/// How an output depends on a variable. Made by [`Tape::connection`](crate::Tape::connection).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// No path leads from the variable to the output.
    NotConnected,
    /// Paths lead there, but each runs through a piece where an operation is constant: a dead `relu`, a
    /// `floor`, the side of a `max` that lost, a saturated unit whose partial underflows.
    Blocked {
        /// The nodes where the paths end, seen from the output, in tape order.
        at: Vec<usize>,
    },
    /// At least one path carries: a derivative of 0 is a true zero, where the slope vanishes or the
    /// paths cancel.
    Connected,
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Connection::NotConnected => f.write_str("not connected: the output does not use it"),
            Connection::Blocked { at } => {
                let nodes: Vec<String> = at.iter().map(|i| format!("%{i}")).collect();
                write!(f, "connected, but blocked at {}", nodes.join(", "))
            }
            Connection::Connected => f.write_str("connected"),
        }
    }
}

/// Tell whether node `i` carries a change of an operand on, given the partial: it does not where the
/// operation is constant.
pub(crate) fn carries(nodes: &Nodes<'_>, i: usize, partial: f64) -> bool {
    is_open(nodes.op(i), || nodes.constants(&nodes.inst(i))[0], partial)
}

/// Tell whether an operation carries a change of an operand on, given its first constant, which only
/// powers are asked for, and the partial.
pub(crate) fn is_open(op: Op, constant: impl Fn() -> f64, partial: f64) -> bool {
    // x⁰ is constant, whatever the row says of other exponents.
    let is_constant = || matches!(op, Op::Powi | Op::Powf) && constant() == 0.0;
    partial != 0.0 || !(op.info().zero == Zero::Flat || is_constant())
}

/// Find out how node `to` depends on node `from`.
pub(super) fn connection(nodes: &Nodes<'_>, from: usize, to: usize) -> Connection {
    if from > to {
        return Connection::NotConnected;
    }
    // Forwards: which nodes depend on `from` at all?
    let mut depends = vec![false; to + 1];
    depends[from] = true;
    for i in from + 1..=to {
        depends[i] = nodes.operands(&nodes.inst(i)).iter().any(|&o| depends[o as usize]);
    }
    if !depends[to] {
        return Connection::NotConnected;
    }
    // Backwards from the output, along edges that carry and lead to `from`.
    let mut reached = vec![false; to + 1];
    reached[to] = true;
    let mut at = Vec::new();
    for i in (from + 1..=to).rev().filter(|&i| depends[i]) {
        if !reached[i] {
            continue;
        }
        let mut stops = false;
        for (operand, partial) in partials(nodes, nodes.values, i) {
            let operand = operand as usize;
            if depends[operand] {
                let carries = carries(nodes, i, partial);
                reached[operand] |= carries;
                stops |= !carries;
            }
        }
        if stops {
            at.push(i);
        }
    }
    if reached[from] {
        return Connection::Connected;
    }
    at.reverse();
    Connection::Blocked { at }
}
