//! [`Tape`]: the handle to a recording.

use super::guards::Guard;
use super::labels::Scope;
use super::live;
use super::misuse;
use super::recording::{Lengths, Recording};
use super::serial;
use super::store;
use super::var::Var;
use crate::op::Op;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

/// Record scalar operations, so that they can be swept backwards.
///
/// A tape is a handle to one recording of its thread. Variables made by [`var`](Tape::var) are its
/// independent variables, its *leaves*; whatever is computed from them is appended. Several tapes may
/// live at once.
///
/// A node takes 17 bytes: one of operation, twice four of operands, eight of value. Local partials
/// are not stored but recomputed in the sweep, and so the same recording can be shown and replayed.
///
/// ```
/// use gradtape::Tape;
///
/// let tape = Tape::new();
/// let dose = tape.var(0.5).label("dose");
/// let w1 = tape.var(3.34).label("w1");
/// let b1 = tape.var(-1.43).label("b1");
/// let y = (w1 * dose + b1).softplus().label("y");
/// let gradient = y.backward();
/// assert_eq!(gradient.wrt(w1), 0.27985682463359646);
/// assert_eq!(gradient[b1], 2.0 * gradient[w1]);
/// ```
#[doc(alias("autodiff", "autograd", "Wengert list"))]
pub struct Tape {
    pub(crate) recording: Rc<Recording>,
}

/// A place on a tape to rewind to.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    lengths: Lengths,
    /// The id of the tape, which unlike its number is never used again.
    tape: u64,
    /// Tag of the last node before the mark: it is gone if that node is.
    last: u64,
}

impl Tape {
    /// Start an empty tape.
    #[must_use]
    pub fn new() -> Tape {
        Tape { recording: live::start() }
    }

    /// Add an independent variable.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn var(&self, value: f64) -> Var {
        live::activate(&self.recording);
        self.leaf(value, Location::caller())
    }

    /// Add one independent variable a value.
    #[must_use]
    #[track_caller]
    pub fn vars(&self, values: &[f64]) -> Vec<Var> {
        let caller = Location::caller();
        live::activate(&self.recording);
        values.iter().map(|&value| self.leaf(value, caller)).collect()
    }

    #[inline]
    #[track_caller]
    fn leaf(&self, value: f64, caller: &'static Location<'static>) -> Var {
        Var { value, tag: self.recording.push_for(caller, Op::Input, 0, 0, value) }
    }

    /// Count the nodes.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.recording.len()
    }

    /// Tell whether nothing is recorded.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forget the recording and keep its memory, so that recording again allocates nothing.
    ///
    /// Its variables become stale: using one panics.
    ///
    /// # Panics
    /// If the tape is being swept (from inside a [`CustomOp`](crate::CustomOp)).
    #[doc(alias = "zero_grad")]
    #[inline]
    #[track_caller]
    pub fn clear(&self) {
        self.recording.clear();
    }

    /// Remember this place, to [`rewind`](Tape::rewind) to.
    #[doc(alias = "checkpoint")]
    #[must_use]
    pub fn mark(&self) -> Mark {
        let lengths = self.recording.lengths();
        let last = lengths.nodes.checked_sub(1).map_or(0, |i| self.recording.tag_of(i));
        Mark { lengths, tape: self.recording.id, last }
    }

    /// Forget what was recorded after the mark: parameters stay, an evaluation goes.
    ///
    /// # Panics
    /// If the mark is of another tape, or what it marks was itself cleared or rewound.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let w = tape.var(2.0);
    /// let mark = tape.mark();
    /// for x in [1.0, 2.0, 3.0] {
    ///     let y = (w * x).square();
    ///     assert_eq!(y.backward().wrt(w), 4.0 * x * x);
    ///     tape.rewind(mark);
    /// }
    /// assert_eq!(tape.len(), 1);
    /// ```
    #[track_caller]
    pub fn rewind(&self, mark: Mark) {
        let nodes = mark.lengths.nodes;
        if mark.tape != self.recording.id {
            misuse::foreign_mark(nodes, serial::tape_of(mark.tape), self.number());
        }
        if nodes > 0 && self.recording.locate(mark.last) != Some(nodes as u32 - 1) {
            misuse::stale_mark(nodes, self.number(), self.len());
        }
        self.recording.truncate(mark.lengths);
    }

    /// Open a named scope; it closes when the value returned is dropped. Scopes nest.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(1.0);
    /// {
    ///     let _layer = tape.scope("hidden");
    ///     let _y = x.tanh();
    /// }
    /// assert_eq!(tape.scopes()[0].name, "hidden");
    /// assert_eq!(tape.node(1).scope, Some(0));
    /// ```
    pub fn scope(&self, name: &str) -> ScopeGuard {
        live::enter_scopes(&self.recording);
        self.recording.annotated.set(true);
        let ticket = self.recording.scopes.borrow_mut().enter(name, self.len());
        ScopeGuard { recording: self.recording.clone(), ticket }
    }

    /// List the scopes, outer before inner.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        self.recording.scopes.borrow().all().to_vec()
    }

    /// List the comparisons that were made while recording.
    #[must_use]
    pub fn guards(&self) -> Vec<Guard> {
        self.recording.guards.borrow().clone()
    }

    /// Remember for every node from now on at which line of code it was recorded, or stop that.
    ///
    /// The line is the one in your code that called the operation. Lists of nodes give it
    /// ([`Node::location`](crate::Node::location)), and [`first_non_finite`](Tape::first_non_finite)
    /// says it in its message. Numbers and nodes are the same with it and without. Nodes recorded while it
    /// is off have no line; [`clear`](Tape::clear) and [`rewind`](Tape::rewind) leave it on.
    ///
    /// A node that was recorded for you gets the line that asked for it: all of
    /// [`backward_recorded`](Tape::backward_recorded) the line of that call, a node of a
    /// layer or a loss of [`nn`](crate::nn) perhaps a line in there. Where only the standard library
    /// knows who called there is none: `iter().sum()`, `iter().product()` and `map(Var::sin)`. Write
    /// [`sum(iter)`](crate::sum()) and `map(|x| x.sin())` to have one.
    ///
    /// For debugging: on, recording is about ten times slower, and a node takes 16 bytes more. Off, it
    /// costs nothing.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// tape.record_locations(true);
    /// let x = tape.var(1.0);
    /// let inner = (x - 2.0).sqrt(); let line = line!();
    /// let y = inner.sqrt() + 1.0;
    /// assert!(y.value().is_nan());
    ///
    /// let culprit = tape.first_non_finite().unwrap();
    /// assert_eq!(culprit.location.unwrap().line(), line);
    /// let expected = format!("node 2 at {}:{line}: sqrt(%1) = NaN, where %1 = -1", file!());
    /// assert_eq!(culprit.to_string(), expected);
    /// ```
    pub fn record_locations(&self, on: bool) {
        self.recording.set_locations(on);
    }

    /// Find the line of code that node `i` was recorded at, if that was
    /// [remembered](Tape::record_locations).
    ///
    /// # Panics
    /// If the tape has no node `i`.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// tape.record_locations(true);
    /// let y = x * x; let line = line!();
    /// assert_eq!(tape.location(0), None);
    /// assert_eq!(tape.location(1).map(|location| location.line()), Some(line));
    /// # let _ = y;
    /// ```
    #[must_use]
    #[track_caller]
    pub fn location(&self, i: usize) -> Option<&'static Location<'static>> {
        self.assert_has(i);
        self.recording.locations.get(i)
    }

    /// Read the number that messages call this tape by. It is unique among the tapes alive.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.recording.number()
    }

    /// The bytes that one node takes, beside the operands of n-ary nodes (4 each, 8 a constant).
    pub const BYTES_PER_NODE: usize = store::BYTES_PER_NODE;

    /// Count the bytes of the nodes, and of the operands and constants they keep in pools.
    #[must_use]
    pub fn bytes_used(&self) -> usize {
        self.recording.store.bytes_used()
    }

    /// Count the bytes that the recording has reserved.
    #[must_use]
    pub fn bytes_reserved(&self) -> usize {
        self.recording.store.bytes_reserved()
    }
}

impl Default for Tape {
    fn default() -> Tape {
        Tape::new()
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        live::retire(&self.recording);
    }
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape {} ({} nodes)", self.number(), self.len())
    }
}

/// Keep a scope open until dropped. Made by [`Tape::scope`].
#[must_use = "the scope closes when this is dropped"]
pub struct ScopeGuard {
    recording: Rc<Recording>,
    ticket: u64,
}

impl Drop for ScopeGuard {
    fn drop(&mut self) {
        self.recording.scopes.borrow_mut().leave(self.ticket, self.recording.len());
    }
}
