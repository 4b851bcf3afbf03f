//! Why a program could not be written or read.

use crate::text::{OneLine, quoted};
use std::fmt::{self, Write as _};

/// Why a program could not be written or read. Places are bytes from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// The first bytes are not those of a program.
    NotAProgram,
    /// It was written by another version of the format.
    Version {
        /// The version that it has.
        found: u32,
        /// The newest that is known here.
        known: u32,
    },
    /// It is another kind of program.
    Kind {
        /// What it is.
        found: String,
        /// What was asked for.
        expected: &'static str,
    },
    /// It ends too early.
    Truncated {
        /// Where more was expected.
        at: usize,
        /// What should stand there.
        what: &'static str,
        /// How many bytes that takes.
        needed: u64,
        /// How many are left.
        left: usize,
    },
    /// Its checksum is not that of its bytes: it was changed or damaged.
    Checksum {
        /// The one that it has.
        stored: u64,
        /// The one of its bytes.
        computed: u64,
    },
    /// An operation is not in the op table.
    UnknownOperation {
        /// Where its name stands.
        at: usize,
        /// The name.
        name: String,
    },
    /// A custom operation is not among those given, or has other outputs.
    UnknownCustomOperation {
        /// Where it stands.
        at: usize,
        /// Its name.
        name: String,
        /// How many outputs it has.
        outputs: usize,
    },
    /// A custom operation cannot be written.
    Unwritable {
        /// Its name.
        name: String,
    },
    /// Something has a value that no program has.
    Invalid {
        /// Where it stands.
        at: usize,
        /// What is wrong.
        what: String,
    },
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        match self {
            FileError::NotAProgram => {
                write!(f, "these bytes are not a gradtape program: they do not begin with GRADTAPE")
            }
            FileError::Version { found, known } => write!(
                f,
                "the program was written in version {found} of the format, and this library reads up to {known}: \
                 read it with a newer one"
            ),
            FileError::Kind { found, expected } => {
                write!(f, "the bytes are {found}, and {expected} was asked for")
            }
            FileError::Truncated { at, what, needed, left } => write!(
                f,
                "byte {at}: {what} should take {needed} bytes, and {left} are left: the program was cut off or \
                 damaged"
            ),
            FileError::Checksum { stored, computed } => write!(
                f,
                "the checksum is {stored:016x}, and that of the bytes is {computed:016x}: the program was changed or \
                 damaged"
            ),
            FileError::UnknownOperation { at, name } => write!(
                f,
                "byte {at}: there is no operation {}: the program may be of a newer library",
                quoted(name)
            ),
            FileError::UnknownCustomOperation { at, name, outputs } => write!(
                f,
                "byte {at}: no custom operation {} with {outputs} outputs was given: pass it in `operations`",
                quoted(name)
            ),
            FileError::Unwritable { name } => write!(
                f,
                "custom operation {} lives in this process only and cannot be written: write the program without it",
                quoted(name)
            ),
            FileError::Invalid { at, what } => write!(f, "byte {at}: {what}"),
        }
    }
}

impl std::error::Error for FileError {}
