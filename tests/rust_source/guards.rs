//! Guards: the error where the program refuses, and which comparison it was.

use super::common::rustc::{Answer, run};
use super::{assert_same, one};
use gradtape::program::{Program, RustOptions};
use gradtape::{Tape, Var};

/// Where no lint of the compiler's sees that it is compared with.
const NAN: [f64; 1] = [f64::NAN];

/// A comparison of two variables, with its recorded outcome kept as a guard.
fn compared(ask: fn(Var, Var) -> bool, x: [f64; 2]) -> Program {
    Program::record(|x| if ask(x[0], x[1]) { x[0] * x[1] } else { x[0] + x[1] }, &x)
}

const ASKED: [fn(Var, Var) -> bool; 12] = [
    |x, y| x < y,
    |x, y| x <= y,
    |x, y| x > y,
    |x, y| x >= y,
    |x, y| x == y,
    |x, y| x.partial_cmp(&y).is_none(),
    |x, _| x < 0.5,
    |x, _| x.partial_cmp(&f64::NAN).is_some(),
    |x, _| x.partial_cmp(&1.0).is_none(),
    |x, _| x < NAN[0],
    |x, _| x >= NAN[0],
    |x, _| x == NAN[0],
];

const SIDES: [f64; 8] = [0.0, -0.0, 0.5, 1.0, -2.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];

#[test]
fn every_relation_with_either_outcome_refuses_what_the_program_refuses() {
    let (mut programs, mut at) = (Vec::new(), Vec::new());
    for ask in ASKED {
        for recorded in [[1.0, 2.0], [2.0, 1.0], [1.0, 1.0], [f64::NAN, 1.0]] {
            for x in SIDES {
                at.extend(SIDES.map(|y| (programs.len(), vec![x, y])));
            }
            programs.push(compared(ask, recorded));
        }
    }
    assert_same("relations", &RustOptions::new(), &programs, &at);
}

#[test]
fn the_error_names_the_comparison_by_labels_and_scope_and_has_both_sides() {
    let tape = Tape::new();
    let x = tape.var(1.0).label("angle \"a\"");
    let y = tape.var(2.0);
    let z = {
        let _scope = tape.scope("the\nlaunch");
        if x * 2.0 < y + 1.0 { x * y } else { y }
    };
    let z = if z > 0.0 { z } else { -z };
    let program = tape.freeze(&[x, y], &[z]).expect("the inputs are all there is");
    let case = one(&program, &RustOptions::new());
    assert!(case.text.contains("pub fn value(x: &[f64; 2]) -> Result<f64, BranchChanged> {"));
    assert!(case.text.contains(r#"    "v2 < v3 was true in the\\nlaunch","#), "{}", case.text);
    let answers = run("messages", "f64", &[case], &[(0, vec![4.0, 2.0]), (0, vec![-1.0, 2.0])]);
    let said = |text: &str| Answer::Changed(text.to_owned());
    assert_eq!(answers[0], said(r"v2 < v3 was true in the\nlaunch, and now is not: 8.0 and 3.0"));
    assert_eq!(answers[1], said("v4 > 0 was true, and now is not: -2.0 and 0.0"));
}

/// A long loop that stops by a comparison: its guards are a loop of the text too.
#[test]
fn many_guards_are_a_loop_and_the_first_broken_one_is_the_error() {
    let search = |x: &[Var]| {
        let mut total = x[0];
        for step in 0..200 {
            total += x[1];
            if total > 1000.0 + f64::from(step) {
                return [total * 2.0];
            }
        }
        [total.square()]
    };
    let program = Program::record(search, &[0.0, 1.0]);
    let points = [[0.0, 1.0], [0.0, 2.0], [0.0, 20.0], [999.5, 1.0], [2000.0, 0.0]];
    let at: Vec<(usize, Vec<f64>)> = points.iter().map(|x| (0, x.to_vec())).collect();
    for statements in [10, 40, 1000] {
        let options = RustOptions::new().statements(statements);
        assert_same("many-guards", &options, std::slice::from_ref(&program), &at);
    }
}
