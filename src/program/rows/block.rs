//! One block of rows in lanes: where the row part of a program keeps values and adjoints.

use super::split::{INDEX, PASSIVE, UNIFORM};
use crate::Real;
use crate::lanes::Lanes;
use crate::op::Values;
use crate::program::workspace::{filled, sized};
use crate::sweep::interpreter::{Adjoints, Results};

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

/// Add up lanes, as a tree.
#[inline(always)]
pub(super) fn total(lanes: Numbers) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes.0;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
