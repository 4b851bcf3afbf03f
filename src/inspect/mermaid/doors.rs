//! [`Mermaid`], and how large a drawing may be.

use super::MermaidError;
use crate::inspect::drawing::Drawing;
use crate::inspect::{Report, options};
use crate::{Tape, Var};
use std::borrow::Cow;
use std::fmt::{self, Write};

/// The most edges that Mermaid draws: its setting `maxEdges`.
pub(super) const MOST_EDGES: usize = 500;
/// The longest text that Mermaid reads, in UTF-16 units: its setting `maxTextSize`.
pub(super) const MOST_TEXT: usize = 50_000;
/// How many scopes an error proposes.
const PROPOSED: usize = 3;
/// How many scopes are tried for that, each by drawing it.
const TRIED: usize = 24;

/// Print a report as a Mermaid flowchart, which pages of code hosts draw where it stands in a code block
/// `mermaid`.
///
/// It shows what [`Dot`](crate::inspect::Dot) shows: value and adjoint in each node, the local partial on each
/// edge, a subgraph for each scope. Leaves have round ends, the output a double side, nodes that the output
/// does not depend on a dashed border; a node that a finding is about has a thick border and a line with the
/// finding's code.
///
/// Mermaid refuses more than 500 edges and texts of more than 50,000 characters, and so do the doors to this.
/// Any label is safe: what is not a letter, a digit or a space is written in Mermaid's entity codes. The
/// language is described on <https://mermaid.js.org/syntax/flowchart.html>.
///
/// Made by [`Tape::mermaid`] and [`Report::mermaid`], or by [`Tape::mermaid_of`] and [`Report::mermaid_of`].
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let x = tape.var(3.0).label("x");
/// let text = tape.mermaid((x * x).label("y"))?.to_string();
/// assert!(text.starts_with("flowchart LR\n  n0([\"x<br/>value 3<br/>adjoint 6\"])\n"));
/// assert_eq!(text.matches("n0 -->|\"3\"| n1\n").count(), 2);
/// # Ok::<(), gradtape::inspect::MermaidError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a drawing shows nothing until it is printed"]
pub struct Mermaid<'a> {
    report: Cow<'a, Report>,
    scopes: Option<Vec<usize>>,
}

impl Report {
    /// Draw the nodes for Mermaid.
    ///
    /// # Errors
    /// If there are more edges or more text than Mermaid takes. The error names scopes that can be drawn alone.
    pub fn mermaid(&self) -> Result<Mermaid<'_>, MermaidError> {
        Mermaid::of(Cow::Borrowed(self))
    }

    /// Draw the scopes of a name or path `outer / inner` for Mermaid, with the nodes around that their edges
    /// touch.
    ///
    /// Where several have the name, `row#2` is the second of them.
    ///
    /// # Errors
    /// If no scope has that name, or there are more edges or more text than Mermaid takes. The error names
    /// scopes that can be drawn.
    ///
    /// ```
    /// use gradtape::{Tape, nn::dosage};
    /// let tape = Tape::new();
    /// let report = tape.report(dosage::ssr_labelled(&tape.vars(&dosage::C.start)));
    /// let text = report.mermaid_of("dosage 1")?.to_string();
    /// assert!(text.contains("subgraph s2[\"dosage 1\"]"));
    /// let error = report.mermaid_of("dosage 2").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "no scope is called `dosage 2`; there are `dosage 0`, `dosage 0.5`, `dosage 1`",
    /// );
    /// # Ok::<(), gradtape::inspect::MermaidError>(())
    /// ```
    pub fn mermaid_of(&self, scope: &str) -> Result<Mermaid<'_>, MermaidError> {
        Mermaid::of_scope(Cow::Borrowed(self), scope)
    }
}

impl Tape {
    /// Draw the nodes with their adjoints of an output for Mermaid; it takes one reverse sweep.
    ///
    /// # Errors
    /// If there are more edges or more text than Mermaid takes. The error names scopes that can be drawn alone,
    /// by [`mermaid_of`](Tape::mermaid_of).
    ///
    /// # Panics
    /// If the output is not on this tape. A constant is fine: nothing is connected to it.
    #[track_caller]
    pub fn mermaid(&self, output: Var) -> Result<Mermaid<'static>, MermaidError> {
        Mermaid::of(Cow::Owned(self.report(output)))
    }

    /// Draw the scopes of a name or path `outer / inner` for Mermaid: see [`Report::mermaid_of`].
    ///
    /// # Errors
    /// If no scope has that name, or there are more edges or more text than Mermaid takes.
    ///
    /// # Panics
    /// If the output is not on this tape. A constant is fine: nothing is connected to it.
    #[track_caller]
    pub fn mermaid_of(&self, output: Var, scope: &str) -> Result<Mermaid<'static>, MermaidError> {
        Mermaid::of_scope(Cow::Owned(self.report(output)), scope)
    }
}

impl<'a> Mermaid<'a> {
    fn of(report: Cow<'a, Report>) -> Result<Mermaid<'a>, MermaidError> {
        Mermaid { report, scopes: None }.checked()
    }

    fn of_scope(report: Cow<'a, Report>, scope: &str) -> Result<Mermaid<'a>, MermaidError> {
        let scopes = report.scopes_named(scope);
        if scopes.is_empty() {
            let known = report.scope_paths();
            return Err(MermaidError::UnknownScope { scope: scope.into(), known });
        }
        Mermaid { report, scopes: Some(scopes) }.checked()
    }

    pub(super) fn drawing(&self) -> Drawing<'_> {
        Drawing::of(&self.report, self.scopes.as_deref(), options::DIGITS)
    }

    /// The drawing, if Mermaid takes it.
    fn checked(self) -> Result<Mermaid<'a>, MermaidError> {
        let edges = self.drawing().edges().count();
        if edges > MOST_EDGES {
            return Err(MermaidError::TooManyEdges { edges, scopes: self.smaller() });
        }
        let characters = self.characters();
        if characters > MOST_TEXT {
            return Err(MermaidError::TooMuchText { characters, scopes: self.smaller() });
        }
        Ok(self)
    }

    /// The length of the text as Mermaid counts it.
    fn characters(&self) -> usize {
        struct Count(usize);
        impl Write for Count {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0 += text.encode_utf16().count();
                Ok(())
            }
        }
        let mut count = Count(0);
        // Counting never fails.
        let _done = write!(count, "{self}");
        count.0
    }

    /// The largest scopes that Mermaid takes alone, inside those asked for: names and numbers of edges.
    fn smaller(&self) -> Vec<(String, usize)> {
        let drawing = self.drawing();
        let mut edges = vec![0; self.report.scopes.len()];
        for (from, to, _) in drawing.edges() {
            for scope in self.around([from, to]) {
                edges[scope] += 1;
            }
        }
        let mut scopes: Vec<usize> =
            (0..edges.len()).filter(|&s| (1..=MOST_EDGES).contains(&edges[s])).collect();
        scopes.sort_by_key(|&scope| std::cmp::Reverse(edges[scope]));
        let is_short = |&scope: &usize| {
            let report = Cow::Borrowed(&*self.report);
            Mermaid { report, scopes: Some(vec![scope]) }.characters() <= MOST_TEXT
        };
        let fitting = scopes.into_iter().take(TRIED).filter(is_short).take(PROPOSED);
        fitting.map(|scope| (self.report.scope_name(scope), edges[scope])).collect()
    }

    /// The scopes around either of two nodes, each once, inside those asked for.
    fn around(&self, nodes: [usize; 2]) -> Vec<usize> {
        let mut around = Vec::new();
        for node in nodes {
            let path = self.report.scopes_around(node);
            let inner = match &self.scopes {
                None => 0,
                Some(asked) => path
                    .iter()
                    .position(|scope| asked.contains(scope))
                    .map_or(path.len(), |outermost| outermost + 1),
            };
            around.extend(&path[inner..]);
        }
        around.sort_unstable();
        around.dedup();
        around
    }
}
