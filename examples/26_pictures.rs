//! A tape as a picture: in DOT for Graphviz, in Mermaid for Markdown pages, as an SVG of our own.
//!
//! `cargo run --example 26_pictures` prints all three;
//! `cargo run --example 26_pictures > y.txt` keeps them.

use gradtape::Tape;
use gradtape::inspect::MermaidError;

fn main() -> Result<(), MermaidError> {
    let tape = Tape::new();
    let x = tape.var(3.0).label("x");
    let y = (x * x).label("y");
    let report = tape.report(y).title("A square");

    println!("DOT, for `dot -Tsvg`. x is used twice, so there are two edges:\n\n{}", report.dot());
    println!("Mermaid, for a page of Markdown:\n\n{}", report.mermaid()?);

    // The SVG needs nobody else: write it to a file and open it in a browser.
    let svg = report.svg().to_string();
    println!("SVG, {} bytes. Its boxes carry the numbers, all digits of them:\n", svg.len());
    for line in svg.lines().filter(|line| line.contains("data-id") || line.contains("data-from")) {
        println!("{line}");
    }
    Ok(())
}
