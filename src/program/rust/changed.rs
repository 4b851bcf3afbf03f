//! Guards in the text: a list of all comparisons, and the error that tells which of them has another outcome.

use super::literal::Float;
use crate::program::body::Body;
use crate::program::code::{Check, Side};
use crate::text::{number, on_one_line};
use std::collections::HashMap;
use std::fmt::Write as _;

/// The comparisons of all guards, as texts, and the number of each.
#[derive(Default)]
pub(super) struct Comparisons {
    texts: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Comparisons {
    /// Whether there is no guard.
    pub fn are_none(&self) -> bool {
        self.texts.is_empty()
    }

    /// The number of a guard among the comparisons.
    pub fn number(&mut self, body: &Body, check: &Check) -> usize {
        let side = |side: Side| match side {
            Side::Constant(c) => number(c),
            Side::Value(i) => match body.labels.get(&i) {
                Some(label) => on_one_line(label),
                None => format!("v{i}"),
            },
        };
        let (left, right) = (side(check.left), side(check.right));
        let scope = match &check.scope {
            Some(path) => format!(" in {}", on_one_line(path)),
            None => String::new(),
        };
        let (symbol, outcome) = (check.relation.symbol(), check.outcome);
        let text = format!("{left} {symbol} {right} was {outcome}{scope}");
        let next = self.texts.len();
        *self.numbers.entry(text.clone()).or_insert_with(|| {
            self.texts.push(text);
            next
        })
    }

    /// The error type; with a method for the row, if the functions name one.
    pub fn text(&self, float: Float, has_rows: bool, names_rows: bool) -> String {
        let float = float.name();
        let (field, none, row, set) = match has_rows {
            true => (
                "    /// The row, if it is a comparison of a row's.\n    pub row: Option<usize>,\n",
                "        row: None,\n",
                "        if let Some(row) = self.row {\n            write!(f, \"row {row}: \")?;\n        }\n",
                "\nimpl BranchChanged {\n    fn in_row(self, row: usize) -> BranchChanged {\n        \
                 BranchChanged {\n            row: Some(row),\n            ..self\n        }\n    }\n}\n",
            ),
            false => ("", "", "", ""),
        };
        let set = if names_rows { set } else { "" };
        let count = self.texts.len();
        let mut list = String::new();
        for text in &self.texts {
            let _ = writeln!(list, "    {text:?},");
        }
        format!(
            "
/// What the inputs were compared by, and how it came out when the program was recorded.
#[rustfmt::skip]
pub static COMPARISONS: [&str; {count}] = [
{list}];

/// A comparison with another outcome than when the program was recorded: the code takes another branch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BranchChanged {{
    /// Which of [`COMPARISONS`] it is.
    pub comparison: usize,
    /// Its left side now.
    pub left: {float},
    /// Its right side now.
    pub right: {float},
{field}}}

impl core::fmt::Display for BranchChanged {{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {{
{row}        let text = COMPARISONS[self.comparison];
        let (left, right) = (self.left, self.right);
        write!(f, \"{{text}}, and now is not: {{left:?}} and {{right:?}}\")
    }}
}}

impl core::error::Error for BranchChanged {{}}
{set}
#[cold]
fn changed(comparison: usize, left: {float}, right: {float}) -> BranchChanged {{
    BranchChanged {{
        comparison,
        left,
        right,
{none}    }}
}}
"
        )
    }
}
