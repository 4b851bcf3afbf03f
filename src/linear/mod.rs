//! Systems of equations, determinants and Cholesky factors of differentiable numbers, each one node.
//!
//! A matrix is a row-major slice of any [`Real`](crate::Real): `n` rows of `n` numbers, entry (`i`, `j`) at `i * n + j`. On
//! `f64` the functions compute, on [`Dual`](crate::Dual) they carry tangents along, on [`Var`](crate::Var) they
//! record one [custom operation](crate::CustomOp), whatever the size; derivatives of every order are exact. A
//! factorization that is written out in variables has n³/3 nodes instead, and no derivative where it skips a zero.
//!
//! An operation keeps the factorization of its matrix, so a reverse sweep costs one solve with the transposed
//! matrix. Constants among the entries are no nodes.
//!
//! Rows and columns are scaled by powers of two before anything is judged: a matrix is singular if its
//! equations contradict or repeat each other, not because their units differ.
//!
//! In a [`Program`](crate::Program) and over rows an operation is computed anew from the new entries. It leaves a
//! guard: where it has no trustworthy result any more, a replay is refused as it is at a changed branch, and a
//! recording at that point returns the error itself.
//!
//! ```
//! use gradtape::{gradient, linear};
//!
//! // How the current through the first of two coupled meshes moves with the resistances.
//! let current = |r: &[gradtape::Var]| {
//!     let matrix = [r[0] + r[1], -r[1], -r[1], r[1] + r[2]];
//!     linear::solve(&matrix, &[12.0.into(), 0.0.into()]).expect("resistances are positive")[0]
//! };
//! let slopes = gradient(current, &[2.0, 4.0, 4.0]);
//! // i = 12 / (r0 + r1 r2 / (r1 + r2)) = 3
//! approx::assert_relative_eq!(slopes[..], [-0.75, -0.1875, -0.1875], max_relative = 1e-14);
//! ```

mod by_name;
mod cholesky;
mod det;
mod error;
pub(crate) mod kept;
pub(crate) mod lu;
mod solve;
mod square;

pub(crate) use by_name::by_name;
pub use cholesky::cholesky;
pub(crate) use cholesky::factored;
pub use det::det;
pub use error::LinearError;
pub use solve::solve;
pub(crate) use square::trusted;
