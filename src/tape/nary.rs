//! Recording sums, dot products and log-sum-exp as one node.

use super::gather::Kept;
use super::serial::CONSTANT;
use super::{Var, gather};
use crate::op::Op;
use crate::real::stable;

/// Record a sum of `f(term)`.
#[inline]
#[track_caller]
pub(crate) fn sum(op: Op, terms: impl Iterator<Item = Var>, f: impl Fn(f64) -> f64) -> Var {
    let mut terms = terms.map(|x| [x]);
    match terms.next() {
        None => Var::constant(0.0),
        Some(first) => gather::record(op, first, terms, None, |[x]| f(x), |total| total),
    }
}

/// Record `ln Σ exp(term)`.
#[track_caller]
pub(crate) fn log_sum_exp(terms: impl Iterator<Item = Var>) -> Var {
    let mut kept = Kept::new();
    kept.0.extend(terms);
    let operands = &kept.0;
    let value = stable::log_sum_exp(operands.iter().map(|x| x.value));
    let mut terms = operands.iter().map(|&x| [x]);
    match terms.next() {
        None => Var::constant(value),
        Some(first) => gather::record(Op::LogSumExp, first, terms, None, |_| 0.0, |_| value),
    }
}

/// Record a dot product, with a bias or without.
///
/// If every pair has a constant in it the constants are kept as data, else each becomes a node.
#[inline]
#[track_caller]
pub(crate) fn dot(pairs: impl Iterator<Item = (Var, Var)>, bias: Option<Var>) -> Var {
    let mut pairs = pairs.map(|(x, y)| [x, y]);
    let add_bias = |total| bias.map_or(total, |bias| total + bias.value);
    match pairs.next() {
        // The sum is empty: what is left is 0 + bias.
        None => bias.map_or(Var::constant(0.0), |bias| bias + 0.0),
        Some(first) if first[0].tag == CONSTANT || first[1].tag == CONSTANT => {
            gather::record_weighted(first, pairs, bias, add_bias)
        }
        Some(first) => {
            let op = if bias.is_some() { Op::Affine } else { Op::Dot };
            gather::record(op, first, pairs, bias, |[x, y]| x * y, add_bias)
        }
    }
}
