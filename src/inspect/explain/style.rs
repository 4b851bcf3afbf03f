//! Unicode or ASCII, digits, width: lines that never exceed it.

use crate::inspect::text::steers;
use crate::inspect::words;

/// How an explanation is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub ascii: bool,
    pub digits: usize,
    pub width: usize,
}

impl Default for Style {
    fn default() -> Style {
        Style { ascii: false, digits: 6, width: 100 }
    }
}

impl Style {
    /// The one of two texts that this style has.
    fn either(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }

    pub fn d(&self) -> &'static str {
        self.either("∂", "d")
    }

    pub fn times(&self) -> &'static str {
        self.either("×", "*")
    }

    pub fn tick(&self) -> &'static str {
        self.either("✓", "ok")
    }

    pub fn cross(&self) -> &'static str {
        self.either("✗ ", "")
    }

    pub fn dots(&self) -> &'static str {
        self.either("…", "...")
    }

    /// A number. The sign of a zero says nothing here.
    pub fn number(&self, x: f64) -> String {
        words::digits(if x == 0.0 { 0.0 } else { x }, self.digits)
    }

    /// A constant as it is printed.
    pub fn rounded(&self, x: f64) -> f64 {
        self.number(x).parse().unwrap_or(x)
    }

    /// A number as a factor or an operand: in parentheses if its sign or exponent could be misread.
    pub fn enclosed(&self, x: f64) -> String {
        let number = self.number(x);
        if number.starts_with('-') || number.contains('e') { format!("({number})") } else { number }
    }

    /// Text of the user's or of the op table, with what a terminal would obey as escapes, and in ASCII all
    /// that is not.
    pub fn text(&self, text: &str) -> String {
        let mut safe = String::new();
        for c in text.chars() {
            match c {
                '²' if self.ascii => safe.push_str("^2"),
                c if c.is_ascii_graphic() || c == ' ' => safe.push(c),
                c if self.ascii || steers(c) => safe.extend(c.escape_default()),
                c => safe.push(c),
            }
        }
        safe
    }

    /// The beginning of a text that is too long, with dots at its end.
    pub fn cut(&self, text: &str, width: usize) -> String {
        let text = text.trim_end();
        if text.chars().count() <= width {
            return text.to_string();
        }
        let kept = width.saturating_sub(self.dots().chars().count());
        let beginning: String = text.chars().take(kept).collect();
        beginning + self.dots()
    }

    /// Put pieces side by side after a lead; where a line is full, go on below the first piece, or a little to
    /// the right of the lead if that is long.
    pub fn wrap(&self, lead: &str, pieces: &[String]) -> Vec<String> {
        let length = |text: &str| text.chars().count();
        let indent = match length(lead) {
            long if long > self.width / 2 => length(lead) - length(lead.trim_start()) + 4,
            short => short,
        };
        let mut lines = vec![lead.to_string()];
        for piece in pieces {
            let line = lines.last_mut().expect("the first line");
            let gap = if line.is_empty() || line.ends_with(' ') { "" } else { " " };
            if length(line) + gap.len() + length(piece) > self.width && length(line) > indent {
                lines.push(" ".repeat(indent) + piece);
            } else {
                *line += &format!("{gap}{piece}");
            }
        }
        lines
    }
}

/// Pad on the left, or on the right, to a number of characters.
pub(super) fn pad(text: &str, width: usize, right: bool) -> String {
    let blank = " ".repeat(width.saturating_sub(text.chars().count()));
    if right { blank + text } else { text.to_string() + &blank }
}

/// The lengths of the longest cells of each column.
pub(super) fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    (0..columns).map(width).collect()
}
