//! Operations of the user's own: any number of inputs and outputs, anywhere an expression may stand.

#[path = "common/panics.rs"]
mod panics;

use gradtape::program::Workspace;
use gradtape::tape::NotTwiceDifferentiable;
use gradtape::{
    CustomOp, Dual, Real, Tape, Var, custom, gradient, hessian, hessian_vector, jacobian, jvp,
    nth_derivative, sum, vjp,
};
use panics::{message_of, panics_saying};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// (x, y) ↦ (x·y, x - y, x²·y), differentiable as often as wanted.
struct Three;

impl CustomOp for Three {
    fn name(&self) -> &str {
        "three"
    }
    fn outputs(&self) -> usize {
        3
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y.copy_from_slice(&[x[0] * x[1], x[0] - x[1], x[0] * x[0] * x[1]]);
    }
    fn vjp(&self, x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] * x[1] + w[1] + w[2] * 2.0 * x[0] * x[1];
        dx[1] = w[0] * x[0] - w[1] + w[2] * x[0] * x[0];
    }
    fn vjp_recorded(&self, x: &[Var], _y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        Some(vec![
            w[0] * x[1] + w[1] + w[2] * 2.0 * x[0] * x[1],
            w[0] * x[0] - w[1] + w[2] * x[0] * x[0],
        ])
    }
}

/// The same in plain operators.
fn three_by_hand(x: Var, y: Var) -> [Var; 3] {
    [x * y, x - y, x * x * y]
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

const POINT: [f64; 2] = [3.0, 5.0];

#[test]
fn every_output_has_its_value_and_gradient() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let outputs = custom(Three, &x);
    let by_hand = three_by_hand(x[0], x[1]);
    assert_eq!(outputs.len(), 3);
    for (output, hand) in outputs.iter().zip(by_hand) {
        assert_eq!(output.value(), hand.value());
        assert_eq!(output.backward().wrt_all(&x), hand.backward().wrt_all(&x));
        assert_eq!(output.backward().wrt(*output), 1.0);
    }
}

#[test]
fn outputs_may_be_used_in_any_order_and_number() {
    let uses: [fn(&[Var]) -> Var; 8] = [
        |y| y[2],
        |y| y[0],
        |y| y[2] * y[0],
        |y| y[0] * y[2],
        |y| y[1] * y[1] + y[1],
        |y| (y[2] - y[1]).sin() * y[0],
        |y| sum(y),
        |y| y[1] * 0.0 + y[2],
    ];
    for f in uses {
        let op = gradient(|x| f(&custom(Three, x)), &POINT);
        let hand = gradient(|x| f(&three_by_hand(x[0], x[1])), &POINT);
        approx::assert_relative_eq!(op[..], hand[..], max_relative = 1e-15);
    }
}

#[test]
fn an_output_may_feed_the_same_operation_again() {
    let f = |x: &[Var]| {
        let a = custom(Three, x);
        let b = custom(Three, &[a[2], a[0]]);
        b[1] * custom(Three, &[b[0], a[1]])[0]
    };
    let by_hand = |x: &[Var]| {
        let a = three_by_hand(x[0], x[1]);
        let b = three_by_hand(a[2], a[0]);
        b[1] * three_by_hand(b[0], a[1])[0]
    };
    approx::assert_relative_eq!(
        gradient(f, &POINT)[..],
        gradient(by_hand, &POINT)[..],
        max_relative = 1e-14
    );
    approx::assert_relative_eq!(hessian(f, &POINT), hessian(by_hand, &POINT), max_relative = 1e-13);
}

#[test]
fn a_repeated_input_gathers_both_derivatives() {
    // x·x, 0, x³
    assert_eq!(gradient(|x| sum(custom(Three, &[x[0], x[0]])), &[3.0]), [6.0 + 27.0]);
    let h = hessian(|x| sum(custom(Three, &[x[0], x[0]])), &[3.0]);
    assert_eq!(h.as_slice(), [2.0 + 18.0]);
}

#[test]
fn constants_may_stand_among_the_inputs() {
    let f = |x: &[Var]| sum(custom(Three, &[Var::from(3.0), x[0]]));
    assert_eq!(gradient(f, &[5.0]), [3.0 - 1.0 + 9.0]);
    let f = |x: &[Var]| sum(custom(Three, &[x[0], Var::from(5.0)]));
    assert_eq!(gradient(f, &[3.0]), [5.0 + 1.0 + 30.0]);
    assert_eq!(hessian(f, &[3.0]).as_slice(), [10.0]);
}

#[test]
fn all_constants_give_constants_and_record_nothing() {
    let tape = Tape::new();
    let outputs = custom(Three, &[Var::from(3.0), Var::from(5.0)]);
    assert!(outputs.iter().all(|y| y.is_constant()));
    assert_eq!(outputs.iter().map(|y| y.value()).collect::<Vec<_>>(), [15.0, -2.0, 45.0]);
    assert_eq!(tape.len(), 0);
}

#[test]
fn no_outputs_and_no_inputs_are_fine() {
    struct Nothing(usize);
    impl CustomOp for Nothing {
        fn name(&self) -> &str {
            "nothing"
        }
        fn outputs(&self) -> usize {
            self.0
        }
        fn value(&self, _x: &[f64], y: &mut [f64]) {
            y.fill(7.0);
        }
        fn vjp(&self, _x: &[f64], _y: &[f64], _w: &[f64], _dx: &mut [f64]) {}
    }
    let tape = Tape::new();
    let x = tape.var(1.0);
    assert!(custom(Nothing(0), &[x]).is_empty());
    assert_eq!(custom::<Var>(Nothing(2), &[])[1].value(), 7.0);
    let y = custom(Nothing(1), &[x])[0] + x;
    assert_eq!((y.value(), y.backward().wrt(x)), (8.0, 1.0));
}

#[test]
fn every_front_door_takes_it() {
    let f = |x: &[Var]| custom(Three, x);
    let want = [5.0, 3.0, 1.0, -1.0, 30.0, 9.0];
    // Three outputs of two inputs: forward. One of two: reverse.
    assert_eq!(jacobian(|x| f(x).into_vec(), &POINT).as_slice(), want);
    assert_eq!(jacobian(|x| [f(x)[2]], &POINT).as_slice(), &want[4..]);
    let (y, dy) = jvp(|x| f(x).into_vec(), &POINT, &[1.0, 10.0]);
    assert_eq!((y, dy), (vec![15.0, -2.0, 45.0], vec![35.0, -9.0, 120.0]));
    let (y, dx) = vjp(|x| f(x).into_vec(), &POINT, &[1.0, 10.0, 100.0]);
    assert_eq!((y, dx), (vec![15.0, -2.0, 45.0], [3015.0, 893.0]));
    // d² (x² y): 2y, 2x, 2x, 0.
    assert_eq!(hessian(|x| f(x)[2], &POINT).as_slice(), [10.0, 6.0, 6.0, 0.0]);
    assert_eq!(hessian_vector(|x| f(x)[2], &POINT, &[1.0, 10.0]), [70.0, 6.0]);
    assert_eq!(nth_derivative(|x| custom(Three, &[x, x])[2], 3.0, 3), 6.0);
}

#[test]
fn a_nested_gradient_goes_through_it() {
    // g = d/dx (x² y) = 2xy; then d/dy (x·g) = 2x², d/dx (x·g) = 4xy.
    let f = |x: &[Var]| x[0] * gradient(|z| custom(Three, z)[2], x)[0];
    assert_eq!(gradient(f, &POINT), [60.0, 18.0]);
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let recorded = tape.backward_recorded(custom(Three, &x)[2], &x).expect("it has a recorded vjp");
    assert_eq!(recorded[0].value(), 30.0);
    assert_eq!(recorded[0].backward().wrt_all(&x), [10.0, 6.0]);
}

#[test]
fn without_a_recorded_vjp_first_derivatives_work_and_second_ones_say_what_is_missing() {
    let f = |x: &[Var]| custom(Once, x)[0] * x[0];
    let s = 1.0 / (1.0 + (-0.5f64).exp());
    let want = s + 0.5 * s * (1.0 - s);
    approx::assert_relative_eq!(gradient(f, &[0.5])[0], want, max_relative = 1e-15);
    approx::assert_relative_eq!(jvp(|x| [f(x)], &[0.5], &[1.0]).1[0], want, max_relative = 1e-15);
    assert_eq!(nth_derivative(|x| custom(Once, &[x])[0], 0.5, 1), s * (1.0 - s));

    let words = ["`once`", "cannot be differentiated twice", "`CustomOp::vjp_recorded`"];
    panics_saying(&words, || hessian(f, &[0.5]));
    panics_saying(&words, || hessian_vector(f, &[0.5], &[1.0]));
    panics_saying(&words, || nth_derivative(|x| f(&[x]), 0.5, 2));
    panics_saying(&words, || gradient(|x| gradient(f, x)[0], &[0.5]));
    let tape = Tape::new();
    let x = tape.var(0.5);
    let y = f(&[x]);
    let error: NotTwiceDifferentiable =
        tape.backward_recorded(y, &[x]).expect_err("there is no recorded vjp");
    assert_eq!((&*error.op, error.node), ("once", 1));
    assert_eq!(message_of(|| hessian(f, &[0.5])), error.to_string());
    // The tape and the front doors are none the worse.
    approx::assert_relative_eq!(y.backward().wrt(x), want, max_relative = 1e-15);
    assert_eq!(hessian(|x| x[0].powi(3), &[2.0]).as_slice(), [12.0]);
}

#[test]
fn a_second_derivative_beside_it_does_not_need_its_vjp() {
    // No path from the output leads through it.
    let f = |x: &[Var]| {
        let _ = custom(Once, x);
        x[0].powi(3)
    };
    assert_eq!(hessian(f, &[2.0]).as_slice(), [12.0]);
    assert_eq!(nth_derivative(|x| f(&[x]), 2.0, 2), 12.0);
}

#[test]
fn a_recorded_vjp_of_the_wrong_length_is_refused() {
    struct Short;
    impl CustomOp for Short {
        fn name(&self) -> &str {
            "short"
        }
        fn value(&self, x: &[f64], y: &mut [f64]) {
            y[0] = x[0] + x[1];
        }
        fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
            dx.fill(w[0]);
        }
        fn vjp_recorded(&self, _x: &[Var], _y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
            Some(vec![w[0]])
        }
    }
    assert_eq!(gradient(|x| custom(Short, x)[0], &POINT), [1.0, 1.0]);
    let words = ["`short`", "1 derivatives for 2 inputs"];
    panics_saying(&words, || hessian(|x| custom(Short, x)[0], &POINT));
}

#[test]
fn listings_show_it_by_name() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let y = custom(Three, &[x[1], x[0]]);
    let _ = custom(Once, &[y[2]]);
    let names: Vec<_> = tape.nodes().map(|node| node.name).collect();
    assert_eq!(names, ["input", "input", "three", "three", "three", "once"]);
    assert_eq!(tape.node(3).operands, [1, 0]);
    assert_eq!(tape.node(5).operands, [4]);
    struct Bad;
    impl CustomOp for Bad {
        fn name(&self) -> &str {
            "bad"
        }
        fn value(&self, x: &[f64], y: &mut [f64]) {
            y[0] = x[0] / 0.0;
        }
        fn vjp(&self, _x: &[f64], _y: &[f64], _w: &[f64], _dx: &mut [f64]) {}
    }
    let _ = custom(Bad, &[x[0].label("dose")]);
    let culprit = tape.first_non_finite().expect("it divides by zero");
    assert_eq!(culprit.to_string(), "node 6: bad(dose) = inf, where dose = 3");
}

#[test]
fn one_operation_may_be_applied_many_times() {
    struct Counted(AtomicUsize);
    impl CustomOp for Counted {
        fn name(&self) -> &str {
            "counted"
        }
        fn value(&self, x: &[f64], y: &mut [f64]) {
            y[0] = 2.0 * x[0];
        }
        fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
            self.0.fetch_add(1, Relaxed);
            dx[0] = 2.0 * w[0];
        }
    }
    let op = Arc::new(Counted(AtomicUsize::new(0)));
    let tape = Tape::new();
    let x = tape.var(1.0);
    let y = (0..10).fold(x, |y, _| custom(op.clone(), &[y])[0]);
    assert_eq!(y.backward().wrt(x), 1024.0);
    assert_eq!(op.0.load(Relaxed), 10, "one call a node");
    assert_eq!(Arc::strong_count(&op), 11);
    tape.clear();
    assert_eq!(Arc::strong_count(&op), 1, "a cleared tape lets go of it");
}

#[test]
fn an_operation_may_be_chosen_at_run_time() {
    let ops: [Arc<dyn CustomOp>; 2] = [Arc::new(Three), Arc::new(Once)];
    let f = |x: &[Var]| sum(ops.iter().map(|op| custom(op.clone(), x)[0]));
    let s = 1.0 / (1.0 + (-3f64).exp());
    let want = [5.0 + s * (1.0 - s), 3.0];
    approx::assert_relative_eq!(gradient(f, &POINT)[..], want, max_relative = 1e-15);
    let tape = Tape::new();
    let _ = custom(ops[0].clone(), &tape.vars(&POINT));
    assert_eq!(tape.node(2).name, "three");
    assert_eq!(hessian(|x| custom(ops[0].clone(), x)[2], &POINT)[(0, 1)], 6.0);
}

#[test]
fn a_vjp_may_itself_use_the_engine() {
    /// sin(x)·y, which finds its derivatives on a tape of its own.
    struct Inner;
    fn inner(x: &[Var]) -> Var {
        x[0].sin() * x[1]
    }
    impl CustomOp for Inner {
        fn name(&self) -> &str {
            "inner"
        }
        fn value(&self, x: &[f64], y: &mut [f64]) {
            y[0] = gradtape::value_and_gradient(inner, x).0;
        }
        fn vjp(&self, x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
            let (_, slopes) = vjp(inner, x, w);
            dx.copy_from_slice(&slopes);
        }
        fn vjp_recorded(&self, x: &[Var], _y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
            Some(gradient(inner, x).into_iter().map(|dx| dx * w[0]).collect())
        }
    }
    let f = |x: &[Var]| custom(Inner, x)[0].square();
    let by_hand = |x: &[Var]| inner(x).square();
    assert_eq!(gradient(f, &POINT), gradient(by_hand, &POINT));
    let (h, want) = (hessian(f, &POINT), hessian(by_hand, &POINT));
    approx::assert_relative_eq!(h, want, max_relative = 1e-13);
    let nested = |f: fn(&[Var]) -> Var| gradient(|x| gradient(f, x)[0], &POINT);
    let (got, want) = (nested(|x| custom(Inner, x)[0].square()), nested(|x| inner(x).square()));
    approx::assert_relative_eq!(got[..], want[..], max_relative = 1e-13);
    // The outer tape went on recording on itself.
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let y = custom(Inner, &x)[0] + x[0];
    let slopes = y.backward().wrt_all(&x);
    assert_eq!((slopes[0], slopes[1]), (3f64.cos() * 5.0 + 1.0, 3f64.sin()));
}

#[test]
fn inputs_of_two_tapes_are_refused() {
    let (a, b) = (Tape::new(), Tape::new());
    let (x, y) = (a.var(1.0).label("x"), b.var(2.0).label("y"));
    panics_saying(&["`x`", "`y`", "two tapes"], || custom(Three, &[x, y]));
    assert_eq!(a.len() + b.len(), 2, "nothing was recorded");
}

#[test]
fn rewinding_takes_calls_back() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let kept = custom(Three, &x);
    let mark = tape.mark();
    for _ in 0..3 {
        let y = custom(Once, &[kept[1]])[0] + custom(Three, &[kept[0], x[0]])[1];
        let s = 1.0 / (1.0 + 2f64.exp());
        let slope = s * (1.0 - s);
        approx::assert_relative_eq!(
            *y.backward().wrt_all(&x),
            [slope + 4.0, 3.0 - slope],
            max_relative = 1e-14
        );
        tape.rewind(mark);
    }
    assert_eq!(kept[2].backward().wrt_all(&x), [30.0, 9.0]);
}

/// √x + √y, infinitely steep along x at x = 0.
struct Roots;

impl CustomOp for Roots {
    fn name(&self) -> &str {
        "roots"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0].sqrt() + x[1].sqrt();
    }
    fn vjp(&self, x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] * 0.5 / x[0].sqrt();
        dx[1] = w[0] * 0.5 / x[1].sqrt();
    }
}

#[test]
fn an_infinite_partial_does_not_spoil_a_direction_that_does_not_use_it() {
    let (_, dy) = jvp(|x| custom(Roots, x), &[0.0, 4.0], &[0.0, 1.0]);
    assert_eq!(dy, [0.25]);
    let (_, dy) = jvp(|x| custom(Roots, x), &[0.0, 4.0], &[1.0, 0.0]);
    assert_eq!(dy, [f64::INFINITY]);
}

/// `a² b`, with its vjp, on any scalar.
fn square_times<S: Real>(a: S, b: S) -> S {
    let value = |x: &[f64], y: &mut [f64]| y[0] = x[0] * x[0] * x[1];
    let vjp = |x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]| {
        dx[0] = w[0] * 2.0 * x[0] * x[1];
        dx[1] = w[0] * x[0] * x[0];
    };
    custom(("square_times", value, vjp), &[a, b])[0]
}

#[test]
fn generic_code_runs_an_operation_of_closures_on_every_scalar() {
    assert_eq!(square_times(3.0, 5.0), 45.0);
    assert_eq!(gradient(|x| square_times(x[0], x[1]), &[3.0, 5.0]), [30.0, 9.0]);
    let y = square_times(Dual::new(3.0, 1.0), Dual::new(5.0, 10.0));
    assert_eq!((y.primal(), y.tangent()), (45.0, 30.0 + 90.0));
    // A constant inside generic code is a constant on the tape too.
    assert!(square_times(Var::from(3.0), Var::from(5.0)).is_constant());
}

#[test]
fn a_dual_number_over_variables_records_the_vjp_of_an_operation() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let one = Dual::new(x[0], Var::from(1.0));
    let rest = x[1..].iter().map(|&x| Dual::constant(x));
    let outputs = custom(Three, &std::iter::once(one).chain(rest).collect::<Vec<_>>());
    let slope = outputs[0].tangent();
    let direct = gradient(|x| custom(Three, x)[0], &POINT)[0];
    assert_eq!(slope.value(), direct);
    let second = hessian(|x| custom(Three, x)[0], &POINT);
    for (i, &x) in x.iter().enumerate() {
        assert_eq!(slope.backward().wrt(x), second.row(0)[i], "{i}");
    }
}

#[test]
#[should_panic(expected = "custom operation `square_times` cannot be differentiated twice here")]
fn a_second_derivative_that_an_operation_of_closures_has_not_is_refused_not_zero() {
    let x = Dual::new(Dual::new(3.0, 1.0), Dual::new(1.0, 0.0));
    let _ = square_times(x, Dual::from(5.0));
}

/// `x²`, whose value and vjp are computed on tapes of their own.
struct OwnTape;

impl CustomOp for OwnTape {
    fn name(&self) -> &str {
        "own_tape"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        let x = Tape::new().var(x[0]).value();
        y[0] = x * x;
    }
    fn vjp(&self, x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        let tape = Tape::new();
        let x = tape.var(x[0]);
        dx[0] = w[0] * (x * x).backward().wrt(x);
    }
}

#[test]
fn an_operation_with_a_tape_of_its_own_leaves_recording_where_it_was() {
    let tape = Tape::new();
    let x = tape.var(3.0).label("x");
    let y = custom(OwnTape, &[x])[0];
    // The gradient of a constant is that of the tape in use.
    let in_use = || Var::from(1.0).backward().by_label().get("x").copied();
    assert_eq!(in_use(), Some(0.0));
    assert!(custom(OwnTape, &[Var::from(2.0)])[0].is_constant());
    assert_eq!(in_use(), Some(0.0), "after a constant");
    assert_eq!(custom(OwnTape, &[2.0])[0], 4.0);
    assert_eq!(in_use(), Some(0.0), "after a plain number");
    assert_eq!(y.backward().wrt(x), 6.0);
    assert_eq!(in_use(), Some(0.0), "after a reverse sweep");
    assert_eq!(tape.forward(&[(x, 1.0)]).wrt(y), 6.0);
    assert_eq!(in_use(), Some(0.0), "after a forward sweep");
    assert_eq!(tape.nodes().last().map(|node| node.partials), Some(vec![6.0]));
    assert_eq!(in_use(), Some(0.0), "after a listing");
    let program = tape.freeze(&[x], &[y]).expect("x is a leaf");
    let mut slope = [0.0];
    let value = program.value_and_gradient(&[5.0], &mut slope, &mut Workspace::new());
    assert_eq!((value, slope), (Ok(25.0), [10.0]));
    assert_eq!(in_use(), Some(0.0), "after a program");
}

#[test]
fn a_dual_number_of_dual_numbers_has_the_second_derivative() {
    let second = hessian(|x| sum(custom(Three, x)), &POINT);
    for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let seed = |k: usize| {
            let inner = Dual::new(POINT[k], f64::from(u8::from(k == i)));
            Dual::new(inner, Dual::from(f64::from(u8::from(k == j))))
        };
        let y = sum(custom(Three, &[seed(0), seed(1)]));
        assert_eq!(y.tangent().tangent(), second[(i, j)], "{i}, {j}");
    }
}
