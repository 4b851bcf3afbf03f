//! [`RerecordRows`]: a program over rows for each path that rows take through a function.
//!
//! ```text
//! left = all rows
//! for each program, and as long as rows are left for one recorded at the first of them:
//!     its rows = those of left in which all its comparisons have the recorded outcome
//!     left     = the others
//! run each program over its rows; add up, in the order of the first rows
//! ```
//!
//! Two programs of one function have no row in common, since the first comparison in which they differ has one
//! outcome in a row. So it does not matter which is asked first, and the sums are the same whatever ran before.

use super::data::Rows;
use super::program::RowProgram;
use crate::Var;
use crate::program::error::{ReplayError, length};
use crate::program::workspace::Workspace;
use std::fmt;

/// Run a function whose branches differ from row to row: one program for each path through it, each with its rows in
/// lanes.
///
/// What [`Rerecord`](crate::program::Rerecord) is for points. A program is recorded at the first row that takes its
/// path; from call to call, as the parameters change, rows go from one program to another. The function must depend
/// on nothing but its arguments, and have as many outputs on every path.
///
/// In a sum, the rows of a path are added as a [`RowProgram`] adds them, and then the paths, in the order of their first
/// rows. It depends on the rows and their paths alone: not on the instruction set, the number of threads or the calls
/// before. Each program is tried on the rows that are left, which costs one more run forwards; [`select`](crate::Real::select),
/// `max` and `min` cost none. A loop that stops by a comparison has a path for each number of iterations: at most
/// [`LIMIT`](RerecordRows::LIMIT) programs are kept from call to call, those with the most rows.
///
/// ```
/// use gradtape::Var;
/// use gradtape::program::{RerecordRows, ReplayError, Rows, Workspace};
///
/// // What is left of a price that is knocked out below 1.
/// let payoff = |p: &[Var], row: &[Var]| {
///     let price = p[0] * row[0];
///     [if price < 1.0 { price * 0.0 } else { price - 1.0 }]
/// };
/// let mut payoff = RerecordRows::new(payoff);
/// let (mut slope, mut workspace) = ([0.0], Workspace::new());
/// let rows = Rows::row_major(&[0.25, 1.0, 0.75, 2.0], 1)?;
/// let sum = payoff.sum_and_gradient(&[2.0], rows, &mut slope, &mut workspace)?;
/// assert_eq!((sum, slope), (1.0 + 0.5 + 3.0, [1.0 + 0.75 + 2.0]));
/// assert_eq!(payoff.programs().len(), 2);
/// # Ok::<(), ReplayError>(())
/// ```
pub struct RerecordRows<'f> {
    f: Box<Function<'f>>,
    /// Those with the most rows in the last call first.
    programs: Vec<RowProgram>,
    recordings: usize,
}

type Function<'f> = dyn Fn(&[Var], &[Var]) -> Vec<Var> + Send + Sync + 'f;

/// A method of a program over rows that computes numbers of each.
type Compute =
    fn(&RowProgram, &[f64], Rows<'_>, &mut [f64], &mut Workspace) -> Result<(), ReplayError>;

/// The rows of one program: its index, and their places in the rows of the call.
struct Path {
    program: usize,
    places: Vec<usize>,
}

impl<'f> RerecordRows<'f> {
    /// How many programs are kept from call to call.
    pub const LIMIT: usize = 64;

    /// Start without a program; the first call records one.
    #[must_use]
    pub fn new<Y: AsRef<[Var]>>(
        f: impl Fn(&[Var], &[Var]) -> Y + Send + Sync + 'f,
    ) -> RerecordRows<'f> {
        let f = Box::new(move |shared: &[Var], row: &[Var]| f(shared, row).as_ref().to_vec());
        RerecordRows { f, programs: Vec::new(), recordings: 0 }
    }

    /// List the programs, those with the most rows in the last call first.
    #[must_use]
    pub fn programs(&self) -> &[RowProgram] {
        &self.programs
    }

    /// Count how often the function was recorded: more often than there are programs if some were dropped.
    #[must_use]
    pub fn recordings(&self) -> usize {
        self.recordings
    }

    /// Compute the outputs of every row: `out` takes those of the first row, then of the second, ...
    ///
    /// # Errors
    /// As [`RowProgram::values`], but for another branch: that is recorded. Yet a comparison of two numbers that are
    /// equal but for their last bits may have another outcome in lanes than in the code: such a row is refused.
    ///
    /// # Panics
    /// As [`RowProgram::record`], and where the function itself panics.
    #[track_caller]
    pub fn values(
        &mut self,
        shared: &[f64],
        rows: Rows<'_>,
        out: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let width = |program: &RowProgram| program.program().outputs();
        self.each_row(shared, rows, out, workspace, ("the outputs", width), RowProgram::values)
    }

    /// Compute the gradient of the only output of every row, with respect to the shared inputs and the row's own:
    /// `out` takes that of the first row, then of the second, ...
    ///
    /// # Errors
    /// As [`values`](RerecordRows::values); if there is not exactly one output.
    ///
    /// # Panics
    /// As [`values`](RerecordRows::values).
    #[track_caller]
    pub fn gradients(
        &mut self,
        shared: &[f64],
        rows: Rows<'_>,
        out: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let width = |program: &RowProgram| program.program().inputs();
        self.each_row(shared, rows, out, workspace, ("the gradients", width), RowProgram::gradients)
    }

    /// Compute numbers of every row, as many as the program's width, and put them in their places.
    #[track_caller]
    fn each_row(
        &mut self,
        shared: &[f64],
        rows: Rows<'_>,
        out: &mut [f64],
        workspace: &mut Workspace,
        (what, width): (&'static str, fn(&RowProgram) -> usize),
        compute: Compute,
    ) -> Result<(), ReplayError> {
        let all = rows.count();
        self.run(shared, rows, workspace, |program, rows, places, workspace| {
            let width = width(program);
            length(what, all * width, out.len())?;
            let mut own = vec![0.0; rows.count() * width];
            compute(program, shared, rows, &mut own, workspace)?;
            for (k, &place) in places.iter().enumerate() {
                out[place * width..][..width].copy_from_slice(&own[k * width..][..width]);
            }
            Ok(())
        })
    }

    /// Add up the only output over all rows, each with its weight, and compute the gradient of that sum with
    /// respect to the shared inputs.
    ///
    /// # Errors
    /// As [`values`](RerecordRows::values); if there is not exactly one output.
    ///
    /// # Panics
    /// As [`values`](RerecordRows::values).
    #[track_caller]
    pub fn sum_and_gradient(
        &mut self,
        shared: &[f64],
        rows: Rows<'_>,
        gradient: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<f64, ReplayError> {
        length("the gradient", shared.len(), gradient.len())?;
        gradient.fill(0.0);
        let (mut sum, mut is_first, mut own) = (0.0, true, vec![0.0; gradient.len()]);
        self.run(shared, rows, workspace, |program, rows, _, workspace| {
            let added = program.sum_and_gradient(shared, rows, &mut own, workspace)?;
            sum += added;
            for (total, &own) in gradient.iter_mut().zip(&own) {
                // Of one path to the bit, also of -0.
                *total = if is_first { own } else { *total + own };
            }
            is_first = false;
            Ok(())
        })?;
        Ok(sum)
    }

    /// Record the function at one row, on the tape of these variables.
    pub(crate) fn on_tape(&self, shared: &[Var], row: &[Var]) -> Vec<Var> {
        (self.f)(shared, row)
    }

    /// Call a program for each path with its rows, in the order of their first rows, and with their places.
    #[track_caller]
    fn run(
        &mut self,
        shared: &[f64],
        rows: Rows<'_>,
        workspace: &mut Workspace,
        mut call: impl FnMut(&RowProgram, Rows<'_>, &[usize], &mut Workspace) -> Result<(), ReplayError>,
    ) -> Result<(), ReplayError> {
        let mut paths = self.paths(shared, rows, workspace)?;
        for Path { program, places } in &paths {
            let chosen: Vec<usize> = places.iter().map(|&place| rows.original(place)).collect();
            call(&self.programs[*program], rows.choose(&chosen)?, places, workspace)?;
        }
        // The largest are tried first in the next call, when they will have about the same rows.
        let mut counts = vec![0; self.programs.len()];
        paths.drain(..).for_each(|path| counts[path.program] = path.places.len());
        let mut programs: Vec<_> = counts.into_iter().zip(self.programs.drain(..)).collect();
        programs.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        self.programs.extend(programs.into_iter().map(|(_, program)| program).take(Self::LIMIT));
        Ok(())
    }

    /// Find the program of every row, and record those that are missing.
    #[track_caller]
    fn paths(
        &mut self,
        shared: &[f64],
        rows: Rows<'_>,
        workspace: &mut Workspace,
    ) -> Result<Vec<Path>, ReplayError> {
        let (mut paths, mut program) = (Vec::new(), 0);
        let mut left: Vec<usize> = (0..rows.count()).collect();
        while let Some(&first) = left.first() {
            let is_new = program == self.programs.len();
            if is_new {
                let row: Vec<f64> =
                    (0..rows.width()).map(|column| rows.get(first, column)).collect();
                let f = |shared: &[Var], row: &[Var]| (self.f)(shared, row);
                self.programs.push(RowProgram::record(f, shared, &row));
                self.recordings += 1;
            }
            let chosen: Vec<usize> = left.iter().map(|&place| rows.original(place)).collect();
            let fits = self.programs[program].fits(shared, rows.choose(&chosen)?, workspace)?;
            if is_new && !fits[0] {
                return Err(self.refused_by_lanes(shared, rows.choose(&chosen[..1])?, workspace));
            }
            let mut fits = fits.into_iter();
            let (places, others) = left.into_iter().partition(|_| fits.next().unwrap_or(false));
            left = others;
            paths.push(Path { program, places });
            program += 1;
        }
        paths.retain(|path| !path.places.is_empty());
        paths.sort_by_key(|path| path.places[0]);
        Ok(paths)
    }

    /// Drop a program that was recorded at this row and refuses it, and say why.
    fn refused_by_lanes(
        &mut self,
        shared: &[f64],
        row: Rows<'_>,
        workspace: &mut Workspace,
    ) -> ReplayError {
        let program = self.programs.pop().expect("it was recorded just now");
        let mut out = vec![0.0; program.program().outputs()];
        match program.values(shared, row, &mut out, workspace) {
            Err(ReplayError::BranchChanged(change)) => ReplayError::Rows(format!(
                "{}: the two differ in their last bits at most, in which functions in lanes differ from those of \
                 the code: write this branch with `select`, `max` or `min`",
                change.comparison()
            )),
            Err(error) => error,
            Ok(()) => unreachable!("a row fits alone as it does among others"),
        }
    }
}

impl fmt::Debug for RerecordRows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RerecordRows")
            .field("programs", &self.programs.len())
            .field("recordings", &self.recordings)
            .finish_non_exhaustive()
    }
}
