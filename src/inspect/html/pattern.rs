//! The pattern of a sparse derivative: at most so many cells a side, each an entry or a block of them; and what draws
//! it, which is on no page without one.

use crate::inspect::json::{Field, Value};
use crate::inspect::{Sparsity, SparsityLine};
use std::collections::BTreeMap;

pub(super) const STYLE: &str = include_str!("page/pattern.css");
pub(super) const SCRIPT: &str = include_str!("page/pattern.js");

/// The most cells down and across.
const CELLS: usize = 120;

/// The pattern in cells: of each row of cells the columns, with the number of entries.
pub(super) fn of(pattern: &Sparsity) -> Value {
    let sides = [&pattern.rows, &pattern.columns];
    let [down, across] = sides.map(|lines| lines.len().div_ceil(CELLS).max(1));
    let cells = pattern.entries.chunks(down).map(|rows| {
        let mut counts = BTreeMap::<usize, usize>::new();
        rows.iter().flatten().for_each(|column| *counts.entry(column / across).or_default() += 1);
        Value::list(counts.into_iter().flat_map(|(cell, count)| [cell, count]))
    });
    // Entries of a block may be read from several rows or columns.
    let plain = |lines: &[SparsityLine]| lines.iter().all(|line| line.colour.is_none());
    let has_hues = (down == 1 || plain(&pattern.rows)) && (across == 1 || plain(&pattern.columns));
    let lines = |lines: &[SparsityLine], block: usize| match block {
        1 => {
            let line =
                |line: &SparsityLine| Value::List(vec![line.name.to_json(), line.colour.to_json()]);
            Value::list(lines.iter().map(line))
        }
        _ => Value::Null,
    };
    Value::Object(vec![
        ("matrix", pattern.matrix.to_json()),
        ("summary", pattern.summary.to_json()),
        ("shape", Value::list(sides.map(|lines| lines.len()))),
        ("block", Value::list([down, across])),
        ("cells", Value::list(cells)),
        ("rows", lines(&pattern.rows, down)),
        ("columns", lines(&pattern.columns, across)),
        ("rowsFirst", pattern.rows_first.into()),
        ("hasHues", has_hues.into()),
    ])
}
