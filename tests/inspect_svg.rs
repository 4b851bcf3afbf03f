//! The SVG of a report, read as XML by a parser that knows nothing of us.

#[path = "common/property.rs"]
mod property;

mod common {
    pub mod apply;
    pub mod expression;
    pub mod formula;
    pub mod naive;
}

use common::expression::expressions;
use gradtape::inspect::Report;
use gradtape::nn::Dosage;
use gradtape::{Real, Tape, Var};
use property::config;
use proptest::prelude::*;
use roxmltree::{Document, Node};

/// The size of a box.
const WIDTH: f64 = 172.0;
const HEIGHT: f64 = 88.0;

/// Hostile to XML, to scripts, to layouts.
const HOSTILE: [&str; 8] = [
    "</script><b>bold</b>",
    "a & b &amp; c",
    "\"double\" 'single'",
    "two\nlines\tand\ra tab",
    "emoji 😀🧪👩‍🔬 and 漢字漢字漢字漢字",
    "]]> <!-- -- --> <?xml?>",
    "bell\u{7} nul\u{0} \u{fffe}",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
];

/// The advances of ASCII from the space on in DejaVu Sans Bold, one of the widest sans-serif fonts, in
/// thousandths of its size.
const BOLD: [i64; 95] = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696,
    696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683,
    683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771,
    724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665,
    343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
];

/// The same for DejaVu Sans.
const REGULAR: [i64; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

fn advance(text: &str, table: &[i64; 95], size: f64) -> f64 {
    let of = |c: char| match (c as usize).checked_sub(32).and_then(|at| table.get(at)) {
        Some(&advance) => advance,
        None if "²∂×–".contains(c) => 838,
        // An ellipsis and an ideograph are as wide as they are high, emoji a third wider.
        None if c == '…' || ('\u{3000}'..'\u{a000}').contains(&c) => 1000,
        None => 1370,
    };
    text.chars().map(of).sum::<i64>() as f64 * size / 1000.0
}

fn class<'a>(node: Node<'a, '_>) -> &'a str {
    node.attribute("class").unwrap_or("")
}

fn has(node: Node<'_, '_>, wanted: &str) -> bool {
    class(node).split(' ').any(|class| class == wanted)
}

fn all<'a, 'i>(svg: &'a Document<'i>, wanted: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    svg.descendants().filter(move |&node| has(node, wanted))
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    let text = node.attribute(name).unwrap_or_else(|| panic!("{} has no {name}", class(node)));
    text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`"))
}

/// The same number, NaN being the same as NaN and 0 not as -0.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

/// That every number of the report is in the picture, and no other.
fn check_numbers(report: &Report, text: &str) {
    let svg = Document::parse(text).expect("it is XML");
    let boxes: Vec<_> = all(&svg, "node").collect();
    assert_eq!(boxes.len(), report.nodes.len());
    for (i, (node, shown)) in report.nodes.iter().zip(&boxes).enumerate() {
        assert_eq!(number(*shown, "data-id"), i as f64);
        assert!(same(number(*shown, "data-value"), node.value), "{node:?}");
        assert!(same(number(*shown, "data-adjoint"), node.adjoint), "{node:?}");
    }
    let expected = report.nodes.iter().enumerate().flat_map(|(to, node)| {
        let operands = node.operands.iter().zip(&node.partials).enumerate();
        operands.map(move |(which, (&from, &partial))| ([from, to, which], partial))
    });
    let edges: Vec<_> = all(&svg, "edge").collect();
    assert_eq!(edges.len(), expected.clone().count());
    for (edge, (ends, partial)) in edges.iter().zip(expected) {
        let shown =
            ["data-from", "data-to", "data-operand"].map(|name| number(*edge, name) as usize);
        assert_eq!(shown, ends);
        assert!(same(number(*edge, "data-partial"), partial));
    }
}

/// That every text in a box stays in it, and beside what stands on its line.
fn check_texts(text: &str) {
    let svg = Document::parse(text).expect("it is XML");
    let mut seen = 0;
    for node in svg.descendants().filter(|&n| has(n, "node") || has(n, "group")) {
        let badge = if node.children().any(|n| has(n, "badge")) { 26.0 } else { 0.0 };
        let mut line = (0.0, 0.0);
        for shown in node.children().filter(|n| n.has_tag_name("text")) {
            let (x, y) = (number(shown, "x"), number(shown, "y"));
            let (table, size) = match class(shown) {
                "name" if has(node, "plain") => (&REGULAR, 12.0),
                "name" => (&BOLD, 13.0),
                "does" => (&REGULAR, 10.5),
                "badge-sign" => continue,
                _ => (&BOLD, 12.0),
            };
            let wide = advance(shown.text().unwrap_or(""), table, size);
            let (left, right) = if has(shown, "number") { (x - wide, x) } else { (x, x + wide) };
            let end = WIDTH - if class(shown) == "name" { badge } else { 0.0 };
            let start = if line.0 == y { line.1 } else { 0.0 };
            assert!(start < left && right < end, "{shown:?} {:?}: {left} to {right}", shown.text());
            assert!(y < HEIGHT);
            line = (y, right);
            seen += 1;
        }
    }
    assert!(seen > 0);
}

fn dosage_report() -> Report {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    tape.report(dosage.ssr_labelled(&tape.vars(&dosage.start)))
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn every_number_of_the_report_is_in_the_picture_exactly(expression in expressions()) {
        let tape = Tape::new();
        let values = expression.values(&tape.vars(&expression.point));
        let report = tape.report(values[values.len() - 1]);
        let text = report.svg().to_string();
        check_numbers(&report, &text);
        check_texts(&text);
    }
}

#[test]
fn the_dosage_network_is_drawn_whole() {
    let report = dosage_report();
    let text = report.svg().to_string();
    check_numbers(&report, &text);
    check_texts(&text);
    let svg = Document::parse(&text).expect("it is XML");
    let root = svg.root_element();
    assert_eq!((root.tag_name().name(), root.attribute("role")), ("svg", Some("img")));
    assert_eq!(root.tag_name().namespace(), Some("http://www.w3.org/2000/svg"));
    let said = |name| root.children().find(|n| n.has_tag_name(name)).and_then(|n| n.text());
    assert_eq!(said("title"), Some("SSR = 20.4236"));
    assert!(said("desc").is_some_and(|desc| desc.starts_with("41 nodes, 54 edges, 3 scopes.")));
    assert_eq!(all(&svg, "frame").count(), 3);
    let output: Vec<_> = all(&svg, "output").map(|n| number(n, "data-id")).collect();
    assert_eq!(output, [40.0]);
    let partials: Vec<_> = all(&svg, "partial").filter_map(|n| n.text()).collect();
    assert_eq!(partials.len(), 54);
    assert!(partials.contains(&"5.22") && partials.contains(&"-1.22"), "{partials:?}");
    assert_eq!(text, dosage_report().svg().to_string(), "same report, same bytes");
}

#[test]
fn texts_fit_for_any_number_and_any_label() {
    let numbers = [1e-9, 1.0, -1.234e120, -1.2345678e-300, f64::MIN, -0.00001234567, f64::NAN];
    for x in numbers {
        let tape = Tape::new();
        let leaves: Vec<Var> = HOSTILE.iter().map(|label| tape.var(x).label(label)).collect();
        let product = leaves.iter().fold(Var::from(1.0), |product, &leaf| product * leaf);
        let sum: Var = leaves.iter().map(|leaf| leaf.relu()).sum();
        let long = (sum + product).label(&"a very long label ".repeat(1000));
        let report = tape.report(Var::scope(&"scope ".repeat(100), || long.sin()));
        let text = report.svg().to_string();
        check_numbers(&report, &text);
        check_texts(&text);
    }
}

#[test]
fn hostile_labels_and_scopes_survive() {
    for label in HOSTILE {
        let tape = Tape::new();
        let x = tape.var(2.0).label(label);
        let y = Var::scope(label, || x.square()).label("y");
        let text = tape.report(y).title(label).svg().to_string();
        let svg = Document::parse(&text).expect("it is XML");
        // What a terminal would obey is written out, and nothing else.
        let is_obeyed = |c: char| c.is_control() || "\u{200d}\u{fffe}".contains(c);
        let written = |c: char| match is_obeyed(c) {
            true => c.escape_default().to_string(),
            false => c.to_string(),
        };
        let held: String = label.chars().map(written).collect();
        let titles: Vec<_> = svg
            .descendants()
            .filter(|n| n.has_tag_name("title"))
            .filter_map(|n| n.text())
            .collect();
        assert!(titles[0].starts_with(&held), "{titles:?}");
        assert!(titles.contains(&held.as_str()), "the frame: {titles:?}");
        assert!(
            titles.iter().any(|title| title.starts_with(&format!("%0 {held}: "))),
            "{titles:?}"
        );
        let known = ["svg", "title", "desc", "style", "rect", "g", "path", "text", "circle"];
        for element in svg.descendants().filter(Node::is_element) {
            assert!(known.contains(&element.tag_name().name()), "{element:?}");
        }
    }
}

#[test]
fn three_zeros_are_told_apart() {
    let tape = Tape::new();
    let (a, b, c) = (tape.var(0.0), tape.var(-1.0), tape.var(1.0));
    let _unused = c.exp();
    let text = tape.report(a.square() + b.relu()).svg().to_string();
    let svg = Document::parse(&text).expect("it is XML");
    let adjoint = |i: usize| {
        let node = all(&svg, "node").find(|&n| number(n, "data-id") == i as f64).expect("a node");
        let shown = node.children().find(|&n| has(n, "adjoint") && has(n, "number"));
        (shown.and_then(|n| n.text().map(str::to_string)), has(node, "apart"))
    };
    assert_eq!(adjoint(0), (Some("0".into()), false));
    assert_eq!(adjoint(1), (Some("0, blocked".into()), false));
    assert_eq!(adjoint(2), (Some("not connected".into()), true));
    let blocked: Vec<_> =
        all(&svg, "edge").filter(|&n| has(n, "blocked")).map(|n| number(n, "data-from")).collect();
    assert_eq!(blocked, [1.0], "the edge into the relu, and not the true zero of the square");
}

#[test]
fn the_first_that_is_not_finite_stands_out() {
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    let inner = (x - 2.0).sqrt();
    let text = tape.report(inner.sqrt()).svg().to_string();
    let svg = Document::parse(&text).expect("it is XML");
    let first: Vec<_> = all(&svg, "first").map(|n| number(n, "data-id") as usize).collect();
    assert_eq!(first, [inner.index().expect("it is on the tape")]);
    let marked =
        |n: &Node<'_, '_>| n.children().any(|n| has(n, "badge-sign") && n.text() == Some("!"));
    assert_eq!(all(&svg, "node").filter(marked).count(), 4, "x has no finite adjoint");
    assert!(text.contains("red, with a !: not a finite number"));
}

#[test]
fn a_large_tape_is_drawn_as_groups_and_says_so() {
    let tape = Tape::new();
    let mut x = tape.var(0.5);
    for round in 0..10 {
        x = Var::scope(&format!("round {round}"), || (0..500).fold(x, |x, _| x.sin()));
    }
    let report = tape.report(x);
    let text = report.svg().to_string();
    check_texts(&text);
    let svg = Document::parse(&text).expect("it is XML");
    let grouped: f64 = all(&svg, "group").map(|n| number(n, "data-nodes")).sum();
    let single = all(&svg, "node").count();
    assert_eq!((grouped as usize, single), (5000, 1));
    assert!(
        text.contains("5001 nodes, 5000 edges, 10 scopes; too many to draw one by one: here they")
    );
    assert!(text.len() < 20_000, "{} bytes", text.len());

    let third = report.svg().around("%1100").unwrap().to_string();
    check_texts(&third);
    let svg = Document::parse(&third).expect("it is XML");
    let ids: Vec<usize> = all(&svg, "node").map(|n| number(n, "data-id") as usize).collect();
    assert_eq!(ids, (1001..1501).collect::<Vec<_>>());
    assert!(third.contains("; here round 2, with 2 edges to and from elsewhere"));
}

#[test]
fn nothing_and_constants_are_drawn() {
    let tape = Tape::new();
    for text in [tape.report(Var::from(2.0)).svg().to_string(), Report::default().svg().to_string()]
    {
        let svg = Document::parse(&text).expect("it is XML");
        assert_eq!(all(&svg, "node").count(), 0);
        assert!(text.contains("a tape without an output"));
    }
}

#[test]
fn it_needs_nothing_from_elsewhere() {
    let text = dosage_report().svg().to_string();
    let text = text.replacen("xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    for outside in ["http", "url(", "@import", "href", "src=", "<script", "<image", "onload"] {
        assert!(!text.contains(outside), "{outside}");
    }
}

/// The style sheet as selectors and what they say, light and dark.
fn rules(style: &str) -> [Vec<(String, String)>; 2] {
    let (light, dark) = style.split_once("@media").expect("it has both");
    let dark = dark.split_once('{').expect("a block").1;
    [light, dark].map(|rules| {
        let rules = rules.split('}').filter_map(|rule| rule.split_once('{'));
        rules.map(|(selectors, says)| (selectors.trim().to_string(), says.to_string())).collect()
    })
}

#[test]
fn lines_and_boxes_have_a_contrast_of_at_least_three_to_what_they_are_drawn_on() {
    let text = dosage_report().svg().to_string();
    let svg = Document::parse(&text).expect("it is XML");
    let style = svg.descendants().find(|n| n.has_tag_name("style")).and_then(|n| n.text());
    let [light, dark] = rules(style.expect("a style sheet"));
    let colour = |rules: &[(String, String)], wanted: &str, says: &str| {
        let rule = |(selectors, _): &&(String, String)| selectors.split(", ").any(|s| s == wanted);
        let mut found = rules.iter().filter(rule).filter_map(|(_, rule)| {
            let at = format!("; {rule}").split(&format!(" {says}: ")).nth(1)?.to_string();
            Some(at[..7].to_string())
        });
        found.next_back().unwrap_or_else(|| panic!("no {says} of {wanted}"))
    };
    let lines = [
        (".tape .edge", "stroke"),
        (".tape .edge .head", "fill"),
        (".tape .edge.bad", "stroke"),
        (".tape .box", "stroke"),
        (".tape .output .box", "stroke"),
        (".tape .bad > .box", "stroke"),
    ];
    for rules in [light, dark] {
        for (line, says) in lines {
            for ground in [".tape .paper", ".tape .frame rect", ".tape .frame.inner rect"] {
                let a = luminance(&colour(&rules, line, says));
                let b = luminance(&colour(&rules, ground, "fill"));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 3.0, "{line} on {ground}: {contrast:.2}");
            }
        }
    }
    // The value and the adjoint differ by their signs, not by their colours alone.
    assert!(text.contains(">=</text>") && text.contains(">∂</text>"));
}

/// Relative luminance, by WCAG 2.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let part = u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour") as f64 / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[test]
fn every_text_has_a_contrast_of_at_least_four_and_a_half() {
    let text = dosage_report().svg().to_string();
    let svg = Document::parse(&text).expect("it is XML");
    let style = svg.descendants().find(|n| n.has_tag_name("style")).and_then(|n| n.text());
    let [light, dark] = rules(style.expect("a style sheet"));
    let fill = |rules: &[(String, String)], wanted: &str| {
        let says = |(selectors, _): &&(String, String)| selectors.split(", ").any(|s| s == wanted);
        let mut fills = rules.iter().filter(says).filter_map(|(_, says)| {
            let at = says.split("fill: ").nth(1)?;
            Some(at[..7].to_string())
        });
        fills.next_back().unwrap_or_else(|| panic!("no fill of {wanted}"))
    };
    let pairs = [
        (".tape text", ".tape .paper"),
        (".tape .about", ".tape .paper"),
        (".tape .frame text", ".tape .frame rect"),
        (".tape .frame text", ".tape .frame.inner rect"),
        (".tape .partial", ".tape .ground"),
        (".tape text", ".tape .box"),
        (".tape .does", ".tape .box"),
        (".tape .value", ".tape .box"),
        (".tape .adjoint", ".tape .box"),
        (".tape text.bad", ".tape .box"),
        (".tape text", ".tape .first > .box"),
        (".tape .does", ".tape .first > .box"),
        (".tape .adjoint", ".tape .first > .box"),
        (".tape text.bad", ".tape .first > .box"),
        (".tape .apart > text", ".tape .apart > .box"),
        (".tape text.bad", ".tape .apart > .box"),
        (".tape text.badge-sign", ".tape .badge"),
    ];
    for rules in [light, dark] {
        for (text, ground) in pairs {
            let (a, b) = (luminance(&fill(&rules, text)), luminance(&fill(&rules, ground)));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
        }
    }
}
