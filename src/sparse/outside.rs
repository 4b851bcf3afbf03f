//! [`Matrix`] as the sparse matrices of other crates, each behind a feature.

#![cfg(any(feature = "faer-0_24", feature = "nalgebra-sparse-0_12", feature = "sprs-0_11"))]

use super::matrix::Matrix;

impl Matrix<'_> {
    /// The values column by column, as the transposed pattern has them.
    #[cfg(any(feature = "faer-0_24", feature = "nalgebra-sparse-0_12"))]
    fn values_by_columns(self, starts: &[usize]) -> Vec<f64> {
        let (mut next, mut values) = (starts.to_vec(), vec![0.0; self.values().len()]);
        for (&column, &value) in self.pattern().indices().iter().zip(self.values()) {
            values[next[column]] = value;
            next[column] += 1;
        }
        values
    }
}

#[cfg(feature = "faer-0_24")]
const _: () = {
    use faer::sparse::{SparseColMat, SparseRowMat, SymbolicSparseColMat, SymbolicSparseRowMat};

    impl From<Matrix<'_>> for SparseRowMat<usize, f64> {
        fn from(matrix: Matrix<'_>) -> Self {
            let p = matrix.pattern();
            let (starts, indices) = (p.starts().to_vec(), p.indices().to_vec());
            let symbolic =
                SymbolicSparseRowMat::new_checked(p.rows(), p.columns(), starts, None, indices);
            SparseRowMat::new(symbolic, matrix.values().to_vec())
        }
    }

    impl From<Matrix<'_>> for SparseColMat<usize, f64> {
        fn from(matrix: Matrix<'_>) -> Self {
            let p = matrix.pattern();
            let by_columns = p.transposed();
            let values = matrix.values_by_columns(by_columns.starts());
            let (starts, indices) = (by_columns.starts().to_vec(), by_columns.indices().to_vec());
            let symbolic =
                SymbolicSparseColMat::new_checked(p.rows(), p.columns(), starts, None, indices);
            SparseColMat::new(symbolic, values)
        }
    }
};

#[cfg(feature = "nalgebra-sparse-0_12")]
const _: () = {
    use nalgebra_sparse::{CscMatrix, CsrMatrix};

    impl From<Matrix<'_>> for CsrMatrix<f64> {
        fn from(matrix: Matrix<'_>) -> Self {
            let p = matrix.pattern();
            let (starts, indices) = (p.starts().to_vec(), p.indices().to_vec());
            let values = matrix.values().to_vec();
            CsrMatrix::try_from_csr_data(p.rows(), p.columns(), starts, indices, values)
                .expect("a pattern is checked")
        }
    }

    impl From<Matrix<'_>> for CscMatrix<f64> {
        fn from(matrix: Matrix<'_>) -> Self {
            let p = matrix.pattern();
            let by_columns = p.transposed();
            let values = matrix.values_by_columns(by_columns.starts());
            let (starts, indices) = (by_columns.starts().to_vec(), by_columns.indices().to_vec());
            CscMatrix::try_from_csc_data(p.rows(), p.columns(), starts, indices, values)
                .expect("a pattern is checked")
        }
    }
};

#[cfg(feature = "sprs-0_11")]
const _: () = {
    use sprs::CsMat;

    impl From<Matrix<'_>> for CsMat<f64> {
        fn from(matrix: Matrix<'_>) -> Self {
            let p = matrix.pattern();
            let (starts, indices) = (p.starts().to_vec(), p.indices().to_vec());
            CsMat::new((p.rows(), p.columns()), starts, indices, matrix.values().to_vec())
        }
    }
};
