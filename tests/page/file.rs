//! The file by itself: what it may hold, and how large it may be.

use super::reports::{DOSAGE, PAGE, all};
use gradtape::inspect::Report;
use gradtape::nn::{Activation, Init, Mlp, mse};
use gradtape::{Tape, Var, dot};

#[test]
fn the_page_loads_nothing() {
    for forbidden in [
        "http:",
        "https:",
        "src=",
        "href=\"//",
        "@import",
        "url(",
        "fetch(",
        "XMLHttp",
        "import(",
        "<link",
        "<iframe",
    ] {
        assert!(!PAGE.contains(forbidden), "{forbidden} in the page");
    }
    // Nothing but the name of the header, `http-equiv`, reminds of a network.
    assert_eq!(PAGE.matches("http").count(), PAGE.matches("http-equiv").count());
    let policy =
        "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\"";
    let (before, _) = PAGE.split_once(policy).expect("a policy");
    assert!(before.ends_with("<meta http-equiv=\"Content-Security-Policy\" "), "{before}");
    assert!(!before.contains("<style") && !before.contains("<script"), "the policy comes first");
}

#[test]
fn the_page_of_the_dosage_network_has_at_most_170_kilobytes() {
    assert!(PAGE.len() <= 170_000, "{} bytes", PAGE.len());
}

/// What a tape takes on the page, in bytes a node and edge.
const EACH: f64 = 40.0;

fn count(report: &Report) -> usize {
    let edges = report.nodes.iter().map(|node| node.operands.len());
    report.nodes.len() + edges.sum::<usize>()
}

#[track_caller]
fn assert_small(what: &str, reports: &[Report]) {
    let sizes: Vec<(usize, usize)> =
        reports.iter().map(|report| (count(report), report.html().to_string().len())).collect();
    for pair in sizes.windows(2) {
        let [(n, small), (m, large)] = [pair[0], pair[1]];
        let each = (large - small) as f64 / (m - n) as f64;
        assert!(each <= EACH, "{each} bytes a node and edge of {what}, from {n} to {m}");
    }
}

#[test]
fn a_node_or_an_edge_of_a_chain_takes_at_most_40_bytes() {
    // A tape as training makes it: a value and a slope of 17 digits at every node.
    let arithmetic = |rounds: usize| {
        let tape = Tape::new();
        let x = tape.vars(&[0.1, 0.7, -1.3]);
        let layer = |x: Var, k: usize| (x * (1.0 + 1.0 / (k + 3) as f64)).tanh() + x;
        let y = (0..rounds).fold(x[0] * x[1] + x[2], |y, k| layer(y, k) * x[k % 3].sigmoid());
        tape.report(y)
    };
    assert_small("a chain", &[100, 200, 400, 1600].map(arithmetic));
    // Nothing here follows by arithmetic.
    let functions = |rounds: usize| {
        let tape = Tape::new();
        let y = (0..rounds).fold(tape.var(0.3), |y, _| y.sin().cos().atan().erf());
        tape.report(y)
    };
    assert_small("a chain of functions", &[100, 200, 700].map(functions));
}

#[test]
fn a_node_or_an_edge_of_a_labelled_network_takes_at_most_40_bytes() {
    let trained = |rows: usize| {
        let tanh = Activation::Tanh;
        let network = Mlp::new(4).dense(8, tanh).dense(8, tanh).dense(1, Activation::Identity);
        let start = network.initialize(Init::XavierUniform, 7);
        let row = |r: usize| (0..4).map(move |i| ((r * 37 + i * 53) % 71) as f64 * 0.013 - 0.47);
        let tape = Tape::new();
        let p = start.label(&tape.vars(start.as_slice())).expect("as many");
        let predicted: Vec<Var> = (0..rows)
            .flat_map(|r| {
                let _scope = tape.scope(&format!("row {r}"));
                network.forward_labelled(&p, &row(r).collect::<Vec<f64>>())
            })
            .collect();
        tape.report(mse(&predicted, &vec![0.25; rows]).label("loss"))
    };
    assert_small("a labelled network", &[5, 20, 40].map(trained));
}

#[test]
fn a_node_or_an_edge_of_long_sums_takes_at_most_40_bytes() {
    let dots = |count: usize| {
        let tape = Tape::new();
        let x: Vec<Var> = (0..64).map(|i| tape.var(0.013 * f64::from(i) - 0.3)).collect();
        let mut y = x.clone();
        for _ in 0..count {
            y.push((dot(&x, &y[y.len() - 64..]) * 0.1).tanh());
        }
        tape.report(y[y.len() - 1])
    };
    assert_small("dot products of 64 terms", &[10, 20, 80].map(dots));
}

#[test]
fn the_tape_of_the_dosage_network_takes_at_most_40_bytes_a_node_and_edge() {
    let (_, data) = PAGE.split_once("id=\"report\">").expect("data");
    let (data, _) = data.split_once("</script>").expect("its end");
    let data: serde_json::Value = serde_json::from_str(data).expect("it is JSON");
    let columns = [
        "ops",
        "op",
        "operands",
        "partials",
        "value",
        "adjoint",
        "reach",
        "constants",
        "label",
        "layout",
        "scopes",
    ];
    let sizes = columns.map(|name| {
        assert!(!data[name].is_null(), "{name}");
        data[name].to_string().len()
    });
    let each = sizes.iter().sum::<usize>() as f64 / count(&DOSAGE) as f64;
    assert!(each <= EACH, "{each} bytes a node and edge, labels among it: {columns:?} {sizes:?}");
}

#[test]
fn one_tape_gives_the_same_bytes_twice() {
    for (report, again) in all().iter().zip(all()) {
        assert_eq!(report.html().to_string(), again.html().to_string());
    }
    assert_eq!(*PAGE, DOSAGE.clone().html().to_string());
}

#[test]
fn without_scripts_the_page_says_what_it_is() {
    let (_, body) = PAGE.split_once("<body>").expect("a body");
    let (body, _) = body.split_once("<script").expect("scripts come last");
    assert!(body.contains("<noscript>") && body.contains("switch scripts on"), "{body}");
    assert!(body.contains(">The dosage network</h1>"), "{body}");
}
