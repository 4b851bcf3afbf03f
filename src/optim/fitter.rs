//! [`fit()`] and [`Fitter`]: descend until a rule to stop holds; [`Fit`], where that ended.

use super::error::{FitError, FitErrorKind, setting};
use super::history::{History, Keep, Reason, Record};
use super::norm::norm;
use super::objective::{Objective, Taped, evaluate};
use super::optimizer::Optimizer;
use super::progress::not_negative;
use crate::Var;
use crate::text::{brief, counted, number};
use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Where a fit ended, and how it got there.
#[derive(Clone, PartialEq)]
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

/// Change parameters, from a start, for a number of steps, so that the loss becomes small.
///
/// The loss is a closure, or a generic function by name, from variables to one variable. It is
/// recorded anew at every step, so it may branch. The tape is kept between steps and its memory
/// reused; the parameters are its first nodes. With 0 steps loss and gradient are taken at the start, no more.
///
/// The optimizer is used as it is: what it remembers of an earlier fit carries on, until
/// [`reset`](Optimizer::reset).
///
/// Everything else is a [`Fitter`]'s: to stop earlier, to name the parameters, to observe, to keep fewer
/// records, to fit an [`Objective`] that is no closure.
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
/// use gradtape::optim::{Adam, fit};
/// use gradtape::Real;
///
/// fn rosenbrock<S: Real>(x: &[S]) -> S {
///     (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
/// }
/// let fit = fit(rosenbrock, &[-1.2, 1.0], &mut Adam::new(0.02), 10_000)?;
/// assert!((fit.parameters[0] - 1.0).abs() < 1e-5 && (fit.parameters[1] - 1.0).abs() < 1e-5);
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
#[track_caller]
pub fn fit<F: FnMut(&[Var]) -> Var>(
    loss: F,
    start: &[f64],
    optimizer: &mut dyn Optimizer,
    steps: usize,
) -> Result<Fit, FitError> {
    Fitter::new(loss, start).fit(optimizer, steps)
}

type Outcome = Result<ControlFlow<()>, Box<dyn Error + Send + Sync>>;
type Observer<'a> = Box<dyn FnMut(&Record) -> Outcome + 'a>;

/// What an observer returns: whether to go on, or an error that ends the fit.
pub trait Observed: sealed::Sealed {
    #[doc(hidden)]
    fn outcome(self) -> Outcome;
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for ControlFlow<()> {}
impl Observed for ControlFlow<()> {
    fn outcome(self) -> Outcome {
        Ok(self)
    }
}

impl<E> sealed::Sealed for Result<ControlFlow<()>, E> {}
impl<E: Into<Box<dyn Error + Send + Sync>>> Observed for Result<ControlFlow<()>, E> {
    fn outcome(self) -> Outcome {
        self.map_err(Into::into)
    }
}

/// A fit that is set up: what to fit, when to stop, what the parameters are called, who looks on, what is kept.
///
/// A rule to stop holds when its quantity is *at or below* the number given, so 0 asks for exactly 0.
///
/// ```
/// use gradtape::optim::{Fitter, Reason, Sgd};
///
/// let line = |p: &[gradtape::Var]| (p[0] + p[1] - 3.0).square() + (p[0] * 2.0 + p[1] - 5.0).square();
/// let fitter = Fitter::new(line, &[0.0, 0.0])
///     .names(["slope", "offset"])
///     .stop_at_gradient_norm(1e-9)
///     .record_every(100);
/// let fit = fitter.fit(&mut Sgd::new(0.1), 10_000)?;
/// assert_eq!(fit.reason, Reason::GradientNorm);
/// for (name, value) in fit.history.parameters.iter().zip(&fit.parameters) {
///     println!("{name} = {value:.3}"); // slope = 2.000, offset = 1.000
/// }
/// assert!((fit.parameters[0] - 2.0).abs() < 1e-6);
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
#[must_use = "this is a plan: call `fit`"]
pub struct Fitter<'a> {
    objective: Box<dyn Objective + 'a>,
    start: Vec<f64>,
    names: Vec<String>,
    every: Option<usize>,
    observer: Option<Observer<'a>>,
    least_loss: Option<f64>,
    least_gradient_norm: Option<f64>,
    least_step_size: Option<f64>,
}

impl<'a> Fitter<'a> {
    /// Plan to fit a closure over variables, as [`fit()`] does.
    pub fn new(loss: impl FnMut(&[Var]) -> Var + 'a, start: &[f64]) -> Fitter<'a> {
        Fitter::with_objective(Taped::new(loss), start)
    }

    /// Plan to fit any [`Objective`], owned or lent: [`OverRows`](super::OverRows), or one of your own.
    ///
    /// ```
    /// use gradtape::nn::Dosage;
    /// use gradtape::optim::{Fitter, OverRows, Sgd};
    ///
    /// let dosage = Dosage::main_ideas();
    /// let program = dosage.over_rows();
    /// let loss = OverRows::new(&program, dosage.rows())?;
    /// let fit = Fitter::with_objective(loss, &dosage.trained_start()).fit(&mut Sgd::new(0.1), 100)?;
    /// assert!((fit.history.records[0].gradient[0] + 15.6551).abs() < 1e-4);
    /// assert!((fit.parameters[0] - 2.609184730096291).abs() < 1e-14);
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    pub fn with_objective(objective: impl Objective + 'a, start: &[f64]) -> Fitter<'a> {
        Fitter {
            objective: Box::new(objective),
            start: start.to_vec(),
            names: Vec::new(),
            every: None,
            observer: None,
            least_loss: None,
            least_gradient_norm: None,
            least_step_size: None,
        }
    }

    /// Name the parameters, in their order: for the history and for messages.
    pub fn names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Fitter<'a> {
        self.names = names.into_iter().map(Into::into).collect();
        self
    }

    /// Keep the record of every `every`-th step, the first and the last in any case: with 1 all of them, however
    /// much memory that takes, with 0 only these two.
    ///
    /// Until this is called, records are kept as [`History`] says. The observer sees all of them.
    pub fn record_every(mut self, every: usize) -> Fitter<'a> {
        self.every = Some(every);
        self
    }

    /// Show every record, the first and the last too, to a function, which may break off the fit: with a
    /// `ControlFlow`, or a `Result` of one, whose error ends the fit as
    /// [`FitErrorKind::Observer`](super::FitErrorKind::Observer).
    ///
    /// ```
    /// use gradtape::optim::{Fitter, Reason, Sgd};
    /// use std::ops::ControlFlow;
    ///
    /// let fitter = Fitter::new(|p| p[0].square(), &[4.0]).observer(|record| {
    ///     println!("step {}: loss {}", record.step, record.loss);
    ///     if record.loss < 1.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    /// });
    /// let fit = fitter.fit(&mut Sgd::new(0.25), 1000)?;
    /// assert_eq!((fit.steps, fit.reason), (3, Reason::Observer));
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    pub fn observer<R: Observed>(
        mut self,
        mut observer: impl FnMut(&Record) -> R + 'a,
    ) -> Fitter<'a> {
        self.observer = Some(Box::new(move |record| observer(record).outcome()));
        self
    }

    /// Stop where the loss is no more than `loss`.
    ///
    /// # Panics
    /// If it is not finite.
    #[track_caller]
    pub fn stop_at_loss(mut self, loss: f64) -> Fitter<'a> {
        assert!(loss.is_finite(), "the loss to stop at is {loss}: give a finite number");
        self.least_loss = Some(loss);
        self
    }

    /// Stop where the Euclidean norm of the gradient is no more than `norm`.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    pub fn stop_at_gradient_norm(mut self, norm: f64) -> Fitter<'a> {
        self.least_gradient_norm = Some(not_negative("the gradient norm to stop at", norm));
        self
    }

    /// Stop after a step that changes no parameter by more than `size`; that step is taken.
    ///
    /// It watches the change and not the distance to go: steps are also small at a small learning
    /// rate, as a warm-up or a decaying schedule makes it, and for long after a slope far above all others, which
    /// `Adam` and `RmsProp` divide by.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    pub fn stop_at_step_size(mut self, size: f64) -> Fitter<'a> {
        self.least_step_size = Some(not_negative("the step size to stop at", size));
        self
    }

    /// Descend for at most `steps` steps.
    ///
    /// # Errors
    /// As [`fit()`], and if the objective has no loss at some parameters.
    ///
    /// # Panics
    /// As [`fit()`], and if there are names but not one for each parameter.
    #[track_caller]
    pub fn fit(mut self, optimizer: &mut dyn Optimizer, steps: usize) -> Result<Fit, FitError> {
        let start = std::mem::take(&mut self.start);
        assert!(
            self.names.is_empty() || self.names.len() == start.len(),
            "{} for {}: give one for each, or none",
            counted(self.names.len(), "name"),
            counted(start.len(), "parameter")
        );
        if start.is_empty() {
            return setting("there are no parameters to fit: give a start with at least one");
        }
        let mut history = History::new(std::mem::take(&mut self.names));
        let mut now = Record::at(&start);
        let mut before = now.clone();
        let mut change = None;
        let mut keep = Keep::new(self.every);
        loop {
            let Record { parameters, gradient, loss, .. } = &mut now;
            let names = &history.parameters;
            if let Err(kind) = evaluate(&mut *self.objective, parameters, gradient, loss, names) {
                if now.step > 0 {
                    keep.last(&mut history, &before);
                }
                let Record { step, parameters, .. } = now;
                return Err(FitError { step, parameters, history: Box::new(history), kind });
            }
            now.learning_rate = optimizer.learning_rate();
            keep.record(&mut history, &now);
            match self.reason(&now, change, steps) {
                Ok(None) => {}
                Ok(Some(reason)) => {
                    keep.last(&mut history, &now);
                    return Ok(end(now, reason, history));
                }
                Err(source) => {
                    keep.last(&mut history, &now);
                    let Record { step, parameters, .. } = now;
                    let kind = FitErrorKind::Observer(Arc::from(source));
                    return Err(FitError { step, parameters, history: Box::new(history), kind });
                }
            }
            std::mem::swap(&mut now, &mut before);
            now.step = before.step + 1;
            now.parameters.copy_from_slice(&before.parameters);
            optimizer.step(&mut now.parameters, &before.gradient);
            change = Some(largest_change(&before.parameters, &now.parameters));
        }
    }

    /// The rule to stop here, if one holds, the more telling first. `change` is the size of the step that led
    /// here. The observer sees every record, also one that another rule stops at.
    fn reason(
        &mut self,
        now: &Record,
        change: Option<f64>,
        steps: usize,
    ) -> Result<Option<Reason>, Box<dyn Error + Send + Sync>> {
        let norm = || norm(&now.gradient);
        let observed = self.observer.as_mut().map(|observer| observer(now)).transpose()?;
        Ok(if observed == Some(ControlFlow::Break(())) {
            Some(Reason::Observer)
        } else if self.least_loss.is_some_and(|least| now.loss <= least) {
            Some(Reason::Loss)
        } else if self.least_gradient_norm.is_some_and(|least| norm() <= least) {
            Some(Reason::GradientNorm)
        } else if change.zip(self.least_step_size).is_some_and(|(change, least)| change <= least) {
            Some(Reason::StepSize)
        } else if now.step >= steps {
            Some(Reason::Steps)
        } else {
            None
        })
    }
}

impl fmt::Debug for Fitter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fitter")
            .field("start", &brief(&self.start))
            .field("names", &self.names.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fit({} after {}", self.reason, counted(self.steps, "step"))?;
        write!(f, ": loss {}, parameters {}", number(self.loss), brief(&self.parameters))?;
        write!(f, ", gradient {}; {:?})", brief(&self.gradient), self.history)
    }
}

fn end(last: Record, reason: Reason, history: History) -> Fit {
    let history = History { reason: Some(reason), ..history };
    Fit {
        parameters: last.parameters,
        loss: last.loss,
        gradient: last.gradient,
        steps: last.step,
        reason,
        history,
    }
}

fn largest_change(before: &[f64], after: &[f64]) -> f64 {
    before.iter().zip(after).map(|(a, b)| (b - a).abs()).fold(0.0, f64::max)
}
