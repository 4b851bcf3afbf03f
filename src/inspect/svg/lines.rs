//! Frames, edges, and the partials on them.

use super::show::{Sheet, is_apart};
use super::text::{bold, fitting, regular, width};
use crate::inspect::layout::{Edge, Item, Place};
use crate::text::digits;
use crate::text::markup;
use crate::text::number;
use std::fmt;

/// The most edges into a box whose texts do not touch, and the most if they are small.
const SPACED: usize = 6;
pub(super) const CROWDED: usize = 10;

/// The frames of the scopes, outer before inner.
pub(super) fn frames(f: &mut fmt::Formatter<'_>, sheet: &Sheet<'_>) -> fmt::Result {
    for frame in &sheet.layout.frames {
        let Place { x, y } = frame.place;
        let inner = if frame.depth % 2 == 1 { " inner" } else { "" };
        let title = fitting(&frame.title, bold(12.0), frame.width - 28);
        writeln!(
            f,
            "<g class=\"frame{inner}\" data-scope=\"{}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" \
             width=\"{}\" height=\"{}\" rx=\"14\"/><text x=\"{}\" y=\"{}\">{title}</text></g>",
            frame.scope,
            markup(&sheet.report.path_of(frame.scope)),
            frame.width,
            frame.height,
            x + 14,
            y + 20,
        )?;
    }
    Ok(())
}

/// The partial of an edge; none between groups.
fn partial(sheet: &Sheet<'_>, edge: &Edge) -> Option<f64> {
    match sheet.layout.items[edge.to] {
        Item::Node(node) => sheet.report.nodes[node].partials.get(edge.operand).copied(),
        Item::Group(_) => None,
    }
}

/// The edges, with their heads.
pub(super) fn edges(f: &mut fmt::Formatter<'_>, sheet: &Sheet<'_>) -> fmt::Result {
    for edge in &sheet.layout.edges {
        match (sheet.layout.items[edge.from], sheet.layout.items[edge.to]) {
            (Item::Node(from), Item::Node(to)) => of_nodes(f, sheet, edge, from, to)?,
            _ => {
                let count = edge.count;
                write!(f, "<g class=\"edge\" data-count=\"{count}\">")?;
            }
        }
        let Place { x, y } = edge.end;
        let (left, above, below) = (x - 7, y - 4, y + 4);
        writeln!(
            f,
            "<path class=\"line\" d=\"{}\"/><path class=\"head\" d=\"M{left} {above}L{x} {y}L{left} {below}Z\"/></g>",
            edge.path()
        )?;
    }
    Ok(())
}

/// What there is to say of an edge between nodes.
fn of_nodes(
    f: &mut fmt::Formatter<'_>,
    sheet: &Sheet<'_>,
    edge: &Edge,
    from: usize,
    to: usize,
) -> fmt::Result {
    let report = sheet.report;
    let partial = partial(sheet, edge).unwrap_or(f64::NAN);
    let is_blocked = !report.carries(to, partial);
    f.write_str("<g class=\"edge")?;
    for (is_so, class) in
        [(is_blocked, " blocked"), (is_apart(report, to), " apart"), (!partial.is_finite(), " bad")]
    {
        f.write_str(if is_so { class } else { "" })?;
    }
    let exact = number(partial);
    let operand = edge.operand;
    write!(
        f,
        "\" data-from=\"{from}\" data-to=\"{to}\" data-operand=\"{operand}\" data-partial=\"{exact}\">\
         <title>∂ {} / ∂ {} = {exact}{}</title>",
        markup(&report.name(to)),
        markup(&report.name(from)),
        if is_blocked { ", blocked" } else { "" },
    )
}

/// The partials near the heads of their edges, smaller where more edges end at one box, and of very many
/// none: they are in the titles.
pub(super) fn partials(f: &mut fmt::Formatter<'_>, sheet: &Sheet<'_>) -> fmt::Result {
    for edge in &sheet.layout.edges {
        let text = match (partial(sheet, edge), edge.count) {
            _ if edge.beside > CROWDED => continue,
            (Some(partial), _) if partial.is_finite() => digits(partial, 3),
            (Some(partial), _) => format!("!{partial}"),
            (None, 1) => continue,
            (None, count) => format!("×{count}"),
        };
        let (size, class) = if edge.beside > SPACED { (8.5, " small") } else { (10.5, "") };
        let bad = if text.starts_with('!') { " bad" } else { "" };
        let Place { x, y } = edge.near_head();
        // It must not reach into the box that the edge ends at.
        let x = x.min(edge.end.x - 9 - width(&text, regular(size)) / 2);
        let y = y + if size < 10.0 { 3 } else { 4 };
        writeln!(f, "<text class=\"partial{class}{bad}\" x=\"{x}\" y=\"{y}\">{text}</text>")?;
    }
    Ok(())
}
