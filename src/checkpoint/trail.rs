//! [`Trail`]: what a loop went through, in hashes, to catch a step that does not repeat itself.
//!
//! ```text
//! keep the hash of every state, up to 4096 of them; then of every second, of every fourth, ...
//! at each state that is reached again:  compare, if its hash was kept
//! ```
//!
//! So the memory is bounded, and in a loop of up to 4095 steps the very step is named. In a longer one the step may be
//! between two hashes that agree; then the run itself sees it, for it compares each state that a recorded step made with
//! the one that the step behind it was recorded from, bit by bit.

use super::error::CheckpointError;

/// The most hashes that are kept: 32 kB.
const MOST: usize = 4096;

/// Hash the bits of numbers, going on from another hash.
pub(super) fn hash(before: u64, numbers: &[f64]) -> u64 {
    numbers.iter().fold(before, |hash, x| mix(hash ^ x.to_bits()))
}

/// Mix one word: Sebastiano Vigna's splitmix64, 2015.
pub(super) fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// The hashes of states that were reached.
pub(super) struct Trail {
    /// Of every so many states there is one.
    stride: usize,
    /// 0 where there is none.
    hashes: Vec<u64>,
    /// The last state that was found to be as before, or was read back.
    known: usize,
}

impl Trail {
    pub fn new() -> Trail {
        Trail { stride: 1, hashes: Vec::new(), known: 0 }
    }

    /// A state was read back.
    pub fn restored(&mut self, at: usize) {
        self.known = at;
    }

    /// A state was computed: compare it, or remember it if it is new.
    pub fn reached(&mut self, at: usize, state: &[f64]) -> Result<(), CheckpointError> {
        while at / self.stride >= MOST {
            self.stride *= 2;
            let every_second = self.hashes.iter().step_by(2).copied().collect();
            self.hashes = every_second;
        }
        if !at.is_multiple_of(self.stride) {
            return Ok(());
        }
        let (place, hash) = (at / self.stride, hash(0, state).max(1));
        if self.hashes.len() <= place {
            self.hashes.resize(place + 1, 0);
        }
        let before = std::mem::replace(&mut self.hashes[place], hash);
        if before != 0 && before != hash {
            return Err(CheckpointError::NotRepeated { steps: self.steps(at), difference: None });
        }
        self.known = at;
        Ok(())
    }

    /// The steps before a state that is not as before, among which is the one that did not repeat itself.
    pub fn steps(&self, at: usize) -> std::ops::Range<usize> {
        self.known.min(at - 1)..at
    }
}
