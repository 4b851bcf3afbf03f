//! [`ReportError`]: why something is no report that can be shown. [`UnknownName`]: names that nothing has.

use crate::text::{OneLine, quoted};
use indexmap::IndexSet;
use std::fmt::{self, Write as _};

/// The name and version of what is written and read; `docs/report-schema.md` describes it.
pub(super) const SCHEMA: &str = "tape-report/1";

/// Why something is no report, where, and what to do. Returned by [`Report::verify`](super::Report::verify)
/// and `Report::from_json`.
///
/// ```
/// # #[cfg(feature = "json")] {
/// use gradtape::{Tape, inspect::Report};
/// let tape = Tape::new();
/// let text = tape.report(tape.var(2.0).sqrt()).json().to_string();
/// let error = Report::from_json(&text.replace("sqrt", "cube")).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`nodes[1].op` is \"cube\", which is no operation that this version knows: read the report with the \
///      version of gradtape that its field `generator` names; one of the user's own has the operation \
///      `custom`, and its name in `name`"
/// );
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportError {
    /// The text is not JSON.
    Syntax {
        /// What is wrong.
        problem: String,
        /// In which line, counted from 1.
        line: usize,
        /// In which column, counted from 1; 0 is the end of the line before.
        column: usize,
    },
    /// It is JSON, but of another schema, or of a version that is not known.
    Schema {
        /// The schema that it names, if it names one.
        found: Option<String>,
    },
    /// A field is not what the schema says, or does not fit the others.
    Field {
        /// Where: a path like `nodes[12].operands[0]`.
        at: String,
        /// What is there, and what should be.
        problem: String,
        /// What to do.
        advice: &'static str,
    },
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        match self {
            ReportError::Syntax { problem, line, column } => write!(
                f,
                "this is not JSON: {problem} at line {line}, column {column}; pass all of the text that \
                 `Report::json` wrote, and nothing else"
            ),
            ReportError::Schema { found: None } => write!(
                f,
                "this is no report: it does not begin with `\"schema\":\"{SCHEMA}\"`; pass what `Report::json` wrote"
            ),
            ReportError::Schema { found: Some(found) } => write!(
                f,
                "the schema of this is {found:?}, and this version of gradtape reads {SCHEMA:?}: read it with \
                 the version that its field `generator` names, or write it again with this one"
            ),
            ReportError::Field { at, problem, advice } => write!(f, "`{at}` {problem}: {advice}"),
        }
    }
}

impl std::error::Error for ReportError {}

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
#[derive(Clone, PartialEq, Eq)]
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
        /// The paths of the first scopes there are.
        known: Vec<String>,
        /// How many scopes there are.
        scopes: usize,
    },
}

impl UnknownName {
    /// No node of these labels has the name.
    pub(super) fn node<'a>(
        name: &str,
        nodes: impl ExactSizeIterator<Item = Option<&'a str>>,
    ) -> UnknownName {
        /// The most labels that are offered.
        const OFFERED: usize = 3;
        /// How many characters of a name are compared: a label may have any length.
        const COMPARED: usize = 64;
        let count = nodes.len();
        let labels: IndexSet<&str> = nodes.flatten().collect();
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
        let offered = match near.is_empty() {
            true => labels.iter().copied().take(OFFERED).map(String::from).collect(),
            false => near.iter().take(OFFERED).map(|(_, label)| label.to_string()).collect(),
        };
        UnknownName::Node {
            name: name.into(),
            labels: offered,
            near: !near.is_empty(),
            nodes: count,
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
            UnknownName::Scope { name, known, scopes } => {
                write!(f, "no scope is called {}", quoted(name))?;
                match known.is_empty() {
                    true => f.write_str(": the tape has no scopes"),
                    false => write!(f, "; there are {}", all(known).join(", ")).and_then(|()| {
                        match scopes.saturating_sub(known.len()) {
                            0 => Ok(()),
                            more => write!(f, " and {more} more"),
                        }
                    }),
                }
            }
        }
    }
}

/// The message: there may be very many names.
impl fmt::Debug for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnknownName({self})")
    }
}

impl std::error::Error for UnknownName {}
