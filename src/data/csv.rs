//! [`Csv`]: read a table from a file; what a file may look like.

use super::cells::{Cell, Notation};
use super::column::Words;
use super::{Column, DataError, Dataset};
use crate::text::{counted, quoted};
use csv::{ByteRecord, Position, Reader, ReaderBuilder};
use indexmap::IndexMap;
use std::path::Path;

/// How to read a table from a file with values separated by commas, or by something else.
///
/// The first line holds the names of the columns. Unless [`delimiter`](Csv::delimiter) says otherwise, values are
/// separated by whichever of comma, semicolon, tab and `|` the first line has most of. Quotes, as in RFC 4180, may
/// hold delimiters and line breaks. Line ends, a byte order mark, blank lines and spaces around a value count for
/// nothing.
///
/// A column of which every cell is a number or missing holds numbers; every other holds words. A cell is missing if
/// it is empty or says `NaN`, `NA`, `N/A`, `null` or `?`.
///
/// ```
/// use gradtape::data::Csv;
///
/// let text = "dose;group\n0,5;a\n;b\n";
/// let data = Csv::new().decimal_comma().parse(text.as_bytes(), "doses.csv")?;
/// assert_eq!(data.numbers("dose")?[0], 0.5);
/// assert!(data.column("dose")?.is_missing(1));
///
/// let ragged = Csv::new().parse(b"dose,group\n1,a\n2\n", "doses.csv").unwrap_err();
/// assert_eq!(
///     ragged.to_string(),
///     "doses.csv, line 3: there is 1 value here, and there are 2 columns: is a delimiter or a quote missing or too many?",
/// );
/// # Ok::<(), gradtape::data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Csv {
    pub(super) delimiter: Option<u8>,
    header: Option<bool>,
    notation: Notation,
}

impl Default for Csv {
    fn default() -> Csv {
        let missing = ["NA", "N/A", "null", "?"].map(String::from).to_vec();
        let notation = Notation { decimal_comma: false, missing };
        Csv { delimiter: None, header: None, notation }
    }
}

impl Dataset {
    /// Read a table from a file, as [`Csv`] says.
    ///
    /// # Errors
    /// As [`Csv::read`].
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Dataset, DataError> {
        Csv::new().read(path)
    }
}

impl Csv {
    /// Read a file with a line of names whose delimiter is found out, and with decimal points.
    #[must_use]
    pub fn new() -> Csv {
        Csv::default()
    }

    /// Separate values by this character.
    ///
    /// # Panics
    /// If it is not ASCII, or one that a value may need: a letter, a digit, a quote, a line break, `.`, `+` or `-`.
    #[must_use]
    #[track_caller]
    pub fn delimiter(mut self, delimiter: char) -> Csv {
        let fits = delimiter.is_ascii()
            && !delimiter.is_ascii_alphanumeric()
            && !"\"\r\n.+-\0".contains(delimiter);
        assert!(
            fits,
            "the delimiter {delimiter:?}: give an ASCII character that stands in no number or word"
        );
        self.delimiter = Some(delimiter as u8);
        self
    }

    /// Say whether the first line holds names. If not, columns are called `c1`, `c2`, ...
    ///
    /// Until this is called it must, and a first line of nothing but numbers is refused.
    #[must_use]
    pub fn header(mut self, header: bool) -> Csv {
        self.header = Some(header);
        self
    }

    /// Take a comma for what stands before decimals. Values are then separated by something else.
    #[must_use]
    pub fn decimal_comma(mut self) -> Csv {
        self.notation.decimal_comma = true;
        self
    }

    /// Say what stands in a cell that is missing, instead of `NA`, `N/A`, `null` and `?`.
    #[must_use]
    pub fn missing(mut self, texts: impl IntoIterator<Item = impl Into<String>>) -> Csv {
        self.notation.missing = texts.into_iter().map(Into::into).collect();
        self
    }

    /// Read a file.
    ///
    /// # Errors
    /// If the file cannot be read, is empty, is no text in UTF-8 or has no rows; if a row has more or fewer values
    /// than there are columns; if two columns have one name; if a number is too large for `f64`: with file, line and
    /// column.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Dataset, DataError> {
        let path = path.as_ref();
        let source = path.display().to_string();
        let refused = |problem: String| DataError::new(problem).of(&source);
        if path.is_dir() {
            return Err(refused("this is a folder: name a file in it".into()));
        }
        let bytes =
            std::fs::read(path).map_err(|error| refused(format!("cannot be read: {error}")))?;
        self.parse(&bytes, &source)
    }

    /// Read what stands in a file; `source` is what messages call it.
    ///
    /// # Errors
    /// As [`read`](Csv::read).
    pub fn parse(&self, bytes: &[u8], source: &str) -> Result<Dataset, DataError> {
        let parsed = text(bytes).and_then(|bytes| {
            let table = Table { csv: self, bytes, quotes: quotes(bytes) };
            let cells = table.cells()?;
            if cells.lines.is_empty() {
                return Err(DataError::new(NO_ROWS));
            }
            let is_words: Vec<bool> = cells.first_words.iter().map(Option::is_some).collect();
            let lines = cells.lines.clone();
            Ok(Dataset::read(source, table.columns(cells, &is_words), lines))
        });
        parsed.map_err(|error| error.of(source))
    }

    pub(super) fn has_header(&self) -> bool {
        self.header != Some(false)
    }

    /// The delimiter given, or the one that a line has most of outside of quotes.
    fn delimiter_of(&self, line: &[u8]) -> u8 {
        let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
        if self.notation.decimal_comma {
            counts[0].0 = b';';
        }
        let mut quotes = false;
        for &byte in line {
            quotes ^= byte == b'"';
            let found = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte && !quotes);
            found.into_iter().for_each(|(_, count)| *count += 1);
        }
        // The first of equals.
        let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
        self.delimiter.or(most.map(|(delimiter, _)| delimiter)).unwrap_or(b',')
    }
}

/// What is wrong with a file that has nothing but names.
pub(super) const NO_ROWS: &str = "there are names and no rows below them: give at least one";

/// Count quotes.
pub(super) fn quotes(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'"').count()
}

/// Refuse what is no text, and leave out a byte order mark.
pub(super) fn text(bytes: &[u8]) -> Result<&[u8], DataError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(DataError::new("this is a text in UTF-16: save it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(DataError::new("the file is empty: give a line of names and then the rows"));
    }
    match bytes.iter().take(1 << 16).position(|&byte| byte == 0) {
        None => Ok(bytes),
        Some(at) => {
            Err(DataError::new(format!("this is a binary file and no table: byte {} is 0", at + 1)))
        }
    }
}

/// A table that is read: how, and from what.
pub(super) struct Table<'a> {
    pub csv: &'a Csv,
    pub bytes: &'a [u8],
    /// How many quotes the whole file has, if its end is among the bytes.
    pub quotes: usize,
}

/// The cells of a table, as far as they are numbers.
pub(super) struct Cells {
    pub names: Vec<String>,
    numbers: Vec<Vec<f64>>,
    /// Of each column the first row with a word.
    pub first_words: Vec<Option<usize>>,
    /// Where each row begins.
    pub lines: Vec<u64>,
}

impl Cells {
    /// No rows, of columns without names.
    pub fn empty(columns: usize) -> Cells {
        Cells {
            names: nameless(columns),
            numbers: vec![Vec::new(); columns],
            first_words: vec![None; columns],
            lines: Vec::new(),
        }
    }
}

/// What columns are called where no line names them.
fn nameless(columns: usize) -> Vec<String> {
    (1..=columns).map(|column| format!("c{column}")).collect()
}

impl Table<'_> {
    pub fn reader(&self) -> Reader<&[u8]> {
        let delimiter = self.delimiter();
        ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(self.bytes)
    }

    pub fn delimiter(&self) -> u8 {
        let first = self.bytes.split(|&byte| byte == b'\n').find(|line| !line.is_empty());
        self.csv.delimiter_of(first.unwrap_or_default())
    }

    /// Read the numbers, and find out which columns hold words.
    pub fn cells(&self) -> Result<Cells, DataError> {
        let mut reader = self.reader();
        let mut record = ByteRecord::new();
        let names = self.names(&mut reader, &mut record)?;
        // A first line that is data is still in the record.
        let mut is_data = !self.csv.has_header();
        let mut numbers = vec![Vec::new(); names.len()];
        let mut first_words = vec![None; names.len()];
        let mut lines = Vec::new();
        let mut lines_taken = 0;
        while is_data || self.next(&mut reader, &mut record, names.len())? {
            is_data = false;
            let line = self.line_of(record.position());
            for (column, text) in record.iter().enumerate() {
                let wrong =
                    |problem: String| DataError::new(problem).line(line).column(&names[column]);
                let text = utf8(text).map_err(wrong)?;
                numbers[column].push(match self.csv.notation.cell(text) {
                    Cell::Number(x) => x,
                    Cell::Missing => f64::NAN,
                    Cell::Word(_) => {
                        first_words[column].get_or_insert(lines.len());
                        f64::NAN
                    }
                    Cell::TooLarge(text) => {
                        let largest = "the largest number is about 1.8e308";
                        return Err(wrong(format!("{} is too large: {largest}", quoted(text))));
                    }
                });
            }
            lines.push(line);
            lines_taken = reader.position().line() - line;
        }
        // A file that ends inside of quotes: its last value has taken in all rows after the quote.
        if let Some(&last) = lines.last()
            && self.quotes % 2 == 1
            && lines_taken > 1
        {
            let problem = "a quote that begins in this row is not closed before the file ends";
            return Err(DataError::new(problem).line(last));
        }
        Ok(Cells { names, numbers, first_words, lines })
    }

    /// Make columns of cells, some of which hold words.
    pub fn columns(&self, cells: Cells, is_words: &[bool]) -> IndexMap<String, Column> {
        let Cells { names, numbers, first_words, .. } = cells;
        let words = self.words(is_words);
        let columns =
            numbers.into_iter().zip(words).zip(first_words).map(|((numbers, words), first)| {
                // Only a word after numbers needs an explanation.
                let after_numbers = |row: &usize| numbers[..*row].iter().any(|x| !x.is_nan());
                match words {
                    Some(words) => words.column(first.filter(after_numbers)),
                    None => Column::Numbers(numbers),
                }
            });
        names.into_iter().zip(columns).collect()
    }

    /// Read the names of the columns, which are in the record then or follow from the number of its values.
    fn names(
        &self,
        reader: &mut Reader<&[u8]>,
        record: &mut ByteRecord,
    ) -> Result<Vec<String>, DataError> {
        reader
            .read_byte_record(record)
            .map_err(|error| DataError::new(format!("cannot be read: {error}")))?;
        let line = self.line_of(record.position());
        if !self.csv.has_header() {
            return Ok(nameless(record.len()));
        }
        let mut names = IndexMap::<String, usize>::with_capacity(record.len());
        let mut all_numbers = true;
        for (column, name) in record.iter().enumerate() {
            let name = utf8(name).map_err(|problem| DataError::new(problem).line(line))?.trim();
            all_numbers &= matches!(self.csv.notation.cell(name), Cell::Number(_));
            // The first column of numbered rows has no name in files of pandas and R.
            let name = if name.is_empty() { format!("c{}", column + 1) } else { name.to_string() };
            if let Some(first) = names.insert(name.clone(), column) {
                let problem = format!(
                    "columns {} and {} have this name: give each its own",
                    first + 1,
                    column + 1
                );
                return Err(DataError::new(problem).line(line).column(&name));
            }
        }
        if all_numbers && self.csv.header.is_none() {
            let problem = "the first line holds numbers where the names of the columns should be: add a line of \
                           names, or say that there is none (`Csv::header(false)`, `--no-header`)";
            return Err(DataError::new(problem).line(line));
        }
        Ok(names.into_keys().collect())
    }

    /// Read the columns that hold words a second time, for as numbers their texts are gone.
    fn words(&self, is_words: &[bool]) -> Vec<Option<Words>> {
        let mut reader = self.reader();
        let mut record = ByteRecord::new();
        let mut cells: Vec<Option<Words>> =
            is_words.iter().map(|is_words| is_words.then(Words::default)).collect();
        let mut skip = self.csv.has_header();
        if cells.iter().any(Option::is_some) {
            while reader.read_byte_record(&mut record).is_ok_and(|more| more) {
                if !std::mem::take(&mut skip) {
                    for (text, words) in record.iter().zip(&mut cells) {
                        let Some(words) = words else { continue };
                        let text = utf8(text).unwrap_or_default();
                        words.push(match self.csv.notation.cell(text) {
                            Cell::Missing => None,
                            // A number among words is the word that stands there.
                            _ => Some(text.trim()),
                        });
                    }
                }
            }
        }
        cells
    }

    /// The line on which a row begins: its position is that of the blank lines before it.
    fn line_of(&self, position: Option<&Position>) -> u64 {
        position.map_or(1, |position| {
            let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
            let row = self.bytes.get(start..).unwrap_or_default();
            let blank = row.iter().take_while(|byte| b"\r\n".contains(byte));
            position.line() + blank.filter(|&&byte| byte == b'\n').count() as u64
        })
    }

    /// Read the next row, which must have a value for each column; false at the end.
    fn next(
        &self,
        reader: &mut Reader<&[u8]>,
        record: &mut ByteRecord,
        columns: usize,
    ) -> Result<bool, DataError> {
        match reader.read_byte_record(record) {
            Ok(more) => Ok(more),
            Err(error) => match error.kind() {
                csv::ErrorKind::UnequalLengths { pos, len, .. } => {
                    let (are, columns) =
                        (if *len == 1 { "is" } else { "are" }, counted(columns, "column"));
                    let values = counted(usize::try_from(*len).unwrap_or(usize::MAX), "value");
                    let problem = format!(
                        "there {are} {values} here, and there are {columns}: is a delimiter or a quote missing or \
                     too many?"
                    );
                    Err(DataError::new(problem).line(self.line_of(pos.as_ref())))
                }
                _ => Err(DataError::new(format!("cannot be read: {error}"))),
            },
        }
    }
}

fn utf8(text: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(text).map_err(|error| {
        let byte = text[error.valid_up_to()];
        format!("the byte {byte:#04x} is no UTF-8: save the file as UTF-8")
    })
}
