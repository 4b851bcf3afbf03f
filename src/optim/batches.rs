//! [`Batches`]: all rows in a seeded order, some at a time.

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
        Batches { order: rows, size, now: end..end, rng: Rng::with_seed(seed) }
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
