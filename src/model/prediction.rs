//! [`Prediction`]: what a model says about rows; [`Evaluation`]: how far that is from what was observed.

use crate::data::{DataError, Dataset};
use crate::optim::norm;
use crate::text::{cut, digits, on_one_line, pad, width};
use std::fmt;

/// What a model says about the rows of a table.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Prediction {
    /// A number a row, in the unit of the target.
    Numbers(Vec<f64>),
    /// The probability of each class, row after row.
    Classes {
        /// The classes.
        classes: Vec<String>,
        /// As many a row as there are classes; they add up to 1.
        probabilities: Vec<f64>,
    },
}

impl Prediction {
    /// Count the rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Prediction::Numbers(numbers) => numbers.len(),
            Prediction::Classes { classes, probabilities } => {
                probabilities.len().checked_div(classes.len()).unwrap_or(0)
            }
        }
    }

    /// Find the most probable class of a row, the first of equals, and its probability; none if numbers are
    /// predicted.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    #[track_caller]
    pub fn class(&self, row: usize) -> Option<(&str, f64)> {
        let Prediction::Classes { classes, probabilities } = self else { return None };
        let row = &probabilities[row * classes.len()..][..classes.len()];
        let mut best = 0;
        for (class, &probability) in row.iter().enumerate() {
            if probability > row[best] {
                best = class;
            }
        }
        Some((&classes[best], row[best]))
    }
}

/// How far the predictions of a model are from what was observed. Prints as a small table.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// How many rows were compared.
    pub rows: usize,
    /// The mean loss, as in training: that of numbers is in units of the target's standard deviation.
    pub loss: f64,
    /// What else is known.
    pub scores: Scores,
}

/// How good predictions are, in numbers that need no network to be understood.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Scores {
    /// Of numbers, in the unit of the target.
    Numbers {
        /// The root of the mean squared error.
        rmse: f64,
        /// The mean absolute error.
        mae: f64,
        /// The share of the variance that is explained, `1 - Σ (y - ŷ)² / Σ (y - mean)²`; NaN if all observations are
        /// equal.
        r_squared: f64,
    },
    /// Of classes.
    Classes {
        /// The share of rows whose most probable class is the one observed.
        accuracy: f64,
        /// The classes.
        classes: Vec<String>,
        /// How often class `j` was predicted where class `i` was observed: `confusion[i][j]`.
        confusion: Vec<Vec<usize>>,
    },
}

impl Evaluation {
    pub(super) fn of(
        prediction: &Prediction,
        data: &Dataset,
        target: &str,
        loss: f64,
    ) -> Result<Evaluation, DataError> {
        let rows = data.rows();
        let scores = match prediction {
            Prediction::Numbers(predicted) => numbers(predicted, data.numbers(target)?),
            Prediction::Classes { classes, .. } => {
                let mut confusion = vec![vec![0; classes.len()]; classes.len()];
                let place = |class: &str| classes.iter().position(|known| known == class);
                let mut right = 0;
                for row in 0..rows {
                    let observed = data.text(row, target)?.and_then(|class| place(&class));
                    let predicted = prediction.class(row).and_then(|(class, _)| place(class));
                    // Both are known: the observations were coded before.
                    if let (Some(observed), Some(predicted)) = (observed, predicted) {
                        confusion[observed][predicted] += 1;
                        right += usize::from(observed == predicted);
                    }
                }
                let accuracy = right as f64 / rows as f64;
                Scores::Classes { accuracy, classes: classes.clone(), confusion }
            }
        };
        Ok(Evaluation { rows, loss, scores })
    }
}

fn numbers(predicted: &[f64], observed: &[f64]) -> Scores {
    let count = observed.len() as f64;
    let mean = observed.iter().map(|y| y / count).sum::<f64>();
    let errors: Vec<f64> =
        predicted.iter().zip(observed).map(|(y, observed)| observed - y).collect();
    let distances: Vec<f64> = observed.iter().map(|y| y - mean).collect();
    let is_constant = observed.iter().all(|&y| y == observed[0]);
    // A rounded mean must not pass for a variance.
    let spread = if is_constant { 0.0 } else { norm(&distances) };
    Scores::Numbers {
        rmse: norm(&errors) / count.sqrt(),
        mae: errors.iter().map(|error| error.abs() / count).sum(),
        r_squared: if spread > 0.0 { 1.0 - (norm(&errors) / spread).powi(2) } else { f64::NAN },
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "rows      {}", self.rows)?;
        writeln!(f, "loss      {}", digits(self.loss, 6))?;
        match &self.scores {
            Scores::Numbers { rmse, mae, r_squared } => {
                writeln!(f, "rmse      {}", digits(*rmse, 6))?;
                writeln!(f, "mae       {}", digits(*mae, 6))?;
                writeln!(f, "R²        {}", digits(*r_squared, 6))
            }
            Scores::Classes { accuracy, classes, confusion } => {
                writeln!(f, "accuracy  {}", digits(*accuracy, 6))?;
                // A table of many classes fills pages.
                if classes.len() <= 12 { table(f, classes, confusion) } else { Ok(()) }
            }
        }
    }
}

/// The confusion: a line for each class observed, a column for each predicted.
fn table(f: &mut fmt::Formatter<'_>, classes: &[String], confusion: &[Vec<usize>]) -> fmt::Result {
    let names: Vec<String> = classes.iter().map(|class| on_one_line(class)).collect();
    let counts = confusion.iter().flatten().map(|count| count.to_string().len());
    let wide = names.iter().map(|name| width(name)).chain(counts).max().unwrap_or(1).min(20);
    let cell = |text: &str| pad(&cut(text.to_string(), wide), wide, true);
    writeln!(f, "\nobserved below, predicted beside")?;
    write!(f, "{}", cell(""))?;
    for name in &names {
        write!(f, "  {}", cell(name))?;
    }
    writeln!(f)?;
    for (name, counts) in names.iter().zip(confusion) {
        write!(f, "{}", cell(name))?;
        for count in counts {
            write!(f, "  {count:>wide$}")?;
        }
        writeln!(f)?;
    }
    Ok(())
}
