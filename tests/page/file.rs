//! The file by itself: what it may hold, and how large it may be.

use super::reports::{DOSAGE, PAGE, all};
use gradtape::{Tape, Var};

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

#[test]
fn a_node_takes_at_most_150_bytes() {
    /// A tape as training makes it: a value and a slope of 17 digits at every node.
    fn page(rounds: usize) -> (usize, usize) {
        let tape = Tape::new();
        let x = tape.vars(&[0.1, 0.7, -1.3]);
        let layer = |x: Var, k: usize| (x * (1.0 + 1.0 / (k + 3) as f64)).tanh() + x;
        let y = (0..rounds).fold(x[0] * x[1] + x[2], |y, k| layer(y, k) * x[k % 3].sigmoid());
        let report = tape.report(y);
        (report.nodes.len(), report.html().to_string().len())
    }
    let sizes = [100, 200, 400, 1600].map(page);
    for pair in sizes.windows(2) {
        let [(n, small), (m, large)] = [pair[0], pair[1]];
        let each = (large - small) as f64 / (m - n) as f64;
        assert!(each <= 150.0, "{each} bytes a node, from {n} to {m} nodes");
    }
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
