//! [`Sums`]: what chunks of rows have computed, added up in one fixed tree, on one rank or on many.
//!
//! ```text
//! tree(c₁)         = c₁
//! tree(c₁ ... cₙ) = tree(c₁ ... cₚ) + tree(cₚ₊₁ ... cₙ), where p is the largest power of two below n
//! ```
//!
//! A node of level `k` is `2ᵏ` chunks from a multiple of `2ᵏ` on, or what there is of them. The nodes are added as chunks
//! are finished, in any order and by any thread:
//!
//! ```text
//! finished(node, sum):
//!     while the node has no sibling to its right: node = its parent
//!     if its sibling's sum waits: finished(parent, left sum + right sum)
//!     else: the sum waits
//! ```
//!
//! Chunks are begun in their order, so what waits are a few runs of them: one sum a level and thread, not one a chunk.
//!
//! On several ranks a node is that of the rank which has its left-most chunk. After the above, every rank:
//!
//! ```text
//! for each node that begins in its share, and is the right child of another rank's node, from left to right:
//!     send sum_of(node) to that rank
//! sum_of(node) = what waits there
//!             or sum_of(left child) + (sum_of(right child), received if that begins in another share)
//! rank 0: total = sum_of(root); broadcast it
//! ```
//!
//! These are the same additions for every number of ranks, so the bits are the same. All messages are in the order in
//! which a walk over the tree leaves its nodes, on every rank: no two ranks wait for each other. Every message
//! takes along a note of what has failed, so that this costs no message of its own.

use super::chunks::Shares;
use crate::ranks::{Communicator, RankError, broadcast};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What has failed on some rank: the one with the smallest first number is kept. Then what a sum was computed from, in
/// two numbers of 32 bits.
pub(super) type Note = [f64; 6];
/// The first number of a note that nothing has failed.
pub(super) const FINE: f64 = f64::INFINITY;
/// The first number of a note that ranks have not computed from the same.
pub(super) const UNLIKE: f64 = -1.0;
/// The first number of a note that this rank has not computed from what the others have; it has no chunks, so they do
/// not know.
pub(super) const UNLIKE_HERE: f64 = -2.0;
/// How many numbers a note has.
const NOTE: usize = 6;

/// The sums of nodes that wait for their siblings, and memory for more.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    chunks: usize,
    /// How many numbers a sum has.
    width: usize,
    waiting: Vec<(Node, Vec<f64>)>,
    free: Vec<Vec<f64>>,
    total: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Node {
    level: u32,
    index: usize,
}

impl Node {
    fn of_chunk(chunk: usize) -> Node {
        Node { level: 0, index: chunk }
    }

    fn first_chunk(self) -> usize {
        self.index << self.level
    }

    fn sibling(self) -> Node {
        Node { index: self.index ^ 1, ..self }
    }

    fn parent(self) -> Node {
        Node { level: self.level + 1, index: self.index / 2 }
    }

    fn children(self) -> [Node; 2] {
        let left = Node { level: self.level - 1, index: 2 * self.index };
        [left, left.sibling()]
    }
}

impl Sums {
    /// Begin anew, for so many chunks with so many numbers each.
    pub fn begin(&mut self, chunks: usize, width: usize) {
        (self.chunks, self.width) = (chunks, width);
        self.free.extend(self.waiting.drain(..).map(|(_, sum)| sum));
        self.free.push(std::mem::take(&mut self.total));
    }

    /// Take memory for the only sum there is.
    pub fn only(&mut self, width: usize) -> &mut [f64] {
        self.total.resize(width, 0.0);
        &mut self.total
    }

    /// Take memory for one sum, and for the note that a message has behind it. The largest there is, so that what has
    /// grown once need not grow again.
    pub fn room(&mut self) -> Vec<f64> {
        let largest = (0..self.free.len()).max_by_key(|&i| self.free[i].capacity());
        let mut room = largest.map(|i| self.free.swap_remove(i)).unwrap_or_default();
        room.resize(self.width + NOTE, 0.0);
        room
    }

    /// Give memory back.
    pub fn give_back(&mut self, room: Vec<f64>) {
        self.free.push(room);
    }

    /// Take up what a chunk adds up to, and add what goes with it.
    pub fn finish(sums: &Mutex<&mut Sums>, chunk: usize, mut sum: Vec<f64>) {
        let mut node = Node::of_chunk(chunk);
        loop {
            // Not locked while numbers are added.
            let Some((parent, [mut left, right])) = locked(sums).meet(node, sum) else { return };
            let width = left.len() - NOTE;
            add(&mut left[..width], &right);
            locked(sums).give_back(right);
            (node, sum) = (parent, left);
        }
    }

    /// Let a sum wait for its sibling; if that has waited for it, return both and their parent.
    fn meet(&mut self, mut node: Node, sum: Vec<f64>) -> Option<(Node, [Vec<f64>; 2])> {
        while !self.is_root(node) && self.is_alone(node) {
            node = node.parent();
        }
        let sibling = self.waiting.iter().position(|(waiting, _)| *waiting == node.sibling());
        let Some(at) = sibling.filter(|_| !self.is_root(node)) else {
            self.waiting.push((node, sum));
            return None;
        };
        let (_, other) = self.waiting.swap_remove(at);
        let pair = if node.index.is_multiple_of(2) { [sum, other] } else { [other, sum] };
        Some((node.parent(), pair))
    }

    fn is_root(&self, node: Node) -> bool {
        node.index == 0 && self.chunks <= 1 << node.level
    }

    /// Whether it has no sibling, which would be to its right.
    fn is_alone(&self, node: Node) -> bool {
        node.index.is_multiple_of(2) && node.sibling().first_chunk() >= self.chunks
    }

    /// Add up what all ranks have, and return it on all of them, or the first of their notes.
    pub fn total(
        &mut self,
        shares: &Shares,
        comm: &dyn Communicator,
        note: Note,
    ) -> Result<Result<&[f64], Note>, RankError> {
        let rank = comm.rank();
        let is_alone = comm.size() == 1;
        if is_alone && note[0] < FINE {
            return Ok(Err(note));
        }
        let own = note;
        let mut over = OverRanks { sums: self, shares, comm, note };
        let mut sum = match rank {
            0 => {
                let levels = shares.chunks.next_power_of_two().ilog2();
                over.sum_of(Node { level: levels, index: 0 })?
            }
            _ => over.sums.room(),
        };
        if rank > 0 {
            over.send_branches()?;
        }
        let (width, note) = (over.sums.width, over.note);
        sum[width..].copy_from_slice(&note);
        if !is_alone {
            broadcast(comm, &mut sum, 0)?;
        }
        self.total = sum;
        let (total, of_all) = self.total.split_at(width);
        let mut note = own;
        note.copy_from_slice(of_all);
        if note[0] != UNLIKE && note[4..] != own[4..] {
            note[0] = UNLIKE_HERE;
        }
        Ok(if note[0] < FINE { Err(note) } else { Ok(total) })
    }
}

/// The part of the tree that is added up by messages.
struct OverRanks<'a> {
    sums: &'a mut Sums,
    shares: &'a Shares,
    comm: &'a dyn Communicator,
    /// What is known to have failed.
    note: Note,
}

impl OverRanks<'_> {
    /// Send the nodes that begin in this rank's share and whose parents begin before it.
    fn send_branches(&mut self) -> Result<(), RankError> {
        let own = self.shares.chunks_of(self.comm.rank());
        let mut chunk = own.start;
        while chunk < own.end {
            // The right child that begins with this chunk.
            let level = chunk.trailing_zeros();
            let mut sum = self.sum_of(Node { level, index: chunk >> level })?;
            let width = self.sums.width;
            sum[width..].copy_from_slice(&self.note);
            self.comm.send(&sum, self.shares.owner(chunk - (1 << level)))?;
            self.sums.give_back(sum);
            chunk += 1 << level;
        }
        Ok(())
    }

    /// The sum of a node that begins in this rank's share.
    fn sum_of(&mut self, mut node: Node) -> Result<Vec<f64>, RankError> {
        let sums = &mut *self.sums;
        let mut top = node;
        while !sums.is_root(top) && sums.is_alone(top) {
            top = top.parent();
        }
        if let Some(at) = sums.waiting.iter().position(|(waiting, _)| *waiting == top) {
            return Ok(sums.waiting.swap_remove(at).1);
        }
        // Down past nodes that are one child alone.
        while node.level > 0 && node.children()[1].first_chunk() >= sums.chunks {
            node = node.children()[0];
        }
        if node.level == 0 {
            // Its chunk has failed, or was not begun for that: what it adds does not matter.
            return Ok(sums.room());
        }
        let [left, right] = node.children();
        let mut sum = self.sum_of(left)?;
        let owner = self.shares.owner(right.first_chunk());
        let mut other = self.sums.room();
        if owner == self.comm.rank() {
            let own = self.sum_of(right)?;
            self.sums.give_back(std::mem::replace(&mut other, own));
        } else {
            self.comm.receive(&mut other, owner)?;
            let (failed, step) = other[self.sums.width..].split_at(4);
            if failed[0] < self.note[0] {
                self.note[..4].copy_from_slice(failed);
            }
            if step != &self.note[4..] {
                self.note[0] = UNLIKE;
            }
        }
        add(&mut sum[..self.sums.width], &other);
        self.sums.give_back(other);
        Ok(sum)
    }
}

fn add(left: &mut [f64], right: &[f64]) {
    left.iter_mut().zip(right).for_each(|(left, right)| *left += *right);
}

/// Lock; a thread that panicked holding it has left nothing half done.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
