//! The evaluations of one network, put together.

use super::layers::{Candidate, Layer, Neuron, candidates};
use super::{Link, Network, Seen, Unit, dosage};
use crate::inspect::Report;
use crate::nn::Activation;
use indexmap::IndexMap;
use std::collections::HashSet;
use std::fmt;

/// The most units of a layer that are drawn.
const UNITS: usize = 64;
/// The most links that are drawn.
const LINKS: usize = 2000;

impl Network {
    /// Find the network that made the tape, if [`nn`](crate::nn) did.
    ///
    /// It is found by the labels of [`ssr_labelled`](crate::nn::Dosage::ssr_labelled), or by the scopes of
    /// [`Mlp::forward_labelled`](crate::nn::Mlp::forward_labelled), and then followed from node to node: what
    /// does not fit is left out. Evaluations with the same weights and biases are samples of one network.
    /// Of several networks on a tape it is the one with the most units, and of those the first.
    ///
    /// A network with more than 64 units in a layer, or more than 2,000 links, cannot be drawn so that
    /// anybody could read it: the result is `None`, and [`Report::facts`] says so.
    ///
    /// [`Tape::report`](crate::Tape::report) calls it.
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
    #[must_use]
    pub fn found_in(report: &Report) -> Option<Network> {
        Network::search(report).ok().flatten()
    }

    /// Find the network, or say why it is not drawn.
    pub(in crate::inspect) fn search(report: &Report) -> Result<Option<Network>, TooLarge> {
        if let Some(network) = dosage::find(report) {
            return Ok(Some(network));
        }
        let mut networks: IndexMap<Key, Vec<Evaluation>> = IndexMap::new();
        for evaluation in evaluations(report) {
            networks.entry(evaluation.key(report)).or_default().push(evaluation);
        }
        let all = networks.into_values();
        // Of equals `max_by_key` gives the last.
        let largest = all.rev().max_by_key(|evaluations| evaluations[0].units());
        largest.map(|evaluations| draw(report, &evaluations)).transpose()
    }
}

/// Say that a network is too large to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::inspect) struct TooLarge {
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

/// One evaluation of a network.
struct Evaluation {
    layers: Vec<Layer>,
    /// The scope around it.
    parent: Option<usize>,
}

/// What makes two evaluations those of one network: layer by layer, a unit's activation, weights and bias.
type Key = Vec<Vec<(Option<Activation>, Vec<(bool, u64)>)>>;

impl Evaluation {
    fn key(&self, report: &Report) -> Key {
        let layer = |layer: &Layer| {
            let unit = |unit: &Neuron| {
                let parameters = unit.weights.iter().copied().chain([Seen::Node(unit.bias)]);
                (unit.activation, parameters.map(|seen| seen.key(report)).collect())
            };
            layer.units.iter().map(unit).collect()
        };
        self.layers.iter().map(layer).collect()
    }

    fn units(&self) -> usize {
        self.layers.iter().map(|layer| layer.units.len()).sum()
    }
}

/// Put layers together that feed each other, from layer 1 on.
fn evaluations(report: &Report) -> Vec<Evaluation> {
    let mut all: Vec<Evaluation> = Vec::new();
    // Whether the last one can go on.
    let mut open = false;
    for Candidate { number, outputs, parent } in candidates(report) {
        if number == 1 {
            let first = Layer::first(report, &outputs);
            open = first.is_some();
            all.extend(first.map(|layer| Evaluation { layers: vec![layer], parent }));
            continue;
        }
        let last = all.last_mut().filter(|last| open && number == last.layers.len() + 1);
        open = false;
        if let Some(last) = last {
            let inputs = last.layers[number - 2].outputs();
            if let Some(next) = Layer::of(report, &outputs, inputs) {
                last.layers.push(next);
                open = true;
            }
        }
    }
    all
}

/// The drawing of evaluations of one network.
fn draw(report: &Report, evaluations: &[Evaluation]) -> Result<Network, TooLarge> {
    let layers = &evaluations[0].layers;
    let width = |layer: &Layer| layer.units.len().max(layer.inputs.len());
    let units = layers.iter().map(width).max().unwrap_or(0);
    let links: Vec<Link> =
        layers.iter().enumerate().flat_map(|(l, layer)| links(l, layer)).collect();
    if units > UNITS || links.len() > LINKS {
        return Err(TooLarge { units, links: links.len() });
    }
    let inputs = (0..layers[0].inputs.len()).map(|i| {
        let gives: Vec<Seen> = evaluations.iter().map(|e| e.layers[0].inputs[i]).collect();
        Unit { name: name(report, &gives, &format!("x[{i}]")), gives, ..Unit::default() }
    });
    let later = layers.iter().enumerate().map(|(l, layer)| {
        let unit = |(j, neuron): (usize, &Neuron)| {
            let gives = |e: &Evaluation| Seen::Node(e.layers[l].units[j].gives);
            let gives: Vec<Seen> = evaluations.iter().map(gives).collect();
            Unit {
                name: name(report, &gives, &format!("layer {}[{j}]", l + 1)),
                activation: neuron.activation.map_or("", Activation::name).into(),
                bias: Some(neuron.bias),
                gives,
                part: None,
            }
        };
        layer.units.iter().enumerate().map(unit).collect()
    });
    let layers = std::iter::once(inputs.collect()).chain(later).collect();
    Ok(Network { samples: samples(report, evaluations), layers, links })
}

/// The links into a layer.
fn links(number: usize, layer: &Layer) -> impl Iterator<Item = Link> {
    layer.units.iter().enumerate().flat_map(move |(to, unit)| {
        unit.weights.iter().enumerate().map(move |(from, weight)| Link {
            layer: number,
            from,
            to,
            weight: match *weight {
                Seen::Node(i) => Some(i),
                Seen::Data(_) => None,
            },
        })
    })
}

/// The label that a unit has in every evaluation, else the name given.
fn name(report: &Report, gives: &[Seen], otherwise: &str) -> String {
    let label = |seen: &Seen| match *seen {
        Seen::Node(i) => report.nodes[i].label.as_deref(),
        Seen::Data(_) => None,
    };
    let first = gives.first().and_then(label);
    let same = first.filter(|_| gives.iter().all(|seen| label(seen) == first));
    same.unwrap_or(otherwise).into()
}

/// The names of the scopes around the evaluations, if that tells them apart, else their numbers.
fn samples(report: &Report, evaluations: &[Evaluation]) -> Vec<String> {
    let scope = |e: &Evaluation| e.parent.map(|parent| report.scopes[parent].name.clone());
    let named: Option<Vec<String>> = evaluations.iter().map(scope).collect();
    let distinct = |names: &Vec<String>| names.iter().collect::<HashSet<_>>().len() == names.len();
    let numbered = || (0..evaluations.len()).map(|i| format!("sample {i}")).collect();
    named.filter(distinct).unwrap_or_else(numbered)
}
