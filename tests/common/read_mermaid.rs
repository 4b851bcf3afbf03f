//! A reader of the part of Mermaid that the inspector writes: nodes, edges, subgraphs, classes.

#![allow(dead_code, reason = "each test uses its part")]

use super::shown::{Shown, label_of, number};
use gradtape::Reach;

/// The text that a page shows for what stands between quotes.
pub fn decoded(text: &str) -> String {
    let mut parts = text.split('#');
    let mut decoded = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (code, rest) = part.split_once(';').expect("a code");
        let c = char::from_u32(code.parse().expect("a number")).expect("a character");
        // Seen by Mermaid alone.
        decoded.extend((c != '\u{200b}').then_some(c));
        decoded += rest;
    }
    decoded
}

fn index(name: &str) -> usize {
    name.strip_prefix('n').and_then(|i| i.parse().ok()).expect("the name of a node")
}

/// The nodes of a drawing with their edges; what the inspector never writes is refused.
#[track_caller]
pub fn read(text: &str) -> Vec<Shown> {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("flowchart LR"));
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for line in lines.map(str::trim) {
        let parts: Vec<&str> = line.split('"').collect();
        match parts[..] {
            ["end"] => {}
            [style] => assert!(style.starts_with("class"), "{style}"),
            [open, _, close] if open.starts_with("subgraph ") => assert_eq!(close, "]"),
            [open, label, close] if close.starts_with("| ") => {
                let from = open.strip_suffix(" -->|").expect("an arrow");
                edges.push((index(from), index(&close[2..]), number(&decoded(label))));
            }
            [open, label, _] => nodes.push(node(index(open.trim_end_matches(['(', '['])), label)),
            _ => panic!("{line}"),
        }
    }
    nodes.sort_by_key(|node| node.index);
    for (from, to, partial) in edges {
        nodes[to].operands.push((from, partial));
    }
    nodes
}

#[track_caller]
fn node(index: usize, label: &str) -> Shown {
    let lines: Vec<String> = label.split("<br/>").map(decoded).collect();
    let line = |lead: &str| lines.iter().find_map(|line| line.strip_prefix(lead));
    let (reach, adjoint) = match line("adjoint ") {
        None => {
            assert!(line("not connected").is_some(), "{lines:?}");
            (Reach::NotConnected, 0.0)
        }
        Some("blocked") => (Reach::Blocked, 0.0),
        Some("0 at a kink") => (Reach::AtKink, 0.0),
        Some(text) => (Reach::Connected, number(text)),
    };
    Shown {
        index,
        label: label_of(lines[0].clone(), index),
        value: line("value ").map(number).expect("a value"),
        adjoint,
        reach,
        operands: Vec::new(),
    }
}
