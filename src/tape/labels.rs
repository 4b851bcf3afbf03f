//! Labels of nodes and scopes of work: names for people, side tables that cost nothing unused.

use indexmap::IndexMap;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

/// The labels of a recording.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    /// Each with its place in the order of declaration.
    by_node: BTreeMap<u32, (u64, Box<str>)>,
    declared: u64,
}

impl Labels {
    pub fn is_empty(&self) -> bool {
        self.by_node.is_empty()
    }

    pub fn len(&self) -> usize {
        self.by_node.len()
    }

    /// Name a node; a second label replaces the first.
    pub fn set(&mut self, node: u32, name: &str) {
        self.declared += 1;
        self.by_node.entry(node).or_insert((self.declared, Box::default())).1 = name.into();
    }

    pub fn get(&self, node: u32) -> Option<&str> {
        self.by_node.get(&node).map(|(_, name)| &**name)
    }

    /// The labels in the order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        let mut all: Vec<_> = self.by_node.iter().collect();
        all.sort_unstable_by_key(|(_, (place, _))| place);
        all.into_iter().map(|(&node, (_, name))| (node, &**name))
    }

    /// Tell whether a node from `from` on has a label.
    pub fn reach(&self, from: usize) -> bool {
        self.by_node.last_key_value().is_some_and(|(&node, _)| node as usize >= from)
    }

    /// Take away the labels of the nodes from `from` on, which fits 32 bits where there are such nodes.
    pub fn split_off(&mut self, from: usize) -> impl Iterator<Item = (u32, Box<str>)> + use<> {
        let gone = self.by_node.split_off(&(from as u32));
        gone.into_iter().map(|(node, (_, name))| (node, name))
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
        if let Some(at) = self.open.iter().rposition(|open| open.ticket == ticket) {
            for open in self.open.drain(at..) {
                self.all[open.scope].end = Some(node);
            }
        }
    }

    /// Close a scope as [`leave`](Scopes::leave) does, and forget it if it is the last and nothing is in it.
    pub fn leave_or_forget(&mut self, ticket: u64, node: usize, has_guard: impl Fn(usize) -> bool) {
        let scope = self.open.last().filter(|open| open.ticket == ticket).map(|open| open.scope);
        self.leave(ticket, node);
        let is_empty = |scope: usize| self.all[scope].start == node && !has_guard(scope);
        if scope.is_some_and(|scope| scope + 1 == self.all.len() && is_empty(scope)) {
            self.all.pop();
        }
    }

    /// Go back to `scopes` scopes and `nodes` nodes; a scope that spans the cut is cut. A mark made after
    /// another rewind may have counted scopes that were opened later than it knows.
    pub fn truncate(&mut self, scopes: usize, nodes: usize) {
        let scopes = scopes.min(self.all.partition_point(|scope| scope.start <= nodes));
        self.all.truncate(scopes);
        while self.open.pop_if(|open| open.scope >= scopes).is_some() {}
        // Scopes that span the cut are the last one and those around it.
        let mut around = scopes.checked_sub(1);
        while let Some(scope) = around {
            self.all[scope].end = self.all[scope].end.map(|end| end.min(nodes));
            around = self.all[scope].parent;
        }
    }

    /// The innermost scope that is open.
    pub fn innermost(&self) -> Option<usize> {
        self.open.last().map(|open| open.scope)
    }

    /// The innermost scope around a node: the last that begins before it, or one around that.
    pub fn around(&self, node: usize) -> Option<usize> {
        let mut at = self.all.partition_point(|scope| scope.start <= node).checked_sub(1);
        while let Some(scope) = at
            && self.all[scope].end.is_some_and(|end| end <= node)
        {
            at = self.all[scope].parent;
        }
        at
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

/// The labels of nodes that are gone, by tag, so that messages about a stale variable can still name it. A
/// thread keeps them for the last few tapes that were cleared, rewound or dropped, and for each only what
/// went last: a message, not a history.
struct LostLabels {
    tape: u64,
    labels: BTreeMap<u64, Box<str>>,
}

thread_local! {
    static LOST: RefCell<Vec<LostLabels>> = const { RefCell::new(Vec::new()) };
}

/// Keep the labels of nodes that a recording is about to lose.
pub(super) fn keep_labels(tape: u64, labels: BTreeMap<u64, Box<str>>) {
    // At the end of a thread there is nowhere to keep them.
    let _ = LOST.try_with(|all| {
        let mut all = all.borrow_mut();
        all.retain(|other| other.tape != tape);
        if all.len() == TAPES {
            all.remove(0);
        }
        all.push(LostLabels { tape, labels });
    });
}

/// The label of a node that is gone.
pub(super) fn lost_label(tag: u64) -> Option<String> {
    let find = |lost: &LostLabels| lost.labels.get(&tag).map(|label| label.to_string());
    LOST.try_with(|all| all.borrow().iter().find_map(find)).ok().flatten()
}
