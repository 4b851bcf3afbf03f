//! [`Paths`]: some or all paths, their sum, and what it says of the adjoint.

use super::search::Search;
use crate::inspect::Report;
use std::cmp::Ordering;

/// How many paths are listed if not asked for another number.
const LISTED: usize = 64;

/// How far the sum of all paths may be from the adjoint, relative to the adjoint or to 1.
const TOLERANCE: f64 = 1e-12;

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
    /// The product of the partials in this order; once it is 0 it stays 0, for the sweep does not propagate
    /// a zero adjoint.
    pub product: f64,
}

/// Paths from the output back to a node, and what they add up to. Made by [`Report::paths`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Paths {
    /// The node.
    pub node: usize,
    /// How many paths there are, listed or not: see [`Report::path_counts`].
    pub count: f64,
    /// Those that are listed: products that are NaN or infinite first, then the largest magnitude; of equals
    /// the one that goes by earlier operands.
    pub listed: Vec<Path>,
    /// The sum of the listed products, in this order.
    pub sum: f64,
    /// The derivative of the output with respect to the node, as the reverse sweep gives it.
    pub adjoint: f64,
    /// What the paths that are not listed add up to, `adjoint - sum`; none if all are listed.
    pub remainder: Option<f64>,
    /// Whether the sum is the adjoint, `|sum - adjoint| ≤ 1e-12 · max(1, |adjoint|)` or both the same
    /// infinity or NaN; none if not all are listed.
    pub agrees: Option<bool>,
}

impl Report {
    /// List the paths from the output back to a node, the largest products first, of many the first 64.
    ///
    /// Which 64 that are is decided by the sizes of the products as if they neither overflowed nor underflowed,
    /// up to rounding. A listed path costs its length, however many there are.
    ///
    /// # Panics
    /// If the report has no such node.
    ///
    /// ```
    /// use gradtape::{Tape, nn::Dosage};
    /// let tape = Tape::new();
    /// let dosage = Dosage::main_ideas();
    /// let report = tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)));
    /// // -2 · residual · 1, once for each observation.
    /// let paths = report.paths(report.find("b3").unwrap());
    /// assert_eq!((paths.count, paths.listed.len()), (3.0, 3));
    /// assert_eq!(paths.listed[0].product, -5.2297392680713569);
    /// assert_eq!(paths.adjoint, -15.655108380577747);
    /// assert_eq!(paths.agrees, Some(true));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn paths(&self, node: usize) -> Paths {
        self.paths_up_to(node, LISTED)
    }

    /// List at most so many paths: see [`paths`](Report::paths).
    ///
    /// # Panics
    /// If the report has no such node.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// let paths = tape.report(x * x * x).paths_up_to(0, 2);
    /// assert_eq!((paths.count, paths.sum, paths.remainder), (3.0, 18.0, Some(9.0)));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn paths_up_to(&self, node: usize, most: usize) -> Paths {
        self.assert_has(node);
        let adjoint = self.nodes[node].adjoint;
        let count = self.path_counts()[node];
        let output = self.output.filter(|_| count > 0.0);
        let search = output.map(|output| Search::new(&self.nodes, output, node));
        let mut listed: Vec<Path> = search.into_iter().flatten().take(most).collect();
        listed.sort_by(Path::before);
        let sum = listed.iter().map(|path| path.product).fold(0.0, |sum, product| sum + product);
        let all = listed.len() as f64 == count;
        Paths {
            node,
            count,
            listed,
            sum,
            adjoint,
            remainder: (!all).then_some(adjoint - sum),
            agrees: all.then(|| agree(sum, adjoint)),
        }
    }
}

/// Whether a sum is the adjoint but for rounding.
fn agree(sum: f64, adjoint: f64) -> bool {
    let same = sum == adjoint || (sum.is_nan() && adjoint.is_nan());
    same || (sum - adjoint).abs() <= TOLERANCE * adjoint.abs().max(1.0)
}

impl Path {
    /// The order of a list: NaN, infinite, then by magnitude; of equals by operands.
    fn before(&self, other: &Path) -> Ordering {
        let size = |path: &Path| match path.product.is_nan() {
            true => f64::NAN,
            false => path.product.abs(),
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

impl Paths {
    /// Tell how far the sum is from the adjoint, relative to the largest product: of the order of 1e-16 a path it
    /// is rounding, where large products cancel.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(0.1);
    /// let y = (x * 3e20 + x) - x * 3e20;
    /// let paths = tape.report(y).paths(0);
    /// // The derivative is 1: it is lost beside 3e20, or not, as the order of adding has it.
    /// assert_eq!((paths.agrees, paths.sum, paths.adjoint), (Some(false), 1.0, 0.0));
    /// assert!(paths.relative_difference() < 1e-16);
    /// ```
    #[must_use]
    pub fn relative_difference(&self) -> f64 {
        if self.sum == self.adjoint {
            return 0.0;
        }
        let largest = self.listed.iter().map(|path| path.product.abs()).fold(0.0, f64::max);
        (self.sum - self.adjoint).abs() / largest
    }
}
