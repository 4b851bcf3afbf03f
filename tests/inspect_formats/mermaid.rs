//! The drawing for Mermaid.

use super::read_mermaid::decoded;
use super::{HOSTILE, dosage, hostile, named, with_a_finding};
use gradtape::inspect::MermaidError;
use gradtape::{Tape, Var};

/// A chain of so many edges.
fn chain(tape: &Tape, edges: usize) -> Var {
    (0..edges).fold(tape.var(0.5), |x, _| x.sin())
}

/// What stands between quotes, line by line; nothing else may hold a quote.
fn quoted(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| line.contains('"'))
        .map(|line| {
            let parts: Vec<&str> = line.split('"').collect();
            assert_eq!(parts.len(), 3, "{line}");
            parts[1]
        })
        .collect()
}

#[test]
fn every_node_scope_and_edge_of_the_dosage_tape_is_drawn() {
    let (tape, ssr) = dosage();
    let report = tape.report(ssr);
    let text = report.mermaid().unwrap().to_string();
    assert_eq!(text.matches(" -->|").count(), report.statistics().edges);
    assert_eq!(text.matches("<br/>value ").count(), report.nodes.len());
    assert_eq!(text.matches("subgraph ").count(), 3);
    assert_eq!(text.lines().filter(|line| line.trim() == "end").count(), 3);
    assert!(text.contains("  n6([\"b3<br/>value 0<br/>adjoint -15.6551\"])\n"), "{text}");
    assert!(text.contains("  n9 -->|\"-1.22\"| n10\n"), "{text}");
    assert_eq!(text, tape.report(ssr).mermaid().unwrap().to_string());
}

/// Mermaid reads no empty quotes; and what shows nothing tells a reader nothing, in any drawing.
#[test]
fn names_that_show_nothing_are_drawn_as_numbers() {
    for nothing in ["", " ", "\t", "\u{3000}\u{a0}"] {
        let tape = Tape::new();
        let _scope = tape.scope(nothing);
        let x = tape.var(0.5).label(nothing);
        let y = (x * x).label(nothing);
        let report = tape.report(y).title(nothing);
        let text = report.mermaid().unwrap();
        assert!(text.contains("subgraph s0[\"scope 0\"]"), "{text}");
        assert!(text.contains("n1[[\"%1<br/>%0 #42; %0<br/>"), "{text}");
        assert!(quoted(&text).iter().all(|name| !name.trim().is_empty()), "{text}");
        let dot = report.dot().to_string();
        assert!(dot.contains("label=\"scope 0\"") && dot.contains("label=\"%1\\n%0 * %0"), "{dot}");
        let svg = report.svg().to_string();
        assert!(svg.contains(">scope 0</title>") && svg.contains(">%1</text>"), "{svg}");
        let explained = report.explain_node(0).to_string();
        assert!(explained.contains("%0") && explained.contains("%1"), "{explained}");
        // They are found by what they are called all the same.
        assert_eq!(report.find(nothing), Some(0));
        assert!(report.mermaid_of(nothing).is_ok() && report.dot().scope(nothing).is_ok());
    }
    for word in ["end", "subgraph", "click", "graph", "style", "class", "default", "o", "x"] {
        let tape = Tape::new();
        let _scope = tape.scope(word);
        let text = tape.report(tape.var(0.5).label(word).exp()).mermaid().unwrap();
        assert!(text.contains(&format!("subgraph s0[\"{word}\"]")), "{text}");
        assert_eq!(text.lines().filter(|line| line.trim() == "end").count(), 1);
    }
}

#[test]
fn five_hundred_edges_are_drawn_and_one_more_is_refused() {
    let tape = Tape::new();
    let y = chain(&tape, 500);
    assert_eq!(tape.report(y).mermaid().unwrap().to_string().matches("-->").count(), 500);
    let y = y.sin();
    let Err(MermaidError::TooManyEdges { edges, scopes }) = tape.report(y).mermaid() else {
        panic!("501 edges are drawn")
    };
    assert_eq!((edges, scopes), (501, vec![]));
    let error = tape.report(y).mermaid().unwrap_err().to_string();
    assert!(error.contains("here are 501: record it in smaller scopes"), "{error}");
}

#[test]
fn the_scopes_that_an_error_names_can_be_drawn() {
    let tape = Tape::new();
    let mut x = tape.var(0.5);
    for _ in 0..3 {
        let _outer = tape.scope("outer");
        for name in ["a", "a", "\"b\"\n"] {
            let _inner = tape.scope(name);
            x = (0..190).fold(x, |x, _| x.sin());
        }
    }
    let report = tape.report(x);
    let Err(MermaidError::TooManyEdges { edges, scopes }) = report.mermaid() else {
        panic!("1710 edges are drawn")
    };
    assert_eq!((edges, scopes.len()), (1710, 3));
    let Err(MermaidError::TooManyEdges { edges, scopes: inner }) = report.mermaid_of("outer#2")
    else {
        panic!("571 edges are drawn")
    };
    assert_eq!((edges, inner.len()), (571, 3));
    assert!(inner.iter().all(|(name, _)| name.starts_with("outer / ")));
    for (name, edges) in scopes.iter().chain(&inner) {
        let text = report.mermaid_of(name).unwrap().to_string();
        assert_eq!(text.matches("-->").count(), *edges, "{name}");
    }
}

#[test]
fn too_much_text_is_refused_as_mermaid_would() {
    let tape = Tape::new();
    let y = (0..400).fold(tape.var(0.5), |x, _| x.sin().label(&"a long label ".repeat(4)));
    let Err(MermaidError::TooMuchText { characters, .. }) = tape.report(y).mermaid() else {
        panic!("so much text is drawn")
    };
    assert!(characters > 50_000);
    let (tape, ssr) = dosage();
    assert!(tape.report(ssr).mermaid().unwrap().to_string().len() < 10_000);
}

#[test]
fn an_unknown_scope_is_an_error_that_lists_those_there_are() {
    let (tape, ssr) = dosage();
    let report = tape.report(ssr);
    let error = report.mermaid_of("dosage 2").unwrap_err();
    assert_eq!(error, report.mermaid_of("dosage 2").unwrap_err());
    assert!(error.to_string().contains("there are `dosage 0`, `dosage 0.5`, `dosage 1`"));
}

#[test]
fn hostile_labels_leave_the_language_alone() {
    let ((tape, y), (tame, z)) = (hostile(), named(|i| format!("label {i}")));
    let text = tape.report(y).mermaid().unwrap().to_string();
    // The same statements with other texts.
    let bare = |text: &str| -> String {
        let line = |line: &str| line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"") + "\n";
        text.lines().map(line).collect()
    };
    assert_eq!(bare(&text), bare(&tame.report(z).mermaid().unwrap().to_string()));
    for text in quoted(&text) {
        let text = text.replace("<br/>", "");
        // Without its codes, what is left means nothing to Mermaid.
        let codes = text.split('#').skip(1);
        for code in codes {
            let (number, _) = code.split_once(';').expect("a code");
            assert!(number.parse::<u32>().is_ok(), "{text}");
        }
        assert!(!text.contains(['<', '>', '&', '\\', '`', '{', '[', '*', '_']), "{text}");
        assert!(!text.contains("%%") && text.chars().all(|c| !c.is_control()), "{text}");
    }
    // The codes read back to the labels.
    let decoded = quoted(&text).into_iter().map(decoded).collect::<Vec<_>>().join("\n");
    for label in HOSTILE {
        assert!(decoded.contains(&super::visible(label)), "{label}:\n{decoded}");
    }
}

#[test]
fn nodes_with_findings_are_marked() {
    let mut report = with_a_finding();
    report.findings[0].node = Some(1);
    let text = report.mermaid().unwrap().to_string();
    assert!(text.contains("<br/>! branch-changed<br/>! non-finite-value\"]"), "{text}");
    assert!(
        text.ends_with("  classDef error stroke:red,stroke-width:4px\n  class n1 error\n"),
        "{text}"
    );
}
