//! Labels and names stay text, whatever is in them.

use super::hostile::{names, steers};
use super::reports::DOSAGE;
use super::{Visit, browser};
use gradtape::inspect::Report;
use gradtape::optim::{Fitter, Sgd};
use gradtape::{CustomOp, Tape, Var, custom};
use serde_json::json;

pub const ODD: &[&str] = &[
    "<b>bold</b>",
    "</script><script>hacked = 1</script>",
    "<!-- <script>",
    "]]>",
    "<img src=x onerror=hacked=1>",
    "&amp; & &lt;",
    "\"quoted\" 'and' `ticked`",
    "\\ \\\\ \\n \\u003c",
    "line\nbreak\r\ttab",
    "nul \0 and \u{1} and \u{7f}",
    "\u{2028}\u{2029}",
    "\u{202e}turned\u{202c}",
    "\u{1f469}\u{200d}\u{1f52c}\u{1f600}",
    "javascript:hacked=1",
    "${hacked=1} {{x}} {title} {data} {x}",
    "__proto__",
    "constructor",
    "$& $' $1",
    "",
    " ",
    "e\u{301} \u{fffd} \u{fffe} \u{10ffff}",
];

/// `2x` under any name.
struct Named(String);

impl CustomOp for Named {
    fn name(&self) -> &str {
        &self.0
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = 2.0 * x[0];
    }
    fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = 2.0 * w[0];
    }
}

/// A report whose every name is that text.
fn named(text: &str) -> Report {
    let tape = Tape::new();
    let output = {
        let _scope = tape.scope(text);
        let x = tape.var(0.5).label(text);
        let bent = custom(Named(text.into()), &[x])[0];
        (bent * x).label(&format!("{text}{text}y"))
    };
    let fit = Fitter::new(|p| p[0] * p[0], &[1.0]).names([text]).fit(&mut Sgd::new(0.1), 3);
    let run = fit.expect("it descends").history.named(text).loss_name(text);
    let mut report = tape.report(output).title(text).with_run(run);
    report.facts.push((text.into(), text.into()));
    report.network = DOSAGE.network.clone().map(|mut network| {
        network.samples = vec![text.into(); 2];
        network.layers = vec![vec![network.layers[0][0].clone()]];
        network.layers[0][0].name = text.into();
        network.layers[0][0].activation = text.into();
        network.links.clear();
        network
    });
    report
}

/// A name as a terminal shows it: what would steer it is written out.
fn written_out(text: &str) -> String {
    let written = |c: char| match steers(c) || c == '\n' {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(written).collect()
}

/// A label as the table shows it: at most 28 letters, cut in the middle.
fn shown(text: &str) -> String {
    let letters: Vec<char> = written_out(text).chars().collect();
    match letters.len() {
        0..=28 => letters.into_iter().collect(),
        long => letters[..14].iter().chain(&['\u{2026}']).chain(&letters[long - 13..]).collect(),
    }
}

#[test]
fn every_label_is_shown_as_text_and_none_is_run() {
    let reports: Vec<Report> = ODD.iter().map(|text| named(text)).collect();
    let script = include_str!("driver/safe.js");
    let visits: Vec<Visit> =
        reports.iter().map(|r| Visit::new(&r.html().to_string(), script)).collect();
    let plain = browser!().drive(&[Visit::new(&named("plain").html().to_string(), script)]);
    let found = browser!().drive(&visits);
    for ((found, text), report) in found.iter().zip(ODD).zip(&reports) {
        assert_eq!(found["hacked"], json!(false), "{text:?}");
        // Exactly the elements that a harmless name makes: none was injected.
        assert_eq!(found["elements"], plain[0]["elements"], "{text:?}");
        assert_eq!(found["listeners"], json!([]), "{text:?}");
        assert_eq!(found["node"], report.name(0));
        let output = [text, text, "y"].concat();
        assert_eq!(found["labels"], json!([shown(&report.name(0)), "%1", shown(&output)]));
        let heading =
            if text.is_empty() { format!("The tape of {output}") } else { text.to_string() };
        assert_eq!(found["heading"], written_out(&heading));
    }
}

#[test]
fn the_markup_of_the_page_is_the_same_whatever_a_label_says() {
    /// What an HTML parser without scripts sees: the tags of the file, in order.
    fn tags(page: &str) -> Vec<&str> {
        page.split('<').skip(1).filter_map(|after| after.split(['>', ' ', '\n']).next()).collect()
    }
    let plain = named("plain").html().to_string();
    for text in ODD {
        let page = named(text).html().to_string();
        assert_eq!(tags(&page), tags(&plain), "{text:?}");
        assert_eq!(page.matches("</script").count(), 2, "{text:?}");
        // In a script these would end a line, or be a mistake.
        let (_, scripts) = page.split_once("<script").expect("scripts");
        assert!(!scripts.contains(['\0', '\u{2028}', '\u{2029}']), "{text:?}");
    }
}

/// What a terminal would obey is written out on the page by the very rule of the terminal.
#[test]
fn names_are_written_out_as_in_the_terminal() {
    let tape = Tape::new();
    let names = names();
    let labelled: Vec<Var> = names.iter().map(|name| tape.var(0.5).label(name)).collect();
    let report = tape.report(labelled.iter().copied().sum::<Var>());
    let script = "return all('#table tr[data-id] button').map(b => b.title);";
    let found = &browser!().drive(&[Visit::new(&report.html().to_string(), script)])[0];
    let table = report.table().rows(0).width(0).color(false).to_string();
    for (i, name) in names.iter().enumerate() {
        let page = found[i].as_str().expect("a name");
        assert!(!page.contains(steers), "{name:?}: {page:?}");
        if name.trim().is_empty() || report.name(i) != *name {
            continue;
        }
        assert_eq!(page, written_out(name));
        assert!(table.contains(page), "{page} in the terminal");
    }
}

/// A sign stands left of its number and a digit left of the next, whatever names stand beside them.
#[test]
fn names_from_right_to_left_turn_no_number_round() {
    let report = |name: &str| {
        let tape = Tape::new();
        let _outer = tape.scope(name);
        let x = tape.var(-6.5).label(name);
        let y = (x * -6.5).label(&format!("{name}2"));
        let z = (y + x * -6.5).label(&format!("3{name}"));
        let _outcome = y < -6.5;
        let mut report = tape.report(z.square() * -6.5 + x).title("-6.5");
        report.facts.push((name.into(), "-6.5".into()));
        report.findings = report.detect();
        report
    };
    let script = include_str!("driver/numbers.js");
    let names = [
        "plain",
        "\u{5d0}\u{5d1}\u{5d2}",
        "\u{202e}turned",
        "\u{627}\u{644}\u{648}\u{632}\u{646} 1",
        "\u{2067}\u{5d0}",
    ];
    let reports = names.map(report);
    let drawn = |report: &Report| {
        let svg = report.svg().to_string();
        format!(
            "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body>{svg}</body></html>"
        )
    };
    let pages = reports.iter().map(|report| report.html().to_string());
    let pages: Vec<String> = pages.chain(reports.iter().map(drawn)).collect();
    let visits: Vec<Visit> = pages.iter().map(|page| Visit::new(page, script)).collect();
    let found = browser!().drive(&visits);
    for (found, name) in found.iter().zip(names.iter().cycle()) {
        assert!(found["looked"].as_u64() > Some(5), "{name:?}: {found}");
        assert_eq!(found["turned"], json!([]), "{name:?}");
    }
}
