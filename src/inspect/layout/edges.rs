//! The way of each edge: where it starts and ends, and how it bends around boxes.

use super::graph::{Diagram, Edge, Layout, Line, Place};

/// Edges over more columns than this are drawn straight, behind the boxes.
const FARTHEST: usize = 24;
/// The places side by side in a gap between two boxes, the middle first.
const SIDE_BY_SIDE: [i64; 5] = [0, 5, -5, 10, -10];

/// Draw every edge.
pub(super) fn route(graph: &Diagram, columns: &[usize], places: &[Place]) -> Vec<Edge> {
    let mut gaps = Gaps::of(columns, places);
    let mut edges = Vec::with_capacity(graph.lines.len());
    for lines in graph.lines.chunk_by(|a, b| a.to == b.to) {
        for (line, port) in lines.iter().zip(ports(lines, places)) {
            let start = places[line.from] + Place { x: Layout::WIDTH, y: Layout::HEIGHT / 2 };
            let end = places[line.to] + Place { x: 0, y: port };
            edges.push(Edge {
                from: line.from,
                to: line.to,
                operand: line.operand,
                count: line.count,
                start,
                end,
                bends: gaps.bends(line, columns, start, end),
                beside: lines.len(),
            });
        }
    }
    edges
}

/// The heights at which the edges of one box end: in the order of where they come from, so that they do not
/// cross before it.
fn ports(lines: &[Line], places: &[Place]) -> Vec<i64> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|&l| (places[lines[l].from].y, lines[l].operand));
    let mut ports = vec![0; lines.len()];
    for (rank, l) in order.into_iter().enumerate() {
        ports[l] = Layout::HEIGHT * (rank as i64 + 1) / (lines.len() as i64 + 1);
    }
    ports
}

/// The gaps between the boxes of each column.
struct Gaps {
    /// For each column the tops of its boxes, from top to bottom.
    tops: Vec<Vec<i64>>,
    /// For each gap of each column who went through last, and how many did.
    used: Vec<Vec<(Option<usize>, usize)>>,
}

impl Gaps {
    fn of(columns: &[usize], places: &[Place]) -> Gaps {
        let count = columns.iter().max().map_or(0, |last| last + 1);
        let mut tops = vec![Vec::new(); count];
        for (&column, place) in columns.iter().zip(places) {
            tops[column].push(place.y);
        }
        tops.iter_mut().for_each(|tops| tops.sort_unstable());
        let used = tops.iter().map(|tops| vec![(None, 0); tops.len() + 1]).collect();
        Gaps { tops, used }
    }

    /// The bends of an edge: through the gap of each column that is nearest to the straight way.
    fn bends(&mut self, line: &Line, columns: &[usize], start: Place, end: Place) -> Vec<Place> {
        let (first, last) = (columns[line.from] + 1, columns[line.to]);
        if last <= first || last - first > FARTHEST {
            return Vec::new();
        }
        let mut bends = Vec::with_capacity(2 * (last - first));
        let mut y = start.y;
        for column in first..last {
            let straight = y + (end.y - y) / (last - column + 1) as i64;
            y = self.through(column, straight, line.from);
            let x = Layout::MARGIN + column as i64 * Layout::PITCH_X;
            bends.extend([Place { x, y }, Place { x: x + Layout::WIDTH, y }]);
        }
        bends
    }

    /// The height at which a column is passed: that wanted, or the middle of the nearest gap.
    fn through(&mut self, column: usize, wanted: i64, from: usize) -> i64 {
        let tops = &self.tops[column];
        let half = Layout::ROW_GAP / 2;
        let below = |gap: usize| tops[gap] - half;
        let above = |gap: usize| tops[gap - 1] + Layout::HEIGHT + half;
        // The first box that ends below the wanted height.
        let gap = tops.partition_point(|&top| top + Layout::HEIGHT + half <= wanted);
        if gap == tops.len() || wanted <= below(gap) {
            return wanted;
        }
        let (gap, middle) = match wanted - below(gap) < above(gap + 1) - wanted {
            true => (gap, below(gap)),
            false => (gap + 1, above(gap + 1)),
        };
        let (last, count) = &mut self.used[column][gap];
        if *last != Some(from) {
            *count += usize::from(last.is_some());
            *last = Some(from);
        }
        middle + SIDE_BY_SIDE[*count % SIDE_BY_SIDE.len()]
    }
}
