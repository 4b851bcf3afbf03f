//! One direction through a function with many outputs: forwards (jvp) and backwards (vjp).
//!
//! `cargo run --example 04_jvp_and_vjp`

use gradtape::{Real, jvp, vjp};

/// Where a ball lands that is thrown at a speed (m/s) and an angle (rad): range (m), height (m),
/// time of flight (s).
fn throw<S: Real>(x: &[S]) -> [S; 3] {
    const G: f64 = 9.81;
    let (speed, angle) = (x[0], x[1]);
    let (up, along) = (speed * angle.sin(), speed * angle.cos());
    let time = up * 2.0 / G;
    [along * time, up.square() / (2.0 * G), time]
}

fn main() {
    let x = [20.0, 45.0_f64.to_radians()];

    // Forwards: how do all outputs move if the angle grows by 1 radian a second?
    let v = [0.0, 1.0];
    let (y, along) = jvp(throw, &x, &v);
    println!("                     value      moves with the angle (jvp)");
    for (name, (y, dy)) in ["range", "height", "time"].iter().zip(y.iter().zip(&along)) {
        println!("  {name:<14} {y:>11.6}  {dy:>11.6} per rad");
    }
    println!("At 45 degrees the range is longest: its slope is 0 up to rounding.\n");

    // Backwards: what does one weighted mix of the outputs ask of each input?
    let w = [0.0, 1.0, -2.0];
    let (_, back) = vjp(throw, &x, &w);
    println!("Of `height - 2 time` (vjp): per speed {:.6}, per angle {:.6}", back[0], back[1]);

    // Both are one number seen from two sides: w · (J v) = (w J) · v.
    let forwards: f64 = w.iter().zip(&along).map(|(w, d)| w * d).sum();
    let backwards: f64 = back.iter().zip(&v).map(|(d, v)| d * v).sum();
    println!("w · (J v) = {forwards:.15}\n(w J) · v = {backwards:.15}");
}
