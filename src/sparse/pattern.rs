//! [`Pattern`]: the places of the entries of a sparse matrix, and [`PatternError`].

use crate::text::counted;
use std::fmt;

/// The places where a matrix may have entries that are not 0, row by row.
///
/// These are the two index arrays of a compressed sparse row matrix (CSR): the columns of row `i` are
/// `indices[starts[i]..starts[i + 1]]`, ascending. The values of a matrix of this pattern are a slice of
/// [`nonzeros`](Pattern::nonzeros) numbers in the same order.
///
/// ```
/// use gradtape::sparse::Pattern;
/// let pattern = Pattern::new(2, 3, vec![0, 2, 3], vec![0, 2, 1])?;
/// assert_eq!((pattern.row(0), pattern.row(1)), (&[0, 2][..], &[1][..]));
/// assert_eq!(pattern.to_string(), "\
/// 3 of 6 entries, 2 rows of 3
/// ■ · ■
/// · ■ ·
/// ");
/// # Ok::<(), gradtape::sparse::PatternError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    columns: usize,
    starts: Vec<usize>,
    indices: Vec<usize>,
}

/// Why index arrays or entries are no pattern, or no symmetric one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// There are more rows or columns than a program can have.
    TooLarge {
        /// How many rows and columns there are.
        shape: [usize; 2],
    },
    /// There is not one start a row, and one more.
    Starts {
        /// How many rows there are.
        rows: usize,
        /// How many starts there are.
        starts: usize,
    },
    /// A row does not start where the one before it ends, or the last does not end with the indices.
    Row {
        /// The row.
        row: usize,
        /// Where it starts and where it ends.
        range: [usize; 2],
        /// How many indices there are.
        indices: usize,
    },
    /// An entry lies outside the matrix.
    Outside {
        /// Its row and column.
        entry: [usize; 2],
        /// How many rows and columns there are.
        shape: [usize; 2],
    },
    /// The columns of a row do not ascend.
    Order {
        /// The row.
        row: usize,
        /// A column and the one behind it.
        columns: [usize; 2],
    },
    /// There is not one value an entry.
    Values {
        /// How many entries the pattern has.
        entries: usize,
        /// How many values there are.
        values: usize,
    },
    /// What needs a symmetric pattern got one that is not square.
    NotSquare {
        /// How many rows and columns there are.
        shape: [usize; 2],
    },
    /// What needs a symmetric pattern got one with an entry that has no mirror image.
    NotSymmetric {
        /// Its row and column.
        entry: [usize; 2],
        /// How many rows and columns there are.
        shape: [usize; 2],
    },
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PatternError::TooLarge { shape: [rows, columns] } => write!(
                f,
                "a pattern of {rows} by {columns}: each can be {MOST} at most, as many as a program has instructions"
            ),
            PatternError::Starts { rows, starts } => write!(
                f,
                "{} need {} starts, not {starts}: where each row starts, and where the last ends",
                counted(*rows, "row"),
                rows + 1
            ),
            PatternError::Row { row, range: [start, end], indices } => write!(
                f,
                "row {row} goes from {start} to {end} of {}: the first row starts at 0, each other where the one \
                 before it ends, and the last ends with the indices",
                counted(*indices, "index")
            ),
            PatternError::Outside { entry: [row, column], shape: [rows, columns] } => write!(
                f,
                "entry ({row}, {column}) lies outside the matrix of {} and {}: both are counted from 0",
                counted(*rows, "row"),
                counted(*columns, "column")
            ),
            PatternError::Order { row, columns: [first, second] } => write!(
                f,
                "row {row} has column {second} behind column {first}: sort the columns of each row, and name each once"
            ),
            PatternError::Values { entries, values } => write!(
                f,
                "a pattern of {} has one value each, not {values}",
                counted(*entries, "entry")
            ),
            PatternError::NotSquare { shape: [rows, columns] } => write!(
                f,
                "a colouring of this kind is for symmetric matrices, and the pattern has {} and {}",
                counted(*rows, "row"),
                counted(*columns, "column")
            ),
            PatternError::NotSymmetric { entry: [row, column], shape: [rows, columns] } => write!(
                f,
                "entry ({row}, {column}) of the pattern with {} and {} has no mirror image ({column}, {row}): a \
                 colouring of this kind is for symmetric matrices",
                counted(*rows, "row"),
                counted(*columns, "column")
            ),
        }
    }
}

impl std::error::Error for PatternError {}

/// The most rows, and columns: their colours and orders are numbers of 32 bits.
const MOST: usize = u32::MAX as usize - 1;

fn shape(rows: usize, columns: usize) -> Result<(), PatternError> {
    match rows.max(columns) <= MOST {
        true => Ok(()),
        false => Err(PatternError::TooLarge { shape: [rows, columns] }),
    }
}

impl Pattern {
    /// Check index arrays and take them.
    ///
    /// # Errors
    /// If `starts` does not have one number a row and one more, from 0 to the number of indices, none below the one
    /// before it; if the columns of a row do not ascend, or one is not below `columns`; if there are more than
    /// 2³² - 2 rows or columns.
    pub fn new(
        rows: usize,
        columns: usize,
        starts: Vec<usize>,
        indices: Vec<usize>,
    ) -> Result<Pattern, PatternError> {
        shape(rows, columns)?;
        if starts.len() != rows + 1 {
            return Err(PatternError::Starts { rows, starts: starts.len() });
        }
        for (row, range) in starts.windows(2).enumerate() {
            let wrong = (row == 0 && range[0] != 0)
                || range[0] > range[1]
                || range[1] > indices.len()
                || (row + 1 == rows && range[1] != indices.len());
            if wrong {
                let range = [range[0], range[1]];
                return Err(PatternError::Row { row, range, indices: indices.len() });
            }
            let own = &indices[range[0]..range[1]];
            if let Some(pair) = own.windows(2).find(|pair| pair[0] >= pair[1]) {
                return Err(PatternError::Order { row, columns: [pair[0], pair[1]] });
            }
            if let Some(&column) = own.last().filter(|&&column| column >= columns) {
                return Err(PatternError::Outside { entry: [row, column], shape: [rows, columns] });
            }
        }
        if rows == 0 && (starts[0] != 0 || !indices.is_empty()) {
            return Err(PatternError::Row {
                row: 0,
                range: [starts[0]; 2],
                indices: indices.len(),
            });
        }
        Ok(Pattern { columns, starts, indices })
    }

    /// Make a pattern of entries `(row, column)` in any order. One that is named twice is one entry.
    ///
    /// # Errors
    /// If an entry lies outside the matrix, or that has more than 2³² - 2 rows or columns.
    pub fn from_entries(
        rows: usize,
        columns: usize,
        entries: impl IntoIterator<Item = (usize, usize)>,
    ) -> Result<Pattern, PatternError> {
        shape(rows, columns)?;
        let mut entries: Vec<(usize, usize)> = entries.into_iter().collect();
        let outside = |&&(row, column): &&(usize, usize)| row >= rows || column >= columns;
        if let Some(&(row, column)) = entries.iter().find(outside) {
            return Err(PatternError::Outside { entry: [row, column], shape: [rows, columns] });
        }
        entries.sort_unstable();
        entries.dedup();
        let mut starts = vec![0; rows + 1];
        entries.iter().for_each(|&(row, _)| starts[row + 1] += 1);
        (0..rows).for_each(|row| starts[row + 1] += starts[row]);
        let indices = entries.into_iter().map(|(_, column)| column).collect();
        Ok(Pattern { columns, starts, indices })
    }

    /// Index arrays that are known to be right.
    pub(crate) fn of(columns: usize, starts: Vec<usize>, indices: Vec<usize>) -> Pattern {
        debug_assert!(
            Pattern::new(starts.len() - 1, columns, starts.clone(), indices.clone()).is_ok()
        );
        Pattern { columns, starts, indices }
    }

    /// Count the rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Count the columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Count the entries.
    #[must_use]
    pub fn nonzeros(&self) -> usize {
        self.indices.len()
    }

    /// Where each row starts among the indices, and where the last ends: one number more than rows.
    #[must_use]
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The column of each entry, row by row.
    #[must_use]
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// The columns of the entries of a row, ascending.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    #[inline]
    pub fn row(&self, row: usize) -> &[usize] {
        &self.indices[self.starts[row]..self.starts[row + 1]]
    }

    /// The place of an entry among the values; `None` if there is none.
    #[must_use]
    pub fn find(&self, row: usize, column: usize) -> Option<usize> {
        let start = *self.starts.get(row)?;
        let end = *self.starts.get(row + 1)?;
        self.indices[start..end].binary_search(&column).ok().map(|at| start + at)
    }

    /// Swap rows and columns.
    #[must_use]
    pub fn transposed(&self) -> Pattern {
        let mut starts = vec![0; self.columns + 1];
        self.indices.iter().for_each(|&column| starts[column + 1] += 1);
        (0..self.columns).for_each(|column| starts[column + 1] += starts[column]);
        let (mut next, mut indices) = (starts.clone(), vec![0; self.nonzeros()]);
        for row in 0..self.rows() {
            for &column in self.row(row) {
                indices[next[column]] = row;
                next[column] += 1;
            }
        }
        Pattern { columns: self.rows(), starts, indices }
    }

    /// The entries of either of two patterns of the same shape.
    pub(crate) fn union(&self, other: &Pattern) -> Pattern {
        let (mut starts, mut indices) = (vec![0], Vec::with_capacity(self.nonzeros()));
        for row in 0..self.rows() {
            let (mut a, mut b) = (self.row(row), other.row(row));
            while let (Some(&x), Some(&y)) = (a.first(), b.first()) {
                indices.push(x.min(y));
                a = &a[usize::from(x <= y)..];
                b = &b[usize::from(y <= x)..];
            }
            indices.extend_from_slice(a);
            indices.extend_from_slice(b);
            starts.push(indices.len());
        }
        Pattern { columns: self.columns, starts, indices }
    }
}
