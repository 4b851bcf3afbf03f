//! Symbols, numbers, products, the sum, and the adjoint beside it.

use super::depends::count;
use super::factors::{Factor, factors};
use super::names::Names;
use super::style::{Style, widths};
use crate::inspect::Paths;
use crate::text::digits;
use crate::text::{pad, width};

/// Of a longer path the first and the last factors are shown, and how many are between.
const FACTORS: usize = 24;

/// The chain rule in symbols, and in numbers.
pub(super) fn chain(names: &Names<'_>, paths: &Paths, full: bool) -> Vec<Vec<String>> {
    let style = names.style;
    let factors = factors(names, &paths.listed, full);
    let derivative = names.derivative(names.report.output.unwrap_or(paths.node), paths.node);
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
    let shown: Vec<Vec<Shown<'_, '_>>> = factors.iter().map(|path| shown(path, full)).collect();
    let mut symbols = if is_short { vec![] } else { vec![derivative] };
    symbols.extend(rows(style, &leads(&head), &texts(style, &shown, |factor| factor.text(names))));
    if paths.remainder.is_some() {
        let others = count(names, paths.count - paths.listed.len() as f64);
        symbols.push(format!("{}+ {} {others} more", " ".repeat(margin), style.dots()));
    }
    // A factor that is alone is the product.
    let alone = factors.iter().all(|path| path.len() == 1);
    let numbers = match alone {
        true => vec![vec![]; factors.len()],
        false => texts(style, &shown, |factor| style.enclosed(factor.value())),
    };
    let blank = " ".repeat(margin);
    vec![symbols, products(style, &leads(&blank), &numbers, paths)]
}

/// A factor, or how many are left out.
enum Shown<'f, 'p> {
    Factor(&'f Factor<'p>),
    LeftOut(usize),
}

/// The factors of a path, of very many those at the ends.
fn shown<'f, 'p>(path: &'f [Factor<'p>], full: bool) -> Vec<Shown<'f, 'p>> {
    let factors = |factors: &'f [Factor<'p>]| factors.iter().map(Shown::Factor);
    if full || path.len() <= FACTORS {
        return factors(path).collect();
    }
    let end = FACTORS / 2;
    let between = Shown::LeftOut(path.len() - 2 * end);
    factors(&path[..end]).chain([between]).chain(factors(&path[path.len() - end..])).collect()
}

/// What is shown of each path, in symbols or in numbers.
fn texts(
    style: Style,
    shown: &[Vec<Shown<'_, '_>>],
    text: impl Fn(&Factor<'_>) -> String,
) -> Vec<Vec<String>> {
    let cell = |shown: &Shown<'_, '_>| match shown {
        Shown::Factor(factor) => text(factor),
        Shown::LeftOut(n) => format!("{0} {n} factors {0}", style.dots()),
    };
    shown.iter().map(|path| path.iter().map(cell).collect()).collect()
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
        _ => format!("{} {cell}", style.times()),
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
    let products: Vec<String> = paths.listed.iter().map(|p| style.number(p.product)).collect();
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
        Some(true) => style.tick().into(),
        Some(false) => {
            let apart = (paths.sum - paths.adjoint).abs();
            let of_largest = paths.relative_difference();
            let by = if apart.is_finite() && of_largest.is_finite() {
                let [apart, of_largest] = [apart, of_largest].map(|x| digits(x, 2));
                format!(" by {apart}, {of_largest} of the largest product")
            } else {
                ": a product along a path is not finite".into()
            };
            format!("{}differs{by}", style.cross())
        }
    };
    totals.push(row("by the sweep", paths.adjoint, verdict));
    totals
}
