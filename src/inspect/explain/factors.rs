//! Paths as factors between labelled nodes.

use super::names::Names;
use crate::inspect::{Path, PathEdge};
use std::collections::BTreeMap;

/// One factor of a path: an edge, or several that are contracted.
#[derive(Clone, Debug)]
pub(super) struct Factor<'p> {
    pub edges: &'p [PathEdge],
}

impl Factor<'_> {
    pub fn user(&self) -> usize {
        self.edges[0].user
    }

    pub fn node(&self) -> usize {
        self.edges[self.edges.len() - 1].node
    }

    /// Its number, multiplied in the order of the sweep.
    pub fn value(&self) -> f64 {
        let times = |product: f64, edge: &PathEdge| match product == 0.0 {
            true => product,
            false => product * edge.partial,
        };
        self.edges.iter().fold(1.0, times)
    }

    pub fn text(&self, names: &Names<'_>) -> String {
        match self.edges {
            [edge] => names.partial(*edge),
            _ => names.derivative(self.user(), self.node()),
        }
    }
}

/// Split each path into factors. With `full` every edge is one.
///
/// Elsewhere a run of unlabelled nodes becomes one factor if it is between two labelled nodes or ends, and is
/// all that is between them: then the factor *is* the derivative of one with respect to the other, all
/// labelled nodes between held. A path without labelled nodes on the way keeps all its edges.
pub(super) fn factors<'p>(
    names: &Names<'_>,
    paths: &'p [Path],
    full: bool,
) -> Vec<Vec<Factor<'p>>> {
    let mut only = BTreeMap::new();
    let mut split = |path: &'p Path| {
        let edges = &path.edges[..];
        let labelled = |edge: &PathEdge| names.label(edge.node).is_some();
        let inner = &edges[..edges.len().saturating_sub(1)];
        let contracts = !full && inner.iter().any(labelled);
        let runs: Vec<&[PathEdge]> = match contracts {
            true => runs(edges, labelled),
            false => edges.chunks(1).collect(),
        };
        let mut factors = Vec::new();
        for run in runs {
            let ends = (run[0].user, run[run.len() - 1].node);
            let is_only = run.len() == 1
                || *only.entry(ends).or_insert_with(|| is_only_run(names, ends.0, ends.1));
            let parts = if is_only { run.chunks(run.len()) } else { run.chunks(1) };
            factors.extend(parts.map(|edges| Factor { edges }));
        }
        factors
    };
    paths.iter().map(&mut split).collect()
}

/// The edges up to each labelled node.
fn runs(edges: &[PathEdge], labelled: impl Fn(&PathEdge) -> bool) -> Vec<&[PathEdge]> {
    edges.split_inclusive(labelled).collect()
}

/// Whether exactly one path leads from a node to another by unlabelled nodes alone.
fn is_only_run(names: &Names<'_>, from: usize, to: usize) -> bool {
    let mut ways = vec![0_usize; from - to + 1];
    ways[0] = 1;
    for i in to + 1..=from {
        let node = &names.report.nodes[i];
        if i == from || names.label(i).is_none() {
            let below =
                node.operands.iter().filter_map(|operand| ways.get(operand.checked_sub(to)?));
            ways[i - to] = below.fold(0, |sum: usize, &ways| sum.saturating_add(ways));
        }
    }
    ways[from - to] == 1
}
