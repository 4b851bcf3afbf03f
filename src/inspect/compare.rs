//! A report with what changed: since another report, or by each pass of a program.

use super::{Diff, Report};
use crate::program::{Pass, Program, ReplayError};
use crate::text::counted;

impl Report {
    /// Show what changed since another report, on the page and in JSON; see [`Report::diff`].
    ///
    /// ```
    /// use gradtape::Tape;
    /// let report = |slope: f64| {
    ///     let tape = Tape::new();
    ///     let x = tape.var(3.0).label("x");
    ///     tape.report((x * slope).label("y"))
    /// };
    /// let report = report(5.0).compared_with(&report(4.0));
    /// let [.., (what, change)] = &report.compared[..] else { panic!("y changed") };
    /// assert_eq!((&what[..], &change[..]), ("changed", "y = x * 4 -> x * 5  value 12 -> 15"));
    /// ```
    ///
    /// # Panics
    /// As [`Report::diff`].
    #[must_use]
    pub fn compared_with(mut self, before: &Report) -> Report {
        let diff = before.diff(&self);
        self.compared = entries(&diff).collect();
        self
    }
}

fn entries(diff: &Diff<'_>) -> impl Iterator<Item = (String, String)> {
    let summary = diff.summary().map(|(name, text)| (name.to_string(), text));
    let verb = |sign: &str| match sign {
        "-" => "removed",
        "+" => "added",
        _ => "changed",
    };
    let lines = diff.lines().into_iter().map(move |(sign, text)| (verb(sign).to_string(), text));
    summary.into_iter().chain(lines)
}

impl Program {
    /// Report on the program at a point after some passes, and on what each of them removed, added and changed; the
    /// listing before and after comes along.
    ///
    /// It is for a program frozen without passes, by [`Tape::freeze_with`](crate::Tape::freeze_with). The passes run one
    /// by one, where freezing lets some share a walk.
    ///
    /// # Errors
    /// As [`report`](Program::report).
    ///
    /// ```
    /// use gradtape::{Tape, program::Pass};
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(0.5), tape.var(2.0));
    /// let plain = tape.freeze_with(&[x, y], &[(x * y * 1.0).sin()], &[])?;
    /// let report = plain.report_passes(&Pass::ALL, &[0.5, 2.0])?;
    /// assert_eq!(report.nodes.len(), 4);
    /// let passes: Vec<&str> =
    ///     report.compared.iter().filter(|(what, _)| what == "pass").map(|(_, text)| &text[..]).collect();
    /// assert_eq!(passes[1], "`identities`: 3 instructions before, 2 after");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn report_passes(&self, passes: &[Pass], x: &[f64]) -> Result<Report, ReplayError> {
        let mut compared = vec![("listing before".to_string(), self.to_string())];
        let (mut program, mut before) = (self.clone(), self.report(x)?);
        for &pass in passes {
            let smaller = program.clone().optimized(&[pass]);
            let after = smaller.report(x)?;
            let [was, is] = [program.len(), smaller.len()];
            let text = format!("`{pass}`: {} before, {is} after", counted(was, "instruction"));
            compared.push(("pass".into(), text));
            compared.extend(entries(&before.diff(&after)).skip(3));
            (program, before) = (smaller, after);
        }
        compared.push(("listing after".into(), program.to_string()));
        Ok(Report { compared, ..before })
    }
}
