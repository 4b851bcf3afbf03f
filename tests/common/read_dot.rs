//! A reader of the part of DOT that the inspector writes: statements, attributes, quoted strings, clusters.

#![allow(dead_code, reason = "each test uses its part")]

use super::shown::{Shown, label_of, number};
use gradtape::Reach;
use std::collections::BTreeMap;

/// A statement about a node, with the labels of the clusters around it.
#[derive(Clone, Debug)]
pub struct Node {
    pub index: usize,
    pub lines: Vec<String>,
    pub attributes: BTreeMap<String, String>,
    pub clusters: Vec<String>,
}

/// A statement about an edge.
#[derive(Clone, Debug)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    pub label: String,
}

/// A drawing.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub title: String,
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

/// A word, a quoted string or a sign of the language.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// Cut the text into tokens. In a quoted string only `\"` and `\\` may be escaped, beside `\n` for a new line.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => tokens.push(Token::Text(quoted(&mut rest))),
            '-' if rest.peek() == Some(&'>') => {
                rest.next();
                tokens.push(Token::Sign('>'));
            }
            '{' | '}' | '[' | ']' | '=' | ',' | ';' => tokens.push(Token::Sign(c)),
            c if c.is_whitespace() => {}
            c => {
                assert!(c.is_ascii_alphanumeric(), "{c} stands outside of quotes");
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    tokens
}

fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut text = String::new();
    loop {
        match rest.next().expect("an end of the string") {
            '"' => break,
            '\\' => match rest.next().expect("an escape") {
                'n' => text.push('\n'),
                c @ ('"' | '\\') => text.push(c),
                c => panic!("\\{c} is no escape for plain text"),
            },
            c => text.push(c),
        }
    }
    assert!(!text.contains(['<', '>']), "{text} could be read as HTML");
    let entities = text.matches('&').count();
    let known = ["&amp;", "&lt;", "&gt;"].iter().map(|e| text.matches(e).count()).sum::<usize>();
    assert_eq!(entities, known, "{text} has entities of its own");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Read a drawing; what the inspector never writes is refused.
#[track_caller]
pub fn parse(text: &str) -> Graph {
    let tokens = tokens(text);
    let sign = |at: usize, c| tokens.get(at) == Some(&Token::Sign(c));
    let word = |at: usize| match &tokens[at] {
        Token::Word(word) => word.as_str(),
        other => panic!("a word is missing at {other:?}"),
    };
    assert_eq!((word(0), word(1)), ("digraph", "tape"));
    assert!(sign(2, '{'));
    let mut graph = Graph::default();
    let mut clusters: Vec<String> = Vec::new();
    let mut at = 3;
    while !(sign(at, '}') && clusters.is_empty()) {
        if sign(at, '}') {
            clusters.pop();
            at += 1;
            continue;
        }
        let name = word(at);
        if name == "subgraph" {
            assert!(word(at + 1).starts_with("cluster_") && sign(at + 2, '{'));
            assert!(word(at + 3) == "label" && sign(at + 4, '=') && sign(at + 6, ';'));
            let Token::Text(label) = &tokens[at + 5] else { panic!("a cluster's label") };
            clusters.push(label.clone());
            at += 7;
            continue;
        }
        let target = sign(at + 1, '>').then(|| word(at + 2));
        at += if target.is_some() { 3 } else { 1 };
        let (attributes, end) = attributes(&tokens, at);
        at = end;
        let label = attributes.get("label").cloned().unwrap_or_default();
        match (name, target) {
            ("graph", None) => graph.title = label,
            ("node" | "edge", None) => {}
            (from, Some(to)) => {
                graph.edges.push(Edge { from: index(from), to: index(to), label });
            }
            (node, None) => graph.nodes.push(Node {
                index: index(node),
                lines: label.split('\n').map(str::to_string).collect(),
                attributes,
                clusters: clusters.clone(),
            }),
        }
    }
    assert_eq!(at + 1, tokens.len(), "something stands behind the drawing");
    graph
}

/// The attributes between brackets, and where the statement ends.
fn attributes(tokens: &[Token], open: usize) -> (BTreeMap<String, String>, usize) {
    assert_eq!(tokens[open], Token::Sign('['));
    let mut attributes = BTreeMap::new();
    let mut at = open + 1;
    loop {
        let (Token::Word(name), Token::Sign('=')) = (&tokens[at], &tokens[at + 1]) else {
            panic!("an attribute is missing at {:?}", tokens[at]);
        };
        let (Token::Word(value) | Token::Text(value)) = &tokens[at + 2] else {
            panic!("{name} has no value");
        };
        attributes.insert(name.clone(), value.clone());
        match &tokens[at + 3] {
            Token::Sign(',') => at += 4,
            Token::Sign(']') => break,
            other => panic!("{other:?} stands between attributes"),
        }
    }
    assert_eq!(tokens[at + 4], Token::Sign(';'));
    (attributes, at + 5)
}

fn index(name: &str) -> usize {
    name.strip_prefix('n').and_then(|i| i.parse().ok()).expect("the name of a node")
}

/// The nodes of a drawing with their edges.
#[track_caller]
pub fn read(text: &str) -> Vec<Shown> {
    let graph = parse(text);
    let mut nodes = graph.nodes;
    nodes.sort_by_key(|node| node.index);
    let shown = |node: &Node| {
        let line = |lead: &str| node.lines.iter().find_map(|line| line.strip_prefix(lead));
        let (reach, adjoint) = match line("adjoint ") {
            None => {
                assert!(line("not connected").is_some(), "{node:?}");
                (Reach::NotConnected, 0.0)
            }
            Some("blocked") => (Reach::Blocked, 0.0),
            Some("0 at a kink") => (Reach::AtKink, 0.0),
            Some(text) => (Reach::Connected, number(text)),
        };
        let into = graph.edges.iter().filter(|edge| edge.to == node.index);
        let name = node.lines[0].clone();
        Shown {
            index: node.index,
            label: label_of(name, node.index),
            value: line("value ").map(number).expect("a value"),
            adjoint,
            reach,
            operands: into.map(|edge| (edge.from, number(&edge.label))).collect(),
        }
    };
    nodes.iter().map(shown).collect()
}
