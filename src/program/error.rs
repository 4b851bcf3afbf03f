//! Why a replay was refused.

use crate::tape::NotTwiceDifferentiable;
use crate::tape::Relation;
use crate::text::{counted, number};
use std::fmt;

/// Why a program gave no numbers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ReplayError {
    /// An input or a place for results has the wrong length.
    Length {
        /// What it is.
        what: &'static str,
        /// How many numbers it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A list of rows ends in the middle of a row.
    Uneven {
        /// What it is.
        what: &'static str,
        /// How many numbers a row has.
        width: usize,
        /// How many numbers there are.
        found: usize,
    },
    /// The inputs would have taken another branch than the recorded one.
    BranchChanged(Box<BranchChanged>),
    /// A gradient was asked of a program that has not exactly one output.
    OutputCount {
        /// How many it has.
        outputs: usize,
    },
    /// A custom operation on the way has no second derivative.
    NotTwiceDifferentiable(NotTwiceDifferentiable),
}

/// A comparison that came out otherwise than when it was recorded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BranchChanged {
    /// The left side.
    pub left: Compared,
    /// The relation that was asked for.
    pub relation: Relation,
    /// The right side.
    pub right: Compared,
    /// The answer when it was recorded; now it is the opposite.
    pub recorded: bool,
    /// The scope it was made in.
    pub scope: Option<String>,
    /// The row, if the program ran over rows.
    pub row: Option<usize>,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Compared {
    /// The label, or the instruction; none for a constant.
    pub name: Option<String>,
    /// The value when it was recorded.
    pub recorded: f64,
    /// The value now.
    pub present: f64,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => f.write_str(&number(self.present)),
        }
    }
}

impl BranchChanged {
    /// Say which comparison it was, with the values on both sides.
    pub(crate) fn comparison(&self) -> String {
        let BranchChanged { left, relation, right, recorded, .. } = self;
        let row = self.row.map_or(String::new(), |row| format!("row {row}: "));
        let scope = self.scope.as_ref().map_or(String::new(), |scope| format!(" in scope {scope}"));
        let now = !recorded;
        let sides = [left, right].into_iter().filter_map(|side| {
            let (present, then) = (number(side.present), number(side.recorded));
            Some(format!("{} = {present}, was {then}", side.name.as_ref()?))
        });
        format!(
            "{row}{left} {} {right} is {now}, and was {recorded} when recorded{scope} ({})",
            relation.symbol(),
            sides.collect::<Vec<_>>().join("; ")
        )
    }
}

impl fmt::Display for BranchChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: the code takes another branch here; record a program at these inputs, let `Rerecord` do \
             it, or write the branch with `select`, `max` or `min`",
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
            ReplayError::Uneven { what, width, found } => {
                write!(f, "{what}: rows of {} do not add up to {found}", counted(*width, "number"))
            }
            ReplayError::BranchChanged(change) => change.fmt(f),
            ReplayError::OutputCount { outputs } => write!(
                f,
                "a gradient belongs to one output, and the program has {outputs}: ask for the Jacobian or \
                 a vjp, or freeze one output"
            ),
            ReplayError::NotTwiceDifferentiable(error) => error.fmt(f),
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
