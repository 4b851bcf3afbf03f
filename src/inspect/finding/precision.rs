//! What the numbers at this point do to the derivative: adjoints that shrink or grow with depth, operations at
//! their kink, differences of nearly equal numbers.
//!
//! **Depth.** The nodes are divided by depth into eight bands, and the median `|adjoint|` of each band is compared. The
//! median, for one odd node must not decide; bands, for the adjoints of one depth differ for many reasons; and a
//! steady trend is asked for, for units of measurement alone can make orders of magnitude anywhere.
//!
//! **Cancellation.** A result that is `10^k` times smaller than the sum of its terms' sizes has lost `k` digits of those that the
//! terms had (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., §1.7). That alone is no harm;
//! these are let pass:
//!
//! - the difference of two numbers that were given, which have all their digits;
//! - a residual that is squared or taken the absolute value of, for it is meant to become small;
//! - a result of exactly 0, which is nearly always meant: `x - x`, a fit that is exact, a symmetric point;
//! - a result of which the output would lose little, as in `1 + (a - b)`.

use super::code::{Code, Finding};
use super::describe::{each, nodes_that, two_digits};
use crate::inspect::Report;
use crate::op::Op;
use crate::{Node, Reach};

/// How many levels a tape must have at least for its depth to be to blame.
const LEVELS: usize = 16;
const BANDS: usize = 8;
/// From how many orders of magnitude between the first band and the last on.
const ORDERS: f64 = 6.0;
/// How much of all pairs of bands must be in order, less those that are in the other: Kendall's τ.
const STEADY: f64 = 0.8;

/// Nodes of similar depth.
struct Band {
    first: usize,
    shallowest: usize,
    deepest: usize,
    median: f64,
}

pub(super) fn find_depth(report: &Report) -> Vec<Finding> {
    let bands = bands(report);
    let (Some(first), Some(last)) = (bands.first(), bands.last()) else { return Vec::new() };
    let orders = (last.median / first.median).log10();
    if bands.len() < BANDS - 2 || orders.abs() < ORDERS || steadiness(&bands).abs() < STEADY {
        return Vec::new();
    }
    let (code, verb) = match orders > 0.0 {
        true => (Code::VanishingGradient, "shrink"),
        false => (Code::ExplodingGradient, "grow"),
    };
    let message = format!(
        "adjoints {verb} by {:.0} orders of magnitude from the output back to {}",
        orders.abs(),
        report.described(first.first)
    );
    let evidence = format!("median |adjoint| by depth: {}", medians(&bands));
    vec![Finding::new(code, first.first, message, evidence)]
}

/// The operations that carry, in bands from the inputs to the output; empty bands are left out.
fn bands(report: &Report) -> Vec<Band> {
    let depths = report.depths();
    let mut nodes = nodes_that(report, |_, node| {
        let adjoint = node.adjoint;
        node.reach == Reach::Connected && !node.is_leaf() && adjoint != 0.0 && adjoint.is_finite()
    });
    nodes.sort_by_key(|&i| depths[i]);
    let (Some(&first), Some(&last)) = (nodes.first(), nodes.last()) else { return Vec::new() };
    let levels = depths[last] + 1 - depths[first];
    if levels < LEVELS {
        return Vec::new();
    }
    let place = |i: usize| (depths[i] - depths[first]) * BANDS / levels;
    let band = |nodes: &[usize]| {
        let mut sizes: Vec<f64> = nodes.iter().map(|&i| report.nodes[i].adjoint.abs()).collect();
        let middle = sizes.len() / 2;
        Band {
            first: nodes.iter().copied().min().unwrap_or(0),
            shallowest: depths[nodes[0]],
            deepest: depths[nodes[nodes.len() - 1]],
            median: *sizes.select_nth_unstable_by(middle, f64::total_cmp).1,
        }
    };
    nodes.chunk_by(|&a, &b| place(a) == place(b)).map(band).collect()
}

/// Kendall's τ of the medians: 1 if each is larger than all before, -1 if smaller.
fn steadiness(bands: &[Band]) -> f64 {
    let pairs = bands
        .iter()
        .enumerate()
        .flat_map(|(k, later)| bands[..k].iter().map(move |band| (band.median, later.median)));
    let (count, sum) = pairs.fold((0, 0), |(count, sum), (before, later)| {
        (count + 1, sum + i32::from(later > before) - i32::from(later < before))
    });
    f64::from(sum) / f64::from(count.max(1))
}

fn medians(bands: &[Band]) -> String {
    let text = |&Band { shallowest, deepest, median, .. }: &Band| {
        let to = if shallowest == deepest { String::new() } else { format!(" to {deepest}") };
        format!("{shallowest}{to}: {}", two_digits(median))
    };
    bands.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Find the operations that the derivative of the output leads through at their kink.
///
/// One whose operands cannot move is not at a kink, as a `select` on a condition that jumps elsewhere.
pub(super) fn find_kinks(report: &Report) -> Vec<Finding> {
    let moves = moves(report);
    let kinked = nodes_that(report, |i, node| {
        node.reach == Reach::Connected
            && node.op.info().kink.is_some()
            && deciding(node).iter().any(|&o| moves[o])
            && node.op.at_kink(&report.point(i))
    });
    each(report, &kinked, |i| {
        let (_, convention) = report.nodes[i].op.info().kink.unwrap_or_default();
        let operands = report.operands_in_numbers(i);
        let message = format!("{} is at its kink", report.described(i));
        let evidence = format!("{operands}; the convention used there is: {convention}");
        Finding::new(Code::AtKink, i, message, evidence)
    })
}

/// The operands on which it depends whether an operation is at its kink.
fn deciding(node: &Node) -> &[usize] {
    match (node.op, &node.operands[..]) {
        (Op::Select, [condition, ..]) => std::slice::from_ref(condition),
        (_, operands) => operands,
    }
}

/// Which nodes move if the inputs do.
fn moves(report: &Report) -> Vec<bool> {
    let mut moves: Vec<bool> = Vec::with_capacity(report.nodes.len());
    for (i, node) in report.nodes.iter().enumerate() {
        let moved = report.edges(i).any(|(o, edge)| moves[o] && edge != Reach::Blocked);
        moves.push(node.op == Op::Input || moved);
    }
    moves
}

/// From how many lost digits on a difference is a finding.
const LOST: f64 = 9.0;
/// From how many lost digits of the output on.
const LOST_BY_OUTPUT: f64 = 6.0;
/// The digits of an f64.
const DIGITS: f64 = 15.95;

pub(super) fn find_cancellation(report: &Report) -> Vec<Finding> {
    let mut cancelled = nodes_that(report, |i, node| {
        node.reach != Reach::NotConnected
            && lost(report, i) >= LOST
            && lost_by_output(report, i) >= LOST_BY_OUTPUT
    });
    if !cancelled.is_empty() {
        let residual = residuals(report);
        cancelled.retain(|&i| !residual[i]);
    }
    each(report, &cancelled, |i| cancellation(report, i))
}

/// How many digits node `i` loses; 0 if it is no sum, or is exact.
fn lost(report: &Report, i: usize) -> f64 {
    let value = report.nodes[i].value.abs();
    let terms = terms(report, i);
    let is_counted = value > 0.0 && value.is_finite() && terms.is_finite();
    if is_counted && terms > 0.0 { (terms / value).log10() } else { 0.0 }
}

/// How many digits the output loses with the terms of node `i`.
fn lost_by_output(report: &Report, i: usize) -> f64 {
    let output = report.output.map_or(f64::NAN, |output| report.nodes[output].value.abs());
    let carried = terms(report, i) * report.nodes[i].adjoint.abs();
    if carried > 0.0 { (carried / output).log10() } else { 0.0 }
}

/// The sum of the sizes of the terms that node `i` adds up; 0 if it is no sum, or only adds two numbers that
/// were given.
fn terms(report: &Report, i: usize) -> f64 {
    let Node { op, operands, constants, .. } = &report.nodes[i];
    let x = |k: usize| report.nodes[operands[k]].value;
    let is_given = operands.len() <= 2 && operands.iter().all(|&o| report.nodes[o].is_leaf());
    let bias = || operands.last().map_or(0.0, |&b| report.nodes[b].value.abs());
    let pairs = || (0..operands.len() / 2).map(|k| (x(2 * k) * x(2 * k + 1)).abs()).sum::<f64>();
    let weighted = || constants.iter().enumerate().map(|(k, c)| (x(k) * c).abs()).sum::<f64>();
    match op {
        Op::Add | Op::Sub | Op::Sum | Op::AddConst | Op::ConstSub if is_given => 0.0,
        Op::Add | Op::Sub | Op::Sum => (0..operands.len()).map(|k| x(k).abs()).sum(),
        Op::AddConst | Op::ConstSub => x(0).abs() + constants[0].abs(),
        Op::MulAdd => (x(0) * x(1)).abs() + bias(),
        // Squares do not cancel.
        Op::SumSquares => 0.0,
        _ if op.terms().sum => {
            let term = op.terms();
            let terms = if term.data { weighted() } else { pairs() };
            if term.bias { terms + bias() } else { terms }
        }
        _ => 0.0,
    }
}

/// Which nodes are used for their size alone, perhaps scaled before: squared, or without their sign.
fn residuals(report: &Report) -> Vec<bool> {
    let count = report.nodes.len();
    let (mut used, mut otherwise) = (vec![false; count], vec![false; count]);
    for (i, node) in report.nodes.iter().enumerate().rev() {
        let for_size = match (node.op, &node.operands[..]) {
            (Op::Square | Op::SumSquares | Op::Abs, _) => true,
            (Op::Mul, [x, y]) => x == y,
            (Op::Dot, pairs) => pairs.chunks(2).all(|pair| pair.first() == pair.get(1)),
            (Op::Powi | Op::Powf, _) => node.constants.first().is_some_and(|c| c % 2.0 == 0.0),
            (Op::Neg | Op::Copy | Op::MulConst | Op::DivConst, _) => used[i] && !otherwise[i],
            _ => false,
        };
        for &o in &node.operands {
            used[o] = true;
            otherwise[o] |= !for_size;
        }
    }
    used.into_iter().zip(otherwise).map(|(used, otherwise)| used && !otherwise).collect()
}

fn cancellation(report: &Report, i: usize) -> Finding {
    let lost = lost(report, i).min(16.0);
    let message = format!("{} loses {lost:.0} of its 16 digits", report.described(i));
    let evidence = format!(
        "the sizes of its terms add up to {}, its value is {}; of the output about {} digits are left ({})",
        two_digits(terms(report, i)),
        two_digits(report.nodes[i].value),
        (DIGITS - lost_by_output(report, i)).max(0.0).floor(),
        report.operands_in_numbers(i)
    );
    Finding::new(Code::Cancellation, i, message, evidence)
}
