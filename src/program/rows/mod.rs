//! Programs over rows: parameters that all rows share, data that each row has of its own.

mod choice;
mod chunk;
mod data;
#[cfg(feature = "argmin")]
mod hessian;
mod kind;
#[cfg(native_code)]
mod native;
mod program;
mod rerecord;
mod share;
mod split;
mod stats;
#[cfg(native_code)]
mod trace;
mod walk;

pub use data::Rows;
pub use program::RowProgram;
pub use rerecord::RerecordRows;
pub(crate) use share::Share;
pub use stats::{MethodStats, RowStats};
