//! [`Jacobian`] to and from the matrices of other crates, each behind a feature.
//!
//! nalgebra and faer keep their entries column by column: these are copied over. An array of ndarray that has its
//! entries row by row gives its memory away, and takes that of a Jacobian.

use super::Jacobian;

/// The conversions of one type, by reference and by value.
macro_rules! conversions {
    ($Matrix:ty; $make:expr, $read:expr, $make_owned:expr, $read_owned:expr) => {
        impl From<&Jacobian> for $Matrix {
            fn from(jacobian: &Jacobian) -> Self {
                $make(jacobian)
            }
        }
        impl From<Jacobian> for $Matrix {
            fn from(jacobian: Jacobian) -> Self {
                $make_owned(jacobian)
            }
        }
        impl From<&$Matrix> for Jacobian {
            fn from(matrix: &$Matrix) -> Self {
                $read(matrix)
            }
        }
        impl From<$Matrix> for Jacobian {
            fn from(matrix: $Matrix) -> Self {
                $read_owned(matrix)
            }
        }
    };
}

/// Matrices that keep their entries column by column.
macro_rules! nalgebra {
    ($feature:literal $nalgebra:ident) => {
        #[cfg(feature = $feature)]
        const _: () = {
            use $nalgebra::DMatrix;
            fn make(j: &Jacobian) -> DMatrix<f64> {
                DMatrix::from_row_slice(j.rows(), j.columns(), j.as_slice())
            }
            fn read(m: &DMatrix<f64>) -> Jacobian {
                Jacobian::of(m.nrows(), m.ncols(), m.transpose().as_slice().to_vec())
            }
            conversions! { DMatrix<f64>; make, read, |j| make(&j), |m| read(&m) }
        };
    };
}

nalgebra! { "nalgebra-0_33" nalgebra_0_33 }
nalgebra! { "nalgebra-0_34" nalgebra }
nalgebra! { "nalgebra-0_35" nalgebra_0_35 }

macro_rules! ndarray {
    ($feature:literal $ndarray:ident) => {
        #[cfg(feature = $feature)]
        const _: () = {
            use $ndarray::Array2;
            fn make(j: Jacobian) -> Array2<f64> {
                Array2::from_shape_vec((j.rows(), j.columns()), j.into_vec())
                    .expect("it has this shape")
            }
            fn read(a: &Array2<f64>) -> Jacobian {
                Jacobian::of(a.nrows(), a.ncols(), a.iter().copied().collect())
            }
            fn read_owned(a: Array2<f64>) -> Jacobian {
                let (rows, columns) = a.dim();
                // A piece of a larger array has the memory of all of it.
                if !a.is_standard_layout() {
                    return read(&a);
                }
                match a.into_raw_vec_and_offset() {
                    (entries, None | Some(0)) if entries.len() == rows * columns => {
                        Jacobian::of(rows, columns, entries)
                    }
                    (entries, offset) => {
                        let own = &entries[offset.unwrap_or(0)..][..rows * columns];
                        Jacobian::of(rows, columns, own.to_vec())
                    }
                }
            }
            conversions! { Array2<f64>; |j: &Jacobian| make(j.clone()), read, make, read_owned }
        };
    };
}

ndarray! { "ndarray-0_16" ndarray_0_16 }
ndarray! { "ndarray-0_17" ndarray }

#[cfg(feature = "faer-0_24")]
const _: () = {
    use faer::Mat;
    fn make(j: &Jacobian) -> Mat<f64> {
        Mat::from_fn(j.rows(), j.columns(), |row, column| j[(row, column)])
    }
    fn read(m: &Mat<f64>) -> Jacobian {
        let entries = (0..m.nrows()).flat_map(|i| (0..m.ncols()).map(move |j| m[(i, j)]));
        Jacobian::of(m.nrows(), m.ncols(), entries.collect())
    }
    conversions! { Mat<f64>; make, read, |j| make(&j), |m| read(&m) }
};
