//! Where everything goes: a layout of a report as plain integers, for every format that draws.
//!
//! A tape is already in topological order, so no general method is needed: a column is one loop over the
//! operands, and rows are a few passes of barycentres. Time flows from left to right.
//!
//! | file | idea |
//! |---|---|
//! | `group` | [`Groups`]: a tape that is too large to draw at once, as a tree of drawings |
//! | `graph` | [`Layout`], a drawing as plain data; the diagram that is drawn; from left to right: its columns |
//! | `bands` | from top to bottom: scopes that overlap in time lie one below the other |
//! | `rows` | within a band: order and place by the mean of the neighbours |
//! | `edges` | the way of each edge around the boxes |

mod bands;
mod edges;
mod graph;
mod group;
mod rows;

pub use graph::{Edge, Item, Layout, Place, ScopeFrame};
pub use group::{Group, Groups};

use super::Report;
use graph::{Diagram, columns};

impl Layout {
    /// Lay out every node of a report, however many.
    pub fn of(report: &Report) -> Layout {
        let all = 0..report.nodes.len();
        Layout::made(report, Diagram::of_nodes(report, all, 0), None)
    }

    /// Lay out one group by itself: the groups in it or, if there are none, its nodes. Group 0 is the whole.
    /// A group that does not exist is empty. The groups are those of this report.
    pub fn inside(report: &Report, groups: &Groups, group: usize) -> Layout {
        let Some(this) = groups.all.get(group) else { return Layout::default() };
        let graph = match this.children.is_empty() {
            true => Diagram::of_nodes(report, this.range(), groups.uses(&this.range())),
            false => Diagram::of_groups(report, groups, group),
        };
        Layout::made(report, graph, this.scope)
    }

    /// Lay out a graph that lies inside a scope; frames are drawn for the scopes inside that one.
    fn made(report: &Report, mut graph: Diagram, inside: Option<usize>) -> Layout {
        let columns = columns(&graph);
        let (mut cells, frames, below) = bands::arrange(report, &graph, &columns, inside);
        let tops = rows::place(&graph, &columns, &mut cells);
        let x = |column: usize| Layout::MARGIN + column as i64 * Layout::PITCH_X;
        let places: Vec<Place> =
            columns.iter().zip(&tops).map(|(&column, &y)| Place { x: x(column), y }).collect();
        let below = edges::route(&mut graph.edges, &columns, &places, &frames, below);
        let last = columns.iter().max().map_or(0, |&column| x(column) + Layout::WIDTH);
        Layout {
            items: graph.items,
            places,
            frames,
            edges: graph.edges,
            left_out: graph.left_out,
            width: last + Layout::MARGIN,
            height: below + Layout::MARGIN,
        }
    }
}
