//! Jacobians by plan, against dense ones.

use super::common::expression::expressions;
use super::common::numeric::{close, relative_error};
use super::generators::{dense, point, program};
use super::property::config;
use super::property::seed::{random, seeds};
use gradtape::Var;
use gradtape::lanes::Isa;
use gradtape::program::{JacobianPlan, Program, Workspace};
use gradtape::sparse::ColouringKind;
use proptest::prelude::*;

fn values(plan: &JacobianPlan, x: &[f64]) -> Vec<f64> {
    let mut values = vec![f64::NAN; plan.pattern().nonzeros()];
    plan.evaluate(x, &mut values, &mut Workspace::new()).unwrap();
    values
}

fn jacobian(program: &Program, x: &[f64]) -> Vec<f64> {
    let mut matrix = vec![f64::NAN; program.inputs() * program.outputs()];
    program.jacobian(x, &mut matrix, &mut Workspace::new()).unwrap();
    matrix
}

#[test]
fn values_are_those_of_the_dense_jacobian() {
    let mut kinds = Vec::new();
    for seed in seeds(100) {
        let mut rng = random(seed);
        let (inputs, outputs) = (rng.usize(1..60), rng.usize(0..60));
        let program = program(&mut rng, inputs, outputs);
        let plan = program.jacobian_plan();
        kinds.push(plan.colouring().kind());
        for _ in 0..3 {
            let x = point(&mut rng, inputs);
            let found = dense(plan.pattern(), &values(&plan, &x));
            let (found, expected) = (found.chunks(inputs), jacobian(&program, &x));
            for (row, (found, expected)) in found.zip(expected.chunks(inputs)).enumerate() {
                close(found, expected, 1e-13, &format!("row {row} of seed {seed}\n{plan}"));
            }
        }
    }
    for kind in
        [ColouringKind::Columns, ColouringKind::Rows, ColouringKind::Both, ColouringKind::Dense]
    {
        assert!(kinds.contains(&kind), "{kind:?} was never best");
    }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn every_operation_has_the_entries_of_the_dense_jacobian(expression in expressions()) {
        // The same on six copies of the inputs, so that colours pay.
        let n = expression.point.len();
        let point = expression.point.repeat(6);
        let outputs = |x: &[Var]| -> Vec<Var> {
            x.chunks(n).flat_map(|x| expression.values(x)).collect()
        };
        let program = Program::record(outputs, &point);
        let plan = program.jacobian_plan();
        let found = dense(plan.pattern(), &values(&plan, &point));
        let expected = jacobian(&program, &point);
        for (found, expected) in found.chunks(point.len()).zip(expected.chunks(point.len())) {
            close(found, expected, 1e-13, "a row");
        }
    }
}

#[test]
fn zero_and_infinity_meet_as_in_the_dense_jacobian() {
    // Blocked infinities, infinite slopes, NaNs, next to numbers of the same colour.
    let f = |x: &[Var]| -> Vec<Var> {
        let n = x.len();
        let each = |i: usize| {
            let (a, b) = (x[i], x[(i + 1) % n]);
            [
                Var::select(a, a.sqrt(), b),
                a.sqrt() * b,
                (a * 0.0) + b.abs().sqrt(),
                a.relu().sqrt().square(),
                a.ln().max(b),
                a.floor() / b,
            ][i % 6]
        };
        (0..n).map(each).collect()
    };
    let n = 36;
    let special = [0.0, -0.0, 1.5, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324, 1e300];
    let program = Program::record(f, &vec![1.0; n]);
    let plan = program.jacobian_plan();
    assert_eq!(plan.colouring().kind(), ColouringKind::Columns);
    let (mut infinite, mut nan) = (0, 0);
    for seed in seeds(40) {
        let mut rng = random(seed);
        let x: Vec<f64> = (0..n).map(|_| special[rng.usize(0..special.len())]).collect();
        let found = dense(plan.pattern(), &values(&plan, &x));
        let expected = jacobian(&program, &x);
        for (k, (&found, &expected)) in found.iter().zip(&expected).enumerate() {
            let (row, column) = (k / n, k % n);
            let close = relative_error(found, expected) <= 1e-15;
            assert!(close, "({row}, {column}): {found}, dense {expected}\n{x:?}");
            infinite += usize::from(expected.is_infinite());
            nan += usize::from(expected.is_nan());
        }
    }
    assert!(infinite > 20 && nan > 20, "{infinite} infinities and {nan} NaNs were met");
}

#[test]
fn a_band_of_a_hundred_thousand_takes_one_sweep() {
    let n = 100_000;
    let f = |x: &[Var]| -> Vec<Var> {
        let at = |i: usize| x.get(i).copied().unwrap_or_default();
        (0..n).map(|i: usize| at(i.wrapping_sub(1)) - x[i].square() + at(i + 1) * x[i]).collect()
    };
    let plan = Program::record(f, &vec![1.0; n]).jacobian_plan();
    assert_eq!((plan.colouring().count(), plan.sweeps()), (3, 1));
    let x: Vec<f64> = (0..n).map(|i| (i % 17) as f64).collect();
    let values = values(&plan, &x);
    for i in (1..n - 1).step_by(997) {
        let at = plan.pattern().starts()[i];
        assert_eq!(plan.pattern().row(i), [i - 1, i, i + 1]);
        assert_eq!(values[at..at + 3], [1.0, x[i + 1] - 2.0 * x[i], x[i]]);
    }
}

#[test]
fn an_arrow_is_swept_both_ways() {
    let n = 1_000;
    let f = |x: &[Var]| -> Vec<Var> {
        let mut y: Vec<Var> = x.iter().map(|&x_i| x_i.square() * x[0]).collect();
        y[0] = gradtape::sum_squares(x);
        y
    };
    let plan = Program::record(f, &vec![1.0; n]).jacobian_plan();
    assert_eq!(
        plan.to_string(),
        "Jacobian: 2998 of 1000000 entries, 2 colours of columns and 1 colour of rows, 2 sweeps of up to 8 seeds"
    );
    let x: Vec<f64> = (0..n).map(|i| i as f64 + 1.0).collect();
    let values = values(&plan, &x);
    let twice: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
    assert_eq!(values[..n], twice);
    for i in 1..n {
        assert_eq!(values[n + 2 * (i - 1)..][..2], [x[i] * x[i], 2.0 * x[i]]);
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    let mut rng = random(1);
    let program = program(&mut rng, 50, 40);
    let (plan, x) = (program.jacobian_plan(), point(&mut rng, 50));
    let of = |isa: Isa| {
        let mut values = vec![0.0; plan.pattern().nonzeros()];
        plan.evaluate(&x, &mut values, &mut Workspace::new().with_isa(isa)).unwrap();
        values.iter().map(|v| v.to_bits()).collect::<Vec<_>>()
    };
    assert_eq!(of(Isa::Baseline), of(Isa::best()));
}
