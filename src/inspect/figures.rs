//! Numbers in print: rounded, marked where they are not finite; zeros with a reason.

use super::{Reach, ReportNode};
use crate::real::words::number;

/// Write a number with so many significant digits, as briefly as it goes; exactly, if that is no longer.
///
/// It is never longer than `digits` + 7 characters: a sign, a point, and an exponent of five.
pub(super) fn digits(x: f64, digits: usize) -> String {
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
pub(super) fn marked(x: f64, count: usize) -> String {
    let mark = if x.is_finite() { "" } else { "!" };
    format!("{mark}{}", digits(x, count))
}

/// Why an adjoint is 0, if not because the slope is.
pub(super) fn why_zero(node: &ReportNode) -> Option<Reach> {
    // `inf * 0` is NaN also where an operation is constant.
    let is_reason = node.adjoint == 0.0 && node.reach != Reach::Connected;
    is_reason.then_some(node.reach)
}

#[cfg(test)]
mod tests {
    use super::digits;

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
