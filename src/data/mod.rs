//! Data of your own: a table with named columns, and the numbers that a model is trained on.
//!
//! A [`Dataset`] holds columns of numbers and of words as they stand in a file, and where each row stood there. A
//! [`Coder`] turns columns into numbers of about the size of 1 and remembers how, so that new data are turned in the
//! same way. [`Samples`] are the result: inputs and targets row by row, all of them finite.
//!
//! | file | idea |
//! |---|---|
//! | `dataset` | [`Dataset`]: columns by name; choose rows, leave out rows with missing values, split |
//! | `column` | [`Column`]: numbers, or words |
//! | `csv` | `Csv`: read a table from a file; what a file may look like |
//! | `csv_share` | a table whose rows are spread over ranks: each reads its range of the file |
//! | `cells` | what one cell says: a number, a word, nothing |
//! | `coder` | [`Coder`], [`Code`]: standardized numbers, one-hot classes |
//! | `samples` | [`Samples`]: inputs and targets of observations, of `f64` or `f32` |
//! | `error` | [`DataError`]: what is wrong with data, and where it stands |
//!
//! ```
//! use gradtape::data::{Coder, Dataset};
//!
//! let data = Dataset::new()
//!     .with_numbers("dose", vec![0.0, 0.5, 1.0, 1.5])?
//!     .with_words("group", &["a", "b", "a", "b"])?;
//! let coder = Coder::fit(&data, &["dose", "group"])?;
//! assert_eq!(coder.width(), 3); // dose, group=a, group=b
//! assert_eq!(coder.encode(&data)?[..3], [-1.3416407864998738, 1.0, 0.0]);
//! # Ok::<(), gradtape::data::DataError>(())
//! ```

#[cfg(feature = "csv")]
mod cells;
mod coder;
mod column;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
mod csv_share;
mod dataset;
mod error;
mod samples;

#[cfg(feature = "csv")]
pub use self::csv::Csv;
pub(crate) use coder::on_all;
pub use coder::{Code, Coder};
pub use column::Column;
pub use dataset::Dataset;
pub(crate) use dataset::deal;
pub use error::DataError;
pub use samples::Samples;
