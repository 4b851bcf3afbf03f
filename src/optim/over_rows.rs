//! [`OverRows`]: a loss that is added up over rows, over all of them or in mini-batches.

use super::error::{FitError, setting};
use super::objective::{Objective, first_fault, label};
use super::seed::{Draw, generator};
use crate::program::{ReplayError, RerecordRows, RowProgram, Rows, Workspace};
use crate::tape::NonFinite;
use crate::text::number;
use crate::{Tape, Var};
use fastrand::Rng;
use std::error::Error;
use std::ops::Range;

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
#[derive(Debug)]
pub struct OverRows<'a> {
    source: Source<'a>,
    rows: Rows<'a>,
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
        rows: Rows<'_>,
        gradient: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<f64, ReplayError> {
        match self {
            Source::Program(program) => {
                program.sum_and_gradient(parameters, rows, gradient, workspace)
            }
            Source::Paths(paths) => paths.sum_and_gradient(parameters, rows, gradient, workspace),
        }
    }

    fn sum(
        &mut self,
        parameters: &[f64],
        rows: Rows<'_>,
        workspace: &mut Workspace,
    ) -> Result<f64, ReplayError> {
        match self {
            Source::Program(program) => program.sum(parameters, rows, workspace),
            // Paths are recorded by the call that also sweeps; this is no call of a step.
            Source::Paths(paths) => {
                let mut slopes = vec![0.0; parameters.len()];
                paths.sum_and_gradient(parameters, rows, &mut slopes, workspace)
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
        OverRows::from(Source::Program(program), rows)
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
        OverRows::from(Source::Paths(paths), rows)
    }

    fn from(source: Source<'a>, rows: Rows<'a>) -> Result<OverRows<'a>, FitError> {
        Ok(OverRows {
            source,
            rows,
            weight: checked_weight(rows)?,
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
    /// If the size is 0.
    #[must_use]
    #[track_caller]
    pub fn batches(mut self, size: usize, seed: u64) -> OverRows<'a> {
        assert!(size > 0, "a batch of 0 rows: give at least 1");
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
        let sum = self.source.sum(parameters, self.rows, &mut self.workspace)?;
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
            Some(batches) if self.mean => batches.last().len() as f64 / self.rows.count() as f64,
            _ => 1.0,
        }
    }

    /// The places of the rows before any choice.
    fn all_rows(&self) -> Vec<usize> {
        (0..self.rows.count()).map(|row| self.rows.original(row)).collect()
    }

    /// Find the first row of the last call, in the order of the data, whose loss or gradient is bad.
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
                let loss = self.source.sum_and_gradient(&self.at, row, &mut slopes, workspace);
                loss.is_ok_and(|loss| bad(loss, &slopes))
            })
        })
    }

    /// Record the loss of one row on a tape: parameters first, and all else in a scope of the row.
    fn on_tape(&self, row: usize, names: &[String]) -> Option<(Tape, Var)> {
        let chosen = [row];
        let data = self.rows.choose(&chosen).ok()?;
        let tape = Tape::new();
        let parameters = tape.vars(&self.at);
        let scope = tape.scope(&format!("row {row}"));
        let row: Vec<Var> = (0..data.width()).map(|column| tape.var(data.get(0, column))).collect();
        let loss = self.source.on_tape(&parameters, &row)?;
        label(&tape, &parameters, names, "parameters");
        label(&tape, &row, &[], "row");
        let weight = data.weight(0);
        let loss = if weight == 1.0 { loss } else { loss * weight };
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
        let rows = match &mut self.batches {
            Some(batches) => self.rows.choose(batches.next())?,
            None => self.rows,
        };
        let workspace = &mut self.workspace;
        self.loss = self.source.sum_and_gradient(parameters, rows, gradient, workspace)?;
        if self.mean {
            // In this order the number of rows comes out exactly where there are no weights.
            let weight = self.weight * rows.count() as f64 / self.rows.count() as f64;
            gradient.iter_mut().for_each(|slope| *slope /= weight);
            self.loss /= weight;
        }
        Ok(self.loss)
    }

    fn non_finite(&mut self, names: &[String]) -> Option<NonFinite> {
        let row = match self.loss.is_finite() {
            false => self.first_row(|loss, _| !loss.is_finite()),
            true => self.first_row(|_, slopes| slopes.iter().any(|slope| !slope.is_finite())),
        }?;
        let (tape, loss) = self.on_tape(row, names)?;
        first_fault(&tape, self.loss, &loss.backward())
    }
}

/// Refuse rows that nothing can be fitted to, and add up their weights.
pub(super) fn checked_weight(rows: Rows<'_>) -> Result<f64, FitError> {
    if rows.count() == 0 {
        return setting("there are no rows to fit: give at least one");
    }
    let weight: f64 = (0..rows.count()).map(|row| rows.weight(row)).sum();
    if !(weight.is_finite() && weight > 0.0) {
        let bad = (0..rows.count()).find(|&row| !rows.weight(row).is_finite());
        let bad =
            bad.map(|row| format!("; that of row {} is {}", rows.original(row), rows.weight(row)));
        return setting(format!(
            "the weights of the rows add up to {}: give finite ones with a sum above 0{}",
            number(weight),
            bad.unwrap_or_default()
        ));
    }
    let counting = (0..rows.count()).filter(|&row| rows.weight(row) != 0.0);
    let mut places = counting.flat_map(|row| (0..rows.width()).map(move |column| (row, column)));
    match places.find(|&(row, column)| !rows.get(row, column).is_finite()) {
        None => Ok(weight),
        Some((row, column)) => setting(format!(
            "row {}, column {column} of the data is {}: give a finite number, leave the row out \
             (`Rows::choose`) or give it the weight 0",
            rows.original(row),
            rows.get(row, column)
        )),
    }
}

/// Rows dealt out in batches, shuffled anew for every epoch.
#[derive(Clone, Debug)]
pub(super) struct Batches {
    order: Vec<usize>,
    size: usize,
    /// The batch dealt last, as a stretch of `order`.
    now: Range<usize>,
    rng: Rng,
}

impl Batches {
    /// Deal these rows, `size` at a time. The first epoch is shuffled too.
    fn new(rows: Vec<usize>, size: usize, seed: u64) -> Batches {
        let end = rows.len();
        Batches { order: rows, size, now: end..end, rng: generator(seed, Draw::Batches) }
    }

    /// How many batches an epoch has.
    fn count(&self) -> usize {
        self.order.len().div_ceil(self.size)
    }

    /// Deal the next batch; the last of an epoch takes what is left.
    fn next(&mut self) -> &[usize] {
        if self.now.end == self.order.len() {
            self.rng.shuffle(&mut self.order);
            self.now = 0..0;
        }
        let (start, end) = (self.now.end, self.order.len());
        self.now = start..end.min(start.saturating_add(self.size));
        self.last()
    }

    /// Take the last batch back: the next one is the same.
    pub fn take_back(&mut self) {
        self.now = self.now.start..self.now.start;
    }

    /// Tell whether the last batch was the last of an epoch.
    pub fn is_at_end(&self) -> bool {
        self.now.end == self.order.len()
    }

    /// Take down the order of the rows, how many of them are dealt, and the generator.
    pub fn state(&self) -> (Vec<usize>, usize, u64) {
        (self.order.clone(), self.now.end, self.rng.get_seed())
    }

    /// Go on from a state, unless it is one of other rows or of batches of another size.
    pub fn restore(&mut self, order: &[usize], dealt: usize, random: u64) -> bool {
        let mut rows = [self.order.clone(), order.to_vec()];
        rows.iter_mut().for_each(|rows| rows.sort_unstable());
        let ends_a_batch =
            dealt == order.len() || (dealt.is_multiple_of(self.size) && dealt < order.len());
        if rows[0] != rows[1] || !ends_a_batch {
            return false;
        }
        self.order.copy_from_slice(order);
        self.now = dealt..dealt;
        self.rng = Rng::with_seed(random);
        true
    }

    /// The batch dealt last.
    fn last(&self) -> &[usize] {
        &self.order[self.now.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::Batches;

    #[test]
    fn every_row_is_dealt_once_an_epoch_whatever_the_size() {
        for size in [1, 3, 4, 10, 11, usize::MAX] {
            let mut batches = Batches::new((0..10).collect(), size, 7);
            let mut epochs = Vec::new();
            for _ in 0..3 {
                let mut dealt = Vec::new();
                for _ in 0..batches.count() {
                    let batch = batches.next();
                    assert!(!batch.is_empty() && batch.len() <= size);
                    dealt.extend_from_slice(batch);
                }
                epochs.push(dealt.clone());
                dealt.sort_unstable();
                assert_eq!(dealt, (0..10).collect::<Vec<_>>(), "size {size}");
            }
            assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2], "shuffled anew");
        }
    }
}
