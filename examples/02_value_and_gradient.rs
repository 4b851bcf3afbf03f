//! Value and gradient in one go: a line fitted through five points by gradient descent.
//!
//! `cargo run --example 02_value_and_gradient`

use gradtape::{Real, sum_squares, value_and_gradient};

const X: [f64; 5] = [0.0, 1.0, 2.0, 3.0, 4.0];
const Y: [f64; 5] = [1.1, 2.9, 5.2, 7.1, 8.8];

/// The sum of the squared residuals of the line `intercept + slope · x`.
fn residuals<S: Real>(line: &[S]) -> S {
    sum_squares((0..X.len()).map(|i| line[0] + line[1] * X[i] - Y[i]))
}

fn main() {
    let mut line = vec![0.0, 0.0];
    println!("step  intercept   slope    sum of squares      gradient");
    for step in 0..=200 {
        let (value, slopes) = value_and_gradient(residuals, &line);
        if [0, 1, 2, 5, 20, 100, 200].contains(&step) {
            println!(
                "{step:>4}  {:>9.5}  {:>7.5}  {value:>14.8}  [{:>10.2e}, {:>10.2e}]",
                line[0], line[1], slopes[0], slopes[1]
            );
        }
        for (p, slope) in line.iter_mut().zip(slopes) {
            *p -= 0.02 * slope;
        }
    }
    println!("\nthe normal equations say: intercept 1.10, slope 1.96, sum of squares 0.092");
}
