//! A program: a recording, frozen, that runs again for other inputs.
//!
//! `cargo run --release --example 19_program`

use gradtape::program::{Program, ReplayError, Workspace};
use gradtape::{Real, value_and_gradient};
use std::f64::consts::PI;

/// The range of a throw (m) with speed (m/s), angle (rad) and height of the hand (m).
fn range<S: Real>(x: &[S]) -> S {
    let (speed, angle, height) = (x[0].label("speed"), x[1].label("angle"), x[2].label("height"));
    let (ahead, up) = (speed * angle.cos(), speed * angle.sin());
    let time = (up + (up.square() + height * (2.0 * 9.81)).sqrt()) / 9.81;
    (ahead * time.label("time")).label("range")
}

fn main() -> Result<(), ReplayError> {
    let program = Program::record(range, &[10.0, 0.7, 2.0]);
    println!("{program}");
    println!("{}", program.stats());

    // The workspace is the caller's: after the first call nothing is allocated.
    let (mut slopes, mut workspace) = ([0.0; 3], Workspace::new());
    println!("angle    range   d/dspeed   d/dangle   d/dheight");
    for degrees in [30.0, 35.0, 40.0, 45.0, 50.0] {
        let x = [12.0, degrees * PI / 180.0, 2.0];
        let range = program.value_and_gradient(&x, &mut slopes, &mut workspace)?;
        let [speed, angle, height] = slopes;
        println!("  {degrees}°   {range:.3}   {speed:>8.5}   {angle:>8.4}   {height:>9.6}");
    }

    // Newton's method on the slope finds the best angle.
    let mut x = [12.0, 0.7, 2.0];
    let mut second = [0.0; 3];
    for _ in 0..6 {
        program.value_and_gradient(&x, &mut slopes, &mut workspace)?;
        program.hessian_vector(&x, &[0.0, 1.0, 0.0], &mut second, &mut workspace)?;
        x[1] -= slopes[1] / second[1];
    }
    let (recorded, slopes) = value_and_gradient(range, &x);
    println!("\nbest at {:.4}°: {:.6} m", x[1] * 180.0 / PI, program.value(&x, &mut workspace)?);
    println!("recorded afresh: {recorded:.6} m, slope {:.0e} m/rad", slopes[1].abs());
    let exact = (12.0 / (12.0_f64.powi(2) * 2.0 + 2.0 * 9.81 * 2.0).sqrt()).asin();
    println!("in closed form:  {:.4}°", exact * 180.0 / PI);
    Ok(())
}
