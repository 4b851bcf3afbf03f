//! [`Rows`]: the data of many observations, borrowed.

use crate::program::chunks::Shares;
use crate::program::error::ReplayError;
use crate::program::workspace::{Block, WIDTH};
use crate::ranks::Communicator;
use crate::text::counted;
use std::fmt;
use std::ops::Range;

/// Rows of numbers, one an observation, borrowed from where they are.
///
/// Nothing is copied: row-major data (all numbers of the first row, then of the second, ...), columns, or a
/// choice of rows of either.
///
/// ```
/// use gradtape::program::Rows;
/// let by_rows = Rows::row_major(&[0.0, 0.0, 0.5, 1.0, 1.0, 0.0], 2)?;
/// let (dosage, efficacy) = ([0.0, 0.5, 1.0], [0.0, 1.0, 0.0]);
/// let columns = [&dosage[..], &efficacy];
/// let by_columns = Rows::columns(&columns)?;
/// assert_eq!((by_rows.count(), by_rows.width()), (3, 2));
/// assert_eq!(by_rows.get(1, 0), by_columns.get(1, 0));
/// assert_eq!(by_columns.choose(&[2, 1])?.get(0, 0), 1.0);
/// # Ok::<(), gradtape::program::ReplayError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    numbers: Numbers<'a>,
    width: usize,
    count: usize,
    /// The chosen rows in order; `None` for all.
    chosen: Option<&'a [usize]>,
    /// How much each row counts in a sum; 1, if not given.
    weights: Option<&'a [f64]>,
}

#[derive(Clone, Copy)]
enum Numbers<'a> {
    RowMajor(&'a [f64]),
    Columns(&'a [&'a [f64]]),
}

impl<'a> Rows<'a> {
    /// Take numbers row after row, `width` a row.
    ///
    /// # Errors
    /// If the numbers do not fill the last row, or the width is 0 and there are numbers.
    pub fn row_major(numbers: &'a [f64], width: usize) -> Result<Rows<'a>, ReplayError> {
        let count = numbers.len().checked_div(width).unwrap_or(0);
        let found = || counted(numbers.len(), "number");
        match count * width == numbers.len() {
            true => Ok(Rows::all(Numbers::RowMajor(numbers), width, count)),
            false if width == 0 => {
                refuse(format!("{} in rows of none: give the width of a row", found()))
            }
            false => {
                let rest = numbers.len() % width;
                refuse(format!("{} in rows of {width}: the last row has only {rest}", found()))
            }
        }
    }

    /// Take one slice a column.
    ///
    /// # Errors
    /// If the columns differ in length.
    pub fn columns(columns: &'a [&'a [f64]]) -> Result<Rows<'a>, ReplayError> {
        let count = columns.first().map_or(0, |first| first.len());
        match columns.iter().position(|column| column.len() != count) {
            None => Ok(Rows::all(Numbers::Columns(columns), columns.len(), count)),
            Some(column) => {
                let found = counted(columns[column].len(), "number");
                refuse(format!(
                    "column {column} has {found}, the first has {count}: all must have as many"
                ))
            }
        }
    }

    fn all(numbers: Numbers<'a>, width: usize, count: usize) -> Rows<'a> {
        Rows { numbers, width, count, chosen: None, weights: None }
    }

    /// Weigh the rows: how much each counts in a sum. A row of weight 0 counts for nothing, whatever its
    /// value; but if it takes another branch it is refused like any other.
    ///
    /// # Errors
    /// If there is not one weight for each row, before any [`choose`](Rows::choose).
    pub fn weighted(self, weights: &'a [f64]) -> Result<Rows<'a>, ReplayError> {
        match weights.len() == self.count {
            true => Ok(Rows { weights: Some(weights), ..self }),
            false => {
                let (found, rows) = (counted(weights.len(), "weight"), counted(self.count, "row"));
                refuse(format!("{found} for {rows}: give one for each"))
            }
        }
    }

    /// Choose some of all rows, in any order; a row may be chosen more than once. A second choice replaces
    /// the first.
    ///
    /// # Errors
    /// If there is no such row.
    pub fn choose(self, rows: &'a [usize]) -> Result<Rows<'a>, ReplayError> {
        match rows.iter().find(|&&row| row >= self.count) {
            None => Ok(Rows { chosen: Some(rows), ..self }),
            Some(&row) => {
                let rows = counted(self.count, "row");
                refuse(format!("row {row} was chosen of {rows}, which count from 0"))
            }
        }
    }

    /// Find which of so many rows are the share of this rank: a range of whole chunks. None is larger than it would be if
    /// they were as equal as they can be; others are smaller, or empty.
    ///
    /// The chunks are those of [`RowProgram::sum`](super::RowProgram::sum). The shares are rounded to multiples of a power
    /// of two of them where that makes none larger, for then fewer sums are sent.
    ///
    /// ```
    /// use gradtape::program::Rows;
    /// use gradtape::ranks::{Communicator, Threads};
    /// let shares = Threads::run(2, |comm| Rows::share(1000, comm));
    /// assert_eq!(shares, [Ok(0..512), Ok(512..1000)]);
    /// ```
    #[must_use]
    pub fn share(all: usize, comm: &dyn Communicator) -> Range<usize> {
        Rows::share_of(all, comm.size(), comm.rank())
    }

    /// The share of a rank of several.
    pub(crate) fn share_of(all: usize, ranks: usize, rank: usize) -> Range<usize> {
        Shares::new(all, ranks).rows_of_rank(rank)
    }

    /// Count the rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.chosen.map_or(self.count, <[usize]>::len)
    }

    /// Count the numbers of a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Read a number.
    ///
    /// # Panics
    /// If there is no such row or column.
    #[must_use]
    #[track_caller]
    pub fn get(&self, row: usize, column: usize) -> f64 {
        assert!(column < self.width, "column {column} of rows of {}", self.width);
        let row = self.original(row);
        match self.numbers {
            Numbers::RowMajor(numbers) => numbers[row * self.width + column],
            Numbers::Columns(columns) => columns[column][row],
        }
    }

    /// Read how much a row counts in a sum: 1, if there are no weights.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    #[track_caller]
    pub fn weight(&self, row: usize) -> f64 {
        assert!(row < self.count(), "row {row} of {}", self.count());
        self.weights.map_or(1.0, |weights| weights[self.original(row)])
    }

    /// Tell whether they are a choice.
    pub(crate) fn is_chosen(&self) -> bool {
        self.chosen.is_some()
    }

    /// Which of all rows a chosen one is.
    #[inline]
    pub(crate) fn original(&self, row: usize) -> usize {
        match self.chosen {
            Some(chosen) => chosen[row],
            None => row,
        }
    }

    /// Read the rows of a block into lanes, one a column, `stride` apart. The lanes left over repeat the last row, which does
    /// nothing that this row does not do itself.
    ///
    /// Each column is put together before it is stored: a vector that is read where single numbers were just
    /// stored has to wait for them.
    #[inline(always)]
    pub(super) fn load(&self, rows: Range<usize>, into: &mut [Block], stride: usize) {
        let last = rows.len() - 1;
        let are_neighbours = self.are_neighbours(&rows);
        let row_of = |lane: usize| match are_neighbours {
            true => rows.start + lane,
            false => self.original(rows.start + lane.min(last)),
        };
        match self.numbers {
            // Rows as slices of one length, which is compared once a column.
            Numbers::RowMajor(numbers) => {
                let mut each: [&[f64]; WIDTH] = [&[]; WIDTH];
                for (lane, row) in each.iter_mut().enumerate() {
                    *row = &numbers[row_of(lane) * self.width..][..self.width];
                }
                for (column, into) in into.iter_mut().step_by(stride).enumerate() {
                    let mut lanes = Block::splat(0.0);
                    for (lane, row) in each.iter().enumerate() {
                        lanes.0[lane] = row[column];
                    }
                    *into = lanes;
                }
            }
            Numbers::Columns(columns) if are_neighbours => {
                for (column, into) in columns.iter().zip(into.iter_mut().step_by(stride)) {
                    into.0.copy_from_slice(&column[rows.clone()]);
                }
            }
            Numbers::Columns(columns) => {
                let mut at = [0; WIDTH];
                for (lane, at) in at.iter_mut().enumerate() {
                    *at = row_of(lane);
                }
                for (column, into) in columns.iter().zip(into.iter_mut().step_by(stride)) {
                    let mut lanes = Block::splat(0.0);
                    for lane in 0..WIDTH {
                        lanes.0[lane] = column[at[lane]];
                    }
                    *into = lanes;
                }
            }
        }
    }

    /// Whether the rows are a whole block, one next to the other.
    #[inline(always)]
    fn are_neighbours(&self, rows: &Range<usize>) -> bool {
        rows.len() == WIDTH && self.chosen.is_none()
    }

    /// The weights of the rows of a block; 0 in the lanes that no row has.
    #[inline(always)]
    pub(super) fn load_weights(&self, rows: Range<usize>) -> Block {
        if self.are_neighbours(&rows) {
            let Some(weights) = self.weights else { return Block::splat(1.0) };
            let mut lanes = Block::splat(0.0);
            lanes.0.copy_from_slice(&weights[rows]);
            return lanes;
        }
        let mut lanes = Block::splat(0.0);
        for lane in 0..WIDTH {
            lanes.0[lane] = match self.weights {
                _ if lane >= rows.len() => 0.0,
                None => 1.0,
                Some(weights) => weights[self.original(rows.start + lane)],
            };
        }
        lanes
    }
}

/// How many there are: the numbers would fill pages.
impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, width) = (counted(self.count(), "row"), counted(self.width, "number"));
        let weighted = if self.weights.is_some() { ", weighted" } else { "" };
        write!(f, "Rows({count} of {width}{weighted})")
    }
}

fn refuse<T>(message: String) -> Result<T, ReplayError> {
    Err(ReplayError::Rows(message))
}
