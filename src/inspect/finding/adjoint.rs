//! Where a NaN or an infinity came from in the reverse sweep: at which edge, and how.
//!
//! The sweep adds `w · partial` to the adjoint of each operand, last node first, and leaves out nodes whose
//! adjoint `w` is exactly 0. Here its sums are made again for the adjoints that are not finite, up to the edge
//! at which each was lost. An adjoint that is lost only because that of a user was lost before is no finding.
//! If none of the lost adjoints is that of an input, the gradient is whole: that is a warning only.

use super::words::{short, told};
use super::{Code, Finding, Severity};
use crate::inspect::Report;
use crate::op::Op;
use std::collections::BTreeMap;

/// How an adjoint was lost.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    InfinitePartial,
    UndefinedPartial,
    ZeroTimesInfinity,
    Overflow,
    InfinityMinusInfinity,
}

/// An edge from a user to an operand.
#[derive(Clone, Copy)]
struct Edge {
    user: usize,
    partial: f64,
}

pub(super) fn find(report: &Report) -> Vec<Finding> {
    let mut lost: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
    // As the sweep walks, so that the edges of each node are in its order.
    for (user, node) in report.nodes.iter().enumerate().rev().filter(|(_, n)| n.adjoint != 0.0) {
        for (&operand, &partial) in node.operands.iter().zip(&node.partials) {
            // Nobody asks for the adjoint of a constant.
            let target = &report.nodes[operand];
            if !target.adjoint.is_finite() && target.op != Op::Const {
                lost.entry(operand).or_default().push(Edge { user, partial });
            }
        }
    }
    let causes: BTreeMap<usize, (Edge, Kind)> = lost
        .iter()
        .filter_map(|(&node, edges)| Some((node, cause(report, node, edges)?)))
        .collect();
    let nodes: Vec<usize> = causes.keys().copied().collect();
    told(report, &nodes, |i| finding(report, i, causes[&i]))
}

/// The edge at which a node's adjoint was lost, and how; none if it was lost before, in a user, or in the
/// values.
fn cause(report: &Report, node: usize, edges: &[Edge]) -> Option<(Edge, Kind)> {
    let is_nan = report.nodes[node].adjoint.is_nan();
    let is_lost = |sum: f64| if is_nan { sum.is_nan() } else { !sum.is_finite() };
    let mut sum = 0.0;
    for &edge in edges {
        let w = report.nodes[edge.user].adjoint;
        let before = sum;
        sum += w * edge.partial;
        if !is_lost(sum) {
            continue;
        }
        let values = report.point(edge.user);
        if !report.nodes[edge.user].value.is_finite() || values.iter().any(|x| !x.is_finite()) {
            return None;
        }
        return Some((edge, kind(before, w, edge.partial)?));
    }
    // A rule that multiplies in another order can overflow where `w · partial` does not.
    let edge = edges.last().copied()?;
    report.nodes[edge.user].adjoint.is_finite().then_some((edge, Kind::Overflow))
}

/// How a sum so far and one more contribution `w · partial` are lost.
fn kind(before: f64, w: f64, partial: f64) -> Option<Kind> {
    let contribution = w * partial;
    Some(match () {
        () if w.is_nan() => return None,
        () if partial.is_nan() => Kind::UndefinedPartial,
        () if contribution.is_nan() => Kind::ZeroTimesInfinity,
        () if !before.is_finite() => Kind::InfinityMinusInfinity,
        () if w.is_infinite() => return None,
        () if partial.is_infinite() => Kind::InfinitePartial,
        () => Kind::Overflow,
    })
}

fn finding(report: &Report, node: usize, (Edge { user, partial }, kind): (Edge, Kind)) -> Finding {
    let (words, advice) = words(kind);
    let (w, adjoint) = (report.nodes[user].adjoint, report.nodes[node].adjoint);
    let (name, by) = (report.name(node), report.name(user));
    let mut evidence = format!(
        "∂{by}/∂{name} = {}, ∂output/∂{by} = {}, their product is {}; {}",
        short(partial),
        short(w),
        short(w * partial),
        report.operands_in_numbers(user)
    );
    let op = report.nodes[user].op;
    if let Some((_, convention)) = op.info().kink.filter(|_| op.at_kink(&report.point(user))) {
        evidence += &format!("; at the kink {convention}");
    }
    Finding {
        code: Code::NonFiniteAdjoint,
        severity: if report.gradient_is_lost() { Severity::Error } else { Severity::Warning },
        node: Some(node),
        message: format!(
            "the adjoint of {} is {adjoint} although the values are finite: {words} on the edge from {}",
            report.called(node),
            report.described(user)
        ),
        evidence,
        advice: advice.into(),
    }
}

/// What happened, and what to try.
fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::InfinitePartial => (
            "an infinite partial",
            "keep away from the point where the slope is infinite: add a small constant under the root, or \
             use a form without it, such as `hypot` or the square itself",
        ),
        Kind::UndefinedPartial => (
            "a partial that is NaN",
            "the derivative is not defined at this point: keep the operand away from it, or correct the \
             `vjp` of a custom operation",
        ),
        Kind::ZeroTimesInfinity => (
            "0 · inf",
            "an adjoint that is infinite meets a partial of 0: remove the infinite one first; a form such as \
             `hypot` or `abs` in place of a root of a square has neither",
        ),
        Kind::Overflow => (
            "overflow of finite numbers",
            "the slope is larger than f64 can hold: scale the inputs, or take the logarithm of the output",
        ),
        Kind::InfinityMinusInfinity => (
            "inf - inf",
            "two paths give infinities of both signs: remove the infinite partials that they come from",
        ),
    }
}
