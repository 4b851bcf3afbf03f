//! The first gradient: write a function once, ask for its slopes.
//!
//! `cargo run --example 01_first_gradient`

use gradtape::{Real, gradient};

/// The height of Rosenbrock's valley; its lowest point is (1, 1).
fn rosenbrock<S: Real>(x: &[S]) -> S {
    (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
}

fn main() {
    let start = [-1.2, 1.0];
    println!("f{start:?} = {}", rosenbrock(&start));

    let slopes = gradient(rosenbrock, &start);
    println!("gradient    = {slopes:?}   (one reverse sweep, no step size)");

    // What a finite difference makes of the same slope: the digits run out in both directions.
    println!("\n  step h   (f(x+h) - f(x)) / h      error");
    for h in [1e-1, 1e-4, 1e-8, 1e-12, 1e-15] {
        let moved = [start[0] + h, start[1]];
        let difference = (rosenbrock(&moved) - rosenbrock(&start)) / h;
        println!("  {h:<7.0e}  {difference:>20.12}  {:>9.1e}", difference - slopes[0]);
    }

    println!("\nat the lowest point: {:?}", gradient(rosenbrock, &[1.0, 1.0]));
}
