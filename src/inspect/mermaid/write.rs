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

/// Pairs that Mermaid reads after it has decoded the codes: as a line break, a formula, an icon `fa:fa-car`.
/// A space without width keeps them apart.
const APART: [(char, char); 3] = [('\\', 'n'), ('$', '$'), (':', 'f')];

impl fmt::Display for Mermaid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drawing = self.drawing();
        f.write_str("flowchart LR\n")?;
        for (depth, step) in drawing.steps() {
            write!(f, "{:1$}", "", 2 + 2 * depth)?;
            match step {
                Step::Open(scope) => {
                    write!(f, "subgraph s{scope}[\"")?;
                    escaped(f, &drawing.scope(scope))?;
                    f.write_str("\"]\n")?;
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
    let shown = |(_, step): (usize, Step)| match step {
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
        let after = text[at + c.len_utf8()..].chars().next();
        match c {
            c if is_plain(&text[..at], c, after) => f.write_char(c)?,
            c if APART.contains(&(c, after.unwrap_or(' '))) => {
                write!(f, "#{};#8203;", c as u32)?;
            }
            c => write!(f, "#{};", c as u32)?,
        }
    }
    Ok(())
}

/// Whether a character means itself where it stands. Numbers and sums stay readable in the source.
fn is_plain(before: &str, c: char, after: Option<char>) -> bool {
    let last = before.chars().next_back();
    let before_digit = after.is_some_and(|c| c.is_ascii_digit());
    match c {
        ' ' | ',' | '!' | '(' => true,
        // Nor a list, `1. a` and `1) a`, nor a comment, `%%`.
        '.' => before_digit && last.is_some_and(|c| c.is_ascii_digit()),
        ')' => before.contains('('),
        '%' => before_digit && last != Some('%'),
        // Nor a list, `- a`, nor a rule, `---`.
        '+' | '-' => {
            let is_between = last == Some(' ') && after == Some(' ') && !before.trim().is_empty();
            let is_hyphen = c == '-' && last.is_some_and(char::is_alphanumeric);
            before_digit || is_between || (is_hyphen && after.is_some_and(char::is_alphanumeric))
        }
        c => c.is_alphanumeric() || !c.is_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;

    struct Escaped<'a>(&'a str);

    impl fmt::Display for Escaped<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            super::escaped(f, self.0)
        }
    }

    #[test]
    fn what_mermaid_would_read_as_more_than_text_is_a_code() {
        let cases = [
            ("softplus(%8) + w1 * -0.5", "softplus(%8) + w1 #42; -0.5"),
            ("a - b, 1e-9, !NaN, at-kink", "a - b, 1e-9, !NaN, at-kink"),
            ("\"#;", "#34;#35;#59;"),
            ("<b>&amp;", "#60;b#62;#38;amp#59;"),
            ("%%{init: {}}%%", "#37;#37;#123;init#58; #123;#125;#125;#37;#37;"),
            ("%%1", "#37;#37;1"),
            ("1. a", "1#46; a"),
            ("1) a", "1#41; a"),
            ("- a", "#45; a"),
            ("  - a", "  #45; a"),
            ("---", "#45;#45;#45;"),
            ("`a` *b* _c_", "#96;a#96; #42;b#42; #95;c#95;"),
            ("a\\nb\\", "a#92;#8203;nb#92;"),
            ("$$x$$", "#36;#8203;#36;x#36;#8203;#36;"),
            ("fa:fa-car a:b", "fa#58;#8203;fa-car a#58;b"),
            ("重み 😀", "重み 😀"),
        ];
        for (text, expected) in cases {
            assert_eq!(Escaped(text).to_string(), expected);
        }
    }
}
