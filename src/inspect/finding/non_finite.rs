//! Where a NaN or an infinity came from: the first node, not the first symptom.

use super::super::{Reach, Report};
use super::words::{short, told};
use super::{Code, Finding, Severity};
use crate::op::{Arity, Op};

/// Find the nodes that are not finite although every operand is.
///
/// If the output is not finite, one of them is an error: from the output back over operands that are not
/// finite, the walk must end, and it ends at such a node.
pub(super) fn find(report: &Report) -> Vec<Finding> {
    let finite = |i: usize| report.nodes[i].value.is_finite();
    let sources: Vec<usize> = (0..report.nodes.len())
        .filter(|&i| !finite(i) && report.nodes[i].operands.iter().all(|&o| finite(o)))
        .collect();
    if sources.is_empty() {
        return Vec::new();
    }
    let spoils = spoils(report);
    let no_gradient = report.gradient_is_lost();
    let finding = |i: usize| {
        let node = &report.nodes[i];
        let severity = match node.op {
            _ if spoils[i] => Severity::Error,
            _ if no_gradient && node.reach != Reach::NotConnected => Severity::Error,
            // A mask, as in a log-sum-exp that leaves out a term.
            Op::Const if node.value.is_infinite() => Severity::Note,
            _ => Severity::Warning,
        };
        Finding { severity, ..finding(report, i) }
    };
    let groups = [
        (Code::NonFiniteValue, Severity::Error),
        (Code::NonFiniteValue, Severity::Warning),
        (Code::NonFiniteLeaf, Severity::Error),
        (Code::NonFiniteLeaf, Severity::Warning),
        (Code::NonFiniteLeaf, Severity::Note),
    ];
    let of = |code, severity| -> Vec<usize> {
        let joined = |&i: &usize| report.nodes[i].reach != Reach::NotConnected;
        let same = |i: &usize| {
            let found = finding(*i);
            (found.code, found.severity) == (code, severity)
        };
        sources.iter().copied().filter(joined).filter(same).collect()
    };
    let mut findings: Vec<Finding> = groups
        .into_iter()
        .flat_map(|(code, severity)| told(report, &of(code, severity), finding))
        .collect();
    let not_joined = |i: &usize| report.nodes[*i].reach == Reach::NotConnected;
    let unjoined: Vec<usize> = sources.iter().copied().filter(not_joined).collect();
    findings.extend(told(report, &unjoined, |i| self::unjoined(report, i)));
    findings
}

/// Say that the output is a constant that is not finite, if it is: no node shows it.
pub(in super::super) fn constant_output(value: f64) -> Option<Finding> {
    (!value.is_finite()).then(|| Finding {
        code: Code::NonFiniteValue,
        severity: Severity::Error,
        node: None,
        message: format!("the output is the constant {value}, and no node of the tape made it"),
        evidence: "operations between constants are not recorded".into(),
        advice:
            "look at the constants it was computed from, or make them variables to see each step"
                .into(),
    })
}

/// The nodes from which only values that are not finite lead to the output.
fn spoils(report: &Report) -> Vec<bool> {
    let mut spoils = vec![false; report.nodes.len()];
    let Some(output) = report.output else { return spoils };
    spoils[output] = !report.nodes[output].value.is_finite();
    for i in (0..=output).rev().filter(|&i| !report.nodes[i].operands.is_empty()) {
        if spoils[i] {
            for &o in &report.nodes[i].operands {
                spoils[o] = !report.nodes[o].value.is_finite();
            }
        }
    }
    spoils
}

/// A node that leads to the output.
fn finding(report: &Report, i: usize) -> Finding {
    let node = &report.nodes[i];
    let value = node.value;
    if node.is_leaf() {
        let kind = if node.op == Op::Input { "the input" } else { "the constant" };
        return Finding {
            code: Code::NonFiniteLeaf,
            severity: Severity::Error,
            node: Some(i),
            message: format!("{kind} {} is {value}", report.described(i)),
            evidence: format!("{} = {value}", report.name(i)),
            advice: "look at where the number comes from: a file with gaps, a division before recording, a \
                     training step that was too large"
                .into(),
        };
    }
    Finding {
        code: Code::NonFiniteValue,
        severity: Severity::Error,
        node: Some(i),
        message: format!("{} is {value} although every operand is finite", report.described(i)),
        evidence: evidence(report, i),
        advice: advice(report, i),
    }
}

fn evidence(report: &Report, i: usize) -> String {
    let node = &report.nodes[i];
    let operands = report.operands_in_numbers(i);
    match node.op.in_domain(&report.point(i)) {
        true => operands,
        false => {
            let info = node.op.info();
            let form = info.form.replace(['{', '}'], "");
            format!("{operands}; {form} is defined where {}", info.domain)
        }
    }
}

fn advice(report: &Report, i: usize) -> String {
    let node = &report.nodes[i];
    match node.op.arity() {
        Arity::Custom => "look into the custom operation's `value` at these operands",
        _ if !node.op.in_domain(&report.point(i)) => {
            "keep the operand where the operation is defined: clamp it before, add a small constant, or \
             compute it in a form that cannot leave the domain"
        }
        _ if node.constants.iter().any(|c| !c.is_finite()) => "look at the constant: it is not finite",
        _ => {
            "the result is too large: scale the inputs, or use a form that does not overflow, such as \
             `softplus`, `log_sum_exp`, `exp_m1` or a difference of logarithms"
        }
    }
    .into()
}

/// A node that no path joins to the output.
fn unjoined(report: &Report, i: usize) -> Finding {
    Finding {
        code: Code::NonFiniteUnjoined,
        severity: Severity::Note,
        message: format!(
            "{} is {}, but the output does not use it",
            report.described(i),
            short(report.nodes[i].value)
        ),
        evidence: match report.nodes[i].is_leaf() {
            true => format!("no path leads from %{i} to the output"),
            false => report.operands_in_numbers(i),
        },
        advice: "nothing, if it is meant to be unused; else look for where the path to the output was lost".into(),
        ..finding(report, i)
    }
}
