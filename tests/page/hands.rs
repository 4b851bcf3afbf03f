//! With real hands: keys, pointer, wheel and touch that come from outside, over the DevTools protocol.

use super::browser;
use super::devtools::Page;
use super::reports::{DOSAGE, PAGE, long};
use serde_json::json;

/// What has the focus, in few words.
const FOCUS: &str = "(at => `${at.tagName} ${at.id || at.dataset.id || at.getAttribute('aria-label') || at.textContent.slice(0, 30)}`)(document.activeElement)";
const STEP: &str = "Number(document.querySelector('#slider').value)";
/// The node that is selected.
const SELECTED: &str = "Number(document.querySelector('#table tr.selected').dataset.id)";

fn last() -> usize {
    2 * DOSAGE.nodes.len() - 1
}

/// Press Tab until the address field would have the focus, and return what had it.
fn tab_stops(page: &mut Page) -> Vec<String> {
    let mut stops = vec![];
    loop {
        page.key("Tab");
        let at = page.read(FOCUS).as_str().expect("text").to_owned();
        if at.starts_with("BODY") {
            return stops;
        }
        stops.push(at);
        assert!(stops.len() < 2000, "Tab leads out of the page: {:?}", &stops[1990..]);
    }
}

#[test]
fn tab_goes_through_the_page_in_its_order_and_back() {
    let mut page = Page::open(browser!(), &PAGE, "");
    let order = "[...document.querySelectorAll('*')].indexOf(document.activeElement)";
    let mut places = vec![];
    loop {
        page.key("Tab");
        let at = page.read(order).as_u64().expect("an index");
        if page.read(FOCUS).as_str().expect("text").starts_with("BODY") {
            break;
        }
        places.push(at);
    }
    assert!(places.len() > 20 && places.is_sorted(), "{places:?}");
    for at in places.iter().rev() {
        page.key("Shift+Tab");
        assert_eq!(page.read(order), json!(at));
    }
}

#[test]
fn keys_step_the_tape_wherever_the_focus_does_not_use_them() {
    let mut page = Page::open(browser!(), &PAGE, "#t=10&log=0");
    let step = |page: &mut Page, key: &str| {
        page.key(key);
        page.read(STEP)
    };
    for (key, t) in [
        ("ArrowRight", 11),
        ("ArrowLeft", 10),
        ("Home", 0),
        ("End", last()),
        ("ArrowLeft", last() - 1),
    ] {
        assert_eq!(step(&mut page, key), t, "{key}");
    }
    // The slider moves by itself, by its own rules, and the tape with it.
    page.read("document.querySelector('#slider').focus()");
    assert_eq!(step(&mut page, "Home"), 0);
    assert_eq!(step(&mut page, "ArrowRight"), 1);
    assert_eq!(step(&mut page, "ArrowUp"), 2);
    // A checkbox and a button have their space bar, and nothing else.
    for query in ["#loss input", "#theme"] {
        page.click(query);
        let checked = page.read("document.querySelector('#loss input').checked");
        let t = page.read(STEP).as_u64().expect("a step");
        assert_eq!(step(&mut page, "ArrowRight"), t + 1, "in {query}");
        assert_eq!(step(&mut page, "ArrowLeft"), t, "in {query}");
        assert_eq!(step(&mut page, "End"), last(), "in {query}");
        assert_eq!(step(&mut page, "Home"), 0, "in {query}");
        assert_eq!(page.read("document.querySelector('#loss input').checked"), checked);
        page.key(" ");
        assert_eq!(page.read("document.querySelector('#play').ariaLabel"), "Play (space)");
    }
    assert_eq!(page.read("document.querySelector('#loss input').checked"), false);
}

#[test]
fn a_click_selects_a_node_in_graph_table_and_network() {
    let mut page = Page::open(browser!(), &PAGE, "");
    let inside = |i: usize| format!("#graph .node[data-id='{i}']");
    page.click(&inside(3));
    assert_eq!(page.read(SELECTED), 3);
    page.click("#table tr[data-id='5'] td:nth-child(4)");
    assert_eq!(page.read(SELECTED), 5);
    page.click("#table tr[data-id='2'] button");
    assert_eq!(page.read(SELECTED), 2);
    // A box that was clicked leaves the arrow keys to the tape.
    page.click(&inside(4));
    page.key("Home");
    page.key("ArrowRight");
    assert_eq!((page.read(STEP), page.read(SELECTED)), (json!(1), json!(4)));
}

#[test]
fn the_slider_follows_the_pointer_and_the_finger() {
    let mut page = Page::open(browser!(), &PAGE, "#t=0");
    let (from, to) = (page.place("#slider", (0.01, 0.5)), page.place("#slider", (0.5, 0.5)));
    page.drag(from, to);
    let middle = page.read(STEP).as_u64().expect("a step").abs_diff(last() as u64 / 2);
    assert!(middle <= last() as u64 / 20, "{middle} steps from the middle");
    page.be_touched();
    let end = page.place("#slider", (1.0, 0.5));
    page.swipe(to, (end.0 - 2.0, end.1));
    assert_eq!(page.read(STEP), last());
    let node = page.place("#graph .node[data-id='3']", (0.5, 0.5));
    page.tap(node);
    page.until(&format!("{SELECTED} === 3"));
}

#[test]
fn a_checkbox_is_switched_by_click_and_by_the_space_bar() {
    let mut page = Page::open(browser!(), &PAGE, "#log=0");
    let checked = "document.querySelector('#loss input').checked";
    page.click("#loss input");
    assert_eq!(page.read(checked), true);
    page.key(" ");
    assert_eq!(page.read(checked), false);
    assert_eq!(page.read(STEP), last());
}

#[test]
fn tab_stops_do_not_grow_with_the_tape() {
    let browser = browser!();
    let mut page = Page::open(browser, &long(60).html().to_string(), "");
    // Both longer than one page of the table, whose buttons are two stops.
    let stops = [60, 180].map(|terms| {
        page.go(&long(terms).html().to_string(), "");
        tab_stops(&mut page)
    });
    assert_eq!(stops[0].len(), stops[1].len(), "{stops:?}");
    page.go(&PAGE, "");
    let stops = tab_stops(&mut page);
    assert!((15..=60).contains(&stops.len()), "{stops:?}");
}

#[test]
fn arrow_keys_lead_to_every_node_of_the_graph_and_enter_selects() {
    let mut page = Page::open(browser!(), &PAGE, "");
    let id = "Number(document.activeElement.dataset.id ?? -1)";
    while page.read(id) == -1 {
        page.key("Tab");
    }
    let start = page.read(id).as_u64().expect("a node");
    let arrows = ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"];
    let mut seen = vec![start];
    let mut next = 0;
    while let Some(&from) = seen.get(next) {
        for arrow in arrows {
            page.read(&format!(
                "document.querySelector('#graph .node[data-id=\"{from}\"]').focus()"
            ));
            page.key(arrow);
            let at = page.read(id).as_u64().expect("the focus stays inside");
            if !seen.contains(&at) {
                seen.push(at);
            }
        }
        next += 1;
    }
    assert_eq!(seen.len(), DOSAGE.nodes.len(), "{seen:?}");
    assert_eq!(page.read(STEP), last(), "the tape stands still");
    let at = page.read(id);
    page.key("Enter");
    assert_eq!(page.read(SELECTED), at);
    // Tab leaves the group, and comes back to where it was.
    page.key("Tab");
    assert_eq!(page.read("document.activeElement.closest('#graph')"), json!(null));
    page.key("Shift+Tab");
    assert_eq!(page.read(id), at);
}

#[test]
fn up_and_down_lead_through_the_rows_of_the_table() {
    let mut page = Page::open(browser!(), &PAGE, "#sel=%250");
    page.read("document.querySelector('#table .rows').focus()");
    let row = "Number(document.activeElement.closest('tr')?.dataset.id ?? -1)";
    while page.read(row) == -1 {
        page.key("Tab");
    }
    assert_eq!(page.read(row), 0, "Tab comes to the selected row");
    for i in 1..DOSAGE.nodes.len() {
        page.key("ArrowDown");
        assert_eq!(page.read(row), i);
    }
    page.key("ArrowUp");
    page.key("Enter");
    assert_eq!(page.read(SELECTED), DOSAGE.nodes.len() - 2);
}

#[test]
fn a_page_without_an_address_opens_where_it_is_told() {
    let told = PAGE.replacen("<body>", "<body data-at=\"t=5&amp;sel=w1\">", 1);
    let mut page = Page::open(browser!(), &told, "");
    assert_eq!(page.read(&format!("[{STEP}, {SELECTED}]")), json!([5, 0]));
    page.key("ArrowRight");
    assert_eq!(page.read(STEP), 6);
}

#[test]
fn links_that_skip_keep_the_state() {
    let mut page = Page::open(browser!(), &PAGE, "#t=7&sel=w1&log=1");
    let places = ["chain", "timeline", "table", "findings"];
    for (k, id) in places.iter().enumerate() {
        page.read("document.querySelector('.skip').focus()");
        page.keys(&vec!["Tab"; k]);
        page.key("Enter");
        assert_eq!(page.read("document.activeElement.id"), *id);
        let state = page.read(&format!("[{STEP}, {SELECTED}, location.hash]"));
        assert_eq!(state, json!([7, 0, "#t=7&sel=w1&log=1"]), "after skipping to {id}");
        page.key("Tab");
        let inside = page.read("document.activeElement.closest('section')?.id");
        assert!(id == &"findings" || inside == *id, "Tab goes on in {id}, not in {inside}");
    }
}

#[test]
fn the_bar_that_stays_in_sight_takes_an_eighth_of_a_phone_at_most() {
    let mut page = Page::new(browser!());
    for (width, height) in [(390, 844), (360, 740), (430, 932)] {
        page.size(width, height);
        page.go(&PAGE, "");
        let bar = "document.querySelector('#timeline').offsetHeight / innerHeight";
        for t in [0, 20, 40, 41, 60, last()] {
            page.read(&format!("location.hash = 't={t}'"));
            page.until(&format!("{STEP} === {t}"));
            let part = page.read(bar).as_f64().expect("a part");
            assert!(part <= 0.12, "{part} of {height} at step {t}");
        }
    }
}

#[test]
fn what_is_wider_than_a_phone_says_so_and_can_have_the_focus() {
    let mut page = Page::new(browser!());
    page.size(390, 844);
    page.go(&PAGE, "");
    let found = page.read(
        "[...document.querySelectorAll('main *')]
            .filter(e => !(e instanceof SVGElement) && /auto|scroll|hidden/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)
            .map(e => [e.className, e.tabIndex >= 0 || e.matches('.graph'), getComputedStyle(e).backgroundImage.split('gradient').length > 3])",
    );
    let found = found.as_array().expect("a list");
    assert!(found.len() > 2, "{found:?}");
    for each in found {
        assert_eq!((&each[1], &each[2]), (&json!(true), &json!(true)), "{}", each[0]);
    }
}

#[test]
fn a_drag_on_the_pink_curve_moves_the_parameter_and_all_that_follows_from_it() {
    let mut page = Page::open(browser!(), &PAGE, "#sel=b3");
    let b3 = "tape.value[tape.find('b3')]";
    let ssr = "document.querySelector('#summary').textContent + tape.value[data.output]";
    let before = (page.read(b3), page.read(ssr));
    let from = page.place("#slice .handle", (0.5, 0.5));
    page.drag(from, (from.0 - 60.0, from.1 - 30.0));
    let after = (page.read(b3), page.read(ssr));
    assert!(after.0.as_f64() < before.0.as_f64(), "{before:?} {after:?}");
    assert_ne!(after.1, before.1);
    // The address keeps it, and brings it back.
    page.until("decodeURIComponent(location.hash).includes('leaves=6:' + tape.value[6])");
    let fragment = page.read("location.hash").as_str().expect("text").to_owned();
    page.go(&PAGE, &fragment);
    let again = page.read(b3).as_f64().expect("a number");
    assert!((again - after.0.as_f64().expect("a number")).abs() < 1e-9);
}

#[test]
fn a_leaf_can_be_scrubbed_and_typed() {
    let mut page = Page::open(browser!(), &PAGE, "#sel=w1");
    let w1 = "tape.value[tape.find('w1')]";
    let before = page.read(w1);
    let (from, to) = (
        page.place(".leaf input[type='range']", (0.5, 0.5)),
        page.place(".leaf input[type='range']", (0.9, 0.5)),
    );
    page.drag(from, to);
    assert!(page.read(w1).as_f64() > before.as_f64());
    page.read("document.querySelector('#leaf').select()");
    page.write("1.25");
    page.key("Tab");
    assert_eq!(page.read(w1), 1.25);
    assert_eq!(
        page.read("document.querySelector('#table tr[data-id=\"0\"] td.value').textContent"),
        "1.25"
    );
}

#[test]
fn an_observation_is_dragged_by_the_pointer_and_by_a_finger() {
    let mut page = Page::open(browser!(), &PAGE, "");
    let (point, recorded) = ("live.point(1)", "tape.value[data.output]");
    let ssr = page.read(recorded);
    let from = page.place("#fit .handle:nth-of-type(2)", (0.5, 0.5));
    page.drag(from, (from.0 + 40.0, from.1 + 30.0));
    let moved = page.read(point);
    assert!(moved[0].as_f64() > Some(0.52) && moved[1].as_f64() < Some(0.95), "{moved}");
    assert_ne!(page.read(recorded), ssr);
    page.be_touched();
    let from = page.place("#fit .handle:nth-of-type(2)", (0.5, 0.5));
    page.swipe(from, (from.0 - 60.0, from.1));
    page.until(&format!("{point}[0] < 0.5"));
    page.click("#changed button");
    assert_eq!(page.read(&format!("[{point}, {recorded}]")), json!([[0.5, 1], ssr]));
}

#[test]
fn the_slash_key_searches_arrows_choose_and_enter_selects() {
    let mut page = Page::open(browser!(), &PAGE, "#sel=w1");
    page.key("/");
    page.write("softplus");
    page.until("document.querySelectorAll('#found li').length === 6");
    page.key("ArrowDown");
    page.key("Enter");
    assert_eq!(page.read("tape.op(state.sel).name"), "softplus");
    assert_eq!(page.read("document.querySelector('dialog[open]')"), json!(null));
    let chosen = page.read(SELECTED);
    page.key("/");
    page.write("no such name");
    page.key("Enter");
    page.key("Escape");
    assert_eq!(page.read(SELECTED), chosen, "nothing found selects nothing");
}

#[test]
fn the_graph_is_dragged_and_zoomed_and_a_plain_wheel_only_scrolls() {
    let mut page = Page::open(browser!(), &PAGE, "");
    page.read("document.querySelector('#graph .scroll').scrollIntoView({ block: 'center' })");
    let left = "document.querySelector('#graph .scroll').scrollLeft";
    let width = "document.querySelector('#graph .scroll > svg').width.baseVal.value";
    let (at, selected) = (page.place("#graph .scroll", (0.5, 0.5)), page.read(SELECTED));
    let start = page.read(left).as_f64().expect("a number");
    let by = if start > 100.0 { 80.0 } else { -80.0 };
    page.drag(at, (at.0 + by, at.1));
    let moved = page.read(left).as_f64().expect("a number") - start;
    assert!((moved + by).abs() < 3.0, "dragged by {by}, scrolled by {moved}");
    assert_eq!(page.read(SELECTED), selected, "a drag selects nothing");
    // What is higher than its frame scrolls first, then the page.
    let before = page.read(width).as_f64().expect("a width");
    let down = "scrollY + document.querySelector('#graph .scroll').scrollTop";
    let top = page.read(down).as_f64().expect("a number");
    page.wheel(at, (0.0, 200.0));
    page.until(&format!("{down} > {}", top + 50.0));
    assert_eq!(page.read(width), before, "without Ctrl nothing is zoomed");
    let at = page.place("#graph .scroll", (0.5, 0.5));
    let zoom = json!({ "type": "mouseWheel", "x": at.0, "y": at.1, "deltaX": 0, "deltaY": -300, "modifiers": 2 });
    page.call("Input.dispatchMouseEvent", zoom);
    page.until(&format!("{width} > {}", before * 1.2));
}

#[test]
fn the_descent_and_the_tour_go_by_keys_alone() {
    let mut page = Page::open(browser!(), &PAGE, "");
    page.read("document.querySelector('#step').focus()");
    page.keys(&["Enter", "Enter", "Enter"]);
    assert_eq!(page.read("state.step"), 3);
    page.read("document.querySelector('#start-tour').focus()");
    page.key("Enter");
    for stop in 1..=6 {
        assert_eq!(page.read("state.tour"), stop);
        page.read("document.querySelector('#tour [data-go=next]').focus()");
        page.key("Enter");
    }
    assert_eq!(page.read("state.tour"), 0, "the tour is over");
}
