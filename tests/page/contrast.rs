//! Text against its ground: at least 4.5 : 1, in both themes.

use super::pattern::arrow;
use super::reports::{PAGE, odd};
use super::{Visit, browser};
use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../src/inspect/html/page/style.css");
const LEAST: f64 = 4.5;
/// Of lines that say something.
const LEAST_OF_LINES: f64 = 3.0;

/// The relative luminance of `#rrggbb`, by the Web Content Accessibility Guidelines.
fn luminance(colour: &str) -> f64 {
    let part = |k: usize| {
        let c =
            u8::from_str_radix(&colour[1 + 2 * k..3 + 2 * k], 16).expect("a colour") as f64 / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2)
}

fn contrast(a: &str, b: &str) -> f64 {
    let [a, b] = [a, b].map(luminance);
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The colours that a rule of the style sheet names.
fn colours(selector: &str) -> BTreeMap<&'static str, &'static str> {
    let (_, rule) = STYLE.split_once(&format!("\n{selector} {{")).expect("a rule");
    let (rule, _) = rule.split_once('}').expect("its end");
    let named = rule.split(';').filter_map(|line| line.split_once(':'));
    let named = named.map(|(name, value)| (name.trim(), value.trim()));
    named.filter(|(_, value)| value.starts_with('#') && value.len() == 7).collect()
}

#[test]
fn every_colour_of_text_stands_out_from_every_ground() {
    const GROUNDS: &[&str] = &["--paper", "--card", "--sunk", "--glow", "--path"];
    /// Curves are named beside their plot, on a panel.
    const CURVES: &[&str] = &["--blue", "--orange", "--green", "--pink"];
    /// Lines, on which no text depends.
    const LINES: &[&str] = &["--line", "--edge"];
    for theme in [":root", ":root[data-theme=\"dark\"]"] {
        let colours = colours(theme);
        let used = |name: &&str| {
            !GROUNDS.contains(name) && !LINES.contains(name) && **name != *"--on-accent"
        };
        let texts: Vec<&str> = colours.keys().copied().filter(used).collect();
        assert!(texts.len() >= 10 && texts.contains(&"--ink"), "{texts:?}");
        for text in texts {
            let stands_on = if CURVES.contains(&text) { &GROUNDS[..2] } else { GROUNDS };
            for ground in stands_on {
                let found = contrast(colours[text], colours[ground]);
                assert!(found >= LEAST, "{text} on {ground} in {theme}: {found:.2}");
            }
        }
        for ground in GROUNDS {
            let found = contrast(colours["--edge"], colours[ground]);
            assert!(found >= LEAST_OF_LINES, "--edge on {ground} in {theme}: {found:.2}");
        }
        assert!(contrast(colours["--on-accent"], colours["--accent"]) >= LEAST);
    }
}

#[test]
fn all_text_that_is_seen_stands_out_from_what_it_stands_on() {
    let script = include_str!("driver/contrast.js");
    let pages = [PAGE.clone(), odd().html().to_string(), arrow().html().to_string()];
    let visits: Vec<Visit> = pages
        .iter()
        .flat_map(|page| {
            ["light", "dark"].map(|theme| Visit::new(page, script).at(&format!("#theme={theme}")))
        })
        .collect();
    for (found, visit) in browser!().drive(&visits).iter().zip(&visits) {
        let seen = found["seen"].as_u64().expect("a count");
        assert!(seen > 200, "{seen} texts at {}", visit.fragment);
        let faint = found["faint"].as_array().expect("texts");
        assert!(
            faint.is_empty(),
            "{}: {}",
            visit.fragment,
            serde_json::to_string_pretty(faint).expect("JSON")
        );
    }
}
