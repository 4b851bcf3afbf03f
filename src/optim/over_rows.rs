//! [`OverRows`]: a loss that is added up over rows, over all of them or in mini-batches.

use super::batches::Batches;
use super::error::{FitError, setting};
use super::objective::{Objective, first_fault, label};
use super::row_checks::{agree_on_rows, checked_share, checked_weight};
use super::seed::hash;
use crate::program::{ReplayError, RerecordRows, RowProgram, Rows, Share, Workspace};
use crate::ranks::{Communicator, Local, broadcast, smallest};
use crate::tape::NonFinite;
use crate::{Tape, Var};
use std::error::Error;

/// The objective that runs a program over rows: parameters are its shared inputs, observations its rows.
///
/// The loss is the sum over the rows, each with its weight; [`mean`](OverRows::mean) divides it.
/// [`batches`](OverRows::batches) takes a few rows for each step instead of all.
///
/// Nothing is recorded at a step, so this is the way to fit many observations. After the first calls nothing
/// is allocated. A row that takes another branch than the recording did ends the fit with an error;
/// [`rerecord`](OverRows::rerecord) records a program for each branch instead.
///
/// A number of the data that is NaN or infinite is refused before the first step, but in a row of weight 0, which
/// counts for nothing.
///
/// ```
/// use gradtape::optim::{Adam, Fitter, OverRows};
/// use gradtape::program::{RowProgram, Rows};
/// use gradtape::{Real, Var};
///
/// // One squared residual of a line, and points on y = 2 x + 1.
/// let residual = |p: &[Var], row: &[Var]| (row[1] - (p[0] * row[0] + p[1])).square();
/// let residual = RowProgram::record(residual, &[0.0; 2], &[0.0; 2]);
/// let points = [0.0, 1.0, 1.0, 3.0, 2.0, 5.0, 3.0, 7.0];
/// let loss = OverRows::new(&residual, Rows::row_major(&points, 2)?)?.mean().batches(2, 42);
/// let steps = 400 * loss.steps_an_epoch();
/// let fit = Fitter::with_objective(loss, &[0.0; 2]).fit(&mut Adam::new(0.05), steps)?;
/// assert!((fit.parameters[0] - 2.0).abs() < 1e-3 && (fit.parameters[1] - 1.0).abs() < 1e-3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Rows may be spread over [`ranks`](crate::ranks), with the same bits for every number of them: by
/// [`share`](OverRows::share) if each has its own, by [`ranks`](OverRows::ranks) if each has all.
#[derive(Debug)]
pub struct OverRows<'a> {
    source: Source<'a>,
    /// Those that are here.
    rows: Rows<'a>,
    /// How many there are on all ranks.
    count: usize,
    /// Whether each rank has those of its share alone.
    is_part: bool,
    comm: &'a dyn Communicator,
    /// The sum of the weights of all rows; their number, if there are none.
    weight: f64,
    mean: bool,
    pub(super) batches: Option<Batches>,
    workspace: Workspace,
    /// The parameters of the last call, and what it computed.
    at: Vec<f64>,
    loss: f64,
}

/// What computes the loss of a row, or what a model predicts for it.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Program(&'a RowProgram),
    Paths(RerecordRows<'a>),
}

impl Source<'_> {
    fn sum_and_gradient(
        &mut self,
        parameters: &[f64],
        share: &Share<'_>,
        gradient: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<f64, ReplayError> {
        match self {
            Source::Program(program) => {
                program.sum_and_gradient_of(parameters, share, gradient, workspace)
            }
            Source::Paths(paths) => {
                paths.sum_and_gradient(parameters, share.rows, gradient, workspace)
            }
        }
    }

    fn sum(
        &mut self,
        parameters: &[f64],
        share: &Share<'_>,
        workspace: &mut Workspace,
    ) -> Result<f64, ReplayError> {
        match self {
            Source::Program(program) => program.sum_of(parameters, share, workspace),
            // Paths are recorded by the call that also sweeps; this is no call of a step.
            Source::Paths(paths) => {
                let mut slopes = vec![0.0; parameters.len()];
                paths.sum_and_gradient(parameters, share.rows, &mut slopes, workspace)
            }
        }
    }

    /// The only output of every row, or its gradient with respect to parameters and row.
    #[cfg(feature = "levenberg-marquardt")]
    pub fn each_row(
        &mut self,
        slopes: bool,
        parameters: &[f64],
        rows: Rows<'_>,
        out: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        match (self, slopes) {
            (Source::Program(program), false) => program.values(parameters, rows, out, workspace),
            (Source::Program(program), true) => program.gradients(parameters, rows, out, workspace),
            (Source::Paths(paths), false) => paths.values(parameters, rows, out, workspace),
            (Source::Paths(paths), true) => paths.gradients(parameters, rows, out, workspace),
        }
    }

    /// The loss of a row on the tape of these variables.
    fn on_tape(&self, parameters: &[Var], row: &[Var]) -> Option<Var> {
        let outputs = match self {
            Source::Program(program) => program.program().on_tape(&[parameters, row].concat()),
            Source::Paths(paths) => paths.on_tape(parameters, row),
        };
        outputs.first().copied()
    }
}

impl<'a> OverRows<'a> {
    /// Take a program with one output, the loss of one row, and the rows.
    ///
    /// # Errors
    /// If the program has not exactly one output or takes rows of another width; if there are no rows; if
    /// the weights do not add up to a finite number above 0; if a number of the data is NaN or infinite.
    pub fn new(program: &'a RowProgram, rows: Rows<'a>) -> Result<OverRows<'a>, FitError> {
        program.check_one_output(rows)?;
        OverRows::from(Source::Program(program), Share::alone(rows), &Local)
    }

    /// Take a program, and of the rows of all ranks those of this one, as [`Rows::share`] gives them. Loss and gradient are
    /// then those of all rows, the same on all ranks and for every number of them; so are a fit, its history and its
    /// errors. Every rank makes the same calls in the same order.
    ///
    /// All rows are taken at every step: a batch would take rows that other ranks have.
    ///
    /// # Errors
    /// As [`new`](OverRows::new), of the rows of all ranks; if a rank has more or fewer rows than its share, or a choice of
    /// rows; if ranks differ in the version of this crate or in the program; if a rank is gone.
    pub fn share(
        program: &'a RowProgram,
        rows: Rows<'a>,
        comm: &'a dyn Communicator,
    ) -> Result<OverRows<'a>, FitError> {
        let all = checked_share(program, rows, comm)?;
        let share = Share::of(all, rows, comm);
        Ok(OverRows { is_part: true, ..OverRows::from(Source::Program(program), share, comm)? })
    }

    /// Spread the work over ranks that all have the same rows: each computes its share of a step. Loss, gradient and all
    /// that follows are the same on all ranks and for every number of them.
    ///
    /// It goes with [`batches`](OverRows::batches): the same are drawn everywhere. A batch has a chunk for every 64 of its
    /// rows, so that small ones leave ranks without work.
    ///
    /// # Errors
    /// If ranks differ in the version of this crate, in the program, or in a number or weight of the rows; for
    /// [`rerecord`](OverRows::rerecord), whose paths are found row after row; if a rank is gone.
    pub fn ranks(mut self, comm: &'a dyn Communicator) -> Result<OverRows<'a>, FitError> {
        let Source::Program(program) = self.source else {
            return setting(
                "rows of different branches cannot be spread over ranks: write the branches with `select`, `max` or \
                 `min`, and take `OverRows::new`",
            );
        };
        agree_on_rows(program, self.rows, comm)?;
        self.comm = comm;
        Ok(self)
    }

    /// Take a function, the loss of one row as a function of parameters and row, and the rows. Its branches may
    /// differ from row to row and change with the parameters: each path is recorded when a row takes it first, as
    /// [`RerecordRows`] says.
    ///
    /// # Errors
    /// As [`new`](OverRows::new), but for what it says of the program.
    ///
    /// ```
    /// use gradtape::optim::{Fitter, OverRows, Sgd};
    /// use gradtape::program::Rows;
    /// use gradtape::{Real, Var};
    ///
    /// // The median: each row pulls by 1, to its side.
    /// let distance = |p: &[Var], row: &[Var]| if row[0] > p[0] { row[0] - p[0] } else { p[0] - row[0] };
    /// let rows = Rows::row_major(&[1.0, 2.0, 4.0, 8.0, 1000.0], 1)?;
    /// let loss = OverRows::rerecord(distance, rows)?;
    /// let fit = Fitter::with_objective(loss, &[0.0]).fit(&mut Sgd::new(0.125), 100)?;
    /// assert!((fit.parameters[0] - 4.0).abs() <= 0.125);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rerecord(
        loss: impl Fn(&[Var], &[Var]) -> Var + Send + Sync + 'a,
        rows: Rows<'a>,
    ) -> Result<OverRows<'a>, FitError> {
        let paths =
            RerecordRows::new(move |parameters: &[Var], row: &[Var]| [loss(parameters, row)]);
        OverRows::from(Source::Paths(paths), Share::alone(rows), &Local)
    }

    fn from(
        source: Source<'a>,
        share: Share<'a>,
        comm: &'a dyn Communicator,
    ) -> Result<OverRows<'a>, FitError> {
        Ok(OverRows {
            source,
            rows: share.rows,
            count: share.all(),
            is_part: false,
            comm,
            weight: checked_weight(&share)?,
            mean: false,
            batches: None,
            workspace: Workspace::new(),
            at: Vec::new(),
            loss: f64::NAN,
        })
    }

    /// Take the mean instead of the sum: divide by the number of rows, and if they are weighted by the sum
    /// of their weights.
    ///
    /// A batch is divided by its number of rows times the mean weight of *all* rows. So a learning rate
    /// means the same for batches of any size, the mean over an epoch of equal batches is that over all
    /// rows, and a batch of weightless rows is 0, not 0 / 0.
    #[must_use]
    pub fn mean(mut self) -> OverRows<'a> {
        self.mean = true;
        self
    }

    /// Take the next `size` rows at each step, from all rows shuffled anew for every epoch. The last batch
    /// of an epoch may be smaller.
    ///
    /// Losses and gradients, also those of the history and of the rules to stop, are then those of a
    /// batch. The same seed gives the same batches.
    ///
    /// # Panics
    /// If the size is 0; if each rank has rows of its own ([`share`](OverRows::share)).
    #[must_use]
    #[track_caller]
    pub fn batches(mut self, size: usize, seed: u64) -> OverRows<'a> {
        assert!(size > 0, "a batch of 0 rows: give at least 1");
        assert!(
            !self.is_part,
            "a batch takes rows that other ranks have: give every rank all rows (`OverRows::ranks`), or take no batches"
        );
        self.batches = Some(Batches::new(self.all_rows(), size, seed));
        self
    }

    /// Use other instructions or threads; the numbers stay the same.
    #[must_use]
    pub fn workspace(mut self, workspace: Workspace) -> OverRows<'a> {
        self.workspace = workspace;
        self
    }

    /// Count the steps in which every row is used once: 1 without batches.
    #[must_use]
    pub fn steps_an_epoch(&self) -> usize {
        self.batches.as_ref().map_or(1, Batches::count)
    }

    /// Compute the loss over all rows, whatever the batches, without its gradient. No batch is dealt.
    ///
    /// # Errors
    /// If a row takes another branch than the recording did, or a length is wrong.
    pub fn value(&mut self, parameters: &[f64]) -> Result<f64, ReplayError> {
        self.check(parameters)?;
        self.at.clear();
        self.at.extend_from_slice(parameters);
        let share = self.all().for_step(step(self.comm, parameters, &[]));
        let sum = self.source.sum(parameters, &share, &mut self.workspace)?;
        self.loss = if self.mean { sum / self.weight } else { sum };
        Ok(self.loss)
    }

    fn check(&self, parameters: &[f64]) -> Result<(), ReplayError> {
        let found = parameters.len();
        match self.source {
            Source::Program(program) if program.shared() != found => {
                let expected = program.shared();
                Err(ReplayError::Length { what: "the parameters", expected, found })
            }
            _ => Ok(()),
        }
    }

    /// What the loss of the last call is of the loss of an epoch.
    pub(super) fn share_of_epoch(&self) -> f64 {
        match &self.batches {
            Some(batches) if self.mean => batches.last().len() as f64 / self.count as f64,
            _ => 1.0,
        }
    }

    /// The rows of all ranks.
    fn all(&self) -> Share<'a> {
        match self.is_part {
            true => Share::of(self.count, self.rows, self.comm),
            false => Share::everywhere(self.rows, self.comm),
        }
    }

    /// The places of the rows before any choice.
    fn all_rows(&self) -> Vec<usize> {
        (0..self.rows.count()).map(|row| self.rows.original(row)).collect()
    }

    /// Find the first row of the last call that is here, in the order of the data, whose loss or gradient is bad.
    fn first_row(&mut self, bad: impl Fn(f64, &[f64]) -> bool) -> Option<usize> {
        let mut rows = match &self.batches {
            Some(batches) => batches.last().to_vec(),
            None => self.all_rows(),
        };
        rows.sort_unstable();
        let mut slopes = vec![0.0; self.at.len()];
        rows.into_iter().find(|&row| {
            let (row, workspace) = ([row], &mut self.workspace);
            self.rows.choose(&row).is_ok_and(|row| {
                let row = Share::alone(row);
                let loss = self.source.sum_and_gradient(&self.at, &row, &mut slopes, workspace);
                loss.is_ok_and(|loss| bad(loss, &slopes))
            })
        })
    }

    /// A bad row of this rank, or the first of those that any rank has: its name, its numbers and its weight.
    fn first_of_all(&self, row: Option<usize>) -> Option<(usize, Vec<f64>)> {
        let width = self.rows.width();
        let mut numbers = vec![0.0; width + 1];
        // Where all ranks have all rows, all have found the same one.
        let name = row.map(|row| if self.is_part { self.all().name(row) } else { row });
        if let Some(row) = row {
            let chosen = [row];
            let data = self.rows.choose(&chosen).ok()?;
            (0..width).for_each(|column| numbers[column] = data.get(0, column));
            numbers[width] = data.weight(0);
        }
        if !self.is_part {
            return Some((name?, numbers));
        }
        let first = smallest(self.comm, name.map_or(f64::INFINITY, |name| name as f64)).ok()?;
        if first.is_infinite() {
            return None;
        }
        let owner =
            if name == Some(first as usize) { self.comm.rank() as f64 } else { f64::INFINITY };
        let owner = smallest(self.comm, owner).ok()?;
        broadcast(self.comm, &mut numbers, owner as usize).ok()?;
        Some((first as usize, numbers))
    }

    /// Record the loss of one row on a tape: parameters first, and all else in a scope of the row.
    fn on_tape(&self, row: usize, numbers: &[f64], names: &[String]) -> Option<(Tape, Var)> {
        let (weight, data) = numbers.split_last()?;
        let tape = Tape::new();
        let parameters = tape.vars(&self.at);
        let scope = tape.scope(&format!("row {row}"));
        let row: Vec<Var> = data.iter().map(|&x| tape.var(x)).collect();
        let loss = self.source.on_tape(&parameters, &row)?;
        label(&tape, &parameters, names, "parameters");
        label(&tape, &row, &[], "row");
        let loss = if *weight == 1.0 { loss } else { loss * *weight };
        drop(scope);
        Some((tape, loss))
    }
}

impl Objective for OverRows<'_> {
    /// Run over all rows, or over the next batch.
    ///
    /// # Errors
    /// If a row takes another branch than the recording did, or a length is wrong: a
    /// [`ReplayError`].
    fn value_and_gradient(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, Box<dyn Error + Send + Sync>> {
        self.check(parameters)?;
        self.at.clear();
        self.at.extend_from_slice(parameters);
        let all = self.all();
        let batch = self.batches.as_mut().map(Batches::next);
        let share = match batch {
            Some(batch) => Share::everywhere(self.rows.choose(batch)?, self.comm),
            None => all,
        };
        let share = share.for_step(step(self.comm, parameters, batch.unwrap_or_default()));
        let workspace = &mut self.workspace;
        self.loss = self.source.sum_and_gradient(parameters, &share, gradient, workspace)?;
        if self.mean {
            // In this order the number of rows comes out exactly where there are no weights.
            let weight = self.weight * share.all() as f64 / self.count as f64;
            gradient.iter_mut().for_each(|slope| *slope /= weight);
            self.loss /= weight;
        }
        Ok(self.loss)
    }

    fn non_finite(&mut self, names: &[String]) -> Option<NonFinite> {
        let row = match self.loss.is_finite() {
            false => self.first_row(|loss, _| !loss.is_finite()),
            true => self.first_row(|_, slopes| slopes.iter().any(|slope| !slope.is_finite())),
        };
        let (row, numbers) = self.first_of_all(row)?;
        let (tape, loss) = self.on_tape(row, &numbers, names)?;
        first_fault(&tape, self.loss, &loss.backward())
    }
}

/// What a step is computed from, in one number that other ranks compare with theirs.
fn step(comm: &dyn Communicator, parameters: &[f64], batch: &[usize]) -> u64 {
    if comm.size() == 1 {
        return 0;
    }
    let batch = batch.iter().map(|&row| row as u64);
    hash(parameters.iter().map(|x| x.to_bits()).chain(batch))
}
