//! What a report, its nodes and its scopes are called, what a name that somebody gives stands for, and which scopes are
//! around a node.

use super::{Report, UnknownName};
use crate::Node;
use crate::text::{counted, isolated, node_name, on_one_line};
use std::collections::BTreeSet;

/// How many scopes are offered in place of one that is not there.
const OFFERED: usize = 5;

/// The names of a report's nodes. To make it takes a walk over the labels; each name is cheap then.
pub(super) struct Names<'a> {
    report: &'a Report,
    /// The labels that several nodes have.
    repeated: BTreeSet<&'a str>,
    /// Whether they are drawn beside other text.
    drawn: bool,
}

impl<'a> Names<'a> {
    pub(super) fn of(report: &'a Report) -> Names<'a> {
        let mut seen = BTreeSet::new();
        let labels = report.nodes.iter().filter_map(|node| node.label.as_deref());
        let repeated = labels.filter(|&label| !seen.insert(label)).collect();
        Names { report, repeated, drawn: false }
    }

    /// The same for a drawing: what would steer a terminal is written out, and what runs from right to left is
    /// isolated.
    pub(super) fn drawn(report: &'a Report) -> Names<'a> {
        Names { drawn: true, ..Names::of(report) }
    }

    /// A node's name: see [`Report::name`].
    pub(super) fn node(&self, node: usize) -> String {
        let label = self.report.nodes[node].label.as_deref();
        let is_repeated = label.is_some_and(|label| self.repeated.contains(label));
        match node_name(label, node, is_repeated) {
            name if self.drawn => isolated(&on_one_line(&name)),
            name => name,
        }
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
        let same = |other: &&Node| other.label.as_deref() == label;
        let is_repeated = label.is_some() && self.nodes.iter().filter(same).nth(1).is_some();
        node_name(label, node, is_repeated)
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
        self.expression_with(node, &self.nodes[node].constants, |operand| self.name(operand))
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
        let lengths = self.path_lengths();
        let found = |name: &str| -> Vec<usize> {
            let has = |&s: &usize| self.scopes[s].name == name || self.has_path(s, name, &lengths);
            (0..self.scopes.len()).filter(has).collect()
        };
        let all = found(name);
        if !all.is_empty() {
            return Ok(all);
        }
        let one = name.rsplit_once('#').and_then(|(name, number)| {
            found(name).get(number.parse::<usize>().ok()?.checked_sub(1)?).copied()
        });
        one.map(|scope| vec![scope]).ok_or_else(|| UnknownName::Scope {
            name: name.into(),
            known: (0..self.scopes.len()).take(OFFERED).map(|s| self.path_of(s)).collect(),
            scopes: self.scopes.len(),
        })
    }

    /// The name that stands for one scope only: its path, with a number if it is not the only one.
    pub(super) fn scope_name(&self, scope: usize) -> String {
        let (path, lengths) = (self.path_of(scope), self.path_lengths());
        let has = |&other: &usize| self.has_path(other, &path, &lengths);
        let same: Vec<usize> = (0..self.scopes.len()).filter(has).collect();
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
        let mut names: Vec<&str> =
            self.outwards(scope).map(|scope| &*self.scopes[scope].name).collect();
        names.reverse();
        names.join(" / ")
    }

    /// What a scope is called in drawings: one whose name shows nothing is called by its number, for Mermaid has no
    /// subgraph without a name.
    pub(super) fn scope_title(&self, scope: usize) -> String {
        let name = &self.scopes[scope].name;
        if name.trim().is_empty() { format!("scope {scope}") } else { name.clone() }
    }

    /// The path of a scope where there is little room: of very deep ones the innermost.
    pub(super) fn short_path(&self, scope: usize) -> String {
        const INNERMOST: usize = 8;
        let mut path: Vec<usize> = self.outwards(scope).take(INNERMOST + 1).collect();
        let is_cut = path.len() > INNERMOST;
        path.truncate(INNERMOST);
        let names = path.iter().rev().map(|&scope| self.scope_title(scope));
        is_cut.then(|| "…".to_string()).into_iter().chain(names).collect::<Vec<_>>().join(" / ")
    }

    /// How long the path of each scope is, in bytes.
    fn path_lengths(&self) -> Vec<usize> {
        let mut lengths = Vec::with_capacity(self.scopes.len());
        for (i, scope) in self.scopes.iter().enumerate() {
            let around = self.around(i).map_or(0, |parent| lengths[parent] + " / ".len());
            lengths.push(around + scope.name.len());
        }
        lengths
    }

    /// Whether a scope has this path. It is read from its end, and only if the length is right: the paths of all
    /// scopes would take memory that grows as the square of their depth.
    fn has_path(&self, scope: usize, path: &str, lengths: &[usize]) -> bool {
        let mut rest = Some(path).filter(|path| path.len() == lengths[scope]);
        for (i, scope) in self.outwards(scope).enumerate() {
            let before = if i == 0 { rest } else { rest.and_then(|rest| rest.strip_suffix(" / ")) };
            rest = before.and_then(|rest| rest.strip_suffix(&*self.scopes[scope].name));
            if rest.is_none() {
                return false;
            }
        }
        rest == Some("")
    }

    /// The scope around a scope.
    pub(super) fn around(&self, scope: usize) -> Option<usize> {
        self.scopes[scope].parent.filter(|&parent| parent < scope)
    }

    /// A scope and those around it, inner before outer.
    pub(super) fn outwards(&self, scope: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(scope), |&scope| self.around(scope))
    }

    /// How many scopes are around each scope.
    pub(super) fn scope_depths(&self) -> Vec<usize> {
        let mut depths = Vec::with_capacity(self.scopes.len());
        for scope in 0..self.scopes.len() {
            depths.push(self.around(scope).map_or(0, |parent| depths[parent] + 1));
        }
        depths
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
