//! The tape that the front doors keep, so that calling one again allocates no columns.

use crate::Tape;
use crate::tape::recording;
use std::cell::RefCell;

thread_local! {
    /// Tapes not in use; more than one if front doors were nested.
    static SPARE: RefCell<Vec<Tape>> = const { RefCell::new(Vec::new()) };
}

/// Run `body` with an empty tape; afterwards the thread records where it recorded before.
///
/// If `body` panics, its tape is dropped and not kept.
pub(super) fn with_tape<R>(body: impl FnOnce(&Tape) -> R) -> R {
    // A spare tape must not stay the one in use: a nested `gradient` at constants records there.
    let _before = Resume::afterwards();
    // At the end of a thread the spare tapes may be gone before the last call.
    let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
    let tape = spare.ok().flatten().unwrap_or_default();
    let result = body(&tape);
    tape.clear();
    let _ = SPARE.try_with(|spare| spare.borrow_mut().push(tape));
    result
}

/// Goes back to the tape that was in use, also when unwinding.
pub(crate) struct Resume(Option<u64>);

impl Resume {
    /// Remember the tape in use, to go back to it when this is dropped.
    pub fn afterwards() -> Resume {
        Resume(recording::active_id())
    }
}

impl Drop for Resume {
    fn drop(&mut self) {
        recording::resume(self.0);
    }
}
