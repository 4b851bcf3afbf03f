//! Which nodes a table shows, in which order, and how many it leaves out.

use super::{Sort, Table};
use crate::Node;

/// The rows of a table.
pub(super) struct Rows<'t> {
    /// The nodes that are shown.
    pub shown: Vec<usize>,
    /// How many of these stand above the gap.
    pub head: usize,
    /// How many nodes fall into the gap.
    pub left_out: usize,
    /// The names asked for that no node has.
    pub unknown: Vec<&'t str>,
    /// The scope asked for, if there is none of that name.
    pub no_scope: Option<&'t str>,
}

impl Table<'_> {
    pub(super) fn choose(&self) -> Rows<'_> {
        let (mut chosen, unknown) = self.named();
        let no_scope = self.keep_scope(&mut chosen);
        self.order(&mut chosen);
        let left_out = chosen.len().saturating_sub(self.rows);
        let head = match (left_out, self.sort) {
            (0, _) => chosen.len(),
            // Inputs stand at the beginning of a tape and the output at its end.
            (_, Sort::Tape) => self.rows.div_ceil(2),
            _ => self.rows,
        };
        chosen.drain(head..head + left_out);
        Rows { shown: chosen, head, left_out, unknown, no_scope }
    }

    /// The nodes asked for by name, in tape order, and the names that no node has.
    fn named(&self) -> (Vec<usize>, Vec<&str>) {
        let Some(names) = &self.wrt else {
            return ((0..self.report.nodes.len()).collect(), vec![]);
        };
        let (mut chosen, mut unknown) = (Vec::new(), Vec::new());
        for name in names {
            let nodes = self.report.nodes_named(name);
            if nodes.is_empty() {
                unknown.push(&**name);
            }
            chosen.extend(nodes);
        }
        chosen.sort_unstable();
        chosen.dedup();
        (chosen, unknown)
    }

    /// Keep the nodes in the scope asked for. A name that no scope has is returned.
    fn keep_scope(&self, chosen: &mut Vec<usize>) -> Option<&str> {
        let name = self.scope.as_deref()?;
        let scopes = self.report.scopes_named(name);
        let inside = self.report.nodes_in(&scopes);
        chosen.retain(|&node| inside[node]);
        scopes.is_empty().then_some(name)
    }

    fn order(&self, chosen: &mut [usize]) {
        let magnitude: fn(&Node) -> f64 = match self.sort {
            Sort::Tape => return,
            Sort::Sweep => return chosen.reverse(),
            Sort::Value => |node| node.value.abs(),
            Sort::Adjoint => |node| node.adjoint.abs(),
            Sort::Partial => {
                |node| node.partials.iter().map(|p| p.abs()).max_by(f64::total_cmp).unwrap_or(-1.0)
            }
        };
        // In the total order a NaN without sign, as `abs` leaves it, is above infinity.
        let key = |&node: &usize| magnitude(&self.report.nodes[node]);
        chosen.sort_by(|a, b| key(b).total_cmp(&key(a)));
    }
}
