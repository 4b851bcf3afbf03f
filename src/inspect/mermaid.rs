//! A report for pages that draw Mermaid.

use super::drawing::{Drawing, Statement};
use super::{Report, Severity, UnknownName};
use crate::text::{DIGITS, counted, quoted};
use std::error::Error;
use std::fmt::{self, Write};

/// The most edges that Mermaid draws: its setting `maxEdges`.
const MOST_EDGES: usize = 500;
/// The longest text that Mermaid reads, in UTF-16 units: its setting `maxTextSize`.
const MOST_TEXT: usize = 50_000;
/// How many scopes an error proposes.
const PROPOSED: usize = 3;
/// How many scopes are tried for that, each by drawing it.
const TRIED: usize = 24;

/// A report as a Mermaid flowchart.
#[derive(Clone, Debug)]
struct Mermaid<'a> {
    report: &'a Report,
    scopes: Option<Vec<usize>>,
}

impl Report {
    /// Draw the nodes for Mermaid: a flowchart, which pages of code hosts draw where it stands in a code block
    /// `mermaid`.
    ///
    /// It shows what [`Dot`](crate::inspect::Dot) shows: value and adjoint in each node, the local partial on each
    /// edge, a subgraph for each scope. Leaves have round ends, the output a double side, nodes that the output
    /// does not depend on a dashed border; a node that a finding is about has a thick border and a line with the
    /// finding's code.
    ///
    /// Any label is safe: what is not a letter, a digit or a space is written in Mermaid's entity codes. The
    /// language is described on <https://mermaid.js.org/syntax/flowchart.html>.
    ///
    /// # Errors
    /// If there are more edges or more text than Mermaid takes, 500 edges and 50,000 characters. The error names
    /// scopes that can be drawn alone, by [`mermaid_of`](Report::mermaid_of).
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0).label("x");
    /// let text = tape.report((x * x).label("y")).mermaid()?.to_string();
    /// assert!(text.starts_with("flowchart LR\n  n0([\"x<br/>value 3<br/>adjoint 6\"])\n"));
    /// assert_eq!(text.matches("n0 -->|\"3\"| n1\n").count(), 2);
    /// # Ok::<(), gradtape::inspect::MermaidError>(())
    /// ```
    pub fn mermaid(&self) -> Result<impl fmt::Display + fmt::Debug, MermaidError> {
        Mermaid { report: self, scopes: None }.checked()
    }

    /// Draw the scopes of a name or path `outer / inner` for Mermaid, with the nodes around that their edges
    /// touch.
    ///
    /// Where several have the name, `row#2` is the second of them.
    ///
    /// # Errors
    /// If no scope has that name, or there are more edges or more text than Mermaid takes. The error names
    /// scopes that can be drawn.
    ///
    /// ```
    /// use gradtape::{Tape, nn::Dosage};
    /// let tape = Tape::new();
    /// let dosage = Dosage::details_2();
    /// let report = tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)));
    /// let text = report.mermaid_of("dosage 1")?.to_string();
    /// assert!(text.contains("subgraph s2[\"dosage 1\"]"));
    /// let error = report.mermaid_of("dosage 2").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "no scope is called `dosage 2`; there are `dosage 0`, `dosage 0.5`, `dosage 1`",
    /// );
    /// # Ok::<(), gradtape::inspect::MermaidError>(())
    /// ```
    pub fn mermaid_of(
        &self,
        scope: &str,
    ) -> Result<impl fmt::Display + fmt::Debug + use<'_>, MermaidError> {
        let scopes = self.scopes_named(scope).map_err(MermaidError::UnknownScope)?;
        Mermaid { report: self, scopes: Some(scopes) }.checked()
    }
}

impl<'a> Mermaid<'a> {
    fn drawing(&self) -> Drawing<'_> {
        Drawing::of(self.report, self.scopes.as_deref(), DIGITS)
    }

    /// The drawing, if Mermaid takes it.
    fn checked(self) -> Result<Mermaid<'a>, MermaidError> {
        let edges = self.drawing().edges().count();
        if edges > MOST_EDGES {
            return Err(MermaidError::TooManyEdges { edges, scopes: self.smaller() });
        }
        let characters = self.characters();
        if characters > MOST_TEXT {
            return Err(MermaidError::TooMuchText { characters, scopes: self.smaller() });
        }
        Ok(self)
    }

    /// The length of the text as Mermaid counts it.
    fn characters(&self) -> usize {
        struct Count(usize);
        impl Write for Count {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0 += text.encode_utf16().count();
                Ok(())
            }
        }
        let mut count = Count(0);
        // Counting never fails.
        let _done = write!(count, "{self}");
        count.0
    }

    /// The largest scopes that Mermaid takes alone, inside those asked for: names and numbers of edges.
    fn smaller(&self) -> Vec<(String, usize)> {
        let drawing = self.drawing();
        let mut edges = vec![0; self.report.scopes.len()];
        for (from, to, _) in drawing.edges() {
            for scope in self.around([from, to]) {
                edges[scope] += 1;
            }
        }
        let mut scopes: Vec<usize> =
            (0..edges.len()).filter(|&s| (1..=MOST_EDGES).contains(&edges[s])).collect();
        scopes.sort_by_key(|&scope| std::cmp::Reverse(edges[scope]));
        let is_short = |&scope: &usize| {
            Mermaid { report: self.report, scopes: Some(vec![scope]) }.characters() <= MOST_TEXT
        };
        let fitting = scopes.into_iter().take(TRIED).filter(is_short).take(PROPOSED);
        fitting.map(|scope| (self.report.scope_name(scope), edges[scope])).collect()
    }

    /// The scopes around either of two nodes, each once, inside those asked for.
    fn around(&self, nodes: [usize; 2]) -> Vec<usize> {
        let mut around = Vec::new();
        for node in nodes {
            let path = self.report.scopes_around(node);
            let inner = match &self.scopes {
                None => 0,
                Some(asked) => path
                    .iter()
                    .position(|scope| asked.contains(scope))
                    .map_or(path.len(), |outermost| outermost + 1),
            };
            around.extend(&path[inner..]);
        }
        around.sort_unstable();
        around.dedup();
        around
    }
}

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
        for (depth, statement) in drawing.statements() {
            write!(f, "{:1$}", "", 2 + 2 * depth)?;
            match statement {
                Statement::Open(scope) => {
                    write!(f, "subgraph s{scope}[\"")?;
                    escaped(f, &drawing.scope(scope))?;
                    f.write_str("\"]\n")?;
                }
                Statement::Close => f.write_str("end\n")?,
                Statement::Node(i) => node(f, &drawing, i)?,
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
    let shown = |(_, statement): (usize, Statement)| match statement {
        Statement::Node(i) => Some(i),
        _ => None,
    };
    let nodes: Vec<usize> = drawing.statements().into_iter().filter_map(shown).collect();
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

/// Why there is no Mermaid drawing.
///
/// ```
/// use gradtape::{Tape, Var, inspect::MermaidError};
/// let tape = Tape::new();
/// let mut x = tape.var(0.5);
/// for layer in 0..3 {
///     let _scope = tape.scope(&format!("layer {layer}"));
///     x = (0..200).fold(x, |x, _| x.sin());
/// }
/// let report = tape.report(x);
/// assert_eq!(
///     report.mermaid().unwrap_err().to_string(),
///     "Mermaid draws at most 500 edges, here are 600: ask `mermaid_of` for one scope, for instance \
///      `layer 0` (201 edges), `layer 1` (201 edges), `layer 2` (200 edges); DOT has no such limit",
/// );
/// assert!(report.mermaid_of("layer 1").is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MermaidError {
    /// There are more edges than Mermaid draws.
    TooManyEdges {
        /// How many there are.
        edges: usize,
        /// Scopes that can be drawn alone with how many edges, the largest first.
        scopes: Vec<(String, usize)>,
    },
    /// There is more text than Mermaid reads.
    TooMuchText {
        /// How long it is, in UTF-16 units.
        characters: usize,
        /// Scopes that can be drawn alone with how many edges, the largest first.
        scopes: Vec<(String, usize)>,
    },
    /// No scope has the name that was asked for.
    UnknownScope(UnknownName),
}

impl fmt::Display for MermaidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scopes = match self {
            MermaidError::TooManyEdges { edges, scopes } => {
                write!(f, "Mermaid draws at most {MOST_EDGES} edges, here are {edges}: ")?;
                scopes
            }
            MermaidError::TooMuchText { characters, scopes } => {
                write!(f, "Mermaid reads at most {MOST_TEXT} characters, here are {characters}: ")?;
                scopes
            }
            MermaidError::UnknownScope(unknown) => return unknown.fmt(f),
        };
        let named = |(name, edges): &(String, usize)| {
            format!("{} ({})", quoted(name), counted(*edges, "edge"))
        };
        let listed = scopes.iter().map(named).collect::<Vec<_>>().join(", ");
        match scopes.is_empty() {
            true => f.write_str("record it in smaller scopes with `Tape::scope`")?,
            false => write!(f, "ask `mermaid_of` for one scope, for instance {listed}")?,
        }
        f.write_str("; DOT has no such limit")
    }
}

impl Error for MermaidError {}

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
