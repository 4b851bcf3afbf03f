//! The way of each edge: where it starts and ends, and how it bends around boxes and titles.
//!
//! ```text
//! |  box  |\__ curves here __  level here, with the number |> box |
//!          <- COLUMN_GAP - LEVEL -> <------- LEVEL -------->
//! ```
//!
//! Before every column all edges are level: those that end there at the height of a box, those that pass between boxes.
//! So no line crosses a number, which stands on the last level stretch of its edge, nor the title of a frame.

use super::bands::coloured;
use super::graph::{Edge, Layout, Place, ScopeFrame};

/// Edges over more columns than this run below all boxes.
const FARTHEST: usize = 24;
/// The places side by side in a gap between two boxes, the middle first.
const SIDE_BY_SIDE: [i64; 5] = [0, 5, -5, 10, -10];
/// From one lane below the boxes to the next.
const LANE: i64 = 8;
/// The height of a frame's title, from the top of the frame.
const TITLE: i64 = 28;

/// Say of every edge where it runs; the drawing ends at `below`, or further down where this says so.
pub(super) fn route(
    edges: &mut [Edge],
    columns: &[usize],
    places: &[Place],
    frames: &[ScopeFrame],
    below: i64,
) -> i64 {
    let mut gaps = Gaps::of(columns, places, frames);
    let lanes = lanes(edges, columns);
    for into in edges.chunk_by_mut(|a, b| a.to == b.to) {
        let (ports, beside) = (ports(into, places), into.len());
        for (edge, port) in into.iter_mut().zip(ports) {
            edge.start = places[edge.from] + Place { x: Layout::WIDTH, y: Layout::HEIGHT / 2 };
            edge.end = places[edge.to] + Place { x: 0, y: port };
            edge.bends = match passed(edge, columns) {
                (first, last) if first == last => Vec::new(),
                (first, last) if last - first > FARTHEST => {
                    let y = below + (lanes.of[edge.from] as i64 + 1) * LANE;
                    let [enter, _] = level(first, y);
                    let [_, leave] = level(last - 1, y);
                    vec![enter, leave]
                }
                passed => gaps.bends(edge, passed),
            };
            edge.beside = beside;
        }
    }
    below + lanes.count as i64 * LANE
}

/// The columns that an edge passes: the first, and the one that it ends at.
fn passed(edge: &Edge, columns: &[usize]) -> (usize, usize) {
    (columns[edge.from] + 1, columns[edge.to])
}

/// Where an edge enters and leaves a column that it passes at some height.
fn level(column: usize, y: i64) -> [Place; 2] {
    let x = Layout::MARGIN + column as i64 * Layout::PITCH_X;
    [Place { x: x - Edge::LEVEL, y }, Place { x: x + Layout::WIDTH, y }]
}

/// The lanes below the boxes, for edges that go far.
struct Lanes {
    /// That of each item whose edges go far.
    of: Vec<usize>,
    count: usize,
}

/// Give each item whose edges go far a lane; two share one where their columns do not meet.
fn lanes(edges: &[Edge], columns: &[usize]) -> Lanes {
    let mut ends = vec![0; columns.len()];
    for edge in edges {
        let (first, last) = passed(edge, columns);
        if last > first + FARTHEST {
            ends[edge.from] = last.max(ends[edge.from]);
        }
    }
    let far = ends.iter().enumerate().filter(|&(_, &end)| end > 0);
    let mut far: Vec<_> = far.map(|(item, &end)| (columns[item], item, end)).collect();
    far.sort_unstable();
    let (lanes, mut of) = (coloured(&far), vec![0; columns.len()]);
    for (lane, items) in lanes.iter().enumerate() {
        items.iter().for_each(|&item| of[item] = lane);
    }
    Lanes { of, count: lanes.len() }
}

/// The heights at which the edges of one box end: in the order of where they come from, so that they do not
/// cross before it.
fn ports(edges: &[Edge], places: &[Place]) -> Vec<i64> {
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_by_key(|&e| (places[edges[e].from].y, edges[e].operand));
    let mut ports = vec![0; edges.len()];
    for (rank, e) in order.into_iter().enumerate() {
        ports[e] = Layout::HEIGHT * (rank as i64 + 1) / (edges.len() as i64 + 1);
    }
    ports
}

/// The gaps between what stands in each column.
struct Gaps {
    /// For each column the tops and bottoms of boxes and titles, from top to bottom; those without a gap are one.
    walls: Vec<Vec<[i64; 2]>>,
    /// For each gap of each column who went through last, and how many did.
    used: Vec<Vec<(Option<usize>, usize)>>,
}

impl Gaps {
    fn of(columns: &[usize], places: &[Place], frames: &[ScopeFrame]) -> Gaps {
        let count = columns.iter().max().map_or(0, |last| last + 1);
        let mut walls = vec![Vec::new(); count];
        for (&column, place) in columns.iter().zip(places) {
            walls[column].push([place.y, place.y + Layout::HEIGHT]);
        }
        for Place { x, y } in frames.iter().map(|frame| frame.place) {
            // A frame begins a little to the left of its first column, and its title ends in that.
            let column = (x - Layout::MARGIN + Layout::PITCH_X - 1) / Layout::PITCH_X;
            walls[column as usize].push([y, y + TITLE]);
        }
        for walls in &mut walls {
            walls.sort_unstable();
            walls.dedup_by(|next, last| {
                let is_one = next[0] - last[1] < Layout::ROW_GAP;
                if is_one {
                    last[1] = last[1].max(next[1]);
                }
                is_one
            });
        }
        let used = walls.iter().map(|walls| vec![(None, 0); walls.len() + 1]).collect();
        Gaps { walls, used }
    }

    /// The bends of an edge: through the gap of each column that is nearest to the straight way.
    fn bends(&mut self, edge: &Edge, (first, last): (usize, usize)) -> Vec<Place> {
        let mut bends = Vec::with_capacity(2 * (last - first));
        let mut y = edge.start.y;
        for column in first..last {
            let straight = y + (edge.end.y - y) / (last - column + 1) as i64;
            y = self.through(column, straight, edge.from);
            bends.extend(level(column, y));
        }
        bends
    }

    /// The height at which a column is passed: that wanted, or the middle of the nearest gap.
    fn through(&mut self, column: usize, wanted: i64, from: usize) -> i64 {
        let walls = &self.walls[column];
        let half = Layout::ROW_GAP / 2;
        // The first wall that ends below the wanted height.
        let gap = walls.partition_point(|wall| wall[1] + half <= wanted);
        let Some([top, bottom]) = walls.get(gap).filter(|wall| wanted > wall[0] - half) else {
            return wanted;
        };
        let (gap, middle) = match wanted - (top - half) < bottom + half - wanted {
            true => (gap, top - half),
            false => (gap + 1, bottom + half),
        };
        let (last, count) = &mut self.used[column][gap];
        if *last != Some(from) {
            *count += usize::from(last.is_some());
            *last = Some(from);
        }
        middle + SIDE_BY_SIDE[*count % SIDE_BY_SIDE.len()]
    }
}
