//! Labels and names stay text, whatever is in them.

use super::reports::DOSAGE;
use super::{Visit, browser};
use gradtape::inspect::Report;
use gradtape::optim::{Fitter, Sgd};
use gradtape::{CustomOp, Tape, custom};
use serde_json::json;

const ODD: &[&str] = &[
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

/// A label as the table shows it: control characters as signs, at most 28 letters.
fn shown(text: &str) -> String {
    let sign = |c: char| match c {
        '\n' => '\u{21b5}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    match text.chars().count() {
        0..=28 => text.chars().map(sign).collect(),
        _ => text.chars().take(27).map(sign).chain(['\u{2026}']).collect(),
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
        let sign = |c: char| {
            if c.is_control() && !c.is_whitespace() || c == '\u{fffe}' { '\u{fffd}' } else { c }
        };
        assert_eq!(found["heading"], heading.chars().map(sign).collect::<String>());
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
