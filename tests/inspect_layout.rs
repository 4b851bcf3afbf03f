//! The layout of a report, as its picture shows it: what a drawing may rely on.

#[path = "common/property.rs"]
mod property;

mod common {
    pub mod apply;
    pub mod expression;
    pub mod formula;
    pub mod naive;
}

use common::expression::expressions;
use gradtape::inspect::Report;
use gradtape::nn::Dosage;
use gradtape::{Real, Tape, Var};
use property::config;
use proptest::prelude::*;

/// A box or a frame: left, top, right, bottom.
type Rectangle = [i64; 4];

/// A point of a drawing: from the left, from the top.
type Place = [i64; 2];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Item {
    Node(usize),
    Group { number: usize, nodes: usize },
}

#[derive(Debug)]
struct Frame {
    scope: usize,
    title: String,
    place: Rectangle,
}

#[derive(Debug)]
struct Edge {
    /// The boxes at its ends, as indices into those of the drawing.
    from: usize,
    to: usize,
    operand: Option<usize>,
    count: usize,
    /// Where it starts; in every column that it passes, where it enters and leaves; where it ends.
    points: Vec<Place>,
    path: String,
}

/// A drawing, read from the SVG.
struct Layout {
    canvas: Rectangle,
    items: Vec<Item>,
    titles: Vec<String>,
    boxes: Vec<Rectangle>,
    frames: Vec<Frame>,
    edges: Vec<Edge>,
    /// How many edges lead into it and out of it, as its heading says.
    left_out: usize,
}

fn attribute<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

fn integer(text: &str, name: &str) -> i64 {
    attribute(text, name).and_then(|x| x.parse().ok()).unwrap_or_else(|| panic!("{name}: {text}"))
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    text.split_once(start)
        .and_then(|(_, after)| after.split_once(end))
        .map_or("", |(found, _)| found)
}

/// The points of a path of curves that end level: the last level stretch belongs to the end.
fn points(path: &str) -> Vec<Place> {
    let mut points: Vec<Place> = Vec::new();
    for step in
        path.split_inclusive(|c: char| "MCH".contains(c)).zip(path.split(['M', 'C', 'H']).skip(1))
    {
        let numbers: Vec<i64> = step.1.split(' ').map(|x| x.parse().expect("an integer")).collect();
        let last = points.last().copied().unwrap_or_default();
        match (step.0.chars().last(), &numbers[..]) {
            (Some('M'), &[x, y]) | (Some('C'), &[.., x, y]) => points.push([x, y]),
            (Some('H'), &[x]) => points.push([x, last[1]]),
            _ => panic!("{path}"),
        }
    }
    points.remove(points.len() - 2);
    points
}

impl Layout {
    fn of(svg: &str) -> Layout {
        let (head, drawing) = svg.split_once("<g transform=\"translate(").expect("a drawing");
        let shift = between(drawing, "", ")").split(' ').map(|x| x.parse::<i64>().unwrap());
        let [x, y] = shift.collect::<Vec<_>>()[..] else { panic!("a shift") };
        let (width, height) = (integer(head, "width"), integer(head, "height"));
        let about = between(svg, "class=\"about\"", "</text>");
        let left_out = between(about, ", with ", " edge").parse().unwrap_or(0);
        let mut layout = Layout {
            canvas: [-x, -y, width - x, height - y],
            items: Vec::new(),
            titles: Vec::new(),
            boxes: Vec::new(),
            frames: Vec::new(),
            edges: Vec::new(),
            left_out,
        };
        let part = |class: &'static str| {
            drawing.split("<g ").skip(1).filter(move |g| g.starts_with(class))
        };
        for part in part("class=\"node").chain(part("class=\"group")) {
            let at: Vec<i64> =
                between(part, "translate(", ")").split(' ').map(|x| x.parse().unwrap()).collect();
            let shape =
                part.split("<rect ").find(|rect| rect.starts_with("class=\"box\"")).unwrap();
            let (width, height) = (integer(shape, "width"), integer(shape, "height"));
            layout.boxes.push([at[0], at[1], at[0] + width, at[1] + height]);
            let index = |name| attribute(part, name).map(|x| x.parse().expect("an index"));
            layout.items.push(match index("data-id") {
                Some(node) => Item::Node(node),
                None => Item::Group {
                    number: index("data-group").expect("a group"),
                    nodes: index("data-nodes").expect("a number"),
                },
            });
            layout.titles.push(between(part, "<title>", "</title>").to_string());
        }
        for part in part("class=\"frame") {
            let [x, y] = ["x", "y"].map(|name| integer(part, name));
            let (width, height) = (integer(part, "width"), integer(part, "height"));
            layout.frames.push(Frame {
                scope: integer(part, "data-scope") as usize,
                title: between(between(part, "<text", "/text>"), ">", "<").to_string(),
                place: [x, y, x + width, y + height],
            });
        }
        for part in part("class=\"edge") {
            let path = attribute(part, "d").expect("a path").to_string();
            let points = points(&path);
            let (start, end) = (points[0], points[points.len() - 1]);
            let starts = |b: &Rectangle| b[2] == start[0] && (b[1] + b[3]) / 2 == start[1];
            let ends = |b: &Rectangle| b[0] == end[0] && b[1] < end[1] && end[1] < b[3];
            layout.edges.push(Edge {
                from: layout.boxes.iter().position(starts).expect("it starts at a box"),
                to: layout.boxes.iter().position(ends).expect("it ends at a box"),
                operand: attribute(part, "data-operand").map(|x| x.parse().unwrap()),
                count: attribute(part, "data-count").map_or(1, |x| x.parse().unwrap()),
                points,
                path,
            });
        }
        layout
    }

    fn whole(report: &Report) -> Layout {
        assert!(report.nodes.len() <= 1000, "it would be grouped");
        Layout::of(&report.svg().to_string())
    }

    fn inside(report: &Report, group: usize) -> Layout {
        Layout::of(&report.svg().group(group).to_string())
    }

    fn groups(&self) -> impl Iterator<Item = usize> {
        self.items.iter().filter_map(|item| match *item {
            Item::Group { number, .. } => Some(number),
            Item::Node(_) => None,
        })
    }

    /// The group with this title.
    fn titled(&self, title: &str) -> (usize, usize) {
        let at = self.titles.iter().position(|t| t == title).expect("a group");
        let Item::Group { number, .. } = self.items[at] else { panic!("{title} is a node") };
        (at, number)
    }
}

fn overlap(a: Rectangle, b: Rectangle) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

fn holds(outer: Rectangle, inner: Rectangle) -> bool {
    outer[0] < inner[0] && outer[1] < inner[1] && inner[2] < outer[2] && inner[3] < outer[3]
}

/// The scopes around a node, the innermost first.
fn around(report: &Report, node: usize) -> Vec<usize> {
    let first = report.nodes[node].scope;
    std::iter::successors(first, |&scope| report.scopes[scope].parent).collect()
}

/// All that holds of every layout.
fn check(report: &Report, layout: &Layout) {
    let (boxes, canvas) = (&layout.boxes, layout.canvas);
    for (i, &a) in boxes.iter().enumerate() {
        assert!(holds(canvas, a), "{a:?} is not on the canvas {canvas:?}");
        for &b in &boxes[..i] {
            assert!(!overlap(a, b), "{a:?} and {b:?} overlap");
        }
    }
    for edge in &layout.edges {
        let points = &edge.points;
        assert_eq!(points[0][0], boxes[edge.from][2]);
        assert_eq!(points[points.len() - 1][0], boxes[edge.to][0]);
        assert!(points.windows(2).all(|pair| pair[0][0] < pair[1][0]), "{edge:?} turns back");
        assert!(
            points.iter().all(|p| canvas[1] < p[1] && p[1] < canvas[3]),
            "{edge:?} leaves the canvas"
        );
        for bend in points[1..points.len() - 1].chunks(2) {
            let level = [bend[0][0], bend[0][1], bend[1][0], bend[1][1]];
            assert_eq!(bend[0][1], bend[1][1]);
            assert!(boxes.iter().all(|&b| !overlap(level, b)), "{edge:?} runs through a box");
        }
    }
    for (i, frame) in layout.frames.iter().enumerate() {
        let this = frame.place;
        assert!(holds(canvas, this), "{frame:?} is not on the canvas");
        for (item, &place) in layout.items.iter().zip(boxes) {
            let &Item::Node(node) = item else { panic!("a frame among groups") };
            let inside = around(report, node).contains(&frame.scope);
            assert_eq!(holds(this, place), inside, "node {node} and {frame:?}");
            assert_eq!(overlap(this, place), inside, "node {node} and {frame:?}");
        }
        for other in &layout.frames[..i] {
            let other = other.place;
            assert!(holds(other, this) || !overlap(other, this), "{frame:?} cuts another");
        }
    }
}

/// The upper left corner of a node's box.
fn place_of(report: &Report, layout: &Layout, name: &str) -> Place {
    let node = Item::Node(report.find(name).unwrap_or_else(|| panic!("no {name}")));
    let at = layout.items.iter().position(|&item| item == node).expect("it is drawn");
    [layout.boxes[at][0], layout.boxes[at][1]]
}

fn dosage_report() -> Report {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)))
}

/// A loop of scopes with some steps between them.
fn looped(rounds: usize, inside: usize, between: usize) -> Report {
    let tape = Tape::new();
    let mut x = tape.var(0.5);
    for round in 0..rounds {
        let scope = tape.scope(&format!("round {round}"));
        for _ in 0..inside {
            x = x.sin();
        }
        drop(scope);
        for _ in 0..between {
            x = x.cos();
        }
    }
    tape.report(x)
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn boxes_edges_and_frames_keep_clear_of_each_other(
        expression in expressions(),
        depths in prop::collection::vec(0..6usize, 30),
    ) {
        let tape = Tape::new();
        let mut values: Vec<Var> = tape.vars(&expression.point);
        let mut open = Vec::new();
        for (step, &depth) in expression.steps.iter().zip(&depths) {
            // Scopes open and close anywhere, deeper than there are frames.
            match open.len() > depth {
                true => open.truncate(depth),
                false => open.push(tape.scope("part")),
            }
            values.push(step.run(&values));
        }
        open.clear();
        let report = tape.report(values[values.len() - 1]);
        let svg = report.svg().to_string();
        let layout = Layout::of(&svg);
        check(&report, &layout);
        prop_assert_eq!(layout.items.len(), report.nodes.len());
        let operands: usize = report.nodes.iter().map(|node| node.operands.len()).sum();
        prop_assert_eq!(layout.edges.len(), operands);
        prop_assert_eq!(report.svg().to_string(), svg);
    }
}

#[test]
fn each_observation_of_the_dosage_network_is_the_same_drawing_one_below_the_other() {
    let report = dosage_report();
    let layout = Layout::whole(&report);
    check(&report, &layout);
    let titles: Vec<&str> = layout.frames.iter().map(|frame| &*frame.title).collect();
    assert_eq!(titles, ["dosage 0", "dosage 0.5", "dosage 1"]);
    let [first, second, third] = &layout.frames[..] else { panic!("three frames") };
    let ([first, second, third], gap) = ([first, second, third].map(|f| f.place), 1);
    assert_eq!((first[0], second[0]), (second[0], third[0]));
    assert_eq!(second[gap] - first[gap], third[gap] - second[gap]);
    for part in ["blue", "orange", "predicted", "residual"] {
        let in_frame = |frame: Rectangle, dose: &str| {
            let place = place_of(&report, &layout, &format!("{part} {dose}"));
            (place[0] - frame[0], place[1] - frame[1])
        };
        assert_eq!(in_frame(first, "0"), in_frame(second, "0.5"), "{part}");
        assert_eq!(in_frame(first, "0"), in_frame(third, "1"), "{part}");
    }
    let ssr = place_of(&report, &layout, "SSR");
    assert_eq!(ssr[1], place_of(&report, &layout, "residual 0.5")[1]);
    assert!(layout.boxes.iter().all(|place| place[0] <= ssr[0]));
}

#[test]
fn a_leaf_stands_just_before_its_first_user() {
    let tape = Tape::new();
    let (w, b) = (tape.var(1.0).label("w"), tape.var(2.0).label("b"));
    let y = (w.sin().cos().label("near") + b).label("y");
    let report = tape.report((y * b).exp());
    let layout = Layout::whole(&report);
    let x = |name| place_of(&report, &layout, name)[0];
    assert_eq!(x("b"), x("near"));
    assert!(x("w") < x("b"));
}

#[test]
fn a_chain_is_straight() {
    let report = looped(3, 4, 2);
    let layout = Layout::whole(&report);
    let heights: Vec<i64> = layout.boxes.iter().map(|place| place[1]).collect();
    assert!(heights.iter().all(|&y| y == heights[0]), "{heights:?}");
    // One after the other, they share a band.
    assert!(layout.frames.iter().all(|frame| frame.place[1] == layout.frames[0].place[1]));
}

#[test]
fn nothing_and_one_node_have_a_layout() {
    let tape = Tape::new();
    let empty = Layout::whole(&tape.report(Var::from(1.0)));
    assert!(empty.items.is_empty() && empty.canvas[2] > 0 && empty.canvas[3] > 0);
    let report = tape.report(tape.var(1.0));
    check(&report, &Layout::whole(&report));
    assert!(Layout::inside(&report, 7).items.is_empty());
}

#[test]
fn every_node_is_in_exactly_one_innermost_group() {
    /// Draw a group and the groups in it, and count where each node is drawn.
    fn walk(report: &Report, group: usize, seen: &mut [usize]) -> usize {
        let svg = report.svg().group(group).to_string();
        let layout = Layout::of(&svg);
        let mut nodes = 0;
        for &item in &layout.items {
            match item {
                Item::Node(node) => {
                    seen[node] += 1;
                    nodes += 1;
                }
                Item::Group { number, nodes: inside } => {
                    assert_eq!(walk(report, number, seen), inside);
                    nodes += inside;
                }
            }
        }
        if layout.groups().next().is_some() {
            assert!(layout.items.len() <= 110, "{} groups in {group}", layout.items.len());
        } else {
            assert!(nodes <= 1000, "{nodes} nodes in {group}");
            if let (Some(Item::Node(first)), Some(Item::Node(last))) =
                (layout.items.first(), layout.items.last())
            {
                for node in [first, last] {
                    let around = report.svg().around(&format!("%{node}")).unwrap().to_string();
                    assert_eq!(around, svg, "{node}");
                }
            }
        }
        nodes
    }
    let cases = [(0, 0, 0), (3, 4, 2), (12, 400, 3), (1, 4000, 0), (0, 0, 9000), (4000, 2, 1)];
    for (rounds, inside, between) in cases {
        let report = looped(rounds, inside, between);
        let mut seen = vec![0; report.nodes.len()];
        walk(&report, 0, &mut seen);
        assert!(seen.iter().all(|&n| n == 1), "{rounds} {inside} {between}");
    }
}

#[test]
fn every_level_of_a_large_tape_can_be_drawn_and_no_edge_is_lost() {
    let report = looped(40, 150, 20);
    let operands: usize = report.nodes.iter().map(|node| node.operands.len()).sum();
    let mut drawn = 0;
    let mut groups = vec![0];
    while let Some(group) = groups.pop() {
        let layout = Layout::inside(&report, group);
        check(&report, &layout);
        drawn += layout.edges.iter().map(|edge| edge.count).sum::<usize>();
        groups.extend(layout.groups());
    }
    // An edge is drawn where the ways of its ends part, and nowhere else.
    assert_eq!(drawn, operands);
    let overview = Layout::of(&report.svg().to_string());
    let titles: Vec<&str> = overview.titles[1..4].iter().map(|title| &**title).collect();
    // The first is a group of one node, which is drawn as that node, and read first.
    assert_eq!(overview.items[0], Item::Node(0));
    assert_eq!(titles, ["round 0", "nodes 151–170", "round 1"]);
}

#[test]
fn edges_between_groups_are_counted_and_those_that_leave_too() {
    let tape = Tape::new();
    let x = tape.vars(&[0.5; 600]);
    let first = Var::scope("first", || x.iter().map(|x| x.sin()).collect::<Vec<_>>());
    // More than are drawn one by one.
    let middle = (0..5).fold(first, |first, _| first.iter().map(|x| x.cos()).collect());
    let last = Var::scope("last", || middle.iter().map(|x| x.cos()).collect::<Vec<_>>());
    let report = tape.report(last.into_iter().sum());
    let overview = Layout::of(&report.svg().to_string());
    let (at, first) = overview.titled("first");
    let count = |edges: &dyn Fn(&Edge) -> bool| {
        overview.edges.iter().filter(|e| edges(e)).map(|e| e.count).sum()
    };
    let (into, out): (usize, usize) = (count(&|e| e.to == at), count(&|e| e.from == at));
    assert_eq!((into, out, overview.left_out), (600, 600, 0));
    assert_eq!(Layout::inside(&report, first).left_out, 1200);
}

#[test]
fn inside_a_scope_only_the_scopes_in_it_have_frames() {
    let tape = Tape::new();
    let mut x = tape.var(0.5);
    Var::scope("outer", || {
        for part in ["a", "b"] {
            x = Var::scope(part, || (0..300).fold(x, |x, _| x.sin()));
        }
    });
    for _ in 0..600 {
        x = x.cos();
    }
    let report = tape.report(x);
    let svg = report.svg().around("%1").unwrap().to_string();
    assert!(svg.contains("; here outer, with 2 edges to and from elsewhere"));
    let layout = Layout::of(&svg);
    check(&report, &layout);
    let titles: Vec<&str> = layout.frames.iter().map(|frame| &*frame.title).collect();
    assert_eq!(titles, ["a", "b"]);
}

#[test]
fn bundles_are_named_by_their_scopes_and_say_which_are_alike() {
    let tape = Tape::new();
    let w = tape.vars(&[0.1, 0.2]);
    let row = |k: usize| {
        let _row = tape.scope(&format!("row {k}"));
        let y = (0..12).fold(w[0], |y, _| (y * w[1] + 1.0).tanh());
        // One row does something else.
        if k == 100 { y.exp() } else { y }
    };
    let rows: Vec<Var> = (0..228).map(row).collect();
    let report = tape.report(rows.into_iter().sum());
    let overview = report.svg().to_string();
    let layout = Layout::of(&overview);
    let bundles: Vec<&str> =
        layout.titles.iter().map(|t| &**t).filter(|title| title.contains(" … ")).collect();
    assert!((6..20).contains(&bundles.len()), "{bundles:?}");
    // From each to the next without a gap, and no numbers of nodes.
    let number = |text: &str| text.trim_start_matches("row ").parse::<usize>().expect("a row");
    let ends = bundles.iter().map(|title| title.split_once(" … ").expect("two rows"));
    let mut next = 0;
    for (first, last) in ends {
        assert_eq!(number(first), next);
        next = number(last) + 1;
    }
    assert_eq!(next, 228);
    let (_, first) = layout.titled(bundles[0]);
    let rows = number(bundles[0].split_once(" … ").expect("two rows").1) + 1;
    assert!(overview.contains(&format!("{rows} of 227 rows alike")), "{rows}");
    // The bundle with the odd one out does not say that its rows are alike.
    assert_eq!(overview.matches("rows alike").count(), bundles.len() - 1);
    let inside = report.svg().group(first).to_string();
    assert!(inside.contains(&format!("; here {}, with", bundles[0])), "{}", &inside[..2000]);
    // Few scopes are groups of their own.
    let report = looped(40, 150, 20);
    assert!(report.svg().to_string().contains("one of 40 rounds like this"));
}

#[test]
fn a_scope_that_is_all_of_a_group_is_no_level_of_its_own() {
    let tape = Tape::new();
    let y = Var::scope("outer", || {
        Var::scope("inner", || {
            let x = tape.var(0.5);
            let half = Var::scope("a", || (0..1700).fold(x, |x, _| x.sin()));
            Var::scope("b", || (0..1700).fold(half, |x, _| x.cos()))
        })
    });
    let report = tape.report(y);
    let overview = Layout::of(&report.svg().to_string());
    assert_eq!(overview.items[0], Item::Node(0));
    assert_eq!(overview.titles[1..], ["a", "b"]);
    let (_, a) = overview.titled("a");
    assert!(report.svg().group(a).to_string().contains("; here outer / inner / a, with"));
}

#[test]
fn x_times_x_has_two_edges_that_end_apart() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let layout = Layout::whole(&tape.report(x * x));
    let [first, second] = &layout.edges[..] else { panic!("two edges") };
    assert_eq!((first.operand, second.operand), (Some(0), Some(1)));
    assert!(first.points.last().unwrap()[1] < second.points.last().unwrap()[1]);
    assert_ne!(first.path, second.path);
}
