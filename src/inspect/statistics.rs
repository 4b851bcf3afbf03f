//! [`Statistics`]: how much there is on a tape.

use super::Report;
use crate::op::Op;
use crate::{Node, Reach};
use indexmap::IndexMap;

/// Count what is on a tape. Made by [`Report::statistics`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// All nodes.
    pub nodes: usize,
    /// The independent variables among them.
    pub leaves: usize,
    /// The operands of all nodes.
    pub edges: usize,
    /// The most operations on a path from a leaf.
    pub depth: usize,
    /// The nodes that lead to the output, itself included.
    pub used: usize,
    /// The nodes whose value is NaN or infinite.
    pub non_finite_values: usize,
    /// The nodes whose adjoint is NaN or infinite.
    pub non_finite_adjoints: usize,
    /// How often each operation occurs, the most frequent first.
    pub operations: Vec<(String, usize)>,
}

impl Report {
    /// Count what is on the tape.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// let statistics = tape.report(x * x * x).statistics();
    /// assert_eq!((statistics.nodes, statistics.edges, statistics.depth), (3, 4, 2));
    /// assert_eq!(statistics.operations, [("mul".to_string(), 2)]);
    /// ```
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let count =
            |wanted: &dyn Fn(&Node) -> bool| self.nodes.iter().filter(|n| wanted(n)).count();
        let mut operations = IndexMap::<&str, usize>::new();
        for node in self.nodes.iter().filter(|node| !node.is_leaf()) {
            *operations.entry(&node.name).or_default() += 1;
        }
        operations.sort_by(|a, n, b, m| m.cmp(n).then(a.cmp(b)));
        Statistics {
            nodes: self.nodes.len(),
            leaves: count(&|node| node.op == Op::Input),
            edges: self.nodes.iter().map(|node| node.operands.len()).sum(),
            depth: self.depths().into_iter().max().unwrap_or(0),
            used: count(&|node| node.reach != Reach::NotConnected),
            non_finite_values: count(&|node| !node.value.is_finite()),
            non_finite_adjoints: count(&|node| !node.adjoint.is_finite()),
            operations: operations.into_iter().map(|(name, n)| (name.into(), n)).collect(),
        }
    }
}
