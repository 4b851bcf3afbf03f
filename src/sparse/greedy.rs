//! Greedy colouring of columns: each takes the first colour that no column has with which it shares a row.
//!
//! ```text
//! for each column, in some order:
//!     taken = union over its rows of  the colours in that row
//!     colour = the first not taken
//!     add it to the colours in its rows
//! ```
//!
//! (Distance-2 colouring of columns in the bipartite graph: Gebremedhin, Manne, Pothen 2005, §3.3.) The colours in a row
//! are bits, so a row of a thousand columns costs each of them sixteen words and not a thousand steps.

use super::order::{largest_first, smallest_last};
use super::pattern::Pattern;

/// What has no colour: a seed is not needed for it.
pub(super) const NONE: u32 = u32::MAX;

/// The colours of columns, and how many there are.
#[derive(Clone, Debug)]
pub(super) struct Greedy {
    pub colours: Vec<u32>,
    pub count: usize,
}

/// Colour the columns so that no two of the same colour share a row that counts; the best of three orders.
///
/// A column without entries in such rows gets no colour.
pub(super) fn columns(pattern: &Pattern, by_columns: &Pattern, counts: &[bool]) -> Greedy {
    let size = |row: usize| if counts[row] { pattern.row(row).len() as u32 } else { 0 };
    let size: Vec<u32> = (0..pattern.rows()).map(size).collect();
    let bound = size.iter().copied().max().unwrap_or(0) as usize;
    let natural: Vec<u32> = (0..pattern.columns() as u32).collect();
    let mut best = in_order(by_columns, counts, &natural);
    for smallest in [false, true] {
        if best.count <= bound {
            break;
        }
        let order = match smallest {
            true => smallest_last(pattern, by_columns, &size),
            false => Some(largest_first(by_columns, &size)),
        };
        let Some(order) = order else { continue };
        let other = in_order(by_columns, counts, &order);
        if other.count < best.count {
            best = other;
        }
    }
    best
}

fn in_order(by_columns: &Pattern, counts: &[bool], order: &[u32]) -> Greedy {
    let mut used = Bits { words: 1, bits: vec![0; counts.len()] };
    let (mut colours, mut count) = (vec![NONE; by_columns.rows()], 0);
    let mut taken: Vec<u64> = Vec::new();
    for &column in order {
        let rows = || by_columns.row(column as usize).iter().filter(|&&row| counts[row]);
        if rows().next().is_none() {
            continue;
        }
        taken.clear();
        taken.resize(used.words, 0);
        for &row in rows() {
            taken.iter_mut().zip(used.of(row)).for_each(|(taken, used)| *taken |= used);
        }
        let full = |&(_, &word): &(usize, &u64)| word != u64::MAX;
        let colour = match taken.iter().enumerate().find(full) {
            Some((k, word)) => 64 * k + word.trailing_ones() as usize,
            None => 64 * used.words,
        };
        if colour == 64 * used.words {
            used.widen();
        }
        rows().for_each(|&row| used.bits[row * used.words + colour / 64] |= 1 << (colour % 64));
        colours[column as usize] = colour as u32;
        count = count.max(colour + 1);
    }
    Greedy { colours, count }
}

/// A set of colours for each row.
struct Bits {
    words: usize,
    bits: Vec<u64>,
}

impl Bits {
    fn of(&self, row: usize) -> &[u64] {
        &self.bits[row * self.words..][..self.words]
    }

    /// Twice as many colours.
    fn widen(&mut self) {
        let wide = |words: &[u64]| [words, &vec![0; words.len()]].concat();
        self.bits = self.bits.chunks_exact(self.words).flat_map(wide).collect();
        self.words *= 2;
    }
}
