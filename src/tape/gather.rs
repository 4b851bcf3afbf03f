//! From an iterator of operands to one n-ary node, without a vector in between.
//!
//! ```text
//! total = -0                                   which changes no first term, not even -0
//! for each chunk of four terms from the iterator:
//!     look up the node of each operand, compute each term
//!     total = total + term, from left to right
//!     stage the chunk: append its nodes to the pool, where the n-ary node will have its operands
//! append the last, partial chunk and write the node
//!
//! if a step fails:
//!     copy what is staged into a vector, append the rest of the operands, add the rest of the terms
//!     write the node on the slow path (what was staged stays in the pool and belongs to no node)
//! ```
//!
//! A step fails
//!
//! - if an operand is a constant or a node of another recording;
//! - if the iterator itself has recorded an n-ary node or made another recording active: then the pool does not
//!   end with what is staged. Single nodes do no harm, only the end of the node columns is read again
//!   ([`Ends::refresh`]);
//! - if the fast path is closed. (If the pool is full it grows, and the step is tried again.)
//!
//! If the iterator has cleared or rewound the recording, what was staged is gone and the operands are stale: a
//! panic ([`Staged::home`]).
//!
//! Terms with data, `x · c`, have their constants staged in the data column in the same way. Such a node is begun
//! if the first pair has a constant; a pair without one is a step that fails.
//!
//! In a pair of a variable and a constant the variable is the first operand, whichever way it is recorded: staged
//! pairs do not remember where their constant stood.
//!
//! Terms are computed in one loop and added in the next: in a loop with so many exits the compiler keeps the
//! running total in memory, and every addition would wait for the store before it.

use super::live;
use super::recording::Recording;
use super::serial::CONSTANT;
use super::store::{self, Ends};
use super::var::Var;
use super::{misuse, record};
use crate::op::Op;
use std::cell::RefCell;
use std::rc::Rc;

/// How many operands a vector may have room for to be kept: one megabyte.
const MAX_REUSED: usize = 1 << 16;

/// How many terms are looked up before they are staged and added.
const CHUNK: usize = 4;

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
    let (mut nodes, mut terms) = ([[0; W]; CHUNK], [0.0; CHUNK]);
    let mut total = -0.0;
    let mut next = Some(first);
    loop {
        let mut count = 0;
        while count < CHUNK {
            let Some(operands) = next else {
                let value = finish(add_up(total, &terms[..count]));
                return match staged.write(op, &nodes[..count], bias, value) {
                    Some(tag) => Var { value, tag },
                    None => Gathered::unstage(staged, &nodes[..count]).record(op, bias, value),
                };
            };
            let Some(found) = staged.look_up(operands) else {
                let mut gathered = Gathered::unstage(staged, &nodes[..count]);
                let total = add_up(total, &terms[..count]);
                let value = finish(gathered.extend(Some(operands), rest, total, term));
                return gathered.record(op, bias, value);
            };
            nodes[count] = found;
            terms[count] = term(operands.map(|v| v.value));
            count += 1;
            next = rest.next();
        }
        total = add_up(total, &terms);
        if staged.stage(&nodes).is_none() {
            let mut gathered = Gathered::unstage(staged, &nodes);
            let value = finish(gathered.extend(next, rest, total, term));
            return gathered.record(op, bias, value);
        }
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
    let product = |[x, y]: [f64; 2]| x * y;
    let mut staged = Staged::new(if first[0].tag == CONSTANT { first[1] } else { first[0] });
    let (mut nodes, mut data) = ([[0]; CHUNK], [0.0; CHUNK]);
    let mut terms = [0.0; CHUNK];
    let mut total = -0.0;
    let mut next = Some(first);
    loop {
        let mut count = 0;
        while count < CHUNK {
            let chunk = (&nodes[..count], &data[..count]);
            let Some([x, y]) = next else {
                let value = finish(add_up(total, &terms[..count]));
                return match staged.write_weighted(op, chunk, bias, value) {
                    Some(tag) => Var { value, tag },
                    None => Gathered::unstage_pairs(staged, chunk).record_pairs(bias, value),
                };
            };
            let (operand, constant) = if y.tag == CONSTANT { (x, y) } else { (y, x) };
            let Some(found) = staged.look_up([operand]).filter(|_| constant.tag == CONSTANT) else {
                let mut gathered = Gathered::unstage_pairs(staged, chunk);
                let total = add_up(total, &terms[..count]);
                let value = finish(gathered.extend(next, rest, total, product));
                return gathered.record_pairs(bias, value);
            };
            nodes[count] = found;
            data[count] = constant.value;
            terms[count] = x.value * y.value;
            count += 1;
            next = rest.next();
        }
        total = add_up(total, &terms);
        if staged.stage_weighted(&nodes, &data).is_none() {
            let mut gathered = Gathered::unstage_pairs(staged, (&nodes, &data));
            let value = finish(gathered.extend(next, rest, total, product));
            return gathered.record_pairs(bias, value);
        }
    }
}

#[inline(always)]
fn add_up(total: f64, terms: &[f64]) -> f64 {
    terms.iter().fold(total, |total, term| total + term)
}

/// The operands of a node that is not written yet, staged in the active recording.
///
/// Passed by value: a reference to it would force it into memory.
#[derive(Clone, Copy)]
struct Staged {
    /// Where the pools ended when the gathering began.
    pool: usize,
    data: usize,
    /// Where they end with what was staged, if nothing else was appended.
    now: Ends,
    /// The first segment, once an operand was looked for there: what its tags count from, its length.
    first: (u64, usize),
    /// The tag of an operand, which tells the recording.
    witness: u64,
}

impl Staged {
    /// The recording that the operands are nodes of; `None` if it was cleared or rewound and nothing is staged.
    ///
    /// # Panics
    /// If it was cleared or rewound, and what was staged is gone.
    #[track_caller]
    fn home(&self) -> Option<Rc<Recording>> {
        let home = live::find(self.witness).map(|(home, _)| home);
        let home = home.filter(|home| home.store.base() == self.now.base);
        if home.is_none() && self.now.pool > self.pool {
            misuse::stale(self.witness);
        }
        home
    }

    /// What is staged in the pool.
    fn nodes(&self, home: Option<&Recording>) -> impl Iterator<Item = u32> {
        (self.pool..self.now.pool).filter_map(move |i| home?.store.pool.get(i))
    }

    /// What is staged in the data.
    fn constants(&self, home: Option<&Recording>) -> impl Iterator<Item = f64> {
        (self.data..self.now.data).filter_map(move |i| home?.store.data.get(i))
    }

    /// The variable of a node that was found. If it did not survive what the iterator did since, that
    /// is noticed when it is looked up.
    fn variable(&self, node: u32) -> Var {
        let (first_base, first_len) = self.first;
        let base = if (node as usize) < first_len { first_base } else { self.now.base };
        Var { value: f64::NAN, tag: base + u64::from(node) }
    }

    #[inline(always)]
    fn new(witness: Var) -> Staged {
        let now = store::ends();
        Staged { pool: now.pool, data: now.data, now, first: (0, 0), witness: witness.tag }
    }

    /// Look up operands that are nodes of the active recording. `None` for a constant or a node of another
    /// recording.
    #[inline(always)]
    fn look_up<const W: usize>(&mut self, operands: [Var; W]) -> Option<[u32; W]> {
        let nodes = operands.map(|v| v.tag.wrapping_sub(self.now.base));
        if nodes.iter().any(|&node| node >= self.now.nodes) {
            let (now, first, nodes) = self.now.refresh(operands.map(|v| v.tag))?;
            (self.now, self.first) = (now, first);
            return Some(nodes);
        }
        Some(nodes.map(|node| node as u32))
    }

    /// Stage a chunk. `None`, with nothing staged, if the pools were touched or the fast path is closed.
    #[inline(always)]
    fn stage<const W: usize>(&mut self, nodes: &[[u32; W]; CHUNK]) -> Option<()> {
        if self.now.stage(*nodes).is_some() {
            return Some(());
        }
        self.now.make_room()?;
        self.now.stage(*nodes)
    }

    #[inline(always)]
    fn stage_weighted(&mut self, nodes: &[[u32; 1]; CHUNK], data: &[f64; CHUNK]) -> Option<()> {
        if self.now.stage_data(*data).is_none() {
            self.now.make_room()?;
            self.now.stage_data(*data)?;
        }
        let staged = self.stage(nodes);
        if staged.is_none() {
            // The data without their nodes are not part of what is staged.
            self.now.data -= CHUNK;
        }
        staged
    }

    /// Write the node, with the last of its terms.
    #[inline(always)]
    fn write<const W: usize>(
        &self,
        op: Op,
        last: &[[u32; W]],
        bias: Option<Var>,
        value: f64,
    ) -> Option<u64> {
        let at = self.pool;
        match self.now.write(op, at, last, bias.map(|b| b.tag), value) {
            None => self
                .now
                .make_room()
                .and_then(|()| self.now.write(op, at, last, bias.map(|b| b.tag), value)),
            tag => tag,
        }
    }

    /// Write the node of terms with data, with the last of them.
    #[inline(always)]
    fn write_weighted(
        &self,
        op: Op,
        last: (&[[u32; 1]], &[f64]),
        bias: Option<Var>,
        value: f64,
    ) -> Option<u64> {
        let at = (self.pool, self.data);
        match self.now.write_weighted(op, at, last, bias.map(|b| b.tag), value) {
            None => self
                .now
                .make_room()
                .and_then(|()| self.now.write_weighted(op, at, last, bias.map(|b| b.tag), value)),
            tag => tag,
        }
    }
}

thread_local! {
    /// The memory of vectors that are no longer in use, kept for the next.
    static REUSED: RefCell<Vec<Vec<Var>>> = const { RefCell::new(Vec::new()) };
}

/// Give back the memory of kept vectors.
pub(crate) fn release_vectors() {
    let _ = REUSED.try_with(|kept| kept.take());
}

/// A vector of operands whose memory the thread keeps.
pub(super) struct ReusedVec(pub Vec<Var>);

impl ReusedVec {
    pub fn new() -> ReusedVec {
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

/// Operands that could not be staged, one after the other.
struct Gathered(ReusedVec);

impl Gathered {
    /// Take the staged operands out of the pool, and those of a chunk that was not staged.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn unstage<const W: usize>(staged: Staged, last: &[[u32; W]]) -> Gathered {
        let mut operands = ReusedVec::new();
        let home = staged.home();
        let nodes = staged.nodes(home.as_deref()).chain(last.as_flattened().iter().copied());
        operands.0.extend(nodes.map(|node| staged.variable(node)));
        Gathered(operands)
    }

    /// Take the staged operands and their constants out of the pools, in pairs, and those of a chunk.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn unstage_pairs(staged: Staged, (nodes, data): (&[[u32; 1]], &[f64])) -> Gathered {
        let mut pairs = ReusedVec::new();
        let home = staged.home();
        let nodes = staged.nodes(home.as_deref()).chain(nodes.as_flattened().iter().copied());
        let constants = staged.constants(home.as_deref()).chain(data.iter().copied());
        let operands = nodes.map(|node| staged.variable(node));
        pairs.0.extend(operands.zip(constants).flat_map(|(x, c)| [x, Var::constant(c)]));
        Gathered(pairs)
    }

    /// Take in the rest of the terms and add them to the total.
    #[cold]
    fn extend<const W: usize>(
        &mut self,
        next: Option<[Var; W]>,
        rest: impl Iterator<Item = [Var; W]>,
        total: f64,
        term: impl Fn([f64; W]) -> f64,
    ) -> f64 {
        // An iterator that has returned `None` is not called again: it may not be fused.
        let rest = next.is_some().then_some(rest).into_iter().flatten();
        next.into_iter().chain(rest).fold(total, |total, operands| {
            let term = term(operands.map(|v| v.value));
            let mut operands = operands;
            if let [x, y] = &mut operands[..]
                && (x.tag == CONSTANT && y.tag != CONSTANT)
            {
                std::mem::swap(x, y);
            }
            self.0.0.extend(operands);
            total + term
        })
    }

    /// Record the node; constants become nodes of their own.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn record(&mut self, op: Op, bias: Option<Var>, value: f64) -> Var {
        if op.terms().operands == 2 {
            // A constant factor 0 lets no derivative through, which `x * 0` knows and a pair does not.
            for [x, y] in self.0.0.as_chunks_mut::<2>().0 {
                if x.tag == CONSTANT || y.tag != CONSTANT || y.value != 0.0 {
                    continue;
                }
                // What was staged has lost its value; what is stale is told when the node is written.
                if let Some((home, i)) = live::find(x.tag) {
                    let value = home.read(|nodes| nodes.values[i as usize]);
                    (*x, *y) = (Var { value, ..*x } * y.value, Var::constant(1.0));
                }
            }
        }
        write(op, &self.0.0, None::<[f64; 0]>, bias, value)
    }

    /// Record a dot product, with the constants as data if every pair has one.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn record_pairs(&mut self, bias: Option<Var>, value: f64) -> Var {
        let pairs = self.0.0.as_chunks::<2>().0;
        if !pairs.iter().all(|[x, y]| x.tag == CONSTANT || y.tag == CONSTANT) {
            return self.record(if bias.is_some() { Op::Affine } else { Op::Dot }, bias, value);
        }
        let op = if bias.is_some() { Op::AffineData } else { Op::Linear };
        // Of two constants the first is the operand.
        let operands = pairs.iter().map(|[x, y]| if y.tag == CONSTANT { x } else { y });
        let data = pairs.iter().map(|[x, y]| if y.tag == CONSTANT { y.value } else { x.value });
        write(op, operands, Some(data), bias, value)
    }
}

/// Write an n-ary node on the slow path.
#[track_caller]
fn write<'a>(
    op: Op,
    operands: impl IntoIterator<Item = &'a Var> + Clone,
    data: Option<impl IntoIterator<Item = f64>>,
    bias: Option<Var>,
    value: f64,
) -> Var {
    let tags = || operands.clone().into_iter().map(|v| v.tag).chain(bias.map(|v| v.tag));
    if tags().all(|tag| tag == CONSTANT) {
        return Var::constant(value);
    }
    let recording = record::common_recording(tags());
    record::assert_room(&recording, tags, 1, 1);
    // A loop and not a closure, because a closure is not `#[track_caller]`: a constant becomes a node here.
    let at = recording.push_pool([]);
    let mut count = 0;
    for v in operands {
        recording.push_pool([record::operand(&recording, v.tag, v.value)]);
        count += 1;
    }
    if let Some(bias) = &bias {
        recording.push_pool([record::operand(&recording, bias.tag, bias.value)]);
    }
    if let Some(data) = data {
        let data_at = recording.push_data(data);
        recording.push_pool([data_at]);
    }
    Var { value, tag: recording.push(op, at, count, value) }
}
