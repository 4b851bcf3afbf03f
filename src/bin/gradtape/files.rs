//! Files read and written whole.

use crate::failure::Failure;
use crate::output;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
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

/// Read a text.
pub fn read(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes).map_err(|error| not_read(path, &error))?;
    String::from_utf8(bytes).map_err(|error| {
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

/// Write a file so that at every moment it is what it was or what it is to be, also if the machine stops: to a
/// temporary file beside it, which then takes its name.
///
/// What is no file, as a pipe or `/dev/stdout`, is written to as it is.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Through links, which stay links.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let there = fs::metadata(&target).ok();
    match &there {
        Some(there) if there.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Some(there) if !there.is_file() => {
            return OpenOptions::new().write(true).open(&target)?.write_all(bytes);
        }
        // What may not be written may not be replaced either.
        Some(_) => drop(OpenOptions::new().write(true).open(&target)?),
        None => {}
    }
    let Some(name) = target.file_name() else { return Err(ErrorKind::IsADirectory.into()) };
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let temporary = folder.join(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = File::create_new(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        if let Some(there) = there {
            file.set_permissions(there.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&temporary, &target)
    });
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written?;
    // The name is in the folder; not every system can sync one.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}
