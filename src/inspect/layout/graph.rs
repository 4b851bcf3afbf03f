//! What is drawn: items in tape order, and the edges between them, all of which go forward.

use super::Groups;
use crate::inspect::Report;
use std::ops::Range;

/// What a box of a drawing stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// A node, as an index into [`Report::nodes`].
    Node(usize),
    /// A group of nodes, as an index into [`Groups::all`].
    Group(usize),
}

/// Items and edges. An item uses earlier ones only.
#[derive(Default)]
pub(super) struct Graph {
    pub items: Vec<Item>,
    /// Which items have no operands of their own nature: leaves and constants.
    pub leaves: Vec<bool>,
    /// The innermost scope around each item.
    pub scopes: Vec<Option<usize>>,
    /// The edges by user, and for each by operand.
    pub lines: Vec<Line>,
    /// How many edges lead into or out of the drawing.
    pub left_out: usize,
}

/// One edge, or several between the same two groups.
pub(super) struct Line {
    pub from: usize,
    pub to: usize,
    pub operand: usize,
    pub count: usize,
}

/// For each item the items beside it, in one list.
pub(super) struct Beside {
    starts: Vec<usize>,
    all: Vec<usize>,
}

impl Graph {
    /// The nodes of a range, which are used so often.
    pub fn of_nodes(report: &Report, range: Range<usize>, uses: usize) -> Graph {
        let mut graph = Graph::default();
        for i in range.clone() {
            let node = &report.nodes[i];
            graph.items.push(Item::Node(i));
            graph.leaves.push(node.is_leaf());
            graph.scopes.push(node.scope);
            for (operand, &from) in node.operands.iter().enumerate() {
                match from >= range.start && from < i {
                    true => graph.lines.push(Line {
                        from: from - range.start,
                        to: i - range.start,
                        operand,
                        count: 1,
                    }),
                    false => graph.left_out += 1,
                }
            }
        }
        graph.left_out += uses.saturating_sub(graph.lines.len());
        graph
    }

    /// The groups in a group, with the edges between any two as one.
    pub fn of_groups(report: &Report, groups: &Groups, group: usize) -> Graph {
        let this = &groups.all[group];
        let range = this.range();
        let children = &this.children;
        let child = |node| children.partition_point(|&c| groups.all[c].range().end <= node);
        let mut into = 0;
        let mut pairs = Vec::new();
        for i in range.clone() {
            let to = child(i);
            for &operand in &report.nodes[i].operands {
                match range.contains(&operand) {
                    true => pairs.push((to, child(operand))),
                    false => into += 1,
                }
            }
        }
        let left_out = into + groups.uses(&range).saturating_sub(pairs.len());
        pairs.retain(|(to, from)| from < to);
        pairs.sort_unstable();
        let mut lines: Vec<Line> = Vec::new();
        for (to, from) in pairs {
            match lines.last_mut() {
                Some(last) if (last.to, last.from) == (to, from) => last.count += 1,
                Some(last) if last.to == to => {
                    let operand = last.operand + 1;
                    lines.push(Line { from, to, operand, count: 1 });
                }
                _ => lines.push(Line { from, to, operand: 0, count: 1 }),
            }
        }
        let items: Vec<Item> = children.iter().map(|&c| Item::Group(c)).collect();
        let (leaves, scopes) = (vec![false; items.len()], vec![this.scope; items.len()]);
        Graph { items, leaves, scopes, lines, left_out }
    }

    /// The operands of each item, one that is used twice twice.
    pub fn operands(&self) -> Beside {
        Beside::of(self.items.len(), self.lines.iter().map(|line| (line.to, line.from)))
    }

    /// The users of each item.
    pub fn users(&self) -> Beside {
        Beside::of(self.items.len(), self.lines.iter().map(|line| (line.from, line.to)))
    }
}

impl Beside {
    /// Sort pairs by their first, counting.
    fn of(items: usize, pairs: impl Iterator<Item = (usize, usize)> + Clone) -> Beside {
        let mut starts = vec![0; items + 1];
        for (at, _) in pairs.clone() {
            starts[at + 1] += 1;
        }
        for i in 0..items {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut all = vec![0; starts[items]];
        for (at, other) in pairs {
            all[next[at]] = other;
            next[at] += 1;
        }
        Beside { starts, all }
    }

    pub fn of_item(&self, item: usize) -> &[usize] {
        &self.all[self.starts[item]..self.starts[item + 1]]
    }
}
