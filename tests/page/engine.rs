//! The page computes: what its script makes of other numbers is what Rust records at them.

use super::common::apply::{apply, scalar_rows, split};
use super::common::expression::{Expression, expressions};
use super::common::partials::{constants, on_grid};
use super::reports::tapes::neutral_tapes;
use super::{Visit, browser};
use gradtape::inspect::Report;
use gradtape::op::Op;
use gradtape::{Reach, Tape, Var, affine, custom, dot, log_sum_exp, sum};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

/// What the page is asked to compute: numbers for leaves, constants for nodes; all nodes anew, or only what changes.
#[derive(Clone, Default)]
struct Run {
    leaves: Vec<(usize, f64)>,
    constants: Vec<(usize, Vec<f64>)>,
    nodes: Option<Vec<usize>>,
    anew: bool,
}

impl Run {
    fn at(leaves: impl IntoIterator<Item = (usize, f64)>) -> Run {
        Run { leaves: leaves.into_iter().collect(), anew: true, ..Run::default() }
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
            "anew": self.anew,
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

fn number(found: &Value) -> f64 {
    found.as_str().expect("text").parse().expect("a number")
}

fn numbers(found: &Value) -> Vec<f64> {
    found.as_array().expect("numbers").iter().map(number).collect()
}

/// The same to 12 digits, and exactly where a number is 0 or not finite; below the normal numbers to their last place.
fn is_close(found: f64, expected: f64) -> bool {
    found.to_bits() == expected.to_bits()
        || found.is_nan() && expected.is_nan()
        || expected != 0.0 && (found - expected).abs() <= (1e-12 * expected.abs()).max(1.5e-323)
}

fn same(found: f64, expected: f64) -> bool {
    found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan()
}

/// The innermost scope of a node, in words.
fn scope_of(report: &Report, node: usize) -> String {
    // Outer scopes come before inner ones.
    let mut scopes = report.scopes.iter().rev();
    let around = scopes.find(|s| s.start <= node && s.end.is_some_and(|end| node < end));
    around.map(|scope| format!(" in {}", scope.name)).unwrap_or_default()
}

/// Where a page and a recording differ, in words.
fn differences(
    found: &Value,
    report: &Report,
    what: &str,
    agree: fn(f64, f64) -> bool,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |name: &str, i: usize, found: f64, expected: f64| {
        if !agree(found, expected) {
            let node = &report.nodes[i];
            wrong.push(format!(
                "{what}: {name} of %{i} {} {:?} {:?}{}: {found:?}, not {expected:?}",
                node.name,
                node.operands,
                node.constants,
                scope_of(report, i)
            ));
        }
    };
    let (values, adjoints) = (numbers(&found["value"]), numbers(&found["adjoint"]));
    for (i, node) in report.nodes.iter().enumerate() {
        compare("the value", i, values[i], node.value);
        compare("the adjoint", i, adjoints[i], node.adjoint);
        let partials = numbers(&found["partials"][i]);
        assert_eq!(partials.len(), node.partials.len(), "{what}: partials of %{i}");
        for (found, expected) in partials.into_iter().zip(&node.partials) {
            compare("a partial", i, found, *expected);
        }
    }
    let output = report.output.expect("an output");
    compare("computed by itself: the value", output, number(&found["along"]), values[output]);
    let letter = |node: &gradtape::Node| match node.reach {
        Reach::Connected => 'c',
        Reach::AtKink => 'k',
        Reach::Blocked => 'b',
        Reach::NotConnected => 'n',
    };
    let reach: String = report.nodes.iter().map(letter).collect();
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

/// Operands and constants.
type Place = (Vec<f64>, Vec<f64>);

/// All points of a row: its samples, a grid of special numbers, and, of one operand, the edges of both signs.
fn points(op: Op) -> Vec<Place> {
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
    let rows: Vec<(Op, Vec<Place>)> = scalar_rows().map(|op| (op, points(op))).collect();
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
        let mut run = Run { nodes: Some(Vec::new()), ..Run::at([]) };
        for ((_, points), &(first, node)) in rows.iter().zip(&nodes) {
            let Some((x, c)) = points.get(k) else { continue };
            run.leaves.extend(x.iter().enumerate().map(|(j, &x)| (first + j, x)));
            run.constants.push((node, c.clone()));
            run.nodes.get_or_insert_default().push(node);
        }
        run
    };
    let runs: Vec<Run> = (0..most).map(run).collect();
    let found = &browser!().drive(&[visit(&report, &runs)])[0]["runs"];
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

/// The same operation in print: the page has a minus sign, a dot for a product, and constants to six digits.
fn is_same_form(found: &str, expected: &str) -> bool {
    let found =
        found.replace('\u{2212}', "-").replace(" \u{b7} ", " * ").replace('\u{2026}', "...");
    let parts = |text: &str| {
        let parts = text.split_inclusive([' ', '(', ')', ',', '^']);
        parts.map(str::to_string).collect::<Vec<_>>()
    };
    let is_same = |(a, b): (&String, &String)| {
        let number = |text: &str| text.trim_end_matches([' ', ')', ',']).parse::<f64>();
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-5 * b.abs();
        a == b || matches!((number(a), number(b)), (Ok(a), Ok(b)) if near(a, b))
    };
    let (found, expected) = (parts(&found), parts(expected));
    found.len() == expected.len() && found.iter().zip(&expected).all(is_same)
}

#[test]
fn published_problems_are_written_alike_and_recorded_anew_at_their_own_and_at_shifted_inputs() {
    let shifts: [fn(usize, f64) -> f64; 4] = [
        |_, x| x,
        |_, x| x * 1.01 + 0.001,
        |k, x| x * (1.0 + 0.05 * ((k % 3) as f64 - 1.0)),
        |k, x| x * 0.7 + 0.01 * k as f64,
    ];
    // All on one tape, for one page: the sum gives each the adjoint 1.
    let problems = neutral_tapes();
    let record = |shift: fn(usize, f64) -> f64| {
        let (tape, mut inputs, mut outputs) = (Tape::new(), Vec::new(), Vec::new());
        for problem in &problems {
            let _scope = tape.scope(&problem.name);
            let shifted = problem.inputs.iter().enumerate().map(|(k, &x)| shift(k, x));
            let x = tape.vars(&shifted.collect::<Vec<_>>());
            inputs.extend(x.iter().map(|x| x.index().expect("an input")));
            outputs.push(problem.run(&x)[problem.output]);
        }
        (tape.report(sum(outputs)), inputs)
    };
    let reports = shifts.map(|shift| record(shift).0);
    let inputs = record(shifts[0]).1;
    let run = |report: &Report| Run::at(inputs.iter().map(|&i| (i, report.nodes[i].value)));
    let runs: Vec<Run> = reports.iter().map(run).chain([Run::default()]).collect();
    let found = &browser!().drive(&[visit(&reports[0], &runs)])[0];
    let mut wrong = Vec::new();
    for (k, report) in reports.iter().enumerate() {
        let what = format!("shifted by rule {k}");
        wrong.extend(differences(&found["runs"][k], report, &what, is_close));
    }
    let forms = found["forms"].as_array().expect("forms");
    assert_eq!(forms.len(), reports[0].nodes.len());
    for (i, form) in forms.iter().enumerate() {
        if !is_same_form(form.as_str().expect("text"), &reports[0].expression(i)) {
            wrong.push(format!("%{i} is {form}, not {}", reports[0].expression(i)));
        }
    }
    // What was recorded is there to the last bit.
    wrong.extend(differences(&found["runs"][4], &reports[0], "as recorded", same));
    assert_none(&wrong);
}

/// A function of two numbers.
type Case = fn(Var, Var) -> Var;

/// Where zero meets infinity, by value or behind what is flat.
const ZERO_AND_INFINITY: [Case; 36] = [
    |x, y| Var::select(x, x.sqrt(), y),
    |x, y| Var::select(x, y, x.ln()),
    |x, y| x.relu().sqrt() * y,
    |x, y| (x * 0.0).sqrt() + y,
    |x, y| (x / f64::INFINITY).sqrt() + y,
    |x, y| (0.0 / x).sqrt() + y,
    |x, y| x.powi(0).ln() + y.powf(0.0).ln(),
    |x, y| Var::from(1.0).pow(x).ln() + y,
    |x, y| (x.square() + y.square()).sqrt(),
    |x, y| x.abs().sqrt() + y.abs().ln(),
    |x, y| x.hypot(y).sqrt(),
    |x, y| x.hypot(y).ln(),
    |x, y| x.min(y).sqrt(),
    |x, y| x.max(y).ln(),
    |x, y| x.min(0.0).ln() + y.max(0.0).sqrt(),
    |x, y| {
        let same = x;
        (x - same).sqrt() + y
    },
    |x, y| (x * y).sqrt(),
    |x, y| x.ln() * y,
    |x, y| x.sqrt() * y,
    |x, y| (x * -1000.0).exp().sqrt() + y,
    |x, y| x.pow(y),
    |x, y| x.pow(y).ln(),
    |x, y| dot([x, y], [0.0, 1.0]).ln(),
    |x, y| affine([x, y], [0.0, 2.0], x).sqrt(),
    |x, y| x.clamp(0.0, 1.0).sqrt() * y,
    |x, y| x.leaky_relu(0.0).sqrt() + y.leaky_relu(0.5).ln(),
    |x, y| log_sum_exp([x, y]).exp(),
    |x, y| log_sum_exp([x, y, x]) * x,
    |x, y| x.floor().sqrt() + y.round().ln() + (x.signum() * y).ceil(),
    |x, y| x.ln() * 0.0 + y,
    |x, y| (x / y).sqrt(),
    |x, y| (x / y) * y,
    |x, y| x.cbrt() * y.trunc(),
    |x, y| sum([x, y, x]).ln(),
    |x, y| (x % y).ln(),
    |x, y| x.mul_add(y, x).recip() + x.compare(y).sqrt(),
];

#[test]
fn zero_and_infinity_are_told_apart_as_in_rust() {
    let numbers = [-1.0, -0.0, 0.0, 1.0, 2.5, 1e-320, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    let points = numbers.iter().flat_map(|&x| numbers.map(|y| [x, y]));
    // Each case has inputs of its own, and the sum gives each the adjoint 1.
    let record = |[x, y]: [f64; 2]| {
        let tape = Tape::new();
        let inputs: Vec<[Var; 2]> =
            ZERO_AND_INFINITY.iter().map(|_| [tape.var(x), tape.var(y)]).collect();
        let cases = ZERO_AND_INFINITY.iter().zip(&inputs);
        let outputs: Vec<Var> = cases.map(|(case, &[x, y])| case(x, y)).collect();
        tape.report(sum(outputs))
    };
    let reports: Vec<Report> = points.map(record).collect();
    let leaves = |report: &Report| {
        Run::at((0..2 * ZERO_AND_INFINITY.len()).map(|i| (i, report.nodes[i].value)))
    };
    let runs: Vec<Run> = reports.iter().map(leaves).collect();
    let first = record([0.75, 1.5]);
    let found = &browser!().drive(&[visit(&first, &runs)])[0];
    let mut wrong = Vec::new();
    for (k, report) in reports.iter().enumerate() {
        let what = format!("{:?}", [report.nodes[0].value, report.nodes[1].value]);
        wrong.extend(differences(&found["runs"][k], report, &what, is_close));
    }
    assert_none(&wrong);
}

#[test]
fn random_expressions_are_recorded_anew() {
    let mut runner = TestRunner::deterministic();
    let expressions: Vec<Expression> = (0..150)
        .map(|_| expressions().new_tree(&mut runner).expect("an expression").current())
        .collect();
    let record = |shift: f64| {
        let tape = Tape::new();
        let at = |e: &Expression| e.point.iter().map(|x| x + shift).collect::<Vec<_>>();
        let inputs: Vec<Vec<Var>> = expressions.iter().map(|e| tape.vars(&at(e))).collect();
        let ends: Vec<usize> =
            expressions.iter().zip(&inputs).map(|(e, x)| (e.run(x), tape.len()).1).collect();
        (tape.report(sum(expressions.iter().zip(&inputs).map(|(e, x)| e.run(x)))), ends)
    };
    let (first, ends) = record(0.0);
    let inputs: usize = expressions.iter().map(|e| e.point.len()).sum();
    let leaves = |report: &Report| Run::at((0..inputs).map(|i| (i, report.nodes[i].value)));
    let found = &browser!().drive(&[visit(&first, &[leaves(&first)])])[0]["runs"][0];
    assert!(ends[149] > 1_000, "{} nodes", ends[149]);
    // How strongly an expression magnifies rounding is bounded by its size; the last digits differ.
    let agree = |a: f64, b: f64| is_close(a, b) || (a - b).abs() <= 1e-12 * b.abs().max(1e3);
    assert_none(&differences(found, &first, "an expression", agree));
}

#[test]
fn comparisons_that_fall_otherwise_are_told() {
    let tape = Tape::new();
    let (x, y) = (tape.var(3.0).label("x"), tape.var(2.0).label("y"));
    let larger = if x > y { x } else { y };
    let z = if larger >= 2.5 { larger * y } else { larger };
    let report = tape.report(z.label("z"));
    let runs = [[3.0, 2.0], [3.0, 2.75], [1.0, 2.0], [2.25, 2.0], [f64::NAN, 2.0]]
        .map(|[x, y]| Run::at([(0, x), (1, y)]));
    let found = &browser!().drive(&[visit(&report, &runs)])[0]["runs"];
    let [first, second] = ["x > y is true", "x >= 2.5 is true"];
    let expected = [vec![], vec![], vec![first, second], vec![second], vec![first, second]];
    for (k, expected) in expected.iter().enumerate() {
        assert_eq!(found[k]["guards"], json!(expected), "run {k}");
    }
}

#[test]
fn what_no_change_reaches_stays_to_the_last_bit() {
    let record = |x: f64| {
        let tape = Tape::new();
        let (x, y) = (tape.var(x), tape.var(0.3));
        let (a, b) = (x.tanh() * 3.0, (y.erf() + y.sin()).softplus());
        tape.report((a + b) * 1.5)
    };
    let [report, other] = [0.7, -1.2].map(record);
    let run = Run { leaves: vec![(0, -1.2)], ..Run::default() };
    let same_leaves = Run { leaves: vec![(0, 0.7), (1, 0.3)], ..Run::default() };
    let found = &browser!().drive(&[visit(&report, &[run, same_leaves])])[0]["runs"];
    assert_none(&differences(&found[0], &other, "another x", is_close));
    assert_none(&differences(&found[1], &report, "the same leaves", same));
    let value = numbers(&found[0]["value"]);
    let kept = |i: usize| same(value[i], report.nodes[i].value);
    assert!((4..8).all(kept), "{value:?}");
}

#[test]
fn a_page_with_a_custom_operation_says_that_it_cannot_compute() {
    let tape = Tape::new();
    let value = |x: &[f64], y: &mut [f64]| y[0] = x[0].powi(3);
    let vjp = |x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]| dx[0] = w[0] * 3.0 * x[0].powi(2);
    let x = tape.var(2.0);
    let report = tape.report(custom(("sum", value, vjp), &[x * 2.0])[0] + x);
    let found = &browser!().drive(&[visit(&report, &[Run::default()])])[0];
    assert_eq!(found["able"], json!(false));
    assert_eq!(found["why"], "the page cannot compute the custom operation sum (%2)");
    assert_eq!(found["told"], found["why"], "a reader is told where a leaf would be changed");
    assert_none(&differences(&found["runs"][0], &report, "as recorded", same));
    let able = &browser!().drive(&[visit(&tape.report(x), &[])])[0];
    assert_eq!((&able["able"], &able["why"]), (&json!(false), &found["why"]));
}
