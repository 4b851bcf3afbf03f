//! The flowchart.

use super::Mermaid;
use crate::inspect::Severity;
use crate::inspect::drawing::{Drawing, Step};
use std::fmt::{self, Write};

/// The looks of nodes. Only borders are set, so that text is readable on a light page and on a dark one.
const CLASSES: [(&str, &str); 4] = [
    ("error", "stroke:red,stroke-width:4px"),
    ("warning", "stroke:orange,stroke-width:4px"),
    ("note", "stroke:gray,stroke-width:4px"),
    ("cutoff", "stroke-dasharray:4"),
];

impl fmt::Display for Mermaid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drawing = self.drawing();
        f.write_str("flowchart LR\n")?;
        let mut depth = 1;
        for step in drawing.steps() {
            depth -= usize::from(step == Step::Close);
            write!(f, "{:1$}", "", 2 * depth)?;
            match step {
                Step::Open(scope) => {
                    write!(f, "subgraph s{scope}[\"")?;
                    escaped(f, &drawing.scope(scope))?;
                    f.write_str("\"]\n")?;
                    depth += 1;
                }
                Step::Close => f.write_str("end\n")?,
                Step::Node(i) => node(f, &drawing, i)?,
            }
        }
        for (from, to, partial) in drawing.edges() {
            writeln!(f, "  n{from} -->|\"{}\"| n{to}", drawing.partial(partial))?;
        }
        classes(f, &drawing)
    }
}

/// A node: leaves have round ends, the output a double side.
fn node(f: &mut fmt::Formatter<'_>, drawing: &Drawing<'_>, i: usize) -> fmt::Result {
    let (open, close) = match drawing.report.nodes[i].is_leaf() {
        true => ("([", "])"),
        false if drawing.is_output(i) => ("[[", "]]"),
        false => ("[", "]"),
    };
    write!(f, "n{i}{open}\"")?;
    for (at, line) in drawing.lines(i).iter().enumerate() {
        f.write_str(if at == 0 { "" } else { "<br/>" })?;
        escaped(f, line)?;
    }
    writeln!(f, "\"{close}")
}

/// The classes that are used, and the nodes that have them.
fn classes(f: &mut fmt::Formatter<'_>, drawing: &Drawing<'_>) -> fmt::Result {
    let shown = |step: Step| match step {
        Step::Node(i) => Some(i),
        _ => None,
    };
    let nodes: Vec<usize> = drawing.steps().into_iter().filter_map(shown).collect();
    for (class, look) in CLASSES {
        let has = |&&i: &&usize| match drawing.severity(i) {
            Some(Severity::Error) if class == "error" => true,
            Some(Severity::Warning) if class == "warning" => true,
            Some(Severity::Note) if class == "note" => true,
            _ => class == "cutoff" && drawing.is_cut_off(i),
        };
        let members: Vec<String> = nodes.iter().filter(has).map(|i| format!("n{i}")).collect();
        if !members.is_empty() {
            writeln!(f, "  classDef {class} {look}\n  class {} {class}", members.join(","))?;
        }
    }
    Ok(())
}

/// A text in which Mermaid finds nothing to read as markup, Markdown, comment or directive: whatever could be
/// is an entity code, `#35;` for `#`.
fn escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for (at, c) in text.char_indices() {
        let is_plain = c.is_alphanumeric() || c == ' ' || !c.is_ascii();
        // A point inside a number is no list of Markdown.
        let in_number = || {
            let before = text[..at].chars().next_back();
            let after = text[at + 1..].chars().next();
            before.is_some_and(|c| c.is_ascii_digit()) && after.is_some_and(|c| c.is_ascii_digit())
        };
        match is_plain || (c == '.' && in_number()) {
            true => f.write_char(c)?,
            false => write!(f, "#{};", c as u32)?,
        }
    }
    Ok(())
}
