//! Rows in chunks, one after the other or spread over threads: the numbers are the same.
//!
//! The chunks depend on the number of rows only, and what they give is put together in their order.

use super::RowWorkspace;
use super::block::{Buffers, ROWS};
use super::chunk::Refused;
use std::ops::Range;

/// The fewest rows worth a chunk of their own.
const FEWEST: usize = 64;
/// The most chunks: each keeps a sum of its own.
const MOST_CHUNKS: usize = 64;

/// How many rows a chunk has.
pub(super) fn chunk_of(rows: usize) -> usize {
    rows.div_ceil(MOST_CHUNKS).next_multiple_of(ROWS).max(FEWEST)
}

/// Where chunks run.
#[derive(Debug, Default)]
pub(super) struct Threads {
    /// The memory of a run on one thread.
    own: Buffers,
    #[cfg(feature = "rayon")]
    parallel: Option<parallel::Pool>,
}

impl Threads {
    /// Give each chunk of rows its part of `out`, `width` numbers a chunk, and run it; return what the first
    /// that fails says.
    pub fn each_chunk(
        &mut self,
        rows: usize,
        out: &mut [f64],
        width: usize,
        run: impl Fn(Range<usize>, &mut [f64], &mut Buffers) -> Result<(), Refused> + Sync,
    ) -> Result<(), Refused> {
        // Without outputs there are no chunks, but a program still has its guards.
        if out.is_empty() && rows > 0 {
            return run(0..rows, out, &mut self.own);
        }
        let chunk = chunk_of(rows);
        let rows_of = |i: usize| i * chunk..rows.min((i + 1) * chunk);
        #[cfg(feature = "rayon")]
        if let Some(pool) = &mut self.parallel
            && rows > chunk
        {
            return pool.each_chunk(out, width, |i, out, buffers| run(rows_of(i), out, buffers));
        }
        let mut chunks = out.chunks_mut(width).enumerate();
        chunks.try_for_each(|(i, out)| run(rows_of(i), out, &mut self.own))
    }
}

#[cfg(feature = "rayon")]
mod parallel {
    use super::{Buffers, Refused};
    use rayon::prelude::*;
    use std::sync::{Mutex, PoisonError};

    /// Memory for each thread of a pool: what a thread has used is in its cache.
    #[derive(Debug, Default)]
    pub struct Pool(Vec<Mutex<Buffers>>);

    impl Pool {
        pub fn each_chunk(
            &mut self,
            out: &mut [f64],
            width: usize,
            run: impl Fn(usize, &mut [f64], &mut Buffers) -> Result<(), Refused> + Sync,
        ) -> Result<(), Refused> {
            if self.0.len() < rayon::current_num_threads() {
                self.0.resize_with(rayon::current_num_threads(), Mutex::default);
            }
            let one = |(i, out): (usize, &mut [f64])| {
                let place = &self.0[rayon::current_thread_index().unwrap_or(0)];
                let own = || place.lock().unwrap_or_else(PoisonError::into_inner);
                // Not locked while it runs: a custom operation that waits for the pool may be handed another
                // chunk on this very thread.
                let mut buffers = std::mem::take(&mut *own());
                let result = run(i, out, &mut buffers);
                *own() = buffers;
                result
            };
            // Each chunk is a task of its own: there are few, and they are large.
            let chunks = out.par_chunks_mut(width).with_max_len(1).enumerate();
            chunks.map(one).find_first(Result::is_err).unwrap_or(Ok(()))
        }
    }
}

impl RowWorkspace {
    /// Spread rows over the threads of the rayon pool it is used in.
    #[cfg(feature = "rayon")]
    #[must_use]
    pub fn parallel(mut self) -> RowWorkspace {
        self.threads.parallel = Some(parallel::Pool::default());
        self
    }
}
