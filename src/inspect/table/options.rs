//! [`Table`]: what to show and how.

use crate::inspect::{Report, options};
use crate::{Tape, Var};
use std::borrow::Cow;
use std::io::IsTerminal;

/// Print a report as a table, one row a node: `println!("{}", tape.table(y))`.
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
/// text that is too wide ends with `…`, and if that is not enough columns are left out, which is said.
/// A number is never cut.
///
/// Made by [`Tape::table`] and [`Report::table`].
///
/// ```
/// use gradtape::{Tape, inspect::Color};
/// let tape = Tape::new();
/// let x = tape.var(3.0).label("x");
/// let y = tape.var(-2.0).label("y");
/// let z = (x * x + y.relu()).label("z");
/// assert_eq!(tape.table(z).color(Color::Never).to_string(), "\
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
    pub(super) report: Cow<'a, Report>,
    pub(super) wrt: Option<Vec<String>>,
    pub(super) scope: Option<String>,
    pub(super) sort: Sort,
    pub(super) digits: usize,
    pub(super) width: usize,
    pub(super) rows: usize,
    pub(super) color: Color,
}

/// In which order the rows of a table stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sort {
    /// As on the tape: operands first.
    #[default]
    Tape,
    /// As the reverse sweep meets them: the last node first.
    Sweep,
    /// By the magnitude of the value, NaN first.
    Value,
    /// By the magnitude of the adjoint, NaN first.
    Adjoint,
    /// By the largest magnitude of a local partial, NaN first; leaves, which have none, last.
    Partial,
}

/// When a table is coloured. No colour is the only sign of anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Color {
    /// If the standard output is a terminal and the environment variable `NO_COLOR` is unset or empty.
    #[default]
    Auto,
    /// Always, with ANSI escapes.
    Always,
    /// Never.
    Never,
}

impl<'a> Table<'a> {
    fn of(report: Cow<'a, Report>) -> Table<'a> {
        Table {
            report,
            wrt: None,
            scope: None,
            sort: Sort::Tape,
            digits: options::DIGITS,
            width: options::WIDTH,
            rows: 60,
            color: Color::Auto,
        }
    }

    /// Show only these nodes, by label or as `%12`; of nodes with one label all. Asking again adds to them.
    ///
    /// A name that no node has is said below the table.
    ///
    /// ```
    /// use gradtape::{Tape, nn::dosage};
    /// let tape = Tape::new();
    /// let ssr = dosage::ssr_labelled(&tape.vars(&dosage::A.start));
    /// let text = tape.table(ssr).wrt(["b3", "b4"]).to_string();
    /// assert!(text.contains("-15.6551") && text.contains("no node is called `b4`"));
    /// ```
    pub fn wrt<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Table<'a> {
        let names = names.into_iter().map(|name| name.as_ref().to_string());
        self.wrt.get_or_insert_default().extend(names);
        self
    }

    /// Show only the nodes in the scopes of this name or path `outer / inner`, and in those inside them.
    ///
    /// Where several have the name, `row#2` is the second of them. A name that no scope has is said below the
    /// table.
    pub fn scope(mut self, name: &str) -> Table<'a> {
        self.scope = Some(name.into());
        self
    }

    /// Choose the order of the rows; those that are equal in it stand as on the tape.
    pub fn sort(mut self, sort: Sort) -> Table<'a> {
        self.sort = sort;
        self
    }

    /// Round numbers to so many significant digits: 6 unless told, and at least 1. 17 read back exactly.
    pub fn digits(mut self, digits: usize) -> Table<'a> {
        self.digits = options::digits(digits);
        self
    }

    /// Let no line be wider than so many characters: 100 unless told; 0 for as wide as it comes.
    ///
    /// The terminal is never asked. Less than 40 counts as 40.
    pub fn width(mut self, width: usize) -> Table<'a> {
        self.width = options::width(width);
        self
    }

    /// Show at most so many rows: 60 unless told; 0 for all. In tape order the middle is left out, in any
    /// other the end.
    pub fn rows(mut self, rows: usize) -> Table<'a> {
        self.rows = if rows == 0 { usize::MAX } else { rows };
        self
    }

    /// Choose when to use colours.
    pub fn color(mut self, color: Color) -> Table<'a> {
        self.color = color;
        self
    }
}

impl Color {
    pub(super) fn is_on(self) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|no| !no.is_empty());
                !is_unwanted && std::io::stdout().is_terminal()
            }
        }
    }
}

impl Report {
    /// Show the nodes as a table.
    ///
    /// ```
    /// use gradtape::{Program, inspect::Sort};
    /// let program = Program::record(|x| x[0].hypot(x[1]), &[3.0, 4.0]);
    /// let report = program.report(&[5.0, 12.0])?;
    /// println!("{}", report.table().sort(Sort::Adjoint).digits(3));
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn table(&self) -> Table<'_> {
        Table::of(Cow::Borrowed(self))
    }
}

impl Tape {
    /// Show the nodes with their adjoints of an output as a table; it takes one reverse sweep.
    ///
    /// # Panics
    /// If the output is not on this tape. A constant is fine: nothing is connected to it.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let w = tape.var(0.5).label("w");
    /// println!("{}", tape.table((w * 2.0).tanh()).wrt(["w"]));
    /// ```
    #[track_caller]
    pub fn table(&self, output: Var) -> Table<'static> {
        Table::of(Cow::Owned(self.report(output)))
    }
}
