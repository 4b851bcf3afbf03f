//! [`FitError`]: a number that is not finite, and where it came from; a loss that cannot be computed.

use super::history::{History, Record};
use crate::program::ReplayError;
use crate::tape::NonFinite;
use crate::text::number;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a fit could not begin, or not go on.
///
/// The history up to the last good point comes with it, so that nothing is lost:
/// [`history`](FitError::history).
///
/// ```
/// use gradtape::optim::{Fitter, Sgd};
///
/// let fitter = Fitter::new(|p| p[0] - p[0].ln(), &[2.0]).names(["w"]);
/// let error = fitter.fit(&mut Sgd::new(8.0), 100).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the loss is NaN after step 1: node 1: ln(w) = NaN, where w = -2: lower the learning rate, \
///      or write the loss so that it is finite there",
/// );
/// assert_eq!(error.history().unwrap().records.last().unwrap().parameters, [2.0]);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FitError {
    /// The loss is infinite or NaN; or it is finite, and a slope of it is not; or both are, and a parameter is not.
    NonFinite {
        /// Where: the first of loss, gradient and parameters that is not finite is the fault.
        record: Record,
        /// Of a loss the first node of the tape that is not finite, of a slope the first node of the sweep whose
        /// adjoint is not, that is the last on the tape. None if the objective keeps no tape.
        node: Option<Box<NonFinite>>,
        /// The records up to the step before.
        history: Box<History>,
    },
    /// The objective has no loss here: a row takes another branch than the recording did, say, or the
    /// parameters are more or fewer than it takes.
    Objective {
        /// How many steps led here.
        step: usize,
        /// What the objective says.
        source: Arc<dyn Error + Send + Sync>,
        /// The parameters here.
        parameters: Vec<f64>,
        /// The records up to the step before.
        history: Box<History>,
    },
    /// A program over rows does not take such rows, or has not exactly one output.
    Program(ReplayError),
    /// A setting is wrong, or there is nothing to fit: what it is, and what to give instead.
    Setting(String),
}

impl FitError {
    /// Read the records up to the last good point: empty if the start was bad, none if the fit
    /// could not begin.
    #[must_use]
    pub fn history(&self) -> Option<&History> {
        match self {
            FitError::NonFinite { history, .. } | FitError::Objective { history, .. } => {
                Some(history)
            }
            FitError::Program(_) | FitError::Setting(_) => None,
        }
    }
}

/// Refuse a setting: what it is, and what to give instead.
pub(crate) fn setting<T>(message: impl Into<String>) -> Result<T, FitError> {
    Err(FitError::Setting(message.into()))
}

/// What is not finite in a record; the index is that of a parameter.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    Loss,
    Slope(usize),
    Parameter(usize),
}

impl Fault {
    /// The loss is asked first: if it is bad, the gradient and the next parameters only follow.
    pub fn of(record: &Record) -> Option<Fault> {
        let first = |numbers: &[f64]| numbers.iter().position(|number| !number.is_finite());
        if !record.loss.is_finite() {
            return Some(Fault::Loss);
        }
        let slope = first(&record.gradient).map(Fault::Slope);
        slope.or_else(|| first(&record.parameters).map(Fault::Parameter))
    }
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FitError::NonFinite { record, node, history } => {
                let (when, loss) = (when(record.step), number(record.loss));
                match Fault::of(record) {
                    Some(Fault::Slope(i)) => {
                        let (name, slope) = (history.parameter(i), record.gradient[i]);
                        write!(f, "the slope with respect to {name} is {slope} {when}")?;
                        write!(f, ", where the loss is {loss}")?;
                        if let Some(node) = node {
                            let node = describe(node);
                            write!(f, ": the sweep first meets such a number at {node}, so ")?;
                            f.write_str(
                                "what is computed from that has no finite derivative here",
                            )?;
                        }
                    }
                    Some(Fault::Parameter(i)) => {
                        let (name, value) = (history.parameter(i), record.parameters[i]);
                        write!(f, "parameter {name} is {value} {when}")?;
                    }
                    Some(Fault::Loss) | None => {
                        write!(f, "the loss is {loss} {when}")?;
                        if let Some(node) = node {
                            write!(f, ": {node}")?;
                        }
                    }
                }
                f.write_str(match record.step {
                    0 => ": choose a start where loss and gradient are finite",
                    _ => ": lower the learning rate, or write the loss so that it is finite there",
                })
            }
            FitError::Objective { step, source, .. } => {
                write!(f, "there is no loss {}: {source}", when(*step))
            }
            FitError::Program(error) => error.fmt(f),
            FitError::Setting(message) => f.write_str(message),
        }
    }
}

impl Error for FitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            FitError::Objective { source, .. } => Some(&**source),
            FitError::Program(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ReplayError> for FitError {
    fn from(error: ReplayError) -> FitError {
        FitError::Program(error)
    }
}

fn when(step: usize) -> String {
    match step {
        0 => "at the start".to_string(),
        _ => format!("after step {step}"),
    }
}

fn describe(node: &NonFinite) -> String {
    let label = node.label.as_ref().map_or(String::new(), |label| format!(" `{label}`"));
    let scope = node.scope.as_ref().map_or(String::new(), |scope| format!(" in {scope}"));
    format!("node {}{label}{scope} ({}, value {})", node.node, node.name, number(node.value))
}
