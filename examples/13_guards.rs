//! Guards: a tape holds one path through the code, and remembers for which inputs it is right.
//!
//! `cargo run --example 13_guards`

use gradtape::{Real, Tape, Var};

/// Huber's loss: a parabola in the middle, lines outside.
fn huber<S: Real>(x: S) -> S {
    if x.abs() < 1.0 { x.square() * 0.5 } else { x.abs() - 0.5 }
}

/// The same without a branch: both sides are recorded, one is selected.
fn huber_selected<S: Real>(x: S) -> S {
    let inside = S::from(1.0).compare(x.abs());
    S::select(inside, x.square() * 0.5, x.abs() - 0.5)
}

fn show(f: fn(Var) -> Var, x: f64) {
    let tape = Tape::new();
    let x = tape.var(x);
    let y = f(x);
    let slope = y.backward().wrt(x);
    let guards: Vec<String> = tape.guards().iter().map(|g| g.to_string()).collect();
    let nodes = tape.len();
    println!("  x = {x:>4}: y = {y:.2}, dy/dx = {slope:>4}, {nodes} nodes, guards {guards:?}");
}

fn main() {
    println!("A branch: each side has a recording of its own, and the guard says which it is.");
    show(huber, 0.4);
    show(huber, -3.0);

    println!("\n`select`: one recording for both sides, nothing to guard.");
    show(huber_selected, 0.4);
    show(huber_selected, -3.0);

    println!("\nA loop that stops by comparison leaves one guard a turn:");
    let tape = Tape::new();
    let a = tape.var(2.0).label("a");
    let mut root = a;
    while (root * root - a).abs() > 1e-10 {
        root = (root + a / root) * 0.5;
    }
    for guard in tape.guards() {
        println!("  after {:>2} nodes: {guard}", guard.at);
    }
    println!("  sqrt(2) = {root}, d sqrt(a) / da = {}", root.backward().wrt(a));
}
