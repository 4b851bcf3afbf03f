//! How fast a drug is taken up and cleared, with standard errors, and those of what is computed from it.
//!
//! `cargo run --features levenberg-marquardt --example 35_pharmacokinetics`
//!
//! See: the report, with the parameters and standard errors that R's `nls` has for the same data and model; then half-life
//! and time of the peak, whose standard errors come from the gradient and the covariance.
//!
//! Data: theophylline in the blood of one person after 4.02 mg/kg by mouth. R. J. Boeckmann, L. B. Sheiner, S. L. Beal,
//! *NONMEM Users Guide* (1994), subject 1; it is the set `Theoph` of R.

use gradtape::optim::{LeastSquaresFit, least_squares};
use gradtape::program::Rows;
use gradtape::{Real, Var, dot, value_and_gradient};
use std::error::Error;

const DOSE: f64 = 4.02;
const HOURS: [f64; 11] = [0.0, 0.25, 0.57, 1.12, 2.02, 3.82, 5.1, 7.03, 9.05, 12.12, 24.37];
const CONCENTRATIONS: [f64; 11] =
    [0.74, 2.84, 6.57, 10.5, 9.66, 8.58, 8.36, 7.47, 6.89, 5.94, 3.28];

/// One compartment, first-order uptake. The logarithms of the rates and of the clearance are fitted: all are positive.
fn concentration<S: Real>(p: &[S], row: &[S]) -> S {
    let [elimination, absorption, clearance] = [p[0].exp(), p[1].exp(), p[2].exp()];
    let decay = (-elimination * row[0]).exp() - (-absorption * row[0]).exp();
    elimination * absorption * DOSE / (clearance * (absorption - elimination)) * decay
}

/// Hours until half of the drug is gone.
fn half_life(p: &[Var]) -> Var {
    (-p[0]).exp() * 2.0_f64.ln()
}

/// Hours until the concentration is highest.
fn peak(p: &[Var]) -> Var {
    (p[1] - p[0]) / (p[1].exp() - p[0].exp())
}

fn main() -> Result<(), Box<dyn Error>> {
    let start = [("ln elimination", -2.5), ("ln absorption", 0.5), ("ln clearance", -3.0)];
    let fit = least_squares(concentration, Rows::row_major(&HOURS, 1)?, &CONCENTRATIONS, &start)?;
    println!("{fit}\n");
    for (name, of) in [("half-life", half_life as fn(&[Var]) -> Var), ("peak", peak)] {
        let (value, error) = with_error(of, &fit)?;
        println!("{name:<9} {value:5.2} h +/- {error:.2}");
    }
    // R: lKe, lKa, lCl of nls(conc ~ SSfol(Dose, Time, lKe, lKa, lCl)).
    let by_r = [(-2.9196, 0.1709), (0.5752, 0.1728), (-3.9159, 0.1273)];
    for (parameter, (value, error)) in fit.parameters.iter().zip(by_r) {
        assert!((parameter.value - value).abs() < 1e-4, "{parameter:?}");
        assert!((parameter.standard_error.unwrap_or(0.0) - error).abs() < 1e-4, "{parameter:?}");
    }
    Ok(())
}

/// A function of the parameters, and its standard error: the root of `gᵀ C g` with its gradient `g`.
fn with_error(of: fn(&[Var]) -> Var, fit: &LeastSquaresFit) -> Result<(f64, f64), String> {
    let covariance = fit.covariance.clone()?;
    let (value, slopes) = value_and_gradient(of, &fit.values());
    let variance: f64 = covariance.iter().zip(&slopes).map(|(row, g)| g * dot(row, &slopes)).sum();
    Ok((value, variance.sqrt()))
}
