//! The objectives that every engine is timed on, written once with plain operators.

pub mod by_rows;
pub mod chain;
pub mod det;
pub mod dosage;
pub mod gmm;
mod gmm_nary;
pub mod kmeans;
pub mod llsq;
pub mod lse;
pub mod lstm;
pub mod ode;
pub mod one_op;
pub mod rosenbrock;
pub mod scalar;
pub mod sized;

use gradtape::Real;
use scalar::Scalar;

/// A scalar function of a parameter vector, generic over the number type.
///
/// A trait rather than a closure because closures cannot be generic, and every
/// engine calls the same code with its own variable type.
pub trait Objective {
    fn eval<S: Scalar>(&self, x: &[S]) -> S;
}

/// The same function written with n-ary operations, which the other engines do not have.
pub trait NaryObjective {
    fn eval_nary<S: Real>(&self, x: &[S]) -> S;
}

/// Entries of a `d` by `d` matrix strictly below the diagonal.
fn below_diagonal(d: usize) -> usize {
    d * (d - 1) / 2
}

/// Adds `terms` up from left to right; `None` for none.
///
/// A loop over plain `+` that starts at the first term: no engine has to spend a
/// node on a zero.
pub fn total<S: Scalar>(terms: impl IntoIterator<Item = S>) -> Option<S> {
    terms.into_iter().reduce(|sum, term| sum + term)
}

/// `n` numbers uniform in `[0, 1)`, as GradBench draws most of its inputs.
pub fn uniform(n: usize, seed: u64) -> Vec<f64> {
    let mut rng = fastrand::Rng::with_seed(seed);
    (0..n).map(|_| rng.f64()).collect()
}
