//! A report for pages that draw Mermaid.

use super::drawing::Drawing;
use super::{Report, UnknownName};
use crate::text::{DIGITS, counted, quoted};
use std::cmp::Reverse;
use std::error::Error;
use std::fmt;

/// The most edges that Mermaid draws: its setting `maxEdges`.
const MOST_EDGES: usize = 500;
/// The longest text that Mermaid reads, in UTF-16 units: its setting `maxTextSize`.
const MOST_TEXT: usize = 50_000;
/// How many scopes an error proposes.
const PROPOSED: usize = 3;
/// How many scopes are tried for that, each by drawing it.
const TRIED: usize = 24;

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
    pub fn mermaid(&self) -> Result<String, MermaidError> {
        flowchart(self, None)
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
    pub fn mermaid_of(&self, scope: &str) -> Result<String, MermaidError> {
        let scopes = self.scopes_named(scope).map_err(MermaidError::UnknownScope)?;
        flowchart(self, Some(&scopes))
    }
}

/// The drawing of some scopes, or of all, if Mermaid takes it.
fn flowchart(report: &Report, scopes: Option<&[usize]>) -> Result<String, MermaidError> {
    let drawing = Drawing::of(report, scopes, DIGITS);
    let edges = drawing.edges().count();
    if edges > MOST_EDGES {
        return Err(MermaidError::TooManyEdges { edges, scopes: smaller(&drawing, scopes) });
    }
    let text = written(&drawing);
    match length(&text) {
        characters if characters > MOST_TEXT => {
            Err(MermaidError::TooMuchText { characters, scopes: smaller(&drawing, scopes) })
        }
        _ => Ok(text),
    }
}

/// The length of a text as Mermaid counts it.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The largest scopes that Mermaid takes alone, inside those asked for: names and numbers of edges.
fn smaller(drawing: &Drawing<'_>, asked: Option<&[usize]>) -> Vec<(String, usize)> {
    let report = drawing.report;
    let edges = touched(drawing);
    // The scopes inside those asked for.
    let mut inside = vec![asked.is_none(); report.scopes.len()];
    for scope in 0..inside.len() {
        let is_in = |around| inside[around] || asked.is_some_and(|asked| asked.contains(&around));
        inside[scope] |= report.around(scope).is_some_and(is_in);
    }
    let mut scopes: Vec<usize> =
        (0..edges.len()).filter(|&s| inside[s] && (1..=MOST_EDGES).contains(&edges[s])).collect();
    scopes.sort_by_key(|&scope| Reverse(edges[scope]));
    let is_short = |&scope: &usize| {
        length(&written(&Drawing::of(report, Some(&[scope]), DIGITS))) <= MOST_TEXT
    };
    let fitting = scopes.into_iter().take(TRIED).filter(is_short).take(PROPOSED);
    fitting.map(|scope| (report.scope_name(scope), edges[scope])).collect()
}

/// How many edges touch each scope: begin or end in it, or do both.
///
/// An edge touches the scopes around either end, and those around both once. It is counted at the two innermost,
/// taken away at the innermost that is around both, and the counts are added up from the inside out. That one is found
/// by jumps (E. W. Myers, "An applicative random-access stack", 1983): scopes may be very deep.
fn touched(drawing: &Drawing<'_>) -> Vec<usize> {
    let report = drawing.report;
    let depths = report.scope_depths();
    let mut jumps: Vec<Option<usize>> = Vec::with_capacity(depths.len());
    for scope in 0..depths.len() {
        // Two jumps of one length become one.
        let depth = |scope: Option<usize>| scope.map_or(0, |scope| depths[scope] + 1);
        jumps.push(report.around(scope).and_then(|around| {
            let (once, twice) = (jumps[around], jumps[around].and_then(|scope| jumps[scope]));
            let is_even = depths[around] + 1 - depth(once) == depth(once) - depth(twice);
            if is_even { twice } else { Some(around) }
        }));
    }
    let up_to = |mut scope: usize, depth: usize| {
        while depths[scope] > depth {
            let jump = jumps[scope].filter(|&jump| depths[jump] >= depth);
            scope = jump.or(report.around(scope)).unwrap_or(scope);
        }
        scope
    };
    let both = |a: usize, b: usize| {
        let least = depths[a].min(depths[b]);
        let (mut a, mut b) = (up_to(a, least), up_to(b, least));
        while a != b {
            let steps = if jumps[a] == jumps[b] {
                [report.around(a), report.around(b)]
            } else {
                [jumps[a], jumps[b]]
            };
            let [Some(above_a), Some(above_b)] = steps else { return None };
            (a, b) = (above_a, above_b);
        }
        Some(a)
    };
    let mut counts = vec![0_isize; depths.len()];
    for (from, to, _) in drawing.edges() {
        let ends = [from, to].map(|node| report.nodes[node].scope);
        ends.into_iter().flatten().for_each(|scope| counts[scope] += 1);
        if let [Some(a), Some(b)] = ends
            && let Some(scope) = both(a, b)
        {
            counts[scope] -= 1;
        }
    }
    for scope in (0..counts.len()).rev() {
        if let Some(around) = report.around(scope) {
            counts[around] += counts[scope];
        }
    }
    counts.into_iter().map(|count| usize::try_from(count).unwrap_or(0)).collect()
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

fn written(drawing: &Drawing<'_>) -> String {
    let scope = |scope| format!("subgraph s{scope}[\"{}\"]", escaped(&drawing.scope(scope)));
    // Leaves have round ends, the output a double side.
    let node = |i: usize| {
        let (open, close) = match drawing.report.nodes[i].is_leaf() {
            true => ("([", "])"),
            false if drawing.report.output == Some(i) => ("[[", "]]"),
            false => ("[", "]"),
        };
        let lines: Vec<String> = drawing.lines(i).iter().map(|line| escaped(line)).collect();
        format!("n{i}{open}\"{}\"{close}", lines.join("<br/>"))
    };
    let mut text = format!("flowchart LR\n{}", drawing.nested(scope, "end", node));
    for (from, to, partial) in drawing.edges() {
        text += &format!("  n{from} -->|\"{}\"| n{to}\n", drawing.partial(partial));
    }
    for (class, look) in CLASSES {
        let has = |&i: &usize| match class {
            "cutoff" => drawing.is_cut_off(i),
            _ => drawing.severity(i).is_some_and(|severity| severity.to_string() == class),
        };
        let members: Vec<String> = drawing.nodes().filter(has).map(|i| format!("n{i}")).collect();
        if !members.is_empty() {
            text += &format!("  classDef {class} {look}\n  class {} {class}\n", members.join(","));
        }
    }
    text
}

/// A text in which Mermaid finds nothing to read as markup, Markdown, comment or directive: whatever could be
/// is an entity code, `#35;` for `#`.
fn escaped(text: &str) -> String {
    let escape = |(at, c): (usize, char)| {
        let after = text[at + c.len_utf8()..].chars().next();
        match c {
            c if is_plain(&text[..at], c, after) => c.to_string(),
            c if APART.contains(&(c, after.unwrap_or(' '))) => format!("#{};#8203;", c as u32),
            c => format!("#{};", c as u32),
        }
    };
    text.char_indices().map(escape).collect()
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
#[derive(Clone, PartialEq, Eq)]
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

/// The message: there may be very many scopes.
impl fmt::Debug for MermaidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MermaidError({self})")
    }
}

impl Error for MermaidError {}

#[cfg(test)]
mod tests {
    use super::{Drawing, escaped, touched};
    use crate::Tape;
    use std::collections::BTreeSet;

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
            assert_eq!(escaped(text), expected);
        }
    }

    /// Beside sets of all scopes around either end.
    #[test]
    fn edges_are_counted_at_every_scope_that_they_touch() {
        let random = &mut fastrand::Rng::with_seed(1);
        for _ in 0..60 {
            let tape = Tape::new();
            let (mut open, mut values) = (Vec::new(), vec![tape.var(0.5)]);
            for _ in 0..80 {
                match random.u8(..4) {
                    0 => open.push(tape.scope("s")),
                    1 => drop(open.pop()),
                    _ => {
                        let [a, b] = [0; 2].map(|_| values[random.usize(..values.len())]);
                        values.push((a * b).tanh());
                    }
                }
            }
            let report = tape.report(values[values.len() - 1]);
            let drawing = Drawing::of(&report, None, 6);
            let mut expected = vec![0; report.scopes.len()];
            for (from, to, _) in drawing.edges() {
                let innermost = [from, to].into_iter().filter_map(|node| report.nodes[node].scope);
                let around: BTreeSet<usize> =
                    innermost.flat_map(|scope| report.outwards(scope)).collect();
                around.into_iter().for_each(|scope| expected[scope] += 1);
            }
            assert_eq!(touched(&drawing), expected);
        }
    }
}
