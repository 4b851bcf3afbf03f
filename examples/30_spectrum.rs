//! A gradient through somebody else's Fourier transform: `rustfft` is generic over the number, and a variable is one.
//!
//! `cargo run --example 30_spectrum`

use gradtape::optim::{Adam, fit};
use gradtape::{Real, Tape};
use rustfft::{FftNum, FftPlanner, num_complex::Complex};
use std::f64::consts::TAU;

const SAMPLES: usize = 64;

/// A tone that dies away: frequency in cycles a record, and how fast it decays.
fn tone<S: Real>(frequency: S, decay: S) -> Vec<S> {
    let time = |j: usize| j as f64 / SAMPLES as f64;
    (0..SAMPLES).map(|j| (frequency * (TAU * time(j))).sin() * (-decay * time(j)).exp()).collect()
}

/// The power at each frequency.
fn spectrum<S: Real + FftNum>(signal: &[S]) -> Vec<S> {
    let mut values: Vec<_> = signal.iter().map(|&x| Complex::new(x, S::from(0.0))).collect();
    FftPlanner::new().plan_fft_forward(SAMPLES).process(&mut values);
    values[..SAMPLES / 2].iter().map(|x| x.norm_sqr() / SAMPLES as f64).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // How does the power at 8 cycles change with the frequency of the tone?
    let tape = Tape::new();
    let (frequency, decay) = (tape.var(7.5), tape.var(1.0));
    let power = spectrum(&tone(frequency, decay))[8];
    let slopes = power.backward();
    println!("power at 8 cycles: {:.4}", power.value());
    println!(
        "its slope to the frequency: {:.4}, to the decay: {:.4}",
        slopes[frequency], slopes[decay]
    );
    println!("nodes: {}, guards: {}", tape.len(), tape.guards().len());

    // Find a tone by its spectrum alone.
    let measured = spectrum(&tone(8.3, 2.0));
    let loss = |p: &[gradtape::Var]| {
        let found = spectrum(&tone(p[0], p[1]));
        gradtape::sum_squares(found.iter().zip(&measured).map(|(&found, &wanted)| found - wanted))
    };
    let found = fit(loss, &[7.8, 0.5], &mut Adam::new(0.02), 1500)?;
    println!(
        "\nthe tone at 8.3 cycles with decay 2 is found at {:.5} with {:.5}",
        found.parameters[0], found.parameters[1]
    );
    Ok(())
}
