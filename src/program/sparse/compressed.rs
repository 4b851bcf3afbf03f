//! The sweeps of a colouring: eight colours each, and the entries read from their lanes.

use crate::Real;
use crate::program::Program;
use crate::program::error::ReplayError;
use crate::program::workspace::{Block, WIDTH, Workspace};
use crate::sparse::{Colouring, Pattern, Seed};

impl Program {
    /// Run the sweeps of a colouring at the point in the workspace, and write into `values` each entry that `wanted`
    /// wants, given its place.
    pub(super) fn sweep_colours(
        &self,
        pattern: &Pattern,
        colouring: &Colouring,
        wanted: impl Fn(usize) -> bool,
        values: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let places = |row: usize| pattern.starts()[row]..pattern.starts()[row + 1];
        for first in (0..colouring.columns()).step_by(WIDTH) {
            let count = WIDTH.min(colouring.columns() - first);
            let lane_of = |colour: usize| Some(colour.wrapping_sub(first)).filter(|&l| l < count);
            let seed = |input: usize, lanes: &mut Block| {
                if let Some(lane) = colouring.column(input).and_then(lane_of) {
                    lanes.0[lane] = 1.0;
                }
            };
            self.push_block(count, seed, workspace)?;
            for (row, &o) in self.body.outputs.iter().enumerate() {
                let tangents = &workspace.seeds[o as usize].0;
                for at in places(row) {
                    if let Some(Seed::Column(colour)) = colouring.seed(row, pattern.indices()[at])
                        && let Some(lane) = lane_of(colour)
                        && wanted(at)
                    {
                        values[at] = tangents[lane].settled();
                    }
                }
            }
        }
        for first in (0..colouring.rows()).step_by(WIDTH) {
            let count = WIDTH.min(colouring.rows() - first);
            let lane_of = |row: usize| {
                let colour = colouring.row(row)?;
                Some(colour.wrapping_sub(first)).filter(|&lane| lane < count)
            };
            let seed = |output: usize, lanes: &mut Block| {
                if let Some(lane) = lane_of(output) {
                    lanes.0[lane] += 1.0;
                }
            };
            self.pull_block(count, seed, workspace)?;
            for row in 0..pattern.rows() {
                let Some(lane) = lane_of(row) else { continue };
                for at in places(row) {
                    let column = pattern.indices()[at];
                    if matches!(colouring.seed(row, column), Some(Seed::Row(_))) && wanted(at) {
                        values[at] = workspace.seeds[column].0[lane].settled();
                    }
                }
            }
        }
        Ok(())
    }
}
