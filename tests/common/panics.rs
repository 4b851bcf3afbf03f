//! Catching a panic to read what it says.
#![allow(dead_code)] // Each test uses what it needs.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Run `body`: what it gives, or what its panic says.
pub fn attempt<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|payload| match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<&str>().map_or("not a text".into(), |t| t.to_string()),
    })
}

/// Run `body`, which must panic, and return the message.
#[track_caller]
pub fn message_of<R>(body: impl FnOnce() -> R) -> String {
    match attempt(body) {
        Ok(_) => panic!("a panic was expected"),
        Err(message) => message,
    }
}

/// Check that a message has all of these words.
#[track_caller]
pub fn says(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "\nthe message: {message}\nlacks: {word}");
    }
}

/// Run `body`, which must panic with a message that has all of these words.
#[track_caller]
pub fn panics_saying<R>(words: &[&str], body: impl FnOnce() -> R) {
    says(&message_of(body), words);
}

/// How messages call a tape.
pub fn called(tape: &gradtape::Tape) -> String {
    format!("tape {}", tape.number())
}
