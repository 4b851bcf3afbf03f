//! [`Svg`]: a drawing that stands by itself: no Graphviz, no script, no network, light and dark.
//!
//! | file | idea |
//! |---|---|
//! | `sheet` | what every part is drawn from; text that fits where it stands |
//! | `parts` | nodes and groups, frames, edges, and the partials on them |
//! | `picture` | the whole: heading, drawing, and what its signs mean |
//! | `style.css` | its colours, light and dark |

mod parts;
mod picture;
mod sheet;

use super::layout::Groups;
use super::{Report, UnknownName};

/// Draw a report as an SVG file that stands by itself: `fs::write("y.svg", report.svg().to_string())`.
///
/// A box is a node: what it is called, what it computes, its value (`=`) and its adjoint (`∂`). An edge leads
/// from an operand to what uses it and bears the local partial; `x * x` has two. Scopes are framed. Follows
/// light or dark as the viewer wants it.
///
/// The exact numbers are in attributes: `data-id`, `data-value` and `data-adjoint` of a node, `data-from`,
/// `data-to`, `data-operand` and `data-partial` of an edge; NaN and infinity are `NaN`, `inf` and `-inf`. A
/// text that was cut is whole in the `<title>` beside it, which viewers show when pointed at.
///
/// Of more than 1000 nodes it shows groups of nodes, by scope, and says so. The language is
/// that of <https://www.w3.org/TR/SVG11/>.
///
/// Made by [`Report::svg`].
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let x = tape.var(3.0).label("x");
/// let text = tape.report((x * x).label("y")).svg().to_string();
/// assert!(text.contains(r#"data-id="0" data-value="3" data-adjoint="6""#));
/// assert_eq!(text.matches(r#"data-partial="3""#).count(), 2);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a drawing shows nothing until it is printed"]
pub struct Svg<'a> {
    report: &'a Report,
    group: Option<usize>,
}

impl Svg<'_> {
    /// Draw one group of a large tape: the groups in it or, if there are none, its nodes.
    ///
    /// The number is that in `data-group` of its box; a group that does not exist is drawn as nothing. How many
    /// edges lead into it and out of it stands in the heading.
    pub fn group(mut self, group: usize) -> Self {
        self.group = Some(group);
        self
    }

    /// Draw the innermost group around a node, by its label or as `%12`.
    ///
    /// # Errors
    /// If no node has the name.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let mut x = tape.var(0.5);
    /// for _ in 0..4000 {
    ///     x = x.sin();
    /// }
    /// let report = tape.report(x);
    /// assert!(!report.svg().to_string().contains(r#"data-id="1234""#));
    /// assert!(report.svg().around("%1234")?.to_string().contains(r#"data-id="1234""#));
    /// # Ok::<(), gradtape::inspect::UnknownName>(())
    /// ```
    pub fn around(mut self, name: &str) -> Result<Self, UnknownName> {
        let node = self.report.node_named(name)?;
        self.group = Some(Groups::of(self.report).innermost(node));
        Ok(self)
    }
}

impl Report {
    /// Draw it as an SVG file.
    pub fn svg(&self) -> Svg<'_> {
        Svg { report: self, group: None }
    }
}
