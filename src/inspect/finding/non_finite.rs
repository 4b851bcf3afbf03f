//! Where a NaN or an infinity came from: the first node, not the first symptom; in the reverse sweep the edge, and
//! how.
//!
//! The sweep adds `w · partial` to the adjoint of each operand, last node first, and leaves out what is blocked: there
//! nothing flows. Here its sums are made again for the adjoints that are not finite, up to the edge
//! at which each was lost. An adjoint that is lost only because that of a user was lost before is no finding.
//! If none of the lost adjoints is that of an input, the gradient is whole: that is a warning only.

use super::code::{Code, Finding, Severity};
use super::describe::{each, nodes_that, six_digits};
use super::recipe;
use crate::inspect::Report;
use crate::op::Op;
use crate::{Node, Reach};
use std::collections::BTreeMap;

/// Find the nodes that are not finite although every operand is.
///
/// If the output is not finite, one of them is an error: from the output back over operands that are not
/// finite, the walk must end, and it ends at such a node.
pub(super) fn find(report: &Report) -> Vec<Finding> {
    let sources = nodes_that(report, |i, _| report.is_first_bad(i));
    if sources.is_empty() {
        return Vec::new();
    }
    let spoils = spoils(report);
    // Where the output itself is lost, what spoils it is to blame.
    let no_gradient = report.gradient_is_lost() && !spoils.contains(&true);
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
            each(report, &nodes, |i| Finding { severity, ..finding(report, i) })
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
    let message = format!("the output is the constant {value}, and no node of the tape made it");
    let evidence = "operations between constants are not recorded";
    let advice =
        "look at the constants it was computed from, or make them variables to see each step";
    let finding = || Finding::new(Code::NonFiniteValue, None, message, evidence);
    (!value.is_finite()).then(|| Finding { advice: advice.into(), ..finding() })
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
    let message = match code {
        Code::NonFiniteUnjoined => {
            format!("{described} is {value}, but the output does not use it")
        }
        Code::NonFiniteLeaf => format!("{kind} {described} is {value}"),
        _ => format!("{described} is {value} although every operand is finite"),
    };
    let evidence = if node.is_leaf() { report.in_numbers(i) } else { evidence(report, i) };
    let finding = Finding::new(code, i, message, evidence);
    match code {
        Code::NonFiniteValue => {
            let advice = recipe::of_value(node.op, &report.point(i)).into();
            Finding { advice, ..finding }
        }
        _ => finding,
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

/// A use of a node: who uses it, and the local partial.
type Use = (usize, f64);

/// How an adjoint was lost.
#[derive(Clone, Copy)]
enum Loss {
    InfinitePartial,
    UndefinedPartial,
    ZeroTimesInfinity,
    Overflow,
    InfinityMinusInfinity,
}

impl Loss {
    /// What it is, and what to try if it comes from a use of that operation at that point.
    fn told(self, op: Op, point: &[f64]) -> (&'static str, &'static str) {
        match self {
            Loss::InfinitePartial => ("an infinite partial", recipe::of_slope(op, point)),
            Loss::UndefinedPartial => ("a partial that is NaN", recipe::UNDEFINED_SLOPE),
            Loss::ZeroTimesInfinity => ("0 · inf", recipe::ZERO_TIMES_INFINITY),
            Loss::Overflow => ("overflow of finite numbers", recipe::OVERFLOW),
            Loss::InfinityMinusInfinity => ("inf - inf", recipe::INFINITY_MINUS_INFINITY),
        }
    }
}

/// Find the adjoints that are not finite although the values are.
pub(super) fn find_adjoints(report: &Report) -> Vec<Finding> {
    let mut lost: BTreeMap<usize, Vec<Use>> = BTreeMap::new();
    // As the sweep walks, so that the edges of each node are in its order.
    for (user, node) in report.nodes.iter().enumerate().rev() {
        if node.adjoint == 0.0 && node.reach != Reach::Connected {
            continue;
        }
        let edges = node.operands.iter().zip(&node.partials);
        for (&operand, &partial) in edges.filter(|&(_, &partial)| report.carries(user, partial)) {
            // The adjoint of a constant is not used.
            let target = &report.nodes[operand];
            if !target.adjoint.is_finite() && target.op != Op::Const {
                lost.entry(operand).or_default().push((user, partial));
            }
        }
    }
    let causes: BTreeMap<usize, (Use, Loss)> = lost
        .iter()
        .filter_map(|(&node, edges)| Some((node, cause(report, node, edges)?)))
        .collect();
    let nodes: Vec<usize> = causes.keys().copied().collect();
    each(report, &nodes, |i| of_adjoint(report, i, causes[&i]))
}

/// The edge at which a node's adjoint was lost, and how; none if it was lost before, in a user, or in the
/// values.
fn cause(report: &Report, node: usize, edges: &[Use]) -> Option<(Use, Loss)> {
    let is_nan = report.nodes[node].adjoint.is_nan();
    let is_lost = |sum: f64| if is_nan { sum.is_nan() } else { !sum.is_finite() };
    let mut sum = 0.0;
    for &(user, partial) in edges {
        let w = report.nodes[user].adjoint;
        let before = sum;
        sum += w * partial;
        if !is_lost(sum) {
            continue;
        }
        let values = report.point(user);
        if !report.nodes[user].value.is_finite() || values.iter().any(|x| !x.is_finite()) {
            return None;
        }
        return Some(((user, partial), loss(before, w, partial)?));
    }
    // A rule that multiplies in another order can overflow where `w · partial` does not.
    let edge = edges.last().copied()?;
    report.nodes[edge.0].adjoint.is_finite().then_some((edge, Loss::Overflow))
}

/// How a sum so far and one more contribution `w · partial` are lost.
fn loss(before: f64, w: f64, partial: f64) -> Option<Loss> {
    let contribution = w * partial;
    Some(match () {
        () if w.is_nan() => return None,
        () if partial.is_nan() => Loss::UndefinedPartial,
        () if contribution.is_nan() => Loss::ZeroTimesInfinity,
        () if !before.is_finite() => Loss::InfinityMinusInfinity,
        () if w.is_infinite() => return None,
        () if partial.is_infinite() => Loss::InfinitePartial,
        () => Loss::Overflow,
    })
}

fn of_adjoint(report: &Report, node: usize, cause: (Use, Loss)) -> Finding {
    let ((user, partial), loss) = cause;
    let (what, advice) = loss.told(report.nodes[user].op, &report.point(user));
    let (w, adjoint) = (report.nodes[user].adjoint, report.nodes[node].adjoint);
    let (name, by) = (report.name(node), report.name(user));
    let mut evidence = format!(
        "∂{by}/∂{name} = {}, ∂output/∂{by} = {}, their product is {}; {}",
        six_digits(partial),
        six_digits(w),
        six_digits(w * partial),
        report.operands_in_numbers(user)
    );
    let op = report.nodes[user].op;
    if let Some((_, convention)) = op.info().kink.filter(|_| op.at_kink(&report.point(user))) {
        evidence += &format!("; at the kink {convention}");
    }
    let message = format!(
        "the adjoint of {} is {adjoint} although the values are finite: {what} on the edge from {}",
        report.name_and_index(node),
        report.described(user)
    );
    let severity = if report.gradient_is_lost() { Severity::Error } else { Severity::Warning };
    let finding = Finding::new(Code::NonFiniteAdjoint, node, message, evidence);
    Finding { severity, advice: advice.into(), ..finding }
}

/// Find the products, quotients, powers and exponentials that are 0 by underflow and make the output 0, or not
/// finite: numbers that are 0 or not finite lead from there to the output.
pub(super) fn find_underflows(report: &Report) -> Vec<Finding> {
    let is_lost = |i: usize| report.nodes[i].value == 0.0 || !report.nodes[i].value.is_finite();
    let Some(output) = report.output.filter(|&output| is_lost(output)) else { return Vec::new() };
    let mut leads = vec![false; output + 1];
    leads[output] = true;
    for i in (0..=output).rev() {
        if leads[i] {
            report.nodes[i].operands.iter().for_each(|&o| leads[o] |= is_lost(o));
        }
    }
    let found: Vec<usize> = (0..=output).filter(|&i| leads[i] && underflows(report, i)).collect();
    each(report, &found, |i| underflow(report, i, output))
}

/// Tell whether a node is 0 although, computed exactly, it would not be.
fn underflows(report: &Report, i: usize) -> bool {
    let can_be_zero = match report.nodes[i].op {
        Op::Exp | Op::Sigmoid => false,
        Op::Mul | Op::MulConst | Op::Div | Op::DivConst | Op::ConstDiv | Op::Recip => true,
        Op::Square | Op::Powi | Op::Powf | Op::Pow | Op::ConstPow => true,
        _ => return false,
    };
    let is_number = |x: f64| x.is_finite() && !(can_be_zero && x == 0.0);
    report.nodes[i].value == 0.0 && report.point(i).into_iter().all(is_number)
}

fn underflow(report: &Report, i: usize, output: usize) -> Finding {
    let evidence = format!(
        "{}; the result is below the least f64, and so the output {} is {}",
        report.operands_in_numbers(i),
        report.name(output),
        six_digits(report.nodes[output].value)
    );
    let message = format!("{} is 0 although nothing in it is", report.described(i));
    Finding::new(Code::Underflow, i, message, evidence)
}
