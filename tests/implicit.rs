//! Roots and optima against their closed forms.

#[path = "common/numeric.rs"]
mod numeric;
#[path = "common/property.rs"]
mod property;

use gradtape::implicit::{ImplicitError, argmin, root};
use gradtape::program::{Program, ReplayError, RowProgram, Rows, Workspace};
use gradtape::{
    Dual, Real, Tape, Var, dot, gradient, hessian, hessian_vector, jacobian, nth_derivative, sum,
    sum_squares,
};
use numeric::close;
use property::config;
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The larger root of x² + b x + c.
fn quadratic<S: Real>(p: &[S]) -> Vec<S> {
    let residual = |x: &[Var], p: &[Var]| [x[0].square() + p[0] * x[0] + p[1]];
    root(residual, |p: &[f64]| vec![larger(p)], p).unwrap()
}

fn larger<S: Real>(p: &[S]) -> S {
    (-p[0] + (p[0].square() - p[1] * 4.0).sqrt()) * 0.5
}

/// Where a circle of radius `p[0]` meets the line y = `p[1]` x, for x > 0.
fn meeting<S: Real>(p: &[S]) -> Vec<S> {
    let residual =
        |x: &[Var], p: &[Var]| [x[0].square() + x[1].square() - p[0].square(), x[1] - p[1] * x[0]];
    root(residual, |p: &[f64]| by_formula(p), p).unwrap()
}

fn by_formula<S: Real>(p: &[S]) -> Vec<S> {
    let x = p[0] / (p[1].square() + 1.0).sqrt();
    vec![x, p[1] * x]
}

/// Derivatives of the first three orders of two functions are the same.
fn compare(f: impl Fn(&[Var]) -> Var, formula: impl Fn(&[Var]) -> Var, x: &[f64]) {
    close(&gradient(&f, x), &gradient(&formula, x), 1e-13, "gradient");
    let (ours, theirs) = (hessian(&f, x), hessian(&formula, x));
    close(ours.as_slice(), theirs.as_slice(), 1e-12, "Hessian");
    let v: Vec<f64> = (0..x.len()).map(|i| 1.0 - 0.7 * i as f64).collect();
    let product = hessian_vector(&f, x, &v[..]);
    close(&product, &hessian_vector(&formula, x, &v[..]), 1e-12, "Hessian times vector");
    let along = |f: &dyn Fn(&[Var]) -> Var, x: &[Var]| {
        dot(&gradient(|x: &[Var]| dot(&gradient(f, x), &v), x), &v)
    };
    let third = gradient(|x| along(&f, x), x);
    close(&third, &gradient(|x| along(&formula, x), x), 1e-11, "third derivatives");
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn a_root_has_the_derivatives_of_its_formula(b in -3.0..3.0, c in -5.0..-0.1) {
        compare(|p| quadratic(p)[0].sin(), |p| larger(p).sin(), &[b, c]);
    }

    #[test]
    fn a_system_has_the_derivatives_of_its_formula(r in 0.1..9.0, a in -3.0..3.0) {
        let mixed = |x: Vec<Var>| x[0].exp() * (x[1] * 0.5 + 1.0);
        compare(|p| mixed(meeting(p)), |p| mixed(by_formula(p)), &[r, a]);
    }

    #[test]
    fn a_minimum_has_the_derivatives_of_its_formula(
        (y, weight) in (prop::collection::vec(-2.0..2.0, 4), 0.1..3.0)
    ) {
        // Ridge regression of a line: the weight, then the data.
        let x = [-1.0, 0.5, 1.0, 2.5];
        let objective = move |line: &[Var], p: &[Var]| {
            let residuals = (0..4).map(|i| p[i + 1] - line[0] - line[1] * x[i]);
            sum_squares(residuals) + p[0] * sum_squares(line)
        };
        fn normal<S: Real>(p: &[S], x: &[f64; 4]) -> Vec<S> {
            let (weight, y) = (p[0], &p[1..]);
            let (sx, sxx) = (x.iter().sum::<f64>(), x.iter().map(|x| x * x).sum::<f64>());
            let (sy, sxy) = (S::sum_of(y.iter().copied()), S::dot_of(y.iter().copied().zip(x.map(S::from))));
            let (a, d) = (weight + 4.0, weight + sxx);
            let det = a * d - sx * sx;
            vec![(sy * d - sxy * sx) / det, (a * sxy - sy * sx) / det]
        }
        let p: Vec<f64> = [&[weight], &y[..]].concat();
        let mixed = |line: Vec<Var>| line[0].exp() + line[1].square();
        compare(
            |p| mixed(argmin(objective, move |p: &[f64]| normal(p, &x), p).unwrap()),
            |p| mixed(normal(p, &x)),
            &p,
        );
    }
}

#[test]
fn derivatives_of_high_order_are_those_of_the_square_root() {
    let residual = |x: &[Var], p: &[Var]| [x[0].square() - p[0]];
    let by_root = |p: Var| root(residual, |p: &[f64]| vec![p[0].sqrt()], &[p]).unwrap()[0];
    for n in 0..5 {
        let (ours, theirs) = (nth_derivative(by_root, 2.0, n), nth_derivative(Var::sqrt, 2.0, n));
        close(&[ours], &[theirs], 1e-12, &format!("derivative {n}"));
    }
}

#[test]
fn a_sloppy_solver_has_the_same_derivatives() {
    let residual = |x: &[Var], p: &[Var]| [x[0].square() - p[0]];
    let sloppy = |p: &[f64]| vec![p[0].sqrt() * (1.0 + 4e-7)];
    let f = |p: &[Var]| root(residual, sloppy, p).unwrap()[0];
    compare(f, |p| p[0].sqrt(), &[2.0]);
    let refined = root(residual, sloppy, &[2.0]).unwrap();
    close(&refined, &[2.0_f64.sqrt()], 3e-16, "value");
}

#[test]
fn a_solution_at_rounding_is_left_as_it_is() {
    let residual = |x: &[Var], p: &[Var]| [x[0].square() - p[0]];
    for p in [2.0, 3.0, 5.0, 1e-30, 1e30] {
        assert_eq!(root(residual, |p: &[f64]| vec![p[0].sqrt()], &[p]), Ok(vec![p.sqrt()]));
    }
}

#[test]
fn a_root_may_be_zero() {
    let residual = |x: &[Var], p: &[Var]| [x[0].exp_m1() - p[0]];
    for off in [0.0, 1e-13, -3e-17, 1e-10] {
        let f = |p: &[Var]| root(residual, move |_| vec![off], p).unwrap()[0];
        close(&gradient(f, &[0.0]), &[1.0], 1e-15, "slope");
        close(hessian(f, &[0.0]).as_slice(), &[-1.0], 1e-14, "bend");
    }
}

#[test]
fn units_do_not_matter() {
    // Unknowns of 1e-12 and 1e9, residuals of 1e-30 and 1e20.
    let residual =
        |x: &[Var], p: &[Var]| [(x[0] * 1e12 - p[0]) * 1e-30, (x[1] * 1e-9 - p[0] * p[1]) * 1e20];
    let solution = |p: &[f64]| vec![p[0] * 1e-12, p[0] * p[1] * 1e9];
    let slopes = jacobian(|p| root(residual, solution, p).unwrap(), &[3.0, 0.5]);
    close(&slopes.as_slice()[..2], &[1e-12, 0.0], 1e-14, "small");
    close(&slopes.as_slice()[2..], &[0.5e9, 3e9], 1e-14, "large");
}

#[test]
fn every_scalar_has_the_same_bits_and_slopes() {
    let p = [3.0, 0.5];
    let plain = meeting(&p);
    let tape = Tape::new();
    let vars = meeting(&tape.vars(&p));
    assert_eq!(vars.iter().map(|x| x.value()).collect::<Vec<_>>(), plain);
    let rows = jacobian(meeting, &p);
    for i in 0..2 {
        let seed = |j: usize| Dual::new(p[j], if i == j { 1.0 } else { 0.0 });
        let duals = meeting(&[seed(0), seed(1)]);
        for (j, x) in duals.iter().enumerate() {
            assert_eq!(x.primal(), plain[j]);
            close(&[x.tangent()], &[rows[(j, i)]], 1e-15, "tangent");
        }
    }
}

#[test]
fn one_operation_is_recorded_and_constants_are_no_nodes() {
    let tape = Tape::new();
    let b = tape.var(1.0);
    let x = quadratic(&[b, Var::from(-2.0)]);
    // The parameter, the root and the doubt.
    assert_eq!((tape.len(), x.len(), tape.guards().len()), (3, 1, 1));
    assert_eq!(x[0].value(), 1.0);
    close(&[x[0].backward().wrt(b)], &[-1.0 / 3.0], 1e-15, "slope");
    assert!(quadratic(&[Var::from(1.0), Var::from(-2.0)])[0].is_constant());
    assert_eq!(tape.len(), 3);
    let none = root(|_: &[Var], _: &[Var]| Vec::new(), |_| Vec::new(), &[b]).unwrap();
    assert!(none.is_empty());
}

#[test]
fn a_program_solves_anew_and_refuses_what_has_no_root() {
    let program = Program::record(|p| [quadratic(p)[0].square()], &[1.0, -2.0]);
    let (mut slopes, mut workspace) = ([0.0; 2], Workspace::new());
    let formula = |p: &[Var]| larger(p).square();
    for p in [[0.5, -3.0], [-2.0, -0.5], [3.0, 2.0]] {
        let value = program.value_and_gradient(&p, &mut slopes, &mut workspace).unwrap();
        close(&[value], &[larger(&p).square()], 1e-14, "value");
        close(&slopes, &gradient(formula, &p), 1e-13, "gradient");
        let mut second = [0.0; 4];
        program.hessian(&p, &mut second, &mut workspace).unwrap();
        close(&second, hessian(formula, &p).as_slice(), 1e-12, "Hessian");
        let derived = program.gradient_program().unwrap();
        derived.jacobian(&p, &mut second, &mut workspace).unwrap();
        close(&second, hessian(formula, &p).as_slice(), 1e-12, "Jacobian of the gradient");
    }
    // No real root, a double one, no number.
    for p in [[1.0, 5.0], [2.0, 1.0], [f64::NAN, 1.0]] {
        let error = program.value(&p, &mut workspace).unwrap_err();
        assert!(matches!(error, ReplayError::BranchChanged(_)), "{error}");
        assert!(error.to_string().contains("in scope implicit::root"), "{error}");
    }
}

#[test]
fn rows_solve_an_equation_each() {
    let f = |p: &[Var], row: &[Var]| quadratic(&[p[0] * row[0], p[1] + row[1]])[0];
    let program = RowProgram::record(f, &[1.0, -2.0], &[0.5, -1.0]);
    let numbers: Vec<f64> = (0..26)
        .map(|i| if i % 2 == 0 { f64::from(i) * 0.1 - 1.0 } else { -f64::from(i) })
        .collect();
    let rows = Rows::row_major(&numbers, 2).unwrap();
    let (mut slopes, mut workspace) = ([0.0; 2], Workspace::new());
    let total = program.sum_and_gradient(&[1.0, -2.0], rows, &mut slopes, &mut workspace).unwrap();
    let formula =
        |p: &[Var]| sum(numbers.chunks(2).map(|row| larger(&[p[0] * row[0], p[1] + row[1]])));
    let tape = Tape::new();
    close(&[total], &[formula(&tape.vars(&[1.0, -2.0])).value()], 1e-14, "total");
    close(&slopes, &gradient(formula, &[1.0, -2.0]), 1e-13, "slopes");
}

#[test]
fn a_residual_may_branch() {
    // x³ = p for p > 0, x = p else: both branches of one program.
    let residual = |x: &[Var], p: &[Var]| {
        if x[0] > 0.0 { [x[0].powi(3) - p[0]] } else { [x[0] - p[0]] }
    };
    let solution = |p: &[f64]| vec![if p[0] > 0.0 { p[0].cbrt() } else { p[0] }];
    let program = Program::record(|p| root(residual, solution, p).unwrap(), &[8.0]);
    let (mut slope, mut workspace) = ([0.0], Workspace::new());
    for (p, x, expected) in [(8.0, 2.0, 1.0 / 12.0), (-5.0, -5.0, 1.0), (27.0, 3.0, 1.0 / 27.0)] {
        let value = program.value_and_gradient(&[p], &mut slope, &mut workspace).unwrap();
        close(&[value, slope[0]], &[x, expected], 1e-15, "value and slope");
    }
}

#[test]
fn a_sweep_does_not_solve_again() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let solution = move |p: &[f64]| {
        counted.fetch_add(1, Relaxed);
        vec![p[0].sqrt()]
    };
    let tape = Tape::new();
    let p = tape.var(2.0);
    let x = root(|x: &[Var], p: &[Var]| [x[0].square() - p[0]], solution, &[p]).unwrap()[0];
    for _ in 0..5 {
        close(&[x.backward().wrt(p)], &[0.5 / 2.0_f64.sqrt()], 1e-15, "slope");
    }
    assert_eq!(calls.load(Relaxed), 1);
}

#[test]
fn a_root_may_depend_on_a_root() {
    // √√p, each by its own equation.
    let square_root = |p: Var| {
        let residual = |x: &[Var], p: &[Var]| [x[0].square() - p[0]];
        root(residual, |p: &[f64]| vec![p[0].sqrt()], &[p]).unwrap()[0]
    };
    compare(|p| square_root(square_root(p[0])), |p| p[0].powf(0.25), &[3.0]);
    // A residual that itself finds a root: x + √x = p.
    let residual = move |x: &[Var], p: &[Var]| [x[0] + square_root(x[0]) - p[0]];
    let formula = |p: Var| ((p * 4.0 + 1.0).sqrt() - 1.0).square() * 0.25;
    let plain = |p: &[f64]| vec![((4.0 * p[0] + 1.0).sqrt() - 1.0).powi(2) * 0.25];
    compare(|p| root(residual, plain, p).unwrap()[0], |p| formula(p[0]), &[6.0]);
}

#[test]
fn what_cannot_be_trusted_is_refused_with_its_numbers() {
    let two = |x: &[Var], p: &[Var]| [x[0] * x[1] - p[0], x[0] - x[1]];
    let said = |error: ImplicitError| error.to_string();
    for (message, expected) in [
        (
            said(root(two, |_| vec![1.5, 1.5], &[2.0]).unwrap_err()),
            "the solution is too far from a root: residual 0 is 0.25, and a Newton step would still move unknown 0, \
             1.5, by 0.08333333333333333; let the solver go on until that is less than a millionth",
        ),
        (
            said(root(two, |_| vec![1.5; 3], &[2.0]).unwrap_err()),
            "the solver returned 3 unknowns, and the residual has 2 numbers: there must be as many equations as unknowns",
        ),
        (
            said(root(two, |_| vec![f64::NAN, 1.0], &[2.0]).unwrap_err()),
            "unknown 0 is NaN: it must be finite",
        ),
        (
            said(root(two, |_| vec![1.0, 1.0], &[f64::INFINITY]).unwrap_err()),
            "parameter 0 is inf: it must be finite",
        ),
        (
            said(
                root(|x: &[Var], p: &[Var]| [x[0] - p[0], x[0] + 1.0], |_| vec![1.0, 1.0], &[1.0])
                    .unwrap_err(),
            ),
            "no residual moves with unknown 1 at the solution: nothing determines it",
        ),
        (
            said(
                root(|x: &[Var], p: &[Var]| [x[0] - x[1], p[0]], |_| vec![1.0, 1.0], &[1.0])
                    .unwrap_err(),
            ),
            "residual 1 moves with no unknown at the solution: they cannot make it 0",
        ),
        (
            said(
                root(|x: &[Var], p: &[Var]| [x[0].ln() - p[0]], |_| vec![-1.0], &[1.0])
                    .unwrap_err(),
            ),
            "residual 0 is NaN: it must be finite",
        ),
        (
            said(
                root(
                    |x: &[Var], p: &[Var]| [x[0] + x[1] - p[0], (x[0] + x[1]) * 2.0 - p[0] * 2.0],
                    |_| vec![0.5, 0.5],
                    &[1.0],
                )
                .unwrap_err(),
            ),
            "the Jacobian of the residual with respect to the unknowns is singular to working precision: its reciprocal \
             condition number is 0, less than 2.220446049250313e-16; the solution is not unique, or a multiple root",
        ),
        (
            said(
                argmin(|x: &[Var], p: &[Var]| -(x[0] - p[0]).square(), |p| vec![p[0]], &[1.0])
                    .unwrap_err(),
            ),
            "the solution is no minimum: the Hessian is not positive definite, at unknown 0 -2 of its diagonal is left",
        ),
    ] {
        assert_eq!(message, expected);
    }
    // A saddle, and a valley without a bottom.
    let saddle = |x: &[Var], p: &[Var]| (x[0] - p[0]).square() - x[1].square() + x[1] * p[0];
    assert!(matches!(
        argmin(saddle, |p| vec![p[0], 0.5 * p[0]], &[1.0]),
        Err(ImplicitError::NotAMinimum { unknown: 1, .. })
    ));
    let valley = |x: &[Var], p: &[Var]| (x[0] + x[1] - p[0]).square();
    assert!(matches!(
        argmin(valley, |p| vec![p[0], 0.0], &[1.0]),
        Err(ImplicitError::Singular { .. })
    ));
    // An optimizer that stopped early.
    let bowl =
        |x: &[Var], p: &[Var]| (x[0] - p[0]).square() + (x[1] - p[0] * 2.0).powi(4) + x[1].square();
    assert!(matches!(
        argmin(bowl, |_| vec![1.0, 0.7], &[1.0]),
        Err(ImplicitError::NotConverged { .. })
    ));
}

#[test]
fn a_solver_that_changes_its_mind_is_refused_on_replay() {
    let solution = |p: &[f64]| if p[0] > 5.0 { vec![1.0, 2.0] } else { vec![p[0].sqrt()] };
    let residual = |x: &[Var], p: &[Var]| [x[0].square() - p[0]];
    let program = Program::record(|p| root(residual, solution, p).unwrap(), &[2.0]);
    let mut workspace = Workspace::new();
    assert_eq!(program.value(&[4.0], &mut workspace), Ok(2.0));
    assert!(program.value(&[9.0], &mut workspace).is_err());
}

/// Sixty digits by mpmath 1.3, rounded: value, gradient, second and third derivatives.
#[test]
fn derivatives_of_three_orders_have_the_digits_of_high_precision() {
    // Kepler's equation E - e sin E = M, at e = 0.8, M = 0.25.
    let anomaly = |p: &[Var]| {
        let residual = |x: &[Var], p: &[Var]| [x[0] - p[0] * x[0].sin() - p[1]];
        let solver = |p: &[f64]| {
            let mut e = p[1] + p[0] * p[1].sin();
            for _ in 0..20 {
                e -= (e - p[0] * e.sin() - p[1]) / (1.0 - p[0] * e.cos());
            }
            vec![e]
        };
        root(residual, solver, p).unwrap()[0]
    };
    let at = [0.8, 0.25];
    let tape = Tape::new();
    let value = anomaly(&tape.vars(&at)).value();
    close(&[value], &[0.852_167_124_287_211_3], 1e-15, "value");
    let slopes = [1.590_284_230_338_119_2, 2.112_747_994_630_956];
    close(&gradient(anomaly, &at), &slopes, 1e-14, "gradient");
    let second = [
        1.206_495_911_681_097_5,
        -1.335_823_272_997_935_8,
        -1.335_823_272_997_935_8,
        -5.678_846_577_073_327,
    ];
    close(hessian(anomaly, &at).as_slice(), &second, 1e-13, "Hessian");
    // Along (1, 2) and along (0, 1) twice.
    let third = |v: [f64; 2]| {
        let along = |x: &[Var]| dot(&gradient(anomaly, x), v);
        gradient(|x| dot(&gradient(along, x), v), &at)
    };
    let [eee, eem, emm, mmm] = [
        -18.829_280_959_599_92,
        -18.185_611_517_866_22,
        -4.225_803_132_072_572,
        35.298_472_193_979_8,
    ];
    let expected = |[a, b]: [f64; 2]| {
        [
            a * a * eee + 2.0 * a * b * eem + b * b * emm,
            a * a * eem + 2.0 * a * b * emm + b * b * mmm,
        ]
    };
    for v in [[1.0, 0.0], [0.0, 1.0], [1.0, 2.0]] {
        close(&third(v), &expected(v), 1e-13, "third derivatives");
    }
}

#[test]
fn a_coupled_system_has_the_digits_of_high_precision() {
    // x eʸ = p, y + sin x = q, at p = 1.5, q = 1.6.
    let unknowns = |p: &[Var]| {
        let residual = |x: &[Var], p: &[Var]| [x[0] * x[1].exp() - p[0], x[1] + x[0].sin() - p[1]];
        let solver = |p: &[f64]| {
            let (mut x, mut y) = (0.7_f64, 0.9_f64);
            for _ in 0..30 {
                let (f, g) = (x * y.exp() - p[0], y + x.sin() - p[1]);
                let (a, b, c) = (y.exp(), x * y.exp(), x.cos());
                let det = a - b * c;
                (x, y) = (x - (f - b * g) / det, y - (a * g - c * f) / det);
            }
            vec![x, y]
        };
        root(residual, solver, p).unwrap()
    };
    let at = [1.5, 1.6];
    let first = [
        0.559_092_889_183_134_7,
        -0.838_639_333_774_702,
        -0.495_649_994_769_420_7,
        1.743_474_992_154_131,
    ];
    close(jacobian(unknowns, &at).as_slice(), &first, 1e-14, "Jacobian");
    let second = [
        [0.638_966_672_574_444_3, -1.517_542_898_044_801_2, 2.276_314_347_067_202],
        [-0.421_833_329_133_944_8, 1.128_399_988_470_338, -1.692_599_982_705_506_8],
    ];
    for (k, [pp, pq, qq]) in second.into_iter().enumerate() {
        let found = hessian(|p| unknowns(p)[k], &at);
        close(found.as_slice(), &[pp, pq, pq, qq], 1e-13, "Hessian");
    }
}
