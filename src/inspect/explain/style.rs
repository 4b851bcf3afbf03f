//! Unicode or ASCII, digits, width: lines that never exceed it.

use crate::inspect::options;
use crate::text::{cut_with, digits, on_one_line, width};

/// How an explanation is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub ascii: bool,
    pub digits: usize,
    pub width: usize,
}

impl Default for Style {
    fn default() -> Style {
        Style { ascii: false, digits: options::DIGITS, width: options::WIDTH }
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
        digits(if x == 0.0 { 0.0 } else { x }, self.digits)
    }

    /// The value of a node. Here a zero keeps its sign: `signum(-0)` is -1, and `1 / -0` is -inf.
    pub fn value(&self, x: f64) -> String {
        digits(x, self.digits)
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

    /// Text of the user's or of the op table on one line, and in ASCII all that is not as escapes.
    pub fn text(&self, text: &str) -> String {
        let line = on_one_line(text);
        if !self.ascii {
            return line;
        }
        let mut safe = String::with_capacity(line.len());
        for c in line.chars() {
            match c {
                '²' => safe.push_str("^2"),
                c if c.is_ascii() => safe.push(c),
                c => safe.extend(c.escape_default()),
            }
        }
        safe
    }

    /// The beginning of a text that is too wide, with dots at its end.
    pub fn cut(&self, text: &str, most: usize) -> String {
        cut_with(text.trim_end().to_string(), most, self.dots())
    }

    /// Put pieces side by side after a lead; where a line is full, go on below the first piece, or a little to
    /// the right of the lead if that is long.
    pub fn wrap(&self, lead: &str, pieces: &[String]) -> Vec<String> {
        let indent = match width(lead) {
            long if long > self.width / 2 => width(lead) - width(lead.trim_start()) + 4,
            short => short,
        };
        let mut lines = vec![lead.to_string()];
        for piece in pieces {
            let line = lines.last_mut().expect("the first line");
            let gap = if line.is_empty() || line.ends_with(' ') { "" } else { " " };
            if width(line) + gap.len() + width(piece) > self.width && width(line) > indent {
                lines.push(" ".repeat(indent) + piece);
            } else {
                *line += &format!("{gap}{piece}");
            }
        }
        lines
    }
}

/// The width of the widest cell of each column.
pub(super) fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or(0)
    };
    (0..columns).map(widest).collect()
}
