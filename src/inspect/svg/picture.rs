//! The picture as a whole: the heading, the drawing, and what its signs mean.

use super::Svg;
use super::parts::{self, CROWDED};
use super::sheet::{Font, Sheet, bold, fitting, is_apart, is_bad, regular};
use crate::inspect::Report;
use crate::inspect::layout::{Groups, Item, Layout};
use crate::inspect::name::Names;
use crate::text::{counted, digits, isolated, markup, on_one_line};
use crate::{Node, Reach};
use std::fmt;

/// The height of the heading.
const HEIGHT: i64 = 56;
/// The least width of a picture: its heading and its key have room.
const NARROWEST: i64 = 620;

/// From the edge of the picture to its text.
const INDENT: i64 = 40;
/// The height of a line of the key, and the space below it.
const LINE: i64 = 19;
const BELOW: i64 = 24;

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
        let width = layout.width.max(NARROWEST);
        let sheet = Sheet { report, names: Names::drawn(report), layout: &layout, groups };
        let (title, extent, key) = (title(report), extent(&sheet), key(&sheet));
        let below = HEIGHT + layout.height;
        let height = below + key.len() as i64 * LINE + BELOW;
        let description = format!("{extent}. Time goes from left to right. {}.", key.join(". "));
        writeln!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tape\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<title>{}</title>\n<desc>{}</desc>\n\
             <style>\n{}</style>\n<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>",
            markup(&title),
            markup(&description),
            include_str!("style.css"),
        )?;
        let line = |class: &str, y: i64, text: &str, font: Font| {
            let text = fitting(text, font, width - 2 * INDENT);
            format!("<text class=\"{class}\" x=\"{INDENT}\" y=\"{y}\">{text}</text>\n")
        };
        f.write_str(&line("heading", 40, &title, bold(17.0)))?;
        f.write_str(&line("about", 60, &extent, regular(12.0)))?;
        let drawing = [parts::frames, parts::edges, parts::boxes, parts::partials];
        let drawing = drawing.map(|part| part(&sheet)).concat();
        let left = (width - layout.width) / 2;
        writeln!(f, "<g transform=\"translate({left} {HEIGHT})\">\n{drawing}</g>")?;
        for (i, text) in key.iter().enumerate() {
            let y = below + (i as i64 + 1) * LINE - 5;
            f.write_str(&line("key", y, text, regular(12.0)))?;
        }
        f.write_str("</svg>\n")
    }
}

/// What the picture is of, in a few words: `SSR = 20.4236`.
fn title(report: &Report) -> String {
    let output = report.output.map(|output| {
        let name = isolated(&on_one_line(&report.name(output)));
        format!("{name} = {}", digits(report.nodes[output].value, 6))
    });
    match (report.title.is_empty(), output) {
        (false, Some(output)) => format!("{}: {output}", on_one_line(&report.title)),
        (false, None) => on_one_line(&report.title),
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
    let boxes = sheet.layout.items.len();
    match sheet.groups {
        None => {}
        Some((_, 0)) => {
            let boxes = counted(boxes, "group");
            text += &format!("; too many to draw one by one: here they are {boxes}");
        }
        Some((groups, group)) => {
            let names = groups.path(group).into_iter().map(|g| &*groups.all[g].title);
            let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
            let around = counted(sheet.layout.left_out, "edge");
            text += &format!("; here {}, with {around} to and from elsewhere", names.join(" / "));
        }
    }
    text
}

/// What the signs mean that occur in the picture.
fn key(sheet: &Sheet<'_>) -> Vec<&'static str> {
    let report = sheet.report;
    let nodes = sheet.layout.items.iter().filter_map(|item| match *item {
        Item::Node(node) => Some(node),
        Item::Group(_) => None,
    });
    let any =
        |is_so: &dyn Fn(usize, &Node) -> bool| nodes.clone().any(|i| is_so(i, &report.nodes[i]));
    let any_edge =
        |wanted: Reach| nodes.clone().any(|i| report.edges(i).any(|(_, edge)| edge == wanted));
    let grouped = sheet.layout.items.iter().any(|item| matches!(item, Item::Group(_)));
    let all = [
        (true, "= value · ∂ adjoint, the rate at which the output moves with it"),
        (!grouped, "on an edge: the local partial · heavy border: the output"),
        (grouped, "on an edge: how many edges it stands for · heavy border: the output is here"),
        (
            any(&|_, n| n.operands.len() > CROWDED),
            "edges without a number: too many for one box; point at one to read it",
        ),
        (any_edge(Reach::Blocked), "broken edge: blocked, the operation is constant at this point"),
        (
            any_edge(Reach::AtKink),
            "broken edge into a kink: the slope jumps there, and 0 is a convention",
        ),
        (any(&|_, n| is_apart(n)), "broken border: the output does not depend on it"),
        (
            any(&|_, n| is_bad(n)) || grouped && report.nodes.iter().any(is_bad),
            "red, with a !: not a finite number",
        ),
        (
            any(&|i, _| report.is_first_bad(i)),
            "red all over: the first of them, what it is computed from is finite",
        ),
    ];
    all.into_iter().filter(|&(occurs, _)| occurs).map(|(_, line)| line).collect()
}
