//! From an iterator of operands to one n-ary node.
//!
//! The operands are staged where they will stay, at the end of the active recording's pool, one by one
//! as the iterator gives them. The iterator may itself record. If it only appends single nodes nothing
//! is in the way; if it touches the pool too, by an n-ary node of its own, the operands so far are
//! taken out again and all are gathered in a vector first.
//!
//! The terms of the value are computed in one loop and added in the next, a few at a time: in a loop
//! with so many ways out the running total is kept in memory, and every addition would wait for the
//! store before it.

use super::serial::CONSTANT;
use super::store::{self, Ends};
use super::{Var, misuse, record, recording};
use crate::op::Op;
use std::cell::Cell;

/// How many terms of the value are computed before they are added.
const CHUNK: usize = 8;

/// Record `op` over the terms. Its value is what `finish` makes of the sum of `term`, added from left
/// to right.
#[inline(always)]
#[track_caller]
pub(super) fn record<const W: usize>(
    op: Op,
    first: [Var; W],
    mut rest: impl Iterator<Item = [Var; W]>,
    bias: Option<Var>,
    term: impl Fn([f64; W]) -> f64,
    finish: impl FnOnce(f64) -> f64,
) -> Var {
    let mut staged = Staged::new(first[0]);
    let mut chunk = [0.0; CHUNK];
    let mut total = -0.0;
    let mut next = Some(first);
    loop {
        let mut count = 0;
        while count < CHUNK {
            let Some(operands) = next else {
                let value = finish(add_up(total, &chunk[..count]));
                return match staged.write(op, W, bias, value) {
                    Some(tag) => Var { value, tag },
                    None => Mixed::taken_out(&staged).record(op, bias, value),
                };
            };
            if staged.push(operands).is_none() {
                let mut mixed = Mixed::taken_out(&staged);
                let value = finish(mixed.take_in(operands, rest, add_up(total, &chunk[..count]), term));
                return mixed.record(op, bias, value);
            }
            chunk[count] = term(operands.map(|v| v.value));
            count += 1;
            next = rest.next();
        }
        total = add_up(total, &chunk);
    }
}

/// Record a dot product whose first pair has a constant in it: the constants are kept as data, as long
/// as every pair has one.
#[inline(always)]
#[track_caller]
pub(super) fn record_weighted(
    first: [Var; 2],
    mut rest: impl Iterator<Item = [Var; 2]>,
    bias: Option<Var>,
    finish: impl FnOnce(f64) -> f64,
) -> Var {
    let op = if bias.is_some() { Op::AffineData } else { Op::Linear };
    let mut staged = Staged::new(if first[0].tag == CONSTANT { first[1] } else { first[0] });
    let mut chunk = [0.0; CHUNK];
    let mut total = -0.0;
    let mut next = Some(first);
    loop {
        let mut count = 0;
        while count < CHUNK {
            let Some([x, y]) = next else {
                let value = finish(add_up(total, &chunk[..count]));
                return match staged.write_weighted(op, bias, value) {
                    Some(tag) => Var { value, tag },
                    None => Mixed::pairs_taken_out(&staged).record_pairs(bias, value),
                };
            };
            let (operand, constant) = if y.tag == CONSTANT { (x, y) } else { (y, x) };
            let is_pushed = constant.tag == CONSTANT
                && staged.push([operand]).is_some()
                && staged.push_data(constant.value).is_some();
            if !is_pushed {
                let mut mixed = Mixed::pairs_taken_out(&staged);
                let product = |[x, y]: [f64; 2]| x * y;
                let value = finish(mixed.take_in([x, y], rest, add_up(total, &chunk[..count]), product));
                return mixed.record_pairs(bias, value);
            }
            chunk[count] = x.value * y.value;
            count += 1;
            next = rest.next();
        }
        total = add_up(total, &chunk);
    }
}

#[inline(always)]
fn add_up(total: f64, terms: &[f64]) -> f64 {
    terms.iter().fold(total, |total, term| total + term)
}

/// The operands of one node to be, staged in the active recording.
struct Staged {
    /// Where its columns ended when the gathering began.
    start: Ends,
    /// Where they end now, if nobody else touched the pools.
    now: Ends,
    /// An operand that tells which recording it was.
    witness: Var,
}

impl Staged {
    #[inline(always)]
    fn new(witness: Var) -> Staged {
        let start = store::ends();
        Staged { start, now: start, witness }
    }

    /// Stage operands that are nodes of the active recording's newest segment. `None` for a constant, a
    /// node of elsewhere, or if the pools were touched.
    #[inline(always)]
    fn push<const W: usize>(&mut self, operands: [Var; W]) -> Option<()> {
        let nodes = operands.map(|v| v.tag.wrapping_sub(self.now.base));
        if nodes.iter().any(|&node| node >= self.now.nodes) {
            // Recorded since, by the iterator? Then the recording has grown and counts as before.
            let ends = store::ends();
            if ends.base != self.now.base || nodes.iter().any(|&node| node >= ends.nodes) {
                return None;
            }
            self.now.nodes = ends.nodes;
        }
        let nodes = nodes.map(|node| node as u32);
        if self.now.stage(nodes).is_some() {
            return Some(());
        }
        self.now.make_room()?;
        self.now.stage(nodes)
    }

    #[inline(always)]
    fn push_data(&mut self, constant: f64) -> Option<()> {
        if self.now.stage_data(constant).is_some() {
            return Some(());
        }
        self.now.make_room()?;
        self.now.stage_data(constant)
    }

    /// Write the node of terms of `width` operands.
    #[inline(always)]
    fn write(&mut self, op: Op, width: usize, bias: Option<Var>, value: f64) -> Option<u64> {
        let terms = (self.now.pool - self.start.pool) / width;
        self.now.write(op, self.start.pool, terms, bias, value)
    }

    /// Write the node of terms with data.
    #[inline(always)]
    fn write_weighted(&mut self, op: Op, bias: Option<Var>, value: f64) -> Option<u64> {
        let terms = self.now.pool - self.start.pool;
        self.now.stage([self.start.data as u32])?;
        self.now.write(op, self.start.pool, terms, bias, value)
    }
}

thread_local! {
    /// The memory of the last [`Mixed`], kept for the next.
    static KEPT: Cell<Vec<Var>> = const { Cell::new(Vec::new()) };
}

/// Operands that could not be staged, one after the other.
struct Mixed(Vec<Var>);

impl Drop for Mixed {
    fn drop(&mut self) {
        self.0.clear();
        KEPT.set(std::mem::take(&mut self.0));
    }
}

impl Mixed {
    /// Take the staged operands out of the pool.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn taken_out(staged: &Staged) -> Mixed {
        let mut mixed = Mixed(KEPT.take());
        let Staged { start, now, witness } = staged;
        if now.pool > start.pool {
            match recording::find(witness.tag) {
                Some((home, _)) if home.store.base() == start.base => {
                    let staged = (start.pool..now.pool).filter_map(|i| home.store.pool.get(i));
                    let tag = |node| start.base + u64::from(node);
                    mixed.0.extend(staged.map(|node| Var { value: f64::NAN, tag: tag(node) }));
                }
                // Cleared, rewound or dropped by the iterator itself.
                _ => misuse::lost(witness.tag),
            }
        }
        mixed
    }

    /// Take the staged operands and their constants out of the pools, in pairs.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn pairs_taken_out(staged: &Staged) -> Mixed {
        let operands = Mixed::taken_out(staged);
        let mut pairs = Mixed(Vec::new());
        if let Some((home, _)) = recording::find(staged.witness.tag) {
            let constants = (staged.start.data..staged.now.data).filter_map(|i| home.store.data.get(i));
            let both = operands.0.iter().zip(constants);
            pairs.0.extend(both.flat_map(|(&x, c)| [x, Var::constant(c)]));
        }
        pairs
    }

    /// Take in the rest of the terms and add them to the total.
    #[cold]
    fn take_in<const W: usize>(
        &mut self,
        next: [Var; W],
        rest: impl Iterator<Item = [Var; W]>,
        total: f64,
        term: impl Fn([f64; W]) -> f64,
    ) -> f64 {
        std::iter::once(next).chain(rest).fold(total, |total, operands| {
            self.0.extend(operands);
            total + term(operands.map(|v| v.value))
        })
    }

    /// Record a dot product, with the constants as data if every pair has one.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn record_pairs(&self, bias: Option<Var>, value: f64) -> Var {
        let is_constant = |v: &Var| v.tag == CONSTANT;
        let pairs = self.0.as_chunks::<2>().0;
        if !pairs.iter().all(|pair| pair.iter().any(is_constant)) {
            return self.record(if bias.is_some() { Op::Affine } else { Op::Dot }, bias, value);
        }
        let op = if bias.is_some() { Op::AffineData } else { Op::Linear };
        let split = |[x, y]: &[Var; 2]| if is_constant(y) { (*x, y.value) } else { (*y, x.value) };
        let (operands, data): (Vec<Var>, Vec<f64>) = pairs.iter().map(split).unzip();
        write(op, &operands, Some(&data), bias, value)
    }

    /// Record the node; constants become nodes of their own.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn record(&self, op: Op, bias: Option<Var>, value: f64) -> Var {
        write(op, &self.0, None, bias, value)
    }
}

/// Write an n-ary node the long way.
#[track_caller]
fn write(op: Op, operands: &[Var], data: Option<&[f64]>, bias: Option<Var>, value: f64) -> Var {
    let tags = || operands.iter().chain(&bias).map(|v| v.tag);
    if tags().all(|tag| tag == CONSTANT) {
        return Var::constant(value);
    }
    let recording = record::common_recording(tags());
    let node = |v: &Var| record::operand(&recording, v.tag, v.value);
    let at = recording.push_pool(operands.iter().map(node));
    if let Some(data) = data {
        let data_at = recording.push_data(data.iter().copied());
        recording.push_pool([data_at]);
    }
    if let Some(bias) = &bias {
        recording.push_pool([node(bias)]);
    }
    let width = if matches!(op, Op::Dot | Op::Affine) { 2 } else { 1 };
    Var { value, tag: recording.push(op, at, (operands.len() / width) as u32, value) }
}
