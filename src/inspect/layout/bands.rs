//! From top to bottom: scopes that overlap in time lie one below the other, and each has its frame.
//!
//! A region is a scope that gets a frame, or the whole drawing. An item belongs to its innermost region; the items
//! of one region in one column are a cell. Heights are found from the inside out, places from the outside in:
//!
//! ```text
//! for each region, inner ones first:
//!     columns = those of its cells and of the regions in it
//!     bands   = the regions in it, coloured as intervals of columns:
//!               two that overlap get two bands, others share the first that is free
//!     strip   = the tallest cell in a column that an inner region takes
//!     inside  = max(strip + the heights of the bands and the gaps, the tallest cell elsewhere)
//! for each region, outer ones first:
//!     a cell in a column that an inner region takes lies in the strip, above the bands;
//!     any other cell has the whole height
//!     each inner region stands in the middle of its band
//! ```
//!
//! Where the code departs from this:
//!
//! - Scopes deeper than three frames get none: their items belong to the third, or nested frames would be all that
//!   one sees.
//! - A scope without items has no columns, and neither frame nor band.
//! - A frame stands out from its columns by a padding for each level of frames in it, so that a frame holds the
//!   frames inside it, also where both begin at one column.
//! - In a drawing of a group, the scopes around that group get no region.

use super::graph::{Diagram, Layout, Place, ScopeFrame};
use crate::inspect::Report;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// The frames that may lie in one another; scopes deeper down are drawn without one.
const DEEPEST: usize = 3;
/// From a frame to what is in it.
const PADDING: i64 = 12;
/// The height of a frame's title.
const TITLE: i64 = 22;
/// The space between bands.
const BAND_GAP: i64 = 30;

/// The items of one region in one column, and the heights between which they lie.
pub(super) struct Cell {
    pub column: usize,
    pub items: Vec<usize>,
    pub top: i64,
    pub height: i64,
}

#[derive(Default)]
struct Region {
    scope: Option<usize>,
    /// How many regions are around it: none around the whole.
    depth: usize,
    parent: usize,
    children: Vec<usize>,
    /// The levels of frames inside it.
    levels: i64,
    /// First and last column; none if there is nothing in it.
    columns: Option<(usize, usize)>,
    /// Its cells, as a range of the list of cells.
    cells: std::ops::Range<usize>,
    /// Inner regions, band by band, and the height of each band.
    bands: Vec<(Vec<usize>, i64)>,
    /// The columns of inner regions, joined where they touch.
    taken: Vec<(usize, usize)>,
    /// The strip above the bands, and all that is inside the frame.
    strip: i64,
    inside: i64,
    /// The top of the frame, or of the whole.
    top: i64,
}

/// Divide a drawing into cells with their heights, and frames; the last number is where it ends below.
pub(super) fn arrange(
    report: &Report,
    graph: &Diagram,
    columns: &[usize],
    inside: Option<usize>,
) -> (Vec<Cell>, Vec<ScopeFrame>, i64) {
    let (mut regions, region_of) = regions(report, graph, inside);
    let place = |item: usize| {
        let scope = graph.scopes[item];
        scope.and_then(|scope| region_of.get(&scope).copied()).unwrap_or(0)
    };
    let mut cells = cells(columns, place, &mut regions);
    // Inner regions come later: from the last to the first all that is inside is known.
    for r in (0..regions.len()).rev() {
        span(&mut regions, &cells, r);
        stack(&mut regions, &cells, r);
    }
    regions[0].top = Layout::MARGIN;
    for r in 0..regions.len() {
        settle(&mut regions, &mut cells, r);
    }
    let below = regions[0].top + regions[0].inside;
    let frames = regions.iter().filter_map(|region| region.frame(report)).collect();
    (cells, frames, below)
}

/// The regions, outer before inner, and the region of each scope that an item is in. Scopes around the
/// drawing have none.
fn regions(
    report: &Report,
    graph: &Diagram,
    inside: Option<usize>,
) -> (Vec<Region>, BTreeMap<usize, usize>) {
    let parent = |scope: usize| report.scopes[scope].parent.filter(|&parent| parent < scope);
    let mut region_of = BTreeMap::new();
    for &innermost in &graph.scopes {
        let mut at = innermost;
        while let Some(scope) = at.filter(|_| at != inside) {
            if region_of.insert(scope, 0).is_some() {
                break;
            }
            at = parent(scope);
        }
    }
    let mut regions = vec![Region::default()];
    let scopes: Vec<usize> = region_of.keys().copied().collect();
    for scope in scopes {
        let around = parent(scope).and_then(|parent| region_of.get(&parent).copied()).unwrap_or(0);
        let depth = regions[around].depth + 1;
        if depth > DEEPEST {
            region_of.insert(scope, around);
            continue;
        }
        region_of.insert(scope, regions.len());
        regions.push(Region { scope: Some(scope), depth, parent: around, ..Region::default() });
    }
    (regions, region_of)
}

/// Put the items into cells, region by region and column by column.
fn cells(columns: &[usize], region: impl Fn(usize) -> usize, regions: &mut [Region]) -> Vec<Cell> {
    let mut keys: Vec<(usize, usize, usize)> =
        columns.iter().enumerate().map(|(item, &column)| (region(item), column, item)).collect();
    keys.sort_unstable();
    let mut cells: Vec<Cell> = Vec::new();
    for run in keys.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (region, column, _) = run[0];
        if regions[region].cells.is_empty() {
            regions[region].cells = cells.len()..cells.len();
        }
        regions[region].cells.end = cells.len() + 1;
        let items = run.iter().map(|key| key.2).collect();
        cells.push(Cell { column, items, top: 0, height: 0 });
    }
    cells
}

/// Find the columns of a region whose inner regions are done, and tell the region around it.
fn span(regions: &mut [Region], cells: &[Cell], r: usize) {
    let region = &regions[r];
    let own = region.cells.clone().map(|c| (cells[c].column, cells[c].column));
    let inner = region.children.iter().filter_map(|&c| regions[c].columns);
    let columns = own.chain(inner).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    regions[r].columns = columns;
    if r > 0 && columns.is_some() {
        let (parent, levels) = (regions[r].parent, regions[r].levels + 1);
        regions[parent].children.push(r);
        regions[parent].levels = regions[parent].levels.max(levels);
    }
}

/// Put the inner regions of a region into bands, and find its height.
fn stack(regions: &mut [Region], cells: &[Cell], r: usize) {
    let mut inner: Vec<(usize, usize, usize)> = regions[r]
        .children
        .iter()
        .filter_map(|&c| regions[c].columns.map(|(first, last)| (first, c, last)))
        .collect();
    inner.sort_unstable();
    let bands = coloured(&inner);
    let region = &mut regions[r];
    region.taken = joined(&inner);
    let tallest = |taken: bool| {
        let cells = region.cells.clone().map(|c| &cells[c]);
        let counts = cells.filter(|cell| region.is_taken(cell.column) == taken);
        stacked(counts.map(|cell| cell.items.len()).max().unwrap_or(0))
    };
    let (strip, free) = (tallest(true), tallest(false));
    let mut height = strip;
    let mut with_heights = Vec::with_capacity(bands.len());
    for band in bands {
        let tall = band.iter().map(|&c| regions[c].outside()).max().unwrap_or(0);
        height += tall + if height > 0 { BAND_GAP } else { 0 };
        with_heights.push((band, tall));
    }
    let region = &mut regions[r];
    region.strip = strip;
    region.bands = with_heights;
    region.inside = height.max(free);
}

/// Greedy colouring of intervals that are sorted by where they begin: each gets the first band that is free.
pub(super) fn coloured(intervals: &[(usize, usize, usize)]) -> Vec<Vec<usize>> {
    let mut bands: Vec<Vec<usize>> = Vec::new();
    let mut free = BinaryHeap::new();
    let mut busy: BinaryHeap<Reverse<(usize, usize)>> = BinaryHeap::new();
    for &(first, region, last) in intervals {
        while let Some(&Reverse((_, band))) = busy.peek().filter(|Reverse((end, _))| *end < first) {
            busy.pop();
            free.push(Reverse(band));
        }
        let band = free.pop().map_or(bands.len(), |Reverse(band)| band);
        if band == bands.len() {
            bands.push(Vec::new());
        }
        bands[band].push(region);
        busy.push(Reverse((last, band)));
    }
    bands
}

/// Join intervals that are sorted by where they begin.
fn joined(intervals: &[(usize, usize, usize)]) -> Vec<(usize, usize)> {
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for &(first, _, last) in intervals {
        match joined.last_mut() {
            Some(before) if first <= before.1 => before.1 = before.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// The height of some boxes one below the other.
fn stacked(boxes: usize) -> i64 {
    (boxes as i64 * Layout::PITCH_Y - Layout::ROW_GAP).max(0)
}

/// Give the cells and inner regions of a region their heights; its own top is known.
fn settle(regions: &mut [Region], cells: &mut [Cell], r: usize) {
    let region = &regions[r];
    let top = region.top + region.above();
    let bands: i64 = region.bands.iter().map(|(_, tall)| tall).sum();
    let parts = region.bands.len() as i64 + i64::from(region.strip > 0);
    let filled = region.strip + bands + (parts - 1).max(0) * BAND_GAP;
    let first = top + (region.inside - filled) / 2;
    for c in region.cells.clone() {
        let cell = &mut cells[c];
        (cell.top, cell.height) = match region.is_taken(cell.column) {
            true => (first, region.strip),
            false => (top, region.inside),
        };
    }
    let mut y = first + if region.strip > 0 { region.strip + BAND_GAP } else { 0 };
    for (band, tall) in std::mem::take(&mut regions[r].bands) {
        for inner in band {
            regions[inner].top = y + (tall - regions[inner].outside()) / 2;
        }
        y += tall + BAND_GAP;
    }
}

impl Region {
    /// Tell whether an inner region lies across a column.
    fn is_taken(&self, column: usize) -> bool {
        let after = self.taken.partition_point(|&(first, _)| first <= column);
        after > 0 && column <= self.taken[after - 1].1
    }

    /// From its top to what is inside.
    fn above(&self) -> i64 {
        if self.scope.is_some() { PADDING + TITLE } else { 0 }
    }

    /// Its height with its frame.
    fn outside(&self) -> i64 {
        if self.scope.is_some() { self.inside + PADDING + TITLE + PADDING } else { self.inside }
    }

    fn frame(&self, report: &Report) -> Option<ScopeFrame> {
        let (scope, (first, last)) = (self.scope?, self.columns?);
        let padding = PADDING * (self.levels + 1);
        let left = Layout::MARGIN + first as i64 * Layout::PITCH_X;
        let right = Layout::MARGIN + last as i64 * Layout::PITCH_X + Layout::WIDTH;
        Some(ScopeFrame {
            scope,
            title: report.scope_title(scope),
            depth: self.depth - 1,
            place: Place { x: left - padding, y: self.top },
            width: right - left + 2 * padding,
            height: self.outside(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{coloured, joined};

    #[test]
    fn scopes_that_overlap_in_time_get_bands_of_their_own_and_others_share_the_first_that_is_free()
    {
        // First column, name, last column.
        let scopes = [(0, 10, 3), (0, 11, 9), (2, 12, 4), (4, 13, 5), (5, 14, 5), (10, 15, 12)];
        assert_eq!(coloured(&scopes), [vec![10, 13, 15], vec![11], vec![12, 14]]);
        assert_eq!(joined(&scopes), [(0, 9), (10, 12)]);
        assert!(coloured(&[]).is_empty());
    }
}
