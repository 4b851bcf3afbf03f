//! A JSON value in print.
//!
//! The page carries its data as JSON also where the crate is built without its reader, so the few lines that
//! write it are here.

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
}

impl From<bool> for Value {
    fn from(x: bool) -> Value {
        Value::Bool(x)
    }
}

impl From<usize> for Value {
    fn from(x: usize) -> Value {
        Value::Integer(x)
    }
}

impl From<f64> for Value {
    fn from(x: f64) -> Value {
        Value::Number(x)
    }
}

impl From<&str> for Value {
    fn from(x: &str) -> Value {
        Value::Text(x.into())
    }
}

impl From<&String> for Value {
    fn from(x: &String) -> Value {
        Value::Text(x.clone())
    }
}

impl From<String> for Value {
    fn from(x: String) -> Value {
        Value::Text(x)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(x: Option<T>) -> Value {
        x.map_or(Value::Null, Into::into)
    }
}

impl From<&[f64]> for Value {
    fn from(items: &[f64]) -> Value {
        Value::list(items.iter().copied())
    }
}

impl From<&[usize]> for Value {
    fn from(items: &[usize]) -> Value {
        Value::list(items.iter().copied())
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Value {
        Value::List(items)
    }
}

impl fmt::Display for Value {
    /// Print without spaces. What could end a `<script>` or a line of one is written as an escape.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(x) => write!(f, "{x}"),
            Value::Integer(x) => write!(f, "{x}"),
            // Most readers take `-0` for an integer, which has no sign.
            Value::Number(x) if *x == 0.0 && x.is_sign_negative() => f.write_str("-0.0"),
            Value::Number(x) if x.is_finite() => f.write_str(&crate::text::number(*x)),
            Value::Number(x) => write!(f, "\"{x}\""),
            Value::Text(text) => string(f, text),
            Value::List(items) => {
                f.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { "," })?;
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Value::Object(fields) => object(f, fields),
            Value::Map(fields) => object(f, fields),
        }
    }
}

fn object(f: &mut fmt::Formatter<'_>, fields: &[(impl AsRef<str>, Value)]) -> fmt::Result {
    f.write_char('{')?;
    for (i, (name, item)) in fields.iter().enumerate() {
        f.write_str(if i == 0 { "" } else { "," })?;
        string(f, name.as_ref())?;
        write!(f, ":{item}")?;
    }
    f.write_char('}')
}

fn string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => write!(f, "\\u{:04x}", c as u32)?,
            c if c.is_control() => write!(f, "\\u{:04x}", c as u32)?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
