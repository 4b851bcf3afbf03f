//! The page: what INSPECTOR promises of it, seen by a real browser.
//!
//! | file | idea |
//! |---|---|
//! | `file` | the file by itself: what it may hold, its size |
//! | `find` | search, filters, sorting, what is lit |
//! | `take` | what is taken along |
//! | `opens` | it opens from disk, with every panel |
//! | `chain` | the chain rule of every node, against Rust |
//! | `stepping` | what is seen at each step |
//! | `address` | the state in the address; keys |
//! | `axe` | what axe-core finds |
//! | `hands` | real keys, pointer and touch |
//! | `ends` | the browser ends with the tests |
//! | `engine` | what it computes at other numbers, against Rust |
//! | `pictures` | pictures to be looked at |
//! | `print` | nothing is cut on paper |
//! | `reach` | for those who use keys, listen, or do not tell colours apart |
//! | `live` | one clock, and the reader's hands |
//! | `network` | the network: its texts, curves, links, keys |
//! | `trends` | the training over its steps, dead units, findings about histories |
//! | `pattern` | the pattern of a sparse derivative: squares, colours, blocks, keys |
//! | `contrast` | text against its ground |
//! | `edges` | the numbers on edges |
//! | `graph` | the graph: legible, movable, slopes, a NaN, groups |
//! | `room` | nothing runs out of its box or off the screen |
//! | `safe` | labels stay text |
//! | `reports` | what pages are made of here |

mod address;
mod axe;
mod chain;
mod contrast;
mod edges;
mod ends;
mod engine;
mod file;
mod find;
mod graph;
mod hands;
mod live;
mod network;
mod opens;
mod pattern;
mod pictures;
mod print;
mod reach;
mod reports;
mod room;
mod safe;
mod stepping;
mod take;
mod trends;

#[path = "../common/hostile.rs"]
mod hostile;

#[path = "../common/blocks.rs"]
mod blocks;
#[path = "../common/browser.rs"]
mod browser;
#[path = "../common/devtools.rs"]
mod devtools;
#[path = "../common/visits.rs"]
mod visits;

#[path = "../common"]
mod common {
    pub mod apply;
    pub mod expression;
    pub mod formula;
    pub mod naive;
    pub mod numeric;
    pub mod partials;
}

use browser::browser;
use visits::Visit;
