//! [`Use`]: what each user of a node adds to its adjoint.

use super::PathEdge;
use crate::Reach;
use crate::inspect::Report;

/// One use of a node, and what it adds to the node's adjoint. Made by [`Report::uses`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Use {
    /// The edge from the user to the node.
    pub edge: PathEdge,
    /// The adjoint of the user.
    pub adjoint: f64,
    /// What it adds: the user's adjoint times the partial; 0 where that adjoint is 0.
    pub contribution: f64,
    /// What the node's adjoint has become by then.
    pub sum: f64,
}

impl Report {
    /// List what the adjoint of a node is added up from, in the order in which the sweep adds: users from the last
    /// to the first, operands in order.
    ///
    /// It is the chain rule in one step, `∂output/∂node = Σ ∂output/∂user · ∂user/∂node`, and short where the
    /// paths are many. Users that do not lead to the output add nothing and are left out. The last sum is the
    /// adjoint but for rounding: a rule may multiply in another order. The output's own adjoint of 1 is the
    /// seed of the sweep; it has no uses.
    ///
    /// # Panics
    /// If the report has no such node.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// let report = tape.report(x * x + x);
    /// let uses = report.uses(0);
    /// let added: Vec<_> = uses.iter().map(|u| (u.edge.user, u.contribution, u.sum)).collect();
    /// assert_eq!(added, [(2, 1.0, 1.0), (1, 3.0, 4.0), (1, 3.0, 7.0)]);
    /// assert_eq!(report.nodes[0].adjoint, 7.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn uses(&self, node: usize) -> Vec<Use> {
        self.assert_has(node);
        let mut sum = 0.0;
        let mut uses = Vec::new();
        let last = self.output.map_or(0, |output| output + 1);
        let leading =
            (node + 1..last).rev().filter(|&i| self.nodes[i].reach != Reach::NotConnected);
        for user in leading {
            let at = &self.nodes[user];
            for (operand, (&used, &partial)) in at.operands.iter().zip(&at.partials).enumerate() {
                if used != node {
                    continue;
                }
                let contribution = if at.adjoint == 0.0 { 0.0 } else { at.adjoint * partial };
                sum += contribution;
                let edge = PathEdge { user, operand, node, partial };
                uses.push(Use { edge, adjoint: at.adjoint, contribution, sum });
            }
        }
        uses
    }
}
