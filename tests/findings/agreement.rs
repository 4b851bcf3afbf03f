//! The same answers as the tape itself gives, on random expressions that may go wrong.

use super::only;
use crate::property::config;
use gradtape::inspect::{Code, Report, Severity};
use gradtape::op::Op;
use gradtape::{Reach, Tape, Var, dot, sum};
use proptest::prelude::*;

/// One step: which operation, on which of the values before.
type Step = (usize, usize, usize);

const OPERATIONS: [fn(Var, Var) -> Var; 24] = [
    |x, _| x.sqrt(),
    |x, _| x.ln(),
    |x, _| x.recip(),
    |x, _| x.exp(),
    |x, _| x.asin(),
    |x, _| x.square(),
    |x, _| x.relu(),
    |x, _| x.floor(),
    |x, _| x.abs(),
    |x, _| x.tanh(),
    |x, _| x.cbrt(),
    |x, _| x * 0.0,
    |x, _| x - 2.0,
    |x, _| x * 1e200,
    |x, _| x.powi(0),
    |x, _| x.max(0.5),
    |x, y| x + y,
    |x, y| x - y,
    |x, y| x * y,
    |x, y| x / y,
    |x, y| x.max(y),
    |x, y| Var::select(x, y, x),
    |x, y| sum(&[x, y, x]),
    |x, y| dot(&[x, y], &[y, x]),
];

fn expressions() -> impl Strategy<Value = (Vec<f64>, Vec<Step>)> {
    let number = prop::sample::select(vec![
        0.0,
        -1.0,
        0.5,
        1.0,
        2.5,
        -3.25,
        800.0,
        1e200,
        -1e-200,
        f64::NAN,
        f64::INFINITY,
    ]);
    let finite = prop::sample::select(vec![0.0, -1.0, 0.5, 1.0, 2.5, -3.25, 40.0]);
    let inputs = prop_oneof![
        3 => prop::collection::vec(finite, 1..5),
        1 => prop::collection::vec(number, 1..5),
    ];
    let step = (0..OPERATIONS.len(), any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (inputs, prop::collection::vec(step, 1..12)).prop_map(|(inputs, steps)| {
        let at = |k: usize| inputs.len() + k;
        let steps = steps.iter().enumerate();
        let steps = steps.map(|(k, (op, x, y))| (*op, x.index(at(k)), y.index(at(k)))).collect();
        (inputs, steps)
    })
}

/// Record it; the values of all steps, the inputs first.
fn record(tape: &Tape, inputs: &[f64], steps: &[Step]) -> Vec<Var> {
    let mut values = tape.vars(inputs);
    for &(op, x, y) in steps {
        values.push(OPERATIONS[op](values[x], values[y]));
    }
    values
}

fn errors(report: &Report) -> usize {
    report.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn the_first_culprit_is_the_tapes((inputs, steps) in expressions()) {
        let tape = Tape::new();
        let output = *record(&tape, &inputs, &steps).last().unwrap();
        let report = tape.report(output);
        let codes = [Code::NonFiniteValue, Code::NonFiniteLeaf, Code::NonFiniteUnjoined];
        let first = codes.iter().flat_map(|&code| only(&report, code)).filter_map(|f| f.node).min();
        prop_assert_eq!(first, tape.first_non_finite().map(|culprit| culprit.node));
    }

    #[test]
    fn a_loss_or_a_gradient_that_is_not_finite_is_never_passed_silently(
        (inputs, steps) in expressions()
    ) {
        let tape = Tape::new();
        let output = *record(&tape, &inputs, &steps).last().unwrap();
        let report = tape.report(output);
        let leaves = || report.nodes.iter().filter(|node| node.op == Op::Input);
        let is_lost = !output.value().is_finite() || leaves().any(|leaf| !leaf.adjoint.is_finite());
        prop_assert_eq!(is_lost, errors(&report) > 0, "{:?}", report.findings);
        if is_lost {
            prop_assert_eq!(report.findings[0].severity, Severity::Error);
            prop_assert!(report.findings[0].node.is_some());
        }
    }

    #[test]
    fn every_input_is_connected_as_the_tape_says((inputs, steps) in expressions()) {
        let tape = Tape::new();
        let values = record(&tape, &inputs, &steps);
        let output = *values.last().unwrap();
        let report = tape.report(output);
        for (i, &x) in values[..inputs.len()].iter().enumerate() {
            let about = |code| only(&report, code).into_iter().find(|f| f.node == Some(i));
            let (unconnected, blocked) = (about(Code::NotConnected), about(Code::Blocked));
            match tape.reach(output, x) {
                Reach::NotConnected => prop_assert!(unconnected.is_some() && blocked.is_none()),
                Reach::Connected => prop_assert!(unconnected.is_none() && blocked.is_none()),
                Reach::AtKink => {
                    let kink = about(Code::AtKink).expect("a finding");
                    prop_assert!(kink.message.contains("0 by a convention at a kink"), "{}", kink);
                }
                Reach::Blocked => {
                    let at = tape.blocked_at(output, x);
                    prop_assert!(unconnected.is_none());
                    let named: Vec<String> = at.iter().take(6).map(|i| format!("%{i}")).collect();
                    let message = &blocked.expect("a finding").message;
                    let ending = message.split("blocked, at ").nth(1).expect("places");
                    prop_assert!(ending.starts_with(&named.join(", ")), "{}", message);
                    prop_assert_eq!(at.len() > 6, ending.contains("more"), "{}", message);
                }
            }
        }
    }

    #[test]
    fn findings_are_in_order_few_and_name_nodes_that_exist((inputs, steps) in expressions()) {
        let tape = Tape::new();
        let output = *record(&tape, &inputs, &steps).last().unwrap();
        let report = tape.report(output);
        let order = |f: &gradtape::inspect::Finding| (std::cmp::Reverse(f.severity), f.node);
        prop_assert!(report.findings.is_sorted_by_key(order));
        prop_assert!(report.findings.iter().all(|f| f.node.is_none_or(|i| i < report.nodes.len())));
        prop_assert_eq!(report.detect(), report.findings);
    }
}
