//! A gradient inside a gradient: what it is good for, and the trap it must avoid.
//!
//! `cargo run --example 09_nested_gradients`

use gradtape::{Var, gradient, value_and_gradient};

fn main() {
    // The trap, perturbation confusion: inside, x is a constant; outside it is not.
    // d/dx ( x · d/dy (x + y) at y = 1 ) = d/dx ( x · 1 ) = 1. Mixing the two levels gives 2.
    let slope = gradient(|x| x[0] * gradient(|y| x[0] + y[0], &[Var::from(1.0)])[0], &[1.0]);
    println!("d/dx ( x · d/dy (x + y) ) = {}   (confused engines say 2)\n", slope[0]);

    // The use: which learning rate makes one step of gradient descent land lowest? The step itself
    // is a gradient, and the rate is differentiated through it.
    let loss = |w: &[Var]| (w[0] - 3.0).square() * 2.0 + (w[0] * 0.5).sin();
    let after_one_step = |rate: &[Var]| {
        let w = Var::from(0.0);
        let step = rate[0] * gradient(loss, &[w])[0];
        loss(&[w - step])
    };

    let mut rate = [0.05];
    println!("try   learning rate   loss after one step   d loss / d rate");
    for attempt in 0..5 {
        let (value, slope) = value_and_gradient(after_one_step, &rate);
        println!("{attempt:>3}   {:>13.8}   {value:>19.12}   {:>15.2e}", rate[0], slope[0]);
        // Newton's method on the rate: the second derivative takes a third level of nesting.
        let curvature = gradient(|r| gradient(after_one_step, &[r[0]])[0], &rate)[0];
        rate[0] -= slope[0] / curvature;
    }
}
