//! A derivative of zero has four reasons: not connected, blocked, a convention at a kink, truly zero. The tape
//! tells them apart.

use gradtape::{CustomOp, Reach, Tape, Var, affine, custom, dot, log_sum_exp, sum, sum_squares};

/// How `f(x, other)` depends on `x`, whose derivative must be `slope`.
#[track_caller]
fn how(f: impl Fn(Var, Var) -> Var, x: f64, other: f64, slope: f64) -> Reach {
    let tape = Tape::new();
    let (x, other) = (tape.var(x), tape.var(other));
    let y = f(x, other);
    assert_eq!(tape.backward(&[(y, 1.0)]).wrt(x), slope, "the derivative itself");
    let (reach, at) = (tape.reach(y, x), tape.blocked_at(y, x));
    assert_eq!(matches!(reach, Blocked | AtKink), !at.is_empty(), "it says where");
    assert!(at.iter().all(|&i| i > 0 && i < tape.len()));
    reach
}

use Reach::{AtKink, Blocked, Connected, NotConnected};

/// A function of `x` and another variable, and their values.
type Case = (fn(Var, Var) -> Var, f64, f64);

#[test]
fn an_output_that_does_not_use_a_variable_is_not_connected() {
    assert_eq!(how(|_, y| y * 2.0, 1.0, 3.0, 0.0), NotConnected);
    assert_eq!(how(|_, y| y, 1.0, 3.0, 0.0), NotConnected);
    assert_eq!(how(|_, _| Var::from(2.0), 1.0, 3.0, 0.0), NotConnected);
    // Used on the way, but not by the output.
    let f = |x: Var, y: Var| {
        let _ = x * y;
        y.exp()
    };
    assert_eq!(how(f, 1.0, 3.0, 0.0), NotConnected);
    // Its value alone was used: that left the tape.
    assert_eq!(how(|x, y| y * x.value(), 2.0, 3.0, 0.0), NotConnected);
}

#[test]
fn a_variable_recorded_after_the_output_is_not_connected() {
    let tape = Tape::new();
    let y = tape.var(1.0).exp();
    let later = tape.var(2.0);
    assert_eq!(tape.reach(y, later), NotConnected);
}

#[test]
fn a_vanishing_slope_is_a_true_zero() {
    let cases: [Case; 12] = [
        (|x, _| x.square(), 0.0, 1.0),
        (|x, _| x * x, 0.0, 1.0),
        (|x, _| x.powi(3), 0.0, 1.0),
        (|x, _| x.powf(2.5), 0.0, 1.0),
        (|x, _| x.cos(), 0.0, 1.0),
        (|x, _| x.cosh(), 0.0, 1.0),
        (|x, _| x - x, 5.0, 1.0),
        (|x, _| x * 2.0 - (x + x), 5.0, 1.0),
        // A factor that happens to be zero, but is a variable.
        (|x, y| x * y, 5.0, 0.0),
        (|x, y| x.sin() * y, 5.0, 0.0),
        (|x, y| x.hypot(y), 0.0, 2.0),
        (|x, _| (x - 1.0).square() * 3.0, 1.0, 1.0),
    ];
    for (i, (f, x, other)) in cases.into_iter().enumerate() {
        assert_eq!(how(f, x, other, 0.0), Connected, "case {i}");
    }
}

#[test]
fn a_derivative_that_is_not_zero_is_connected() {
    assert_eq!(how(|x, y| x * y, 5.0, 3.0, 3.0), Connected);
    assert_eq!(how(|x, _| x.relu(), 1.0, 0.0, 1.0), Connected);
    assert_eq!(how(|x, y| x.max(y), 2.0, 2.0, 0.5), Connected);
    assert_eq!(how(|x, _| x, 2.0, 2.0, 1.0), Connected);
}

#[test]
fn a_dead_unit_blocks() {
    let dead: [Case; 18] = [
        (|x, _| x.relu(), -1.0, 0.0),
        (|x, _| x.leaky_relu(0.0), -1.0, 0.0),
        (|x, _| x.floor(), 1.5, 0.0),
        (|x, _| x.ceil(), 1.5, 0.0),
        (|x, _| x.round(), 1.25, 0.0),
        (|x, _| x.trunc(), 1.5, 0.0),
        (|x, _| x.signum(), 1.5, 0.0),
        (|x, y| x.compare(y), 1.5, 0.0),
        // The side that lost.
        (|x, y| x.max(y), 1.0, 2.0),
        (|x, y| x.min(y), 2.0, 1.0),
        (|x, _| x.max(2.0), 1.0, 0.0),
        (|x, _| x.clamp(0.0, 1.0), 2.0, 0.0),
        (|x, _| x.clamp(0.0, 1.0), -2.0, 0.0),
        // The condition, and the side not taken.
        (|x, y| Var::select(x, y, y * 2.0), 1.0, 3.0),
        (|x, y| Var::select(y, y, x), 1.0, 3.0),
        // A constant factor of zero.
        (|x, _| x * 0.0, 1.0, 3.0),
        (|x, _| 0.0 / x, 1.0, 3.0),
        (|x, y| dot(&[x, y], &[0.0, 1.0]), 1.0, 3.0),
    ];
    for (i, (f, x, other)) in dead.into_iter().enumerate() {
        assert_eq!(how(f, x, other, 0.0), Blocked, "case {i}");
    }
}

#[test]
fn a_zero_that_was_chosen_at_a_kink_is_a_kind_of_its_own() {
    let kinks: [Case; 12] = [
        (|x, _| x.relu(), 0.0, 0.0),
        (|x, _| x.abs(), 0.0, 0.0),
        (|x, _| x.abs(), -0.0, 0.0),
        (|x, _| x.leaky_relu(0.0), 0.0, 0.0),
        (|x, y| x.hypot(y), 0.0, 0.0),
        (|x, _| x.signum(), 0.0, 0.0),
        (|x, _| x.floor(), 2.0, 0.0),
        (|x, _| x.round(), 1.5, 0.0),
        (|x, y| x.compare(y), 3.0, 3.0),
        // The condition, not the branches.
        (|x, y| Var::select(x, y, y * 2.0), 0.0, 3.0),
        // Through two of them, and beside a path that is blocked.
        (|x, _| x.abs().relu(), 0.0, 0.0),
        (|x, _| x.abs() + (x - 1.0).relu(), 0.0, 0.0),
    ];
    for (i, (f, x, other)) in kinks.into_iter().enumerate() {
        assert_eq!(how(f, x, other, 0.0), AtKink, "case {i}");
    }
    // Blocked behind the kink, or before it: it would be 0 beside the kink too.
    assert_eq!(how(|x, _| x.abs() * 0.0, 0.0, 0.0, 0.0), Blocked);
    assert_eq!(how(|x, _| (x - 1.0).relu().abs(), 0.0, 0.0, 0.0), Blocked);
    // The branch that is not taken, and true zeros where another operand is at a kink.
    assert_eq!(how(|x, y| Var::select(y, x, y), 1.0, 0.0, 0.0), Blocked);
    assert_eq!(how(|x, y| x.pow(y), 0.0, 2.0, 0.0), Connected);
    // A tie is shared, and another path is enough.
    assert_eq!(how(|x, y| x.max(y), 1.0, 1.0, 0.5), Connected);
    assert_eq!(how(|x, _| x.abs() + x, 0.0, 0.0, 1.0), Connected);
    let tape = Tape::new();
    let x = tape.var(0.0); // %0
    let y = x.abs(); // %1
    assert_eq!((tape.reach(y, x), tape.blocked_at(y, x)), (AtKink, vec![1]));
    assert_eq!(AtKink.to_string(), "connected, but at a kink, where 0 is a convention");
}

#[test]
fn a_saturated_unit_is_a_true_zero() {
    assert_eq!(how(|x, _| x.tanh(), 400.0, 0.0, 0.0), Connected);
    assert_eq!(how(|x, _| x.tanh(), -400.0, 0.0, 0.0), Connected);
    assert_eq!(how(|x, _| x.sigmoid(), -800.0, 0.0, 0.0), Connected);
    assert_eq!(how(|x, _| x.sigmoid(), 800.0, 0.0, 0.0), Connected);
    assert_eq!(how(|x, _| x.softplus(), -800.0, 0.0, 0.0), Connected);
    assert_eq!(how(|x, _| x.exp(), -800.0, 0.0, 0.0), Connected);
    assert_eq!(how(|x, _| x.erf(), 40.0, 0.0, 0.0), Connected);
    assert_eq!(how(|x, y| log_sum_exp(&[x, y]), -800.0, 3.0, 0.0), Connected);
    // Not yet saturated: small is not zero.
    let tape = Tape::new();
    let x = tape.var(40.0);
    assert_eq!(tape.reach(x.tanh(), x), Connected);
}

#[test]
fn one_open_path_is_enough() {
    assert_eq!(how(|x, _| x.relu() + x, -1.0, 0.0, 1.0), Connected);
    assert_eq!(how(|x, _| x.relu() + x.square(), -0.0, 0.0, 0.0), Connected);
    assert_eq!(how(|x, _| sum(&[x.floor(), x * x]), 0.0, 0.0, 0.0), Connected);
    // All paths blocked, each at its own place.
    let tape = Tape::new();
    let x = tape.var(-1.0); // %0
    let a = x.relu(); // %1
    let b = (x * 2.0).relu(); // %2, %3
    let y = a + b;
    assert_eq!((tape.reach(y, x), tape.blocked_at(y, x)), (Blocked, vec![1, 3]));
}

#[test]
fn the_place_named_is_the_last_one_seen_from_the_output() {
    let tape = Tape::new();
    let x = tape.var(-1.0); // %0
    let inner = x.relu(); // %1
    let outer = (inner - 1.0).relu(); // %2, %3
    // The outer one blocks first, so the inner one is not reached.
    assert_eq!((tape.reach(outer, x), tape.blocked_at(outer, x)), (Blocked, vec![3]));
    assert_eq!((tape.reach(inner, x), tape.blocked_at(inner, x)), (Blocked, vec![1]));
}

#[test]
fn an_intermediate_node_may_be_the_variable() {
    let tape = Tape::new();
    let x = tape.var(-1.0);
    let h = x.relu();
    let y = h * 3.0 + x * 0.0;
    assert_eq!(tape.reach(y, h), Connected);
    assert_eq!(tape.reach(y, y), Connected);
    assert!(tape.reach(y, x) == Blocked);
    assert_eq!(tape.reach(h, y), NotConnected);
}

#[test]
fn operations_with_many_operands_are_told_apart_operand_by_operand() {
    // x stands in a pair with a variable of value zero.
    assert_eq!(how(|x, y| dot(&[x], &[y]), 5.0, 0.0, 0.0), Connected);
    assert_eq!(how(|x, y| affine(&[y], &[y], x), 5.0, 0.0, 1.0), Connected);
    assert_eq!(how(|x, y| sum_squares(&[x, y]), 0.0, 1.0, 0.0), Connected);
    assert_eq!(how(|x, y| sum(&[y, y]) + x.relu(), -1.0, 0.0, 0.0), Blocked);
    assert_eq!(how(|_, y| sum(&[y, y]), 0.0, 0.0, 0.0), NotConnected);
    assert_eq!(how(|x, y| affine(&[x, y], &[0.0, 1.0], y), 1.0, 1.0, 0.0), Blocked);
    assert_eq!(how(|x, y| x.mul_add(y, 1.0), 5.0, 0.0, 0.0), Connected);
}

#[test]
fn a_custom_operation_is_asked_for_its_partials() {
    /// (x, y) ↦ (y, x²): the first output does not move with x.
    struct Pair;
    impl CustomOp for Pair {
        fn name(&self) -> &str {
            "pair"
        }
        fn outputs(&self) -> usize {
            2
        }
        fn value(&self, x: &[f64], y: &mut [f64]) {
            (y[0], y[1]) = (x[1], x[0] * x[0]);
        }
        fn vjp(&self, x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
            (dx[0], dx[1]) = (w[1] * 2.0 * x[0], w[0]);
        }
    }
    assert_eq!(how(|x, y| custom(Pair, &[x, y])[1], 3.0, 1.0, 6.0), Connected);
    assert_eq!(how(|x, y| custom(Pair, &[x, y])[1], 0.0, 1.0, 0.0), Connected);
    // It depends on x as far as the tape can know.
    assert_eq!(how(|x, y| custom(Pair, &[x, y])[0], 3.0, 1.0, 0.0), Connected);
    assert_eq!(how(|x, y| custom(Pair, &[x.relu(), y])[1], -3.0, 1.0, 0.0), Blocked);
    assert_eq!(how(|_, y| custom(Pair, &[y, y])[1], 3.0, 1.0, 0.0), NotConnected);
}

#[test]
fn each_answer_reads_as_a_sentence() {
    let tape = Tape::new();
    let (x, y) = (tape.var(-1.0), tape.var(1.0));
    let z = x.relu();
    assert_eq!(tape.reach(z, x).to_string(), "connected, but blocked");
    assert_eq!(tape.blocked_at(z, x), [2]);
    assert_eq!(tape.reach(z, y).to_string(), "not connected: the output does not use it");
    assert_eq!(tape.reach(y * y, y).to_string(), "connected");
}

#[test]
fn a_power_of_zero_is_constant_and_blocks() {
    assert_eq!(how(|x, _| x.powi(0), 2.0, 0.0, 0.0), Blocked);
    assert_eq!(how(|x, _| x.powf(0.0), 2.0, 0.0, 0.0), Blocked);
    assert_eq!(how(|x, _| x.powi(3), 0.0, 0.0, 0.0), Connected);
}

/// The quotient of a remainder jumps at every multiple of the divisor but 0, around which it is truncated to 0.
#[test]
fn a_remainder_of_zero_is_at_no_kink() {
    for (x, y, is_at_kink) in
        [(0.0, 3.0, false), (-0.0, 3.0, false), (6.0, 3.0, true), (-3.0, 3.0, true)]
    {
        let tape = Tape::new();
        let (x, y) = (tape.var(x), tape.var(y));
        let r = x % y;
        let findings = tape.report(r).findings;
        let says = findings.iter().any(|finding| finding.code.to_string() == "at-kink");
        assert_eq!(says, is_at_kink, "{} % {}: {findings:?}", x.value(), y.value());
        let expected = if is_at_kink { Connected } else { Blocked };
        assert_eq!(tape.reach(r, y), expected, "{} % {}", x.value(), y.value());
    }
}
