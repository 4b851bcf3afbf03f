//! [`Share`]: the rows that are here, of how many, and who has the others.

use super::data::Rows;
use super::walk::Broken;
use crate::program::chunks::Shares;
use crate::program::tree::{FINE, Sums, UNLIKE, UNLIKE_HERE, locked};
use crate::program::workspace::{Buffers, Threads};
use crate::ranks::{Communicator, Local, RankError, agree};
use std::ops::Range;
use std::sync::Mutex;

/// Rows to add up, on one rank or on several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share<'a> {
    /// The rows that this rank has.
    pub rows: Rows<'a>,
    /// Which of all rows the first of them is.
    first: usize,
    /// How many there are on all ranks.
    all: usize,
    /// Whether each rank has those of its share alone.
    is_part: bool,
    comm: &'a dyn Communicator,
    /// What the step is computed from, in one number: it must be the same on all ranks.
    step: u64,
}

impl<'a> Share<'a> {
    /// All rows, which are here.
    pub fn alone(rows: Rows<'a>) -> Share<'a> {
        Share::everywhere(rows, &Local)
    }

    /// All rows, which every rank has.
    pub fn everywhere(rows: Rows<'a>, comm: &'a dyn Communicator) -> Share<'a> {
        Share { rows, first: 0, all: rows.count(), is_part: false, comm, step: 0 }
    }

    /// The share of this rank, as [`Rows::share`] says, of so many rows.
    pub fn of(all: usize, rows: Rows<'a>, comm: &'a dyn Communicator) -> Share<'a> {
        Share { rows, first: Rows::share(all, comm).start, all, is_part: true, comm, step: 0 }
    }

    /// Say what the step is computed from, in one number: ranks on which it is another are refused.
    pub fn for_step(self, step: u64) -> Share<'a> {
        Share { step, ..self }
    }

    /// Count the rows of all ranks.
    pub fn all(&self) -> usize {
        self.all
    }

    /// Read which ranks have them.
    pub fn comm(&self) -> &'a dyn Communicator {
        self.comm
    }

    /// What a row of those that are here is called.
    pub fn name(&self, row: usize) -> usize {
        self.original(self.first + row)
    }

    /// What a row is called that is counted over all ranks.
    pub fn original(&self, row: usize) -> usize {
        if self.is_part { row } else { self.rows.original(row) }
    }

    /// Run all chunks, `width` numbers each, and add them up over all ranks. What is broken is the same on all of
    /// them: the first row, counted over all ranks.
    pub(super) fn add_up<'s>(
        &self,
        threads: &mut Threads,
        sums: &'s mut Sums,
        width: usize,
        run: impl Fn(Range<usize>, &mut [f64], &mut Buffers) -> Result<(), Broken> + Sync,
    ) -> Result<Result<&'s [f64], Broken>, RankError> {
        let shares = Shares::new(self.all, self.comm.size());
        match shares.chunks {
            0 => return Ok(Ok(&[])),
            // For a few rows what follows would take as long as they do.
            1 if self.comm.size() == 1 => {
                let sum = sums.only(width);
                let done = run(0..self.all, sum, threads.of_caller());
                return Ok(done.map(|()| &*sum));
            }
            chunks => sums.begin(chunks, width),
        }
        let shared = Mutex::new(&mut *sums);
        let own = shares.chunks_of(self.comm.rank());
        let done = threads.each(own, |chunk, buffers| {
            let rows = shares.rows_of(chunk);
            let mut sum = locked(&shared).room();
            let here = rows.start - self.first..rows.end - self.first;
            match run(here, &mut sum[..width], buffers) {
                Ok(()) => Sums::finish(&shared, chunk, sum),
                Err(broken) => {
                    locked(&shared).give_back(sum);
                    return Err(broken);
                }
            }
            Ok(())
        });
        let [check, row, left, right] = match done {
            Ok(()) => [0.0, FINE, 0.0, 0.0],
            Err(Broken { check, row, sides: [left, right] }) => {
                [check as f64, (self.first + row) as f64, left, right]
            }
        };
        let step = [self.step >> 32, self.step & u64::from(u32::MAX)].map(|half| half as f64);
        let note = [row, check, left, right, step[0], step[1]];
        match sums.total(&shares, self.comm, note)? {
            Ok(total) => Ok(Ok(total)),
            Err([UNLIKE, ..]) => Err(self.unlike()),
            Err([UNLIKE_HERE, _, _, _, high, low]) => Err(RankError::Disagree {
                what: WHAT,
                ranks: [0, self.comm.rank()],
                found: [(high as u64) << 32 | low as u64, self.step].map(shown),
            }),
            Err([row, check, left, right, ..]) => {
                Ok(Err(Broken { check: check as usize, row: row as usize, sides: [left, right] }))
            }
        }
    }

    /// The error of ranks that have not computed from the same.
    fn unlike(&self) -> RankError {
        let differs = agree(self.comm, WHAT, &shown(self.step));
        differs.err().unwrap_or(RankError::Lost { rank: self.comm.rank() })
    }
}

/// What ranks may disagree on.
const WHAT: &str = "the parameters and the batch of a step";

fn shown(step: u64) -> String {
    format!("those with the fingerprint {step:016x}")
}
