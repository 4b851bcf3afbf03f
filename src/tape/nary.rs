//! Recording sums, dot products and log-sum-exp as one node.

use super::gather::Kept;
use super::serial::CONSTANT;
use super::{Var, gather};
use crate::op::Op;
use crate::real::float;

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
///
/// The largest term is needed before the first is used, so all are gathered first: a few on the stack,
/// many in a vector that the thread keeps.
#[inline]
#[track_caller]
pub(crate) fn log_sum_exp(mut terms: impl Iterator<Item = Var>) -> Var {
    let mut few = [Var::constant(0.0); 8];
    for count in 0..few.len() {
        match terms.next() {
            Some(term) => few[count] = term,
            None => return log_sum_exp_of(&few[..count]),
        }
    }
    let mut many = Kept::new();
    many.0.extend_from_slice(&few);
    many.0.extend(terms);
    log_sum_exp_of(&many.0)
}

#[inline(never)]
#[track_caller]
fn log_sum_exp_of(operands: &[Var]) -> Var {
    let value = float::log_sum_exp(operands.iter().map(|x| x.value));
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
        None => match bias {
            Some(bias) => bias + 0.0,
            None => Var::constant(0.0),
        },
        Some(first) if first[0].tag == CONSTANT || first[1].tag == CONSTANT => {
            gather::record_weighted(first, pairs, bias, add_bias)
        }
        Some(first) => {
            let op = if bias.is_some() { Op::Affine } else { Op::Dot };
            gather::record(op, first, pairs, bias, |[x, y]| x * y, add_bias)
        }
    }
}
