//! The lines of a table: head, rows, notes, findings.

use super::Table;
use super::columns::{Column, Columns, GAP};
use super::rows::Rows;
use crate::Reach;
use crate::inspect::Severity;
use crate::inspect::overview::FINDINGS;
use crate::inspect::unknown::{no_such_node, no_such_scope};
use crate::text::counted;
use crate::text::{cut, folded, on_one_line, width};
use std::fmt;

/// The ANSI codes of the colours used.
mod ansi {
    pub const BOLD: &str = "1";
    pub const FAINT: &str = "2";
    pub const RED: &str = "1;31";
    pub const YELLOW: &str = "33";
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paint = self.color.is_on();
        let rows = self.choose();
        for line in self.head().iter().flat_map(|line| folded(line, self.width)) {
            writeln!(f, "{line}")?;
        }
        let columns = Columns::of(self, &rows.shown);
        if !rows.shown.is_empty() {
            writeln!(f)?;
            self.grid(f, &rows, &columns, paint)?;
        }
        self.notes(f, &rows, &columns)?;
        self.not_finite(f, paint)?;
        self.findings(f, paint)
    }
}

/// Write a text in a colour, or as it is.
fn painted(f: &mut fmt::Formatter<'_>, code: Option<&str>, text: &str) -> fmt::Result {
    match code {
        Some(code) => write!(f, "\x1b[{code}m{text}\x1b[0m"),
        None => f.write_str(text),
    }
}

impl Table<'_> {
    /// What the table is about.
    fn head(&self) -> Vec<String> {
        let report = &*self.report;
        let title = (!report.title.is_empty()).then(|| on_one_line(&report.title));
        title.into_iter().chain([report.extent(self.digits)]).collect()
    }

    /// The columns' titles, a rule, and the rows.
    fn grid(
        &self,
        f: &mut fmt::Formatter<'_>,
        rows: &Rows<'_>,
        columns: &Columns,
        paint: bool,
    ) -> fmt::Result {
        let title = |column: Column| (column.title().to_string(), Some(ansi::BOLD));
        line(f, columns, paint, title)?;
        let rule: Vec<String> = columns.shown.iter().map(|&(_, width)| "─".repeat(width)).collect();
        writeln!(f, "{}", rule.join("  "))?;
        for (at, &node) in rows.shown.iter().enumerate() {
            if at == rows.head {
                self.gap(f, rows)?;
            }
            line(f, columns, paint, |column| {
                let text = self.cell(column, node);
                let color = self.color_of(column, node, &text);
                (text, color)
            })?;
        }
        if rows.left_out > 0 && rows.head == rows.shown.len() {
            self.gap(f, rows)?;
        }
        Ok(())
    }

    /// The line that stands for the rows left out.
    fn gap(&self, f: &mut fmt::Formatter<'_>, rows: &Rows<'_>) -> fmt::Result {
        let left_out = counted(rows.left_out, "node");
        writeln!(f, "{}", cut(format!("   ⋮  {left_out} left out here"), self.width))
    }

    fn color_of(&self, column: Column, node: usize, text: &str) -> Option<&'static str> {
        let numbers = matches!(column, Column::Value | Column::Adjoint | Column::Partials);
        let is_faint = match column {
            Column::Node | Column::Operands | Column::Location => true,
            Column::Adjoint => self.report.nodes[node].reach != Reach::Connected,
            _ => false,
        };
        match () {
            () if numbers && text.contains('!') => Some(ansi::RED),
            () if is_faint => Some(ansi::FAINT),
            () => None,
        }
    }

    /// What a reader must know of the rows above.
    fn notes(&self, f: &mut fmt::Formatter<'_>, rows: &Rows<'_>, columns: &Columns) -> fmt::Result {
        let mut notes = self.chosen(rows);
        if columns.shown.iter().any(|&(column, _)| column == Column::Adjoint) {
            notes.extend(self.zeros(rows));
        }
        if !columns.given_up.is_empty() {
            let names: Vec<&str> = columns.given_up.iter().map(|column| column.title()).collect();
            notes.push(format!("columns left out at this width: {}", names.join(", ")));
        }
        if !notes.is_empty() {
            writeln!(f)?;
        }
        let mut lines = notes.iter().flat_map(|note| folded(note, self.width));
        lines.try_for_each(|line| writeln!(f, "{line}"))
    }

    /// How many of the nodes are shown, and which names asked for there are not.
    fn chosen(&self, rows: &Rows<'_>) -> Vec<String> {
        let all = self.report.nodes.len();
        let shown = counted(rows.shown.len(), "node");
        let mut notes = Vec::new();
        match rows.left_out {
            0 if rows.shown.len() == all => {}
            0 => notes.push(format!("{shown} of {all} shown")),
            left => notes.push(format!("{shown} of {all} shown, {left} left out by `rows`")),
        }
        for name in &rows.unknown {
            notes.push(no_such_node(&self.report, name).to_string());
        }
        if let Some(name) = rows.no_scope {
            notes.push(no_such_scope(name, &self.report.scope_paths()));
        }
        notes
    }

    /// What the words that stand for a zero mean, if they stand somewhere.
    fn zeros(&self, rows: &Rows<'_>) -> Vec<String> {
        const MEANINGS: [(Reach, &str); 2] = [
            (Reach::NotConnected, "-: no path leads to the output"),
            (
                Reach::Blocked,
                "blocked: each path to the output runs through a piece where an operation is constant",
            ),
        ];
        let stands = |reach| {
            let is_it = |&node: &usize| self.report.nodes[node].why_zero() == Some(reach);
            rows.shown.iter().any(is_it)
        };
        let said = MEANINGS.into_iter().filter(|&(reach, _)| stands(reach));
        said.map(|(_, meaning)| meaning.to_string()).collect()
    }

    /// Count what is NaN or infinite on the whole tape, shown or not.
    fn not_finite(&self, f: &mut fmt::Formatter<'_>, paint: bool) -> fmt::Result {
        let Some(text) = self.report.not_finite() else { return Ok(()) };
        writeln!(f)?;
        for line in folded(&text, self.width) {
            painted(f, paint.then_some(ansi::RED), &line)?;
            writeln!(f)?;
        }
        Ok(())
    }

    /// The first findings, a line each, and how many more there are.
    fn findings(&self, f: &mut fmt::Formatter<'_>, paint: bool) -> fmt::Result {
        let findings = &self.report.findings;
        if findings.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        for finding in findings.iter().take(FINDINGS) {
            let lead = format!("{}[{}]", finding.severity, finding.code);
            let color = match finding.severity {
                Severity::Error => ansi::RED,
                Severity::Warning => ansi::YELLOW,
                Severity::Note => ansi::FAINT,
            };
            let message = format!(": {}", on_one_line(&finding.message));
            painted(f, paint.then_some(color), &lead)?;
            writeln!(f, "{}", cut(message, self.width.saturating_sub(width(&lead))))?;
        }
        self.report.more_findings().map_or(Ok(()), |more| writeln!(f, "{more}"))
    }
}

/// One line of the grid: a text and a colour for each column.
fn line(
    f: &mut fmt::Formatter<'_>,
    columns: &Columns,
    paint: bool,
    cell: impl Fn(Column) -> (String, Option<&'static str>),
) -> fmt::Result {
    // Spaces wait until something follows them: no line ends with any.
    let mut blank = 0;
    for &(column, places) in &columns.shown {
        let (text, color) = cell(column);
        let text = column.fitted(text, places);
        let spare = places.saturating_sub(width(&text));
        let (before, after) = if column.is_right_aligned() { (spare, 0) } else { (0, spare) };
        blank += before;
        if !text.is_empty() {
            write!(f, "{:blank$}", "")?;
            painted(f, color.filter(|_| paint), &text)?;
            blank = 0;
        }
        blank += after + GAP;
    }
    writeln!(f)
}
