//! The chain rule along each path: symbols, numbers, products, their sum and the adjoint beside it; then the rules
//! of the nodes on the way.

use super::names::{Style, Words, widths};
use crate::inspect::{Path, PathEdge, Paths};
use crate::text::{counted, digits, pad, width};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Of a longer path the first and the last factors are shown, and how many are between.
const FACTORS: usize = 24;

/// The chain rule in symbols, and in numbers.
pub(super) fn chain(words: &Words<'_>, paths: &Paths, full: bool) -> Vec<Vec<String>> {
    let style = words.style;
    let factors = factors(words, &paths.listed, full);
    let derivative = words.derivative(words.report.output.unwrap_or(paths.node), paths.node);
    let is_short = width(&derivative) <= style.width / 3;
    let margin = if is_short { width(&derivative) + 1 } else { 4 };
    let head = if is_short { derivative.clone() + " " } else { " ".repeat(margin) };
    let leads = |first: &str| -> Vec<String> {
        let lead = |i: usize| match i {
            0 => format!("{first}= "),
            _ => " ".repeat(margin) + "+ ",
        };
        (0..factors.len()).map(lead).collect()
    };
    // The factors of each path, of very many those at the ends; then how many equal paths there are.
    let texts = |text: &dyn Fn(Factor<'_>) -> String,
                 between: &dyn Fn(&[Factor<'_>]) -> String,
                 equal: &dyn Fn(f64) -> String| {
        let row = |(factors, path): (&Vec<Factor<'_>>, &Path)| {
            let mut texts = texts(factors, full, text, between);
            texts.extend((path.count > 1.0).then(|| equal(path.count)));
            texts
        };
        factors.iter().zip(&paths.listed).map(row).collect::<Vec<_>>()
    };
    let mut symbols = if is_short { vec![] } else { vec![derivative] };
    let names = texts(
        &|factor| text_of(words, factor),
        &|between| format!("{0} {1} factors {0}", style.sign("…"), between.len()),
        &|count| words.paths(count).replace(" paths", " equal paths"),
    );
    symbols.extend(rows(style, &leads(&head), &names));
    if paths.remainder.is_some() {
        let listed: f64 = paths.listed.iter().map(|path| path.count).sum();
        let others = words.paths(paths.count - listed);
        symbols.push(format!("{}+ {} {others} more", " ".repeat(margin), style.sign("…")));
    }
    // A factor that is alone is the product.
    let alone = names.iter().all(|path| path.len() == 1);
    let numbers = match alone {
        true => vec![vec![]; factors.len()],
        false => texts(
            &|factor| style.enclosed(value(words, factor)),
            &|between| {
                let (count, product) = (between.len(), style.number(product_of(words, between)));
                format!("({} {count} factors: {product})", style.sign("…"))
            },
            &|count| style.number(count),
        ),
    };
    let blank = " ".repeat(margin);
    vec![symbols, products(style, &leads(&blank), &numbers, paths)]
}

/// The factors of a path in symbols or in numbers; of very many those at the ends, and what is `between` as one.
pub(super) fn texts(
    path: &[Factor<'_>],
    full: bool,
    text: &dyn Fn(Factor<'_>) -> String,
    between: &dyn Fn(&[Factor<'_>]) -> String,
) -> Vec<String> {
    let ends = if full || path.len() <= FACTORS + 1 { path.len() } else { FACTORS / 2 };
    let mut texts: Vec<String> = path[..ends].iter().map(|factor| text(factor)).collect();
    if ends < path.len() {
        let (middle, end) = path[ends..].split_at(path.len() - 2 * ends);
        texts.push(between(middle));
        texts.extend(end.iter().map(|factor| text(factor)));
    }
    texts
}

/// Rows in columns if they fit; else each in as many lines as it needs.
fn rows(style: Style, leads: &[String], rows: &[Vec<String>]) -> Vec<String> {
    aligned(style, leads, rows, false).unwrap_or_else(|| {
        let wrapped = leads.iter().zip(rows);
        wrapped.flat_map(|(lead, row)| style.wrap(lead, &pieces(style, row))).collect()
    })
}

/// The factors of a product, each with its sign of multiplication before it.
fn pieces(style: Style, row: &[String]) -> Vec<String> {
    let piece = |(i, cell): (usize, &String)| match i {
        0 => cell.clone(),
        _ => format!("{} {cell}", style.sign("×")),
    };
    row.iter().enumerate().map(piece).collect()
}

/// Rows in columns, all equally long; none if that is longer than the width.
fn aligned(
    style: Style,
    leads: &[String],
    rows: &[Vec<String>],
    right: bool,
) -> Option<Vec<String>> {
    let widths = widths(rows);
    let line = |(lead, row): (&String, &Vec<String>)| {
        let cells = row.iter().zip(&widths).map(|(cell, &places)| pad(cell, places, right));
        lead.clone() + &pieces(style, &cells.collect::<Vec<_>>()).join(" ")
    };
    let lines: Vec<String> = leads.iter().zip(rows).map(line).collect();
    let longest = lines.iter().map(|line| width(line.trim_end())).max().unwrap_or(0);
    let lines = lines.iter().map(|line| pad(line.trim_end(), longest, false)).collect();
    (longest <= style.width).then_some(lines)
}

/// The numbers of each path with their product, and below the products their sum and the adjoint.
fn products(style: Style, leads: &[String], factors: &[Vec<String>], paths: &Paths) -> Vec<String> {
    let products: Vec<String> = paths.listed.iter().map(|p| style.number(p.adds())).collect();
    let totals = totals(style, paths);
    let length = |text: &String| width(text);
    let numbers = products.iter().chain(totals.iter().map(|(_, number, _)| number));
    let column = numbers.map(length).max().unwrap_or(0);
    // The products end where the totals do, so that they stand one below the other.
    let mut before = totals.iter().map(|(name, _, _)| length(name)).max().unwrap_or(0);
    let fits = |line: &String| length(line) + 3 + column <= style.width;
    let table = aligned(style, leads, factors, true).filter(|lines| lines.iter().all(fits));
    let mut lines = Vec::new();
    if let Some(table) = table {
        before = before.max(table.iter().map(length).max().unwrap_or(0) + 1);
        for (line, product) in table.iter().zip(&products) {
            let line = pad(line, before - 1, false);
            let equal = if factors.iter().all(Vec::is_empty) { ' ' } else { '=' };
            lines.push(format!("{line} {equal} {}", pad(product, column, true)));
        }
    } else {
        for ((lead, row), product) in leads.iter().zip(factors).zip(&products) {
            let equal = [format!("= {product}")];
            lines.extend(style.wrap(lead, &[&pieces(style, row)[..], &equal].concat()));
        }
    }
    for (name, number, verdict) in totals {
        let line = format!("{}  {}", pad(&name, before, true), pad(&number, column, true));
        if verdict.is_empty() {
            lines.push(line);
        } else if length(&line) + 2 + length(&verdict) <= style.width {
            lines.push(format!("{line}  {verdict}"));
        } else {
            lines.push(line);
            let words: Vec<String> = verdict.split(' ').map(str::to_string).collect();
            lines.extend(style.wrap("    ", &words));
        }
    }
    lines
}

/// What stands below the products: a name, a number, and what there is to say.
fn totals(style: Style, paths: &Paths) -> Vec<(String, String, String)> {
    let row = |name: &str, x: f64, verdict: String| (name.to_string(), style.number(x), verdict);
    let mut totals = vec![row("sum", paths.sum, String::new())];
    if let Some(remainder) = paths.remainder {
        totals.push(row("not shown", remainder, String::new()));
    }
    let verdict = match paths.agrees {
        None => String::new(),
        Some(true) if paths.adjoint.is_nan() => "neither is a number".into(),
        Some(true) => style.sign("✓").into(),
        Some(false) => {
            let apart = (paths.sum - paths.adjoint).abs();
            let of_largest = paths.relative_difference();
            let by = if apart.is_finite() && of_largest.is_finite() {
                let [apart, of_largest] = [apart, of_largest].map(|x| digits(x, 2));
                format!(" by {apart}, {of_largest} of the largest product")
            } else {
                ": a product along a path is not finite".into()
            };
            format!("{}differs{by}", style.sign("✗ "))
        }
    };
    totals.push(row("by the sweep", paths.adjoint, verdict));
    totals
}

/// One factor of a path: an edge, or several that are contracted.
pub(super) type Factor<'p> = &'p [PathEdge];

/// The node whose derivative a factor is, and that with respect to which.
pub(super) fn ends(factor: Factor<'_>) -> (usize, usize) {
    (factor[0].user, factor[factor.len() - 1].node)
}

/// The number of a factor, multiplied in the order of the sweep; 0 if an edge is blocked.
pub(super) fn value(words: &Words<'_>, factor: Factor<'_>) -> f64 {
    match factor.iter().all(|edge| words.report.nodes[edge.user].carries(edge.partial)) {
        true => factor.iter().fold(1.0, |product, edge| product * edge.partial),
        false => 0.0,
    }
}

/// What several factors multiply to.
pub(super) fn product_of(words: &Words<'_>, factors: &[Factor<'_>]) -> f64 {
    value(words, &factors.concat())
}

fn text_of(words: &Words<'_>, factor: Factor<'_>) -> String {
    let (user, node) = ends(factor);
    match factor {
        [edge] => words.partial(*edge),
        _ => words.derivative(user, node),
    }
}

/// Split each path into factors. With `full` every edge is one.
///
/// Elsewhere a run of unlabelled nodes becomes one factor if it is between two labelled nodes or ends, and is
/// all that is between them: then the factor *is* the derivative of one with respect to the other, all
/// labelled nodes between held. A path without labelled nodes on the way keeps all its edges.
pub(super) fn factors<'p>(
    words: &Words<'_>,
    paths: &'p [Path],
    full: bool,
) -> Vec<Vec<Factor<'p>>> {
    let mut only = BTreeMap::new();
    let mut split = |path: &'p Path| {
        let edges = &path.edges[..];
        let labelled = |edge: &PathEdge| words.is_labelled(edge.node);
        let inner = &edges[..edges.len().saturating_sub(1)];
        let runs: Vec<Factor<'p>> = match !full && inner.iter().any(labelled) {
            true => edges.split_inclusive(labelled).collect(),
            false => edges.chunks(1).collect(),
        };
        let mut factors = Vec::new();
        for run in runs {
            let ends = ends(run);
            let is_only = run.len() == 1
                || *only.entry(ends).or_insert_with(|| is_only_run(words, ends.0, ends.1));
            factors.extend(run.chunks(if is_only { run.len() } else { 1 }));
        }
        factors
    };
    paths.iter().map(&mut split).collect()
}

/// Whether exactly one path leads from a node to another by unlabelled nodes alone.
fn is_only_run(words: &Words<'_>, from: usize, to: usize) -> bool {
    let mut ways = vec![0_usize; from - to + 1];
    ways[0] = 1;
    for i in to + 1..=from {
        let node = &words.report.nodes[i];
        if i == from || !words.is_labelled(i) {
            let below =
                node.operands.iter().filter_map(|operand| ways.get(operand.checked_sub(to)?));
            ways[i - to] = below.fold(0, |sum: usize, &ways| sum.saturating_add(ways));
        }
    }
    ways[from - to] == 1
}

/// The most nodes whose rules are shown.
const RULES: usize = 24;

/// The contracted factors in all their edges, then the nodes on the way with their local partials.
pub(super) fn rules(words: &Words<'_>, paths: &Paths, full: bool) -> Vec<Vec<String>> {
    let sections = [
        ("factors of several operations", contracted(words, paths, full)),
        ("local rules", nodes(words, paths, full)),
    ];
    let section = |(title, lines): (&str, Vec<String>)| [vec![title.to_string()], lines].concat();
    sections.into_iter().filter(|(_, lines)| !lines.is_empty()).map(section).collect()
}

fn contracted(words: &Words<'_>, paths: &Paths, full: bool) -> Vec<String> {
    let style = words.style;
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    let mut left_out = 0;
    for factor in factors(words, &paths.listed, full).into_iter().flatten() {
        if factor.len() == 1 || !seen.insert(ends(factor)) {
            continue;
        }
        if seen.len() > RULES {
            left_out += 1;
            continue;
        }
        let product = |text: &dyn Fn(&PathEdge) -> String| -> Vec<String> {
            let sign = |i: usize| if i == 0 { "=" } else { style.sign("×") };
            let edges = factor.iter().enumerate();
            edges.map(|(i, edge)| format!("{} {}", sign(i), text(edge))).collect()
        };
        let mut pieces = product(&|&edge| words.partial(edge));
        pieces.extend(product(&|edge| style.enclosed(edge.partial)));
        pieces.push(format!("= {}", style.number(value(words, factor))));
        lines.extend(style.wrap(&format!("  {} ", text_of(words, factor)), &pieces));
    }
    lines.extend(more(left_out, "more factor"));
    lines
}

fn nodes(words: &Words<'_>, paths: &Paths, full: bool) -> Vec<String> {
    let mut on_the_way: BTreeMap<Reverse<usize>, BTreeMap<usize, PathEdge>> = BTreeMap::new();
    for edge in paths.listed.iter().flat_map(|path| &path.edges) {
        on_the_way.entry(Reverse(edge.user)).or_default().insert(edge.operand, *edge);
    }
    let shown = if full { on_the_way.len() } else { RULES };
    let left_out = on_the_way.len().saturating_sub(shown);
    let mut lines = Vec::new();
    for (Reverse(node), edges) in on_the_way.into_iter().take(shown) {
        let [symbols, numbers] = words.expressions(node);
        let value = words.style.value(words.report.nodes[node].value);
        lines.extend(equation(words, "  ", &words.node(node), &[symbols, numbers, value]));
        for edge in edges.into_values() {
            let [symbols, numbers] = words.partials(edge);
            let equal = [symbols, numbers, words.style.number(edge.partial)];
            lines.extend(equation(words, "    ", &words.partial(edge), &equal));
        }
    }
    lines.extend(more(left_out, "more node"));
    lines
}

fn more(left_out: usize, noun: &str) -> Option<String> {
    (left_out > 0).then(|| format!("  and {}", counted(left_out, noun)))
}

/// `left = a = b = c`, without repeating what is the same, in lines of the width.
fn equation(words: &Words<'_>, margin: &str, left: &str, equal: &[String]) -> Vec<String> {
    let mut sides: Vec<&String> = equal.iter().filter(|side| !side.is_empty()).collect();
    sides.dedup();
    let pieces: Vec<String> = sides.into_iter().map(|side| format!("= {side}")).collect();
    words.style.wrap(&format!("{margin}{left} "), &pieces)
}
