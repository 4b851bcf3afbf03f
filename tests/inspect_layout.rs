//! The layout of a report: what a drawing may rely on.

mod common {
    pub mod apply;
    pub mod expression;
    pub mod formula;
    pub mod naive;
}

use common::expression::expressions;
use gradtape::inspect::{Edge, Groups, Item, Layout, Place, Report, ScopeFrame};
use gradtape::nn::Dosage;
use gradtape::{Real, Tape, Var};
use proptest::prelude::*;

/// A box or a frame: left, top, right, bottom.
type Rectangle = [i64; 4];

fn boxed(place: Place) -> Rectangle {
    [place.x, place.y, place.x + Layout::WIDTH, place.y + Layout::HEIGHT]
}

fn framed(frame: &ScopeFrame) -> Rectangle {
    [frame.place.x, frame.place.y, frame.place.x + frame.width, frame.place.y + frame.height]
}

fn overlap(a: Rectangle, b: Rectangle) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

fn holds(outer: Rectangle, inner: Rectangle) -> bool {
    outer[0] < inner[0] && outer[1] < inner[1] && inner[2] < outer[2] && inner[3] < outer[3]
}

/// The curve of an edge as points.
fn points(edge: &Edge) -> Vec<Place> {
    [&[edge.start][..], &edge.bends, &[edge.end]].concat()
}

/// The scopes around a node, the innermost first.
fn around(report: &Report, node: usize) -> Vec<usize> {
    let first = report.nodes[node].scope;
    std::iter::successors(first, |&scope| report.scopes[scope].parent).collect()
}

/// All that holds of every layout.
fn check(report: &Report, layout: &Layout) {
    let boxes: Vec<Rectangle> = layout.places.iter().map(|&place| boxed(place)).collect();
    let canvas = [0, 0, layout.width, layout.height];
    for (i, &a) in boxes.iter().enumerate() {
        assert!(holds(canvas, a), "{a:?} is not on the canvas {canvas:?}");
        for &b in &boxes[..i] {
            assert!(!overlap(a, b), "{a:?} and {b:?} overlap");
        }
    }
    for edge in &layout.edges {
        let points = points(edge);
        assert_eq!(points[0].x, boxes[edge.from][2]);
        assert_eq!(points[points.len() - 1].x, boxes[edge.to][0]);
        assert!(points.windows(2).all(|pair| pair[0].x < pair[1].x), "{edge:?} turns back");
        assert!(
            points.iter().all(|p| 0 < p.y && p.y < layout.height),
            "{edge:?} leaves the canvas"
        );
        for bend in edge.bends.chunks(2) {
            let level = [bend[0].x, bend[0].y, bend[1].x, bend[1].y];
            assert_eq!(bend[0].y, bend[1].y);
            assert!(boxes.iter().all(|&b| !overlap(level, b)), "{edge:?} runs through a box");
        }
    }
    for (i, frame) in layout.frames.iter().enumerate() {
        let this = framed(frame);
        assert!(holds(canvas, this), "{frame:?} is not on the canvas");
        for (item, &place) in layout.items.iter().zip(&boxes) {
            let &Item::Node(node) = item else { panic!("a frame among groups") };
            let inside = around(report, node).contains(&frame.scope);
            assert_eq!(holds(this, place), inside, "node {node} and {frame:?}");
            assert_eq!(overlap(this, place), inside, "node {node} and {frame:?}");
        }
        for other in &layout.frames[..i] {
            let other = framed(other);
            assert!(holds(other, this) || !overlap(other, this), "{frame:?} cuts another");
        }
    }
}

fn names(report: &Report, layout: &Layout) -> Vec<String> {
    let name = |item: &Item| match *item {
        Item::Node(node) => report.name(node),
        Item::Group(group) => format!("group {group}"),
    };
    layout.items.iter().map(name).collect()
}

fn place_of(report: &Report, layout: &Layout, name: &str) -> Place {
    let at = names(report, layout).iter().position(|n| n == name);
    layout.places[at.unwrap_or_else(|| panic!("no {name}"))]
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
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

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
        let layout = Layout::of(&report);
        check(&report, &layout);
        prop_assert_eq!(layout.items.len(), report.nodes.len());
        let operands: usize = report.nodes.iter().map(|node| node.operands.len()).sum();
        prop_assert_eq!(layout.edges.len(), operands);
        prop_assert_eq!(&Layout::of(&report), &layout);
    }
}

#[test]
fn each_observation_of_the_dosage_network_is_the_same_drawing_one_below_the_other() {
    let report = dosage_report();
    let layout = Layout::of(&report);
    check(&report, &layout);
    let titles: Vec<&str> = layout.frames.iter().map(|frame| &*frame.title).collect();
    assert_eq!(titles, ["dosage 0", "dosage 0.5", "dosage 1"]);
    let [first, second, third] = &layout.frames[..] else { panic!("three frames") };
    assert_eq!((first.place.x, second.place.x), (second.place.x, third.place.x));
    assert_eq!(second.place.y - first.place.y, third.place.y - second.place.y);
    for part in ["blue", "orange", "predicted", "residual"] {
        let in_frame = |frame: &ScopeFrame, dose: &str| {
            let place = place_of(&report, &layout, &format!("{part} {dose}"));
            (place.x - frame.place.x, place.y - frame.place.y)
        };
        assert_eq!(in_frame(first, "0"), in_frame(second, "0.5"), "{part}");
        assert_eq!(in_frame(first, "0"), in_frame(third, "1"), "{part}");
    }
    let ssr = place_of(&report, &layout, "SSR");
    assert_eq!(ssr.y, place_of(&report, &layout, "residual 0.5").y);
    assert!(layout.places.iter().all(|place| place.x <= ssr.x));
}

#[test]
fn a_leaf_stands_just_before_its_first_user() {
    let tape = Tape::new();
    let (w, b) = (tape.var(1.0).label("w"), tape.var(2.0).label("b"));
    let y = (w.sin().cos().label("near") + b).label("y");
    let report = tape.report((y * b).exp());
    let layout = Layout::of(&report);
    let x = |name| place_of(&report, &layout, name).x;
    assert_eq!(x("b"), x("near"));
    assert!(x("w") < x("b"));
}

#[test]
fn a_chain_is_straight() {
    let report = looped(3, 4, 2);
    let layout = Layout::of(&report);
    let heights: Vec<i64> = layout.places.iter().map(|place| place.y).collect();
    assert!(heights.iter().all(|&y| y == heights[0]), "{heights:?}");
    // One after the other, they share a band.
    assert!(layout.frames.iter().all(|frame| frame.place.y == layout.frames[0].place.y));
}

#[test]
fn nothing_and_one_node_have_a_layout() {
    let tape = Tape::new();
    let empty = Layout::of(&tape.report(Var::from(1.0)));
    assert!(empty.items.is_empty() && empty.width > 0 && empty.height > 0);
    let report = tape.report(tape.var(1.0));
    check(&report, &Layout::of(&report));
    assert_eq!(Layout::inside(&report, &Groups::of(&report), 7), Layout::default());
}

#[test]
fn every_node_is_in_exactly_one_innermost_group() {
    let cases = [(0, 0, 0), (3, 4, 2), (12, 400, 3), (1, 4000, 0), (0, 0, 9000), (4000, 2, 1)];
    for (rounds, inside, between) in cases {
        let report = looped(rounds, inside, between);
        let groups = Groups::of(&report);
        let mut seen = vec![0; report.nodes.len()];
        for (g, group) in groups.all.iter().enumerate() {
            if group.children.is_empty() {
                assert!(group.nodes <= 500, "{group:?}");
                for node in group.range() {
                    seen[node] += 1;
                    assert_eq!(groups.innermost(node), g);
                }
            } else {
                assert!(group.children.len() <= 110, "{} groups in {g}", group.children.len());
                let nodes: usize = group.children.iter().map(|&c| groups.all[c].nodes).sum();
                assert_eq!(nodes, group.nodes);
                assert!(group.children.iter().all(|&c| groups.all[c].parent == Some(g)));
            }
        }
        assert!(seen.iter().all(|&n| n == 1), "{rounds} {inside} {between}");
    }
}

#[test]
fn every_level_of_a_large_tape_can_be_drawn_and_no_edge_is_lost() {
    let report = looped(40, 150, 20);
    let groups = Groups::of(&report);
    let operands: usize = report.nodes.iter().map(|node| node.operands.len()).sum();
    let mut drawn = 0;
    for g in 0..groups.all.len() {
        let layout = Layout::inside(&report, &groups, g);
        check(&report, &layout);
        drawn += layout.edges.iter().map(|edge| edge.count).sum::<usize>();
        let is_innermost = groups.all[g].children.is_empty();
        assert_eq!(layout.items.iter().all(|item| matches!(item, Item::Node(_))), is_innermost);
    }
    // An edge is drawn where the ways of its ends part, and nowhere else.
    assert_eq!(drawn, operands);
    let titles: Vec<&str> =
        groups.all[0].children.iter().map(|&c| &*groups.all[c].title).take(4).collect();
    assert_eq!(titles, ["node 0", "round 0", "nodes 151–170", "round 1"]);
}

#[test]
fn edges_between_groups_are_counted_and_those_that_leave_too() {
    let tape = Tape::new();
    let x = tape.vars(&[0.5; 600]);
    let first = Var::scope("first", || x.iter().map(|x| x.sin()).collect::<Vec<_>>());
    let last = Var::scope("last", || first.iter().map(|x| x.cos()).collect::<Vec<_>>());
    let report = tape.report(last.into_iter().sum());
    let groups = Groups::of(&report);
    let overview = Layout::overview(&report);
    let first = groups.all.iter().position(|group| group.title == "first").expect("a group");
    let at = overview.items.iter().position(|&item| item == Item::Group(first)).expect("an item");
    let count = |edges: &dyn Fn(&Edge) -> bool| {
        overview.edges.iter().filter(|e| edges(e)).map(|e| e.count).sum()
    };
    let (into, out): (usize, usize) = (count(&|e| e.to == at), count(&|e| e.from == at));
    assert_eq!((into, out, overview.left_out), (600, 600, 0));
    assert_eq!(Layout::inside(&report, &groups, first).left_out, 1200);
}

#[test]
fn inside_a_scope_only_the_scopes_in_it_have_frames() {
    let tape = Tape::new();
    let mut x = tape.var(0.5);
    Var::scope("outer", || {
        for part in ["a", "b"] {
            x = Var::scope(part, || (0..200).fold(x, |x, _| x.sin()));
        }
    });
    for _ in 0..300 {
        x = x.cos();
    }
    let report = tape.report(x);
    let groups = Groups::of(&report);
    let outer = groups.innermost(1);
    assert_eq!(groups.all[outer].title, "outer");
    let layout = Layout::inside(&report, &groups, outer);
    check(&report, &layout);
    let titles: Vec<&str> = layout.frames.iter().map(|frame| &*frame.title).collect();
    assert_eq!(titles, ["a", "b"]);
}

#[test]
fn a_scope_that_is_all_of_a_group_is_no_level_of_its_own() {
    let tape = Tape::new();
    let y = Var::scope("outer", || {
        Var::scope("inner", || {
            let x = tape.var(0.5);
            let half = Var::scope("a", || (0..700).fold(x, |x, _| x.sin()));
            Var::scope("b", || (0..700).fold(half, |x, _| x.cos()))
        })
    });
    let groups = Groups::of(&tape.report(y));
    assert_eq!(groups.all[0].title, "outer / inner");
    let titles: Vec<&str> = groups.all[0].children.iter().map(|&c| &*groups.all[c].title).collect();
    assert_eq!(titles, ["node 0", "a", "b"]);
}

#[test]
fn x_times_x_has_two_edges_that_end_apart() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let layout = Layout::of(&tape.report(x * x));
    let [first, second] = &layout.edges[..] else { panic!("two edges") };
    assert_eq!((first.operand, second.operand), (0, 1));
    assert!(first.end.y < second.end.y);
    assert_ne!(first.path(), second.path());
}
