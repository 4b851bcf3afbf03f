//! [`write_whole`]: a file that is there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Write a file so that it is there whole or not at all: whatever happens on the way, be it a full disk or the end of
/// the process, the file that was there before is left, or the new one is there to its last byte.
///
/// The bytes go to a new file in the same folder, which is given to the disk and then takes the name. What is no
/// file, as a terminal or a pipe, is written to as it is. A file that is replaced leaves its permissions; a symbolic
/// link goes on pointing where it did.
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
    // A name of this process, for two may write the same file.
    let mut part = name.to_os_string();
    part.push(format!(".{}.part", std::process::id()));
    let part = Part(path.with_file_name(part));
    let mut file = File::create(&part.0)?;
    file.write_all(bytes)?;
    if let Some(before) = before {
        file.set_permissions(before.permissions())?;
    }
    file.sync_all()?;
    drop(file);
    fs::rename(&part.0, &path)?;
    std::mem::forget(part);
    // The name is on the disk once its folder is. Where folders are no files this is not needed.
    match path.parent().map(|folder| if folder == Path::new("") { Path::new(".") } else { folder })
    {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
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
