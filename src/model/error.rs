//! [`ModelError`]: why there is no model, or nothing predicted by it.

use crate::data::DataError;
use crate::nn::NetworkError;
use crate::optim::FitError;
use crate::program::ReplayError;
use crate::text::{OneLine, list, nearest, quoted};
use std::fmt::{self, Write as _};

/// Why there is no model, or nothing predicted by it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ModelError {
    /// The data are wrong.
    Data(DataError),
    /// A training could not begin, or not go on.
    Fit(FitError),
    /// A file could not be read or written, or is not what it should be.
    File {
        /// The path of the file; empty if what was read was never in one.
        path: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A setting is wrong, or does not go with the data: what it is, and what to give instead.
    Setting(String),
}

impl ModelError {
    /// Find what has a name, or refuse it with the names there are.
    pub(crate) fn one_of<T: Copy>(
        what: &str,
        name: &str,
        all: &[T],
        name_of: impl Fn(T) -> &'static str,
    ) -> Result<T, ModelError> {
        all.iter().copied().find(|&x| name_of(x) == name).ok_or_else(|| {
            let names = || all.iter().map(|&x| name_of(x));
            let near = nearest(name, names());
            let near = near.map_or(String::new(), |near| format!(" is it {}?", quoted(near)));
            let there = list(names(), quoted, 12);
            ModelError::Setting(format!(
                "no {what} is called {}:{near} There are {there}",
                quoted(name)
            ))
        })
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModelError::Data(error) => error.fmt(f),
            ModelError::Fit(error) => error.fmt(f),
            ModelError::File { path, problem } if path.is_empty() => OneLine(f).write_str(problem),
            ModelError::File { path, problem } => write!(OneLine(f), "{path}: {problem}"),
            ModelError::Setting(problem) => OneLine(f).write_str(problem),
        }
    }
}

impl std::error::Error for ModelError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ModelError::Data(error) => Some(error),
            ModelError::Fit(error) => Some(error),
            _ => None,
        }
    }
}

impl From<DataError> for ModelError {
    fn from(error: DataError) -> ModelError {
        ModelError::Data(error)
    }
}

impl From<FitError> for ModelError {
    fn from(error: FitError) -> ModelError {
        ModelError::Fit(error)
    }
}

impl From<ReplayError> for ModelError {
    fn from(error: ReplayError) -> ModelError {
        ModelError::Fit(error.into())
    }
}

impl From<NetworkError> for ModelError {
    fn from(error: NetworkError) -> ModelError {
        ModelError::Setting(error.to_string())
    }
}
