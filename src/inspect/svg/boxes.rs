//! Nodes and groups, each a box with a few lines of text.

use super::show::{Sheet, is_apart};
use super::text::{bold, fitting, regular};
use crate::inspect::Report;
use crate::inspect::layout::{Group, Item, Layout, Place};
use crate::text::digits;
use crate::text::markup;
use crate::text::{counted, number};
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
            (Item::Node(node), _) => of_node(f, sheet.report, node, place)?,
            // A group of one is a node.
            (Item::Group(g), Some((groups, _))) => match &groups.all[g] {
                group if group.nodes == 1 => of_node(f, sheet.report, group.start, place)?,
                group => of_group(f, sheet.report, group, g, place)?,
            },
            (Item::Group(_), None) => {}
        }
    }
    Ok(())
}

fn of_node(f: &mut fmt::Formatter<'_>, report: &Report, i: usize, place: Place) -> fmt::Result {
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
    writeln!(f, "<title>{}</title>", markup(&said(report, i)))?;
    outline(f, if node.is_leaf() { 22 } else { 9 })?;
    let room = if is_bad { ROOM - BADGE } else { ROOM };
    // Of a node without a label, what it computes says more than its index.
    let (name, does) = match (&node.label, report.expression(i)) {
        (Some(label), does) => (label.clone(), does),
        (None, does) => (does, format!("%{i}")),
    };
    let font = if node.label.is_some() { bold(13.0) } else { regular(12.0) };
    lines(f, &fitting(&name, font, room), &fitting(&does, regular(10.5), ROOM))?;
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
    lines(f, &fitting(&group.title, bold(13.0), room), &fitting(&range, regular(10.5), ROOM))?;
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
fn lines(f: &mut fmt::Formatter<'_>, name: &str, does: &str) -> fmt::Result {
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
fn said(report: &Report, i: usize) -> String {
    let node = &report.nodes[i];
    let mut text = format!("%{i}");
    if let Some(label) = &node.label {
        text += &format!(" {label}");
    }
    text += &format!(": {}\nvalue {}", report.expression(i), number(node.value));
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
