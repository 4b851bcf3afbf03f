//! Which rows get colours of their own: the largest, if what is left of the others is then cheap.
//!
//! One dense row keeps all columns apart, and one backward sweep finds it. So rows and columns are both coloured: the
//! `k` largest rows by backward sweeps, all other rows by forward sweeps, whose columns may then meet in the large rows.
//! (A star bicolouring in which the uncoloured rows are chosen first: Gebremedhin, Manne, Pothen 2005, §6.2.)
//!
//! How many colours that takes at least is known for all `k` at once:
//!
//! ```text
//! columns   as many as the largest row that is left has entries
//! rows      as many as the fullest column has entries in the rows taken out
//! ```

use super::pattern::Pattern;
use std::cmp::Reverse;

/// How many seeds one sweep takes.
const SEEDS: usize = 8;

/// What colours cost: sweeps first, then seeds.
pub(super) fn cost(columns: usize, rows: usize) -> (usize, usize) {
    (columns.div_ceil(SEEDS) + rows.div_ceil(SEEDS), columns + rows)
}

/// The rows that are left for colours of columns, and the least that it all can cost.
pub(super) struct Cut {
    pub left: Vec<bool>,
    pub bound: (usize, usize),
}

/// Find the best cut.
pub(super) fn cut(pattern: &Pattern) -> Cut {
    let size = |row: usize| pattern.row(row).len();
    let mut order: Vec<usize> = (0..pattern.rows()).collect();
    order.sort_by_key(|&row| Reverse(size(row)));
    let (mut taken_in, mut fullest) = (vec![0; pattern.columns()], 0);
    let (mut best, mut take) = (cost(order.first().map_or(0, |&row| size(row)), 0), 0);
    for (k, &row) in order.iter().enumerate() {
        for &column in pattern.row(row) {
            taken_in[column] += 1;
            fullest = fullest.max(taken_in[column]);
        }
        let bound = cost(order.get(k + 1).map_or(0, |&row| size(row)), fullest);
        if bound < best {
            (best, take) = (bound, k + 1);
        }
    }
    let mut left = vec![true; pattern.rows()];
    order[..take].iter().for_each(|&row| left[row] = false);
    Cut { left, bound: best }
}
