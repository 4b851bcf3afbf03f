//! Jacobians and Hessians to and from slices and the matrices of other crates.

use gradtape::{Jacobian, ShapeError, hessian, jacobian};

/// Not square, and of different entries: an order that is mixed up shows.
fn wide() -> Jacobian {
    let j = jacobian(|x| [x[0] * x[1] + x[2], x[0].square() - x[2] * 4.0], &[2.0, 3.0, 5.0]);
    assert_eq!(j.as_slice(), [3.0, 2.0, 1.0, 4.0, 0.0, -4.0]);
    j
}

/// Without rows, without columns, without either.
const EMPTY: [(usize, usize); 3] = [(0, 3), (3, 0), (0, 0)];

#[test]
fn a_slice_an_array_or_a_vector_in_either_order_makes_a_matrix() {
    let j = wide();
    assert_eq!(Jacobian::from_row_major(2, 3, j.as_slice()), Ok(j.clone()));
    assert_eq!(Jacobian::from_column_major(2, 3, j.to_column_major()), Ok(j.clone()));
    assert_eq!(j.to_column_major(), [3.0, 4.0, 2.0, 0.0, 1.0, -4.0]);
    assert_eq!(Jacobian::from_column_major(2, 3, [3.0, 4.0, 2.0, 0.0, 1.0, -4.0]), Ok(j.clone()));
    let entries = j.clone().into_vec();
    let memory = entries.as_ptr();
    let again = Jacobian::from_row_major(3, 2, entries).expect("six entries");
    assert_eq!((again.as_slice().as_ptr(), again.row(1)), (memory, &[1.0, 4.0][..]));
    for (rows, columns) in EMPTY {
        let j = Jacobian::from_row_major(rows, columns, []).expect("nothing is needed");
        assert_eq!((j.rows(), j.columns(), j.as_slice().len()), (rows, columns, 0));
        assert_eq!(Jacobian::from_column_major(rows, columns, []), Ok(j.clone()));
        assert!(j.to_column_major().is_empty());
    }
    let h = hessian(|x| x[0].square() * x[1], &[2.0, 3.0]);
    assert_eq!(h.to_column_major(), h.as_slice(), "a Hessian is symmetric");
}

#[test]
fn a_wrong_number_of_entries_is_an_error_with_the_numbers() {
    let error = |made: Result<Jacobian, ShapeError>| made.expect_err("refused").to_string();
    let says = "a matrix of 2 x 3 entries cannot be made of 5";
    assert_eq!(error(Jacobian::from_row_major(2, 3, [0.0; 5])), says);
    assert_eq!(error(Jacobian::from_column_major(2, 3, [0.0; 5])), says);
    let says = "a matrix of 0 x 3 entries cannot be made of 1";
    assert_eq!(error(Jacobian::from_row_major(0, 3, vec![0.0])), says);
    // Their product is 0 in 64 bits.
    assert!(Jacobian::from_row_major(1 << 32, 1 << 32, []).is_err());
    assert!(Jacobian::from_column_major(usize::MAX, 2, []).is_err());
}

/// What a matrix of another crate has at a place.
macro_rules! converts {
    ($test:ident, $feature:literal, $Matrix:ty, $rows:ident $columns:ident) => {
        #[cfg(feature = $feature)]
        #[test]
        fn $test() {
            let j = wide();
            let by_reference = <$Matrix>::from(&j);
            let by_value: $Matrix = j.clone().into();
            for m in [&by_reference, &by_value] {
                assert_eq!((m.$rows(), m.$columns()), (2, 3));
                for (row, column) in (0..2).flat_map(|i| [(i, 0), (i, 1), (i, 2)]) {
                    assert_eq!(m[(row, column)], j[(row, column)], "{row}, {column}");
                }
                assert_eq!(Jacobian::from(m), j);
            }
            assert_eq!(Jacobian::from(by_value), j);
            for (rows, columns) in EMPTY {
                let j = Jacobian::from_row_major(rows, columns, []).expect("nothing is needed");
                let m = <$Matrix>::from(&j);
                assert_eq!((m.$rows(), m.$columns()), (rows, columns));
                assert_eq!((Jacobian::from(&m), Jacobian::from(m)), (j.clone(), j));
            }
        }
    };
}

converts! { nalgebra_0_33_has_the_same_entries, "nalgebra-0_33", nalgebra_0_33::DMatrix<f64>, nrows ncols }
converts! { nalgebra_0_34_has_the_same_entries, "nalgebra-0_34", nalgebra::DMatrix<f64>, nrows ncols }
converts! { nalgebra_0_35_has_the_same_entries, "nalgebra-0_35", nalgebra_0_35::DMatrix<f64>, nrows ncols }
converts! { ndarray_0_16_has_the_same_entries, "ndarray-0_16", ndarray_0_16::Array2<f64>, nrows ncols }
converts! { ndarray_0_17_has_the_same_entries, "ndarray-0_17", ndarray::Array2<f64>, nrows ncols }
converts! { faer_0_24_has_the_same_entries, "faer-0_24", faer::Mat<f64>, nrows ncols }

/// Arrays in other orders than row by row, and pieces of larger ones.
macro_rules! pieces {
    ($test:ident, $feature:literal, $ndarray:ident) => {
        #[cfg(feature = $feature)]
        #[test]
        fn $test() {
            use $ndarray::{Array2, Axis, s};
            let j = wide();
            let a = Array2::from(&j);
            let transposed = a.clone().reversed_axes();
            let expected = Jacobian::from_row_major(3, 2, j.to_column_major());
            assert_eq!(Ok(Jacobian::from(&transposed)), expected);
            assert_eq!(Ok(Jacobian::from(transposed)), expected);
            let mut backwards = a.clone();
            backwards.invert_axis(Axis(1));
            assert_eq!(Jacobian::from(&backwards).row(1), [-4.0, 0.0, 4.0]);
            assert_eq!(Jacobian::from(backwards).row(1), [-4.0, 0.0, 4.0]);
            // A piece has the memory of the whole: of its first row, its last row, its middle.
            let large = Array2::from_shape_fn((4, 3), |(i, k)| (10 * i + k) as f64);
            for (from, to) in [(0, 1), (3, 4), (1, 3), (2, 2), (0, 4)] {
                let piece = large.clone().slice_move(s![from..to, ..]);
                let entries: Vec<f64> =
                    (from..to).flat_map(|i| [0, 1, 2].map(|k| (10 * i + k) as f64)).collect();
                let expected = Jacobian::from_row_major(to - from, 3, entries);
                assert_eq!(
                    (Ok(Jacobian::from(&piece)), Ok(Jacobian::from(piece))),
                    (expected.clone(), expected)
                );
            }
            let narrow = large.slice_move(s![1..3, 1..]);
            assert_eq!(Jacobian::from(narrow).as_slice(), [11.0, 12.0, 21.0, 22.0]);
            // Row by row, the memory goes along both ways.
            let memory = j.as_slice().as_ptr();
            let a = Array2::from(j);
            assert_eq!(a.as_ptr(), memory);
            assert_eq!(Jacobian::from(a).as_slice().as_ptr(), memory);
        }
    };
}

pieces! { an_array_of_ndarray_0_16_in_any_order_or_piece_of_another, "ndarray-0_16", ndarray_0_16 }
pieces! { an_array_of_ndarray_0_17_in_any_order_or_piece_of_another, "ndarray-0_17", ndarray }

/// A sparse matrix with an empty row and an empty column, whose entries all differ.
#[allow(dead_code, reason = "for features")]
fn sparse() -> (gradtape::sparse::Pattern, Vec<f64>) {
    let entries = [(0, 1), (0, 3), (1, 0), (3, 0), (3, 1), (3, 3)];
    let pattern = gradtape::sparse::Pattern::from_entries(4, 5, entries).expect("they fit");
    (pattern, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
}

/// A sparse matrix of another crate has the same entries, none more, and may be empty.
macro_rules! sparse_converts {
    ($test:ident, $feature:literal, $Matrix:ty, |$m:ident, $row:ident, $column:ident| $get:expr, |$n:ident| $nonzeros:expr) => {
        #[cfg(feature = $feature)]
        #[test]
        fn $test() {
            let (pattern, values) = sparse();
            let matrix = pattern.with(&values).expect("one value an entry");
            let $m: $Matrix = matrix.into();
            for ($row, $column) in (0..4).flat_map(|i| (0..5).map(move |j| (i, j))) {
                let found: Option<f64> = $get;
                let expected = pattern.find($row, $column).map(|at| values[at]);
                assert_eq!(found, expected, "{}, {}", $row, $column);
            }
            let $n = $m;
            assert_eq!($nonzeros, (4, 5, 6));
            for (rows, columns) in EMPTY {
                let empty =
                    gradtape::sparse::Pattern::from_entries(rows, columns, []).expect("none");
                let $n: $Matrix = empty.with(&[]).expect("none").into();
                assert_eq!($nonzeros, (rows, columns, 0));
            }
        }
    };
}

sparse_converts! { faer_rows_have_the_same_entries, "faer-0_24", faer::sparse::SparseRowMat<usize, f64>,
|m, i, j| m.get(i, j).copied(), |m| (m.nrows(), m.ncols(), m.compute_nnz()) }
sparse_converts! { faer_columns_have_the_same_entries, "faer-0_24", faer::sparse::SparseColMat<usize, f64>,
|m, i, j| m.get(i, j).copied(), |m| (m.nrows(), m.ncols(), m.compute_nnz()) }
sparse_converts! { nalgebra_sparse_rows_have_the_same_entries, "nalgebra-sparse-0_12", nalgebra_sparse::CsrMatrix<f64>,
|m, i, j| m.triplet_iter().find(|&(r, c, _)| (r, c) == (i, j)).map(|(.., &v)| v), |m| (m.nrows(), m.ncols(), m.nnz()) }
sparse_converts! { nalgebra_sparse_columns_have_the_same_entries, "nalgebra-sparse-0_12", nalgebra_sparse::CscMatrix<f64>,
|m, i, j| m.triplet_iter().find(|&(r, c, _)| (r, c) == (i, j)).map(|(.., &v)| v), |m| (m.nrows(), m.ncols(), m.nnz()) }
sparse_converts! { sprs_has_the_same_entries, "sprs-0_11", sprs::CsMat<f64>,
|m, i, j| m.get(i, j).copied(), |m| (m.rows(), m.cols(), m.nnz()) }
