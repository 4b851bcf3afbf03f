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

use super::code::{Code, Finding, Severity};
use super::describe::{each, two_digits};
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
    depths: (usize, usize),
    /// Its nodes, each with the size of its adjoint.
    nodes: Vec<(usize, f64)>,
    median: f64,
}

pub(super) fn find_depth(report: &Report) -> Vec<Finding> {
    let bands = bands(report);
    let (Some(first), Some(last)) = (bands.first(), bands.last()) else { return Vec::new() };
    let orders = (last.median / first.median).log10();
    if bands.len() < BANDS - 2 || orders.abs() < ORDERS || steadiness(&bands).abs() < STEADY {
        return Vec::new();
    }
    let (code, verb, advice) = match orders > 0.0 {
        true => (
            Code::VanishingGradient,
            "shrink",
            "what is far from the output hardly learns: use units that do not saturate, initialize by fan-in, \
             normalize, or add paths around layers",
        ),
        false => (
            Code::ExplodingGradient,
            "grow",
            "what is far from the output moves it wildly: initialize by fan-in, scale weights or inputs down, \
             or clip the gradient",
        ),
    };
    let node = first.nodes.iter().map(|&(i, _)| i).min();
    vec![Finding {
        code,
        severity: Severity::Warning,
        node,
        message: format!(
            "adjoints {verb} by {:.0} orders of magnitude from the output back to {}",
            orders.abs(),
            node.map_or_else(String::new, |i| report.described(i))
        ),
        evidence: format!("median |adjoint| by depth: {}", medians(&bands)),
        advice: advice.into(),
    }]
}

/// The operations that carry, in bands from the inputs to the output; empty bands are left out.
fn bands(report: &Report) -> Vec<Band> {
    let depths = report.depths();
    let counts = |i: &usize| {
        let node = &report.nodes[*i];
        let adjoint = node.adjoint;
        node.reach == Reach::Connected && !node.is_leaf() && adjoint != 0.0 && adjoint.is_finite()
    };
    let nodes: Vec<usize> = (0..report.nodes.len()).filter(counts).collect();
    let deepest = nodes.iter().map(|&i| depths[i]).max().unwrap_or(0);
    let shallowest = nodes.iter().map(|&i| depths[i]).min().unwrap_or(0);
    let levels = deepest + 1 - shallowest;
    if levels < LEVELS {
        return Vec::new();
    }
    let mut bands: Vec<Vec<(usize, f64)>> = vec![Vec::new(); BANDS];
    for i in nodes {
        let band = (depths[i] - shallowest) * BANDS / levels;
        bands[band].push((i, report.nodes[i].adjoint.abs()));
    }
    bands.into_iter().filter(|nodes| !nodes.is_empty()).map(|nodes| band(nodes, &depths)).collect()
}

fn band(nodes: Vec<(usize, f64)>, depths: &[usize]) -> Band {
    let least = nodes.iter().map(|&(i, _)| depths[i]).min().unwrap_or(0);
    let most = nodes.iter().map(|&(i, _)| depths[i]).max().unwrap_or(0);
    let mut sizes: Vec<f64> = nodes.iter().map(|&(_, size)| size).collect();
    let middle = sizes.len() / 2;
    let median = *sizes.select_nth_unstable_by(middle, f64::total_cmp).1;
    Band { depths: (least, most), nodes, median }
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
    let text = |band: &Band| match band.depths {
        (least, most) if least == most => format!("{least}: {}", two_digits(band.median)),
        (least, most) => format!("{least} to {most}: {}", two_digits(band.median)),
    };
    bands.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Find the operations that the derivative of the output leads through at their kink.
///
/// One whose operands cannot move is not at a kink, as a `select` on a condition that jumps elsewhere.
pub(super) fn find_kinks(report: &Report) -> Vec<Finding> {
    let moves = moves(report);
    let kinked: Vec<usize> = (0..report.nodes.len())
        .filter(|&i| {
            let node = &report.nodes[i];
            node.reach == Reach::Connected
                && node.op.info().kink.is_some()
                && deciding(node).iter().any(|&o| moves[o])
                && node.op.at_kink(&report.point(i))
        })
        .collect();
    each(report, &kinked, |i| at_kink(report, i))
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
        let mut edges = node.operands.iter().zip(&node.partials);
        let moved = edges.any(|(&o, &partial)| moves[o] && report.carries(i, partial));
        moves.push(node.op == Op::Input || moved);
    }
    moves
}

fn at_kink(report: &Report, i: usize) -> Finding {
    let (_, convention) = report.nodes[i].op.info().kink.unwrap_or_default();
    Finding {
        code: Code::AtKink,
        severity: Severity::Note,
        node: Some(i),
        message: format!("{} is at its kink", report.described(i)),
        evidence: format!(
            "{}; the convention used there is: {convention}",
            report.operands_in_numbers(i)
        ),
        advice: "the derivative jumps here, and what is given is one choice: if it matters, move the point a \
                 little and compare, or use a smooth operation"
            .into(),
    }
}

/// From how many lost digits on a difference is a finding.
const LOST: f64 = 9.0;
/// From how many lost digits of the output on.
const LOST_BY_OUTPUT: f64 = 6.0;
/// The digits of an f64.
const DIGITS: f64 = 15.95;

pub(super) fn find_cancellation(report: &Report) -> Vec<Finding> {
    let suspects: Vec<usize> = (0..report.nodes.len())
        .filter(|&i| report.nodes[i].reach != Reach::NotConnected && lost(report, i) >= LOST)
        .filter(|&i| lost_by_output(report, i) >= LOST_BY_OUTPUT)
        .collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let residual = residuals(report);
    let cancelled: Vec<usize> = suspects.into_iter().filter(|&i| !residual[i]).collect();
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
    let left = |lost: f64| (DIGITS - lost).max(0.0).floor();
    Finding {
        code: Code::Cancellation,
        severity: Severity::Warning,
        node: Some(i),
        message: format!("{} loses {:.0} of its 16 digits", report.described(i), lost(report, i).min(16.0)),
        evidence: format!(
            "the sizes of its terms add up to {}, its value is {}; of the output about {} digits are left ({})",
            two_digits(terms(report, i)),
            two_digits(report.nodes[i].value),
            left(lost_by_output(report, i)),
            report.operands_in_numbers(i)
        ),
        advice: "rewrite the difference so that the large terms cancel on paper: `exp_m1`, `ln_1p`, \
                 `1 - cos x` as `2 sin²(x/2)`, `√a - √b` as `(a - b) / (√a + √b)`, or subtract a common \
                 offset from the data first"
            .into(),
    }
}
