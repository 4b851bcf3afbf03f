//! A stiff system of a thousand equations by implicit Euler: each step is Newton's method with a sparse Jacobian.
//!
//! The Brusselator in one dimension: two substances react, and diffuse along a line (Hairer and Wanner, *Solving Ordinary
//! Differential Equations II*, IV.10):
//!
//! ```text
//! ∂u/∂t = 1 + u² v - 4 u + α ∂²u/∂x²        u = 1 at both ends, 1 + sin(2πx) at the start
//! ∂v/∂t = 3 u - u² v     + α ∂²v/∂x²        v = 3 at both ends, and at the start
//! ```
//!
//! Look at how the Jacobian of 1000 unknowns takes one sweep, and at the steps: an explicit method would need hundreds of times
//! as many to stay stable. Halving the step halves the error, as it must for Euler's method.
//!
//! `cargo run --release --example 36_reaction_diffusion`

use gradtape::program::{JacobianPlan, Program, ReplayError, Workspace};
use gradtape::{Real, Var};

/// Points inside the line; `u` and `v` of a point follow each other, so that the Jacobian is a band.
const POINTS: usize = 500;
const ALPHA: f64 = 0.02;
/// How far from the diagonal entries are, at most.
const REACH: usize = 2;

/// How fast `u` and `v` change.
fn rates<S: Real>(x: &[S]) -> Vec<S> {
    let diffusion = ALPHA * ((POINTS + 1) as f64).powi(2);
    let at = |point: usize, which: usize| match point.checked_sub(1) {
        Some(point) if point < POINTS => x[2 * point + which],
        _ => S::from([1.0, 3.0][which]),
    };
    let rates = |i: usize| {
        let (u, v) = (at(i, 0), at(i, 1));
        let reaction = u.square() * v;
        let spread = |which| (at(i - 1, which) - at(i, which) * 2.0 + at(i + 1, which)) * diffusion;
        [reaction - u * 4.0 + 1.0 + spread(0), u * 3.0 - reaction + spread(1)]
    };
    (1..=POINTS).flat_map(rates).collect()
}

/// Solve a banded system by elimination without exchanging rows; row `i` of `band` has the columns from `i - REACH` on.
fn solve(band: &mut [[f64; 2 * REACH + 1]], b: &mut [f64]) {
    let n = b.len();
    for i in 0..n {
        for below in i + 1..n.min(i + REACH + 1) {
            let at = i + REACH - below;
            let factor = band[below][at] / band[i][REACH];
            for k in 0..=REACH {
                band[below][at + k] -= factor * band[i][REACH + k];
            }
            b[below] -= factor * b[i];
        }
    }
    for i in (0..n).rev() {
        let known: f64 = (1..=REACH.min(n - 1 - i)).map(|k| band[i][REACH + k] * b[i + k]).sum();
        b[i] = (b[i] - known) / band[i][REACH];
    }
}

/// One step of length `h`: solve `x - old - h rates(x) = 0`. Return how many iterations that took.
fn step(
    plan: &JacobianPlan,
    h: f64,
    x: &mut [f64],
    values: &mut [f64],
    workspace: &mut Workspace,
) -> Result<usize, ReplayError> {
    let (old, mut residual) = (x.to_vec(), vec![0.0; x.len()]);
    for iteration in 1..=20 {
        plan.program().values(x, &mut residual, workspace)?;
        plan.evaluate(x, values, workspace)?;
        // The matrix of Newton's method, 1 - h J, as a band.
        let mut band = vec![[0.0; 2 * REACH + 1]; x.len()];
        let pattern = plan.pattern();
        for i in 0..x.len() {
            band[i][REACH] = 1.0;
            for (&j, value) in pattern.row(i).iter().zip(&values[pattern.starts()[i]..]) {
                band[i][j + REACH - i] -= h * value;
            }
            residual[i] = x[i] - old[i] - h * residual[i];
        }
        solve(&mut band, &mut residual);
        x.iter_mut().zip(&residual).for_each(|(x, correction)| *x -= correction);
        if residual.iter().all(|correction| correction.abs() < 1e-10) {
            return Ok(iteration);
        }
    }
    panic!("Newton's method did not converge: take shorter steps");
}

/// The state at the time 10, after so many steps, and the iterations of all of them.
fn run(plan: &JacobianPlan, steps: usize) -> Result<(Vec<f64>, usize), ReplayError> {
    let place = |i: usize| (i / 2 + 1) as f64 / (POINTS + 1) as f64;
    let start = |i: usize| match i % 2 {
        0 => 1.0 + (std::f64::consts::TAU * place(i)).sin(),
        _ => 3.0,
    };
    let mut x: Vec<f64> = (0..2 * POINTS).map(start).collect();
    let (mut values, mut workspace) = (vec![0.0; plan.pattern().nonzeros()], Workspace::new());
    let mut iterations = 0;
    for _ in 0..steps {
        iterations += step(plan, 10.0 / steps as f64, &mut x, &mut values, &mut workspace)?;
    }
    Ok((x, iterations))
}

fn main() -> Result<(), ReplayError> {
    let plan = Program::record(rates::<Var>, &[1.0; 2 * POINTS]).jacobian_plan();
    println!("{plan}");
    assert_eq!(plan.sweeps(), 1);

    // An explicit step longer than this is unstable: the fastest rate is that of diffusion between neighbours.
    let longest = 2.0 / (4.0 * ALPHA * ((POINTS + 1) as f64).powi(2));
    println!("an explicit method needs {:.0} steps, whatever its accuracy", 10.0 / longest);
    let mut last: Option<Vec<f64>> = None;
    let mut differences = Vec::new();
    for steps in [125, 250, 500] {
        let (x, iterations) = run(&plan, steps)?;
        let (u, v) = (x[POINTS & !1], x[POINTS | 1]);
        print!("{steps} steps, {iterations} iterations: u = {u:.5}, v = {v:.5} in the middle");
        if let Some(last) = last.replace(x.clone()) {
            let difference = x.iter().zip(last).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            differences.push(difference);
            print!("; {difference:.5} from the line above");
        }
        println!();
    }
    let order = differences[0] / differences[1];
    println!("halving the step divides the difference by {order:.2}");
    assert!((1.6..2.4).contains(&order), "Euler's method is of first order");
    Ok(())
}
