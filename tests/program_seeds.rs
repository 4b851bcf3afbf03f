//! Several seeds in one sweep give what each would give alone.

#[path = "common/property.rs"]
mod property;

mod common {
    pub mod apply;
    pub mod expression;
    pub mod formula;
    pub mod naive;
    pub mod numeric;
    pub mod programs;
}

use common::expression::expressions;
use common::numeric::same_bits;
use common::programs::{hessian, jacobian, record_plain};
use gradtape::program::{Program, ReplayError, Workspace};
use gradtape::{CustomOp, Real, Var, custom, dot, log_sum_exp, sum};
use property::config;
use proptest::prelude::*;

/// Four inputs, three outputs, and no elementary function: lanes then make the same roundings.
fn arithmetic<S: Real>(x: &[S]) -> [S; 3] {
    let a = x[0] * x[1] - x[2] / x[3];
    let b = dot(x, [a, x[1], x[1], a]) + sum(x) * 0.5;
    let c = S::select(a, b.sqrt(), x[3].abs()).max(x[2]);
    [a * b, b / c - a.square(), c.mul_add(a, -b)]
}

const AT: [f64; 4] = [1.5, -0.5, 2.25, 3.0];

/// Numbers of both signs, zeros of both among them.
fn numbers(count: usize) -> Vec<f64> {
    (0..count).map(|i| [0.0, 1.5, -2.0, -0.0, 0.25][i % 5] * (1 + i % 7) as f64).collect()
}

fn at_arithmetic() -> Program {
    Program::record(arithmetic, &[1.0; 4])
}

#[test]
fn every_number_of_seeds_gives_the_rows_of_single_seeds_to_the_bit() {
    let (program, mut workspace) = (at_arithmetic(), Workspace::new());
    for seeds in 0..=25 {
        let (weights, directions) = (numbers(3 * seeds), numbers(4 * seeds));
        let (mut dx, mut dy) = (vec![7.0; 4 * seeds], vec![7.0; 3 * seeds]);
        program.vjp(&AT, &weights, &mut dx, &mut workspace).unwrap();
        program.jvp(&AT, &directions, &mut dy, &mut workspace).unwrap();
        for seed in 0..seeds {
            let (mut one_dx, mut one_dy) = ([0.0; 4], [0.0; 3]);
            let (w, v) = (&weights[3 * seed..][..3], &directions[4 * seed..][..4]);
            program.vjp(&AT, w, &mut one_dx, &mut workspace).unwrap();
            program.jvp(&AT, v, &mut one_dy, &mut workspace).unwrap();
            let row = |all: &[f64], one: &[f64]| {
                all[one.len() * seed..].iter().zip(one).all(|(&a, &b)| same_bits(a, b))
            };
            assert!(row(&dx, &one_dx), "vjp {seed} of {seeds}: {dx:?}, alone {one_dx:?}");
            assert!(row(&dy, &one_dy), "jvp {seed} of {seeds}: {dy:?}, alone {one_dy:?}");
        }
    }
}

#[test]
fn the_jacobian_equals_that_of_the_tape_backwards_and_forwards() {
    // The passes would add up adjoints in another order.
    let wide = jacobian(&record_plain(arithmetic, &[1.0; 4]), &AT);
    assert_eq!(wide, gradtape::jacobian(arithmetic, &AT).as_slice());
    // Twelve outputs: forwards.
    let tall = |x: &[Var]| (0..4).flat_map(|i| arithmetic(&[x[i], x[1], x[2], x[3]])).collect();
    let program = record_plain(|x| -> Vec<Var> { tall(x) }, &[1.0; 4]);
    assert_eq!((program.outputs(), program.inputs()), (12, 4));
    assert_eq!(jacobian(&program, &AT), gradtape::jacobian(tall, &AT).as_slice());
}

#[test]
fn one_output_or_one_input_gives_the_bits_of_the_tape() {
    let mut workspace = Workspace::new();
    let one = |x: &[Var]| log_sum_exp(x).tanh() * x[1].sin();
    let mut row = [0.0; 3];
    let x = [0.3, -1.0, 0.7];
    record_plain(one, &x).jacobian(&x, &mut row, &mut workspace).unwrap();
    assert_eq!(row.to_vec(), gradtape::gradient(one, &x));

    let curve = |t: &[Var]| [t[0].sin(), t[0].cosh(), t[0].erf()];
    let mut column = [0.0; 3];
    record_plain(curve, &[0.2]).jacobian(&[0.2], &mut column, &mut workspace).unwrap();
    assert_eq!(column.to_vec(), gradtape::jvp(curve, &[0.2], &[1.0]).1);

    let mut second = [0.0];
    let bump = |x: &[Var]| (-x[0].square()).exp();
    record_plain(bump, &[0.2]).hessian(&[0.2], &mut second, &mut workspace).unwrap();
    assert_eq!(second[0], gradtape::hessian(bump, &[0.2])[(0, 0)]);
}

#[test]
fn a_hessian_equals_that_of_the_tape() {
    // Eleven inputs, each entry of the Hessian different.
    let f = |x: &[Var]| {
        let pairs = x.windows(2).map(|p| p[0] * p[1] * p[1]);
        sum(pairs) * (x[0] - x[10]) + x[5] / x[6]
    };
    let x: Vec<f64> = (0..11).map(|i| 0.5 + 0.25 * f64::from(i)).collect();
    let program = record_plain(f, &x);
    assert_eq!(hessian(&program, &x), gradtape::hessian(f, &x).as_slice());
}

#[test]
fn a_zero_adjoint_is_not_propagated_in_its_lane() {
    let mut workspace = Workspace::new();
    // The slope of the root at 0 is infinite, and its weight in the first seed is 0.
    let program = Program::record(|x| [x[1], x[0].sqrt(), x[0].ln()], &[1.0, 1.0]);
    let mut dx = [7.0; 6];
    let weights = [1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 1.0, 0.0, -1.0];
    program.vjp(&[0.0, 1.0], &weights, &mut dx, &mut workspace).unwrap();
    assert_eq!(dx, [0.0, 1.0, f64::INFINITY, 0.0, f64::NEG_INFINITY, 1.0]);
    let mut dy = [7.0; 6];
    program.jvp(&[0.0, 1.0], &[0.0, 3.0, 1.0, 0.0], &mut dy, &mut workspace).unwrap();
    assert_eq!(dy, [3.0, 0.0, 0.0, 0.0, f64::INFINITY, f64::INFINITY]);
}

#[test]
fn a_hessian_has_the_rows_of_hessian_vector_to_the_bit() {
    let functions: [fn(&[Var]) -> Var; 4] = [
        |x| x[0] * x[1].sqrt(),
        |x| x[0].square() + x[1].cbrt() * x[2],
        |x| x[0] * x[2] + x[1].hypot(x[2]).sqrt(),
        |x| log_sum_exp([x[0] * x[2], x[1].sqrt()]),
    ];
    let mut workspace = Workspace::new();
    for (which, f) in functions.into_iter().enumerate() {
        let program = Program::record(f, &[1.0; 3]);
        for x in [[0.0, 0.0, 0.0], [1.0, 0.0, 2.0], [-1.0, 0.0, 0.0]] {
            let mut all = [7.0; 9];
            program.hessian(&x, &mut all, &mut workspace).unwrap();
            for i in 0..3 {
                let mut v = [0.0; 3];
                v[i] = 1.0;
                let mut row = [7.0; 3];
                program.hessian_vector(&x, &v, &mut row, &mut workspace).unwrap();
                let equal = row.iter().zip(&all[3 * i..]).all(|(&a, &b)| same_bits(a, b));
                assert!(equal, "function {which} at {x:?}: {all:?}, row {i} alone {row:?}");
            }
        }
    }
}

/// The polar coordinates `r`, `φ` of a point.
struct Polar {
    twice: bool,
}

impl CustomOp for Polar {
    fn name(&self) -> &str {
        "polar"
    }
    fn outputs(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y.copy_from_slice(&[x[0].hypot(x[1]), x[1].atan2(x[0])]);
    }
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        let r = y[0];
        dx[0] = w[0] * x[0] / r - w[1] * x[1] / (r * r);
        dx[1] = w[0] * x[1] / r + w[1] * x[0] / (r * r);
    }
    fn vjp_recorded(&self, x: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let r = y[0];
        self.twice.then(|| {
            vec![w[0] * x[0] / r - w[1] * x[1] / (r * r), w[0] * x[1] / r + w[1] * x[0] / (r * r)]
        })
    }
}

#[test]
fn custom_operations_run_lane_by_lane() {
    let f = |x: &[Var]| {
        let polar = custom(Polar { twice: true }, &x[..2]);
        [polar[0] * x[2], polar[1] + x[2].square(), polar[0] - polar[1]]
    };
    let x = [3.0, 4.0, 0.5];
    let found = jacobian(&Program::record(f, &[1.0; 3]), &x);
    assert_eq!(found, gradtape::jacobian(f, &x).as_slice());
    let product = |x: &[Var]| f(x)[0] * f(x)[1];
    let program = Program::record(product, &[1.0; 3]);
    let found = hessian(&program, &x);
    let expected = gradtape::hessian(product, &x);
    for (a, b) in found.iter().zip(expected.as_slice()) {
        assert!((a - b).abs() <= 1e-14, "{found:?} is not {expected}");
    }
}

#[test]
fn a_hessian_through_what_has_no_second_derivative_is_an_error() {
    let program = Program::record(|x| custom(Polar { twice: false }, x)[0], &[1.0, 1.0]);
    let error = program.hessian(&[3.0, 4.0], &mut [0.0; 4], &mut Workspace::new()).unwrap_err();
    assert!(matches!(error, ReplayError::NotTwiceDifferentiable(_)), "{error:?}");
    assert!(error.to_string().contains("`polar`"), "{error}");
}

#[test]
fn a_length_that_is_wrong_is_an_error() {
    let (program, w) = (at_arithmetic(), &mut Workspace::new());
    let says = |result: Result<(), ReplayError>, expected: &str| {
        assert_eq!(result.unwrap_err().to_string(), expected);
    };
    says(
        program.vjp(&AT, &[0.0; 7], &mut [0.0; 8], w),
        "the weights `w`: rows of 3 numbers do not add up to 7",
    );
    says(
        program.vjp(&AT, &[0.0; 6], &mut [0.0; 9], w),
        "the result `dx`: the program takes 8 numbers, not 9",
    );
    says(
        program.jvp(&AT, &[0.0; 9], &mut [0.0; 6], w),
        "the directions `v`: rows of 4 numbers do not add up to 9",
    );
    says(
        program.jvp(&AT, &[0.0; 8], &mut [0.0; 5], w),
        "the result `dy`: the program takes 6 numbers, not 5",
    );
    says(
        program.jacobian(&AT, &mut [0.0; 11], w),
        "the Jacobian `out`: the program takes 12 numbers, not 11",
    );
    says(
        program.jacobian(&AT[..3], &mut [0.0; 12], w),
        "the inputs `x`: the program takes 4 numbers, not 3",
    );
    assert!(matches!(
        program.hessian(&AT, &mut [0.0; 16], w),
        Err(ReplayError::OutputCount { outputs: 3 })
    ));
    let single = Program::record(|x| arithmetic(x)[0], &AT);
    says(
        single.hessian(&AT, &mut [0.0; 15], w),
        "the Hessian `out`: the program takes 16 numbers, not 15",
    );
}

#[test]
fn another_branch_is_refused_before_anything_is_written() {
    let program =
        Program::record(|x| if x[0] < x[1] { x[0] * x[1] } else { x[0] - x[1] }, &[1.0, 2.0]);
    let (x, mut out, w) = ([3.0, 2.0], [7.0; 4], &mut Workspace::new());
    let refused =
        |result: Result<(), ReplayError>| matches!(result, Err(ReplayError::BranchChanged(_)));
    assert!(refused(program.vjp(&x, &[1.0, 2.0], &mut out, w)));
    assert!(refused(program.jvp(&x, &[1.0; 4], &mut out[..2], w)));
    assert!(refused(program.jacobian(&x, &mut out[..2], w)));
    assert!(refused(program.hessian(&x, &mut out, w)));
    assert_eq!(out, [7.0; 4]);
}

#[test]
fn programs_without_inputs_or_outputs_have_empty_derivatives() {
    let w = &mut Workspace::new();
    let nothing = Program::record(|_| [Var::from(1.0), Var::from(2.0)], &[]);
    assert_eq!(nothing.jacobian(&[], &mut [], w), Ok(()));
    assert_eq!(nothing.vjp(&[], &[1.0; 6], &mut [], w), Ok(()));
    let silent = Program::record(|_| [] as [Var; 0], &[1.0, 2.0]);
    assert_eq!(silent.jacobian(&[1.0, 2.0], &mut [], w), Ok(()));
    assert_eq!(silent.jvp(&[1.0, 2.0], &[1.0; 6], &mut [], w), Ok(()));
    let constant = Program::record(|_| Var::from(1.0), &[]);
    assert_eq!(constant.hessian(&[], &mut [], w), Ok(()));
}

#[test]
fn one_workspace_serves_programs_of_any_size() {
    let w = &mut Workspace::new();
    let large = Program::record(|x| sum(x.iter().map(|x| x.sin())).square(), &[1.0; 20]);
    let small = Program::record(|x| x[0] * x[1], &[1.0, 1.0]);
    let mut out = [0.0; 400];
    for _ in 0..2 {
        large.hessian(&[0.0; 20], &mut out, w).unwrap();
        // (Σ sin xᵢ)² has the second derivatives 2 at 0.
        assert!(out.iter().all(|&entry| entry == 2.0), "{out:?}");
        small.hessian(&[3.0, 4.0], &mut out[..4], w).unwrap();
        assert_eq!(out[..4], [0.0, 1.0, 1.0, 0.0]);
        small.jacobian(&[3.0, 4.0], &mut out[..2], w).unwrap();
        assert_eq!(out[..2], [4.0, 3.0]);
    }
}

/// As in `random_expressions`: a few hundred roundings, times the largest path sum of an expression.
const FIRST: f64 = 1e-14 * 1e4;

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn jacobians_of_random_programs_agree_with_the_tape(expression in expressions()) {
        let x = &expression.point;
        let values = expression.values(x).len();
        // As many outputs as there are values, and one fewer than inputs: forwards and backwards.
        for count in [values, x.len().max(2) - 1] {
            let f = |x: &[Var]| expression.values(x).split_off(values - count);
            let found = jacobian(&Program::record(f, x), x);
            let expected = gradtape::jacobian(f, x);
            for (a, b) in found.iter().zip(expected.as_slice()) {
                prop_assert!((a - b).abs() <= FIRST, "{:?}\nis not\n{}", found, expected);
            }
        }
    }

    #[test]
    fn hessians_of_random_programs_agree_with_the_tape(expression in expressions()) {
        let x = &expression.point;
        let program = Program::record(|x| expression.run(x), x);
        let found = hessian(&program, x);
        let expected = gradtape::hessian(|x| expression.run(x), x);
        // As in `random_expressions`.
        let tolerance = 1e-13 * expression.size * expression.size;
        for (a, b) in found.iter().zip(expected.as_slice()) {
            prop_assert!((a - b).abs() <= tolerance, "{:?}\nis not\n{}", found, expected);
        }
    }
}
