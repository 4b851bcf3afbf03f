//! A replay gives the numbers of the code itself, or an error with the comparison that has another outcome.

#[path = "common/property.rs"]
mod property;

mod common {
    pub mod code;
    pub mod numeric;
    pub mod panics;
    pub mod programs;
}

use common::code::{Asked, branching, coordinate, run};
use common::numeric::same_bits;
use common::panics::says;
use common::programs::{orders, outputs, record_plain, value_and_gradient, variants};
use gradtape::program::{BranchChanged, Pass, Program, ReplayError, Workspace};
use gradtape::tape::Relation;
use gradtape::{Real, Tape, Var, dot, gradient};
use num_traits::Float;
use property::config;
use proptest::prelude::*;
use std::cmp::Ordering;

fn point() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(coordinate(), 3)
}

/// Run for the only output.
fn value(program: &Program, x: &[f64]) -> Result<f64, ReplayError> {
    program.value(x, &mut Workspace::new())
}

/// What a replay at `x` is refused for.
#[track_caller]
fn refusal(program: &Program, x: &[f64]) -> BranchChanged {
    let mut y = vec![0.0; program.outputs()];
    match program.values(x, &mut y, &mut Workspace::new()) {
        Err(ReplayError::BranchChanged(change)) => *change,
        other => panic!("{other:?} with {y:?}"),
    }
}

/// Whether a refusal has both sides of this comparison, recorded and present.
fn is_of(change: &BranchChanged, recorded: &Asked, present: &Asked) -> bool {
    same_bits(change.recorded[0], recorded.left)
        && same_bits(change.recorded[1], recorded.right)
        && same_bits(change.present[0], present.left)
        && same_bits(change.present[1], present.right)
}

proptest! {
    #![proptest_config(config(200))]

    /// The promise of programs: for any input the bits of the code, and a refusal exactly where the code
    /// takes another branch, with the first comparison that has another outcome.
    #[test]
    fn a_replay_gives_the_bits_of_the_code_or_is_refused_where_it_takes_another_branch(
        code in branching(),
        x0 in point(),
        points in prop::collection::vec(point(), 4),
        order in orders(),
    ) {
        let recorded = run(&code, &x0).asked;
        for (what, program) in variants(&x0, &order, |x| run(&code, x).values) {
            for x in points.iter().chain([&x0]) {
                let now = run(&code, x);
                let first = recorded.iter().zip(&now.asked).find(|(a, b)| a.answer != b.answer);
                let mut y = vec![0.0; program.outputs()];
                match (program.values(x, &mut y, &mut Workspace::new()), first) {
                    (Ok(()), None) => {
                        let equal = y.iter().zip(&now.values).all(|(a, b)| same_bits(*a, *b));
                        prop_assert!(equal, "{} at {:?}: {:?}", what, x, y);
                    }
                    (Err(ReplayError::BranchChanged(change)), Some((then, now))) => {
                        prop_assert!(is_of(&change, then, now), "{}: {}, {:?}", what, change, now);
                    }
                    (found, first) => {
                        prop_assert!(false, "{} at {:?}: {:?}, {:?}", what, x, found, first);
                    }
                }
            }
        }
    }

    /// Derivatives too belong to the branch that is taken.
    #[test]
    fn a_gradient_is_that_of_the_branch_taken_or_refused(
        code in branching(),
        (x0, x) in (point(), point()),
    ) {
        let f = |x: &[Var]| run(&code, x).values.pop().expect("a value");
        let [recorded, now] = [&x0, &x].map(|x| run(&code, x).asked);
        let same_way = recorded.iter().zip(&now).all(|(a, b)| a.answer == b.answer);
        let program = record_plain(|x| [f(x)], &x0);
        let mut slopes = [0.0; 3];
        match program.value_and_gradient(&x, &mut slopes, &mut Workspace::new()) {
            Ok(_) => {
                prop_assert!(same_way);
                let fresh = gradient(f, &x);
                let equal = slopes.iter().zip(&fresh).all(|(a, b)| same_bits(*a, *b));
                prop_assert!(equal, "{:?}, not {:?}", slopes, fresh);
            }
            Err(error) => prop_assert!(!same_way, "{}", error),
        }
    }
}

#[test]
fn the_branch_recorded_at_3_is_refused_at_minus_3() {
    fn f<S: Real>(x: S) -> S {
        if x > 0.0 { x } else { x * x }
    }
    for (what, program) in variants(&[3.0], &[Pass::Fuse], |x| f(x[0])) {
        assert_eq!(value_and_gradient(&program, &[5.0]), (5.0, vec![1.0]), "{what}");
        let change = refusal(&program, &[-3.0]);
        assert_eq!((change.relation, change.outcome), (Relation::Greater, true));
        assert_eq!((change.recorded[0], change.present[0]), (3.0, -3.0));
        assert_eq!((change.recorded[1], change.present[1]), (0.0, 0.0));
        assert_eq!((&change.names[1], change.row), (&None, None));
        for x in [0.0, -0.0, f64::NAN, f64::NEG_INFINITY] {
            assert!(value(&program, &[x]).is_err(), "{what} at {x}");
        }
    }
    // The other branch refuses the other inputs.
    let other = Program::record(|x| f(x[0]), &[-3.0]);
    assert_eq!(value_and_gradient(&other, &[-4.0]), (16.0, vec![-8.0]));
    assert_eq!((value(&other, &[0.0]), value(&other, &[f64::NAN]).is_ok()), (Ok(0.0), true));
    assert!(value(&other, &[5e-324]).is_err());
}

#[test]
fn every_method_refuses_another_branch() {
    let program = Program::record(|x| if x[0] > 0.0 { x[0] } else { x[0] * x[0] }, &[3.0]);
    let (x, workspace) = ([-3.0], &mut Workspace::new());
    let mut out = [7.0];
    let refused = |answer: Result<(), ReplayError>| {
        assert!(matches!(answer, Err(ReplayError::BranchChanged(_))), "{answer:?}");
    };
    refused(program.values(&x, &mut out, workspace));
    refused(program.value(&x, workspace).map(drop));
    refused(program.value_and_gradient(&x, &mut out, workspace).map(drop));
    refused(program.vjp(&x, &[1.0], &mut out, workspace));
    refused(program.jvp(&x, &[1.0], &mut out, workspace));
    refused(program.hessian_vector(&x, &[1.0], &mut out, workspace));
    assert_eq!(out, [7.0], "no number is given with a refusal");
    // The workspace can still be used.
    assert_eq!(program.value_and_gradient(&[2.0], &mut out, workspace), Ok(2.0));
}

#[test]
fn a_refusal_names_labels_scope_and_both_values() {
    let program = Program::record(
        |x| {
            let (weight, limit) = (x[0].label("weight"), x[1].label("limit"));
            Var::scope("clinic", || {
                Var::scope("dosing", || if weight > limit { weight - limit } else { limit })
            })
        },
        &[70.0, 50.0],
    );
    let change = refusal(&program, &[40.0, 50.0]);
    assert_eq!(change.names[0].as_deref(), Some("`weight`"));
    assert_eq!(change.names[1].as_deref(), Some("`limit`"));
    let scope = change.scope.clone().expect("it was made in a scope");
    says(&scope, &["clinic", "dosing"]);
    let words = ["`weight` > `limit` is false, and was true when recorded", "40", "70", "`select`"];
    says(&change.to_string(), &words);
    says(&ReplayError::BranchChanged(Box::new(change)).to_string(), &words);
}

#[test]
fn all_relations_are_checked_with_nan_and_at_equality() {
    type Ask<S> = fn(&S, &S) -> bool;
    let asks: [(Ask<Var>, Ask<f64>); 6] = [
        (|x, y| x < y, |x, y| x < y),
        (|x, y| x <= y, |x, y| x <= y),
        (|x, y| x > y, |x, y| x > y),
        (|x, y| x >= y, |x, y| x >= y),
        (|x, y| x == y, |x, y| x == y),
        (|x, y| x != y, |x, y| x != y),
    ];
    let numbers = [-1.0, -0.0, 0.0, 1.0, f64::INFINITY, f64::NAN];
    let points = || numbers.iter().flat_map(|&x| numbers.map(|y| [x, y]));
    for (k, (on_vars, on_numbers)) in asks.into_iter().enumerate() {
        for x0 in points() {
            let f = |x: &[Var]| [if on_vars(&x[0], &x[1]) { x[0] } else { x[1] }];
            let program = Program::record(f, &x0);
            for x in points() {
                let same = on_numbers(&x[0], &x[1]) == on_numbers(&x0[0], &x0[1]);
                assert_eq!(value(&program, &x).is_ok(), same, "ask {k}, {x0:?}, {x:?}");
            }
        }
    }
}

#[test]
fn another_ordering_is_refused() {
    let numbers = [1.0, 2.0, 3.0, f64::NAN];
    for x0 in numbers {
        let program = Program::record(
            |x| {
                Var::from(match x[0].partial_cmp(&2.0) {
                    Some(Ordering::Less) => 10.0,
                    Some(Ordering::Equal) => 20.0,
                    Some(Ordering::Greater) => 30.0,
                    None => 40.0,
                })
            },
            &[x0],
        );
        for x in numbers {
            let same = x.partial_cmp(&2.0) == x0.partial_cmp(&2.0);
            assert_eq!(value(&program, &[x]).is_ok(), same, "{x0}, {x}");
        }
    }
}

/// The tests of a value that `num_traits` has are comparisons: a replay refuses a value with another answer.
#[test]
fn tests_of_a_value_are_guards() {
    type Ask<S> = fn(S) -> bool;
    let asks: [(&str, Ask<Var>, Ask<f64>); 8] = [
        ("is_nan", Float::is_nan, f64::is_nan),
        ("is_infinite", Float::is_infinite, f64::is_infinite),
        ("is_finite", Float::is_finite, f64::is_finite),
        ("is_sign_negative", Float::is_sign_negative, f64::is_sign_negative),
        ("is_sign_positive", Float::is_sign_positive, f64::is_sign_positive),
        ("is_zero", |x| num_traits::Zero::is_zero(&x), |x| x == 0.0),
        ("is_one", |x| num_traits::One::is_one(&x), |x| x == 1.0),
        ("is_negative", |x| num_traits::Signed::is_negative(&x), f64::is_sign_negative),
    ];
    let numbers = [-2.0, -5e-324, -0.0, 0.0, 5e-324, 1.0, 2.0, f64::INFINITY, f64::NAN];
    for (name, on_vars, on_numbers) in asks {
        for x0 in numbers {
            let f = |x: &[Var]| [if on_vars(x[0]) { x[0] + 1.0 } else { x[0] * 5.0 }];
            let program = Program::record(f, &[x0]);
            for x in numbers {
                if let Ok(found) = value(&program, &[x]) {
                    let expected = if on_numbers(x) { x + 1.0 } else { x * 5.0 };
                    assert!(
                        same_bits(found, expected),
                        "{name} recorded at {x0:?}, at {x:?}: {found}"
                    );
                }
                let same_answer = on_numbers(x) == on_numbers(x0);
                assert!(same_answer || value(&program, &[x]).is_err(), "{name}, {x0:?}, {x:?}");
            }
            assert!(value(&program, &[x0]).is_ok(), "{name}: the point itself is refused, {x0:?}");
        }
    }
}

#[test]
fn of_nested_branches_the_outer_one_is_reported() {
    let f = |x: &[Var]| {
        let (a, b) = (x[0].label("outer"), x[1].label("inner"));
        let deep = b.exp() * 2.0;
        if a > 0.0 { if deep.label("deep") > 1.0 { deep } else { b } } else { a }
    };
    for (what, program) in variants(&[1.0, 1.0], &[Pass::Fuse, Pass::Share], |x| [f(x)]) {
        let change = refusal(&program, &[-1.0, -9.0]);
        assert_eq!(change.names[0].as_deref(), Some("`outer`"), "{what}");
        let change = refusal(&program, &[1.0, -9.0]);
        assert_eq!(change.names[0].as_deref(), Some("`deep`"), "{what}");
    }
}

/// Newton's method until it converges; returns the number of iterations too.
fn square_root<T: Float>(a: T) -> (T, usize) {
    let two = T::one() + T::one();
    let mut x = a.max(T::one());
    for round in 0..50 {
        let next = (x + a / x) / two;
        if (next - x).abs() <= T::epsilon() * x {
            return (next, round);
        }
        x = next;
    }
    (x, 50)
}

#[test]
fn a_loop_that_stops_by_a_comparison_has_the_recorded_number_of_iterations_or_is_refused() {
    let program = Program::record(|x| [square_root(x[0]).0], &[2.0]);
    let rounds = square_root(2.0).1;
    let (mut agreed, mut refused) = (0, 0);
    for i in 0..400 {
        let a = 0.05 * f64::from(i);
        let (expected, needed) = square_root(a);
        match value(&program, &[a]) {
            Ok(root) => {
                assert_eq!((root, rounds), (expected, needed), "at {a}");
                agreed += 1;
            }
            Err(_) => {
                assert_ne!(rounds, needed, "at {a}");
                refused += 1;
            }
        }
    }
    assert!(agreed > 20 && refused > 20, "{agreed} agreed, {refused} refused");
}

#[test]
fn operations_that_select_replay_for_every_input() {
    fn f<S: Real>(x: S) -> S {
        let ordered = x.min(S::from(1.0)) + x.max(S::from(-1.0)) + x.clamp(-2.0, 2.0);
        ordered + x.abs() + x.relu() + S::select(x, x * 3.0, x * 5.0) + x.compare(S::from(0.5))
    }
    for (what, program) in variants(&[3.0], &[Pass::Share, Pass::Fuse], |x| f(x[0])) {
        for x in [-3.0, -1.5, -0.5, 0.0, 0.25, 0.75, 1.75, 9.0] {
            let (value, slope) = value_and_gradient(&program, &[x]);
            assert_eq!(value, f(x), "{what} at {x}");
            assert_eq!(slope, gradient(|x| f(x[0]), &[x]), "{what} at {x}");
        }
    }
}

#[test]
fn a_value_that_is_only_compared_is_computed_and_checked() {
    let f = |x: &[Var]| {
        let distance = (x[0] - x[1]).abs();
        [if distance < 1.0 { x[0] } else { x[1] }]
    };
    for (what, program) in variants(&[1.0, 1.5], &[Pass::Dead, Pass::Dead], f) {
        assert_eq!(value(&program, &[5.0, 4.5]), Ok(5.0), "{what}");
        assert!(value(&program, &[5.0, 3.0]).is_err(), "{what}");
    }
}

#[test]
fn a_comparison_that_depends_on_no_input_is_no_guard() {
    let tape = Tape::new();
    let (x, aside) = (tape.var(1.0), tape.var(2.0));
    assert!(aside > 1.0 && aside.exp() > aside);
    let program = tape.freeze(&[x], &[x * 2.0]).expect("aside is no part of it");
    assert_eq!((value(&program, &[-7.0]), program.len()), (Ok(-14.0), 1));
}

/// A loop that makes the same comparison again and again: one guard is enough.
#[test]
fn repeated_comparisons_are_one_guard() {
    let f = |x: &[Var]| {
        let mut y = x[0];
        for _ in 0..300 {
            y = if x[1] > 0.0 { y + x[1] } else { y - x[1] };
        }
        [y]
    };
    for (what, program) in variants(&[0.0, 1.0], &[Pass::Share], f) {
        assert_eq!(value(&program, &[1.0, 2.0]), Ok(601.0), "{what}");
        assert_eq!(refusal(&program, &[1.0, -2.0]).present[0], -2.0, "{what}");
    }
}

/// An identity or a fold may leave a guard with a constant side, or one of another instruction.
#[test]
fn guards_follow_their_operands_through_the_passes() {
    let f = |x: &[Var]| {
        let one = x[0].powi(0);
        let twice = -(-x[0]);
        let again = x[1] + x[0];
        assert!(one > 0.5 && twice < 2.0 && again > x[0] + x[1] - 1.0);
        let part = x[0] * x[1];
        assert!(part < 100.0, "a product of a chain");
        [part + x[0] * x[0] + one + twice]
    };
    for (what, program) in variants(&[1.0, 3.0], &[Pass::Share, Pass::Identities], f) {
        assert_eq!(value(&program, &[1.5, 4.0]), Ok(6.0 + 2.25 + 1.0 + 1.5), "{what}");
        let change = refusal(&program, &[2.5, 4.0]);
        assert_eq!((change.present[0], change.present[1]), (2.5, 2.0), "{what}");
        let change = refusal(&program, &[1.5, 100.0]);
        assert_eq!((change.present[0], change.recorded[0]), (150.0, 3.0), "{what}");
    }
}

/// A comparison inside a nested gradient belongs to the program.
#[test]
fn a_comparison_inside_a_nested_gradient_is_a_guard() {
    let f = |x: &[Var]| {
        let inner = |z: &[Var]| if z[0] > 1.0 { z[0].powi(3) } else { z[0] };
        [gradient(inner, &x[..1])[0] + x[1]]
    };
    for (what, program) in variants(&[2.0, 0.0], &[Pass::Identities], f) {
        assert_eq!(outputs(&program, &[3.0, 0.5]), [27.5], "{what}");
        assert!(value(&program, &[0.5, 0.5]).is_err(), "{what}");
    }
}

#[test]
fn a_guard_between_the_terms_of_a_sum_is_kept() {
    let f = |x: &[Var]| [dot(x.iter().map(|&v| if v > 0.0 { v } else { -v }), x)];
    for (what, program) in variants(&[1.0, -2.0], &[Pass::Fuse], f) {
        assert_eq!(value(&program, &[3.0, -1.0]), Ok(9.0 - 1.0), "{what}");
        assert!(value(&program, &[3.0, 1.0]).is_err(), "{what}");
        assert!(value(&program, &[-3.0, -1.0]).is_err(), "{what}");
    }
}
