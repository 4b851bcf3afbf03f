//! The tapes that the functions of this module keep, so that calling one again allocates no columns.

use crate::Tape;
use crate::tape::recording;
use std::cell::RefCell;

thread_local! {
    /// Tapes not in use; more than one if calls were nested.
    static POOL: RefCell<Vec<Tape>> = const { RefCell::new(Vec::new()) };
}

/// Run `body` with an empty tape; afterwards the thread records where it recorded before.
///
/// If `body` panics, its tape is dropped and not kept.
pub(super) fn with_tape<R>(body: impl FnOnce(&Tape) -> R) -> R {
    // A pooled tape must not stay active: a nested `gradient` at constants would record there.
    let _restore = RestoreActive::on_drop();
    // At the end of a thread the pool may be gone before the last call.
    let pooled = POOL.try_with(|pool| pool.borrow_mut().pop());
    let tape = pooled.ok().flatten().unwrap_or_default();
    let result = body(&tape);
    tape.clear();
    let _ = POOL.try_with(|pool| pool.borrow_mut().push(tape));
    result
}

/// Makes the tape that is active now active again when dropped, also when unwinding.
pub(crate) struct RestoreActive(Option<u64>);

impl RestoreActive {
    pub fn on_drop() -> RestoreActive {
        RestoreActive(recording::active_id())
    }
}

impl Drop for RestoreActive {
    fn drop(&mut self) {
        recording::resume(self.0);
    }
}
