//! [`write_whole`]: a file that is there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Write a file so that it is there whole or not at all: whatever happens on the way, be it a full disk or the end of
/// the process, the file that was there before is left, or the new one is there to its last byte.
///
/// The bytes go to a new file in the same folder, which is given to the disk and then takes the name. What is no
/// file, as a terminal or a pipe, is written to as it is. A file that is replaced leaves its permissions; a symbolic
/// link to a file goes on pointing to it.
///
/// # Errors
/// What the system says: no such folder, no permission, no room. Nothing is left behind then.
///
/// ```
/// let path = std::env::temp_dir().join(format!("gradtape-{}.txt", std::process::id()));
/// gradtape::model::write_whole(&path, b"2.61")?;
/// assert_eq!(std::fs::read(&path)?, b"2.61");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_whole(path: impl AsRef<Path>, bytes: &[u8]) -> io::Result<()> {
    let path = path.as_ref();
    // Follow links; what is not there yet has none.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let before = fs::metadata(&path).ok();
    match &before {
        Some(before) if before.is_dir() => {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "this is a folder"));
        }
        Some(before) if !before.is_file() => {
            return OpenOptions::new().write(true).open(&path)?.write_all(bytes);
        }
        // What may not be written may not be replaced either.
        Some(_) => drop(OpenOptions::new().write(true).open(&path)?),
        None => {}
    }
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    };
    let (mut file, part) = new_file(|number| {
        let mut part = name.to_os_string();
        part.push(format!(".{}-{number}.part", std::process::id()));
        path.with_file_name(part)
    })?;
    file.write_all(bytes)?;
    if let Some(before) = before {
        file.set_permissions(before.permissions())?;
    }
    file.sync_all()?;
    drop(file);
    fs::rename(&part.0, &path)?;
    std::mem::forget(part);
    // The name is on the disk once its folder is. The file is written, so a system that cannot do that has not failed.
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        drop(folder.sync_all());
    }
    Ok(())
}

/// Create a file with a unique name: other threads, and processes on other machines, may write the same target.
fn new_file(name: impl Fn(u64) -> PathBuf) -> io::Result<(File, Part)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let path = name(NEXT.fetch_add(1, Ordering::Relaxed));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, Part(path))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// A file that goes when it is not wanted.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // That it is there still is the lesser harm.
        drop(fs::remove_file(&self.0));
    }
}
