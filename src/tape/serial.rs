//! Serial numbers: every node ever recorded has one of its own, so a stale variable can never be
//! taken for a newer one.
//!
//! A tag is a serial number in 64 bits. A tape takes them from a range of 2⁴⁰, goes on in another when that
//! is used up, and hands what is left back when it is dropped. `clear` and `rewind` go on counting, never
//! back: at one node a nanosecond 2⁶⁴ of them last 584 years. Tag 0 is the constant.
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
    /// Which range it is.
    pub fn number(&self) -> u64 {
        range_of(self.end - 1)
    }

    /// Whether a recording of the full size, after a prefix of the full size, still fits.
    pub fn fits_a_recording(&self) -> bool {
        self.end - self.next > 2 * MAX_NODES as u64
    }
}

/// The range that a tag is in.
pub(crate) fn range_of(tag: u64) -> u64 {
    tag >> RANGE_BITS
}

/// Who has a range, or had it last.
#[derive(Clone, Copy)]
struct Holder {
    /// The tape's number: that of its first range.
    tape: u64,
    thread: ThreadId,
    /// Its first serial number; none once the tape is dropped.
    first: Option<u64>,
}

struct Registry {
    /// The first range that was never handed out; range 0 holds the constant.
    next: u64,
    free: Vec<Range>,
    /// The holders, by range.
    holders: Vec<Option<Holder>>,
}

static REGISTRY: Mutex<Registry> =
    Mutex::new(Registry { next: 1, free: Vec::new(), holders: Vec::new() });

fn registry() -> MutexGuard<'static, Registry> {
    // Nothing in here panics half-way, so a poisoned registry is still sound.
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registry {
    fn never_used(&mut self) -> Range {
        let number = self.next;
        // The end of the last range would be 2⁶⁴.
        assert!(number < (1 << (64 - RANGE_BITS)) - 1, "too many tapes are alive: drop some");
        self.next += 1;
        Range { next: number << RANGE_BITS, end: (number + 1) << RANGE_BITS }
    }

    fn hand_out(&mut self, range: Range, tape: u64) -> Range {
        let at = range.number() as usize;
        if self.holders.len() <= at {
            self.holders.resize(at + 1, None);
        }
        let thread = thread::current().id();
        self.holders[at] = Some(Holder { tape, thread, first: Some(range.next) });
        range
    }
}

/// Take a range for a new tape of this thread, whose number is that of the range.
///
/// # Panics
/// If all ranges, about 2²⁴, are held by live tapes.
pub(crate) fn take() -> Range {
    let mut registry = registry();
    let range = registry.free.pop().unwrap_or_else(|| registry.never_used());
    let tape = range.number();
    registry.hand_out(range, tape)
}

/// Take a further range for a tape, beyond all that it has had.
///
/// # Panics
/// As [`take`].
pub(crate) fn take_another(tape: u64) -> Range {
    let mut registry = registry();
    let range = registry.never_used();
    registry.hand_out(range, tape)
}

/// Give back what a dropped tape did not use of its range. A range that is nearly used up retires, and so do all
/// of a tape that had several, whose variables go on being called by the number of its first.
pub(crate) fn give_back(range: Range, before: &[u64]) {
    let mut registry = registry();
    for &number in before.iter().chain([&range.number()]) {
        if let Some(Some(holder)) = registry.holders.get_mut(number as usize) {
            holder.first = None;
        }
    }
    if before.is_empty() && range.fits_a_recording() {
        registry.free.push(range);
    }
}

/// The number of the tape that issued a tag, as messages give it. It may have been dropped since.
pub(crate) fn tape_of(tag: u64) -> u64 {
    let holder = registry().holders.get(range_of(tag) as usize).copied().flatten();
    holder.map_or(range_of(tag), |holder| holder.tape)
}

/// The thread of the live tape that gave out a tag.
pub(crate) fn holder(tag: u64) -> Option<ThreadId> {
    let holder = registry().holders.get(range_of(tag) as usize).copied().flatten()?;
    (tag >= holder.first?).then_some(holder.thread)
}

/// Nodes `start..end` whose tags count from `base`: what a rewind left standing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub base: u64,
    pub start: usize,
    pub end: usize,
}

/// The index of a tag in a list of segments: tags grow from one to the next, as serial numbers do.
#[inline]
pub(crate) fn locate_in(segments: &[Segment], tag: u64) -> Option<u32> {
    let found = match segments {
        [only] => only,
        _ => {
            let after = segments.partition_point(|s| s.base + s.start as u64 <= tag);
            &segments[after.checked_sub(1)?]
        }
    };
    let i = tag.wrapping_sub(found.base);
    (i >= found.start as u64 && i < found.end as u64).then_some(i as u32)
}

#[cfg(test)]
mod tests {
    use super::{RANGE_BITS, Registry};

    #[test]
    #[should_panic(expected = "too many tapes are alive: drop some")]
    fn the_last_range_ends_below_the_last_number_and_then_tapes_are_refused() {
        let next = (1 << (64 - RANGE_BITS)) - 2;
        let mut registry = Registry { next, free: Vec::new(), holders: Vec::new() };
        let last = registry.never_used();
        assert!(last.next < last.end && last.number() == next && last.fits_a_recording());
        registry.never_used();
    }
}
