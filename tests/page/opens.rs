//! The page opens from disk, with every panel, and keeps still.

use super::devtools::Page;
use super::reports::{DOSAGE, PAGE, all, odd};
use super::{Visit, browser};
use gradtape::inspect::Report;
use gradtape::optim::{Fitter, Sgd};
use gradtape::{Tape, Var};
use serde_json::{Value, json};

/// The value of an attribute of the element with that id.
fn attribute<'a>(dom: &'a str, id: &str, name: &str) -> Option<&'a str> {
    let (_, rest) = dom.split_once(&format!(" id=\"{id}\""))?;
    let (tag, _) = rest.split_once('>')?;
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    Some(value.split_once('"')?.0)
}

#[test]
fn opened_at_a_step_it_shows_the_chain_rule_of_the_node_asked_for() {
    let script = "return document.documentElement.outerHTML;";
    let found = &browser!().drive(&[Visit::new(&PAGE, script).at("#t=60&sel=w1")])[0];
    let dom = found.as_str().expect("a document");
    assert!(dom.contains("data-ready=\"1\""));
    let at = |name| attribute(dom, "chain", name).unwrap_or_else(|| panic!("no {name}"));
    let number = |name| at(name).parse::<f64>().expect("a number");
    let adjoint = DOSAGE.nodes[DOSAGE.find("w1").expect("w1")].adjoint;
    assert_eq!((at("data-node"), number("data-adjoint")), ("w1", adjoint));
    assert!((number("data-sum") - adjoint).abs() <= 1e-12 * adjoint.abs().max(1.0));
    // One path for each of the three observations.
    assert_eq!(
        (number("data-paths"), number("data-remainder"), at("data-agrees")),
        (3.0, 0.0, "1")
    );
    let steps = 2 * DOSAGE.nodes.len();
    assert!(dom.contains(&format!("backwards, step 61 of {steps}")), "the step of the address");
}

/// The panels that a report asks for, in order.
fn panels(report: &Report) -> Vec<&'static str> {
    let (runs, tape) = (!report.runs.is_empty(), !report.nodes.is_empty());
    let all = [
        ("timeline", tape),
        ("graph", tape),
        ("chain", tape),
        ("network", report.network.is_some()),
        ("table", tape),
        ("pattern", report.pattern.is_some()),
        ("training", runs),
        ("story", runs && report.network.is_some()),
        ("steps", runs),
        ("fit", report.runs.iter().any(|run| run.curves.is_some())),
        ("slice", report.runs.iter().any(|run| run.slice.is_some())),
        ("loss", runs),
        ("norm", runs),
        ("layers", runs),
        ("activations", report.network.as_ref().is_some_and(|n| n.samples.len() > 1)),
        ("findings", true),
        ("check", report.check.is_some()),
        ("statistics", true),
        ("about", true),
    ];
    all.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect()
}

#[test]
fn every_panel_is_there_with_its_heading_and_something_in_it() {
    let script = include_str!("driver/panels.js");
    let mut reports = all();
    reports.push(Report::default());
    let visits: Vec<Visit> =
        reports.iter().map(|r| Visit::new(&r.html().to_string(), script)).collect();
    for (found, report) in browser!().drive(&visits).iter().zip(&reports) {
        let mut wanted = panels(report);
        let mut ids: Vec<&str> = found["panels"]
            .as_array()
            .expect("panels")
            .iter()
            .map(|id| id.as_str().expect("an id"))
            .collect();
        wanted.sort_unstable();
        ids.sort_unstable();
        assert_eq!(ids, wanted);
        assert_eq!(found["empty"], json!([]), "panels with nothing in them");
        assert_eq!(found["headings"], json!([]), "headings out of order");
        assert_eq!(found["ids"], json!([]), "ids that two elements have");
        assert_eq!(found["ready"], "1");
    }
}

#[test]
fn every_number_of_the_dosage_descent_is_on_its_page() {
    let script =
        "return { rows: all('#check tbody tr').map(r => r.textContent), losses: text('#training') + text('#steps'),
        fit: text('#fit'), facts: text('#statistics') };";
    let found = &browser!().drive(&[Visit::new(&PAGE, script).at("#run=0&step=0")])[0];
    // The published first step of b3: SSR 20.4, slope -15.7, step size -1.57, new b3 1.57.
    for number in ["20.4236", "\u{2212}15.6551", "1.56551"] {
        assert!(found["losses"].to_string().contains(number), "{number} in {}", found["losses"]);
    }
    assert_eq!(
        found["rows"].as_array().map(Vec::len),
        Some(7),
        "a row for each parameter in the check"
    );
    assert!(found["facts"].to_string().contains(&format!("nodes{}", DOSAGE.nodes.len())));
}

/// Ranges that overflow, that are a single number far from 1, or below the normal numbers.
#[test]
fn plots_of_any_finite_numbers_are_drawn() {
    let page = |[low, high]: [f64; 2], loss: f64| {
        let constant = move |p: &[Var]| p[0] * 0.0 + loss;
        let fit = Fitter::new(constant, &[1.0]).fit(&mut Sgd::new(1.0), 5).expect("it is finite");
        let model = |_: &[f64], x: f64| (vec![loss, -x], x);
        let run = fit.history.named("a run").curves("x", "y", &[(low, loss)], [low, high], model);
        let run = run.and_then(|run| run.slice("p0", [low, high], |p| p[0])).expect("frames");
        let tape = Tape::new();
        tape.report(tape.var(loss).square()).with_run(run).html().to_string()
    };
    const MAX: f64 = f64::MAX;
    let ranges = [[-MAX, MAX], [0.0, 5e-324], [1e17, 1e17 + 64.0], [-1.0, 1.0]];
    let losses = [MAX, 1e17, -1e300, 5e-324, 0.0];
    let cases = ranges.into_iter().flat_map(|range| losses.map(|loss| (range, loss)));
    let pages: Vec<String> = cases.map(|(range, loss)| page(range, loss)).collect();
    let script = "
        const broken = e => [...e.attributes].some(a => /NaN|Infinity|undefined/.test(a.value));
        return { plots: all('svg.plot path.axis').length, broken: all('svg.plot *').filter(broken).map(e => e.outerHTML.slice(0, 200)) };";
    let visits: Vec<Visit> = pages
        .iter()
        .flat_map(|page| ["#step=0", "#step=0&log=1"].map(|at| Visit::new(page, script).at(at)))
        .collect();
    for (found, case) in browser!().drive(&visits).into_iter().zip(0..) {
        assert_eq!(found, json!({ "plots": 6, "broken": [] }), "case {case}");
    }
}

#[test]
fn nothing_moves_by_itself_and_nothing_glides_for_those_who_asked_for_no_motion() {
    let script = "
        const before = [location.hash, one('#slider').value];
        await wait(10000);
        const moving = all('*').filter(e => {
          const style = getComputedStyle(e);
          return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0 || style.scrollBehavior === 'smooth';
        });
        return { still: String(before) === String([location.hash, one('#slider').value]), moving: moving.map(e => e.outerHTML.slice(0, 80)) };";
    let visits =
        [Visit::new(&PAGE, script).at("#t=0"), Visit::new(&odd().html().to_string(), script)];
    let mut page = Page::for_visits(browser!());
    let less = json!([{ "name": "prefers-reduced-motion", "value": "reduce" }]);
    page.call("Emulation.setEmulatedMedia", json!({ "features": less }));
    for found in page.drive(&visits) {
        assert_eq!(found, json!({ "still": true, "moving": Value::Array(vec![]) }));
    }
}
