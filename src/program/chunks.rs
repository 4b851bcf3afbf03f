//! How rows are divided into chunks, and chunks into shares for ranks: by their numbers alone.
//!
//! ```text
//! rows of a chunk = the larger of    rows / 64, but at most 2048
//!                            and     rows / 4096            rounded up to whole blocks, at least 64
//! share of rank r = the chunks from r · chunks / ranks to (r + 1) · chunks / ranks,
//!                   rounded up to multiples of the largest 2ᵏ with which the largest share is no larger for it
//! ```
//!
//! Shares that begin at multiples of a power of two are branches of the tree in which chunks are added
//! (`program/tree.rs`), so that few sums need to be sent. A chunk more for one rank costs more than a few messages, so
//! the shares are rounded only as far as that takes no longer.

use crate::lanes::WIDTH;
use std::ops::Range;

/// The fewest rows worth a chunk of their own.
const FEWEST_ROWS: usize = 64;
/// As many chunks are enough for the cores of a machine; larger ones cost less each, up to a size.
const FEW_CHUNKS: usize = 64;
/// The size from which a chunk does not get cheaper.
const ENOUGH_ROWS: usize = 2048;
/// The most chunks: enough for a thousand ranks.
const MOST_CHUNKS: usize = 4096;

/// How many rows a chunk has.
pub(super) fn rows_per_chunk(rows: usize) -> usize {
    let few = rows.div_ceil(FEW_CHUNKS).min(ENOUGH_ROWS);
    few.max(rows.div_ceil(MOST_CHUNKS)).next_multiple_of(WIDTH).max(FEWEST_ROWS)
}

/// Rows divided into chunks, and these among ranks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shares {
    rows: usize,
    per_chunk: usize,
    pub chunks: usize,
    ranks: usize,
    /// Where shares begin: at multiples of this power of two.
    align: usize,
}

impl Shares {
    /// Divide rows among ranks.
    pub fn new(rows: usize, ranks: usize) -> Shares {
        let per_chunk = rows_per_chunk(rows);
        let chunks = rows.div_ceil(per_chunk);
        let mut shares = Shares { rows, per_chunk, chunks, ranks, align: 1 };
        if ranks == 1 {
            return shares;
        }
        let least = shares.largest();
        let mut align = 2;
        while align <= chunks {
            let rounded = Shares { align, ..shares };
            if rounded.largest() <= least {
                shares = rounded;
            }
            align *= 2;
        }
        shares
    }

    /// Where the share of a rank begins. Rounded up, so that rank 0 has the first chunk.
    fn start(&self, rank: usize) -> usize {
        if rank >= self.ranks {
            return self.chunks;
        }
        let unit = self.ranks * self.align;
        ((rank * self.chunks).div_ceil(unit) * self.align).min(self.chunks)
    }

    /// The chunks of the largest share.
    fn largest(&self) -> usize {
        (0..self.ranks).map(|rank| self.chunks_of(rank).len()).max().unwrap_or(0)
    }

    /// The chunks of a rank; none, if there are fewer chunks than ranks.
    pub fn chunks_of(&self, rank: usize) -> Range<usize> {
        self.start(rank)..self.start(rank + 1)
    }

    /// The rank that has a chunk.
    pub fn owner(&self, chunk: usize) -> usize {
        let (mut low, mut high) = (0, self.ranks);
        while high - low > 1 {
            let middle = low.midpoint(high);
            if self.start(middle) <= chunk { low = middle } else { high = middle }
        }
        low
    }

    /// The rows of a chunk.
    pub fn rows_of(&self, chunk: usize) -> Range<usize> {
        chunk * self.per_chunk..self.rows.min((chunk + 1) * self.per_chunk)
    }

    /// The rows of a rank.
    pub fn rows_of_rank(&self, rank: usize) -> Range<usize> {
        let Range { start, end } = self.chunks_of(rank);
        self.rows.min(start * self.per_chunk)..self.rows.min(end * self.per_chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::{FEWEST_ROWS, MOST_CHUNKS, Shares, rows_per_chunk};

    #[test]
    fn every_row_is_in_one_chunk_of_one_rank() {
        for rows in [0, 1, 63, 64, 65, 4096, 4097, 100_000, 131_073, 10_000_000] {
            for ranks in [1, 2, 3, 4, 7, 64, 1000] {
                let shares = Shares::new(rows, ranks);
                assert!(shares.chunks <= MOST_CHUNKS);
                let mut next = 0;
                for rank in 0..ranks {
                    let own = shares.rows_of_rank(rank);
                    assert_eq!(own.start, next, "{rows} rows, rank {rank} of {ranks}");
                    next = own.end;
                    let chunks = shares.chunks_of(rank);
                    assert!(chunks.clone().all(|chunk| shares.owner(chunk) == rank));
                    assert_eq!(
                        chunks.map(|chunk| shares.rows_of(chunk).len()).sum::<usize>(),
                        own.len()
                    );
                }
                assert_eq!(next, rows);
            }
        }
    }

    #[test]
    fn no_share_is_larger_for_being_rounded_and_powers_of_two_begin_at_their_multiples() {
        for rows in [4096, 100_000, 1_000_000, 9_999_999] {
            for ranks in 1..200 {
                let shares = Shares::new(rows, ranks);
                assert_eq!(
                    shares.largest(),
                    shares.chunks.div_ceil(ranks),
                    "{rows} rows, {ranks} ranks"
                );
            }
        }
        let shares = Shares::new(64 * FEWEST_ROWS, 4);
        assert_eq!((shares.chunks, shares.align), (64, 16));
    }

    #[test]
    fn chunks_grow_with_the_rows_and_become_more_for_many_ranks() {
        let chunks = |rows: usize| rows.div_ceil(rows_per_chunk(rows));
        assert_eq!([1, 64, 65, 4096].map(rows_per_chunk), [64; 4]);
        assert_eq!((rows_per_chunk(20_001), rows_per_chunk(131_072)), (320, 2048));
        assert_eq!([131_072, 1_000_000, 8_388_608, 10_000_000].map(chunks), [64, 489, 4096, 4085]);
    }
}
