//! What the inspector notices by itself: bad numbers, dead units, parameters that cannot learn.
//!
//! `cargo run --example 25_findings`

use gradtape::inspect::Severity;
use gradtape::{Tape, Var};

fn show(what: &str, tape: &Tape, output: Var) {
    let report = tape.report(output);
    println!("== {what}");
    for finding in &report.findings {
        println!("\n{finding}");
    }
    println!();
}

fn main() {
    // The NaN shows at the outer root; it came from the inner one.
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    show("A root of a root: y is NaN", &tape, (x - 2.0).sqrt().sqrt());

    // Both derivatives of 0, for different reasons.
    tape.clear();
    let [used, dead, forgotten] =
        [(3.0, "used"), (-1.0, "dead"), (2.0, "forgotten")].map(|(v, l)| tape.var(v).label(l));
    let loss = used.square() + dead.relu() * used;
    show("A loss that two of three parameters cannot move", &tape, loss);
    assert_eq!(loss.backward().wrt(forgotten), 0.0);

    // A unit that is off for every observation will never learn.
    tape.clear();
    let (w, b) = (tape.var(0.5).label("w"), tape.var(-3.0).label("b"));
    let unit = |x: f64| (w * x + b).relu();
    show("A dead unit", &tape, (unit(1.0) - 1.0).square() + (unit(2.0) - 1.5).square());

    // A program can act on findings too: here, refuse to go on.
    tape.clear();
    let loss = tape.var(-1.0).label("rate").ln() * 2.0;
    let is_bad = tape.report(loss).findings.iter().any(|f| f.severity == Severity::Error);
    println!("May training go on with a loss of {loss}? {}", if is_bad { "no" } else { "yes" });
}
