//! Nodes and scopes as people ask for them: by name.

use super::Report;
use super::text::on_one_line;

impl Report {
    /// The nodes that a name stands for: all that have it as label, else the one whose index it is.
    pub(super) fn nodes_named(&self, name: &str) -> Vec<usize> {
        let is_called = |&i: &usize| self.nodes[i].label.as_deref() == Some(name);
        let labelled: Vec<usize> = (0..self.nodes.len()).filter(is_called).collect();
        if labelled.is_empty() { self.find(name).into_iter().collect() } else { labelled }
    }

    /// The scopes that a name or a path `outer / inner` stands for: all that have it; with `#2` behind it the
    /// second of them.
    pub(super) fn scopes_named(&self, name: &str) -> Vec<usize> {
        let called = |name: &str| -> Vec<usize> {
            let has = |&s: &usize| self.scopes[s].name == name || self.path_of(s) == name;
            (0..self.scopes.len()).filter(has).collect()
        };
        let all = called(name);
        if !all.is_empty() {
            return all;
        }
        let one = name.rsplit_once('#').and_then(|(name, number)| {
            called(name).get(number.parse::<usize>().ok()?.checked_sub(1)?).copied()
        });
        one.into_iter().collect()
    }

    /// The name that stands for one scope only: its path, with a number if it is not the only one.
    pub(super) fn scope_name(&self, scope: usize) -> String {
        let path = self.path_of(scope);
        let all = self.scopes_named(&path);
        match all.iter().position(|&s| s == scope) {
            Some(at) if all.len() > 1 => format!("{path}#{}", at + 1),
            _ => path,
        }
    }

    /// Whether each node is in one of these scopes, however deep.
    pub(super) fn nodes_in(&self, scopes: &[usize]) -> Vec<bool> {
        let mut inside = vec![false; self.scopes.len()];
        for &scope in scopes {
            inside[scope] = true;
        }
        for scope in 0..self.scopes.len() {
            let around = self.scopes[scope].parent;
            inside[scope] |= around.is_some_and(|parent| inside[parent]);
        }
        self.nodes.iter().map(|node| node.scope.is_some_and(|scope| inside[scope])).collect()
    }
}

/// Say that there is no such scope, and which there are.
pub(super) fn no_such_scope(name: &str, known: &[String]) -> String {
    const SHOWN: usize = 5;
    let name = on_one_line(name);
    let quoted = |name: &String| format!("`{}`", on_one_line(name));
    let listed = known.iter().take(SHOWN).map(quoted).collect::<Vec<_>>().join(", ");
    match known.len().saturating_sub(SHOWN) {
        _ if known.is_empty() => format!("no scope is called `{name}`: the tape has no scopes"),
        0 => format!("no scope is called `{name}`; there are {listed}"),
        more => format!("no scope is called `{name}`; there are {listed} and {more} more"),
    }
}
