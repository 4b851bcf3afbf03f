//! The input of a function: numbers and their shapes, with errors that say what is wrong, where, and what to give.

use super::protocol::kind_of;
use serde_json::Value;
use std::ops::RangeInclusive;

/// How many numbers a task may need to keep: 4 GiB of them. More is an error, not the end of the process.
pub const LIMIT: usize = 1 << 29;

/// A part of an input, and where it stands.
pub struct Input<'a> {
    value: &'a Value,
    path: String,
}

/// A list of rows of one length, one row after the other.
pub struct Matrix {
    pub numbers: Vec<f64>,
    pub rows: usize,
    pub columns: usize,
}

impl<'a> Input<'a> {
    /// Take the input of a message.
    pub fn new(value: &'a Value) -> Input<'a> {
        Input { value, path: "input".to_string() }
    }

    /// Tell whether there is such a field.
    pub fn has(&self, name: &str) -> bool {
        self.value.get(name).is_some()
    }

    /// Go into a field.
    pub fn field(&self, name: &str) -> Result<Input<'a>, String> {
        let (value, path) = (self.value.get(name), format!("{}.{name}", self.path));
        let value = value.ok_or(format!("{path} is missing: add it to the input"))?;
        Ok(Input { value, path })
    }

    /// Go into each item of a list.
    pub fn items(&self) -> Result<Vec<Input<'a>>, String> {
        let list = self.list()?.iter().enumerate();
        Ok(list.map(|(i, value)| Input { value, path: format!("{}[{i}]", self.path) }).collect())
    }

    /// Read a number.
    pub fn number(&self) -> Result<f64, String> {
        self.value.as_f64().ok_or_else(|| self.wrong("a number"))
    }

    /// Read `true` or `false`.
    pub fn flag(&self) -> Result<bool, String> {
        self.value.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    /// Read a whole number that is in a range.
    pub fn size(&self, range: RangeInclusive<usize>) -> Result<usize, String> {
        let number = self.number()?;
        // As numbers: what is negative or above 2⁵³ is compared as what it is.
        let is_in = *range.start() as f64 <= number && number <= *range.end() as f64;
        if number.fract() != 0.0 || !is_in {
            let (path, least, most) = (&self.path, range.start(), range.end());
            return Err(format!("{path} is {number}: give a whole number from {least} to {most}"));
        }
        Ok(number as usize)
    }

    /// Read a list of numbers, as many as `count` if that is given.
    pub fn numbers(&self, count: Option<usize>) -> Result<Vec<f64>, String> {
        let list = self.list()?;
        self.has_length(list, count, "numbers")?;
        let number = |(i, item): (usize, &Value)| {
            item.as_f64()
                .ok_or_else(|| format!("{}[{i}] is {}: give a number", self.path, kind_of(item)))
        };
        list.iter().enumerate().map(number).collect()
    }

    /// Read a list of whole numbers below `end`.
    pub fn indices(&self, end: usize) -> Result<Vec<usize>, String> {
        let last =
            end.checked_sub(1).ok_or(format!("{}: there is nothing to point at", self.path))?;
        self.items()?.iter().map(|item| item.size(0..=last)).collect()
    }

    /// Read rows of numbers. All have the same length: `columns`, or else that of the first.
    pub fn matrix(&self, rows: Option<usize>, columns: Option<usize>) -> Result<Matrix, String> {
        self.has_length(self.list()?, rows, "rows")?;
        let (items, mut columns, mut numbers) = (self.items()?, columns, Vec::new());
        for item in &items {
            numbers.extend(item.numbers(columns)?);
            columns = columns.or(Some(numbers.len()));
        }
        Ok(Matrix { numbers, rows: items.len(), columns: columns.unwrap_or(0) })
    }

    fn list(&self) -> Result<&'a Vec<Value>, String> {
        self.value.as_array().ok_or_else(|| self.wrong("a list"))
    }

    fn has_length(&self, list: &[Value], count: Option<usize>, what: &str) -> Result<(), String> {
        match count {
            Some(count) if count != list.len() => {
                Err(format!("{} has {} {what}: give {count}", self.path, list.len()))
            }
            _ => Ok(()),
        }
    }

    fn wrong(&self, expected: &str) -> String {
        format!("{} is {}: give {expected}", self.path, kind_of(self.value))
    }
}

/// Refuse a task that would need too much memory.
pub fn within_limit(what: &str, factors: &[usize]) -> Result<(), String> {
    let count = factors.iter().try_fold(1_usize, |product, &factor| product.checked_mul(factor));
    match count {
        Some(count) if count <= LIMIT => Ok(()),
        _ => Err(format!(
            "{what} would take more than {LIMIT} numbers of memory: give a smaller instance"
        )),
    }
}
