//! Guards: the comparisons between variables that were made while recording.
//!
//! A tape holds one path through the code. The guards say for which inputs it is the right one; a
//! replay checks them, and refuses an input that would have gone another way.

use crate::text::number;
use std::cmp::Ordering;
use std::fmt;

/// The relation that a guard asserts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// Neither less, equal nor greater: one side is NaN.
    Unordered,
}

impl Relation {
    /// Tell whether the relation holds between two numbers.
    #[must_use]
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Relation::Less => left < right,
            Relation::LessEqual => left <= right,
            Relation::Greater => left > right,
            Relation::GreaterEqual => left >= right,
            Relation::Equal => left == right,
            Relation::Unordered => left.partial_cmp(&right).is_none(),
        }
    }

    /// Write the relation as Rust does.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Relation::Less => "<",
            Relation::LessEqual => "<=",
            Relation::Greater => ">",
            Relation::GreaterEqual => ">=",
            Relation::Equal => "==",
            Relation::Unordered => "is unordered with",
        }
    }
}

impl From<Option<Ordering>> for Relation {
    fn from(ordering: Option<Ordering>) -> Relation {
        match ordering {
            Some(Ordering::Less) => Relation::Less,
            Some(Ordering::Equal) => Relation::Equal,
            Some(Ordering::Greater) => Relation::Greater,
            None => Relation::Unordered,
        }
    }
}

/// One side of a guard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GuardOperand {
    /// A node of the tape.
    Node(usize),
    /// A constant.
    Constant(f64),
}

/// One comparison that was made while recording.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Guard {
    /// The left side.
    pub left: GuardOperand,
    /// The relation that was asked for.
    pub relation: Relation,
    /// The right side.
    pub right: GuardOperand,
    /// The answer that the recording followed.
    pub outcome: bool,
    /// How many nodes were on the tape when it was made.
    pub at: usize,
    /// The innermost scope it was made in, as an index into [`Tape::scopes`](super::Tape::scopes).
    pub scope: Option<usize>,
}

impl fmt::Display for GuardOperand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GuardOperand::Node(i) => write!(f, "%{i}"),
            GuardOperand::Constant(c) => f.write_str(&number(*c)),
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Guard { left, relation, right, outcome, .. } = self;
        write!(f, "{left} {} {right} is {outcome}", relation.symbol())
    }
}
