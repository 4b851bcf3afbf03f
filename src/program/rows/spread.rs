//! Rows in chunks, one after the other or spread over threads: the numbers are the same.
//!
//! The chunks depend on the number of rows only, and what they give is put together in their order.

use super::RowWorkspace;
use super::block::{Buffers, ROWS};
use super::chunk::Refused;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// The fewest rows worth a chunk of their own.
const FEWEST: usize = 128;
/// The most chunks: each keeps a sum of its own.
const MOST_CHUNKS: usize = 64;

/// How many rows a chunk has.
pub(super) fn chunk_of(rows: usize) -> usize {
    rows.div_ceil(MOST_CHUNKS).next_multiple_of(ROWS).max(FEWEST)
}

/// Where chunks run.
#[derive(Debug, Default)]
pub(super) struct Threads {
    /// Memory that no thread is using.
    free: Mutex<Vec<Buffers>>,
    pub parallel: bool,
}

impl Threads {
    fn take(&self) -> Buffers {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, buffers: Buffers) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(buffers);
    }

    /// Give each chunk of rows its part of `out`, `width` numbers a row of it or a chunk, and run it; return
    /// what the first that fails says.
    pub fn each_chunk(
        &self,
        rows: usize,
        out: &mut [f64],
        width: usize,
        run: impl Fn(Range<usize>, &mut [f64], &mut Buffers) -> Result<(), Refused> + Sync,
    ) -> Result<(), Refused> {
        let chunk = chunk_of(rows);
        let one = |(i, out): (usize, &mut [f64])| {
            let mut buffers = self.take();
            let first = i * chunk;
            let result = run(first..rows.min(first + chunk), out, &mut buffers);
            self.give_back(buffers);
            result
        };
        #[cfg(feature = "rayon")]
        if self.parallel && rows > chunk {
            use rayon::prelude::*;
            // Each chunk runs as a task of its own: there are few, and they are large.
            let chunks = out.par_chunks_mut(width).with_max_len(1).enumerate();
            return chunks.map(one).find_first(Result::is_err).unwrap_or(Ok(()));
        }
        out.chunks_mut(width).enumerate().try_for_each(one)
    }
}

impl RowWorkspace {
    /// Spread rows over the threads of the rayon pool it is used in.
    #[cfg(feature = "rayon")]
    #[must_use]
    pub fn parallel(mut self) -> RowWorkspace {
        self.threads.parallel = true;
        self
    }
}
