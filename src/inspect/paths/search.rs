//! The largest products first, without walking all paths.
//!
//! A path grows from the output towards the node (A*, with an exact estimate: Hart, Nilsson & Raphael 1968):
//!
//! ```text
//! size(p)      = log2 |p|                          a product of sizes is a sum, and cannot overflow
//! best[node]   = 0                                 the largest size that can follow from a node:
//! best[i]      = max over operands o of i of       one loop, operands first
//!                size(partial) + best[o]
//!
//! queue        = { (output, bound = best[output]) }
//! loop: take the beginning with the largest bound
//!     if it is at the node: it is the next path
//!     else for each operand o: push the longer beginning,
//!         bound = its size + size(partial) + best[o]
//! ```
//!
//! The estimate is exact, so a beginning on a best way keeps its bound, and paths come out in the order of their
//! products. Each costs as many steps as it has nodes, however many there are. Where the code departs from this:
//!
//! - **Bounds are inherited.** The sum of sizes rounds: were the bound of a longer beginning an ulp below that of
//!   the shorter, all beginnings of 1e23 equal paths would come before the first end. So the beginning that
//!   follows a best edge has the bound of the one it extends to the bit, none exceeds it, and among equals the
//!   latest comes first.
//! - **Zero, infinity and NaN.** As in the sweep, what is blocked is 0 whatever it meets, and a 0 by value times
//!   infinity is NaN. So the best that can follow depends on what the product so far is, and `best` has four entries a
//!   node: after a number, infinity, 0, NaN. NaN is above infinity in the order, 0 is below all.
//! - **Beginnings share their edges**: each knows its last edge and where the one before is.
//! - **Equal paths are one, if asked.** `x * x`, ten times over, has 1024 paths of one product. Edges to one operand by
//!   one partial are then taken as one edge that counts for all, and a path for the product of its edges' counts. Its
//!   size is that of the sum of its equals.

use crate::Node;
use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

/// One edge of a path: from a node to one of its operands.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PathEdge {
    /// The node that uses the operand.
    pub user: usize,
    /// Which of its operands, from 0: the two edges of `x * x` differ in nothing else.
    pub operand: usize,
    /// The operand, as a node.
    pub node: usize,
    /// The local partial `∂user/∂node` by this operand.
    pub partial: f64,
}

/// A path from the output back to a node.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Path {
    /// Its edges, the first of which is at the output; none if the node is the output.
    pub edges: Vec<PathEdge>,
    /// The product of the partials in this order; 0 if an edge is blocked, whatever the others are.
    pub product: f64,
    /// How many equal paths it stands for.
    pub(in crate::inspect) count: f64,
}

impl Path {
    /// What it adds to the derivative: its product, as often as it has equals.
    pub(in crate::inspect) fn adds(&self) -> f64 {
        self.product * self.count
    }

    /// The order of a list: NaN, infinite, then by magnitude; of equals by operands.
    pub(super) fn before(&self, other: &Path) -> Ordering {
        let size = |path: &Path| match path.product.is_nan() {
            true => f64::NAN,
            false => path.adds().abs(),
        };
        size(other).total_cmp(&size(self)).then_with(|| self.in_tape_order(other))
    }

    /// Compare by the operands that two paths from one output go by.
    pub(in crate::inspect) fn in_tape_order(&self, other: &Path) -> Ordering {
        let operands = |edge: &PathEdge| edge.operand;
        self.edges.iter().map(operands).cmp(other.edges.iter().map(operands))
    }

    /// List the nodes on the way, the output first; none if the node is the output.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(0.5);
    /// let path = &tape.report(x.sin().exp()).paths(0).listed[0];
    /// assert_eq!(path.nodes().collect::<Vec<_>>(), [2, 1, 0]);
    /// ```
    pub fn nodes(&self) -> impl Iterator<Item = usize> {
        let first = self.edges.first().map(|edge| edge.user);
        first.into_iter().chain(self.edges.iter().map(|edge| edge.node))
    }
}

/// A search for the paths from an output back to a node.
pub(super) struct Search<'a> {
    nodes: &'a [Node],
    node: usize,
    /// Whether equal paths are one.
    groups: bool,
    /// For the nodes from `node` on, the size of the largest product that leads from there to `node`, after each of
    /// [`KINDS`]; none if no path leads there.
    best: Vec<Option<[f64; 4]>>,
    /// All beginnings of paths that were met, each with the place of that before it.
    beginnings: Vec<Beginning>,
    /// Those to be looked at, by [`order`] of their bound and by place.
    queue: BinaryHeap<(i64, usize)>,
}

/// The beginning of a path, from the output to some node.
#[derive(Clone, Copy)]
struct Beginning {
    /// The size of the largest product that it may end with.
    bound: f64,
    at: usize,
    /// Its last edge, and the place of the beginning that this extends; none where all begin.
    last: Option<(usize, PathEdge)>,
    size: f64,
    product: f64,
    count: f64,
}

/// An edge, and how many it stands for.
type Edge = (PathEdge, f64);

/// An integer that is larger for a number that is, in the order of `total_cmp`.
fn order(x: f64) -> i64 {
    let bits = x.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

// The size of a partial or a product is the logarithm of its magnitude, which neither overflows nor underflows. In
// `total_cmp` order a true zero is least (-inf), and NaN is above infinity.

/// The size of a product that is blocked: below that of any number but 0.
const BLOCKED: f64 = -f64::MAX;

/// Sizes of a number, infinity, 0 and NaN.
const KINDS: [f64; 4] = [0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];

/// Which of [`KINDS`] a size is.
fn kind(size: f64) -> usize {
    match () {
        () if size.is_nan() => 3,
        () if size.is_infinite() => 1 + usize::from(size < 0.0),
        () => 0,
    }
}

/// The size of a product after one more factor.
fn times(size: f64, factor: f64) -> f64 {
    if size == BLOCKED || factor == BLOCKED {
        return BLOCKED;
    }
    let product = size + factor;
    // The sign of a NaN would count in the order.
    if product.is_nan() { f64::NAN } else { product }
}

impl<'a> Search<'a> {
    /// Prepare to list the paths from `output` back to `node`; with `groups`, equal ones as one.
    pub fn new(nodes: &'a [Node], output: usize, node: usize, groups: bool) -> Search<'a> {
        let len = (output + 1).saturating_sub(node);
        let mut search = Search {
            nodes,
            node,
            groups,
            best: vec![None; len],
            beginnings: Vec::new(),
            queue: BinaryHeap::new(),
        };
        for i in node..node + len {
            search.best[i - node] =
                if i == node { Some([0.0, 0.0, 0.0, f64::NAN]) } else { search.best_of(i) };
        }
        if let Some(&Some([bound, ..])) = search.best.last() {
            let [size, product, count] = [0.0, 1.0, 1.0];
            search.push(Beginning { bound, at: output, last: None, size, product, count });
        }
        search
    }

    /// The edges from a node to its operands.
    fn edges(&self, user: usize) -> impl DoubleEndedIterator<Item = Edge> + use<'a> {
        let Node { operands, partials, .. } = &self.nodes[user];
        let counts = self.counts(user);
        let pairs = operands.iter().zip(partials).enumerate();
        let edge = move |(operand, (&node, &partial))| {
            (PathEdge { user, operand, node, partial }, counts.get(operand).map_or(1.0, |&n| n))
        };
        pairs.map(edge).filter(|&(_, count)| count > 0.0)
    }

    /// How many edges each edge of a node stands for: the first of equal ones for all, the others for none.
    /// Nothing if each stands for itself.
    fn counts(&self, user: usize) -> Vec<f64> {
        let Node { operands, partials, .. } = &self.nodes[user];
        if !self.groups || operands.len() < 2 {
            return Vec::new();
        }
        let mut counts = vec![1.0; operands.len()];
        let mut first = HashMap::new();
        for (k, (&node, partial)) in operands.iter().zip(partials).enumerate() {
            let first = *first.entry((node, partial.to_bits())).or_insert(k);
            if first < k {
                counts[first] += 1.0;
                counts[k] = 0.0;
            }
        }
        counts
    }

    /// The size of an edge's partial, as often as it counts.
    fn size(&self, (edge, count): Edge) -> f64 {
        let node = &self.nodes[edge.user];
        match node.carries(edge.partial) {
            true => edge.partial.abs().log2() + count.log2(),
            false => BLOCKED,
        }
    }

    /// The best that edges of node `i` can lead to, after a product of each kind.
    fn best_of(&self, i: usize) -> Option<[f64; 4]> {
        let bounds = self.edges(i).filter_map(|edge| {
            // If a path leads there, one does after any product.
            self.bound(0.0, edge)?;
            Some(KINDS.map(|start| self.bound(start, edge).unwrap_or(BLOCKED)))
        });
        let larger = |a: f64, b: f64| if a.total_cmp(&b).is_lt() { b } else { a };
        bounds.reduce(|a, b| std::array::from_fn(|kind| larger(a[kind], b[kind])))
    }

    /// The size of the largest product that follows from an edge, after one of size `start`; none if no path does.
    fn bound(&self, start: f64, edge: Edge) -> Option<f64> {
        let so_far = times(start, self.size(edge));
        let best = (*self.best.get(edge.0.node.checked_sub(self.node)?)?)?[kind(so_far)];
        Some(if so_far.is_nan() { best } else { times(so_far, best) })
    }

    /// Take one beginning from the queue: a path if it is whole; none at all if there is none left.
    pub fn step(&mut self) -> Option<Option<Path>> {
        let (_, place) = self.queue.pop()?;
        if self.beginnings[place].at == self.node {
            return Some(Some(self.path(place)));
        }
        self.extend(place);
        Some(None)
    }

    fn push(&mut self, beginning: Beginning) {
        self.queue.push((order(beginning.bound), self.beginnings.len()));
        self.beginnings.push(beginning);
    }

    /// Extend a beginning by every edge that leads on; of equals the first edge is to be taken first.
    fn extend(&mut self, place: usize) {
        let Beginning { bound, at, size: so_far, product, count, .. } = self.beginnings[place];
        let kind = kind(so_far);
        let Some(best) = self.best[at - self.node] else { return };
        let best = best[kind];
        for edge in self.edges(at).rev() {
            let Some(follows) = self.bound(KINDS[kind], edge) else { continue };
            let own = if kind == 0 { times(so_far, follows) } else { follows };
            let size = times(so_far, self.size(edge));
            let inherits = follows.total_cmp(&best).is_eq() || own.total_cmp(&bound).is_gt();
            self.push(Beginning {
                bound: if inherits { bound } else { own },
                at: edge.0.node,
                last: Some((place, edge.0)),
                size,
                product: if size == BLOCKED { 0.0 } else { product * edge.0.partial },
                count: count * edge.1,
            });
        }
    }

    /// The path that a beginning has become.
    fn path(&self, place: usize) -> Path {
        let mut edges = Vec::new();
        let Beginning { product, count, mut last, .. } = self.beginnings[place];
        while let Some((before, edge)) = last {
            edges.push(edge);
            last = self.beginnings[before].last;
        }
        edges.reverse();
        Path { edges, product, count }
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

#[cfg(test)]
mod tests {
    //! What a listing costs, counted in beginnings of paths that were looked at.

    use super::Search;
    use crate::{Tape, Var, sum};

    const LAYERS: usize = 20;
    const UNITS: usize = 14;
    const MOST: usize = 64;

    /// List paths through layers in which every unit takes all units of the layer before, times `weight(i, j)`.
    #[track_caller]
    fn costs_no_more_than_its_length(weight: impl Fn(usize, usize) -> f64) {
        let tape = Tape::new();
        let x = tape.var(1.0);
        let mut units = vec![x; UNITS];
        for _ in 0..LAYERS {
            let unit =
                |j: usize| sum(units.iter().enumerate().map(|(i, &unit)| unit * weight(i, j)));
            let next: Vec<Var> = (0..UNITS).map(unit).collect();
            units = next;
        }
        let report = tape.report(sum(units));
        assert!(report.path_counts()[0] > 1e23);
        let mut search = Search::new(&report.nodes, report.output.unwrap(), 0, false);
        // The output, then a sum and a product a layer, and the leaf.
        let nodes = 1 + 2 * LAYERS + 1;
        let steps = (0..MOST * nodes).filter_map(|_| search.step());
        let found = steps.flatten().take(MOST).count();
        assert_eq!(found, MOST, "paths in {} steps", MOST * nodes);
    }

    #[test]
    fn products_that_are_equal_to_the_bit_cost_their_length() {
        for weight in [1.0, 0.5, -0.3, 0.0, f64::NAN, f64::INFINITY, 1e-300, 1e300] {
            costs_no_more_than_its_length(|_, _| weight);
        }
    }

    #[test]
    fn products_that_are_equal_up_to_rounding_cost_their_length() {
        // Along a path the factors cancel: all products are that of the ends.
        let scale = |i: usize| 1.0 + 0.1 * (i as f64).sin();
        costs_no_more_than_its_length(|i, j| scale(i) / scale(j));
    }

    #[test]
    fn products_that_differ_and_mixtures_of_special_ones_cost_their_length() {
        costs_no_more_than_its_length(|i, j| ((3 * i + 5 * j) as f64).cos());
        let special = [0.0, 1.0, f64::NAN, f64::NEG_INFINITY, -2.0, 1e-200, 1e200];
        costs_no_more_than_its_length(|i, j| special[(i * 5 + j) % special.len()]);
        // One unit is never reached by anything but zeros.
        costs_no_more_than_its_length(|_, j| if j == 3 { 0.0 } else { 1.0 });
    }
}
