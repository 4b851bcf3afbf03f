//! From a value of `serde_json` to the model, with the path to where it fails.

use super::{JsonError, SCHEMA, keys};
use crate::inspect::{Incoherent, Report};
use serde_json::Value;
use std::fmt;

impl Report {
    /// Read a report that [`json`](Report::json) wrote. It takes the feature `json`.
    ///
    /// It is the same report again, but for the sign of a NaN. Fields that are not known are passed over, for
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
    /// # Ok::<(), gradtape::inspect::JsonError>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Report, JsonError> {
        let value: Value = serde_json::from_str(text).map_err(syntax)?;
        let root = At { value: &value, step: Step::Root, from: None };
        match value.get("schema") {
            Some(Value::String(schema)) if schema == SCHEMA => {}
            Some(Value::String(schema)) => {
                return Err(JsonError::Schema { found: Some(schema.clone()) });
            }
            _ => return Err(JsonError::Schema { found: None }),
        }
        keys::once(text)?;
        let report = Report {
            title: root.get("title")?,
            output: root.get("output")?,
            facts: root.get("facts")?,
            scopes: root.get("scopes")?,
            guards: root.get("guards")?,
            nodes: root.get("nodes")?,
            findings: root.get("findings")?,
            check: root.get("check")?,
            network: root.get("network")?,
            runs: root.get("runs")?,
        };
        report.verify().map_err(|Incoherent { at, problem }| JsonError::field(at, problem))?;
        Ok(report)
    }
}

fn syntax(error: serde_json::Error) -> JsonError {
    let (line, column) = (error.line(), error.column());
    let problem = error.to_string();
    let place = format!(" at line {line} column {column}");
    let problem = problem.strip_suffix(&place).unwrap_or(&problem).to_string();
    JsonError::Syntax { problem, line, column }
}

/// What can be read from JSON.
pub(super) trait FromJson: Sized {
    fn from_json(at: &At<'_>) -> Result<Self, JsonError>;
}

/// A value, and how it was come by: the path is written out only for an error.
pub(super) struct At<'a> {
    value: &'a Value,
    step: Step,
    from: Option<&'a At<'a>>,
}

#[derive(Clone, Copy)]
enum Step {
    Root,
    Field(&'static str),
    Item(usize),
}

impl At<'_> {
    /// Read a field; one that is missing is read as `null`.
    pub fn get<T: FromJson>(&self, name: &'static str) -> Result<T, JsonError> {
        let Value::Object(fields) = self.value else { return Err(self.expected("an object")) };
        let value = fields.get(name).unwrap_or(&Value::Null);
        T::from_json(&At { value, step: Step::Field(name), from: Some(self) })
    }

    /// Ascertain that this item has its place in the list as its number.
    pub fn numbered(&self, name: &'static str) -> Result<(), JsonError> {
        let number: usize = self.get(name)?;
        match self.step {
            Step::Item(place) if place != number => {
                let problem = format!("is {number}, but its place in the list is {place}");
                Err(JsonError::field(format!("{self}.{name}"), problem))
            }
            _ => Ok(()),
        }
    }

    /// Find what has this name.
    pub fn one_of<T: Copy, N: AsRef<str>>(
        &self,
        what: &str,
        all: &[T],
        name: impl Fn(T) -> N,
        advice: &'static str,
    ) -> Result<T, JsonError> {
        let text = String::from_json(self)?;
        let found = all.iter().find(|&&x| name(x).as_ref() == text);
        found.copied().ok_or_else(|| JsonError::Field {
            at: self.to_string(),
            problem: format!("is {}, which is no {what} that this version knows", brief(&text)),
            advice,
        })
    }

    /// The error that this value is not what is expected.
    pub fn expected(&self, what: &str) -> JsonError {
        let found = match self.value {
            Value::Null => {
                return JsonError::field(
                    self.to_string(),
                    format!("is missing; {what} goes there"),
                );
            }
            Value::Bool(x) => x.to_string(),
            Value::Number(x) => x.to_string(),
            Value::String(text) => brief(text),
            Value::Array(_) => "a list".into(),
            Value::Object(_) => "an object".into(),
        };
        JsonError::field(self.to_string(), format!("is {found}, not {what}"))
    }
}

impl fmt::Display for At<'_> {
    /// The path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(from) = self.from else { return f.write_str("report") };
        if from.from.is_some() {
            from.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) if from.from.is_some() => write!(f, ".{name}"),
            Step::Field(name) => f.write_str(name),
            Step::Item(i) => write!(f, "[{i}]"),
        }
    }
}

/// The beginning of a text, in quotes.
pub(super) fn brief(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

impl FromJson for bool {
    fn from_json(at: &At<'_>) -> Result<bool, JsonError> {
        at.value.as_bool().ok_or_else(|| at.expected("true or false"))
    }
}

impl FromJson for usize {
    fn from_json(at: &At<'_>) -> Result<usize, JsonError> {
        let number = at.value.as_u64().and_then(|x| usize::try_from(x).ok());
        number.ok_or_else(|| at.expected("a whole number from 0 on"))
    }
}

impl FromJson for f64 {
    fn from_json(at: &At<'_>) -> Result<f64, JsonError> {
        let number = match at.value {
            Value::String(text) => match &**text {
                "NaN" => Some(f64::NAN),
                "inf" => Some(f64::INFINITY),
                "-inf" => Some(f64::NEG_INFINITY),
                _ => None,
            },
            number => number.as_f64(),
        };
        number.ok_or_else(|| at.expected("a number, \"NaN\", \"inf\" or \"-inf\""))
    }
}

impl FromJson for String {
    fn from_json(at: &At<'_>) -> Result<String, JsonError> {
        at.value.as_str().map(String::from).ok_or_else(|| at.expected("a text"))
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(at: &At<'_>) -> Result<Vec<T>, JsonError> {
        let Value::Array(items) = at.value else { return Err(at.expected("a list")) };
        let item = |(i, value)| T::from_json(&At { value, step: Step::Item(i), from: Some(at) });
        items.iter().enumerate().map(item).collect()
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(at: &At<'_>) -> Result<Option<T>, JsonError> {
        match at.value {
            Value::Null => Ok(None),
            _ => T::from_json(at).map(Some),
        }
    }
}
