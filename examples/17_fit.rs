//! Fitting a curve: one loss under three optimizers, and a step that leaves its domain.
//!
//! `cargo run --release --example 17_fit`

use gradtape::optim::{Adam, Fit, Fitter, Optimizer, Schedule, Sgd, Stop, fit};
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
    let stop = Stop::after(20_000).gradient_norm(1e-6);
    let decay = Schedule::Exponential { factor: 0.998 };
    let optimizers: [(&str, Box<dyn Optimizer>); 3] = [
        ("Sgd", Box::new(Sgd::new(0.0007))),
        ("Sgd, momentum", Box::new(Sgd::new(0.0007).momentum(0.9).nesterov())),
        ("Adam", Box::new(Adam::new(0.3).schedule(decay))),
    ];

    println!("start: loss {:.3}\n", loss(&start));
    println!("optimizer       steps      loss   parameters                 stopped because");
    for (name, mut optimizer) in optimizers {
        match fit(loss, &start, &mut *optimizer, &stop) {
            Ok(Fit { steps, loss, parameters, reason, .. }) => {
                println!("{name:<14} {steps:>6}  {loss:.6}   {parameters:.4?}   {reason}");
            }
            Err(error) => println!("{name:<14} {error}"),
        }
    }

    println!("\nA wall keeps the excess positive, until a step is too long and jumps through it:");
    let fitter = Fitter::new(&stop).names(["room", "excess", "rate"]);
    let walled = |p: &[Var]| loss(p) - p[1].ln();
    if let Err(error) = fitter.fit(walled, &start, &mut Sgd::new(0.01)) {
        println!("  {error}");
    }
}
