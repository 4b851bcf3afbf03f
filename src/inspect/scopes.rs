//! Scopes: their paths, what is around a node, what is inside.

use super::Report;

impl Report {
    /// Read the path of a node's scope, `outer / inner`; none if it is in no scope.
    ///
    /// # Panics
    /// If the report has no such node.
    #[must_use]
    #[track_caller]
    pub fn scope_path(&self, node: usize) -> Option<String> {
        self.assert_has(node);
        self.nodes[node].scope.map(|scope| self.path_of(scope))
    }

    /// The path of a scope.
    pub(super) fn path_of(&self, scope: usize) -> String {
        let around = self.scopes_from(Some(scope));
        around.into_iter().map(|scope| &*self.scopes[scope].name).collect::<Vec<_>>().join(" / ")
    }

    /// The paths of all scopes.
    pub(super) fn scope_paths(&self) -> Vec<String> {
        (0..self.scopes.len()).map(|scope| self.path_of(scope)).collect()
    }

    /// The scopes around a node, outer before inner.
    pub(super) fn scopes_around(&self, node: usize) -> Vec<usize> {
        self.scopes_from(self.nodes[node].scope)
    }

    /// A scope and those around it, outer before inner.
    fn scopes_from(&self, innermost: Option<usize>) -> Vec<usize> {
        let around = |&scope: &usize| self.scopes[scope].parent.filter(|&parent| parent < scope);
        let mut path: Vec<usize> = std::iter::successors(innermost, around).collect();
        path.reverse();
        path
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
