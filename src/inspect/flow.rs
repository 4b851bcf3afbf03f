//! What leads where: users, depths, and how far a derivative gets.

use super::{Reach, Report, ReportNode};
use crate::sweep::is_open;

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
        let node = &self.nodes[node];
        is_open(node.op, || node.constants.first().copied().unwrap_or(f64::NAN), partial)
    }

    /// How the output depends on every node: one walk back from it.
    pub(super) fn reaches(&self) -> Vec<Reach> {
        let mut reach = vec![Reach::NotConnected; self.nodes.len()];
        let Some(output) = self.output else { return reach };
        reach[output] = Reach::Connected;
        for i in (0..=output).rev() {
            let (here, node) = (reach[i], &self.nodes[i]);
            if here == Reach::NotConnected {
                continue;
            }
            for (&operand, &partial) in node.operands.iter().zip(&node.partials) {
                if here == Reach::Connected && self.carries(i, partial) {
                    reach[operand] = Reach::Connected;
                } else if reach[operand] == Reach::NotConnected {
                    reach[operand] = Reach::Blocked;
                }
            }
        }
        reach
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

    /// The nodes at which the paths from a blocked node end, seen from the output, in tape order: what
    /// [`Tape::connection`](crate::Tape::connection) says.
    pub(super) fn blocked_at(&self, from: usize) -> Vec<usize> {
        let depends = self.dependents(from);
        let stops = |&i: &usize| {
            let node = &self.nodes[i];
            let mut edges = node.operands.iter().zip(&node.partials);
            node.reach == Reach::Connected
                && edges.any(|(&o, &partial)| depends[o] && !self.carries(i, partial))
        };
        let last = self.output.unwrap_or(from);
        (from + 1..=last).filter(|&i| depends[i]).filter(stops).collect()
    }

    /// Tell whether a node is where numbers stopped being finite: its operands still were.
    pub(super) fn is_first_bad(&self, node: usize) -> bool {
        let this = &self.nodes[node];
        !this.value.is_finite() && this.operands.iter().all(|&o| self.nodes[o].value.is_finite())
    }
}

impl ReportNode {
    /// Why the adjoint is 0, if not because the slope is.
    pub(super) fn why_zero(&self) -> Option<Reach> {
        // `inf * 0` is NaN also where an operation is constant.
        let is_reason = self.adjoint == 0.0 && self.reach != Reach::Connected;
        is_reason.then_some(self.reach)
    }
}
