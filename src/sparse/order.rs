//! The orders in which a greedy colouring goes through the columns of a matrix.
//!
//! ```text
//! natural         as they come: best for bands
//! largest first   those with the most neighbours first (Welsh & Powell 1967)
//! smallest last   the one with the fewest neighbours comes last; of the others, the one with the fewest that are
//!                 left comes before it, and so on (Matula & Beck 1983)
//! ```
//!
//! Neighbours of a column are those that share a row with it, one that shares two rows counted twice: so a degree is a
//! sum over rows and not a union of sets.

use super::pattern::Pattern;

/// How often [`smallest_last`] may step from a column to a neighbour, for each entry of the pattern.
const STEPS: usize = 256;

/// The columns by how many neighbours they have. `by_columns` is the transposed pattern; `counts` says which rows count.
pub(super) fn largest_first(by_columns: &Pattern, size: &[u32]) -> Vec<u32> {
    let degree = degrees(by_columns, size);
    let mut order: Vec<u32> = (0..degree.len() as u32).collect();
    order.sort_by_key(|&column| std::cmp::Reverse(degree[column as usize]));
    order
}

/// How many neighbours each column has. `size` counts the entries of a row, 0 if the row does not count.
fn degrees(by_columns: &Pattern, size: &[u32]) -> Vec<usize> {
    let others = |&row: &usize| size[row].saturating_sub(1) as usize;
    (0..by_columns.rows()).map(|column| by_columns.row(column).iter().map(others).sum()).collect()
}

/// The columns, the one with the fewest neighbours last. `None` if that takes too long: it steps once from each column
/// to each of its neighbours.
pub(super) fn smallest_last(
    pattern: &Pattern,
    by_columns: &Pattern,
    size: &[u32],
) -> Option<Vec<u32>> {
    let mut degree = degrees(by_columns, size);
    let steps: usize = degree.iter().sum();
    if steps > STEPS * pattern.nonzeros() {
        return None;
    }
    // Each column stands in the bucket of its degree, and still in those of higher degrees that it had before.
    let most = degree.iter().copied().max().unwrap_or(0);
    let mut buckets: Vec<Vec<u32>> = vec![Vec::new(); most + 1];
    for (column, &degree) in degree.iter().enumerate() {
        buckets[degree].push(column as u32);
    }
    let mut order = Vec::with_capacity(degree.len());
    let mut removed = vec![false; degree.len()];
    let mut least = 0;
    while order.len() < degree.len() {
        let Some(column) = buckets[least].pop() else {
            least += 1;
            continue;
        };
        let column = column as usize;
        if removed[column] || degree[column] != least {
            continue;
        }
        removed[column] = true;
        order.push(column as u32);
        for &row in by_columns.row(column).iter().filter(|&&row| size[row] > 0) {
            for &other in pattern.row(row).iter().filter(|&&other| !removed[other]) {
                degree[other] -= 1;
                buckets[degree[other]].push(other as u32);
                least = least.min(degree[other]);
            }
        }
    }
    order.reverse();
    Some(order)
}
