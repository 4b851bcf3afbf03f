//! Files read and written whole.

use crate::failure::Failure;
use crate::output;
use gradtape::model::write_whole;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Open a file, or the standard input for `-`.
pub fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    if path.is_dir() {
        return Err(Failure::in_file(path, "this is a folder: name a file"));
    }
    match File::open(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => Err(not_read(path, &error)),
    }
}

/// Read all of a file.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes).map_err(|error| not_read(path, &error))?;
    Ok(bytes)
}

/// Read a text.
pub fn read(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::in_file(path, format!("this is no text in UTF-8: see byte {at}"))
    })
}

/// Why a file cannot be read.
pub fn not_read(path: &Path, error: &io::Error) -> Failure {
    let what = match error.kind() {
        ErrorKind::NotFound => "there is no such file: check the path".into(),
        ErrorKind::PermissionDenied => "this may not be read: check its permissions".into(),
        _ => format!("this cannot be read: {error}"),
    };
    Failure::in_file(path, what)
}

/// Write a text to a file, or to the standard output if none is named.
pub fn write(path: Option<&Path>, text: &str) -> Result<(), Failure> {
    match path {
        Some(path) => write_whole(path, text.as_bytes()).map_err(|error| not_written(path, &error)),
        None => output::print(text),
    }
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    let what = match error.kind() {
        ErrorKind::NotFound => "there is no such folder: make it first".into(),
        ErrorKind::PermissionDenied => {
            "this may not be written: choose another folder, or check its permissions".into()
        }
        ErrorKind::IsADirectory => "this is a folder: name a file in it".into(),
        ErrorKind::StorageFull => "the disk is full: free some space; nothing was written".into(),
        _ => format!("this cannot be written: {error}"),
    };
    Failure::in_file(path, what)
}
