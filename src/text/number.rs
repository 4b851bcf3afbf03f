//! Numbers, counts and lengths.

use super::line::list;

/// The significant digits of a number, by default.
pub(crate) const DIGITS: usize = 6;

/// The digits to print, given those asked for: of more than 17 none says anything.
pub(crate) fn digits_option(asked: usize) -> usize {
    asked.clamp(1, 17)
}

/// Write a number as briefly as it can be read back: very large and very small ones with an exponent.
///
/// `Display` writes 1e300 with all its zeros; `Debug` does not, but gives every integer a `.0`.
pub(crate) fn number(x: f64) -> String {
    let text = format!("{x:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}

/// Write a number with so many significant digits, as briefly as it goes; exactly, if that is no longer.
///
/// It is never longer than `digits` + 7 characters: a sign, a point, and an exponent of five.
pub(crate) fn digits(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return x.to_string();
    }
    let exact = number(x);
    let rounded = format!("{x:.*e}", digits.max(1) - 1);
    let Some((mantissa, exponent)) = rounded.split_once('e') else { return exact };
    let power: i32 = exponent.parse().unwrap_or(0);
    let plain = (-5..digits as i32).contains(&power);
    let short = match plain {
        true => trimmed(&format!("{x:.*}", (digits as i32 - 1 - power).max(0) as usize)),
        false => format!("{}e{power}", trimmed(mantissa)),
    };
    if exact.len() <= short.len() { exact } else { short }
}

/// Without zeros after the last digit that says something.
fn trimmed(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    }
}

/// A number, with a mark in front if it is NaN or infinite: `!NaN`.
pub(crate) fn marked(x: f64, count: usize) -> String {
    let mark = if x.is_finite() { "" } else { "!" };
    format!("{mark}{}", digits(x, count))
}

/// Count things: `1 term`, `2 terms`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let (stem, ending) = match (count, noun.strip_suffix('y')) {
        (1, _) => (noun, ""),
        (_, Some(stem)) => (stem, "ies"),
        (_, None) if noun.ends_with('s') => (noun, "es"),
        (_, None) => (noun, "s"),
    };
    format!("{count} {stem}{ending}")
}

/// Write the first few of many numbers: `[1, 2, 3]`, or `[1, 2, 3, 4, 5, 6 and 94 more]`.
pub(crate) fn brief(numbers: &[f64]) -> String {
    format!("[{}]", list(numbers.iter(), |&x| number(x), 6))
}

/// Refuse two lists that do not go together.
///
/// # Panics
/// If they differ in length.
#[track_caller]
pub(crate) fn assert_same_length(what: &str, found: usize, of: &str, expected: usize) {
    assert!(
        found == expected,
        "{what} has {}, but {of} has {expected}: give one for each",
        counted(found, "entry")
    );
}

#[cfg(test)]
mod tests {
    use super::{counted, digits, number};

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
    fn a_number_is_short_and_rounded() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (-0.5, "-0.5"),
            (20.423597677589214, "20.4236"),
            (-15.655108380577747, "-15.6551"),
            (1e-9, "1e-9"),
            (-1.234e120, "-1.234e120"),
            (123456.7, "123457"),
            (1234567.0, "1234567"),
            (12345678.9, "1.23457e7"),
            (0.00001234567, "1.234567e-5"),
            (0.0000123456789, "0.0000123457"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (x, text) in cases {
            assert_eq!(digits(x, 6), text);
        }
        for x in [-1.2345678e-300, f64::MIN, f64::MIN_POSITIVE, -9.99999999e-6, 999999.96] {
            assert!(digits(x, 6).len() <= 13, "{}", digits(x, 6));
        }
    }
}
