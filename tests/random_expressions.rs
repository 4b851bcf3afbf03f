//! Random expressions on every engine: they agree.
//!
//! How closely two engines can agree depends on how strongly the expression magnifies rounding:
//! [`Expression::size`](common::expression::Expression) bounds that, and every bound here is a
//! multiple of it. First derivatives are products along paths, second derivatives are products along
//! pairs of paths, hence its square there.

#[path = "common/property.rs"]
mod property;

mod common {
    pub mod apply;
    pub mod expression;
    pub mod formula;
    pub mod naive;
    pub mod numeric;
}

use common::expression::{Expression, expressions};
use common::naive::{self, textbook};
use common::numeric::same_bits;
use gradtape::op::Op;
use gradtape::{Dual, Tape, Var, gradient, hessian, sum};
use property::config;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// Reverse and forward mode multiply and add the same partials in different orders: of a few hundred
/// roundings of 1.1e-16 each. (The largest seen in 20 000 expressions is 2e-16.)
const ORDER: f64 = 1e-14;

/// The textbook's values and partials are off by some roundings each. (Largest seen: 2e-15.)
const TEXTBOOK: f64 = 1e-13;

/// Second derivatives differ in the order of operations, with rules' second derivatives up to 1e3 in
/// it. (Largest seen: 1e-15.)
const SECOND: f64 = 1e-13;

/// Record an expression on a tape: its inputs and all its values.
fn record(expression: &Expression, tape: &Tape) -> (Vec<Var>, Vec<Var>) {
    let inputs = tape.vars(&expression.point);
    let values = expression.values(&inputs);
    (inputs, values)
}

/// Value and gradient, the result being the last of `values`.
fn read(tape: &Tape, inputs: &[Var], values: &[Var]) -> (f64, Vec<f64>) {
    let result = values[values.len() - 1];
    (result.value(), tape.backward(&[(result, 1.0)]).wrt_all(inputs))
}

fn dual(expression: &Expression, along: usize) -> Dual {
    let seed = |(i, &x)| Dual::new(x, if i == along { 1.0 } else { 0.0 });
    let inputs: Vec<Dual> = expression.point.iter().enumerate().map(seed).collect();
    expression.run(&inputs)
}

fn close(a: f64, b: f64, tolerance: f64) -> TestCaseResult {
    prop_assert!((a - b).abs() <= tolerance, "{a} and {b} differ by more than {tolerance:e}");
    Ok(())
}

fn bit_equal(a: &(f64, Vec<f64>), b: &(f64, Vec<f64>)) -> TestCaseResult {
    let equal = same_bits(a.0, b.0) && a.1.iter().zip(&b.1).all(|(a, b)| same_bits(*a, *b));
    prop_assert!(equal, "{a:?} is not {b:?}");
    Ok(())
}

#[test]
fn the_textbook_has_every_row_but_the_gamma_functions() {
    let missing: Vec<Op> = common::apply::scalar_rows()
        .filter(|&op| {
            let (x, c) = common::apply::split(op, op.info().samples[0]);
            textbook(op, x, c).is_none()
        })
        .collect();
    assert_eq!(missing, [Op::Lgamma, Op::Polygamma]);
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn values_are_the_same_bits_on_every_scalar(expression in expressions()) {
        let plain = expression.values(&expression.point);
        let tape = Tape::new();
        let (_, recorded) = record(&expression, &tape);
        let inputs: Vec<Dual> = expression.point.iter().map(|&x| Dual::new(x, 1.0)).collect();
        let duals = expression.values(&inputs);
        for i in 0..plain.len() {
            prop_assert!(same_bits(recorded[i].value(), plain[i]), "value {i} on the tape");
            prop_assert!(same_bits(duals[i].primal(), plain[i]), "value {i} with duals");
        }
    }

    #[test]
    fn reverse_and_forward_mode_agree(expression in expressions()) {
        let tape = Tape::new();
        let (inputs, values) = record(&expression, &tape);
        let (_, reverse) = read(&tape, &inputs, &values);
        let result = values[values.len() - 1];
        for (i, &input) in inputs.iter().enumerate() {
            let tolerance = ORDER * expression.size;
            close(reverse[i], tape.forward(&[(input, 1.0)]).wrt(result), tolerance)?;
            close(reverse[i], dual(&expression, i).tangent(), tolerance)?;
        }
    }

    #[test]
    fn the_tape_agrees_with_the_naive_engine(expression in expressions()) {
        let tape = Tape::new();
        let (inputs, values) = record(&expression, &tape);
        let (value, gradient) = read(&tape, &inputs, &values);
        let nodes = expression.naive();
        let adjoints = naive::backward(&nodes);
        let tolerance = TEXTBOOK * expression.size;
        close(value, nodes[nodes.len() - 1].value, TEXTBOOK * (1.0 + expression.size))?;
        for (&found, &expected) in gradient.iter().zip(&adjoints) {
            close(found, expected, tolerance)?;
        }
    }

    #[test]
    fn the_front_door_gives_the_bits_of_the_tape(expression in expressions()) {
        let tape = Tape::new();
        let (inputs, values) = record(&expression, &tape);
        let expected = read(&tape, &inputs, &values);
        let found = gradtape::value_and_gradient(|x| expression.run(x), &expression.point);
        bit_equal(&found, &expected)?;
    }

    #[test]
    fn a_recording_does_not_depend_on_what_was_recorded_before_or_beside_it(
        expression in expressions(),
        other in expressions(),
    ) {
        let alone = {
            let tape = Tape::new();
            let (inputs, values) = record(&expression, &tape);
            read(&tape, &inputs, &values)
        };

        // Step by step in turn with another tape.
        let (tape, beside) = (Tape::new(), Tape::new());
        let mut mine = tape.vars(&expression.point);
        let mut theirs = beside.vars(&other.point);
        for i in 0..expression.steps.len().max(other.steps.len()) {
            if let Some(step) = expression.steps.get(i) {
                mine.push(step.run(&mine));
            }
            if let Some(step) = other.steps.get(i) {
                theirs.push(step.run(&theirs));
            }
        }
        bit_equal(&read(&tape, &mine[..expression.point.len()], &mine), &alone)?;

        // After something else on the same tape, cleared or still there or rewound.
        tape.clear();
        let (inputs, values) = record(&expression, &tape);
        bit_equal(&read(&tape, &inputs, &values), &alone)?;
        let (inputs, values) = record(&expression, &tape);
        bit_equal(&read(&tape, &inputs, &values), &alone)?;

        // On inputs that were there before a rewind.
        tape.clear();
        let inputs = tape.vars(&expression.point);
        let mark = tape.mark();
        record(&other, &tape);
        tape.rewind(mark);
        let values = expression.values(&inputs);
        bit_equal(&read(&tape, &inputs, &values), &alone)?;

        // And the other tape is what it was.
        let reference = gradtape::value_and_gradient(|x| other.run(x), &other.point);
        bit_equal(&read(&beside, &theirs[..other.point.len()], &theirs), &reference)?;
    }

    #[test]
    fn hessians_are_symmetric_and_the_same_by_every_route(expression in expressions()) {
        let n = expression.point.len();
        let tolerance = SECOND * expression.size * expression.size;
        let h = hessian(|x| expression.run(x), &expression.point);
        for i in 0..n {
            let row = gradient(|x| gradient(|x| expression.run(x), x)[i], &expression.point);
            for j in 0..n {
                close(h[(i, j)], h[(j, i)], tolerance)?;
                close(h[(i, j)], row[j], tolerance)?;
                let seed = |(k, &x): (usize, &f64)| {
                    let along = |to| if k == to { 1.0 } else { 0.0 };
                    Dual::new(Dual::new(x, along(i)), Dual::new(along(j), 0.0))
                };
                let inputs: Vec<_> = expression.point.iter().enumerate().map(seed).collect();
                close(h[(i, j)], expression.run(&inputs).tangent().tangent(), tolerance)?;
            }
        }
    }

    #[test]
    fn a_gradient_at_constants_is_that_of_a_point_whatever_it_captures(
        expression in expressions(),
        split in any::<prop::sample::Index>(),
        second in any::<prop::sample::Index>(),
    ) {
        let point = &expression.point;
        let n = point.len();
        let at = split.index(n + 1);
        let tolerance = SECOND * expression.size * expression.size;
        let h = hessian(|x| expression.run(x), point);
        let whole = gradient(|x| expression.run(x), point);
        // The first inputs are the point, the others are captured.
        let z: Vec<Var> = point[..at].iter().map(|&x| Var::from(x)).collect();
        let tape = Tape::new();
        let x = tape.vars(&point[at..]);
        let inner = |z: &[Var]| expression.run(&[z, &x].concat());
        let (value, slopes) = gradtape::value_and_gradient(inner, &z);
        prop_assert!(same_bits(value.value(), expression.run(point)));
        for (i, slope) in slopes.iter().enumerate() {
            close(slope.value(), whole[i], ORDER * expression.size)?;
            let again = slope.backward();
            for (j, &x) in x.iter().enumerate() {
                close(again.wrt(x), h[(i, at + j)], tolerance)?;
            }
        }
        // The value can be differentiated by what was captured.
        let outer = value.backward();
        for (j, &x) in x.iter().enumerate() {
            close(outer.wrt(x), whole[at + j], ORDER * expression.size)?;
        }
        // Captured in turn by two levels, one inside the other.
        let at = second.index(at + 1);
        let (first, rest) = z.split_at(at);
        let nested = |y: &[Var]| {
            let inner = |z: &[Var]| expression.run(&[z, y, &x].concat());
            sum(&gradient(inner, first))
        };
        for (i, slope) in gradient(nested, rest).iter().enumerate() {
            let expected: f64 = (0..at).map(|k| h[(k, at + i)]).sum();
            close(slope.value(), expected, tolerance * (1 + at) as f64)?;
        }
    }
}
