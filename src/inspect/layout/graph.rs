//! A drawing as plain data, and the diagram that is drawn: items in tape order, edges that all go forward, and the
//! column of each item.

use super::group::{self, Groups};
use crate::inspect::Report;
use std::fmt::Write;
use std::ops::Range;

/// A drawing as plain data: boxes of one size, frames around scopes, edges. Units are pixels at scale 1,
/// from the upper left corner, rightwards and down.
///
/// It takes O(n log n), and the same report gives the same layout. Every edge goes from left to right, no
/// two boxes overlap, and a frame holds the nodes of its scope and no others.
///
/// The method is that of Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical
/// system structures", 1981), with the least-squares rows of pool-adjacent-violators.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// What is drawn, in tape order.
    pub items: Vec<Item>,
    /// The upper left corner of each item's box.
    pub places: Vec<Place>,
    /// The frames around scopes, outer before inner.
    pub frames: Vec<ScopeFrame>,
    /// The edges, from operand to user, in the order of the users.
    pub edges: Vec<Edge>,
    /// How many operands of nodes in the drawing, or of nodes that use them, lie outside of it.
    pub left_out: usize,
    pub width: i64,
    pub height: i64,
}

/// A point of a drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    pub x: i64,
    pub y: i64,
}

/// The frame around a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeFrame {
    pub scope: usize,
    pub title: String,
    /// How many frames are around it.
    pub depth: usize,
    /// Its upper left corner.
    pub place: Place,
    pub width: i64,
    pub height: i64,
}

impl Layout {
    /// The size of every box.
    pub const WIDTH: i64 = 172;
    pub const HEIGHT: i64 = 88;
    /// The space between columns, where edges run and partials are written.
    pub const COLUMN_GAP: i64 = 144;
    /// The space between boxes of one column.
    pub const ROW_GAP: i64 = 28;
    /// The space around the drawing.
    pub const MARGIN: i64 = 40;
    /// The most nodes that are drawn at once, in pictures and on the page: what is more is drawn as groups.
    pub const LARGEST: usize = group::LARGEST;
    /// From one column to the next.
    pub const PITCH_X: i64 = Layout::WIDTH + Layout::COLUMN_GAP;
    /// From one box of a column to the next.
    pub const PITCH_Y: i64 = Layout::HEIGHT + Layout::ROW_GAP;
}

impl std::ops::Add for Place {
    type Output = Place;

    fn add(self, other: Place) -> Place {
        Place { x: self.x + other.x, y: self.y + other.y }
    }
}

/// What a box of a drawing stands for, as an index into [`Report::nodes`] or [`Groups::all`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Node(usize),
    Group(usize),
}

/// An edge of a drawing, from an operand to what uses it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// The operand and the user, as indices into [`Layout::items`].
    pub from: usize,
    pub to: usize,
    /// Which operand of the node it is; between groups it only tells edges apart.
    pub operand: usize,
    /// How many edges it stands for: 1, or more between groups.
    pub count: usize,
    /// Where it starts, at the right of a box.
    pub start: Place,
    /// Where it ends, at the left of a box.
    pub end: Place,
    /// In every column that it passes, where it enters and leaves, at one height; one that goes far enters the first and
    /// leaves the last below all boxes.
    pub bends: Vec<Place>,
    /// How many edges end at the same box. They are level for the last [`Edge::LEVEL`] pixels, where there
    /// is room for a text if they are few.
    pub beside: usize,
}

impl Edge {
    /// How far an edge is level before its end: room for a number of three digits.
    pub const LEVEL: i64 = 92;

    fn between(from: usize, to: usize, operand: usize) -> Edge {
        Edge { from, to, operand, count: 1, ..Edge::default() }
    }

    /// Write the curve as the `d` of an SVG path: level at both ends.
    pub fn path(&self) -> String {
        let mut path = format!("M{} {}", self.start.x, self.start.y);
        let mut at = self.start;
        let level_end = [self.end + Place { x: -Edge::LEVEL, y: 0 }, self.end];
        for level in self.bends.chunks_exact(2).chain([&level_end[..]]) {
            let ([from, to], Place { x, y }) = ([level[0], level[1]], at);
            let middle = (x + from.x) / 2;
            let _ =
                write!(path, "C{middle} {y} {middle} {} {} {}H{}", from.y, from.x, from.y, to.x);
            at = to;
        }
        path
    }
}

/// Items and edges. An item uses earlier ones only.
#[derive(Default)]
pub(super) struct Diagram {
    pub items: Vec<Item>,
    /// Which items have no operands of their own nature: leaves and constants.
    pub leaves: Vec<bool>,
    /// The innermost scope around each item.
    pub scopes: Vec<Option<usize>>,
    /// The edges by user, and for each by operand; where they run is not known yet.
    pub edges: Vec<Edge>,
    /// How many edges lead into or out of the drawing.
    pub left_out: usize,
}

impl Diagram {
    /// The nodes of a range, which are used so often.
    pub fn of_nodes(report: &Report, range: Range<usize>, uses: usize) -> Diagram {
        let mut graph = Diagram::default();
        for i in range.clone() {
            let node = &report.nodes[i];
            graph.items.push(Item::Node(i));
            graph.leaves.push(node.is_leaf());
            graph.scopes.push(node.scope);
            for (operand, &from) in node.operands.iter().enumerate() {
                match from >= range.start && from < i {
                    true => graph.edges.push(Edge::between(
                        from - range.start,
                        i - range.start,
                        operand,
                    )),
                    false => graph.left_out += 1,
                }
            }
        }
        graph.left_out += uses.saturating_sub(graph.edges.len());
        graph
    }

    /// The groups in a group, with the edges between any two as one.
    pub fn of_groups(report: &Report, groups: &Groups, group: usize) -> Diagram {
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
        let mut edges: Vec<Edge> = Vec::new();
        for (to, from) in pairs {
            match edges.last_mut() {
                Some(last) if (last.to, last.from) == (to, from) => last.count += 1,
                Some(last) if last.to == to => {
                    let operand = last.operand + 1;
                    edges.push(Edge::between(from, to, operand));
                }
                _ => edges.push(Edge::between(from, to, 0)),
            }
        }
        let items: Vec<Item> = children.iter().map(|&c| Item::Group(c)).collect();
        let (leaves, scopes) = (vec![false; items.len()], vec![this.scope; items.len()]);
        Diagram { items, leaves, scopes, edges, left_out }
    }

    /// The operands of each item, one that is used twice twice, and its users.
    pub fn neighbours(&self) -> [Vec<Vec<usize>>; 2] {
        let mut neighbours =
            [vec![Vec::new(); self.items.len()], vec![Vec::new(); self.items.len()]];
        for edge in &self.edges {
            neighbours[0][edge.to].push(edge.from);
            neighbours[1][edge.from].push(edge.to);
        }
        neighbours
    }
}

/// The column of each item.
///
/// A leaf is pulled right to just before the first item that uses it: a bias stands beside the sum that it
/// enters, and not at the far left with an edge over half the drawing.
pub(super) fn columns(graph: &Diagram) -> Vec<usize> {
    let mut columns = vec![0; graph.items.len()];
    for edge in &graph.edges {
        columns[edge.to] = columns[edge.to].max(columns[edge.from] + 1);
    }
    let mut first = vec![usize::MAX; columns.len()];
    for edge in &graph.edges {
        first[edge.from] = first[edge.from].min(columns[edge.to]);
    }
    for (item, &first) in first.iter().enumerate() {
        if graph.leaves[item] && first != usize::MAX {
            columns[item] = first - 1;
        }
    }
    columns
}
