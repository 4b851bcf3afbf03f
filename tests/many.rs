//! A hundred thousand tapes, rewinds, labels, scopes, comparisons and operations: none costs what all others
//! cost. No test here looks at a clock; what grows with the square takes minutes and hours where these take
//! seconds.

#[path = "common/seed.rs"]
mod seed;

use gradtape::{Gradient, Real, Tape, Var, custom, dot, gradient, sum};
use seed::random;

const MANY: usize = 100_000;

#[test]
fn many_live_tapes_are_used_in_turn_and_dropped_in_any_order() {
    for order in 0..4 {
        let mut tapes: Vec<Tape> = (0..MANY).map(|_| Tape::new()).collect();
        let variables: Vec<Var> = tapes.iter().map(|tape| tape.var(2.0)).collect();
        // Each operation is on another tape than the last.
        let sines: Vec<Var> = variables.iter().map(|x| x.square()).collect();
        for (x, y) in variables.iter().zip(&sines).step_by(10) {
            assert_eq!(y.backward().wrt(*x), 4.0);
            assert_eq!(Var::from(1.0).backward().wrt(*x), 0.0);
            assert_eq!(y.index(), Some(1));
            let z = <Var as Real>::scope("scope", || *y * *x);
            let slope = gradient(|p| p[0] * z, &[Var::from(2.0)])[0];
            assert_eq!(slope.backward().wrt(*x), 12.0);
        }
        match order {
            0 => {}
            1 => tapes.reverse(),
            2 => random(1).shuffle(&mut tapes),
            _ => {
                // A scope that is open on each of them at once.
                let all: f64 =
                    <Var as Real>::scope("all", || sines.iter().map(|y| y.exp().value()).sum());
                assert!(all > 0.0);
                assert_eq!(tapes[MANY / 2 + 1].scopes().len(), 1);
            }
        }
        tapes.into_iter().for_each(drop);
    }
}

/// A tape on which each of the variables stands between two rewinds.
fn with_segments() -> (Tape, Vec<Var>) {
    let tape = Tape::new();
    let one = |_| {
        let x = tape.var(1.0);
        let mark = tape.mark();
        let _ = x * 2.0;
        tape.rewind(mark);
        x
    };
    let variables = (0..MANY).map(one).collect();
    (tape, variables)
}

#[test]
fn variables_between_many_rewinds_are_found_each_by_itself() {
    let (tape, x) = with_segments();
    let twice: Vec<Var> = x.iter().map(|&x| x * 2.0).collect();
    let y = sum(&x) + dot(&x, &x) + sum(&twice);
    let g = y.backward();
    assert!(x.iter().all(|&x| g.wrt(x) == 5.0));
    assert!(x.iter().enumerate().all(|(i, x)| x.index() == Some(i)));
    assert!((0..MANY).all(|i| tape.var_at(i).index() == Some(i)));
    let t = tape.forward(&[(x[MANY / 2], 1.0)]);
    assert_eq!(t.wrt(y), 5.0);
    let slopes = tape.backward_recorded(y, &x).expect("there is no custom operation");
    assert!(slopes.iter().all(|slope| slope.value() == 5.0));
    let nested = gradient(|x| sum(x).square(), &x);
    assert_eq!(nested[7].value(), 2.0 * MANY as f64);
    let at_constants = gradient(|z| dot(&x, &vec![z[0]; MANY]), &[Var::from(2.0)])[0];
    assert_eq!((at_constants.value(), at_constants.backward().wrt(x[3])), (MANY as f64, 1.0));
    tape.freeze(&x, &[y]).expect("all leaves are listed");
    // And they are cut off from the end, one by one.
    drop((tape, x));
    let tape = Tape::new();
    let mut marks = Vec::new();
    for _ in 0..MANY {
        marks.push(tape.mark());
        let x = tape.var(1.0);
        let mark = tape.mark();
        let _ = x * 2.0;
        tape.rewind(mark);
    }
    marks.into_iter().rev().for_each(|mark| tape.rewind(mark));
    assert!(tape.is_empty());
}

#[test]
fn many_rewinds_on_a_tape_with_many_side_tables_leave_them_alone() {
    let tape = Tape::new();
    tape.record_locations(true);
    let mut x = Vec::with_capacity(MANY);
    for i in 0..MANY {
        let name = format!("w{i}");
        x.push(tape.var(1.0).label(&name));
        let _scope = tape.scope(&name);
        let _ = x[i] * 2.0;
        let _ = x[i] < 2.0;
    }
    let mark = tape.mark();
    let mut gradient = Gradient::new();
    for i in 0..MANY {
        let _scope = tape.scope("step");
        let y = x[0].exp().label("loss");
        let _ = y < 3.0;
        if i % 10_000 == 0 {
            tape.backward_into(&[(y, 1.0)], &mut gradient);
        }
        tape.rewind(mark);
    }
    assert_eq!((tape.scopes().len(), tape.guards().len(), tape.len()), (MANY, MANY, 2 * MANY));
    assert_eq!(gradient.by_label().len(), MANY + 1);
    // Each node with its scope.
    for i in 0..MANY {
        assert_eq!(tape.node(2 * i + 1).scope, Some(i));
    }
}

#[test]
fn scopes_nest_to_any_depth() {
    let tape = Tape::new();
    let x = tape.var(0.5);
    let mut scopes = Vec::with_capacity(MANY);
    for _ in 0..MANY {
        scopes.push(tape.scope("deeper"));
        let _ = x.sin();
    }
    while let Some(scope) = scopes.pop() {
        drop(scope);
        let _ = x.cos();
    }
    assert_eq!(tape.scopes().len(), MANY);
    assert_eq!(tape.nodes().filter(|node| node.scope == Some(1)).count(), 2);
    fn deeper(x: Var, depth: usize) -> Var {
        match depth {
            0 => x,
            _ => <Var as Real>::scope("deeper", || deeper(x.sin(), depth - 1)),
        }
    }
    let _ = deeper(x, 500);
    assert_eq!(tape.scopes().len(), MANY + 500);
}

#[test]
fn gradients_nested_in_a_long_recording_do_not_cost_its_length() {
    let twice = |x: &[f64], y: &mut [f64]| y[0] = 2.0 * x[0];
    let vjp = |_: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]| dx[0] = 2.0 * w[0];
    let tape = Tape::new();
    let x = tape.var(1.0);
    for _ in 0..MANY {
        let _ = custom(("twice", twice, vjp), &[x]);
    }
    for _ in 0..MANY {
        assert_eq!(gradient(|y| y[0] * y[0] * x, &[x])[0].value(), 2.0);
    }
}

#[test]
fn the_first_node_that_is_not_finite_is_named_among_many_labels() {
    let tape = Tape::new();
    let x: Vec<Var> = (0..MANY).map(|i| tape.var(1e305).label(&format!("x{i}"))).collect();
    let y = sum(&x);
    assert_eq!(y.value(), f64::INFINITY);
    let culprit = tape.first_non_finite().expect("the sum is infinite");
    assert_eq!((culprit.node, culprit.operands.len()), (MANY, MANY));
}
