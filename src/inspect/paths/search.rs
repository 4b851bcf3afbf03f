//! The largest products first, without walking all paths.
//!
//! A path grows from the output towards the node. One loop over the nodes between finds the largest product
//! that can still follow from each, so that what a path has so far bounds what it may become, and the bound is
//! reached. A queue that always extends the path of the largest bound then finishes paths in the order of
//! their products (A*, with an exact estimate: Hart, Nilsson & Raphael 1968).
//!
//! Rounding could spoil that: were the bound of a longer path an ulp below that of its beginning, all
//! beginnings of 1e23 equal paths would come before the first end. So whoever follows the best edge
//! *inherits* the bound to the bit, nobody exceeds that of his parent, and among equals the latest comes
//! first. Every path that is listed then costs at most as many steps as it has nodes.

use super::{Path, PathEdge};
use crate::Node;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A search for the paths from an output back to a node.
pub(super) struct Search<'a> {
    nodes: &'a [Node],
    node: usize,
    /// For the nodes from `node` on, the size of the largest product that leads from there to `node`, after a
    /// finite product and after an infinite one; none if no path leads there.
    best: Vec<Option<[f64; 2]>>,
    queue: BinaryHeap<Open>,
    /// The edges of all beginnings that were extended, each with that before it.
    links: Vec<Link>,
    pushed: usize,
}

/// The beginning of a path, from the output to some node.
struct Open {
    /// The size of the largest product that it may end with.
    bound: f64,
    /// When it was pushed, to break ties.
    serial: usize,
    at: usize,
    last: Link,
    size: f64,
    product: f64,
}

/// The last edge of a beginning, and the place of the link before; none where all begin.
type Link = Option<(usize, PathEdge)>;

/// The size of a partial or a product is the logarithm of its magnitude, which neither overflows nor
/// underflows. In `total_cmp` order a true zero is least (-inf), and NaN is above infinity.
fn size(partial: f64) -> f64 {
    partial.abs().log2()
}

/// The size of a product after one more factor. What is 0 stays 0: a zero adjoint is not propagated.
fn times(size: f64, factor: f64) -> f64 {
    if size == f64::NEG_INFINITY {
        return size;
    }
    let product = size + factor;
    // The sign of a NaN would count in the order.
    if product.is_nan() { f64::NAN } else { product }
}

/// The product after one more factor, as the sweep makes it.
fn product(product: f64, partial: f64) -> f64 {
    if product == 0.0 { product } else { product * partial }
}

impl<'a> Search<'a> {
    /// Prepare to list the paths from `output` back to `node`.
    pub fn new(nodes: &'a [Node], output: usize, node: usize) -> Search<'a> {
        let len = (output + 1).saturating_sub(node);
        let mut search = Search {
            nodes,
            node,
            best: vec![None; len],
            queue: BinaryHeap::new(),
            links: Vec::new(),
            pushed: 0,
        };
        for i in node..node + len {
            search.best[i - node] = if i == node { Some([0.0; 2]) } else { search.best_of(i) };
        }
        if let Some(&Some([bound, _])) = search.best.last() {
            search.push(Open { bound, serial: 0, at: output, last: None, size: 0.0, product: 1.0 });
        }
        search
    }

    /// The edges from a node to its operands.
    fn edges(&self, user: usize) -> impl DoubleEndedIterator<Item = PathEdge> + use<'a> {
        let Node { operands, partials, .. } = &self.nodes[user];
        let pairs = operands.iter().zip(partials).enumerate();
        pairs.map(move |(operand, (&node, &partial))| PathEdge { user, operand, node, partial })
    }

    /// The best that edges of node `i` can lead to, after a finite product and after an infinite one.
    fn best_of(&self, i: usize) -> Option<[f64; 2]> {
        let bounds = self
            .edges(i)
            .filter_map(|edge| Some([self.bound(0.0, edge)?, self.bound(f64::INFINITY, edge)?]));
        let larger = |a: f64, b: f64| if a.total_cmp(&b).is_lt() { b } else { a };
        bounds.reduce(|a, b| [larger(a[0], b[0]), larger(a[1], b[1])])
    }

    /// The size of the largest product that follows from an edge, after one of size `start`; none if no path does.
    fn bound(&self, start: f64, edge: PathEdge) -> Option<f64> {
        let so_far = times(start, size(edge.partial));
        let [finite, infinite] = (*self.best.get(edge.node.checked_sub(self.node)?)?)?;
        Some(times(so_far, if so_far == f64::INFINITY { infinite } else { finite }))
    }

    /// Take one beginning from the queue: a path if it is whole; none at all if there is none left.
    pub fn step(&mut self) -> Option<Option<Path>> {
        let open = self.queue.pop()?;
        let link = self.links.len();
        self.links.push(open.last);
        if open.at == self.node {
            return Some(Some(self.path(link, open.product)));
        }
        self.extend(&open, link);
        Some(None)
    }

    fn push(&mut self, open: Open) {
        self.pushed += 1;
        self.queue.push(Open { serial: self.pushed, ..open });
    }

    /// Extend a beginning by every edge that leads on; of equals the first edge is to be taken first.
    fn extend(&mut self, open: &Open, link: usize) {
        let infinite = open.size == f64::INFINITY;
        let start = if infinite { f64::INFINITY } else { 0.0 };
        let Some([finite_best, infinite_best]) = self.best[open.at - self.node] else { return };
        let best = if infinite { infinite_best } else { finite_best };
        for edge in self.edges(open.at).rev() {
            let Some(follows) = self.bound(start, edge) else { continue };
            let own = times(open.size, follows);
            let inherits = follows.total_cmp(&best).is_eq() || own.total_cmp(&open.bound).is_gt();
            self.push(Open {
                bound: if inherits { open.bound } else { own },
                serial: 0,
                at: edge.node,
                last: Some((link, edge)),
                size: times(open.size, size(edge.partial)),
                product: product(open.product, edge.partial),
            });
        }
    }

    /// The path that ends with a link.
    fn path(&self, link: usize, product: f64) -> Path {
        let mut edges = Vec::new();
        let mut last = self.links[link];
        while let Some((before, edge)) = last {
            edges.push(edge);
            last = self.links[before];
        }
        edges.reverse();
        Path { edges, product }
    }
}

impl Iterator for Search<'_> {
    type Item = Path;

    fn next(&mut self) -> Option<Path> {
        loop {
            if let Some(path) = self.step()? {
                return Some(path);
            }
        }
    }
}

impl Ord for Open {
    /// The larger bound; of equals the later.
    fn cmp(&self, other: &Open) -> Ordering {
        self.bound.total_cmp(&other.bound).then(self.serial.cmp(&other.serial))
    }
}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Open) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Open {
    fn eq(&self, other: &Open) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Open {}
