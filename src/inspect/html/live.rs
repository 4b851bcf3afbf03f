//! What the page can compute by itself: where the data stand on the tape, and which curves follow from the network.
//!
//! The page moves observations and draws curves with the tape's own operations. Here it is found out what it may: each
//! input and observation must be a constant of a known node, and the curves of a run are left out of the page only if
//! the network gives the very same ones.

use crate::Node;
use crate::inspect::Report;
use crate::inspect::json::Value;
use crate::inspect::network::{Network, Source, Unit};
use crate::nn::Activation;
use crate::op::Op;
use crate::optim::{Frame, History};

/// A constant of a node: the node, and which of its constants.
type Place = (usize, usize);

/// An observation on the tape.
struct Point {
    input: f64,
    /// The constants that hold the input, one for each weight that multiplies it.
    inputs: Vec<Place>,
    observed: f64,
    /// The constant that holds what was observed, or its negative.
    at: Place,
    negative: bool,
}

/// A network of one input and one output, with its observations.
pub(super) struct Model<'a> {
    report: &'a Report,
    network: &'a Network,
    points: Vec<Point>,
}

impl<'a> Model<'a> {
    /// The network of a report, if every input and observation of it is found.
    pub(super) fn of(report: &'a Report) -> Option<Model<'a>> {
        let network = report.network.as_ref()?;
        // The page cannot compute what a custom operation does.
        if report.nodes.iter().any(|node| node.op == Op::Custom) {
            return None;
        }
        let ([input], [output]) = (&network.layers.first()?[..], &network.layers.last()?[..])
        else {
            return None;
        };
        let first = network.links.iter().filter(|link| link.layer == 0);
        let weights: Vec<usize> = first.map(|link| link.weight).collect::<Option<_>>()?;
        let users = report.users();
        let mut from = 0;
        let point = |(input, output): (&Source, &Source)| {
            let (&Source::Data(input), &Source::Node(predicted)) = (input, output) else {
                return None;
            };
            let holds = |(i, k): Place| {
                let Node { operands, constants, .. } = &report.nodes[i];
                weights.contains(&operands[k]) && constants.get(k) == Some(&input)
            };
            let places = |i: usize| (0..report.nodes[i].operands.len()).map(move |k| (i, k));
            let inputs: Vec<Place> =
                (from..predicted).flat_map(places).filter(|&place| holds(place)).collect();
            from = predicted;
            let (observed, at, negative) =
                users[predicted].iter().find_map(|&i| residual(i, &report.nodes[i]))?;
            (inputs.len() == weights.len()).then_some(Point {
                input,
                inputs,
                observed,
                at,
                negative,
            })
        };
        let points = input.gives.iter().zip(&output.gives).map(point).collect::<Option<_>>()?;
        Some(Model { report, network, points })
    }

    /// The observations, for the page.
    pub(super) fn to_json(&self) -> Value {
        let place = |&(node, k): &Place| Value::list([node, k]);
        Value::list(self.points.iter().map(|point| {
            Value::Object(vec![
                ("x", point.input.into()),
                ("inputs", Value::list(point.inputs.iter().map(place))),
                ("y", point.observed.into()),
                ("at", place(&point.at)),
                ("negative", point.negative.into()),
            ])
        }))
    }

    /// Whether the network with the parameters of each frame of a run gives the curves and the losses that were kept.
    pub(super) fn gives(&self, run: &History) -> bool {
        let Some(curves) = &run.curves else { return false };
        let leaf = |name: &String| {
            self.report.find(name).filter(|&i| self.report.nodes[i].op == Op::Input)
        };
        let Some(leaves) = run.parameters.iter().map(leaf).collect::<Option<Vec<usize>>>() else {
            return false;
        };
        let observed = self.points.iter().map(|point| (point.input, point.observed));
        let mut values: Vec<f64> = self.report.nodes.iter().map(|node| node.value).collect();
        // Whether the loss is the sum of the squares, their mean, or another multiple of it.
        let loss = self.report.output.map_or(f64::NAN, |output| values[output]);
        let scale = self.squares(&values).map_or(f64::NAN, |squares| loss / squares);
        let mut frame = |(frame, &record): (&Frame, &usize)| {
            let record = &run.records[record];
            for (&leaf, &parameter) in leaves.iter().zip(&record.parameters) {
                values[leaf] = parameter;
            }
            let over = |k: usize| {
                let (parts, predicted) = self.run(&values, curves.grid[k])?;
                let same = |(part, &y): (&Vec<f64>, &f64)| is_close(part[k], y);
                let alike =
                    parts.len() == frame.parts.len() && frame.parts.iter().zip(&parts).all(same);
                Some(alike && is_close(frame.predicted[k], predicted))
            };
            (0..curves.grid.len()).all(|k| over(k) == Some(true))
                && self
                    .squares(&values)
                    .is_some_and(|squares| is_close(record.loss, scale * squares))
        };
        curves.data.iter().copied().eq(observed)
            && curves.frames.iter().zip(&run.frames).all(&mut frame)
    }

    /// The sum of the squared residuals, with nodes of these values.
    fn squares(&self, values: &[f64]) -> Option<f64> {
        let square =
            |point: &Point| Some((point.observed - self.run(values, point.input)?.1).powi(2));
        self.points.iter().map(square).sum()
    }

    /// The parts, each a unit times its weight, and the prediction at an input, with nodes of these values.
    fn run(&self, values: &[f64], x: f64) -> Option<(Vec<f64>, f64)> {
        let mut parts = Vec::new();
        let mut layer = vec![x];
        for (l, units) in self.network.layers.iter().enumerate().skip(1) {
            let mut sums = vec![0.0; units.len()];
            for link in self.network.links.iter().filter(|link| link.layer + 1 == l) {
                let product = values[link.weight?] * layer[link.from];
                if let Some(part) = self.network.layers[l - 1][link.from].part {
                    parts.push((part, product));
                }
                sums[link.to] += product;
            }
            let unit = |(unit, sum): (&Unit, f64)| {
                let activation = match &*unit.activation {
                    "" => Activation::Identity,
                    name => name.parse().ok()?,
                };
                Some(activation.apply(sum + values[unit.bias?]))
            };
            layer = units.iter().zip(sums).map(unit).collect::<Option<_>>()?;
        }
        parts.sort_by_key(|&(part, _)| part);
        let in_order = parts.iter().enumerate().all(|(k, &(part, _))| part == k);
        in_order.then(|| (parts.into_iter().map(|(_, y)| y).collect(), layer[0]))
    }
}

/// What was observed, if a node is a residual of a prediction: the constant that it takes it from.
fn residual(i: usize, node: &Node) -> Option<(f64, Place, bool)> {
    match node.op {
        Op::ConstSub => Some((node.constants[0], (i, 0), false)),
        Op::AddConst => Some((-node.constants[0], (i, 0), true)),
        _ => None,
    }
}

/// Sums may be made in another order.
fn is_close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-9 * a.abs().max(1.0)
}
