//! From an iterator of operands to one n-ary node.
//!
//! Operands cannot go to the pool at once: the iterator they come from may itself record. They wait in a
//! small array on the stack, and what does not fit there in a vector that the thread keeps, so that
//! nothing is allocated once that is large enough.
//!
//! The terms of the value are computed in one loop and added in the next, a few at a time: in a loop
//! with so many ways out the running total is kept in memory, and every addition waits for the store
//! before it.

use super::serial::CONSTANT;
use super::{Var, record, store};
use crate::op::Op;
use smallvec::SmallVec;
use std::cell::Cell;

/// How many terms wait on the stack.
const CHUNK: usize = 16;

/// Nodes that did not fit on the stack.
struct Before(Vec<u32>);

/// Constants that did not fit on the stack.
struct DataBefore(Vec<f64>);

thread_local! {
    static KEPT: Cell<Vec<u32>> = const { Cell::new(Vec::new()) };
    static KEPT_DATA: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
}

macro_rules! kept_by_the_thread {
    ($($Buffer:ident $T:ty, $KEPT:ident;)*) => {$(
        impl $Buffer {
            #[cold]
            #[inline(never)]
            fn extend(&mut self, items: &[$T]) {
                if self.0.capacity() == 0 {
                    self.0 = $KEPT.take();
                }
                self.0.extend_from_slice(items);
            }
        }

        impl Drop for $Buffer {
            #[inline(always)]
            fn drop(&mut self) {
                if self.0.capacity() > 0 {
                    self.0.clear();
                    $KEPT.set(std::mem::take(&mut self.0));
                }
            }
        }
    )*};
}

kept_by_the_thread! { Before u32, KEPT; DataBefore f64, KEPT_DATA; }

/// The nodes of the active recording that operands are looked up in.
struct Lookup {
    base: u64,
    len: u64,
}

impl Lookup {
    #[inline(always)]
    fn new() -> Lookup {
        let (base, len) = store::active_nodes();
        Lookup { base, len }
    }

    #[inline(always)]
    fn nodes<const W: usize>(&mut self, operands: [Var; W]) -> Option<[u32; W]> {
        let nodes = operands.map(|v| v.tag.wrapping_sub(self.base));
        if nodes.iter().any(|&node| node >= self.len) {
            // Recorded since, by the iterator? Then the recording has grown and counts as before.
            let (base, len) = store::active_nodes();
            if base != self.base || nodes.iter().any(|&node| node >= len) {
                return None;
            }
            self.len = len;
        }
        Some(nodes.map(|node| node as u32))
    }

    fn variable(&self, node: u32) -> Var {
        Var { value: f64::NAN, tag: self.base + u64::from(node) }
    }
}

/// Record `op` over the terms. Its value is what `finish` makes of the sum of `term`, added from left
/// to right.
#[inline(always)]
#[track_caller]
pub(super) fn record<const W: usize>(
    op: Op,
    mut terms: impl Iterator<Item = [Var; W]>,
    bias: Option<Var>,
    term: impl Fn([f64; W]) -> f64,
    finish: impl FnOnce(f64) -> f64,
) -> Var {
    let mut lookup = Lookup::new();
    let (mut last, mut last_terms) = ([[0; W]; CHUNK], [0.0; CHUNK]);
    let mut before = Before(Vec::new());
    let mut total = -0.0;
    loop {
        let mut count = 0;
        while count < CHUNK {
            let Some(operands) = terms.next() else {
                let nodes = [&before.0, last[..count].as_flattened()];
                let value = finish(add_up(total, &last_terms[..count]));
                if let Some(tag) = store::nary(op, nodes, lookup.base, [&[]; 2], bias, value) {
                    return Var { value, tag };
                }
                return Mixed::<W>::gathered(&lookup, nodes).record(op, bias, value);
            };
            let Some(nodes) = lookup.nodes(operands) else {
                let nodes = [&before.0, last[..count].as_flattened()];
                let mut mixed = Mixed::gathered(&lookup, nodes);
                total = add_up(total, &last_terms[..count]);
                let value = finish(mixed.take_in(operands, terms, total, term));
                return mixed.record(op, bias, value);
            };
            last[count] = nodes;
            last_terms[count] = term(operands.map(|v| v.value));
            count += 1;
        }
        total = add_up(total, &last_terms);
        before.extend(last.as_flattened());
    }
}

#[inline(always)]
fn add_up(total: f64, terms: &[f64]) -> f64 {
    terms.iter().fold(total, |total, term| total + term)
}

/// Record a dot product whose first pair has a constant in it: the constants are kept as data, as long
/// as every pair has one.
#[inline(always)]
#[track_caller]
pub(super) fn record_weighted(
    first: [Var; 2],
    mut pairs: impl Iterator<Item = [Var; 2]>,
    bias: Option<Var>,
    finish: impl FnOnce(f64) -> f64,
) -> Var {
    let op = if bias.is_some() { Op::AffineData } else { Op::Linear };
    let mut lookup = Lookup::new();
    let (mut last, mut last_data, mut last_terms) = ([0; CHUNK], [0.0; CHUNK], [0.0; CHUNK]);
    let (mut before, mut data_before) = (Before(Vec::new()), DataBefore(Vec::new()));
    let mut total = -0.0;
    let mut next = Some(first);
    loop {
        let mut count = 0;
        while count < CHUNK {
            let nodes = [before.0.as_slice(), &last[..count]];
            let data = [data_before.0.as_slice(), &last_data[..count]];
            let Some([x, y]) = next else {
                let value = finish(add_up(total, &last_terms[..count]));
                if let Some(tag) = store::nary(op, nodes, lookup.base, data, bias, value) {
                    return Var { value, tag };
                }
                return Mixed::weighted(&lookup, nodes, data).record_pairs(bias, value);
            };
            let (operand, constant) = if y.tag == CONSTANT { (x, y) } else { (y, x) };
            let Some([node]) = lookup.nodes([operand]).filter(|_| constant.tag == CONSTANT) else {
                let mut mixed = Mixed::weighted(&lookup, nodes, data);
                total = add_up(total, &last_terms[..count]);
                let value = finish(mixed.take_in([x, y], pairs, total, |[x, y]| x * y));
                return mixed.record_pairs(bias, value);
            };
            last[count] = node;
            last_data[count] = constant.value;
            last_terms[count] = x.value * y.value;
            count += 1;
            next = pairs.next();
        }
        total = add_up(total, &last_terms);
        before.extend(&last);
        data_before.extend(&last_data);
    }
}

/// Terms with constants or nodes of elsewhere among them.
struct Mixed<const W: usize>(SmallVec<[[Var; W]; CHUNK]>);

impl<const W: usize> Mixed<W> {
    #[cold]
    fn gathered(lookup: &Lookup, nodes: [&[u32]; 2]) -> Mixed<W> {
        let terms = nodes.into_iter().flat_map(|run| run.as_chunks::<W>().0);
        Mixed(terms.map(|term| term.map(|node| lookup.variable(node))).collect())
    }

    /// Take in the rest of the terms and add them to the total.
    #[cold]
    fn take_in(
        &mut self,
        next: [Var; W],
        rest: impl Iterator<Item = [Var; W]>,
        total: f64,
        term: impl Fn([f64; W]) -> f64,
    ) -> f64 {
        std::iter::once(next).chain(rest).fold(total, |total, operands| {
            self.0.push(operands);
            total + term(operands.map(|v| v.value))
        })
    }

    /// Record the node; constants become nodes of their own.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn record(&self, op: Op, bias: Option<Var>, value: f64) -> Var {
        let operands = || self.0.as_flattened().iter().chain(&bias);
        write(op, operands().copied().collect(), &[], bias.is_some(), value)
    }
}

impl Mixed<2> {
    #[cold]
    fn weighted(lookup: &Lookup, nodes: [&[u32]; 2], data: [&[f64]; 2]) -> Mixed<2> {
        let nodes = nodes.into_iter().flatten().map(|&node| lookup.variable(node));
        let constants = data.into_iter().flatten().map(|&c| Var::constant(c));
        Mixed(nodes.zip(constants).map(|(x, c)| [x, c]).collect())
    }

    /// Record a dot product, with the constants as data if every pair has one.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn record_pairs(&self, bias: Option<Var>, value: f64) -> Var {
        let is_constant = |v: &Var| v.tag == CONSTANT;
        if !self.0.iter().all(|pair| pair.iter().any(is_constant)) {
            let op = if bias.is_some() { Op::Affine } else { Op::Dot };
            return self.record(op, bias, value);
        }
        let op = if bias.is_some() { Op::AffineData } else { Op::Linear };
        let (operands, data): (SmallVec<[Var; CHUNK]>, SmallVec<[f64; CHUNK]>) = self
            .0
            .iter()
            .map(|&[x, y]| if is_constant(&y) { (x, y.value) } else { (y, x.value) })
            .unzip();
        write(op, operands.into_iter().chain(bias).collect(), &data, bias.is_some(), value)
    }
}

/// Write an n-ary node the long way. A bias is the last of the operands.
#[track_caller]
fn write(op: Op, operands: SmallVec<[Var; CHUNK]>, data: &[f64], has_bias: bool, value: f64) -> Var {
    let tags: SmallVec<[u64; CHUNK]> = operands.iter().map(|v| v.tag).collect();
    if tags.iter().all(|&tag| tag == CONSTANT) {
        return Var::constant(value);
    }
    let recording = record::common_recording(&tags);
    let mut nodes: SmallVec<[u32; CHUNK]> =
        operands.iter().map(|v| record::operand(&recording, v.tag, v.value)).collect();
    let bias = if has_bias { nodes.pop() } else { None };
    let keeps_data = matches!(op, Op::Linear | Op::AffineData);
    let data_at = keeps_data.then(|| recording.push_data(data.iter().copied()));
    let at = recording.push_pool(nodes.iter().copied().chain(data_at).chain(bias));
    Var { value, tag: recording.push(op, at, store::term_count(op, nodes.len()), value) }
}
