//! Implied volatility: the root of a pricing formula, found by bisection, with exact first and second derivatives.
//!
//! Look at the last two columns: bisection has no derivative at all, and yet slope and bend of what it finds are 1/vega
//! and -volga/vega³, with vega and volga by differentiating the formula; these agree with the book's closed forms.
//!
//! `cargo run --example 31_implied_volatility`

use gradtape::implicit::{self, ImplicitError};
use gradtape::{Real, Var, gradient, hessian, nth_derivative};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// A call by Black and Scholes: spot, strike, rate, years, volatility.
fn call<S: Real>(spot: S, strike: f64, rate: S, years: f64, volatility: S) -> S {
    // Φ(x) without cancellation in either tail.
    let phi = |x: S| (x * -FRAC_1_SQRT_2).erfc() * 0.5;
    let spread = volatility * years.sqrt();
    let d1 = ((spot / strike).ln() + rate * years) / spread + spread * 0.5;
    spot * phi(d1) - (-rate * years).exp() * strike * phi(d1 - spread)
}

const YEARS: f64 = 0.5;

/// The volatility at which the formula gives the price: `p` is price, spot and rate.
fn implied<S: Real>(strike: f64, p: &[S]) -> Result<S, ImplicitError> {
    let excess = move |v: &[Var], p: &[Var]| [call(p[1], strike, p[2], YEARS, v[0]) - p[0]];
    let bisection = move |p: &[f64]| {
        let (mut low, mut high) = (1e-3, 5.0);
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            let is_above = call(p[1], strike, p[2], YEARS, middle) > p[0];
            (low, high) = if is_above { (low, middle) } else { (middle, high) };
        }
        vec![0.5 * (low + high)]
    };
    Ok(implicit::root(excess, bisection, p)?[0])
}

fn main() -> Result<(), ImplicitError> {
    let (spot, rate) = (100.0_f64, 0.03);
    println!("A call of half a year, spot {spot}, rate {rate}\n");
    println!("strike  price  implied  by spot   slope in price = 1/vega       bend = -volga/vega³");
    for (strike, price) in [(80.0, 22.1), (90.0, 13.6), (100.0, 7.2), (110.0, 3.4), (120.0, 1.5)] {
        let point = [price, spot, rate];
        let volatility = implied(strike, &point)?;
        let f = |p: &[Var]| implied(strike, p).expect("it has been found above");
        let (slopes, bends) = (gradient(f, &point), hessian(f, &point));
        let of_volatility = |n| {
            let price = |v| call(Var::from(spot), strike, rate.into(), YEARS, v);
            nth_derivative(price, volatility, n)
        };
        let (vega, volga) = (of_volatility(1), of_volatility(2));
        println!(
            "{strike:>6}  {price:>5}  {volatility:.5}  {:.5}  {:>14.5} = 1/{vega:>7.4}  {:>8.5} = -{volga:>8.4}/{vega:.4}³",
            slopes[1],
            slopes[0],
            bends[(0, 0)]
        );
        approx::assert_relative_eq!(slopes[0], 1.0 / vega, max_relative = 1e-12);
        approx::assert_relative_eq!(bends[(0, 0)], -volga / vega.powi(3), max_relative = 1e-9);
        // By the book: vega = S φ(d₁) √T and volga = vega d₁ d₂ / σ.
        let spread = volatility * YEARS.sqrt();
        let d1 = ((spot / strike).ln() + rate * YEARS) / spread + spread * 0.5;
        let by_book = spot * (-0.5 * d1 * d1).exp() / (2.0 * PI).sqrt() * YEARS.sqrt();
        approx::assert_relative_eq!(vega, by_book, max_relative = 1e-12);
        let by_book = by_book * d1 * (d1 - spread) / volatility;
        approx::assert_relative_eq!(volga, by_book, max_relative = 1e-9);
    }

    println!("\nA price below what exercise is worth has no volatility:");
    println!("  {}", implied(80.0, &[20.0, spot, rate]).expect_err("refused"));
    Ok(())
}
