//! The chain rule of every node of many tapes: what the page says of its paths, against Rust.
//!
//! Paths are found here once more by plain recursion over the report, without bounds and heaps.

use super::browser::Browser;
use super::reports::{all, doubling, number, prints};
use super::{Visit, browser};
use gradtape::Reach;
use gradtape::inspect::Report;
use serde_json::Value;
use std::sync::OnceLock;

/// How many paths the page lists at most, and how many of these it spells out.
const LISTED: usize = 64;
const SPELLED: usize = 12;

/// How many paths lead from each node to the output.
fn counts(report: &Report) -> Vec<f64> {
    let mut counts = vec![0.0; report.nodes.len()];
    let Some(output) = report.output else { return counts };
    counts[output] = 1.0;
    for i in (0..=output).rev() {
        for &o in &report.nodes[i].operands {
            counts[o] += counts[i];
        }
    }
    counts
}

/// The product of each path from `goal` to the output.
fn products(report: &Report, goal: usize) -> Vec<f64> {
    fn walk(report: &Report, at: usize, goal: usize, product: f64, found: &mut Vec<f64>) {
        if at == goal {
            found.push(product);
            return;
        }
        // Operands come before: below the goal there is no way to it.
        if at < goal {
            return;
        }
        let node = &report.nodes[at];
        for (&o, partial) in node.operands.iter().zip(&node.partials) {
            // The sweep does not propagate a 0.
            let product = if product == 0.0 { 0.0 } else { product * partial };
            walk(report, o, goal, product, found);
        }
    }
    let mut found = Vec::new();
    if let Some(output) = report.output {
        walk(report, output, goal, 1.0, &mut found);
    }
    // The largest first; NaN before all.
    let size = |x: &f64| if x.is_nan() { f64::INFINITY } else { x.abs() };
    found.sort_by(|a, b| size(b).total_cmp(&size(a)));
    found
}

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    found == expected
        || found.is_nan() && expected.is_nan()
        || (found - expected).abs() <= tolerance * expected.abs().max(1.0)
}

/// One node as the page shows it.
struct Source<'a> {
    what: String,
    page: &'a Value,
}

impl Source<'_> {
    fn data(&self, name: &str) -> f64 {
        let text = self.page["data"][name].as_str();
        text.unwrap_or_else(|| panic!("{}: no {name}", self.what)).parse().expect("a number")
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.page[name].as_array().unwrap_or_else(|| panic!("{}: no {name}", self.what));
        list.iter().map(|text| text.as_str().expect("text")).collect()
    }

    /// Each path that is spelled out: its fractions chain from the output to the node, and its factors
    /// multiply to its product.
    fn rows_are_right(&self, report: &Report, node: usize, products: &[f64]) {
        let rows = self.page["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), products.len().min(SPELLED), "{}: paths spelled out", self.what);
        for (row, expected) in rows.iter().zip(products) {
            let list = |name: &str| -> Vec<&str> {
                row[name]
                    .as_array()
                    .expect(name)
                    .iter()
                    .map(|t| t.as_str().expect("text"))
                    .collect()
            };
            let (names, factors) = (list("names"), list("factors"));
            let product = row["product"].as_str().expect("a product");
            assert!(
                prints(&number(product).abs().to_string(), expected.abs(), 6),
                "{}: {row}, not {expected}",
                self.what
            );
            if Some(node) == report.output {
                assert!(names.is_empty(), "{}: {row}", self.what);
                continue;
            }
            assert_eq!(names.len(), 2 * factors.len(), "{}: {row}", self.what);
            let ends =
                [names.first(), names.last()].map(|name| name.expect("a fraction").to_string());
            assert_eq!(ends, [report.output.expect("an output"), node].map(|i| report.name(i)));
            assert!(
                names[1..names.len() - 1].chunks(2).all(|pair| pair[0] == pair[1]),
                "{}: {row}",
                self.what
            );
            let multiplied: f64 = factors.iter().map(|text| number(text)).product();
            let shown = number(product);
            assert!(
                !shown.is_finite() || close(multiplied / shown, 1.0, 1e-3) || shown == 0.0,
                "{}: {row}",
                self.what
            );
        }
    }
}

fn check(report: &Report, node: usize, count: f64, page: &Value) {
    let what = format!("{} of {}", report.name(node), report.title);
    let seen = Source { what: what.clone(), page };
    let adjoint = report.nodes[node].adjoint;
    assert_eq!(page["data"]["node"], report.name(node), "{what}");
    assert_eq!(seen.data("paths"), count, "{what}: paths");
    assert!(close(seen.data("adjoint"), adjoint, 0.0), "{what}: adjoint {}", seen.data("adjoint"));
    assert_eq!(seen.data("listed"), count.min(LISTED as f64), "{what}: listed");

    // The page searches by itself; what Rust lists is the same.
    let paths = report.paths(node);
    assert_eq!((paths.count, paths.listed.len()), (count, seen.data("listed") as usize), "{what}");
    assert!(close(seen.data("sum"), paths.sum, 1e-12), "{what}: Rust sums to {}", paths.sum);
    assert_eq!(
        seen.data("agrees") == 1.0,
        paths.agrees == Some(true),
        "{what}: {:?}",
        paths.agrees
    );
    if let Some(remainder) = paths.remainder {
        let size = adjoint.abs().max(paths.sum.abs());
        let apart = (seen.data("remainder") - remainder).abs();
        assert!(apart <= 1e-12 * size, "{what}: remainder {remainder}");
    }

    let products = if count <= 1e4 { products(report, node) } else { return };
    assert_eq!(products.len() as f64, count, "{what}: the reference");
    let listed: f64 = products.iter().take(LISTED).sum();
    assert!(
        close(seen.data("sum"), listed, 1e-12),
        "{what}: sum {}, not {listed}",
        seen.data("sum")
    );
    let says = page["says"].as_str().unwrap_or("");
    if report.nodes[node].reach == Reach::NotConnected {
        assert!(
            says.contains("Not connected") && page["rows"].as_array().is_none_or(Vec::is_empty),
            "{what}: {says}"
        );
        return;
    }
    seen.rows_are_right(report, node, &products);
    let blocked = report.nodes[node].reach == Reach::Blocked;
    assert_eq!(says.contains("Blocked"), blocked, "{what}: {says}");
    let all = count <= LISTED as f64;
    let agrees = all && close(listed, adjoint, 1e-12);
    assert_eq!(seen.data("agrees"), f64::from(agrees), "{what}: the verdict");
    assert_eq!(says.contains('\u{2713}') && says.contains("They agree."), agrees, "{what}: {says}");
    let remainder = seen.data("remainder");
    assert!(
        all == (remainder == 0.0) || close(remainder, 0.0, 1e-12),
        "{what}: remainder {remainder}"
    );
    assert!(!all || remainder == 0.0, "{what}: remainder {remainder}");
    if !all {
        assert!(close(seen.data("sum") + remainder, adjoint, 1e-12), "{what}: shown + remainder");
        assert!(
            says.contains(&format!("The largest {LISTED} of")) && says.contains("remainder"),
            "{what}: {says}"
        );
    }
    let printed = seen.texts("verdict");
    assert!(
        prints(printed[0], listed, 10) && prints(printed[printed.len() - 1], adjoint, 10),
        "{what}: {printed:?}"
    );
}

/// What the page says of every node of every report, found once for all tests; the last is the dosage
/// network once more, with each step between two labels written out.
fn driven(browser: Browser) -> &'static (Vec<Report>, Vec<Value>) {
    static FOUND: OnceLock<(Vec<Report>, Vec<Value>)> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut reports = all();
        let script = include_str!("driver/chain.js");
        let page = |report: &Report| Visit::new(&report.html().to_string(), script);
        let mut visits: Vec<Visit> = reports.iter().map(page).collect();
        visits.push(visits[0].clone().at("#full=1"));
        reports.push(reports[0].clone());
        (reports, browser.drive(&visits))
    })
}

#[test]
fn paths_sums_and_adjoints_of_every_node_are_those_of_rust() {
    let (reports, found) = driven(browser!());
    for (found, report) in found.iter().zip(reports) {
        assert_eq!(found.as_array().map(Vec::len), Some(report.nodes.len()));
        for (node, &count) in counts(report).iter().enumerate() {
            check(report, node, count, &found[node]);
        }
    }
}

#[test]
fn of_too_many_paths_the_largest_are_summed_and_the_rest_is_said() {
    let (reports, found) = driven(browser!());
    let doubling = reports.iter().position(|report| *report == doubling()).expect("among them");
    let x = Source { what: "x".into(), page: &found[doubling][0] };
    assert_eq!(x.data("paths"), 60f64.exp2());
    // One path multiplies sixty 1s, sixty have one 0.9, the next have two.
    let largest = 1.0 + 60.0 * 0.9 + 3.0 * 0.81;
    assert!(close(x.data("sum"), largest, 1e-12), "{}", x.data("sum"));
    let adjoint = 1.9f64.powi(60);
    assert!(close(x.data("adjoint") / adjoint, 1.0, 1e-12));
    assert!(close((x.data("sum") + x.data("remainder")) / adjoint, 1.0, 1e-12));
    let says = x.page["says"].as_str().expect("words");
    assert!(says.contains("1.153e18 paths") && says.contains("the remainder"), "{says}");
}

#[test]
fn the_sum_that_the_sweep_makes_is_spelled_use_by_use() {
    let (reports, found) = driven(browser!());
    let mut spelled = 0;
    for (found, report) in found.iter().zip(reports) {
        for (i, users) in report.users().iter().enumerate() {
            let Some(uses) = found[i]["uses"].as_array().filter(|uses| !uses.is_empty()) else {
                continue;
            };
            let mut last = vec![];
            for &user in
                users.iter().rev().filter(|&&u| report.nodes[u].reach != Reach::NotConnected)
            {
                last.push(user);
            }
            assert_eq!(uses.len(), last.len().min(SPELLED), "{}: uses", report.name(i));
            for (texts, &user) in uses.iter().zip(&last) {
                let texts: Vec<&str> = texts
                    .as_array()
                    .expect("numbers")
                    .iter()
                    .map(|t| t.as_str().expect("text"))
                    .collect();
                let [adjoint, partial, product] = texts[..] else { panic!("{texts:?}") };
                let node = &report.nodes[user];
                assert!(prints(adjoint, node.adjoint, 5), "{}: {texts:?}", report.name(i));
                let fits = |(&o, &p): (&usize, &f64)| {
                    o == i && prints(partial, p, 5) && prints(product, node.adjoint * p, 6)
                };
                assert!(
                    node.operands.iter().zip(&node.partials).any(fits),
                    "{}: {texts:?}",
                    report.name(i)
                );
                spelled += 1;
            }
        }
    }
    assert!(spelled > 100, "{spelled} uses");
}
