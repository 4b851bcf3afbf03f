//! What slopes and residuals at the end of a fit say: whether it is an optimum, and how sure the parameters are.
//!
//! ```text
//! J = Q R, its columns scaled to length 1; R = U S Vᵀ
//! relative offset = (|Uᵀ Qᵀ r| / √k) / (|rest of r| / √(n - k))
//! (JᵀJ)⁻¹ = V S⁻² Vᵀ, with the scales undone
//! ```
//!
//! The relative offset is that of D. M. Bates and D. G. Watts, *A relative offset orthogonality convergence criterion for
//! nonlinear least squares*, Technometrics 23 (1981): how far the parameters are from the optimum of the linear model,
//! as a fraction of their own uncertainty. It depends on neither units nor the size of residuals.

use crate::text::digits;
use nalgebra::{DMatrix, DVector, SVD};

/// A fit is at an optimum if its relative offset is no more than this, as Bates and Watts have it.
pub const LARGEST_OFFSET: f64 = 1e-3;

/// Singular values below this part of the largest are taken for 0: slopes have relative errors near 1e-15, which
/// the inverse of a smaller one would blow up to more than a thousandth.
const SINGULAR: f64 = 1e-12;

/// The slopes of the predictions at the end of a fit, taken apart.
pub struct Geometry {
    rows: usize,
    /// The lengths of the columns.
    lengths: Vec<f64>,
    singular_values: DVector<f64>,
    /// The right singular vectors, in columns.
    directions: DMatrix<f64>,
    /// The residuals in the directions of the left ones.
    along: DVector<f64>,
    /// The squared length of the residuals.
    squared: f64,
}

impl Geometry {
    /// Take slopes apart, of which there are at least as many rows as columns. `None` if that does not converge.
    pub fn new(mut slopes: DMatrix<f64>, residuals: &[f64]) -> Option<Geometry> {
        let rows = slopes.nrows();
        let mut lengths = Vec::new();
        for mut column in slopes.column_iter_mut() {
            let largest = column.amax();
            let length = match largest > 0.0 {
                true => (&column / largest).norm() * largest,
                false => 0.0,
            };
            if length > 0.0 {
                column /= length;
            }
            lengths.push(length);
        }
        let columns = lengths.len();
        let qr = slopes.qr();
        let mut rotated = DVector::from_column_slice(residuals);
        qr.q_tr_mul(&mut rotated);
        let svd = SVD::try_new(qr.r(), true, true, f64::EPSILON, 1000)?;
        let along = svd.u?.tr_mul(&rotated.rows(0, columns));
        Some(Geometry {
            rows,
            lengths,
            singular_values: svd.singular_values,
            directions: svd.v_t?.transpose(),
            along,
            squared: residuals.iter().map(|r| r * r).sum(),
        })
    }

    /// The directions that the data determine.
    fn determined(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        let least = SINGULAR * self.singular_values.max();
        (0..self.lengths.len()).filter(move |&i| self.singular_values[i] > least)
    }

    /// How far this is from an optimum, as a fraction of the uncertainty. Residuals are known up to `noise`.
    pub fn relative_offset(&self, noise: f64) -> f64 {
        let along: f64 = self.determined().map(|i| self.along[i] * self.along[i]).sum();
        let (rank, rows) = (self.determined().count() as f64, self.rows as f64);
        let rest = (self.squared - along).max(0.0) / (rows - rank).max(1.0);
        match along > 0.0 {
            true => (along / rank).sqrt() / rest.sqrt().max(noise),
            false => 0.0,
        }
    }

    /// Why the data do not determine all parameters, if they do not; these are their names.
    pub fn degenerate(&self, names: &[String]) -> Option<String> {
        let unused: Vec<&str> = (names.iter().zip(&self.lengths))
            .filter(|(_, length)| **length == 0.0)
            .map(|(name, _)| name.as_str())
            .collect();
        if !unused.is_empty() {
            return Some(format!("the model does not move with {} here", unused.join(", ")));
        }
        let least = (0..names.len()).find(|i| !self.determined().any(|j| j == *i))?;
        // Which parameters may move together without a change of the predictions.
        let mut parts: Vec<(f64, &str)> = (self.directions.column(least).iter())
            .zip(names)
            .map(|(part, name)| (part.abs(), name.as_str()))
            .collect();
        parts.sort_by(|a, b| b.0.total_cmp(&a.0));
        let largest = parts[0].0;
        let together: Vec<&str> = parts
            .iter()
            .take_while(|(part, _)| *part > 0.05 * largest)
            .map(|(_, name)| *name)
            .collect();
        let condition = digits(self.singular_values[least] / self.singular_values.max(), 1);
        Some(format!(
            "the data do not tell {} apart: their slopes are linearly dependent (reciprocal condition number {condition})",
            together.join(", ")
        ))
    }

    /// The inverse of JᵀJ.
    pub fn inverse(&self) -> DMatrix<f64> {
        let columns = self.lengths.len();
        DMatrix::from_fn(columns, columns, |a, b| {
            let (i, j) = (a.min(b), a.max(b)); // symmetric to the bit
            let term = |k: usize| {
                let s = self.singular_values[k];
                (self.directions[(i, k)] / s) * (self.directions[(j, k)] / s)
            };
            // One division after the other: the product of two lengths may overflow.
            (0..columns).map(term).sum::<f64>() / self.lengths[i] / self.lengths[j]
        })
    }
}
