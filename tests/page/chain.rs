//! The chain rule of every node of many tapes: what the page says of its paths, against Rust.
//!
//! Paths are found here once more by plain recursion over the report, without bounds and heaps.

use super::blocks::blocks;
use super::browser::Browser;
use super::reports::{all, doubling, number, prints};
use super::{Visit, browser};
use gradtape::inspect::Report;
use gradtape::{Reach, Tape, Var};
use indexmap::IndexMap;
use serde_json::Value;
use std::sync::OnceLock;

/// How many groups of equal paths the page lists at most, and how many of these it spells out at first.
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

/// Paths by the same nodes and the same partials, in bits: what one of them multiplies to, and how many they are.
#[derive(Clone, Copy, Debug)]
struct Group {
    product: f64,
    count: f64,
}

impl Group {
    fn adds(&self) -> f64 {
        self.product * self.count
    }
}

/// The groups of equal paths from `goal` to the output, in the order of the tape.
fn groups(report: &Report, goal: usize) -> Vec<Group> {
    type Found = IndexMap<Vec<(usize, u64)>, Group>;
    fn walk(
        report: &Report,
        at: usize,
        goal: usize,
        path: &mut Vec<(usize, u64)>,
        found: &mut Found,
    ) {
        if at == goal {
            let product =
                path.iter().fold(1.0, |product, &(_, bits)| product * f64::from_bits(bits));
            let mut user = report.output.expect("an output");
            let mut is_blocked = false;
            for &(node, bits) in &*path {
                is_blocked |= blocks(&report.nodes[user], f64::from_bits(bits));
                user = node;
            }
            let product = if is_blocked { 0.0 } else { product };
            found.entry(path.clone()).or_insert(Group { product, count: 0.0 }).count += 1.0;
            return;
        }
        // Operands come before: below the goal there is no way to it.
        if at < goal {
            return;
        }
        let node = &report.nodes[at];
        for (&o, partial) in node.operands.iter().zip(&node.partials) {
            path.push((o, partial.to_bits()));
            walk(report, o, goal, path, found);
            path.pop();
        }
    }
    let mut found = Found::new();
    if let Some(output) = report.output {
        walk(report, output, goal, &mut Vec::new(), &mut found);
    }
    found.into_values().collect()
}

/// The largest first; NaN before all.
fn largest_first(groups: &mut [Group]) {
    let size = |g: &Group| if g.adds().is_nan() { f64::INFINITY } else { g.adds().abs() };
    groups.sort_by(|a, b| size(b).total_cmp(&size(a)));
}

fn sum(groups: &[Group]) -> f64 {
    groups.iter().map(Group::adds).sum()
}

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    found == expected
        || found.is_nan() && expected.is_nan()
        || (found - expected).abs() <= tolerance * expected.abs().max(1.0)
}

fn list<'v>(page: &'v Value, name: &str) -> Vec<&'v str> {
    let list = page[name].as_array().unwrap_or_else(|| panic!("no {name} in {page}"));
    list.iter().map(|text| text.as_str().expect("text")).collect()
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

    /// Each row that is spelled out: its fractions chain from the output to the node, and its factors multiply to what
    /// it adds, to the digits shown.
    fn rows_are_right(&self, report: &Report, node: usize, sums: &Value, expected: &[Group]) {
        let rows = sums["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), expected.len(), "{}: paths spelled out", self.what);
        let head = [report.output.expect("an output"), node]
            .map(|i| format!("\u{2202}{}", report.name(i)));
        assert_eq!(sums["left"], head.concat(), "{}: the left side", self.what);
        for (row, expected) in rows.iter().zip(expected) {
            let (names, factors) = (list(row, "names"), list(row, "factors"));
            let adds = row["adds"].as_str().expect("a product");
            assert!(prints(adds, expected.adds(), 6), "{}: {row}, not {expected:?}", self.what);
            assert_eq!(row["equal"], expected.count, "{}: {row}", self.what);
            assert!(!row.to_string().contains("(\u{2212}0)"), "{}: {row}", self.what);
            if Some(node) == report.output {
                assert!(names.is_empty(), "{}: {row}", self.what);
                continue;
            }
            let ends =
                [names.first(), names.last()].map(|name| name.expect("a fraction").to_string());
            assert_eq!(ends, [report.output.expect("an output"), node].map(|i| report.name(i)));
            // At most a dozen factors at each end.
            assert!(factors.len() <= 24, "{}: {row}", self.what);
            if factors.len() < 24 {
                assert_eq!(names.len(), 2 * factors.len(), "{}: {row}", self.what);
                let pairs = names[1..names.len() - 1].chunks(2).all(|pair| pair[0] == pair[1]);
                assert!(pairs, "{}: {row}", self.what);
                let multiplied: f64 = factors.iter().map(|text| number(text)).product();
                let (multiplied, shown) = (multiplied * expected.count, number(adds));
                // Each factor is rounded to six digits, and so is what is shown.
                let error = 1e-5 * factors.len() as f64;
                assert!(
                    !shown.is_finite() || close(multiplied / shown, 1.0, error) || shown == 0.0,
                    "{}: {row}",
                    self.what
                );
            }
        }
    }

    /// What is not spelled out is one row, with how many paths it is and what they add.
    fn rest_is_right(&self, sums: &Value, count: f64, spelled: &[Group], adds: f64) {
        let hidden = count - spelled.iter().map(|group| group.count).sum::<f64>();
        let rest = &sums["rest"];
        assert_eq!(rest.is_null(), hidden == 0.0, "{}: {rest} of {hidden}", self.what);
        if hidden == 0.0 {
            return;
        }
        let says = rest["says"].as_str().expect("words");
        let number_of = says.split(' ').find(|word| prints_a_number(word)).expect("a count");
        assert!(
            prints(number_of, hidden, 4) && says.contains("more path"),
            "{}: {says}",
            self.what
        );
        let shown = rest["adds"].as_str().expect("a number");
        let error = 5.1e-6 * adds.abs()
            + 1e-12 * spelled.iter().map(|g| g.adds().abs()).fold(1.0, f64::max);
        let apart = (number(shown) - adds).abs();
        assert!(
            apart <= error || adds.is_nan() || !adds.is_finite(),
            "{}: {shown}, not {adds}",
            self.what
        );
    }
}

fn prints_a_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

fn check(report: &Report, node: usize, count: f64, page: &Value) {
    let what = format!("{} of {}", report.name(node), report.title);
    let seen = Source { what: what.clone(), page };
    let adjoint = report.nodes[node].adjoint;
    assert_eq!(page["data"]["node"], report.name(node), "{what}");
    assert_eq!(seen.data("paths"), count, "{what}: paths");
    assert!(close(seen.data("adjoint"), adjoint, 0.0), "{what}: adjoint {}", seen.data("adjoint"));
    let says = page["says"].as_str().unwrap_or("");
    // No tick where there is no number.
    assert!(!adjoint.is_nan() || !says.contains('\u{2713}'), "{what}: {says}");
    if report.nodes[node].reach == Reach::NotConnected {
        assert!(says.contains("Not connected") && page["paths"].is_null(), "{what}: {says}");
        return;
    }
    let blocked = report.nodes[node].reach == Reach::Blocked;
    assert_eq!(says.contains("Blocked"), blocked, "{what}: {says}");
    if count > 1e4 {
        return;
    }
    let tape_order = groups(report, node);
    let mut expected = tape_order.clone();
    largest_first(&mut expected);
    let total: f64 = expected.iter().map(|group| group.count).sum();
    assert_eq!(total, count, "{what}: the reference");
    let listed = &expected[..expected.len().min(LISTED)];
    let all = listed.len() == expected.len();
    let number_listed: f64 = listed.iter().map(|group| group.count).sum();
    assert_eq!(seen.data("listed"), number_listed, "{what}: listed");
    assert!(close(seen.data("sum"), sum(listed), 1e-12), "{what}: sum {}", seen.data("sum"));
    let apart = seen.data("remainder") - if all { 0.0 } else { adjoint - sum(listed) };
    assert!(apart.abs() <= 1e-12 * adjoint.abs().max(sum(listed).abs()), "{what}: remainder");

    // As many as are spelled out; all of them, and then in the order of the tape, as in the terminal.
    let spelled = match expected.len() <= SPELLED {
        true => &tape_order[..],
        false => &expected[..SPELLED],
    };
    let rest = if all { sum(&expected) } else { adjoint } - sum(spelled);
    seen.rows_are_right(report, node, &page["paths"], spelled);
    seen.rest_is_right(&page["paths"], count, spelled, rest);
    let unfolds = page["unfolds"] == true;
    assert_eq!(unfolds, expected.len() > SPELLED, "{what}: a button that shows the others");
    if page["unfolded"].is_object() {
        let shown = if all { &tape_order[..] } else { listed };
        seen.rows_are_right(report, node, &page["unfolded"], shown);
        seen.rest_is_right(&page["unfolded"], count, shown, adjoint - sum(shown));
    }

    let agrees = all && close(sum(listed), adjoint, 1e-12) && !adjoint.is_nan();
    assert_eq!(seen.data("agrees"), f64::from(agrees), "{what}: the verdict");
    assert_eq!(says.contains('\u{2713}') && says.contains("They agree."), agrees, "{what}: {says}");
    if !all {
        assert!(says.contains("The largest") && says.contains("remainder"), "{what}: {says}");
    }
    let printed = list(page, "verdict");
    assert!(
        prints(printed[0], sum(listed), 10) && prints(printed[printed.len() - 1], adjoint, 10),
        "{what}: {printed:?}"
    );
}

/// What the page says of every node of every report, found once for all tests; the last is the dosage
/// network once more, with each step between two labels written out.
fn driven(browser: &'static Browser) -> &'static (Vec<Report>, Vec<Value>) {
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
    let shown = x.page["paths"]["rows"].as_array().expect("rows");
    let adds: f64 = shown.iter().map(|row| number(row["adds"].as_str().expect("a number"))).sum();
    let rest = number(x.page["paths"]["rest"]["adds"].as_str().expect("a number"));
    assert_eq!(shown.len(), SPELLED);
    assert!(close((adds + rest) / adjoint, 1.0, 1e-5), "{adds} and {rest}");
}

/// Every node of a report as the page shows it.
fn shown(browser: &'static Browser, reports: &[Report]) -> Vec<Value> {
    let script = include_str!("driver/chain.js");
    let visit = |report: &Report| Visit::new(&report.html().to_string(), script);
    browser.drive(&reports.iter().map(visit).collect::<Vec<_>>())
}

#[test]
fn equal_paths_are_one_row_and_a_nan_has_no_tick() {
    let tape = Tape::new();
    let x = tape.var(1.01).label("x");
    let power = |x: Var, doublings| tape.report((0..doublings).fold(x, |y, _| y * y).label("y"));
    let powers = [power(x, 3), power(tape.var(1.0).label("one"), 30)];
    let root = tape.var(0.0).label("root");
    let nan = tape.report(root.sqrt() - root.sqrt()).title("a NaN");
    let reports = [powers[0].clone(), powers[1].clone(), nan];
    let found = shown(browser!(), &reports);
    for (found, says) in found.iter().zip(["8 equal paths", "1.07374e9 equal paths"]) {
        let counts = |node: &&Value| {
            node["data"]["paths"].as_str().and_then(|n| n.parse().ok()).unwrap_or(0.0) as u64
        };
        let x = found.as_array().expect("nodes").iter().max_by_key(counts).expect("a leaf");
        let rows = x["paths"]["rows"].as_array().expect("rows");
        assert!(rows.len() == 1 && x["paths"]["rest"].is_null(), "{x}");
        let text = x["says"].as_str().expect("text");
        assert!(text.contains(says) && text.contains("They agree."), "{text}");
    }
    let says =
        found[2][reports[2].find("root").expect("it is there")]["says"].as_str().unwrap_or("");
    assert!(
        says.contains("Neither is a number") && !says.contains(['\u{2713}', '\u{2717}']),
        "{says}"
    );
}

#[test]
fn of_a_deep_chain_a_dozen_factors_are_shown_at_each_end() {
    let tape = Tape::new();
    let x = tape.var(0.5).label("x");
    let report = tape.report((0..150).fold(x, |y, _| y.sin()).label("y"));
    let page = &shown(browser!(), std::slice::from_ref(&report))[0][0];
    let row = &page["paths"]["rows"][0];
    assert_eq!((list(row, "names").len(), list(row, "factors").len()), (48, 24));
    let says = page["says"].as_str().expect("text");
    let (_, after) = says.split_once("126 more factors").expect("the rest as one");
    let digits = |c: char| c.is_ascii_digit() || c == '.' || c == 'e' || c == '\u{2212}';
    let rest: String =
        after.trim_start_matches('\u{b7}').chars().take_while(|&c| digits(c)).collect();
    let factors: f64 = list(row, "factors").into_iter().map(number).product();
    let adds = row["adds"].as_str().expect("a product");
    assert!(close(factors * number(&rest) / report.nodes[0].adjoint, 1.0, 1e-4), "{rest}");
    assert!(prints(adds, report.nodes[0].adjoint, 6));
}

#[test]
fn the_sum_that_the_sweep_makes_is_spelled_use_by_use() {
    let (reports, found) = driven(browser!());
    let mut spelled = 0;
    for (found, report) in found.iter().zip(reports) {
        for (i, users) in report.users().iter().enumerate() {
            let Some(uses) = found[i]["uses"]["rows"].as_array().filter(|uses| !uses.is_empty())
            else {
                continue;
            };
            let leads = |&&user: &&usize| report.nodes[user].reach != Reach::NotConnected;
            let users: Vec<usize> = users.iter().rev().filter(leads).copied().collect();
            assert_eq!(uses.len(), users.len().min(SPELLED), "{}: uses", report.name(i));
            for (row, &user) in uses.iter().zip(&users) {
                let [adjoint, partial] = list(row, "factors")[..] else { panic!("{row}") };
                let adds = row["adds"].as_str().expect("a number");
                let node = &report.nodes[user];
                assert!(prints(adjoint, node.adjoint, 6), "{}: {row}", report.name(i));
                let fits = |(&o, &p): (&usize, &f64)| {
                    let sent = if blocks(node, p) { 0.0 } else { node.adjoint * p };
                    o == i && prints(partial, p, 6) && prints(adds, sent, 6)
                };
                let edges = node.operands.iter().zip(&node.partials);
                assert!(edges.into_iter().any(fits), "{}: {row}", report.name(i));
                spelled += 1;
            }
            // What is not spelled out is one row.
            let sent: f64 = report.uses(i).iter().skip(SPELLED).map(|(_, adds)| adds).sum();
            let rest = &found[i]["uses"]["rest"];
            assert_eq!(rest.is_null(), users.len() <= SPELLED, "{}: {rest}", report.name(i));
            assert!(rest.is_null() || prints(rest["adds"].as_str().expect("a number"), sent, 6));
        }
    }
    assert!(spelled > 100, "{spelled} uses");
}
