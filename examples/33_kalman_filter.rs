//! A Kalman filter whose noises are fitted to the data: gradient and Hessian of a log-likelihood through solves.
//!
//! Look at how Newton's method converges in a few steps, and at the standard errors that the Hessian gives at the end:
//! the noises that made the data lie within two of them, as they should: over 39 of 40 seeds the deviations have the spread
//! 1.0. (From the other one Newton's method, which has no line search here, does not find the optimum.)
//!
//! `cargo run --example 33_kalman_filter`

use gradtape::linear::{self, LinearError};
use gradtape::{Real, Var, assert_gradient, gradient, hessian};

/// What made the data: noise of the acceleration, of the position sensor, of the speed sensor.
const TRUTH: [f64; 3] = [0.3, 2.0, 0.5];

/// A cart: position and speed every second, as two sensors see them.
fn measure(seconds: usize) -> Vec<[f64; 2]> {
    let mut random = fastrand::Rng::with_seed(1);
    let mut normal = move || {
        let (u, v) = (1.0 - random.f64(), random.f64());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    };
    let (mut position, mut speed) = (0.0, 1.0);
    let mut seen = Vec::new();
    for _ in 0..seconds {
        let acceleration = TRUTH[0] * normal();
        position += speed + 0.5 * acceleration;
        speed += acceleration;
        seen.push([position + TRUTH[1] * normal(), speed + TRUTH[2] * normal()]);
    }
    seen
}

/// The negative logarithm of the likelihood of what was seen, by the logarithms of the three noises.
fn unlikelihood<S: Real>(ln_noise: &[S], seen: &[[f64; 2]]) -> Result<S, LinearError> {
    let [q, r0, r1] = [0, 1, 2].map(|k| (ln_noise[k] * 2.0).exp());
    // State, and its covariance row by row.
    let mut x = [S::from(0.0), S::from(1.0)];
    let mut p = [10.0, 0.0, 0.0, 1.0].map(S::from);
    let mut total = S::from(0.0);
    for seen in seen {
        // Predict: x ← F x, P ← F P Fᵀ + q g gᵀ, with F = [1 1; 0 1] and g = (½, 1).
        x = [x[0] + x[1], x[1]];
        let (p01, p11) = (p[1] + p[3], p[3]);
        p = [p[0] + p[1] + p01 + q * 0.25, p01 + q * 0.5, p01 + q * 0.5, p11 + q];
        // Weigh what was seen: S = P + R, its factor for the determinant, S⁻¹ [P | v] in one solve.
        let v = [-x[0] + seen[0], -x[1] + seen[1]];
        let s = [p[0] + r0, p[1], p[2], p[3] + r1];
        let factor = linear::cholesky(&s)?;
        let solved = linear::solve(&s, &[p[0], p[1], v[0], p[2], p[3], v[1]])?;
        let weighed = [solved[2], solved[5]];
        total += (v[0] * weighed[0] + v[1] * weighed[1]) * 0.5 + (factor[0] * factor[3]).ln();
        // Correct: x ← x + P S⁻¹ v, P ← P - P S⁻¹ P.
        x = [0, 1].map(|i| x[i] + p[2 * i] * weighed[0] + p[2 * i + 1] * weighed[1]);
        let less = |i: usize, j: usize| p[2 * i] * solved[j] + p[2 * i + 1] * solved[3 + j];
        p = [p[0] - less(0, 0), p[1] - less(0, 1), p[2] - less(1, 0), p[3] - less(1, 1)];
    }
    Ok(total)
}

fn main() -> Result<(), LinearError> {
    let seen = measure(200);
    let f = |p: &[Var]| unlikelihood(p, &seen).expect("a sum of covariances is positive definite");
    let mut ln_noise = [0.0; 3];
    assert_gradient!(f, &ln_noise);

    println!("step  -ln likelihood  acceleration  position  speed    largest slope");
    let bends = loop {
        let value = unlikelihood(&ln_noise, &seen)?;
        let (slopes, bends) = (gradient(f, &ln_noise), hessian(f, &ln_noise));
        let largest = slopes.iter().fold(0.0_f64, |m, s| m.max(s.abs()));
        let [a, b, c] = ln_noise.map(f64::exp);
        println!("      {value:>14.6}  {a:>12.5}  {b:>8.5}  {c:.5}  {largest:>15.1e}");
        if largest < 1e-8 {
            break bends;
        }
        let step = linear::solve(bends.as_slice(), &slopes)?;
        ln_noise.iter_mut().zip(&step).for_each(|(x, step)| *x -= step.clamp(-1.0, 1.0));
    };

    let covariance = linear::solve(bends.as_slice(), &[1., 0., 0., 0., 1., 0., 0., 0., 1.])?;
    println!("\n              truth   found  standard error  off by (standard errors)");
    for (k, name) in ["acceleration", "position", "speed"].into_iter().enumerate() {
        let (found, error) = (ln_noise[k], covariance[4 * k].sqrt());
        let (off, percent) = ((found - TRUTH[k].ln()) / error, 100.0 * error);
        println!("{name:<12}  {:>5}  {:.4}  {percent:>12.0} %  {off:>6.2}", TRUTH[k], found.exp());
    }
    Ok(())
}
