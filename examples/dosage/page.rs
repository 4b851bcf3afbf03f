//! Numbers, paragraphs and tables of a plain text page.

use std::error::Error;
use std::io::Write;

/// What writing a part of the page returns.
pub type Done = Result<(), Box<dyn Error>>;

/// Six decimals.
pub fn six(x: f64) -> String {
    decimals(x, 6)
}

/// Four decimals.
pub fn four(x: f64) -> String {
    decimals(x, 4)
}

/// A number without the sign of what rounds to 0: the last bits of `exp` differ between machines.
fn decimals(x: f64, digits: usize) -> String {
    let text = format!("{x:.digits$}");
    match text.trim_matches(['-', '0', '.']).is_empty() {
        true => text.trim_start_matches('-').to_string(),
        false => text,
    }
}

/// Six decimals, a negative number in parentheses.
pub fn negative(x: f64) -> String {
    if x < 0.0 { format!("({})", six(x)) } else { six(x) }
}

/// A title, underlined.
pub fn heading(out: &mut impl Write, title: &str) -> Done {
    Ok(write!(out, "\n\n{title}\n{}\n", "=".repeat(title.chars().count()))?)
}

/// A paragraph.
pub fn text(out: &mut impl Write, text: &str) -> Done {
    Ok(write!(out, "\n{text}\n")?)
}

/// A table with right-aligned columns.
pub fn table(out: &mut impl Write, headings: &[&str], rows: &[Vec<String>]) -> Done {
    let headings: Vec<String> = headings.iter().map(|heading| heading.to_string()).collect();
    let all = || std::iter::once(&headings).chain(rows);
    let width = |column: usize| all().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    writeln!(out)?;
    for row in all() {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}"));
        writeln!(out, "    {}", cells.collect::<Vec<String>>().join("  ").trim_end())?;
    }
    Ok(())
}
