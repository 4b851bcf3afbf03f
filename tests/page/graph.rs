//! The graph: legible, movable, and what it says of a slope, of a NaN and of the groups of a large tape.

use super::reports::{DOSAGE, PAGE, all, odd};
use super::{Visit, browser};
use gradtape::inspect::Report;
use gradtape::{Tape, Var};
use serde_json::json;

#[test]
fn the_graph_is_legible_it_moves_and_its_edges_add_up_to_the_slope() {
    let script = include_str!("driver/graph.js");
    let reports = all();
    let visits: Vec<Visit> = reports
        .iter()
        .flat_map(|report| {
            let page = report.html().to_string();
            let widths = if report.title == DOSAGE.title { &[390, 1440][..] } else { &[1440] };
            widths
                .iter()
                .map(move |&width| Visit::new(&page, script).wide(width))
                .collect::<Vec<_>>()
        })
        .collect();
    let mut beyond = 0;
    for found in browser!().drive(&visits) {
        beyond += found["beyond"].as_u64().expect("a count");
        assert_eq!(found["wrong"], json!([]), "what flows over the last edges is the adjoint");
        assert!(found["legible"].as_f64() >= Some(10.99), "numbers {} px high", found["legible"]);
        for (name, wanted) in [
            ("plain", false),
            ("unmoved", true),
            ("zoomed", true),
            ("larger", true),
            ("again", true),
        ] {
            assert_eq!(found[name], wanted, "{name}");
        }
    }
    assert!((1..=2).contains(&beyond), "{beyond} slopes without shares");
    let found = &browser!().drive(&[Visit::new(&PAGE, script).at("#sel=b3").wide(1440)])[0];
    assert_eq!(found["dragged"], 30);
    // Three observations, each with its share of -15.66 = -5.23 - 4.87 - 5.55, all of them negative.
    let widths = found["widths"].as_array().expect("edges");
    assert!(widths.len() >= 9, "{widths:?}");
    for edge in widths {
        let width = edge["width"].as_f64().expect("a width");
        assert!(edge["minus"] == true && (3.0..4.0).contains(&width), "{edge}");
        let sign = &found["signs"][edge["edge"].as_str().expect("an edge")];
        assert!(sign.is_null() || *sign == true, "not by colour alone: {edge}");
    }
    assert!(found["signs"].as_object().expect("signs").len() >= 6, "{}", found["signs"]);
}

/// A NaN of which three more come, and an infinite slope.
fn nan() -> Report {
    let tape = Tape::new();
    let (x, y) = (tape.var(1.0).label("x"), tape.var(2.0).label("y"));
    let inner = (x - 2.0).sqrt().label("inner");
    let loss = ((inner * y).exp().label("z") + y.sin()).label("loss");
    tape.report(loss)
}

#[test]
fn a_page_with_a_nan_opens_at_the_culprit_and_leads_from_it_to_the_loss() {
    let script = "
        const state = () => [one('#graph .node.selected').dataset.id, Number(one('#slider').value)];
        const opened = state(), first = all('#graph .node.first').map(e => e.dataset.id);
        slide('#slider', steps() - 1);
        const bad = all('#graph .node.bad').length, heavy = all('#graph .node.first').map(e => e.dataset.id);
        const width = query => parseFloat(getComputedStyle(one(`${query} rect`)).strokeWidth);
        const thick = width('#graph .node.first'), thin = width('#graph .node.bad:not(.first):not(.selected):not(.now)');
        const steps_ = all('.trail button').map(e => e.textContent.replace(/[\\u2066-\\u2069]/g, ''));
        all('.trail button').at(-1).click();
        const led = state();
        one('#findings button').click();
        return { opened, first, bad, heavy, thick, thin, trail: steps_, led, shown: state(), advice: text('#findings') };";
    let found = &browser!().drive(&[Visit::new(&nan().html().to_string(), script)])[0];
    let report = nan();
    let at = |name| report.find(name).expect("a label");
    let inner = at("inner");
    assert_eq!(found["opened"], json!([inner.to_string(), inner]));
    assert_eq!(found["first"], json!([inner.to_string()]));
    assert_eq!(found["heavy"], json!([inner.to_string()]), "of all that are red one began it");
    assert!(found["bad"].as_u64() > Some(4), "{found}");
    assert!(found["thick"].as_f64() > found["thin"].as_f64(), "{found}");
    let product = format!("%{}", inner + 1);
    assert_eq!(found["trail"], json!(["inner", product, "z", "loss"]));
    assert_eq!(found["led"], json!([at("loss").to_string(), at("loss")]));
    assert_eq!(found["shown"], found["opened"], "`show` moves the selection and the step");
    assert!(found["advice"].to_string().contains("x.max(0.0).sqrt()"), "{found}");
    // An adjoint that is lost is shown where the sweep has made it.
    let script = "return [one('#graph .node.selected').dataset.id, Number(one('#slider').value), all('.trail').length];";
    let report = odd();
    let found = &browser!().drive(&[Visit::new(&report.html().to_string(), script)])[0];
    let lost = report.find("at the root").expect("a label");
    assert_eq!((&found[0], &found[2]), (&json!(lost.to_string()), &json!(1)));
    assert!(found[1].as_u64() >= Some(report.nodes.len() as u64), "on the way back: {found}");
}

#[test]
fn a_page_opens_collapsed_by_named_scopes_above_the_one_limit() {
    let rows = |rows: usize| {
        let tape = Tape::new();
        let w = tape.vars(&[0.1, 0.2]);
        let row = |k: usize| {
            let _row = tape.scope(&format!("row {k}"));
            (0..12).fold(w[0], |y: Var, _| (y * w[1] + 1.0).tanh())
        };
        tape.report((0..rows).map(row).sum())
    };
    let script = "
        const names = all('#graph .node .name').map(e => e.textContent), does = all('#graph .node .does').map(e => e.textContent);
        const says = text('#graph p'), boxes = all('#graph .node[data-id]').length;
        all('#graph .node[data-group]')[1]?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
        return { names, does, says, boxes, inside: text('#graph p') };";
    let reports = [rows(27), rows(28), rows(228)];
    let visits = reports.each_ref().map(|report| Visit::new(&report.html().to_string(), script));
    let found = browser!().drive(&visits);
    let nodes = reports.each_ref().map(|report| report.nodes.len() as u64);
    assert!(nodes[0] <= 1000 && nodes[1] > 1000, "{nodes:?}");
    assert_eq!((found[0]["boxes"].as_u64(), &found[0]["says"]), (Some(nodes[0]), &json!("")));
    for (found, report) in found.iter().zip(&reports).skip(1) {
        assert_eq!(found["boxes"], 0, "all are groups");
        let says = found["says"].as_str().expect("text");
        assert!(
            says.contains("more than the 1000") && says.contains("collapsed by scope"),
            "{says}"
        );
        // The picture has the same groups.
        let picture = report.svg().to_string();
        // A group of one node is drawn as that node.
        let drawn = [" data-group=", " data-id="].map(|of| picture.matches(of).count());
        assert_eq!(drawn[0] + drawn[1], found["names"].as_array().expect("names").len());
    }
    assert!(found[2]["names"].to_string().contains("row 0 \u{2026} row "), "{}", found[2]["names"]);
    assert!(found[2]["does"].to_string().contains("of 228 rows alike"), "{}", found[2]["does"]);
    assert!(found[2]["inside"].to_string().contains("of 228 rows alike"), "{}", found[2]["inside"]);
}
