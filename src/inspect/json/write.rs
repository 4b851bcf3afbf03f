//! [`Json`]: a report in print, a node at a time.

use super::Value;
use super::field::{Field, Row};
use super::rows::Object;
use crate::inspect::Report;
use crate::inspect::error::SCHEMA;
use crate::optim::History;
use std::fmt::{self, Write};

/// A report as JSON, to be printed or turned into a `String`. Made by [`Report::json`].
///
/// Numbers have the fewest digits that read back to the same bits; what is not finite is one of the texts
/// `"NaN"`, `"inf"` and `"-inf"`. No text in it can end a `<script>`. The same report gives the same bytes.
#[derive(Clone, Debug)]
#[must_use = "print it, or turn it into a `String`"]
pub struct Json<'a> {
    report: &'a Report,
    pretty: bool,
    thinned: Option<usize>,
}

impl Report {
    /// Write the report as JSON, in the schema `tape-report/1`; `docs/report-schema.md` describes it.
    ///
    /// With the feature `json`, `Report::from_json` reads it.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0).label("x");
    /// let report = tape.report(x * 2.0);
    /// let text = report.json().to_string();
    /// assert!(text.starts_with(r#"{"schema":"tape-report/1","#));
    /// assert!(text.contains(
    ///     r#"{"id":0,"op":"input","operands":[],"partials":[],"constants":[],"value":3,"adjoint":2,"#
    /// ));
    /// ```
    pub fn json(&self) -> Json<'_> {
        Json { report: self, pretty: false, thinned: None }
    }
}

impl Json<'_> {
    /// Print for people too: a field of the report on each line, and of lists of objects an object.
    pub fn pretty(mut self) -> Self {
        self.pretty = true;
        self
    }

    /// Print at most this many records of each training history, those that [`History::thinned`] keeps: never fewer
    /// than there are frames for. Without this, all are printed.
    ///
    /// ```
    /// # use gradtape::{Tape, Var, optim::{Sgd, fit}};
    /// # let square = |p: &[Var]| p[0].square();
    /// # let tape = Tape::new();
    /// let fit = fit(square, &[1.0], &mut Sgd::new(0.1), 1000)?;
    /// let report = tape.report(tape.var(1.0)).with_run(fit.history.named("descent"));
    /// let (whole, thinned) = (report.json().to_string(), report.json().thinned(100).to_string());
    /// assert_eq!(whole.matches("\"step\":").count(), 1001);
    /// assert!(thinned.matches("\"step\":").count() <= 100);
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    pub fn thinned(mut self, most: usize) -> Self {
        self.thinned = Some(most);
        self
    }
}

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs: Option<Vec<History>> = self
            .thinned
            .map(|most| self.report.runs.iter().map(|run| run.clone().thinned(most)).collect());
        let mut page = Page { f, pretty: self.pretty, is_first: true };
        page.f.write_char('{')?;
        page.field("schema", &SCHEMA.into())?;
        page.field("generator", &concat!("gradtape ", env!("CARGO_PKG_VERSION")).into())?;
        for Row { name, value, .. } in self.report.rows() {
            match &runs {
                Some(runs) if name == "runs" => page.row(name, runs)?,
                _ => page.row(name, value)?,
            }
        }
        page.f.write_str(if self.pretty { "\n}\n" } else { "}" })
    }
}

/// The fields of the report as they are printed, one after the other.
struct Page<'p, 'f> {
    f: &'p mut fmt::Formatter<'f>,
    pretty: bool,
    is_first: bool,
}

impl Page<'_, '_> {
    /// Begin a field.
    fn begin(&mut self, name: &str) -> fmt::Result {
        let comma = if self.is_first { "" } else { "," };
        self.is_first = false;
        match self.pretty {
            true => write!(self.f, "{comma}\n  \"{name}\": "),
            false => write!(self.f, "{comma}\"{name}\":"),
        }
    }

    /// Print a field; of a list, no more than one item is in memory.
    fn row(&mut self, name: &str, value: &dyn Field) -> fmt::Result {
        let Some(count) = value.count() else { return self.field(name, &value.to_json()) };
        self.begin(name)?;
        self.f.write_char('[')?;
        for i in 0..count {
            self.f.write_str(if i == 0 { "" } else { "," })?;
            self.line(2)?;
            self.value(&value.item(i), 2)?;
        }
        if count > 0 {
            self.line(1)?;
        }
        self.f.write_char(']')
    }

    /// Print a field, unless it is nothing.
    fn field(&mut self, name: &str, value: &Value) -> fmt::Result {
        match value {
            Value::Null => Ok(()),
            value => {
                self.begin(name)?;
                self.value(value, 1)
            }
        }
    }

    /// Begin a line, if there are lines.
    fn line(&mut self, depth: usize) -> fmt::Result {
        if self.pretty { write!(self.f, "\n{:1$}", "", 2 * depth) } else { Ok(()) }
    }

    /// Print a value in one line, unless it is pretty to break it.
    fn value(&mut self, value: &Value, depth: usize) -> fmt::Result {
        match value {
            Value::Object(fields) if self.pretty && is_large(value) => {
                self.f.write_char('{')?;
                for (i, (name, value)) in fields.iter().enumerate() {
                    self.f.write_str(if i == 0 { "" } else { "," })?;
                    self.line(depth + 1)?;
                    write!(self.f, "\"{name}\": ")?;
                    self.value(value, depth + 1)?;
                }
                self.line(depth)?;
                self.f.write_char('}')
            }
            Value::List(items) if self.pretty && is_large(value) => {
                self.f.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    self.f.write_str(if i == 0 { "" } else { "," })?;
                    self.line(depth + 1)?;
                    self.value(item, depth + 1)?;
                }
                self.line(depth)?;
                self.f.write_char(']')
            }
            value => write!(self.f, "{value}"),
        }
    }
}

/// Tell whether there is a list of objects in it that say more than one thing.
fn is_large(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().any(|item| match item {
            Value::Object(fields) => fields.len() > 1 || is_large(item),
            item => is_large(item),
        }),
        Value::Object(fields) => fields.iter().any(|(_, value)| is_large(value)),
        _ => false,
    }
}
