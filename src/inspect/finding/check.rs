//! What a gradient check did not confirm.

use super::code::{Code, Finding, Severity};
use super::describe::{list, six_digits};
use crate::check::{GradientReport, InputCheck, Verdict};
use crate::inspect::Report;
use crate::op::Op;
use crate::text::counted;

/// The kinds of what a check may say about an input, the gravest first.
const KINDS: [(Verdict, Code, Severity); 4] = [
    (Verdict::NonFinite, Code::GradientCheck, Severity::Error),
    (Verdict::Disagree, Code::GradientCheck, Severity::Error),
    (Verdict::Kink, Code::AtKink, Severity::Warning),
    (Verdict::Unreliable, Code::DifferenceUnreliable, Severity::Warning),
];

/// Tell the gravest kind in the words of the verdict, which names the referees; of each other kind, which inputs
/// it is about.
pub(super) fn find(report: &Report) -> Vec<Finding> {
    let Some(check) = report.check.as_ref().filter(|check| !check.confirmed) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (kind, code, severity) in KINDS {
        let those = || check.inputs.iter().enumerate().filter(|(_, input)| input.kind == kind);
        let Some((first, _)) = those().next() else { continue };
        let inputs: Vec<&InputCheck> = those().map(|(_, input)| input).collect();
        let message = match findings.is_empty() {
            true => format!("gradient check: {}", check.verdict),
            false => format!(
                "gradient check: {} found at {} ({})",
                inputs[0].finding,
                counted(inputs.len(), "input"),
                list(inputs.iter().map(|input| input.name.clone()))
            ),
        };
        findings.push(Finding {
            code,
            severity,
            node: node(report, check, first),
            message,
            evidence: list(inputs.iter().map(|input| evidence(input))),
            advice: advice(kind).into(),
        });
    }
    // Each input agrees, but the verdict does not.
    if findings.is_empty() {
        findings.push(Finding {
            code: Code::DifferenceUnreliable,
            severity: Severity::Warning,
            node: None,
            message: format!("gradient check: {}", check.verdict),
            evidence: match check.order {
                Some(order) => {
                    format!("the Taylor remainder shrinks like h^{order:.2}, not like h^2")
                }
                None => "the Taylor remainder follows no power of the step".into(),
            },
            advice: advice(Verdict::Kink).into(),
        });
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
    let claimed = input.claimed.map(|slope| format!("claimed {}, ", six_digits(slope)));
    let difference = match &input.difference {
        Some(d) => {
            format!(
                "{} ± {} at a step of {}",
                six_digits(d.value),
                six_digits(d.uncertainty),
                six_digits(d.step)
            )
        }
        None => "none".into(),
    };
    let mut text = format!(
        "{} = {}: {}reverse {}, forward {}, central difference {difference}",
        input.name,
        six_digits(input.x),
        claimed.unwrap_or_default(),
        six_digits(input.reverse),
        six_digits(input.forward),
    );
    if let Some(clue) = &input.clue {
        text += &format!(" ({clue})");
    }
    text
}

fn advice(kind: Verdict) -> &'static str {
    match kind {
        Verdict::NonFinite => {
            "see the finding about the adjoint: it names the edge at which the derivative was lost"
        }
        Verdict::Disagree => {
            "believe the two that agree, and look at the third: at a claimed gradient, at the `vjp` of a custom \
             operation, or at a number that leaves the tape by `value()`"
        }
        Verdict::Kink => {
            "check at another point: at a kink there is no derivative that a difference could confirm"
        }
        _ => {
            "nothing is confirmed and nothing refuted: check at another point, without the noise, jump or \
             cancellation in the values"
        }
    }
}
