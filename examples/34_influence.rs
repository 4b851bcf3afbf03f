//! Which observation moves a fit most? The sensitivity of an optimum to its data, without fitting again.
//!
//! Look at the outlier at x = 6: least squares listens to it as its place on the lever demands, a robust fit not at all. The
//! last column fits again with one observation moved, and agrees.
//!
//! `cargo run --example 34_influence`

use gradtape::implicit::{self, ImplicitError};
use gradtape::{Jacobian, Real, jacobian};

const X: [f64; 8] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0];
/// About 1 + 2 x, but for the seventh.
const Y: [f64; 8] = [1.2, 2.7, 5.1, 7.3, 8.9, 10.8, 21.0, 18.8];

/// What a line misses the data by: squares near 0, straight further out (Charbonnier, pseudo-Huber).
fn misfit<S: Real>(line: &[S], y: &[S], width: f64) -> S {
    let miss = |i: usize| ((y[i] - line[0] - line[1] * X[i]) / width).square();
    (0..X.len()).map(|i| ((miss(i) + 1.0).sqrt() - 1.0) * (width * width)).sum()
}

/// The best line on plain numbers, by least squares whose weights follow the residuals. Any optimizer will do.
fn reweighted(y: &[f64], width: f64) -> Vec<f64> {
    let mut line = vec![0.0, 0.0];
    for _ in 0..200 {
        let [mut w0, mut wx, mut wxx, mut wy, mut wxy] = [0.0; 5];
        for (&x, &y) in X.iter().zip(y) {
            let w = 1.0 / (1.0 + ((y - line[0] - line[1] * x) / width).powi(2)).sqrt();
            w0 += w;
            wx += w * x;
            wxx += w * x * x;
            wy += w * y;
            wxy += w * x * y;
        }
        let det = w0 * wxx - wx * wx;
        line = vec![(wxx * wy - wx * wxy) / det, (w0 * wxy - wx * wy) / det];
    }
    line
}

/// The best line as a function of the data.
fn fit<S: Real>(y: &[S], width: f64) -> Result<Vec<S>, ImplicitError> {
    implicit::argmin(move |line, y| misfit(line, y, width), move |y| reweighted(y, width), y)
}

fn main() -> Result<(), ImplicitError> {
    let mut influence: Vec<Jacobian> = Vec::new();
    for (name, width) in [("robust", 1.0), ("least squares", 1e4)] {
        let line = fit(&Y, width)?;
        println!("{name:<14} {:.4} + {:.4} x", line[0], line[1]);
        influence.push(jacobian(|y| fit(y, width).expect("it has been found above"), &Y));
    }

    println!("\n             how the line's slope moves with y");
    println!("  x     y    least squares   robust   fitted again");
    let slopes: Vec<f64> = influence[0].row(1).to_vec();
    for i in 0..X.len() {
        let moved = |by: f64| {
            let mut y = Y;
            y[i] += by;
            reweighted(&y, 1.0)[1]
        };
        let again = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        println!(
            "{:>3}  {:>4}  {:>14.5}  {:>7.5}  {again:>13.5}",
            X[i],
            Y[i],
            influence[1][(1, i)],
            slopes[i]
        );
        assert!((again - slopes[i]).abs() < 1e-7);
    }
    let strongest = (0..X.len()).max_by(|&a, &b| slopes[a].abs().total_cmp(&slopes[b].abs()));
    println!(
        "\nThe robust line listens most to the observation at x = {}.",
        X[strongest.expect("eight")]
    );
    Ok(())
}
