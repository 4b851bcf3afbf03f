//! [`Network`]: the network that made a tape, each part of which is a node, from what `nn` wrote down.

use crate::Node;
use crate::op::Op;
use crate::tape::network;
pub use crate::tape::network::Source;
use indexmap::IndexMap;
use std::collections::HashSet;
use std::fmt;

/// The most units of a layer that are drawn.
const UNITS: usize = 64;
/// The most links that are drawn.
const LINKS: usize = 2000;

/// The units of a network, layer by layer, and the links between them.
///
/// It holds no numbers of its own but those of data: a unit's activation, a bias and a weight are nodes of
/// the report, with value and adjoint there.
///
/// [`Tape::report`](crate::Tape::report) has one if [`nn`](crate::nn) ran it:
/// [`Mlp::forward_labelled`](crate::nn::Mlp::forward_labelled) and
/// [`Dosage::ssr_labelled`](crate::nn::Dosage::ssr_labelled) write down on the tape what they compute.
/// Evaluations with the same weights and biases are samples of one network. Of several networks on a tape it is
/// the one with the most units, and of those the first. A network with more than 64 units in a layer, or more than
/// 2,000 links, cannot be drawn so that anybody could read it: there is none then, and
/// [`Report::facts`](crate::inspect::Report::facts) says so.
///
/// ```
/// use gradtape::{Tape, nn::{Activation, Mlp, mse}};
/// let network = Mlp::new(1).dense(2, Activation::Tanh).dense(1, Activation::Identity);
/// let tape = Tape::new();
/// let p = tape.vars(&[0.5, -0.5, 0.1, 0.2, 1.0, -1.0, 0.0]);
/// let predicted = [0.0, 1.0].map(|x| network.forward_labelled(&p, &[x])[0]);
/// let drawn = tape.report(mse(&predicted, &[1.0, 2.0])).network.unwrap();
/// assert_eq!(drawn.layers.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 1]);
/// assert_eq!(drawn.samples, ["sample 0", "sample 1"]);
/// assert_eq!(drawn.links[1].weight, p[1].index());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Network {
    /// What the network was evaluated for, one name an evaluation: `dosage 0.5`.
    pub samples: Vec<String>,
    /// The units of each layer, the inputs first.
    pub layers: Vec<Vec<Unit>>,
    /// The links, each from a unit of one layer to one of the next.
    pub links: Vec<Link>,
}

/// A unit of a network.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// The function it applies; empty for an input or a plain sum.
    pub activation: String,
    /// The node of its bias; none for an input.
    pub bias: Option<usize>,
    /// What it gives for each sample.
    pub gives: Vec<Source>,
    /// The curve that it makes, as an index into the parts of the curves of a run.
    pub part: Option<usize>,
}

/// A link of a network.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The layer of the unit that it starts from; it ends in the next.
    pub layer: usize,
    /// The unit that it starts from.
    pub from: usize,
    /// The unit that it ends at.
    pub to: usize,
    /// The node of its weight; none if the weight is a constant kept inside another node.
    pub weight: Option<usize>,
}

/// One run of a network, as it was written down.
type Run = network::Evaluation<Source>;

/// Say that a network is too large to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TooLarge {
    units: usize,
    links: usize,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not drawn: its largest layer has {} of at most {UNITS} units, and it has {} of at most {LINKS} \
             links",
            self.units, self.links
        )
    }
}

impl Network {
    /// The largest of the networks that ran, or why it is not drawn.
    pub(super) fn of<'a>(
        runs: impl Iterator<Item = &'a Run>,
        nodes: &[Node],
    ) -> Result<Option<Network>, TooLarge> {
        let mut networks: IndexMap<Key, Vec<&Run>> = IndexMap::new();
        for run in runs {
            networks.entry(key(run, nodes)).or_default().push(run);
        }
        let units = |runs: &Vec<&Run>| runs[0].layers.iter().map(Vec::len).sum::<usize>();
        // Of equals `max_by_key` gives the last.
        let largest = networks.values().rev().max_by_key(|&runs| units(runs));
        largest.map(|runs| draw(nodes, runs)).transpose()
    }
}

/// What makes two runs those of one network: layer by layer, a unit's activation, weights and bias.
type Key = Vec<Vec<(&'static str, Vec<(bool, u64)>)>>;

fn key(run: &Run, nodes: &[Node]) -> Key {
    // Nodes by their index, constants by their bits: each use of a constant may have made a node of its own.
    let number = |source: Source| match source {
        Source::Node(i) if nodes[i].op == Op::Const => (false, nodes[i].value.to_bits()),
        Source::Node(i) => (true, i as u64),
        Source::Data(x) => (false, x.to_bits()),
    };
    let unit = |unit: &network::Unit<Source>| {
        let parameters = unit.weights.iter().copied().chain([unit.bias]);
        (unit.activation, parameters.map(number).collect())
    };
    run.layers.iter().map(|layer| layer.iter().map(unit).collect()).collect()
}

/// The drawing of runs of one network.
fn draw(nodes: &[Node], runs: &[&Run]) -> Result<Network, TooLarge> {
    let first = runs[0];
    let units = first.layers.iter().map(Vec::len).chain([first.inputs.len()]).max().unwrap_or(0);
    let links: Vec<Link> = links(first).collect();
    if units > UNITS || links.len() > LINKS {
        return Err(TooLarge { units, links: links.len() });
    }
    let inputs = first.inputs.iter().enumerate().map(|(i, &(name, _))| {
        let gives: Vec<Source> = runs.iter().map(|run| run.inputs[i].1).collect();
        let name = name_of(nodes, name, &gives, || format!("x[{i}]"));
        Unit { name, gives, ..Unit::default() }
    });
    let later = first.layers.iter().enumerate().map(|(l, layer)| {
        let drawn = |(j, unit): (usize, &network::Unit<Source>)| {
            let gives: Vec<Source> = runs.iter().map(|run| run.layers[l][j].output).collect();
            Unit {
                name: name_of(nodes, unit.name, &gives, || format!("layer {}[{j}]", l + 1)),
                activation: unit.activation.into(),
                bias: node(unit.bias),
                gives,
                part: unit.part,
            }
        };
        layer.iter().enumerate().map(drawn).collect()
    });
    let layers = std::iter::once(inputs.collect()).chain(later).collect();
    Ok(Network { samples: samples(runs), layers, links })
}

fn links(run: &Run) -> impl Iterator<Item = Link> {
    run.layers.iter().enumerate().flat_map(|(layer, units)| {
        units.iter().enumerate().flat_map(move |(to, unit)| {
            let weights = unit.weights.iter().enumerate();
            weights.map(move |(from, &weight)| Link { layer, from, to, weight: node(weight) })
        })
    })
}

fn node(source: Source) -> Option<usize> {
    match source {
        Source::Node(i) => Some(i),
        Source::Data(_) => None,
    }
}

/// The name that was written down, else the label in every run, else that of the place.
fn name_of(nodes: &[Node], name: &str, gives: &[Source], place: impl Fn() -> String) -> String {
    if !name.is_empty() {
        return name.into();
    }
    let label = |&source: &Source| node(source).and_then(|i| nodes[i].label.as_deref());
    let first = gives.first().and_then(label);
    let same = first.filter(|_| gives.iter().all(|source| label(source) == first));
    same.map_or_else(place, String::from)
}

/// The names of the scopes around the runs, if that tells them apart, else their numbers.
fn samples(runs: &[&Run]) -> Vec<String> {
    let named: Option<Vec<String>> = runs.iter().map(|run| run.sample.clone()).collect();
    let distinct = |names: &Vec<String>| names.iter().collect::<HashSet<_>>().len() == names.len();
    let numbered = || (0..runs.len()).map(|i| format!("sample {i}")).collect();
    named.filter(distinct).unwrap_or_else(numbered)
}
