//! Labels of nodes and scopes of work: names for people, side tables that cost nothing unused.

use super::serial::{Segment, locate_in};
use indexmap::IndexMap;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The labels of a recording, in declaration order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    by_node: IndexMap<u32, Box<str>>,
}

impl Labels {
    pub fn is_empty(&self) -> bool {
        self.by_node.is_empty()
    }

    /// Name a node; a second label replaces the first.
    pub fn set(&mut self, node: u32, name: &str) {
        self.by_node.insert(node, name.into());
    }

    pub fn get(&self, node: u32) -> Option<&str> {
        self.by_node.get(&node).map(|name| &**name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        self.by_node.iter().map(|(&node, name)| (node, &**name))
    }

    /// Tell whether a node from `from` on has a label.
    pub fn reach(&self, from: usize) -> bool {
        self.by_node.keys().any(|&node| node as usize >= from)
    }

    pub fn truncate(&mut self, nodes: usize) {
        self.by_node.retain(|&node, _| (node as usize) < nodes);
    }

    /// The labels with what they name, each name once: a repeated one gets `#2`, `#3`, ...
    pub fn unique(&self) -> IndexMap<String, u32> {
        let mut named = IndexMap::with_capacity(self.by_node.len());
        // The last number tried for a name: the thousandth repeat does not start again from 2.
        let mut last: HashMap<&str, usize> = HashMap::new();
        for (node, name) in self.iter() {
            let n = last.entry(name).or_insert(1);
            let mut key = name.to_string();
            while named.contains_key(&key) {
                *n += 1;
                key = format!("{name}#{n}");
            }
            named.insert(key, node);
        }
        named
    }
}

/// One scope: a named run of nodes, perhaps inside another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scope {
    /// Its name.
    pub name: String,
    /// The scope around it, as an index into [`Tape::scopes`](super::Tape::scopes).
    pub parent: Option<usize>,
    /// Its first node.
    pub start: usize,
    /// The node after its last; `None` while it is open.
    pub end: Option<usize>,
}

/// The scopes of a recording, outer before inner.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    all: Vec<Scope>,
    open: Vec<Open>,
    /// How many were ever opened.
    entered: u64,
}

/// A scope that is open.
#[derive(Debug)]
struct Open {
    /// Its index in the list.
    scope: usize,
    /// Its ticket: an index can come back after a clear.
    ticket: u64,
}

impl Scopes {
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn all(&self) -> &[Scope] {
        &self.all
    }

    /// Open a scope and return the ticket to leave it with.
    pub fn enter(&mut self, name: &str, node: usize) -> u64 {
        let parent = self.open.last().map(|open| open.scope);
        self.entered += 1;
        self.open.push(Open { scope: self.all.len(), ticket: self.entered });
        self.all.push(Scope { name: name.into(), parent, start: node, end: None });
        self.entered
    }

    /// Close a scope and those still open inside it, if a clear or rewind has not done so already.
    pub fn leave(&mut self, ticket: u64, node: usize) {
        if let Some(at) = self.open.iter().position(|open| open.ticket == ticket) {
            for open in self.open.drain(at..) {
                self.all[open.scope].end = Some(node);
            }
        }
    }

    /// Go back to `scopes` scopes and `nodes` nodes; a scope that spans the cut is cut. A mark made after
    /// another rewind may have counted scopes that were opened later than it knows.
    pub fn truncate(&mut self, scopes: usize, nodes: usize) {
        let scopes = scopes.min(self.all.partition_point(|scope| scope.start <= nodes));
        self.all.truncate(scopes);
        self.open.retain(|open| open.scope < scopes);
        for scope in &mut self.all {
            scope.end = scope.end.map(|end| end.min(nodes));
        }
    }

    /// The innermost scope that is open.
    pub fn innermost(&self) -> Option<usize> {
        self.open.last().map(|open| open.scope)
    }

    /// The innermost scope around a node.
    pub fn around(&self, node: usize) -> Option<usize> {
        let holds = |s: &Scope| s.start <= node && s.end.is_none_or(|end| node < end);
        self.all.iter().rposition(holds)
    }

    /// The path of the innermost scope around a node: `outer / inner`.
    pub fn path(&self, node: usize) -> Option<String> {
        self.around(node).map(|scope| self.path_of(scope))
    }

    /// The path of a scope.
    pub fn path_of(&self, scope: usize) -> String {
        let mut at = scope;
        let mut names = vec![self.all[at].name.as_str()];
        while let Some(parent) = self.all[at].parent {
            at = parent;
            names.push(&self.all[at].name);
        }
        names.reverse();
        names.join(" / ")
    }
}

/// The innermost scope around each node. They are nested and in order, so one walk finds all.
pub(crate) fn innermost(scopes: &[Scope], nodes: usize) -> Vec<Option<usize>> {
    let mut starting = scopes.iter().enumerate().peekable();
    let mut open: Vec<usize> = Vec::new();
    let at = |node: usize| {
        while let Some((scope, _)) = starting.next_if(|(_, scope)| scope.start <= node) {
            open.push(scope);
        }
        while open.pop_if(|&mut scope| scopes[scope].end.is_some_and(|end| end <= node)).is_some() {
        }
        open.last().copied()
    };
    (0..nodes).map(at).collect()
}

/// Of how many tapes a thread keeps the labels of nodes that are gone.
const TAPES: usize = 8;

/// The labels of a tape before it was cut, so that messages about a stale variable can still name it. A
/// thread keeps them for the last few tapes that were cleared, rewound or dropped, and for each only what
/// went last: a message, not a history.
struct LostLabels {
    tape: u64,
    segments: SmallVec<[Segment; 1]>,
    labels: Arc<Labels>,
}

thread_local! {
    static LOST: RefCell<Vec<LostLabels>> = const { RefCell::new(Vec::new()) };
}

/// Keep the labels of a recording that is about to lose nodes.
pub(super) fn keep_labels(tape: u64, segments: SmallVec<[Segment; 1]>, labels: &Arc<Labels>) {
    if labels.is_empty() {
        return;
    }
    let labels = labels.clone();
    // At the end of a thread there is nowhere to keep them, and no message will be read.
    let _ = LOST.try_with(|all| {
        let mut all = all.borrow_mut();
        all.retain(|other| other.tape != tape);
        if all.len() == TAPES {
            all.remove(0);
        }
        all.push(LostLabels { tape, segments, labels });
    });
}

/// The label of a node that is gone.
pub(super) fn lost_label(tag: u64) -> Option<String> {
    LOST.with_borrow(|all| {
        let find = |f: &LostLabels| Some(f.labels.get(locate_in(&f.segments, tag)?)?.to_string());
        all.iter().find_map(find)
    })
}
