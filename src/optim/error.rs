//! [`FitError`]: a number that is not finite, and where it came from; a loss that cannot be computed.

use super::History;
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
    /// The loss is infinite or NaN.
    NonFiniteLoss {
        /// How many steps led here.
        step: usize,
        /// The loss.
        loss: f64,
        /// The first node of the tape that made a number that is not finite; a parameter, if that
        /// itself is not. None if the objective keeps no tape.
        culprit: Option<Box<NonFinite>>,
        /// The parameters here.
        parameters: Vec<f64>,
        /// The records up to the step before.
        history: Box<History>,
    },
    /// The loss is finite, and a slope of it is infinite or NaN.
    NonFiniteGradient {
        /// How many steps led here.
        step: usize,
        /// The loss.
        loss: f64,
        /// The first parameter with such a slope.
        parameter: usize,
        /// That slope.
        slope: f64,
        /// The first node of the sweep, that is the last on the tape, whose adjoint is not finite.
        /// None if the objective keeps no tape.
        node: Option<Box<NonFinite>>,
        /// The parameters here.
        parameters: Vec<f64>,
        /// The records up to the step before.
        history: Box<History>,
    },
    /// Loss and gradient are finite, and a parameter is infinite or NaN.
    NonFiniteParameter {
        /// How many steps led here.
        step: usize,
        /// The first such parameter.
        parameter: usize,
        /// The parameters here.
        parameters: Vec<f64>,
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
    /// The start has no parameters, so there is nothing to fit.
    NoParameters,
    /// A program over rows does not take such rows, or has not exactly one output.
    Program(ReplayError),
    /// There are no rows, or no observations.
    NoRows,
    /// The weights of the rows do not add up to a finite number above 0.
    Weights {
        /// Their sum.
        sum: f64,
    },
    /// A setting is wrong: which, and what to give instead.
    Setting(String),
}

impl FitError {
    /// Read the records up to the last good point: empty if the start was bad, none if the fit
    /// could not begin.
    #[must_use]
    pub fn history(&self) -> Option<&History> {
        match self {
            FitError::NonFiniteLoss { history, .. }
            | FitError::NonFiniteGradient { history, .. }
            | FitError::NonFiniteParameter { history, .. }
            | FitError::Objective { history, .. } => Some(history),
            _ => None,
        }
    }
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FitError::NonFiniteLoss { step, loss, culprit, .. } => {
                write!(f, "the loss is {} {}", number(*loss), when(*step))?;
                if let Some(culprit) = culprit {
                    write!(f, ": {culprit}")?;
                }
                f.write_str(advice(*step))
            }
            FitError::NonFiniteGradient { step, loss, parameter, slope, node, history, .. } => {
                let name = history.parameter(*parameter);
                write!(
                    f,
                    "the slope with respect to {name} is {slope} {}, where the loss is {}",
                    when(*step),
                    number(*loss)
                )?;
                if let Some(node) = node {
                    write!(f, ": the sweep first meets such a number at {}", describe(node))?;
                    f.write_str(", so what is computed from that has no finite derivative here")?;
                }
                f.write_str(advice(*step))
            }
            FitError::NonFiniteParameter { step, parameter, parameters, history } => {
                let name = history.parameter(*parameter);
                write!(f, "parameter {name} is {} {}", parameters[*parameter], when(*step))?;
                f.write_str(advice(*step))
            }
            FitError::Objective { step, source, .. } => {
                write!(f, "there is no loss {}: {source}", when(*step))
            }
            FitError::NoParameters => {
                f.write_str("there are no parameters to fit: give a start with at least one")
            }
            FitError::Program(error) => error.fmt(f),
            FitError::NoRows => f.write_str("there are no rows to fit: give at least one"),
            FitError::Weights { sum } => write!(
                f,
                "the weights of the rows add up to {}: give finite ones with a sum above 0",
                number(*sum)
            ),
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

fn advice(step: usize) -> &'static str {
    match step {
        0 => ": choose a start where loss and gradient are finite",
        _ => ": lower the learning rate, or write the loss so that it is finite there",
    }
}

fn describe(node: &NonFinite) -> String {
    let label = node.label.as_ref().map_or(String::new(), |label| format!(" `{label}`"));
    let scope = node.scope.as_ref().map_or(String::new(), |scope| format!(" in {scope}"));
    format!("node {}{label}{scope} ({}, value {})", node.node, node.name, number(node.value))
}
