//! From left to right: the column of an item is the longest path that leads to it.

use super::graph::Graph;

/// The column of each item.
///
/// A leaf is pulled right to just before the first item that uses it: a bias stands beside the sum that it
/// enters, and not at the far left with an edge over half the drawing.
pub(super) fn columns(graph: &Graph) -> Vec<usize> {
    let mut columns = vec![0; graph.items.len()];
    for line in &graph.lines {
        columns[line.to] = columns[line.to].max(columns[line.from] + 1);
    }
    let mut first = vec![usize::MAX; columns.len()];
    for line in &graph.lines {
        first[line.from] = first[line.from].min(columns[line.to]);
    }
    for (item, &first) in first.iter().enumerate() {
        if graph.leaves[item] && first != usize::MAX {
            columns[item] = first - 1;
        }
    }
    columns
}
