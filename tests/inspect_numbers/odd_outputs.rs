//! Reports where one would not look for them: of a leaf, of a node in the middle, after a rewind, beside other
//! tapes, inside operations.

use super::numeric::same_bits;
use super::property::config;
use super::{genes, wild};
use gradtape::Reach;
use gradtape::inspect::Report;
use gradtape::{CustomOp, Tape, Var, custom, gradient};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};

/// Check a report against the tape, and that every format shows it.
fn check(tape: &Tape, output: Var) -> Report {
    let report = tape.report(output);
    let gradient = tape.backward(&[(output, 1.0)]);
    assert_eq!(report.nodes.len(), tape.len());
    assert_eq!(report.output, output.index());
    for (i, node) in report.nodes.iter().enumerate() {
        let variable = tape.var_at(i);
        assert!(same_bits(node.value, variable.value()), "{node:?}");
        assert!(same_bits(node.adjoint, gradient.wrt(variable)), "{node:?}");
        assert!(same_bits(report.paths(i).adjoint, node.adjoint), "{node:?}");
        assert!(!report.explain_node(i).to_string().is_empty());
    }
    let lengths = [
        report.table().to_string().len(),
        report.dot().to_string().len(),
        report.svg().to_string().len(),
        report.json().to_string().len(),
        report.html().to_string().len(),
    ];
    assert!(lengths.iter().all(|&length| length > 0));
    for finding in &report.findings {
        assert!(finding.node.is_none_or(|node| node < report.nodes.len()), "{finding}");
    }
    report
}

#[test]
fn a_leaf_is_an_output_whose_own_slope_is_one() {
    let tape = Tape::new();
    let (x, z) = (tape.var(3.0), tape.var(-0.0));
    let y = x * z;
    let report = check(&tape, x);
    let adjoints: Vec<f64> = report.nodes.iter().map(|node| node.adjoint).collect();
    assert_eq!(adjoints, [1.0, 0.0, 0.0]);
    let reach: Vec<Reach> = report.nodes.iter().map(|node| node.reach).collect();
    assert_eq!(reach, [Reach::Connected, Reach::NotConnected, Reach::NotConnected]);
    assert_eq!(report.users()[0], [y.index().unwrap()]);
}

#[test]
fn an_output_that_is_used_later_is_not_moved_by_its_users() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let middle = x.square().label("middle");
    let _later = (middle * x).exp();
    let report = check(&tape, middle);
    assert_eq!(report.nodes[0].adjoint, 6.0);
    assert!(report.nodes[2..].iter().all(|node| node.adjoint == 0.0));
    assert!(report.nodes[2..].iter().all(|node| node.reach == Reach::NotConnected));
    assert_eq!(report.uses(0).len(), 1);
    assert!(report.uses(1).is_empty());
    assert_eq!(report.path_counts()[2..], [0.0, 0.0]);
}

#[test]
fn nothing_and_constants_are_reports_too() {
    let tape = Tape::new();
    check(&tape, Var::from(2.0));
    let x = tape.var(1.0);
    for constant in [0.0, f64::NAN, f64::INFINITY] {
        let report = check(&tape, Var::from(constant));
        assert_eq!((report.output, report.nodes[0].adjoint), (None, 0.0));
    }
    check(&tape, x);
}

#[test]
fn a_rewind_and_a_clear_leave_nothing_behind() {
    let tape = Tape::new();
    let x = tape.var(2.0).label("x");
    let mark = tape.mark();
    let fresh = tape.report(x.square());
    for _ in 0..3 {
        tape.rewind(mark);
        let open = tape.scope("left open");
        let _ = x.exp().label("gone") < 3.0;
        tape.rewind(mark);
        drop(open);
        assert_eq!(check(&tape, x.square()), fresh);
    }
    tape.clear();
    let x = tape.var(2.0).label("x");
    assert_eq!(check(&tape, x.square()), fresh);
}

#[test]
fn a_report_of_one_tape_beside_others_changes_none() {
    let (a, b) = (Tape::new(), Tape::new());
    let x = a.var(2.0);
    let y = b.var(5.0);
    let (u, v) = (x.exp(), y.ln());
    let (before_a, before_b) = (a.report(u), b.report(v));
    // `b` is the one in use now: recording on either goes on after a report of the other.
    let u2 = u * x;
    assert_eq!(b.report(v), before_b);
    let v2 = v * y;
    assert_eq!(a.report(u2).nodes.len(), 3);
    assert_eq!(b.report(v2).nodes.len(), 3);
    assert_eq!(a.report(u).nodes[0].adjoint, before_a.nodes[0].adjoint);
    check(&a, u2);
    check(&b, v2);
}

/// x² that looks at a tape of its own while it computes, and while it is differentiated.
#[derive(Default)]
struct Looking {
    seen: Mutex<Vec<f64>>,
}

impl Looking {
    fn look(&self, x: f64) -> f64 {
        let tape = Tape::new();
        let inner = tape.var(x);
        let report = tape.report(inner * inner);
        self.seen.lock().unwrap().push(report.nodes[0].adjoint);
        report.nodes[0].adjoint
    }
}

impl CustomOp for Looking {
    fn name(&self) -> &str {
        "looking"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = self.look(x[0]) * x[0] / 2.0;
    }
    fn vjp(&self, x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] * self.look(x[0]);
    }
}

#[test]
fn an_operation_may_make_a_report_of_its_own() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let op = Arc::new(Looking::default());
    let y = custom(op.clone(), &[x])[0].sin();
    let report = check(&tape, y);
    assert_eq!(report.nodes[0].adjoint, 9.0_f64.cos() * 6.0);
    assert!(op.seen.lock().unwrap().iter().all(|&slope| slope == 6.0));
}

#[test]
fn a_report_inside_a_nested_gradient_is_that_of_its_point() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let slope = gradient(
        |y| {
            let value = y[0].powi(3);
            let inner = Tape::new();
            let z = inner.var(value.value());
            assert_eq!(inner.report(z.square()).nodes[0].adjoint, 16.0);
            value
        },
        &[x],
    )[0];
    // d/dx 3x² = 6x.
    let report = check(&tape, slope);
    assert_eq!((slope.value(), report.nodes[0].adjoint), (12.0, 12.0));
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn every_node_of_any_tape_is_an_output(genes in genes(12)) {
        let tape = Tape::new();
        wild(&tape, &genes);
        // Labels repeat, some are empty, some look like an index.
        for i in 0..tape.len() {
            let _labelled = tape.var_at(i).label(["a", "", "%1", "0"][i % 4]);
        }
        for i in (0..tape.len()).step_by(3) {
            check(&tape, tape.var_at(i));
        }
    }
}
