//! Recording sums, dot products and log-sum-exp as one node.
//!
//! The terms are gathered first and checked together: the iterator may itself record.

use super::serial::{CONSTANT, MAX_NODES};
use super::{Var, record, store};
use crate::Real;
use crate::op::Op;
use smallvec::SmallVec;

/// Terms on the stack, before the heap is asked.
type Terms = SmallVec<[Var; 32]>;

/// Record a sum of `f(term)`.
#[inline]
#[track_caller]
pub(crate) fn sum(op: Op, terms: impl Iterator<Item = Var>, f: impl Fn(f64) -> f64) -> Var {
    let terms: Terms = terms.collect();
    let value = f64::sum_of(terms.iter().map(|t| f(t.value)));
    Var { value, tag: record(op, &terms, &[], None, value) }
}

/// Record `ln Σ exp(term)`.
#[track_caller]
pub(crate) fn log_sum_exp(terms: impl Iterator<Item = Var>) -> Var {
    let terms: Terms = terms.collect();
    let value = f64::log_sum_exp_of(terms.iter().map(|t| t.value));
    Var { value, tag: record(Op::LogSumExp, &terms, &[], None, value) }
}

/// Record a dot product, with a bias or without.
///
/// If every pair has a constant in it the constants are kept as data, else each becomes a node.
#[inline]
#[track_caller]
pub(crate) fn dot(pairs: impl Iterator<Item = (Var, Var)>, bias: Option<Var>) -> Var {
    let pairs: SmallVec<[[Var; 2]; 32]> = pairs.map(|(x, y)| [x, y]).collect();
    let mut value = f64::dot_of(pairs.iter().map(|[x, y]| (x.value, y.value)));
    if let Some(bias) = bias {
        value += bias.value;
    }
    let is_data = pairs.iter().all(|[x, y]| x.tag == CONSTANT || y.tag == CONSTANT);
    let tag = if is_data {
        let (terms, data): (Terms, SmallVec<[f64; 32]>) = pairs
            .iter()
            .map(|&[x, y]| if x.tag == CONSTANT { (y, x.value) } else { (x, y.value) })
            .unzip();
        let op = if bias.is_some() { Op::AffineData } else { Op::Linear };
        record(op, &terms, &data, bias, value)
    } else {
        let op = if bias.is_some() { Op::Affine } else { Op::Dot };
        record(op, pairs.as_flattened(), &[], bias, value)
    };
    Var { value, tag }
}

/// Write the node; `terms` are the operands in pool order.
#[inline]
#[track_caller]
fn record(op: Op, terms: &[Var], data: &[f64], bias: Option<Var>, value: f64) -> u64 {
    match store::nary(op, terms, data, bias, value) {
        Some(tag) => tag,
        None => record_slowly(op, terms, data, bias, value),
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn record_slowly(op: Op, terms: &[Var], data: &[f64], bias: Option<Var>, value: f64) -> u64 {
    let tags: SmallVec<[u64; 32]> = terms.iter().chain(&bias).map(|v| v.tag).collect();
    if tags.iter().all(|&tag| tag == CONSTANT) {
        return CONSTANT;
    }
    let recording = record::common_recording(&tags);
    let operands: SmallVec<[u32; 64]> =
        terms.iter().map(|v| record::operand(&recording, v.tag, v.value)).collect();
    let bias = bias.map(|v| record::operand(&recording, v.tag, v.value));
    let keeps_data = matches!(op, Op::Linear | Op::AffineData);
    let data_at = keeps_data.then(|| recording.push_data(data));
    let at = recording.push_pool(operands.iter().copied().chain(data_at).chain(bias));
    let count = if matches!(op, Op::Dot | Op::Affine) { terms.len() / 2 } else { terms.len() };
    debug_assert!(count <= MAX_NODES);
    recording.push(op, at, count as u32, value)
}
