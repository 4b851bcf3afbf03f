//! What a report, its nodes and its scopes are called, and what a name that somebody gives stands for.

use super::Report;
use crate::Node;
use crate::tape::{Guard, GuardOperand};
use crate::text::{counted, list, node_name, number, quoted};
use std::collections::BTreeSet;
use std::fmt;

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
        self.find(name).ok_or_else(|| UnknownName::node(self, name))
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

/// A name that no node or no scope of a report has. The message lists names that come near.
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let weight = tape.var(0.5).label("weight");
/// let report = tape.report(weight.tanh());
/// let unknown = report.table().wrt(["wieght"]).unwrap_err();
/// assert_eq!(
///     unknown.to_string(),
///     "no node is called `wieght`; did you mean `weight`? (by index: `%0` to `%1`)",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownName {
    /// No node has the label, and it is no index of a node.
    #[non_exhaustive]
    Node {
        /// The name that was asked for.
        name: String,
        /// The labels that come near, the nearest first; where none does, the first labels there are.
        labels: Vec<String>,
        /// Whether they come near.
        near: bool,
        /// How many nodes there are to ask for by index.
        nodes: usize,
    },
    /// No scope has the name or path.
    #[non_exhaustive]
    Scope {
        /// The name that was asked for.
        name: String,
        /// The paths of the scopes there are.
        known: Vec<String>,
    },
}

impl UnknownName {
    fn node(report: &Report, name: &str) -> UnknownName {
        /// The most labels that are offered.
        const OFFERED: usize = 3;
        /// How many characters of a name are compared: a label may have any length.
        const COMPARED: usize = 64;
        let mut labels: Vec<&str> =
            report.nodes.iter().filter_map(|node| node.label.as_deref()).collect();
        let mut seen = BTreeSet::new();
        labels.retain(|label| seen.insert(*label));
        let beginning = |name: &str| name.chars().take(COMPARED).collect::<String>().to_lowercase();
        let wanted = beginning(name);
        let enough = (wanted.chars().count() / 3).max(1);
        let mut near: Vec<(usize, &str)> = labels
            .iter()
            .map(|&label| (distance(&wanted, &beginning(label)), label))
            .filter(|&(distance, label)| {
                let contains = !wanted.is_empty() && label.to_lowercase().contains(&wanted);
                distance <= enough || contains
            })
            .collect();
        let begins_alike =
            |label: &str| label.to_lowercase().chars().next() == wanted.chars().next();
        near.sort_by_key(|&(distance, label)| (distance, !begins_alike(label)));
        let is_near = !near.is_empty();
        let labels =
            if is_near { near.into_iter().map(|(_, label)| label).collect() } else { labels };
        UnknownName::Node {
            name: name.into(),
            labels: labels.into_iter().take(OFFERED).map(str::to_string).collect(),
            near: is_near,
            nodes: report.nodes.len(),
        }
    }
}

/// How many characters must be put in, taken out or changed (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SCOPES: usize = 5;
        let all = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>();
        match self {
            UnknownName::Node { name, labels, near, nodes } => {
                write!(f, "no node is called {}", quoted(name))?;
                match (near, labels.is_empty()) {
                    (true, _) => write!(f, "; did you mean {}?", all(labels).join(" or "))?,
                    (_, false) => write!(f, "; there are {} among others", all(labels).join(", "))?,
                    (_, true) => f.write_str("; no node has a label")?,
                }
                match nodes {
                    0 => f.write_str(" (the report has no nodes)"),
                    n => write!(f, " (by index: `%0` to `%{}`)", n - 1),
                }
            }
            UnknownName::Scope { name, known } => {
                write!(f, "no scope is called {}", quoted(name))?;
                match known.is_empty() {
                    true => f.write_str(": the tape has no scopes"),
                    false => write!(f, "; there are {}", list(all(known), SCOPES)),
                }
            }
        }
    }
}

impl std::error::Error for UnknownName {}
