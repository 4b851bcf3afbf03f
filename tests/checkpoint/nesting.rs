//! A loop as one operation of a larger tape.

use gradtape::checkpoint::{self, CheckpointError};
use gradtape::program::{Program, Workspace};
use gradtape::{Dual, Tape, Var, gradient, hessian, jacobian, value_and_gradient};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn swing(s: &[Var], p: &[Var], _: usize) -> [Var; 2] {
    let speed = s[1] - (p[0] * s[0].sin() + p[1] * s[1]) * 0.01;
    [s[0] + speed * 0.01, speed]
}

fn end(s: &[Var]) -> Var {
    s[0].square() + s[1]
}

/// The loop on the tape, and in one node.
fn on_the_tape(x: &[Var]) -> Var {
    let p = [x[2].exp(), x[3] * x[0]];
    let s = (0..300).fold([x[0] * 2.0, x[1]], |s, i| swing(&s, &p, i));
    end(&s) * x[3] + x[0]
}

fn in_one_node(x: &[Var]) -> Var {
    let p = [x[2].exp(), x[3] * x[0]];
    checkpoint::run(300, 4, &[x[0] * 2.0, x[1]], &p, swing, end).expect("it repeats itself") * x[3]
        + x[0]
}

const AT: [f64; 4] = [0.3, 0.1, 1.5, 0.4];

#[test]
fn a_loop_in_one_node_has_the_value_and_slopes_of_its_steps() {
    let (value, slopes) = value_and_gradient(in_one_node, &AT);
    let (expected, of_steps) = value_and_gradient(on_the_tape, &AT);
    assert_eq!(value.to_bits(), expected.to_bits());
    approx::assert_relative_eq!(slopes[..], of_steps[..], max_relative = 1e-14);
    let tape = Tape::new();
    let x = tape.vars(&AT);
    let y = in_one_node(&x);
    assert_eq!(tape.len(), 10, "{y}");
    // Constants among the inputs, and constants alone.
    let slope = gradient(
        |x| {
            let state = [Var::from(0.6), x[0]];
            checkpoint::run(300, 4, &state, &[x[1], Var::from(0.1)], swing, end).expect("finite")
        },
        &[0.1, 4.0],
    );
    let steps = gradient(
        |x| {
            let p = [x[1], Var::from(0.1)];
            end(&(0..300).fold([Var::from(0.6), x[0]], |s, i| swing(&s, &p, i)))
        },
        &[0.1, 4.0],
    );
    approx::assert_relative_eq!(slope[..], steps[..], max_relative = 1e-14);
    let plain = checkpoint::run(300, 4, &[0.6, 0.1], &[4.0, 0.1], swing, end).expect("finite");
    let constant =
        checkpoint::run(300, 4, &[0.6, 0.1].map(Var::from), &[4.0, 0.1].map(Var::from), swing, end);
    assert!(constant.is_ok_and(|y| y.is_constant() && y.value() == plain));
}

#[test]
fn tangents_jacobians_and_programs_go_through_it() {
    let state = [Dual::new(0.6, 1.0), Dual::from(0.1)];
    let parameters = [4.0, 0.1].map(Dual::from);
    let found = checkpoint::run(300, 4, &state, &parameters, swing, end).expect("finite");
    let step = |x: &[Var]| checkpoint::run(300, 4, &x[..2], &x[2..], swing, end).expect("finite");
    let slopes = gradient(step, &[0.6, 0.1, 4.0, 0.1]);
    approx::assert_relative_eq!(found.tangent(), slopes[0], max_relative = 1e-15);
    let both = jacobian(|x| [in_one_node(x), x[0]], &AT);
    approx::assert_relative_eq!(
        both.as_slice()[..4],
        gradient(on_the_tape, &AT)[..],
        max_relative = 1e-14
    );

    let program = Program::record(|x| [in_one_node(x)], &AT);
    let (mut dx, mut workspace) = ([0.0; 4], Workspace::new());
    let other = [0.2, -0.1, 1.4, 0.5];
    let y = program.value_and_gradient(&other, &mut dx, &mut workspace).expect("no branches");
    let (expected, slopes) = value_and_gradient(on_the_tape, &other);
    assert_eq!(y.to_bits(), expected.to_bits());
    approx::assert_relative_eq!(dx[..], slopes[..], max_relative = 1e-14);
}

#[test]
fn second_derivatives_are_refused_and_never_a_silent_zero() {
    for attempt in [
        (|| _ = hessian(in_one_node, &AT)) as fn(),
        || _ = gradient(|x| gradient(in_one_node, x)[0], &AT),
        || {
            let inner = |x: Var| gradient(|y| in_one_node(&[x, y[0], y[0], y[0]]), &[x])[0];
            _ = gradient(|x| inner(x[0]), &[0.3]);
        },
    ] {
        let panic = catch_unwind(AssertUnwindSafe(attempt)).expect_err("no second derivative");
        let message = panic.downcast_ref::<String>().expect("a text");
        assert!(message.contains("custom operation `checkpointed loop` (node "), "{message}");
        assert!(
            message.contains("cannot be differentiated twice: record its steps on the tape"),
            "{message}"
        );
    }
}

#[test]
fn what_is_wrong_forwards_is_an_error_and_backwards_a_panic() {
    let run = |slots, state: &[f64]| {
        checkpoint::run(10, slots, state, &[], |s, _, _| [s[0] * 1e100], |s| s[0])
    };
    assert_eq!(run(0, &[1.0]).unwrap_err(), CheckpointError::NoSlots);
    assert_eq!(run(2, &[]).unwrap_err(), CheckpointError::EmptyState);
    assert!(matches!(run(2, &[1.0]).unwrap_err(), CheckpointError::NotFinite { step: 3, .. }));
    assert_eq!(run(2, &[0.0]), Ok(0.0));
    // Where a program comes to such a state there is no number.
    let program = Program::record(
        |x| {
            [checkpoint::run(10, 2, &[x[0]], &[], |s, _, _| [s[0] * 1e100], |s| s[0])
                .expect("finite")
                + 1.0]
        },
        &[0.0],
    );
    let (mut dx, mut workspace) = ([0.0], Workspace::new());
    let y = program.value_and_gradient(&[1.0], &mut dx, &mut workspace).expect("no branches");
    assert!(y.is_nan() && dx[0].is_nan(), "{y} {dx:?}");

    let calls = std::sync::atomic::AtomicU32::new(0);
    let counting = move |s: &[Var], _: &[Var], _: usize| {
        let count = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        [s[0] + f64::from(count)]
    };
    let tape = Tape::new();
    let x = tape.var(1.0);
    let y = checkpoint::run(10, 2, &[x], &[], counting, |s| s[0]).expect("forwards it is not seen");
    let panic =
        catch_unwind(AssertUnwindSafe(|| y.backward())).expect_err("it does not repeat itself");
    let message = panic.downcast_ref::<String>().expect("a text");
    assert!(message.contains("run again, does not do what it did before"), "{message}");
}
