//! A node is found: by a search, by a filter, by sorting; and what the pointer is on is lit everywhere.

use super::browser;
use super::devtools::Page;
use super::reports::{DOSAGE, PAGE, odd};
use gradtape::inspect::Report;
use serde_json::json;

const FOUND: &str =
    "[...document.querySelectorAll('#search [role=option] b')].map(b => b.textContent)";
const SELECTED: &str = "Number(document.querySelector('#table tr.selected').dataset.id)";
const ROWS: &str =
    "[...document.querySelectorAll('#table tr[data-id]')].map(row => Number(row.dataset.id))";

#[test]
fn a_slash_searches_labels_operations_ids_and_scopes() {
    let mut page = Page::open(browser!(), &PAGE, "");
    for (text, first, down) in
        [("resid", "residual 0", 1), ("%12", "%12", 0), ("softplus", "%9", 2)]
    {
        page.key("/");
        assert_eq!(page.read("document.activeElement.getAttribute('role')"), "combobox", "{text}");
        page.write(text);
        let found = page.read(FOUND);
        assert_eq!(found[0], first, "{text}: {found}");
        for _ in 0..down {
            page.key("ArrowDown");
        }
        let chosen = found[down].as_str().expect("a name").to_string();
        let said = page.read("document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent");
        assert!(said.as_str().expect("text").starts_with(&chosen), "{said} is not {chosen}");
        page.key("Enter");
        assert_eq!(page.read("document.querySelectorAll('dialog').length"), 0);
        assert_eq!(page.read(SELECTED), DOSAGE.find(&chosen).expect("a node"), "{text}");
    }
    // A scope is found by its name, and nothing by nonsense; Escape leaves all as it was.
    page.key("/");
    page.write("dosage 0.5");
    assert!(page.read(FOUND).as_array().expect("nodes").len() > 5);
    page.write("nonsense");
    assert_eq!(page.read(FOUND), json!([]));
    assert_eq!(
        page.read("document.querySelector('#search [role=status]').textContent"),
        "Nothing has this name."
    );
    let selected = page.read(SELECTED);
    page.key("Escape");
    assert_eq!(page.read("document.querySelectorAll('dialog').length"), 0);
    assert_eq!(page.read(SELECTED), selected);
}

/// Nodes by magnitude of a number, the largest first and NaN before all.
fn by_magnitude(report: &Report, number: impl Fn(usize) -> f64) -> Vec<usize> {
    let key = |i: usize| if number(i).is_nan() { f64::NAN } else { number(i).abs() };
    let mut nodes: Vec<usize> = (0..report.nodes.len()).collect();
    nodes.sort_by(|&a, &b| key(b).total_cmp(&key(a)));
    nodes
}

#[test]
fn the_table_is_sorted_and_filtered_and_the_address_keeps_it() {
    let browser = browser!();
    let report = odd();
    let html = report.html().to_string();
    let mut page = Page::open(browser, &html, "");
    let all: Vec<usize> = (0..report.nodes.len()).collect();
    assert_eq!(page.read(ROWS), json!(all));
    for (key, number) in [("value", 0), ("adjoint", 1)] {
        let number = |i: usize| [report.nodes[i].value, report.nodes[i].adjoint][number];
        let head = format!("#table th[data-sort={key}]");
        let sorted = format!("document.querySelector('{head}').getAttribute('aria-sort')");
        page.click(&format!("{head} button"));
        let largest_first = by_magnitude(&report, number);
        assert_eq!(
            (page.read(&sorted), page.read(ROWS)),
            (json!("descending"), json!(largest_first))
        );
        assert!(page.read("toFragment()").as_str().expect("text").contains(&format!("sort={key}")));
        page.click(&format!("{head} button"));
        assert_eq!(page.read(&sorted), "ascending");
        let rows = page.read(ROWS);
        let rows: Vec<f64> = rows
            .as_array()
            .expect("rows")
            .iter()
            .map(|i| number(i.as_u64().expect("an index") as usize).abs())
            .collect();
        assert!(rows.windows(2).all(|pair| pair[0] <= pair[1] || pair[1].is_nan()), "{rows:?}");
        page.click(&format!("{head} button"));
        assert_eq!((page.read(&sorted), page.read(ROWS)), (json!(null), json!(all)));
    }
    let bad: Vec<usize> = (all.iter().copied())
        .filter(|&i| !report.nodes[i].value.is_finite() || !report.nodes[i].adjoint.is_finite())
        .collect();
    assert!(!bad.is_empty() && bad.len() < all.len());
    page.go(&html, "#show=bad");
    assert_eq!(page.read(ROWS), json!(bad));
    assert_eq!(page.read("document.querySelector('#show').value"), "bad");
    // On the paths from x to y: x, x², and two sums.
    page.go(&html, "#show=path&sel=x");
    let way = page.read(ROWS);
    let x = report.find("x").expect("x");
    let leads = |&i: &usize| report.paths(x).listed.iter().any(|path| path.nodes().any(|n| n == i));
    assert_eq!(way, json!(all.iter().copied().filter(leads).collect::<Vec<_>>()));
    // Nonsense is as if it were not there.
    page.go(&html, "#show=nonsense&sort=-nonsense");
    assert_eq!(page.read(ROWS), json!(all));
}

#[test]
fn what_is_pointed_at_or_has_the_focus_is_lit_everywhere() {
    let mut page = Page::open(browser!(), &PAGE, "#sel=w1");
    let lit = |query: &str| {
        format!(
            "[...document.querySelectorAll('{query}')].filter(e => e.matches('.lit')).map(e => e.dataset.edges)"
        )
    };
    let first = page.read("document.querySelector('#chain .factor').dataset.edges");
    let first = first.as_str().expect("an edge").to_string();
    let user: usize = first.split(':').next().and_then(|i| i.parse().ok()).expect("a node");
    assert_eq!(user, DOSAGE.find("SSR").expect("SSR"));
    // A factor lights the row of its node.
    page.read("document.querySelector('#chain .factor').focus()");
    let rows = page.read(&lit("#table tr"));
    assert!(
        rows.as_array().expect("rows").len() == 1
            && rows[0].as_str().expect("edges").split(' ').any(|e| e == first),
        "{rows}"
    );
    assert_eq!(page.read(&lit("#graph .edge")), json!([first]));
    // And a row the factors of its node.
    let row = format!("#table tr[data-id=\"{user}\"]");
    let at = page.place(&row, (0.5, 0.5));
    page.point(at);
    let factors = page.read(&lit("#chain .factor"));
    assert_eq!(
        factors.as_array().expect("factors").len(),
        3,
        "one for each observation: {factors}"
    );
    page.read("document.activeElement.blur()");
}

#[test]
fn an_address_is_read_that_came_while_the_one_before_was_written() {
    let mut page = Page::open(browser!(), &PAGE, "#sel=w3");
    page.read(
        "(() => {
            const newURL = location.href.replace('w3', 'b1');
            dispatchEvent(new HashChangeEvent('hashchange', { newURL }));
        })()",
    );
    page.until("document.querySelector('#chain').dataset.node === 'b1'");
}

#[test]
fn the_bar_of_contributions_adds_up_to_the_adjoint() {
    let mut page = Page::open(browser!(), &PAGE, "#sel=w3");
    let number = |text: &str| {
        text.replace('\u{2212}', "-").replace('+', "").parse::<f64>().expect("a number")
    };
    for name in ["w1", "b1", "w3", "b3"] {
        page.read(&format!("location.hash = '#sel={name}'"));
        page.until(&format!("document.querySelector('#chain').dataset.node === '{name}'"));
        let titles = page.read(
            "[...document.querySelectorAll('#chain .add')].map(e => e.title.split(': ').at(-1))",
        );
        let adds: Vec<f64> = titles
            .as_array()
            .expect("pieces")
            .iter()
            .map(|t| number(t.as_str().expect("text")))
            .collect();
        let adjoint = DOSAGE.nodes[DOSAGE.find(name).expect("a node")].adjoint;
        assert!(
            (adds.iter().sum::<f64>() - adjoint).abs() < 2e-3 * adjoint.abs(),
            "{name}: {adds:?}"
        );
        // Each piece begins where the one before ends, and the last ends at the adjoint.
        let ends = page.read("(() => {
            const box = e => e.getBoundingClientRect(), [zero, total] = [...document.querySelectorAll('#chain .mark-at')].map(e => box(e)[e.matches('.before') ? 'right' : 'left']);
            const pieces = [...document.querySelectorAll('#chain .add')];
            let at = zero, apart = 0;
            for (const piece of pieces) {
              const minus = piece.matches('.minus');
              apart = Math.max(apart, Math.abs(box(piece)[minus ? 'right' : 'left'] - at));
              at = box(piece)[minus ? 'left' : 'right'];
            }
            return [apart, Math.abs(at - total)];
        })()");
        let ends: Vec<f64> =
            ends.as_array().expect("two").iter().map(|x| x.as_f64().expect("a number")).collect();
        assert!(ends.iter().all(|apart| *apart < 2.5), "{name}: {ends:?}");
    }
}
