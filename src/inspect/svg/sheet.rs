//! What every part of the picture is drawn from, and text that fits where it stands, whatever sans-serif font it
//! is shown in.

use crate::inspect::Report;
use crate::inspect::layout::{Groups, Layout};
use crate::inspect::name::Names;
use crate::text::{ISOLATES, isolated, markup};
use crate::{Node, Reach};

/// What every part of the picture is drawn from.
pub(super) struct Sheet<'a> {
    pub report: &'a Report,
    pub names: Names<'a>,
    pub layout: &'a Layout,
    /// The groups, and which of them is drawn, if it is not the whole tape node by node.
    pub groups: Option<(&'a Groups, usize)>,
}

/// Tell whether the output does not depend on a node.
pub(super) fn is_apart(node: &Node) -> bool {
    node.reach == Reach::NotConnected
}

/// Tell whether a number of a node is NaN or infinite.
pub(super) fn is_bad(node: &Node) -> bool {
    !node.value.is_finite() || !node.adjoint.is_finite()
}

/// How a text is set: its size in pixels, and whether it is bold.
#[derive(Clone, Copy)]
pub(super) struct Font {
    size: f64,
    bold: bool,
}

/// A font of ordinary weight.
pub(super) const fn regular(size: f64) -> Font {
    Font { size, bold: false }
}

/// A bold font.
pub(super) const fn bold(size: f64) -> Font {
    Font { size, bold: true }
}

/// Bounds of the advances of characters in a wide font, regular and bold, in thousandths of its size: those
/// of DejaVu Sans, rounded up.
const ADVANCES: [(&str, i64, i64); 14] = [
    ("'ijl", 280, 350),
    (" ,./:;IJ\\|", 340, 400),
    ("-f", 365, 450),
    ("!()[]_`rt", 505, 505),
    ("\"*–²∂", 525, 550),
    ("?csz", 555, 600),
    ("Lx", 600, 670),
    ("$0123456789EFTaekovy", 640, 700),
    ("CPSYZbdghnpqu{}", 700, 750),
    ("ABKRVX", 700, 800),
    ("#+<=>DGHNOQU^~×", 840, 855),
    ("&w", 820, 930),
    ("%@Mm…", 1000, 1045),
    ("W", 1000, 1110),
];
/// What is not in the table is taken for an ideograph or an emoji.
const OTHER: i64 = 1500;

/// Bound the width of a text.
pub(super) fn width(text: &str, font: Font) -> i64 {
    let advance = |c| match ADVANCES.iter().find(|(class, ..)| class.contains(c)) {
        Some(&(_, _, bold)) if font.bold => bold,
        Some(&(_, regular, _)) => regular,
        None if ISOLATES.contains(&c) => 0,
        None => OTHER,
    };
    let thousandths: i64 = text.chars().map(advance).sum();
    (thousandths as f64 * font.size / 1000.0).ceil() as i64
}

/// One line that is not wider than there is room; if it had to be cut, it ends in `…`. Escaped.
pub(super) fn fitting(text: &str, font: Font, room: i64) -> String {
    // A label may have any length: what could never fit is not looked at.
    let most = room.max(0) as usize;
    let is_long = text.chars().nth(most).is_some();
    let mut line: String =
        text.chars().take(most).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    if is_long || width(&line, font) > room {
        line.push('…');
        while width(&line, font) > room && line.len() > '…'.len_utf8() {
            line.pop();
            line.pop();
            line.push('…');
        }
    }
    // What is isolated ends where the text does.
    let [open, close] = ISOLATES.map(|sign| line.matches(sign).count());
    line.extend(std::iter::repeat_n(ISOLATES[1], open.saturating_sub(close)));
    markup(line.trim_start())
}

/// A name that is not wider than there is room; names that begin alike differ at their ends, so it is cut in its middle.
/// Escaped.
pub(super) fn fitting_name(name: &str, font: Font, room: i64) -> String {
    let letters: Vec<char> = name.chars().filter(|c| !ISOLATES.contains(c)).collect();
    let most = letters.len().min(room.max(0) as usize);
    let cut = |kept: usize| -> String {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let end = &letters[letters.len() - tail..];
        letters[..head].iter().chain(&['…']).chain(end).collect()
    };
    if most == letters.len() && width(name, font) <= room {
        return fitting(name, font, room);
    }
    let fits = (0..most).rev().map(cut).find(|name| width(name, font) <= room);
    fitting(&isolated(&fits.unwrap_or_default()), font, room)
}

#[cfg(test)]
mod tests {
    use super::{fitting, fitting_name, regular, width};

    #[test]
    fn what_fits_is_whole_and_what_does_not_is_cut() {
        assert_eq!(fitting("w1 * dose", regular(12.0), 140), "w1 * dose");
        assert_eq!(fitting("", regular(12.0), 140), "");
        let cut = fitting(&"softplus ".repeat(9), regular(12.0), 100);
        assert!(cut.starts_with("softplus so") && cut.ends_with('…'), "{cut}");
        assert!(width(&cut, regular(12.0)) <= 100);
        assert_eq!(fitting(&"long".repeat(1 << 20), regular(12.0), 20), "l…");
    }

    #[test]
    fn a_name_is_cut_in_its_middle() {
        let cut = fitting_name("layer 1.weight[0,3]", regular(12.0), 100);
        assert!(cut.starts_with("layer 1") && cut.ends_with("[0,3]") && cut.contains('…'), "{cut}");
        assert!(width(&cut, regular(12.0)) <= 100);
        assert_eq!(fitting_name("w[0,3]", regular(12.0), 100), "w[0,3]");
    }

    #[test]
    fn what_it_shows_is_one_line_and_safe() {
        assert_eq!(fitting("a\nb\tc", regular(12.0), 140), "a b c");
        assert_eq!(fitting("<&\"'>", regular(12.0), 140), "&lt;&amp;&quot;&#39;&gt;");
        assert_eq!(fitting("bell\u{7}", regular(12.0), 140), "bell\u{fffd}");
    }
}
