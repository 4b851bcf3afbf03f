//! The switch: per tape, at any time, through clear and rewind; and nothing else changes by it.

use super::expression::expressions;
use super::numeric::same_bits;
use super::{lines, locating, on_its_line};
use crate::property::config;
use gradtape::{Gradient, Node, Tape, Var, affine, dot, gradient, sum};
use proptest::prelude::*;

#[test]
fn nodes_recorded_while_it_is_off_have_no_line() {
    let tape = Tape::new();
    let x = tape.var(1.0);
    let y = x * 2.0;
    tape.record_locations(true);
    tape.record_locations(true);
    let z = on_its_line!(tape, x * y);
    tape.record_locations(false);
    let _ = z.sin();
    tape.record_locations(true);
    on_its_line!(tape, sum([x, y, z]));
    let known: Vec<bool> = lines(&tape).iter().map(Option::is_some).collect();
    assert_eq!(known, [false, false, true, false, true]);
    assert_eq!(tape.location(1), None);
    let at = tape.location(2).map(|at| format!("{}:{}", at.file(), at.line()));
    assert!(at.is_some() && at == tape.node(2).location);
}

#[test]
fn it_stays_on_through_clear_and_rewind_and_nothing_old_is_left() {
    let tape = locating();
    for _ in 0..3 {
        let x = on_its_line!(tape, tape.var(1.0));
        let mark = tape.mark();
        for _ in 0..3 {
            let y = on_its_line!(tape, x.exp());
            let z = on_its_line!(tape, y * x);
            assert_eq!(z.backward().wrt(x), 2.0 * y.value());
            tape.rewind(mark);
            // The same places, on other lines.
            on_its_line!(tape, x - 1.0);
            on_its_line!(tape, sum([x, x]));
            tape.rewind(mark);
        }
        tape.record_locations(false);
        let _ = x.sin();
        tape.record_locations(true);
        assert_eq!((lines(&tape).len(), lines(&tape)[1]), (2, None));
        tape.clear();
    }
    // Turned on while the tape is not empty, and cleared before anything is recorded.
    let tape = Tape::new();
    let _ = tape.vars(&[1.0; 5]);
    tape.record_locations(true);
    tape.clear();
    on_its_line!(tape, tape.vars(&[1.0; 5]));
    tape.record_locations(false);
    tape.clear();
    let _ = tape.vars(&[1.0; 5]);
    assert_eq!(lines(&tape), [None; 5]);
}

#[test]
fn each_tape_has_a_switch_of_its_own() {
    let (on, off) = (locating(), Tape::new());
    let (x, y) = (on.var(1.0), off.var(1.0));
    for _ in 0..3 {
        on_its_line!(on, x * 2.0);
        let _ = y * 2.0;
        on_its_line!(on, x.mul_add(x, x));
        let _ = dot([y, y], [1.0, 2.0]);
    }
    assert!(lines(&off).iter().all(Option::is_none));
    // A front door has a tape of its own, and gives the one in use back.
    assert_eq!(gradient(|x| x[0] * x[0], &[3.0]), [6.0]);
    on_its_line!(on, x.sin());
}

#[test]
fn it_can_be_switched_while_terms_are_gathered() {
    let (tape, plain) = (Tape::new(), Tape::new());
    let (x, y) = (tape.vars(&[0.5; 20]), plain.vars(&[0.5; 20]));
    for switched_at in 0..20 {
        for on in [true, false] {
            tape.record_locations(!on);
            let terms = x.iter().enumerate().map(|(i, x)| {
                if i == switched_at {
                    tape.record_locations(on);
                }
                *x
            });
            let (total, expected) = (dot(terms, &x), dot(&y, &y));
            assert_eq!(total.value(), expected.value());
            let (a, b) = (tape.backward(&[(total, 1.0)]), plain.backward(&[(expected, 1.0)]));
            assert_eq!(a.wrt_all(&x), b.wrt_all(&y));
            assert_eq!(tape.node(tape.len() - 1).location.is_some(), on);
        }
    }
}

#[test]
fn the_first_non_finite_node_says_its_line() {
    let tape = locating();
    let x = tape.var(1.0).label("x");
    let _scope = tape.scope("root");
    let inner = on_its_line!(tape, (x - 2.0).sqrt());
    let line = line!() - 1;
    let _ = inner.sqrt().label("y") + 1.0;
    let culprit = tape.first_non_finite().expect("a NaN");
    let expected = format!("node 2 in root at {}:{line}: sqrt(%1) = NaN, where %1 = -1", file!());
    assert_eq!(culprit.to_string(), expected);
    assert_eq!(culprit.location, tape.location(2));
}

/// What is kept beside the nodes is kept once: no operand or constant is left over on the slow path.
#[test]
fn the_columns_take_no_more_memory_with_lines_than_without() {
    let bytes = |on: bool| {
        let tape = Tape::new();
        tape.record_locations(on);
        let x = tape.vars(&[0.5; 40]);
        let y = x.iter().fold(x[0], |y, &x| (y * 2.0 + x).powi(2).clamp(-1.0, 1.0));
        let _ = sum([dot(&x, &x), dot(&x, vec![1.5; 40]), affine(&x, &x, y), y.mul_add(y, y)]);
        tape.bytes_used()
    };
    assert_eq!(bytes(true), bytes(false));
}

#[test]
#[should_panic(expected = "node 1 is not on tape")]
fn the_line_of_a_node_that_is_not_there_is_refused() {
    let tape = locating();
    let _ = tape.var(1.0);
    let _ = tape.location(1);
}

/// All that is known of a tape, but for the lines.
fn without_lines(tape: &Tape) -> Vec<Node> {
    let erase = |mut node: Node| {
        node.location = None;
        node
    };
    tape.nodes().map(erase).collect()
}

fn bits(gradient: &Gradient, variables: &[Var]) -> Vec<u64> {
    gradient.wrt_all(variables).into_iter().map(f64::to_bits).collect()
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn numbers_nodes_and_gradients_are_the_same_with_it_and_without(expression in expressions()) {
        let record = |tape: &Tape| {
            let inputs = tape.vars(&expression.point);
            let mark = tape.mark();
            let first = expression.run(&inputs);
            tape.rewind(mark);
            let values = expression.values(&inputs);
            let result = values[values.len() - 1];
            let gradient = bits(&tape.backward(&[(result, 1.0)]), &inputs);
            let recorded = tape.backward_recorded(result, &inputs).expect("no custom operations");
            (first, inputs, values, gradient, recorded)
        };
        let (plain, located) = (Tape::new(), locating());
        let (a, b) = (record(&plain), record(&located));
        let pairs = || a.1.iter().chain(&a.2).chain(&a.4).zip(b.1.iter().chain(&b.2).chain(&b.4));
        for (x, y) in pairs().chain([(&a.0, &b.0)]) {
            prop_assert!(same_bits(x.value(), y.value()));
        }
        for (x, y) in pairs() {
            prop_assert_eq!((x.is_constant(), x.index()), (y.is_constant(), y.index()));
        }
        prop_assert_eq!(&a.3, &b.3);
        prop_assert_eq!(without_lines(&plain), without_lines(&located));
        prop_assert_eq!(plain.guards(), located.guards());
        prop_assert!(located.nodes().all(|node| node.location.is_some()));
    }
}
