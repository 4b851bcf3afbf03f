//! [`Folder`]: states and adjoints in files, to go on with in another process.
//!
//! ```text
//! state-N.checkpoint    a state:      magic, version, kind, fingerprint, step, count, numbers, checksum
//! adjoint.checkpoint    what is done: the same; step is the first that is reversed; numbers are the loss, the state
//!                       before that step, its adjoint, and the adjoint of the parameters
//! ```
//!
//! All of 8 bytes, little-endian. Each file is there whole or not at all. What is done is written before the files that
//! it makes useless go, so at any moment the files suffice to go on.

use super::error::CheckpointError;
use super::trail::mix;
use super::write_whole::write_whole;
use crate::text::counted;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const MAGIC: [u8; 8] = *b"gradtape";
const VERSION: u64 = 1;
const STATE: u64 = 1;
const ADJOINT: u64 = 2;
const END: &str = ".checkpoint";

/// A folder for the files of one loop.
pub(super) struct Folder {
    path: PathBuf,
    /// What tells this loop from others.
    fingerprint: u64,
    /// How many numbers a state has, and how many what is done.
    counts: [usize; 2],
    bytes: Vec<u8>,
}

impl Folder {
    /// Open a folder, and make it if it is not there.
    pub fn open(
        path: &Path,
        fingerprint: u64,
        states: usize,
        parameters: usize,
    ) -> Result<Folder, CheckpointError> {
        let counts = [states, 1 + 2 * states + parameters];
        let folder = Folder { path: path.to_path_buf(), fingerprint, counts, bytes: Vec::new() };
        let made = fs::create_dir_all(path);
        made.map_err(|error| folder.error(path, format!("this folder cannot be made: {error}")))?;
        // What a process was writing when it ended.
        for name in folder.names()?.iter().filter(|name| name.ends_with(".part")) {
            folder.remove_file(&folder.path.join(name))?;
        }
        Ok(folder)
    }

    fn error(&self, path: &Path, problem: String) -> CheckpointError {
        CheckpointError::File { path: path.display().to_string(), problem }
    }

    /// The names of the files that are of this kind.
    fn names(&self) -> Result<Vec<String>, CheckpointError> {
        let failed = |error| self.error(&self.path, format!("this folder cannot be read: {error}"));
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            names.extend(name.into_string().ok().filter(|name| {
                let begins = name.starts_with("state-") || name.starts_with("adjoint");
                begins && name.contains(END)
            }));
        }
        Ok(names)
    }

    fn state_path(&self, file: usize) -> PathBuf {
        self.path.join(format!("state-{file}{END}"))
    }

    fn adjoint_path(&self) -> PathBuf {
        self.path.join(format!("adjoint{END}"))
    }

    /// List the files of states, each with its number and the step of its state; all are read and checked.
    pub fn states(&mut self) -> Result<Vec<(usize, usize)>, CheckpointError> {
        let mut found = Vec::new();
        for name in self.names()? {
            let number = name.strip_prefix("state-").and_then(|name| name.strip_suffix(END));
            // `state-00` is another name than that of file 0.
            let written = |&file: &usize| number == Some(&file.to_string());
            if let Some(file) = number.and_then(|number| number.parse().ok()).filter(written) {
                let step = self.read(STATE, &self.state_path(file), &mut Vec::new())?;
                found.extend(step.map(|step| (file, step)));
            }
        }
        found.sort_unstable_by_key(|&(_, step)| step);
        match found.windows(2).find(|pair| pair[0].1 == pair[1].1) {
            None => Ok(found),
            Some(&[(first, step), (file, _)]) => {
                let problem =
                    format!("it has state {step}, as file {first} has: remove one of them");
                Err(self.error(&self.state_path(file), problem))
            }
            Some(_) => Ok(found),
        }
    }

    pub fn write_state(
        &mut self,
        file: usize,
        step: usize,
        state: &[f64],
    ) -> Result<(), CheckpointError> {
        self.write(STATE, &self.state_path(file), step, [state])
    }

    pub fn read_state(
        &mut self,
        file: usize,
        step: usize,
        state: &mut Vec<f64>,
    ) -> Result<(), CheckpointError> {
        let path = self.state_path(file);
        match self.read(STATE, &path, state)? {
            Some(found) if found == step => Ok(()),
            Some(found) => {
                Err(self.error(&path, format!("state {found} is in it, not state {step}")))
            }
            None => Err(self.error(&path, format!("this file of state {step} is gone"))),
        }
    }

    pub fn remove_state(&self, file: usize) -> Result<(), CheckpointError> {
        self.remove_file(&self.state_path(file))
    }

    /// Write what is done: the steps from `end` on are reversed.
    pub fn write_adjoint(&mut self, end: usize, parts: [&[f64]; 4]) -> Result<(), CheckpointError> {
        self.write(ADJOINT, &self.adjoint_path(), end, parts)
    }

    /// Read what is done.
    pub fn read_adjoint(
        &mut self,
        numbers: &mut Vec<f64>,
    ) -> Result<Option<usize>, CheckpointError> {
        self.read(ADJOINT, &self.adjoint_path(), numbers)
    }

    /// Remove what is done: all of it is.
    pub fn remove_adjoint(&self) -> Result<(), CheckpointError> {
        self.remove_file(&self.adjoint_path())
    }

    fn remove_file(&self, path: &Path) -> Result<(), CheckpointError> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(self.error(path, format!("this file cannot be removed: {error}")))
            }
            _ => Ok(()),
        }
    }

    fn write<const N: usize>(
        &mut self,
        kind: u64,
        path: &Path,
        step: usize,
        parts: [&[f64]; N],
    ) -> Result<(), CheckpointError> {
        let count: usize = parts.iter().map(|part| part.len()).sum();
        let bytes = &mut self.bytes;
        bytes.clear();
        bytes.extend_from_slice(&MAGIC);
        for word in [VERSION, kind, self.fingerprint, step as u64, count as u64] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        for x in parts.into_iter().flatten() {
            bytes.extend_from_slice(&x.to_le_bytes());
        }
        let sum = checksum(bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        write_whole(path, bytes).map_err(|error| {
            let size = counted(self.bytes.len(), "byte");
            let advice = "the files written before are whole: make room and call again to go on";
            self.error(path, format!("{size} could not be written: {error}; {advice}"))
        })
    }

    /// Read the numbers of a file and its step; none if there is no file.
    fn read(
        &mut self,
        kind: u64,
        path: &Path,
        numbers: &mut Vec<f64>,
    ) -> Result<Option<usize>, CheckpointError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(self.error(path, format!("this file cannot be read: {error}")));
            }
        };
        match parse(&bytes, kind, self.fingerprint, numbers) {
            Ok(step) if numbers.len() == self.counts[usize::from(kind == ADJOINT)] => {
                Ok(Some(step))
            }
            Ok(_) => Err(self.error(path, damaged(bytes.len()))),
            Err(problem) => Err(self.error(path, problem)),
        }
    }
}

/// The checksum of bytes, a multiple of eight.
fn checksum(bytes: &[u8]) -> u64 {
    let words = bytes.as_chunks::<8>().0;
    words.iter().fold(words.len() as u64, |sum, &word| mix(sum ^ u64::from_le_bytes(word)))
}

fn damaged(bytes: usize) -> String {
    let size = counted(bytes, "byte");
    format!("this file of {size} is damaged: remove it, and call again to go on without it")
}

/// Read a file, and say what is wrong with it.
fn parse(
    bytes: &[u8],
    kind: u64,
    fingerprint: u64,
    numbers: &mut Vec<f64>,
) -> Result<usize, String> {
    let (words, rest) = bytes.as_chunks::<8>();
    if words.is_empty() {
        return Err(damaged(bytes.len()));
    }
    if words.first() != Some(&MAGIC) {
        return Err("this is no checkpoint of a loop: choose another folder".to_string());
    }
    let word = |i: usize| words.get(i).map(|&word| u64::from_le_bytes(word));
    if word(1) != Some(VERSION) && word(1).is_some() {
        let version = word(1).unwrap_or_default();
        return Err(format!("this file has version {version}, and only {VERSION} is known"));
    }
    let count = words.len().saturating_sub(7);
    let sum = words.last().map(|&word| u64::from_le_bytes(word));
    let is_whole = words.len() >= 7 && rest.is_empty();
    if !is_whole
        || word(5) != Some(count as u64)
        || word(2) != Some(kind)
        || sum != Some(checksum(&bytes[..bytes.len() - 8]))
    {
        return Err(damaged(bytes.len()));
    }
    if word(3) != Some(fingerprint) {
        let cure = "choose another folder, or remove its files";
        return Err(format!(
            "this file is of another loop, with other steps, slots, parameters or another initial state: {cure}"
        ));
    }
    numbers.clear();
    numbers.extend(words[6..6 + count].iter().map(|&word| f64::from_le_bytes(word)));
    word(4).and_then(|step| usize::try_from(step).ok()).ok_or_else(|| damaged(bytes.len()))
}
