//! The parts of the drawing: nodes and groups, each a box with a few lines of text; frames, edges, and the partials
//! on them.

use super::sheet::{Sheet, bold, fitting, is_apart, regular, width};
use crate::inspect::Report;
use crate::inspect::layout::{Edge, Group, Item, Layout, Place};
use crate::text::{counted, digits, markup, number};
use crate::{Node, Reach};
use std::fmt;

/// From the border of a box to its text.
const INDENT: i64 = 12;
/// The room for a line of text.
const ROOM: i64 = Layout::WIDTH - 2 * INDENT;
/// The room for a number beside its sign.
const NUMBER: i64 = ROOM - 16;
/// The least room between a name and the badge beside it.
const BADGE: i64 = 20;

/// Every box of the drawing.
pub(super) fn boxes(f: &mut fmt::Formatter<'_>, sheet: &Sheet<'_>) -> fmt::Result {
    for (&item, &place) in sheet.layout.items.iter().zip(&sheet.layout.places) {
        match (item, sheet.groups) {
            (Item::Node(node), _) => of_node(f, sheet, node, place)?,
            // A group of one is a node.
            (Item::Group(g), Some((groups, _))) => match &groups.all[g] {
                group if group.nodes == 1 => of_node(f, sheet, group.start, place)?,
                group => of_group(f, sheet.report, group, g, place)?,
            },
            (Item::Group(_), None) => {}
        }
    }
    Ok(())
}

fn of_node(f: &mut fmt::Formatter<'_>, sheet: &Sheet<'_>, i: usize, place: Place) -> fmt::Result {
    let report = sheet.report;
    let node = &report.nodes[i];
    let is_bad = !node.value.is_finite() || !node.adjoint.is_finite();
    let classes = [
        (node.is_leaf(), " leaf"),
        (node.label.is_none(), " plain"),
        (report.output == Some(i), " output"),
        (is_apart(report, i), " apart"),
        (!node.value.is_finite(), " bad"),
        (report.is_first_bad(i), " first"),
    ];
    write!(f, "<g class=\"node")?;
    classes.iter().filter(|class| class.0).try_for_each(|class| f.write_str(class.1))?;
    let (value, adjoint) = (number(node.value), number(node.adjoint));
    writeln!(
        f,
        "\" data-id=\"{i}\" data-value=\"{value}\" data-adjoint=\"{adjoint}\" \
         transform=\"translate({} {})\">",
        place.x, place.y
    )?;
    writeln!(f, "<title>{}</title>", markup(&whole(sheet, i)))?;
    outline(f, if node.is_leaf() { 22 } else { 9 })?;
    let room = if is_bad { ROOM - BADGE } else { ROOM };
    // Of a node without a label, what it computes says more than its index.
    let (name, does) = match (&node.label, sheet.names.expression(i)) {
        (Some(_), does) => (sheet.names.node(i), does),
        (None, does) => (does, format!("%{i}")),
    };
    let font = if node.label.is_some() { bold(13.0) } else { regular(12.0) };
    two_lines(f, &fitting(&name, font, room), &fitting(&does, regular(10.5), ROOM))?;
    numbered(f, 63, "=", "value", &shown(node.value), node.value.is_finite())?;
    numbered(f, 79, "∂", "adjoint", &adjoint_of(node), node.adjoint.is_finite())?;
    if is_bad {
        badge(f)?;
    }
    f.write_str("</g>\n")
}

/// A group: a box on top of others.
fn of_group(
    f: &mut fmt::Formatter<'_>,
    report: &Report,
    group: &Group,
    g: usize,
    place: Place,
) -> fmt::Result {
    let nodes = &report.nodes[group.range()];
    let is_output = report.output.is_some_and(|output| group.range().contains(&output));
    let bad = nodes.iter().filter(|n| !n.value.is_finite() || !n.adjoint.is_finite()).count();
    let apart = nodes.iter().filter(|n| n.reach == Reach::NotConnected).count();
    let class = |is_so, class| if is_so { class } else { "" };
    writeln!(
        f,
        "<g class=\"group{}{}{}\" data-group=\"{g}\" data-nodes=\"{}\" transform=\"translate({} {})\">",
        class(is_output, " output"),
        class(apart == nodes.len(), " apart"),
        class(bad > 0, " bad"),
        group.nodes,
        place.x,
        place.y,
    )?;
    writeln!(f, "<title>{}</title>", markup(&group.title))?;
    for shift in [8, 4] {
        let (width, height) = (Layout::WIDTH - 2 * shift, Layout::HEIGHT);
        writeln!(
            f,
            "<rect class=\"below\" x=\"{shift}\" y=\"{shift}\" width=\"{width}\" height=\"{height}\" rx=\"9\"/>"
        )?;
    }
    outline(f, 9)?;
    let room = if bad > 0 { ROOM - BADGE } else { ROOM };
    let last = group.range().end - 1;
    let range = format!("%{} to %{last}", group.start);
    two_lines(f, &fitting(&group.title, bold(13.0), room), &fitting(&range, regular(10.5), ROOM))?;
    let noted = match (bad, apart) {
        (0, 0) => String::new(),
        (0, apart) => format!("{apart} not connected"),
        (bad, _) => format!("{bad} not finite"),
    };
    for (y, text) in [(63, counted(group.nodes, "node")), (79, noted)] {
        let bad = class(y == 79 && bad > 0, " class=\"bad\"");
        let text = fitting(&text, regular(12.0), ROOM);
        writeln!(f, "<text{bad} x=\"{INDENT}\" y=\"{y}\">{text}</text>")?;
    }
    if bad > 0 {
        badge(f)?;
    }
    f.write_str("</g>\n")
}

fn outline(f: &mut fmt::Formatter<'_>, radius: i64) -> fmt::Result {
    let (width, height) = (Layout::WIDTH, Layout::HEIGHT);
    writeln!(
        f,
        "<rect class=\"box\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>\
         <path class=\"rule\" d=\"M{INDENT} 47H{}\"/>",
        Layout::WIDTH - INDENT
    )
}

/// The two lines above the rule.
fn two_lines(f: &mut fmt::Formatter<'_>, name: &str, does: &str) -> fmt::Result {
    writeln!(
        f,
        "<text class=\"name\" x=\"{INDENT}\" y=\"22\">{name}</text>\
         <text class=\"does\" x=\"{INDENT}\" y=\"38\">{does}</text>"
    )
}

/// A line with a sign at the left and a number at the right.
fn numbered(
    f: &mut fmt::Formatter<'_>,
    y: i64,
    sign: &str,
    class: &str,
    text: &str,
    is_finite: bool,
) -> fmt::Result {
    let class = if is_finite { class } else { "bad" };
    let right = Layout::WIDTH - INDENT;
    let text = fitting(text, bold(12.0), NUMBER);
    writeln!(
        f,
        "<text class=\"{class} sign\" x=\"{INDENT}\" y=\"{y}\">{sign}</text>\
         <text class=\"{class} number\" x=\"{right}\" y=\"{y}\">{text}</text>"
    )
}

/// The mark of a number that is not finite, in the corner.
fn badge(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let x = Layout::WIDTH - 18;
    writeln!(
        f,
        "<circle class=\"badge\" cx=\"{x}\" cy=\"17\" r=\"8\"/>\
         <text class=\"badge-sign\" x=\"{x}\" y=\"21\">!</text>"
    )
}

fn shown(x: f64) -> String {
    digits(x, 6)
}

/// An adjoint, or why it is zero.
fn adjoint_of(node: &Node) -> String {
    match node.why_zero() {
        Some(Reach::NotConnected) => "not connected".into(),
        Some(Reach::Blocked) => "0, blocked".into(),
        _ => shown(node.adjoint),
    }
}

/// All there is to say of a node.
fn whole(sheet: &Sheet<'_>, i: usize) -> String {
    let report = sheet.report;
    let node = &report.nodes[i];
    let mut text = format!("%{i}");
    if let Some(label) = &node.label {
        text += &format!(" {label}");
    }
    text += &format!(": {}\nvalue {}", sheet.names.expression(i), number(node.value));
    text += &format!("\nadjoint {}", number(node.adjoint));
    match node.reach {
        Reach::Connected => {}
        Reach::Blocked => text += " (blocked)",
        Reach::NotConnected => text += " (not connected)",
    }
    if let Some(scope) = report.scope_path(i) {
        text += &format!("\nin {scope}");
    }
    if let Some(location) = &node.location {
        text += &format!("\nat {location}");
    }
    text
}

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
            (Item::Node(from), Item::Node(to)) => edge_of_nodes(f, sheet, edge, from, to)?,
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
fn edge_of_nodes(
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
        markup(&sheet.names.node(to)),
        markup(&sheet.names.node(from)),
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
