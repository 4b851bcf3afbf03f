//! The drawing for Graphviz.

use super::read_dot::{Graph, parse};
use super::{HOSTILE, dosage, hostile, visible, with_a_finding};
use gradtape::Tape;

fn node(graph: &Graph, index: usize) -> &super::read_dot::Node {
    graph.nodes.iter().find(|node| node.index == index).expect("the node is drawn")
}

#[test]
fn an_operand_taken_twice_has_two_edges() {
    let tape = Tape::new();
    let x = tape.var(3.0).label("x");
    let graph = parse(&tape.report((x * x).label("y")).dot().to_string());
    let edges: Vec<_> = graph.edges.iter().map(|e| (e.from, e.to, &*e.label)).collect();
    assert_eq!(edges, [(0, 1, "3"), (0, 1, "3")]);
    assert_eq!(node(&graph, 1).lines, ["y", "x * x", "value 9", "adjoint 1"]);
}

#[test]
fn scopes_are_clusters_inside_each_other() {
    let tape = Tape::new();
    let x = tape.var(0.5);
    let outer = tape.scope("outer");
    let y = x.sin();
    let z = {
        let _inner = tape.scope("inner");
        y.cos()
    };
    let w = z.exp();
    drop(outer);
    let _empty = tape.scope("empty");
    let text = tape.report(w * 2.0).dot().to_string();
    let graph = parse(&text);
    let clusters: Vec<_> = graph.nodes.iter().map(|node| node.clusters.join(" / ")).collect();
    assert_eq!(clusters, ["", "outer", "outer / inner", "outer", "empty"]);
    let graph = parse(&tape.report(w).dot().scope("outer / inner").unwrap().to_string());
    let drawn: Vec<usize> = graph.nodes.iter().map(|node| node.index).collect();
    // The cosine, and the nodes that its edges touch.
    assert_eq!(drawn, [1, 2, 3]);
    assert_eq!(graph.edges.len(), 2);
}

#[test]
fn the_drawing_of_a_scope_is_a_part_of_the_whole() {
    let (tape, ssr) = dosage();
    let whole = tape.report(ssr).dot().to_string();
    let part = tape.report(ssr).dot().scope("dosage 0.5").unwrap().to_string();
    assert!(part.lines().all(|line| whole.contains(line)));
    let (whole, part) = (parse(&whole), parse(&part));
    assert_eq!((whole.nodes.len(), whole.edges.len()), (41, 58 - 4));
    // 11 nodes of its own, seven parameters and the result.
    assert_eq!((part.nodes.len(), part.edges.len()), (19, 17 + 1));
}

#[test]
fn an_unknown_scope_is_an_error_that_lists_those_there_are() {
    let (tape, ssr) = dosage();
    let unknown = tape.report(ssr).dot().scope("dosage 2").unwrap_err().to_string();
    assert!(
        unknown.starts_with("no scope is called `dosage 2`; there are `dosage 0`"),
        "{unknown}"
    );
}

#[test]
fn hostile_labels_are_read_back() {
    let (tape, y) = hostile();
    let report = tape.report(y).title(HOSTILE[0]);
    let graph = parse(&report.dot().to_string());
    assert_eq!(graph.title, visible(HOSTILE[0]));
    assert_eq!((graph.nodes.len(), graph.edges.len()), {
        (report.nodes.len(), report.nodes.iter().map(|node| node.operands.len()).sum())
    });
    for (node, drawn) in report.nodes.iter().zip(&graph.nodes) {
        if let Some(label) = &node.label {
            let index = format!(" (%{})", drawn.index);
            let name = &drawn.lines[0];
            assert_eq!(name.strip_suffix(&index).unwrap_or(name), visible(label));
        }
        let scope = node.scope.map(|scope| visible(&report.scopes[scope].name));
        assert_eq!(drawn.clusters, Vec::from_iter(scope));
    }
}

#[test]
fn leaves_the_output_and_what_is_cut_off_look_different() {
    let tape = Tape::new();
    let (x, unused) = (tape.var(2.0), tape.var(3.0));
    let y = x.exp() + unused.floor();
    let graph = parse(&tape.report(y).dot().to_string());
    let has = |i: usize, name: &str, value: &str| {
        node(&graph, i).attributes.get(name).is_some_and(|v| v == value)
    };
    for i in 0..tape.len() {
        assert_eq!(has(i, "shape", "ellipse"), i < 2);
        assert_eq!(has(i, "peripheries", "2"), i + 1 == tape.len());
        assert_eq!(has(i, "style", "dashed"), i == 1);
    }
}

#[test]
fn nodes_with_findings_are_marked() {
    let mut report = with_a_finding();
    report.findings[0].node = Some(1);
    let graph = parse(&report.dot().to_string());
    let marked = |i: usize| {
        let node = node(&graph, i);
        let line = node.lines.iter().any(|line| line == "! branch-changed");
        assert_eq!(line, node.attributes.contains_key("penwidth"));
        line
    };
    assert_eq!([marked(0), marked(1)], [false, true]);
}

#[test]
fn the_same_tape_gives_the_same_bytes() {
    let texts = [0, 1].map(|_| {
        let (tape, ssr) = dosage();
        tape.report(ssr).dot().to_string()
    });
    assert_eq!(texts[0], texts[1]);
}
