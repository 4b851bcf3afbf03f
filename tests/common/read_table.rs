//! A reader of the table on the terminal. It takes the places of the columns from the rule below their titles.

#![allow(dead_code, reason = "each test uses its part")]

use super::shown::{Shown, number};
use gradtape::Reach;
use std::collections::BTreeMap;
use std::ops::Range;

/// The cells of each row by column title. Every character must be one place wide.
#[track_caller]
pub fn cells(text: &str) -> Vec<BTreeMap<String, String>> {
    let lines: Vec<&str> = text.lines().collect();
    let rule = lines.iter().position(|line| line.starts_with('─')).expect("a rule");
    let columns = columns(lines[rule]);
    let titles = split(lines[rule - 1], &columns);
    let rows = lines[rule + 1..].iter().take_while(|line| !line.is_empty());
    rows.filter(|line| !line.contains('⋮'))
        .map(|line| titles.iter().cloned().zip(split(line, &columns)).collect())
        .collect()
}

/// The places of the columns.
fn columns(rule: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut columns = Vec::new();
    for part in rule.split("  ") {
        let width = part.chars().count();
        columns.push(at..at + width);
        at += width + 2;
    }
    columns
}

#[track_caller]
fn split(line: &str, columns: &[Range<usize>]) -> Vec<String> {
    let line: Vec<char> = line.chars().collect();
    let last = columns.last().map_or(0, |column| column.end);
    assert!(line.len() <= last, "a line is longer than the columns: {}", String::from_iter(&line));
    let at = |range: Range<usize>| -> String {
        let end = range.end.min(line.len());
        line[range.start.min(end)..end].iter().collect()
    };
    for pair in columns.windows(2) {
        let between = at(pair[0].end..pair[1].start);
        assert!(between.trim().is_empty(), "something stands between columns: {between}");
    }
    columns.iter().map(|column| at(column.clone()).trim().to_string()).collect()
}

/// The nodes of a table that nothing is cut off from.
#[track_caller]
pub fn read(text: &str) -> Vec<Shown> {
    assert!(!text.contains('…'), "something is cut off");
    cells(text).iter().map(row).collect()
}

#[track_caller]
fn row(cells: &BTreeMap<String, String>) -> Shown {
    let cell = |title: &str| cells.get(title).map_or("", |cell| cell);
    let index = |text: &str| text.strip_prefix('%').and_then(|i| i.parse().ok()).expect("an index");
    let operands: Vec<usize> = cell("operands").split_whitespace().map(index).collect();
    let partials: Vec<f64> = cell("partials").split_whitespace().map(number).collect();
    assert_eq!(operands.len(), partials.len(), "one partial an operand");
    let (reach, adjoint) = match cell("adjoint") {
        "-" => (Reach::NotConnected, 0.0),
        "blocked" => (Reach::Blocked, 0.0),
        "kink" => (Reach::AtKink, 0.0),
        text => (Reach::Connected, number(text)),
    };
    Shown {
        index: index(cell("node")),
        label: Some(cell("label").to_string()).filter(|label| !label.is_empty()),
        value: number(cell("value")),
        adjoint,
        reach,
        operands: operands.into_iter().zip(partials).collect(),
    }
}
