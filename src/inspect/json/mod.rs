//! JSON, the schema `tape-report/1`: for programs that look at reports, and to keep one.
//!
//! | file | idea |
//! |---|---|
//! | `value` | a JSON value in print: shortest numbers that read back, non-finite ones as strings |

mod value;

pub(super) use value::Value;
