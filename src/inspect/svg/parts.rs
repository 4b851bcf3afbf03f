//! The parts of the drawing: nodes and groups, each a box with a few lines of text; frames, edges, and the partials
//! on them.

use super::sheet::{Font, Sheet, bold, fitting, fitting_name, is_apart, is_bad, regular, width};
use crate::inspect::layout::{Edge, Group, Item, Layout, Place, ScopeFrame};
use crate::text::{counted, digits, isolated, markup, number, on_one_line};
use crate::{Node, Reach};

/// From the border of a box to its text.
const INDENT: i64 = 12;
/// The room for a line of text.
const ROOM: i64 = Layout::WIDTH - 2 * INDENT;
/// The room for a number beside its sign.
const NUMBER: i64 = ROOM - 16;
/// The least room between a name and the badge beside it.
const BADGE: i64 = 20;

/// A box, for a node or a group.
struct Card {
    class: String,
    /// Attributes with the exact numbers.
    data: String,
    /// All there is to say, for who points at it.
    title: String,
    /// What lies below the box, to make it a pile.
    pile: String,
    radius: i64,
    /// The two lines above the rule.
    name: (String, Font),
    does: String,
    /// The two lines below the rule.
    lines: String,
    is_bad: bool,
}

/// Class names, those that hold.
fn classes(first: &str, others: &[(bool, &str)]) -> String {
    let others = others.iter().filter(|(holds, _)| *holds).map(|&(_, class)| class);
    std::iter::once(first).chain(others).collect::<Vec<_>>().join(" ")
}

/// Every box of the drawing.
pub(super) fn boxes(sheet: &Sheet<'_>) -> String {
    let card = |item: Item| match (item, sheet.groups) {
        (Item::Node(node), _) => Some(of_node(sheet, node)),
        // A group of one is a node.
        (Item::Group(g), Some((groups, _))) => Some(match &groups.all[g] {
            group if group.nodes == 1 => of_node(sheet, group.start),
            group => of_group(sheet, group, g),
        }),
        (Item::Group(_), None) => None,
    };
    let places = sheet.layout.items.iter().zip(&sheet.layout.places);
    places.filter_map(|(&item, &place)| Some(card(item)?.at(place))).collect()
}

impl Card {
    fn at(self, Place { x, y }: Place) -> String {
        let Card { class, data, title, pile, radius, name, does, lines, is_bad } = self;
        let (width, height) = (Layout::WIDTH, Layout::HEIGHT);
        let (right, corner) = (Layout::WIDTH - INDENT, Layout::WIDTH - 18);
        let name = fitting_name(&name.0, name.1, if is_bad { ROOM - BADGE } else { ROOM });
        let does = fitting(&does, regular(10.5), ROOM);
        // The mark of a number that is not finite.
        let badge = format!(
            "<circle class=\"badge\" cx=\"{corner}\" cy=\"17\" r=\"8\"/>\
             <text class=\"badge-sign\" x=\"{corner}\" y=\"21\">!</text>\n"
        );
        format!(
            "<g class=\"{class}\" {data} transform=\"translate({x} {y})\">\n\
             <title>{}</title>\n{pile}\
             <rect class=\"box\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>\
             <path class=\"rule\" d=\"M{INDENT} 47H{right}\"/>\n\
             <text class=\"name\" x=\"{INDENT}\" y=\"22\">{name}</text>\
             <text class=\"does\" x=\"{INDENT}\" y=\"38\">{does}</text>\n{lines}{}</g>\n",
            markup(&title),
            if is_bad { &*badge } else { "" },
        )
    }
}

fn of_node(sheet: &Sheet<'_>, i: usize) -> Card {
    let report = sheet.report;
    let node = &report.nodes[i];
    let others = [
        (node.is_leaf(), "leaf"),
        (node.label.is_none(), "plain"),
        (report.output == Some(i), "output"),
        (is_apart(node), "apart"),
        (!node.value.is_finite(), "bad"),
        (report.is_first_bad(i), "first"),
    ];
    let (value, adjoint) = (number(node.value), number(node.adjoint));
    // Of a node without a label, what it computes says more than its index.
    let (name, does) = match (&node.label, sheet.names.expression(i)) {
        (Some(_), does) => ((sheet.names.node(i), bold(13.0)), does),
        (None, does) => ((does, regular(12.0)), format!("%{i}")),
    };
    let shown = |x: f64| digits(x, 6);
    let value_line = numbered(63, "=", "value", &shown(node.value), node.value.is_finite());
    let slope = match node.why_zero() {
        Some(Reach::NotConnected) => "not connected".into(),
        Some(Reach::Blocked) => "0, blocked".into(),
        Some(Reach::AtKink) => "0, at a kink".into(),
        _ => shown(node.adjoint),
    };
    Card {
        class: classes("node", &others),
        data: format!("data-id=\"{i}\" data-value=\"{value}\" data-adjoint=\"{adjoint}\""),
        title: whole(sheet, i),
        pile: String::new(),
        radius: if node.is_leaf() { 22 } else { 9 },
        name,
        does,
        lines: value_line + &numbered(79, "∂", "adjoint", &slope, node.adjoint.is_finite()),
        is_bad: is_bad(node),
    }
}

fn of_group(sheet: &Sheet<'_>, group: &Group, g: usize) -> Card {
    let report = sheet.report;
    let nodes = &report.nodes[group.range()];
    let is_output = report.output.is_some_and(|output| group.range().contains(&output));
    let count = |holds: fn(&Node) -> bool| nodes.iter().filter(|node| holds(node)).count();
    let (bad, apart) = (count(is_bad), count(is_apart));
    let others = [(is_output, "output"), (apart == nodes.len(), "apart"), (bad > 0, "bad")];
    let noted = match (bad, apart) {
        (0, 0) => String::new(),
        (0, apart) => format!("{apart} not connected"),
        (bad, _) => format!("{bad} not finite"),
    };
    let line = |(y, text, is_bad): (i64, String, bool)| {
        let class = if is_bad { " class=\"bad\"" } else { "" };
        let text = fitting(&text, regular(12.0), ROOM);
        format!("<text{class} x=\"{INDENT}\" y=\"{y}\">{text}</text>\n")
    };
    let below = |shift: i64| {
        let (width, height) = (Layout::WIDTH - 2 * shift, Layout::HEIGHT);
        format!(
            "<rect class=\"below\" x=\"{shift}\" y=\"{shift}\" width=\"{width}\" height=\"{height}\" rx=\"9\"/>\n"
        )
    };
    Card {
        class: classes("group", &others),
        data: format!("data-group=\"{g}\" data-nodes=\"{}\"", group.nodes),
        title: on_one_line(&group.title),
        pile: [8, 4].map(below).concat(),
        radius: 9,
        name: (isolated(&on_one_line(&group.title)), bold(13.0)),
        does: match group.alike.is_empty() {
            true => format!("%{} to %{}", group.start, group.range().end - 1),
            false => group.alike.clone(),
        },
        lines: [(63, counted(group.nodes, "node"), false), (79, noted, bad > 0)].map(line).concat(),
        is_bad: bad > 0,
    }
}

/// A line with a sign at the left and a number at the right.
fn numbered(y: i64, sign: &str, class: &str, text: &str, is_finite: bool) -> String {
    let class = if is_finite { class } else { "bad" };
    let right = Layout::WIDTH - INDENT;
    let text = fitting(text, bold(12.0), NUMBER);
    format!(
        "<text class=\"{class} sign\" x=\"{INDENT}\" y=\"{y}\">{sign}</text>\
         <text class=\"{class} number\" x=\"{right}\" y=\"{y}\">{text}</text>\n"
    )
}

/// All there is to say of a node.
fn whole(sheet: &Sheet<'_>, i: usize) -> String {
    let report = sheet.report;
    let node = &report.nodes[i];
    let label = node.label.as_ref().map(|label| isolated(&on_one_line(label)));
    let label = label.map(|label| format!(" {label}")).unwrap_or_default();
    let why = match node.reach {
        Reach::Connected => "",
        Reach::AtKink => " (at a kink)",
        Reach::Blocked => " (blocked)",
        Reach::NotConnected => " (not connected)",
    };
    let does = sheet.names.expression(i);
    let (value, adjoint) = (number(node.value), number(node.adjoint));
    let mut text = format!("%{i}{label}: {does}\nvalue {value}\nadjoint {adjoint}{why}");
    text.extend(node.scope.map(|scope| format!("\nin {}", on_one_line(&report.short_path(scope)))));
    text.extend(node.location.as_ref().map(|location| format!("\nat {location}")));
    text
}

/// The most edges into a box whose numbers do not touch.
pub(super) const CROWDED: usize = 6;
/// The height of the ground that a number on an edge stands on, and the space around the number.
const GROUND: i64 = 13;
const AROUND: i64 = 4;

/// The frames of the scopes, outer before inner.
pub(super) fn frames(sheet: &Sheet<'_>) -> String {
    let frame = |frame: &ScopeFrame| {
        let Place { x, y } = frame.place;
        let class = classes("frame", &[(frame.depth % 2 == 1, "inner")]);
        let title = fitting(
            &on_one_line(&frame.title),
            bold(12.0),
            Layout::WIDTH.min(frame.width - 28) - 4,
        );
        format!(
            "<g class=\"{class}\" data-scope=\"{}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" \
             width=\"{}\" height=\"{}\" rx=\"14\"/><text x=\"{}\" y=\"{}\">{title}</text></g>\n",
            frame.scope,
            markup(&on_one_line(&sheet.report.short_path(frame.scope))),
            frame.width,
            frame.height,
            x + 14,
            y + 20,
        )
    };
    sheet.layout.frames.iter().map(frame).collect()
}

/// The partial of an edge; none between groups.
fn partial(sheet: &Sheet<'_>, edge: &Edge) -> Option<f64> {
    match sheet.layout.items[edge.to] {
        Item::Node(node) => sheet.report.nodes[node].partials.get(edge.operand).copied(),
        Item::Group(_) => None,
    }
}

/// The edges, with their heads.
pub(super) fn edges(sheet: &Sheet<'_>) -> String {
    let edge = |edge: &Edge| {
        let beginning = match (sheet.layout.items[edge.from], sheet.layout.items[edge.to]) {
            (Item::Node(from), Item::Node(to)) => edge_of_nodes(sheet, edge, from, to),
            _ => format!("<g class=\"edge\" data-count=\"{}\">", edge.count),
        };
        let Place { x, y } = edge.end;
        let (left, above, below) = (x - 7, y - 4, y + 4);
        format!(
            "{beginning}<path class=\"line\" d=\"{}\"/>\
             <path class=\"head\" d=\"M{left} {above}L{x} {y}L{left} {below}Z\"/></g>\n",
            edge.path()
        )
    };
    sheet.layout.edges.iter().map(edge).collect()
}

/// What there is to say of an edge between nodes.
fn edge_of_nodes(sheet: &Sheet<'_>, edge: &Edge, from: usize, to: usize) -> String {
    let report = sheet.report;
    let partial = partial(sheet, edge).unwrap_or(f64::NAN);
    let reach = report.edge(to, edge.operand);
    let others = [
        (reach != Reach::Connected, "blocked"),
        (is_apart(&report.nodes[to]), "apart"),
        (!partial.is_finite(), "bad"),
    ];
    format!(
        "<g class=\"{}\" data-from=\"{from}\" data-to=\"{to}\" data-operand=\"{}\" data-partial=\"{exact}\">\
         <title>∂ {} / ∂ {} = {exact}{}</title>",
        classes("edge", &others),
        edge.operand,
        markup(&sheet.names.node(to)),
        markup(&sheet.names.node(from)),
        match reach {
            Reach::AtKink => ", a convention at a kink",
            Reach::Blocked => ", blocked",
            _ => "",
        },
        exact = number(partial),
    )
}

/// The partials near the heads of their edges, each on a ground that breaks the line; of very many edges none: they
/// are in the titles.
pub(super) fn partials(sheet: &Sheet<'_>) -> String {
    let text = |edge: &Edge| {
        let text = match (partial(sheet, edge), edge.count) {
            _ if edge.beside > CROWDED => return None,
            (Some(partial), _) if partial.is_finite() => digits(partial, 3),
            (Some(partial), _) => format!("!{partial}"),
            (None, 1) => return None,
            (None, count) => format!("×{count}"),
        };
        let class = classes("partial", &[(text.starts_with('!'), "bad")]);
        let wide = width(&text, regular(10.5)) + 2 * AROUND;
        let (right, y) = (edge.end.x - 9, edge.end.y);
        Some(format!(
            "<rect class=\"ground\" x=\"{}\" y=\"{}\" width=\"{wide}\" height=\"{GROUND}\" rx=\"4\"/>\
             <text class=\"{class}\" x=\"{}\" y=\"{}\">{text}</text>\n",
            right - wide,
            y - GROUND / 2,
            right - wide / 2,
            y + 4,
        ))
    };
    sheet.layout.edges.iter().filter_map(text).collect()
}
