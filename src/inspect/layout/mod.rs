//! Where everything goes: a layout of a report as plain integers, for every format that draws.
//!
//! A tape is already in topological order, so no general method is needed: a column is one loop over the
//! operands, and rows are a few passes of barycentres. Time flows from left to right.
//!
//! | file | idea |
//! |---|---|
//! | `graph` | what is drawn: nodes, or groups of nodes, and the edges between them |
//! | `group` | [`Groups`]: a tape that is too large to draw at once, as a tree of drawings |
//! | `columns` | from left to right: the longest path from a leaf |
//! | `bands` | from top to bottom: scopes that overlap in time lie one below the other |
//! | `rows` | within a band: order and place by the mean of the neighbours |
//! | `edges` | [`Edge`]: where it starts, ends, and bends around boxes |

mod bands;
mod columns;
mod edges;
mod graph;
mod group;
mod rows;

pub use edges::Edge;
pub use graph::Item;
pub use group::{Group, Groups};

use super::Report;
use graph::Graph;

/// A drawing as plain data: boxes of one size, frames around scopes, edges. Units are pixels at scale 1,
/// from the upper left corner, rightwards and down.
///
/// It takes O(n log n), and the same report gives the same layout. Every edge goes from left to right, no
/// two boxes overlap, and a frame holds the nodes of its scope and no others.
///
/// The method is that of Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical
/// system structures", 1981), with the least-squares rows of pool-adjacent-violators.
///
/// ```
/// use gradtape::{Tape, inspect::{Item, Layout}};
/// let tape = Tape::new();
/// let x = tape.var(3.0);
/// let layout = Layout::of(&tape.report(x * x));
/// assert_eq!(layout.items, [Item::Node(0), Item::Node(1)]);
/// assert!(layout.places[0].x + Layout::WIDTH < layout.places[1].x);
/// assert_eq!(layout.edges.len(), 2); // one for each operand
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
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
    /// The width of the drawing.
    pub width: i64,
    /// The height of the drawing.
    pub height: i64,
}

/// A point of a drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
}

/// The frame around a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeFrame {
    /// The scope, as an index into [`Report::scopes`].
    pub scope: usize,
    /// Its name.
    pub title: String,
    /// How many frames are around it.
    pub depth: usize,
    /// Its upper left corner.
    pub place: Place,
    /// Its width.
    pub width: i64,
    /// Its height.
    pub height: i64,
}

impl Layout {
    /// The width of every box.
    pub const WIDTH: i64 = 172;
    /// The height of every box.
    pub const HEIGHT: i64 = 88;
    /// The space between columns, where edges run and partials are written.
    pub const COLUMN_GAP: i64 = 112;
    /// The space between boxes of one column.
    pub const ROW_GAP: i64 = 28;
    /// The space around the drawing.
    pub const MARGIN: i64 = 40;
    /// The most nodes that are drawn at once without being asked for.
    pub const LARGEST: usize = 3000;

    /// Lay out every node of a report, however many.
    #[must_use]
    pub fn of(report: &Report) -> Layout {
        let all = 0..report.nodes.len();
        Layout::made(report, Graph::of_nodes(report, all, 0), None)
    }

    /// Lay out the outermost groups of a report; of a small report, that is every node.
    ///
    /// ```
    /// use gradtape::{Tape, inspect::{Item, Layout}};
    /// let tape = Tape::new();
    /// let mut x = tape.var(0.5);
    /// for _ in 0..4000 {
    ///     x = x.sin();
    /// }
    /// let overview = Layout::overview(&tape.report(x));
    /// assert!(overview.items.iter().all(|item| matches!(item, Item::Group(_))));
    /// assert_eq!(overview.edges.len(), overview.items.len() - 1);
    /// ```
    #[must_use]
    pub fn overview(report: &Report) -> Layout {
        Layout::inside(report, &Groups::of(report), 0)
    }

    /// Lay out one group by itself: the groups in it or, if there are none, its nodes. Group 0 is the whole.
    /// A group that does not exist is empty. The groups are those of this report.
    #[must_use]
    pub fn inside(report: &Report, groups: &Groups, group: usize) -> Layout {
        let Some(this) = groups.all.get(group) else { return Layout::default() };
        let graph = match this.children.is_empty() {
            true => Graph::of_nodes(report, this.range(), groups.uses(&this.range())),
            false => Graph::of_groups(report, groups, group),
        };
        Layout::made(report, graph, this.scope)
    }

    /// Lay out a graph that lies inside a scope; frames are drawn for the scopes inside that one.
    fn made(report: &Report, graph: Graph, inside: Option<usize>) -> Layout {
        let columns = columns::columns(&graph);
        let (mut cells, frames, below) = bands::arrange(report, &graph, &columns, inside);
        let tops = rows::place(&graph, &columns, &mut cells);
        let x = |column: usize| Layout::MARGIN + column as i64 * Layout::PITCH_X;
        let places: Vec<Place> =
            columns.iter().zip(&tops).map(|(&column, &y)| Place { x: x(column), y }).collect();
        let edges = edges::route(&graph, &columns, &places);
        let last = columns.iter().max().map_or(0, |&column| x(column) + Layout::WIDTH);
        Layout {
            items: graph.items,
            places,
            frames,
            edges,
            left_out: graph.left_out,
            width: last + Layout::MARGIN,
            height: below + Layout::MARGIN,
        }
    }

    /// From one column to the next.
    const PITCH_X: i64 = Layout::WIDTH + Layout::COLUMN_GAP;
    /// From one box of a column to the next.
    const PITCH_Y: i64 = Layout::HEIGHT + Layout::ROW_GAP;
}

impl std::ops::Add for Place {
    type Output = Place;

    fn add(self, other: Place) -> Place {
        Place { x: self.x + other.x, y: self.y + other.y }
    }
}
