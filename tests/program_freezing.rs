//! What can be frozen and what cannot, and the errors of a program for wrong arguments.

mod common {
    pub mod code;
    pub mod numeric;
    pub mod panics;
    pub mod programs;
}

use common::code::{Pair, branching, run};
use common::panics::{attempt, called, message_of, panics_saying, says};
use common::programs::{outputs, record_plain, value_and_gradient, variants};
use gradtape::program::{FreezeError, Pass, Program, ReplayError, Workspace};
use gradtape::{CustomOp, Real, Tape, Var, custom, gradient, hessian_vector};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::thread;

// What cannot be frozen.

#[test]
fn an_output_may_not_depend_on_a_variable_that_is_not_listed() {
    let tape = Tape::new();
    let (x, rate) = (tape.var(1.0), tape.var(0.25).label("rate"));
    let error = tape.freeze(&[x], &[x * rate]).expect_err("`rate` is not listed");
    assert_eq!(error, FreezeError::Unlisted { name: "`rate`".into(), value: 0.25 });
    says(&error.to_string(), &["`rate` = 0.25", "not among the inputs", "`Var::from(0.25)`"]);
    // As an output itself, and where it only decides a branch.
    assert_eq!(tape.freeze(&[x], &[rate]).expect_err("`rate` is not listed"), error);
    assert!(x > rate);
    assert_eq!(tape.freeze(&[x], &[x]).expect_err("`rate` is not listed"), error);
    // Listed it may be frozen.
    let program = tape.freeze(&[rate, x], &[x * rate]).expect("both are listed");
    assert_eq!(outputs(&program, &[2.0, 3.0]), [6.0]);
}

#[test]
fn a_variable_that_no_output_depends_on_need_not_be_listed() {
    let tape = Tape::new();
    let (x, other) = (tape.var(1.0), tape.var(2.0));
    let _ = (other.exp() + x) * 2.0;
    for program in [tape.freeze(&[x], &[x.sin()]), tape.freeze_with(&[x], &[x.cos()], &[])] {
        let program = program.expect("nothing depends on `other`");
        assert_eq!((program.inputs(), program.outputs()), (1, 1));
    }
}

#[test]
fn an_input_is_an_independent_variable_and_listed_once() {
    let tape = Tape::new();
    let (x, y) = (tape.var(1.0).label("dose"), tape.var(2.0));
    let z = (x * y).label("product");
    let error = tape.freeze(&[x, z], &[z]).expect_err("z is computed");
    assert!(matches!(error, FreezeError::NotALeaf { input: 1, .. }), "{error:?}");
    says(
        &error.to_string(),
        &["inputs[1]", "`product`", "not an independent variable", "`Tape::var`"],
    );
    let error = tape.freeze(&[Var::from(4.0), x], &[x]).expect_err("4 is a constant");
    assert!(matches!(error, FreezeError::NotALeaf { input: 0, .. }), "{error:?}");
    says(&error.to_string(), &["inputs[0]", "4", "not an independent variable"]);
    let error = tape.freeze(&[x, y, x], &[z]).expect_err("x is there twice");
    assert!(matches!(error, FreezeError::Repeated { inputs: [0, 2], .. }), "{error:?}");
    says(&error.to_string(), &["inputs[2] is inputs[0]", "`dose`", "once"]);
}

#[test]
fn variables_of_another_tape_or_of_none_are_refused_by_name() {
    let (tape, other) = (Tape::new(), Tape::new());
    let (x, foreign) = (tape.var(1.0), other.var(2.0).label("theirs"));
    let words = ["`theirs`", &called(&other), &called(&tape)];
    panics_saying(&words, || tape.freeze(&[foreign], &[x]));
    panics_saying(&words, || tape.freeze(&[x], &[foreign]));
    panics_saying(&words[..2], || Program::record(|_| [foreign], &[1.0]));
    let mark = tape.mark();
    let stale = tape.var(3.0);
    tape.rewind(mark);
    panics_saying(&["stale"], || tape.freeze(&[x, stale], &[x]));
    panics_saying(&["stale"], || tape.freeze(&[x], &[stale]));
    // Both tapes can still be used.
    assert_eq!(outputs(&tape.freeze(&[x], &[x + 1.0]).expect("fine"), &[4.0]), [5.0]);
    assert_eq!(foreign.backward().wrt(foreign), 1.0);
}

#[test]
fn after_a_panic_inside_the_recorded_function_recording_works() {
    let message = message_of(|| Program::record(|_| -> [Var; 1] { panic!("mine") }, &[1.0]));
    assert_eq!(message, "mine");
    let program = Program::record(|x| x[0] * 2.0, &[1.0]);
    assert_eq!(outputs(&program, &[4.0]), [8.0]);
}

// Tapes with a history.

#[test]
fn a_tape_that_was_cleared_and_rewound_freezes_as_a_new_one() {
    let tape = Tape::new();
    let y = tape.var(9.0).label("gone");
    assert!(y > 5.0 && (y * 2.0).exp() > y);
    tape.clear();
    let x = tape.vars(&[2.0, 3.0]);
    let mark = tape.mark();
    for _ in 0..3 {
        let _ = custom(Pair, &x)[1].label("also gone");
        assert!(x[0] < x[1]);
        tape.rewind(mark);
    }
    let y = custom(Pair, &x)[0] * x[1].powf(1.5) + gradtape::dot(&x, [2.0, 4.0]);
    for program in [tape.freeze(&x, &[y]), tape.freeze_with(&x, &[y], &[])] {
        let program = program.expect("all inputs are listed");
        // The guards went with the code that made them: x[0] may be above x[1].
        let x = [4.0, 1.0];
        let f = |x: &[Var]| custom(Pair, x)[0] * x[1].powf(1.5) + gradtape::dot(x, [2.0, 4.0]);
        assert_eq!(value_and_gradient(&program, &x), gradtape::value_and_gradient(f, &x[..]));
    }
}

#[test]
fn a_part_of_a_larger_tape_may_be_frozen() {
    let tape = Tape::new();
    let before = tape.var(5.0);
    let scale = (before * 2.0).value();
    let early = tape.var(1.0);
    let mid = early.exp() * scale;
    let late = tape.var(2.0);
    let y = mid + late * early;
    let _ = y.sin() * before;
    // Inputs in another order than they were made in, and after other nodes.
    let program = tape.freeze(&[late, early], &[y, mid]).expect("all it depends on is listed");
    assert_eq!(outputs(&program, &[3.0, 0.5]), [0.5f64.exp() * 10.0 + 1.5, 0.5f64.exp() * 10.0]);
    // More is recorded on the tape, and the program does not change.
    let _ = tape.var(7.0);
    tape.clear();
    drop(tape);
    assert_eq!(outputs(&program, &[3.0, 0.0]), [10.0, 10.0]);
}

// Small programs.

#[test]
fn programs_without_inputs_outputs_or_instructions_run() {
    let workspace = &mut Workspace::new();
    for passes in [&[][..], &Pass::ALL] {
        let none = record_plain(|_| [] as [Var; 0], &[]).optimized(passes);
        assert_eq!(none.values(&[], &mut [], workspace), Ok(()));
        assert_eq!(none.vjp(&[], &[], &mut [], workspace), Ok(()));
        let constant = record_plain(|_| Var::from(2.5), &[]).optimized(passes);
        assert_eq!(constant.value_and_gradient(&[], &mut [], workspace), Ok(2.5));
        assert_eq!(constant.hessian_vector(&[], &[], &mut [], workspace), Ok(()));
        let still = record_plain(|_| [Var::from(-1.0)], &[1.0]).optimized(passes);
        assert_eq!(value_and_gradient(&still, &[8.0]), (-1.0, vec![0.0]));
        let same = record_plain(|x| x[1], &[1.0, 2.0]).optimized(passes);
        assert!(same.is_empty());
        assert_eq!(value_and_gradient(&same, &[8.0, 9.0]), (9.0, vec![0.0, 1.0]));
        let (mut dy, v) = ([0.0], [3.0, 4.0]);
        assert_eq!(same.jvp(&[8.0, 9.0], &v, &mut dy, workspace), Ok(()));
        assert_eq!(dy, [4.0]);
        let only_asks = record_plain(
            |x| {
                assert!(x[0] > 0.0);
                [] as [Var; 0]
            },
            &[1.0],
        );
        let only_asks = only_asks.optimized(passes);
        assert_eq!(only_asks.values(&[3.0], &mut [], workspace), Ok(()));
        assert!(only_asks.values(&[-3.0], &mut [], workspace).is_err());
    }
}

#[test]
fn the_same_output_twice_counts_twice() {
    let program = Program::record(
        |x| {
            let y = x[0].square();
            [y, x[0], y]
        },
        &[1.0],
    );
    let (mut dx, mut dy, workspace) = ([0.0], [0.0; 3], &mut Workspace::new());
    program.vjp(&[3.0], &[1.0, 10.0, 100.0], &mut dx, workspace).expect("no branch");
    program.jvp(&[3.0], &[2.0], &mut dy, workspace).expect("no branch");
    assert_eq!((dx, dy), ([6.0 + 10.0 + 600.0], [12.0, 2.0, 12.0]));
}

// Wrong arguments.

#[test]
fn wrong_lengths_are_errors_that_say_what_and_how_many() {
    let program = Program::record(|x| [x[0] * x[1], x[0], x[1]], &[1.0, 2.0]);
    let one = Program::record(|x| x[0] * x[1], &[1.0, 2.0]);
    let w = &mut Workspace::new();
    let x = [1.0, 2.0];
    let (mut two, mut three, mut four) = ([0.0; 2], [0.0; 3], [0.0; 4]);
    let cases: [(Result<(), ReplayError>, &str, usize, usize); 12] = [
        (program.values(&x[..1], &mut three, w), "`x`", 2, 1),
        (program.values(&four, &mut three, w), "`x`", 2, 4),
        (program.values(&x, &mut two, w), "`y`", 3, 2),
        (one.value(&[], w).map(drop), "`x`", 2, 0),
        (one.value_and_gradient(&x, &mut three, w).map(drop), "`gradient`", 2, 3),
        (program.vjp(&x, &x, &mut two, w), "`w`", 3, 2),
        (program.vjp(&x, &[0.0; 3], &mut four, w), "`dx`", 2, 4),
        (program.jvp(&x, &[1.0], &mut three, w), "`v`", 2, 1),
        (program.jvp(&x, &x, &mut two, w), "`dy`", 3, 2),
        (one.hessian_vector(&x, &x, &mut three, w), "`product`", 2, 3),
        (one.hessian_vector(&x, &x[..1], &mut two, w), "`v`", 2, 1),
        (one.hessian_vector(&x[..1], &x, &mut two, w), "`x`", 2, 1),
    ];
    for (answer, name, takes, has) in cases {
        let error = answer.expect_err("a length is wrong");
        let ReplayError::Length { what, expected, found } = &error else { panic!("{error:?}") };
        assert_eq!((*expected, *found), (takes, has), "{error}");
        says(what, &[name]);
        says(&error.to_string(), &[name, &takes.to_string(), &has.to_string()]);
    }
    assert_eq!(one.value(&x, w), Ok(2.0));
}

#[test]
fn a_gradient_belongs_to_one_output() {
    let w = &mut Workspace::new();
    for outputs in [0, 2, 3] {
        let program = Program::record(|x| vec![x[0]; outputs], &[1.0]);
        let answers = [
            program.value(&[1.0], w).map(drop),
            program.value_and_gradient(&[1.0], &mut [0.0], w).map(drop),
            program.hessian_vector(&[1.0], &[1.0], &mut [0.0], w),
        ];
        for answer in answers {
            let error = answer.expect_err("there is not one output");
            assert_eq!(error, ReplayError::OutputCount { outputs });
            says(&error.to_string(), &["one output", &format!("has {outputs}")]);
        }
    }
}

// Nested derivatives and custom operations.

#[test]
fn a_gradient_taken_inside_is_part_of_the_program() {
    fn f<S: Real>(x: &[S]) -> S {
        (x[0] * x[1]).sin() * x[0].exp() + x[1].powi(3) / x[0]
    }
    let slopes = |x: &[Var]| gradient(f, x);
    for (what, program) in variants(&[0.5, 1.5], &[Pass::Fuse, Pass::Share], slopes) {
        for x in [[0.5, 1.5], [-1.25, 0.5], [2.0, -3.0]] {
            assert_eq!(outputs(&program, &x), gradient(f, &x), "{what} at {x:?}");
            let (mut dy, v) = ([0.0; 2], [1.0, -2.0]);
            program.jvp(&x, &v, &mut dy, &mut Workspace::new()).expect("no branch");
            for (found, expected) in dy.iter().zip(hessian_vector(f, &x, &v)) {
                let off = (found - expected).abs();
                assert!(off <= 1e-14 * (1.0 + expected.abs()) * 8.0, "{what}: {off:e} at {x:?}");
            }
        }
    }
}

/// An adjoint that happens to be 0 at the recorded point is not 0 elsewhere.
#[test]
fn a_zero_slope_at_the_recorded_point_is_no_constant() {
    let f = |z: &[Var]| (z[0] * z[1]).square() + z[0].relu() * z[1];
    for x0 in [[0.0, 0.0], [0.0, 1.0], [-1.0, 0.0]] {
        for (what, program) in variants(&x0, &[Pass::Share], |x| gradient(f, x)) {
            let x = [3.0, 2.0];
            assert_eq!(outputs(&program, &x), gradient(f, &x), "{what} recorded at {x0:?}");
        }
    }
}

#[test]
fn custom_operations_have_values_and_both_derivatives() {
    let f = |x: &[Var]| {
        let y = custom(Pair, &[x[0].sin(), x[1]]);
        let z = custom(Pair, &[y[1], y[0] * 2.0]);
        z[0] * y[1] + z[1].square()
    };
    for (what, program) in variants(&[0.5, 1.5], &[Pass::Share, Pass::Fuse], |x| f(x)) {
        for x in [[0.5, 1.5], [-2.0, 0.25]] {
            let (value, slopes) = value_and_gradient(&program, &x);
            let (fresh, expected) = gradtape::value_and_gradient(f, &x);
            assert_eq!(value, fresh, "{what}");
            approx::assert_relative_eq!(*slopes, expected[..], max_relative = 1e-14);
            let mut product = [0.0; 2];
            let workspace = &mut Workspace::new();
            program.hessian_vector(&x, &[1.0, -0.5], &mut product, workspace).expect("no branch");
            let expected = hessian_vector(f, &x, &[1.0, -0.5]);
            approx::assert_relative_eq!(product[..], expected[..], max_relative = 1e-13);
        }
    }
}

/// The logistic function, once differentiable.
struct Once;

impl CustomOp for Once {
    fn name(&self) -> &str {
        "once"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = 1.0 / (1.0 + (-x[0]).exp());
    }
    fn vjp(&self, _x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] * y[0] * (1.0 - y[0]);
    }
}

#[test]
fn without_a_recorded_vjp_the_second_derivative_is_an_error() {
    let f = |x: &[Var]| custom(Once, x)[0] * x[0];
    let (workspace, mut product) = (&mut Workspace::new(), [7.0]);
    for (what, program) in variants(&[0.5], &[Pass::Fuse], |x| f(x)) {
        assert_eq!(value_and_gradient(&program, &[0.25]).1, gradient(f, &[0.25]), "{what}");
        let answer = program.hessian_vector(&[0.25], &[1.0], &mut product, workspace);
        let Err(ReplayError::NotTwiceDifferentiable(error)) = &answer else {
            panic!("{what}: {answer:?}")
        };
        assert_eq!(error.op, "once");
        says(&answer.expect_err("as above").to_string(), &["`once`", "`CustomOp::vjp_recorded`"]);
        assert_eq!(product, [7.0], "no number is given with an error");
    }
    // If no path leads through it, it does not matter.
    let beside = record_plain(
        |x| {
            let _ = custom(Once, x);
            x[0].powi(3)
        },
        &[2.0],
    );
    assert_eq!(beside.hessian_vector(&[2.0], &[1.0], &mut product, workspace), Ok(()));
    assert_eq!(product, [12.0]);
}

// Threads.

#[test]
fn threads_share_a_program_and_get_the_same_bits() {
    fn shared<T: Send + Sync>(_: &T) {}
    let mut runner = TestRunner::deterministic();
    let code = branching().new_tree(&mut runner).expect("some code").current();
    let f = |x: &[Var]| {
        let y = run(&code, x).values.pop().expect("a value");
        let z = (0..40).fold(y, |y, _| (y * x[0] + x[1]).tanh() + custom(Once, &[y])[0]);
        [z]
    };
    let program = Program::record(f, &[0.5, 1.0, -0.5]);
    shared(&program);
    let point = |k: u32| [0.5 + f64::from(k) * 1e-3, 1.0, -0.5];
    let ask = |k: u32, workspace: &mut Workspace| {
        let mut slopes = [0.0; 3];
        let value = program.value_and_gradient(&point(k), &mut slopes, workspace);
        (value.map(f64::to_bits), slopes.map(f64::to_bits))
    };
    let all = || {
        let mut workspace = Workspace::new();
        (0..50).map(|k| ask(k, &mut workspace)).collect::<Vec<_>>()
    };
    let alone = all();
    assert!(alone.iter().any(|(value, _)| value.is_ok()));
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(all)).collect();
        for thread in threads {
            assert_eq!(thread.join().expect("no panic"), alone);
        }
    });
    // It may also move to another thread, and outlive the tape it came from.
    let moved = program.clone();
    let last = thread::spawn(move || moved.value(&[0.5, 1.0, -0.5], &mut Workspace::new()));
    assert!(attempt(|| last.join()).is_ok_and(|answer| answer.is_ok()));
}
