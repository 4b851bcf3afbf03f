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
use crate::lanes::{Job, Lanes};
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

/// A walk that sweeps with care. It is a job of its own so that, unoptimized, it does not take the stack of both
/// kinds of sweeps: a custom operation may start a walk inside a walk.
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
    fn run(self) -> Result<(), Broken> {
        self.each_block::<false>()
    }
}

impl Job for Careful<'_> {
    type Output = Result<(), Broken>;

    #[inline(always)]
    fn run(self) -> Result<(), Broken> {
        self.0.each_block::<true>()
    }
}

impl Walk<'_> {
    /// Compute all blocks.
    #[inline(always)]
    fn each_block<const CAREFUL: bool>(mut self) -> Result<(), Broken> {
        let mut total_of_rows = Block::splat(0.0);
        let start = self.rows.start;
        for first in self.rows.clone().step_by(WIDTH) {
            let here = first..self.rows.end.min(first + WIDTH);
            self.data.load(here.clone(), &mut self.values.rows[self.inputs.clone()]);
            self.forwards(here.clone())?;
            let weights = match self.purpose {
                Purpose::Sum { .. } | Purpose::SumAndAdjoints { .. } => {
                    self.data.load_weights(here.clone())
                }
                Purpose::Outputs { .. } | Purpose::Gradients { .. } => Lanes::splat(1.0),
            };
            self.backwards::<CAREFUL>(weights);
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
    /// guard that it breaks. So after a broken guard the rows before that one are still checked.
    #[inline(always)]
    fn forwards(&mut self, rows: Range<usize>) -> Result<(), Broken> {
        let (code, checks, inputs) = (self.code, self.checks, self.inputs.clone());
        let (left, found) = checked(code, checks, inputs.end, rows.clone(), &mut self.values);
        if left < rows.len() && left > 0 && !code.calls.is_empty() {
            let start = rows.start;
            // A copy, so that the walk itself can stay in registers.
            let RowValues { frontier, ref mut rows, slot } = self.values;
            let values = RowValues { frontier, rows, slot };
            let earlier = recompute(code, checks, inputs, self.data, start..start + left, values);
            return earlier.or(found).map_or(Ok(()), Err);
        }
        found.map_or(Ok(()), Err)
    }

    /// Sweep backwards over a block, if that is what it is computed for.
    #[inline(always)]
    fn backwards<const CAREFUL: bool>(&mut self, seed: Block) {
        let (code, output, adjoints) = match &self.purpose {
            Purpose::Outputs { .. } | Purpose::Sum { .. } => return,
            Purpose::SumAndAdjoints { output, adjoints, .. } => (self.code, *output, *adjoints),
            Purpose::Gradients { code, output, adjoints, .. } => (*code, *output, *adjoints),
        };
        if adjoints.wants(output) {
            adjoints.add(output, seed.seeded());
            let range = self.inputs.end..code.insts.len();
            if !CAREFUL {
                return pull_lanes(code, range, &self.values, adjoints);
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
                    let lanes = values.get(output);
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
                    let lanes = adjoints.get(i);
                    adjoints.done(i);
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
fn checked(
    code: &InstVec,
    checks: &[Check],
    first: usize,
    rows: Range<usize>,
    values: &mut RowValues<'_>,
) -> (usize, Option<Broken>) {
    let (mut found, mut check, mut count) = (None, 0, rows.len());
    let range = first..code.insts.len();
    let all_hold = evaluate_guarded(code, range, checks, values, |guard, left, right| {
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

/// Compute the rows before a broken guard again, without that row, and find the guard that ends these. Not inlined, so
/// compiled for the baseline.
#[cold]
#[inline(never)]
fn recompute(
    code: &InstVec,
    checks: &[Check],
    inputs: Range<usize>,
    data: &Rows<'_>,
    mut rows: Range<usize>,
    mut values: RowValues<'_>,
) -> Option<Broken> {
    let mut first_found = None;
    loop {
        data.load(rows.clone(), &mut values.rows[inputs.clone()]);
        let (left, found) = checked(code, checks, inputs.end, rows.clone(), &mut values);
        first_found = found.or(first_found);
        if left == rows.len() || left == 0 {
            return first_found;
        }
        rows.end = rows.start + left;
    }
}

/// A row of weight 0 counts for nothing, whatever its value.
#[inline(always)]
fn weigh(weights: Block, values: Block) -> Block {
    weights.zip(values, |w, value| if w == 0.0 { 0.0 } else { w * value })
}

/// Find the first lane of `rows` where a guard does not hold.
#[inline(always)]
fn first_broken(guard: &Check, left: Block, right: Block, rows: usize) -> Option<usize> {
    (0..rows).find(|&lane| !guard.holds(left.0[lane], right.0[lane]))
}

/// Values of the row part: results in lanes, the frontier in numbers that are the same in all of them.
pub(super) struct RowValues<'a> {
    pub frontier: &'a [f64],
    pub rows: &'a mut [Block],
    /// The slots that results go to; `None` if all results are kept.
    pub slot: Option<&'a [u32]>,
}

impl Values<Block> for RowValues<'_> {
    #[inline(always)]
    fn get(&self, operand: u32) -> Block {
        let at = (operand & INDEX) as usize;
        match operand & UNIFORM {
            0 => self.rows[at],
            _ => Lanes::splat(self.frontier[at]),
        }
    }
}

impl Results<Block> for RowValues<'_> {
    #[inline(always)]
    fn set(&mut self, instruction: usize, value: Block) {
        let at = self.slot.map_or(instruction, |slot| slot[instruction] as usize);
        self.rows[at] = value;
    }
}

/// Adjoints of the row part. Those of results are zero again once taken, for the next block; those of the
/// frontier grow over all blocks.
#[derive(Clone, Copy)]
pub(super) struct RowAdjoints<'a> {
    pub frontier: &'a [Cell<Block>],
    pub rows: &'a [Cell<Block>],
}

impl Adjoints<Block> for RowAdjoints<'_> {
    #[inline(always)]
    fn get(self, instruction: usize) -> Block {
        self.rows[instruction].get()
    }

    #[inline(always)]
    fn done(self, instruction: usize) {
        self.rows[instruction].set(Lanes::nothing());
    }

    #[inline(always)]
    fn wants(self, operand: u32) -> bool {
        operand & PASSIVE == 0
    }

    #[inline(always)]
    fn add(self, operand: u32, contribution: Block) {
        let at = (operand & INDEX) as usize;
        match operand & UNIFORM {
            0 => accumulate(&self.rows[at], contribution),
            _ => accumulate(&self.frontier[at], contribution),
        }
    }
}

/// Add up lanes, as a tree.
#[inline(always)]
pub(super) fn total(lanes: Block) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes.0;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
