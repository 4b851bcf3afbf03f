//! What a command prints: numbers, tables, JSON, and the standard output.

use crate::failure::Failure;
use console::{Term, measure_text_width};
use serde_json::Value;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// Write to the standard output, all of it.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(not_printed)
}

/// Why the standard output took no more.
pub fn not_printed(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::ClosedPipe,
        ErrorKind::StorageFull => Failure::Misuse(
            "the standard output takes no more: the disk is full; free some space".into(),
        ),
        _ => Failure::Misuse(format!("the standard output cannot be written to: {error}")),
    }
}

/// How wide a line may be: as the terminal is, or 100 if there is none.
pub fn width() -> usize {
    match io::stdout().is_terminal() {
        true => usize::from(Term::stdout().size().1).max(40),
        false => 100,
    }
}

/// Whether to paint: on a terminal that can, unless `NO_COLOR` is set.
pub fn paints() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    io::stdout().is_terminal() && !is_set("NO_COLOR") && !console::is_dumb()
}

/// A number with the fewest digits that read back to the same bits.
pub fn number(x: f64) -> String {
    let text = format!("{x:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}

/// Read a number; none if the text is no number, or one that is too large to be held.
pub fn read_number(text: &str) -> Option<f64> {
    let is_written = |x: &f64| x.is_finite() || !text.contains(|c: char| c.is_ascii_digit());
    text.parse().ok().filter(is_written)
}

/// A number in JSON, which has none that is not finite: those are the texts "NaN", "inf" and "-inf".
pub fn json(x: f64) -> Value {
    match x.is_finite() {
        true => Value::from(x),
        false => Value::from(x.to_string()),
    }
}

/// Rows of cells in columns two places apart: the first one to the left, the others to the right.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| measure_text_width(cell)).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let blank = " ".repeat(widths[column] - measure_text_width(cell));
            line +=
                &if column == 0 { format!("{cell}{blank}") } else { format!("  {blank}{cell}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
