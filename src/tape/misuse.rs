//! The messages for variables and marks used where they do not belong.
//!
//! Each names the label and the tapes, says what happened, and says what to do.

use super::labels::lost_label;
use super::live;
use super::recording::Recording;
use super::serial;
use crate::text::{counted, number, quoted};

/// Describe a variable: its label, node and tape, as far as they are still known.
pub(crate) fn describe(tag: u64) -> String {
    match live::find(tag) {
        Some((home, i)) => on_tape(&home, i),
        None => format!("a variable of tape {}", serial::tape_of(tag)),
    }
}

fn on_tape(home: &Recording, i: u32) -> String {
    let tape = home.number();
    match home.labels.borrow().get(i) {
        Some(label) => format!("variable {} (node {i} of tape {tape})", quoted(label)),
        None => format!("node {i} of tape {tape}"),
    }
}

/// Say why a variable cannot be found among this thread's recordings.
fn why_stale(tag: u64) -> String {
    let tape = serial::tape_of(tag);
    let label = lost_label(tag).map_or(String::new(), |label| format!(" {}", quoted(&label)));
    if live::issuer(tag).is_some() {
        return format!(
            "variable{label} of tape {tape} is stale, the tape was cleared or rewound since: keep its \
             value, or record it again"
        );
    }
    match serial::holder(tag) {
        Some(thread) if thread != std::thread::current().id() => format!(
            "variable{label} of tape {tape} belongs to another thread ({thread:?}): a recording stays \
             on its thread, send values or gradients instead"
        ),
        _ => format!(
            "variable{label} of tape {tape} is stale, the tape has been dropped: keep the tape alive \
             as long as its variables"
        ),
    }
}

/// Panic: a variable has no living node.
#[cold]
#[track_caller]
pub(crate) fn stale(tag: u64) -> ! {
    match live::active() {
        Some(active) => panic!("{} (in use: tape {})", why_stale(tag), active.number()),
        None => panic!("{} (no tape is in use)", why_stale(tag)),
    }
}

/// Panic: operands of one operation live on two tapes.
#[cold]
#[track_caller]
pub(crate) fn foreign(a: u64, b: u64) -> ! {
    panic!(
        "variables of two tapes in one operation: {} and {}: record both on one tape, or pass the \
         value of one as a constant (`gradient` and the like record on a tape of their own, unless they are \
         called at variables)",
        describe(a),
        describe(b)
    )
}

/// Panic: a variable was given to a tape that it is not on.
#[cold]
#[track_caller]
pub(crate) fn not_on(recording: &Recording, tag: u64, value: f64) -> ! {
    let tape = recording.number();
    if tag == serial::CONSTANT {
        let value = number(value);
        panic!(
            "the constant {value} is on no tape, so it is not on tape {tape}: make it a variable with \
             `Tape::var`"
        );
    }
    if live::find(tag).is_none() {
        stale(tag);
    }
    panic!(
        "{} is not on tape {tape}: ask the tape that recorded it, or record all on one tape",
        describe(tag)
    )
}

/// Why a number was asked for a variable that a gradient, of the tape with this id, knows nothing
/// about.
pub(crate) fn not_in_gradient(tag: u64, value: f64, tape: Option<u64>) -> String {
    if tag == serial::CONSTANT {
        let value = number(value);
        return format!(
            "the constant {value} is on no tape, so there is no derivative with respect to it: make it \
             a variable with `Tape::var`"
        );
    }
    let of = match tape {
        Some(id) => format!("tape {}", serial::tape_of(id)),
        None => "no tape: it is empty, or of a constant".into(),
    };
    match live::find(tag) {
        Some((home, i)) if Some(home.id) == tape => format!(
            "{} was recorded after this gradient was taken: take the gradient again",
            on_tape(&home, i)
        ),
        Some((home, i)) => format!(
            "{} is not in this gradient, which is of {of}: ask the gradient of the variable's own tape",
            on_tape(&home, i)
        ),
        None => format!("{} (this gradient is of {of})", why_stale(tag)),
    }
}

/// Panic: a mark was given to a tape that did not make it.
#[cold]
#[track_caller]
pub(super) fn foreign_mark(nodes: usize, made_by: u64, tape: u64) -> ! {
    let whose = if made_by == tape {
        format!("an earlier tape {made_by}, which has been dropped")
    } else {
        format!("tape {made_by}")
    };
    panic!(
        "cannot rewind tape {tape} to a mark (at node {nodes}) of {whose}: use a mark of this tape"
    )
}

/// Panic: what a mark marks is gone.
#[cold]
#[track_caller]
pub(super) fn stale_mark(nodes: usize, tape: u64, len: usize) -> ! {
    let len = counted(len, "node");
    panic!(
        "cannot rewind tape {tape}, which has {len}, to a mark at node {nodes}: what it marks was \
         cleared or rewound since, mark again"
    )
}
