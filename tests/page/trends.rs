//! How the training went: scales, layers, dead units, what the optimizer did, and the way to the findings.

use super::network::trained;
use super::{Visit, browser};
use gradtape::inspect::Report;
use gradtape::nn::{Activation, Dosage};
use gradtape::optim::{Adam, Fitter, Sgd};
use gradtape::program::Pass;
use gradtape::{Tape, Var, dot};
use serde_json::json;

/// Plain descent on x² at this rate, from 4.
fn parabola(rate: f64, steps: usize) -> Report {
    let fitter = Fitter::new(|p: &[Var]| p[0].square(), &[4.0]).names(["x"]);
    let fit = fitter.fit(&mut Sgd::new(rate), steps).expect("finite");
    let tape = Tape::new();
    tape.report(tape.var(4.0).label("x").square()).with_run(fit.history.named("a parabola"))
}

#[test]
fn a_loss_that_crosses_three_decades_is_logarithmic_unless_chosen_otherwise() {
    let script = "return { log: one('#loss-log').checked, ticks: all('#loss .tick').map(e => e.textContent), hash: (one('#loss-log').click(), one('#loss-log').checked) };";
    let falls = parabola(0.3, 12).html().to_string();
    let explodes = parabola(1.5, 60).html().to_string();
    let narrow = parabola(0.1, 4).html().to_string();
    let visits = [
        Visit::new(&falls, script),
        Visit::new(&explodes, script),
        Visit::new(&narrow, script),
        Visit::new(&falls, script).at("#log=0"),
        Visit::new(&narrow, script).at("#log=1"),
    ];
    let found = browser!().drive(&visits);
    let log: Vec<_> = found.iter().map(|found| found["log"].as_bool().expect("told")).collect();
    assert_eq!(log, [true, true, false, false, true]);
    // What is clicked is another scale than the one before.
    assert!(found.iter().zip(log).all(|(found, log)| found["hash"] == json!(!log)));
    assert!(found[1]["ticks"].to_string().contains("1e20"), "{}", found[1]["ticks"]);
}

#[test]
fn a_step_of_adam_shows_what_adam_did() {
    let fitter = Fitter::new(|p: &[Var]| p[0].square() + p[1].square() * 9.0, &[4.0, -1.0]);
    let fit = fitter.names(["x", "y"]).fit(&mut Adam::new(0.25), 5).expect("finite");
    let records = fit.history.records.clone();
    let tape = Tape::new();
    let report = tape.report(tape.var(4.0).square()).with_run(fit.history.named("Adam"));
    let script = "return all('#training tbody tr').map(row => all('td', row).map(cell => cell.textContent));";
    let page = report.html().to_string();
    let found = browser!().drive(&[Visit::new(&page, script).at("#step=2")]);
    for (p, row) in found[0].as_array().expect("rows").iter().enumerate() {
        let number = |k: usize| super::reports::number(row[k].as_str().expect("a text"));
        let (old, new) = (records[2].parameters[p], records[3].parameters[p]);
        assert!((number(3) - (old - new)).abs() <= 1e-5 * (old - new).abs(), "{row}");
        assert!((number(4) - new).abs() <= 1e-5 * new.abs(), "{row}");
    }
}

#[test]
fn gradient_and_update_of_each_layer_are_those_of_the_history() {
    let report = trained(&[2, 4, 1], Activation::Tanh);
    let (first, second) = (&report.runs[0].records[0], &report.runs[0].records[1]);
    let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
    let expected = [(0..12, "layer 1"), (12..17, "layer 2")].map(|(range, name)| {
        let gradient = norm(&mut range.clone().map(|p| first.gradient[p]));
        let moved = norm(&mut range.clone().map(|p| second.parameters[p] - first.parameters[p]));
        (name, gradient, moved / norm(&mut range.map(|p| first.parameters[p])))
    });
    let script = "return { lines: all('#layers .legend li').map(e => e.textContent), curves: all('#layers .two .curve').length, why: text('#loss') };";
    let page = report.html().to_string();
    let dosage = Dosage::published_report().html().to_string();
    let visits =
        [Visit::new(&page, script).at("#step=0"), Visit::new(&dosage, script).at("#run=1&step=0")];
    let found = browser!().drive(&visits);
    for (k, (name, gradient, ratio)) in expected.into_iter().enumerate() {
        let line = found[0]["lines"][k].as_str().expect("a line");
        let (found_name, numbers) = line.split_once(": ").expect("a name");
        let numbers: Vec<f64> = numbers.split(", ").map(super::reports::number).collect();
        assert_eq!(found_name, name);
        assert!((numbers[0] - gradient).abs() < 0.006 * gradient, "{line}, not {gradient}");
        assert!((numbers[1] - ratio).abs() < 0.06 * ratio, "{line}, not {ratio}");
    }
    assert_eq!(found[0]["curves"], 4);
    assert!(found[0]["why"].to_string().contains("because all steps were taken"));
    // The names of the dosage network say nothing of layers, its drawing does.
    let lines = found[1]["lines"].to_string();
    assert!(lines.contains("layer 1") && lines.contains("layer 2"), "{lines}");
}

#[test]
fn dead_units_are_seen_at_a_glance_and_without_colours() {
    let mut report = trained(&[2, 4, 1], Activation::Relu);
    // The third unit is off for every row.
    let unit = report.network.as_ref().expect("a network").layers[1][2].clone();
    for given in &unit.gives {
        let gradtape::inspect::Source::Node(i) = *given else { panic!("a node") };
        report.nodes[i].value = 0.0;
        report.nodes[i].partials[0] = 0.0;
    }
    let script = "
        const rows = all('#activations tbody tr'), dead = rows[2];
        one('button', rows[1]).click();
        const told = text('#activations .readout');
        return {
          rows: rows.length, is: text('.state', dead), crosses: all('td:not(.state)', dead).every(cell => cell.textContent === '\u{d7}'),
          all: text('#activations').includes('dead for every row'), told: (told.match(/row \\d/g) ?? []).length, badge: text('#badge'),
        };";
    let found = browser!().drive(&[Visit::new(&report.html().to_string(), script)]);
    let badge = &found[0]["badge"];
    assert!(badge.to_string().contains("finding"), "{badge}");
    let expected =
        json!({ "rows": 4, "is": "dead", "crosses": true, "all": true, "told": 4, "badge": badge });
    assert_eq!(found[0], expected);
}

#[test]
fn a_finding_about_a_history_leads_to_its_step_and_the_badge_to_the_findings() {
    let report = parabola(1.5, 20);
    assert_eq!(report.findings.len(), 2);
    let script = "
        const badge = text('#badge'), kind = one('#badge').className;
        one('#badge').click();
        const seen = one('#findings').getBoundingClientRect().top < innerHeight;
        one('[data-code=\"step-too-large\"] button').click();
        return { badge, kind, seen, step: state.step, run: state.run };";
    let found = browser!().drive(&[Visit::new(&report.html().to_string(), script)]);
    assert_eq!(
        found[0],
        json!({ "badge": "! 2 findings", "kind": "warning", "seen": true, "step": 0, "run": 0 })
    );
}

/// A unit of many rows: the table stays as wide as its panel, and says what it leaves out.
#[test]
fn rows_beyond_forty_are_counted() {
    let tape = Tape::new();
    let network =
        gradtape::nn::Mlp::new(1).dense(2, Activation::Relu).dense(1, Activation::Identity);
    let p = tape.vars(&[1.0, -1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
    let y: Vec<Var> =
        (0..50).map(|k| network.forward_labelled(&p, &[f64::from(k) / 25.0 - 1.0])[0]).collect();
    let ones = vec![1.0; y.len()];
    let report = tape.report(dot(&y, &ones));
    let script = "return [all('#activations thead th').length, text('#activations').includes('50 rows, of which 40 are shown')];";
    let found = browser!().drive(&[Visit::new(&report.html().to_string(), script)]);
    assert_eq!(found[0], json!([42, true]));
}

#[test]
fn the_passes_of_a_program_and_its_listings_are_on_its_page() {
    let tape = Tape::new();
    let x = tape.vars(&[0.5, 2.0]);
    let y = (x[0] * 1.0 * x[1] + x[1] * x[0]).sin();
    let plain = tape.freeze_with(&x, &[y], &[]).expect("it can be frozen");
    let report = plain.report_passes(&Pass::ALL, &[0.5, 2.0]).expect("two inputs");
    let script = "return {
      passes: all('#compared tr').filter(row => row.textContent.includes('pass')).length, signs: all('#compared td.bad').map(e => e.textContent),
      listings: all('#compared pre').map(e => e.textContent), odd: /false|undefined|null|`/.test(text('#compared') + text('#statistics')),
    };";
    let found = &browser!().drive(&[Visit::new(&report.html().to_string(), script)])[0];
    assert_eq!((&found["passes"], &found["odd"]), (&json!(6), &json!(false)));
    assert!(found["signs"][0].to_string().contains("\u{2212} removed"), "{found}");
    let after = plain.clone().optimized(&Pass::ALL).to_string();
    assert_eq!(found["listings"], json!([plain.to_string(), after]));
}
