//! The work on a run of rows, block by block: what one thread does at a time.

use super::block::{
    Backwards, Broken, Buffers, Forwards, Numbers, ROWS, RowAdjoints, RowValues, total,
};
use super::data::Rows;
use super::split::Split;
use crate::lanes::{Available, Lanes};
use crate::op::Values;
use crate::program::graph::{Check, Code, Graph};
use crate::program::run::Adjoints;
use crate::{NotTwiceDifferentiable, Real};
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
    pub isa: Available,
    pub split: &'a Split,
    /// The values of the frontier.
    pub frontier: &'a [f64],
    pub rows: Rows<'a>,
}

impl Common<'_> {
    /// Compute a block of rows; `own` are the places of the rows' inputs.
    #[inline]
    fn forwards(
        &self,
        (code, checks): (&Code, &[Check]),
        (first, own): (usize, Range<usize>),
        here: Range<usize>,
        values: &mut RowValues<'_>,
    ) -> Result<(), Broken> {
        self.rows.load(here.clone(), &mut values.rows[own]);
        let range = first..code.insts.len();
        self.isa.run(Forwards { code, range, checks, count: here.len(), values })
    }

    fn refused(&self, check_of: &[usize], first: usize, broken: Broken) -> Refused {
        let row = self.rows.original(first + broken.lane);
        Refused { check: check_of[broken.check], row, sides: broken.sides }
    }

    /// Compute the outputs of some rows, and show each block: its rows, and its values.
    fn each_block(
        &self,
        rows: Range<usize>,
        buffers: &mut Buffers,
        mut show: impl FnMut(Range<usize>, &RowValues<'_>),
    ) -> Result<(), Refused> {
        let (slots, inputs) = (&self.split.slots, self.rows.width());
        let (values, ..) = buffers.room(slots.count, 0, 0);
        let mut values =
            RowValues { frontier: self.frontier, rows: values, place: Some(&slots.place) };
        for here in blocks(rows) {
            let program = (&slots.code, &slots.checks[..]);
            self.forwards(program, (inputs, 0..inputs), here.clone(), &mut values)
                .map_err(|broken| self.refused(&self.split.row.check_of, here.start, broken))?;
            show(here, &values);
        }
        Ok(())
    }

    /// Compute all outputs of some rows: `out` takes them row by row.
    pub fn outputs(
        &self,
        rows: Range<usize>,
        out: &mut [f64],
        buffers: &mut Buffers,
    ) -> Result<(), Refused> {
        let (outputs, first) = (&self.split.outputs, rows.start);
        self.each_block(rows, buffers, |here, values| {
            let out = &mut out[(here.start - first) * outputs.len()..];
            for (j, &output) in outputs.iter().enumerate() {
                let lanes = values.get(self.split.slots.place_of(output));
                for lane in 0..here.len() {
                    out[lane * outputs.len() + j] = lanes.0[lane];
                }
            }
        })
    }

    /// Add up the only output over some rows, each with its weight.
    pub fn sum(&self, rows: Range<usize>, buffers: &mut Buffers) -> Result<f64, Refused> {
        let output = self.split.slots.place_of(self.split.outputs[0]);
        let mut sum = Numbers::splat(0.0);
        self.each_block(rows, buffers, |here, values| {
            sum.accumulate(weighted(self.rows.load_weights(here), values.get(output)));
        })?;
        Ok(total(sum))
    }

    /// Add up the only output over some rows, each with its weight; `adjoints` takes the adjoints of the
    /// frontier.
    pub fn sum_and_adjoints(
        &self,
        rows: Range<usize>,
        adjoints: &mut [f64],
        buffers: &mut Buffers,
    ) -> Result<f64, Refused> {
        let (part, output) = (&self.split.row, self.split.outputs[0]);
        let (code, inputs, len) = (&part.code, self.rows.width(), part.code.insts.len());
        let (values, row_adjoints, frontier) = buffers.room(len, len, self.frontier.len());
        let mut values = RowValues { frontier: self.frontier, rows: values, place: None };
        let mut adjoints_here = RowAdjoints { frontier, rows: row_adjoints };
        let mut sum = Numbers::splat(0.0);
        for here in blocks(rows) {
            let program = (code, &part.checks[..]);
            self.forwards(program, (inputs, 0..inputs), here.clone(), &mut values)
                .map_err(|broken| self.refused(&part.check_of, here.start, broken))?;
            let weights = self.rows.load_weights(here);
            sum.accumulate(weighted(weights, values.get(output)));
            if adjoints_here.wants(output) {
                adjoints_here.add(output, weights);
                let adjoints = &mut adjoints_here;
                let range = inputs..len;
                certain(self.isa.run(Backwards { code, range, values: &values, adjoints }));
            }
        }
        adjoints.iter_mut().zip(frontier).for_each(|(out, lanes)| *out = total(*lanes));
        Ok(total(sum))
    }

    /// Compute the gradient of the only output of some rows with respect to all inputs: the whole program in
    /// lanes, what is shared too. `out` takes them row by row.
    pub fn gradients(
        &self,
        graph: &Graph,
        shared: &[f64],
        rows: Range<usize>,
        out: &mut [f64],
        buffers: &mut Buffers,
    ) -> Result<(), Refused> {
        let (code, inputs, len) = (&graph.code, graph.inputs as usize, graph.code.insts.len());
        let (values, adjoints, _) = buffers.room(len, len, 0);
        values.iter_mut().zip(shared).for_each(|(lanes, &x)| *lanes = Lanes::splat(x));
        let mut values = RowValues { frontier: &[], rows: values, place: None };
        let mut adjoints = RowAdjoints { frontier: &mut [], rows: adjoints };
        let start = rows.start;
        for here in blocks(rows) {
            let (first, count) = (here.start, here.len());
            let program = (code, &graph.checks[..]);
            self.forwards(program, (inputs, shared.len()..inputs), here, &mut values).map_err(
                |Broken { check, lane, sides }| Refused {
                    check,
                    row: self.rows.original(first + lane),
                    sides,
                },
            )?;
            adjoints.add(graph.outputs[0], Lanes::splat(1.0));
            let (range, swept) = (inputs..len, &mut adjoints);
            certain(self.isa.run(Backwards { code, range, values: &values, adjoints: swept }));
            let out = &mut out[(first - start) * inputs..];
            for i in 0..inputs {
                let lanes = adjoints.take(i);
                for lane in 0..count {
                    out[lane * inputs + i] = lanes.0[lane];
                }
            }
        }
        Ok(())
    }
}

/// The blocks in a run of rows; the last may be shorter.
fn blocks(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(ROWS).map(move |first| first..end.min(first + ROWS))
}

/// A row of weight 0 counts for nothing, whatever its value.
fn weighted(weights: Numbers, values: Numbers) -> Numbers {
    weights.zip(values, |w, value| if w == 0.0 { 0.0 } else { w * value })
}

/// What a first derivative cannot fail with.
pub(super) fn certain(swept: Result<(), NotTwiceDifferentiable>) {
    if let Err(error) = swept {
        unreachable!("every custom operation has a plain vjp: {error}");
    }
}
