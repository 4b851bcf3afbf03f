//! The tapes that the functions of this module keep, so that calling one again allocates no columns.

use crate::Tape;
use crate::op::nary::release_exponentials;
use crate::sweep::release_adjoints;
use crate::tape::{live, release_vectors};
use std::cell::RefCell;

thread_local! {
    /// Tapes not in use; more than one if calls were nested.
    static POOL: RefCell<Vec<Tape>> = const { RefCell::new(Vec::new()) };
}

/// Give back the memory that this thread keeps for [`gradient`](crate::gradient()) and its kin.
///
/// They record on tapes of their own, which stay for the next call at the size of the largest call so far: 17
/// bytes for each of its operations, and more for sums. The largest [`Gradient`](crate::Gradient) or
/// [`Tangents`](crate::Tangents) that was dropped leaves its numbers' memory, 8 bytes a node, to the next sweep, and the
/// longest `log_sum_exp` 8 bytes a term. So a call again allocates no columns. After a large call, or before a thread
/// waits for long, this gives them back, and the next call starts anew.
///
/// ```
/// use gradtape::{gradient, release_memory, sum_squares};
/// let slopes = gradient(|x| sum_squares(x.iter().map(|x| x.tanh())), &vec![0.0; 100_000]);
/// release_memory();
/// assert_eq!(slopes[0], 0.0);
/// ```
#[doc(alias("empty_cache", "shrink", "trim"))]
pub fn release_memory() {
    // At the end of a thread there is nothing left. The tapes are dropped when the pool is free again.
    let tapes = POOL.try_with(|pool| pool.take());
    drop(tapes);
    release_vectors();
    release_adjoints();
    release_exponentials();
}

/// Run `body` with an empty tape.
///
/// If `body` panics, its tape is dropped and not kept.
pub(crate) fn with_tape<R>(body: impl FnOnce(&Tape) -> R) -> R {
    // At the end of a thread the pool may be gone before the last call.
    let pooled = POOL.try_with(|pool| pool.borrow_mut().pop());
    let tape = pooled.ok().flatten().unwrap_or_default();
    live::renew(&tape.recording);
    let result = live::undisturbed(|| body(&tape));
    tape.clear();
    let _ = POOL.try_with(|pool| pool.borrow_mut().push(tape));
    result
}
