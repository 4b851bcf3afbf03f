//! A reader of the SVG of a report: the numbers in its attributes, and what its texts say of them.

#![allow(dead_code, reason = "each test uses its part")]

use super::shown::Shown;
use gradtape::Reach;
use roxmltree::{Document, Node};

fn has(node: Node<'_, '_>, wanted: &str) -> bool {
    node.attribute("class").is_some_and(|class| class.split(' ').any(|class| class == wanted))
}

/// A number in an attribute; every `f64` is written as Rust reads it.
#[track_caller]
fn number<T: std::str::FromStr>(node: Node<'_, '_>, name: &str) -> T {
    let text = node.attribute(name).unwrap_or_else(|| panic!("an element has no {name}"));
    text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`"))
}

/// The nodes of a drawing with their edges. A label may not hold `: `, which stands behind it in a title.
#[track_caller]
pub fn read(text: &str) -> Vec<Shown> {
    let svg = Document::parse(text).expect("it is XML");
    let mut nodes: Vec<Shown> =
        svg.descendants().filter(|&node| has(node, "node")).map(node).collect();
    nodes.sort_by_key(|node| node.index);
    for edge in svg.descendants().filter(|&node| has(node, "edge")) {
        let (from, to): (usize, usize) = (number(edge, "data-from"), number(edge, "data-to"));
        let operands = &mut nodes[to].operands;
        assert_eq!(number::<usize>(edge, "data-operand"), operands.len(), "edges are in order");
        operands.push((from, number(edge, "data-partial")));
    }
    nodes
}

fn node(of: Node<'_, '_>) -> Shown {
    let index: usize = number(of, "data-id");
    let adjoint = number(of, "data-adjoint");
    let title = of.children().find(|n| n.has_tag_name("title")).and_then(|n| n.text());
    let lines: Vec<&str> = title.expect("a title").lines().collect();
    let (name, _) = lines[0].split_once(": ").expect("what the node computes");
    let label = name.strip_prefix(&format!("%{index}")).expect("the index").strip_prefix(' ');
    // The title and the text in the box give one reason.
    let said = lines.iter().find(|line| line.starts_with("adjoint ")).expect("the adjoint");
    let reach = match said.split_once(" (") {
        None => Reach::Connected,
        Some((_, "blocked)")) => Reach::Blocked,
        Some((_, "at a kink)")) => Reach::AtKink,
        Some((_, "not connected)")) => Reach::NotConnected,
        Some((_, other)) => panic!("{other} is no reason"),
    };
    let mut numbers = of.children().filter(|&n| has(n, "number")).filter_map(|n| n.text());
    let in_box = numbers.nth(1).expect("value, then adjoint");
    assert_eq!(in_box == "not connected", reach == Reach::NotConnected && adjoint == 0.0);
    assert_eq!(in_box == "0, blocked", reach == Reach::Blocked && adjoint == 0.0);
    assert_eq!(in_box == "0, at a kink", reach == Reach::AtKink && adjoint == 0.0);
    Shown {
        index,
        label: label.map(str::to_string),
        value: number(of, "data-value"),
        adjoint,
        reach,
        operands: Vec::new(),
    }
}
