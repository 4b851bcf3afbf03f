//! The walk over a run of rows by native code, some blocks at a time.
//!
//! It does what the interpreter's [`Walk`](super::walk::Walk) does, in the same order: inputs and weights are loaded,
//! the code computes the blocks, and the results are written, or added up lane by lane and then over the lanes. So every
//! number has the same bits. A block in which a guard does not hold ends it; which row and which guard that was only the
//! interpreter says.

use super::data::Rows;
use super::walk::{total, weigh};
use crate::Real;
use crate::lanes::{Job, Target};
use crate::native::Code;
use crate::program::workspace::{Block, WIDTH};
use std::ops::Range;

/// A walk over rows by native code.
pub(super) struct NativeWalk<'a> {
    pub code: &'a Code,
    pub data: &'a Rows<'a>,
    pub rows: Range<usize>,
    /// The numbers that are the same in all rows.
    pub uniform: &'a [f64],
    /// Room for [`room`] blocks.
    pub room: &'a mut [Block],
    /// What the code adds up in lanes; nothing has flowed to it.
    pub adjoints: &'a mut [Block],
    pub wanted: Wanted<'a>,
}

/// What to do with the outputs of the code.
pub(super) enum Wanted<'a> {
    /// Write the first `width` of each row; with +0 for nothing, if `settled`.
    Each { width: usize, settled: bool, out: &'a mut [f64] },
    /// Add up the only one, each row with its weight, and the lanes of the adjoints.
    Sum { sum: &'a mut f64, totals: &'a mut [f64] },
}

/// How many blocks a walk over rows of so many inputs needs.
pub(super) fn room(code: &Code, inputs: usize) -> usize {
    (inputs + 1) * code.blocks() + code.needs().scratch + code.needs().outputs
}

impl Job for NativeWalk<'_> {
    /// The blocks in which a guard does not hold.
    type Output = Result<(), Range<usize>>;

    #[inline(always)]
    fn run<T: Target>(mut self) -> Result<(), Range<usize>> {
        let (blocks, width) = (self.code.blocks(), self.data.width());
        let (inputs, rest) = self.room.split_at_mut((width + 1) * blocks);
        let (scratch, outputs) = rest.split_at_mut(self.code.needs().scratch);
        let mut total_of_rows = Block::splat(0.0);
        let start = self.rows.start;
        for first in self.rows.clone().step_by(blocks * WIDTH) {
            let here = first..self.rows.end.min(first + blocks * WIDTH);
            let rows_of = |b: usize| {
                let rows = here.start + b * WIDTH..here.end.min(here.start + (b + 1) * WIDTH);
                // The blocks behind the last row repeat it, as its lanes do, and have no weight.
                if rows.is_empty() { (here.end - 1..here.end, false) } else { (rows, true) }
            };
            for b in 0..blocks {
                let (rows, is_there) = rows_of(b);
                let weights = match &self.wanted {
                    Wanted::Sum { .. } if is_there => self.data.load_weights(rows.clone()),
                    Wanted::Sum { .. } => Block::splat(0.0),
                    Wanted::Each { .. } => Block::splat(1.0),
                };
                self.data.load(rows, &mut inputs[b..width * blocks], blocks);
                inputs[width * blocks + b] = weights;
            }
            if !self.code.run(here.len(), inputs, self.uniform, scratch, self.adjoints, outputs) {
                return Err(here);
            }
            for b in 0..blocks {
                let (rows, true) = rows_of(b) else { break };
                match &mut self.wanted {
                    Wanted::Each { width, settled, out } => {
                        let out = &mut out[(rows.start - start) * *width..];
                        for j in 0..*width {
                            let output = outputs[j * blocks + b];
                            let lanes = if *settled { output.settled() } else { output };
                            for lane in 0..rows.len() {
                                out[lane * *width + j] = lanes.0[lane];
                            }
                        }
                    }
                    Wanted::Sum { .. } => {
                        let weights = inputs[width * blocks + b];
                        total_of_rows.accumulate(weigh(weights, outputs[b]));
                    }
                }
            }
        }
        if let Wanted::Sum { sum, totals } = self.wanted {
            *sum = total(total_of_rows);
            totals.iter_mut().zip(self.adjoints).for_each(|(out, lanes)| *out = total(*lanes));
        }
        Ok(())
    }
}
