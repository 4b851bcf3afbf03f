//! Random expressions, at their point and at others, special numbers among them.

use super::assert_same;
use super::common::expression::{Expression, expressions};
use super::common::programs::{numbers, orders, record_plain};
use super::property::config;
use gradtape::program::{Program, RustOptions};
use gradtape::{Var, gradient, sum};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

#[test]
fn random_expressions_after_any_passes_have_the_bits_of_their_programs() {
    let settings = config(100);
    let cases = settings.cases as usize;
    let mut runner = TestRunner::new(settings);
    let points = prop::collection::vec(prop::collection::vec(numbers(), 4), 3);
    let drawn = (expressions(), orders(), points);
    let (mut programs, mut at) = (Vec::new(), Vec::new());
    for case in 0..cases {
        let (expression, order, points) =
            drawn.new_tree(&mut runner).expect("an expression").current();
        let Expression { point, .. } = &expression;
        let f = |x: &[Var]| [expression.run(x)];
        programs.push(record_plain(f, point).optimized(&order));
        at.push((case, point.clone()));
        at.extend(points.iter().map(|x| (case, x[..point.len()].to_vec())));
    }
    for (test, statements) in [("random", 200), ("random-split", 10)] {
        let options = RustOptions::new().statements(statements);
        assert_same(test, &options, &programs, &at);
    }
}

/// Gradients of gradients: there the slopes of the table are operations.
#[test]
fn programs_of_gradients_have_their_bits_too() {
    let settings = config(40);
    let cases = settings.cases as usize;
    let mut runner = TestRunner::new(settings);
    let (mut programs, mut at) = (Vec::new(), Vec::new());
    for case in 0..cases {
        let expression = expressions().new_tree(&mut runner).expect("an expression").current();
        let point = &expression.point;
        let f = |x: &[Var]| [sum(gradient(|y: &[Var]| expression.run(y), x))];
        programs.push(Program::record(f, point));
        at.push((case, point.clone()));
    }
    assert_same("random-second", &RustOptions::new(), &programs, &at);
}
