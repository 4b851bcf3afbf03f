//! [`Dataset`]: columns by name.

use super::column::Words;
use super::{Column, DataError};
use crate::optim::{Draw, generator};
use crate::ranks::{Communicator, RankError, gather_lists};
use crate::text::{counted, list, nearest, number, quoted};
use indexmap::IndexMap;
use std::borrow::Cow;
use std::fmt;

/// A table with named columns, and where each row stood in the file it came from.
///
/// ```
/// use gradtape::data::Dataset;
///
/// let data = Dataset::new()
///     .with_numbers("dose", vec![0.0, 0.5, 1.0, f64::NAN])?
///     .with_words("group", &["a", "b", "a", "b"])?;
/// assert_eq!((data.rows(), data.names().collect::<Vec<_>>()), (4, vec!["dose", "group"]));
/// assert_eq!(data.numbers("dose")?[1], 0.5);
/// assert_eq!(data.without_missing(&["dose"])?.rows(), 3);
///
/// let wrong = data.numbers("dos").unwrap_err();
/// assert_eq!(wrong.to_string(), "there is no column `dos`: is it `dose`? There are `dose`, `group`");
/// # Ok::<(), gradtape::data::DataError>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Dataset {
    source: String,
    columns: IndexMap<String, Column>,
    /// Where each row stands in its file.
    lines: Vec<u64>,
}

impl Dataset {
    /// Start without columns.
    #[must_use]
    pub fn new() -> Dataset {
        Dataset::default()
    }

    /// A table that was read: what its file is called, its columns, the line of each row.
    #[cfg(feature = "csv")]
    pub(super) fn read(
        source: &str,
        columns: IndexMap<String, Column>,
        lines: Vec<u64>,
    ) -> Dataset {
        Dataset { source: source.into(), columns, lines }
    }

    /// Append a column of numbers; NaN is a missing one.
    ///
    /// # Errors
    /// If the name is taken, or the column has more or fewer rows than those before it.
    pub fn with_numbers(self, name: &str, numbers: Vec<f64>) -> Result<Dataset, DataError> {
        self.with(name, Column::Numbers(numbers))
    }

    /// Append a column of words; an empty one is missing.
    ///
    /// # Errors
    /// As [`with_numbers`](Dataset::with_numbers).
    pub fn with_words(self, name: &str, words: &[impl AsRef<str>]) -> Result<Dataset, DataError> {
        let mut column = Words::default();
        for word in words {
            column.push(Some(word.as_ref()).filter(|word| !word.is_empty()));
        }
        self.with(name, column.column(None))
    }

    fn with(mut self, name: &str, column: Column) -> Result<Dataset, DataError> {
        if self.columns.contains_key(name) {
            return Err(DataError::new("there is a column of this name already").column(name));
        }
        if self.columns.is_empty() {
            self.lines = (1..=column.len() as u64).collect();
        }
        if column.len() != self.rows() {
            let (found, rows) = (counted(column.len(), "row"), self.rows());
            let problem = format!("it has {found}, the columns before it have {rows}");
            return Err(DataError::new(problem).column(name));
        }
        self.columns.insert(name.into(), column);
        Ok(self)
    }

    /// Count the rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// List the names of the columns, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// Say what the file was called; empty for a table that was never in one.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Say on which line of the file a row begins, the first being 1.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    #[track_caller]
    pub fn line(&self, row: usize) -> u64 {
        self.lines[row]
    }

    /// Find a column.
    ///
    /// # Errors
    /// If there is none of this name: with those there are, and the one that is most like it.
    pub fn column(&self, name: &str) -> Result<&Column, DataError> {
        self.columns.get(name).ok_or_else(|| {
            let near = nearest(name, self.names());
            let near = near.map_or(String::new(), |near| format!(": is it {}?", quoted(near)));
            let there = match self.columns.is_empty() {
                true => "There are none".into(),
                false => format!("There are {}", list(self.names(), quoted, 12)),
            };
            let between = if near.is_empty() { ". " } else { " " };
            DataError::new(format!("there is no column {}{near}{between}{there}", quoted(name)))
                .of(&self.source)
        })
    }

    /// Read a column of numbers; NaN is a missing one.
    ///
    /// # Errors
    /// If there is none of this name, or it holds words: with the first of them.
    pub fn numbers(&self, name: &str) -> Result<&[f64], DataError> {
        let column = self.column(name)?;
        let Column::Words { codes, first_word, .. } = column else {
            let Column::Numbers(numbers) = column else { unreachable!("numbers or words") };
            return Ok(numbers);
        };
        let row = first_word.or_else(|| codes.iter().position(|&code| code != Column::MISSING));
        Err(match row {
            None => self.wrong_column(name, "no cell of it holds a number"),
            Some(row) => {
                let word = quoted(column.word(row).unwrap_or_default());
                let problem = match first_word {
                    Some(_) => {
                        format!(
                            "{word} is no number, while all cells before it are: correct it, or \
                             leave the cell empty"
                        )
                    }
                    None => format!("{word} is no number, so this is a column of words"),
                };
                self.wrong_cell(row, name, problem)
            }
        })
    }

    /// Read a cell as text, a number with the fewest digits that read back to it; none if it is missing.
    ///
    /// # Errors
    /// If there is no column of this name.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn text(&self, row: usize, name: &str) -> Result<Option<Cow<'_, str>>, DataError> {
        Ok(match self.column(name)? {
            Column::Numbers(numbers) if numbers[row].is_nan() => None,
            Column::Numbers(numbers) => Some(Cow::Owned(number(numbers[row]))),
            column => column.word(row).map(Cow::Borrowed),
        })
    }

    /// Take some of the rows, in any order; a row may be taken more than once.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    #[track_caller]
    pub fn choose(&self, rows: &[usize]) -> Dataset {
        let columns = self.columns.iter().map(|(name, column)| (name.clone(), column.choose(rows)));
        Dataset {
            source: self.source.clone(),
            columns: columns.collect(),
            lines: rows.iter().map(|&row| self.lines[row]).collect(),
        }
    }

    /// Leave out the rows in which a cell of these columns is missing.
    ///
    /// # Errors
    /// If there is no column of one of the names.
    pub fn without_missing(&self, names: &[impl AsRef<str>]) -> Result<Dataset, DataError> {
        let columns: Result<Vec<_>, _> =
            names.iter().map(|name| self.column(name.as_ref())).collect();
        let columns = columns?;
        let is_whole = |row: &usize| !columns.iter().any(|column| column.is_missing(*row));
        Ok(self.choose(&(0..self.rows()).filter(is_whole).collect::<Vec<_>>()))
    }

    /// Shuffle the rows and deal them out in parts, the same for the same seed.
    ///
    /// A part has its share of all rows, rounded to whole ones. The shares add up to 1; one of them may be 0.
    ///
    /// # Errors
    /// If a share is not a number from 0 to 1 or they do not add up to 1; if a part would be empty whose share is
    /// not 0.
    ///
    /// ```
    /// use gradtape::data::Dataset;
    /// let data = Dataset::new().with_numbers("x", (0..10).map(f64::from).collect())?;
    /// let [train, validation, test] = data.split([0.6, 0.2, 0.2], 7)?;
    /// assert_eq!([train.rows(), validation.rows(), test.rows()], [6, 2, 2]);
    /// # Ok::<(), gradtape::data::DataError>(())
    /// ```
    pub fn split<const N: usize>(
        &self,
        shares: [f64; N],
        seed: u64,
    ) -> Result<[Dataset; N], DataError> {
        let rows = self.rows();
        let parts = deal(&self.source, rows, shares, seed)?;
        Ok(parts.map(|part| self.choose(&part)))
    }

    /// Give rank 0 the rows of all ranks, in their order; the others keep none.
    pub(crate) fn at_first(&self, comm: &dyn Communicator) -> Result<Dataset, RankError> {
        let all = |own: Vec<f64>| -> Result<Vec<f64>, RankError> {
            let lists = gather_lists(comm, &own)?;
            Ok(if comm.rank() == 0 { lists.concat() } else { Vec::new() })
        };
        let mut columns = self.columns.clone();
        for column in columns.values_mut() {
            match column {
                Column::Numbers(numbers) => *numbers = all(std::mem::take(numbers))?,
                Column::Words { codes, .. } => {
                    let own = codes.iter().map(|&code| f64::from(code)).collect();
                    *codes = all(own)?.into_iter().map(|code| code as u32).collect();
                }
            }
        }
        let lines = all(self.lines.iter().map(|&line| line as f64).collect())?;
        let lines = lines.into_iter().map(|line| line as u64).collect();
        Ok(Dataset { source: self.source.clone(), columns, lines })
    }

    /// The error of a column.
    pub(crate) fn wrong_column(&self, name: &str, problem: impl Into<String>) -> DataError {
        DataError::new(problem).of(&self.source).column(name)
    }

    /// The error of a cell.
    pub(crate) fn wrong_cell(
        &self,
        row: usize,
        name: &str,
        problem: impl Into<String>,
    ) -> DataError {
        self.wrong_column(name, problem).line(self.lines[row])
    }
}

/// Shuffle rows and deal them out in parts, as [`Dataset::split`] says.
pub(crate) fn deal<const N: usize>(
    source: &str,
    rows: usize,
    shares: [f64; N],
    seed: u64,
) -> Result<[Vec<usize>; N], DataError> {
    let total: f64 = shares.iter().sum();
    // NaN is in no range.
    if !shares.iter().all(|share| (0.0..=1.0).contains(share)) || (total - 1.0).abs() > 1e-9 {
        return Err(DataError::new(format!(
            "the shares {shares:?} of a split: give numbers from 0 to 1 that add up to 1"
        )));
    }
    let mut order: Vec<usize> = (0..rows).collect();
    generator(seed, Draw::Split).shuffle(&mut order);
    let (mut before, mut end) = (0.0, 0);
    let mut parts = shares.map(|share| {
        before += share;
        let start = end;
        end = ((before * rows as f64).round() as usize).clamp(start, rows);
        start..end
    });
    // A last share of 0 gets nothing, also where the sum is a little less than 1.
    if let Some(last) = (0..N).rev().find(|&part| shares[part] > 0.0) {
        parts[last].end = rows;
    }
    if let Some(part) = (0..N).find(|&part| shares[part] > 0.0 && parts[part].is_empty()) {
        return Err(DataError::new(format!(
            "{} cannot be split so: part {} with a share of {} would be empty",
            counted(rows, "row"),
            part + 1,
            shares[part]
        ))
        .of(source));
    }
    Ok(parts.map(|part| order[part].to_vec()))
}

/// How much there is: the cells would fill pages.
impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns) = (counted(self.rows(), "row"), list(self.names(), quoted, 12));
        write!(f, "Dataset({rows} of {columns})")
    }
}
