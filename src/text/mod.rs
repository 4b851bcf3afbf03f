//! Text for people: numbers, counts, names and lists as every message, listing and drawing writes them.
//!
//! | file | idea |
//! |---|---|
//! | `number` | numbers in full and rounded, counts, and lengths that must be equal |
//! | `line` | text on one line: what a terminal may see, names in quotes, lists, widths, cuts |
//! | `nearest` | the name that was meant |

mod line;
mod nearest;
mod number;

pub(crate) use line::{
    ISOLATES, OneLine, WIDTH, cut, cut_list, cut_middle, cut_with, folded, is_word, isolated, list,
    markup, node_name, on_one_line, pad, quoted, steers, width, width_option,
};
pub(crate) use nearest::nearest;
pub(crate) use number::{
    DIGITS, assert_same_length, brief, counted, digits, digits_option, marked, number,
};
