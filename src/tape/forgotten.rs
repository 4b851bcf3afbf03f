//! The labels of what is gone, so that messages about a stale variable can still name it.
//!
//! A thread keeps them for the last few tapes that were cleared, rewound or dropped, and for each only
//! what went last: a message, not a history.

use super::labels::Labels;
use super::recording::{Recording, Segment, locate_in};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::sync::Arc;

/// How many tapes are remembered.
const TAPES: usize = 8;

/// What a tape held before it was cut.
struct Forgotten {
    tape: u64,
    segments: SmallVec<[Segment; 1]>,
    labels: Arc<Labels>,
}

thread_local! {
    static FORGOTTEN: RefCell<Vec<Forgotten>> = const { RefCell::new(Vec::new()) };
}

/// Keep the labels of a recording that is about to lose nodes.
pub(super) fn keep(recording: &Recording) {
    let labels = recording.labels.borrow().clone();
    if labels.is_empty() {
        return;
    }
    let mut segments = SmallVec::new();
    recording.copy_segments(&mut segments);
    // At the end of a thread nobody is left to read the message.
    let _ = FORGOTTEN.try_with(|all| {
        let mut all = all.borrow_mut();
        all.retain(|other| other.tape != recording.id);
        if all.len() == TAPES {
            all.remove(0);
        }
        all.push(Forgotten { tape: recording.id, segments, labels });
    });
}

/// The label of a node that is gone.
pub(super) fn label(tag: u64) -> Option<String> {
    FORGOTTEN.with_borrow(|all| {
        let find = |f: &Forgotten| Some(f.labels.get(locate_in(&f.segments, tag)?)?.to_string());
        all.iter().find_map(find)
    })
}
