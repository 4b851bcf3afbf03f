//! [`Problem`]: what is wrong with a text, and where, shown by a caret under the place.

use console::measure_text_width;
use std::fmt::Write;
use std::ops::Range;

/// What is wrong with a text, and at which of its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub at: Range<usize>,
    pub message: String,
}

/// The most places of a line that are shown.
const SHOWN: usize = 72;

impl Problem {
    pub fn new<T>(at: Range<usize>, message: impl Into<String>) -> Result<T, Problem> {
        Err(Problem { at, message: message.into() })
    }

    /// The message, the line of the text that it is about, and carets under the place.
    pub fn show(&self, text: &str) -> String {
        let start = floor(text, self.at.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let end = floor(text, self.at.end).clamp(start, line_end);
        let (before, place) = (seen(&text[line_start..start]), seen(&text[start..end]));
        let (place, cut) = first(&place, SHOWN / 2);
        let after = if cut { String::new() } else { seen(&text[end..line_end]) };
        let before = last(&before, SHOWN / 2);
        let (after, _) =
            first(&after, SHOWN - measure_text_width(&before) - measure_text_width(&place));
        let mut shown = self.message.clone();
        if text.contains('\n') {
            let _ = write!(shown, " (line {})", text[..start].matches('\n').count() + 1);
        }
        let indent = " ".repeat(measure_text_width(&before));
        let carets = "^".repeat(measure_text_width(&place).max(1));
        let _ = write!(shown, "\n  {before}{place}{after}\n  {indent}{carets}");
        shown
    }
}

/// The nearest place between two characters at or before a byte.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Whether a terminal would obey a character, or turn the line around by it, instead of showing it.
pub fn steers(c: char) -> bool {
    let marks = ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{206f}'];
    c.is_control() || c == '\u{feff}' || marks.iter().any(|range| range.contains(&c))
}

/// A text as it is seen: what steers is a `�`.
fn seen(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// The first places of a text, and whether something was cut.
fn first(text: &str, most: usize) -> (String, bool) {
    if measure_text_width(text) <= most {
        return (text.to_string(), false);
    }
    let mut kept = String::new();
    let mut taken = 1;
    for c in text.chars() {
        taken += measure_text_width(c.encode_utf8(&mut [0; 4]));
        if taken > most {
            break;
        }
        kept.push(c);
    }
    (kept + "…", true)
}

/// The last places of a text.
fn last(text: &str, most: usize) -> String {
    if measure_text_width(text) <= most {
        return text.to_string();
    }
    let mut taken = 1;
    let fits = |c: &char| {
        taken += measure_text_width(c.encode_utf8(&mut [0; 4]));
        taken <= most
    };
    let kept: Vec<char> = text.chars().rev().take_while(fits).collect();
    format!("…{}", kept.into_iter().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::Problem;

    fn caret(text: &str, at: std::ops::Range<usize>) -> String {
        Problem { at, message: String::new() }.show(text)
    }

    #[test]
    fn the_caret_stands_under_the_place_whatever_stands_before_it() {
        assert_eq!(caret("a + b", 4..5), "\n  a + b\n      ^");
        assert_eq!(caret("α₁ + b", 8..9), "\n  α₁ + b\n       ^");
        assert_eq!(caret("重み + b", 9..10), "\n  重み + b\n         ^");
        assert_eq!(caret("e\u{301} + b", 6..7), "\n  e\u{301} + b\n      ^");
        assert_eq!(caret("a\t+\u{1b}[31mb", 9..10), "\n  a\u{fffd}+\u{fffd}[31mb\n           ^");
        assert_eq!(caret("a +", 3..3), "\n  a +\n     ^");
        assert_eq!(caret("", 0..0), "\n  \n  ^");
        // Inside a character, and beyond the end.
        assert_eq!(caret("α", 1..9), "\n  α\n  ^");
    }

    #[test]
    fn of_many_lines_and_of_a_long_one_the_part_around_the_place_is_shown() {
        assert_eq!(caret("a = 1;\nb", 7..8), " (line 2)\n  b\n  ^");
        let long = format!("{}?{}", "x+".repeat(1000), "+x".repeat(1000));
        let shown = caret(&long, 2000..2001);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[1].chars().count(), 2 + 72);
        assert_eq!(lines[1].chars().nth(lines[2].len() - 1), Some('?'));
    }
}
