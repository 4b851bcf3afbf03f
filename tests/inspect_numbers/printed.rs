//! Paths and what `explain` prints of them: read back, factors multiply to products, and products add up.

use super::formula::evaluate;
use super::property::config;
use super::{genes, wild};
use gradtape::Tape;
use gradtape::inspect::Report;
use proptest::prelude::*;

/// A number as a factor stands in print.
fn number(text: &str) -> f64 {
    let text = text.trim();
    let bare = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).unwrap_or(text);
    bare.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

/// What stands below the chain rule in symbols.
#[derive(Debug, Default)]
struct Printed {
    /// The factors and the product of each path.
    paths: Vec<(Vec<f64>, f64)>,
    sum: f64,
    not_shown: Option<f64>,
    swept: f64,
    is_ticked: bool,
}

/// Read the section of numbers of an explanation whose lines were not broken.
fn read(text: &str) -> Printed {
    let section = text.split("\n\n").nth(2).expect("three sections");
    let mut read = Printed::default();
    for line in section.lines().map(str::trim) {
        if let Some(sum) = line.strip_prefix("sum") {
            read.sum = number(sum);
        } else if let Some(rest) = line.strip_prefix("not shown") {
            read.not_shown = Some(number(rest));
        } else if let Some(swept) = line.strip_prefix("by the sweep") {
            let parts: Vec<&str> = swept.split_whitespace().collect();
            read.swept = number(parts[0]);
            read.is_ticked = parts.get(1) == Some(&"✓");
        } else {
            let row = line.strip_prefix(['=', '+']).expect("a path").trim();
            match row.rsplit_once(" = ") {
                Some((factors, product)) => {
                    let factors = factors.split('×').map(number).collect();
                    read.paths.push((factors, number(product)));
                }
                None => read.paths.push((vec![number(row)], number(row))),
            }
        }
    }
    read
}

/// The product, where what is 0 stays 0 as in the sweep.
fn product(factors: &[f64]) -> f64 {
    factors.iter().fold(1.0, |p, &factor| if p == 0.0 { p } else { p * factor })
}

fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// Check what is printed of one node, with all digits and every factor.
fn check(report: &Report, node: usize, most: usize) {
    let paths = report.paths_up_to(node, most);
    if paths.listed.iter().all(|path| path.edges.is_empty()) {
        return;
    }
    let explained = report.explain_node(node).full().digits(17).width(1_000_000).paths(most);
    let text = explained.to_string();
    let read = read(&text);
    // Equal paths share a row, which says how many there are.
    let symbols = text.split("\n\n").nth(1).expect("three sections").lines();
    let equal = |row: &str| {
        row.rsplit_once(" × ").and_then(|(_, n)| n.strip_suffix(" equal paths")?.parse().ok())
    };
    let counted: usize = symbols.map(|row| equal(row).unwrap_or(1)).sum();
    let counted = counted - usize::from(read.not_shown.is_some());
    assert!(counted >= paths.listed.len(), "{text}");
    assert_eq!(read.not_shown.is_some(), paths.count > counted as f64, "{text}");
    for (factors, printed) in &read.paths {
        assert!(same(product(factors), *printed), "{factors:?} = {printed}\n{text}");
    }
    let products: f64 = read.paths.iter().map(|path| path.1).sum();
    let size: f64 = read.paths.iter().map(|path| path.1.abs()).sum();
    assert!((products - read.sum).abs() <= 1e-14 * size, "{text}");
    assert!(same(read.swept, report.nodes[node].adjoint), "{text}");
    let agrees = report.paths_up_to(node, counted).agrees;
    assert_eq!(read.is_ticked, agrees == Some(true), "{text}");
    let all = read.sum + read.not_shown.unwrap_or(0.0);
    let scale = size.max(read.swept.abs()).max(1.0);
    assert!((all - read.swept).abs() <= 1e-12 * scale, "{text}");
    rules(report, &text);
}

/// Compute every right side of the local rules: all are the value at their end.
fn rules(report: &Report, text: &str) {
    let value = |name: &str| -> Option<f64> {
        Some(report.nodes[name.strip_prefix('%')?.parse::<usize>().ok()?].value)
    };
    let section = text.split("local rules\n").nth(1).expect("rules");
    // At a tie an equals sign is a comparison: those partials have a test of their own.
    for line in section.lines().filter(|line| !line.contains("½ if ")) {
        let mut sides: Vec<&str> = line.split(" = ").collect();
        let last = number(sides.pop().expect("a value"));
        for side in &sides[1..] {
            // The custom operation is no formula, nor are a condition among arguments and bars known.
            if side.contains("three") || side.contains("select(") || side.starts_with('|') {
                continue;
            }
            let computed = evaluate(side, &value).unwrap_or_else(|why| panic!("{line}: {why}"));
            // x⁰ is constant, also at 0, where the formula has no value.
            let is_convention = side.starts_with("0 * ") && side.ends_with("^(0 - 1)");
            let close = (computed - last).abs() <= 1e-9 * last.abs().max(1.0)
                || (is_convention && last == 0.0);
            assert!(close, "{line}: `{side}` is {computed}");
        }
    }
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn printed_factors_multiply_and_printed_products_add_up(genes in genes(10), most in 1..20_usize) {
        let tape = Tape::new();
        let values = wild(&tape, &genes);
        let report = tape.report(values[values.len() - 1]);
        for node in 0..report.nodes.len() {
            check(&report, node, most);
        }
    }

    #[test]
    fn rounded_factors_multiply_within_the_digits_shown(genes in genes(10)) {
        let tape = Tape::new();
        let values = wild(&tape, &genes);
        let report = tape.report(values[values.len() - 1]);
        for node in 0..report.nodes.len() {
            let paths = report.paths_up_to(node, 8);
            if paths.listed.iter().all(|path| path.edges.is_empty()) {
                continue;
            }
            let text = report.explain_node(node).width(1_000_000).full().to_string();
            let read = read(&text);
            for (factors, printed) in &read.paths {
                // Half a unit of the sixth digit of each number.
                let off = 5.1e-6 * (factors.len() + 1) as f64;
                prop_assert!((product(factors) - printed).abs() <= off * printed.abs(), "{}", text);
            }
            let size: f64 = read.paths.iter().map(|path| path.1.abs()).sum();
            let all = read.sum + read.not_shown.unwrap_or(0.0);
            prop_assert!((all - read.swept).abs() <= 2e-5 * size.max(read.swept.abs()), "{}", text);
        }
    }

    #[test]
    fn the_paths_of_every_node_add_up_to_the_sweep(genes in genes(12)) {
        let tape = Tape::new();
        let values = wild(&tape, &genes);
        for &output in values.iter().rev().take(3) {
            let report = tape.report(output);
            for node in 0..report.nodes.len() {
                let paths = report.paths_up_to(node, 4000);
                if paths.remainder.is_some() {
                    continue;
                }
                let size: f64 = paths.listed.iter().map(|path| path.product.abs()).sum();
                prop_assert!((paths.sum - report.nodes[node].adjoint).abs() <= 1e-13 * size);
                // And so do the uses, one step at a time.
                if Some(node) != report.output {
                    let uses = report.uses(node);
                    let sum: f64 = uses.iter().map(|(_, added)| added).sum();
                    let size: f64 = uses.iter().map(|(_, added)| added.abs()).sum();
                    prop_assert!((sum - report.nodes[node].adjoint).abs() <= 1e-14 * size);
                }
                let in_order: f64 = paths.listed.iter().map(|path| path.product).sum();
                prop_assert!((paths.sum - in_order).abs() <= 1e-13 * size);
            }
        }
    }
}
