//! [`Svg`]: the picture as a whole.

use super::{boxes, head, lines};
use crate::Reach;
use crate::inspect::Report;
use crate::inspect::layout::{Groups, Layout};
use crate::text::markup;
use std::fmt;

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
/// Of more than 3000 nodes it shows groups of nodes ([`Layout::overview`]), and says so. The language is
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
    /// The number is an index into [`Groups::all`]; a group that does not exist is drawn as nothing. How many
    /// edges lead into it and out of it is said in the heading.
    ///
    /// ```
    /// use gradtape::{Tape, inspect::Groups};
    /// let tape = Tape::new();
    /// let mut x = tape.var(0.5);
    /// for _ in 0..4000 {
    ///     x = x.sin();
    /// }
    /// let report = tape.report(x);
    /// let group = Groups::of(&report).innermost(1234);
    /// assert!(report.svg().group(group).to_string().contains(r#"data-id="1234""#));
    /// ```
    pub fn group(mut self, group: usize) -> Self {
        self.group = Some(group);
        self
    }
}

/// What every part of the picture is drawn from.
pub(super) struct Sheet<'a> {
    pub report: &'a Report,
    pub layout: &'a Layout,
    /// The groups, and which of them is drawn, if it is not the whole tape node by node.
    pub groups: Option<(&'a Groups, usize)>,
    /// The width of the picture.
    pub width: i64,
    /// The height of the picture.
    pub height: i64,
}

impl Report {
    /// Draw it as an SVG file.
    pub fn svg(&self) -> Svg<'_> {
        Svg { report: self, group: None }
    }
}

impl fmt::Display for Svg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let is_large = report.nodes.len() > Layout::LARGEST;
        let group = self.group.or(is_large.then_some(0));
        let groups = group.map(|group| (Groups::of(report), group));
        let groups = groups.as_ref().map(|(groups, group)| (groups, *group));
        let layout = match groups {
            Some((groups, group)) => Layout::inside(report, groups, group),
            None => Layout::of(report),
        };
        let (above, width) = (head::HEIGHT, layout.width.max(head::NARROWEST));
        let mut sheet = Sheet { report, layout: &layout, groups, width, height: 0 };
        sheet.height = above + layout.height + head::key_height(&sheet);
        open(f, &sheet)?;
        head::heading(f, &sheet)?;
        writeln!(f, "<g transform=\"translate({} {above})\">", (width - layout.width) / 2)?;
        lines::frames(f, &sheet)?;
        lines::edges(f, &sheet)?;
        boxes::boxes(f, &sheet)?;
        lines::partials(f, &sheet)?;
        f.write_str("</g>\n")?;
        head::key(f, &sheet, above + layout.height)?;
        f.write_str("</svg>\n")
    }
}

/// The beginning: the file's kind, its size, what it says to those who do not see it, its colours.
fn open(f: &mut fmt::Formatter<'_>, sheet: &Sheet<'_>) -> fmt::Result {
    let Sheet { width, height, .. } = sheet;
    writeln!(
        f,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tape\" role=\"img\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\">"
    )?;
    writeln!(f, "<title>{}</title>", markup(&head::title(sheet.report)))?;
    writeln!(f, "<desc>{}</desc>", markup(&head::description(sheet)))?;
    writeln!(f, "<style>\n{}</style>", include_str!("style.css"))?;
    writeln!(f, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>")
}

/// Tell whether the output does not depend on a node.
pub(super) fn is_apart(report: &Report, node: usize) -> bool {
    report.nodes[node].reach == Reach::NotConnected
}
