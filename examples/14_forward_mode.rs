//! Forward mode: dual numbers carry a tangent along, and run the same code.
//!
//! `cargo run --example 14_forward_mode`

use gradtape::{Dual, Real, Tape, gradient};

/// The softplus neuron of the dosage network.
fn neuron<S: Real>(w: S, dose: S, b: S) -> S {
    (w * dose + b).softplus()
}

fn main() {
    // One pass gives the value and its derivative in one direction: here, along w.
    let w = Dual::new(3.34, 1.0);
    let (dose, b) = (Dual::constant(0.5), Dual::constant(-1.43));
    let y = neuron(w, dose, b);
    println!("forward mode:  y = {}, dy/dw = {}", y.primal(), y.tangent());
    let reverse = gradient(|p| neuron(p[0], p[1], p[2]), &[3.34, 0.5, -1.43]);
    println!("reverse mode:                          dy/dw = {}", reverse[0]);

    // A dual number of dual numbers: the second derivative.
    let w = Dual::new(Dual::new(3.34, 1.0), Dual::new(1.0, 0.0));
    let constant = |c: f64| Dual::constant(Dual::constant(c));
    let y = neuron(w, constant(0.5), constant(-1.43));
    println!("\nDual<Dual>:    d²y/dw² = {}", y.tangent().tangent());

    // A dual number of variables: a directional derivative on a tape, swept once more. This is
    // forward over reverse, one row of the Hessian at the price of a gradient.
    let tape = Tape::new();
    let (w, dose, b) = (tape.var(3.34), tape.var(0.5), tape.var(-1.43));
    let y = neuron(Dual::new(w, 1.0.into()), Dual::constant(dose), Dual::constant(b));
    let row = y.tangent().backward();
    println!("Dual<Var>:     d²y/dw² = {}", row[w]);
    println!("               d²y/dw d dose = {}", row[dose]);
    println!("               d²y/dw db = {}", row[b]);

    println!("\nIn print: {y:.6}, {:.6}", Dual::new(2.0, 1.0).powi(3));
}
