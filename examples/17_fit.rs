//! Fitting a curve: one loss under four optimizers, and a step that leaves its domain.
//!
//! `cargo run --release --example 17_fit`

use gradtape::optim::{Adam, Fit, Fitter, Optimizer, RmsProp, Schedule, Sgd};
use gradtape::{Real, Var, sum_squares};

/// Minutes after a cup of tea was poured, and its temperature in °C.
const TEA: [(f64, f64); 4] = [(0.0, 85.0), (5.0, 68.8), (20.0, 40.7), (60.0, 22.5)];

/// Newton's law of cooling by room temperature and excess, both in 10 °C, and rate in 1/100 min.
fn temperature<S: Real>(p: &[S], minutes: f64) -> S {
    (p[0] + p[1] * (p[2] * (-0.01 * minutes)).exp()) * 10.0
}

fn loss<S: Real>(p: &[S]) -> S {
    sum_squares(TEA.map(|(minutes, observed)| temperature(p, minutes) - observed))
}

fn main() {
    let start = [1.5, 5.0, 3.0];
    let decay = Schedule::Exponential { factor: 0.998 };
    let optimizers: [(&str, Box<dyn Optimizer>); 4] = [
        ("Sgd", Box::new(Sgd::new(0.0007))),
        ("Sgd, momentum", Box::new(Sgd::new(0.0007).momentum(0.9).nesterov())),
        ("RmsProp", Box::new(RmsProp::new(0.1).schedule(decay.clone()))),
        ("Adam", Box::new(Adam::new(0.3).schedule(decay))),
    ];

    println!("start: loss {:.3}\n", loss(&start));
    println!("optimizer       steps      loss   parameters                 stopped because");
    for (name, mut optimizer) in optimizers {
        let fitter = Fitter::new(loss, &start).stop_at_gradient_norm(1e-6);
        match fitter.fit(&mut *optimizer, 20_000) {
            Ok(Fit { steps, loss, parameters, reason, .. }) => {
                println!("{name:<14} {steps:>6}  {loss:.6}   {parameters:.4?}   {reason}");
            }
            Err(error) => println!("{name:<14} {error}"),
        }
    }

    println!("\nA wall keeps the excess positive, until a step is too long and jumps through it:");
    let walled = |p: &[Var]| loss(p) - p[1].ln();
    let fitter = Fitter::new(walled, &start).names(["room", "excess", "rate"]);
    if let Err(error) = fitter.fit(&mut Sgd::new(0.01), 20_000) {
        println!("  {error}");
    }
}
