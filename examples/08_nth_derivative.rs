//! Derivatives of any order: the Taylor series of the tangent.
//!
//! `cargo run --release --example 08_nth_derivative`

use gradtape::nth_derivative;

fn main() {
    // tan x = x + x³/3 + 2x⁵/15 + 17x⁷/315 + ...
    let exact = [0.0, 1.0, 0.0, 1.0 / 3.0, 0.0, 2.0 / 15.0, 0.0, 17.0 / 315.0];

    println!("  n   tan⁽ⁿ⁾(0)   over n!             in closed form");
    let mut factorial = 1.0;
    let mut taylor = Vec::new();
    for (n, &exact) in exact.iter().enumerate() {
        factorial *= (n as f64).max(1.0);
        let derivative = nth_derivative(|x| x.tan(), 0.0, n);
        taylor.push(derivative / factorial);
        println!("  {n}   {derivative:>9}   {:<18.16}  {exact:.16}", taylor[n]);
    }

    println!("\n    x   series to x⁷      tan x             error");
    for x in [0.1, 0.2, 0.4, 0.8] {
        let series = taylor.iter().rev().fold(0.0, |sum, &c| sum * x + c);
        println!("  {x:.1}   {series:<15.12}   {:<15.12}  {:>8.1e}", f64::tan(x), series - x.tan());
    }
}
