//! The walk over a run of rows, block by block.
//!
//! ```text
//! for each block of eight rows:
//!     load its inputs into lanes
//!     compute the row part, and check each guard as soon as both its sides are there
//!     if derivatives are wanted: sweep backwards from the output
//!     write the results of its rows, or add them up lane by lane
//! add up the lanes
//! ```
//!
//! The loops over all operations are compiled for rows here and nowhere else, once for each instruction set. That
//! is why one walk serves four purposes: each kind of run with a walk of its own would make the crate take
//! minutes to compile. What is reached from [`Walk::run`] must be `#[inline(always)]`, or it is compiled for the
//! baseline instruction set.
//!
//! The lanes beyond the last row of the last block repeat that row: they can do nothing that it does not do
//! itself, such as break a guard or call a custom operation with other numbers. They have weight 0 in sums.

use super::data::Rows;
use super::split::{INDEX, PASSIVE, UNIFORM};
use crate::Real;
use crate::lanes::{Job, Lanes, Target, run_baseline};
use crate::op::Values;
use crate::program::code::{Check, InstVec, evaluate_guarded};
use crate::program::workspace::{Block, WIDTH};
use crate::sweep::care::{pull_lanes, pull_lanes_carefully};
use crate::sweep::storage::{Adjoints, Results, accumulate};
use std::cell::Cell;
use std::ops::Range;

/// A walk over rows.
pub(super) struct Walk<'a> {
    pub code: &'a InstVec,
    pub checks: &'a [Check],
    pub data: &'a Rows<'a>,
    pub rows: Range<usize>,
    /// The inputs of a row: the last inputs of `code`.
    pub inputs: Range<usize>,
    pub values: RowValues<'a>,
    pub purpose: Purpose<'a>,
}

/// A walk that sweeps with care. It is rare, so it is a job of its own, whose kernels are calls.
pub(super) struct Careful<'a>(pub Walk<'a>);

/// What rows are computed for.
pub(super) enum Purpose<'a> {
    /// All outputs of each row.
    Outputs { outputs: &'a [u32], out: &'a mut [f64] },
    /// The weighted sum of one output.
    Sum { output: u32, out: &'a mut f64 },
    /// The weighted sum of one output, and its adjoints at the frontier.
    SumAndAdjoints {
        output: u32,
        adjoints: RowAdjoints<'a>,
        sum: &'a mut f64,
        totals: &'a mut [f64],
    },
    /// The gradient of one output of each row with respect to all inputs, by a sweep over `code`.
    Gradients { code: &'a InstVec, output: u32, adjoints: RowAdjoints<'a>, out: &'a mut [f64] },
}

/// A guard that does not hold in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken {
    /// Its index in the guards of the walk.
    pub check: usize,
    /// Its index in the rows of the run.
    pub row: usize,
    /// What was compared there.
    pub sides: [f64; 2],
}

impl Job for Walk<'_> {
    type Output = Result<(), Broken>;

    #[inline(always)]
    fn run<T: Target>(self) -> Result<(), Broken> {
        self.each_block::<T::Inlined, T, false>()
    }
}

impl Job for Careful<'_> {
    type Output = Result<(), Broken>;

    #[inline(always)]
    fn run<T: Target>(self) -> Result<(), Broken> {
        self.0.each_block::<T, T, true>()
    }
}

impl Walk<'_> {
    /// Compute all blocks: values by `V`, the sweep by `T`, if it is not careful.
    #[inline(always)]
    fn each_block<V: Target, T: Target, const CAREFUL: bool>(mut self) -> Result<(), Broken> {
        let mut total_of_rows = Block::splat(0.0);
        let start = self.rows.start;
        for first in self.rows.clone().step_by(WIDTH) {
            let here = first..self.rows.end.min(first + WIDTH);
            self.data.load(here.clone(), &mut self.values.rows[self.inputs.clone()], 1);
            self.forwards::<V>(here.clone())?;
            let weights = match self.purpose {
                Purpose::Sum { .. } | Purpose::SumAndAdjoints { .. } => {
                    self.data.load_weights(here.clone())
                }
                Purpose::Outputs { .. } | Purpose::Gradients { .. } => Lanes::splat(1.0),
            };
            self.backwards::<T, CAREFUL>(weights);
            self.collect(here, start, weights, &mut total_of_rows);
        }
        match self.purpose {
            Purpose::Sum { out, .. } => *out = total(total_of_rows),
            Purpose::SumAndAdjoints { adjoints, sum, totals, .. } => {
                *sum = total(total_of_rows);
                for (out, lanes) in totals.iter_mut().zip(adjoints.frontier) {
                    *out = total(lanes.get());
                }
            }
            Purpose::Outputs { .. } | Purpose::Gradients { .. } => {}
        }
        Ok(())
    }

    /// Compute a block.
    ///
    /// A refusal is the one that a loop over the rows would find: of the first row that breaks a guard, the first
    /// guard that it breaks. So after a broken guard the rows before that one are still checked, and where a custom
    /// operation ended the block they are computed again, without the others.
    #[inline(always)]
    fn forwards<T: Target>(&mut self, here: Range<usize>) -> Result<(), Broken> {
        let (code, checks, inputs) = (self.code, self.checks, self.inputs.clone());
        let (left, found) = checked::<T>(code, checks, inputs.end, here.clone(), &mut self.values);
        if left < here.len() && left > 0 && !code.calls.is_empty() {
            // A copy, so that the walk itself can stay in registers.
            let RowValues { frontier, ref mut rows, slot } = self.values;
            run_baseline(Walk {
                rows: here.start..here.start + left,
                values: RowValues { frontier, rows, slot },
                purpose: Purpose::Outputs { outputs: &[], out: &mut [] },
                inputs,
                ..*self
            })?;
        }
        found.map_or(Ok(()), Err)
    }

    /// Sweep backwards over a block, if that is what it is computed for.
    #[inline(always)]
    fn backwards<T: Target, const CAREFUL: bool>(&mut self, seed: Block) {
        let (code, output, adjoints) = match &self.purpose {
            Purpose::Outputs { .. } | Purpose::Sum { .. } => return,
            Purpose::SumAndAdjoints { output, adjoints, .. } => (self.code, *output, *adjoints),
            Purpose::Gradients { code, output, adjoints, .. } => (*code, *output, *adjoints),
        };
        if Adjoints::<Block>::wants(adjoints, output) {
            adjoints.add(output, seed.seeded());
            let range = self.inputs.end..code.insts.len();
            if !CAREFUL {
                return pull_lanes::<T>(code, range, &self.values, adjoints);
            }
            // A copy, so that the walk itself can stay in registers.
            let RowValues { frontier, ref mut rows, slot } = self.values;
            pull_lanes_carefully(code, range, &RowValues { frontier, rows, slot }, adjoints);
        }
    }

    /// Write or add up what a block was computed for.
    #[inline(always)]
    fn collect(&mut self, rows: Range<usize>, start: usize, weights: Block, sum: &mut Block) {
        let (values, offset, count) = (&self.values, rows.start - start, rows.len());
        match &mut self.purpose {
            Purpose::Outputs { outputs, out } => {
                let out = &mut out[offset * outputs.len()..];
                for (j, &output) in outputs.iter().enumerate() {
                    let lanes: Block = values.get(output);
                    for lane in 0..count {
                        out[lane * outputs.len() + j] = lanes.0[lane];
                    }
                }
            }
            Purpose::Sum { output, .. } | Purpose::SumAndAdjoints { output, .. } => {
                sum.accumulate(weigh(weights, values.get(*output)));
            }
            Purpose::Gradients { adjoints, out, .. } => {
                let inputs = self.inputs.end;
                let out = &mut out[offset * inputs..];
                for i in 0..inputs {
                    let lanes: Block = adjoints.get(i);
                    Adjoints::<Block>::done(*adjoints, i);
                    for lane in 0..count {
                        out[lane * inputs + i] = lanes.0[lane].settled();
                    }
                }
            }
        }
    }
}

/// Compute a block as long as a row of it keeps its path; return how many do, and the guard that ends it. Where there
/// are custom operations it ends at the first broken guard: they may not take the numbers of a row that has left its
/// path.
#[inline(always)]
fn checked<T: Target>(
    code: &InstVec,
    checks: &[Check],
    first: usize,
    rows: Range<usize>,
    values: &mut RowValues<'_>,
) -> (usize, Option<Broken>) {
    let (mut found, mut check, mut count) = (None, 0, rows.len());
    let range = first..code.insts.len();
    let all_hold = evaluate_guarded(code, range, checks, values, |guard, left: Lanes<T>, right| {
        let broken = first_broken(guard, left, right, count);
        if let Some(lane) = broken {
            let sides = [left.0[lane], right.0[lane]];
            found = Some(Broken { check, row: rows.start + lane, sides });
            count = lane;
        }
        check += 1;
        broken.is_none() || (count > 0 && code.calls.is_empty())
    });
    debug_assert!(all_hold.is_ok() || found.is_some(), "only a broken guard ends it early");
    (count, found)
}

/// A row of weight 0 counts for nothing, whatever its value.
#[inline(always)]
pub(super) fn weigh(weights: Block, values: Block) -> Block {
    weights.zip(values, |w, value| if w == 0.0 { 0.0 } else { w * value })
}

/// Find the first lane of `rows` where a guard does not hold.
#[inline(always)]
fn first_broken<T: Target>(
    guard: &Check,
    left: Lanes<T>,
    right: Lanes<T>,
    rows: usize,
) -> Option<usize> {
    (0..rows).find(|&lane| !guard.holds(left.0[lane], right.0[lane]))
}

/// Values of the row part: results in lanes, the frontier in numbers that are the same in all of them.
pub(super) struct RowValues<'a> {
    pub frontier: &'a [f64],
    pub rows: &'a mut [Block],
    /// The slots that results go to; `None` if all results are kept.
    pub slot: Option<&'a [u32]>,
}

impl<T: Target> Values<Lanes<T>> for RowValues<'_> {
    #[inline(always)]
    fn get(&self, operand: u32) -> Lanes<T> {
        let at = (operand & INDEX) as usize;
        match operand & UNIFORM {
            0 => self.rows[at].to(),
            _ => Lanes::splat(self.frontier[at]),
        }
    }
}

impl<T: Target> Results<Lanes<T>> for RowValues<'_> {
    #[inline(always)]
    fn set(&mut self, instruction: usize, value: Lanes<T>) {
        let at = self.slot.map_or(instruction, |slot| slot[instruction] as usize);
        self.rows[at] = value.to();
    }
}

/// Adjoints of the row part. Those of results are zero again once taken, for the next block; those of the
/// frontier grow over all blocks.
#[derive(Clone, Copy)]
pub(super) struct RowAdjoints<'a> {
    pub frontier: &'a [Cell<Block>],
    pub rows: &'a [Cell<Block>],
}

impl<T: Target> Adjoints<Lanes<T>> for RowAdjoints<'_> {
    #[inline(always)]
    fn get(self, instruction: usize) -> Lanes<T> {
        self.rows[instruction].get().to()
    }

    #[inline(always)]
    fn done(self, instruction: usize) {
        self.rows[instruction].set(Block::nothing());
    }

    #[inline(always)]
    fn wants(self, operand: u32) -> bool {
        operand & PASSIVE == 0
    }

    #[inline(always)]
    fn add(self, operand: u32, contribution: Lanes<T>) {
        let at = (operand & INDEX) as usize;
        match operand & UNIFORM {
            0 => accumulate(&self.rows[at], contribution.to()),
            _ => accumulate(&self.frontier[at], contribution.to()),
        }
    }
}

/// Add up lanes, as a tree.
#[inline(always)]
pub(super) fn total(lanes: Block) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes.0;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
