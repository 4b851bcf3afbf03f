//! A table whose rows are spread over ranks: each reads its own range of the file.
//!
//! ```text
//! each rank: start = the first row that begins in its part of the bytes, which are cut evenly
//!            end   = the first row that begins after it, found by reading the rows between
//! while a rank's start is not the end of the rank before it: that rank begins there, and finds its end anew
//! ```
//!
//! A line break is taken for the end of a row at first. Inside of quotes it is none; then the rank before finds another
//! end, which is right, for it began rightly: rank 0 does. Almost always there is nothing to mend.

use super::csv::{Cells, NO_ROWS, Table, quotes, text};
use super::{Column, Csv, DataError, Dataset};
use crate::ranks::{Communicator, RankError, gather, gather_words, together};
use csv::ByteRecord;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

impl Csv {
    /// Read of a file the rows that are this rank's: of all ranks a range, one after the other, of about as many bytes.
    /// Which columns hold numbers, and the words of the others, are those of the whole file.
    ///
    /// Every rank calls it, on a path at which it finds the file.
    ///
    /// # Errors
    /// As [`read`](Csv::read), on all ranks what the first of them finds; if a rank is gone.
    pub fn read_share(
        &self,
        path: impl AsRef<Path>,
        comm: &dyn Communicator,
    ) -> Result<Dataset, DataError> {
        let path = path.as_ref();
        if comm.size() == 1 {
            return self.read(path);
        }
        let source = path.display().to_string();
        let range = Range::find(self, path, comm).map_err(|error| shown(error, &source))?;
        let mut csv = self.clone();
        csv.delimiter = Some(range.delimiter);
        let table = Table { csv: &csv, bytes: &range.bytes, quotes: range.quotes };
        let cells =
            match self.has_header() || range.bytes.iter().any(|byte| !b"\r\n".contains(byte)) {
                true => table.cells(),
                // Not even a row to count the columns by.
                false => Ok(Cells::empty(range.columns)),
            };
        let cells = cells.map(|mut cells| {
            cells.lines.iter_mut().for_each(|line| *line = range.line(*line));
            cells
        });
        let cells = cells.map_err(|mut error| {
            error.line = error.line.map(|line| range.line(line));
            error.of(&source)
        });
        let cells = together(comm, cells).map_err(|error| shown(error, &source))?;
        let columns = merge(&table, cells, comm).map_err(|error| shown(error, &source))?;
        let Some((columns, lines)) = columns else {
            return Err(DataError::new(NO_ROWS).of(&source));
        };
        Ok(Dataset::read(&source, columns, lines))
    }
}

/// What a rank says of the file, which names it already; or what is wrong with the ranks.
fn shown(error: RankError, source: &str) -> DataError {
    match error {
        RankError::Failed { message, .. } => DataError::new(message),
        error => DataError::new(error.to_string()).of(source),
    }
}

type Columns = indexmap::IndexMap<String, Column>;

/// Make columns that are numbers or words on all ranks alike, with one list of words; none if no rank has a row.
fn merge(
    table: &Table<'_>,
    cells: Cells,
    comm: &dyn Communicator,
) -> Result<Option<(Columns, Vec<u64>)>, RankError> {
    let has_word = cells.first_words.iter().map(|first| f64::from(u8::from(first.is_some())));
    let own: Vec<f64> = has_word.chain([cells.lines.len() as f64]).collect();
    let all = gather(comm, &own)?;
    let of_column = |column: usize| all.iter().skip(column).step_by(own.len());
    if of_column(own.len() - 1).all(|&rows| rows == 0.0) {
        return Ok(None);
    }
    let is_words: Vec<bool> =
        (0..own.len() - 1).map(|column| of_column(column).any(|&has| has > 0.0)).collect();
    let lines = cells.lines.clone();
    let mut columns = table.columns(cells, &is_words);
    for column in columns.values_mut() {
        if let Column::Words { words, codes, .. } = column {
            let all = gather_words(comm, words)?;
            for code in codes.iter_mut().filter(|code| **code != Column::MISSING) {
                let place = all.get_index_of(&words[*code as usize]);
                *code = place.map_or(Column::MISSING, |place| place as u32);
            }
            *words = all.into_iter().collect();
        }
    }
    Ok(Some((columns, lines)))
}

/// A rank's range of a file.
struct Range {
    /// The line of names, and then the rows.
    bytes: Vec<u8>,
    quotes: usize,
    /// What separates values, and how many the first row of the file has.
    delimiter: u8,
    columns: usize,
    /// How many lines stand before the rows in `bytes`, and in the file.
    lines: [u64; 2],
}

impl Range {
    /// Where a row stands in the file.
    fn line(&self, line: u64) -> u64 {
        if line > self.lines[0] { line - self.lines[0] + self.lines[1] } else { line }
    }

    fn find(csv: &Csv, path: &Path, comm: &dyn Communicator) -> Result<Range, RankError> {
        let opened = Source::open(csv, path).map_err(|error| error.of(&path.display().to_string()));
        let mut source = together(comm, opened)?;
        let (rank, size) = (comm.rank(), comm.size());
        let (body, end) = (source.head.len() as u64 + source.mark, source.len);
        let cut = |rank: usize| body + (end - body) * rank as u64 / size as u64;
        let refused =
            |error: std::io::Error| format!("{}: cannot be read: {error}", path.display());
        let mut own =
            source.first_row_from(cut(rank), rank == 0).map_err(refused).and_then(|start| {
                let end =
                    source.row_after(start, cut(rank + 1), rank + 1 == size).map_err(refused)?;
                Ok([start, end])
            });
        loop {
            let [start, end] = together(comm, own)?;
            let all = gather(comm, &[start as f64, end as f64])?;
            let wrong = (1..size).find(|&rank| all[2 * rank] != all[2 * rank - 1]);
            let Some(wrong) = wrong else {
                return source.range([start, end], comm, refused);
            };
            own = Ok([start, end]);
            if wrong == rank {
                let start = all[2 * wrong - 1] as u64;
                let end = source.row_after(start, cut(rank + 1), rank + 1 == size);
                own = end.map(|end| [start, end]).map_err(refused);
            }
        }
    }
}

/// A file that is read in parts.
struct Source {
    file: File,
    len: u64,
    /// The bytes of a byte order mark.
    mark: u64,
    /// The line of names, and what stands before it; nothing if there is none.
    head: Vec<u8>,
    delimiter: u8,
    columns: usize,
}

impl Source {
    fn open(csv: &Csv, path: &Path) -> Result<Source, DataError> {
        let refused = |error| DataError::new(format!("cannot be read: {error}"));
        if path.is_dir() {
            return Err(DataError::new("this is a folder: name a file in it"));
        }
        let mut file = File::open(path).map_err(refused)?;
        let len = file.metadata().map_err(refused)?.len();
        // As much of the file as the names take.
        let mut size = 1 << 16;
        loop {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(0)).map_err(refused)?;
            file.by_ref().take(size).read_to_end(&mut bytes).map_err(refused)?;
            let all = bytes.len() as u64;
            let table = Table { csv, bytes: text(&bytes)?, quotes: 0 };
            let mut reader = table.reader();
            let mut record = ByteRecord::new();
            let read = reader.read_byte_record(&mut record);
            read.map_err(|error| DataError::new(format!("cannot be read: {error}")))?;
            let head = reader.position().byte() as usize;
            let breaks = table.bytes[head..].iter().take_while(|byte| b"\r\n".contains(byte));
            let head = head + breaks.count();
            if head >= table.bytes.len() && all < len {
                size *= 2;
                continue;
            }
            let mark = all - table.bytes.len() as u64;
            let head = if csv.has_header() { table.bytes[..head].to_vec() } else { Vec::new() };
            let (delimiter, columns) = (table.delimiter(), record.len());
            return Ok(Source { len, mark, head, delimiter, columns, file });
        }
    }

    /// The bytes from a place on, to be read on the way.
    fn from(&mut self, start: u64) -> std::io::Result<std::io::BufReader<&mut File>> {
        self.file.seek(SeekFrom::Start(start))?;
        Ok(std::io::BufReader::with_capacity(1 << 16, &mut self.file))
    }

    /// The first place from `at` on where a row begins, if line breaks end rows: behind those.
    fn first_row_from(&mut self, at: u64, is_first: bool) -> std::io::Result<u64> {
        let is_first = is_first || at == 0;
        let mut at = if is_first { at } else { at - 1 };
        let mut is_in_row = !is_first;
        for byte in self.from(at)?.bytes() {
            let byte = byte?;
            match (is_in_row, byte) {
                (true, b'\n') => is_in_row = false,
                (false, byte) if !b"\r\n".contains(&byte) => break,
                _ => {}
            }
            at += 1;
        }
        Ok(at)
    }

    /// The first place from `limit` on where a row begins, if one begins at `start`; at the end of the file that.
    fn row_after(&mut self, start: u64, limit: u64, is_last: bool) -> std::io::Result<u64> {
        let len = self.len;
        if is_last || start >= limit {
            return Ok(if is_last { len } else { start });
        }
        let delimiter = self.delimiter;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(self.from(start)?);
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record)? {
            let next = start + reader.position().byte();
            if next >= limit {
                drop(reader);
                return self.first_row_from(next, true);
            }
        }
        Ok(len)
    }

    /// Read a range, and find out on which line of the file it begins.
    fn range(
        mut self,
        [start, end]: [u64; 2],
        comm: &dyn Communicator,
        refused: impl Fn(std::io::Error) -> String,
    ) -> Result<Range, RankError> {
        let mut bytes = self.head.clone();
        let read = self
            .from(start)
            .and_then(|file| file.take(end.saturating_sub(start)).read_to_end(&mut bytes))
            .map_err(refused);
        together(comm, read)?;
        let own = &bytes[self.head.len()..];
        let lines = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\n').count() as f64;
        let all = gather(comm, &[lines(own), quotes(own) as f64])?;
        let before: f64 = all.iter().step_by(2).take(comm.rank()).sum();
        let quotes: f64 = all.iter().skip(1).step_by(2).sum::<f64>() + quotes(&self.head) as f64;
        let has_last_row = start < end && end == self.len;
        let head = lines(&self.head);
        Ok(Range {
            bytes,
            quotes: if has_last_row { quotes as usize } else { 0 },
            delimiter: self.delimiter,
            columns: self.columns,
            lines: [head as u64, (head + before) as u64],
        })
    }
}
