//! The work on a run of rows: what one thread does at a time.

use super::block::{Buffers, RowAdjoints, RowValues};
use super::data::Rows;
use super::split::Split;
use super::walk::{Broken, Purpose, Walk};
use crate::lanes::{Available, Lanes};
use crate::program::graph::Graph;
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
    /// Compute all outputs of some rows: `out` takes them row by row.
    pub fn outputs(
        &self,
        rows: Range<usize>,
        out: &mut [f64],
        buffers: &mut Buffers,
    ) -> Result<(), Refused> {
        let outputs = &self.split.places;
        self.forwards(rows, Purpose::Outputs { outputs, out }, buffers)
    }

    /// Add up the only output over some rows, each with its weight.
    pub fn sum(
        &self,
        rows: Range<usize>,
        out: &mut f64,
        buffers: &mut Buffers,
    ) -> Result<(), Refused> {
        let output = self.split.places[0];
        self.forwards(rows, Purpose::Sum { output, out }, buffers)
    }

    /// Compute some rows, and keep no more than the outputs need.
    fn forwards(
        &self,
        rows: Range<usize>,
        purpose: Purpose<'_>,
        buffers: &mut Buffers,
    ) -> Result<(), Refused> {
        let slots = &self.split.slots;
        let values = RowValues {
            frontier: self.frontier,
            rows: buffers.values(slots.count),
            place: Some(&slots.place),
        };
        let done = self.isa.run(Walk {
            code: &slots.code,
            checks: &slots.checks,
            data: &self.rows,
            rows,
            inputs: 0..self.rows.width(),
            values,
            purpose,
        });
        done.map_err(|broken| self.refused(broken))
    }

    /// Add up the only output over some rows, each with its weight; `totals` takes the adjoints of the
    /// frontier.
    pub fn sum_and_adjoints(
        &self,
        rows: Range<usize>,
        sum: &mut f64,
        totals: &mut [f64],
        buffers: &mut Buffers,
    ) -> Result<(), Refused> {
        let (part, output) = (&self.split.row, self.split.outputs[0]);
        let len = part.code.insts.len();
        let mut taken = buffers.take_adjoints(len, self.frontier.len());
        let [of_results, of_frontier] = &mut taken;
        let adjoints = RowAdjoints { frontier: of_frontier, rows: of_results };
        let values = RowValues { frontier: self.frontier, rows: buffers.values(len), place: None };
        let done = self.isa.run(Walk {
            code: &part.code,
            checks: &part.checks,
            data: &self.rows,
            rows,
            inputs: 0..self.rows.width(),
            values,
            purpose: Purpose::SumAndAdjoints { output, adjoints, sum, totals },
        });
        buffers.give_back(taken);
        done.map_err(|broken| self.refused(broken))
    }

    /// Compute the gradient of the only output of some rows with respect to all inputs: the whole program in
    /// lanes, what is shared too. `out` takes them row by row.
    ///
    /// What is uniform has been computed on plain numbers, and its guards have been checked there. Lanes, whose
    /// functions are kernels, could answer otherwise, so they are not asked.
    pub fn gradients(
        &self,
        graph: &Graph,
        uniform: &[f64],
        rows: Range<usize>,
        out: &mut [f64],
        buffers: &mut Buffers,
    ) -> Result<(), Refused> {
        let (code, inputs, output) = (&graph.code, graph.inputs as usize, graph.outputs[0]);
        let split = self.split;
        let mut taken = buffers.take_adjoints(code.insts.len(), 0);
        let adjoints = RowAdjoints { frontier: &mut [], rows: &mut taken[0] };
        let values = buffers.values(code.insts.len());
        for (&at, &value) in split.uniform_at.iter().zip(uniform) {
            values[at as usize] = Lanes::splat(value);
        }
        let done = self.isa.run(Walk {
            code: &split.whole,
            checks: &split.checks,
            data: &self.rows,
            rows,
            inputs: split.shared..inputs,
            values: RowValues { frontier: &[], rows: values, place: None },
            purpose: Purpose::Gradients { code, output, adjoints, out },
        });
        buffers.give_back(taken);
        done.map_err(|broken| self.refused(broken))
    }

    fn refused(&self, broken: Broken) -> Refused {
        let Broken { check, row, sides } = broken;
        let check = self.split.row.check_of[check];
        Refused { check, row: self.rows.original(row), sides }
    }
}
