//! Running a program over rows.

use super::chunk::{Common, Refused};
use super::data::Rows;
use super::spread::chunk_of;
use super::walk::certain;
use super::{RowProgram, RowWorkspace};
use crate::program::ReplayError;
use crate::program::error::length;
use crate::program::guards::evaluate_guarded;
use crate::program::replay::holds;
use crate::program::workspace::{filled, sized};
use crate::sweep::interpreter::pull;

impl RowProgram {
    /// Compute the outputs of every row: `out` takes those of the first row, then of the second, ...
    ///
    /// Weights play no part.
    ///
    /// # Errors
    /// If a row takes another branch than the recording did: the first such row is named, and the first
    /// comparison that comes out otherwise there. No row is named if it is one of shared inputs alone. If a
    /// length is wrong.
    ///
    /// ```
    /// use gradtape::program::{RowProgram, RowWorkspace, Rows};
    /// let line = RowProgram::record(&[1.0, 0.0], &[0.0], |p, x| p[0] * x[0] + p[1]);
    /// let (mut y, mut workspace) = ([0.0; 3], RowWorkspace::new());
    /// let x = Rows::row_major(&[1.0, 2.0, 3.0], 1)?;
    /// line.values(&[10.0, 0.5], x, &mut y, &mut workspace)?;
    /// assert_eq!(y, [10.5, 20.5, 30.5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn values(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        out: &mut [f64],
        workspace: &mut RowWorkspace,
    ) -> Result<(), ReplayError> {
        let outputs = self.program.outputs();
        length("the outputs", rows.count() * outputs, out.len())?;
        self.uniform(shared, rows, workspace)?;
        let RowWorkspace { isa, threads, frontier, .. } = workspace;
        let common = Common { isa: *isa, split: &self.split, frontier, rows };
        let width = (chunk_of(rows.count()) * outputs).max(1);
        let result = threads.each_chunk(rows.count(), out, width, |rows, out, buffers| {
            common.outputs(rows, out, buffers)
        });
        result.map_err(|refused| self.refused(refused))
    }

    /// Add up the only output over all rows, each with its weight.
    ///
    /// # Errors
    /// As [`values`](RowProgram::values); if there is not exactly one output.
    pub fn sum(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        workspace: &mut RowWorkspace,
    ) -> Result<f64, ReplayError> {
        self.program.one_output()?;
        self.uniform(shared, rows, workspace)?;
        let RowWorkspace { isa, threads, frontier, sums, .. } = workspace;
        let common = Common { isa: *isa, split: &self.split, frontier, rows };
        let count = rows.count();
        let sums = filled(sums, count.div_ceil(chunk_of(count)), 0.0);
        let result = threads.each_chunk(count, sums, 1, |rows, out, buffers| {
            common.sum(rows, &mut out[0], buffers)
        });
        result.map_err(|refused| self.refused(refused))?;
        Ok(sums.iter().fold(0.0, |sum, chunk| sum + chunk))
    }

    /// Add up the only output over all rows, each with its weight, and compute the gradient of that sum with
    /// respect to the shared inputs.
    ///
    /// The rows are added in a fixed order, which is not that of a loop: lane by lane, then chunk by chunk. It
    /// depends on the number of rows alone.
    ///
    /// # Errors
    /// As [`values`](RowProgram::values); if there is not exactly one output.
    ///
    /// ```
    /// use gradtape::program::{RowProgram, RowWorkspace, Rows};
    /// use gradtape::Real;
    /// // One squared residual of a line; the sum over all rows is the SSR.
    /// let residual = RowProgram::record(&[0.0; 2], &[0.0; 2], |p, row| {
    ///     (row[1] - (p[0] * row[0] + p[1])).square()
    /// });
    /// let data = Rows::row_major(&[1.0, 3.0, 2.0, 5.0], 2)?;
    /// let (mut slopes, mut workspace) = ([0.0; 2], RowWorkspace::new());
    /// let ssr = residual.sum_and_gradient(&[1.0, 1.0], data, &mut slopes, &mut workspace)?;
    /// assert_eq!((ssr, slopes), (5.0, [-10.0, -6.0]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sum_and_gradient(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        gradient: &mut [f64],
        workspace: &mut RowWorkspace,
    ) -> Result<f64, ReplayError> {
        self.program.one_output()?;
        length("the gradient", self.shared(), gradient.len())?;
        self.uniform(shared, rows, workspace)?;
        let (split, count) = (&self.split, rows.count());
        let RowWorkspace { isa, threads, values, frontier, adjoints, sums } = workspace;
        let common = Common { isa: *isa, split, frontier, rows };
        let width = 1 + split.frontier.len();
        let sums = filled(sums, width * count.div_ceil(chunk_of(count)), 0.0);
        let result = threads.each_chunk(count, sums, width, |rows, out, buffers| {
            let (sum, adjoints) = out.split_at_mut(1);
            common.sum_and_adjoints(rows, &mut sum[0], adjoints, buffers)
        });
        result.map_err(|refused| self.refused(refused))?;
        // In the order of chunks, whichever was done first.
        let code = &split.uniform.code;
        let adjoints = filled(adjoints, code.insts.len(), 0.0);
        let mut sum = 0.0;
        for chunk in sums.chunks_exact(width) {
            sum += chunk[0];
            let totals = split.frontier.iter().zip(&chunk[1..]);
            totals.for_each(|(&u, total)| adjoints[u as usize] += total);
        }
        let range = self.shared()..code.insts.len();
        certain(pull(code, range, &values[..code.insts.len()], adjoints));
        gradient.copy_from_slice(&adjoints[..self.shared()]);
        Ok(sum)
    }

    /// Compute the gradient of the only output of every row, with respect to the shared inputs and the row's
    /// own: `out` takes that of the first row, then of the second, ...
    ///
    /// Weights play no part.
    ///
    /// # Errors
    /// As [`values`](RowProgram::values); if there is not exactly one output.
    ///
    /// ```
    /// use gradtape::program::{RowProgram, RowWorkspace, Rows};
    /// let product = RowProgram::record(&[1.0], &[1.0], |p, x| p[0] * x[0]);
    /// let (mut slopes, mut workspace) = ([0.0; 4], RowWorkspace::new());
    /// let rows = Rows::row_major(&[3.0, 4.0], 1)?;
    /// product.gradients(&[2.0], rows, &mut slopes, &mut workspace)?;
    /// assert_eq!(slopes, [3.0, 2.0, 4.0, 2.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn gradients(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        out: &mut [f64],
        workspace: &mut RowWorkspace,
    ) -> Result<(), ReplayError> {
        self.program.one_output()?;
        let graph = &self.program.graph;
        let (inputs, count) = (self.program.inputs(), rows.count());
        length("the gradients", count * inputs, out.len())?;
        self.uniform(shared, rows, workspace)?;
        let width = (chunk_of(count) * inputs).max(1);
        let RowWorkspace { isa, threads, frontier, values, .. } = workspace;
        let common = Common { isa: *isa, split: &self.split, frontier, rows };
        let result = threads.each_chunk(count, out, width, |rows, out, buffers| {
            common.gradients(graph, values, rows, out, buffers)
        });
        result.map_err(|refused| self.refused(refused))
    }

    /// Compute what is the same for all rows, and lay out what the rows read of it.
    fn uniform(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        workspace: &mut RowWorkspace,
    ) -> Result<(), ReplayError> {
        length("the shared inputs", self.shared(), shared.len())?;
        length("a row", self.row_inputs(), rows.width())?;
        let part = &self.split.uniform;
        let len = part.code.insts.len();
        let values = sized(&mut workspace.values, len, 0.0);
        values[..shared.len()].copy_from_slice(shared);
        let mut sides = [0.0; 2];
        evaluate_guarded(&part.code, shared.len()..len, &part.checks, values, |check, l, r| {
            sides = [l, r];
            holds(check, l, r)
        })
        .map_err(|k| self.program.branch_changed(part.check_of[k], sides, None))?;
        workspace.frontier.clear();
        let read = self.split.frontier.iter().map(|&u| values[u as usize]);
        workspace.frontier.extend(read);
        Ok(())
    }

    fn refused(&self, refused: Refused) -> ReplayError {
        self.program.branch_changed(refused.check, refused.sides, Some(refused.row))
    }
}
