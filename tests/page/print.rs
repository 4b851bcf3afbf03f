//! On paper, and as PDF: everything is there, and nothing is cut.

use super::devtools::Page;
use super::reports::{DOSAGE, PAGE};
use super::{browser, reports};
use serde_json::json;

/// What would be cut on a page so wide: what scrolls, and what ends beyond the right edge.
const CUT: &str = "(() => {
    const wide = document.documentElement.clientWidth;
    return [...document.querySelectorAll('main section *')].filter(e => {
        if (!e.checkVisibility() || e.closest('.said, svg svg') || e.closest('math') && !e.matches('math')) return false;
        const { right, width } = e.getBoundingClientRect(), style = getComputedStyle(e);
        const scrolls = !(e instanceof SVGElement) && /auto|scroll|hidden/.test(style.overflow)
            && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
        return width > 0 && (right > wide + 1 || scrolls);
    }).map(e => `${e.closest('section').id} ${e.tagName} ${e.getAttribute('class')} ${e.textContent.slice(0, 40)}`);
})()";

#[test]
fn print_has_the_whole_graph_and_every_row() {
    let mut page = Page::new(browser!());
    // The width of A4 between its margins.
    page.size(703, 1000);
    let long = reports::long(100).html().to_string();
    for (html, nodes) in [(&*PAGE, DOSAGE.nodes.len()), (&long, 300)] {
        page.go(html, "");
        let before = page.read("document.querySelectorAll('#table tbody tr').length");
        page.call("Emulation.setEmulatedMedia", json!({ "media": "print" }));
        page.read("dispatchEvent(new Event('beforeprint'))");
        let seen = page.read(
            "[document.querySelectorAll('#table tbody tr').length, document.querySelectorAll('#graph .node').length]",
        );
        assert_eq!(seen, json!([nodes, nodes]));
        assert_eq!(page.read(CUT), json!([]), "{nodes} nodes");
        page.read("dispatchEvent(new Event('afterprint'))");
        page.call("Emulation.setEmulatedMedia", json!({ "media": "" }));
        assert_eq!(page.read("document.querySelectorAll('#table tbody tr').length"), before);
    }
}

#[test]
fn a_pdf_is_made_of_every_row_of_the_table() {
    let mut page = Page::new(browser!());
    let sizes = [50, 100].map(|terms| {
        page.go(&reports::long(terms).html().to_string(), "");
        let watch = "window.rows = 0; new MutationObserver(() => { rows = Math.max(rows, document.querySelectorAll('#table tbody tr').length); })\
            .observe(document.querySelector('#table tbody'), { childList: true }); 0";
        page.read(watch);
        let pdf = page.call("Page.printToPDF", json!({ "preferCSSPageSize": true }));
        page.until(&format!("rows === {}", 3 * terms));
        let pdf = pdf["data"].as_str().expect("a file");
        assert!(pdf.starts_with("JVBERi"), "it is a PDF");
        pdf.len()
    });
    assert!(sizes[1] > sizes[0], "{sizes:?}");
}
