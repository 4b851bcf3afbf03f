//! One block of rows in lanes: where the row part of a program keeps values and adjoints.

use super::split::{INDEX, PASSIVE, UNIFORM};
use crate::Real;
use crate::lanes::{Isa, Job, Lanes};
use crate::op::Values;
use crate::program::graph::Check;
use crate::program::run::{Adjoints, Results};
use crate::program::workspace::{filled, sized};

/// How many lanes the adjoints of the frontier are summed in, whatever the width of a block.
pub(super) const SUMMED: usize = 8;

/// Memory for blocks of `W` rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Block<const W: usize> {
    values: Vec<Lanes<W>>,
    adjoints: Vec<Lanes<W>>,
}

impl<const W: usize> Block<W> {
    /// Room for so many values and adjoints; the adjoints are zeros.
    #[inline(always)]
    pub fn room(&mut self, values: usize, adjoints: usize) -> (&mut [Lanes<W>], &mut [Lanes<W>]) {
        let zero = Lanes::splat(0.0);
        (sized(&mut self.values, values, zero), filled(&mut self.adjoints, adjoints, zero))
    }
}

/// Work on rows in blocks of any width. All of it must be `#[inline(always)]`, as in a [`Job`].
pub(super) trait InBlocks {
    type Output;
    fn run<const W: usize>(self, block: &mut Block<W>) -> Self::Output;
}

/// Memory for one thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers {
    narrow: Block<8>,
    wide: Block<16>,
    adjoints: Vec<Lanes<SUMMED>>,
}

/// Blocks of either width.
type Blocks<'a> = (&'a mut Block<8>, &'a mut Block<16>);

impl Buffers {
    /// The blocks, and the adjoints of the frontier.
    pub fn blocks(&mut self) -> (Blocks<'_>, &mut Vec<Lanes<SUMMED>>) {
        ((&mut self.narrow, &mut self.wide), &mut self.adjoints)
    }
}

/// Work with the blocks it runs in.
struct With<'a, W, const N: usize> {
    work: W,
    block: &'a mut Block<N>,
}

impl<W: InBlocks, const N: usize> Job for With<'_, W, N> {
    type Output = W::Output;
    #[inline(always)]
    fn run(self) -> W::Output {
        self.work.run(self.block)
    }
}

/// Run in blocks that suit so many rows: two vectors of AVX-512 side by side hide each other's latency, but a
/// few rows do not fill them.
pub(super) fn in_blocks<W: InBlocks>(
    isa: Isa,
    rows: usize,
    (narrow, wide): Blocks<'_>,
    work: W,
) -> W::Output {
    match rows {
        0..=8 => isa.run(With { work, block: narrow }),
        _ => isa.run(With { work, block: wide }),
    }
}

/// Values of the row part: results in lanes, the frontier in numbers that are the same in all of them.
pub(super) struct RowValues<'a, const W: usize> {
    pub frontier: &'a [f64],
    pub rows: &'a mut [Lanes<W>],
}

impl<const W: usize> Values<Lanes<W>> for RowValues<'_, W> {
    #[inline(always)]
    fn get(&self, operand: u32) -> Lanes<W> {
        let at = (operand & INDEX) as usize;
        match operand & UNIFORM {
            0 => self.rows[at],
            _ => Lanes::splat(self.frontier[at]),
        }
    }
}

impl<const W: usize> Results<Lanes<W>> for RowValues<'_, W> {
    #[inline(always)]
    fn set(&mut self, instruction: usize, value: Lanes<W>) {
        self.rows[instruction] = value;
    }
}

/// The same with results in places.
pub(super) struct PlacedValues<'a, const W: usize> {
    pub values: RowValues<'a, W>,
    pub place: &'a [u32],
}

impl<const W: usize> Values<Lanes<W>> for PlacedValues<'_, W> {
    #[inline(always)]
    fn get(&self, operand: u32) -> Lanes<W> {
        self.values.get(operand)
    }
}

impl<const W: usize> Results<Lanes<W>> for PlacedValues<'_, W> {
    #[inline(always)]
    fn set(&mut self, instruction: usize, value: Lanes<W>) {
        self.values.set(self.place[instruction] as usize, value);
    }
}

/// Adjoints of the row part. Those of results are zero again once taken, for the next block; those of the
/// frontier grow over all blocks.
pub(super) struct RowAdjoints<'a, const W: usize> {
    pub frontier: &'a mut [Lanes<SUMMED>],
    pub rows: &'a mut [Lanes<W>],
}

impl<const W: usize> Adjoints<Lanes<W>> for RowAdjoints<'_, W> {
    #[inline(always)]
    fn take(&mut self, instruction: usize) -> Lanes<W> {
        std::mem::replace(&mut self.rows[instruction], Lanes::splat(0.0))
    }

    #[inline(always)]
    fn wants(&self, operand: u32) -> bool {
        operand & PASSIVE == 0
    }

    #[inline(always)]
    fn add(&mut self, operand: u32, contribution: Lanes<W>) {
        let at = (operand & INDEX) as usize;
        match operand & UNIFORM {
            0 => self.rows[at].accumulate(contribution),
            _ => self.frontier[at].accumulate(folded(contribution)),
        }
    }
}

/// Add up a block's lanes to the lanes of a sum.
#[inline(always)]
pub(super) fn folded<const W: usize>(lanes: Lanes<W>) -> Lanes<SUMMED> {
    let mut sum = Lanes::splat(-0.0);
    for lane in 0..W {
        sum.0[lane % SUMMED] += lanes.0[lane];
    }
    sum
}

/// Add up the lanes of a sum, as a tree.
#[inline(always)]
pub(super) fn total(lanes: Lanes<SUMMED>) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes.0;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// A guard that does not hold in a lane.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Broken {
    pub lane: usize,
    /// What was compared there.
    pub sides: [f64; 2],
}

/// Find the first lane of `count` where a guard does not hold.
#[inline(always)]
pub(super) fn broken<const W: usize>(
    check: &Check,
    left: Lanes<W>,
    right: Lanes<W>,
    count: usize,
) -> Option<Broken> {
    let holds = |lane: usize| check.relation.holds(left.0[lane], right.0[lane]) == check.outcome;
    let lane = (0..count).find(|&lane| !holds(lane))?;
    Some(Broken { lane, sides: [left.0[lane], right.0[lane]] })
}
