//! Names that nothing has: [`UnknownNode`] and what comes near, and scopes.

use super::Report;
use crate::text::{list, quoted};
use std::fmt;

/// The most names that are offered.
const OFFERED: usize = 3;

/// How many characters of a name are compared: a label may have any length.
const COMPARED: usize = 64;

/// Say that no node is called so. The message names the labels that come near.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownNode {
    /// The name that was asked for.
    pub name: String,
    /// The labels that come near, the nearest first; where none does, the first labels there are.
    pub offered: Vec<String>,
    /// Whether they come near.
    pub near: bool,
    /// How many nodes there are to ask for by index.
    pub nodes: usize,
}

pub(super) fn no_such_node(report: &Report, name: &str) -> UnknownNode {
    let mut labels: Vec<&str> =
        report.nodes.iter().filter_map(|node| node.label.as_deref()).collect();
    let mut seen = std::collections::BTreeSet::new();
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
    let begins_alike = |label: &str| label.to_lowercase().chars().next() == wanted.chars().next();
    near.sort_by_key(|&(distance, label)| (distance, !begins_alike(label)));
    let is_near = !near.is_empty();
    let offered = if is_near { near.into_iter().map(|(_, label)| label).collect() } else { labels };
    UnknownNode {
        name: name.into(),
        offered: offered.into_iter().take(OFFERED).map(str::to_string).collect(),
        near: is_near,
        nodes: report.nodes.len(),
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

impl fmt::Display for UnknownNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no node is called {}", quoted(&self.name))?;
        let offered: Vec<String> = self.offered.iter().map(|name| quoted(name)).collect();
        match (self.near, offered.is_empty()) {
            (true, _) => write!(f, "; did you mean {}?", offered.join(" or "))?,
            (false, false) => write!(f, "; there are {} among others", offered.join(", "))?,
            (false, true) => f.write_str("; no node has a label")?,
        }
        match self.nodes {
            0 => f.write_str(" (the report has no nodes)"),
            n => write!(f, " (by index: `%0` to `%{}`)", n - 1),
        }
    }
}

impl std::error::Error for UnknownNode {}

/// Say that no scope is called so, and which there are.
pub(super) fn no_such_scope(name: &str, known: &[String]) -> String {
    const SHOWN: usize = 5;
    let name = quoted(name);
    match known.is_empty() {
        true => format!("no scope is called {name}: the tape has no scopes"),
        false => {
            let known = list(known.iter().map(|path| quoted(path)), SHOWN);
            format!("no scope is called {name}; there are {known}")
        }
    }
}
