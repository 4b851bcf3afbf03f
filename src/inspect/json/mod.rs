//! JSON, the schema `tape-report/1`: for programs that look at reports, and to keep one.
//!
//! | file | idea |
//! |---|---|
//! | `value` | a JSON value in print: shortest numbers that read back, non-finite ones as strings |
//! | `field`, `place` | what a value of the model looks like in JSON, and what must hold of it; where it is |
//! | `rules` | what no single field says |
//! | `rows` | the description of the model: every struct, field by field; [`Report::verify`](super::Report::verify) |
//! | `write` | [`Json`]: the whole report, a node at a time |
//! | `read` | `Report::from_json` |
//!
//! Reading is behind the feature `json`; writing is always there.

mod field;
mod place;
#[cfg(feature = "json")]
mod read;
mod rows;
mod rules;
mod value;
mod write;

pub(super) use field::Field;
pub(super) use value::Value;
pub(super) use write::GENERATOR;
pub use write::Json;
