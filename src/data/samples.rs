//! [`Samples`]: inputs and targets of observations, row by row.

use super::DataError;
use crate::program::Rows;
use crate::text::{counted, number};
use std::fmt;

/// The inputs and targets of observations: a row is the inputs of one and then its targets.
///
/// It owns what [`Rows`] borrow, and every number in it is finite.
///
/// ```
/// use gradtape::data::Samples;
///
/// // Three observations of two inputs and one target, in single precision and in double.
/// let x: [f32; 6] = [0.0, 1.0, 0.5, 1.0, 1.0, 1.0];
/// let samples = Samples::new(&x, 2, &[0.0_f64, 1.0, 0.0], 1)?;
/// assert_eq!((samples.rows().count(), samples.rows().width()), (3, 3));
/// assert_eq!(samples.rows().get(1, 2), 1.0);
///
/// let wrong = Samples::new(&[0.5, f64::NAN], 1, &[1.0, 2.0], 1).unwrap_err();
/// assert_eq!(wrong.to_string(), "row 2: input 1 is NaN: give a finite number, or leave the row out");
/// # Ok::<(), gradtape::data::DataError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Samples {
    numbers: Vec<f64>,
    inputs: usize,
    targets: usize,
}

impl Samples {
    /// Put inputs and targets together: `inputs` numbers of `x` a row and `targets` numbers of `y`, row after row.
    ///
    /// # Errors
    /// If the two are not of the same number of rows, or do not fill the last one; if there are no numbers in a row; if
    /// a number is not finite: with its row and column.
    pub fn new<X, Y>(x: &[X], inputs: usize, y: &[Y], targets: usize) -> Result<Samples, DataError>
    where
        X: Copy + Into<f64>,
        Y: Copy + Into<f64>,
    {
        let rows_x = rows_of("inputs", x.len(), inputs)?;
        let rows_y = rows_of("targets", y.len(), targets)?;
        let rows = match (rows_x, rows_y) {
            (Some(x), Some(y)) if x != y => {
                let (x, y) = (counted(x, "row"), counted(y, "row"));
                return Err(DataError::new(format!(
                    "{x} of inputs and {y} of targets: give one of each for every observation"
                )));
            }
            (Some(rows), _) | (None, Some(rows)) => rows,
            (None, None) => return Err(DataError::new("rows without inputs and targets")),
        };
        let mut numbers = Vec::with_capacity(rows * (inputs + targets));
        for row in 0..rows {
            numbers.extend(x[row * inputs..][..inputs].iter().map(|&x| x.into()));
            numbers.extend(y[row * targets..][..targets].iter().map(|&y| y.into()));
        }
        let samples = Samples { numbers, inputs, targets };
        match samples.numbers.iter().position(|x: &f64| !x.is_finite()) {
            None => Ok(samples),
            Some(at) => Err(samples.not_finite(at)),
        }
    }

    /// Take rows of numbers that were samples before.
    pub(crate) fn from_rows(numbers: Vec<f64>, inputs: usize, targets: usize) -> Samples {
        Samples { numbers, inputs, targets }
    }

    /// Give up all numbers, row after row.
    pub(crate) fn into_numbers(self) -> Vec<f64> {
        self.numbers
    }

    fn not_finite(&self, at: usize) -> DataError {
        let (row, column) = (at / (self.inputs + self.targets), at % (self.inputs + self.targets));
        let (what, column) = match column.checked_sub(self.inputs) {
            None => ("input", column),
            Some(column) => ("target", column),
        };
        let number = number(self.numbers[at]);
        let problem = format!(
            "{what} {} is {number}: give a finite number, or leave the row out",
            column + 1
        );
        DataError::new(problem).line(row as u64 + 1)
    }

    /// Count the inputs of a row.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Count the targets of a row.
    #[must_use]
    pub fn targets(&self) -> usize {
        self.targets
    }

    /// Lend the rows.
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows::row_major(&self.numbers, self.inputs + self.targets)
            .expect("made of whole rows that are not empty")
    }

    /// Read all numbers, row after row.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        &self.numbers
    }
}

/// How many there are: the numbers would fill pages.
impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (inputs, targets) = (counted(self.inputs, "input"), counted(self.targets, "target"));
        write!(f, "Samples({} of {inputs} and {targets})", counted(self.rows().count(), "row"))
    }
}

/// Count rows of a width; any number of them, if the width is 0.
fn rows_of(what: &str, count: usize, width: usize) -> Result<Option<usize>, DataError> {
    match (count.checked_div(width), count) {
        (None, 0) => Ok(None),
        (Some(rows), count) if rows * width == count => Ok(Some(rows)),
        _ => Err(DataError::new(format!(
            "{} of {what} in rows of {width}: the last row is not full",
            counted(count, "number")
        ))),
    }
}
