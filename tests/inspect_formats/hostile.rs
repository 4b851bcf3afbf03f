//! Hostile names in every format: they are told apart from the language around them, and reach no terminal.

use super::hostile_names::{names, steers};
use super::read_html;
use gradtape::inspect::{Report, UnknownName};
use gradtape::{CustomOp, Tape, Var, custom, sum};
use roxmltree::Document;
use serde_json::Value;

/// A custom operation of any name, whose value is not finite where its input is negative.
struct Named(String);

impl CustomOp for Named {
    fn name(&self) -> &str {
        &self.0
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0].sqrt();
    }
    fn vjp(&self, _x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] / (2.0 * y[0]);
    }
}

/// A report in which one name is everywhere that a name can be, with findings that name it.
fn report(name: &str) -> Report {
    let tape = Tape::new();
    let (x, unused) = (tape.var(-1.0).label(name), tape.var(2.0).label(name));
    let _lost = unused.exp().label(name);
    let outer = tape.scope(name);
    let inner = tape.scope(name);
    let made = custom(Named(name.to_string()), &[x])[0].label(name);
    let kink = (x + 1.0).abs().label(name);
    let _outcome = kink < 1.0;
    drop((inner, outer));
    let y = sum([made, kink, tape.var(-3.0).label(name).relu()]).label(name);
    let mut report = tape.report(y).title(name);
    report.facts.push((name.into(), name.into()));
    for node in &mut report.nodes {
        node.location = Some(format!("{name}.rs:1"));
    }
    report.findings = report.detect();
    assert!(report.findings.len() >= 4, "{:?}", report.findings);
    report
}

#[test]
fn no_text_for_a_terminal_steers_it() {
    for name in names() {
        let report = report(&name);
        let mut texts = vec![
            ("table", report.table().color(false).to_string()),
            (
                "table of a scope",
                report.table().scope(&name).unwrap().wrt([&*name]).unwrap().to_string(),
            ),
            ("DOT", report.dot().to_string()),
            ("DOT of a scope", report.dot().scope(&name).unwrap().to_string()),
            (
                "an unknown scope of DOT",
                report.dot().scope(&format!("{name}?")).unwrap_err().to_string(),
            ),
        ];
        texts.extend(report.mermaid().ok().map(|mermaid| ("Mermaid", mermaid.to_string())));
        let unknown = report.mermaid_of(&format!("{name}?")).unwrap_err();
        texts.push(("an unknown scope", unknown.to_string()));
        for node in [0, 1, report.nodes.len() - 1] {
            texts.push(("explain", report.explain_node(node).full().to_string()));
            texts.push(("ASCII", report.explain_node(node).ascii().to_string()));
        }
        let unknown = report.explain(&format!("{name}?")).unwrap_err();
        let UnknownName::Node { near, .. } = &unknown else { panic!("{unknown}") };
        assert!(name.trim().is_empty() || *near, "{name:?} is not offered");
        texts.push(("an unknown node", unknown.to_string()));
        texts.extend(report.findings.iter().map(|finding| ("a finding", finding.to_string())));
        for (format, text) in texts {
            let found: Vec<char> = text.chars().filter(|&c| steers(c)).collect();
            assert!(found.is_empty(), "{format} of {name:?} has {found:?}:\n{text}");
            assert!(format != "a finding" || text.lines().count() <= 3, "{name:?}:\n{text}");
        }
    }
}

#[test]
fn names_are_whole_in_the_formats_for_programs() {
    for name in names() {
        let report = report(&name);
        let text = report.json().to_string();
        let json: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(json["title"], name.as_str());
        for (node, found) in report.nodes.iter().zip(json["nodes"].as_array().expect("nodes")) {
            assert_eq!(found["label"].as_str(), node.label.as_deref());
        }
        assert!(
            !text.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\0', '\u{1b}']),
            "{name:?}"
        );

        let svg = report.svg().to_string();
        let parsed = Document::parse(&svg).expect("it is XML");
        let elements = parsed.descendants().filter(roxmltree::Node::is_element);
        let known = ["svg", "title", "desc", "style", "rect", "g", "path", "text", "circle"];
        for element in elements {
            assert!(known.contains(&element.tag_name().name()), "{name:?}: {element:?}");
            assert!(element.attributes().all(|a| !a.name().starts_with("on")), "{name:?}");
        }
        assert!(!svg.contains(|c: char| c.is_control() && c != '\n'), "{name:?}");
    }
}

#[test]
fn a_page_is_the_same_page_whatever_the_names() {
    /// The tags and comments of a page, without what stands between them.
    fn skeleton(page: &str) -> Vec<&str> {
        page.split('<')
            .skip(1)
            .map(|part| part.split(['>', ' ', '\n']).next().unwrap_or(""))
            .collect()
    }
    let tame = report("tame").html().to_string();
    for name in names() {
        let page = report(&name).html().to_string();
        assert_eq!(skeleton(&page), skeleton(&tame), "{name:?}");
        assert!(!page.contains(|c: char| c.is_control() && c != '\n'), "{name:?}");
        let json = read_html::data(&page);
        assert_eq!(json["label"]["0"], name.as_str(), "{name:?}");
    }
}

#[test]
fn a_label_like_an_index_is_found_before_the_index() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 3.0]);
    let labels = [x[2].label("0"), x[1].label("%2")];
    let report = tape.report(labels.iter().copied().sum::<Var>());
    assert_eq!(["0", "%0", "%2", "2", "%1"].map(|name| report.find(name)), {
        [Some(2), Some(0), Some(1), Some(2), Some(1)]
    });
}
