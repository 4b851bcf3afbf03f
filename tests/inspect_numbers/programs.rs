//! The report of a program is that of its code at the point.

use super::Three;
use super::expression::expressions;
use super::property::config;
use crate::common_programs::record_plain;
use gradtape::Reach;
use gradtape::inspect::Report;
use gradtape::program::{Pass, Program, Workspace};
use gradtape::{Tape, Var, custom};
use proptest::prelude::*;

/// Value and gradient as the report has them.
fn reported(report: &Report, inputs: usize) -> (f64, Vec<f64>) {
    let value = report.output.map_or(f64::NAN, |output| report.nodes[output].value);
    (value, report.nodes[..inputs].iter().map(|node| node.adjoint).collect())
}

fn close(a: f64, b: f64, size: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-13 * size.max(1.0)
}

/// The passes alone, in pairs, and all.
fn passes() -> Vec<Vec<Pass>> {
    let each = [Pass::Dead, Pass::Identities, Pass::Fold, Pass::Share, Pass::Fuse];
    let mut all = vec![vec![], Pass::ALL.to_vec()];
    for a in each {
        all.extend(each.map(|b| vec![a, b]));
    }
    all
}

proptest! {
    #![proptest_config(config(20))]

    #[test]
    fn values_and_gradients_are_those_of_the_program_and_of_a_tape(
        expression in expressions(),
        shift in -1e-4..1e-4_f64,
    ) {
        let there: Vec<f64> = expression.point.iter().map(|x| x + shift).collect();
        let plain = record_plain(|x| expression.run(x), &expression.point);
        let tape = Tape::new();
        let y = expression.run(&tape.vars(&there));
        let on_tape = tape.report(y);
        for passes in passes() {
            let program = plain.clone().optimized(&passes);
            let report = program.report(&there).expect("no branch");
            if report.output.is_none() {
                continue;
            }
            let (value, slopes) = reported(&report, there.len());
            let mut expected = vec![f64::NAN; there.len()];
            let replayed = program.value_and_gradient(&there, &mut expected, &mut Workspace::new());
            let size = expression.size;
            prop_assert!(close(value, replayed.expect("no branch"), size), "{:?}", passes);
            prop_assert!(close(value, y.value(), size), "{:?}", passes);
            for (i, slope) in slopes.iter().enumerate() {
                prop_assert!(close(*slope, expected[i], size), "{passes:?}: {slope}, {}", expected[i]);
                let of_tape = if on_tape.output.is_some() { on_tape.nodes[i].adjoint } else { 0.0 };
                prop_assert!(close(*slope, of_tape, size), "{passes:?}: {slope}, {of_tape}");
            }
        }
    }
}

#[test]
fn an_input_and_a_constant_may_be_the_output() {
    let identity = Program::record(|x| x[1], &[1.0, 2.0]);
    let report = identity.report(&[5.0, 7.0]).unwrap();
    assert_eq!(reported(&report, 2), (7.0, vec![0.0, 1.0]));
    assert_eq!(report.nodes[0].reach, Reach::NotConnected);

    let constant = Program::record(
        |x| {
            let _unused = x[0].exp();
            Var::from(4.0)
        },
        &[1.0],
    );
    let report = constant.report(&[3.0]).unwrap();
    assert_eq!(report.output, None);
    assert_eq!(report.nodes[0].adjoint, 0.0);
}

#[test]
fn labels_are_on_the_nodes_that_compute_what_they_name() {
    for passes in passes() {
        let program = record_plain(
            |x| {
                let (w, v) = (x[0].label("w"), x[1].label("v"));
                let product = (w * v).label("product");
                let twin = (w * v).label("twin");
                let folded = (Var::from(2.0) * 3.0).label("a constant");
                ((product + 1.0).label("shifted") * twin + folded).label("y")
            },
            &[2.0, 3.0],
        );
        let report = program.optimized(&passes).report(&[5.0, 7.0]).unwrap();
        let expected = [
            ("w", 5.0),
            ("v", 7.0),
            ("product", 35.0),
            ("twin", 35.0),
            ("shifted", 36.0),
            ("y", 1266.0),
        ];
        for node in &report.nodes {
            let Some(label) = node.label.as_deref() else { continue };
            let value = expected.iter().find(|(name, _)| *name == label).map(|(_, value)| *value);
            assert_eq!(Some(node.value), value, "{label} after {passes:?}");
        }
        let named = |name| report.find(name).unwrap_or_else(|| panic!("{name} after {passes:?}"));
        // y = (wv + 1) wv + 6.
        assert_eq!(report.nodes[named("w")].adjoint, 7.0 * 71.0);
        assert_eq!(report.nodes[named("v")].adjoint, 5.0 * 71.0);
        assert_eq!(report.output, Some(named("y")));
    }
}

#[test]
fn custom_operations_and_what_is_not_finite_are_those_of_the_tape() {
    let run = |x: &[Var]| {
        let three = custom(Three("three"), &[x[0], x[1]]);
        three[0] * three[1] + three[2] * x[0].sqrt()
    };
    let program = Program::record(run, &[1.0, 2.0]);
    for point in [[4.0, 3.0], [0.0, 1.0], [-1.0, 2.0], [f64::INFINITY, 0.0]] {
        let report = program.report(&point).unwrap();
        let tape = Tape::new();
        let x = tape.vars(&point);
        let y = run(&x);
        let expected = tape.report(y);
        let (value, slopes) = reported(&report, 2);
        assert!(close(value, y.value(), 0.0), "{point:?}");
        for (i, slope) in slopes.into_iter().enumerate() {
            assert!(close(slope, expected.nodes[i].adjoint, 0.0), "{point:?}: {slope}");
            assert_eq!(report.nodes[i].reach, expected.nodes[i].reach, "{point:?}");
        }
    }
}
