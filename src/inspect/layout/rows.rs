//! Within a band: order and place by the mean of the neighbours.
//!
//! Each pass walks the columns, right by the operands or left by the users. In a cell the items are sorted
//! by where their neighbours are on average, and then put as near to there as they can without overlapping:
//! the least-squares answer, which pool-adjacent-violators finds in one walk (Barlow et al., "Statistical
//! Inference under Order Restrictions", 1972).

use super::bands::Cell;
use super::graph::{Diagram, Layout};

/// The passes, whether rightwards by operands or leftwards by users; last of all rightwards, so that a chain is
/// straight.
const RIGHTWARDS: [bool; 5] = [true, false, true, false, true];

/// The top of each item's box.
pub(super) fn place(graph: &Diagram, columns: &[usize], cells: &mut [Cell]) -> Vec<i64> {
    let [operands, users] = graph.neighbours();
    let mut tops = vec![0; columns.len()];
    for cell in cells.iter() {
        let middle = vec![(cell.top + (cell.height - Layout::HEIGHT) / 2) as f64; cell.items.len()];
        settle(cell, &middle, &mut tops);
    }
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by_key(|&c| cells[c].column);
    for rightwards in RIGHTWARDS {
        let mut visit = |c: usize, neighbours| arrange(&mut cells[c], neighbours, &mut tops);
        match rightwards {
            true => order.iter().for_each(|&c| visit(c, &operands)),
            false => order.iter().rev().for_each(|&c| visit(c, &users)),
        }
    }
    tops
}

/// Sort a cell by the mean of the neighbours, and place it.
fn arrange(cell: &mut Cell, neighbours: &[Vec<usize>], tops: &mut [i64]) {
    let mean = |item: usize| {
        let others = &neighbours[item];
        match others.len() {
            0 => tops[item] as f64,
            n => others.iter().map(|&other| tops[other]).sum::<i64>() as f64 / n as f64,
        }
    };
    let mut wanted: Vec<(f64, i64, usize)> =
        cell.items.iter().map(|&item| (mean(item), tops[item], item)).collect();
    // Of equal means the order stays: crossings that were undone do not come back.
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    cell.items = wanted.iter().map(|&(.., item)| item).collect();
    let wanted: Vec<f64> = wanted.iter().map(|&(mean, ..)| mean).collect();
    settle(cell, &wanted, tops);
}

/// Put the items of a cell, in their order, as near as can be to where they want to be.
///
/// With the room that the items before it need taken off each wish, not to overlap means not to decrease.
fn settle(cell: &Cell, wanted: &[f64], tops: &mut [i64]) {
    let highest = cell.top;
    let lowest = highest
        .max(cell.top + cell.height + Layout::ROW_GAP - cell.items.len() as i64 * Layout::PITCH_Y);
    // Each pool: the sum of its wishes, and how many.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (i, wish) in wanted.iter().enumerate() {
        let mut pool = (wish - (i as i64 * Layout::PITCH_Y) as f64, 1);
        while let Some(&(sum, n)) =
            pools.last().filter(|(sum, n)| sum / *n as f64 >= pool.0 / pool.1 as f64)
        {
            pools.pop();
            pool = (pool.0 + sum, pool.1 + n);
        }
        pools.push(pool);
    }
    let mut items = cell.items.iter().enumerate();
    for (sum, n) in pools {
        let base = ((sum / n as f64).round() as i64).clamp(highest, lowest);
        for (i, &item) in items.by_ref().take(n) {
            tops[item] = base + i as i64 * Layout::PITCH_Y;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Layout, settle};

    /// The sum of squares that a placement leaves.
    fn missed(tops: &[i64], wanted: &[f64]) -> f64 {
        tops.iter().zip(wanted).map(|(&top, wish)| (top as f64 - wish).powi(2)).sum()
    }

    #[test]
    fn no_move_of_a_box_or_of_several_comes_nearer_to_the_wishes() {
        let wishes: [&[f64]; 6] = [
            &[0.0, 0.0, 0.0, 0.0],
            &[100.0, 90.0, 300.0, 310.0],
            &[500.0, 100.0, 600.0, 90.0],
            &[-50.0, 1000.0, 1000.0, 2000.0],
            &[300.0, 300.5, 301.0, 0.0],
            &[7.0, 700.0, 650.0, 651.0],
        ];
        let (top, height) = (20, 900);
        for wanted in wishes {
            let cell = Cell { column: 0, items: vec![0, 1, 2, 3], top, height };
            let mut tops = vec![0; 4];
            settle(&cell, wanted, &mut tops);
            let allowed = |tops: &[i64]| {
                tops.windows(2).all(|pair| pair[1] - pair[0] >= Layout::PITCH_Y)
                    && top <= tops[0]
                    && tops[3] + Layout::HEIGHT <= top + height
            };
            assert!(allowed(&tops), "{tops:?}");
            let best = missed(&tops, wanted);
            for moved in 1..16 {
                for step in [-40, -1, 1, 40] {
                    let by = |i: usize| if moved >> i & 1 == 1 { step } else { 0 };
                    let other: Vec<i64> = (0..4).map(|i| tops[i] + by(i)).collect();
                    let is_better = missed(&other, wanted) < best;
                    assert!(!(allowed(&other) && is_better), "{other:?} beats {tops:?}");
                }
            }
        }
    }
}
