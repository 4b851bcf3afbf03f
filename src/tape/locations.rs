//! Locations: the line of the user's code that each node was recorded at.
//!
//! Every way of recording is `#[track_caller]`, so the line is known wherever a node is made; the short
//! way just has no use for it. While the switch is on the short way is closed, every node takes the
//! long way, and that writes the line down. Off, not an instruction of the short way is spent on it.

use super::Tape;
use super::recording::Recording;
use std::cell::{Cell, RefCell};
use std::iter::Sum;
use std::panic::Location;

/// A line of code.
pub(crate) type Line = &'static Location<'static>;

/// The modules of this crate that stand on the engine as a user does: a line of theirs says something.
const LIKE_A_USER: [&str; 2] = ["nn", "bin"];

/// The lines that nodes were recorded at.
#[derive(Default)]
pub(crate) struct Locations {
    is_on: Cell<bool>,
    /// Nodes and their lines, by node; those without a line are left out.
    lines: RefCell<Vec<(u32, Line)>>,
    /// The line that asked for what the engine is recording of itself.
    on_behalf_of: Cell<Option<Line>>,
}

impl Locations {
    pub fn is_on(&self) -> bool {
        self.is_on.get()
    }

    /// Remember the line of the next node, or of whom the engine records it for.
    pub fn remember(&self, node: usize, caller: Line) {
        let line = Some(caller).filter(|line| is_of_the_user(line.file()));
        if let Some(line) = line.or(self.on_behalf_of.get()) {
            self.lines.borrow_mut().push((node as u32, line));
        }
    }

    pub fn get(&self, node: usize) -> Option<Line> {
        let lines = self.lines.borrow();
        let at = lines.binary_search_by_key(&(node as u32), |&(node, _)| node).ok()?;
        Some(lines[at].1)
    }

    pub fn truncate(&self, nodes: usize) {
        let mut lines = self.lines.borrow_mut();
        let standing = lines.partition_point(|&(node, _)| (node as usize) < nodes);
        lines.truncate(standing);
    }

    /// Until the value returned is dropped, give this line to nodes that have none of the user's own: a
    /// sweep that records runs the rules of the op table, and the user wrote none of their lines.
    pub fn on_behalf_of(&self, caller: Line) -> OnBehalf<'_> {
        let before = self.on_behalf_of.get();
        if self.is_on() && is_of_the_user(caller.file()) {
            self.on_behalf_of.set(Some(caller));
        }
        OnBehalf { locations: self, before }
    }
}

/// Puts back who was recorded for before.
pub(crate) struct OnBehalf<'a> {
    locations: &'a Locations,
    before: Option<Line>,
}

impl Drop for OnBehalf<'_> {
    fn drop(&mut self) {
        self.locations.on_behalf_of.set(self.before);
    }
}

/// Tell whether a file is neither of the standard library nor of the engine. Such a line is an
/// implementation's, and would point the user at the wrong place.
fn is_of_the_user(file: &str) -> bool {
    let own = engine().and_then(|root| file.strip_prefix(root));
    let of_the_engine = own.is_some_and(|file| {
        !file.split(['/', '\\']).next().is_some_and(|module| LIKE_A_USER.contains(&module))
    });
    !of_the_engine && !standard_library().is_some_and(|root| file.starts_with(root))
}

/// The folder of this crate's sources, as the compiler calls it.
fn engine() -> Option<&'static str> {
    // By length: separators differ between systems.
    let here = file!();
    here.get(..here.len().checked_sub("tape/locations.rs".len())?)
}

/// The folder of the standard library's sources, as the compiler calls it.
fn standard_library() -> Option<&'static str> {
    /// Who asked for the sum: the line in `Iterator::sum` where it is passed on.
    struct Asked(Line);

    impl Sum<()> for Asked {
        #[track_caller]
        fn sum<I: Iterator<Item = ()>>(_: I) -> Asked {
            Asked(Location::caller())
        }
    }

    let Asked(line) = std::iter::empty().sum();
    let (root, _) = line.file().rsplit_once("core")?;
    Some(root)
}

impl Recording {
    /// Remember the lines of later nodes, or stop that.
    pub fn set_locations(&self, on: bool) {
        self.locations.is_on.set(on);
        self.store.set_short_way(!on);
    }
}

impl Tape {
    /// Remember for every node from now on at which line of code it was recorded, or stop that.
    ///
    /// The line is the one in your code that called the operation. Lists of nodes give it
    /// ([`Node::location`](super::Node::location)), and [`first_non_finite`](Tape::first_non_finite)
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
}
