//! What a gradient check did not confirm.

use super::code::{Code, Finding, Severity};
use super::describe::{list, six_digits};
use crate::check::{GradientReport, InputCheck, Verdict};
use crate::inspect::Report;
use crate::op::Op;
use crate::text::counted;

/// The kinds of what a check may say about an input, the gravest first, and what to try.
const KINDS: [(Verdict, Code, Severity, &str); 4] = [
    (
        Verdict::NonFinite,
        Code::GradientCheck,
        Severity::Error,
        "see the finding about the adjoint: it names the edge at which the derivative was lost",
    ),
    (
        Verdict::Disagree,
        Code::GradientCheck,
        Severity::Error,
        "believe the two that agree, and look at the third: at a claimed gradient, at the `vjp` of a custom \
         operation, or at a number that leaves the tape by `value()`",
    ),
    (Verdict::Kink, Code::AtKink, Severity::Warning, ELSEWHERE),
    (
        Verdict::Unreliable,
        Code::DifferenceUnreliable,
        Severity::Warning,
        "nothing is confirmed and nothing refuted: check at another point, without the noise, jump or \
         cancellation in the values",
    ),
];
const ELSEWHERE: &str =
    "check at another point: at a kink there is no derivative that a difference could confirm";

/// Tell the gravest kind in the words of the verdict, which names the referees; of each other kind, which inputs
/// it is about.
pub(super) fn find(report: &Report) -> Vec<Finding> {
    let Some(check) = report.check.as_ref().filter(|check| !check.confirmed) else {
        return Vec::new();
    };
    let verdict = || format!("gradient check: {}", check.verdict);
    let mut findings = Vec::new();
    for (kind, code, severity, advice) in KINDS {
        let those = || check.inputs.iter().enumerate().filter(|(_, input)| input.kind == kind);
        let Some((first, input)) = those().next() else { continue };
        let message = match findings.is_empty() {
            true => verdict(),
            false => format!(
                "gradient check: {} found at {} ({})",
                input.finding,
                counted(those().count(), "input"),
                list(those(), |(_, input)| input.name.clone())
            ),
        };
        let evidence = list(those(), |(_, input)| evidence(input));
        let finding = Finding::new(code, node(report, check, first), message, evidence);
        findings.push(Finding { severity, advice: advice.into(), ..finding });
    }
    // Each input agrees, but the verdict does not.
    if findings.is_empty() {
        let evidence = match check.order {
            Some(order) => format!("the Taylor remainder shrinks like h^{order:.2}, not like h^2"),
            None => "the Taylor remainder follows no power of the step".into(),
        };
        let finding = Finding::new(Code::DifferenceUnreliable, None, verdict(), evidence);
        findings.push(Finding { advice: ELSEWHERE.into(), ..finding });
    }
    findings
}

/// The node of a checked input: by its label, else the input that is as late among all and has its value.
fn node(report: &Report, check: &GradientReport, at: usize) -> Option<usize> {
    let input = &check.inputs[at];
    let labelled = |i: &usize| report.nodes[*i].label.as_deref() == Some(&*input.name);
    let leaves = || (0..report.nodes.len()).filter(|&i| report.nodes[i].op == Op::Input);
    let same = |i: &usize| report.nodes[*i].value.to_bits() == input.x.to_bits();
    leaves().find(labelled).or_else(|| leaves().nth(at).filter(same))
}

fn evidence(input: &InputCheck) -> String {
    let [x, reverse, forward] = [input.x, input.reverse, input.forward].map(six_digits);
    let claimed = input.claimed.map(|slope| format!("claimed {}, ", six_digits(slope)));
    let claimed = claimed.unwrap_or_default();
    let difference = match &input.difference {
        Some(d) => {
            let [value, uncertainty, step] = [d.value, d.uncertainty, d.step].map(six_digits);
            format!("{value} ± {uncertainty} at a step of {step}")
        }
        None => "none".into(),
    };
    let clue = input.clue.as_ref().map(|clue| format!(" ({clue})")).unwrap_or_default();
    format!(
        "{} = {x}: {claimed}reverse {reverse}, forward {forward}, central difference {difference}{clue}",
        input.name
    )
}
