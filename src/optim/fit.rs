//! [`fit()`], [`fit_observed`], [`fit_rows`], [`Fit`].

use super::{FitError, Fitter, History, Optimizer, Reason, Record, Stop};
use crate::Var;
use crate::program::{RowProgram, Rows};
use std::ops::ControlFlow;

/// Where a fit ended, and how it got there.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// The parameters at the end.
    pub parameters: Vec<f64>,
    /// The loss there.
    pub loss: f64,
    /// The gradient there.
    pub gradient: Vec<f64>,
    /// How many steps were taken.
    pub steps: usize,
    /// The rule that ended it.
    pub reason: Reason,
    /// The records of the steps; the last is that of the end.
    pub history: History,
}

/// Change parameters, from a start, until the loss is small or another rule to stop holds.
///
/// The loss is a closure, or a generic function by name, from variables to one variable. It is
/// recorded anew at every step, so it may branch. The tape is kept between steps and its memory
/// reused; the parameters are its first nodes.
///
/// The optimizer is used as it comes: what it remembers of an earlier fit carries on, until
/// [`reset`](Optimizer::reset).
///
/// [`Fitter`] does the same and can name the parameters, observe, and keep fewer records.
///
/// # Errors
/// If a loss, a slope or a parameter is not finite, at the start or later; if there are no
/// parameters.
///
/// # Panics
/// If the closure returns a variable of another tape, or the optimizer has taken steps with another
/// number of parameters.
///
/// ```
/// use gradtape::optim::{Adam, Reason, Stop, fit};
/// use gradtape::Real;
///
/// fn rosenbrock<S: Real>(x: &[S]) -> S {
///     (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
/// }
/// let stop = Stop::after(20_000).gradient_norm(1e-6);
/// let fit = fit(rosenbrock, &[-1.2, 1.0], &mut Adam::new(0.02), &stop)?;
/// assert_eq!(fit.reason, Reason::GradientNorm);
/// assert!((fit.parameters[0] - 1.0).abs() < 1e-5 && (fit.parameters[1] - 1.0).abs() < 1e-5);
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
#[track_caller]
pub fn fit<F: FnMut(&[Var]) -> Var>(
    loss: F,
    start: &[f64],
    optimizer: &mut dyn Optimizer,
    stop: &Stop,
) -> Result<Fit, FitError> {
    Fitter::new(stop).fit(loss, start, optimizer)
}

/// Fit as [`fit()`] does, and show every record to an observer, which may break off.
///
/// # Errors
/// As [`fit()`].
///
/// # Panics
/// As [`fit()`].
///
/// ```
/// use gradtape::optim::{Reason, Sgd, Stop, fit_observed};
/// use std::ops::ControlFlow;
///
/// let stop = Stop::after(1000);
/// let fit = fit_observed(|p| p[0].square(), &[4.0], &mut Sgd::new(0.25), &stop, |record| {
///     println!("step {}: loss {}", record.step, record.loss);
///     if record.loss < 1.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
/// })?;
/// assert_eq!((fit.steps, fit.reason), (3, Reason::Observer));
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
#[track_caller]
pub fn fit_observed<F: FnMut(&[Var]) -> Var>(
    loss: F,
    start: &[f64],
    optimizer: &mut dyn Optimizer,
    stop: &Stop,
    observer: impl FnMut(&Record) -> ControlFlow<()>,
) -> Result<Fit, FitError> {
    Fitter::new(stop).observer(observer).fit(loss, start, optimizer)
}

/// Fit a program to rows: record the loss of one observation, add it up over all.
///
/// The parameters are the program's shared inputs, the loss is the sum of its only output over the rows,
/// each with its weight. Nothing is recorded at a step, so this is the way to fit many observations. For
/// the mean, for mini-batches, and to run on all cores, see [`OverRows`](super::OverRows).
///
/// # Errors
/// As [`fit()`]; if a row takes another branch than the recording did; if the program does not take such
/// rows or as many parameters, or has not exactly one output; if there are no rows.
///
/// # Panics
/// If the optimizer has taken steps with another number of parameters.
///
/// ```
/// use gradtape::nn::dosage;
/// use gradtape::optim::{Sgd, Stop, fit_rows};
///
/// let (program, start) = (dosage::A.over_rows(), dosage::A.trained_start());
/// let stop = Stop::after(100);
/// let fit = fit_rows(&program, dosage::rows(), &start, &mut Sgd::new(0.1), &stop)?;
/// assert!((fit.history.records()[0].gradient[0] + 15.6551).abs() < 1e-4);
/// assert!((fit.parameters[0] - 2.609184730096291).abs() < 1e-14);
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
#[track_caller]
pub fn fit_rows(
    program: &RowProgram,
    rows: Rows<'_>,
    start: &[f64],
    optimizer: &mut dyn Optimizer,
    stop: &Stop,
) -> Result<Fit, FitError> {
    Fitter::new(stop).fit_rows(program, rows, start, optimizer)
}
