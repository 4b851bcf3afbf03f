//! Hessians by plan, against dense ones.

use super::common::expression::expressions;
use super::common::numeric::close;
use super::generators::{Kind, dense, objective, point};
use super::property::config;
use super::property::seed::{random, seeds};
use gradtape::program::{HessianPlan, Program, Workspace};
use gradtape::sparse::ColouringKind;
use gradtape::{CustomOp, Var, custom, dot, log_sum_exp, sum, sum_squares};
use proptest::prelude::*;

fn plan(f: impl FnOnce(&[Var]) -> Var, at: &[f64]) -> HessianPlan {
    Program::record(f, at).hessian_plan().unwrap()
}

fn values(plan: &HessianPlan, x: &[f64]) -> Vec<f64> {
    let mut values = vec![f64::NAN; plan.pattern().nonzeros()];
    plan.evaluate(x, &mut values, &mut Workspace::new()).unwrap();
    values
}

fn hessian(program: &Program, x: &[f64]) -> Vec<f64> {
    let mut matrix = vec![f64::NAN; x.len() * x.len()];
    program.hessian(x, &mut matrix, &mut Workspace::new()).unwrap();
    matrix
}

#[track_caller]
fn is_symmetric(matrix: &[f64], n: usize) {
    for i in 0..n {
        for j in 0..i {
            let (a, b) = (matrix[i * n + j], matrix[j * n + i]);
            assert_eq!(a.to_bits(), b.to_bits(), "({i}, {j}): {a} and {b}");
        }
    }
}

#[test]
fn values_are_those_of_the_dense_hessian_and_the_pattern_is_not_larger() {
    let mut kinds = Vec::new();
    for seed in seeds(80) {
        let kind = Kind { reach: 3, smooth: seed % 2 == 0 };
        let mut rng = random(seed);
        let n = rng.usize(4..50);
        let (at, same, pieces) = (point(&mut rng, n), rng.fork(), rng.usize(1..2 * n + 2));
        let program = Program::record(|x| objective(same, x, pieces, kind), &at);
        let plan = program.hessian_plan().unwrap();
        kinds.push(plan.colouring().kind());
        let mut seen = vec![false; n * n];
        for _ in 0..8 {
            let x = point(&mut rng, n);
            let found = dense(plan.pattern(), &values(&plan, &x));
            is_symmetric(&found, n);
            let expected = hessian(&program, &x);
            close(&found, &expected, 1e-13, &format!("seed {seed}\n{plan}"));
            expected.iter().zip(&mut seen).for_each(|(h, seen)| *seen |= *h != 0.0);
        }
        for (k, seen) in seen.into_iter().enumerate() {
            let is_in = plan.pattern().find(k / n, k % n).is_some();
            // A choice may shut out a pair that its instructions join.
            let is_right = if kind.smooth { is_in == seen } else { is_in || !seen };
            assert!(is_right, "({}, {}) of seed {seed}: {is_in}\n{program}", k / n, k % n);
        }
    }
    assert!(kinds.contains(&ColouringKind::Star) && kinds.contains(&ColouringKind::Dense));
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn every_operation_has_the_entries_of_the_dense_hessian(expression in expressions()) {
        // The same on five copies of the inputs, so that colours pay.
        let n = expression.point.len();
        let point = expression.point.repeat(5);
        let f = |x: &[Var]| sum(x.chunks(n).map(|x| expression.run(x)));
        let program = Program::record(f, &point);
        let plan = program.hessian_plan().unwrap();
        let found = dense(plan.pattern(), &values(&plan, &point));
        is_symmetric(&found, point.len());
        let expected = hessian(&program, &point);
        // Products along pairs of paths: see `random_expressions`.
        let bound = 1e-13 * (expression.size * expression.size).max(1.0);
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert!((found - expected).abs() <= bound, "{found} {expected} {bound:e}\n{plan}");
        }
    }
}

#[test]
fn separable_banded_arrow_and_dense_functions_have_such_hessians() {
    let n = 1_000;
    let x: Vec<f64> = (0..n).map(|i| 0.5 + (i % 13) as f64 / 8.0).collect();

    let separable = plan(|x| sum(x.iter().map(|x| x.exp())), &x);
    assert_eq!(
        separable.to_string(),
        "Hessian: 1000 of 1000000 entries, 1 colour of a star colouring, 1 sweep of up to 8 seeds"
    );
    let exact: Vec<f64> = x.iter().map(|x| x.exp()).collect();
    close(&values(&separable, &x), &exact, 1e-15, "separable");

    let linear = plan(|x| sum(x) + dot(x, vec![0.5; n]), &x);
    assert_eq!((linear.pattern().nonzeros(), linear.sweeps()), (0, 0));

    let banded = plan(|x| sum(x.windows(2).map(|p| p[0] * p[1])), &x);
    assert!(values(&banded, &x).iter().all(|&h| h == 1.0));
    // No diagonal: a path of zeros and ones.
    assert_eq!(banded.pattern().nonzeros(), 2 * (n - 1));
    assert!(banded.colouring().count() <= 3);

    let arrow = plan(|x| sum_squares(x) * 0.5 + dot(&x[1..], vec![x[0]; n - 1]), &x);
    assert_eq!(arrow.colouring().count(), 2);
    assert_eq!(arrow.pattern().nonzeros(), 3 * n - 2);
    assert!(values(&arrow, &x).iter().all(|&h| h == 1.0));

    let full = plan(|x| log_sum_exp(&x[..20]), &x[..20]);
    assert_eq!(
        full.to_string(),
        "Hessian: 400 of 400 entries, dense, for colours would save no sweep: each of 20 rows by itself, 3 sweeps of up to 8 seeds"
    );
    let found = values(&full, &x[..20]);
    is_symmetric(&found, 20);
    let program = Program::record(|x| log_sum_exp(x), &x[..20]);
    close(&found, &hessian(&program, &x[..20]), 1e-13, "dense");
}

#[test]
fn a_hessian_of_a_hundred_thousand_unknowns_takes_one_sweep() {
    let n = 100_000;
    let x: Vec<f64> = (0..n).map(|i| (i % 7) as f64).collect();
    let hub = plan(|x| sum(x.windows(2).map(|p| (p[0] - p[1]).square() * x[n / 2])), &x);
    assert!(hub.colouring().count() <= 5 && hub.sweeps() == 1, "{hub}");
    let found = values(&hub, &x);
    let at = hub.pattern().find(5, n / 2).unwrap();
    let mirror = hub.pattern().find(n / 2, 5).unwrap();
    // ∂/∂x₅ ∂/∂h of h ((x₄ - x₅)² + (x₅ - x₆)²)
    let expected = 2.0 * (x[5] - x[4]) + 2.0 * (x[5] - x[6]);
    assert_eq!([found[at], found[mirror]], [expected; 2]);
}

#[test]
fn a_wide_band_of_a_hundred_thousand_is_planned_though_many_read_each_input() {
    // Each input is the newest operand of a dozen instructions: freezing finds equal ones without long searches.
    let n = 100_000;
    let x: Vec<f64> = (0..n).map(|i| (i % 7) as f64).collect();
    let f = |x: &[Var]| {
        let row = |p: &[Var]| p[1] * p[0] + p[2] * p[1] + p[3] * p[0] + p[4] * p[2] - p[4] * 2.0;
        sum(x.windows(5).map(|p| row(p) * row(p)))
    };
    let wide = plan(f, &x);
    assert!(wide.pattern().nonzeros() > 8 * n && wide.sweeps() <= 2, "{wide}");
}

/// Points of a grid, each joined with all around it.
fn grid(x: &[Var], side: usize) -> Var {
    let at = |i: usize, j: usize| x[i * side + j];
    let joined = |i: usize, j: usize| {
        let around = [(0, 1), (1, 0), (1, 1)].map(|(a, b)| (i + a, j + b));
        let around = around.into_iter().filter(|&(a, b)| a < side && b < side);
        let other = (j > 0 && i + 1 < side).then(|| (i + 1, j.wrapping_sub(1)));
        around.chain(other).map(move |(a, b)| (at(i, j) * at(a, b)).sin()).collect::<Vec<_>>()
    };
    let places = (0..side).flat_map(|i| (0..side).map(move |j| (i, j)));
    sum(places.flat_map(|(i, j)| joined(i, j)))
}

#[test]
fn substitution_saves_a_sweep_of_a_grid_and_gives_nearly_the_same_numbers() {
    let side = 20;
    let x: Vec<f64> = (0..side * side).map(|i| 0.5 + (i % 11) as f64 / 8.0).collect();
    let program = Program::record(|x| grid(x, side), &x);
    let plan = program.hessian_plan().unwrap();
    let fewer = plan.clone().by_substitution();
    assert_eq!((plan.sweeps(), fewer.sweeps()), (2, 1), "{plan}\n{fewer}");
    assert_eq!(fewer.colouring().kind(), ColouringKind::Acyclic);
    assert!(fewer.to_string().contains("found by subtraction"), "{fewer}");
    let expected = hessian(&program, &x);
    close(&dense(plan.pattern(), &values(&plan, &x)), &expected, 1e-13, "by stars");
    let found = dense(fewer.pattern(), &values(&fewer, &x));
    is_symmetric(&found, x.len());
    close(&found, &expected, 1e-12, "by substitution");
}

#[test]
fn substitution_finds_every_entry_of_random_functions() {
    let mut saved = 0;
    for seed in seeds(20) {
        let mut rng = random(seed);
        let n = rng.usize(60..80);
        let (at, same) = (point(&mut rng, n), rng.fork());
        let kind = Kind { reach: 20, smooth: false };
        let program = Program::record(|x| objective(same, x, 2 * n, kind), &at);
        let plan = program.hessian_plan().unwrap();
        let fewer = plan.clone().by_substitution();
        saved += plan.sweeps() - fewer.sweeps();
        let expected = hessian(&program, &at);
        close(&dense(fewer.pattern(), &values(&fewer, &at)), &expected, 1e-11, "substitution");
    }
    assert!(saved > 0, "it never saved a sweep");
}

#[test]
fn what_is_blocked_or_infinite_is_as_in_the_dense_hessian() {
    let f =
        |x: &[Var]| sum(x.windows(2).map(|p| Var::select(p[0], p[0].sqrt() * p[1], p[1].square())));
    let x: Vec<f64> = (0..30).map(|i| [1.0, 0.0, -1.0, 2.0, f64::INFINITY][i % 5]).collect();
    let program = Program::record(f, &vec![1.0; 30]);
    let plan = program.hessian_plan().unwrap();
    assert_eq!(plan.colouring().kind(), ColouringKind::Star);
    let found = dense(plan.pattern(), &values(&plan, &x));
    for (found, expected) in found.iter().zip(hessian(&program, &x)) {
        assert!(super::common::numeric::same(*found, expected), "{found}, dense {expected}");
    }
}

/// `a b` and `b`, of which it records how it is differentiated.
struct Product;

impl CustomOp for Product {
    fn name(&self) -> &str {
        "product"
    }
    fn outputs(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y.copy_from_slice(&[x[0] * x[1], x[1]]);
    }
    fn vjp(&self, x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        dx.copy_from_slice(&[w[0] * x[1], w[0] * x[0] + w[1]]);
    }
    fn vjp_recorded(&self, x: &[Var], _: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        Some(vec![w[0] * x[1], w[0] * x[0] + w[1]])
    }
}

#[test]
fn a_custom_operation_joins_what_its_recorded_vjp_joins() {
    let f = |x: &[Var]| sum(x.windows(2).flat_map(|pair| custom(Product, pair)));
    let plan = plan(f, &[1.0; 30]);
    assert_eq!(plan.pattern().nonzeros(), 2 * 29);
    assert_eq!(
        (plan.colouring().kind(), plan.pattern().row(7)),
        (ColouringKind::Star, &[6, 8][..])
    );
    assert_eq!(values(&plan, &[3.0; 30]), [1.0; 58]);
}

#[test]
fn a_full_hessian_is_known_to_be_dense_without_colouring_it() {
    // Colouring takes cubic time here: 10¹¹ steps.
    let n = 3_000;
    let plan = plan(|x| log_sum_exp(x.iter().copied()), &vec![0.5; n]);
    assert_eq!((plan.colouring().kind(), plan.colouring().count()), (ColouringKind::Dense, n));
    assert_eq!(plan.by_substitution().colouring().kind(), ColouringKind::Dense);
}
