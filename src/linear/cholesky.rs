//! The Cholesky factor as one operation.

use super::error::LinearError;
use super::solve::apply as solve;
use super::square::{square, transposed, trusted};
use crate::tape::{Stored, StoredBy};
use crate::{CustomOp, Real, Var, custom};

/// How far a matrix may be from symmetric, in units of `√(aᵢᵢ aⱼⱼ)`: what rounding leaves of a product.
const ASYMMETRY: f64 = 1e-10;

/// Compute the lower triangular `L` with `L Lᵀ = A`, where `a` is `n` rows of `n` numbers, symmetric and positive
/// definite. The result has `n` rows of `n` numbers too, with 0 above the diagonal.
///
/// It is the factor of `(A + Aᵀ) / 2`: entries that mirror each other share the derivative. With
/// `P = Φ(Lᵀ L̄)`, the lower triangle with half its diagonal, the adjoint is the symmetric part of `L⁻ᵀ P L⁻¹` (I. Murray,
/// "Differentiation of the Cholesky decomposition", 2016, eq. 10).
///
/// # Errors
/// If the numbers do not make a square, one is not finite, or the matrix is not symmetric (within 1e-10 of the
/// roots of its diagonal) or not positive definite to working precision.
///
/// # Panics
/// If variables are stale or of two tapes.
///
/// ```
/// use gradtape::linear;
///
/// assert_eq!(linear::cholesky(&[4.0, 2.0, 2.0, 5.0])?, [2.0, 0.0, 1.0, 2.0]);
/// let error = linear::cholesky(&[1.0, 2.0, 2.0, 1.0]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the matrix is not positive definite to working precision: of entry 1 in row 1 of the diagonal -3 is left"
/// );
/// # Ok::<(), linear::LinearError>(())
/// ```
#[doc(alias("chol", "llt", "logdet"))]
#[track_caller]
pub fn cholesky<S: Real>(a: &[S]) -> Result<Vec<S>, LinearError> {
    let n = square(a)?;
    let l = custom(Cholesky { n }, a);
    if trusted("linear::cholesky", l[packed(n)]) {
        let entry = |at: usize| match (at / n, at % n) {
            (i, j) if j <= i => l[packed(i) + j],
            _ => S::from(0.0),
        };
        return Ok((0..n * n).map(entry).collect());
    }
    let a: Vec<f64> = a.iter().map(|x| x.value()).collect();
    match factored(&a, n) {
        Err(error) => Err(error),
        Ok(doubt) => unreachable!("a factor with doubt {doubt} was refused"),
    }
}

/// Where row `i` of a packed lower triangle starts.
fn packed(i: usize) -> usize {
    i * (i + 1) / 2
}

/// Factor for the doubt alone: an error, or at most 1.
pub(crate) fn factored(a: &[f64], n: usize) -> Result<f64, LinearError> {
    factor(a, n, &mut vec![0.0; packed(n)])
}

/// Compute the packed factor; return how doubtful it is, at most 1.
fn factor(a: &[f64], n: usize, l: &mut [f64]) -> Result<f64, LinearError> {
    let mut doubt = 0.0_f64;
    let at = |i: usize, j: usize| a[i * n + j];
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| l[packed(i) + k] * l[packed(j) + k]).sum();
            let left = 0.5 * at(i, j) + 0.5 * at(j, i) - known;
            l[packed(i) + j] = if i == j {
                let rounding = n as f64 * f64::EPSILON * at(i, i);
                if left <= rounding || left.is_nan() {
                    let (row, pivot, entry) = (i, left, at(i, i));
                    return Err(LinearError::NotPositiveDefinite { row, pivot, entry });
                }
                doubt = doubt.max(rounding / left);
                left.sqrt()
            } else {
                let tolerance = ASYMMETRY * at(i, i).abs().sqrt() * at(j, j).abs().sqrt();
                let asymmetry = (at(i, j) - at(j, i)).abs();
                if asymmetry > tolerance {
                    let values = [at(i, j), at(j, i)];
                    return Err(LinearError::NotSymmetric { row: i, column: j, values });
                }
                left / l[packed(j) + j]
            };
        }
    }
    Ok(doubt)
}

pub(super) struct Cholesky {
    pub n: usize,
}

impl CustomOp for Cholesky {
    fn name(&self) -> &str {
        "cholesky"
    }
    fn outputs(&self) -> usize {
        packed(self.n) + 1
    }

    fn stored(&self) -> Stored<'_> {
        Stored { by: StoredBy::OwnName, constants: None }
    }

    fn value(&self, a: &[f64], y: &mut [f64]) {
        let (l, doubt) = y.split_at_mut(packed(self.n));
        match factor(a, self.n, l) {
            Ok(found) => doubt[0] = found,
            Err(_) => y.fill(f64::NAN),
        }
    }

    fn vjp(&self, _: &[f64], l: &[f64], w: &[f64], da: &mut [f64]) {
        let n = self.n;
        let row = |i: usize| &l[packed(i)..packed(i + 1)];
        let mut s = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let lw: f64 = (i..n).map(|k| row(k)[i] * w[packed(k) + j]).sum();
                s[i * n + j] = if i == j { 0.5 * lw } else { lw };
            }
        }
        // From the left L⁻ᵀ: row by row, from the last.
        for i in (0..n).rev() {
            let (above, below) = s.split_at_mut((i + 1) * n);
            let this = &mut above[i * n..];
            for (k, solved) in (i + 1..n).zip(below.chunks_exact(n)) {
                this.iter_mut().zip(solved).for_each(|(x, y)| *x -= row(k)[i] * y);
            }
            this.iter_mut().for_each(|x| *x /= row(i)[i]);
        }
        // From the right L⁻¹: in each row from the last column.
        for s in s.chunks_exact_mut(n.max(1)) {
            for k in (0..n).rev() {
                s[k] /= row(k)[k];
                let (rest, solved) = s.split_at_mut(k);
                rest.iter_mut().zip(row(k)).for_each(|(x, l)| *x -= solved[0] * l);
            }
        }
        for i in 0..n {
            for j in 0..n {
                da[i * n + j] = 0.5 * (s[i * n + j] + s[j * n + i]);
            }
        }
    }

    fn vjp_recorded(&self, _: &[Var], l: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let n = self.n;
        if n == 0 {
            return Some(Vec::new());
        }
        let zero = Var::from(0.0);
        let entry = |m: &[Var], i: usize, j: usize| if j <= i { m[packed(i) + j] } else { zero };
        let mut upper = Vec::with_capacity(n * n);
        let mut p = Vec::with_capacity(n * n);
        for i in 0..n {
            for j in 0..n {
                upper.push(entry(l, j, i));
                let columns = (i..n).map(|k| (entry(l, k, i), entry(w, k, j)));
                p.push(match i.cmp(&j) {
                    std::cmp::Ordering::Less => zero,
                    std::cmp::Ordering::Equal => Real::dot_of(columns) * 0.5,
                    std::cmp::Ordering::Greater => Real::dot_of(columns),
                });
            }
        }
        // L⁻ᵀ (L⁻ᵀ P)ᵀ is the transposed of what is looked for, whose symmetric part is the same. A factor with
        // positive pivots has an inverse: the doubts need no look.
        let half = solve(&upper, &p);
        let s = solve(&upper, &transposed(&half, n));
        let symmetric = |at: usize| (s[at] + s[at % n * n + at / n]) * 0.5;
        Some((0..n * n).map(symmetric).collect())
    }
}
