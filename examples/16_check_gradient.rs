//! Checking a gradient: referees that do not know each other, and their verdict in words.
//!
//! `cargo run --example 16_check_gradient`

use gradtape::check::{CheckError, GradientReport};
use gradtape::{Real, Var, assert_gradient, check_gradient};

/// A pendulum's swing: angle (rad) and speed (rad/s) to energy.
fn energy<S: Real>(x: &[S]) -> S {
    x[1].square() * 0.5 + (S::from(1.0) - x[0].cos()) * 9.81
}

fn main() -> Result<(), CheckError> {
    let x = [0.7, -1.2];

    println!("A gradient as it should be:\n");
    print!("{}", check_gradient(energy, &x)?);

    println!("\nA slip in a gradient derived by hand (cos in place of sin):\n");
    let by_hand = [9.81 * f64::cos(x[0]), x[1]];
    println!("{}", GradientReport::of(energy, &x, Some(&by_hand), GradientReport::TOLERANCE)?);

    println!("\nA number taken off the tape by `value()`, which no sweep can see:\n");
    let leaky = |x: &[Var]| x[1].square() * 0.5 - x[0].value().cos() * 9.81;
    print!("{}", check_gradient(leaky, &x)?);

    println!("\nA point on a kink, where no gradient can be confirmed:\n");
    print!("{}", check_gradient(|x| x[0].abs() + x[1], &[0.0, 1.0])?);

    // In a test of your own this line is all it takes.
    assert_gradient!(energy, &x);
    Ok(())
}
