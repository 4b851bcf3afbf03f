//! What the picture is of, and what its signs mean.

use super::super::words::digits;
use super::super::{Reach, Report};
use super::show::Sheet;
use super::text::fitting;
use crate::real::words::counted;
use std::fmt;

/// The height of the heading.
pub(super) const HEIGHT: i64 = 56;
/// The least width of a picture: its heading and its key have room.
pub(super) const NARROWEST: i64 = 620;

/// From the edge of the picture to its text.
const INDENT: i64 = 40;
/// The height of a line of the key, and the space below it.
const LINE: i64 = 19;
const BELOW: i64 = 24;

/// What the picture is of, in a few words: `SSR = 20.4236`.
pub(super) fn title(report: &Report) -> String {
    let output = report.output.map(|output| {
        format!("{} = {}", report.name(output), digits(report.nodes[output].value, 6))
    });
    match (report.title.is_empty(), output) {
        (false, Some(output)) => format!("{}: {output}", report.title),
        (false, None) => report.title.clone(),
        (true, Some(output)) => output,
        (true, None) => "a tape without an output".into(),
    }
}

/// How much there is, and how much of it is drawn.
fn extent(sheet: &Sheet<'_>) -> String {
    let report = sheet.report;
    let edges = report.nodes.iter().map(|node| node.operands.len()).sum();
    let mut text = [(report.nodes.len(), "node"), (edges, "edge"), (report.scopes.len(), "scope")]
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, noun)| counted(count, noun))
        .collect::<Vec<_>>()
        .join(", ");
    if sheet.groups.is_some() {
        let boxes = counted(sheet.layout.items.len(), "group");
        text += &format!("; too many to draw one by one, so these are {boxes} of them");
    }
    text
}

/// What the picture says to those who do not see it.
pub(super) fn description(sheet: &Sheet<'_>) -> String {
    let keys = lines(sheet.report).join(". ");
    format!("{}. Time goes from left to right. {keys}.", extent(sheet))
}

/// The heading.
pub(super) fn heading(f: &mut fmt::Formatter<'_>, sheet: &Sheet<'_>) -> fmt::Result {
    let room = sheet.width - 2 * INDENT;
    let title = fitting(&title(sheet.report), 17.0, room);
    writeln!(f, "<text class=\"heading\" x=\"{INDENT}\" y=\"40\">{title}</text>")?;
    let extent = fitting(&extent(sheet), 12.0, room);
    writeln!(f, "<text class=\"about\" x=\"{INDENT}\" y=\"60\">{extent}</text>")
}

/// What the signs mean that occur in the picture.
fn lines(report: &Report) -> Vec<&'static str> {
    let any = |reach| report.nodes.iter().any(|node| node.reach == reach);
    let is_blocked =
        |i: usize| report.nodes[i].partials.iter().any(|&partial| report.blocks(i, partial));
    let is_bad = report.nodes.iter().any(|n| !n.value.is_finite() || !n.adjoint.is_finite());
    let all = [
        (true, "= value · ∂ adjoint, the rate at which the output moves with it"),
        (true, "on an edge: the local partial · heavy border: the output"),
        ((0..report.nodes.len()).any(is_blocked), "broken edge: blocked, constant at this point"),
        (any(Reach::NotConnected), "pale: the output does not depend on it"),
        (is_bad, "red, with a !: not a finite number"),
    ];
    all.into_iter().filter(|&(occurs, _)| occurs).map(|(_, line)| line).collect()
}

/// The height of the key.
pub(super) fn key_height(report: &Report) -> i64 {
    lines(report).len() as i64 * LINE + BELOW
}

/// The key, below the drawing.
pub(super) fn key(f: &mut fmt::Formatter<'_>, sheet: &Sheet<'_>, top: i64) -> fmt::Result {
    for (i, line) in lines(sheet.report).iter().enumerate() {
        let y = top + (i as i64 + 1) * LINE - 5;
        let line = fitting(line, 12.0, sheet.width - 2 * INDENT);
        writeln!(f, "<text class=\"key\" x=\"{INDENT}\" y=\"{y}\">{line}</text>")?;
    }
    Ok(())
}
