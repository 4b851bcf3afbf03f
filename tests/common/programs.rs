//! Programs made in every way that must not matter.

#![allow(dead_code, reason = "each test uses its part")]

use gradtape::program::{Pass, Program, Workspace};
use gradtape::{Tape, Var};
use proptest::prelude::*;

/// The passes, each once.
pub const PASSES: [Pass; 5] = [Pass::Dead, Pass::Identities, Pass::Fold, Pass::Share, Pass::Fuse];

/// Numbers at which arithmetic is special: zeros, ones, the ends of the range, and what is no number.
pub const SPECIAL: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -2.5,
    3.0,
    5e-324,
    -5e-324,
    1e-310,
    f64::MIN_POSITIVE,
    f64::MAX,
    -1e300,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

/// Any sequence of passes, also one that repeats some and leaves out others.
pub fn orders() -> impl Strategy<Value = Vec<Pass>> {
    prop::collection::vec(prop::sample::select(&PASSES[..]), 0..9)
}

/// Any number: mostly an ordinary one, sometimes a special one.
pub fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![4 => -3.0..3.0, 1 => prop::sample::select(&SPECIAL[..])]
}

/// A function recorded at a point, and frozen as it is.
#[track_caller]
pub fn record_plain<Y: AsRef<[Var]>>(f: impl FnOnce(&[Var]) -> Y, x: &[f64]) -> Program {
    let tape = Tape::new();
    let inputs = tape.vars(x);
    let outputs = f(&inputs);
    tape.freeze_with(&inputs, outputs.as_ref(), &[]).expect("the inputs are all there is")
}

/// The same recording plain, after each pass alone, after all, and after the passes of `order`.
pub fn variants<Y: AsRef<[Var]>>(
    x0: &[f64],
    order: &[Pass],
    f: impl Fn(&[Var]) -> Y,
) -> Vec<(String, Program)> {
    let plain = record_plain(f, x0);
    let mut variants = vec![("plain".to_string(), plain.clone())];
    let mut add = |passes: &[Pass]| {
        variants.push((format!("after {passes:?}"), plain.clone().optimized(passes)));
    };
    PASSES.iter().for_each(|&pass| add(&[pass]));
    add(&Pass::ALL);
    add(order);
    variants
}

/// All outputs at `x`, by forward evaluation alone.
pub fn outputs(program: &Program, x: &[f64]) -> Vec<f64> {
    let mut y = vec![f64::NAN; program.outputs()];
    program.values(x, &mut y, &mut Workspace::new()).expect("no branch");
    y
}

/// The Jacobian at `x`, row by row.
pub fn jacobian(program: &Program, x: &[f64]) -> Vec<f64> {
    let mut matrix = vec![f64::NAN; program.outputs() * program.inputs()];
    program.jacobian(x, &mut matrix, &mut Workspace::new()).expect("no branch");
    matrix
}

/// The Hessian at `x`, row by row.
pub fn hessian(program: &Program, x: &[f64]) -> Vec<f64> {
    let mut matrix = vec![f64::NAN; program.inputs() * program.inputs()];
    program.hessian(x, &mut matrix, &mut Workspace::new()).expect("no branch");
    matrix
}

/// Value and gradient at `x`.
pub fn value_and_gradient(program: &Program, x: &[f64]) -> (f64, Vec<f64>) {
    let mut gradient = vec![f64::NAN; program.inputs()];
    let value = program.value_and_gradient(x, &mut gradient, &mut Workspace::new());
    (value.expect("no branch"), gradient)
}
