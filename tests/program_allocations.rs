//! Once its workspace is warm, a program allocates nothing.

mod common {
    pub mod counting;
}

use common::counting::allocations;
use gradtape::program::{Program, ReplayError, Rerecord, Workspace};
use gradtape::{Var, affine, dot, log_sum_exp, sum, sum_squares};

const X: [f64; 4] = [0.5, 1.5, 2.5, 3.5];

/// All kinds of operations; three outputs, and a long sum.
fn outputs(x: &[Var]) -> [Var; 3] {
    let mut y = x[0];
    for i in 0..200 {
        y = (y * x[i % 4] + x[(i + 1) % 4].sin()).tanh() - x[i % 3] / x[3];
        y = if y > 100.0 { y - 1.0 } else { Var::select(y, y * 0.5, x[2]).mul_add(x[3], 1.0) };
        y += affine(x, x, y) * 0.01 + dot(x, &[1.0, 2.0, 3.0, 4.0]).softplus();
    }
    let many = (0..100).map(|i| x[i % 4]);
    let z = log_sum_exp(many.clone().map(|x| x * 0.1)) + sum_squares(many);
    [y, z, y * z.powf(1.5).clamp(-5.0, 5.0)]
}

/// Warm up, then count.
#[track_caller]
fn nothing_is_allocated(mut call: impl FnMut(&mut Workspace) -> Result<(), ReplayError>) {
    let mut workspace = Workspace::new();
    call(&mut workspace).unwrap();
    let counted = allocations(|| (0..10).for_each(|_| call(&mut workspace).unwrap()));
    assert_eq!(counted, 0);
}

#[test]
fn values_and_single_seeds_allocate_nothing() {
    let program = Program::record(outputs, &X);
    let (mut y, mut dx, mut dy) = ([0.0; 3], [0.0; 4], [0.0; 3]);
    nothing_is_allocated(|w| program.values(&X, &mut y, w));
    nothing_is_allocated(|w| program.vjp(&X, &[1.0, 2.0, 3.0], &mut dx, w));
    nothing_is_allocated(|w| program.jvp(&X, &[1.0, 2.0, 3.0, 4.0], &mut dy, w));
    assert!(y.iter().chain(&dx).chain(&dy).all(|&n| n != 0.0), "something was computed");
}

#[test]
fn several_seeds_allocate_nothing() {
    let program = Program::record(outputs, &X);
    let seeds: Vec<f64> = (1..=60).map(f64::from).collect();
    let (mut dx, mut dy, mut matrix) = ([0.0; 80], [0.0; 45], [0.0; 12]);
    nothing_is_allocated(|w| program.vjp(&X, &seeds, &mut dx, w));
    nothing_is_allocated(|w| program.jvp(&X, &seeds, &mut dy, w));
    nothing_is_allocated(|w| program.jacobian(&X, &mut matrix, w));
    let tall = Program::record(|x| [outputs(x), outputs(x)].concat(), &X);
    let mut matrix = [0.0; 24];
    nothing_is_allocated(|w| tall.jacobian(&X, &mut matrix, w));
    assert!(dx.iter().chain(&dy).chain(&matrix).all(|&n| n != 0.0), "something was computed");
}

#[test]
fn gradients_and_second_derivatives_allocate_nothing() {
    let program = Program::record(|x| sum(outputs(x)), &X);
    let (mut slopes, mut product, mut matrix) = ([0.0; 4], [0.0; 4], [0.0; 16]);
    nothing_is_allocated(|w| program.value(&X, w).map(|_| ()));
    nothing_is_allocated(|w| program.value_and_gradient(&X, &mut slopes, w).map(|_| ()));
    nothing_is_allocated(|w| program.hessian_vector(&X, &X, &mut product, w));
    nothing_is_allocated(|w| program.hessian(&X, &mut matrix, w));
    let computed = slopes.iter().chain(&product).chain(&matrix);
    assert!(computed.copied().all(|n| n != 0.0), "something was computed");
}

#[test]
fn plans_allocate_nothing() {
    let many = |x: &[Var]| -> Vec<Var> { x.chunks(4).flat_map(outputs).collect() };
    let x = X.repeat(9);
    let plan = Program::record(many, &x).jacobian_plan();
    let mut values = vec![0.0; plan.pattern().nonzeros()];
    nothing_is_allocated(|w| plan.evaluate(&x, &mut values, w));
    assert!(values.iter().all(|&n| n != 0.0), "something was computed");
    let plan = Program::record(|x| sum(many(x)), &x).hessian_plan().unwrap();
    let mut values = vec![0.0; plan.pattern().nonzeros()];
    nothing_is_allocated(|w| plan.evaluate(&x, &mut values, w));
    assert!(plan.sweeps() == 1 && values.iter().all(|&n| n != 0.0), "something was computed");
}

#[test]
fn one_workspace_stays_warm_between_programs() {
    let large = Program::record(|x| sum(outputs(x)), &X);
    let small = Program::record(|x| x[0] * x[3], &X);
    let mut matrix = [0.0; 16];
    nothing_is_allocated(|w| {
        large.hessian(&X, &mut matrix, w)?;
        small.hessian(&X, &mut matrix, w)?;
        small.value(&X, w).map(|_| ())
    });
    assert_eq!((matrix[3], matrix[12], matrix[0]), (1.0, 1.0, 0.0));
}

#[test]
fn a_rerecord_allocates_nothing_while_one_program_fits() {
    let mut function = Rerecord::new(|x: &[Var]| if x[0] > 0.0 { x[0] * x[1] } else { x[1] });
    let mut slopes = [0.0; 4];
    nothing_is_allocated(|w| {
        function.run(&X, |program, x| program.value_and_gradient(x, &mut slopes, w)).map(|_| ())
    });
    assert_eq!(slopes, [1.5, 0.5, 0.0, 0.0]);
}
