//! Numbers, counts and names in messages.

use std::ops::RangeInclusive;

/// Write a number as briefly as it can be read back: very large and very small ones with an exponent.
///
/// `Display` writes 1e300 with all its zeros; `Debug` does not, but gives every integer a `.0`.
pub(crate) fn number(x: f64) -> String {
    let text = format!("{x:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}

/// Count things: `1 term`, `2 terms`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let (stem, ending) = match (count, noun.strip_suffix('y')) {
        (1, _) => (noun, ""),
        (_, Some(stem)) => (stem, "ies"),
        (_, None) => (noun, "s"),
    };
    format!("{count} {stem}{ending}")
}

/// Characters that show nothing themselves but turn, join or break what stands around them.
const UNSEEN: [RangeInclusive<char>; 7] = [
    '\u{061c}'..='\u{061c}',
    '\u{200b}'..='\u{200b}',
    '\u{200e}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
];

/// Write a text with what a terminal would obey instead of showing it as escapes: a newline as `\n`.
pub(crate) fn on_one_line(text: &str) -> String {
    let steers =
        |c: char| c.is_control() || !c.is_ascii() && UNSEEN.iter().any(|range| range.contains(&c));
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match steers(c) {
            true => line.extend(c.escape_default()),
            false => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{counted, number, on_one_line};

    #[test]
    fn a_number_is_brief_and_reads_back() {
        let cases = [
            (2.0, "2"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (1e-4, "0.0001"),
            (-1e-300, "-1e-300"),
            (1.5e300, "1.5e300"),
            (f64::INFINITY, "inf"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        ];
        for (x, brief) in cases {
            assert_eq!(number(x), brief);
            assert_eq!(brief.parse::<f64>().map(f64::to_bits), Ok(x.to_bits()));
        }
        assert_eq!(number(f64::NAN), "NaN");
    }

    #[test]
    fn one_thing_is_not_many() {
        let counts = [0, 1, 2].map(|n| counted(n, "term"));
        assert_eq!(counts, ["0 terms", "1 term", "2 terms"]);
        assert_eq!([1, 2].map(|n| counted(n, "entry")), ["1 entry", "2 entries"]);
    }

    #[test]
    fn a_line_stays_a_line_and_shows_what_is_in_it() {
        assert_eq!(on_one_line("a\nb\t\u{1b}[31m\u{202e}c\u{2028}"), {
            "a\\nb\\t\\u{1b}[31m\\u{202e}c\\u{2028}"
        });
        assert_eq!(on_one_line("<β & \"naïve\" 😀>"), "<β & \"naïve\" 😀>");
    }
}
