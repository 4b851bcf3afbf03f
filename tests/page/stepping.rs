//! Step by step: a value is seen from the step that computes it, an adjoint from the step that completes
//! it, and nothing stands where nothing is known.

use super::browser::Browser;
use super::reports::{DOSAGE, all, number, odd, prints};
use super::{Visit, browser};
use gradtape::Reach;
use gradtape::inspect::Report;
use serde_json::Value;
use std::sync::OnceLock;

/// How an adjoint is to be shown.
fn shows_adjoint(text: &str, report: &Report, i: usize) -> bool {
    let node = &report.nodes[i];
    match node.reach {
        Reach::NotConnected => text == "not connected",
        Reach::Blocked if node.adjoint == 0.0 => text == "0, blocked",
        Reach::AtKink if node.adjoint == 0.0 => text == "0, at a kink",
        _ => prints(text, node.adjoint, 6),
    }
}

/// Whether all users of node `i` have been looked at when the way back has come to node `at`.
fn is_complete(report: &Report, i: usize, at: usize) -> bool {
    report.nodes.iter().enumerate().all(|(user, node)| !node.operands.contains(&i) || user >= at)
}

/// Compare what a list of boxes or rows shows, node by node, with what may be known at step `t`.
fn check_shown(report: &Report, t: usize, shown: &Value, place: &str) {
    let n = report.nodes.len();
    let shown = shown.as_array().expect("nodes");
    assert_eq!(shown.len(), n, "{place} at step {t}");
    for (i, texts) in shown.iter().enumerate() {
        let what = format!("{} in the {place} at step {t} of {}", report.name(i), report.title);
        let [value, adjoint] = [0, 1].map(|k| texts[k].as_str().expect("text"));
        match i <= t {
            true => assert!(prints(value, report.nodes[i].value, 6), "{what}: value {value:?}"),
            false => assert_eq!(value, "", "{what}: not computed yet"),
        }
        // On the way back, step n + k looks at node n - 1 - k.
        let back = t.checked_sub(n).map(|k| n - 1 - k);
        let complete = back.is_some_and(|at| is_complete(report, i, at));
        match (complete, report.nodes[i].reach) {
            (false, _) => assert_eq!(adjoint, "", "{what}: not complete yet"),
            // Of a node that leads nowhere there is nothing to wait for, nor to say before the end.
            (true, Reach::NotConnected) if adjoint.is_empty() && t < 2 * n - 1 => {}
            (true, _) => assert!(shows_adjoint(adjoint, report, i), "{what}: adjoint {adjoint:?}"),
        }
    }
}

/// The sentence of every step: the number that is computed, or the sums that are made.
fn check_sentence(report: &Report, t: usize, page: &Value, sums: &mut [f64]) {
    let n = report.nodes.len();
    let i = if t < n { t } else { 2 * n - 1 - t };
    let node = &report.nodes[i];
    let says = page["says"].as_str().expect("a sentence");
    let what = format!("step {t} of {}: {says}", report.title);
    assert_eq!(page["name"], report.name(i), "{what}");
    let numbers: Vec<&str> = page["numbers"]
        .as_array()
        .expect("numbers")
        .iter()
        .map(|t| t.as_str().expect("text"))
        .collect();
    if t < n {
        assert!(says.starts_with("Forwards. "), "{what}");
        return assert!(prints(numbers[numbers.len() - 1], node.value, 6), "{what}");
    }
    assert!(says.starts_with("Backwards. "), "{what}");
    if node.reach == Reach::NotConnected {
        return assert!(says.contains("not connected") && numbers.is_empty(), "{what}");
    }
    assert!(prints(numbers[0], node.adjoint, 6), "{what}");
    // The sweep may add the terms of a sum in another order.
    let apart = (node.adjoint - sums[i]).abs();
    assert!(
        apart <= 1e-12 * node.adjoint.abs().max(1.0) || node.adjoint == sums[i],
        "{what}: they add up to {}",
        sums[i]
    );
    let flows = if node.adjoint == 0.0 { 0 } else { node.operands.len() };
    assert_eq!(numbers.len(), 1 + flows.min(4), "{what}");
    for (k, (&o, partial)) in node.operands.iter().zip(&node.partials).take(flows).enumerate() {
        let before = sums[o];
        sums[o] += partial * node.adjoint;
        let Some(spelled) = numbers.get(1 + k) else { continue };
        let (sum, after) = spelled.split_once(" = ").expect("a sum");
        let (was, product) = sum.split_once(" + ").expect("a sum");
        let (left, right) = product.split_once(" \u{b7} ").expect("a product");
        for (text, x) in [(was, before), (left, *partial), (right, node.adjoint), (after, sums[o])]
        {
            assert!(prints(text, x, 6), "{what}: {text}, not {x}");
        }
    }
}

/// What is seen at every step of every report, found once for all tests; the dosage network comes first.
fn driven(browser: &'static Browser) -> &'static (Vec<Report>, Vec<Value>) {
    static FOUND: OnceLock<(Vec<Report>, Vec<Value>)> = OnceLock::new();
    FOUND.get_or_init(|| {
        let reports = all();
        let script = include_str!("driver/stepping.js");
        let page = |report: &Report| Visit::new(&report.html().to_string(), script);
        let visits: Vec<Visit> = reports.iter().map(page).collect();
        let found = browser.drive(&visits);
        (reports, found)
    })
}

#[test]
fn at_every_step_exactly_what_is_known_is_shown() {
    let (reports, found) = driven(browser!());
    for (found, report) in found.iter().zip(reports) {
        let n = report.nodes.len();
        let steps = found.as_array().expect("steps");
        assert_eq!(steps.len(), 2 * n);
        let mut sums = vec![0.0; n];
        sums[report.output.expect("an output")] = 1.0;
        for (t, step) in steps.iter().enumerate() {
            check_shown(report, t, &step["table"], "table");
            check_shown(report, t, &step["graph"], "graph");
            // Local partials are those of values: they come with them.
            let partials =
                report.nodes.iter().enumerate().map(|(i, n)| i <= t && !n.partials.is_empty());
            assert_eq!(step["partials"], Value::from_iter(partials), "partials at step {t}");
            check_sentence(report, t, step, &mut sums);
        }
    }
}

#[test]
fn the_present_edges_spell_out_what_they_carry() {
    let (reports, found) = driven(browser!());
    for (found, report) in found.iter().zip(reports).take(1) {
        let n = report.nodes.len();
        for (t, step) in found.as_array().expect("steps").iter().enumerate() {
            let spelled = step["spelled"].as_array().expect("edges");
            let node = &report.nodes[if t < n { t } else { 2 * n - 1 - t }];
            let carries = t < n || node.adjoint != 0.0 && node.reach != Reach::NotConnected;
            assert_eq!(
                spelled.len(),
                if carries { node.operands.len().min(8) } else { 0 },
                "step {t}"
            );
            for (text, (&o, &partial)) in
                spelled.iter().zip(node.operands.iter().zip(&node.partials))
            {
                let text = text.as_str().expect("text");
                let right = match text.split_once(" \u{b7} ") {
                    None => t < n && prints(text, report.nodes[o].value, 4),
                    Some((left, right)) => {
                        t >= n && prints(left, partial, 3) && prints(right, node.adjoint, 3)
                    }
                };
                assert!(right, "step {t}: {text:?}");
            }
        }
    }
}

#[test]
fn every_row_says_what_its_node_computes_from_which_operands() {
    /// As the page writes it: a minus sign, a dot for a product, at most 44 letters.
    fn printed(expression: &str) -> String {
        let text = expression
            .replace(" * ", " \u{b7} ")
            .replace('-', "\u{2212}")
            .replace("...", "\u{2026}");
        match text.chars().count() {
            0..=44 => text,
            _ => text.chars().take(43).chain(['\u{2026}']).collect(),
        }
    }
    let reports = [DOSAGE.clone(), odd()];
    let script = "return all('#table tr[data-id]').map(row => [...row.children].map(cell => cell.textContent));";
    let visits = reports.each_ref().map(|r| Visit::new(&r.html().to_string(), script));
    for (found, report) in browser!().drive(&visits).iter().zip(&reports) {
        for (i, node) in report.nodes.iter().enumerate() {
            let cell = |k: usize| found[i][k].as_str().expect("a cell");
            assert_eq!((cell(0), cell(1)), (&*format!("%{i}"), &*report.name(i)));
            assert_eq!(cell(2), printed(&report.expression(i)));
            let partials: Vec<&str> =
                cell(5).split('\u{2002}').filter(|text| !text.is_empty()).collect();
            assert_eq!(partials.len(), node.partials.len(), "{partials:?}");
            assert!(
                partials.iter().zip(&node.partials).all(|(text, &p)| prints(text, p, 5)),
                "{partials:?}"
            );
        }
    }
}

#[test]
fn four_zeros_look_different() {
    let report = odd();
    let script = "slide('#slider', steps() - 1); return Object.fromEntries(all('#table tr[data-id]').map(row => [text('button', row), text('td.adjoint', row)]));";
    let found = &browser!().drive(&[Visit::new(&report.html().to_string(), script)])[0];
    let shown =
        ["x", "off", "apart", "kinked"].map(|name| found[name].as_str().expect("an adjoint"));
    assert_eq!(shown, ["0", "0, blocked", "not connected", "0, at a kink"]);
    assert_eq!(number(found["at the root"].as_str().expect("an adjoint")), f64::NEG_INFINITY);
}
