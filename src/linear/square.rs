//! Square matrices: what an operation takes, transposed, and whether its result can be trusted.

use super::error::LinearError;
use crate::Real;

/// Count the rows of a square matrix, which must be of finite numbers.
pub(super) fn square<S: Real>(a: &[S]) -> Result<usize, LinearError> {
    let n = a.len().isqrt();
    if n * n != a.len() {
        return Err(LinearError::NotSquare { numbers: a.len() });
    }
    finite("the matrix", a, n)?;
    Ok(n)
}

/// Exchange rows and columns.
pub(super) fn transposed<T: Copy>(a: &[T], n: usize) -> Vec<T> {
    (0..n * n).map(|at| a[at % n * n + at / n]).collect()
}

/// Refuse what is not finite, in rows of `width`.
pub(super) fn finite<S: Real>(
    what: &'static str,
    numbers: &[S],
    width: usize,
) -> Result<(), LinearError> {
    match numbers.iter().position(|x| !x.value().is_finite()) {
        None => Ok(()),
        Some(at) => {
            let (row, column) = (at / width, at % width);
            Err(LinearError::NotFinite { what, row, column, value: numbers[at].value() })
        }
    }
}

/// Tell whether a result can be trusted, of which `doubt` is the operation's last output: above 1 it cannot.
///
/// It is compared as what it is, in a scope, so a recording has a guard, whose message names the operation.
pub(crate) fn trusted<S: Real>(operation: &str, doubt: S) -> bool {
    // A label of its own, so that none of the user's becomes ambiguous.
    S::scope(operation, || doubt.label(&format!("doubt of {operation}")) <= 1.0)
}
