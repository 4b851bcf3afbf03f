//! [`Json`]: a report in print, a node at a time.

use super::Value;
use super::field::Row;
use super::rows::Object;
use super::value::line;
use crate::inspect::Report;
use crate::inspect::error::SCHEMA;
use crate::optim::History;
use std::fmt::{self, Write};

/// What made it.
pub(in crate::inspect) const GENERATOR: &str = concat!("gradtape ", env!("CARGO_PKG_VERSION"));

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
    /// Print the fields of the report one after the other, and of a list an item at a time: no more is in memory.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs: Option<Vec<History>> = self
            .thinned
            .map(|most| self.report.runs.iter().map(|run| run.clone().thinned(most)).collect());
        let [outside, fields, items] = [0, 1, 2].map(|depth| self.pretty.then_some(depth));
        let begin = |f: &mut fmt::Formatter<'_>, comma: &str, name: &str| {
            f.write_str(comma)?;
            line(f, fields)?;
            write!(f, "\"{name}\"{}", if self.pretty { ": " } else { ":" })
        };
        begin(f, "{", "schema")?;
        write!(f, "\"{SCHEMA}\"")?;
        begin(f, ",", "generator")?;
        write!(f, "\"{GENERATOR}\"")?;
        for Row { name, value, .. } in self.report.rows() {
            let value = match &runs {
                Some(runs) if name == "runs" => runs,
                _ => value,
            };
            let Some(count) = value.count() else {
                let value = value.to_json();
                if value != Value::Null {
                    begin(f, ",", name)?;
                    value.print(f, fields)?;
                }
                continue;
            };
            begin(f, ",", name)?;
            f.write_char('[')?;
            for i in 0..count {
                f.write_str(if i == 0 { "" } else { "," })?;
                line(f, items)?;
                value.item(i).print(f, items)?;
            }
            line(f, fields.filter(|_| count > 0))?;
            f.write_char(']')?;
        }
        line(f, outside)?;
        f.write_str(if self.pretty { "}\n" } else { "}" })
    }
}
