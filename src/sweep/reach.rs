//! Why a derivative is zero: four kinds of zero, four answers.

use super::edges::partials;
use crate::op::{Op, Zero};
use crate::tape::Instructions;
use crate::tape::nodes::Nodes;
use std::fmt;

/// How an output depends on a node, the best first: it tells four zeros apart.
///
/// Found by [`Tape::reach`](crate::Tape::reach) for a variable, and by
/// [`Tape::report`](crate::Tape::report) for all nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// At least one path carries: a derivative of 0 is a true zero, where the slope vanishes or underflows, or
    /// the paths cancel.
    Connected,
    /// No path carries, but on one at least that is only a convention: it runs through operations at their kink, as
    /// `|x|` or `relu(x)` at 0, where the slope jumps and 0 was chosen.
    /// [`Tape::blocked_at`](crate::Tape::blocked_at) says where.
    AtKink,
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
            Reach::AtKink => "connected, but at a kink, where 0 is a convention",
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

/// How an operation depends on its operand `which`, given the point (operands, then constants) and the partial.
pub(crate) fn edge(op: Op, which: usize, partial: f64, point: impl Fn() -> Vec<f64>) -> Reach {
    if partial != 0.0 {
        return Reach::Connected;
    }
    let point = point();
    // Where a power is at its kink, a slope of 0 is none of choice; and which branch a `select` takes is not up to its
    // branches.
    let can_be_choice = match op {
        Op::Pow => false,
        Op::Select => which == 0,
        _ => true,
    };
    let operands = op.arity().operands().unwrap_or(0);
    let constant = || point.get(operands).copied().unwrap_or(f64::NAN);
    match is_open(op, constant, partial) {
        _ if can_be_choice && op.at_kink(&point) => Reach::AtKink,
        true => Reach::Connected,
        false => Reach::Blocked,
    }
}

/// The operands of node `i`, and how it depends on each.
pub(super) fn edges(nodes: &Nodes<'_>, i: usize) -> impl Iterator<Item = (usize, Reach)> {
    let point = move || {
        let inst = nodes.inst(i);
        let operands = nodes.operands(&inst).iter().map(|&o| nodes.values[o as usize]);
        operands.chain(nodes.constants(&inst).iter().copied()).collect()
    };
    let edge = move |(which, (o, partial))| (o as usize, edge(nodes.op(i), which, partial, point));
    partials(nodes, nodes.values, i).into_iter().enumerate().map(edge)
}

/// How `output` depends on every node up to it: one walk back. `edges` lists the operands of a node, and how it
/// depends on each. A path is as good as the worst of its edges, a node as the best of its paths.
pub(crate) fn reaches<E: IntoIterator<Item = (usize, Reach)>>(
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
        for (operand, edge) in edges(i) {
            reach[operand] = reach[operand].min(here.max(edge));
        }
    }
    reach
}

/// The nodes at which the paths from a node that is blocked or at a kink end, seen from the output, in tape order: those that a
/// path reaches from the output, and that do not carry what depends on `from`.
pub(crate) fn blocked_at<E: IntoIterator<Item = (usize, Reach)>>(
    from: usize,
    reach: &[Reach],
    edges: impl Fn(usize) -> E,
) -> Vec<usize> {
    if !matches!(reach.get(from), Some(Reach::Blocked | Reach::AtKink)) {
        return Vec::new();
    }
    let mut depends = vec![false; reach.len()];
    depends[from] = true;
    let mut at = Vec::new();
    for i in from + 1..reach.len() {
        let mut stops = false;
        for (operand, edge) in edges(i) {
            depends[i] |= depends[operand];
            stops |= depends[operand] && edge != Reach::Connected;
        }
        if stops && reach[i] == Reach::Connected {
            at.push(i);
        }
    }
    at
}
