//! [`CheckError`]: why a gradient cannot be checked at all.

use crate::tape::NonFinite;
use crate::text::{counted, number};
use std::fmt;

/// Say why there is nothing to check.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CheckError {
    /// The point has no coordinates.
    Empty,
    /// A coordinate of the point is NaN or infinite.
    NonFiniteInput {
        /// Its index.
        input: usize,
        /// Its value.
        value: f64,
    },
    /// The function is NaN or infinite at the point.
    NonFiniteValue {
        /// The value.
        value: f64,
        /// The node it came from; none if `f` returned it as a constant.
        culprit: Option<Box<NonFinite>>,
    },
    /// The function gave two values for one point.
    NotRepeatable {
        /// The value of the first run.
        first: f64,
        /// The value of the second run.
        second: f64,
    },
    /// The claimed gradient and the point differ in length.
    Length {
        /// The length of the gradient.
        claimed: usize,
        /// The length of the point.
        inputs: usize,
    },
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckError::Empty => {
                f.write_str("the point has no coordinates: give at least one input to check")
            }
            CheckError::NonFiniteInput { input, value } => {
                write!(f, "x[{input}] is {value}: check the gradient at a finite point")
            }
            CheckError::NonFiniteValue { value, culprit } => {
                write!(f, "f is {value} at this point, so it has no gradient here: ")?;
                match culprit {
                    Some(culprit) => write!(f, "it came from {culprit}"),
                    None => f.write_str("it returned that as a constant"),
                }
            }
            CheckError::NotRepeatable { first, second } => write!(
                f,
                "f gave {} and then {} at the same point: it depends on more than its inputs (seed \
                 its random numbers anew in each run)",
                number(*first),
                number(*second)
            ),
            CheckError::Length { claimed, inputs } => write!(
                f,
                "the claimed gradient has {}, but the point has {}: give one for each",
                counted(*claimed, "entry"),
                counted(*inputs, "coordinate")
            ),
        }
    }
}

impl std::error::Error for CheckError {}
