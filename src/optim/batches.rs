//! [`Batches`]: rows dealt out in mini-batches.

use super::seed::{Draw, generator};
use fastrand::Rng;
use std::ops::Range;

/// Rows dealt out in batches, shuffled anew for every epoch.
#[derive(Clone, Debug)]
pub(super) struct Batches {
    order: Vec<usize>,
    size: usize,
    /// The batch dealt last, as a stretch of `order`.
    now: Range<usize>,
    rng: Rng,
}

impl Batches {
    /// Deal these rows, `size` at a time. The first epoch is shuffled too.
    pub fn new(rows: Vec<usize>, size: usize, seed: u64) -> Batches {
        let end = rows.len();
        Batches { order: rows, size, now: end..end, rng: generator(seed, Draw::Batches) }
    }

    /// How many batches an epoch has.
    pub fn count(&self) -> usize {
        self.order.len().div_ceil(self.size)
    }

    /// Deal the next batch; the last of an epoch takes what is left.
    pub fn next(&mut self) -> &[usize] {
        if self.now.end == self.order.len() {
            self.rng.shuffle(&mut self.order);
            self.now = 0..0;
        }
        let (start, end) = (self.now.end, self.order.len());
        self.now = start..end.min(start.saturating_add(self.size));
        self.last()
    }

    /// Take the last batch back: the next one is the same.
    pub fn take_back(&mut self) {
        self.now = self.now.start..self.now.start;
    }

    /// Tell whether the last batch was the last of an epoch.
    pub fn is_at_end(&self) -> bool {
        self.now.end == self.order.len()
    }

    /// Take down the order of the rows, how many of them are dealt, and the generator.
    pub fn state(&self) -> (Vec<usize>, usize, u64) {
        (self.order.clone(), self.now.end, self.rng.get_seed())
    }

    /// Go on from a state, unless it is one of other rows or of batches of another size.
    pub fn restore(&mut self, order: &[usize], dealt: usize, random: u64) -> bool {
        let mut rows = [self.order.clone(), order.to_vec()];
        rows.iter_mut().for_each(|rows| rows.sort_unstable());
        let ends_a_batch =
            dealt == order.len() || (dealt.is_multiple_of(self.size) && dealt < order.len());
        if rows[0] != rows[1] || !ends_a_batch {
            return false;
        }
        self.order.copy_from_slice(order);
        self.now = dealt..dealt;
        self.rng = Rng::with_seed(random);
        true
    }

    /// The batch dealt last.
    pub fn last(&self) -> &[usize] {
        &self.order[self.now.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::Batches;

    #[test]
    fn every_row_is_dealt_once_an_epoch_whatever_the_size() {
        for size in [1, 3, 4, 10, 11, usize::MAX] {
            let mut batches = Batches::new((0..10).collect(), size, 7);
            let mut epochs = Vec::new();
            for _ in 0..3 {
                let mut dealt = Vec::new();
                for _ in 0..batches.count() {
                    let batch = batches.next();
                    assert!(!batch.is_empty() && batch.len() <= size);
                    dealt.extend_from_slice(batch);
                }
                epochs.push(dealt.clone());
                dealt.sort_unstable();
                assert_eq!(dealt, (0..10).collect::<Vec<_>>(), "size {size}");
            }
            assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2], "shuffled anew");
        }
    }
}
