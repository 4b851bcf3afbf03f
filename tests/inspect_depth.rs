//! Scopes inside scopes, very many of them: what is written grows with the number of nodes and not with its square,
//! and no format needs a deep stack.

use gradtape::inspect::Report;
use gradtape::{Tape, Var, sum};

/// A chain with a scope for each node, each inside the one before.
fn nested(depth: usize) -> Report {
    let tape = Tape::new();
    let mut x = tape.var(0.5).label("x");
    let mut open = Vec::new();
    for i in 0..depth {
        open.push(tape.scope(&format!("s{}", i % 7)));
        x = x.sin();
    }
    while open.pop().is_some() {}
    tape.report(x)
}

/// All that is written of a report.
fn written(report: &Report) -> Vec<(&'static str, usize)> {
    let innermost = report.scopes.len() - 1;
    let texts = [
        ("DOT", report.dot().to_string()),
        ("Mermaid", report.mermaid().unwrap_err().to_string()),
        ("SVG", report.svg().to_string()),
        ("SVG of a group", report.svg().around("x").expect("a label").to_string()),
        ("HTML", report.html().to_string()),
        ("JSON", report.json().to_string()),
        ("table", report.table().to_string()),
        ("overview", report.to_string()),
        ("explanation", report.explain("x").expect("a label").full().to_string()),
        ("findings", format!("{:?}", report.detect())),
        ("unknown scope", format!("{:?}", report.dot().scope("none").unwrap_err())),
        ("path", report.scope_path(innermost).expect("a scope")),
    ];
    texts.map(|(format, text)| (format, text.len())).into()
}

#[test]
fn what_is_written_of_nested_scopes_grows_with_their_number() {
    let (few, many) = (written(&nested(2000)), written(&nested(8000)));
    for ((format, few), (_, many)) in few.into_iter().zip(many) {
        // Indices have a digit more; drawings that are collapsed are smaller.
        assert!(many < 5 * few + 1000, "{format}: {few} bytes of 2000 scopes, {many} of 8000");
    }
}

#[test]
fn a_hundred_thousand_nested_scopes_need_no_deep_stack() {
    let run = || {
        let report = nested(100_000);
        report.verify().expect("it fits");
        assert_eq!(report.detect(), []);
        let path = report.scope_path(100_000).expect("a scope");
        assert!(path.starts_with("s0 / s1 / s2 / ") && path.len() == 5 * 100_000 - 3);
        let of_it = report.table().scope(&path).expect("the path of one scope").to_string();
        assert!(of_it.contains("100000"), "{of_it}");
        let text = report.dot().to_string();
        assert_eq!(text.matches("subgraph").count(), 100_000);
        assert_eq!(text.matches('{').count(), text.matches('}').count());
        assert!(report.json().to_string().len() < 400 * report.nodes.len());
        assert!(report.explain("x").expect("a label").to_string().len() < 10_000);
        assert!(report.svg().to_string().len() < 1_000_000);
    };
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(run).expect("a thread");
    thread.join().expect("no overflow");
}

/// The scopes of a drawing in DOT are those of the tape, though only what begins or ends is looked at.
#[test]
fn scopes_open_and_close_around_their_nodes_in_any_order() {
    let tape = Tape::new();
    let mut x = tape.var(0.5);
    let outer = tape.scope("outer");
    for name in ["a", "b"] {
        let _scope = tape.scope(name);
        x = x.sin();
        let _deep = (tape.scope("deep"), tape.scope("deeper"));
        x = x.cos();
    }
    drop(outer);
    x = x.exp();
    let _last = tape.scope("last");
    let text = tape.report(x.ln()).dot().to_string();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| {
            line.starts_with(['s', 'n', '}']) && !line.contains("->") && !line.starts_with("node")
        })
        .map(|line| line.split(['[', '{']).next().unwrap_or("").trim())
        .collect();
    assert_eq!(
        lines,
        [
            "n0",
            "subgraph cluster_0",
            "subgraph cluster_1",
            "n1",
            "subgraph cluster_2",
            "subgraph cluster_3",
            "n2",
            "}",
            "}",
            "}",
            "subgraph cluster_4",
            "n3",
            "subgraph cluster_5",
            "subgraph cluster_6",
            "n4",
            "}",
            "}",
            "}",
            "}",
            "n5",
            "subgraph cluster_7",
            "n6",
            "}",
            "}",
        ]
    );
}

/// Messages name a few of many; names of the rest are not made.
#[test]
fn a_sum_of_very_many_bad_terms_has_a_short_message() {
    let tape = Tape::new();
    let x = tape.vars(&vec![-1.0; 50_000]);
    for (i, x) in x.iter().enumerate() {
        let _ = x.label(&format!("x{i}"));
    }
    let bad = sum(x.iter().map(|x| x * f64::MAX).collect::<Vec<Var>>());
    let message = tape.first_non_finite().expect("it overflows").to_string();
    assert!(message.contains("and 49994 more"), "{}", &message[message.len() - 100..]);
    let report = tape.report(bad);
    assert!(report.findings.iter().all(|finding| finding.to_string().len() < 3000));
}
