//! Why a solution was refused.

use crate::program::{FreezeError, ReplayError};
use crate::text::{counted, number};
use std::fmt;

/// Why a solution was refused. Unknowns, residuals and parameters are counted from 0.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ImplicitError {
    /// There are not as many equations as unknowns.
    Length {
        /// How many numbers the solver returned.
        unknowns: usize,
        /// How many numbers the residual has.
        residuals: usize,
    },
    /// The solver returned another number of unknowns than before.
    Solution {
        /// How many there were.
        expected: usize,
        /// How many it returned.
        found: usize,
    },
    /// A number is infinite or NaN.
    NotFinite {
        /// What it is: a parameter, an unknown, a residual or an entry of the Jacobian.
        what: &'static str,
        /// Which one.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// The residual is too large: a Newton step would move the solution too far.
    NotConverged {
        /// The largest residual, and its value.
        residual: (usize, f64),
        /// The unknown that the step moves farthest, and its value.
        unknown: (usize, f64),
        /// By how much.
        step: f64,
    },
    /// No residual moves with an unknown.
    Undetermined {
        /// The unknown.
        unknown: usize,
    },
    /// A residual moves with no unknown.
    Unsolvable {
        /// The residual.
        residual: usize,
    },
    /// The Jacobian of the residual with respect to the unknowns is singular to working precision.
    Singular {
        /// Its reciprocal condition number, after scaling, as far as it can be told: less than 2.2e-16.
        rcond: f64,
    },
    /// The solution is a stationary point, and no minimum.
    NotAMinimum {
        /// The unknown at which the Cholesky factorization of the Hessian stops.
        unknown: usize,
        /// What is left of the curvature there, which should be positive.
        pivot: f64,
    },
    /// The residual depends on a variable that is neither unknown nor parameter.
    Captured(FreezeError),
    /// The recorded residual does not run.
    Residual(ReplayError),
}

impl fmt::Display for ImplicitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImplicitError::Length { unknowns, residuals } => write!(
                f,
                "the solver returned {}, and the residual has {}: there must be as many equations as unknowns",
                counted(*unknowns, "unknown"),
                counted(*residuals, "number")
            ),
            ImplicitError::Solution { expected, found } => write!(
                f,
                "the solver returned {}, and {expected} when it was first called",
                counted(*found, "unknown")
            ),
            ImplicitError::NotFinite { what, index, value } => {
                write!(f, "{what} {index} is {}: it must be finite", number(*value))
            }
            ImplicitError::NotConverged { residual, unknown, step } => write!(
                f,
                "the solution is too far from a root: residual {} is {}, and a Newton step would still move \
                 unknown {}, {}, by {}; let the solver go on until that is less than a millionth",
                residual.0,
                number(residual.1),
                unknown.0,
                number(unknown.1),
                number(*step)
            ),
            ImplicitError::Undetermined { unknown } => write!(
                f,
                "no residual moves with unknown {unknown} at the solution: nothing determines it"
            ),
            ImplicitError::Unsolvable { residual } => write!(
                f,
                "residual {residual} moves with no unknown at the solution: they cannot make it 0"
            ),
            ImplicitError::Singular { rcond } => write!(
                f,
                "the Jacobian of the residual with respect to the unknowns is singular to working precision: its \
                 reciprocal condition number is {}, less than {}; the solution is not unique, or a multiple root",
                number(*rcond),
                number(f64::EPSILON)
            ),
            ImplicitError::NotAMinimum { unknown, pivot } => write!(
                f,
                "the solution is no minimum: the Hessian is not positive definite, at unknown {unknown} {} of its \
                 diagonal is left",
                number(*pivot)
            ),
            ImplicitError::Captured(error) => write!(
                f,
                "the residual takes something from outside: {error}; pass it as a parameter"
            ),
            ImplicitError::Residual(error) => write!(f, "the residual: {error}"),
        }
    }
}

impl std::error::Error for ImplicitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ImplicitError::Captured(error) => Some(error),
            ImplicitError::Residual(error) => Some(error),
            _ => None,
        }
    }
}
