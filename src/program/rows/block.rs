//! One block of rows in lanes: where the row part of a program keeps values and adjoints, and the two loops
//! that run on them.
//!
//! The loops over all operations are compiled here and nowhere else, once for each instruction set: forwards
//! and backwards.

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
    adjoints: Vec<Numbers>,
    pub frontier: Vec<Numbers>,
}

impl Buffers {
    /// Room for values and adjoints of so many results, and for the adjoints of the frontier; all adjoints
    /// are zeros.
    pub fn room(
        &mut self,
        values: usize,
        adjoints: usize,
        frontier: usize,
    ) -> (&mut [Numbers], &mut [Numbers], &mut [Numbers]) {
        let zero = Numbers::splat(0.0);
        (
            sized(&mut self.values, values, zero),
            filled(&mut self.adjoints, adjoints, zero),
            filled(&mut self.frontier, frontier, zero),
        )
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
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Broken {
    /// Its place in the list of guards.
    pub check: usize,
    pub lane: usize,
    /// What was compared there.
    pub sides: [f64; 2],
}

/// Compute instructions; the first `count` lanes are rows, and must keep the guards.
pub(super) struct Forwards<'a, 'v> {
    pub code: &'a Code,
    pub range: Range<usize>,
    pub checks: &'a [Check],
    pub count: usize,
    pub values: &'a mut RowValues<'v>,
}

impl Job for Forwards<'_, '_> {
    type Output = Result<(), Broken>;

    #[inline(always)]
    fn run(self) -> Result<(), Broken> {
        let Forwards { code, range, checks, count, values } = self;
        let mut found = Broken::default();
        evaluate_guarded(code, range, checks, values, |check, left, right| {
            match broken(check, left, right, count) {
                None => true,
                Some(broken) => {
                    found = broken;
                    false
                }
            }
        })
        .map_err(|check| Broken { check, ..found })
    }
}

/// Find the first lane of `count` where a guard does not hold.
#[inline(always)]
fn broken(check: &Check, left: Numbers, right: Numbers, count: usize) -> Option<Broken> {
    let holds = |lane: usize| check.relation.holds(left.0[lane], right.0[lane]) == check.outcome;
    let lane = (0..count).find(|&lane| !holds(lane))?;
    Some(Broken { check: 0, lane, sides: [left.0[lane], right.0[lane]] })
}

/// Sweep backwards over instructions.
pub(super) struct Backwards<'a, 'v> {
    pub code: &'a Code,
    pub range: Range<usize>,
    pub values: &'a RowValues<'v>,
    pub adjoints: &'a mut RowAdjoints<'v>,
}

impl Job for Backwards<'_, '_> {
    type Output = Result<(), NotTwiceDifferentiable>;

    #[inline(always)]
    fn run(self) -> Result<(), NotTwiceDifferentiable> {
        sweep(self.code, self.range, self.values, self.adjoints)
    }
}

/// Add up lanes, as a tree.
pub(super) fn total(lanes: Numbers) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes.0;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
