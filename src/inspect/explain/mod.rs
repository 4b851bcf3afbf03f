//! [`Explanation`]: the chain rule of one node, on the terminal.
//!
//! | file | idea |
//! |---|---|
//! | `names` | Unicode or ASCII, digits, width; what nodes and derivatives are called |
//! | `chain` | the chain rule along each path, and the rules of the nodes on the way |
//! | `latex` | the chain rule as LaTeX |

mod chain;
mod latex;
mod names;

use super::{Path, Paths, Report, UnknownName};
use crate::Reach;
use crate::text::{digits_option, folded, list, width_option};
use chain::{chain, rules};
use latex::latex;
use names::{Style, Words};
use std::fmt;

/// The chain rule of one node, to be printed: symbols, numbers, the product of each path, their sum, and the
/// adjoint of the sweep beside it, ticked when they agree. Equal paths, as the two of `x * x`, are one. Made by [`Report::explain`].
///
/// Runs of unlabelled nodes are contracted into one factor where labels are on both sides and no other path
/// runs between them. Below the sum stand the rules: what each node computes, and its local partials.
#[derive(Clone, Debug)]
#[must_use = "an explanation does nothing until it is printed"]
pub struct Explanation<'a> {
    report: &'a Report,
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
    ///     "∂y/∂x = ∂y/∂x (each) × 2 equal paths",
    ///     "",
    ///     "      = 3 × 2 = 6",
    ///     "           sum  6",
    ///     "  by the sweep  6  ✓",
    ///     "",
    ///     "local rules",
    /// ]);
    /// # Ok::<(), gradtape::inspect::UnknownName>(())
    /// ```
    pub fn explain(&self, name: &str) -> Result<Explanation<'_>, UnknownName> {
        Ok(self.explain_node(self.node_named(name)?))
    }

    /// Explain the derivative of the output with respect to a node, for instance `x.index()` of a variable.
    ///
    /// # Panics
    /// If the report has no such node.
    ///
    /// ```
    /// use gradtape::{Tape, nn::Dosage};
    /// let tape = Tape::new();
    /// let dosage = Dosage::main_ideas();
    /// let p = tape.vars(&dosage.start);
    /// let report = tape.report(dosage.ssr_labelled(&p));
    /// let text = report.explain_node(p[6].index().unwrap()).to_string();
    /// assert!(text.contains("∂SSR/∂residual 0 "));
    /// assert!(text.contains("by the sweep  -15.6551  ✓"));
    /// ```
    #[track_caller]
    pub fn explain_node(&self, node: usize) -> Explanation<'_> {
        self.assert_has(node);
        Explanation { report: self, node, style: Style::default(), paths: 8, full: false }
    }
}

impl Explanation<'_> {
    /// Write in ASCII: `d` for `∂`, `*` for `×`, `ok` for `✓`; in names every other character as its code.
    pub fn ascii(mut self) -> Self {
        self.style.ascii = true;
        self
    }

    /// Round numbers to so many significant digits: 6 by default, and at least 1. 17 read back exactly. The
    /// tick is decided by all digits.
    pub fn digits(mut self, digits: usize) -> Self {
        self.style.digits = digits_option(digits);
        self
    }

    /// Show at most so many paths, those of the largest products: 8 by default. What the others add up to is
    /// shown as one number. With 0 only the value is shown, and how the output depends on the node.
    pub fn paths(mut self, most: usize) -> Self {
        self.paths = most;
        self
    }

    /// Let no line be wider than so many characters: 100 by default; 0 for as wide as it comes.
    ///
    /// The terminal is never asked. Less than 40 counts as 40.
    pub fn width(mut self, width: usize) -> Self {
        self.style.width = width_option(width);
        self
    }

    /// Contract no unlabelled nodes, and leave out no factor and no rule, however many there are.
    pub fn full(mut self) -> Self {
        self.full = true;
        self
    }
}

impl Explanation<'_> {
    /// Write the chain rule as LaTeX: an `aligned` block with a line a path in symbols, one in numbers, and the
    /// derivative.
    ///
    /// Digits, paths and whether it is full are as for the terminal; names are whole. It goes into display math:
    /// `\\[ ... \\]`, or `$$ ... $$` in Markdown. It needs amsmath.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0).label("x");
    /// let report = tape.report((x.square() + x).label("y"));
    /// assert_eq!(report.explain("x")?.latex(), r"\begin{aligned}
    /// \frac{\partial \text{y}}{\partial \text{x}} &= \frac{\partial \text{y}}{\partial \text{\%1}} \cdot \frac{\partial \text{\%1}}{\partial \text{x}} \\
    /// &+ \frac{\partial \text{y}}{\partial \text{x}} \\
    /// &= 1 \cdot 6 \\
    /// &+ 1 \\
    /// &= 7
    /// \end{aligned}
    /// ");
    /// # Ok::<(), gradtape::inspect::UnknownName>(())
    /// ```
    #[must_use]
    pub fn latex(&self) -> String {
        let words = Words::new(self.report, Style { width: usize::MAX, ..self.style });
        latex(&words, &self.report.grouped_paths(self.node, self.paths), self.full)
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Words::new(self.report, self.style);
        let paths = self.report.grouped_paths(self.node, self.paths);
        let mut sections = vec![depends(&words, &paths)];
        if paths.listed.iter().any(|path| !path.edges.is_empty()) {
            sections.extend(chain(&words, &paths, self.full));
            sections.extend(rules(&words, &paths, self.full));
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

/// The most nodes that are named as blocking.
const NAMED: usize = 4;

/// The value first, then how the output depends on the node.
fn depends(words: &Words<'_>, paths: &Paths) -> Vec<String> {
    let node = paths.node;
    let number = |i: usize| words.style.number(words.report.nodes[i].value);
    let name = words.node(node);
    let Some(output) = words.report.output else {
        let text = format!("the output is a constant: its derivative with respect to {name} is 0");
        return folded(&text, words.style.width);
    };
    let of = words.node(output);
    let slope = words.style.number(paths.adjoint);
    let derivative = words.derivative(output, node);
    let mut head =
        vec![format!("{derivative} = {slope},"), format!("where {name} = {}", number(node))];
    if node != output {
        head.push(format!("and {of} = {}", number(output)));
    }
    let mut lines = words.style.wrap("", &head);
    let text = match words.report.nodes[node].reach {
        _ if node == output => format!("{of} is the output itself"),
        Reach::Connected => {
            let along = format!("{of} depends on {name} along {}", words.paths(paths.count));
            match paths.adjoint == 0.0 && paths.agrees != Some(false) {
                true if underflows(paths) => {
                    format!("{along}; the slope is so small here that f64 has only 0 for it")
                }
                true => format!("{along}; the slope is truly 0 here"),
                false => along,
            }
        }
        Reach::Blocked => format!(
            "connected, but blocked: {} from {of} to {name} ends where an operation is constant, at {}",
            match paths.count {
                1.0 => "the only path".into(),
                many => format!("each of the {}", words.paths(many)),
            },
            list(words.report.blocked_at(node).iter(), |&i| equation_of(words, i), NAMED)
        ),
        Reach::AtKink => format!(
            "connected, but at a kink, where the slope jumps and 0 is a convention: {}",
            list(words.report.blocked_at(node).iter(), |&i| kink_of(words, i), NAMED)
        ),
        Reach::NotConnected => {
            let last = words.report.dependents(node).iter().rposition(|&depends| depends);
            let users = match last.filter(|&last| last != node) {
                Some(last) => format!("the last node that uses it is {}", words.node(last)),
                None => "nothing uses it".into(),
            };
            format!("not connected: no path leads from {of} to {name}; {users}")
        }
    };
    lines.extend(folded(&text, words.style.width));
    lines
}

/// Whether a product is 0 although none of its factors is.
fn underflows(paths: &Paths) -> bool {
    let is_lost =
        |path: &Path| path.product == 0.0 && path.edges.iter().all(|edge| edge.partial != 0.0);
    paths.listed.iter().any(is_lost)
}

/// A node at which paths end, with the convention if it is at its kink: `h = |x| = |0|, abs'(0) = 0`.
fn kink_of(words: &Words<'_>, node: usize) -> String {
    let (op, equation) = (words.report.nodes[node].op, equation_of(words, node));
    match op.info().kink.filter(|_| op.at_kink(&words.report.point(node))) {
        Some((_, convention)) => format!("{equation}, by {convention}"),
        None => equation,
    }
}

/// A node with its expression in names and in numbers: `h = relu(%1) = relu(-2)`.
fn equation_of(words: &Words<'_>, node: usize) -> String {
    let [symbols, numbers] = words.expressions(node);
    format!("{} = {symbols} = {numbers}", words.node(node))
}
