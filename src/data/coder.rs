//! [`Coder`]: columns turned into numbers that a network takes.

use super::{Column, DataError, Dataset};
use crate::optim::try_in_range;
use crate::ranks::{Communicator, Local, RankError, gather_words, relay, together};
use crate::text::{counted, list, nearest, number, quoted};
use indexmap::IndexSet;
use std::borrow::Cow;

/// How the cells of a column become numbers.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum Code {
    /// A number `x` becomes `(x - mean) / scale`.
    Number {
        /// What is subtracted.
        mean: f64,
        /// What is divided by; above 0.
        scale: f64,
    },
    /// A word becomes a 1 in the place of its class and a 0 in every other: one-hot.
    Classes(Vec<String>),
}

impl Code {
    /// Take numbers as they are.
    pub const AS_IS: Code = Code::Number { mean: 0.0, scale: 1.0 };

    /// Standardize: the mean and the standard deviation, `√(Σ (x - mean)² / n)`, are those of the column. Where all
    /// cells are equal the scale is 1, so that each becomes 0.
    ///
    /// # Errors
    /// If the column has no rows; if a cell is missing, infinite or no number; if the numbers are too large.
    pub fn standard(data: &Dataset, name: &str) -> Result<Code, DataError> {
        Code::standard_on(&Local, data, name)
    }

    /// The same of a column whose rows are spread over ranks: each goes on with the sums of the one before it, so that
    /// the bits are those of one machine.
    pub(crate) fn standard_on(
        comm: &dyn Communicator,
        data: &Dataset,
        name: &str,
    ) -> Result<Code, DataError> {
        let numbers = on_all(comm, finite(data, name))?;
        let add = |start: f64, add: &dyn Fn(f64, f64) -> f64| -> Result<f64, DataError> {
            let mut sum = [start];
            let go_on = |sum: &mut [f64]| sum[0] = numbers.iter().fold(sum[0], |s, &x| add(s, x));
            relay(comm, &mut sum, go_on).map_err(lost)?;
            Ok(sum[0])
        };
        let count = add(0.0, &|count, _| count + 1.0)?;
        if count == 0.0 {
            return Err(data.wrong_column(name, "there are no rows"));
        }
        let first = add(f64::NAN, &|first, x| if first.is_nan() { x } else { first })?;
        // The rounding of a mean must not pass for a deviation.
        if add(0.0, &|others, x| others + f64::from(u8::from(x != first)))? == 0.0 {
            return Ok(Code::Number { mean: first, scale: 1.0 });
        }
        let mean = add(-0.0, &|sum, x| sum + x / count)?;
        let root = count.sqrt();
        // The norm of the distances from the mean, divided by something first.
        let norm_of = |by: f64| -> Result<f64, DataError> {
            let largest = add(0.0, &|largest, x| largest.max(((x - mean) / by).abs()))?;
            try_in_range(largest, |scale| {
                let sum = add(-0.0, &|sum, x| sum + ((x - mean) / by * scale).powi(2));
                sum.map(f64::sqrt)
            })
        };
        let mut scale = norm_of(1.0)? / root;
        if scale.is_infinite() {
            // In this order the norm is no longer than the longest distance.
            scale = norm_of(root)?;
        }
        match scale.is_finite() && scale > 0.0 {
            true => Ok(Code::Number { mean, scale }),
            false => Err(data.wrong_column(
                name,
                format!(
                    "its standard deviation is {}: bring the numbers to another unit",
                    number(scale)
                ),
            )),
        }
    }

    /// List the different words of a column, or its different numbers as words, as classes: words in the order in
    /// which they first occur, numbers by size.
    ///
    /// # Errors
    /// If a cell is missing, or there are more than [`MOST_CLASSES`](Code::MOST_CLASSES).
    pub fn classes(data: &Dataset, name: &str) -> Result<Code, DataError> {
        Code::classes_on(&Local, data, name)
    }

    /// The same of a column whose rows are spread over ranks.
    pub(crate) fn classes_on(
        comm: &dyn Communicator,
        data: &Dataset,
        name: &str,
    ) -> Result<Code, DataError> {
        let own = on_all(comm, different_words(data, name))?;
        let own: Vec<String> = own.into_iter().collect();
        let mut classes = gather_words(comm, &own).map_err(lost)?;
        if classes.len() > Code::MOST_CLASSES {
            return Err(too_many_classes(data, name));
        }
        if let Column::Numbers(_) = data.column(name)? {
            let size = |word: &String| word.parse::<f64>().expect("written from a number");
            classes.sort_by(|a, b| size(a).total_cmp(&size(b)));
        }
        Ok(Code::Classes(classes.into_iter().collect()))
    }

    /// How many classes a column may have.
    pub const MOST_CLASSES: usize = 1000;

    /// Refuse a code that no column has: from a file, or made by hand.
    #[cfg(feature = "json")]
    pub(crate) fn check(&self) -> Result<(), String> {
        match self {
            Code::Number { mean, scale }
                if mean.is_finite() && scale.is_finite() && *scale > 0.0 =>
            {
                Ok(())
            }
            Code::Number { mean, scale } => Err(format!(
                "a column has the mean {mean} and the scale {scale}, which must be above 0"
            )),
            Code::Classes(classes) => {
                let different: IndexSet<&String> = classes.iter().collect();
                let is_list = (1..=Code::MOST_CLASSES).contains(&classes.len())
                    && different.len() == classes.len();
                if is_list {
                    Ok(())
                } else {
                    Err("a column has no classes, too many, or one twice".into())
                }
            }
        }
    }

    /// Count the numbers that a cell becomes.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Code::Number { .. } => 1,
            Code::Classes(classes) => classes.len(),
        }
    }

    /// Write the numbers of a column: those of row `i` at `out[i * stride..]`.
    fn write(
        &self,
        data: &Dataset,
        name: &str,
        out: &mut [f64],
        stride: usize,
    ) -> Result<(), DataError> {
        match self {
            Code::Number { mean, scale } => {
                for (row, &x) in finite(data, name)?.iter().enumerate() {
                    let coded = (x - mean) / scale;
                    if !coded.is_finite() {
                        let problem = format!("{} is too far from {}", number(x), number(*mean));
                        return Err(data.wrong_cell(row, name, problem));
                    }
                    out[row * stride] = coded;
                }
            }
            Code::Classes(classes) => {
                let places: IndexSet<&str> = classes.iter().map(String::as_str).collect();
                for row in 0..data.rows() {
                    let word = text(data, name, row)?;
                    let Some(place) = places.get_index_of(&*word) else {
                        return Err(data.wrong_cell(row, name, unknown(&word, classes)));
                    };
                    out[row * stride..][..classes.len()].fill(0.0);
                    out[row * stride + place] = 1.0;
                }
            }
        }
        Ok(())
    }
}

/// The different words of a column, in the order in which they first occur; not many more than there may be.
fn different_words(data: &Dataset, name: &str) -> Result<IndexSet<String>, DataError> {
    let mut words = IndexSet::new();
    for row in 0..data.rows() {
        let word = text(data, name, row)?;
        if !words.contains(&*word) {
            words.insert(word.into_owned());
        }
        if words.len() > Code::MOST_CLASSES {
            return Err(too_many_classes(data, name));
        }
    }
    Ok(words)
}

fn too_many_classes(data: &Dataset, name: &str) -> DataError {
    let found = format!("more than {} different words", Code::MOST_CLASSES);
    let advice = match data.numbers(name) {
        Ok(_) => String::new(),
        // The reason why it is no column of numbers.
        Err(wrong) => format!(" ({wrong})"),
    };
    data.wrong_column(name, format!("{found} are no classes{advice}"))
}

/// What is wrong on one rank is wrong on all, in the words of the first.
pub(crate) fn on_all<T>(
    comm: &dyn Communicator,
    own: Result<T, DataError>,
) -> Result<T, DataError> {
    if comm.size() == 1 {
        return own;
    }
    together(comm, own).map_err(|error| match error {
        RankError::Failed { message, .. } => DataError::new(message),
        error => lost(error),
    })
}

fn lost(error: RankError) -> DataError {
    DataError::new(error.to_string())
}

/// The error that a word is no class.
fn unknown(word: &str, classes: &[String]) -> String {
    let near = nearest(word, classes.iter().map(String::as_str));
    let near = near.map_or(String::new(), |near| format!(" is it {}?", quoted(near)));
    let known = list(classes, |class| quoted(class), 12);
    format!("{} is no class that is known:{near} There are {known}", quoted(word))
}

/// The numbers of a column without a missing or infinite one.
fn finite<'a>(data: &'a Dataset, name: &str) -> Result<&'a [f64], DataError> {
    let numbers = data.numbers(name)?;
    match numbers.iter().position(|x| !x.is_finite()) {
        None => Ok(numbers),
        Some(row) if numbers[row].is_nan() => Err(missing(data, name, row)),
        Some(row) => {
            let problem = format!("{} is not finite: give a finite number", number(numbers[row]));
            Err(data.wrong_cell(row, name, problem))
        }
    }
}

/// The text of a cell that is not missing.
fn text<'a>(data: &'a Dataset, name: &str, row: usize) -> Result<Cow<'a, str>, DataError> {
    data.text(row, name)?.ok_or_else(|| missing(data, name, row))
}

fn missing(data: &Dataset, name: &str, row: usize) -> DataError {
    data.wrong_cell(
        row,
        name,
        "the cell is missing: fill it in, or leave out rows with missing cells",
    )
}

/// How columns of a table become rows of numbers: kept with a model, so that new data become the same numbers.
///
/// ```
/// use gradtape::data::{Coder, Dataset};
///
/// let data = Dataset::new()
///     .with_numbers("size", vec![1.0, 3.0])?
///     .with_words("colour", &["red", "blue"])?;
/// let coder = Coder::fit(&data, &["size", "colour"])?;
/// assert_eq!(coder.names(), ["size", "colour=red", "colour=blue"]);
/// assert_eq!(coder.encode(&data)?, [-1.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
///
/// let new = Dataset::new().with_numbers("size", vec![5.0])?.with_words("colour", &["bleu"])?;
/// let wrong = coder.encode(&new).unwrap_err();
/// assert_eq!(
///     wrong.to_string(),
///     "row 1, column `colour`: `bleu` is no class that is known: is it `blue`? There are `red`, `blue`",
/// );
/// # Ok::<(), gradtape::data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(transparent))]
pub struct Coder {
    /// The columns in order, each with its code.
    pub columns: indexmap::IndexMap<String, Code>,
}

impl Coder {
    /// Standardize columns of numbers, and take the words of others as classes.
    ///
    /// # Errors
    /// As [`Code::standard`] and [`Code::classes`]; if there is no column of one of the names, or a name comes twice.
    pub fn fit(data: &Dataset, names: &[impl AsRef<str>]) -> Result<Coder, DataError> {
        let mut coder = Coder::default();
        for name in names.iter().map(AsRef::as_ref) {
            let code = match data.column(name)? {
                Column::Numbers(_) => Code::standard(data, name)?,
                Column::Words { .. } => Code::classes(data, name)?,
            };
            if coder.columns.insert(name.into(), code).is_some() {
                return Err(data.wrong_column(name, "it is named twice: name it once"));
            }
        }
        Ok(coder)
    }

    /// Count the numbers of a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.values().map(Code::width).sum()
    }

    /// Name the numbers of a row: `dose` for a number, `group=a` for a class.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self.columns.iter().flat_map(|(name, code)| match code {
            Code::Number { .. } => vec![name.clone()],
            Code::Classes(classes) => {
                classes.iter().map(|class| format!("{name}={class}")).collect()
            }
        });
        names.collect()
    }

    /// Turn a table into numbers, row after row.
    ///
    /// # Errors
    /// If a column is missing or of another kind; if a cell is missing, not finite, or of a class that is not known.
    pub fn encode(&self, data: &Dataset) -> Result<Vec<f64>, DataError> {
        let width = self.width();
        let Some(size) = data.rows().checked_mul(width) else {
            let (rows, width) = (counted(data.rows(), "row"), counted(width, "number"));
            return Err(DataError::new(format!(
                "{rows} of {width} are more than any memory holds"
            )));
        };
        let mut out = vec![0.0; size];
        let mut at = 0;
        for (name, code) in &self.columns {
            code.write(data, name, out.get_mut(at..).unwrap_or_default(), width)?;
            at += code.width();
        }
        Ok(out)
    }
}
