//! How a table is read from a file, and how rows are written.

use crate::failure::Failure;
use crate::files;
use clap::Args;
use gradtape::data::{Csv, Dataset};
use gradtape::ranks::Communicator;
use std::path::Path;

/// How the file of a table is written.
#[derive(Args)]
pub struct Reading {
    /// What stands between values; else it is found out
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<char>,
    /// Take 1,5 for one and a half
    #[arg(long)]
    decimal_comma: bool,
    /// Take the first line for numbers; name columns c1
    #[arg(long)]
    no_header: bool,
}

fn delimiter(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(one), None)
            if one.is_ascii() && !one.is_ascii_alphanumeric() && !"\"\r\n.+-\0".contains(one) =>
        {
            Ok(one)
        }
        _ => Err("give a character that stands in no number or word, as ; or | or tab".into()),
    }
}

impl Reading {
    /// Read a table from a file, or from the standard input for `-`.
    pub fn read(&self, path: &Path) -> Result<Dataset, Failure> {
        let read = match path == Path::new("-") {
            true => self.csv().parse(&files::bytes(path)?, "standard input"),
            false => self.csv().read(path),
        };
        read.map_err(|error| Failure::Misuse(error.to_string()))
    }

    /// Read the rows that are this rank's.
    pub fn read_share(&self, path: &Path, comm: &dyn Communicator) -> Result<Dataset, Failure> {
        let read = self.csv().read_share(path, comm);
        read.map_err(|error| Failure::Misuse(error.to_string()))
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::new();
        if let Some(delimiter) = self.delimiter {
            csv = csv.delimiter(delimiter);
        }
        if self.decimal_comma {
            csv = csv.decimal_comma();
        }
        if self.no_header {
            csv = csv.header(false);
        }
        csv
    }
}
