//! [`RowProgram`]: a program over rows, in vector instructions and on several threads.

use super::choice::{Asked, Choice, Native, Runs};
use super::chunk::Chunks;
use super::data::Rows;
use super::kind::Kind;
use super::share::Share;
use super::split::{Part, Split};
use super::walk::{Broken, Purpose};
use crate::Real;
use crate::Var;
use crate::lanes::Available;
use crate::program::chunks::rows_per_chunk;
use crate::program::code::evaluate_checked;
use crate::program::error::{ReplayError, length};
use crate::program::program::Program;
use crate::program::seeds::quickly_then_carefully;
use crate::program::workspace::{Workspace, filled, sized};
use crate::sweep::care::{pull_numbers_carefully, pull_numbers_quickly};

/// A program that runs over many rows at once, in vector instructions and on several threads.
///
/// Its first inputs are *shared*: the parameters, the same for all rows. The others are those of a row: one
/// observation. What depends on shared inputs alone is computed once, not once a row.
///
/// Elementary functions of row values are the kernels of [`lanes`](crate::lanes), which differ from the standard
/// library's by at most 2 ulp. All else is the same arithmetic, in the same order, as in the code itself. A
/// comparison of such a value with one that it equals to the last bits may therefore have another outcome than
/// in the code; all methods here decide it alike.
///
/// What shared inputs alone determine is computed, custom operations included, whichever branch a row takes.
///
/// With the feature `native` a program that has run long enough becomes machine code, with the same numbers: see
/// [`Engine`](crate::program::Engine). Clones share it.
///
/// ```
/// use gradtape::program::{RowProgram, Rows, Workspace};
/// use gradtape::{Real, Var, nn::Dosage};
///
/// // One observation is recorded; the program runs over all.
/// let squared_residual = |p: &[Var], row: &[Var]| {
///     let blue = p[4] * (p[0] * row[0] + p[1]).softplus();
///     let orange = p[5] * (p[2] * row[0] + p[3]).softplus();
///     (row[1] - (blue + orange + p[6])).square()
/// };
/// let start = Dosage::details_2().start;
/// let program = RowProgram::record(squared_residual, &start, &[0.5, 1.0]);
/// let observations = Rows::row_major(&[0.0, 0.0, 0.5, 1.0, 1.0, 0.0], 2)?;
/// let (mut slopes, mut workspace) = ([0.0; 7], Workspace::new());
/// let ssr = program.sum_and_gradient(&start, observations, &mut slopes, &mut workspace)?;
/// assert!((ssr - 1.8958781559227895).abs() < 1e-15);
/// assert!((slopes[6] - 3.45945441).abs() < 1e-8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias("vmap", "batch"))]
#[derive(Clone, Debug)]
pub struct RowProgram {
    program: Program,
    split: Split,
    choice: Choice,
}

impl Program {
    /// Run over rows: the first `shared` inputs are the same for all of them, the others are a row's own.
    ///
    /// # Errors
    /// If the program has fewer inputs than that.
    pub fn over_rows(self, shared: usize) -> Result<RowProgram, ReplayError> {
        length("the shared inputs", self.inputs(), shared.max(self.inputs()))?;
        Ok(RowProgram::of(self, shared))
    }
}

impl RowProgram {
    /// Record a function of parameters and one observation, and freeze it.
    ///
    /// The two points matter only where the code branches.
    ///
    /// # Panics
    /// If the function returns a variable of another tape.
    #[track_caller]
    pub fn record<Y: AsRef<[Var]>>(
        f: impl FnOnce(&[Var], &[Var]) -> Y,
        shared: &[f64],
        row: &[f64],
    ) -> RowProgram {
        let of_both = |x: &[Var]| {
            let (shared, row) = x.split_at(shared.len());
            f(shared, row)
        };
        let program = Program::record(of_both, &[shared, row].concat());
        RowProgram::of(program, shared.len())
    }

    fn of(program: Program, shared: usize) -> RowProgram {
        let split = Split::new(&program.body, shared);
        RowProgram { split, program, choice: Choice::default() }
    }

    /// Read the program for one row.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Count the shared inputs.
    #[must_use]
    pub fn shared(&self) -> usize {
        self.split.shared
    }

    /// Count the inputs of a row.
    #[must_use]
    pub fn row_inputs(&self) -> usize {
        self.program.inputs() - self.shared()
    }

    /// Count the instructions that run once, and those that run for every row.
    #[must_use]
    pub fn instructions(&self) -> (usize, usize) {
        let computing = |part: &Part, inputs: usize| part.code.insts.len() - inputs;
        let Split { uniform, row, .. } = &self.split;
        (computing(uniform, self.shared()), computing(row, self.row_inputs()))
    }

    /// Compute the outputs of every row: `out` takes those of the first row, then of the second, ...
    ///
    /// Weights play no part.
    ///
    /// # Errors
    /// If a row takes another branch than the recording did: the error has the first such row, and the first
    /// comparison with another outcome there. It has no row if the comparison is one of shared inputs alone. If
    /// a length is wrong.
    ///
    /// ```
    /// use gradtape::program::{RowProgram, Rows, Workspace};
    /// let line = RowProgram::record(|p, x| p[0] * x[0] + p[1], &[1.0, 0.0], &[0.0]);
    /// let (mut y, mut workspace) = ([0.0; 3], Workspace::new());
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
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let outputs = self.program.outputs();
        length("the outputs", rows.count() * outputs, out.len())?;
        self.evaluate_uniform(shared, rows, workspace)?;
        let native = self.native(Kind::Outputs, rows, workspace);
        let Workspace { isa, threads, frontier, .. } = workspace;
        let chunks = self.chunks(*isa, native, frontier, rows);
        let width = (rows_per_chunk(rows.count()) * outputs).max(1);
        let done = threads.each_chunk(rows.count(), out, width, |rows, out, buffers| {
            let outputs = &self.split.output_slots;
            chunks.outputs_only(rows, Purpose::Outputs { outputs, out }, buffers)
        });
        done.map_err(|broken| self.refused(broken, &Share::alone(rows)))
    }

    /// Add up the only output over all rows, each with its weight.
    ///
    /// The rows are added in a fixed order, which is not that of a loop and depends on their number alone. Of `n`
    /// rows a chunk has `n / 64`, but at most 2048, or `n / 4096` if that is more; rounded up to a multiple of 8, and
    /// at least 64; the last has what is left. Of the rows of a chunk every eighth is added up, from the first to the
    /// last, from the second, and so on, to eight numbers, and these as `((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7))`.
    /// The chunks are added as a binary tree over their numbers: `tree` of one chunk is that chunk, of more it is
    /// `tree(the first p) + tree(the others)`, where `p` is the largest power of two that is less than how many
    /// they are.
    ///
    /// So chunks 0 and 1 are added, 2 and 3, then these two sums; whoever has `2ᵏ` chunks from a multiple of `2ᵏ` on
    /// has a branch of that tree. As chunks are done they are added, so that the memory for sums grows with the
    /// logarithm of their number.
    ///
    /// # Errors
    /// As [`values`](RowProgram::values); if there is not exactly one output.
    pub fn sum(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        workspace: &mut Workspace,
    ) -> Result<f64, ReplayError> {
        self.sum_of(shared, &Share::alone(rows), workspace)
    }

    /// The same of rows that may be spread over ranks.
    pub(crate) fn sum_of(
        &self,
        shared: &[f64],
        share: &Share<'_>,
        workspace: &mut Workspace,
    ) -> Result<f64, ReplayError> {
        self.program.one_output()?;
        self.evaluate_uniform(shared, share.rows, workspace)?;
        let native = self.native(Kind::Sum, share.rows, workspace);
        let Workspace { isa, threads, frontier, sums, .. } = workspace;
        let chunks = self.chunks(*isa, native, frontier, share.rows);
        let total = share.add_up(threads, sums, 1, |rows, out, buffers| {
            let output = self.split.output_slots[0];
            chunks.outputs_only(rows, Purpose::Sum { output, out: &mut out[0] }, buffers)
        })?;
        let total = total.map_err(|broken| self.refused(broken, share))?;
        Ok(total.first().copied().unwrap_or(0.0))
    }

    /// Add up the only output over all rows, each with its weight, and compute the gradient of that sum with
    /// respect to the shared inputs.
    ///
    /// The rows are added, in the sum and in each slope, in the fixed order that [`sum`](RowProgram::sum) has.
    ///
    /// # Errors
    /// As [`values`](RowProgram::values); if there is not exactly one output.
    pub fn sum_and_gradient(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        gradient: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<f64, ReplayError> {
        self.sum_and_gradient_of(shared, &Share::alone(rows), gradient, workspace)
    }

    /// The same of rows that may be spread over ranks.
    pub(crate) fn sum_and_gradient_of(
        &self,
        shared: &[f64],
        share: &Share<'_>,
        gradient: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<f64, ReplayError> {
        self.program.one_output()?;
        length("the gradient", self.shared(), gradient.len())?;
        self.evaluate_uniform(shared, share.rows, workspace)?;
        let native = self.native(Kind::SumAndAdjoints, share.rows, workspace);
        let split = &self.split;
        let Workspace { isa, threads, values, frontier, adjoints, sums, .. } = workspace;
        let chunks = self.chunks(*isa, native, frontier, share.rows);
        let width = 1 + split.frontier.len();
        let code = &split.uniform.code;
        let values = &values[..code.insts.len()];
        let mut sum = 0.0;
        quickly_then_carefully(&self.program.body.code, |careful| {
            let total = share.add_up(threads, sums, width, |rows, out, buffers| {
                let (sum, totals) = out.split_at_mut(1);
                chunks.sum_and_adjoints(rows, &mut sum[0], totals, buffers, careful)
            })?;
            let total = total.map_err(|broken| self.refused(broken, share))?;
            let adjoints = filled(adjoints, code.insts.len(), f64::nothing());
            if let [total, totals @ ..] = total {
                sum = *total;
                let totals = split.frontier.iter().zip(totals);
                totals.for_each(|(&u, total)| adjoints[u as usize] += total);
            }
            let is_certain = !adjoints.iter().any(|adjoint| adjoint.is_nan());
            let first = self.shared();
            if careful {
                pull_numbers_carefully(code, first, values, adjoints);
                return Ok(true);
            }
            Ok(is_certain && pull_numbers_quickly(code, first, values, adjoints))
        })?;
        gradient.iter_mut().zip(&*adjoints).for_each(|(slope, adjoint)| *slope = adjoint.settled());
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
    /// use gradtape::program::{RowProgram, Rows, Workspace};
    /// let product = RowProgram::record(|p, x| p[0] * x[0], &[1.0], &[1.0]);
    /// let (mut slopes, mut workspace) = ([0.0; 4], Workspace::new());
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
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        self.program.one_output()?;
        let (inputs, count) = (self.program.inputs(), rows.count());
        length("the gradients", count * inputs, out.len())?;
        self.evaluate_uniform(shared, rows, workspace)?;
        let width = (rows_per_chunk(count) * inputs).max(1);
        let native = self.native(Kind::Gradients, rows, workspace);
        let Workspace { isa, threads, frontier, values, .. } = workspace;
        let chunks = self.chunks(*isa, native, frontier, rows);
        quickly_then_carefully(&self.program.body.code, |careful| {
            let done = threads.each_chunk(count, out, width, |rows, out, buffers| {
                chunks.gradients(values, rows, out, buffers, careful)
            });
            done.map_err(|broken| self.refused(broken, &Share::alone(rows)))?;
            Ok(!out.iter().any(|slope| slope.is_nan()))
        })
    }

    /// Tell of each row whether it takes the recorded branches.
    pub(super) fn fits(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        workspace: &mut Workspace,
    ) -> Result<Vec<bool>, ReplayError> {
        let count = rows.count();
        match self.evaluate_uniform(shared, rows, workspace) {
            Err(ReplayError::BranchChanged(_)) => return Ok(vec![false; count]),
            result => result?,
        }
        if self.split.row.checks.is_empty() {
            return Ok(vec![true; count]);
        }
        let native = self.native(Kind::Outputs, rows, workspace);
        let Workspace { isa, threads, frontier, .. } = workspace;
        let chunks = self.chunks(*isa, native, frontier, rows);
        let mut fits = vec![0.0; count];
        let per_chunk = rows_per_chunk(count);
        let never = threads.each_chunk(count, &mut fits, per_chunk, |rows, fits, buffers| {
            // A run ends at the first row that breaks a guard: those before it fit, and the next begins after it.
            let mut at = rows.start;
            while at < rows.end {
                let purpose = Purpose::Outputs { outputs: &[], out: &mut [] };
                let done = chunks.outputs_only(at..rows.end, purpose, buffers);
                let end = done.map_or_else(|broken| broken.row, |()| rows.end);
                fits[at - rows.start..end - rows.start].fill(1.0);
                at = end + 1;
            }
            Ok(())
        });
        never.map_err(|broken| self.refused(broken, &Share::alone(rows)))?;
        Ok(fits.into_iter().map(|fits| fits == 1.0).collect())
    }

    /// Refuse a program that has not exactly one output, and rows of another width.
    pub(crate) fn check_one_output(&self, rows: Rows<'_>) -> Result<(), ReplayError> {
        self.program.one_output()?;
        length("a row", self.row_inputs(), rows.width())
    }

    /// Choose the engine for a run over rows.
    fn native(&self, kind: Kind, rows: Rows<'_>, workspace: &Workspace) -> Option<Native<'_>> {
        self.choice.native(kind, rows.count(), &self.asked(workspace))
    }

    /// Say which engine runs, and why.
    pub(super) fn runs(&self, kind: Kind, workspace: &Workspace) -> Runs {
        self.choice.runs(kind, &self.asked(workspace))
    }

    fn asked(&self, workspace: &Workspace) -> Asked<'_> {
        let (split, body) = (&self.split, &self.program.body);
        Asked { split, body, engine: workspace.engine(), isa: workspace.isa() }
    }

    fn chunks<'a>(
        &'a self,
        isa: Available,
        native: Option<Native<'a>>,
        frontier: &'a [f64],
        rows: Rows<'a>,
    ) -> Chunks<'a> {
        Chunks { isa, split: &self.split, body: &self.program.body, native, frontier, rows }
    }

    /// Count the uniform results that rows read, and the guards of both parts.
    pub(super) fn frontier_and_guards(&self) -> (usize, (usize, usize)) {
        let Split { uniform, row, frontier, .. } = &self.split;
        (frontier.len(), (uniform.checks.len(), row.checks.len()))
    }

    /// The error of a row, counted over all ranks.
    fn refused(&self, broken: Broken, share: &Share<'_>) -> ReplayError {
        let Broken { check, row, sides } = broken;
        let check = self.split.row.check_of[check];
        self.program.branch_changed(check, sides, Some(share.original(row)))
    }

    /// Compute the uniform part, and collect what the rows read of it.
    fn evaluate_uniform(
        &self,
        shared: &[f64],
        rows: Rows<'_>,
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        length("the shared inputs", self.shared(), shared.len())?;
        length("a row", self.row_inputs(), rows.width())?;
        let part = &self.split.uniform;
        let values = sized(&mut workspace.values, part.code.insts.len(), 0.0);
        values[..shared.len()].copy_from_slice(shared);
        evaluate_checked(&part.code, shared.len(), &part.checks, values)
            .map_err(|(k, sides)| self.program.branch_changed(part.check_of[k], sides, None))?;
        workspace.frontier.clear();
        let read = self.split.frontier.iter().map(|&u| values[u as usize]);
        workspace.frontier.extend(read);
        Ok(())
    }
}
