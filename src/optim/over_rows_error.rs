//! [`OverRowsError`]: a program and rows that make no loss together.

use crate::program::ReplayError;
use crate::text::number;
use std::error::Error;
use std::fmt;

/// Why a program and rows make no loss.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum OverRowsError {
    /// The program does not take such rows, or has not exactly one output.
    Program(ReplayError),
    /// There are no rows.
    NoRows,
    /// The weights of the rows do not add up to a finite number above 0.
    Weights {
        /// Their sum.
        sum: f64,
    },
}

impl fmt::Display for OverRowsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OverRowsError::Program(error) => error.fmt(f),
            OverRowsError::NoRows => f.write_str("there are no rows to fit: give at least one"),
            OverRowsError::Weights { sum } => write!(
                f,
                "the weights of the rows add up to {}: give finite ones with a sum above 0",
                number(*sum)
            ),
        }
    }
}

impl Error for OverRowsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            OverRowsError::Program(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ReplayError> for OverRowsError {
    fn from(error: ReplayError) -> OverRowsError {
        OverRowsError::Program(error)
    }
}
