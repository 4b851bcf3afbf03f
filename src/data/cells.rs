//! What one cell of a file says: a number, a word, nothing.

/// How the cells of a file are written.
#[derive(Clone, Debug)]
pub(super) struct Notation {
    /// A comma stands before the decimals, not a point.
    pub decimal_comma: bool,
    /// What stands in a cell that is missing, beside nothing at all and `NaN`.
    pub missing: Vec<String>,
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Number(f64),
    Word(&'a str),
    Missing,
    /// A number that is no `f64`: `1e999`.
    TooLarge(&'a str),
}

impl Notation {
    /// Read a cell. Spaces around it count for nothing.
    pub fn cell<'a>(&self, text: &'a str) -> Cell<'a> {
        let text = text.trim();
        match self.number(text) {
            Some(x) if x.is_finite() => Cell::Number(x),
            // What is written in letters is infinite on purpose; with digits it is a number that does not fit.
            Some(x) if !x.is_nan() && text.contains(|c: char| c.is_ascii_digit()) => {
                Cell::TooLarge(text)
            }
            Some(x) if !x.is_nan() => Cell::Number(x),
            Some(_) => Cell::Missing,
            None if text.is_empty() || self.missing.iter().any(|missing| missing == text) => {
                Cell::Missing
            }
            None => Cell::Word(text),
        }
    }

    fn number(&self, text: &str) -> Option<f64> {
        // A point is then for thousands, which no `f64` is written with.
        match self.decimal_comma && text.contains([',', '.']) {
            true if text.contains('.') => None,
            true => text.replace(',', ".").parse().ok(),
            false => text.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Notation};

    #[test]
    fn a_cell_is_a_number_a_word_or_missing() {
        let missing = vec!["NA".into(), "?".into()];
        let plain = Notation { decimal_comma: false, missing };
        let comma = Notation { decimal_comma: true, ..plain.clone() };
        for (text, expected) in [
            (" 1.5 ", Cell::Number(1.5)),
            ("-1e-3", Cell::Number(-1e-3)),
            ("+.5", Cell::Number(0.5)),
            ("", Cell::Missing),
            ("  ", Cell::Missing),
            ("nan", Cell::Missing),
            ("NA", Cell::Missing),
            ("?", Cell::Missing),
            ("inf", Cell::Number(f64::INFINITY)),
            ("1e999", Cell::TooLarge("1e999")),
            ("1,5", Cell::Word("1,5")),
            ("1_000", Cell::Word("1_000")),
            ("0x10", Cell::Word("0x10")),
            ("12.a", Cell::Word("12.a")),
        ] {
            assert_eq!(plain.cell(text), expected, "{text}");
        }
        assert_eq!(comma.cell("1,5"), Cell::Number(1.5));
        assert_eq!(comma.cell("-2"), Cell::Number(-2.0));
        assert_eq!(comma.cell("1.000,5"), Cell::Word("1.000,5"));
        assert_eq!(comma.cell("1,2,3"), Cell::Word("1,2,3"));
    }
}
