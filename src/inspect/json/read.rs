//! [`Report::from_json`].

use super::field::{Field, brief};
use super::place::{CORRECT, Place};
use crate::inspect::error::SCHEMA;
use crate::inspect::{Report, ReportError};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;

/// What to do about a field that is wrong.
const WRITE_AGAIN: &str =
    "the text was changed or cut since it was written; write it again with `Report::json`";

/// What to do about a number that is too large.
const FINITE: &str = "write a smaller one, or an infinity as the text `\"inf\"` or `\"-inf\"`";

impl Report {
    /// Read a report that [`json`](Report::json) wrote. It takes the feature `json`.
    ///
    /// The result is the same report, except that a NaN loses its sign. Unknown fields are ignored, for
    /// a later version may write more of them; `docs/report-schema.md` has the rules. The numbers need not
    /// follow from each other, but every index points somewhere, and what belongs together has the same
    /// length.
    ///
    /// # Errors
    /// If the text is not JSON, of another schema, or not what the schema says; the error tells where.
    ///
    /// ```
    /// use gradtape::{Tape, inspect::Report};
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(3.0).label("x"), tape.var(4.0));
    /// let report = tape.report(x.hypot(y));
    /// let text = report.json().to_string();
    /// assert_eq!(Report::from_json(&text)?, report);
    ///
    /// let error = Report::from_json(&text.replace("[0,1]", "[0,2]")).unwrap_err();
    /// assert!(error.to_string().starts_with("`nodes[2].operands[1]` is 2, not an index below 2"));
    /// # Ok::<(), gradtape::inspect::ReportError>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Report, ReportError> {
        let value: Value = serde_json::from_str(text).map_err(|error| syntax(text, &error))?;
        match value.get("schema") {
            Some(Value::String(schema)) if schema == SCHEMA => {}
            Some(Value::String(schema)) => {
                return Err(ReportError::Schema { found: Some(schema.clone()) });
            }
            _ => return Err(ReportError::Schema { found: None }),
        }
        let report = levels(text).and_then(|_| {
            let report = <Report as Field>::from_json(&value, &Place::ROOT)?;
            report.verify()?;
            Ok(report)
        });
        report.map_err(|error| match error {
            ReportError::Field { at, problem, advice: CORRECT } => {
                ReportError::Field { at, problem, advice: WRITE_AGAIN }
            }
            error => error,
        })
    }
}

fn syntax(text: &str, error: &serde_json::Error) -> ReportError {
    let (line, column) = (error.line(), error.column());
    let problem = error.to_string();
    let place = format!(" at line {line} column {column}");
    let mut problem = problem.strip_suffix(&place).unwrap_or(&problem).to_string();
    match problem.as_str() {
        "number out of range" => return out_of_range(text, line, column),
        "recursion limit exceeded" => problem += ", it is nested deeper than 128 levels",
        _ if text.starts_with('\u{feff}') => {
            problem += ", it begins with a byte order mark (U+FEFF), which JSON does not have";
        }
        _ => {}
    }
    ReportError::Syntax { problem, line, column }
}

/// A number that is JSON, and too large for 64 bits.
fn out_of_range(text: &str, line: usize, column: usize) -> ReportError {
    let in_number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let before: usize = text.split_inclusive('\n').take(line.max(1) - 1).map(str::len).sum();
    // It is noticed in the number or at its end.
    let at = (before + column).min(text.len());
    let bytes = text.as_bytes();
    let last = bytes[..at].iter().rposition(in_number).unwrap_or(0);
    let start = bytes[..last].iter().rposition(|byte| !in_number(byte)).map_or(0, |i| i + 1);
    let end =
        bytes[last..].iter().position(|byte| !in_number(byte)).map_or(text.len(), |i| last + i);
    let number = brief(&text[start..end]).replace('"', "");
    let problem = format!(
        "is {number}, at line {line}, column {}: a 64-bit number is at most about 1.8e308",
        start - before + 1
    );
    match levels(&text[..start]) {
        Ok(levels) => ReportError::Field { at: path(&levels), problem, advice: FINITE },
        Err(twice) => twice,
    }
}

/// An object or a list that is not closed yet.
enum Level<'a> {
    Object { seen: HashSet<Cow<'a, str>>, current: Cow<'a, str> },
    List { items_before: usize },
}

/// The levels that are open at the end of this text, which is JSON or the beginning of it. Fail if an object has a field
/// twice: `serde_json` keeps the last one and says nothing, so the text is read a second time.
fn levels(text: &str) -> Result<Vec<Level<'_>>, ReportError> {
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '[', '}', ']', ',', '"']) {
        let sign = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        match sign {
            b'{' => levels.push(Level::Object { seen: HashSet::new(), current: Cow::default() }),
            b'[' => levels.push(Level::List { items_before: 0 }),
            b'}' | b']' => drop(levels.pop()),
            b',' => {
                if let Some(Level::List { items_before }) = levels.last_mut() {
                    *items_before += 1;
                }
            }
            _ => {
                let string = &rest[..closing_quote(rest)];
                rest = &rest[(string.len() + 1).min(rest.len())..];
                // Of all strings only the names of fields are followed by a colon.
                if rest.trim_start().starts_with(':') {
                    field(&mut levels, unescaped(string))?;
                }
            }
        }
    }
    Ok(levels)
}

/// Take note of a field.
fn field<'a>(levels: &mut [Level<'a>], name: Cow<'a, str>) -> Result<(), ReportError> {
    let Some((Level::Object { seen, current }, around)) = levels.split_last_mut() else {
        return Ok(());
    };
    if !seen.insert(name.clone()) {
        let problem = format!("has the field {} twice", brief(&name));
        return Err(ReportError::Field { at: path(around), problem, advice: WRITE_AGAIN });
    }
    *current = name;
    Ok(())
}

/// Where the string ends whose opening quote is before this text.
fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    end.unwrap_or(text.len())
}

fn unescaped(string: &str) -> Cow<'_, str> {
    match string.contains('\\') {
        true => serde_json::from_str(&format!("\"{string}\"")).map_or(string.into(), Cow::Owned),
        false => string.into(),
    }
}

/// The path to what is inside all these levels.
fn path(levels: &[Level<'_>]) -> String {
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Object { current, .. } if path.is_empty() => path += current,
            Level::Object { current, .. } => path += &format!(".{current}"),
            Level::List { items_before } => path += &format!("[{items_before}]"),
        }
    }
    if path.is_empty() { "report".into() } else { path }
}
