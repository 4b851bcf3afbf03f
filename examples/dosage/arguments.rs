//! What the example is called with.

use gradtape::nn::Dosage;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// How to call it.
const USAGE: &str = "call it without any argument, or with some of `--report FILE.html`, `--data FILE`, \
                     `--rate NUMBER`, `--start W1,B1,W2,B2,W3,W4,B3`";

/// What to do.
#[derive(Debug, Default, PartialEq)]
pub struct Options {
    /// The file to write a page to, in place of text.
    pub report: Option<PathBuf>,
    /// What to train in place of the published descents.
    pub own: Option<Dosage>,
}

/// Read the arguments, and the file of data if they name one.
pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, String> {
    let mut arguments = arguments.into_iter();
    let mut options = Options::default();
    while let Some(name) = arguments.next() {
        let known = ["--report", "--data", "--rate", "--start"].into_iter().find(|&k| name == k);
        let Some(known) = known else {
            return Err(format!("there is no argument {name:?}: {USAGE}"));
        };
        let value = arguments.next().filter(|value| !value.is_empty());
        let Some(value) = value else {
            return Err(format!("`{known}` needs a value: {USAGE}"));
        };
        if known == "--report" {
            options.report = Some(value.into());
            continue;
        }
        let own = options.own.get_or_insert_with(|| Dosage::new(&Dosage::DATA));
        let text = value.to_string_lossy();
        match known {
            "--data" => own.data = data(Path::new(&value))?,
            "--rate" => own.learning_rate = number("--rate", &text)?,
            _ => {
                let start: Result<Vec<f64>, String> =
                    text.split(',').map(|part| number("--start", part)).collect();
                let seven = |start: Vec<f64>| {
                    format!("`--start` has {} numbers, not 7: {USAGE}", start.len())
                };
                own.start = start?.try_into().map_err(seven)?;
            }
        }
    }
    Ok(options)
}

fn number(name: &str, text: &str) -> Result<f64, String> {
    let text = text.trim();
    text.parse().map_err(|_| format!("`{name}` is given {text:?}, which is no number: {USAGE}"))
}

/// Read a dosage and an efficacy from each line; empty lines and those that begin with `#` are left out.
fn data(path: &Path) -> Result<Vec<[f64; 2]>, String> {
    let file = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {file}: {error}"))?;
    let mut rows = Vec::new();
    for (i, line) in text.lines().enumerate().map(|(i, line)| (i + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let cells = line.split([',', ';', ' ', '\t']).filter(|cell| !cell.is_empty());
        let numbers: Option<Vec<f64>> = cells.map(|cell| cell.parse().ok()).collect();
        let row = numbers.and_then(|numbers| <[f64; 2]>::try_from(numbers).ok());
        let row = row.filter(|row| row.iter().all(|x| x.is_finite()));
        rows.push(row.ok_or_else(|| {
            format!(
                "{file}, line {i}: {line:?} is not a dosage and an efficacy: give two finite numbers on each \
                 line, as in `0.5 1`"
            )
        })?);
    }
    match rows.is_empty() {
        true => Err(format!("{file} has no data: give a dosage and an efficacy on each line")),
        false => Ok(rows),
    }
}
