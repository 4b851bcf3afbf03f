//! The determinant as one operation, differentiable where the matrix is singular too.

use super::error::LinearError;
use super::kept::Kept;
use super::lu::{Lu, Pivoting};
use super::solve::solve;
use super::square::{square, transposed};
use crate::tape::{Stored, StoredBy};
use crate::{CustomOp, Real, Var, custom, gradient, sum};
use std::sync::Arc;

/// Compute the determinant of `n` rows of `n` numbers.
///
/// The gradient is the matrix of cofactors, `det A · A⁻ᵀ` where `A` is regular. A singular matrix has cofactors as
/// well, and gets them: complete pivoting leaves one small pivot, by which nothing is divided. Second derivatives
/// of a regular matrix solve with it; of a singular one they are recorded with the division-free algorithm
/// of R. S. Bird ("A simple division-free algorithm for computing determinants", 2011), in 2 n³ nodes.
///
/// A determinant overflows or underflows where its size asks for it. For the logarithm of that of a covariance
/// take [`cholesky`](super::cholesky): it is twice the sum of the logarithms of the diagonal.
///
/// # Errors
/// If the numbers do not make a square, or one is not finite.
///
/// # Panics
/// If variables are stale or of two tapes.
///
/// ```
/// use gradtape::{gradient, linear};
///
/// let det = |a: &[gradtape::Var]| linear::det(a).expect("finite and square");
/// assert_eq!(gradient(det, &[1.0, 2.0, 3.0, 4.0]), [4.0, -3.0, -2.0, 1.0]);
/// // Singular: the determinant is 0, its cofactors are not.
/// assert_eq!(gradient(det, &[1.0, 2.0, 2.0, 4.0]), [4.0, -2.0, -2.0, 1.0]);
/// ```
#[doc(alias("determinant", "slogdet", "cofactor"))]
#[track_caller]
pub fn det<S: Real>(a: &[S]) -> Result<S, LinearError> {
    let n = square(a)?;
    if n == 0 {
        return Ok(S::from(1.0));
    }
    Ok(custom(Det::new(n), a)[0])
}

pub(super) struct Det {
    n: usize,
    kept: Kept<Lu>,
}

impl Det {
    pub fn new(n: usize) -> Det {
        Det { n, kept: Kept::new() }
    }

    fn factors(&self, a: &[f64]) -> Arc<Lu> {
        self.kept.get(a, || Lu::new(a, self.n, Pivoting::Complete))
    }
}

impl CustomOp for Det {
    fn name(&self) -> &str {
        "det"
    }

    fn stored(&self) -> Stored<'_> {
        Stored { by: StoredBy::OwnName, constants: None }
    }

    fn value(&self, a: &[f64], y: &mut [f64]) {
        y[0] = match a.iter().all(|x| x.is_finite()) {
            true => {
                let lu = self.factors(a);
                product((0..self.n).map(|k| lu.pivot(k))).over(scale_of(&lu)) * lu.sign
            }
            // Numbers from a replay may be anything.
            false => f64::NAN,
        };
    }

    /// The cofactors. `A = L U` with rows and columns exchanged and scaled, and
    ///
    /// ```text
    /// U = ( V u )     adj U = det V · ( d V⁻¹  -V⁻¹ u )     adj(L U) = adj U · L⁻¹
    ///     ( 0 d )                     (   0       1   )
    /// ```
    ///
    /// If a pivot of `V` is 0, at least two are missing, and all cofactors are 0.
    fn vjp(&self, a: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        let (n, lu) = (self.n, self.factors(a));
        if (0..n - 1).any(|k| lu.pivot(k) == 0.0) {
            return;
        }
        let (minor, all) = (product((0..n - 1).map(|k| lu.pivot(k))), scale_of(&lu));
        for i in 0..n {
            let mut x = vec![0.0; n];
            x[i] = 1.0;
            lu.lower(&mut x);
            let last = x[n - 1];
            let rest = x.iter_mut().zip(lu.last_column());
            rest.for_each(|(x, u)| *x = *x * lu.pivot(n - 1) - u * last);
            lu.upper(&mut x, n - 1);
            let row = lu.rows[i];
            for (x, &column) in x.iter().zip(&lu.columns) {
                let scale = all - exponent(lu.row_scale[row]) - exponent(lu.column_scale[column]);
                dx[row * n + column] = minor.times(*x).over(scale) * lu.sign * w[0];
            }
        }
    }

    fn vjp_recorded(&self, a: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let n = self.n;
        let numbers: Vec<f64> = a.iter().map(|a| a.value()).collect();
        if self.factors(&numbers).rcond >= f64::EPSILON {
            let unit = |at: usize| Var::from(if at / n == at % n { 1.0 } else { 0.0 });
            let identity: Vec<Var> = (0..n * n).map(unit).collect();
            // Compared, so that a recording does not take this way where the matrix is singular.
            if let Ok(inverse) = solve(&transposed(a, n), &identity) {
                let scale = w[0] * y[0];
                return Some(inverse.into_iter().map(|x| x * scale).collect());
            }
        }
        let cofactors = gradient(|a| division_free(a, n), a);
        Some(cofactors.into_iter().map(|x| x * w[0]).collect())
    }
}

/// Bird's algorithm: `X` starts as `A` and becomes `μ(X) A`, `n - 1` times, where `μ(X)` keeps what is above the
/// diagonal, has minus the sum of the diagonal from the next row on as its diagonal, and 0 below.
fn division_free<S: Real>(a: &[S], n: usize) -> S {
    let mut x = a.to_vec();
    for _ in 1..n {
        let mut product = Vec::with_capacity(n * n);
        for i in 0..n {
            let trace = -sum((i + 1..n).map(|k| x[k * n + k]));
            for j in 0..n {
                let above = (i + 1..n).map(|k| (x[i * n + k], a[k * n + j]));
                product.push(S::dot_of([(trace, a[i * n + j])].into_iter().chain(above)));
            }
        }
        x = product;
    }
    if n.is_multiple_of(2) { -x[0] } else { x[0] }
}

/// A number times a power of two, which its own exponent could not hold.
#[derive(Clone, Copy)]
struct Scaled(f64, i64);

impl Scaled {
    fn times(self, x: f64) -> Scaled {
        let (fraction, exponent) = libm::frexp(self.0 * x);
        Scaled(fraction, self.1 + i64::from(exponent))
    }

    /// The number without the scale `2ˢ`.
    fn over(self, s: i64) -> f64 {
        libm::ldexp(self.0, (self.1 - s).clamp(-5000, 5000) as i32)
    }
}

fn product(numbers: impl Iterator<Item = f64>) -> Scaled {
    numbers.fold(Scaled(1.0, 0), Scaled::times)
}

/// The exponent of a power of two.
fn exponent(scale: f64) -> i64 {
    i64::from(libm::ilogb(scale))
}

/// The exponent of the product of all scales.
fn scale_of(lu: &Lu) -> i64 {
    lu.row_scale.iter().chain(&lu.column_scale).map(|&scale| exponent(scale)).sum()
}
