//! The work on a run of rows, block by block: what one thread does.

use super::block::{
    Block, Broken, PlacedValues, RowAdjoints, RowValues, SUMMED, broken, folded, total,
};
use super::data::Rows;
use super::split::{PASSIVE, Split, UNIFORM};
use crate::lanes::{Job, Lanes};
use crate::op::Values;
use crate::program::run::{Adjoints, evaluate_guarded, sweep};
use std::ops::Range;

/// A guard of the row part that a row does not keep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused {
    /// The guard's place in the whole program.
    pub check: usize,
    pub row: usize,
    pub sides: [f64; 2],
}

/// What all chunks of a run have in common.
#[derive(Clone, Copy)]
pub(super) struct Common<'a> {
    pub split: &'a Split,
    pub frontier: &'a [f64],
    pub rows: Rows<'a>,
    pub weights: Option<&'a [f64]>,
}

impl Common<'_> {
    #[inline(always)]
    fn refused(&self, k: usize, first: usize, broken: Broken) -> Refused {
        let row = self.rows.original(first + broken.lane);
        Refused { check: self.split.row.check_of[k], row, sides: broken.sides }
    }

    /// The weights of a block's rows: 0 in the lanes that no row has.
    #[inline(always)]
    fn weights_of<const W: usize>(&self, rows: Range<usize>) -> Lanes<W> {
        let mut lanes = Lanes::splat(0.0);
        match self.weights {
            None => lanes.0[..rows.len()].fill(1.0),
            Some(weights) => lanes.0[..rows.len()].copy_from_slice(&weights[rows]),
        }
        lanes
    }
}

/// The weighted sum of the output over some rows, and its adjoints at the frontier.
pub(super) struct SumAndAdjoints<'a, const W: usize> {
    pub common: Common<'a>,
    pub rows: Range<usize>,
    pub block: &'a mut Block<W>,
    /// Grows by what these rows contribute.
    pub adjoints: &'a mut [Lanes<SUMMED>],
}

impl<const W: usize> Job for SumAndAdjoints<'_, W> {
    type Output = Result<f64, Refused>;

    #[inline(always)]
    fn run(self) -> Result<f64, Refused> {
        let SumAndAdjoints { common, rows, block, adjoints } = self;
        let (part, output) = (&common.split.row, common.split.outputs[0]);
        let (inputs, len) = (common.rows.width(), part.code.insts.len());
        let (values, row_adjoints) = block.room(len, len);
        let mut values = RowValues { frontier: common.frontier, rows: values };
        let mut adjoints = RowAdjoints { frontier: adjoints, rows: row_adjoints };
        let mut sum = Lanes::splat(0.0);
        for first in rows.clone().step_by(W) {
            let here = first..rows.end.min(first + W);
            let count = here.len();
            common.rows.load(here.clone(), &mut values.rows[..inputs]);
            let mut found = Broken::default();
            evaluate_guarded(&part.code, inputs..len, &part.checks, &mut values, |check, l, r| {
                broken(check, l, r, count).map(|broken| found = broken).is_none()
            })
            .map_err(|k| common.refused(k, first, found))?;
            let weights = common.weights_of(here);
            sum = sum + folded(weighted(weights, values.get(output)));
            if adjoints.wants(output) {
                adjoints.add(output, weights);
            }
            match sweep(&part.code, inputs..len, &values, &mut adjoints) {
                Ok(()) => {}
                Err(error) => unreachable!("every custom operation has a plain vjp: {error}"),
            }
        }
        Ok(total(sum))
    }
}

/// A row of weight 0 counts for nothing, whatever its value.
#[inline(always)]
fn weighted<const W: usize>(weights: Lanes<W>, values: Lanes<W>) -> Lanes<W> {
    weights.zip(values, |w, value| if w == 0.0 { 0.0 } else { w * value })
}

/// The outputs of some rows.
pub(super) struct Values_<'a, const W: usize> {
    pub common: Common<'a>,
    pub rows: Range<usize>,
    pub block: &'a mut Block<W>,
    /// Row by row.
    pub outputs: &'a mut [f64],
}

impl<const W: usize> Job for Values_<'_, W> {
    type Output = Result<(), Refused>;

    #[inline(always)]
    fn run(self) -> Result<(), Refused> {
        let Values_ { common, rows, block, outputs } = self;
        let (split, slots) = (common.split, &common.split.slots);
        let (inputs, len) = (common.rows.width(), slots.code.insts.len());
        let (values, _) = block.room(slots.count, 0);
        let values = RowValues { frontier: common.frontier, rows: values };
        let mut placed = PlacedValues { values, place: &slots.place };
        for first in rows.clone().step_by(W) {
            let here = first..rows.end.min(first + W);
            let count = here.len();
            common.rows.load(here, &mut placed.values.rows[..inputs]);
            let mut found = Broken::default();
            evaluate_guarded(
                &slots.code,
                inputs..len,
                &slots.checks,
                &mut placed,
                |check, l, r| broken(check, l, r, count).map(|broken| found = broken).is_none(),
            )
            .map_err(|k| common.refused(k, first, found))?;
            let width = split.outputs.len();
            for (j, &output) in split.outputs.iter().enumerate() {
                let lanes = placed.get(slots.place_of(output) | (output & UNIFORM));
                for (lane, &value) in lanes.0[..count].iter().enumerate() {
                    outputs[(first - rows.start + lane) * width + j] = value;
                }
            }
        }
        Ok(())
    }
}

/// Whether anything at all flows back from the output.
pub(super) fn is_passive(split: &Split) -> bool {
    split.outputs[0] & PASSIVE != 0
}
