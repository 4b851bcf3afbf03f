//! For those who use keys, listen to the page, or do not tell colours apart.

use super::reports::{DOSAGE, PAGE, odd};
use super::{Visit, browser};
use gradtape::Tape;
use serde_json::json;

#[test]
fn every_control_has_a_name_a_place_in_the_tab_order_and_a_visible_focus() {
    let script = include_str!("driver/controls.js");
    let visits = [
        Visit::new(&PAGE, script),
        Visit::new(&odd().html().to_string(), script),
        Visit::new(&PAGE, script).wide(360),
    ];
    for found in browser!().drive(&visits) {
        assert!(found["controls"].as_u64() > Some(20), "{found}");
        for fault in [
            "nameless",
            "out of order",
            "unreachable",
            "only for the mouse",
            "focus unseen",
            "without Enter",
        ] {
            assert_eq!(found[fault], json!([]), "{fault}");
        }
    }
}

#[test]
fn each_step_is_spoken() {
    let script = "
        const place = one('#sentence'), spoken = [];
        new MutationObserver(() => spoken.push(place.textContent)).observe(place, { childList: true, characterData: true, subtree: true });
        for (let t = 0; t < steps(); t++) { slide('#slider', t); await wait(1); }
        const value = one('#slider').getAttribute('aria-valuetext');
        return { polite: place.getAttribute('aria-live'), hidden: place.closest('[aria-hidden]') !== null, spoken, value };";
    let found = &browser!().drive(&[Visit::new(&PAGE, script)])[0];
    let steps = 2 * DOSAGE.nodes.len();
    assert_eq!((&found["polite"], &found["hidden"]), (&json!("polite"), &json!(false)));
    assert_eq!(found["value"], format!("step {steps} of {steps}"));
    let spoken = found["spoken"].as_array().expect("sentences");
    assert_eq!(spoken.len(), steps);
    for (t, says) in spoken.iter().enumerate() {
        let (way, i) = if t < steps / 2 { ("Forwards", t) } else { ("Backwards", steps - 1 - t) };
        let says = says.as_str().expect("text");
        assert!(says.starts_with(&format!("{way}. {}", DOSAGE.name(i))), "step {t}: {says}");
    }
}

#[test]
fn what_a_colour_says_is_also_said_without_it() {
    let script = include_str!("driver/signs.js");
    let visits = [Visit::new(&PAGE, script), Visit::new(&odd().html().to_string(), script)];
    let found = browser!().drive(&visits);
    for found in &found {
        let marks = found["marks"].as_object().expect("marks");
        let faults: Vec<_> = marks.iter().filter(|(_, nodes)| **nodes != json!([])).collect();
        assert!(marks.len() == 10 && faults.is_empty(), "by colour alone: {faults:?}");
    }
    let words: Vec<&str> = found[1]["words"]
        .as_array()
        .expect("texts")
        .iter()
        .map(|t| t.as_str().expect("text"))
        .collect();
    for word in ["NaN", "0, blocked", "not connected", "\u{2212}inf"] {
        assert!(words.contains(&word), "{word} in the table");
    }
    assert!(found[1]["dashed"].as_u64() > Some(0), "an edge whose partial is 0 is dashed");
}

#[test]
fn a_tape_of_thousands_opens_collapsed_and_says_so() {
    let tape = Tape::new();
    let x = tape.var(0.5).label("x");
    let round = |y, k: usize| {
        let _scope = tape.scope(&format!("layer {k}"));
        (0..310).fold(y, |y: gradtape::Var, _| (y * 1.01 + x).tanh())
    };
    let y = (0..10).fold(x, round).label("y");
    let report = tape.report(y);
    let nodes = report.nodes.len();
    assert!(nodes > 3000);
    let script = "
        const says = text('#graph'), boxes = all('#graph .node').length, drawn = all('svg *').length;
        chosen(7);
        const row = all('#table tr.selected').map(row => row.dataset.id);
        slide('#slider', steps() - 1);
        await wait(300);
        return { says, boxes, row, address: location.hash, elements: all('*').length, drawn, inside: all('#graph .node[data-id=\"7\"]').length };";
    let found =
        &browser!().drive(&[Visit::new(&report.html().to_string(), script).at("#t=0&sel=x")])[0];
    let says = found["says"].as_str().expect("text");
    let count = format!("{},{:03} nodes", nodes / 1000, nodes % 1000);
    assert!(says.contains(&count) && says.contains("collapsed by scope"), "{says}");
    assert!((2..=40).contains(&found["boxes"].as_u64().expect("a count")), "{found}");
    assert_eq!(
        (&found["row"], &found["inside"]),
        (&json!(["7"]), &json!(1)),
        "a node is found in its group"
    );
}
