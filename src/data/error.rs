//! [`DataError`]: what is wrong with data, and where it stands.

use crate::text::{OneLine, quoted};
use std::fmt::{self, Write as _};

/// What is wrong with data: where that stands, what it is, and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataError {
    /// The file, as it was called; empty for data that were never in one.
    pub source: String,
    /// The line of the file, the first being 1; for data that were never in a file the row, the first being 1.
    pub line: Option<u64>,
    /// The name of the column.
    pub column: Option<String>,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl DataError {
    pub(crate) fn new(problem: impl Into<String>) -> DataError {
        DataError { problem: problem.into(), ..DataError::default() }
    }

    pub(crate) fn of(self, source: &str) -> DataError {
        DataError { source: source.into(), ..self }
    }

    pub(crate) fn line(self, line: u64) -> DataError {
        DataError { line: Some(line), ..self }
    }

    pub(crate) fn column(self, column: &str) -> DataError {
        DataError { column: Some(column.into()), ..self }
    }
}

impl fmt::Display for DataError {
    /// `doses.csv, line 4, column `dose`: ...`, as far as it is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        let (file, line) = (!self.source.is_empty())
            .then(|| self.source.clone())
            .map_or((None, self.line.map(|line| format!("row {line}"))), |file| {
                (Some(file), self.line.map(|line| format!("line {line}")))
            });
        let column = self.column.as_ref().map(|name| format!("column {}", quoted(name)));
        let place: Vec<String> = [file, line, column].into_iter().flatten().collect();
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for DataError {}
