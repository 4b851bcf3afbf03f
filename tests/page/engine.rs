//! The page computes: what its script makes of other numbers is what Rust records at them.

use super::common::apply::{apply, scalar_rows, split};
use super::common::partials::{constants, on_grid};
use super::reports::tapes::neutral_tapes;
use super::{Visit, browser};
use gradtape::inspect::Report;
use gradtape::op::Op;
use gradtape::{Reach, Tape};
use serde_json::{Value, json};

/// What the page is asked to compute: numbers for leaves, constants for nodes; all nodes anew, or only what changes.
#[derive(Clone, Default)]
struct Run {
    leaves: Vec<(usize, f64)>,
    constants: Vec<(usize, Vec<f64>)>,
    nodes: Option<Vec<usize>>,
    only_changes: bool,
}

impl Run {
    fn at(leaves: impl IntoIterator<Item = (usize, f64)>) -> Run {
        Run { leaves: leaves.into_iter().collect(), ..Run::default() }
    }

    /// Numbers as texts: JSON has neither NaN nor infinity, and some readers lose the sign of zero.
    fn to_json(&self) -> Value {
        let leaves = self.leaves.iter().map(|(node, x)| json!([node, text(*x)]));
        let constants = self
            .constants
            .iter()
            .map(|(node, all)| json!([node, all.iter().map(|c| text(*c)).collect::<Vec<_>>()]));
        let mut run = json!({
            "leaves": leaves.collect::<Vec<_>>(), "constants": constants.collect::<Vec<_>>(),
            "anew": !self.only_changes,
        });
        if let Some(nodes) = &self.nodes {
            run["nodes"] = json!(nodes);
        }
        run
    }
}

/// A number as JavaScript reads it.
fn text(x: f64) -> String {
    match x {
        _ if x.is_infinite() => if x > 0.0 { "Infinity" } else { "-Infinity" }.into(),
        _ => format!("{x:?}"),
    }
}

fn visit(report: &Report, runs: &[Run]) -> Visit {
    let runs: Vec<Value> = runs.iter().map(Run::to_json).collect();
    let script = include_str!("driver/engine.js").replace("RUNS", &json!(runs).to_string());
    Visit::new(&report.html().to_string(), &script)
}

fn numbers(found: &Value) -> Vec<f64> {
    let number = |text: &Value| text.as_str().expect("text").parse().expect("a number");
    found.as_array().expect("numbers").iter().map(number).collect()
}

/// The same to 12 digits, and exactly where a number is 0 or not finite; below the normal numbers to their last place.
fn is_close(found: f64, expected: f64) -> bool {
    found.to_bits() == expected.to_bits()
        || found.is_nan() && expected.is_nan()
        || expected != 0.0 && (found - expected).abs() <= (1e-12 * expected.abs()).max(1.5e-323)
}

/// Where a page and a recording differ, in words.
fn differences(found: &Value, report: &Report, nodes: &[usize], what: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |name: &str, i: usize, found: f64, expected: f64| {
        if !is_close(found, expected) {
            let node = &report.nodes[i];
            wrong.push(format!(
                "{what}: {name} of %{i} {} {:?} {:?}: {found:?}, not {expected:?}",
                node.name, node.operands, node.constants
            ));
        }
    };
    let (values, adjoints) = (numbers(&found["value"]), numbers(&found["adjoint"]));
    for (k, &i) in nodes.iter().enumerate() {
        let node = &report.nodes[i];
        compare("the value", i, values[k], node.value);
        compare("the adjoint", i, adjoints[k], node.adjoint);
        let partials = numbers(&found["partials"][k]);
        assert_eq!(partials.len(), node.partials.len(), "{what}: partials of %{i}");
        for (found, expected) in partials.into_iter().zip(&node.partials) {
            compare("a partial", i, found, *expected);
        }
    }
    let letter = |&i: &usize| match report.nodes[i].reach {
        Reach::Connected => 'c',
        Reach::Blocked => 'b',
        Reach::NotConnected => 'n',
    };
    let reach: String = nodes.iter().map(letter).collect();
    if found["reach"] != *reach {
        wrong.push(format!("{what}: reach {}, not {reach}", found["reach"]));
    }
    wrong
}

#[track_caller]
fn assert_none(wrong: &[String]) {
    let shown: Vec<&str> = wrong.iter().take(60).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), shown.join("\n"));
}

/// Numbers where formulas change, overflow, underflow or cancel.
const EDGES: [f64; 40] = [
    5e-324,
    1e-310,
    1e-300,
    1e-160,
    1e-20,
    1e-9,
    0.1,
    0.2,
    0.3,
    0.49999999999999994,
    0.5,
    0.55,
    0.7,
    0.9,
    0.9999999999999999,
    1.0000000000000002,
    1.27,
    1.4616321449683622,
    1.5,
    1.75,
    2.4,
    2.5,
    3.5,
    4.6,
    5.9,
    8.0,
    10.0,
    20.5,
    27.0,
    37.5,
    100.25,
    700.0,
    709.5,
    745.0,
    1e3,
    1e5,
    1e10,
    1e100,
    1e170,
    1e300,
];

/// All points of a row: its samples, a grid of special numbers, and, of one operand, the edges of both signs.
fn points(op: Op) -> Vec<(Vec<f64>, Vec<f64>)> {
    let mut points = Vec::new();
    for sample in op.info().samples {
        let (x, c) = split(op, sample);
        points.push((x.to_vec(), c.to_vec()));
    }
    on_grid(op, |x, c| points.push((x.to_vec(), c.to_vec())));
    if op.arity().operands() == Some(1) {
        for c in constants(op) {
            points.extend(EDGES.iter().flat_map(|&x| [vec![x], vec![-x]]).map(|x| (x, c.clone())));
        }
    }
    points
}

#[test]
fn every_row_of_the_op_table_has_the_values_and_partials_of_rust() {
    let rows: Vec<(Op, Vec<(Vec<f64>, Vec<f64>)>)> =
        scalar_rows().map(|op| (op, points(op))).collect();
    let tape = Tape::new();
    let mut nodes = Vec::new();
    for (op, points) in &rows {
        let (x, c) = &points[0];
        let first = tape.len();
        let y = apply(*op, &tape.vars(x), c);
        nodes.push((first, y.index().expect("a node")));
    }
    let report = tape.report(tape.var(0.0));
    let most = rows.iter().map(|(_, points)| points.len()).max().expect("rows");
    let run = |k: usize| {
        let mut run = Run { nodes: Some(Vec::new()), ..Run::default() };
        for ((_, points), &(first, node)) in rows.iter().zip(&nodes) {
            let Some((x, c)) = points.get(k) else { continue };
            run.leaves.extend(x.iter().enumerate().map(|(j, &x)| (first + j, x)));
            run.constants.push((node, c.clone()));
            run.nodes.get_or_insert_default().push(node);
        }
        run
    };
    let runs: Vec<Run> = (0..most).map(run).collect();
    let found = &browser!().drive(&[visit(&report, &runs)])[0];
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for (k, run) in runs.iter().enumerate() {
        let here = run.nodes.as_deref().unwrap_or_default();
        for ((op, points), &(_, node)) in rows.iter().zip(&nodes) {
            let Some((x, c)) = points.get(k) else { continue };
            let at = here.iter().position(|&i| i == node).expect("asked for");
            let tape = Tape::new();
            let y = apply(*op, &tape.vars(x), c);
            let expected = tape.node(y.index().expect("a node"));
            let value = numbers(&found[k]["value"])[at];
            let partials = numbers(&found[k]["partials"][at]);
            compared += 1;
            let partials_agree = partials.len() == expected.partials.len()
                && partials.iter().zip(&expected.partials).all(|(a, b)| is_close(*a, *b));
            if !is_close(value, expected.value) || !partials_agree {
                wrong.push(format!(
                    "{op:?} at {x:?} {c:?}: {value:?} {partials:?}, not {:?} {:?}",
                    expected.value, expected.partials
                ));
            }
        }
    }
    assert!(compared > 5_000, "{compared} points");
    assert_none(&wrong);
}

#[test]
fn published_problems_are_recorded_anew_at_their_own_and_at_shifted_inputs() {
    let shifts: [fn(usize, f64) -> f64; 4] = [
        |_, x| x,
        |_, x| x * 1.01 + 0.001,
        |k, x| x * (1.0 + 0.05 * ((k % 3) as f64 - 1.0)),
        |k, x| x * 0.7 + 0.01 * k as f64,
    ];
    let tapes = neutral_tapes();
    let record = |neutral: &super::reports::tapes::Neutral, shift: fn(usize, f64) -> f64| {
        let tape = Tape::new();
        let inputs: Vec<f64> =
            neutral.inputs.iter().enumerate().map(|(k, &x)| shift(k, x)).collect();
        tape.report(neutral.run(&tape.vars(&inputs))[neutral.output])
    };
    let reports: Vec<[Report; 4]> =
        tapes.iter().map(|neutral| shifts.map(|shift| record(neutral, shift))).collect();
    let visits: Vec<Visit> = reports
        .iter()
        .zip(&tapes)
        .map(|(reports, neutral)| {
            let inputs = 0..neutral.inputs.len();
            let run = |report: &Report| Run::at(inputs.clone().map(|i| (i, report.nodes[i].value)));
            visit(&reports[0], &reports.each_ref().map(run))
        })
        .collect();
    let found = browser!().drive(&visits);
    let mut wrong = Vec::new();
    for ((found, reports), neutral) in found.iter().zip(&reports).zip(&tapes) {
        let nodes: Vec<usize> = (0..reports[0].nodes.len()).collect();
        for (k, report) in reports.iter().enumerate() {
            let what = format!("{} shifted by rule {k}", neutral.name);
            wrong.extend(differences(&found[k], report, &nodes, &what));
        }
    }
    assert_none(&wrong);
}
