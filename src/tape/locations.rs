//! Locations: the line of the user's code that each node was recorded at.
//!
//! Every way of recording is `#[track_caller]`, so the line is known wherever a node is made; the fast
//! path just has no use for it. While the switch is on, the fast path is closed and every node takes the
//! slow path, which writes the line down. Off, the fast path spends no instruction on it.

use std::cell::{Cell, RefCell};
use std::iter::Sum;
use std::panic::Location;

/// A line of code.
pub(crate) type Line = &'static Location<'static>;

/// The modules of this crate that stand on the engine as a user does: a line of theirs says something.
const USER_MODULES: [&str; 2] = ["nn", "bin"];

thread_local! {
    /// How many recordings of this thread remember lines.
    static RECORDED: Cell<usize> = const { Cell::new(0) };
}

/// Tell whether any recording of this thread remembers lines.
pub(crate) fn are_recorded() -> bool {
    RECORDED.get() > 0
}

/// The lines that nodes were recorded at.
#[derive(Default)]
pub(crate) struct Locations {
    is_on: Cell<bool>,
    /// Nodes and their lines, by node; those without a line are left out.
    lines: RefCell<Vec<(u32, Line)>>,
    /// The line that asked for what the engine is recording of itself.
    attribute_to: Cell<Option<Line>>,
}

impl Locations {
    pub fn is_on(&self) -> bool {
        self.is_on.get()
    }

    pub fn set(&self, on: bool) {
        let was_on = self.is_on.replace(on);
        RECORDED.set(RECORDED.get() + usize::from(on) - usize::from(was_on));
    }

    /// Remember the line of the next node, or of whom the engine records it for.
    pub fn remember(&self, node: usize, caller: Line) {
        let line = Some(caller).filter(|line| is_user_code(line.file()));
        if let Some(line) = line.or(self.attribute_to.get()) {
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
    pub fn attribute_to(&self, caller: Line) -> Attribution<'_> {
        let before = self.attribute_to.get();
        if self.is_on() && is_user_code(caller.file()) {
            self.attribute_to.set(Some(caller));
        }
        Attribution { locations: self, before }
    }
}

impl Drop for Locations {
    fn drop(&mut self) {
        self.set(false);
    }
}

/// Puts back who was recorded for before.
pub(crate) struct Attribution<'a> {
    locations: &'a Locations,
    before: Option<Line>,
}

impl Drop for Attribution<'_> {
    fn drop(&mut self) {
        self.locations.attribute_to.set(self.before);
    }
}

/// Tell whether a file is neither of the standard library nor of the engine. Such a line is an
/// implementation's, and would point the user at the wrong place.
fn is_user_code(file: &str) -> bool {
    let own = engine().and_then(|root| file.strip_prefix(root));
    let of_the_engine = own.is_some_and(|file| {
        !file.split(['/', '\\']).next().is_some_and(|module| USER_MODULES.contains(&module))
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
