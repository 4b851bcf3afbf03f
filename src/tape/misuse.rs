//! The messages for variables used where they do not belong.

use super::recording::{self, Recording};
use super::serial;

/// Describe a variable: its label, node and tape, as far as they are still known.
pub(crate) fn describe(tag: u64) -> String {
    match recording::find(tag) {
        Some((home, i)) => on_tape(&home, i),
        None => format!("a variable of tape {}", serial::tape_of(tag)),
    }
}

fn on_tape(home: &Recording, i: u32) -> String {
    let tape = home.number();
    match home.labels.borrow().get(i) {
        Some(label) => format!("variable `{label}` (node {i} of tape {tape})"),
        None => format!("node {i} of tape {tape}"),
    }
}

/// Say why a variable cannot be found among this thread's recordings.
fn why_lost(tag: u64) -> String {
    let tape = serial::tape_of(tag);
    if let Some(home) = recording::find_number(tape) {
        let forgotten = home.forgotten.borrow();
        let label = forgotten.iter().find(|(t, _)| *t == tag);
        let label = label.map_or(String::new(), |(_, name)| format!(" `{name}`"));
        return format!(
            "the variable{label} was recorded on tape {tape} before that tape was cleared or \
             rewound: keep its value, or record it again"
        );
    }
    match serial::holder(tape) {
        Some(thread) if thread != std::thread::current().id() => format!(
            "the variable belongs to tape {tape} of another thread ({thread:?}): a recording stays \
             on its thread, send values instead"
        ),
        _ => format!(
            "the variable belongs to tape {tape}, which has been dropped: keep the tape alive as \
             long as its variables"
        ),
    }
}

/// Panic: a variable has no living node.
#[cold]
#[track_caller]
pub(crate) fn lost(tag: u64) -> ! {
    match recording::active() {
        Some(active) => panic!("stale variable: {} (in use: tape {})", why_lost(tag), active.number()),
        None => panic!("stale variable: {} (no tape is in use)", why_lost(tag)),
    }
}

/// Panic: operands of one operation live on two tapes.
#[cold]
#[track_caller]
pub(crate) fn foreign(a: u64, b: u64) -> ! {
    panic!(
        "variables of two tapes in one operation: {} and {}: record both on one tape, or pass the \
         value of one as a constant",
        describe(a),
        describe(b)
    )
}

/// Why a number was asked for a variable that a gradient knows nothing about.
pub(crate) fn not_in_gradient(tag: u64, tape: Option<u64>) -> String {
    let of = tape.map_or("a constant".into(), |t| format!("tape {t}"));
    match recording::find(tag) {
        Some((home, i)) if Some(home.number()) == tape => format!(
            "{} was recorded after this gradient was taken: take the gradient again",
            on_tape(&home, i)
        ),
        Some((home, i)) => format!("{} is not on the tape of this gradient ({of})", on_tape(&home, i)),
        None => format!("{} (this gradient is of {of})", why_lost(tag)),
    }
}
