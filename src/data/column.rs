//! [`Column`]: numbers, or words.

use indexmap::IndexSet;

/// The words of a column as they come.
#[derive(Default)]
pub(super) struct Words {
    places: IndexSet<String>,
    codes: Vec<u32>,
}

impl Words {
    /// Append a cell; none is a missing one.
    pub fn push(&mut self, word: Option<&str>) {
        self.codes.push(word.map_or(Column::MISSING, |word| {
            let place = self.places.get_index_of(word);
            let place = place.unwrap_or_else(|| self.places.insert_full(word.into()).0);
            u32::try_from(place).expect("fewer different words than codes")
        }));
    }

    /// Make a column of them.
    pub fn column(self, first_word: Option<usize>) -> Column {
        Column::Words { words: self.places.into_iter().collect(), codes: self.codes, first_word }
    }
}

/// A column of a table. A cell may be missing.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Column {
    /// A number a row; NaN where it is missing.
    Numbers(Vec<f64>),
    /// A word a row: its place in a list of all words.
    Words {
        /// The different words, in the order in which they first occur.
        words: Vec<String>,
        /// For each row an index into `words`, [`MISSING`](Column::MISSING) where it is missing.
        codes: Vec<u32>,
        /// Why they are not numbers: the first row with a word, if there are numbers before it.
        first_word: Option<usize>,
    },
}

impl Column {
    /// The code of a word that is missing.
    pub const MISSING: u32 = u32::MAX;

    /// Count the rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Column::Numbers(numbers) => numbers.len(),
            Column::Words { codes, .. } => codes.len(),
        }
    }

    /// Tell whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tell whether the cell of a row is missing.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    #[track_caller]
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Column::Numbers(numbers) => numbers[row].is_nan(),
            Column::Words { codes, .. } => codes[row] == Column::MISSING,
        }
    }

    /// Read the word of a row; none if it is missing or the column holds numbers.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    #[track_caller]
    pub fn word(&self, row: usize) -> Option<&str> {
        match self {
            Column::Numbers(_) => None,
            Column::Words { words, codes, .. } => {
                words.get(codes[row] as usize).map(String::as_str)
            }
        }
    }

    /// Take some of the rows, in any order.
    pub(super) fn choose(&self, rows: &[usize]) -> Column {
        match self {
            Column::Numbers(numbers) => Column::Numbers(rows.iter().map(|&i| numbers[i]).collect()),
            Column::Words { words, codes, first_word } => Column::Words {
                words: words.clone(),
                codes: rows.iter().map(|&i| codes[i]).collect(),
                first_word: first_word.and_then(|word| rows.iter().position(|&row| row == word)),
            },
        }
    }
}
