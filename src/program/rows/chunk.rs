//! The work on a run of rows, block by block: what one thread does at a time.

use super::block::{
    Block, Broken, InBlocks, PlacedValues, RowAdjoints, RowValues, SUMMED, broken, folded, total,
};
use super::data::Rows;
use super::split::Split;
use crate::Real;
use crate::lanes::Lanes;
use crate::op::Values;
use crate::program::graph::Graph;
use crate::program::run::{Adjoints, evaluate_guarded, sweep};
use std::ops::Range;

/// A guard that a row does not keep.
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
    /// The values of the frontier.
    pub frontier: &'a [f64],
    pub rows: Rows<'a>,
}

impl Common<'_> {
    #[inline(always)]
    fn refused(&self, k: usize, first: usize, broken: Broken) -> Refused {
        let row = self.rows.original(first + broken.lane);
        Refused { check: self.split.row.check_of[k], row, sides: broken.sides }
    }

    /// Compute a block of rows, and keep what the outputs need.
    #[inline(always)]
    fn outputs<const W: usize>(
        &self,
        here: Range<usize>,
        placed: &mut PlacedValues<'_, W>,
    ) -> Result<(), Refused> {
        let (slots, inputs, count) = (&self.split.slots, self.rows.width(), here.len());
        self.rows.load(here.clone(), &mut placed.values.rows[..inputs]);
        let range = inputs..slots.code.insts.len();
        let mut found = Broken::default();
        evaluate_guarded(&slots.code, range, &slots.checks, placed, |check, left, right| {
            broken(check, left, right, count).map(|broken| found = broken).is_none()
        })
        .map_err(|k| self.refused(k, here.start, found))
    }
}

/// The blocks of `W` rows in a run.
#[inline(always)]
fn blocks<const W: usize>(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(W).map(move |first| first..end.min(first + W))
}

/// A row of weight 0 counts for nothing, whatever its value.
#[inline(always)]
fn weighted<const W: usize>(weights: Lanes<W>, values: Lanes<W>) -> Lanes<W> {
    weights.zip(values, |w, value| if w == 0.0 { 0.0 } else { w * value })
}

/// The weighted sum of the only output.
pub(super) struct Sum<'a> {
    pub common: Common<'a>,
    pub rows: Range<usize>,
}

impl InBlocks for Sum<'_> {
    type Output = Result<f64, Refused>;

    #[inline(always)]
    fn run<const W: usize>(self, block: &mut Block<W>) -> Result<f64, Refused> {
        let Sum { common, rows } = self;
        let slots = &common.split.slots;
        let output = slots.place_of(common.split.outputs[0]);
        let values = RowValues { frontier: common.frontier, rows: block.room(slots.count, 0).0 };
        let mut placed = PlacedValues { values, place: &slots.place };
        let mut sum = Lanes::splat(0.0);
        for here in blocks::<W>(rows) {
            common.outputs(here.clone(), &mut placed)?;
            let weights = common.rows.load_weights(here);
            sum.accumulate(folded(weighted(weights, placed.get(output))));
        }
        Ok(total(sum))
    }
}

/// The weighted sum of the only output, and its adjoints at the frontier.
pub(super) struct SumAndAdjoints<'a> {
    pub common: Common<'a>,
    pub rows: Range<usize>,
    /// Grows by what these rows contribute.
    pub adjoints: &'a mut [Lanes<SUMMED>],
}

impl InBlocks for SumAndAdjoints<'_> {
    type Output = Result<f64, Refused>;

    #[inline(always)]
    fn run<const W: usize>(self, block: &mut Block<W>) -> Result<f64, Refused> {
        let SumAndAdjoints { common, rows, adjoints } = self;
        let (part, output) = (&common.split.row, common.split.outputs[0]);
        let (inputs, len) = (common.rows.width(), part.code.insts.len());
        let (values, row_adjoints) = block.room(len, len);
        let mut values = RowValues { frontier: common.frontier, rows: values };
        let mut adjoints = RowAdjoints { frontier: adjoints, rows: row_adjoints };
        let mut sum = Lanes::splat(0.0);
        for here in blocks::<W>(rows) {
            let (first, count) = (here.start, here.len());
            common.rows.load(here.clone(), &mut values.rows[..inputs]);
            let mut found = Broken::default();
            evaluate_guarded(&part.code, inputs..len, &part.checks, &mut values, |check, l, r| {
                broken(check, l, r, count).map(|broken| found = broken).is_none()
            })
            .map_err(|k| common.refused(k, first, found))?;
            let weights = common.rows.load_weights(here);
            sum.accumulate(folded(weighted(weights, values.get(output))));
            if adjoints.wants(output) {
                adjoints.add(output, weights);
            }
            backwards(sweep(&part.code, inputs..len, &values, &mut adjoints));
        }
        Ok(total(sum))
    }
}

/// What a first derivative cannot fail with.
#[inline(always)]
pub(super) fn backwards(swept: Result<(), crate::NotTwiceDifferentiable>) {
    if let Err(error) = swept {
        unreachable!("every custom operation has a plain vjp: {error}");
    }
}

/// All outputs of each row.
pub(super) struct Outputs<'a> {
    pub common: Common<'a>,
    pub rows: Range<usize>,
    /// Row by row.
    pub out: &'a mut [f64],
}

impl InBlocks for Outputs<'_> {
    type Output = Result<(), Refused>;

    #[inline(always)]
    fn run<const W: usize>(self, block: &mut Block<W>) -> Result<(), Refused> {
        let Outputs { common, rows, out } = self;
        let (slots, outputs) = (&common.split.slots, &common.split.outputs);
        let values = RowValues { frontier: common.frontier, rows: block.room(slots.count, 0).0 };
        let mut placed = PlacedValues { values, place: &slots.place };
        let first = rows.start;
        for here in blocks::<W>(rows) {
            common.outputs(here.clone(), &mut placed)?;
            let out = &mut out[(here.start - first) * outputs.len()..];
            for (j, &output) in outputs.iter().enumerate() {
                let lanes: Lanes<W> = placed.get(slots.place_of(output));
                for lane in 0..here.len() {
                    out[lane * outputs.len() + j] = lanes.0[lane];
                }
            }
        }
        Ok(())
    }
}

/// The gradient of the only output of each row, with respect to all inputs: the whole program in lanes,
/// what is shared too.
pub(super) struct Gradients<'a> {
    pub graph: &'a Graph,
    pub shared: &'a [f64],
    pub rows: Range<usize>,
    pub data: Rows<'a>,
    /// Row by row.
    pub out: &'a mut [f64],
}

impl InBlocks for Gradients<'_> {
    type Output = Result<(), Refused>;

    #[inline(always)]
    fn run<const W: usize>(self, block: &mut Block<W>) -> Result<(), Refused> {
        let Gradients { graph, shared, rows, data, out } = self;
        let (code, output) = (&graph.code, graph.outputs[0] as usize);
        let (inputs, len) = (graph.inputs as usize, code.insts.len());
        let (values, adjoints) = block.room(len, len);
        values.iter_mut().zip(shared).for_each(|(lanes, &x)| *lanes = Lanes::splat(x));
        let start = rows.start;
        for here in blocks::<W>(rows) {
            let (first, count) = (here.start, here.len());
            data.load(here, &mut values[shared.len()..inputs]);
            let mut found = Broken::default();
            evaluate_guarded(code, inputs..len, &graph.checks, values, |check, left, right| {
                broken(check, left, right, count).map(|broken| found = broken).is_none()
            })
            .map_err(|check| Refused {
                check,
                row: data.original(first + found.lane),
                sides: found.sides,
            })?;
            adjoints.fill(Lanes::splat(0.0));
            adjoints[output] = Lanes::splat(1.0);
            backwards(sweep(code, inputs..len, &*values, adjoints));
            let out = &mut out[(first - start) * inputs..];
            for lane in 0..count {
                let row = &mut out[lane * inputs..][..inputs];
                row.iter_mut().zip(&*adjoints).for_each(|(out, lanes)| *out = lanes.0[lane]);
            }
        }
        Ok(())
    }
}
