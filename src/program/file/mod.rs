//! Programs as files: to bytes and back.
//!
//! ```text
//! "GRADTAPE"  8 bytes
//! version     u32       1
//! kind        u32       0 a program, 1 a program over rows
//! body        columns, below
//! checksum    u64       of all bytes before it
//! ```
//!
//! All numbers are little-endian, counts are `u32`, texts a count and UTF-8. The columns of the body, in order:
//!
//! | column | what |
//! |---|---|
//! | names | of the operations that occur |
//! | inputs | the point of the recording, as `f64` |
//! | shared | how many inputs rows share; over rows only |
//! | operations | one byte an instruction behind the inputs: its place among the names |
//! | operands | `u32` each; an n-ary instruction has their number first, a custom call has them at its first output |
//! | constants | `f64` each, of the instructions in order |
//! | calls | custom operations: name, outputs, inputs, whether of this library, constants among the inputs |
//! | outputs | instructions |
//! | guards | both sides, relation, outcome, recorded values, place, scope |
//! | labels | instruction and text |
//! | history | how many instructions were recorded, and left by each pass |
//!
//! Operations stand there by name, so the order of the op table may change. Which networks ran, for the inspector, is not
//! kept. Reading trusts nothing: it checks every count against the bytes that are left before it makes room, and every
//! index and constant against what a program may contain.

mod bytes;
mod error;
mod read;
mod write;

pub use error::FileError;

use super::program::Program;
use super::rows::RowProgram;
use crate::CustomOp;
use std::sync::Arc;

impl Program {
    /// Write the program as bytes, for a file.
    ///
    /// # Errors
    /// If it has a custom operation that lives in this process only: a root or an optimum found by a closure, or a
    /// preaccumulated region.
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    ///
    /// let program = Program::record(|x| x[0].sin() * x[1], &[1.0, 2.0]);
    /// let again = Program::from_bytes(&program.to_bytes()?, &[])?;
    /// let mut workspace = Workspace::new();
    /// assert_eq!(
    ///     again.value(&[0.5, 3.0], &mut workspace)?.to_bits(),
    ///     program.value(&[0.5, 3.0], &mut workspace)?.to_bits(),
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("save", "serialize"))]
    pub fn to_bytes(&self) -> Result<Vec<u8>, FileError> {
        write::write(self, None)
    }

    /// Read a program from bytes. Custom operations are looked up by name among `operations`.
    ///
    /// It is the program that was written: the same instructions, so the same bits on the same machine, and the same
    /// guards and labels.
    ///
    /// # Errors
    /// If these are not the bytes of a program, whole and unchanged, or an operation is not known; with the place.
    #[doc(alias("load", "deserialize"))]
    pub fn from_bytes(
        bytes: &[u8],
        operations: &[Arc<dyn CustomOp>],
    ) -> Result<Program, FileError> {
        Ok(read::read(bytes, 0, operations)?.0)
    }
}

impl RowProgram {
    /// Write the program as bytes, for a file.
    ///
    /// # Errors
    /// As [`Program::to_bytes`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, FileError> {
        write::write(self.program(), Some(self.shared()))
    }

    /// Read a program over rows from bytes.
    ///
    /// # Errors
    /// As [`Program::from_bytes`].
    pub fn from_bytes(
        bytes: &[u8],
        operations: &[Arc<dyn CustomOp>],
    ) -> Result<RowProgram, FileError> {
        let (program, shared) = read::read(bytes, 1, operations)?;
        match program.over_rows(shared) {
            Ok(rows) => Ok(rows),
            Err(error) => unreachable!("as many were read as there are inputs: {error}"),
        }
    }
}
