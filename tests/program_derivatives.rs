//! The gradient of a program is a program: the same numbers, the same guards, and its own gradient.

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
use common::numeric::same;
use common::programs::{self, record_plain};
use gradtape::nn::Dosage;
use gradtape::program::{Pass, Program, ReplayError, Workspace};
use gradtape::{CustomOp, Real, Var, custom, gradient, hessian, log_sum_exp, nth_derivative};
use property::config;
use proptest::prelude::*;

/// The gradient that the program computes, and that its gradient program computes.
fn both(program: &Program, x: &[f64]) -> [Result<Vec<f64>, ReplayError>; 2] {
    let mut workspace = Workspace::new();
    let (mut swept, mut replayed) = (vec![7.0; x.len()], vec![7.0; x.len()]);
    let gradient = program.gradient_program().unwrap();
    [
        program.value_and_gradient(x, &mut swept, &mut workspace).map(|_| swept),
        gradient.values(x, &mut replayed, &mut workspace).map(|()| replayed),
    ]
}

#[track_caller]
fn agree_at(program: &Program, points: &[&[f64]]) {
    for x in points {
        let [swept, replayed] = both(program, x);
        let (swept, replayed) = (swept.unwrap(), replayed.unwrap());
        let equal = swept.iter().zip(&replayed).all(|(&a, &b)| same(a, b));
        assert!(equal, "at {x:?}: swept {swept:?}, replayed {replayed:?}");
    }
}

#[test]
fn it_gives_the_numbers_of_the_sweep_at_other_points() {
    let dosage = Dosage::main_ideas();
    let program = Program::record(|p| dosage.ssr(p), &dosage.start);
    agree_at(&program, &[&dosage.start, &Dosage::PUBLISHED, &[0.5; 7], &[-2.0; 7]]);
    let f = |x: &[Var]| log_sum_exp(x).tanh() * x[1].sin() / x[0].atan2(x[2]);
    let program = Program::record(f, &[1.0, 2.0, 3.0]);
    agree_at(&program, &[&[1.0, 2.0, 3.0], &[-1.0, 0.5, 0.25], &[30.0, -4.0, -5.0]]);
}

#[test]
fn it_is_right_on_the_other_side_of_a_kink_without_a_guard() {
    // Every operation whose rule has two sides.
    let f = |x: &[Var]| {
        let (a, b) = (x[0], x[1]);
        let pieces = a.abs() * 2.0 + a.relu() * 3.0 + a.leaky_relu(0.1) + a.clamp(-0.5, 0.5);
        let pairs = a.max(b) * 5.0 + a.min(b) * 7.0 + Var::select(a, b * 11.0, a * 13.0);
        pieces + pairs + a.max(0.25) + a.min(0.25) + a.sigmoid() + a.hypot(b)
    };
    let program = Program::record(f, &[1.0, 2.0]);
    assert_eq!(program.gradient_program().unwrap().stats().guards, 0);
    let points: [&[f64]; 7] = [
        &[1.0, 2.0],
        &[-1.0, 2.0],
        &[3.0, 2.0],
        &[-3.0, -4.0],
        &[0.0, 1.0],
        &[0.25, 0.25],
        &[0.5, -1.0],
    ];
    agree_at(&program, &points);
    for x in points {
        let [_, replayed] = both(&program, x);
        assert_eq!(replayed.unwrap(), gradient(f, x), "at {x:?}");
    }
}

#[test]
fn it_refuses_the_inputs_that_the_program_refuses_with_the_same_message() {
    let f = |x: &[Var]| {
        let (a, b) = (x[0].label("a"), x[1].label("b"));
        let product = (a * b).label("product");
        Var::scope("outer", || {
            let first = if product < 10.0 { product } else { a };
            Var::scope("inner", || if b > a { first.sin() } else { first.cos() })
        })
    };
    let program = Program::record(f, &[1.0, 2.0]);
    let mut refusals = 0;
    for x in [[1.0, 2.0], [2.0, 1.0], [4.0, 5.0], [6.0, 4.0], [-1.0, 0.0], [f64::NAN, 1.0]] {
        let [swept, replayed] = both(&program, &x);
        match (&swept, &replayed) {
            (Err(a), Err(b)) => {
                refusals += 1;
                assert_eq!(a.to_string(), b.to_string());
                // NaN in an error is not equal to itself.
                assert!(a == b || x[0].is_nan(), "{a:?} is not {b:?}");
            }
            _ => assert_eq!(swept, replayed),
        }
    }
    assert_eq!(refusals, 4);
    let [_, replayed] = both(&program, &[2.0, 1.0]);
    let message = replayed.unwrap_err().to_string();
    let expected = "`b` > `a` is false, and was true when recorded in scope outer / inner \
                    (`b` = 1, was 2; `a` = 2, was 1)";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_guard_between_inputs_and_one_on_nan_are_kept() {
    let f = |x: &[Var]| {
        let ordering = x[0].partial_cmp(&x[1]);
        if ordering.is_none() { x[0] * x[1] } else { x[0].square() }
    };
    let program = Program::record(f, &[f64::NAN, 1.0]);
    let gradient = program.gradient_program().unwrap();
    let mut dx = [0.0; 2];
    let mut workspace = Workspace::new();
    gradient.values(&[2.0, f64::NAN], &mut dx, &mut workspace).unwrap();
    assert!(dx[0].is_nan() && dx[1] == 2.0);
    assert!(gradient.values(&[2.0, 1.0], &mut dx, &mut workspace).is_err());
}

#[test]
fn the_jacobian_of_the_gradient_program_is_the_hessian() {
    let f = |x: &[Var]| (x[0] * x[1]).sin() + x[2].powi(3) * x[0] + x[1].exp() / x[2];
    let gradient = Program::record(f, &[1.0; 3]).gradient_program().unwrap();
    for x in [[0.5, 1.5, 2.0], [-1.0, 0.3, -0.7]] {
        let found = programs::jacobian(&gradient, &x);
        let expected = hessian(f, &x);
        for (a, b) in found.iter().zip(expected.as_slice()) {
            assert!((a - b).abs() <= 1e-14 * b.abs().max(1.0), "{found:?}\nis not\n{expected}");
        }
    }
}

#[test]
fn gradient_programs_nest_to_any_order() {
    let functions: [fn(Var) -> Var; 4] = [
        |x| x.sin(),
        |x| (x * 0.5).exp() / (x.square() + 1.0),
        |x| x.softplus() * x.tanh(),
        |x| x.powi(5),
    ];
    let mut workspace = Workspace::new();
    for f in functions {
        let mut program = Program::record(|x| f(x[0]), &[1.0]);
        for order in 1..=4 {
            program = program.gradient_program().unwrap();
            for x in [0.3, -1.25, 2.0] {
                let found = program.value(&[x], &mut workspace).unwrap();
                let expected = nth_derivative(f, x, order);
                let error = (found - expected).abs();
                // Up to 81 terms a derivative, of size up to 1e3.
                assert!(error <= 1e-12 * expected.abs().max(1.0), "{order}: {found}, {expected}");
            }
        }
    }
}

#[test]
fn a_recorded_gradient_freezes_like_any_other_code() {
    // ∇f · (1, 1) of f = x³y²: its Hessian holds third derivatives of f.
    let slope = Program::record(
        |x| gradient(|x| x[0].powi(3) * x[1].square(), x).iter().sum::<Var>(),
        &[1.0, 1.0],
    );
    let found = programs::hessian(&slope, &[2.0, 3.0]);
    // ∂²/∂x² = 6y² + 12xy, ∂²/∂x∂y = 12xy + 6x², ∂²/∂y² = 6x²
    assert_eq!(found, [126.0, 96.0, 96.0, 24.0]);
}

#[test]
fn value_and_gradient_can_be_one_program() {
    let f = |x: &[Var]| x[0].exp() * x[1].square();
    let program = Program::record(f, &[1.0, 1.0]).value_and_gradient_program().unwrap();
    let mut y = [0.0; 3];
    program.values(&[0.5, 3.0], &mut y, &mut Workspace::new()).unwrap();
    let e = 0.5_f64.exp();
    assert_eq!(y, [e * 9.0, e * 9.0, e * 6.0]);
    // The exponential is computed once.
    assert_eq!(program.to_string().matches("exp(").count(), 1, "{program}");
}

#[test]
fn labels_are_kept() {
    let dosage = Dosage::main_ideas();
    let program = Program::record(|p| dosage.ssr_labelled(p), &dosage.start);
    let text = program.gradient_program().unwrap().to_string();
    for label in ["; w1\n", "; b3\n", "; residual 0.5\n"] {
        assert!(text.contains(label), "{label} is not in\n{text}");
    }
}

#[test]
fn an_input_that_no_output_depends_on_has_slope_zero() {
    let program = Program::record(|x| x[1] * 2.0, &[1.0, 1.0, 1.0]);
    agree_at(&program, &[&[4.0, 5.0, 6.0]]);
    let constant = Program::record(|_| Var::from(3.0), &[1.0]);
    agree_at(&constant, &[&[4.0]]);
    let same = Program::record(|x| x[0], &[1.0]);
    agree_at(&same, &[&[4.0]]);
}

/// `xⁿ` for the input `x`.
struct Power {
    n: i32,
    twice: bool,
}

impl CustomOp for Power {
    fn name(&self) -> &str {
        "power"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0].powi(self.n);
    }
    fn vjp(&self, x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] * (f64::from(self.n) * x[0].powi(self.n - 1));
    }
    fn vjp_recorded(&self, x: &[Var], _y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let inner = Power { n: self.n - 1, twice: true };
        self.twice.then(|| vec![w[0] * (custom(inner, x)[0] * f64::from(self.n))])
    }
}

#[test]
fn a_custom_operation_is_differentiated_by_its_recorded_vjp() {
    let f = |x: &[Var]| custom(Power { n: 4, twice: true }, &[x[0].square()])[0] * x[1];
    let program = Program::record(f, &[1.0, 1.0]);
    agree_at(&program, &[&[2.0, 3.0], &[-0.5, 0.25]]);
    let gradient = program.gradient_program().unwrap();
    let found = programs::jacobian(&gradient, &[2.0, 3.0]);
    // x⁸y: 56x⁶y, 8x⁷, 8x⁷, 0.
    assert_eq!(found, [10752.0, 1024.0, 1024.0, 0.0]);
}

#[test]
fn without_a_recorded_vjp_there_is_no_gradient_program() {
    let program = Program::record(|x| custom(Power { n: 4, twice: false }, x)[0], &[1.0]);
    let error = program.gradient_program().unwrap_err();
    assert!(matches!(error, ReplayError::NotTwiceDifferentiable(_)), "{error:?}");
    assert!(error.to_string().contains("`power`"), "{error}");
}

#[test]
fn a_gradient_belongs_to_one_output() {
    let program = Program::record(|x| [x[0], x[0]], &[1.0]);
    let error = program.gradient_program().unwrap_err();
    assert_eq!(error, ReplayError::OutputCount { outputs: 2 });
    assert_eq!(program.value_and_gradient_program().unwrap_err(), error);
}

#[test]
fn a_recording_under_way_is_not_disturbed() {
    // The inner gradient is taken at a constant: it records on the tape in use.
    let slope = gradient(
        |x| {
            let program = Program::record(|y| y[0].square(), &[1.0]);
            let _ = program.gradient_program().unwrap();
            x[0] * gradient(|y| x[0] * y[0].square(), &[Var::from(3.0)])[0]
        },
        &[2.0],
    );
    assert_eq!(slope, [24.0]);
}

#[test]
fn it_is_optimized_already() {
    let program = record_plain(|x| (x[0] * x[1]).exp() * (x[0] * x[1]), &[1.0, 2.0]);
    let gradient = program.gradient_program().unwrap();
    assert_eq!(gradient.stats().removed.len(), Pass::ALL.len());
    assert!(gradient.stats().recorded > gradient.len());
    assert_eq!(gradient.clone().optimized(&Pass::ALL).to_string(), gradient.to_string());
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn random_gradient_programs_give_the_numbers_of_the_sweep(
        expression in expressions(),
        scale in 0.5..1.5,
    ) {
        for program in [
            Program::record(|x| expression.run(x), &expression.point),
            record_plain(|x| expression.run(x), &expression.point),
        ] {
            let moved: Vec<f64> = expression.point.iter().map(|x| x * scale).collect();
            for x in [&expression.point, &moved] {
                let [swept, replayed] = both(&program, x);
                let (swept, replayed) = (swept.unwrap(), replayed.unwrap());
                for (&a, &b) in swept.iter().zip(&replayed) {
                    // Away from the point of the recording an expression may leave its domain, where
                    // an adjoint of 0 meets an infinite partial.
                    prop_assert!(same(a, b) || b.is_nan() && x == &moved, "{} is not {}", b, a);
                }
            }
        }
    }
}
