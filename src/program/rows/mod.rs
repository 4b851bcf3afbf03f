//! Programs over rows: parameters that all rows share, data that each row has of its own.

mod data;
#[cfg(feature = "argmin")]
mod hessian;
mod program;
mod rerecord;
mod share;
mod split;
#[cfg(native_code)]
mod trace;
mod walk;

pub use data::Rows;
pub use program::RowProgram;
pub use rerecord::RerecordRows;
pub(crate) use share::Share;
