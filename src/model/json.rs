//! Models and checkpoints as JSON: what all such files have in common.

use super::{ModelError, write_whole};
use crate::text::{cut, quoted};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// A kind of file. Its first two fields are `format` and `version`.
pub(super) trait Kind: Serialize + DeserializeOwned {
    const FORMAT: &'static str;
    const VERSION: u64;
}

/// The fields that say whether the others can be read.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

/// Write a line for each field, and lists of numbers on one line.
///
/// # Panics
/// If the value holds what JSON cannot: kinds hold names and numbers.
pub(super) fn to_text<T: Kind>(value: &T) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Lines::default());
    value.serialize(&mut serializer).expect("names and numbers, written to memory");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// Read a file of this kind, which must be of this version.
pub(super) fn from_text<T: Kind>(text: &str) -> Result<T, ModelError> {
    let head: Head = serde_json::from_str(text).map_err(|error| {
        refuse(format!("this is no {} of gradtape, or a damaged one: {error}", T::FORMAT))
    })?;
    if head.format != T::FORMAT {
        let found = quoted(&cut(head.format, 40));
        return Err(refuse(format!("this is a {found}, and not a `{}`", T::FORMAT)));
    }
    if head.version != T::VERSION {
        let (found, known) = (head.version, T::VERSION);
        return Err(refuse(format!(
            "this {} is of version {found}, and this gradtape reads version {known}: use the gradtape that wrote it",
            T::FORMAT
        )));
    }
    serde_json::from_str(text)
        .map_err(|error| refuse(format!("this {} is damaged: {error}", T::FORMAT)))
}

/// Write a text to a file.
pub(super) fn save(text: &str, path: &Path) -> Result<(), ModelError> {
    write_whole(path, text.as_bytes())
        .map_err(|error| of(path, format!("cannot be written: {error}")))
}

/// Read a file of some kind.
pub(super) fn load<T>(
    path: &Path,
    read: impl FnOnce(&str) -> Result<T, ModelError>,
) -> Result<T, ModelError> {
    let bytes = fs::read(path).map_err(|error| of(path, format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| of(path, "this is no text in UTF-8".into()))?;
    read(&text).map_err(|error| match error {
        ModelError::File { path: empty, problem } if empty.is_empty() => of(path, problem),
        error => error,
    })
}

/// The error of what was never in a file.
pub(super) fn refuse(problem: String) -> ModelError {
    ModelError::File { path: String::new(), problem }
}

fn of(path: &Path, problem: String) -> ModelError {
    ModelError::File { path: path.display().to_string(), problem }
}

/// As [`PrettyFormatter`], but for lists: what is in them stands on one line.
#[derive(Default)]
struct Lines<'a> {
    pretty: PrettyFormatter<'a>,
    /// How many lists are around.
    lists: usize,
}

impl Formatter for Lines<'_> {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.lists += 1;
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.lists -= 1;
        writer.write_all(b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.lists > 0 { writer.write_all(b"{") } else { self.pretty.begin_object(writer) }
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.lists > 0 { writer.write_all(b"}") } else { self.pretty.end_object(writer) }
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        match self.lists > 0 {
            true if first => Ok(()),
            true => writer.write_all(b", "),
            false => self.pretty.begin_object_key(writer, first),
        }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.pretty.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.lists > 0 { Ok(()) } else { self.pretty.end_object_value(writer) }
    }
}
