//! The recordings of this thread's live tapes, and the scopes that are open on whichever of them records.
//!
//! Where something is recorded follows from its operands ([`record`](super::record)). The tape that the thread
//! recorded on last only has the fast path; nothing that can be seen depends on which one that is, but the
//! words "in use" in messages.
//!
//! [`Var::scope`](crate::Real::scope) has no operands. So a scope waits until a tape records, and opens there:
//!
//! ```text
//! open(name):        id = next;  push (id, name);  open it on the tape that has the fast path
//! activate(tape):    for each open scope with an id that the tape has not seen: open it on the tape
//! close:             close it on every tape it was opened on, or forget it there if nothing is in it
//! ```
//!
//! A tape has seen the scopes that are older than itself: they are not its own.
//!
//! No thread-local value here is ever destroyed, so tapes work in destructors of others too.

use super::labels::Labels;
use super::recording::Recording;
use super::serial;
use super::store;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::mem::{ManuallyDrop, take};
use std::rc::Rc;

type Live = BTreeMap<u64, Rc<Recording>>;

thread_local! {
    /// The recordings of live tapes, by number. Empty, it owns no memory.
    static LIVE: ManuallyDrop<RefCell<Live>> = const { ManuallyDrop::new(RefCell::new(BTreeMap::new())) };
    /// How many functions are running that may capture variables of other tapes.
    static CAPTURING: Cell<u32> = const { Cell::new(0) };
    /// The scopes that are open, the innermost last. Empty, it owns no memory.
    static OPEN: ManuallyDrop<RefCell<Vec<OpenScope>>> = const { ManuallyDrop::new(RefCell::new(Vec::new())) };
    /// The id of the scope that was opened last.
    static LAST_SCOPE: Cell<u64> = const { Cell::new(0) };
}

/// Start an empty recording that this thread can find.
pub(crate) fn start() -> Rc<Recording> {
    let recording = Rc::new(Recording::new());
    renew(&recording);
    LIVE.with(|live| live.borrow_mut().insert(recording.number(), recording.clone()));
    store::activate(&recording.store);
    recording
}

/// Forget what an empty recording knows of the functions and scopes that it was used in before.
pub(crate) fn renew(recording: &Recording) {
    recording.level.set(CAPTURING.get());
    recording.scopes_seen.set(LAST_SCOPE.get());
}

/// Take the recording off the thread's list; its variables are stale from now on.
pub(super) fn retire(recording: &Rc<Recording>) {
    // An open scope may keep the recording alive: it must not go on recording, for its serial numbers are
    // given back here.
    if store::is_active(&recording.store) {
        store::deactivate();
    }
    LIVE.with(|live| {
        let mut live = live.borrow_mut();
        live.remove(&recording.number());
        if live.is_empty() {
            *live = BTreeMap::new();
        }
    });
    recording.give_back();
}

/// Give a recording the fast path, and open on it what scopes are open.
#[inline(always)]
pub(crate) fn activate(recording: &Rc<Recording>) {
    if !store::is_active(&recording.store) {
        switch_to(recording);
    }
}

#[inline(never)]
fn switch_to(recording: &Rc<Recording>) {
    store::activate(&recording.store);
    if recording.scopes_seen.get() != LAST_SCOPE.get() {
        enter_scopes(recording);
    }
}

/// The live recording of this thread with this number.
#[inline]
fn live(tape: u64) -> Option<Rc<Recording>> {
    LIVE.with(|live| live.borrow().get(&tape).cloned())
}

/// Run `body` on the live recording of this thread that most likely gave out a tag, which `body` has to ask. It may
/// neither start nor drop a tape.
#[inline]
pub(super) fn with<R>(tag: u64, body: impl FnOnce(&Recording) -> Option<R>) -> Option<R> {
    LIVE.with(|live| body(live.borrow().get(&serial::range_of(tag))?))
}

/// Run `body`, and give the fast path back to who had it before, if it is still alive.
pub(crate) fn undisturbed<R>(body: impl FnOnce() -> R) -> R {
    let before = store::active_base();
    let result = body();
    match before.and_then(issuer) {
        Some(recording) => activate(&recording),
        None => store::deactivate(),
    }
    result
}

/// The recording that this thread recorded on last, if it is alive.
pub(crate) fn active() -> Option<Rc<Recording>> {
    issuer(store::active_base()?)
}

/// Find the live recording of this thread that gave out a tag, though the node may be gone.
pub(crate) fn issuer(tag: u64) -> Option<Rc<Recording>> {
    // Only after 2⁴⁰ nodes is the number of the tape not that of the range; then the registry knows it.
    let found = live(serial::range_of(tag)).or_else(|| live(serial::tape_of(tag)));
    found.filter(|recording| recording.issued(tag))
}

/// Find the live recording of this thread that a tag belongs to, and the node's index.
pub(crate) fn find(tag: u64) -> Option<(Rc<Recording>, u32)> {
    // Most often the range has the number of the tape; what is located there is its node.
    let located = |recording: Rc<Recording>| {
        let node = recording.locate(tag)?;
        Some((recording, node))
    };
    live(serial::range_of(tag)).and_then(located).or_else(|| issuer(tag).and_then(located))
}

/// The labels of all live recordings of this thread, as if their nodes were on one tape.
pub(crate) fn all_labels() -> Labels {
    let mut all = Labels::default();
    LIVE.with(|live| {
        for recording in live.borrow().values() {
            for (_, name) in recording.labels.borrow().iter() {
                all.set(all.len() as u32, name);
            }
        }
    });
    all
}

/// Lets a recording capture variables of other tapes until dropped.
pub(crate) struct Capture<'a>(&'a Recording);

impl Capture<'_> {
    /// Let a recording capture variables of the tapes that there are now. Those started from now on are
    /// tapes of the function that runs.
    pub fn start(recording: &Recording) -> Capture<'_> {
        CAPTURING.set(CAPTURING.get() + 1);
        recording.level.set(CAPTURING.get());
        recording.captured.replace(Some(BTreeMap::new()));
        Capture(recording)
    }

    /// The tag of a variable that was captured, if there is one.
    pub fn first(&self) -> Option<u64> {
        self.0.captured.borrow().as_ref()?.keys().next().copied()
    }
}

impl Drop for Capture<'_> {
    fn drop(&mut self) {
        CAPTURING.set(CAPTURING.get() - 1);
        self.0.captured.take();
    }
}

/// A scope that is open on whichever tape records.
struct OpenScope {
    id: u64,
    name: Box<str>,
    /// The tapes that it was opened on, with the tickets to close it.
    entered: Vec<(Rc<Recording>, u64)>,
}

/// Open the scopes on a recording that it has not seen yet.
pub(crate) fn enter_scopes(recording: &Rc<Recording>) {
    let seen = recording.scopes_seen.replace(LAST_SCOPE.get());
    if seen == LAST_SCOPE.get() {
        return;
    }
    OPEN.with(|open| {
        let mut open = open.borrow_mut();
        let first_unseen = open.partition_point(|scope| scope.id <= seen);
        for scope in &mut open[first_unseen..] {
            recording.annotated.set(true);
            let ticket = recording.scopes.borrow_mut().enter(&scope.name, recording.len());
            scope.entered.push((recording.clone(), ticket));
        }
    });
}

/// Run `body` with a scope open on every tape that records in it.
pub(super) fn in_scope<R>(name: &str, body: impl FnOnce() -> R) -> R {
    LAST_SCOPE.set(LAST_SCOPE.get() + 1);
    let scope = OpenScope { id: LAST_SCOPE.get(), name: name.into(), entered: Vec::new() };
    OPEN.with(|open| open.borrow_mut().push(scope));
    let _close = CloseScope;
    if let Some(recording) = active() {
        enter_scopes(&recording);
    }
    body()
}

/// Closes the innermost open scope when dropped, also when unwinding.
struct CloseScope;

impl Drop for CloseScope {
    fn drop(&mut self) {
        let closed = OPEN.with(|open| {
            let mut open = open.borrow_mut();
            let closed = open.pop();
            if open.is_empty() {
                take(&mut *open);
            }
            closed
        });
        for (recording, ticket) in closed.into_iter().flat_map(|scope| scope.entered) {
            let guards = recording.guards.borrow();
            let has_guard = |scope| guards.last().is_some_and(|guard| guard.scope == Some(scope));
            recording.scopes.borrow_mut().leave_or_forget(ticket, recording.len(), has_guard);
        }
    }
}
