//! Findings: each code where it belongs, silence on healthy tapes, and the same answers as the tape gives.

#[path = "../common/property.rs"]
mod property;
#[path = "../common/tapes.rs"]
mod tapes;

mod agreement;
mod checks;
mod derivatives;
mod descents;
mod healthy;
mod page;
mod sums;
mod units;
mod values;

use gradtape::inspect::{Code, Finding, Report, Severity};
use gradtape::{Tape, Var};

/// What there is to find, as codes with their nodes.
fn found(report: &Report) -> Vec<(Code, Option<usize>)> {
    report.findings.iter().map(|finding| (finding.code, finding.node)).collect()
}

/// The findings of a function at a point.
fn at(x: &[f64], f: impl Fn(&[Var]) -> Var) -> Report {
    let tape = Tape::new();
    tape.report(f(&tape.vars(x)))
}

/// The findings of one code.
fn only(report: &Report, code: Code) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.code == code).collect()
}

/// That a finding is of a severity, says this, and gives an advice.
#[track_caller]
fn says(finding: &Finding, severity: Severity, message: &str, evidence: &str) {
    assert_eq!(finding.severity, severity, "{finding}");
    assert!(finding.message.contains(message), "{finding}");
    assert!(finding.evidence.contains(evidence), "{finding}");
    assert!(!finding.advice.is_empty(), "{finding}");
}
