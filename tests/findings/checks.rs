//! What a gradient check adds.

use super::{found, only, says};
use gradtape::check::GradientReport;
use gradtape::inspect::{Code, Severity};
use gradtape::{Program, Tape, Var, check_gradient};

/// The findings of a function, with a check of its gradient or of a claimed one.
fn checked(
    f: impl Fn(&[Var]) -> Var,
    x: &[f64],
    claim: Option<&[f64]>,
) -> gradtape::inspect::Report {
    let tape = Tape::new();
    let y = f(&tape.vars(x));
    let check = GradientReport::of(&f, x, claim, GradientReport::TOLERANCE);
    tape.report(y).with_check(check.unwrap())
}

#[test]
fn a_confirmed_gradient_is_no_finding() {
    assert_eq!(found(&checked(|x| (x[0] * x[1]).sin(), &[0.5, 2.0], None)), []);
}

#[test]
fn a_wrong_claim_is_an_error_at_its_input_that_names_who_agrees() {
    let report = checked(|x| x[0] * x[1], &[3.0, 5.0], Some(&[5.0, 4.0]));
    assert_eq!(found(&report), [(Code::GradientCheck, Some(1))]);
    let agree = "but the reverse sweep, the forward sweep";
    says(&report.findings[0], Severity::Error, agree, "x[1] = 5: claimed 4, reverse 3, forward 3");
}

#[test]
fn a_label_finds_the_input() {
    let f = |x: &[Var]| x[0].label("a") * x[1].label("b").value();
    let tape = Tape::new();
    let _ = tape.var(7.0);
    let y = f(&tape.vars(&[3.0, 5.0]));
    let report = tape.report(y).with_check(check_gradient(f, &[3.0, 5.0]).unwrap());
    assert_eq!(found(&report)[0], (Code::GradientCheck, Some(2)));
    says(&report.findings[0], Severity::Error, "no path on the tape", "reverse 0, forward 0");
}

#[test]
fn a_kink_and_an_unreliable_difference_are_warnings() {
    let report = checked(|x| x[0].abs() + x[0] * 2.0, &[0.0], None);
    assert_eq!(found(&report), [(Code::AtKink, Some(0)), (Code::AtKink, Some(1))]);
    says(&report.findings[0], Severity::Warning, "kink at x[0] = 0", "central difference");
    let report = checked(|x| x[0].powf(1.5), &[0.0], None);
    assert_eq!(found(&report), [(Code::DifferenceUnreliable, Some(0))]);
    says(&report.findings[0], Severity::Warning, "numeric difference unreliable", "x[0] = 0");
    // Smooth along each input, but not across them.
    let cone = |x: &[Var]| {
        let s = x[0].powi(3) + x[1].powi(3);
        if s == 0.0 { x[0] + x[1] } else { s.cbrt() }
    };
    let report = checked(cone, &[0.0, 0.0], None);
    assert!(found(&report).contains(&(Code::DifferenceUnreliable, None)), "{:?}", report.findings);
}

#[test]
fn each_kind_is_told_once_the_gravest_first() {
    let f = |x: &[Var]| x[0] * x[0].value() + x[1].abs() + x[2].abs();
    let report = checked(f, &[2.0, 0.0, 0.0], None);
    let first = &report.findings[0];
    assert_eq!((first.code, first.node), (Code::GradientCheck, Some(0)));
    // That these derivatives are 0 by a convention is told too.
    let kinks = only(&report, Code::AtKink);
    let second = kinks.into_iter().find(|finding| finding.message.starts_with("gradient check"));
    let second = second.expect("what the check says");
    assert_eq!(second.node, Some(1));
    says(second, Severity::Warning, "kink found at 2 inputs (x[1], x[2])", "x[2] = 0");
}

#[test]
fn another_check_takes_the_place_of_the_first() {
    let f = |x: &[Var]| x[0].powi(3);
    let report = checked(f, &[2.0], Some(&[1.0]));
    assert_eq!(found(&report), [(Code::GradientCheck, Some(0))]);
    let report = report.with_check(check_gradient(f, &[2.0]).unwrap());
    assert_eq!(found(&report), []);
}

#[test]
fn a_branch_change_stays_the_first_finding() {
    let f = |x: &[Var]| if x[0] > 1.0 { (x[0] - 2.0).sqrt() } else { x[0] };
    let program = Program::record(f, &[3.0]);
    let report = program.report(&[0.5]).unwrap();
    let codes = [Code::BranchChanged, Code::NonFiniteValue];
    assert_eq!(report.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), codes);
    let report = report.with_check(check_gradient(f, &[0.5]).unwrap());
    assert_eq!(report.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), codes);
    assert_eq!(report.detect(), report.findings[1..]);
}
