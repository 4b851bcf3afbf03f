//! Differences of nearly equal numbers: how many digits they cost, and the output with them.
//!
//! A result that is `10^k` times smaller than the sum of its terms' sizes has lost `k` digits of those that the
//! terms had (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., §1.7). That alone is no harm;
//! these are let pass:
//!
//! - the difference of two numbers that were given, which have all their digits;
//! - a residual that is squared or taken the absolute value of, for it is meant to become small;
//! - a result of exactly 0, which is nearly always meant: `x - x`, a fit that is exact, a symmetric point;
//! - a result of which the output would lose little, as in `1 + (a - b)`.

use super::words::{rough, told};
use super::{Code, Finding, Severity};
use crate::inspect::Report;
use crate::op::Op;
use crate::{Node, Reach};

/// From how many lost digits on a difference is told.
const LOST: f64 = 9.0;
/// From how many lost digits of the output on.
const LOST_BY_OUTPUT: f64 = 6.0;
/// The digits of an f64.
const DIGITS: f64 = 15.95;

pub(super) fn find(report: &Report) -> Vec<Finding> {
    let suspects: Vec<usize> = (0..report.nodes.len())
        .filter(|&i| report.nodes[i].reach != Reach::NotConnected && lost(report, i) >= LOST)
        .filter(|&i| lost_by_output(report, i) >= LOST_BY_OUTPUT)
        .collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let residual = residuals(report);
    let cancelled: Vec<usize> = suspects.into_iter().filter(|&i| !residual[i]).collect();
    told(report, &cancelled, |i| finding(report, i))
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

fn finding(report: &Report, i: usize) -> Finding {
    let left = |lost: f64| (DIGITS - lost).max(0.0).floor();
    Finding {
        code: Code::Cancellation,
        severity: Severity::Warning,
        node: Some(i),
        message: format!("{} loses {:.0} of its 16 digits", report.described(i), lost(report, i).min(16.0)),
        evidence: format!(
            "the sizes of its terms add up to {}, its value is {}; of the output about {} digits are left ({})",
            rough(terms(report, i)),
            rough(report.nodes[i].value),
            left(lost_by_output(report, i)),
            report.operands_in_numbers(i)
        ),
        advice: "rewrite the difference so that the large terms cancel on paper: `exp_m1`, `ln_1p`, \
                 `1 - cos x` as `2 sin²(x/2)`, `√a - √b` as `(a - b) / (√a + √b)`, or subtract a common \
                 offset from the data first"
            .into(),
    }
}
