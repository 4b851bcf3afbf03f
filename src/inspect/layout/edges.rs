//! The way of each edge: where it starts and ends, and how it bends around boxes.

use super::graph::{Edge, Layout, Place};

/// Edges over more columns than this are drawn straight, behind the boxes.
const FARTHEST: usize = 24;
/// The places side by side in a gap between two boxes, the middle first.
const SIDE_BY_SIDE: [i64; 5] = [0, 5, -5, 10, -10];

/// Say of every edge where it runs.
pub(super) fn route(edges: &mut [Edge], columns: &[usize], places: &[Place]) {
    let mut gaps = Gaps::of(columns, places);
    for into in edges.chunk_by_mut(|a, b| a.to == b.to) {
        let (ports, beside) = (ports(into, places), into.len());
        for (edge, port) in into.iter_mut().zip(ports) {
            edge.start = places[edge.from] + Place { x: Layout::WIDTH, y: Layout::HEIGHT / 2 };
            edge.end = places[edge.to] + Place { x: 0, y: port };
            edge.bends = gaps.bends(edge, columns);
            edge.beside = beside;
        }
    }
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
    fn bends(&mut self, edge: &Edge, columns: &[usize]) -> Vec<Place> {
        let (first, last) = (columns[edge.from] + 1, columns[edge.to]);
        if last <= first || last - first > FARTHEST {
            return Vec::new();
        }
        let mut bends = Vec::with_capacity(2 * (last - first));
        let mut y = edge.start.y;
        for column in first..last {
            let straight = y + (edge.end.y - y) / (last - column + 1) as i64;
            y = self.through(column, straight, edge.from);
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
