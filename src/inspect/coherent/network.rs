//! A network whose units and links are there.

use super::Incoherent;
use crate::inspect::{Network, Seen};

/// Every unit gives something for every sample, and every link leads to the next layer.
pub(super) fn network(network: &Network, nodes: usize) -> Result<(), Incoherent> {
    let samples = network.samples.len();
    for (i, layer) in network.layers.iter().enumerate() {
        for (k, unit) in layer.iter().enumerate() {
            let gives = unit.gives.len();
            ensure!(
                gives == samples,
                "network.layers[{i}][{k}].gives",
                "has the length {gives}, and there are {samples} samples"
            );
            let given = unit.gives.iter().filter_map(|seen| match seen {
                Seen::Node(node) => Some(node),
                Seen::Data(_) => None,
            });
            for node in given.chain(&unit.bias) {
                ensure!(
                    *node < nodes,
                    "network.layers[{i}][{k}]",
                    "names node {node}, not an index below {nodes}"
                );
            }
        }
    }
    for (i, link) in network.links.iter().enumerate() {
        let (layer, from, to) = (link.layer, link.from, link.to);
        let units = |layer: Option<usize>| {
            layer.and_then(|layer| network.layers.get(layer)).map_or(0, Vec::len)
        };
        ensure!(
            from < units(Some(layer)) && to < units(layer.checked_add(1)),
            "network.links[{i}]",
            "leads from unit {from} of layer {layer} to unit {to} of the next, and one of them is not there"
        );
        if let Some(weight) = link.weight {
            ensure!(
                weight < nodes,
                "network.links[{i}].weight",
                "is {weight}, not an index below {nodes}, of a node"
            );
        }
    }
    Ok(())
}
