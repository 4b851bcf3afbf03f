//! Units that are off, or hardly move, for every row.
//!
//! A unit is evaluated once a row, each time as another node. Two nodes are the same unit if they apply the
//! same operation to an affine form of the same parameters: `relu(w * x + b)` with any `x`. What is a parameter
//! follows from the form: a bias, or a factor of data or of another unit. A product of two inputs
//! does not tell which is the parameter, so the bias alone decides there.

use super::code::{Code, Finding};
use super::describe::{each, list, two_digits};
use crate::inspect::Report;
use crate::op::Op;
use crate::{Node, Reach};
use indexmap::IndexMap;

/// The operations that are units, and the largest slope of those that never are constant; the others have
/// flat pieces.
const UNITS: [(Op, Option<f64>); 10] = [
    (Op::Relu, None),
    (Op::LeakyRelu, None),
    (Op::MaxConst, None),
    (Op::MinConst, None),
    (Op::Clamp, None),
    (Op::Sigmoid, Some(0.25)),
    (Op::Tanh, Some(1.0)),
    (Op::Softplus, Some(1.0)),
    (Op::Silu, Some(1.1)),
    (Op::Gelu, Some(1.13)),
];
/// Below which part of its largest slope a unit hardly moves.
const HARDLY: f64 = 1e-3;

pub(super) fn find(report: &Report) -> Vec<Finding> {
    // By its first node, all nodes of a unit.
    let (mut off, mut saturated) = (IndexMap::new(), IndexMap::new());
    let is_term = terms(report);
    for (op, nodes) in units(report) {
        let largest = UNITS.iter().find(|(unit, _)| *unit == op).and_then(|&(_, largest)| largest);
        let each = |is: &dyn Fn(&Node) -> bool| nodes.iter().all(|&i| is(&report.nodes[i]));
        let operand = |node: &Node| report.nodes[node.operands[0]].value;
        match largest {
            _ if !is_batch(report, &nodes) => {}
            None if each(&|node| is_off(report, node)) => {
                off.insert(nodes[0], nodes);
            }
            Some(largest) if each(&|node| node.partials[0].abs() < HARDLY * largest) => {
                // On either side it tells rows apart, as a sure classifier does.
                let one_side =
                    each(&|node| operand(node) > 0.0) || each(&|node| operand(node) < 0.0);
                if one_side && !nodes.iter().all(|&i| is_term[i]) {
                    saturated.insert(nodes[0], nodes);
                }
            }
            _ => {}
        }
    }
    let firsts =
        |units: &IndexMap<usize, Vec<usize>>| -> Vec<usize> { units.keys().copied().collect() };
    let mut findings = each(report, &firsts(&off), |i| dead(report, &off[&i]));
    findings.extend(each(report, &firsts(&saturated), |i| self::saturated(report, &saturated[&i])));
    findings
}

/// The nodes of each unit that lead to the output.
fn units(report: &Report) -> Vec<(Op, Vec<usize>)> {
    let forms = forms(report);
    let mut units: IndexMap<(Op, Vec<u64>, u64), Vec<usize>> = IndexMap::new();
    for (i, node) in report.nodes.iter().enumerate() {
        let is_unit = UNITS.iter().any(|&(op, _)| op == node.op);
        if is_unit && node.reach != Reach::NotConnected {
            let form = forms[node.operands[0]];
            let constants = node.constants.iter().map(|c| c.to_bits()).collect();
            if form != 0 {
                units.entry((node.op, constants, form)).or_default().push(i);
            }
        }
    }
    units.into_iter().map(|((op, ..), nodes)| (op, nodes)).collect()
}

/// Tell whether a unit was evaluated for more than one row.
fn is_batch(report: &Report, nodes: &[usize]) -> bool {
    let operand = |i: usize| report.nodes[i].operands[0];
    nodes.iter().any(|&i| operand(i) != operand(nodes[0]))
}

/// Tell whether a unit lets nothing through, and nothing passes it by.
fn is_off(report: &Report, node: &Node) -> bool {
    node.partials[0] == 0.0 && report.nodes[node.operands[0]].reach != Reach::Connected
}

/// For every node a hash of the parameters of the affine form that it is, in which an input is a parameter; 0 if it is
/// none.
///
/// The hash of a sum is the sum of the hashes, so that one walk over the tape finds all.
fn forms(report: &Report) -> Vec<u64> {
    let mut forms: Vec<u64> = Vec::with_capacity(report.nodes.len());
    for i in 0..report.nodes.len() {
        forms.push(form(report, &forms, i));
    }
    forms
}

fn form(report: &Report, forms: &[u64], i: usize) -> u64 {
    let Node { op, operands, constants, .. } = &report.nodes[i];
    let of = |k: usize| forms[operands[k]];
    let offset = || mixed(constants[0].to_bits());
    let total = |hashes: &mut dyn Iterator<Item = u64>| hashes.fold(0, u64::wrapping_add);
    let is_input = |o: usize| report.nodes[o].op == Op::Input;
    let product = |pair: &[usize]| match *pair {
        [x, y] if is_input(x) && !is_input(y) => forms[x],
        [x, y] if is_input(y) && !is_input(x) => forms[y],
        _ => 0,
    };
    let dot = |pairs: &[usize]| total(&mut pairs.chunks(2).map(product));
    match op {
        Op::Input => mixed(i as u64),
        Op::Copy | Op::MulConst | Op::DivConst => of(0),
        Op::Neg => of(0).wrapping_neg(),
        Op::AddConst if of(0) != 0 => of(0).wrapping_add(offset()),
        Op::ConstSub if of(0) != 0 => offset().wrapping_sub(of(0)),
        Op::Add | Op::Sum | Op::Linear | Op::AffineData => {
            total(&mut operands.iter().map(|&o| forms[o]))
        }
        Op::Sub => of(0).wrapping_sub(of(1)),
        Op::Mul | Op::Dot => dot(operands),
        Op::MulAdd | Op::Affine => match operands.split_last() {
            Some((&bias, pairs)) => dot(pairs).wrapping_add(forms[bias]),
            None => 0,
        },
        _ => 0,
    }
}

/// Spread the bits of a number over a hash (Steele, Lea & Flood, *Fast splittable pseudorandom number
/// generators*, 2014: the finalizer of SplitMix64).
fn mixed(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Which nodes are terms of the output, with constant factors: terms of a loss, and no units, which are meant
/// to become small.
fn terms(report: &Report) -> Vec<bool> {
    let mut is_term = vec![true; report.nodes.len()];
    for (i, node) in report.nodes.iter().enumerate().rev() {
        let adds = matches!(
            node.op,
            Op::Copy
                | Op::Neg
                | Op::Add
                | Op::Sub
                | Op::AddConst
                | Op::ConstSub
                | Op::MulConst
                | Op::DivConst
                | Op::Sum
                | Op::Linear
                | Op::AffineData
        );
        for &o in &node.operands {
            is_term[o] &= adds && is_term[i];
        }
    }
    is_term
}

fn dead(report: &Report, nodes: &[usize]) -> Finding {
    Finding::new(Code::DeadUnit, nodes[0], message(report, nodes, "off"), evidence(report, nodes))
}

fn saturated(report: &Report, nodes: &[usize]) -> Finding {
    let slopes = nodes.iter().map(|&i| report.nodes[i].partials[0].abs());
    let steepest = two_digits(slopes.fold(0.0, f64::max));
    let evidence = format!("its slope is {steepest} at most; {}", evidence(report, nodes));
    Finding::new(Code::SaturatedUnit, nodes[0], message(report, nodes, "saturated"), evidence)
}

fn message(report: &Report, nodes: &[usize], is: &str) -> String {
    let unit = report.described(nodes[0]);
    format!("the unit {unit} is {is} all {} times that it is evaluated", nodes.len())
}

/// The range of the operands, and where they are.
fn evidence(report: &Report, nodes: &[usize]) -> String {
    let operand = |i: usize| report.nodes[i].operands[0];
    let values = || nodes.iter().map(|&i| report.nodes[operand(i)].value);
    format!(
        "its operand is between {} and {}: {}",
        two_digits(values().fold(f64::INFINITY, f64::min)),
        two_digits(values().fold(f64::NEG_INFINITY, f64::max)),
        list(nodes.iter(), |&i| report.in_numbers(operand(i)))
    )
}
