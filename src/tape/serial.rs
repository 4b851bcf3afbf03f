//! Serial numbers: every node ever recorded has one of its own, so a stale variable can never be
//! taken for a newer one.
//!
//! A tag is a serial number in 64 bits. A tape takes them from a range of 2⁴⁰, and hands what is
//! left back when it is dropped. `clear` and `rewind` go on counting, never back: at one node a
//! nanosecond 2⁶⁴ of them last 584 years. Tag 0 is the constant.
//!
//! Not taken: a tape id and an index of 32 bits each. It needs a new id at every `clear`, and a tape
//! that is cleared every 40 ns would run out of ids in three minutes.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

/// The tag of a constant.
pub(crate) const CONSTANT: u64 = 0;

/// Most nodes that one recording can hold: indices are 32 bits wide.
pub(crate) const MAX_NODES: usize = u32::MAX as usize;

const RANGE_BITS: u32 = 40;

/// Serial numbers `next..end`, not yet used.
#[derive(Debug)]
pub(crate) struct Range {
    pub next: u64,
    pub end: u64,
}

impl Range {
    /// The number of the tape that these serial numbers belong to, as messages give it.
    pub fn tape(&self) -> u64 {
        tape_of(self.end - 1)
    }

    /// Whether a recording of the full size, after a prefix of the full size, still fits.
    pub fn fits_a_recording(&self) -> bool {
        self.end - self.next > 2 * MAX_NODES as u64
    }
}

/// The number of the tape that issued a tag.
pub(crate) fn tape_of(tag: u64) -> u64 {
    tag >> RANGE_BITS
}

struct Registry {
    /// The first range that was never handed out; range 0 holds the constant.
    next: u64,
    free: Vec<Range>,
    /// Who holds range `i`, and from which number on.
    holders: Vec<Option<(ThreadId, u64)>>,
}

static REGISTRY: Mutex<Registry> =
    Mutex::new(Registry { next: 1, free: Vec::new(), holders: Vec::new() });

fn registry() -> MutexGuard<'static, Registry> {
    // Nothing in here panics half-way, so a poisoned registry is still sound.
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Take a range for a tape of this thread.
///
/// # Panics
/// If all 2²⁴ ranges are held by live tapes.
pub(crate) fn take() -> Range {
    let mut registry = registry();
    let range = registry.free.pop().unwrap_or_else(|| {
        let number = registry.next;
        assert!(number < 1 << (64 - RANGE_BITS), "too many tapes are alive: drop some");
        registry.next += 1;
        Range { next: number << RANGE_BITS, end: (number + 1) << RANGE_BITS }
    });
    let slot = range.tape() as usize;
    if registry.holders.len() <= slot {
        registry.holders.resize(slot + 1, None);
    }
    registry.holders[slot] = Some((thread::current().id(), range.next));
    range
}

/// Give back what a tape did not use; a range that is nearly used up retires.
pub(crate) fn give_back(range: Range) {
    let mut registry = registry();
    let slot = range.tape() as usize;
    registry.holders[slot] = None;
    if range.fits_a_recording() {
        registry.free.push(range);
    }
}

/// The thread of the live tape that gave out a tag.
pub(crate) fn holder(tag: u64) -> Option<ThreadId> {
    let (thread, first) = registry().holders.get(tape_of(tag) as usize).copied().flatten()?;
    (tag >= first).then_some(thread)
}

/// Nodes `start..end` whose tags count from `base`: what a rewind left standing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub base: u64,
    pub start: usize,
    pub end: usize,
}

/// The index of a tag in a list of segments.
pub(crate) fn locate_in(segments: &[Segment], tag: u64) -> Option<u32> {
    segments.iter().rev().find_map(|s| {
        let i = tag.wrapping_sub(s.base);
        (i >= s.start as u64 && i < s.end as u64).then_some(i as u32)
    })
}
