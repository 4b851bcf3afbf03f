//! Why there is no gradient of a loop.

use super::action::Action;
use crate::program::ReplayError;
use crate::text::{OneLine, counted, number};
use std::fmt::{self, Write as _};
use std::ops::Range;

/// Why there is no gradient of a loop, or no schedule. Steps, states and the numbers of a state are counted from 0; state
/// `i` is the one before step `i`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// A schedule has no slot for a state.
    NoSlots,
    /// The state has no numbers.
    EmptyState,
    /// An action of a schedule cannot be done, or the actions ended too early.
    Schedule {
        /// The action; none at the end.
        action: Option<Action>,
        /// What is wrong.
        problem: String,
    },
    /// A step returned another number of state variables than it was given.
    StateLength {
        /// The step.
        step: usize,
        /// How many it was given.
        expected: usize,
        /// How many it returned.
        found: usize,
    },
    /// A step made a number that is infinite or NaN.
    NotFinite {
        /// The step.
        step: usize,
        /// Which number of the state.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// The loss is infinite or NaN.
    Loss {
        /// Its value.
        value: f64,
    },
    /// A number of the initial state or a parameter is infinite or NaN.
    Input {
        /// What it is.
        what: &'static str,
        /// Which one.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A step or the loss depends on a variable of another tape.
    Captured {
        /// The step; none for the loss.
        step: Option<usize>,
        /// The variable, or what was computed from it: its label or node, and its tape.
        name: String,
    },
    /// A step that was run again did not do what it had done before.
    NotRepeated {
        /// The steps among which it is: most often one.
        steps: Range<usize>,
        /// A number of the state behind them that differs: which one, its value before, and now. Where only a hash of the
        /// state was kept there is none.
        difference: Option<(usize, f64, f64)>,
    },
    /// A program does not run here.
    Program {
        /// The step; none if it fits none.
        step: Option<usize>,
        /// Why.
        error: ReplayError,
    },
    /// A file could not be read or written, or is not what it should be.
    File {
        /// Its path.
        path: String,
        /// What is wrong, and what to do.
        problem: String,
    },
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        match self {
            CheckpointError::NoSlots => f.write_str(
                "a schedule of 0 slots cannot keep the initial state: give it one at least, better ten or more",
            ),
            CheckpointError::EmptyState => f.write_str(
                "the state has no numbers, so nothing goes from one step to the next: give it one at least",
            ),
            CheckpointError::Schedule { action: Some(action), problem } => {
                write!(f, "the schedule says {action}, but {problem}")
            }
            CheckpointError::Schedule { action: None, problem } => {
                write!(f, "the schedule is at its end, but {problem}")
            }
            CheckpointError::StateLength { step, expected, found } => write!(
                f,
                "step {step} was given a state of {} and returned {found}: a state keeps its length",
                counted(*expected, "number")
            ),
            CheckpointError::NotFinite { step, index, value } => write!(
                f,
                "step {step} made number {index} of the state {}: it must be finite",
                number(*value)
            ),
            CheckpointError::Loss { value } => {
                write!(f, "the loss is {}: it must be finite", number(*value))
            }
            CheckpointError::Input { what, index, value } => {
                write!(f, "{what} {index} is {}: it must be finite", number(*value))
            }
            CheckpointError::Captured { step, name } => {
                match step {
                    Some(step) => write!(f, "step {step}")?,
                    None => f.write_str("the loss")?,
                }
                write!(
                    f,
                    " depends on {name}, which is not recorded there: pass it as a parameter or in the state, or its \
                     value as a constant"
                )
            }
            CheckpointError::NotRepeated { steps, difference } => {
                match steps.len() {
                    0 | 1 => write!(f, "step {}, run again,", steps.start)?,
                    _ => write!(f, "one of the steps {} to {}, run again,", steps.start, steps.end - 1)?,
                }
                f.write_str(" does not do what it did before")?;
                if let Some((index, before, now)) = difference {
                    let (before, now) = (number(*before), number(*now));
                    write!(f, ": number {index} of the state behind it was {before} and is {now}")?;
                }
                f.write_str(
                    "; a step must depend on nothing but its state, the parameters and its index: move what \
                     else it reads, as a random generator, a clock or a file, into these",
                )
            }
            CheckpointError::Program { step: Some(step), error } => write!(f, "step {step}: {error}"),
            CheckpointError::Program { step: None, error } => write!(f, "{error}"),
            CheckpointError::File { path, problem } => write!(f, "{path}: {problem}"),
        }
    }
}

impl std::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CheckpointError::Program { error, .. } => Some(error),
            _ => None,
        }
    }
}
