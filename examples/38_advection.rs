//! A wave carried round a ring for a hundred thousand steps, and what its end owes to its beginning.
//!
//! Lax and Wendroff's scheme for uₜ + c uₓ = 0 (Comm. Pure Appl. Math. 13, 1960). On one tape the run would take most of
//! a gigabyte; with twenty checkpoints it takes about a tenth of a megabyte.
//!
//! `cargo run --release --example 38_advection`

use gradtape::checkpoint::{self, Binomial, CheckpointError};
use gradtape::{Var, sum_squares};
use std::time::Instant;

const CELLS: usize = 32;
const STEPS: usize = 100_000;
const SLOTS: usize = 20;

/// One step; the parameter is the Courant number, c Δt/Δx.
fn step(u: &[Var], p: &[Var], _: usize) -> [Var; CELLS] {
    let (first, second) = (p[0] * 0.5, p[0].square() * 0.5);
    std::array::from_fn(|i| {
        let (left, right) = (u[(i + CELLS - 1) % CELLS], u[(i + 1) % CELLS]);
        u[i] - first * (right - left) + second * (right - u[i] * 2.0 + left)
    })
}

/// How far the wave is from a smooth hill, in squares.
fn loss(u: &[Var]) -> Var {
    sum_squares(u.iter().enumerate().map(|(i, u)| u - hill(i)))
}

fn hill(i: usize) -> f64 {
    (1.0 + (i as f64 * std::f64::consts::TAU / CELLS as f64).cos()) * 0.5
}

fn main() -> Result<(), CheckpointError> {
    let state: Vec<f64> = (0..CELLS).map(|i| if i < CELLS / 4 { 1.0 } else { 0.0 }).collect();
    let courant = 0.4;
    let schedule = Binomial::new(STEPS, SLOTS)?;
    println!("{schedule}");

    let begin = Instant::now();
    let found = checkpoint::gradient(STEPS, schedule, &state, &[courant], step, loss)?;
    let took = begin.elapsed();
    println!("loss {:.12} after {STEPS} steps of {CELLS} cells", found.loss);
    println!("its slope by the Courant number: {:.12}", found.parameters[0]);
    println!("its slopes by the first cells: {:.6?}", &found.state[..4]);
    println!(
        "{} plain steps and {STEPS} recorded ones, {:.1} for each step of the loop, in {took:.2?}",
        found.forward_steps,
        found.forward_steps as f64 / STEPS as f64
    );
    println!("memory for checkpoints: {} kB", (SLOTS + 2) * CELLS * 8 / 1000);

    // Each step multiplies every Fourier mode of the ring by a number, so the loss has a closed form.
    let (expected, slope) = by_fourier(&state, courant);
    println!("by Fourier's series: loss {expected:.12}, slope {slope:.12}");
    assert!(
        (found.loss - expected).abs() < 1e-9
            && (found.parameters[0] - slope).abs() < 1e-6 * slope.abs()
    );
    Ok(())
}

/// The loss and its slope by the Courant number, mode by mode: g = 1 - i c sin θ - c² (1 - cos θ).
fn by_fourier(state: &[f64], c: f64) -> (f64, f64) {
    let (mut loss, mut slope) = (0.0, 0.0);
    for k in 0..CELLS {
        let theta = std::f64::consts::TAU * k as f64 / CELLS as f64;
        let transform = |f: &dyn Fn(usize) -> f64| {
            (0..CELLS).fold((0.0, 0.0), |(re, im), i| {
                let angle = theta * i as f64;
                (re + f(i) * angle.cos(), im - f(i) * angle.sin())
            })
        };
        let (g, dg) = (
            (1.0 - c * c * (1.0 - theta.cos()), -c * theta.sin()),
            (-2.0 * c * (1.0 - theta.cos()), -theta.sin()),
        );
        let times = |a: (f64, f64), b: (f64, f64)| (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0);
        let (length, angle) = (g.0.hypot(g.1), g.1.atan2(g.0));
        let power =
            |n: f64| (length.powf(n) * (n * angle).cos(), length.powf(n) * (n * angle).sin());
        let u = transform(&|i| state[i]);
        let target = transform(&hill);
        let end = times(u, power(STEPS as f64));
        let moved =
            times(times(u, power(STEPS as f64 - 1.0)), (dg.0 * STEPS as f64, dg.1 * STEPS as f64));
        let off = (end.0 - target.0, end.1 - target.1);
        loss += (off.0 * off.0 + off.1 * off.1) / CELLS as f64;
        slope += 2.0 * (off.0 * moved.0 + off.1 * moved.1) / CELLS as f64;
    }
    (loss, slope)
}
