//! Nodes and scopes as people ask for them: by name.

use super::Report;
use crate::text::counted;

impl Report {
    /// Find a node by its label, or by its index as `%12` or `12`; of nodes with one label the first.
    ///
    /// A label comes before an index: a node that is labelled `12` is found as `12`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        let labelled = self.nodes.iter().position(|node| node.label.as_deref() == Some(name));
        labelled.or_else(|| {
            let index: usize = name.strip_prefix('%').unwrap_or(name).parse().ok()?;
            (index < self.nodes.len()).then_some(index)
        })
    }

    /// Refuse a node that is not there.
    #[track_caller]
    pub(super) fn assert_has(&self, node: usize) {
        assert!(
            node < self.nodes.len(),
            "node {node} is not in the report, which has {}: ask for one below `nodes.len()`",
            counted(self.nodes.len(), "node")
        );
    }

    /// The nodes that a name stands for: all that have it as label, else the one whose index it is.
    pub(super) fn nodes_named(&self, name: &str) -> Vec<usize> {
        let is_called = |&i: &usize| self.nodes[i].label.as_deref() == Some(name);
        let labelled: Vec<usize> = (0..self.nodes.len()).filter(is_called).collect();
        if labelled.is_empty() { self.find(name).into_iter().collect() } else { labelled }
    }

    /// The scopes that a name or a path `outer / inner` stands for: all that have it; with `#2` behind it the
    /// second of them.
    pub(super) fn scopes_named(&self, name: &str) -> Vec<usize> {
        let called = |name: &str| -> Vec<usize> {
            let has = |&s: &usize| self.scopes[s].name == name || self.path_of(s) == name;
            (0..self.scopes.len()).filter(has).collect()
        };
        let all = called(name);
        if !all.is_empty() {
            return all;
        }
        let one = name.rsplit_once('#').and_then(|(name, number)| {
            called(name).get(number.parse::<usize>().ok()?.checked_sub(1)?).copied()
        });
        one.into_iter().collect()
    }

    /// The name that stands for one scope only: its path, with a number if it is not the only one.
    pub(super) fn scope_name(&self, scope: usize) -> String {
        let path = self.path_of(scope);
        let all = self.scopes_named(&path);
        match all.iter().position(|&s| s == scope) {
            Some(at) if all.len() > 1 => format!("{path}#{}", at + 1),
            _ => path,
        }
    }
}
