//! `gradtape grad --at FILE.csv`: a point in each row, and a row printed for each. One row is in memory at a time.

use crate::expression::parse;
use crate::failure::{Failure, Outcome, seen};
use crate::files;
use crate::function::{Function, Given, named_value, text_of};
use crate::grad::answer;
use crate::output::{not_printed, number, read_number};
use csv::StringRecord;
use gradtape::try_value_and_gradient;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

pub fn run(given: &Given, path: &Path, json: bool) -> Result<Outcome, Failure> {
    let mut file = BufReader::with_capacity(1 << 16, files::open(path)?);
    let begin = file.fill_buf().map_err(|error| files::not_read(path, &error))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(delimiter(begin))
        .from_reader(file);
    let wrong = |error: &csv::Error| not_csv(path, error);
    let header = reader.headers().map_err(|error| wrong(&error))?.clone();
    let (mut function, columns) = bound(given, path, &header)?;
    let mut out = BufWriter::new(io::stdout().lock());
    if !json {
        let head = function.names.iter().map(|name| format!("d/d{name}"));
        let head: Vec<String> = ["value".to_string()].into_iter().chain(head).map(field).collect();
        writeln!(out, "{}", head.join(",")).map_err(not_printed)?;
    }
    let mut record = StringRecord::new();
    let mut row = 0;
    while reader.read_record(&mut record).map_err(|error| wrong(&error))? {
        row += 1;
        for (name, column) in &columns {
            let text = record.get(*column).unwrap_or("");
            let value = read_number(text).ok_or_else(|| {
                let line = record.position().map_or(0, |position| position.line());
                let what = match text {
                    "" => "is empty: give it a number".to_string(),
                    _ => format!("is `{}`, which is no number, or too large for one", seen(text)),
                };
                Failure::in_file(path, format!("row {row} (line {line}), column `{name}` {what}"))
            })?;
            function.set(name, value);
        }
        let found = try_value_and_gradient(|x| function.record(x), &function.point);
        let (value, gradient) = found.map_err(|problem| function.failure(&problem))?;
        let line = match json {
            true => answer(&function, value, &gradient).to_string(),
            false => {
                let numbers: Vec<String> =
                    [value].iter().chain(&gradient).map(|&x| number(x)).collect();
                numbers.join(",")
            }
        };
        writeln!(out, "{line}").map_err(not_printed)?;
    }
    out.flush().map_err(not_printed)?;
    Ok(Outcome::Fine)
}

/// The function of the arguments and the columns, and which column each of its names is.
fn bound(
    given: &Given,
    path: &Path,
    header: &StringRecord,
) -> Result<(Function, Vec<(String, usize)>), Failure> {
    let text = text_of(&given.expression)?;
    let expression = parse(&text).map_err(|problem| Failure::in_text(&problem, &text))?;
    let named: Result<Vec<_>, _> = given.values.iter().map(|text| named_value(text)).collect();
    let named = named?;
    // A file that begins with a mark of its byte order.
    let names: Vec<&str> = header.iter().map(|name| name.trim_start_matches('\u{feff}')).collect();
    let (mut values, mut columns) = (Vec::new(), Vec::new());
    for (column, &name) in names.iter().enumerate() {
        let is_used = |known: &(String, _)| known.0 == name;
        if !expression.inputs.iter().any(is_used) && !expression.constants.iter().any(is_used) {
            continue;
        }
        if named.iter().any(|(known, _)| known == name) {
            let problem = format!("`{name}` is a column and has a value too: leave `{name}=` out");
            return Err(Failure::in_file(path, problem));
        }
        if columns.iter().any(|(known, _)| known == name) {
            return Err(Failure::in_file(
                path,
                format!("two columns are called `{name}`: rename one"),
            ));
        }
        columns.push((name.to_string(), column));
        values.push((name.to_string(), 0.0));
    }
    values.extend(named);
    let missing =
        expression.inputs.iter().find(|(name, _)| !values.iter().any(|(known, _)| known == name));
    if let Some((name, _)) = missing {
        let shown: Vec<String> =
            names.iter().take(8).map(|name| format!("`{}`", seen(name))).collect();
        let columns = match shown.is_empty() {
            true => "the file is empty".to_string(),
            false => format!("the columns are {}", shown.join(", ")),
        };
        let more = if names.len() > 8 { " and more" } else { "" };
        let what = format!("no column is called `{name}`, and it has no value: {columns}{more}");
        return Err(Failure::in_file(path, format!("{what}; or give {name}=1")));
    }
    Ok((Function::new(&text, values, &given.wrt)?, columns))
}

/// The delimiter that the first line has most of, as `gradtape::data::Csv` finds it out.
fn delimiter(begin: &[u8]) -> u8 {
    let line = begin.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| {
        let mut quotes = false;
        let counts = |&byte: &u8| {
            quotes ^= byte == b'"';
            byte == delimiter && !quotes
        };
        line.iter().copied().filter(counts).count()
    };
    // The first of equals.
    b"|\t;,".iter().copied().max_by_key(|&delimiter| count(delimiter)).unwrap_or(b',')
}

/// A name as a field of CSV.
fn field(name: String) -> String {
    match name.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", name.replace('"', "\"\"")),
        false => name,
    }
}

fn not_csv(path: &Path, error: &csv::Error) -> Failure {
    match error.kind() {
        csv::ErrorKind::Io(error) => files::not_read(path, error),
        csv::ErrorKind::Utf8 { pos, .. } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            Failure::in_file(
                path,
                format!("line {line} is no text in UTF-8: save the file as UTF-8"),
            )
        }
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            let fields = if *len == 1 { "field" } else { "fields" };
            let what = format!("line {line} has {len} {fields}, and the header has {expected_len}");
            Failure::in_file(path, format!("{what}: give each row a field for each column"))
        }
        _ => Failure::in_file(path, error),
    }
}
