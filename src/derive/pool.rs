//! The tapes that the functions of this module keep, so that calling one again allocates no columns.

use crate::Tape;
use crate::tape::live;
use std::cell::RefCell;

thread_local! {
    /// Tapes not in use; more than one if calls were nested.
    static POOL: RefCell<Vec<Tape>> = const { RefCell::new(Vec::new()) };
}

/// Run `body` with an empty tape.
///
/// If `body` panics, its tape is dropped and not kept.
pub(super) fn with_tape<R>(body: impl FnOnce(&Tape) -> R) -> R {
    // At the end of a thread the pool may be gone before the last call.
    let pooled = POOL.try_with(|pool| pool.borrow_mut().pop());
    let tape = pooled.ok().flatten().unwrap_or_default();
    live::renew(&tape.recording);
    let result = body(&tape);
    tape.clear();
    live::leave(&tape.recording);
    let _ = POOL.try_with(|pool| pool.borrow_mut().push(tape));
    result
}
