//! [`Workspace`]: the memory of a run, and where it runs.
//!
//! Rows are divided into chunks, by their number alone (`program/chunks.rs`). Chunks run one after the other or spread
//! over threads, and what they compute is put together in a fixed tree (`program/tree.rs`), so the numbers are the same.

use super::chunks::rows_per_chunk;
use super::engine::Engine;
use super::tree::Sums;
use crate::Dual;
use crate::Real;
pub(super) use crate::lanes::WIDTH;
use crate::lanes::{Available, Isa, Lanes};
use std::ops::Range;

/// One number of each row of a block, or of each seed.
pub(super) type Block = Lanes;

/// The memory that programs need to run, kept by the caller, with the choice of instructions and threads.
///
/// Once it has grown, nothing is allocated, but by custom operations and where native code is made. One workspace serves any number of
/// programs, one after the other. A program is shared between threads; a workspace is each thread's own.
///
/// The numbers of a run over rows depend neither on the instruction set nor on the number of threads.
///
/// ```
/// use gradtape::{lanes::Isa, program::Workspace};
/// let fastest = Workspace::new();
/// let for_comparison = Workspace::new().with_isa(Isa::Baseline);
/// assert_eq!((fastest.isa(), for_comparison.isa()), (Isa::best(), Isa::Baseline));
/// ```
#[derive(Clone, Debug)]
pub struct Workspace {
    pub(super) isa: Available,
    engine: Engine,
    pub(super) threads: Threads,
    pub(super) values: Vec<f64>,
    pub(super) adjoints: Vec<f64>,
    pub(super) tangents: Vec<f64>,
    pub(super) dual_adjoints: Vec<Dual>,
    /// Adjoints or tangents of several seeds.
    pub(super) seeds: Vec<Block>,
    pub(super) frontier: Vec<f64>,
    /// What chunks of rows add up to: sums, and adjoints at the frontier.
    pub(super) sums: Sums,
}

impl Workspace {
    /// Start without memory, for one thread and the fastest instructions of the machine.
    #[must_use]
    pub fn new() -> Workspace {
        Workspace {
            isa: Isa::best().available(),
            engine: Engine::of_environment(),
            threads: Threads::default(),
            values: Vec::new(),
            adjoints: Vec::new(),
            tangents: Vec::new(),
            dual_adjoints: Vec::new(),
            seeds: Vec::new(),
            frontier: Vec::new(),
            sums: Sums::default(),
        }
    }

    /// Use other instructions than the fastest. A set that the machine lacks gives way to the baseline.
    #[must_use]
    pub fn with_isa(mut self, isa: Isa) -> Workspace {
        self.isa = isa.available();
        self
    }

    /// Run programs over rows by another engine than the one that the environment names, or else [`Engine::Auto`].
    #[must_use]
    pub fn with_engine(mut self, engine: Engine) -> Workspace {
        self.engine = engine;
        self
    }

    /// Spread rows over the threads of the rayon pool it is used in.
    #[cfg(feature = "rayon")]
    #[must_use]
    pub fn parallel(mut self) -> Workspace {
        self.threads.parallel = Some(parallel::Pool::default());
        self
    }

    /// Read which instructions are used.
    #[must_use]
    pub fn isa(&self) -> Isa {
        self.isa.isa()
    }

    /// Read which engine is wanted. Which one runs depends on the program: see
    /// [`RowProgram::stats`](super::RowProgram::stats).
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }
}

impl Default for Workspace {
    fn default() -> Workspace {
        Workspace::new()
    }
}

/// The first `len` elements, made if they are not there.
pub(super) fn sized<T: Clone>(memory: &mut Vec<T>, len: usize, fill: T) -> &mut [T] {
    if memory.len() < len {
        memory.resize(len, fill);
    }
    &mut memory[..len]
}

/// The first `len` elements, all filled anew.
pub(super) fn filled<T: Copy>(memory: &mut Vec<T>, len: usize, fill: T) -> &mut [T] {
    memory.clear();
    memory.resize(len, fill);
    memory
}

/// One thread's memory for blocks of rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers {
    values: Vec<Block>,
    /// Of results, to which nothing has flowed here, and of the frontier.
    adjoints: [Vec<Block>; 2],
}

impl Buffers {
    /// Room for so many values.
    #[inline]
    pub fn values(&mut self, count: usize) -> &mut [Block] {
        sized(&mut self.values, count, Block::splat(0.0))
    }

    /// Room for so many values, and for adjoints of the frontier, to which nothing has flowed: for native code, which does
    /// not panic.
    #[cfg(native_code)]
    #[inline]
    pub fn of_native_code(&mut self, values: usize, frontier: usize) -> [&mut [Block]; 2] {
        let values = sized(&mut self.values, values, Block::splat(0.0));
        [values, filled(&mut self.adjoints[1], frontier, Block::nothing())]
    }

    /// Take out room for adjoints of so many results, and for those of the frontier, to which nothing has flowed.
    ///
    /// A sweep leaves the first kind so, and they need not be filled for the next. They are taken out,
    /// and given back after it, so that one that panics in a custom operation leaves none behind.
    #[inline]
    pub fn take_adjoints(&mut self, results: usize, frontier: usize) -> [Vec<Block>; 2] {
        let [mut of_results, mut of_frontier] = std::mem::take(&mut self.adjoints);
        sized(&mut of_results, results, Block::nothing());
        filled(&mut of_frontier, frontier, Block::nothing());
        [of_results, of_frontier]
    }

    /// Give back what was taken out, the nothing having flowed to those of results.
    #[inline]
    pub fn give_back(&mut self, adjoints: [Vec<Block>; 2]) {
        self.adjoints = adjoints;
    }
}

/// Where chunks run.
#[derive(Clone, Debug, Default)]
pub(super) struct Threads {
    /// The memory of a run on one thread.
    own: Buffers,
    #[cfg(feature = "rayon")]
    parallel: Option<parallel::Pool>,
}

impl Threads {
    /// Run each chunk of rows on its part of `out`, `width` numbers a chunk; return the error of the first
    /// chunk that has one.
    pub fn each_chunk<E: Send>(
        &mut self,
        rows: usize,
        out: &mut [f64],
        width: usize,
        run: impl Fn(Range<usize>, &mut [f64], &mut Buffers) -> Result<(), E> + Sync,
    ) -> Result<(), E> {
        // Without outputs there are no chunks, but a program still has its guards.
        if out.is_empty() && rows > 0 {
            return run(0..rows, out, &mut self.own);
        }
        let chunk = rows_per_chunk(rows);
        let chunks = out.chunks_mut(width).enumerate();
        self.each(chunks, |(i, out), buffers| {
            run(i * chunk..rows.min((i + 1) * chunk), out, buffers)
        })
    }

    /// The memory of the calling thread, where there is no more than one task.
    pub fn of_caller(&mut self) -> &mut Buffers {
        &mut self.own
    }

    /// Run all tasks; return the error of the first that has one.
    pub fn each<T: Send, E: Send>(
        &mut self,
        mut tasks: impl ExactSizeIterator<Item = T> + Send,
        run: impl Fn(T, &mut Buffers) -> Result<(), E> + Sync,
    ) -> Result<(), E> {
        #[cfg(feature = "rayon")]
        if let Some(pool) = &mut self.parallel
            && tasks.len() > 1
        {
            return pool.each(tasks, run);
        }
        tasks.try_for_each(|task| run(task, &mut self.own))
    }
}

#[cfg(feature = "rayon")]
mod parallel {
    use super::{Buffers, sized};
    use crate::program::tree::locked;
    use std::sync::{Mutex, PoisonError};

    /// Memory for each thread that takes part.
    #[derive(Debug, Default)]
    pub struct Pool(Vec<Buffers>);

    impl Clone for Pool {
        /// A pool without memory.
        fn clone(&self) -> Pool {
            Pool::default()
        }
    }

    impl Pool {
        /// Run all tasks. Each thread takes the next one until none is left.
        ///
        /// The calling thread takes part, also one that is not of the pool: it is at work while the others wake up.
        pub fn each<T: Send, E: Send>(
            &mut self,
            tasks: impl ExactSizeIterator<Item = T> + Send,
            run: impl Fn(T, &mut Buffers) -> Result<(), E> + Sync,
        ) -> Result<(), E> {
            let threads = rayon::current_num_threads().min(tasks.len());
            let memory = sized(&mut self.0, threads, Buffers::default());
            let tasks = Mutex::new(tasks.enumerate());
            let first_error = Mutex::new(None);
            let work = |buffers: &mut Buffers| {
                loop {
                    // Not locked while the task runs: a custom operation that waits for the pool may be handed
                    // the work of another thread on this very one.
                    let next = locked(&tasks).next();
                    let Some((i, task)) = next else { return };
                    if let Err(error) = run(task, buffers) {
                        // The tasks before this one have begun, and one of them may have an error too. None after
                        // it needs to begin.
                        locked(&tasks).by_ref().for_each(drop);
                        let mut first = locked(&first_error);
                        if first.as_ref().is_none_or(|&(earlier, _)| i < earlier) {
                            *first = Some((i, error));
                        }
                    }
                }
            };
            if let Some((own, others)) = memory.split_first_mut() {
                rayon::in_place_scope(|scope| {
                    for buffers in others {
                        scope.spawn(|_| work(buffers));
                    }
                    work(own);
                });
            }
            let first_error = first_error.into_inner().unwrap_or_else(PoisonError::into_inner);
            first_error.map_or(Ok(()), |(_, error)| Err(error))
        }
    }
}
