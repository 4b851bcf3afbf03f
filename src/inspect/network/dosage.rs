//! The dosage network, found by the names that [`ssr_labelled`](crate::nn::Dosage::ssr_labelled) gives.

use super::{Link, Network, Seen, Unit};
use crate::inspect::Report;
use crate::nn::{Activation, Dosage};
use crate::op::Op;

/// The network, if the tape holds all seven parameters and an evaluation with them.
///
/// The labels only say where to look: what is drawn was followed from node to node.
pub(super) fn find(report: &Report) -> Option<Network> {
    let p = parameters(report)?;
    let samples: Vec<Sample> =
        (0..report.nodes.len()).filter_map(|i| sample(report, &p, i)).collect();
    if samples.is_empty() {
        return None;
    }
    let unit = |name: &str, bias: Option<usize>, gives: &dyn Fn(&Sample) -> Seen| Unit {
        name: name.into(),
        bias,
        gives: samples.iter().map(gives).collect(),
        ..Unit::default()
    };
    let hidden = |name: &str, part: usize, bias: usize| Unit {
        activation: Activation::Softplus.name().into(),
        part: Some(part),
        ..unit(name, Some(bias), &|sample| Seen::Node(sample.hidden[part]))
    };
    let [w1, b1, w2, b2, w3, w4, b3] = p;
    let link = |layer, from, to, weight| Link { layer, from, to, weight: Some(weight) };
    Some(Network {
        layers: vec![
            vec![unit("dosage", None, &|sample| Seen::Data(sample.dosage))],
            vec![hidden("blue", 0, b1), hidden("orange", 1, b2)],
            vec![unit("predicted", Some(b3), &|sample| Seen::Node(sample.predicted))],
        ],
        links: vec![link(0, 0, 0, w1), link(0, 0, 1, w2), link(1, 0, 0, w3), link(1, 1, 0, w4)],
        samples: samples.into_iter().map(|sample| sample.name).collect(),
    })
}

/// The first node of each name.
fn parameters(report: &Report) -> Option<[usize; 7]> {
    let mut found = [None; 7];
    for (i, node) in report.nodes.iter().enumerate() {
        let name = Dosage::NAMES.iter().position(|&name| node.label.as_deref() == Some(name));
        if let Some(name) = name {
            found[name].get_or_insert(i);
        }
    }
    let found: Vec<usize> = found.into_iter().flatten().collect();
    found.try_into().ok()
}

/// One evaluation.
struct Sample {
    name: String,
    dosage: f64,
    /// The softplus nodes.
    hidden: [usize; 2],
    predicted: usize,
}

/// The evaluation that ends at a node, if it is `w3 softplus(w1 x + b1) + w4 softplus(w2 x + b2) + b3`.
fn sample(report: &Report, p: &[usize; 7], predicted: usize) -> Option<Sample> {
    let dosage = report.nodes[predicted].label.as_deref()?.strip_prefix("predicted ")?;
    let &[w1, b1, w2, b2, w3, w4, b3] = p;
    let [curves, lift] = operands(report, predicted, Op::Add)?;
    let [blue, orange] = operands(report, curves, Op::Add)?;
    let (blue, x) = hidden(report, blue, [w1, b1, w3])?;
    let (orange, same_x) = hidden(report, orange, [w2, b2, w4])?;
    let fits = lift == b3 && x.to_bits() == same_x.to_bits();
    let name = format!("dosage {dosage}");
    fits.then_some(Sample { name, dosage: x, hidden: [blue, orange], predicted })
}

/// The softplus node behind a curve, and the dosage that went into it.
fn hidden(report: &Report, curve: usize, parameters: [usize; 3]) -> Option<(usize, f64)> {
    let [scale, softplus] = operands(report, curve, Op::Mul)?;
    let [line] = operands(report, softplus, Op::Softplus)?;
    let [product, bias] = operands(report, line, Op::Add)?;
    let [weight] = operands(report, product, Op::MulConst)?;
    let dosage = *report.nodes[product].constants.first()?;
    ([weight, bias, scale] == parameters).then_some((softplus, dosage))
}

/// The operands of a node of this operation.
fn operands<const N: usize>(report: &Report, node: usize, op: Op) -> Option<[usize; N]> {
    let node = &report.nodes[node];
    (node.op == op).then(|| node.operands.as_slice().try_into().ok())?
}
