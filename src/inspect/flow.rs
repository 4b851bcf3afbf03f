//! What leads where: users, depths, and how far a derivative gets.

use super::Report;
use crate::sweep::{blocked_at, edge, is_open};
use crate::{Node, Reach};

impl Report {
    /// List the nodes that use each node, in tape order; one that uses it twice is listed twice.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// let report = tape.report(x * x + 1.0);
    /// assert_eq!(report.users(), [vec![1, 1], vec![2], vec![]]);
    /// assert_eq!(report.depths(), [0, 1, 2]);
    /// ```
    #[must_use]
    pub fn users(&self) -> Vec<Vec<usize>> {
        let mut users = vec![Vec::new(); self.nodes.len()];
        for (i, node) in self.nodes.iter().enumerate() {
            for &operand in &node.operands {
                users[operand].push(i);
            }
        }
        users
    }

    /// Count, for every node, the operations on the longest path from a leaf.
    #[must_use]
    pub fn depths(&self) -> Vec<usize> {
        let mut depths: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            depths.push(node.operands.iter().map(|&o| depths[o] + 1).max().unwrap_or(0));
        }
        depths
    }

    /// Tell whether a node carries a change of an operand on, given the partial: it does not where its
    /// operation is constant.
    pub(super) fn carries(&self, node: usize, partial: f64) -> bool {
        self.nodes[node].carries(partial)
    }

    /// The operands of a node, and how it depends on each.
    pub(super) fn edges(&self, node: usize) -> impl Iterator<Item = (usize, Reach)> {
        let operands = self.nodes[node].operands.iter().enumerate();
        operands.map(move |(which, &o)| (o, self.edge(node, which)))
    }

    /// How a node depends on one of its operands.
    pub(super) fn edge(&self, node: usize, which: usize) -> Reach {
        let Node { op, partials, .. } = &self.nodes[node];
        edge(*op, which, partials[which], || self.point(node))
    }

    /// Whether each node depends on this one, which does on itself.
    pub(super) fn dependents(&self, node: usize) -> Vec<bool> {
        let mut depends = vec![false; self.nodes.len()];
        depends[node] = true;
        for i in node + 1..depends.len() {
            depends[i] = self.nodes[i].operands.iter().any(|&operand| depends[operand]);
        }
        depends
    }

    /// The nodes at which the paths from a node that is blocked or at a kink end, seen from the output, in tape order: what
    /// [`Tape::blocked_at`](crate::Tape::blocked_at) says.
    pub(super) fn blocked_at(&self, from: usize) -> Vec<usize> {
        let end = self.output.map_or(0, |output| output + 1);
        let reach: Vec<Reach> = self.nodes[..end].iter().map(|node| node.reach).collect();
        blocked_at(from, &reach, |i| self.edges(i))
    }

    /// Tell whether a node is where numbers stopped being finite: its operands still were.
    pub(super) fn is_first_bad(&self, node: usize) -> bool {
        let this = &self.nodes[node];
        !this.value.is_finite() && this.operands.iter().all(|&o| self.nodes[o].value.is_finite())
    }
}

impl Node {
    /// Tell whether it carries a change of an operand on, given the partial.
    pub(super) fn carries(&self, partial: f64) -> bool {
        is_open(self.op, || self.constants.first().copied().unwrap_or(f64::NAN), partial)
    }

    /// Why the adjoint is 0, if not because the slope is.
    pub(super) fn why_zero(&self) -> Option<Reach> {
        // `inf * 0` is NaN also where an operation is constant.
        let is_reason = self.adjoint == 0.0 && self.reach != Reach::Connected;
        is_reason.then_some(self.reach)
    }
}
