//! What no single field says: that indices point somewhere, that operands come before their nodes, that
//! scopes lie inside scopes, that what belongs together has the same length.
//!
//! | file | idea |
//! |---|---|
//! | `nodes` | nodes, scopes, comparisons |
//! | `network` | units and links |
//! | `runs` | training histories |

use super::Report;
use crate::tape::innermost;
use std::fmt;

/// Say where a report does not fit together, and how. Made by [`Report::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incoherent {
    /// Where: a path like `nodes[12].operands[0]`.
    pub at: String,
    /// What is there, and what should be.
    pub problem: String,
}

impl fmt::Display for Incoherent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.at, self.problem)
    }
}

impl std::error::Error for Incoherent {}

/// Fail unless this holds, with a path and what is wrong there.
macro_rules! ensure {
    ($holds:expr, $at:literal, $problem:literal) => {
        if !$holds {
            return Err(Incoherent { at: format!($at), problem: format!($problem) });
        }
    };
}

mod network;
mod nodes;
mod runs;

impl Report {
    /// Ascertain that the report fits together, so that every method and every format can be asked of it.
    ///
    /// A report that this crate made does, and one that `Report::from_json` has read; it is for reports that
    /// were changed or put together by hand. What must hold is said at [`Report`]. It takes a walk over the
    /// nodes.
    ///
    /// # Errors
    /// If it does not; the error names the first place found.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let mut report = tape.report(tape.var(2.0).sqrt());
    /// assert_eq!(report.verify(), Ok(()));
    /// report.nodes[1].operands[0] = 7;
    /// assert_eq!(
    ///     report.verify().unwrap_err().to_string(),
    ///     "`nodes[1].operands[0]` is 7, not an index below 1, of a node before it"
    /// );
    /// ```
    pub fn verify(&self) -> Result<(), Incoherent> {
        let nodes = self.nodes.len();
        if let Some(output) = self.output {
            ensure!(output < nodes, "output", "is {output}, not an index below {nodes}, of a node");
        }
        nodes::scopes(&self.scopes, nodes)?;
        let innermost = innermost(&self.scopes, nodes);
        for (i, (node, &innermost)) in self.nodes.iter().zip(&innermost).enumerate() {
            nodes::node(i, node, innermost)?;
        }
        nodes::guards(self)?;
        for (i, finding) in self.findings.iter().enumerate() {
            if let Some(node) = finding.node {
                ensure!(
                    node < nodes,
                    "findings[{i}].node",
                    "is {node}, not an index below {nodes}, of a node"
                );
            }
        }
        if let Some(network) = &self.network {
            network::network(network, nodes)?;
        }
        for (i, run) in self.runs.iter().enumerate() {
            runs::run(i, run)?;
        }
        Ok(())
    }
}

/// A list that must have as many items as something else, and its path.
fn same_length(
    found: usize,
    expected: usize,
    what: &str,
    path: impl FnOnce() -> String,
) -> Result<(), Incoherent> {
    if found == expected {
        return Ok(());
    }
    let problem = format!("has the length {found}, and there are {expected} {what}");
    Err(Incoherent { at: path(), problem })
}
