//! A pattern in print: a mark for each entry, or for each block that has one.

use super::pattern::Pattern;
use crate::text::counted;
use std::fmt;

/// The most marks down and across.
const MARKS: usize = 32;

impl fmt::Display for Pattern {
    /// The number of entries, then a drawing of up to 32 by 32 marks. In that of a larger matrix a mark stands for a
    /// block: `■` if it has entries.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns) = (self.rows(), self.columns());
        writeln!(
            f,
            "{} of {} entries, {} of {columns}",
            self.nonzeros(),
            rows as u128 * columns as u128,
            counted(rows, "row")
        )?;
        let block = rows.max(columns).div_ceil(MARKS).max(1);
        if block > 1 {
            writeln!(f, "each mark is a block of {block} by {block}")?;
        }
        let mut marks = vec![false; columns.div_ceil(block)];
        for first in (0..rows).step_by(block) {
            marks.fill(false);
            for row in first..rows.min(first + block) {
                self.row(row).iter().for_each(|&column| marks[column / block] = true);
            }
            let line: Vec<&str> = marks.iter().map(|&has| if has { "■" } else { "·" }).collect();
            writeln!(f, "{}", line.join(" "))?;
        }
        Ok(())
    }
}
