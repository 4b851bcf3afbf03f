//! The Hessian: Newton's method walks Rosenbrock's valley in six steps.
//!
//! `cargo run --example 06_hessian`

use gradtape::{Real, hessian, value_and_gradient};

fn rosenbrock<S: Real>(x: &[S]) -> S {
    (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
}

fn main() {
    let mut x = [-1.2, 1.0];
    println!("Hessian at {x:?}:\n{}", hessian(rosenbrock, &x));

    println!("step          x₀          x₁            value   |gradient|");
    for step in 0..7 {
        let (value, slope) = value_and_gradient(rosenbrock, &x);
        let norm = slope[0].hypot(slope[1]);
        println!("{step:>4}  {:>10.7}  {:>10.7}  {value:>15.6e}   {norm:.2e}", x[0], x[1]);

        // Solve H d = -gradient, two equations in two unknowns.
        let h = hessian(rosenbrock, &x);
        let determinant = h[(0, 0)] * h[(1, 1)] - h[(0, 1)] * h[(1, 0)];
        x[0] -= (h[(1, 1)] * slope[0] - h[(0, 1)] * slope[1]) / determinant;
        x[1] -= (h[(0, 0)] * slope[1] - h[(1, 0)] * slope[0]) / determinant;
    }

    let h = hessian(rosenbrock, &[1.0, 1.0]);
    let (trace, difference) = (h[(0, 0)] + h[(1, 1)], h[(0, 0)] - h[(1, 1)]);
    let root = difference.hypot(2.0 * h[(0, 1)]);
    println!(
        "\nCurvatures at the lowest point: {:.4} across the valley, {:.4} along it.",
        (trace + root) / 2.0,
        (trace - root) / 2.0
    );
}
