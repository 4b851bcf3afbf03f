//! Programs over rows: parameters that all rows share, data that each row has of its own.

mod block;
mod chunk;
mod data;
mod split;
mod workspace;

pub use data::{Rows, RowsError};
pub use workspace::RowWorkspace;

use super::error::length;
use super::run::{evaluate_guarded, sweep};
use super::{Program, ReplayError};
use crate::Var;
use block::total;
use chunk::{Common, SumAndAdjoints};
use split::Split;

/// A program over rows.
#[derive(Clone, Debug)]
pub struct RowProgram {
    program: Program,
    split: Split,
}

impl Program {
    /// Run over rows: the first `shared` inputs are the same for all of them.
    pub fn over_rows(self, shared: usize) -> Result<RowProgram, ReplayError> {
        if shared > self.inputs() {
            return length("the shared inputs", self.inputs(), shared).map(|()| unreachable!());
        }
        let split = Split::new(&self.graph, shared);
        Ok(RowProgram { program: self, split })
    }
}

impl RowProgram {
    /// Record.
    pub fn record<Y: AsRef<[Var]>>(
        shared: &[f64],
        row: &[f64],
        f: impl FnOnce(&[Var], &[Var]) -> Y,
    ) -> RowProgram {
        let all = [shared, row].concat();
        let program = Program::record(&all, |x| {
            let (shared, row) = x.split_at(shared.len());
            f(shared, row)
        });
        let split = Split::new(&program.graph, shared.len());
        RowProgram { program, split }
    }

    /// Sum.
    pub fn sum_and_gradient(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        gradient: &mut [f64],
        workspace: &mut RowWorkspace,
    ) -> Result<f64, ReplayError> {
        let split = &self.split;
        let code = &split.uniform.code;
        let values = super::workspace::sized(&mut workspace.point.values, code.insts.len(), 0.0);
        values[..shared.len()].copy_from_slice(shared);
        let range = shared.len()..code.insts.len();
        let mut sides = [0.0; 2];
        evaluate_guarded(code, range.clone(), &split.uniform.checks, values, |check, l, r| {
            sides = [l, r];
            super::replay::holds(check, l, r)
        })
        .map_err(|k| self.program.branch_changed(split.uniform.check_of[k], sides, None))?;
        workspace.frontier.clear();
        workspace.frontier.extend(split.frontier.iter().map(|&u| values[u as usize]));
        let adjoints = super::workspace::filled(&mut workspace.adjoints, code.insts.len(), 0.0);
        let common = Common { split, frontier: &workspace.frontier, rows, weights: None };
        let n = rows.count();
        let chunk = 128.max(n.div_ceil(64).next_multiple_of(16));
        let mut value = 0.0;
        for first in (0..n).step_by(chunk) {
            let here = first..n.min(first + chunk);
            let lanes = &mut workspace.lane.adjoints;
            lanes.clear();
            lanes.resize(split.frontier.len(), crate::lanes::Lanes::splat(0.0));
            let block = &mut workspace.lane;
            let result = if n <= 8 {
                let job = SumAndAdjoints {
                    common,
                    rows: here,
                    block: &mut block.narrow,
                    adjoints: &mut block.adjoints,
                };
                workspace.isa.run(job)
            } else {
                let job = SumAndAdjoints {
                    common,
                    rows: here,
                    block: &mut block.wide,
                    adjoints: &mut block.adjoints,
                };
                workspace.isa.run(job)
            };
            value +=
                result.map_err(|r| self.program.branch_changed(r.check, r.sides, Some(r.row)))?;
            for (&u, &lanes) in split.frontier.iter().zip(&workspace.lane.adjoints) {
                adjoints[u as usize] += total(lanes);
            }
        }
        sweep(code, range, &workspace.point.values[..code.insts.len()], adjoints)?;
        gradient.copy_from_slice(&adjoints[..shared.len()]);
        Ok(value)
    }
}
