//! What the page takes in a browser, as time of its renderer on the processor: opening, a step, a selection, a drag.
//!
//! ```text
//! cargo bench --bench page            the tables of docs/benchmarks.md, and what became of the budgets
//! cargo bench --bench page -- small   small pages: that it works
//! ```
//!
//! The system counts that time in hundredths of a second, so what is shorter is done many times. Without a browser the
//! bench says so and measures nothing.

#[path = "../tests/common/browser.rs"]
#[allow(unused_macros, unused_imports, reason = "the tests use the rest")]
mod browser;
#[path = "../tests/common/devtools.rs"]
mod devtools;
#[path = "common/markdown.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod markdown;
#[path = "common/side_by_side.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod side_by_side;

use browser::Browser;
use devtools::Page;
use gradtape::Tape;
use gradtape::inspect::Report;
use gradtape::nn::Dosage;
use markdown::{Budgets, print_setting, print_table, progress, thousands, times};
use side_by_side::Spread;

/// How often a page is opened.
const OPENED: usize = 5;
/// How often something short is done.
const TIMES: usize = 20;

fn main() {
    // `cargo test --benches` asks for no figures.
    let is_asked = |word: &str| std::env::args().any(|argument| argument == word);
    if !is_asked("--bench") {
        return;
    }
    let Some(browser) = Browser::find("opening pages") else { return };
    let mut budgets = Budgets::default();
    print_setting(&[]);
    let (nodes, rounds) = if is_asked("small") { (250, 1) } else { (10_000, OPENED) };
    opening(browser, rounds, is_asked("small"), &mut budgets);
    acting(browser, nodes, &mut budgets);
    budgets.print();
}

/// Print what pages take until all is drawn.
fn opening(browser: &'static Browser, rounds: usize, small: bool, budgets: &mut Budgets) {
    let mut pages: Vec<(&str, f64, Report)> =
        vec![("the dosage network", 1000.0, Dosage::published_report())];
    if small {
        pages.push(("250 nodes", 1000.0, mixed(250)));
    } else {
        pages.push(("2,500 nodes", 1000.0, mixed(2_500)));
        pages.push(("10,000 nodes", 2000.0, mixed(10_000)));
        pages.push(("100,000 nodes", 2000.0, mixed(100_000)));
        pages.push(("a chain of 150,000 nodes", 2000.0, chain(150_000)));
    }
    let mut lines = vec![];
    for (name, most, report) in pages {
        progress(name);
        let html = report.html().to_string();
        let open = |_| {
            let mut page = Page::new(browser);
            milliseconds(&mut page, |page| page.go(&html, ""))
        };
        let opens = Spread::of((0..rounds).map(open).collect());
        budgets.at_most(&format!("{name} open"), most, opens.median, "ms");
        lines.push(vec![name.to_owned(), thousands(html.len()), times(opens.times(1e6))]);
    }
    print_table(&["page", "bytes", "opens in"], lines);
}

/// Print what it takes to act on a page of so many nodes.
fn acting(browser: &'static Browser, nodes: usize, budgets: &mut Budgets) {
    let html = mixed(nodes).html().to_string();
    let mut page = Page::new(browser);
    let mut lines = vec![];
    let mut act = |name: &str, start: &str, act: &mut dyn FnMut(&mut Page, usize)| {
        progress(name);
        page.go(&html, start);
        page.drawn();
        let mut each = |page: &mut Page, k: usize| {
            milliseconds(page, |page| {
                for j in 0..TIMES {
                    act(page, k * TIMES + j);
                    page.drawn();
                }
            }) / TIMES as f64
        };
        let spent = Spread::of((0..5).map(|k| each(&mut page, k)).collect());
        budgets.at_most(&format!("{name}, {} nodes", thousands(nodes)), 50.0, spent.median, "ms");
        lines.push(vec![name.to_owned(), times(spent.times(1e6))]);
    };
    act("a step forwards", "#t=100", &mut |page, _| page.key("ArrowRight"));
    act("a step backwards", "", &mut |page, _| page.key("ArrowLeft"));
    act("a selection", "#t=0", &mut |page, k| {
        // Inputs, from which the whole tape leads to the output.
        let row = (k * 37) % 100;
        page.read(&format!("document.querySelectorAll('#table tbody tr.pick')[{row}].click()"));
    });
    act("a drag of the slider, one move", "", &mut |page, k| {
        let value = (k * 7919) % (2 * nodes);
        page.read(&format!(
            "(slider => {{ slider.value = {value}; slider.dispatchEvent(new Event('input', {{ bubbles: true }})); }})(document.querySelector('#slider'))"
        ));
    });
    print_table(&[&format!("at {} nodes", thousands(nodes)), "takes"], lines);
}

/// The milliseconds that the renderers have on the processor while something is done and drawn.
fn milliseconds(page: &mut Page, work: impl FnOnce(&mut Page)) -> f64 {
    let before = page.cpu();
    work(page);
    page.drawn();
    let after = page.cpu();
    let spent = after.iter().map(|(id, seconds)| seconds - before.get(id).unwrap_or(&0.0));
    1e3 * spent.sum::<f64>()
}

/// Nodes with two operands each, fifty in a column.
fn mixed(nodes: usize) -> Report {
    let tape = Tape::new();
    let mut x = tape.vars(&[0.9; 50]);
    for k in 0..nodes / 50 - 1 {
        for i in 0..50 {
            x[i] = x[i] * x[(i * 7 + k) % 50];
        }
    }
    tape.report(x[0])
}

/// One operation after the other.
fn chain(nodes: usize) -> Report {
    let tape = Tape::new();
    let x = tape.var(0.1);
    tape.report((1..nodes).fold(x, |x, _| x.sin()))
}
