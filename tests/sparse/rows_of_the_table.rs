//! What every row of the op table says about its partials: patterns are made of it.

use super::common::apply::{apply, operands, scalar_rows, split};
use gradtape::op::Op;
use gradtape::program::{Program, Workspace};
use gradtape::{Var, affine, dot, log_sum_exp, sum, sum_squares};

/// A function of some operands, with the points to try it at.
type Case = (String, Box<dyn Fn(&[Var]) -> Var>, Vec<Vec<f64>>);

/// An n-ary row of four operands, with four constants at hand.
type Nary = fn(&[Var], [f64; 4]) -> Var;

/// Every scalar row with the constants of one of its samples, and every n-ary one.
fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for op in scalar_rows() {
        for sample in op.info().samples {
            let constants = split(op, sample).1.to_vec();
            let same = |other: &&&[f64]| split(op, other).1 == constants;
            let points = op.info().samples.iter().filter(same);
            let points = points.map(|point| split(op, point).0.to_vec()).collect();
            let name = format!("{op:?} {constants:?}");
            cases.push((name, Box::new(move |x| apply(op, x, &constants)), points));
        }
    }
    let point = vec![0.5, -1.5, 2.5, 0.75];
    let c = [0.5, 2.0, -1.0, 3.0];
    let nary: [(&str, Nary); 7] = [
        ("Sum", |x, _| sum(x)),
        ("SumSquares", |x, _| sum_squares(x)),
        ("Dot", |x, _| dot(&x[..2], &x[2..])),
        ("Linear", |x, c| dot(x, c)),
        ("Affine", |x, _| affine([x[0]; 2], [x[1], x[2]], x[3])),
        ("AffineData", |x, c| affine(&x[..3], &c[..3], x[3])),
        ("LogSumExp", |x, _| log_sum_exp(x)),
    ];
    for (name, f) in nary {
        cases.push((name.to_string(), Box::new(move |x| f(x, c)), vec![point.clone()]));
    }
    cases
}

#[test]
fn every_partial_outside_the_pattern_is_zero_and_every_other_is_not() {
    for (name, f, points) in cases() {
        let program = Program::record(|x| f(x), &points[0]);
        let plan = program.jacobian_plan();
        let n = program.inputs();
        let mut seen = vec![false; n];
        for point in &points {
            let mut matrix = vec![f64::NAN; n];
            program.jacobian(point, &mut matrix, &mut Workspace::new()).unwrap();
            matrix.iter().zip(&mut seen).for_each(|(partial, seen)| *seen |= *partial != 0.0);
        }
        for (which, seen) in seen.into_iter().enumerate() {
            let is_in = plan.pattern().find(0, which).is_some();
            assert!(
                is_in || !seen,
                "{name}: operand {which} has a partial, and is not in the pattern"
            );
            if is_in && !seen {
                // Blocked at the samples of these constants, not everywhere.
                let flat = ["Relu", "Clamp", "Min", "Max", "Select", "Powi", "Powf", "ConstPow"];
                assert!(flat.iter().any(|flat| name.starts_with(flat)), "{name}: operand {which}");
            }
        }
    }
}

/// Rows whose second derivative is 0 at all samples, though the rule reads what it is a derivative of.
const ZERO_AT_SAMPLES: [&str; 0] = [];

#[test]
fn every_second_partial_outside_the_pattern_is_zero_and_every_other_is_not() {
    for (name, f, points) in cases() {
        let program = Program::record(|x| f(x), &points[0]);
        let plan = program.hessian_plan().unwrap();
        let n = program.inputs();
        let mut seen = vec![false; n * n];
        for point in &points {
            let mut matrix = vec![f64::NAN; n * n];
            program.hessian(point, &mut matrix, &mut Workspace::new()).unwrap();
            matrix.iter().zip(&mut seen).for_each(|(partial, seen)| *seen |= *partial != 0.0);
        }
        for (k, seen) in seen.into_iter().enumerate() {
            let (i, j) = (k / n, k % n);
            let is_in = plan.pattern().find(i, j).is_some();
            assert!(
                is_in || !seen,
                "{name}: ({i}, {j}) has a second partial, and is not in the pattern"
            );
            let is_known = ZERO_AT_SAMPLES.iter().any(|known| name.starts_with(known));
            assert!(!is_in || seen || is_known, "{name}: ({i}, {j}) is in the pattern, and 0");
        }
    }
}

#[test]
fn all_rows_that_can_be_called_are_here() {
    let names: Vec<String> = cases().into_iter().map(|(name, ..)| name).collect();
    for op in
        Op::ALL.iter().filter(|&&op| !matches!(op, Op::Input | Op::Const | Op::Copy | Op::Custom))
    {
        let name = format!("{op:?}");
        assert!(names.iter().any(|known| known.split(' ').next() == Some(&name)), "{name}");
    }
    assert_eq!(operands(Op::Mul), 2);
}
