//! [`FitError`]: where a fit ended that could not go on, and why.

use super::history::History;
use crate::program::ReplayError;
use crate::tape::NonFinite;
use crate::text::{OneLine, counted, number, quoted};
use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Why a fit could not begin, or not go on, and how far it came.
///
/// ```
/// use gradtape::optim::{FitErrorKind, Fitter, Sgd};
///
/// let fitter = Fitter::new(|p| p[0] - p[0].ln(), &[2.0]).names(["w"]);
/// let error = fitter.fit(&mut Sgd::new(8.0), 100).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the loss is NaN after step 1: node 1: ln(w) = NaN, where w = -2: lower the learning rate, \
///      or write the loss so that it is finite there",
/// );
/// assert!(matches!(error.kind, FitErrorKind::Loss { .. }));
/// assert_eq!((error.step, &error.parameters[..]), (1, &[-2.0][..]));
/// assert_eq!(error.history.records.last().unwrap().parameters, [2.0]);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct FitError {
    /// How many steps were taken, by least squares how many evaluations; 0 also if the fit could not begin.
    pub step: usize,
    /// The parameters there; none if the fit could not begin.
    pub parameters: Vec<f64>,
    /// The records up to the step before, so that nothing is lost.
    pub history: Box<History>,
    /// What is wrong.
    pub kind: FitErrorKind,
}

/// What ended a fit. Indices are those of parameters.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FitErrorKind {
    /// A parameter is not finite, at the start or after a step. There is no loss to ask for.
    Parameter {
        /// Which one.
        index: usize,
    },
    /// The loss is infinite or NaN.
    Loss {
        /// The loss.
        loss: f64,
        /// The first node of the tape that is not finite; none if the objective keeps no tape.
        node: Option<Box<NonFinite>>,
    },
    /// The loss is finite, and a slope of it is not.
    Slope {
        /// With respect to which parameter.
        index: usize,
        /// The slope.
        slope: f64,
        /// The loss.
        loss: f64,
        /// The first node of the sweep whose adjoint is not finite, that is the last on the tape.
        node: Option<Box<NonFinite>>,
    },
    /// The objective has no loss here: what it says. A row takes another branch than the recording did, say, or the
    /// parameters are more or fewer than it takes.
    Objective(Arc<dyn Error + Send + Sync>),
    /// The observer returned an error: what it says.
    Observer(Arc<dyn Error + Send + Sync>),
    /// A program over rows does not take such rows, or has not exactly one output.
    Program(ReplayError),
    /// A fit by least squares ended where there is no optimum: why, and where.
    Unconverged(String),
    /// A setting or the data are wrong, or there is nothing to fit: what it is, and what to give instead.
    Setting(String),
}

impl From<FitErrorKind> for FitError {
    /// A fit that could not begin.
    fn from(kind: FitErrorKind) -> FitError {
        FitError { step: 0, parameters: Vec::new(), history: Box::default(), kind }
    }
}

impl From<ReplayError> for FitError {
    fn from(error: ReplayError) -> FitError {
        FitErrorKind::Program(error).into()
    }
}

/// Refuse a setting: what it is, and what to give instead.
pub(crate) fn setting<T>(message: impl Into<String>) -> Result<T, FitError> {
    Err(FitErrorKind::Setting(message.into()).into())
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        let when = match self.step {
            0 => "at the start".to_string(),
            step => format!("after step {step}"),
        };
        let name = |index: &usize| self.history.parameter(*index);
        match &self.kind {
            FitErrorKind::Parameter { index } => {
                let value = self.parameters.get(*index).copied().unwrap_or(f64::NAN);
                write!(f, "parameter {} is {} {when}", name(index), number(value))?;
            }
            FitErrorKind::Loss { loss, node } => {
                write!(f, "the loss is {} {when}", number(*loss))?;
                if let Some(node) = node {
                    write!(f, ": {node}")?;
                }
            }
            FitErrorKind::Slope { index, slope, loss, node } => {
                let (name, slope, loss) = (name(index), number(*slope), number(*loss));
                write!(f, "the slope with respect to {name} is {slope} {when}")?;
                write!(f, ", where the loss is {loss}")?;
                if let Some(node) = node {
                    let node = describe(node);
                    write!(f, ": the sweep first meets such a number at {node}, so ")?;
                    f.write_str("what is computed from that has no finite derivative here")?;
                }
            }
            FitErrorKind::Objective(source) => {
                return write!(f, "there is no loss {when}: {source}");
            }
            FitErrorKind::Observer(source) => {
                return write!(f, "the observer ended the fit {when}: {source}");
            }
            FitErrorKind::Program(error) => return write!(f, "{error}"),
            FitErrorKind::Unconverged(message) => {
                let count = counted(self.step, "evaluation");
                return write!(
                    f,
                    "no optimum was found in {count}: {message}: choose another start, or other bounds"
                );
            }
            FitErrorKind::Setting(message) => return f.write_str(message),
        }
        if let FitErrorKind::Loss { node: Some(node), .. } = &self.kind
            && let Some(given) = given(node)
        {
            let given = number(given);
            return write!(
                f,
                ": this {given} is in the data or the code, not in a parameter: mend it there"
            );
        }
        f.write_str(match self.step {
            0 => ": choose a start where loss and gradient are finite",
            _ => ": lower the learning rate, or write the loss so that it is finite there",
        })
    }
}

/// One line, for `main` prints an error by its `Debug`: the message, and how much of the history is here.
impl fmt::Debug for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = counted(self.history.records.len(), "record");
        write!(f, "FitError({self}; with a history of {records})")
    }
}

impl Error for FitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            FitErrorKind::Objective(source) | FitErrorKind::Observer(source) => Some(&**source),
            FitErrorKind::Program(error) => Some(error),
            _ => None,
        }
    }
}

/// The number that a node got from the data or the code, if that is what is not finite: parameters are finite here.
fn given(node: &NonFinite) -> Option<f64> {
    node.constant.or(node.operands.is_empty().then_some(node.value))
}

fn describe(node: &NonFinite) -> String {
    let label = node.label.as_ref().map_or(String::new(), |label| format!(" {}", quoted(label)));
    let scope = node.scope.as_ref().map_or(String::new(), |scope| format!(" in {scope}"));
    format!("node {}{label}{scope} ({}, value {})", node.node, node.name, number(node.value))
}
