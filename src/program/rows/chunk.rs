//! The work on a run of rows, block by block: what one thread does at a time.

use super::block::{
    Backwards, Broken, Buffers, Forwards, Numbers, ROWS, RowAdjoints, RowValues, Totals, total,
    weigh,
};
use super::data::Rows;
use super::split::Split;
use crate::lanes::{Available, Lanes};
use crate::op::Values;
use crate::program::graph::Graph;
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
        let rows_of_values = buffers.values(slots.count);
        let mut values =
            RowValues { frontier: self.frontier, rows: rows_of_values, place: Some(&slots.place) };
        for here in blocks(rows) {
            let forwards = Forwards {
                code: &slots.code,
                checks: &slots.checks,
                data: &self.rows,
                rows: here.clone(),
                inputs: 0..inputs,
                values: &mut values,
            };
            let done = self.isa.run(forwards);
            done.map_err(|broken| self.refused(&self.split.row.check_of, here.start, broken))?;
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
            sum.accumulate(weigh(self.rows.load_weights(here), values.get(output)));
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
        let mut taken = buffers.take_adjoints(len, self.frontier.len());
        let [of_results, of_frontier] = &mut taken;
        let mut values =
            RowValues { frontier: self.frontier, rows: buffers.values(len), place: None };
        let mut adjoints_here = RowAdjoints { frontier: of_frontier, rows: of_results };
        let mut sum = Numbers::splat(0.0);
        for here in blocks(rows) {
            let forwards = Forwards {
                code,
                checks: &part.checks,
                data: &self.rows,
                rows: here.clone(),
                inputs: 0..inputs,
                values: &mut values,
            };
            let done = self.isa.run(forwards);
            done.map_err(|broken| self.refused(&part.check_of, here.start, broken))?;
            sum.accumulate(certain(self.isa.run(Backwards {
                code,
                inputs,
                output,
                weighted: Some(&self.rows),
                rows: here,
                values: &values,
                adjoints: &mut adjoints_here,
            })));
        }
        self.isa.run(Totals { lanes: adjoints_here.frontier, out: adjoints });
        buffers.give_back(taken);
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
        let mut taken = buffers.take_adjoints(len, 0);
        let values = buffers.values(len);
        values.iter_mut().zip(shared).for_each(|(lanes, &x)| *lanes = Lanes::splat(x));
        let mut values = RowValues { frontier: &[], rows: values, place: None };
        let mut adjoints = RowAdjoints { frontier: &mut [], rows: &mut taken[0] };
        let start = rows.start;
        for here in blocks(rows) {
            let (first, count) = (here.start, here.len());
            let forwards = Forwards {
                code,
                checks: &graph.checks,
                data: &self.rows,
                rows: here.clone(),
                inputs: shared.len()..inputs,
                values: &mut values,
            };
            let refused = |Broken { check, lane, sides }| Refused {
                check,
                row: self.rows.original(first + lane),
                sides,
            };
            self.isa.run(forwards).map_err(refused)?;
            certain(self.isa.run(Backwards {
                code,
                inputs,
                output: graph.outputs[0],
                weighted: None,
                rows: here,
                values: &values,
                adjoints: &mut adjoints,
            }));
            let out = &mut out[(first - start) * inputs..];
            for i in 0..inputs {
                let lanes = adjoints.take(i);
                for lane in 0..count {
                    out[lane * inputs + i] = lanes.0[lane];
                }
            }
        }
        buffers.give_back(taken);
        Ok(())
    }
}

/// The blocks in a run of rows; the last may be shorter.
fn blocks(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(ROWS).map(move |first| first..end.min(first + ROWS))
}

/// What a first derivative cannot fail with.
pub(super) fn certain<T>(swept: Result<T, NotTwiceDifferentiable>) -> T {
    match swept {
        Ok(result) => result,
        Err(error) => unreachable!("every custom operation has a plain vjp: {error}"),
    }
}
