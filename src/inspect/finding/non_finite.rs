//! Where a NaN or an infinity came from: the first node, not the first symptom.

use super::words::told;
use super::{Code, Finding, Severity};
use crate::inspect::Report;
use crate::op::{Arity, Op};
use crate::{Node, Reach};
use std::collections::BTreeMap;

/// Find the nodes that are not finite although every operand is.
///
/// If the output is not finite, one of them is an error: from the output back over operands that are not
/// finite, the walk must end, and it ends at such a node.
pub(super) fn find(report: &Report) -> Vec<Finding> {
    let sources: Vec<usize> = (0..report.nodes.len()).filter(|&i| report.is_first_bad(i)).collect();
    if sources.is_empty() {
        return Vec::new();
    }
    let spoils = spoils(report);
    let no_gradient = report.gradient_is_lost();
    let severity = |i: usize| {
        let node = &report.nodes[i];
        match node.op {
            _ if node.reach == Reach::NotConnected => Severity::Note,
            _ if spoils[i] || no_gradient => Severity::Error,
            // A mask, as in a log-sum-exp that leaves out a term.
            Op::Const if node.value.is_infinite() => Severity::Note,
            _ => Severity::Warning,
        }
    };
    // Each kind is summed up for itself, so that a grave one is never among those that are only counted.
    let mut kinds: BTreeMap<(Code, Severity), Vec<usize>> = BTreeMap::new();
    for i in sources {
        kinds.entry((code(&report.nodes[i]), severity(i))).or_default().push(i);
    }
    kinds
        .into_iter()
        .flat_map(|((_, severity), nodes)| {
            told(report, &nodes, |i| Finding { severity, ..finding(report, i) })
        })
        .collect()
}

fn code(node: &Node) -> Code {
    match node.reach {
        Reach::NotConnected => Code::NonFiniteUnjoined,
        _ if node.is_leaf() => Code::NonFiniteLeaf,
        _ => Code::NonFiniteValue,
    }
}

/// Say that the output is a constant that is not finite, if it is: no node shows it.
pub(in crate::inspect) fn constant_output(value: f64) -> Option<Finding> {
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

fn finding(report: &Report, i: usize) -> Finding {
    let node = &report.nodes[i];
    let (value, described, code) = (node.value, report.described(i), code(node));
    let kind = if node.op == Op::Input { "the input" } else { "the constant" };
    Finding {
        code,
        severity: Severity::Error,
        node: Some(i),
        message: match code {
            Code::NonFiniteUnjoined => format!("{described} is {value}, but the output does not use it"),
            Code::NonFiniteLeaf => format!("{kind} {described} is {value}"),
            _ => format!("{described} is {value} although every operand is finite"),
        },
        evidence: if node.is_leaf() { report.in_numbers(i) } else { evidence(report, i) },
        advice: match code {
            Code::NonFiniteUnjoined => {
                "nothing, if it is meant to be unused; else look for where the path to the output was lost".into()
            }
            Code::NonFiniteLeaf => "look at where the number comes from: a file with gaps, a division before \
                                    recording, a training step that was too large"
                .into(),
            _ => advice(report, i).into(),
        },
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

fn advice(report: &Report, i: usize) -> &'static str {
    let node = &report.nodes[i];
    match node.op.arity() {
        Arity::Custom => "look into the custom operation's `value` at these operands",
        _ if !node.op.in_domain(&report.point(i)) => {
            "keep the operand where the operation is defined: clamp it before, add a small constant, or \
             compute it in a form that cannot leave the domain"
        }
        _ if node.constants.iter().any(|c| !c.is_finite()) => {
            "look at the constant: it is not finite"
        }
        _ => {
            "the result is too large: scale the inputs, or use a form that does not overflow, such as \
             `softplus`, `log_sum_exp`, `exp_m1` or a difference of logarithms"
        }
    }
}
