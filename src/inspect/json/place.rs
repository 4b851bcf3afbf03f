//! [`Place`]: where in a report something is. The path is written out only for an error.

use crate::inspect::ReportError;
use std::fmt;

/// A field, or an item of a list, and what it is in.
#[derive(Clone, Copy)]
pub(in crate::inspect) struct Place<'a> {
    step: Step,
    outer: Option<&'a Place<'a>>,
    /// The lists of the struct that is here, and how long they are.
    lists: &'a [(&'static str, usize)],
}

#[derive(Clone, Copy)]
enum Step {
    Root,
    Field(&'static str),
    Item(usize),
}

/// What to do about a field that is wrong.
pub(super) const CORRECT: &str = "correct the report there, or make it anew with `Tape::report`";

impl<'a> Place<'a> {
    pub const ROOT: Place<'static> = Place { step: Step::Root, outer: None, lists: &[] };

    /// The same place, with the lists of the struct that is there.
    pub fn with(&self, lists: &'a [(&'static str, usize)]) -> Place<'a> {
        Place { lists, ..*self }
    }

    pub fn field(&'a self, name: &'static str) -> Place<'a> {
        Place { step: Step::Field(name), outer: Some(self), lists: &[] }
    }

    pub fn item(&'a self, i: usize) -> Place<'a> {
        Place { step: Step::Item(i), outer: Some(self), lists: &[] }
    }

    /// The index of the item that this is; 0 of what is no item.
    pub fn index(&self) -> usize {
        if let Step::Item(i) = self.step { i } else { 0 }
    }

    /// Count the items of the nearest list of this name: in the struct here, or in those around it. A list does not
    /// measure itself, so from inside a list of this name the next one is meant.
    pub fn count(&self, list: &str) -> usize {
        let (mut here, mut inside) = (self, None);
        loop {
            let found = here.lists.iter().find(|(name, _)| *name == list && inside != Some(list));
            if let Some(&(_, count)) = found {
                return count;
            }
            inside = if let Step::Field(name) = here.step { Some(name) } else { None };
            let Some(outer) = here.outer else { unreachable!("no list `{list}` around `{self}`") };
            here = outer;
        }
    }

    /// The error that something here is wrong.
    pub fn error(&self, problem: String) -> ReportError {
        ReportError::Field { at: self.to_string(), problem, advice: CORRECT }
    }

    /// Fail unless this holds.
    pub fn ensure(&self, holds: bool, problem: impl FnOnce() -> String) -> Result<(), ReportError> {
        if holds { Ok(()) } else { Err(self.error(problem())) }
    }
}

impl fmt::Display for Place<'_> {
    /// The path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(outer) = self.outer else { return f.write_str("report") };
        if outer.outer.is_some() {
            outer.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) if outer.outer.is_some() => write!(f, ".{name}"),
            Step::Field(name) => f.write_str(name),
            Step::Item(i) => write!(f, "[{i}]"),
        }
    }
}
