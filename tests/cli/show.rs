//! `explain`, `table`, `svg`, `dot`, `mermaid`, `report` and `check`, of an expression and of a report in JSON.

use crate::run::{Folder, Run, found, printed, program, refused, run};
use gradtape::inspect::Report;
use gradtape::{Tape, op::Op};
use serde_json::Value;

const EXPRESSION: [&str; 3] = ["let y = w*x; (y - 3)^2", "w=1.5", "x=2.5"];

/// The same in Rust.
fn report() -> Report {
    let tape = Tape::new();
    let (w, x) = (tape.var(1.5).label("w"), tape.var(2.5).label("x"));
    let y = (w * x).label("y");
    tape.report((y - 3.0).square().label("f")).title(EXPRESSION[0])
}

fn shown(command: &str, options: &[&str]) -> String {
    printed(&[&[command], &EXPRESSION[..], options].concat())
}

fn lines(text: impl ToString) -> String {
    text.to_string().trim_end().to_string() + "\n"
}

#[test]
fn a_table_is_that_of_the_library() {
    let report = report();
    assert_eq!(shown("table", &[]), lines(report.table().color(false)));
    let wide = report.table().color(false).digits(17).width(60).backwards();
    assert_eq!(shown("table", &["--digits", "17", "--width", "60", "--backwards"]), lines(wide));
    let sorted = report.table().color(false).sort_by(|node| node.adjoint).rows(2);
    assert_eq!(shown("table", &["--sort", "adjoint", "--rows", "2"]), lines(sorted));
    let sorted = report.table().color(false).sort_by(|node| node.value);
    assert_eq!(shown("table", &["--sort", "value"]), lines(sorted));
    let some = report.table().color(false).wrt(["w", "%3"]).expect("they are there");
    assert_eq!(shown("table", &["--node", "w,%3"]), lines(some));
    let only = shown("table", &["--wrt", "w"]);
    assert!(only.contains("w * 2.5") && !only.contains("  x  "), "{only}");
}

#[test]
fn an_explanation_is_that_of_the_library() {
    let report = report();
    let both = [report.explain("w"), report.explain("x")]
        .map(|part| part.expect("it is there").to_string());
    assert_eq!(shown("explain", &[]), lines(both.join("\n\n")));
    let explained = || report.explain("y").expect("it is there");
    assert_eq!(shown("explain", &["--node", "y"]), lines(explained()));
    let options =
        ["--node", "y", "--digits", "3", "--paths", "1", "--width", "50", "--full", "--ascii"];
    let all = explained().digits(3).paths(1).width(50).full().ascii();
    assert_eq!(shown("explain", &options), lines(all));
    assert_eq!(printed(&["explain", "2 + 2"]), "there is no variable to explain\n");
}

#[test]
fn drawings_are_those_of_the_library() {
    let report = report();
    assert_eq!(shown("svg", &[]), lines(report.svg()));
    assert_eq!(
        shown("svg", &["--around", "y"]),
        lines(report.svg().around("y").expect("it is there"))
    );
    assert_eq!(shown("dot", &[]), lines(report.dot()));
    assert_eq!(shown("dot", &["--digits", "3"]), lines(report.dot().digits(3)));
    assert_eq!(shown("mermaid", &[]), lines(report.mermaid().expect("it is small")));
    assert_eq!(shown("report", &[]), lines(report.html()));
    assert_eq!(shown("report", &["--title", "T"]), lines(report.clone().title("T").html()));
    let json = shown("report", &["--json"]);
    assert_eq!(Report::from_json(&json), Ok(report));
    assert_eq!(shown("table", &["--json"]), json);
    assert_eq!(shown("explain", &["--json"]), json);
}

#[test]
fn a_report_in_json_is_shown_as_its_expression_is() {
    let folder = Folder::new();
    let file = folder.path("report.json");
    assert_eq!(shown("report", &["--json", "-o", &file]), "");
    for command in ["explain", "table", "svg", "dot", "mermaid", "report", "check"] {
        assert_eq!(printed(&[command, &file]), shown(command, &[]), "{command}");
        let input = std::fs::File::open(&file).expect("it was written");
        let output = program(&[command, "-"]).stdin(input).output().expect("it runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout), shown(command, &[]), "{command}");
    }
    let message = refused(&["table", &file, "w=1"]);
    assert_eq!(message, "`w=1`: a report has its values: leave it out");
    let message = refused(&["table", &file, "--wrt", "w"]);
    assert_eq!(message, "`w`: a report has its values: leave it out");
}

#[test]
fn scopes_of_a_report_are_shown_alone() {
    let folder = Folder::new();
    let tape = Tape::new();
    let x = tape.var(0.5).label("x");
    let y = {
        let _layer = tape.scope("layer");
        x.tanh()
    };
    let report = tape.report(y + x);
    let file = folder.file("report.json", report.json().to_string());
    let there = "the scope is there";
    let table = report.table().color(false).scope("layer").expect(there).to_string();
    assert_eq!(printed(&["table", &file, "--scope", "layer"]), lines(table));
    assert_eq!(
        printed(&["dot", &file, "--scope", "layer"]),
        lines(report.dot().scope("layer").expect(there))
    );
    assert_eq!(
        printed(&["mermaid", &file, "--scope", "layer"]),
        lines(report.mermaid_of("layer").expect(there))
    );
    for command in ["table", "dot", "mermaid"] {
        let message = refused(&[command, &file, "--scope", "lair"]);
        assert_eq!(message, "no scope is called `lair`; there are `layer`");
    }
}

#[test]
fn the_result_is_called_f_unless_a_variable_is() {
    let nodes = |arguments: &[&str]| {
        let text = printed(&[&["table"], arguments, &["--json"]].concat());
        Report::from_json(&text).expect("it is a report").nodes
    };
    let label = |arguments: &[&str]| nodes(arguments).last().and_then(|node| node.label.clone());
    assert_eq!(label(&["x^2", "x=1"]), Some("f".into()));
    assert_eq!(label(&["f^2", "f=1"]), None);
    assert_eq!(label(&["let y = x^2; y", "x=1"]), Some("y".into()));
    assert_eq!(label(&["x", "x=1"]), Some("x".into()));
    let all = nodes(&["let y = x^2; y + 1", "x=1"]);
    let named: Vec<(Op, Option<&str>)> =
        all.iter().map(|node| (node.op, node.label.as_deref())).collect();
    assert_eq!(named, [(Op::Input, Some("x")), (Op::Square, Some("y")), (Op::AddConst, Some("f"))]);
}

#[test]
fn a_check_exits_with_1_from_a_warning_on() {
    assert_eq!(printed(&["check", "x^2", "x=1"]), "no findings in 2 nodes\n");
    // A note is no reason to fail.
    let note = printed(&["check", "x + relu(y)", "x=1", "y=-1"]);
    assert!(
        note.starts_with("note[blocked]: every path from `y` (%1) to the output is blocked"),
        "{note}"
    );
    let error = found(&["check", "sqrt(sqrt(x - 2))", "x=1"]);
    let expected = "error[non-finite-value]: %2 = sqrt(%1) is NaN although every operand is finite\n  because: ";
    assert!(error.starts_with(expected), "{error}");
    let json: Value = serde_json::from_str(&found(&["check", "sqrt(x - 2)", "x=1", "--json"]))
        .expect("it is JSON");
    let first = &json["findings"][0];
    assert_eq!((&first["code"], &first["severity"]), (&"non-finite-value".into(), &"error".into()));
    assert_eq!(printed(&["check", "x^2", "x=1", "--json"]), "{\"findings\":[]}\n");
}

#[test]
fn what_a_report_was_found_to_have_stays_found() {
    let folder = Folder::new();
    let program = gradtape::Program::record(|x| if x[0] > 0.0 { x[0] } else { -x[0] }, &[1.0]);
    // At a point of the other branch, which is not to be seen from the nodes.
    let report = program.report(&[-1.0]).expect("one input, one output");
    let file = folder.file("report.json", report.json().to_string());
    let Run { code, out, .. } = run(&["check", &file]);
    assert_eq!(code, 1, "{out}");
    assert!(out.starts_with("error["), "{out}");
}

#[test]
fn a_bad_report_or_name_is_refused() {
    let folder = Folder::new();
    for (text, message) in [
        ("{", "this is not JSON: "),
        ("[]", "this is no report: it does not begin with"),
        ("{\"schema\":\"tape-report/9\"}", "the schema of this is \"tape-report/9\""),
        ("", "this is not JSON: "),
    ] {
        let file = folder.file("report.json", text);
        let refusal = refused(&["table", &file]);
        assert!(refusal.starts_with(&format!("{file}: {message}")), "{refusal}");
    }
    let binary = folder.file("binary.json", b"\x00\xff\xfe");
    assert_eq!(
        refused(&["table", &binary]),
        format!("{binary}: this is no text in UTF-8: see byte 1")
    );
    for (command, option) in [("table", "--node"), ("explain", "--node"), ("svg", "--around")] {
        let message = refused(&[&[command], &EXPRESSION[..], &[option, "v"]].concat());
        assert!(message.starts_with("no node is called `v`"), "{message}");
    }
    let large = vec!["sin(x)"; 600].join("+");
    let message = refused(&["mermaid", &large, "x=1"]);
    assert!(message.starts_with("Mermaid draws at most 500 edges"), "{message}");
}
