//! [`Jacobian`]: a dense matrix of derivatives.

use approx::{AbsDiffEq, RelativeEq, UlpsEq};
use std::fmt;
use std::ops::Index;

/// The derivatives of every output with respect to every input, outputs in rows.
///
/// ```
/// use gradtape::jacobian;
/// let j = jacobian(|x| [x[0] * x[1], x[0] + x[1], x[1].square()], &[2.0, 3.0]);
/// assert_eq!((j.rows(), j.columns()), (3, 2));
/// assert_eq!(j[(0, 1)], 2.0);
/// assert_eq!(j.row(2), [0.0, 6.0]);
/// ```
///
/// With a feature it converts to and from the matrices of nalgebra, ndarray and faer by `into`: see
/// `docs/other-crates.md`.
#[derive(Clone, Debug, PartialEq)]
pub struct Jacobian {
    columns: usize,
    rows: usize,
    entries: Vec<f64>,
}

/// A matrix of second derivatives: the Jacobian of the gradient, and so symmetric.
pub type Hessian = Jacobian;

/// Entries that do not fill a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShapeError {
    /// The rows asked for.
    pub rows: usize,
    /// The columns asked for.
    pub columns: usize,
    /// How many entries there are.
    pub entries: usize,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ShapeError { rows, columns, entries } = self;
        write!(f, "a matrix of {rows} x {columns} entries cannot be made of {entries}")
    }
}

impl std::error::Error for ShapeError {}

impl Jacobian {
    /// Make a matrix of entries given row by row: a slice, an array, or a vector, whose memory it takes.
    ///
    /// # Errors
    /// If there are not `rows * columns` entries.
    ///
    /// ```
    /// use gradtape::Jacobian;
    /// let j = Jacobian::from_row_major(2, 3, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
    /// assert_eq!(j, Jacobian::from_column_major(2, 3, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0])?);
    /// assert_eq!(j.to_column_major(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    /// let error = Jacobian::from_row_major(2, 2, [1.0, 2.0, 3.0]).unwrap_err();
    /// assert_eq!(error.to_string(), "a matrix of 2 x 2 entries cannot be made of 3");
    /// # Ok::<(), gradtape::ShapeError>(())
    /// ```
    pub fn from_row_major(
        rows: usize,
        columns: usize,
        entries: impl Into<Vec<f64>>,
    ) -> Result<Jacobian, ShapeError> {
        let entries = entries.into();
        match rows.checked_mul(columns) {
            Some(count) if count == entries.len() => Ok(Jacobian::of(rows, columns, entries)),
            _ => Err(ShapeError { rows, columns, entries: entries.len() }),
        }
    }

    /// Make a matrix of entries given column by column, as Fortran, LAPACK and nalgebra have them.
    ///
    /// # Errors
    /// If there are not `rows * columns` entries.
    pub fn from_column_major(
        rows: usize,
        columns: usize,
        entries: impl Into<Vec<f64>>,
    ) -> Result<Jacobian, ShapeError> {
        let transposed = Jacobian::from_row_major(columns, rows, entries)
            .map_err(|error| ShapeError { rows, columns, ..error })?;
        Ok(Jacobian::of(rows, columns, transposed.to_column_major()))
    }

    /// Copy all entries, column by column.
    #[must_use]
    pub fn to_column_major(&self) -> Vec<f64> {
        let column = |column| (0..self.rows).map(move |row| self[(row, column)]);
        (0..self.columns).flat_map(column).collect()
    }

    /// Make a matrix of as many entries, given row by row.
    pub(crate) fn of(rows: usize, columns: usize, entries: Vec<f64>) -> Jacobian {
        Jacobian { columns, rows, entries }
    }

    pub(super) fn zeros(rows: usize, columns: usize) -> Jacobian {
        Jacobian::of(rows, columns, vec![0.0; rows * columns])
    }

    pub(super) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.entries[row * self.columns + column] = value;
    }

    /// Count the rows, one an output.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Count the columns, one an input.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Read the derivatives of one output.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    #[track_caller]
    pub fn row(&self, row: usize) -> &[f64] {
        assert!(row < self.rows, "row {row} of a matrix of {} rows", self.rows);
        &self.entries[row * self.columns..][..self.columns]
    }

    /// Read all entries, row by row.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        &self.entries
    }

    /// Give up the entries, row by row.
    #[must_use]
    pub fn into_vec(self) -> Vec<f64> {
        self.entries
    }
}

impl Index<(usize, usize)> for Jacobian {
    type Output = f64;
    #[track_caller]
    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        assert!(column < self.columns, "column {column} of a matrix of {} columns", self.columns);
        &self.row(row)[column]
    }
}

impl fmt::Display for Jacobian {
    /// One line a row, right-aligned; `{:.3}` sets the digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |x: &f64| match f.precision() {
            Some(digits) => format!("{x:.digits$}"),
            None => x.to_string(),
        };
        let cells: Vec<String> = self.entries.iter().map(text).collect();
        let width = cells.iter().map(String::len).max().unwrap_or(0);
        for row in 0..self.rows {
            let row = &cells[row * self.columns..][..self.columns];
            let line: Vec<String> = row.iter().map(|cell| format!("{cell:>width$}")).collect();
            writeln!(f, "{}", line.join("  "))?;
        }
        Ok(())
    }
}

impl Jacobian {
    fn same_shape(&self, other: &Jacobian) -> bool {
        self.rows == other.rows && self.columns == other.columns
    }
}

impl AbsDiffEq for Jacobian {
    type Epsilon = f64;
    fn default_epsilon() -> f64 {
        f64::default_epsilon()
    }
    fn abs_diff_eq(&self, other: &Jacobian, epsilon: f64) -> bool {
        self.same_shape(other) && self.entries.abs_diff_eq(&other.entries, epsilon)
    }
}

impl RelativeEq for Jacobian {
    fn default_max_relative() -> f64 {
        f64::default_max_relative()
    }
    fn relative_eq(&self, other: &Jacobian, epsilon: f64, max_relative: f64) -> bool {
        self.same_shape(other) && self.entries.relative_eq(&other.entries, epsilon, max_relative)
    }
}

impl UlpsEq for Jacobian {
    fn default_max_ulps() -> u32 {
        f64::default_max_ulps()
    }
    fn ulps_eq(&self, other: &Jacobian, epsilon: f64, max_ulps: u32) -> bool {
        self.same_shape(other) && self.entries.ulps_eq(&other.entries, epsilon, max_ulps)
    }
}
