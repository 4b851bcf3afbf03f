//! What axe-core finds, which knows the rules for those who see, hear or move otherwise: nothing.
//!
//! It is under the MPL-2.0 and no part of the project. `GRADTAPE_AXE` names its minified file, as `npm pack axe-core`
//! has it. Without it this test says that it is skipped; with `GRADTAPE_REQUIRE_AXE=1`, as in `.ci/run`, it fails.

use super::browser;
use super::devtools::Page;
use super::reports;
use std::io::Write;
use std::{env, fs};

/// What axe-core has to say: the rule, what it asks, and the first few elements that break it.
const RUN: &str = "axe.run(document, { resultTypes: ['violations'], RULES }).then(found => found.violations.map(rule =>
    `${rule.id}: ${rule.help}, ${rule.nodes.length} times: ${rule.nodes.slice(0, 3).map(node => `${node.html.slice(0, 200)} ${node.failureSummary.slice(0, 300)}`).join(' | ')}`))";

#[test]
fn axe_finds_nothing_on_any_page_in_any_theme_on_a_phone_and_on_a_desk() {
    let Some(path) = env::var_os("GRADTAPE_AXE") else {
        assert!(env::var_os("GRADTAPE_REQUIRE_AXE").is_none(), "GRADTAPE_AXE is not set");
        let why = "skipped: axe: GRADTAPE_AXE does not name axe.min.js of the npm package axe-core";
        writeln!(std::io::stderr(), "{why}").expect("stderr");
        return;
    };
    let axe = fs::read_to_string(&path).expect("GRADTAPE_AXE names a file");
    let mut page = Page::new(browser!());
    let mut found = vec![];
    for (k, report) in reports::all().iter().enumerate() {
        let html = report.html().to_string();
        // Colours are those of the theme, all else is that of the width.
        for (theme, width, height, rules) in [
            ("light", 1440, 900, ""),
            ("dark", 1440, 900, "runOnly: ['color-contrast', 'link-in-text-block']"),
            ("light", 390, 844, "rules: { 'color-contrast': { enabled: false } }"),
        ] {
            page.size(width, height);
            page.go(&html, &format!("#theme={theme}"));
            page.read(&format!("{axe}; 0"));
            let says = page.read(&RUN.replace("RULES", &format!("...{{ {rules} }}")));
            let says = says.as_array().expect("a list").iter();
            found.extend(says.map(|says| format!("report {k}, {theme}, {width}: {says}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
