//! Solvers of argmin on programs: L-BFGS, Newton-CG and trust region, and a network fitted to all its data by L-BFGS.
//! The tables are those of `docs/solvers.md`.
//!
//! `cargo run --release --features argmin --example argmin`

use argmin::core::{Error, Executor, IterState, Problem, Solver, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::newton::NewtonCG;
use argmin::solver::quasinewton::LBFGS;
use argmin::solver::trustregion::{Steihaug, TrustRegion};
use gradtape::nn::{Activation, Init, Mlp, mse};
use gradtape::optim::{Adam, ArgminProblem, Fitter, OverRows, Schedule};
use gradtape::program::{RowProgram, Rows};
use gradtape::{Program, Real};
use std::time::Instant;

fn rosenbrock<S: Real>(x: &[S]) -> S {
    (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
}

const START: [f64; 2] = [-1.2, 1.0];

/// Run a solver and print a row: how many costs, gradients and Hessians it took, and how it ended.
fn row<S, H>(name: &str, program: &Program, solver: S) -> Result<(), Error>
where
    S: for<'a> Solver<ArgminProblem<'a>, IterState<Vec<f64>, Vec<f64>, (), H, (), f64>>,
{
    let run = Executor::new(ArgminProblem::new(program), solver)
        .configure(|state| state.param(START.to_vec()).max_iters(60).target_cost(1e-24))
        .run()?;
    let count = |what: &str| run.problem.counts.get(what).copied().unwrap_or(0);
    let counts = ["cost_count", "gradient_count", "hessian_count"].map(count);
    let (cost, end) = (run.state.get_best_cost(), run.state.get_termination_status());
    println!("| {name} | {} | {} | {} | {cost:.0e} | {end} |", counts[0], counts[1], counts[2]);
    Ok(())
}

/// The rows of a network that learns sin(3 x), without noise.
fn curve() -> Vec<f64> {
    (0..200).map(|i| f64::from(i) / 100.0 - 1.0).flat_map(|x| [x, (3.0 * x).sin()]).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Scaled, for Newton-CG stops its inner loop too soon where gradients are below 1.
    let program = Program::record(|x| rosenbrock(x) * 1e4, &START);
    println!("| Rosenbrock's function | costs | gradients | Hessians | cost | ended by |");
    println!("|---|---|---|---|---|---|");
    row("L-BFGS", &program, LBFGS::new(MoreThuenteLineSearch::new(), 7))?;
    row("Newton-CG", &program, NewtonCG::new(MoreThuenteLineSearch::new()))?;
    row("trust region", &program, TrustRegion::new(Steihaug::new()))?;

    let network = Mlp::new(1).dense(12, Activation::Tanh).dense(1, Activation::Identity);
    let start = network.initialize(Init::XavierUniform, 7);
    let program: RowProgram = network.over_rows(1, |predicted, observed| mse(predicted, observed));
    let data = curve();
    let rows = Rows::row_major(&data, 2)?;
    println!(
        "\n| {} parameters, {} rows | gradients | sum of squares | time |",
        start.len(),
        rows.count()
    );
    println!("|---|---|---|---|");
    for steps in [1000, 10_000] {
        let clock = Instant::now();
        let mut adam = Adam::new(0.03).schedule(Schedule::Cosine { steps, floor: 0.01 });
        let loss = OverRows::new(&program, rows)?;
        let fit = Fitter::with_objective(loss, start.as_slice()).fit(&mut adam, steps)?;
        println!("| `Adam` | {steps} | {:.1e} | {:.0?} |", fit.loss, clock.elapsed());
    }
    for iterations in [100, 1000] {
        let clock = Instant::now();
        // The lines that differ from the fit by `Adam`.
        let loss = ArgminProblem::over_rows(&program, rows)?;
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), 10);
        let run = Executor::new(loss, solver)
            .configure(|state| state.param(start.as_slice().to_vec()).max_iters(iterations))
            .run()?;
        let Problem { counts, .. } = run.problem;
        println!(
            "| L-BFGS, {} iterations | {} | {:.1e} | {:.0?} |",
            run.state.get_iter(),
            counts["gradient_count"],
            run.state.get_best_cost(),
            clock.elapsed()
        );
    }
    Ok(())
}
