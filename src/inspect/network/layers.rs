//! A network of dense layers, found by the scopes or labels that
//! [`Mlp::forward_labelled`](crate::nn::Mlp::forward_labelled) leaves.
//!
//! They only say where to look. A layer is taken for one if it holds affine forms and their activations and
//! nothing else, all of the same inputs; and for the next one if those inputs are what the last layer gives.

use super::Seen;
use crate::Node;
use crate::inspect::Report;
use crate::nn::Activation;
use crate::op::Op;

/// One layer of one evaluation.
pub(super) struct Layer {
    pub inputs: Vec<Seen>,
    pub units: Vec<Neuron>,
}

/// One unit of one evaluation.
pub(super) struct Neuron {
    /// None if there is no node of it: the identity.
    pub activation: Option<Activation>,
    pub weights: Vec<Seen>,
    pub bias: usize,
    pub gives: usize,
}

/// What is said to be a layer: its number, and what its units give.
pub(super) struct Candidate {
    pub number: usize,
    pub outputs: Vec<usize>,
    /// The scope around the evaluation.
    pub parent: Option<usize>,
}

/// Where to look, in tape order: the scopes; of a program, which keeps none, the labels.
pub(super) fn candidates(report: &Report) -> Vec<Candidate> {
    match report.scopes.is_empty() {
        true => labelled(report),
        false => (0..report.scopes.len()).filter_map(|scope| scoped(report, scope)).collect(),
    }
}

/// A scope `layer 2` that holds affine forms, each perhaps with its activation after it, and constants.
fn scoped(report: &Report, scope: usize) -> Option<Candidate> {
    let crate::tape::Scope { name, parent, start, end } = &report.scopes[scope];
    let number = name.strip_prefix("layer ")?.parse().ok()?;
    let mut outputs = Vec::new();
    for i in *start..end.unwrap_or(report.nodes.len()) {
        let node = report.nodes.get(i).filter(|node| node.scope == Some(scope))?;
        match node.op {
            Op::Const => {}
            Op::Affine | Op::AffineData => outputs.push(i),
            _ => {
                let last = outputs.last_mut().filter(|last| activation(node, **last).is_some())?;
                *last = i;
            }
        }
    }
    Some(Candidate { number, outputs, parent: *parent })
}

/// The runs of labels `layer 2[0]`, `layer 2[1]`, ...
fn labelled(report: &Report) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for (i, node) in report.nodes.iter().enumerate() {
        let Some((number, unit)) = node.label.as_deref().and_then(numbers) else { continue };
        match found.last_mut().filter(|layer| layer.number == number) {
            Some(layer) if layer.outputs.len() == unit => layer.outputs.push(i),
            _ if unit == 0 => {
                found.push(Candidate { number, outputs: vec![i], parent: None });
            }
            _ => {}
        }
    }
    found
}

/// The two numbers of a label `layer 2[0]`.
fn numbers(label: &str) -> Option<(usize, usize)> {
    let (layer, unit) = label.strip_prefix("layer ")?.strip_suffix(']')?.split_once('[')?;
    Some((layer.parse().ok()?, unit.parse().ok()?))
}

/// The activation that a node is of another.
fn activation(node: &Node, of: usize) -> Option<Activation> {
    let applies = node.op != Op::Custom && node.operands == [of];
    node.name.parse().ok().filter(|_| applies)
}

impl Layer {
    /// Follow the first layer of a network, whose inputs are anything that all its units share.
    pub fn first(report: &Report, outputs: &[usize]) -> Option<Layer> {
        let (_, form) = form(report, *outputs.first()?)?;
        let node = &report.nodes[form];
        let (terms, bias) = terms(node)?;
        let nodes =
            |terms: &mut dyn Iterator<Item = &usize>| terms.map(|&o| Seen::Node(o)).collect();
        if node.op == Op::Affine {
            return Layer::of(report, outputs, nodes(&mut terms.iter().skip(1).step_by(2)));
        }
        // Either the inputs are data or the weights are constants: the units share the inputs. A unit alone
        // shares nothing; then whatever is variable with the bias is taken for the weights, and with a constant
        // bias nobody can tell.
        if outputs.len() == 1 && report.nodes[bias].op == Op::Const {
            return None;
        }
        let data = node.constants.iter().map(|&c| Seen::Data(c)).collect();
        let weighted = Layer::of(report, outputs, data);
        weighted.or_else(|| Layer::of(report, outputs, nodes(&mut terms.iter())))
    }

    /// Follow a layer of these inputs.
    pub fn of(report: &Report, outputs: &[usize], inputs: Vec<Seen>) -> Option<Layer> {
        let units: Option<Vec<Neuron>> =
            outputs.iter().map(|&output| Neuron::of(report, output, &inputs)).collect();
        let units = units.filter(|units| !units.is_empty())?;
        Some(Layer { inputs, units })
    }

    /// What the next layer takes in.
    pub fn outputs(&self) -> Vec<Seen> {
        self.units.iter().map(|unit| Seen::Node(unit.gives)).collect()
    }
}

impl Neuron {
    /// The unit that ends at a node, if it is an affine form of these inputs.
    fn of(report: &Report, output: usize, inputs: &[Seen]) -> Option<Neuron> {
        let (activation, form) = form(report, output)?;
        let node = &report.nodes[form];
        let (terms, bias) = terms(node)?;
        let nodes = || terms.iter().map(|&o| Seen::Node(o));
        let constants = || node.constants.iter().map(|&c| Seen::Data(c));
        // Weights and inputs, as the node can be read.
        let readings: Vec<(Vec<Seen>, Vec<Seen>)> = match node.op {
            Op::Affine => {
                vec![(nodes().step_by(2).collect(), nodes().skip(1).step_by(2).collect())]
            }
            _ => vec![
                (nodes().collect(), constants().collect()),
                (constants().collect(), nodes().collect()),
            ],
        };
        let keys = |seen: &[Seen]| seen.iter().map(|s| s.key(report)).collect::<Vec<_>>();
        let (weights, _) = readings.into_iter().find(|(_, seen)| keys(seen) == keys(inputs))?;
        Some(Neuron { activation, weights, bias, gives: output })
    }
}

/// The activation at a node and the affine form below it.
fn form(report: &Report, output: usize) -> Option<(Option<Activation>, usize)> {
    let node = report.nodes.get(output)?;
    let is_form = |i: usize| matches!(report.nodes[i].op, Op::Affine | Op::AffineData);
    if is_form(output) {
        return Some((None, output));
    }
    let &below = node.operands.first()?;
    is_form(below).then(|| activation(node, below).map(|known| (Some(known), below)))?
}

/// The terms of an affine form, and its bias.
fn terms(form: &Node) -> Option<(&[usize], usize)> {
    let (&bias, terms) = form.operands.split_last()?;
    Some((terms, bias))
}

impl Seen {
    /// Tell numbers apart: nodes by their index, constants by their bits, for each use of a constant may have
    /// made a node of its own.
    pub(super) fn key(self, report: &Report) -> (bool, u64) {
        match self {
            Seen::Node(i) if report.nodes[i].op == Op::Const => {
                (false, report.nodes[i].value.to_bits())
            }
            Seen::Node(i) => (true, i as u64),
            Seen::Data(x) => (false, x.to_bits()),
        }
    }
}
