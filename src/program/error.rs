//! Why there is no program, no replay, or no rows.

use crate::ranks::RankError;
use crate::tape::{NotTwiceDifferentiable, Relation};
use crate::text::{OneLine, counted, number};
use std::fmt::{self, Write as _};

/// Why a tape cannot be frozen with these inputs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FreezeError {
    /// An input is a constant or was computed, so it cannot be given another value.
    NotALeaf {
        /// Its index in the list of inputs.
        input: usize,
        /// Its label or node.
        name: String,
    },
    /// A variable is listed twice.
    Repeated {
        /// Its indices in the list of inputs.
        inputs: [usize; 2],
        /// Its label or node.
        name: String,
    },
    /// An output, or a comparison that an input changes, depends on an independent variable that is not
    /// listed.
    Unlisted {
        /// Its label or node.
        name: String,
        /// Its value on the tape.
        value: f64,
    },
}

impl fmt::Display for FreezeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        match self {
            FreezeError::NotALeaf { input, name } => write!(
                f,
                "inputs[{input}], {name}, is not an independent variable of the tape: list variables made \
                 by `Tape::var`"
            ),
            FreezeError::Repeated { inputs: [first, second], name } => {
                write!(f, "inputs[{second}] is inputs[{first}], {name}, again: list it once")
            }
            FreezeError::Unlisted { name, value } => write!(
                f,
                "outputs or comparisons depend on {name} = {}, which is not among the inputs: list it, or \
                 record it as a constant, `Var::from({0})`",
                number(*value)
            ),
        }
    }
}

impl std::error::Error for FreezeError {}

/// Why a program computed nothing.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ReplayError {
    /// A slice has the wrong length.
    Length {
        /// What it is.
        what: &'static str,
        /// How many numbers it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// Numbers do not make rows: what is wrong, and what to give instead.
    Rows(String),
    /// The inputs take another branch than the recorded one.
    BranchChanged(Box<BranchChanged>),
    /// What was asked for needs exactly one output.
    OutputCount {
        /// How many the program has.
        outputs: usize,
    },
    /// A custom operation has no second derivative.
    NotTwiceDifferentiable(NotTwiceDifferentiable),
    /// The ranks that the rows are spread over cannot go on together.
    Ranks(RankError),
}

impl From<RankError> for ReplayError {
    fn from(error: RankError) -> ReplayError {
        ReplayError::Ranks(error)
    }
}

/// A comparison with another outcome than when it was recorded. Arrays are left side, right side.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BranchChanged {
    /// What is compared: labels or instructions; `None` for a constant.
    pub names: [Option<String>; 2],
    /// The relation.
    pub relation: Relation,
    /// The outcome when it was recorded; now it is the opposite.
    pub outcome: bool,
    /// Both values when it was recorded.
    pub recorded: [f64; 2],
    /// Both values now.
    pub present: [f64; 2],
    /// The scope it was made in.
    pub scope: Option<String>,
    /// The row, if the program ran over rows.
    pub row: Option<usize>,
}

impl BranchChanged {
    /// Say which comparison it was, with the values on both sides.
    pub(crate) fn comparison(&self) -> String {
        let row = self.row.map_or(String::new(), |row| format!("row {row}: "));
        let scope = self.scope.as_ref().map_or(String::new(), |scope| format!(" in scope {scope}"));
        let side = |i: usize| self.names[i].clone().unwrap_or_else(|| number(self.present[i]));
        let values = (0..2).filter_map(|i| {
            let (present, then) = (number(self.present[i]), number(self.recorded[i]));
            Some(format!("{} = {present}, was {then}", self.names[i].as_ref()?))
        });
        format!(
            "{row}{} {} {} is {}, and was {} when recorded{scope} ({})",
            side(0),
            self.relation.symbol(),
            side(1),
            !self.outcome,
            self.outcome,
            values.collect::<Vec<_>>().join("; ")
        )
    }
}

impl fmt::Display for BranchChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        let advice = match self.row {
            None => "record a program at these inputs, let `Rerecord` do it",
            Some(_) => {
                "let `RerecordRows` record a program for each path (`OverRows::rerecord` in a fit)"
            }
        };
        write!(
            f,
            "{}: the code takes another branch here; {advice}, or write the branch with `select`, `max` or `min`",
            self.comparison()
        )
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::Length { what, expected, found } => {
                write!(f, "{what}: the program takes {}, not {found}", counted(*expected, "number"))
            }
            ReplayError::Rows(message) => f.write_str(message),
            ReplayError::BranchChanged(change) => change.fmt(f),
            ReplayError::OutputCount { outputs } => write!(
                f,
                "a gradient belongs to one output, and the program has {outputs}: ask for the Jacobian or \
                 a vjp, or freeze one output"
            ),
            ReplayError::NotTwiceDifferentiable(error) => error.fmt(f),
            ReplayError::Ranks(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReplayError {}
impl std::error::Error for BranchChanged {}

impl From<NotTwiceDifferentiable> for ReplayError {
    fn from(error: NotTwiceDifferentiable) -> ReplayError {
        ReplayError::NotTwiceDifferentiable(error)
    }
}

/// Refuse a slice of the wrong length.
pub(super) fn length(what: &'static str, expected: usize, found: usize) -> Result<(), ReplayError> {
    match expected == found {
        true => Ok(()),
        false => Err(ReplayError::Length { what, expected, found }),
    }
}

/// Count the seeds: how many rows of `width` numbers the slice has. If a row has no numbers, the result's rows
/// are counted, `out` being its length and width.
pub(super) fn seeds(
    (what, found, width): (&'static str, usize, usize),
    out: (usize, usize),
) -> Result<usize, ReplayError> {
    if found == width && width > 0 {
        return Ok(1);
    }
    match found.checked_div(width) {
        Some(0) if found > 0 => Err(ReplayError::Length { what, expected: width, found }),
        Some(rows) if rows * width == found => Ok(rows),
        None if found == 0 => Ok(out.0.checked_div(out.1).unwrap_or(0)),
        _ => {
            let width = counted(width, "number");
            Err(ReplayError::Rows(format!("{what}: rows of {width} do not add up to {found}")))
        }
    }
}
