//! [`ParameterError`]: a name or a length that does not fit.

use crate::text::counted;
use std::fmt;

/// A name or a length that does not fit the [`Parameters`](super::Parameters).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterError {
    /// No parameter has this name.
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A parameter of this name exists already.
    Duplicate {
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// The number of values is not what the shape holds.
    Length {
        /// The parameter.
        name: String,
        /// How many values its shape holds.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// A flat vector has another length than all parameters together.
    Flat {
        /// The length of the flat vector.
        expected: usize,
        /// The length given.
        found: usize,
    },
}

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |known: &[String]| match known {
            [] => "there are none yet".to_string(),
            _ => format!("there are `{}`", known.join("`, `")),
        };
        match self {
            ParameterError::Unknown { name, known } => {
                write!(f, "no parameter is called `{name}`: {}", list(known))
            }
            ParameterError::Duplicate { name, known } => {
                let known = list(known);
                write!(f, "a parameter is called `{name}` already, choose another name: {known}")
            }
            ParameterError::Length { name, expected, found } => {
                write!(f, "`{name}` takes {}, not {found}", counted(*expected, "value"))
            }
            ParameterError::Flat { expected, found } => {
                let expected = counted(*expected, "value");
                write!(f, "the flat vector of all parameters has {expected}, not {found}")
            }
        }
    }
}

impl std::error::Error for ParameterError {}
