//! The operations that a page can compute: of the script's rows those of the operations on its tape, and of its
//! functions those that these rows use.

use crate::inspect::Report;
use std::collections::BTreeSet;

const ROWS: &str = include_str!("page/ops.js");
const FUNCTIONS: &str = include_str!("page/special.js");

/// The rows of the report's operations, with the functions that they use in their place.
pub(super) fn of(report: &Report) -> String {
    let used: BTreeSet<&str> = report.nodes.iter().map(|node| node.op.info().name).collect();
    // A row is a line, which begins with its name.
    let name = |line: &str| line.split_once(": [").map(|(name, _)| name.trim().to_string());
    let is_wanted = |line: &&str| name(line).is_none_or(|name| used.contains(&*name));
    let rows: Vec<&str> = lines(ROWS).filter(is_wanted).collect();
    let mut known: BTreeSet<&str> = rows.iter().flat_map(|line| words(line)).collect();
    let mut functions = Vec::new();
    // A function uses those above it: whoever comes from below knows of all its users.
    for block in FUNCTIONS.split("\n\n").collect::<Vec<_>>().into_iter().rev() {
        let block: Vec<&str> = lines(block).collect();
        let defined = block.first().and_then(|line| words(line).nth(1));
        if defined.is_some_and(|name| known.contains(name)) {
            known.extend(block.iter().flat_map(|line| words(line)));
            functions.push(block.join("\n"));
        }
    }
    functions.reverse();
    rows.join("\n").replace("{functions}", &functions.join("\n")) + "\n"
}

/// The lines of a source without indentation and comments.
fn lines(source: &str) -> impl Iterator<Item = &str> {
    source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"))
}

/// The words of a line that may be names.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}
