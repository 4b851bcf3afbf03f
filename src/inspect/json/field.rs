//! [`Field`]: what a value of the model looks like in JSON, and what must hold of it.
//!
//! A struct is a list of [`Row`]s, one a field: its name, its value, and how it depends on lists around it. Whatever
//! goes over the model, be it the writer, the reader or [`Report::verify`](crate::inspect::Report::verify), goes
//! over the rows.

use super::Value;
use super::place::Place;
use crate::inspect::ReportError;
#[cfg(feature = "json")]
use serde_json::Value as Parsed;
use std::borrow::Cow;

/// A value that has a form in JSON; that of nothing is `null`.
pub(in crate::inspect) trait Field {
    fn to_json(&self) -> Value;

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<Self, ReportError>
    where
        Self: Sized;

    /// Fail unless the value keeps to its bounds, and what is inside it to its own.
    fn verify(&self, bounds: &[Bound], at: &Place<'_>) -> Result<(), ReportError> {
        let _ = (bounds, at);
        Ok(())
    }

    /// Count the items, if this is a list.
    fn count(&self) -> Option<usize> {
        None
    }

    /// Write one item of a list.
    fn item(&self, i: usize) -> Value {
        let _ = i;
        Value::Null
    }
}

impl<T: Field> From<T> for Value {
    fn from(x: T) -> Value {
        x.to_json()
    }
}

/// A field of a struct.
pub(in crate::inspect) struct Row<'a> {
    pub name: &'static str,
    pub value: &'a dyn Field,
    pub bounds: &'static [Bound],
}

/// How a value depends on a list: the nearest of this name, in its own struct or those around. Of a list, the first
/// bound may be `Per` or `Any` and is the list's own; the others are its items'.
#[derive(Clone, Copy)]
pub(in crate::inspect) enum Bound {
    /// A list of any length.
    Any,
    /// As long as that list.
    Per(&'static str),
    /// An index into that list.
    Below(&'static str),
}

/// Write an object of these fields, without those that are nothing.
pub(super) fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(fields.into_iter().filter(|(_, value)| *value != Value::Null).collect())
}

/// Read a field of an object; one that is missing is read as `null`.
#[cfg(feature = "json")]
pub(super) fn read<T: Field>(
    value: &Parsed,
    name: &'static str,
    at: &Place<'_>,
) -> Result<T, ReportError> {
    let Parsed::Object(fields) = value else { return Err(expected(value, at, "an object")) };
    T::from_json(fields.get(name).unwrap_or(&Parsed::Null), &at.field(name))
}

/// Find what has the name that is read.
#[cfg(feature = "json")]
pub(super) fn one_of<T: Copy, N: AsRef<str>>(
    value: &Parsed,
    at: &Place<'_>,
    what: &str,
    all: &[T],
    name: impl Fn(T) -> N,
    advice: &'static str,
) -> Result<T, ReportError> {
    let text = String::from_json(value, at)?;
    let found = all.iter().find(|&&x| name(x).as_ref() == text);
    found.copied().ok_or_else(|| ReportError::Field {
        at: at.to_string(),
        problem: format!("is {}, which is no {what} that this version knows", brief(&text)),
        advice,
    })
}

/// The error that a value is not what is expected.
#[cfg(feature = "json")]
pub(super) fn expected(value: &Parsed, at: &Place<'_>, what: &str) -> ReportError {
    let found = match value {
        Parsed::Null => return at.error(format!("is missing; {what} goes there")),
        Parsed::Bool(x) => x.to_string(),
        Parsed::Number(x) => x.to_string(),
        Parsed::String(text) => brief(text),
        Parsed::Array(_) => "a list".into(),
        Parsed::Object(_) => "an object".into(),
    };
    at.error(format!("is {found}, not {what}"))
}

/// The beginning of a text, in quotes.
#[cfg(feature = "json")]
pub(super) fn brief(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

impl Field for bool {
    fn to_json(&self) -> Value {
        Value::Bool(*self)
    }

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<bool, ReportError> {
        value.as_bool().ok_or_else(|| expected(value, at, "true or false"))
    }
}

impl Field for usize {
    fn to_json(&self) -> Value {
        Value::Integer(*self)
    }

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<usize, ReportError> {
        let number = value.as_u64().and_then(|x| usize::try_from(x).ok());
        number.ok_or_else(|| expected(value, at, "a whole number from 0 on"))
    }

    fn verify(&self, bounds: &[Bound], at: &Place<'_>) -> Result<(), ReportError> {
        let &[Bound::Below(list)] = bounds else { return Ok(()) };
        let count = at.count(list);
        at.ensure(*self < count, || format!("is {self}, not an index below {count}, of `{list}`"))
    }
}

impl Field for f64 {
    fn to_json(&self) -> Value {
        Value::Number(*self)
    }

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<f64, ReportError> {
        let number = match value {
            Parsed::String(text) => match &**text {
                "NaN" => Some(f64::NAN),
                "inf" => Some(f64::INFINITY),
                "-inf" => Some(f64::NEG_INFINITY),
                _ => None,
            },
            number => number.as_f64(),
        };
        number.ok_or_else(|| expected(value, at, "a number, \"NaN\", \"inf\" or \"-inf\""))
    }
}

impl Field for String {
    fn to_json(&self) -> Value {
        Value::Text(self.clone())
    }

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<String, ReportError> {
        value.as_str().map(String::from).ok_or_else(|| expected(value, at, "a text"))
    }
}

impl Field for Cow<'static, str> {
    fn to_json(&self) -> Value {
        (&**self).into()
    }

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<Cow<'static, str>, ReportError> {
        String::from_json(value, at).map(Cow::Owned)
    }
}

impl<T: Field> Field for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<Option<T>, ReportError> {
        match value {
            Parsed::Null => Ok(None),
            _ => T::from_json(value, at).map(Some),
        }
    }

    fn verify(&self, bounds: &[Bound], at: &Place<'_>) -> Result<(), ReportError> {
        self.as_ref().map_or(Ok(()), |x| x.verify(bounds, at))
    }
}

impl<T: Field> Field for Vec<T> {
    fn to_json(&self) -> Value {
        Value::List(self.iter().map(T::to_json).collect())
    }

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<Vec<T>, ReportError> {
        let Parsed::Array(items) = value else { return Err(expected(value, at, "a list")) };
        items.iter().enumerate().map(|(i, item)| T::from_json(item, &at.item(i))).collect()
    }

    fn verify(&self, bounds: &[Bound], at: &Place<'_>) -> Result<(), ReportError> {
        if let Some(Bound::Per(list)) = bounds.first() {
            let (found, count) = (self.len(), at.count(list));
            at.ensure(found == count, || {
                format!("has the length {found}, but `{list}` has the length {count}")
            })?;
        }
        let of_items = match bounds {
            [Bound::Per(_) | Bound::Any, rest @ ..] => rest,
            all => all,
        };
        self.iter().enumerate().try_for_each(|(i, item)| item.verify(of_items, &at.item(i)))
    }

    fn count(&self) -> Option<usize> {
        Some(self.len())
    }

    fn item(&self, i: usize) -> Value {
        self[i].to_json()
    }
}

/// Two texts: a name and a value.
impl Field for (String, String) {
    fn to_json(&self) -> Value {
        object([("name", self.0.to_json()), ("value", self.1.to_json())])
    }

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<(String, String), ReportError> {
        Ok((read(value, "name", at)?, read(value, "value", at)?))
    }
}

/// Two numbers: an input and an output.
impl Field for (f64, f64) {
    fn to_json(&self) -> Value {
        Value::list([self.0, self.1])
    }

    #[cfg(feature = "json")]
    fn from_json(value: &Parsed, at: &Place<'_>) -> Result<(f64, f64), ReportError> {
        match Vec::from_json(value, at)?[..] {
            [x, y] => Ok((x, y)),
            _ => Err(expected(value, at, "a list of two numbers")),
        }
    }
}
