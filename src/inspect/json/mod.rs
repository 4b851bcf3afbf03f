//! JSON, the schema `tape-report/1`: for programs that look at reports, and to keep one.
//!
//! | file | idea |
//! |---|---|
//! | `value` | a JSON value in print: shortest numbers that read back, non-finite ones as strings |
//! | `model` | what is what: one row a struct, read and written by the same row |
//! | `write` | [`Json`]: the whole report, a node at a time |
//! | `read` | from a value of `serde_json` to a struct, with the path to where it fails |
//! | `keys` | a field given twice, which `serde_json` does not tell |
//! | `error` | [`JsonError`] |
//!
//! Reading is behind the feature `json`; writing is always there.

#[cfg(feature = "json")]
mod error;
#[cfg(feature = "json")]
mod keys;
mod model;
#[cfg(feature = "json")]
mod read;
mod value;
mod write;

#[cfg(feature = "json")]
pub use error::JsonError;
pub(super) use value::Value;
pub use write::Json;

/// The name and version of what is written and read; `docs/report-schema.md` describes it.
const SCHEMA: &str = "tape-report/1";
