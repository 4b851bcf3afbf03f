//! A system of linear equations as one operation.

use super::error::LinearError;
use super::kept::Kept;
use super::lu::{Lu, Pivoting};
use super::square::{finite, square, transposed, trusted};
use crate::tape::{Stored, StoredBy};
use crate::{CustomOp, Real, Var, custom};
use std::sync::Arc;

/// The doubt of a solution beyond the range of numbers.
const OVERFLOW: f64 = f64::MAX;

/// Solve `A X = B`: the matrix `a` has `n` rows of `n` numbers, `b` has `n` rows of as many numbers as there are
/// right-hand sides, and so has the result. One right-hand side is `n` numbers.
///
/// With `W` the adjoint of `X`, one solve `Λ = A⁻ᵀ W` gives both derivatives: `dB = Λ`, `dA = -Λ Xᵀ` (M. Giles,
/// "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008, §2.3.1).
///
/// # Errors
/// If the lengths do not fit, an entry is not finite, or the matrix is singular to working precision.
///
/// # Panics
/// If variables are stale or of two tapes.
///
/// ```
/// use gradtape::linear;
///
/// assert_eq!(linear::solve(&[2.0, 1.0, 0.0, 4.0], &[4.0, 8.0])?, [1.0, 2.0]);
/// let error = linear::solve(&[1.0, 2.0, 2.0, 4.0], &[1.0, 2.0]).unwrap_err();
/// assert!(error.to_string().contains("its reciprocal condition number is 0"));
/// # Ok::<(), linear::LinearError>(())
/// ```
#[doc(alias("linsolve", "inverse", "lu"))]
#[track_caller]
pub fn solve<S: Real>(a: &[S], b: &[S]) -> Result<Vec<S>, LinearError> {
    let n = square(a)?;
    if b.len().checked_rem(n).unwrap_or(b.len()) != 0 || (n > 0 && b.is_empty()) {
        return Err(LinearError::Length { rows: n, numbers: b.len() });
    }
    if n == 0 {
        return Ok(Vec::new());
    }
    finite("the right-hand side", b, b.len() / n)?;
    let mut x = apply(a, b);
    let doubt = x.pop().expect("the last output");
    if trusted("linear::solve", doubt) {
        return Ok(x);
    }
    if doubt.value() == OVERFLOW {
        finite("the solution", &x, b.len() / n)?;
    }
    Err(LinearError::Singular { rcond: f64::EPSILON / doubt.value() })
}

/// The solution and, as the last number, how doubtful it is: above 1 the matrix is singular to working precision.
#[track_caller]
pub(super) fn apply<S: Real>(a: &[S], b: &[S]) -> Vec<S> {
    let n = a.len().isqrt();
    custom(Solve::new(n, b.len() / n), &[a, b].concat()).into_vec()
}

pub(super) struct Solve {
    n: usize,
    /// How many right-hand sides there are.
    columns: usize,
    kept: Kept<Lu>,
}

impl Solve {
    pub fn new(n: usize, columns: usize) -> Solve {
        Solve { n, columns, kept: Kept::new() }
    }

    fn factors(&self, a: &[f64]) -> Arc<Lu> {
        self.kept.get(a, || Lu::new(a, self.n, Pivoting::Partial))
    }

    /// Replace each column of `x` by what `solve` makes of it.
    fn each_column(&self, x: &mut [f64], solve: impl Fn(&mut [f64])) {
        let mut column = vec![0.0; self.n];
        for j in 0..self.columns {
            let of_column = || (j..).step_by(self.columns);
            column.iter_mut().zip(of_column()).for_each(|(c, at)| *c = x[at]);
            solve(&mut column);
            column.iter().zip(of_column()).for_each(|(c, at)| x[at] = *c);
        }
    }
}

impl CustomOp for Solve {
    fn name(&self) -> &str {
        "solve"
    }
    fn outputs(&self) -> usize {
        self.n * self.columns + 1
    }

    fn stored(&self) -> Stored<'_> {
        Stored { by: StoredBy::OwnName, constants: None }
    }

    fn value(&self, x: &[f64], y: &mut [f64]) {
        let (a, b) = x.split_at(self.n * self.n);
        let (y, doubt) = y.split_at_mut(b.len());
        // Numbers from a replay may be anything.
        if x.iter().any(|x| !x.is_finite()) {
            y.fill(f64::NAN);
            doubt[0] = f64::NAN;
            return;
        }
        let lu = self.factors(a);
        y.copy_from_slice(b);
        self.each_column(y, |column| lu.solve(column));
        doubt[0] = f64::EPSILON / lu.rcond;
        if doubt[0] <= 1.0 && y.iter().any(|y| !y.is_finite()) {
            doubt[0] = OVERFLOW;
        }
    }

    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        let (n, columns) = (self.n, self.columns);
        let (a, b) = x.split_at(n * n);
        let (da, db) = dx.split_at_mut(a.len());
        let lu = self.factors(a);
        db.copy_from_slice(&w[..b.len()]);
        self.each_column(db, |column| lu.solve_transposed(column));
        for (da, db) in da.chunks_exact_mut(n).zip(db.chunks_exact(columns)) {
            for (da, y) in da.iter_mut().zip(y.chunks_exact(columns)) {
                *da = -db.iter().zip(y).map(|(db, y)| db * y).sum::<f64>();
            }
        }
    }

    fn vjp_recorded(&self, x: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let (n, columns) = (self.n, self.columns);
        let (a, b) = x.split_at(n * n);
        let mut db = apply(&transposed(a, n), &w[..b.len()]);
        // The guard of the value stands for this one too.
        db.pop();
        let mut dx = Vec::with_capacity(x.len());
        for db in db.chunks_exact(columns) {
            for y in y[..b.len()].chunks_exact(columns) {
                dx.push(-crate::dot(db, y));
            }
        }
        dx.extend(db);
        Some(dx)
    }
}
