//! [`Table`]: a report on the terminal.
//!
//! | file | idea |
//! |---|---|
//! | `columns` | what stands in each column, and how wide it is |
//! | `show` | which rows, and the lines: head, rows, notes, findings |

mod columns;
mod show;

use super::{Report, UnknownName};
use crate::Node;
use crate::text::{DIGITS, WIDTH, digits_option, width_option};

/// Print a report as a table, one row a node: `println!("{}", tape.report(y).table())`.
///
/// | column | what |
/// |---|---|
/// | node | the index on the tape |
/// | label | the label |
/// | op | what it computes, in the names of its operands |
/// | operands | the same operands as indices |
/// | value | its value |
/// | adjoint | the derivative of the output with respect to it |
/// | partials | the local partial with respect to each operand, in their order |
/// | recorded at | file and line, if the tape remembered them |
///
/// A column that would be empty is left out. An adjoint of zero comes with its reason: `0` is a true zero,
/// `blocked` says that each path to the output runs through a piece where an operation is constant, `-` that
/// there is no path. What is NaN or infinite has a `!` in front and is counted below the table, also where its
/// row is not shown; the first findings follow. No line is wider than [`Table::width`] and none is wrapped:
/// text that is too wide ends with `…`, a label has it in its middle, and if that is not enough columns are left out, with a note below the table.
/// A number is never cut.
///
/// Made by [`Report::table`].
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let x = tape.var(3.0).label("x");
/// let y = tape.var(-2.0).label("y");
/// let z = (x * x + y.relu()).label("z");
/// assert_eq!(tape.report(z).table().color(false).to_string(), "\
/// 5 nodes, output %4 = 9 (z)
///
/// node  label  op       operands  value  adjoint  partials
/// ────  ─────  ───────  ────────  ─────  ───────  ────────
///   %0  x      input                  3        6
///   %1  y      input                 -2  blocked
///   %2         x * x    %0 %0         9        1  3 3
///   %3         relu(y)  %1            0        1  0
///   %4  z      %2 + %3  %2 %3         9        1  1 1
///
/// blocked: each path to the output runs through a piece where an operation is constant
///
/// note[blocked]: every path from `y` (%1) to the output is blocked, at %3
/// ");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a table shows nothing until it is printed"]
pub struct Table<'a> {
    report: &'a Report,
    /// The nodes asked for by name; all, if none was.
    nodes: Option<Vec<usize>>,
    /// The scopes asked for; all, if none was.
    scopes: Option<Vec<usize>>,
    order: Order,
    digits: usize,
    width: usize,
    rows: usize,
    /// Whether to paint; by default, on a terminal.
    color: Option<bool>,
}

/// In which order the rows stand.
#[derive(Clone, Copy, Debug)]
enum Order {
    /// Operands first.
    Tape,
    /// The last node first.
    Sweep,
    /// The largest magnitude of a number of theirs first.
    Magnitude(fn(&Node) -> f64),
}

impl<'a> Table<'a> {
    /// Show only these nodes, by label or as `%12`; of nodes with one label all. Asking again adds to them.
    ///
    /// # Errors
    /// If no node has one of the names.
    ///
    /// ```
    /// use gradtape::{Tape, nn::Dosage};
    /// let tape = Tape::new();
    /// let dosage = Dosage::main_ideas();
    /// let report = tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)));
    /// assert!(report.table().wrt(["b3"])?.to_string().contains("-15.6551"));
    /// let unknown = report.table().wrt(["b3", "b4"]).unwrap_err();
    /// assert!(unknown.to_string().starts_with("no node is called `b4`; did you mean "));
    /// # Ok::<(), gradtape::inspect::UnknownName>(())
    /// ```
    pub fn wrt<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Table<'a>, UnknownName> {
        let nodes = self.nodes.get_or_insert_default();
        for name in names {
            nodes.extend(self.report.nodes_named(name.as_ref())?);
        }
        Ok(self)
    }

    /// Show only the nodes in the scopes of this name or path `outer / inner`, and in those inside them.
    ///
    /// Where several have the name, `row#2` is the second of them.
    ///
    /// # Errors
    /// If no scope has the name.
    pub fn scope(mut self, name: &str) -> Result<Table<'a>, UnknownName> {
        self.scopes = Some(self.report.scopes_named(name)?);
        Ok(self)
    }

    /// Sort by the magnitude of a number of each node, the largest first and NaN before all; nodes that are equal
    /// in it stand as on the tape.
    pub fn sort_by(mut self, number: fn(&Node) -> f64) -> Table<'a> {
        self.order = Order::Magnitude(number);
        self
    }

    /// Show the last node first, as the reverse sweep meets them.
    pub fn backwards(mut self) -> Table<'a> {
        self.order = Order::Sweep;
        self
    }

    /// Round numbers to so many significant digits: 6 by default, and at least 1. 17 read back exactly.
    pub fn digits(mut self, digits: usize) -> Table<'a> {
        self.digits = digits_option(digits);
        self
    }

    /// Let no line be wider than so many characters: 100 by default; 0 for as wide as it comes.
    ///
    /// The terminal is never asked. Less than 40 counts as 40.
    pub fn width(mut self, width: usize) -> Table<'a> {
        self.width = width_option(width);
        self
    }

    /// Show at most so many rows: 60 by default; 0 for all. In tape order the middle is left out, in any
    /// other the end.
    pub fn rows(mut self, rows: usize) -> Table<'a> {
        self.rows = if rows == 0 { usize::MAX } else { rows };
        self
    }

    /// Paint, with ANSI escapes, or do not. No colour is the only sign of anything.
    ///
    /// By default a table is painted if the standard output is a terminal, not one whose `TERM` is `dumb`, and the
    /// environment variable `NO_COLOR` is unset or empty.
    pub fn color(mut self, color: bool) -> Table<'a> {
        self.color = Some(color);
        self
    }
}

impl Report {
    /// Show the nodes as a table.
    pub fn table(&self) -> Table<'_> {
        Table {
            report: self,
            nodes: None,
            scopes: None,
            order: Order::Tape,
            digits: DIGITS,
            width: WIDTH,
            rows: 60,
            color: None,
        }
    }
}
