//! Optimizers against traces of another library, the fit loop against the published descent, and
//! what happens when a number is not finite.

mod errors;
mod fits;
mod steps;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// The message that `f` panics with.
fn message_of<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => match payload.downcast::<String>() {
            Ok(message) => *message,
            Err(payload) => payload.downcast::<&str>().expect("a message").to_string(),
        },
    }
}
