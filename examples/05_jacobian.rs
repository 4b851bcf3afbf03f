//! The Jacobian: a robot arm with two joints, and the place where it cannot move.
//!
//! `cargo run --example 05_jacobian`

use gradtape::{Jacobian, Real, jacobian};

/// Where the hand is: upper arm 1.0 m, forearm 0.7 m, angles of shoulder and elbow (rad).
fn hand<S: Real>(angles: &[S]) -> [S; 2] {
    let (shoulder, elbow) = (angles[0], angles[0] + angles[1]);
    [shoulder.cos() + elbow.cos() * 0.7, shoulder.sin() + elbow.sin() * 0.7]
}

fn determinant(j: &Jacobian) -> f64 {
    j[(0, 0)] * j[(1, 1)] - j[(0, 1)] * j[(1, 0)]
}

fn main() {
    let bent = [0.3, 1.2];
    let j = jacobian(hand, &bent);
    println!("hand at {:.6?}", hand(&bent));
    println!("Jacobian, rows x y, columns shoulder elbow:\n{j:.6}");
    println!(
        "determinant {:.6}; by hand 0.7 sin(elbow) = {:.6}",
        determinant(&j),
        0.7 * 1.2_f64.sin()
    );

    // Newton's method turns the joints until the hand is where it should be.
    let target = [0.5, 1.2];
    let mut angles = bent;
    println!("\nstep   shoulder      elbow   distance to {target:?}");
    for step in 0..6 {
        let at = hand(&angles);
        let miss = [target[0] - at[0], target[1] - at[1]];
        println!(
            "{step:>4}  {:>9.6}  {:>9.6}   {:.2e}",
            angles[0],
            angles[1],
            miss[0].hypot(miss[1])
        );
        let j = jacobian(hand, &angles);
        let det = determinant(&j);
        angles[0] += (j[(1, 1)] * miss[0] - j[(0, 1)] * miss[1]) / det;
        angles[1] += (j[(0, 0)] * miss[1] - j[(1, 0)] * miss[0]) / det;
    }

    let straight = jacobian(hand, &[0.3, 0.0]);
    println!(
        "\nStretched out, the determinant is {:.1e}: no turn moves the hand outwards.",
        determinant(&straight)
    );
}
