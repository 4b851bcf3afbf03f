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
        ("largest", Layout::LARGEST.into()),
        ("margin", integer(Layout::MARGIN)),
        ("pitch", integer(Layout::WIDTH + Layout::COLUMN_GAP)),
        ("groups", Value::list(groups.all.iter().map(group))),
        ("drawings", Value::list((0..groups.all.len()).map(drawing))),
    ])
}

fn group(group: &Group) -> Value {
    Value::Object(vec![
        ("title", group.title.to_json()),
        ("alike", group.alike.to_json()),
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
        let (into, top) = (&mut edges[line.to], layout.places[line.to].y);
        into.push(edge(line, into.len(), top));
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

/// From which box it comes, how far below the top of its box it ends, and how far each height in the columns between lies
/// below the one before. Of an edge that is not the one operand that is next, the box is counted from -1 down, and the
/// operand and how many edges it stands for come after it.
fn edge(edge: &Edge, next: usize, top: i64) -> Value {
    let number = |x: i64| Value::Number(x as f64);
    let mut list = match edge.operand == next && edge.count == 1 {
        true => vec![Value::from(edge.from)],
        false => vec![number(-1 - edge.from as i64), edge.operand.into(), edge.count.into()],
    };
    list.push(number(edge.end.y - top));
    let mut before = edge.end.y;
    for pair in edge.bends.chunks(2) {
        list.push(number(pair[0].y - before));
        before = pair[0].y;
    }
    Value::List(list)
}

fn frame(frame: &ScopeFrame) -> Value {
    let sides = [frame.place.x, frame.place.y, frame.width, frame.height].map(integer);
    Value::list([frame.title.to_json()].into_iter().chain(sides))
}

/// A coordinate: layouts have no negative ones.
fn integer(x: i64) -> Value {
    Value::Integer(x.max(0) as usize)
}
