//! Formats of a report: they show the numbers of the sweep, all the same ones, whatever the labels and however
//! large the tape.

mod dot;
mod hostile;
mod mermaid;
mod one_model;
#[path = "../common/property.rs"]
mod property;
mod tables;
mod tables_random;

#[path = "../common/apply.rs"]
mod apply;
#[path = "../common/expression.rs"]
mod expression;
#[path = "../common/formula.rs"]
mod formula;
#[path = "../common/naive.rs"]
mod naive;
#[path = "../common/places.rs"]
mod places;
#[path = "../common/read_dot.rs"]
mod read_dot;
#[path = "../common/read_html.rs"]
mod read_html;
#[path = "../common/read_json.rs"]
mod read_json;
#[path = "../common/read_mermaid.rs"]
mod read_mermaid;
#[path = "../common/read_svg.rs"]
mod read_svg;
#[path = "../common/read_table.rs"]
mod read_table;
#[path = "../common/shown.rs"]
mod shown;
#[path = "../common/three.rs"]
mod three;

#[path = "../common/hostile.rs"]
mod hostile_names;

use gradtape::inspect::Report;
use gradtape::nn::Dosage;
use gradtape::{Program, Tape, Var};
use hostile_names::HOSTILE;

/// The tape of the dosage network where b3 is 0.
fn dosage() -> (Tape, Var) {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let ssr = dosage.ssr_labelled(&tape.vars(&dosage.start));
    (tape, ssr)
}

/// A tape whose labels and scopes are all hostile.
fn hostile() -> (Tape, Var) {
    named(|i| HOSTILE[i % HOSTILE.len()].to_string())
}

/// A tape with as many labels as there are hostile ones, each also the name of a scope.
fn named(name: impl Fn(usize) -> String) -> (Tape, Var) {
    let tape = Tape::new();
    let mut x = tape.var(0.5).label(&name(0));
    for i in 0..HOSTILE.len() {
        let _scope = tape.scope(&name(i));
        x = (x * x + 0.25).label(&name(i));
    }
    (tape, x)
}

/// A report with one finding that is an error.
fn with_a_finding() -> Report {
    let program = Program::record(|x| if x[0] > 0.0 { x[0].sqrt() } else { -x[0] }, &[1.0]);
    let report = program.report(&[-1.0]).expect("one input, one output");
    assert_eq!(report.findings[0].code.name(), "branch-changed");
    report
}

/// A label as formats for people show it: control characters and those that turn text as escapes.
fn visible(label: &str) -> String {
    let unseen = |c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{2028}');
    let escape = |c: char| if unseen(c) { c.escape_default().to_string() } else { c.into() };
    label.chars().map(escape).collect()
}
