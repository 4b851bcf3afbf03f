//! Text that fits where it stands, whatever sans-serif font it is shown in.

use super::super::escape::markup;

/// The advance of a character in a wide bold font (DejaVu Sans Bold, rounded up), in thousandths of the
/// font's size. What is not in the table is taken for an ideograph or an emoji.
fn advance(c: char) -> i64 {
    const CLASSES: [(&str, i64); 14] = [
        ("'ijl", 350),
        (" ,./:;IJ\\|", 400),
        ("-f", 450),
        ("!()[]_`rt", 500),
        ("\"*–²∂", 550),
        ("?csz", 600),
        ("Lx", 650),
        ("$0123456789EFTaekovy", 700),
        ("CPSYZbdghnpqu{}", 750),
        ("ABKRVX", 800),
        ("#+<=>DGHNOQU^~×", 850),
        ("&w", 950),
        ("%@Mm…", 1050),
        ("W", 1150),
    ];
    const OTHER: i64 = 1500;
    CLASSES.iter().find(|(class, _)| class.contains(c)).map_or(OTHER, |&(_, advance)| advance)
}

/// Bound the width of a text.
pub(super) fn width(text: &str, size: f64) -> i64 {
    let thousandths: i64 = text.chars().map(advance).sum();
    (thousandths as f64 * size / 1000.0).ceil() as i64
}

/// One line that is not wider than there is room; if it had to be cut, it ends in `…`. Escaped.
pub(super) fn fitting(text: &str, size: f64, room: i64) -> String {
    // A label may have any length: what could never fit is not looked at.
    let most = room.max(0) as usize;
    let is_long = text.chars().nth(most).is_some();
    let mut line: String =
        text.chars().take(most).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    if is_long || width(&line, size) > room {
        line.push('…');
        while width(&line, size) > room && line.len() > '…'.len_utf8() {
            line.pop();
            line.pop();
            line.push('…');
        }
    }
    markup(line.trim_start())
}

#[cfg(test)]
mod tests {
    use super::{fitting, width};

    #[test]
    fn what_fits_is_whole_and_what_does_not_is_cut() {
        assert_eq!(fitting("w1 * dose", 12.0, 140), "w1 * dose");
        assert_eq!(fitting("", 12.0, 140), "");
        let cut = fitting(&"softplus ".repeat(9), 12.0, 100);
        assert!(cut.starts_with("softplus so") && cut.ends_with('…'), "{cut}");
        assert!(width(&cut, 12.0) <= 100);
        assert_eq!(fitting(&"long".repeat(1 << 20), 12.0, 20), "l…");
    }

    #[test]
    fn what_it_shows_is_one_line_and_safe() {
        assert_eq!(fitting("a\nb\tc", 12.0, 140), "a b c");
        assert_eq!(fitting("<&\"'>", 12.0, 140), "&lt;&amp;&quot;&#39;&gt;");
        assert_eq!(fitting("bell\u{7}", 12.0, 140), "bell\u{fffd}");
    }
}
