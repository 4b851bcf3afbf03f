//! Forward evaluation uses the slot of a result again after its last reader. No result is lost by that: no
//! output, no side of a guard, no output of a custom call.

#[path = "common/property.rs"]
mod property;

mod common {
    pub mod code;
    pub mod numeric;
    pub mod programs;
}

use common::code::{Pair, branching, coordinate, run, straight};
use common::numeric::same_bits;
use common::programs::{PASSES, orders, outputs, record_plain, variants};
use gradtape::program::{Pass, Program, Workspace};
use gradtape::{CustomOp, Var, custom};
use property::config;
use proptest::prelude::*;

fn point() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(coordinate(), 3)
}

proptest! {
    #![proptest_config(config(200))]

    /// Some values in any order, inputs and constants among them, some twice.
    #[test]
    fn any_outputs_of_straight_code_are_the_bits_of_f64(
        code in prop::collection::vec(straight(), 1..30),
        picks in prop::collection::vec(any::<usize>(), 0..8),
        (x0, x) in (point(), point()),
        order in orders(),
    ) {
        fn picked<S: Copy>(values: &[S], picks: &[usize]) -> Vec<S> {
            picks.iter().map(|pick| values[pick % values.len()]).collect()
        }
        let expected = picked(&run(&code, &x).values, &picks);
        for (what, program) in variants(&x0, &order, |x| picked(&run(&code, x).values, &picks)) {
            let found = outputs(&program, &x);
            let equal = found.iter().zip(&expected).all(|(a, b)| same_bits(*a, *b));
            prop_assert!(equal, "{what}: {found:?}, not {expected:?}");
        }
    }

    /// Guards read intermediate results late: with slots or without, they see the same.
    #[test]
    fn guards_find_the_same_with_slots_as_with_all_results(
        code in branching(),
        (x0, x) in (point(), point()),
        order in orders(),
    ) {
        for (what, program) in variants(&x0, &order, |x| run(&code, x).values) {
            let mut workspace = Workspace::new();
            let (mut y, mut dy) = (vec![0.0; program.outputs()], vec![0.0; program.outputs()]);
            let few = program.values(&x, &mut y, &mut workspace);
            let all = program.jvp(&x, &[0.0; 3], &mut dy, &mut workspace);
            // As texts, because a NaN in an error is not equal to itself.
            prop_assert_eq!(format!("{few:?}"), format!("{all:?}"), "{}", what);
        }
    }
}

#[test]
fn outputs_may_be_inputs_constants_or_the_same_twice() {
    let f = |x: &[Var]| {
        let y = x[0].exp();
        [x[1], y, Var::from(7.0), y, x[1], Var::from(-0.0), x[0]]
    };
    for (what, program) in variants(&[1.0, 2.0, 3.0], &[], f) {
        let found = outputs(&program, &[0.5, -4.0, 9.0]);
        assert_eq!(found, [-4.0, 0.5f64.exp(), 7.0, 0.5f64.exp(), -4.0, 0.0, 0.5], "{what}");
        assert!(found[5].is_sign_negative(), "{what}");
    }
}

#[test]
fn one_workspace_serves_programs_of_any_size() {
    let long = Program::record(|x| (0..50).fold(x[0], |y, _| (y * 1.5).sin() + x[0]), &[1.0]);
    let short = Program::record(|x| [x[1], x[0] * x[1]], &[1.0, 2.0]);
    let mut workspace = Workspace::new();
    let alone = long.value(&[0.25], &mut Workspace::new());
    for _ in 0..3 {
        let (mut y, mut slope) = ([0.0; 2], [0.0]);
        short.values(&[3.0, 4.0], &mut y, &mut workspace).expect("no branch");
        assert_eq!(y, [4.0, 12.0]);
        assert_eq!(long.value(&[0.25], &mut workspace), alone);
        let value = long.value_and_gradient(&[0.25], &mut slope, &mut workspace);
        assert_eq!(value, alone);
        let mut dx = [0.0; 2];
        short.vjp(&[3.0, 4.0], &[0.0, 1.0], &mut dx, &mut workspace).expect("no branch");
        assert_eq!(dx, [4.0, 3.0]);
    }
}

/// A guard on an input of a custom call, checked right after the call: its outputs are all written at once, and
/// none of them over that input.
#[test]
fn a_call_does_not_overwrite_an_input_that_a_guard_still_reads() {
    let f = |x: &[Var]| {
        let sine = x[0].sin();
        let (a, b) = (x[0] * 2.0, x[1] * 4.0);
        let y = custom(Pair, &[a, b]);
        assert!(y[0] > b, "10 > 4 where it is recorded");
        // Shared with the first: then nothing stands between the call and the guard.
        [x[0].sin() + (y[0] + y[1]), sine]
    };
    let by_hand = |x: [f64; 2]| {
        let (a, b) = (x[0] * 2.0, x[1] * 4.0);
        [x[0].sin() + (a * b + a + (b - a)), x[0].sin()]
    };
    for pass in PASSES {
        let program = record_plain(f, &[1.0, 1.0]).optimized(&[pass]);
        // y₀ = 0 > b = -1, though not above y₁ = 0.
        for x in [[1.0, 1.0], [2.0, 0.5], [-0.5, -0.25]] {
            assert_eq!(outputs(&program, &x), by_hand(x), "after {pass} at {x:?}");
        }
        // y₀ = 4.5 is not above b = 5, though above y₁ = 4.25.
        let refused = program.values(&[0.375, 1.25], &mut [0.0; 2], &mut Workspace::new());
        assert!(refused.is_err(), "after {pass}");
    }
}

/// The guard before it waits for a later value, so this one is checked later than its side is there.
#[test]
fn a_guard_that_waits_for_another_keeps_its_side() {
    let f = |x: &[Var]| {
        let cosine = x[0].cos();
        let early = x[0].exp();
        let late = early.sin() * 3.0;
        assert!(late < 100.0 && early > 2.0);
        // Shared with the first: then nothing stands between the guards and the end.
        [x[0].cos() + late, cosine]
    };
    for (what, program) in variants(&[1.0], &[Pass::Share, Pass::Dead], f) {
        let (inside, below): (f64, f64) = (1.125, 0.5);
        let expected = [inside.cos() + inside.exp().sin() * 3.0, inside.cos()];
        assert_eq!(outputs(&program, &[inside]), expected, "{what}");
        // e^0.5 is not above 2, but three times its sine is.
        assert!(below.exp() < 2.0);
        let refused = program.values(&[below], &mut [0.0; 2], &mut Workspace::new());
        assert!(refused.is_err(), "{what}");
    }
}

/// One output read long after the others are gone.
#[test]
fn outputs_of_a_call_live_each_as_long_as_it_is_read() {
    struct Fan;
    impl CustomOp for Fan {
        fn name(&self) -> &str {
            "fan"
        }
        fn outputs(&self) -> usize {
            4
        }
        fn value(&self, x: &[f64], y: &mut [f64]) {
            y.iter_mut().zip(1..).for_each(|(y, k)| *y = x[0] * f64::from(k));
        }
        fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
            dx[0] = w.iter().zip(1..).map(|(w, k)| w * f64::from(k)).sum();
        }
    }
    let f = |x: &[Var]| {
        let y = custom(Fan, &[x[0] + 1.0]);
        let early = y[1].sqrt() + y[1];
        let late = (0..6).fold(early, |t, k| t + x[0] * f64::from(k) - 1.0);
        // y[2] is never read.
        [late * y[3], y[0] - late]
    };
    let late = |x: f64| {
        let early = (2.0 * (x + 1.0)).sqrt() + 2.0 * (x + 1.0);
        (0..6).fold(early, |t, k| t + x * f64::from(k) - 1.0)
    };
    for (what, program) in variants(&[0.5], &[Pass::Share, Pass::Fuse], f) {
        for x in [0.5, 3.0, -0.75] {
            let expected = [late(x) * (4.0 * (x + 1.0)), (x + 1.0) - late(x)];
            assert_eq!(outputs(&program, &[x]), expected, "{what} at {x}");
        }
    }
}
