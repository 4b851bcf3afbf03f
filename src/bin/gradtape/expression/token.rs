//! Tokens: numbers, names and signs, each with its place in the text.

use super::problem::{Problem, steers};
use std::ops::Range;

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Number(f64),
    Name(String),
    /// A name in backquotes: always that of a variable.
    Quoted(String),
    /// An operator, a bracket or a comma.
    Sign(&'static str),
    End,
}

/// The signs; of two that begin alike the longer one comes first.
const SIGNS: [&str; 18] =
    ["<=", ">=", "==", "!=", "+", "-", "*", "/", "%", "^", "(", ")", ",", ";", "<", ">", "=", "|"];

/// What people write for a sign that is another here.
const INSTEAD: [(&str, &str); 14] = [
    ("**", "^"),
    ("&&", "and"),
    ("||", "or"),
    ("!", "not"),
    ("×", "*"),
    ("·", "*"),
    ("⋅", "*"),
    ("÷", "/"),
    ("−", "-"),
    ("²", "^2"),
    ("³", "^3"),
    ("≤", "<="),
    ("≥", ">="),
    ("π", "pi"),
];

/// Read a text. The last token is [`Token::End`].
pub fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, Problem> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (token, length) = token(text, at, c)?;
        found.push((token, at..at + length));
        at += length;
    }
    found.push((Token::End, at..at));
    Ok(found)
}

fn token(text: &str, at: usize, c: char) -> Result<(Token, usize), Problem> {
    let rest = &text[at..];
    if c.is_ascii_digit() || c == '.' {
        return number(rest, at);
    }
    if c == '`' {
        return match rest[1..].split_once('`') {
            Some((name, _)) if !name.is_empty() => Ok((Token::Quoted(name.into()), name.len() + 2)),
            _ => Problem::new(at..at + 1, "a name in backquotes has no end: write `name`"),
        };
    }
    let length = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
    if c != 'π' && length > 0 {
        return Ok((Token::Name(rest[..length].into()), length));
    }
    let instead = INSTEAD.iter().find(|(theirs, _)| rest.starts_with(theirs));
    // `!=` is a sign, `!` is none.
    if let Some((theirs, ours)) = instead.filter(|_| !rest.starts_with("!=")) {
        return Problem::new(
            at..at + theirs.len(),
            format!("`{theirs}` is not known: write `{ours}`"),
        );
    }
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(&"|") => Problem::new(at..at + 1, "`|` is not known: write abs(x) for |x|"),
        Some(sign) => Ok((Token::Sign(sign), sign.len())),
        None => {
            let what = if steers(c) { "this character" } else { &format!("`{c}`") };
            let advice = "numbers, names, + - * / % ^, comparisons, brackets and commas are known";
            Problem::new(at..at + c.len_utf8(), format!("{what} is not known: {advice}"))
        }
    }
}

/// Whether a character may stand in a name.
fn in_name(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit() || c == '_' || ('₀'..='₉').contains(&c)
}

/// A number as Rust reads it: `1`, `1.5`, `.5`, `1.`, `1e-3`.
fn number(rest: &str, at: usize) -> Result<(Token, usize), Problem> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut length = digits(0);
    if bytes.get(length) == Some(&b'.') {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = bytes.get(length + 1 + sign..).map_or(0, |_| digits(length + 1 + sign));
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    // A second point belongs to it, to be shown.
    let is_whole = bytes.get(length) != Some(&b'.');
    let whole = &rest[..length + usize::from(!is_whole)];
    let read = whole.parse::<f64>().ok().filter(|_| is_whole);
    let Some(number) = read else {
        let message = format!("`{whole}` is not a number: write one like 1.5 or 1e-3");
        return Problem::new(at..at + whole.len(), message);
    };
    match number.is_finite() {
        true => Ok((Token::Number(number), length)),
        false => Problem::new(
            at..at + length,
            "this number is too large: the largest is 1.7976931348623157e308; write inf for infinity",
        ),
    }
}
