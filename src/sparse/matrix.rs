//! [`Matrix`]: a pattern with values.

use super::pattern::{Pattern, PatternError};

/// A sparse matrix: a pattern and the values of its entries, both borrowed. Made by [`Pattern::with`].
///
/// With a feature it turns into the matrix of another crate, by `from` or `into`:
///
/// | feature | becomes |
/// |---|---|
/// | `faer-0_24` | `faer::sparse::SparseRowMat<usize, f64>`, `SparseColMat<usize, f64>` |
/// | `nalgebra-sparse-0_12` | `nalgebra_sparse::CsrMatrix<f64>`, `CscMatrix<f64>` |
/// | `sprs-0_11` | `sprs::CsMat<f64>`, row by row |
///
/// Any other library takes the slices: [`Pattern::starts`], [`Pattern::indices`] and the values.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    pattern: &'a Pattern,
    values: &'a [f64],
}

impl Pattern {
    /// Take values for the entries, row by row.
    ///
    /// # Errors
    /// If there are not as many as entries.
    ///
    /// ```
    /// use gradtape::sparse::Pattern;
    /// let pattern = Pattern::new(2, 3, vec![0, 2, 3], vec![0, 2, 1])?;
    /// let matrix = pattern.with(&[10.0, 20.0, 30.0])?;
    /// assert_eq!([matrix.get(0, 2), matrix.get(1, 1), matrix.get(1, 2)], [20.0, 30.0, 0.0]);
    /// assert_eq!(pattern.with(&[1.0]).unwrap_err().to_string(), "a pattern of 3 entries has one value each, not 1");
    /// # Ok::<(), gradtape::sparse::PatternError>(())
    /// ```
    pub fn with<'a>(&'a self, values: &'a [f64]) -> Result<Matrix<'a>, PatternError> {
        match values.len() == self.nonzeros() {
            true => Ok(Matrix { pattern: self, values }),
            false => Err(PatternError::Values { entries: self.nonzeros(), values: values.len() }),
        }
    }
}

impl<'a> Matrix<'a> {
    /// Where the entries are.
    #[must_use]
    pub fn pattern(self) -> &'a Pattern {
        self.pattern
    }

    /// The values of the entries, row by row.
    #[must_use]
    pub fn values(self) -> &'a [f64] {
        self.values
    }

    /// The number at a place: 0 where there is no entry.
    ///
    /// # Panics
    /// If the place lies outside the matrix.
    #[must_use]
    #[track_caller]
    pub fn get(self, row: usize, column: usize) -> f64 {
        let (rows, columns) = (self.pattern.rows(), self.pattern.columns());
        assert!(
            row < rows && column < columns,
            "there is no place ({row}, {column}) in a matrix of {rows} x {columns} entries"
        );
        self.pattern.find(row, column).map_or(0.0, |at| self.values[at])
    }
}
