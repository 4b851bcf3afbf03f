//! Tapes come and go in any order, and a variable never stands for a node of another time.

#[path = "common/panics.rs"]
mod panics;
#[path = "common/seed.rs"]
mod seed;

use gradtape::{
    Gradient, Real, Tape, Var, dot, gradient, hessian, jacobian, nth_derivative, value_and_gradient,
};
use panics::{message_of, panics_saying};
use std::cell::RefCell;
use std::collections::HashMap;

/// Whether any use of a variable is refused.
fn is_stale(variable: Var) -> bool {
    std::panic::catch_unwind(|| variable + 1.0).is_err()
}

#[test]
fn variables_of_thousands_of_clears_never_alias() {
    let tape = Tape::new();
    let mut old = Vec::new();
    let mut gradient = Gradient::new();
    for round in 0..5000 {
        tape.clear();
        let x = tape.vars(&[1.0, 2.0, 3.0]);
        let y = x[0] * x[1] + x[2];
        tape.backward_into(&[(y, 1.0)], &mut gradient);
        assert_eq!(gradient.wrt_all(&x), [2.0, 1.0, 1.0]);
        if round % 10 == 0 {
            old.extend([x[0], y]);
        }
        for &variable in old.iter().rev().skip(2).take(20) {
            assert!(gradient.try_wrt(variable).is_err());
        }
    }
    tape.clear();
    let _ = tape.vars(&[0.0; 100]);
    assert!(old.into_iter().all(is_stale));
}

#[test]
fn variables_of_thousands_of_tapes_never_alias() {
    let mut old: Vec<Var> = Vec::new();
    for round in 0..5000 {
        let tape = Tape::new();
        let x = tape.vars(&[1.0; 4]);
        let gradient = (x[0] * x[3]).backward();
        assert!(old.iter().rev().take(20).all(|&v| gradient.try_wrt(v).is_err()));
        if round % 10 == 0 {
            old.push(x[round % 4]);
        }
    }
    let tape = Tape::new();
    let _ = tape.vars(&[0.0; 100]);
    assert!(old.into_iter().all(is_stale));
}

#[test]
fn variables_of_thousands_of_rewinds_never_alias() {
    let tape = Tape::new();
    let w = tape.var(2.0);
    let mark = tape.mark();
    let mut old: Vec<Var> = Vec::new();
    for round in 0..5000 {
        let y = w * f64::from(round);
        let gradient = y.backward();
        assert_eq!(gradient.wrt(w), f64::from(round));
        assert!(old.iter().rev().take(20).all(|&v| gradient.try_wrt(v).is_err()));
        old.push(y);
        tape.rewind(mark);
    }
    let _ = tape.vars(&[0.0; 10_000]);
    assert!(old.into_iter().step_by(10).all(is_stale));
    assert_eq!((w * w).backward().wrt(w), 4.0);
}

#[test]
fn rewinding_to_marks_inside_marks_keeps_exactly_what_was_before() {
    let tape = Tape::new();
    let mut standing: Vec<(gradtape::tape::Mark, Var)> = Vec::new();
    let mut gone: Vec<Var> = Vec::new();
    let mut random = seed::random(7);
    for _ in 0..2000 {
        if random.u32(..3) > 0 || standing.is_empty() {
            let value = random.f64();
            let v = standing.last().map_or_else(|| tape.var(value), |(_, last)| *last * value);
            standing.push((tape.mark(), v));
        } else {
            let keep = random.usize(..standing.len());
            tape.rewind(standing[keep].0);
            gone.extend(standing.drain(keep + 1..).map(|(_, v)| v));
        }
        for &(_, v) in standing.iter().rev().take(3) {
            assert_eq!(v.index().map(|i| tape.node(i).value), Some(v.value()));
        }
    }
    let (_, last) = standing[standing.len() - 1];
    let gradient = last.backward();
    let product: f64 = last.value() / standing[0].1.value();
    approx::assert_relative_eq!(gradient.wrt(standing[0].1), product, max_relative = 1e-12);
    assert!(gone.into_iter().all(is_stale));
}

#[test]
fn an_open_scope_does_not_keep_a_dropped_tape_recording() {
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    let scope = tape.scope("still open");
    drop(tape);
    panics_saying(&["`x`", "dropped"], || x + x);
    let next = Tape::new();
    let y = next.var(5.0);
    panics_saying(&["`x`", "dropped"], || x + x);
    assert!((y * y).backward().try_wrt(x).is_err());
    drop(scope);
    assert_eq!((y * y).backward().wrt(y), 10.0);
}

#[test]
fn a_scope_closes_itself_and_no_other() {
    let tape = Tape::new();
    let before = tape.scope("before the clear");
    tape.clear();
    let x = tape.var(1.0);
    let after = tape.scope("after");
    drop(before);
    let inner = tape.scope("inner");
    let y = x + 1.0;
    // Dropped in the wrong order: what is inside closes with it.
    drop(after);
    let z = y + 1.0;
    drop(inner);
    let scope_of = |v: Var| v.index().and_then(|i| tape.node(i).scope);
    assert_eq!(scope_of(x), None);
    assert_eq!(scope_of(y), Some(1));
    assert_eq!(scope_of(z), None);
    let ends: Vec<_> = tape.scopes().into_iter().map(|s| (s.name, s.start, s.end)).collect();
    assert_eq!(ends, [("after".into(), 1, Some(2)), ("inner".into(), 1, Some(2))]);
    assert_eq!(tape.scopes()[1].parent, Some(0));
}

#[test]
fn tapes_may_be_dropped_in_any_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let mut tapes: HashMap<usize, (Tape, Var)> = (0..3)
            .map(|i| {
                let tape = Tape::new();
                let x = tape.var(i as f64 + 1.0);
                (i, (tape, x))
            })
            .collect();
        for i in order {
            let (tape, x) = tapes.remove(&i).expect("each is dropped once");
            drop(tape);
            assert!(is_stale(x));
            for (_, y) in tapes.values() {
                assert_eq!((y.square() * 3.0).backward().wrt(*y), 6.0 * y.value());
            }
        }
    }
}

#[test]
fn a_tape_dropped_while_unwinding_leaves_the_others_whole() {
    let outer = Tape::new();
    let x = outer.var(3.0);
    let message = message_of(|| {
        let inner = Tape::new();
        let _scope = inner.scope("open");
        let y = inner.var(2.0);
        let _ = y * y;
        panic!("on purpose");
    });
    assert_eq!(message, "on purpose");
    assert_eq!((x * x).backward().wrt(x), 6.0);
}

/// A tape that lives as long as its thread, with a variable of it.
struct Kept {
    tape: Tape,
    x: Var,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
    static ALSO_KEPT: Tape = Tape::new();
}

#[test]
fn a_thread_may_end_with_live_tapes() {
    for _ in 0..50 {
        let use_tapes = || {
            let tape = Tape::new();
            let x = tape.var(2.0).label("x");
            KEPT.set(Some(Kept { tape, x }));
            let y = ALSO_KEPT.with(|tape| tape.var(1.0));
            // The front doors keep one too.
            let third = gradient(|z| z[0] * 3.0, &[1.0])[0];
            let first = KEPT.with_borrow(|kept| {
                let kept = kept.as_ref().expect("it was put there");
                kept.tape.backward(&[(kept.x * kept.x, 1.0)]).wrt(kept.x)
            });
            (first, y.exp().backward().wrt(y), third)
        };
        let joined = std::thread::spawn(use_tapes).join().expect("nothing panics");
        assert_eq!(joined, (4.0, 1f64.exp(), 3.0));
    }
}

#[test]
fn a_thread_may_end_by_a_panic_with_live_tapes() {
    let joined = std::thread::spawn(|| {
        let tape = Tape::new();
        let x = tape.var(2.0);
        KEPT.set(Some(Kept { tape, x }));
        gradient(|y| if y[0] > 0.0 { panic!("inside") } else { y[0] }, &[1.0])
    })
    .join();
    assert!(joined.is_err());
    assert_eq!(gradient(|x| x[0] * x[0], &[3.0]), [6.0]);
}

#[test]
fn a_forgotten_tape_harms_nobody() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    std::mem::forget(tape);
    let other = Tape::new();
    let y = other.var(3.0);
    assert_eq!((y * y).backward().wrt(y), 6.0);
    assert_eq!((x * x).backward().wrt(x), 4.0);
}

#[test]
fn front_doors_work_inside_front_doors() {
    // Constants to the outer derivative: numbers come out.
    let outer = gradient(
        |x| {
            let slope = gradient(|y| y[0].powi(3), &[2.0])[0]; // 12
            let h = hessian(|y| y[0].powi(3), &[2.0])[(0, 0)]; // 12
            let j = jacobian(|y| [y[0] * 5.0], &[1.0])[(0, 0)]; // 5
            let third = nth_derivative(|y| y.powi(3), 2.0, 3); // 6
            x[0] * slope + x[0] * h + x[0] * j + x[0] * third
        },
        &[1.0],
    );
    assert_eq!(outer, [35.0]);
}

#[test]
fn a_front_door_leaves_the_tape_in_use_in_use() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    assert_eq!(gradient(|y| y[0] * 3.0, &[1.0]), [3.0]);
    // At a constant point, the nested gradient is recorded on the tape in use.
    let slope = gradient(|y| y[0].square() * x, &[Var::from(3.0)])[0];
    assert_eq!(slope.value(), 12.0);
    assert_eq!(slope.backward().wrt(x), 6.0);
}

#[test]
fn a_gradient_at_constants_outside_any_tape_is_plain_and_harms_no_later_one() {
    assert_eq!(gradient(|x| x[0] * x[0], &[1.0]), [2.0]);
    let slope = gradient(|y| y[0].square(), &[Var::from(3.0)])[0];
    assert_eq!(slope.value(), 6.0);
    assert!(slope.is_constant());
    assert_eq!(gradient(|x| x[0] * 5.0, &[1.0]), [5.0]);
    assert_eq!(value_and_gradient(|x| x[1] * 7.0, &[1.0, 2.0]), (14.0, [0.0, 7.0]));
}

#[test]
fn a_nested_gradient_after_a_front_door_inside_a_closure_is_right() {
    let g = gradient(
        |x| {
            let two = gradient(|z| z[0] * 2.0, &[1.0])[0];
            gradient(|y| x[0] * y[0].square() * two, &[Var::from(3.0)])[0]
        },
        &[1.0],
    );
    assert_eq!(g, [12.0]);
}

#[test]
fn a_panic_inside_a_front_door_leaves_every_door_right() {
    let cube = |x: &[Var]| x[0].powi(3);
    for _ in 0..20 {
        message_of(|| gradient(|x| panic!("at {}", x[0]), &[1.0]));
        message_of(|| hessian(|x| panic!("at {}", x[0]), &[1.0]));
        message_of(|| jacobian(|x| -> [Var; 1] { panic!("at {}", x[0]) }, &[1.0]));
        assert_eq!(gradient(cube, &[2.0]), [12.0]);
        assert_eq!(hessian(cube, &[2.0]).as_slice(), [12.0]);
        assert_eq!(jacobian(|x| [x[0] * 5.0], &[2.0]).as_slice(), [5.0]);
    }
}

#[test]
fn a_panic_caught_inside_a_front_door_leaves_the_outer_derivative_right() {
    let g = gradient(
        |x| {
            let y = x[0] * x[0];
            let message = message_of(|| {
                gradient(|z| if z[0] > 0.0 { panic!("inner") } else { z[0] }, &[1.0])
            });
            assert_eq!(message, "inner");
            let message = message_of(|| gradient(|_| panic!("nested inner"), &[x[0]]));
            assert_eq!(message, "nested inner");
            // The outer tape is in use again.
            let slope = gradient(|z| z[0] * y, &[Var::from(1.0)])[0];
            slope * x[0] + <Var as Real>::scope("named", || y)
        },
        &[3.0],
    );
    assert_eq!(g, [27.0 + 6.0]);
}

/// A tape beside a list of what should stand on it, through random marks, rewinds and clears.
#[test]
fn after_rewinds_to_any_marks_in_turn_just_what_stands_can_be_used() {
    let mut random = seed::random(3);
    let tape = Tape::new();
    let (mut standing, mut gone): (Vec<Var>, Vec<Var>) = (Vec::new(), Vec::new());
    let mut marks = vec![(0, tape.mark())];
    for step in 0..3000 {
        match random.u8(..20) {
            0 => {
                tape.clear();
                gone.append(&mut standing);
                marks.truncate(1);
            }
            1..6 => {
                let (len, mark) = marks[random.usize(..marks.len())];
                tape.rewind(mark);
                gone.extend(standing.drain(len..));
                marks.retain(|&(nodes, _)| nodes <= len);
            }
            6..11 => marks.push((tape.len(), tape.mark())),
            _ => {
                let value = f64::from(step);
                standing.extend((0..random.usize(1..5)).map(|_| tape.var(value)));
            }
        }
        assert_eq!(tape.len(), standing.len());
        for (i, variable) in standing.iter().enumerate() {
            assert_eq!(
                (variable.index(), tape.var_at(i).index()),
                (Some(i), Some(i)),
                "step {step}"
            );
        }
        if let (Some(a), Some(b)) = (random.choice(&standing), random.choice(&standing)) {
            let mark = tape.mark();
            let (products, sums) = ([*a * *b, *a * 2.0], dot([*a; 9], [*b; 9]));
            assert_eq!(tape.node(products[0].index().expect("a node")).operands.len(), 2);
            let slope = if a.index() == b.index() { 2.0 * a.value() } else { b.value() };
            assert_eq!(products[0].backward().wrt(*a), slope, "step {step}");
            assert_eq!(sums.backward().wrt(*a), 9.0 * slope, "step {step}");
            if step % 50 == 0 {
                let recent = gone.iter().rev().take(200).copied().collect::<Vec<_>>();
                assert!(random.choice(recent).is_none_or(is_stale), "step {step}");
            }
            tape.rewind(mark);
        }
    }
}
