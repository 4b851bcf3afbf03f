//! The page: one HTML file with everything in it, which opens from disk without a network.
//!
//! Style and script are plain files beside this one, embedded as they are; the numbers come along as JSON. All
//! panels follow one state, which is also the fragment of the address.
//!
//! | file | idea |
//! |---|---|
//! | `compact` | scripts and style without the spaces that nothing needs |
//! | `data` | what the page is given: the report in columns, with its layout |
//! | `drawings` | where everything goes: the layouts of the groups |
//! | `live` | what the page can compute by itself |
//! | `pattern` | the pattern of a sparse derivative in cells; `page/pattern.js`, `page/pattern.css` are its panel |
//! | `numbers` | the numbers, without those that follow from others |
//! | `rules` | the operations that a page can compute: those of its tape |
//! | `framed` | the page in a frame, for notebooks |
//! | `training` | the same for training histories, thinned |
//! | `page/page.html` | the skeleton |
//! | `page/style.css` | how it looks |
//! | `page/base.js` | elements, numbers in print |
//! | `page/unpack.js` | the data, as panels read it |
//! | `page/special.js`, `page/ops.js`, `page/engine.js` | the tape at other numbers |
//! | `page/tape.js`, `page/paths.js` | the tape, and the paths through it |
//! | `page/state.js` | the state, the address, panels |
//! | `page/live.js` | what follows a training step and the reader's hands |
//! | `page/keys.js` | stops for Tab, arrow keys in groups, skip links |
//! | `page/timeline.js` ... `page/notes.js` | a panel each, or a few of a kind |
//! | `page/story.js`, `page/tour.js` | the chain rule as it is told, and the way through the page |
//! | `page/take.js`, `page/search.js` | what is taken along, and how a node is found |
//! | `page/main.js` | puts them together |

mod compact;
mod data;
mod drawings;
mod framed;
mod live;
mod numbers;
mod pattern;
mod rules;
mod training;

pub use framed::Framed;

use super::Report;
use super::json::GENERATOR;
use crate::text::{markup, on_one_line};
use std::fmt;

const SKELETON: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/style.css");

/// In the order in which they use each other.
const SCRIPTS: &[&str] = &[
    include_str!("page/base.js"),
    include_str!("page/unpack.js"),
    include_str!("page/engine.js"),
    include_str!("page/tape.js"),
    include_str!("page/state.js"),
    include_str!("page/live.js"),
    include_str!("page/paths.js"),
    include_str!("page/keys.js"),
    include_str!("page/timeline.js"),
    include_str!("page/drawing.js"),
    include_str!("page/graph.js"),
    include_str!("page/chain.js"),
    include_str!("page/take.js"),
    include_str!("page/search.js"),
    include_str!("page/table.js"),
    include_str!("page/plot.js"),
    include_str!("page/network.js"),
    include_str!("page/training.js"),
    include_str!("page/story.js"),
    include_str!("page/tour.js"),
    include_str!("page/trends.js"),
    include_str!("page/notes.js"),
    include_str!("page/main.js"),
];

/// A report as a page.
#[derive(Debug)]
struct Page<'a>(&'a Report);

impl Report {
    /// Show the report as a page: one HTML file that opens from disk and loads nothing.
    ///
    /// It steps through the tape, spells out the chain rule of the node that is selected, and animates training
    /// histories. These are thinned to what a screen can show, and the page says so.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(3.0).label("x"), tape.var(4.0).label("y"));
    /// let report = tape.report(x.hypot(y).label("r")).title("Pythagoras");
    /// let page = report.html().to_string();
    /// assert!(page.starts_with("<!DOCTYPE html>") && page.contains("Pythagoras"));
    /// ```
    pub fn html(&self) -> impl fmt::Display + fmt::Debug {
        Page(self)
    }
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = SKELETON;
        while let Some((before, from)) = rest.split_once('{') {
            let (place, after) = from.split_once('}').unwrap_or((from, ""));
            f.write_str(before)?;
            match place {
                "title" => f.write_str(&markup(&on_one_line(&self.0.heading())))?,
                "generator" => f.write_str(GENERATOR)?,
                "style" => {
                    f.write_str(&compact::style(STYLE))?;
                    if self.0.pattern.is_some() {
                        f.write_str(&compact::style(pattern::STYLE))?;
                    }
                }
                "data" => write!(f, "{}", data::of(self.0))?,
                "script" => {
                    f.write_str(&compact::script(&rules::of(self.0)))?;
                    let pattern = self.0.pattern.as_ref().map(|_| &pattern::SCRIPT);
                    let scripts = pattern.into_iter().chain(SCRIPTS);
                    let mut scripts = scripts.map(|script| compact::script(&lines(script)));
                    scripts.try_for_each(|script| f.write_str(&script))?;
                }
                other => unreachable!("the skeleton has no place for {other:?}"),
            }
            rest = after;
        }
        f.write_str(rest)
    }
}

/// A source without indentation and comments. Whoever wants to read it finds it in the crate.
fn lines(source: &str) -> String {
    let is_wanted = |line: &&str| !line.is_empty() && !line.starts_with("//");
    let lines = source.lines().map(str::trim).filter(is_wanted);
    lines.flat_map(|line| [line, "\n"]).collect()
}
