//! [`Explanation`]: the ways in, and how much is shown.

use super::chain::chain;
use super::depends::depends;
use super::names::Names;
use super::rules::rules;
use super::style::Style;
use crate::inspect::options;
use crate::inspect::unknown::no_such_node;
use crate::inspect::{Report, UnknownNode};
use crate::{Tape, Var};
use std::borrow::Cow;
use std::fmt;

/// The chain rule of one node, to be printed: symbols, numbers, the product of each path, their sum, and the
/// adjoint of the sweep beside it, ticked when they agree. Made by [`Report::explain`] and [`Tape::explain`].
///
/// Runs of unlabelled nodes are contracted into one factor where labels are on both sides and no other path
/// runs between them. Below the sum stand the rules: what each node computes, and its local partials.
#[derive(Clone, Debug)]
#[must_use = "an explanation does nothing until it is printed"]
pub struct Explanation<'a> {
    report: Cow<'a, Report>,
    node: usize,
    style: Style,
    paths: usize,
    full: bool,
}

impl Report {
    /// Explain the derivative of the output with respect to a node, by its label, or by its index as `%12`.
    ///
    /// # Errors
    /// If no node is called so; the error knows the names that come near.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0).label("x");
    /// let report = tape.report((x * x).label("y"));
    /// let text = report.explain("x")?.to_string();
    /// let lines: Vec<&str> = text.lines().take(10).collect();
    /// assert_eq!(lines, [
    ///     "∂y/∂x = 6, where x = 3 and y = 9",
    ///     "y depends on x along 2 paths",
    ///     "",
    ///     "∂y/∂x = ∂y/∂x (1st)",
    ///     "      + ∂y/∂x (2nd)",
    ///     "",
    ///     "      =       3",
    ///     "      +       3",
    ///     "         sum  6",
    ///     "by the sweep  6  ✓",
    /// ]);
    /// # Ok::<(), gradtape::inspect::UnknownNode>(())
    /// ```
    pub fn explain(&self, name: &str) -> Result<Explanation<'_>, UnknownNode> {
        match self.find(name) {
            Some(node) => Ok(self.explain_node(node)),
            None => Err(no_such_node(self, name)),
        }
    }

    /// Explain the derivative of the output with respect to a node.
    ///
    /// # Panics
    /// If the report has no such node.
    #[track_caller]
    pub fn explain_node(&self, node: usize) -> Explanation<'_> {
        Explanation::of(Cow::Borrowed(self), node)
    }
}

impl Tape {
    /// Explain the derivative of an output with respect to a variable: the chain rule with the numbers in it.
    ///
    /// # Panics
    /// If one of them is not on this tape.
    ///
    /// ```
    /// use gradtape::{Tape, nn::dosage};
    /// let tape = Tape::new();
    /// let p = tape.vars(&dosage::A.start);
    /// let ssr = dosage::ssr_labelled(&p);
    /// let text = tape.explain(ssr, p[6]).to_string();
    /// assert!(text.contains("∂SSR/∂residual 0 "));
    /// assert!(text.contains("by the sweep  -15.6551  ✓"));
    /// ```
    #[track_caller]
    pub fn explain(&self, output: Var, variable: Var) -> Explanation<'static> {
        let node = self.node_of(variable);
        Explanation::of(Cow::Owned(self.report(output)), node)
    }
}

impl<'a> Explanation<'a> {
    #[track_caller]
    fn of(report: Cow<'a, Report>, node: usize) -> Explanation<'a> {
        report.assert_has(node);
        Explanation { report, node, style: Style::default(), paths: 8, full: false }
    }

    /// Write in ASCII: `d` for `∂`, `*` for `×`, `ok` for `✓`; in names every other character as its code.
    pub fn ascii(mut self) -> Self {
        self.style.ascii = true;
        self
    }

    /// Round numbers to so many significant digits: 6 unless told, and at least 1. 17 read back exactly. The
    /// tick is decided by all digits.
    pub fn digits(mut self, digits: usize) -> Self {
        self.style.digits = options::digits(digits);
        self
    }

    /// Show at most so many paths, those of the largest products: 8 unless told. What the others add up to is
    /// shown as one number. With 0 only the value is shown, and how the output depends on the node.
    pub fn paths(mut self, most: usize) -> Self {
        self.paths = most;
        self
    }

    /// Let no line be wider than so many characters: 100 unless told; 0 for as wide as it comes.
    ///
    /// The terminal is never asked. Less than 40 counts as 40.
    pub fn width(mut self, width: usize) -> Self {
        self.style.width = options::width(width);
        self
    }

    /// Contract no unlabelled nodes, and leave out no factor and no rule, however many there are.
    pub fn full(mut self) -> Self {
        self.full = true;
        self
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Names::new(&self.report, self.style);
        let mut paths = self.report.paths_up_to(self.node, self.paths);
        if paths.agrees.is_some() {
            // All are here: in the order of the tape they are found again in the code.
            paths.listed.sort_by(|a, b| a.in_tape_order(b));
        }
        let mut sections = vec![depends(&names, &paths)];
        if paths.listed.iter().any(|path| !path.edges.is_empty()) {
            sections.extend(chain(&names, &paths, self.full));
            sections.extend(rules(&names, &paths, self.full));
        }
        let lines: Vec<String> = sections
            .iter()
            .map(|section| {
                let lines = section.iter().map(|line| self.style.cut(line, self.style.width));
                lines.collect::<Vec<_>>().join("\n")
            })
            .collect();
        f.write_str(&lines.join("\n\n"))
    }
}
