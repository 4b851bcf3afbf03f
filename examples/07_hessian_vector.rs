//! Hessian-vector products: the largest curvature of a function of many variables, without ever
//! forming the matrix of its second derivatives.
//!
//! `cargo run --release --example 07_hessian_vector`

use gradtape::{Real, hessian_vector, sum_squares};
use std::f64::consts::PI;

const N: usize = 30;

/// The energy of a chain of springs between two walls.
fn energy<S: Real>(x: &[S]) -> S {
    let inside = sum_squares((1..N).map(|i| x[i] - x[i - 1]));
    (inside + x[0].square() + x[N - 1].square()) * 0.5
}

fn main() {
    let rest = [0.0; N];
    // The stiffest mode of n springs has the curvature 4 sin²(n π / 2(n + 1)).
    let exact = 4.0 * (N as f64 * PI / (2.0 * (N as f64 + 1.0))).sin().powi(2);

    println!("products   largest curvature       error");
    // Power iteration: apply H again and again, and the stiffest mode takes over.
    let mut v = [0.0; N];
    v[0] = 1.0;
    for product in 1..=3000 {
        let hv = hessian_vector(energy, &rest, &v);
        // `v` has length 1, so v · H v is the curvature along it.
        let curvature: f64 = v.iter().zip(&hv).map(|(v, h)| v * h).sum();
        if [1, 3, 10, 30, 100, 300, 1000, 3000].contains(&product) {
            println!("{product:>8}   {curvature:>17.12}   {:>9.1e}", curvature - exact);
        }
        let length = hv.iter().map(|h| h * h).sum::<f64>().sqrt();
        v = std::array::from_fn(|i| hv[i] / length);
    }
    println!("in closed form {exact:>13.12}");
    println!("\nGradient descent on this chain blows up at a learning rate above 2 / {exact:.4}.");
}
