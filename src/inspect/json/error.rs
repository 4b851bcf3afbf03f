//! [`JsonError`]: why a text is no report.

use std::fmt;

/// Why a text is no report, where in it, and what to do.
///
/// ```
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
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonError {
    /// It is not JSON.
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
    /// A field is not what the schema says.
    Field {
        /// Where: a path like `nodes[12].operands[0]`.
        at: String,
        /// What is there, and what should be.
        problem: String,
        /// What to do.
        advice: &'static str,
    },
}

/// What to do about most fields that are wrong.
const WRITE_AGAIN: &str =
    "the text was changed or cut since it was written; write it again with `Report::json`";

impl JsonError {
    /// A field is wrong, and nothing is known but that.
    pub(super) fn field(at: String, problem: String) -> JsonError {
        JsonError::Field { at, problem, advice: WRITE_AGAIN }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = super::SCHEMA;
        match self {
            JsonError::Syntax { problem, line, column } => write!(
                f,
                "this is not JSON: {problem} at line {line}, column {column}; pass all of the text that \
                 `Report::json` wrote, and nothing else"
            ),
            JsonError::Schema { found: None } => write!(
                f,
                "this is no report: it does not begin with `\"schema\":\"{known}\"`; pass what `Report::json` wrote"
            ),
            JsonError::Schema { found: Some(found) } => write!(
                f,
                "the schema of this is {found:?}, and this version of gradtape reads {known:?}: read it with \
                 the version that its field `generator` names, or write it again with this one"
            ),
            JsonError::Field { at, problem, advice } => write!(f, "`{at}` {problem}: {advice}"),
        }
    }
}

impl std::error::Error for JsonError {}
