//! A pendulum with friction: its length, friction and first push from the path that was seen, in a loop of 4,000 steps.
//!
//! `cargo run --release --example 37_pendulum`

use gradtape::Var;
use gradtape::checkpoint::{self, Binomial, CheckpointError, Checkpointed};
use gradtape::optim::{Adam, Optimizer};

const STEPS: usize = 4_000;
const TIME: f64 = 2.5e-3;
/// The angle is seen every so many steps.
const EVERY: usize = 80;

/// A step of the symplectic Euler method. State: angle, speed, sum of the squared residuals so far.
/// Parameters: gravity over length, friction.
fn step(s: &[Var], p: &[Var], i: usize, seen: &[f64]) -> [Var; 3] {
    let speed = s[1] - (p[0] * s[0].sin() + p[1] * s[1]) * TIME;
    let angle = s[0] + speed * TIME;
    let misfit = match (i + 1).is_multiple_of(EVERY) {
        true => s[2] + (angle - seen[i / EVERY]).square(),
        false => s[2],
    };
    [angle, speed, misfit]
}

/// The path of known numbers, with noise that is the same in every run.
fn observe(angle: f64, parameters: &[f64; 2]) -> Vec<f64> {
    let (mut angle, mut speed, mut noise) = (angle, 0.0_f64, 1_u64);
    let mut seen = Vec::new();
    for i in 0..STEPS {
        speed -= (parameters[0] * angle.sin() + parameters[1] * speed) * TIME;
        angle += speed * TIME;
        if (i + 1).is_multiple_of(EVERY) {
            noise = noise
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            seen.push(angle + ((noise >> 11) as f64 / (1_u64 << 53) as f64 - 0.5) * 0.02);
        }
    }
    seen
}

fn misfit(angle: f64, parameters: &[f64], seen: &[f64]) -> Result<Checkpointed, CheckpointError> {
    let schedule = Binomial::new(STEPS, 20)?;
    let step = |s: &[Var], p: &[Var], i: usize| step(s, p, i, seen);
    checkpoint::gradient(STEPS, schedule, &[angle, 0.0, 0.0], parameters, step, |s| s[2])
}

fn main() -> Result<(), CheckpointError> {
    let truth = (1.2, [9.81, 0.25]);
    let seen = observe(truth.0, &truth.1);
    // Unknowns: the angle at the beginning, which is part of the state, and both parameters.
    let mut x = [1.0, 9.0, 0.1];
    let mut adam = Adam::new(0.05);
    println!("{:>5} {:>12} {:>10} {:>10} {:>10}", "round", "misfit", "angle", "g / l", "friction");
    let mut last = f64::INFINITY;
    for round in 0..=120 {
        let found = misfit(x[0], &x[1..], &seen)?;
        if round % 20 == 0 {
            println!(
                "{round:>5} {:>12.6} {:>10.5} {:>10.5} {:>10.5}",
                found.loss, x[0], x[1], x[2]
            );
        }
        last = found.loss;
        adam.step(&mut x, &[found.state[0], found.parameters[0], found.parameters[1]]);
    }
    println!("{:>5} {:>12} {:>10} {:>10} {:>10}", "truth", "", truth.0, truth.1[0], truth.1[1]);
    assert!(last < 0.01, "misfit {last}");
    Ok(())
}
