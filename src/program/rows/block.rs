//! One block of rows in lanes: where the row part of a program keeps values and adjoints, and the two loops
//! that run on them.
//!
//! The loops over all operations are compiled here and nowhere else, once for each instruction set: forwards
//! and backwards.

use super::data::Rows;
use super::split::{INDEX, PASSIVE, UNIFORM};
use crate::lanes::{Job, Lanes};
use crate::op::Values;
use crate::program::graph::{Check, Code};
use crate::program::run::{Adjoints, Results, evaluate_guarded, sweep};
use crate::program::workspace::{filled, sized};
use crate::{NotTwiceDifferentiable, Real};
use std::ops::Range;

/// How many rows a block has: one vector of AVX-512, two of AVX2, four of the baseline.
pub(super) const ROWS: usize = 8;

/// One number of each row of a block.
pub(super) type Numbers = Lanes<ROWS>;

/// Memory for blocks: one thread's.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers {
    values: Vec<Numbers>,
    /// Of results, which are zeros here, and of the frontier.
    adjoints: [Vec<Numbers>; 2],
}

impl Buffers {
    /// Room for so many values.
    #[inline]
    pub fn values(&mut self, count: usize) -> &mut [Numbers] {
        sized(&mut self.values, count, Numbers::splat(0.0))
    }

    /// Take out room for adjoints of so many results, and for those of the frontier: all zeros.
    ///
    /// A sweep leaves the first kind as zeros, so they need not be filled for the next. They are taken out,
    /// and given back after it, so that one that panics in a custom operation leaves none behind.
    #[inline]
    pub fn take_adjoints(&mut self, results: usize, frontier: usize) -> [Vec<Numbers>; 2] {
        let [mut of_results, mut of_frontier] = std::mem::take(&mut self.adjoints);
        sized(&mut of_results, results, Numbers::splat(0.0));
        filled(&mut of_frontier, frontier, Numbers::splat(0.0));
        [of_results, of_frontier]
    }

    /// Give back what was taken out, the adjoints of results being zeros.
    #[inline]
    pub fn give_back(&mut self, adjoints: [Vec<Numbers>; 2]) {
        self.adjoints = adjoints;
    }
}

/// Values of the row part: results in lanes, the frontier in numbers that are the same in all of them.
pub(super) struct RowValues<'a> {
    pub frontier: &'a [f64],
    pub rows: &'a mut [Numbers],
    /// Where results go, if they go into places; else each has its own.
    pub place: Option<&'a [u32]>,
}

impl Values<Numbers> for RowValues<'_> {
    #[inline(always)]
    fn get(&self, operand: u32) -> Numbers {
        let at = (operand & INDEX) as usize;
        match operand & UNIFORM {
            0 => self.rows[at],
            _ => Lanes::splat(self.frontier[at]),
        }
    }
}

impl Results<Numbers> for RowValues<'_> {
    #[inline(always)]
    fn set(&mut self, instruction: usize, value: Numbers) {
        let at = self.place.map_or(instruction, |place| place[instruction] as usize);
        self.rows[at] = value;
    }
}

/// Adjoints of the row part. Those of results are zero again once taken, for the next block; those of the
/// frontier grow over all blocks.
pub(super) struct RowAdjoints<'a> {
    pub frontier: &'a mut [Numbers],
    pub rows: &'a mut [Numbers],
}

impl Adjoints<Numbers> for RowAdjoints<'_> {
    #[inline(always)]
    fn take(&mut self, instruction: usize) -> Numbers {
        std::mem::replace(&mut self.rows[instruction], Lanes::splat(0.0))
    }

    #[inline(always)]
    fn wants(&self, operand: u32) -> bool {
        operand & PASSIVE == 0
    }

    #[inline(always)]
    fn add(&mut self, operand: u32, contribution: Numbers) {
        let at = (operand & INDEX) as usize;
        match operand & UNIFORM {
            0 => self.rows[at].accumulate(contribution),
            _ => self.frontier[at].accumulate(contribution),
        }
    }
}

/// A guard that does not hold in a lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken {
    /// Its place in the list of guards.
    pub check: usize,
    pub lane: usize,
    /// What was compared there.
    pub sides: [f64; 2],
}

/// Compute instructions; the first `count` lanes are rows, and must keep the guards.
///
/// Of the rows that break one the first is found, and the first guard that it breaks: what a loop over rows
/// would come to.
pub(super) struct Forwards<'a, 'v> {
    pub code: &'a Code,
    pub checks: &'a [Check],
    pub data: &'a Rows<'a>,
    /// The rows of the block.
    pub rows: Range<usize>,
    /// Where the inputs of a row stand; they are the last inputs.
    pub inputs: Range<usize>,
    pub values: &'a mut RowValues<'v>,
}

impl Job for Forwards<'_, '_> {
    type Output = Result<(), Broken>;

    #[inline(always)]
    fn run(self) -> Result<(), Broken> {
        let Forwards { code, checks, data, rows, inputs, values } = self;
        let (count, range) = (rows.len(), inputs.end..code.insts.len());
        data.load(rows, &mut values.rows[inputs]);
        let (mut found, mut check) = (None, 0);
        // The rows before the first that broke a guard: they may break a later one.
        let mut rows = count;
        let all_hold = evaluate_guarded(code, range, checks, values, |guard, left, right| {
            if let Some(lane) = first_broken(guard, left, right, rows) {
                found = Some(Broken { check, lane, sides: [left.0[lane], right.0[lane]] });
                rows = lane;
            }
            check += 1;
            rows > 0
        });
        debug_assert!(all_hold.is_ok() || found.is_some(), "only a broken guard ends it early");
        found.map_or(Ok(()), Err)
    }
}

/// Find the first lane of `rows` where a guard does not hold.
#[inline(always)]
fn first_broken(guard: &Check, left: Numbers, right: Numbers, rows: usize) -> Option<usize> {
    let holds = |lane: usize| guard.relation.holds(left.0[lane], right.0[lane]) == guard.outcome;
    (0..rows).find(|&lane| !holds(lane))
}

/// Sweep backwards over a block of rows, and give the value of the output in each, times its weight.
pub(super) struct Backwards<'a, 'v> {
    pub code: &'a Code,
    /// How many inputs come before the instructions.
    pub inputs: usize,
    pub output: u32,
    /// The data, if its weights are to count.
    pub weighted: Option<&'a Rows<'a>>,
    /// The rows of the block.
    pub rows: Range<usize>,
    pub values: &'a RowValues<'v>,
    pub adjoints: &'a mut RowAdjoints<'v>,
}

impl Job for Backwards<'_, '_> {
    type Output = Result<Numbers, NotTwiceDifferentiable>;

    #[inline(always)]
    fn run(self) -> Result<Numbers, NotTwiceDifferentiable> {
        let Backwards { code, inputs, output, weighted, rows, values, adjoints } = self;
        let weights = match weighted {
            Some(data) => data.load_weights(rows),
            None => Lanes::splat(1.0),
        };
        if adjoints.wants(output) {
            adjoints.add(output, weights);
            sweep(code, inputs..code.insts.len(), values, adjoints)?;
        }
        Ok(weigh(weights, values.get(output)))
    }
}

/// A row of weight 0 counts for nothing, whatever its value.
#[inline(always)]
pub(super) fn weigh(weights: Numbers, values: Numbers) -> Numbers {
    weights.zip(values, |w, value| if w == 0.0 { 0.0 } else { w * value })
}

/// Add up lanes, as a tree.
#[inline(always)]
pub(super) fn total(lanes: Numbers) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes.0;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// Add up the lanes of each.
pub(super) struct Totals<'a> {
    pub lanes: &'a [Numbers],
    pub out: &'a mut [f64],
}

impl Job for Totals<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.out.iter_mut().zip(self.lanes).for_each(|(out, lanes)| *out = total(*lanes));
    }
}
