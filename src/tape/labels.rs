//! Labels of nodes and scopes of work: names for people, side tables that cost nothing unused.

use indexmap::IndexMap;

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

    pub fn truncate(&mut self, nodes: usize) {
        self.by_node.retain(|&node, _| (node as usize) < nodes);
    }

    /// The labels with what they name, each name once: a repeated one gets `#2`, `#3`, ...
    pub fn unique(&self) -> IndexMap<String, u32> {
        let mut named = IndexMap::with_capacity(self.by_node.len());
        for (node, name) in self.iter() {
            let mut key = name.to_string();
            let mut n = 1;
            while named.contains_key(&key) {
                n += 1;
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
    open: Vec<usize>,
}

impl Scopes {
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn all(&self) -> &[Scope] {
        &self.all
    }

    pub fn enter(&mut self, name: &str, node: usize) {
        let parent = self.open.last().copied();
        self.open.push(self.all.len());
        self.all.push(Scope { name: name.into(), parent, start: node, end: None });
    }

    /// Close the innermost open scope; none may be open if the tape was cleared inside it.
    pub fn leave(&mut self, node: usize) {
        if let Some(scope) = self.open.pop() {
            self.all[scope].end = Some(node);
        }
    }

    /// How many scopes are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Go back to `scopes` scopes and `nodes` nodes; a scope that spans the cut is cut.
    pub fn truncate(&mut self, scopes: usize, nodes: usize) {
        self.all.truncate(scopes);
        self.open.retain(|&scope| scope < scopes);
        for scope in &mut self.all {
            scope.end = scope.end.map(|end| end.min(nodes));
        }
    }

    /// The path of the innermost scope around a node: `outer / inner`.
    pub fn path(&self, node: usize) -> Option<String> {
        let holds = |s: &Scope| s.start <= node && s.end.is_none_or(|end| node < end);
        let mut at = self.all.iter().rposition(holds)?;
        let mut names = vec![self.all[at].name.as_str()];
        while let Some(parent) = self.all[at].parent {
            at = parent;
            names.push(&self.all[at].name);
        }
        names.reverse();
        Some(names.join(" / "))
    }
}
