//! Systems of equations, determinants and Cholesky factors against the same algebra written out in operators.

#[path = "common/numeric.rs"]
mod numeric;
#[path = "common/property.rs"]
mod property;

use gradtape::linear::{LinearError, cholesky, det, solve};
use gradtape::program::{Program, ReplayError, RowProgram, Rows, Workspace};
use gradtape::{Dual, Real, Tape, Var, dot, gradient, hessian, hessian_vector, jacobian, sum};
use numeric::close;
use property::config;
use proptest::prelude::*;

/// Gaussian elimination without exchanges, in operators.
fn eliminated<S: Real>(a: &[S], b: &[S]) -> Vec<S> {
    let n = b.len();
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    for k in 0..n {
        for i in k + 1..n {
            let factor = a[i * n + k] / a[k * n + k];
            for j in k..n {
                let pivot = a[k * n + j];
                a[i * n + j] -= factor * pivot;
            }
            let pivot = b[k];
            b[i] -= factor * pivot;
        }
    }
    for i in (0..n).rev() {
        let known = (i + 1..n).fold(S::from(0.0), |s, j| s + a[i * n + j] * b[j]);
        b[i] = (b[i] - known) / a[i * n + i];
    }
    b
}

/// The sum over all permutations.
fn leibniz<S: Real>(a: &[S], n: usize) -> S {
    fn minor<S: Real>(a: &[S], n: usize, row: usize, free: &[usize]) -> S {
        let mut total = S::from(0.0);
        if free.is_empty() {
            return S::from(1.0);
        }
        for (at, &column) in free.iter().enumerate() {
            let rest: Vec<usize> = free.iter().copied().filter(|&c| c != column).collect();
            let term = a[row * n + column] * minor(a, n, row + 1, &rest);
            total += if at % 2 == 0 { term } else { -term };
        }
        total
    }
    minor(a, n, 0, &(0..n).collect::<Vec<_>>())
}

/// Cholesky and Banachiewicz, in operators, of the mean of the matrix and its transposed.
fn banachiewicz<S: Real>(a: &[S], n: usize) -> Vec<S> {
    let mut l = vec![S::from(0.0); n * n];
    for i in 0..n {
        for j in 0..=i {
            let mut left = (a[i * n + j] + a[j * n + i]) * 0.5;
            for k in 0..j {
                left -= l[i * n + k] * l[j * n + k];
            }
            l[i * n + j] = if i == j { left.sqrt() } else { left / l[j * n + j] };
        }
    }
    l
}

/// A function of all numbers in which none plays another's part.
fn mixed<S: Real>(x: &[S]) -> S {
    let term =
        |(i, &x): (usize, &S)| (x * (0.3 + 0.1 * i as f64)).sin() * (1.0 + i as f64) + x.square();
    x.iter().enumerate().map(term).fold(S::from(0.0), |s, x| s + x)
}

/// Numbers with a heavy diagonal, which need no exchanges.
fn matrix(n: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1.0..1.0, n * n).prop_map(move |mut a| {
        (0..n).for_each(|i| a[i * n + i] += 2.5);
        a
    })
}

fn compare_all(f: impl Fn(&[Var]) -> Var, by_operators: impl Fn(&[Var]) -> Var, x: &[f64]) {
    let tape = Tape::new();
    let values = [f(&tape.vars(x)).value(), by_operators(&tape.vars(x)).value()];
    close(&values[..1], &values[1..], 1e-13, "value");
    close(&gradient(&f, x), &gradient(&by_operators, x), 1e-12, "gradient");
    let (ours, theirs) = (hessian(&f, x), hessian(&by_operators, x));
    close(ours.as_slice(), theirs.as_slice(), 1e-12, "Hessian");
    // Third derivatives in a direction.
    let direction: Vec<f64> = (0..x.len()).map(|i| 1.0 - 0.3 * i as f64).collect();
    let along = |f: &dyn Fn(&[Var]) -> Var, x: &[Var]| {
        let slope = |x: &[Var]| dot(&gradient(f, x), &direction);
        dot(&gradient(slope, x), &direction)
    };
    let (ours, theirs) = (gradient(|x| along(&f, x), x), gradient(|x| along(&by_operators, x), x));
    close(&ours, &theirs, 1e-11, "third derivatives");
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn a_solution_has_the_derivatives_of_elimination(
        (n, a, b) in (1usize..5).prop_flat_map(|n| (Just(n), matrix(n), prop::collection::vec(-2.0..2.0, n)))
    ) {
        let x = [a, b].concat();
        let split = |x: &[Var]| (x[..n * n].to_vec(), x[n * n..].to_vec());
        compare_all(
            |x| mixed(&solve(&split(x).0, &split(x).1).unwrap()),
            |x| mixed(&eliminated(&split(x).0, &split(x).1)),
            &x,
        );
    }

    #[test]
    fn several_right_hand_sides_are_as_many_systems(
        (n, a, b) in (1usize..4).prop_flat_map(|n| (Just(n), matrix(n), prop::collection::vec(-2.0..2.0, n * 3)))
    ) {
        let x = [a, b].concat();
        let one_by_one = |x: &[Var]| {
            let (a, b) = x.split_at(n * n);
            let mut all = vec![Var::from(0.0); n * 3];
            for column in 0..3 {
                let b: Vec<Var> = (0..n).map(|i| b[i * 3 + column]).collect();
                eliminated(a, &b).iter().enumerate().for_each(|(i, &x)| all[i * 3 + column] = x);
            }
            mixed(&all)
        };
        compare_all(|x| mixed(&solve(&x[..n * n], &x[n * n..]).unwrap()), one_by_one, &x);
    }

    #[test]
    fn a_determinant_has_the_derivatives_of_the_sum_over_permutations(
        (n, a) in (1usize..5).prop_flat_map(|n| (Just(n), prop::collection::vec(-1.0..1.0, n * n)))
    ) {
        compare_all(|x| det(x).unwrap().sin(), |x| leibniz(x, n).sin(), &a);
    }

    #[test]
    fn a_singular_determinant_has_them_too(
        (n, rank, factors) in (2usize..5, 0usize..5)
            .prop_flat_map(|(n, rank)| (Just(n), Just(rank % n), prop::collection::vec(-4i32..5, 2 * n * n)))
    ) {
        // Products of whole numbers: the rank is exact.
        let entry = |i: usize, j: usize| -> f64 {
            (0..rank).map(|k| f64::from(factors[i * n + k] * factors[n * n + k * n + j])).sum()
        };
        let a: Vec<f64> = (0..n * n).map(|at| entry(at / n, at % n)).collect();
        let scale = a.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
        let tolerance = 1e-13 * scale.powi(n as i32);
        let near = |ours: &[f64], theirs: &[f64]| {
            ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() <= tolerance)
        };
        let (ours, theirs) = (|x: &[Var]| det(x).unwrap(), |x: &[Var]| leibniz(x, n));
        prop_assert!(det(&a).unwrap().abs() <= tolerance);
        prop_assert!(near(&gradient(ours, &a), &gradient(theirs, &a)), "{a:?}");
        prop_assert!(near(hessian(ours, &a).as_slice(), hessian(theirs, &a).as_slice()), "{a:?}");
    }

    #[test]
    fn a_cholesky_factor_has_the_derivatives_of_its_loops(
        (n, m) in (1usize..5).prop_flat_map(|n| (Just(n), matrix(n)))
    ) {
        // Symmetric and positive definite at the point, any matrix around it.
        let entry = |i: usize, j: usize| (0..n).map(|k| m[i * n + k] * m[j * n + k]).sum::<f64>();
        let a: Vec<f64> = (0..n * n).map(|at| entry(at / n, at % n)).collect();
        compare_all(|x| mixed(&cholesky(x).unwrap()), |x| mixed(&banachiewicz(x, n)), &a);
    }

    #[test]
    fn scaling_rows_and_columns_changes_nothing_but_units(
        (a, b, rows, columns) in (
            matrix(4),
            prop::collection::vec(-2.0..2.0, 4),
            prop::collection::vec(-200i32..200, 4),
            prop::collection::vec(-200i32..200, 4),
        )
    ) {
        let two = |e: i32| 2.0_f64.powi(e);
        let scaled: Vec<f64> =
            (0..16).map(|at| a[at] * two(rows[at / 4]) * two(columns[at % 4])).collect();
        let right: Vec<f64> = b.iter().zip(&rows).map(|(b, &e)| b * two(e)).collect();
        let x = solve(&a, &b).unwrap();
        let back: Vec<f64> = solve(&scaled, &right)
            .unwrap()
            .iter()
            .zip(&columns)
            .map(|(x, &e)| x * two(e))
            .collect();
        close(&back, &x, 1e-13, "solution");
    }
}

#[test]
fn known_solutions_of_known_systems() {
    // Pivots must be exchanged.
    assert_eq!(solve(&[0.0, 1.0, 1.0, 0.0], &[3.0, 5.0]), Ok(vec![5.0, 3.0]));
    assert_eq!(det(&[0.0, 1.0, 1.0, 0.0]), Ok(-1.0));
    assert_eq!(det(&[2.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 5.0, 0.0]), Ok(-30.0));
    assert_eq!(cholesky(&[4.0, 2.0, 2.0, 10.0]), Ok(vec![2.0, 0.0, 1.0, 3.0]));
    // The Hilbert matrix of order 5: integer inverse, determinant 1 / 266716800000.
    let hilbert: Vec<f64> = (0..25).map(|at| 1.0 / (1 + at / 5 + at % 5) as f64).collect();
    let ones = solve(&hilbert, &[1.0; 5]).unwrap();
    close(&ones, &[5.0, -120.0, 630.0, -1120.0, 630.0], 1e-11, "H⁻¹ 1");
    close(&[det(&hilbert).unwrap()], &[1.0 / 266_716_800_000.0], 1e-11, "det H");
    // A determinant beyond the range of its factors' product on the way.
    let huge: Vec<f64> = (0..9)
        .map(|at| if at / 3 == at % 3 { [1e200, 1e200, 1e-300][at / 3] } else { 0.0 })
        .collect();
    close(&[det(&huge).unwrap()], &[1e100], 1e-14, "det");
    let cofactors = gradient(|a| det(a).unwrap(), &huge);
    close(&cofactors[..1], &[1e-100], 1e-14, "cofactor");
    assert_eq!(cofactors[8], f64::INFINITY);
}

#[test]
fn nothing_is_a_matrix_of_no_rows() {
    assert_eq!(solve::<f64>(&[], &[]), Ok(vec![]));
    assert_eq!(det::<f64>(&[]), Ok(1.0));
    assert_eq!(cholesky::<f64>(&[]), Ok(vec![]));
}

#[test]
fn errors_say_what_where_and_how_much() {
    let said = |error: LinearError| error.to_string();
    let singular = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    for (message, expected) in [
        (
            said(solve(&[1.0; 6], &[1.0; 2]).unwrap_err()),
            "the matrix has 6 numbers, which do not make a square: give n rows of n",
        ),
        (
            said(det(&[1.0; 3]).unwrap_err()),
            "the matrix has 3 numbers, which do not make a square: give n rows of n",
        ),
        (
            said(solve(&[1.0, 0.0, 0.0, 1.0], &[1.0; 3]).unwrap_err()),
            "the right-hand side has 3 numbers, and the matrix 2 rows: give one number a row, or rows of as many numbers each",
        ),
        (
            said(solve(&[1.0, 0.0, f64::NAN, 1.0], &[1.0; 2]).unwrap_err()),
            "the matrix has NaN in row 1, column 0: all entries must be finite",
        ),
        (
            said(solve(&[1.0, 0.0, 0.0, 1.0], &[1.0, f64::INFINITY]).unwrap_err()),
            "the right-hand side has inf in row 1, column 0: all entries must be finite",
        ),
        (
            said(cholesky(&[4.0, 2.0, 1.0, 5.0]).unwrap_err()),
            "the matrix is not symmetric: row 1, column 0 is 1, and row 0, column 1 is 2; give (A + Aᵀ) / 2 if that is meant",
        ),
        (
            said(cholesky(&[4.0, 6.0, 6.0, 9.0]).unwrap_err()),
            "the matrix is not positive definite to working precision: of entry 9 in row 1 of the diagonal 0 is left",
        ),
        (
            said(cholesky(&[-1.0]).unwrap_err()),
            "the matrix is not positive definite to working precision: of entry -1 in row 0 of the diagonal -1 is left",
        ),
    ] {
        assert_eq!(message, expected);
    }
    let overflow = solve(&[1e-300, 0.0, 0.0, 1.0], &[1e300, 1.0]).unwrap_err();
    assert!(matches!(overflow, LinearError::NotFinite { what: "the solution", .. }), "{overflow}");
    for matrix in [&singular[..], &[0.0; 9], &[1.0, 2.0, 0.0, 3.0, 4.0, 0.0, 5.0, 6.0, 0.0]] {
        let error = solve(matrix, &[1.0; 3]).unwrap_err();
        assert!(matches!(error, LinearError::Singular { rcond } if rcond < 2.3e-16), "{error}");
    }
}

#[test]
fn a_matrix_without_digits_to_spare_is_refused_though_no_pivot_is_small() {
    // 1 on the diagonal, -1 above: every pivot is 1, and the inverse has entries of 2ⁿ⁻².
    let n = 60;
    let entry = |at: usize| match (at / n).cmp(&(at % n)) {
        std::cmp::Ordering::Less => -1.0,
        std::cmp::Ordering::Equal => 1.0,
        std::cmp::Ordering::Greater => 0.0,
    };
    let a: Vec<f64> = (0..n * n).map(entry).collect();
    assert!(matches!(solve(&a, &vec![1.0; n]), Err(LinearError::Singular { .. })));
    assert_eq!(det(&a), Ok(1.0));
    let hilbert: Vec<f64> = (0..225).map(|at| 1.0 / (1 + at / 15 + at % 15) as f64).collect();
    assert!(matches!(solve(&hilbert, &[1.0; 15]), Err(LinearError::Singular { .. })));
    assert!(matches!(cholesky(&hilbert), Err(LinearError::NotPositiveDefinite { .. })));
}

#[test]
fn one_operation_is_recorded_and_constants_are_no_nodes() {
    let tape = Tape::new();
    let b = tape.vars(&[1.0, 2.0]);
    let a = [4.0, 1.0, 1.0, 3.0].map(Var::from);
    let x = solve(&a, &b).unwrap();
    // Two variables, two unknowns and the doubt.
    assert_eq!(tape.len(), 5);
    let slopes = x[0].backward().wrt_all(&b);
    close(&slopes, &[3.0 / 11.0, -1.0 / 11.0], 1e-15, "slopes");
    let constants = solve(&a, &[1.0, 2.0].map(Var::from)).unwrap();
    assert!(constants.iter().all(|x| x.is_constant()));
    assert!(det(&a).unwrap().is_constant());
    assert!(cholesky(&a).unwrap().iter().all(|x| x.is_constant()));
    assert_eq!(tape.len(), 5);
    assert_eq!(tape.guards().len(), 1);
}

#[test]
fn every_scalar_has_the_same_bits() {
    let (a, b) = ([4.0, 1.0, 0.5, 3.0], [1.0, 2.0]);
    let spd = [4.0, 1.0, 1.0, 3.0];
    let tape = Tape::new();
    let dual = |x: &[f64]| x.iter().map(|&x| Dual::new(x, 1.0)).collect::<Vec<_>>();
    let values = |x: Vec<Var>| x.iter().map(|x| x.value()).collect::<Vec<_>>();
    let primals = |x: Vec<Dual>| x.iter().map(|x| x.primal()).collect::<Vec<_>>();
    let x = solve(&a, &b).unwrap();
    assert_eq!(values(solve(&tape.vars(&a), &tape.vars(&b)).unwrap()), x);
    assert_eq!(primals(solve(&dual(&a), &dual(&b)).unwrap()), x);
    assert_eq!(det(&tape.vars(&a)).unwrap().value(), det(&a).unwrap());
    assert_eq!(det(&dual(&a)).unwrap().primal(), det(&a).unwrap());
    assert_eq!(values(cholesky(&tape.vars(&spd)).unwrap()), cholesky(&spd).unwrap());
    assert_eq!(primals(cholesky(&dual(&spd)).unwrap()), cholesky(&spd).unwrap());
}

#[test]
fn tangents_are_the_transposed_of_adjoints() {
    let x = [4.0, 1.0, 0.5, 3.0, 1.0, 2.0];
    let f = |x: &[Var]| solve(&x[..4], &x[4..]).unwrap();
    let by_columns: Vec<Vec<f64>> = (0..6)
        .map(|i| {
            let duals: Vec<Dual> =
                (0..6).map(|j| Dual::new(x[j], if i == j { 1.0 } else { 0.0 })).collect();
            solve(&duals[..4], &duals[4..]).unwrap().iter().map(|x| x.tangent()).collect()
        })
        .collect();
    let by_rows = jacobian(f, &x);
    for (i, column) in by_columns.iter().enumerate() {
        let row: Vec<f64> = (0..2).map(|j| by_rows[(j, i)]).collect();
        close(column, &row, 1e-15, "column");
    }
    let v = [1.0, -1.0, 2.0, 0.5, 0.25, 3.0];
    let product = hessian_vector(|x| mixed(&f(x)), &x, &v);
    let full = hessian(|x| mixed(&f(x)), &x);
    let expected: Vec<f64> = (0..6).map(|i| dot(full.row(i), &v)).collect();
    close(&product, &expected, 1e-13, "product");
}

#[test]
fn a_program_solves_anew_and_refuses_what_is_singular_now() {
    let f = |x: &[Var]| {
        let solution = solve(&x[..4], &x[4..6]).unwrap();
        let factor = cholesky(&[x[0], x[1], x[1], x[3]]).unwrap();
        [sum(&solution) + factor[3] * det(&x[..4]).unwrap()]
    };
    let program = Program::record(f, &[4.0, 1.0, 0.5, 3.0, 1.0, 2.0]);
    let mut workspace = Workspace::new();
    let (mut slopes, other) = ([0.0; 6], [5.0, 0.5, -1.0, 2.0, 3.0, -1.0]);
    let value = program.value_and_gradient(&other, &mut slopes, &mut workspace).unwrap();
    let tape = Tape::new();
    assert_eq!(value, f(&tape.vars(&other))[0].value());
    assert_eq!(slopes[..], gradient(|x| f(x)[0], &other));
    let mut second = [0.0; 36];
    program.hessian(&other, &mut second, &mut workspace).unwrap();
    let expected = hessian(|x| f(x)[0], &other);
    close(&second, expected.as_slice(), 1e-13, "Hessian");
    let mut by_program = [0.0; 36];
    let derived = program.gradient_program().unwrap();
    derived.jacobian(&other, &mut by_program, &mut workspace).unwrap();
    close(&by_program, expected.as_slice(), 1e-12, "Jacobian of the gradient");

    for refused in [
        [1.0, 2.0, 0.5, 1.0, 1.0, 2.0], // singular
        [1.0, 2.0, 1.0, 1.0, 1.0, 2.0], // indefinite
        [f64::NAN, 2.0, 1.0, 1.0, 1.0, 2.0],
        [1.0, 0.0, 0.0, 1.0, f64::INFINITY, 2.0],
    ] {
        let error = program.value(&refused, &mut workspace).unwrap_err();
        assert!(matches!(error, ReplayError::BranchChanged(_)), "{error}");
        let error = derived.value(&refused, &mut workspace);
        assert!(error.is_err());
    }
}

#[test]
fn rows_solve_a_system_each() {
    let f = |p: &[Var], row: &[Var]| sum(solve(&[p[0], row[0], row[1], p[1]], row).unwrap());
    let program = RowProgram::record(f, &[4.0, 3.0], &[1.0, 0.5]);
    let numbers: Vec<f64> = (0..22).map(|i| (f64::from(i) * 0.7).sin()).collect();
    let rows = Rows::row_major(&numbers, 2).unwrap();
    let (mut slopes, mut workspace) = ([0.0; 2], Workspace::new());
    let total = program.sum_and_gradient(&[4.0, 3.0], rows, &mut slopes, &mut workspace).unwrap();
    let by_operators = |p: &[Var]| {
        sum(numbers.chunks(2).map(|row| {
            let row = [row[0], row[1]].map(Var::from);
            sum(eliminated(&[p[0], row[0], row[1], p[1]], &row))
        }))
    };
    let tape = Tape::new();
    let expected = by_operators(&tape.vars(&[4.0, 3.0])).value();
    close(&[total], &[expected], 1e-13, "total");
    close(&slopes, &gradient(by_operators, &[4.0, 3.0]), 1e-13, "slopes");
    // Row 1 is singular.
    let rows = Rows::row_major(&[1.0, 0.5, 3.0, 4.0], 2).unwrap();
    let error = program.sum(&[4.0, 3.0], rows, &mut workspace).unwrap_err();
    assert!(error.to_string().starts_with("row 1: "), "{error}");
}

#[test]
fn threads_share_an_operation() {
    let program = Program::record(
        |x| [sum(solve(&x[..4], &x[4..]).unwrap())],
        &[4.0, 1.0, 0.5, 3.0, 1.0, 2.0],
    );
    let expected = |k: f64| {
        gradient(|x| sum(eliminated(&x[..4], &x[4..])), &[4.0 + k, 1.0, 0.5, 3.0, 1.0, 2.0])
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let program = &program;
            scope.spawn(move || {
                let (mut slopes, mut workspace) = ([0.0; 6], Workspace::new());
                for step in 0..200 {
                    let k = f64::from(thread * 1000 + step) * 0.01;
                    let x = [4.0 + k, 1.0, 0.5, 3.0, 1.0, 2.0];
                    program.value_and_gradient(&x, &mut slopes, &mut workspace).unwrap();
                    close(&slopes, &expected(k), 1e-13, "slopes");
                }
            });
        }
    });
}
