//! Why a matrix has no solution, determinant or factor that can be trusted.

use crate::text::{counted, number};
use std::fmt;

/// Why a matrix was refused. Rows and columns are counted from 0.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LinearError {
    /// The slice is not `n` rows of `n` numbers.
    NotSquare {
        /// How many numbers it has.
        numbers: usize,
    },
    /// The right-hand side does not have a row for each row of the matrix.
    Length {
        /// How many rows the matrix has.
        rows: usize,
        /// How many numbers the right-hand side has.
        numbers: usize,
    },
    /// An entry is infinite or NaN.
    NotFinite {
        /// What it is an entry of.
        what: &'static str,
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
        /// Its value.
        value: f64,
    },
    /// The matrix is singular to working precision.
    Singular {
        /// Its reciprocal condition number, after scaling, as far as it can be told: less than 2.2e-16.
        rcond: f64,
    },
    /// The matrix is not symmetric.
    NotSymmetric {
        /// The row of an entry.
        row: usize,
        /// Its column.
        column: usize,
        /// The entry, and the one that should be equal.
        values: [f64; 2],
    },
    /// The matrix is not positive definite to working precision.
    NotPositiveDefinite {
        /// The row where the factorization stops.
        row: usize,
        /// What is left of the diagonal entry there, which should be positive.
        pivot: f64,
        /// That diagonal entry.
        entry: f64,
    },
}

impl fmt::Display for LinearError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinearError::NotSquare { numbers } => write!(
                f,
                "the matrix has {}, which do not make a square: give n rows of n",
                counted(*numbers, "number")
            ),
            LinearError::Length { rows, numbers } => write!(
                f,
                "the right-hand side has {}, and the matrix {}: give one number a row, or rows of as many \
                 numbers each",
                counted(*numbers, "number"),
                counted(*rows, "row")
            ),
            LinearError::NotFinite { what, row, column, value } => write!(
                f,
                "{what} has {} in row {row}, column {column}: all entries must be finite",
                number(*value)
            ),
            LinearError::Singular { rcond } => write!(
                f,
                "the matrix is singular to working precision: its reciprocal condition number is {}, less \
                 than {}; its equations repeat or contradict each other",
                number(*rcond),
                number(f64::EPSILON)
            ),
            LinearError::NotSymmetric { row, column, values: [entry, mirrored] } => write!(
                f,
                "the matrix is not symmetric: row {row}, column {column} is {}, and row {column}, column {row} \
                 is {}; give (A + Aᵀ) / 2 if that is meant",
                number(*entry),
                number(*mirrored)
            ),
            LinearError::NotPositiveDefinite { row, pivot, entry } => write!(
                f,
                "the matrix is not positive definite to working precision: of entry {} in row {row} of the \
                 diagonal {} is left",
                number(*entry),
                number(*pivot)
            ),
        }
    }
}

impl std::error::Error for LinearError {}
