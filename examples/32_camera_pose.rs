//! Where was the camera? Its rotation and position from the pixels of eight known points, by Gauss-Newton.
//!
//! Look at how the error falls to the noise of half a pixel within five steps from a start without any rotation, where
//! many parametrizations have no derivative, and at the standard errors beside the real deviations.
//!
//! `cargo run --example 32_camera_pose`

use gradtape::linear::{self, LinearError};
use gradtape::{Jacobian, Real, jacobian};

/// The corners of a box of 2 m x 1 m x 1 m.
const CORNERS: [[f64; 3]; 8] = [
    [-1.0, -0.5, -0.5],
    [1.0, -0.5, -0.5],
    [-1.0, 0.5, -0.5],
    [1.0, 0.5, -0.5],
    [-1.0, -0.5, 0.5],
    [1.0, -0.5, 0.5],
    [-1.0, 0.5, 0.5],
    [1.0, 0.5, 0.5],
];
const FOCAL_LENGTH: f64 = 800.0;

/// Turn a point about the axis `w` by the angle `|w|` (Rodrigues).
///
/// `sin θ / θ` and `(1 - cos θ) / θ² = sinc²(θ/2) / 2` are smooth at 0, and `hypot` has the slope 0 there, where a root
/// has an infinite one: so no rotation is as good a start as any.
fn rotate<S: Real>(w: &[S], p: [f64; 3]) -> [S; 3] {
    let angle = w[0].hypot(w[1]).hypot(w[2]);
    let (sine, versine) = (angle.sinc(), (angle * 0.5).sinc().square() * 0.5);
    let along = (w[0] * p[0] + w[1] * p[1] + w[2] * p[2]) * versine;
    let cross = [w[1] * p[2] - w[2] * p[1], w[2] * p[0] - w[0] * p[2], w[0] * p[1] - w[1] * p[0]];
    [0, 1, 2].map(|i| angle.cos() * p[i] + cross[i] * sine + w[i] * along)
}

/// The pixels at which the corners appear: three numbers of rotation, three of translation.
fn project<S: Real>(pose: &[S]) -> Vec<S> {
    let pixels = CORNERS.iter().flat_map(|&corner| {
        let [x, y, z] = rotate(&pose[..3], corner);
        let depth = z + pose[5];
        [(x + pose[3]) / depth * FOCAL_LENGTH, (y + pose[4]) / depth * FOCAL_LENGTH]
    });
    pixels.collect()
}

/// `Jᵀ J` and `Jᵀ r`.
fn normal_equations(j: &Jacobian, r: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let n = j.columns();
    let (mut matrix, mut right) = (vec![0.0; n * n], vec![0.0; n]);
    for (k, &residual) in r.iter().enumerate() {
        for a in 0..n {
            right[a] += j[(k, a)] * residual;
            for b in 0..n {
                matrix[a * n + b] += j[(k, a)] * j[(k, b)];
            }
        }
    }
    (matrix, right)
}

fn main() -> Result<(), LinearError> {
    let truth = [0.4, -0.7, 0.2, 0.3, -0.2, 6.0];
    // Half a pixel of noise, which is the same in every run.
    let noise = |k: usize| 0.7 * (12.9898 * (k + 1) as f64).sin();
    let seen: Vec<f64> = project(&truth).iter().enumerate().map(|(k, x)| x + noise(k)).collect();

    let mut pose = [0.0, 0.0, 0.0, 0.0, 0.0, 4.0];
    let rms = |r: &[f64]| (r.iter().map(|r| r * r).sum::<f64>() / r.len() as f64).sqrt();
    println!("step  error (px)   rotation (rad)               position (m)");
    let normal = loop {
        let residuals: Vec<f64> = project(&pose).iter().zip(&seen).map(|(p, s)| p - s).collect();
        let (matrix, right) = normal_equations(&jacobian(project, &pose), &residuals);
        let step = linear::solve(&matrix, &right)?;
        println!("      {:>10.4}   {:>8.5?}   {:>8.5?}", rms(&residuals), &pose[..3], &pose[3..]);
        pose.iter_mut().zip(&step).for_each(|(x, step)| *x -= step);
        if rms(&step) < 1e-10 {
            // Sixteen pixels, six unknowns.
            let variance = residuals.iter().map(|r| r * r).sum::<f64>() / (16.0 - 6.0);
            break matrix.iter().map(|x| x / variance).collect::<Vec<f64>>();
        }
    };

    let identity: Vec<f64> = (0..36).map(|k| f64::from(u8::from(k % 7 == 0))).collect();
    let covariance = linear::solve(&normal, &identity)?;
    println!("\n           truth      found  standard error  off by (standard errors)");
    for (k, name) in ["turn x", "turn y", "turn z", "x", "y", "depth"].into_iter().enumerate() {
        let error = covariance[k * 7].sqrt();
        let (truth, found) = (truth[k], pose[k]);
        println!(
            "{name:<8} {truth:>7.4} {found:>10.5}  {error:>14.5}  {:>8.2}",
            (found - truth) / error
        );
    }
    Ok(())
}
