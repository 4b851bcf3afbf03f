//! [`MermaidError`]: what Mermaid would not draw, and what it would.

use super::doors::{MOST_EDGES, MOST_TEXT};
use crate::inspect::unknown::no_such_scope;
use crate::text::{counted, quoted};
use std::error::Error;
use std::fmt;

/// Why there is no Mermaid drawing.
///
/// ```
/// use gradtape::{Tape, Var, inspect::MermaidError};
/// let tape = Tape::new();
/// let mut x = tape.var(0.5);
/// for layer in 0..3 {
///     let _scope = tape.scope(&format!("layer {layer}"));
///     x = (0..200).fold(x, |x, _| x.sin());
/// }
/// let report = tape.report(x);
/// assert_eq!(
///     report.mermaid().unwrap_err().to_string(),
///     "Mermaid draws at most 500 edges, here are 600: ask `mermaid_of` for one scope, for instance \
///      `layer 0` (201 edges), `layer 1` (201 edges), `layer 2` (200 edges); DOT has no such limit",
/// );
/// assert!(report.mermaid_of("layer 1").is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MermaidError {
    /// There are more edges than Mermaid draws.
    TooManyEdges {
        /// How many there are.
        edges: usize,
        /// Scopes that can be drawn alone with how many edges, the largest first.
        scopes: Vec<(String, usize)>,
    },
    /// There is more text than Mermaid reads.
    TooMuchText {
        /// How long it is, in UTF-16 units.
        characters: usize,
        /// Scopes that can be drawn alone with how many edges, the largest first.
        scopes: Vec<(String, usize)>,
    },
    /// No scope has the name that was asked for.
    UnknownScope {
        /// The name.
        scope: String,
        /// The paths of the scopes there are.
        known: Vec<String>,
    },
}

impl fmt::Display for MermaidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scopes = match self {
            MermaidError::TooManyEdges { edges, scopes } => {
                write!(f, "Mermaid draws at most {MOST_EDGES} edges, here are {edges}: ")?;
                scopes
            }
            MermaidError::TooMuchText { characters, scopes } => {
                write!(f, "Mermaid reads at most {MOST_TEXT} characters, here are {characters}: ")?;
                scopes
            }
            MermaidError::UnknownScope { scope, known } => {
                return f.write_str(&no_such_scope(scope, known));
            }
        };
        let named = |(name, edges): &(String, usize)| {
            format!("{} ({})", quoted(name), counted(*edges, "edge"))
        };
        let listed = scopes.iter().map(named).collect::<Vec<_>>().join(", ");
        match scopes.is_empty() {
            true => f.write_str("record it in smaller scopes with `Tape::scope`")?,
            false => write!(f, "ask `mermaid_of` for one scope, for instance {listed}")?,
        }
        f.write_str("; DOT has no such limit")
    }
}

impl Error for MermaidError {}
