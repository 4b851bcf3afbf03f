//! What a report, its nodes and its scopes are called, what a name that somebody gives stands for, and which scopes are
//! around a node.

use super::{Report, UnknownName};
use crate::Node;
use crate::tape::{Guard, GuardOperand};
use crate::text::{counted, node_name, number};
use std::collections::BTreeSet;

/// The names of a report's nodes. To make it takes a walk over the labels; each name is cheap then.
pub(super) struct Names<'a> {
    report: &'a Report,
    /// The labels that several nodes have.
    repeated: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn of(report: &'a Report) -> Names<'a> {
        let mut seen = BTreeSet::new();
        let labels = report.nodes.iter().filter_map(|node| node.label.as_deref());
        let repeated = labels.filter(|&label| !seen.insert(label)).collect();
        Names { report, repeated }
    }

    /// A node's name: see [`Report::name`].
    pub(super) fn node(&self, node: usize) -> String {
        let label = self.report.nodes[node].label.as_deref();
        let is_repeated = label.is_some_and(|label| self.repeated.contains(label));
        node_name(label, node, is_repeated)
    }

    /// What a node computes, in the names of its operands.
    pub(super) fn expression(&self, node: usize) -> String {
        let constants = &self.report.nodes[node].constants;
        self.report.expression_with(node, constants, |operand| self.node(operand))
    }
}

impl Report {
    /// What the report is about: its title, else the output's name.
    pub(super) fn heading(&self) -> String {
        match (self.title.as_str(), self.output) {
            ("", Some(output)) => format!("The tape of {}", self.name(output)),
            ("", None) => "A gradient tape".into(),
            (title, _) => title.into(),
        }
    }

    /// A comparison in the names of the nodes: `r < 10 is true`.
    pub(super) fn guard_text(&self, guard: &Guard) -> String {
        let side = |operand: GuardOperand| match operand {
            GuardOperand::Node(i) => self.name(i),
            GuardOperand::Constant(c) => number(c),
        };
        let Guard { left, relation, right, outcome, .. } = *guard;
        format!("{} {} {} is {outcome}", side(left), relation.symbol(), side(right))
    }

    /// Name a node: its label, or its index as `%12` if it has none.
    ///
    /// A label that several nodes have, or that could be read as a number or an index, is followed by the
    /// index: `h (%12)`.
    ///
    /// # Panics
    /// If the report has no such node.
    #[must_use]
    #[track_caller]
    pub fn name(&self, node: usize) -> String {
        self.assert_has(node);
        let label = self.nodes[node].label.as_deref();
        let same = |other: &&Node| label.is_some() && other.label.as_deref() == label;
        node_name(label, node, self.nodes.iter().filter(same).nth(1).is_some())
    }

    /// Write what a node computes, in the names of its operands: `w1 * 0.5`.
    ///
    /// # Panics
    /// If the report has no such node.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let w1 = tape.var(3.34).label("w1");
    /// let report = tape.report((w1 * 0.5).label("scaled"));
    /// assert_eq!((report.name(1), report.expression(1)), ("scaled".into(), "w1 * 0.5".into()));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn expression(&self, node: usize) -> String {
        self.assert_has(node);
        Names::of(self).expression(node)
    }

    /// What a node computes, with these names for its operands, which may be numbers.
    pub(super) fn expression_with(
        &self,
        node: usize,
        constants: &[f64],
        name_of: impl Fn(usize) -> String,
    ) -> String {
        let Node { op, name, operands, .. } = &self.nodes[node];
        let operands: Vec<String> = operands.iter().map(|&o| name_of(o)).collect();
        op.express(name, &operands, constants)
    }

    /// Find a node by its [name](Report::name), by its label or by its index as `%12` or `12`; of nodes with one
    /// label the first.
    ///
    /// A label comes before an index: a node that is labelled `12` is found as `12`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        let has_label = |node: &Node, label: &str| node.label.as_deref() == Some(label);
        let index = |text: &str| {
            let index: usize = text.parse().ok()?;
            (index < self.nodes.len()).then_some(index)
        };
        let labelled = self.nodes.iter().position(|node| has_label(node, name));
        labelled
            .or_else(|| {
                let (label, rest) = name.rsplit_once(" (%")?;
                let node = index(rest.strip_suffix(')')?)?;
                has_label(&self.nodes[node], label).then_some(node)
            })
            .or_else(|| index(name.strip_prefix('%').unwrap_or(name)))
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

    /// The nodes that a name stands for: all that have it as label, else the one that [`Report::find`] finds.
    pub(super) fn nodes_named(&self, name: &str) -> Result<Vec<usize>, UnknownName> {
        let has_label = |&i: &usize| self.nodes[i].label.as_deref() == Some(name);
        let labelled: Vec<usize> = (0..self.nodes.len()).filter(has_label).collect();
        match labelled.is_empty() {
            true => Ok(vec![self.node_named(name)?]),
            false => Ok(labelled),
        }
    }

    /// The node that a name stands for.
    pub(super) fn node_named(&self, name: &str) -> Result<usize, UnknownName> {
        self.find(name).ok_or_else(|| {
            UnknownName::node(name, self.nodes.iter().map(|node| node.label.as_deref()))
        })
    }

    /// The scopes that a name or a path `outer / inner` stands for: all that have it; with `#2` behind it the
    /// second of them.
    pub(super) fn scopes_named(&self, name: &str) -> Result<Vec<usize>, UnknownName> {
        let found = |name: &str| -> Vec<usize> {
            let has = |&s: &usize| self.scopes[s].name == name || self.path_of(s) == name;
            (0..self.scopes.len()).filter(has).collect()
        };
        let all = found(name);
        if !all.is_empty() {
            return Ok(all);
        }
        let one = name.rsplit_once('#').and_then(|(name, number)| {
            found(name).get(number.parse::<usize>().ok()?.checked_sub(1)?).copied()
        });
        one.map(|scope| vec![scope])
            .ok_or_else(|| UnknownName::Scope { name: name.into(), known: self.scope_paths() })
    }

    /// The name that stands for one scope only: its path, with a number if it is not the only one.
    pub(super) fn scope_name(&self, scope: usize) -> String {
        let path = self.path_of(scope);
        let same: Vec<usize> =
            (0..self.scopes.len()).filter(|&other| self.path_of(other) == path).collect();
        match same.iter().position(|&s| s == scope) {
            Some(at) if same.len() > 1 => format!("{path}#{}", at + 1),
            _ => path,
        }
    }
}

impl Report {
    /// Read the path of a node's scope, `outer / inner`; none if it is in no scope.
    ///
    /// # Panics
    /// If the report has no such node.
    #[must_use]
    #[track_caller]
    pub fn scope_path(&self, node: usize) -> Option<String> {
        self.assert_has(node);
        self.nodes[node].scope.map(|scope| self.path_of(scope))
    }

    /// The path of a scope.
    pub(super) fn path_of(&self, scope: usize) -> String {
        let around = self.scopes_from(Some(scope));
        around.into_iter().map(|scope| &*self.scopes[scope].name).collect::<Vec<_>>().join(" / ")
    }

    /// The paths of all scopes.
    pub(super) fn scope_paths(&self) -> Vec<String> {
        (0..self.scopes.len()).map(|scope| self.path_of(scope)).collect()
    }

    /// The scopes around a node, outer before inner.
    pub(super) fn scopes_around(&self, node: usize) -> Vec<usize> {
        self.scopes_from(self.nodes[node].scope)
    }

    /// A scope and those around it, outer before inner.
    fn scopes_from(&self, innermost: Option<usize>) -> Vec<usize> {
        let around = |&scope: &usize| self.scopes[scope].parent.filter(|&parent| parent < scope);
        let mut path: Vec<usize> = std::iter::successors(innermost, around).collect();
        path.reverse();
        path
    }

    /// Whether each node is in one of these scopes, however deep.
    pub(super) fn nodes_in(&self, scopes: &[usize]) -> Vec<bool> {
        let mut inside = vec![false; self.scopes.len()];
        for &scope in scopes {
            inside[scope] = true;
        }
        for scope in 0..self.scopes.len() {
            let around = self.scopes[scope].parent;
            inside[scope] |= around.is_some_and(|parent| inside[parent]);
        }
        self.nodes.iter().map(|node| node.scope.is_some_and(|scope| inside[scope])).collect()
    }
}
