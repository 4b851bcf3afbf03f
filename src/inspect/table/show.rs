//! Which rows a table has, and its lines: head, rows, notes, findings.

use super::columns::{Column, Columns, GAP};
use super::{Order, Table};
use crate::Reach;
use crate::inspect::name::Names;
use crate::inspect::overview::FINDINGS;
use crate::inspect::{Finding, Severity};
use crate::text::{counted, cut, folded, on_one_line, width};
use std::ffi::OsStr;
use std::fmt;
use std::io::IsTerminal;

/// The ANSI codes of the colours used.
mod ansi {
    pub const PLAIN: &str = "";
    pub const BOLD: &str = "1";
    pub const FAINT: &str = "2";
    pub const RED: &str = "1;31";
    pub const YELLOW: &str = "33";
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paint = self.color.unwrap_or_else(is_wanted);
        let rows = Rows::of(self);
        let names = Names::of(self.report);
        let columns = Columns::of(self, &names, &rows.shown);
        let bad = self.report.not_finite().unwrap_or_default();
        let sections = [
            self.folded(&self.head()),
            self.grid(&names, &rows, &columns, paint),
            self.folded(&self.notes(&rows, &columns)),
            folded(&bad, self.width).iter().map(|line| painted(paint, ansi::RED, line)).collect(),
            self.findings(paint),
        ];
        let written: Vec<String> = sections
            .iter()
            .map(|lines| lines.join("\n"))
            .filter(|lines| !lines.is_empty())
            .collect();
        writeln!(f, "{}", written.join("\n\n"))
    }
}

/// The rows of a table.
struct Rows {
    /// The nodes that are shown.
    shown: Vec<usize>,
    /// How many of these stand above the gap.
    head: usize,
    /// How many nodes fall into the gap.
    left_out: usize,
}

impl Rows {
    fn of(table: &Table<'_>) -> Rows {
        let report = table.report;
        let mut chosen = match &table.nodes {
            None => (0..report.nodes.len()).collect(),
            Some(nodes) => nodes.clone(),
        };
        chosen.sort_unstable();
        chosen.dedup();
        if let Some(scopes) = &table.scopes {
            let inside = report.nodes_in(scopes);
            chosen.retain(|&node| inside[node]);
        }
        match table.order {
            Order::Tape => {}
            Order::Sweep => chosen.reverse(),
            Order::Magnitude(number) => {
                // In the total order a NaN without sign, as `abs` leaves it, is above infinity.
                let key = |&node: &usize| number(&report.nodes[node]).abs();
                chosen.sort_by(|a, b| key(b).total_cmp(&key(a)));
            }
        }
        let left_out = chosen.len().saturating_sub(table.rows);
        let head = match (left_out, table.order) {
            (0, _) => chosen.len(),
            // Inputs stand at the beginning of a tape and the output at its end.
            (_, Order::Tape) => table.rows.div_ceil(2),
            _ => table.rows,
        };
        chosen.drain(head..head + left_out);
        Rows { shown: chosen, head, left_out }
    }
}

/// Whether to paint by default.
fn is_wanted() -> bool {
    let of = |name| std::env::var_os(name).unwrap_or_default();
    std::io::stdout().is_terminal() && can_paint(&of("NO_COLOR"), &of("TERM"))
}

/// Whether a terminal shows colours and its user wants them, by `NO_COLOR` and `TERM`.
fn can_paint(no_color: &OsStr, term: &OsStr) -> bool {
    no_color.is_empty() && term != "dumb"
}

/// A text in a colour, or as it is.
fn painted(paint: bool, code: &str, text: &str) -> String {
    if paint && !code.is_empty() && !text.is_empty() {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.into()
    }
}

impl Table<'_> {
    /// What the table is about.
    fn head(&self) -> Vec<String> {
        let report = self.report;
        let title = (!report.title.is_empty()).then(|| on_one_line(&report.title));
        title.into_iter().chain([report.extent(self.digits)]).collect()
    }

    /// Sentences in lines of the width.
    fn folded(&self, sentences: &[String]) -> Vec<String> {
        sentences.iter().flat_map(|sentence| folded(sentence, self.width)).collect()
    }

    /// The columns' titles, a rule, and the rows.
    fn grid(&self, names: &Names<'_>, rows: &Rows, columns: &Columns, paint: bool) -> Vec<String> {
        if rows.shown.is_empty() {
            return Vec::new();
        }
        let title = |column: Column| (column.title().to_string(), ansi::BOLD);
        let rule: Vec<String> = columns.shown.iter().map(|&(_, width)| "─".repeat(width)).collect();
        let row = |&node: &usize| {
            let cell = |column| {
                let text = self.cell(names, column, node);
                let color = self.color_of(column, node, &text);
                (text, color)
            };
            line(columns, paint, cell)
        };
        let mut lines = vec![line(columns, paint, title), rule.join("  ")];
        lines.extend(rows.shown[..rows.head].iter().map(row));
        if rows.left_out > 0 {
            let left_out = counted(rows.left_out, "node");
            lines.push(cut(format!("   ⋮  {left_out} left out here"), self.width));
        }
        lines.extend(rows.shown[rows.head..].iter().map(row));
        lines
    }

    fn color_of(&self, column: Column, node: usize, text: &str) -> &'static str {
        let numbers = matches!(column, Column::Value | Column::Adjoint | Column::Partials);
        let is_faint = match column {
            Column::Node | Column::Operands | Column::Location => true,
            Column::Adjoint => self.report.nodes[node].reach != Reach::Connected,
            _ => false,
        };
        match () {
            () if numbers && text.contains('!') => ansi::RED,
            () if is_faint => ansi::FAINT,
            () => ansi::PLAIN,
        }
    }

    /// What a reader must know of the rows above.
    fn notes(&self, rows: &Rows, columns: &Columns) -> Vec<String> {
        let mut notes = Vec::from_iter(self.chosen(rows));
        if columns.shown.iter().any(|&(column, _)| column == Column::Adjoint) {
            notes.extend(self.zeros(rows));
        }
        if !columns.given_up.is_empty() {
            let names: Vec<&str> = columns.given_up.iter().map(|column| column.title()).collect();
            notes.push(format!("columns left out at this width: {}", names.join(", ")));
        }
        notes
    }

    /// How many of the nodes are shown.
    fn chosen(&self, rows: &Rows) -> Option<String> {
        let all = self.report.nodes.len();
        let shown = counted(rows.shown.len(), "node");
        match rows.left_out {
            0 if rows.shown.len() == all => None,
            0 => Some(format!("{shown} of {all} shown")),
            left => Some(format!("{shown} of {all} shown, {left} left out by `rows`")),
        }
    }

    /// What the words that stand for a zero mean, if they stand somewhere.
    fn zeros(&self, rows: &Rows) -> Vec<String> {
        const MEANINGS: [(Reach, &str); 3] = [
            (Reach::NotConnected, "-: no path leads to the output"),
            (
                Reach::Blocked,
                "blocked: each path to the output runs through a piece where an operation is constant",
            ),
            (
                Reach::AtKink,
                "kink: each path to the output runs through an operation at its kink, where 0 is a convention",
            ),
        ];
        let stands = |reach| {
            let is_it = |&node: &usize| self.report.nodes[node].why_zero() == Some(reach);
            rows.shown.iter().any(is_it)
        };
        let meanings = MEANINGS.into_iter().filter(|&(reach, _)| stands(reach));
        meanings.map(|(_, meaning)| meaning.to_string()).collect()
    }

    /// The first findings, a line each, and how many more there are.
    fn findings(&self, paint: bool) -> Vec<String> {
        let line = |finding: &Finding| {
            let lead = format!("{}[{}]", finding.severity, finding.code);
            let color = match finding.severity {
                Severity::Error => ansi::RED,
                Severity::Warning => ansi::YELLOW,
                Severity::Note => ansi::FAINT,
            };
            let message = format!(": {}", on_one_line(&finding.message));
            let message = cut(message, self.width.saturating_sub(width(&lead)));
            painted(paint, color, &lead) + &message
        };
        let findings = self.report.findings.iter().take(FINDINGS).map(line);
        findings.chain(self.report.more_findings()).collect()
    }
}

/// One line of the grid: a text and a colour for each column.
fn line(columns: &Columns, paint: bool, cell: impl Fn(Column) -> (String, &'static str)) -> String {
    let mut line = String::new();
    // Spaces wait until something follows them: no line ends with any.
    let mut blank = 0;
    for &(column, places) in &columns.shown {
        let (text, color) = cell(column);
        let text = column.fitted(text, places);
        let spare = places.saturating_sub(width(&text));
        let (before, after) = if column.is_right_aligned() { (spare, 0) } else { (0, spare) };
        blank += before;
        if !text.is_empty() {
            line += &" ".repeat(blank);
            line += &painted(paint, color, &text);
            blank = 0;
        }
        blank += after + GAP;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::can_paint;
    use std::ffi::OsStr;

    #[test]
    fn no_color_and_a_dumb_terminal_get_no_colour() {
        let can_paint = |no: &str, term: &str| can_paint(OsStr::new(no), OsStr::new(term));
        assert!(can_paint("", "xterm-256color") && can_paint("", ""));
        assert!(!can_paint("1", "xterm-256color") && !can_paint("", "dumb"));
    }
}
