//! Text for people: numbers, counts, names and lists as every message, listing and drawing writes them.
//!
//! | file | idea |
//! |---|---|
//! | `number` | numbers in full and rounded, counts, and lengths that must be equal |
//! | `line` | text on one line: what a terminal may see, names in quotes, lists, widths, cuts |

mod line;
mod number;

pub(crate) use line::{
    cut, cut_list, cut_with, folded, list, markup, on_one_line, pad, quoted, width,
};
pub(crate) use number::{assert_same_length, counted, digits, marked, number};
