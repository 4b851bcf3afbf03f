//! Text on one line: what would disturb it is written out, and what is too wide is cut.

use std::fmt;
use std::ops::RangeInclusive;

/// The places of a line, by default.
pub(crate) const WIDTH: usize = 100;

/// The places of a line, given those asked for: 0 is as wide as it comes, and the narrowest line holds a node
/// and a number of 17 digits.
pub(crate) fn width_option(asked: usize) -> usize {
    if asked == 0 { usize::MAX } else { asked.max(40) }
}

/// Characters that show nothing themselves but turn, join or break what stands around them: Unicode's formats, its
/// separators of lines, and what is no character.
const UNSEEN: [RangeInclusive<char>; 13] = [
    '\u{00ad}'..='\u{00ad}',
    '\u{034f}'..='\u{034f}',
    '\u{061c}'..='\u{061c}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{fff0}'..='\u{fffb}',
    '\u{fffe}'..='\u{ffff}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Whether a terminal would obey a character instead of showing it.
pub(crate) fn steers(c: char) -> bool {
    c.is_control() || !c.is_ascii() && UNSEEN.iter().any(|range| range.contains(&c))
}

/// Write a text with what a terminal would obey instead of showing it as escapes: a newline as `\n`.
pub(crate) fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match steers(c) {
            true => line.extend(c.escape_default()),
            false => line.push(c),
        }
    }
    line
}

/// Blocks of letters that run from right to left, with the digits among them.
const RIGHT_TO_LEFT: [RangeInclusive<char>; 5] = [
    '\u{0590}'..='\u{08ff}',
    '\u{fb1d}'..='\u{fdff}',
    '\u{fe70}'..='\u{fefe}',
    '\u{10800}'..='\u{10fff}',
    '\u{1e800}'..='\u{1efff}',
];

/// The signs that isolate what is between them.
pub(crate) const ISOLATES: [char; 2] = ['\u{2068}', '\u{2069}'];

/// A name for a drawing: if it has letters that run from right to left it is isolated, for they turn numbers beside
/// them round, `-6.5` into `6.5-`.
pub(crate) fn isolated(name: &str) -> String {
    let turns = |c: char| !c.is_ascii() && RIGHT_TO_LEFT.iter().any(|range| range.contains(&c));
    let [open, close] = ISOLATES;
    if name.contains(turns) { format!("{open}{name}{close}") } else { name.into() }
}

/// Passes text on as [`on_one_line`] writes it. The message of every error goes through it, for names of the user's
/// stand in it.
pub(crate) struct OneLine<W>(pub W);

impl<W: fmt::Write> fmt::Write for OneLine<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match text.contains(steers) {
            true => self.0.write_str(&on_one_line(text)),
            false => self.0.write_str(text),
        }
    }
}

/// A name in backquotes, on one line.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", on_one_line(name))
}

/// Name a node: its label, or its index as `%12` if it has none that shows. A label that several nodes have, or that could be read as a
/// number or an index, is followed by the index.
pub(crate) fn node_name(label: Option<&str>, index: usize, is_repeated: bool) -> String {
    let is_odd = |label: &str| label.trim_start_matches('%').parse::<f64>().is_ok();
    match label {
        None => format!("%{index}"),
        Some(label) if label.trim().is_empty() => format!("%{index}"),
        Some(label) if is_repeated || is_odd(label) => format!("{label} (%{index})"),
        Some(label) => label.to_string(),
    }
}

/// Whether a name is read as one whatever stands beside it: `%12`, `w1`, `layer[0]`, `0.5`, but not
/// `-2`, `1e-5`, `x²` or `a b`.
pub(crate) fn is_word(name: &str) -> bool {
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return name.chars().all(|c| c.is_ascii_digit() || c == '.');
    }
    let in_word = |c: char| {
        let is_sign = "_%.'[]".contains(c) || ISOLATES.contains(&c);
        c.is_alphabetic() || c.is_ascii_digit() || ('₀'..='₉').contains(&c) || is_sign
    };
    name.chars().all(in_word)
}

/// List the first few items as they are `shown`, and say how many more there are, which are only counted.
pub(crate) fn list<T>(
    items: impl IntoIterator<Item = T>,
    shown: impl FnMut(T) -> String,
    most: usize,
) -> String {
    let mut items = items.into_iter();
    let shown: Vec<String> = items.by_ref().take(most).map(shown).collect();
    match items.count() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Characters that take no place of their own: accents, joiners, variation selectors.
const NARROW: [[u32; 2]; 7] = [
    [0x0300, 0x036F],
    [0x1AB0, 0x1AFF],
    [0x1DC0, 0x1DFF],
    [0x200C, 0x200D],
    [0x20D0, 0x20FF],
    [0xFE00, 0xFE0F],
    [0xFE20, 0xFE2F],
];

/// Characters that a terminal shows two places wide: East Asian ones and emoji.
const WIDE: [[u32; 2]; 12] = [
    [0x1100, 0x115F],
    [0x2E80, 0x303E],
    [0x3041, 0xA4CF],
    [0xAC00, 0xD7A3],
    [0xF900, 0xFAFF],
    [0xFE30, 0xFE6F],
    [0xFF00, 0xFF60],
    [0xFFE0, 0xFFE6],
    [0x1F300, 0x1F64F],
    [0x1F680, 0x1F6FF],
    [0x1F900, 0x1FAFF],
    [0x20000, 0x3FFFD],
];

fn is_in(c: char, ranges: &[[u32; 2]]) -> bool {
    // All ranges lie above ASCII, and most text does not.
    !c.is_ascii() && ranges.iter().any(|&[first, last]| (first..=last).contains(&(c as u32)))
}

/// The places that a character takes on a terminal.
fn places(c: char) -> usize {
    match c {
        _ if is_in(c, &NARROW) => 0,
        _ if is_in(c, &WIDE) => 2,
        _ => 1,
    }
}

/// The places that a text takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(places).sum() }
}

/// Cut a text that takes more than `most` places, and end it with `…`.
pub(crate) fn cut(text: String, most: usize) -> String {
    cut_with(text, most, "…")
}

/// Cut a text that takes more than `most` places, and end it with these dots.
pub(crate) fn cut_with(text: String, most: usize, dots: &str) -> String {
    if width(&text) <= most {
        return text;
    }
    let mut taken = width(dots);
    let fits = |c: &char| {
        taken += places(*c);
        taken <= most
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut += dots;
    cut
}

/// Cut a name that takes more than `most` places in its middle: names that begin alike differ at their ends.
pub(crate) fn cut_middle(text: String, most: usize) -> String {
    if width(&text) <= most || most < 3 {
        return cut(text, most);
    }
    let head = cut_with(text.clone(), most / 2, "");
    let mut left = most - 1 - width(&head);
    let fits = |c: &char| {
        let fits = places(*c) <= left;
        left -= places(*c) * usize::from(fits);
        fits
    };
    let tail: Vec<char> = text.chars().rev().take_while(fits).collect();
    format!("{head}…{}", tail.into_iter().rev().collect::<String>())
}

/// Cut a list of words between two of them if it is too wide; a first word that is too wide is cut itself.
pub(crate) fn cut_list(text: String, most: usize) -> String {
    if width(&text) <= most {
        return text;
    }
    let mut end = None;
    for (at, _) in text.match_indices(' ') {
        if width(&text[..at]) + 2 > most {
            break;
        }
        end = Some(at);
    }
    match end {
        Some(end) => format!("{} …", &text[..end]),
        None => cut(text, most),
    }
}

/// Pad on the left, or on the right, to a number of places.
pub(crate) fn pad(text: &str, places: usize, right: bool) -> String {
    let blank = " ".repeat(places.saturating_sub(width(text)));
    if right { blank + text } else { text.to_string() + &blank }
}

/// Break a sentence into lines at its spaces; a word that is too wide is cut.
pub(crate) fn folded(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word = cut(word.to_string(), most);
        let last = lines.len() - 1;
        if lines[last].is_empty() {
            lines[last] = word;
        } else if width(&lines[last]) + 1 + width(&word) <= most {
            lines[last] += " ";
            lines[last] += &word;
        } else {
            lines.push(word);
        }
    }
    lines
}

/// Write text so that it stands for itself in HTML, XML and SVG, also inside a quoted attribute. Characters
/// that XML cannot hold become `\u{fffd}`.
pub(crate) fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\r' | '\t' => out.push_str(&format!("&#{};", c as u32)),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}');
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{cut, cut_list, cut_middle, folded, list, node_name, on_one_line, quoted, width};

    #[test]
    fn wide_characters_and_accents_count_as_they_are_seen() {
        assert_eq!(["abc", "β", "重み", "😀", "e\u{301}"].map(width), [3, 1, 4, 2, 1]);
    }

    #[test]
    fn what_is_cut_says_so_and_fits() {
        let cut = |text: &str, most| cut(text.into(), most);
        assert_eq!(cut("weights", 7), "weights");
        assert_eq!(cut("weights", 4), "wei…");
        assert_eq!(cut("重み重み", 4), "重…");
        assert_eq!(cut("weights", 1), "…");
    }

    #[test]
    fn a_name_is_cut_in_its_middle() {
        let cut_middle = |text: &str, most| cut_middle(text.into(), most);
        assert_eq!(cut_middle("layer 1.w[0,3]", 14), "layer 1.w[0,3]");
        assert_eq!(cut_middle("layer 1.weight[0,3]", 14), "layer 1…t[0,3]");
        assert_eq!(cut_middle("layer 1.w[0,3]", 2), "l…");
        assert_eq!(cut_middle("重み重み重み", 7), "重…重み");
        for most in 0..14 {
            assert!(width(&cut_middle("e\u{301}e\u{301}重😀ab重みcd", most)) <= most.max(1));
        }
    }

    #[test]
    fn a_list_is_cut_between_its_words() {
        let cut_list = |text: &str, most| cut_list(text.into(), most);
        assert_eq!(cut_list("0.25 0.5 1", 10), "0.25 0.5 1");
        assert_eq!(cut_list("0.25 0.5 1", 9), "0.25 …");
        assert_eq!(cut_list("0.25 0.5 1", 3), "0.…");
    }

    #[test]
    fn a_sentence_is_broken_between_words() {
        assert_eq!(folded("one two three", 7), ["one two", "three"]);
        assert_eq!(folded("unbreakable", 5), ["unbr…"]);
    }

    #[test]
    fn a_line_stays_a_line_and_shows_what_is_in_it() {
        assert_eq!(on_one_line("a\nb\t\u{1b}[31m\u{202e}c\u{2028}"), {
            "a\\nb\\t\\u{1b}[31m\\u{202e}c\\u{2028}"
        });
        assert_eq!(on_one_line("<β & \"naïve\" 😀>"), "<β & \"naïve\" 😀>");
    }

    #[test]
    fn a_list_says_how_much_it_leaves_out() {
        let list = |n: usize| list(0..n, |i| quoted(&i.to_string()), 3);
        assert_eq!(list(0), "");
        assert_eq!(list(3), "`0`, `1`, `2`");
        assert_eq!(list(5), "`0`, `1`, `2` and 2 more");
        let mut written = 0;
        let long = super::list(0..1_000_000, |i| (written += 1, i.to_string()).1, 3);
        assert_eq!((long.as_str(), written), ("0, 1, 2 and 999997 more", 3));
    }

    #[test]
    fn a_name_stands_for_one_node() {
        assert_eq!(node_name(None, 3, false), "%3");
        assert_eq!(["", " ", "\u{3000}"].map(|label| node_name(Some(label), 3, true)), ["%3"; 3]);
        assert_eq!(node_name(Some("w"), 3, false), "w");
        assert_eq!(node_name(Some("w"), 3, true), "w (%3)");
        let odd = ["12", "%7", "-0.5", "NaN"].map(|label| node_name(Some(label), 3, false));
        assert_eq!(odd, ["12 (%3)", "%7 (%3)", "-0.5 (%3)", "NaN (%3)"]);
    }
}
