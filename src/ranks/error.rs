//! [`RankError`]: a rank that is gone, ranks that disagree.

use crate::text::{OneLine, counted};
use std::fmt::{self, Write as _};

/// Why ranks cannot go on together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RankError {
    /// A rank has ended, by a panic, an error of its own or a signal, while others had to hear from it.
    Lost {
        /// Which one: the first that ended, as far as it is known.
        rank: usize,
    },
    /// A message has another length than the one that was waited for: the ranks do not run the same code.
    Length {
        /// Who sent it.
        from: usize,
        /// How many numbers were waited for.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// Two ranks differ in what must be the same on all.
    Disagree {
        /// In what.
        what: &'static str,
        /// Which ranks: the first of all, and the first that differs from it.
        ranks: [usize; 2],
        /// What they have.
        found: [String; 2],
    },
    /// Something failed on one rank, so it is given up on all.
    Failed {
        /// The first rank on which it did.
        rank: usize,
        /// What that rank says.
        message: String,
    },
    /// There are no ranks: what is wrong, and what to do.
    Unavailable(String),
}

impl fmt::Display for RankError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        match self {
            RankError::Lost { rank } => write!(
                f,
                "rank {rank} has ended before its work was done: see what it says; a training goes on from its last \
                 checkpoint, on any number of ranks"
            ),
            RankError::Length { from, expected, found } => write!(
                f,
                "rank {from} sent {} where {expected} were due: start the same program with the same settings on \
                 all ranks",
                counted(*found, "number")
            ),
            RankError::Disagree { what, ranks: [a, b], found: [on_a, on_b] } => {
                write!(f, "{what}: rank {a} has {on_a}, and rank {b} has {on_b}: give all the same")
            }
            RankError::Failed { rank, message } => write!(f, "rank {rank}: {message}"),
            RankError::Unavailable(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for RankError {}
