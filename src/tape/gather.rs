//! From an iterator of operands to one n-ary node.
//!
//! ```text
//! walk the iterator to its end: the terms go to the stack, more than a few to a vector that the thread keeps
//! total = -0                                 which changes no first term, not even -0
//! for each term: total = total + term        from left to right
//! write the node, in the same loop, if its operands are constants and nodes that the fast path takes
//! else on the slow path
//! ```
//!
//! The iterator is user code: it may record, sum, rewind, use other tapes. So nothing is written before it has ended, and
//! what operands then are is asked then. Walking it is all that is compiled for each kind of iterator.
//!
//! Of a dot product in which every pair has a constant, the constants are kept as data. Else a constant becomes a node,
//! and stands second in its pair.

use super::record;
use super::serial::CONSTANT;
use super::store::{self, Few};
use super::var::Var;
use crate::Real;
use crate::op::Op;
use crate::real::float;
use std::cell::RefCell;

/// How many operands a vector may have room for to be kept: one megabyte.
const MAX_REUSED: usize = 1 << 16;

/// How many terms are kept on the stack.
const FEW: usize = 40;

thread_local! {
    /// The memory of vectors that are no longer in use, kept for the next.
    static REUSED: RefCell<Vec<Vec<Var>>> = const { RefCell::new(Vec::new()) };
}

/// Give back the memory of kept vectors.
pub(crate) fn release_vectors() {
    let _ = REUSED.try_with(|kept| kept.take());
}

/// A vector of operands whose memory the thread keeps.
struct ReusedVec(Vec<Var>);

impl ReusedVec {
    fn new() -> ReusedVec {
        // At the end of a thread the kept vectors may be gone before the last call.
        let kept = REUSED.try_with(|kept| kept.borrow_mut().pop());
        ReusedVec(kept.ok().flatten().unwrap_or_default())
    }
}

impl Drop for ReusedVec {
    fn drop(&mut self) {
        if self.0.capacity() <= MAX_REUSED {
            self.0.clear();
            let _ = REUSED.try_with(|kept| kept.borrow_mut().push(std::mem::take(&mut self.0)));
        }
    }
}

/// Take terms out of the few places on the stack.
#[inline(never)]
fn keep<const W: usize>(all: &mut ReusedVec, terms: &[[Var; W]]) {
    all.0.extend_from_slice(terms.as_flattened());
}

/// Record an operation over single operands.
#[inline(always)]
#[track_caller]
pub(super) fn over(op: Op, terms: impl Iterator<Item = Var>) -> Var {
    let (mut terms, mut few) = (terms.map(|x| [x]), Few::<[Var; 1], FEW>::new());
    if few.fill(&mut terms) {
        return record(op, few.as_mut_slice());
    }
    let mut all = ReusedVec::new();
    keep(&mut all, few.as_mut_slice());
    while !few.fill(&mut terms) {
        keep(&mut all, few.as_mut_slice());
    }
    keep(&mut all, few.as_mut_slice());
    record(op, all.0.as_chunks().0)
}

/// Record a dot product, with a bias or without.
#[inline(always)]
#[track_caller]
pub(super) fn over_pairs(pairs: impl Iterator<Item = (Var, Var)>, bias: Option<Var>) -> Var {
    let (mut pairs, mut few) = (pairs.map(|(x, y)| [x, y]), Few::<[Var; 2], FEW>::new());
    if few.fill(&mut pairs) {
        return record_pairs(few.as_mut_slice(), bias);
    }
    let mut all = ReusedVec::new();
    keep(&mut all, few.as_mut_slice());
    while !few.fill(&mut pairs) {
        keep(&mut all, few.as_mut_slice());
    }
    keep(&mut all, few.as_mut_slice());
    record_pairs(all.0.as_chunks_mut().0, bias)
}

/// Record an operation over operands that are known. What is one operator is recorded as that: it takes no pool.
#[inline(never)]
#[track_caller]
fn record(op: Op, terms: &[[Var; 1]]) -> Var {
    match (op, terms) {
        (Op::Sum, &[[x], [y]]) => return x + y,
        (Op::SumSquares, &[[x]]) => return x.square(),
        (Op::LogSumExp, []) => return Var::constant(f64::NEG_INFINITY),
        (_, []) => return Var::constant(0.0),
        _ => {}
    }
    match op {
        Op::Sum => record_sum(op, terms, |[x]| x),
        Op::SumSquares => record_sum(op, terms, |[x]| x * x),
        _ => {
            let value = float::log_sum_exp(terms.iter().map(|[x]| x.value));
            record_value(op, terms, value)
        }
    }
}

/// Record a dot product of pairs that are known.
#[inline(never)]
#[track_caller]
fn record_pairs(pairs: &mut [[Var; 2]], bias: Option<Var>) -> Var {
    let product = |[x, y]: [f64; 2]| x * y;
    let Some(&[x, y]) = pairs.first() else {
        // The sum is empty: what is left is 0 + bias.
        return match bias {
            Some(bias) => bias + 0.0,
            None => Var::constant(0.0),
        };
    };
    if pairs.len() == 1 && bias.is_none() {
        return x * y;
    }
    if x.tag == CONSTANT || y.tag == CONSTANT {
        return record_constants(pairs, bias);
    }
    let op = if bias.is_some() { Op::Affine } else { Op::Dot };
    match store::nary(op, pairs, bias, product, |total| total) {
        Some(y) => y,
        None => record_mixed(op, pairs, bias),
    }
}

/// Record a dot product whose first pair has a constant.
#[inline(never)]
#[track_caller]
fn record_constants(pairs: &mut [[Var; 2]], bias: Option<Var>) -> Var {
    let op = if bias.is_some() { Op::AffineData } else { Op::Linear };
    if let Some(y) = store::weighted(op, pairs, bias) {
        return y;
    }
    match pairs.iter().all(|&pair| store::split(pair).is_some()) {
        true => write_weighted(op, pairs, bias),
        false => record_mixed(if bias.is_some() { Op::Affine } else { Op::Dot }, pairs, bias),
    }
}

/// Record a dot product some of whose pairs may have constants: these become nodes.
#[inline(never)]
#[track_caller]
fn record_mixed(op: Op, pairs: &mut [[Var; 2]], bias: Option<Var>) -> Var {
    let product = |[x, y]: [f64; 2]| x * y;
    if let Some(y) = store::mixed(op, pairs, bias, product, |total| total, arrange) {
        return y;
    }
    let value = value_of(pairs, bias, product);
    for pair in &mut *pairs {
        *pair = match (arrange(*pair), *pair) {
            (Some(pair), _) => pair,
            (None, [x, y]) => [x * y, Var::constant(1.0)],
        };
    }
    match store::mixed(op, pairs, bias, product, |total| total, Some) {
        Some(y) => y,
        None => write_slowly(op, pairs.as_flattened(), None, bias, value),
    }
}

/// Put the constant of a pair second, which may stand first. `None` for a constant factor 0: it lets no derivative
/// through, which `x * 0` knows and a pair does not.
#[inline(always)]
fn arrange([x, y]: [Var; 2]) -> Option<[Var; 2]> {
    match (x.tag, y.tag) {
        (CONSTANT, CONSTANT) => Some([x, y]),
        (CONSTANT, _) => (!x.is_nothing()).then_some([y, x]),
        (_, CONSTANT) => (!y.is_nothing()).then_some([x, y]),
        _ => Some([x, y]),
    }
}

/// The sum of the terms from left to right, then the bias.
#[inline(always)]
fn value_of<const W: usize>(
    terms: &[[Var; W]],
    bias: Option<Var>,
    term: impl Fn([f64; W]) -> f64,
) -> f64 {
    let add = |total, operands: &[Var; W]| total + term(store::values_of(operands));
    let total = terms.iter().fold(-0.0, add);
    bias.map_or(total, |bias| total + bias.value)
}

/// Record a sum over single operands.
#[inline(always)]
#[track_caller]
fn record_sum(op: Op, terms: &[[Var; 1]], term: impl Fn([f64; 1]) -> f64 + Copy) -> Var {
    let fast = store::nary(op, terms, None, term, |total| total);
    match fast.or_else(|| store::mixed(op, terms, None, term, |total| total, Some)) {
        Some(y) => y,
        None => write_slowly(op, terms.as_flattened(), None, None, value_of(terms, None, term)),
    }
}

/// Record an operation of this value over operands; constants become nodes of their own.
#[inline(always)]
#[track_caller]
pub(super) fn record_value(op: Op, operands: &[[Var; 1]], value: f64) -> Var {
    let fast = store::nary(op, operands, None, |_| 0.0, |_| value);
    match fast.or_else(|| store::mixed(op, operands, None, |_| 0.0, |_| value, Some)) {
        Some(y) => y,
        None => write_slowly(op, operands.as_flattened(), None, None, value),
    }
}

/// Write a node over products with constants, on the slow path.
#[cold]
#[inline(never)]
#[track_caller]
fn write_weighted(op: Op, pairs: &[[Var; 2]], bias: Option<Var>) -> Var {
    let value = value_of(pairs, bias, |[x, y]| x * y);
    let (mut operands, mut constants) = (ReusedVec::new(), ReusedVec::new());
    for (operand, constant) in pairs.iter().filter_map(|&pair| store::split(pair)) {
        operands.0.push(operand);
        constants.0.push(Var::constant(constant));
    }
    write_slowly(op, &operands.0, Some(&constants.0), bias, value)
}

/// Write a node wherever its operands are.
#[cold]
#[inline(never)]
#[track_caller]
fn write_slowly(
    op: Op,
    operands: &[Var],
    data: Option<&[Var]>,
    bias: Option<Var>,
    value: f64,
) -> Var {
    let tags = || operands.iter().chain(&bias).map(|v| v.tag);
    if tags().all(|tag| tag == CONSTANT) {
        return Var::constant(value);
    }
    let recording = record::common_recording(tags());
    record::assert_room(&recording, tags, 1, usize::from(data.is_some()));
    // A loop and not a closure, because a closure is not `#[track_caller]`: a constant becomes a node here.
    let at = recording.push_pool([]);
    for v in operands.iter().chain(&bias) {
        recording.push_pool([record::operand(&recording, v.tag, v.value)]);
    }
    if let Some(data) = data {
        let data_at = recording.push_data(data.iter().map(|c| c.value));
        recording.push_pool([data_at]);
    }
    Var { value, tag: recording.push(op, at, operands.len() as u32, value) }
}
