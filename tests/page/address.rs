//! The state is in the address: what is changed is written there, and an address brings it back. Keys.

use super::reports::{DOSAGE, PAGE};
use super::{Visit, browser};
use gradtape::Tape;
use serde_json::{Value, json};

/// What is done to the page one after the other, and the address afterwards.
const CHANGES: &[(&str, &str)] = &[
    ("slide('#slider', 3)", "#t=3"),
    ("chosen(0)", "#t=3&sel=w1"),
    ("one('#full').click()", "#t=3&sel=w1&full=1"),
    ("all('#training [data-run]')[1].click()", "#t=3&sel=w1&run=1&full=1"),
    ("slide('#training [type=range]', 5)", "#t=3&sel=w1&run=1&step=5&full=1"),
    ("all('#network [data-sample]')[1].click()", "#t=3&sel=w1&run=1&step=5&sample=1&full=1"),
    ("one('#loss input').click()", "#t=3&sel=w1&run=1&step=5&sample=1&log=0&full=1"),
    ("one('#theme').click()", "#t=3&sel=w1&run=1&step=5&sample=1&log=0&full=1&theme=dark"),
    (
        "one('#slider').focus(); press('End', one('#about'))",
        "#sel=w1&run=1&step=5&sample=1&log=0&full=1&theme=dark",
    ),
    (
        "slide('#training [type=range]', 1e9)",
        "#sel=w1&run=1&step=6000&sample=1&log=0&full=1&theme=dark",
    ),
    (
        "one('#full').click(); one('#norm input').click(); one('#theme').click()",
        "#sel=w1&run=1&step=6000&sample=1&log=1&theme=light",
    ),
];

/// What is seen of the state, panel by panel.
const SNAPSHOT: &str = include_str!("driver/snapshot.js");

#[test]
fn every_change_is_written_to_the_address_and_that_address_brings_it_back() {
    let acts: Vec<String> = CHANGES
        .iter()
        .map(|(act, _)| format!("{act}; await wait(300); found.push([location.hash, snapshot()]);"))
        .collect();
    let driver = format!("{SNAPSHOT} const found = []; {} return found;", acts.join("\n"));
    let script = format!("{SNAPSHOT} return [location.hash, snapshot()];");
    // The same page, once changed and once opened at each address; and one that hears of a new address.
    let heard = format!(
        "{SNAPSHOT} location.hash = '{}'; await wait(100); return [location.hash, snapshot()];",
        CHANGES[6].1
    );
    let mut visits = vec![Visit::new(&PAGE, &driver)];
    visits.extend(CHANGES.iter().map(|(_, address)| Visit::new(&PAGE, &script).at(address)));
    visits.push(Visit::new(&PAGE, &heard).at("#t=9"));
    let found = browser!().drive(&visits);
    let changed = found[0].as_array().expect("states");
    for (k, (act, address)) in CHANGES.iter().enumerate() {
        assert_eq!(changed[k][0], *address, "after {act}");
        if k > 0 {
            assert_ne!(changed[k][1], changed[k - 1][1], "{act} is seen");
        }
        same(&found[k + 1], &changed[k], act);
    }
    same(&found[CHANGES.len() + 1], &changed[6], "a new address");
}

/// Compare panel by panel, so that the message names the panel.
fn same(found: &Value, wanted: &Value, what: &str) {
    assert_eq!(found[0], wanted[0], "{what}");
    let panels = wanted[1].as_object().expect("panels");
    assert!(panels.len() > 5);
    for (panel, seen) in panels {
        let [found, wanted] = [&found[1][panel], seen].map(|text| text.as_str().expect("text"));
        let apart = found.bytes().zip(wanted.bytes()).position(|(a, b)| a != b);
        let context = |text: &str| -> String {
            text.bytes()
                .skip(apart.unwrap_or(0).saturating_sub(80))
                .take(160)
                .map(char::from)
                .collect()
        };
        assert!(
            found == wanted,
            "{panel} after {what}: {}\nnot {}",
            context(found),
            context(wanted)
        );
    }
}

#[test]
fn nonsense_in_the_address_is_as_if_it_were_not_there() {
    let script = format!("{SNAPSHOT} return snapshot();");
    let nonsense = [
        "",
        "#",
        "#t=abc&sel=nobody&run=99&step=-1&sample=x&log=7&full=yes&theme=blue",
        "#%",
        "#%E0%A4%A&t=%",
        "#=&&&==&t",
        "#t=99999999999999999999&run=1.5",
        "#__proto__=1&constructor=2&toString=3",
        "#sel=%2599&t=-4&t=7",
        "#timeline",
        "#run=-1&step=1e3&sel=",
        "#sample=999",
    ];
    let visits: Vec<Visit> = nonsense.iter().map(|f| Visit::new(&PAGE, &script).at(f)).collect();
    let found = browser!().drive(&visits);
    for (seen, fragment) in found.iter().zip(nonsense) {
        for (panel, plain) in found[0].as_object().expect("panels") {
            assert_eq!(seen[panel], *plain, "{panel} at {fragment:?}");
        }
    }
}

#[test]
fn nodes_of_one_label_and_odd_labels_have_an_address_of_their_own() {
    let tape = Tape::new();
    let labels = ["x", "x", "%2", "2", "a&b=c #%41", "\u{e9}\u{1f600}\n", "+ +", "", "%6", "0"];
    let nodes: Vec<_> = labels.iter().map(|label| tape.var(1.5).label(label)).collect();
    let bare = nodes[0] * nodes[1];
    let report = tape.report(nodes.iter().copied().sum::<gradtape::Var>() + bare);
    let page = report.html().to_string();
    let count = report.nodes.len();
    let addresses = "const found = []; for (const row of all('#table tr[data-id]')) { row.click(); await wait(300); found.push(location.hash); } return found;";
    let selected = "return all('#table tr.selected').map(row => Number(row.dataset.id));";
    let browser = browser!();
    let found = browser.drive(&[Visit::new(&page, addresses)]);
    let found: Vec<&str> = found[0]
        .as_array()
        .expect("addresses")
        .iter()
        .map(|a| a.as_str().expect("an address"))
        .collect();
    let visits: Vec<Visit> =
        found.iter().map(|address| Visit::new(&page, selected).at(address)).collect();
    for (i, chosen) in browser.drive(&visits).iter().enumerate() {
        assert_eq!(*chosen, json!([i]), "{}", found[i]);
    }
    assert_eq!(found.len(), count);
}

#[test]
fn keys_step_through_the_tape_but_not_where_something_else_uses_them() {
    let found =
        &browser!().drive(&[Visit::new(&PAGE, include_str!("driver/keys.js")).at("#t=10")])[0];
    let last = 2 * DOSAGE.nodes.len() - 1;
    assert_eq!(
        *found,
        json!({
            "arrows": [[true, 11], [true, 10], [true, 9], [true, 8]],
            "ends": [[true, 0], [true, 0], [true, last], [true, last]],
            "played": [[true, 0, "Pause (space)"], [true, 3, "Play (space)"], [false, 3, "Play (space)"]],
            "to the end": [last, "Play (space)"],
            "again": [true, 0, "Pause (space)"],
            "stopped by a step": [1, "Play (space)"],
            "used elsewhere": [],
            "with other keys": [],
        })
    );
}
