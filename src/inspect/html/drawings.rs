//! Where everything goes: one drawing for each group of the report, as few numbers as it takes.
//!
//! Boxes and columns have one size and one distance, so an edge is given by where it comes from, the height at
//! which it ends, and its height in each column that it passes.

use crate::inspect::Report;
use crate::inspect::json::{Field, Value};
use crate::inspect::layout::{Edge, Group, Groups, Layout, ScopeFrame};

pub(super) fn of(report: &Report) -> Value {
    let groups = Groups::of(report);
    let drawing = |g: usize| drawing(&Layout::inside(report, &groups, g));
    Value::Object(vec![
        ("box", Value::list([integer(Layout::WIDTH), integer(Layout::HEIGHT)])),
        ("level", integer(Edge::LEVEL)),
        ("margin", integer(Layout::MARGIN)),
        ("pitch", integer(Layout::WIDTH + Layout::COLUMN_GAP)),
        ("groups", Value::list(groups.all.iter().map(group))),
        ("drawings", Value::list((0..groups.all.len()).map(drawing))),
    ])
}

fn group(group: &Group) -> Value {
    Value::Object(vec![
        ("title", group.title.to_json()),
        ("parent", group.parent.into()),
        ("children", group.children.to_json()),
        ("start", group.start.into()),
        ("nodes", group.nodes.into()),
    ])
}

fn drawing(layout: &Layout) -> Value {
    // The edges come in the order of the boxes they end at.
    let mut edges = vec![Vec::new(); layout.items.len()];
    for line in &layout.edges {
        edges[line.to].push(edge(line));
    }
    let place =
        |place: &crate::inspect::layout::Place| Value::list([integer(place.x), integer(place.y)]);
    Value::Object(vec![
        ("size", Value::list([integer(layout.width), integer(layout.height)])),
        ("at", Value::list(layout.places.iter().map(place))),
        ("frames", Value::list(layout.frames.iter().map(frame))),
        ("edges", Value::list(edges.into_iter().map(Value::List))),
        ("leftOut", layout.left_out.into()),
    ])
}

/// From which box, which operand, how many it stands for, the height of its end and in the columns between.
fn edge(edge: &Edge) -> Value {
    let head =
        [Value::from(edge.from), edge.operand.into(), edge.count.into(), integer(edge.end.y)];
    let passed = edge.bends.chunks(2).map(|pair| integer(pair[0].y));
    Value::list(head.into_iter().chain(passed))
}

fn frame(frame: &ScopeFrame) -> Value {
    let sides = [frame.place.x, frame.place.y, frame.width, frame.height].map(integer);
    Value::list([frame.title.to_json()].into_iter().chain(sides))
}

/// A coordinate: layouts have no negative ones.
fn integer(x: i64) -> Value {
    Value::Integer(x.max(0) as usize)
}
