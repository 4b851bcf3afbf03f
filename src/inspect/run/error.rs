//! [`RunError`]: why a run cannot be shown so.

use crate::text::on_one_line;
use crate::text::{counted, number};
use std::fmt;

/// Say why curves or a slice cannot be added to a [`Run`](super::Run).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RunError {
    /// No parameter has this name.
    UnknownParameter {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// There is nothing between the ends of the range, or one of them is not finite.
    Range {
        /// Its first end.
        from: f64,
        /// Its other end.
        to: f64,
    },
    /// The model has another number of parts here than where it was first asked.
    Parts {
        /// The number of parts at first.
        expected: usize,
        /// The number of parts here.
        found: usize,
        /// The step whose parameters were in use.
        step: usize,
        /// The input.
        x: f64,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::UnknownParameter { name, known } if known.is_empty() => {
                let name = on_one_line(name);
                write!(f, "no parameter is called `{name}`: the history has no parameters")
            }
            RunError::UnknownParameter { name, known } => {
                let [name, known] = [name, &known.join("`, `")].map(|text| on_one_line(text));
                write!(f, "no parameter is called `{name}`: there are `{known}`")
            }
            RunError::Range { from, to } => write!(
                f,
                "there is nothing to sample between {} and {}: give two finite ends that differ",
                number(*from),
                number(*to)
            ),
            RunError::Parts { expected, found, step, x } => write!(
                f,
                "the model has {} at {} in step {step} and {expected} before: it must give the same parts, in \
                 the same order, everywhere",
                counted(*found, "part"),
                number(*x)
            ),
        }
    }
}

impl std::error::Error for RunError {}
