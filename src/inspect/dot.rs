//! [`Dot`]: a report for Graphviz.

use super::drawing::Drawing;
use super::{Report, Severity, UnknownName};
use crate::text::{DIGITS, digits_option, on_one_line};
use std::fmt;

/// Print a report in DOT, the language of Graphviz: `println!("{}", tape.report(y).dot())`.
///
/// Each node shows its name, what it computes, its value and adjoint; each edge the local partial, and an
/// operation that takes an operand twice has two edges. Scopes are clusters. Leaves are ellipses, the output
/// has a double border, nodes that the output does not depend on are dashed. A node that a finding is about
/// has a thick border, red, orange or grey by severity, and a line `! non-finite-value` with the finding's
/// code.
///
/// Node `n12` is node 12 of the tape, `cluster_3` its scope 3. Any label is safe: quotes, backslashes and what
/// Graphviz or HTML could take for markup are written as escapes. The language is described on
/// <https://graphviz.org/doc/info/lang.html>.
///
/// Made by [`Report::dot`].
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let x = tape.var(3.0).label("x");
/// let text = tape.report((x * x).label("y")).dot().to_string();
/// assert!(text.contains(r#"n0 [label="x\nvalue 3\nadjoint 6", shape=ellipse];"#));
/// assert!(text.contains(r#"n1 [label="y\nx * x\nvalue 9\nadjoint 1", peripheries=2];"#));
/// assert_eq!(text.matches(r#"n0 -> n1 [label="3"];"#).count(), 2);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a drawing shows nothing until it is printed"]
pub struct Dot<'a> {
    report: &'a Report,
    /// The scopes asked for; all, if none was.
    scopes: Option<Vec<usize>>,
    digits: usize,
}

impl Dot<'_> {
    /// Draw only the scopes of this name or path `outer / inner`, with the nodes around that their edges touch.
    ///
    /// Where several have the name, `row#2` is the second of them.
    ///
    /// # Errors
    /// If no scope has the name.
    ///
    /// ```
    /// use gradtape::{Tape, nn::Dosage};
    /// let tape = Tape::new();
    /// let dosage = Dosage::details_2();
    /// let report = tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)));
    /// let text = report.dot().scope("dosage 1")?.to_string();
    /// assert!(text.contains("predicted 1") && !text.contains("predicted 0.5"));
    /// # Ok::<(), gradtape::inspect::UnknownName>(())
    /// ```
    pub fn scope(mut self, name: &str) -> Result<Self, UnknownName> {
        self.scopes = Some(self.report.scopes_named(name)?);
        Ok(self)
    }

    /// Round numbers to so many significant digits: 6 by default, and at least 1. 17 read back exactly.
    pub fn digits(mut self, digits: usize) -> Self {
        self.digits = digits_option(digits);
        self
    }
}

impl fmt::Display for Dot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drawing = Drawing::of(self.report, self.scopes.as_deref(), self.digits);
        let title = quoted(&[on_one_line(&self.report.title)]);
        write!(
            f,
            "digraph tape {{\n  \
             graph [rankdir=LR, labelloc=t, fontname=\"Helvetica\", label={title}];\n  \
             node [shape=box, fontname=\"Helvetica\", fontsize=11];\n  \
             edge [fontname=\"Helvetica\", fontsize=9];\n"
        )?;
        let cluster = |scope| {
            format!("subgraph cluster_{scope} {{ label={};", quoted(&[drawing.scope(scope)]))
        };
        let node = |i| format!("n{i} [label={}{}];", quoted(&drawing.lines(i)), style(&drawing, i));
        f.write_str(&drawing.nested(cluster, "}", node))?;
        for (from, to, partial) in drawing.edges() {
            let label = quoted(&[drawing.partial(partial)]);
            let color = if partial.is_finite() { "" } else { ", color=\"#c00000\"" };
            writeln!(f, "  n{from} -> n{to} [label={label}{color}];")?;
        }
        f.write_str("}\n")
    }
}

/// The attributes by which leaves, the output and what was noticed differ from other nodes.
fn style(drawing: &Drawing<'_>, i: usize) -> String {
    let severity = drawing.severity(i);
    let attributes = [
        (drawing.report.nodes[i].is_leaf(), ", shape=ellipse"),
        (drawing.report.output == Some(i), ", peripheries=2"),
        (drawing.is_cut_off(i), ", style=dashed"),
        (severity == Some(Severity::Error), ", penwidth=3, color=\"#c00000\""),
        (severity == Some(Severity::Warning), ", penwidth=3, color=\"#b85c00\""),
        (severity == Some(Severity::Note), ", penwidth=3, color=\"#707070\""),
    ];
    attributes.into_iter().filter(|&(has, _)| has).map(|(_, attribute)| attribute).collect()
}

/// A string of several lines. Graphviz reads escapes and HTML entities in it: what is text stays text.
fn quoted(lines: &[String]) -> String {
    let escaped = |line: &String| {
        let line = line.replace('\\', "\\\\").replace('"', "\\\"");
        line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    format!("\"{}\"", lines.iter().map(escaped).collect::<Vec<_>>().join("\\n"))
}

impl Report {
    /// Draw the nodes for Graphviz: `dot -Tsvg tape.dot > tape.svg`.
    pub fn dot(&self) -> Dot<'_> {
        Dot { report: self, scopes: None, digits: DIGITS }
    }
}
