//! Which line of my code was that? A tape that is asked to remembers where each node was recorded.
//!
//! `cargo run --example 28_locations`

use gradtape::{Tape, Var, sum};

/// The entropy of some probabilities. It forgets that 0 · ln 0 is meant to be 0.
fn entropy(p: &[Var]) -> Var {
    -sum(p.iter().map(|&p| p * p.ln()))
}

fn main() {
    let tape = Tape::new();
    tape.record_locations(true);
    let p = [0.25, 0.75, 0.0].map(|p| tape.var(p));
    let h = entropy(&p).label("entropy");

    // In the message about the first number that is not finite ...
    if let Some(culprit) = tape.first_non_finite() {
        println!("{culprit}\n");
    }
    // ... in the table, and in findings.
    println!("{}", tape.report(h).table().width(110));
}
