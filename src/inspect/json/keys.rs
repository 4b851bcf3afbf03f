//! A field given twice: `serde_json` keeps the last one and says nothing, so the text is looked over again.

use super::JsonError;
use super::read::brief;
use std::borrow::Cow;
use std::collections::HashSet;

/// An object or a list that is not closed yet.
enum Level<'a> {
    Object { seen: HashSet<Cow<'a, str>>, current: Cow<'a, str> },
    List { items_before: usize },
}

/// Ascertain that every object of this text, which is JSON, has each of its fields once.
pub(super) fn once(text: &str) -> Result<(), JsonError> {
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '[', '}', ']', ',', '"']) {
        let sign = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        match sign {
            b'{' => levels.push(Level::Object { seen: HashSet::new(), current: Cow::default() }),
            b'[' => levels.push(Level::List { items_before: 0 }),
            b'}' | b']' => drop(levels.pop()),
            b',' => {
                if let Some(Level::List { items_before }) = levels.last_mut() {
                    *items_before += 1;
                }
            }
            _ => {
                let string = &rest[..closing_quote(rest)];
                rest = &rest[(string.len() + 1).min(rest.len())..];
                // Of all strings only the names of fields are followed by a colon.
                if rest.trim_start().starts_with(':') {
                    field(&mut levels, unescaped(string))?;
                }
            }
        }
    }
    Ok(())
}

/// Take note of a field.
fn field<'a>(levels: &mut [Level<'a>], name: Cow<'a, str>) -> Result<(), JsonError> {
    let Some((Level::Object { seen, current }, around)) = levels.split_last_mut() else {
        return Ok(());
    };
    if !seen.insert(name.clone()) {
        let problem = format!("has the field {} twice", brief(&name));
        return Err(JsonError::field(path(around), problem));
    }
    *current = name;
    Ok(())
}

/// Where the string ends whose opening quote is before this text.
fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    end.unwrap_or(text.len())
}

fn unescaped(string: &str) -> Cow<'_, str> {
    match string.contains('\\') {
        true => serde_json::from_str(&format!("\"{string}\"")).map_or(string.into(), Cow::Owned),
        false => string.into(),
    }
}

/// The path to what is inside all these levels.
fn path(levels: &[Level<'_>]) -> String {
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Object { current, .. } if path.is_empty() => path += current,
            Level::Object { current, .. } => path += &format!(".{current}"),
            Level::List { items_before } => path += &format!("[{items_before}]"),
        }
    }
    if path.is_empty() { "report".into() } else { path }
}
