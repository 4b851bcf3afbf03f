//! Why a derivative is zero: three kinds of zero, three answers.

use super::edges::partials;
use crate::op::{Op, Zero};
use crate::tape::Instructions;
use crate::tape::nodes::Nodes;
use std::fmt;

/// How an output depends on a node: it tells three zeros apart.
///
/// Found by [`Tape::reach`](crate::Tape::reach) for a variable, and by
/// [`Tape::report`](crate::Tape::report) for all nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reach {
    /// At least one path carries: a derivative of 0 is a true zero, where the slope vanishes or underflows, or
    /// the paths cancel.
    Connected,
    /// Paths lead to the output, but each runs through a piece where an operation is constant: a dead
    /// `relu`, a `floor`, the side of a `max` that lost, a constant factor 0.
    /// [`Tape::blocked_at`](crate::Tape::blocked_at) says where.
    Blocked,
    /// No path leads to the output.
    #[default]
    NotConnected,
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Reach::Connected => "connected",
            Reach::Blocked => "connected, but blocked",
            Reach::NotConnected => "not connected: the output does not use it",
        })
    }
}

/// Tell whether an operation carries a change of an operand on, given its first constant, which only
/// powers are asked for, and the partial. It does not where the operation is constant.
pub(crate) fn is_open(op: Op, constant: impl Fn() -> f64, partial: f64) -> bool {
    partial != 0.0 || !(op.info().zero == Zero::Flat || op.is_flat(constant()))
}

/// The operands of node `i`, and whether it carries a change of each on.
pub(super) fn edges(nodes: &Nodes<'_>, i: usize) -> impl Iterator<Item = (usize, bool)> {
    let first_constant =
        move || nodes.constants(&nodes.inst(i)).first().copied().unwrap_or(f64::NAN);
    let is_open = move |partial| is_open(nodes.op(i), first_constant, partial);
    partials(nodes, nodes.values, i)
        .into_iter()
        .map(move |(o, partial)| (o as usize, is_open(partial)))
}

/// How `output` depends on every node up to it: one walk back. `edges` lists the operands of a node, and
/// whether it carries a change of each on.
pub(crate) fn reaches<E: IntoIterator<Item = (usize, bool)>>(
    output: usize,
    edges: impl Fn(usize) -> E,
) -> Vec<Reach> {
    let mut reach = vec![Reach::NotConnected; output + 1];
    reach[output] = Reach::Connected;
    for i in (0..=output).rev() {
        let here = reach[i];
        if here == Reach::NotConnected {
            continue;
        }
        for (operand, carries) in edges(i) {
            if here == Reach::Connected && carries {
                reach[operand] = Reach::Connected;
            } else if reach[operand] == Reach::NotConnected {
                reach[operand] = Reach::Blocked;
            }
        }
    }
    reach
}

/// The nodes at which the paths from a blocked node end, seen from the output, in tape order: those that a
/// path reaches from the output, and that do not carry what depends on `from`.
pub(crate) fn blocked_at<E: IntoIterator<Item = (usize, bool)>>(
    from: usize,
    reach: &[Reach],
    edges: impl Fn(usize) -> E,
) -> Vec<usize> {
    if reach.get(from) != Some(&Reach::Blocked) {
        return Vec::new();
    }
    let mut depends = vec![false; reach.len()];
    depends[from] = true;
    let mut at = Vec::new();
    for i in from + 1..reach.len() {
        let mut stops = false;
        for (operand, carries) in edges(i) {
            depends[i] |= depends[operand];
            stops |= depends[operand] && !carries;
        }
        if stops && reach[i] == Reach::Connected {
            at.push(i);
        }
    }
    at
}
