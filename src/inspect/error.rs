//! [`ReportError`]: why something is no report that can be shown.

use std::fmt;

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
