//! The table of a file, read by the library, and its columns of numbers.

use crate::expression::{Problem, parse, suggestion};
use crate::failure::{Failure, seen};
use crate::reading::Reading;
use clap::Args;
use gradtape::Var;
use gradtape::data::Dataset;
use std::path::PathBuf;

/// The file of a table, and how it is written.
#[derive(Args)]
pub struct TableFile {
    /// The data, columns by name
    #[arg(long, value_name = "FILE.csv")]
    data: PathBuf,
    #[command(flatten)]
    reading: Reading,
}

impl TableFile {
    /// Read the table.
    pub fn read(&self) -> Result<Dataset, Failure> {
        self.reading.read(&self.data)
    }
}

/// The numbers of a column, of which each must be there and finite.
pub fn numbers<'a>(data: &'a Dataset, name: &str) -> Result<&'a [f64], Failure> {
    let numbers = data.numbers(name).map_err(|error| Failure::Misuse(error.to_string()))?;
    match numbers.iter().position(|x| !x.is_finite()) {
        None => Ok(numbers),
        Some(row) => {
            let what = if numbers[row].is_nan() {
                "the cell is missing"
            } else {
                "the number is infinite"
            };
            Failure::misuse(format!(
                "{}, line {}, column `{}`: {what}: fill in a number, or leave the row out",
                seen(data.source()),
                data.line(row),
                seen(name)
            ))
        }
    }
}

/// A column, or an expression of columns: `ln(y)`.
pub fn computed(data: &Dataset, option: &str, text: &str) -> Result<Vec<f64>, Failure> {
    if data.names().any(|name| name == text) {
        return Ok(numbers(data, text)?.to_vec());
    }
    let here = |problem: Problem| match Failure::in_text(&problem, text) {
        Failure::Misuse(message) => Failure::Misuse(format!("{option}: {message}")),
        other => other,
    };
    let expression = parse(text).map_err(here)?;
    let mut columns = Vec::new();
    for (name, at) in &expression.inputs {
        if !data.names().any(|known| known == name) {
            let message = format!("no column is called `{name}`{}", suggestion(name, data.names()));
            return Err(here(Problem { at: at.clone(), message }));
        }
        columns.push(numbers(data, name)?);
    }
    let row = |row: usize| {
        let x: Vec<Var> = columns.iter().map(|column| Var::constant(column[row])).collect();
        expression.record(&x).map(Var::value)
    };
    let values: Result<Vec<f64>, Problem> = (0..data.rows()).map(row).collect();
    let values = values.map_err(here)?;
    match values.iter().position(|x| !x.is_finite()) {
        None => Ok(values),
        Some(row) => Failure::misuse(format!(
            "{}, line {}: {option} `{}` is {} there: leave the row out, or choose another",
            seen(data.source()),
            data.line(row),
            seen(text),
            values[row]
        )),
    }
}
