//! A JSON value in print.
//!
//! The page carries its data as JSON also where the crate is built without its reader, so the few lines that
//! write it are here.

use crate::text::steers;
use std::fmt::{self, Write};

/// A JSON value to be printed.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::inspect) enum Value {
    Null,
    Bool(bool),
    Integer(usize),
    /// The shortest digits that read back to the same bits; `"NaN"`, `"inf"` and `"-inf"` as strings, for
    /// JSON has no such numbers.
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(&'static str, Value)>),
    /// An object whose names are not known beforehand.
    Map(Vec<(String, Value)>),
}

impl Value {
    pub fn list<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Value {
        Value::List(items.into_iter().map(Into::into).collect())
    }

    /// Tell whether there is a list of objects in it that say more than one thing.
    fn is_large(&self) -> bool {
        match self {
            Value::List(items) => items.iter().any(|item| match item {
                Value::Object(fields) => fields.len() > 1 || item.is_large(),
                item => item.is_large(),
            }),
            Value::Object(fields) => fields.iter().any(|(_, value)| value.is_large()),
            _ => false,
        }
    }

    /// Print in one line; if it stands at a depth, it is broken where that is pretty.
    pub fn print(&self, f: &mut fmt::Formatter<'_>, depth: Option<usize>) -> fmt::Result {
        let depth = depth.filter(|_| self.is_large());
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(x) => write!(f, "{x}"),
            Value::Integer(x) => write!(f, "{x}"),
            // Most readers take `-0` for an integer, which has no sign.
            Value::Number(x) if *x == 0.0 && x.is_sign_negative() => f.write_str("-0.0"),
            Value::Number(x) if x.is_finite() => f.write_str(&crate::text::number(*x)),
            Value::Number(x) => write!(f, "\"{x}\""),
            Value::Text(text) => string(f, text),
            Value::List(items) => all(f, ['[', ']'], items.iter().map(|item| (None, item)), depth),
            Value::Object(fields) => {
                all(f, ['{', '}'], fields.iter().map(|(name, item)| (Some(*name), item)), depth)
            }
            Value::Map(fields) => {
                all(f, ['{', '}'], fields.iter().map(|(name, item)| (Some(&**name), item)), depth)
            }
        }
    }
}

impl From<&str> for Value {
    fn from(x: &str) -> Value {
        Value::Text(x.into())
    }
}

impl fmt::Display for Value {
    /// Print without spaces. What could end a `<script>` or a line of one is written as an escape.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f, None)
    }
}

/// Print what is in a list, or in an object under names.
fn all<'v>(
    f: &mut fmt::Formatter<'_>,
    [open, close]: [char; 2],
    items: impl Iterator<Item = (Option<&'v str>, &'v Value)>,
    depth: Option<usize>,
) -> fmt::Result {
    f.write_char(open)?;
    for (i, (name, item)) in items.enumerate() {
        f.write_str(if i == 0 { "" } else { "," })?;
        line(f, depth.map(|depth| depth + 1))?;
        if let Some(name) = name {
            string(f, name)?;
            f.write_str(if depth.is_some() { ": " } else { ":" })?;
        }
        item.print(f, depth.map(|depth| depth + 1))?;
    }
    line(f, depth)?;
    f.write_char(close)
}

/// Begin a line at this depth, if there are lines.
pub(super) fn line(f: &mut fmt::Formatter<'_>, depth: Option<usize>) -> fmt::Result {
    depth.map_or(Ok(()), |depth| write!(f, "\n{:1$}", "", 2 * depth))
}

fn string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => write!(f, "\\u{:04x}", c as u32)?,
            // As JavaScript counts: a character beyond 16 bits is two.
            c if steers(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(f, "\\u{unit:04x}")?;
                }
            }
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
