//! [`Fitter`]: the loop, with names, an observer and thinned records.

use super::{
    Fit, FitError, History, Objective, ObjectiveError, Optimizer, OverRows, Reason, Record, Stop,
    Taped,
};
use crate::Var;
use crate::program::{RowProgram, Rows};
use crate::text::counted;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

type Observer<'a> = Box<dyn FnMut(&Record) -> ControlFlow<()> + 'a>;

/// A fit that is set up: when to stop, what the parameters are called, who looks on, what is kept.
///
/// ```
/// use gradtape::optim::{Fitter, Sgd, Stop};
///
/// let line = |p: &[gradtape::Var]| (p[0] + p[1] - 3.0).square() + (p[0] * 2.0 + p[1] - 5.0).square();
/// let stop = Stop::after(1000);
/// let fitter = Fitter::new(&stop).names(["slope", "offset"]).record_every(100);
/// let fit = fitter.fit(line, &[0.0, 0.0], &mut Sgd::new(0.1))?;
/// assert_eq!(fit.history.len(), 11); // steps 0, 100, ..., 1000
/// for (name, value) in fit.history.names().iter().zip(&fit.parameters) {
///     println!("{name} = {value:.3}"); // slope = 2.000, offset = 1.000
/// }
/// assert!((fit.parameters[0] - 2.0).abs() < 1e-6);
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
#[must_use = "this is a plan: call `fit`, `fit_rows` or `minimize`"]
pub struct Fitter<'a> {
    stop: Stop,
    names: Vec<String>,
    every: usize,
    observer: Option<Observer<'a>>,
}

impl<'a> Fitter<'a> {
    /// Plan a fit that keeps every record.
    pub fn new(stop: &Stop) -> Fitter<'a> {
        Fitter { stop: stop.clone(), names: Vec::new(), every: 1, observer: None }
    }

    /// Name the parameters, in their order: for the history and for messages.
    pub fn names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Fitter<'a> {
        self.names = names.into_iter().map(Into::into).collect();
        self
    }

    /// Keep the record of every `every`-th step, the first and the last in any case; with 0 only
    /// these two. The observer still sees all.
    pub fn record_every(mut self, every: usize) -> Fitter<'a> {
        self.every = every;
        self
    }

    /// Show every record, the first and the last too, to a function, which may break off the fit.
    pub fn observer(mut self, observer: impl FnMut(&Record) -> ControlFlow<()> + 'a) -> Fitter<'a> {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Fit a closure over variables, as [`fit()`](super::fit()) does.
    ///
    /// # Errors
    /// As [`fit()`](super::fit()).
    ///
    /// # Panics
    /// As [`fit()`](super::fit()), and if there are names but not one for each parameter.
    #[track_caller]
    pub fn fit<F: FnMut(&[Var]) -> Var>(
        self,
        loss: F,
        start: &[f64],
        optimizer: &mut dyn Optimizer,
    ) -> Result<Fit, FitError> {
        self.minimize(&mut Taped::new(loss), start, optimizer)
    }

    /// Fit a program to rows, as [`fit_rows`](super::fit_rows) does.
    ///
    /// # Errors
    /// As [`fit_rows`](super::fit_rows).
    ///
    /// # Panics
    /// As [`minimize`](Fitter::minimize).
    #[track_caller]
    pub fn fit_rows(
        self,
        program: &RowProgram,
        rows: Rows<'_>,
        start: &[f64],
        optimizer: &mut dyn Optimizer,
    ) -> Result<Fit, FitError> {
        match OverRows::new(program, rows) {
            Ok(mut objective) => self.minimize(&mut objective, start, optimizer),
            Err(error) => Err(FitError::Objective {
                step: 0,
                source: Arc::new(error),
                parameters: start.to_vec(),
                history: Box::new(History::new(self.names, self.every)),
            }),
        }
    }

    /// Fit an objective of any kind.
    ///
    /// # Errors
    /// As [`fit()`](super::fit()).
    ///
    /// # Panics
    /// If there are names but not one for each parameter, or the optimizer has taken steps with
    /// another number of parameters.
    #[track_caller]
    pub fn minimize(
        mut self,
        objective: &mut dyn Objective,
        start: &[f64],
        optimizer: &mut dyn Optimizer,
    ) -> Result<Fit, FitError> {
        assert!(
            self.names.is_empty() || self.names.len() == start.len(),
            "{} for {}: give one for each, or none",
            counted(self.names.len(), "name"),
            counted(start.len(), "parameter")
        );
        if start.is_empty() {
            return Err(FitError::NoParameters);
        }
        let mut history = History::new(std::mem::take(&mut self.names), self.every);
        let mut now = Record::at(start);
        let mut before = now.clone();
        let mut change = None;
        loop {
            let computed = objective.value_and_gradient(&now.parameters, &mut now.gradient);
            let fault = match computed {
                Ok(loss) => {
                    now.loss = loss;
                    Fault::of(&now)
                }
                Err(error) => Some(Fault::Objective(error)),
            };
            if let Some(fault) = fault {
                if now.step > 0 {
                    history.close(&before);
                }
                return Err(fault.explain(now, objective, history));
            }
            now.learning_rate = optimizer.learning_rate();
            history.offer(&now);
            if let Some(reason) = self.reason(&now, change) {
                history.close(&now);
                return Ok(end(now, reason, history));
            }
            std::mem::swap(&mut now, &mut before);
            now.step = before.step + 1;
            now.parameters.copy_from_slice(&before.parameters);
            optimizer.step(&mut now.parameters, &before.gradient);
            change = Some(largest_change(&before.parameters, &now.parameters));
        }
    }

    /// Why to stop here, if so. The observer sees every record, also one that a rule stops at.
    fn reason(&mut self, now: &Record, change: Option<f64>) -> Option<Reason> {
        match self.observer.as_mut().map(|observer| observer(now)) {
            Some(ControlFlow::Break(())) => Some(Reason::Observer),
            _ => self.stop.reason(now.step, change, &now.gradient, now.loss),
        }
    }
}

impl fmt::Debug for Fitter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fitter")
            .field("stop", &self.stop)
            .field("names", &self.names)
            .field("every", &self.every)
            .field("observed", &self.observer.is_some())
            .finish()
    }
}

fn end(last: Record, reason: Reason, history: History) -> Fit {
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

/// What is not finite in a record, the index being that of a parameter; or why there is none.
enum Fault {
    Objective(ObjectiveError),
    Loss,
    Gradient(usize),
    Parameter(usize),
}

impl Fault {
    /// The loss is asked first: if it is bad, the gradient and the next parameters only follow.
    fn of(record: &Record) -> Option<Fault> {
        let first = |numbers: &[f64]| numbers.iter().position(|number| !number.is_finite());
        if !record.loss.is_finite() {
            return Some(Fault::Loss);
        }
        let gradient = first(&record.gradient).map(Fault::Gradient);
        gradient.or_else(|| first(&record.parameters).map(Fault::Parameter))
    }

    fn explain(self, record: Record, objective: &mut dyn Objective, history: History) -> FitError {
        let Record { step, loss, parameters, gradient, .. } = record;
        match self {
            Fault::Objective(error) => FitError::Objective {
                step,
                source: Arc::from(error),
                parameters,
                history: Box::new(history),
            },
            Fault::Loss => FitError::NonFiniteLoss {
                step,
                loss,
                culprit: objective.non_finite_value(history.names()).map(Box::new),
                parameters,
                history: Box::new(history),
            },
            Fault::Gradient(parameter) => FitError::NonFiniteGradient {
                step,
                loss,
                parameter,
                slope: gradient[parameter],
                node: objective.non_finite_adjoint(history.names()).map(Box::new),
                parameters,
                history: Box::new(history),
            },
            Fault::Parameter(parameter) => FitError::NonFiniteParameter {
                step,
                parameter,
                parameters,
                history: Box::new(history),
            },
        }
    }
}
