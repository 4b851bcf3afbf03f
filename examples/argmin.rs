//! Solvers of argmin on programs: L-BFGS, Newton-CG and trust region, and a network and NIST's curves fitted to all their
//! data by L-BFGS. The tables are those of `docs/solvers.md`.
//!
//! `cargo run --release --features argmin --example argmin`

#[path = "nist/models.rs"]
mod models;

use argmin::core::{Error, Executor, Gradient, IterState, Solver, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::newton::NewtonCG;
use argmin::solver::quasinewton::LBFGS;
use argmin::solver::trustregion::{Steihaug, TrustRegion};
use gradtape::nn::{Activation, Init, Mlp, mse};
use gradtape::optim::{Adam, ArgminProblem, Fitter, OverRows, Schedule};
use gradtape::program::{RowProgram, Rows};
use gradtape::{Program, Real, Var};
use models::{Data, SETS, Set, digits};
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
    println!("\n| a network of {} parameters | gradients | sum of squares | time |", start.len());
    println!("|---|---|---|---|");
    let show = |found: &Found| format!("{:.1e}", found.loss);
    adam(&program, rows, start.as_slice(), 0.03, &[1000, 10_000], show)?;
    lbfgs(&program, rows, start.as_slice(), &[100, 1000], show)?;

    println!("\n| NIST's sets, from start 2 | | gradients | right digits | time |");
    println!("|---|---|---|---|---|");
    SETS.iter().try_for_each(nist)
}

/// Fit one of NIST's sets, with parameters in units of their starts: some are 1e5 times as large as others.
fn nist(set: &Set) -> Result<(), Box<dyn std::error::Error>> {
    let Data { x, y, starts: [_, start], certified: [certified, _], .. } = set.read();
    let inputs = set.inputs();
    let columns = (0..inputs).map(|i| x.iter().copied().skip(i).step_by(inputs).collect());
    let columns: Vec<Vec<f64>> = columns.chain([y]).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let rows = Rows::columns(&columns)?;
    let residual = |p: &[Var], row: &[Var]| {
        let p: Vec<Var> = p.iter().zip(&start).map(|(p, unit)| *p * *unit).collect();
        ((set.model)(&p, &row[..inputs]) - row[inputs]).square()
    };
    let ones = vec![1.0; start.len()];
    let program = RowProgram::record(residual, &ones, &vec![1.0; inputs + 1]);
    let show = |found: &Found| {
        let parameters = found.parameters.iter().zip(&start).map(|(p, unit)| p * unit);
        format!("{:.1}", digits(&parameters.collect::<Vec<_>>(), &certified))
    };
    if set.name == "Thurber" {
        print!("| Thurber ");
        adam(&program, rows, &ones, 0.01, &[20_000], show)?;
    }
    print!("| {} ", set.name);
    lbfgs(&program, rows, &ones, &[1000], show)
}

/// Where a fit ended.
struct Found {
    parameters: Vec<f64>,
    loss: f64,
}

/// Fit by `Adam`, and print a row for each number of steps.
fn adam(
    program: &RowProgram,
    rows: Rows<'_>,
    start: &[f64],
    rate: f64,
    steps: &[usize],
    show: impl Fn(&Found) -> String,
) -> Result<(), Box<dyn std::error::Error>> {
    for &steps in steps {
        let clock = Instant::now();
        let mut adam = Adam::new(rate).schedule(Schedule::Cosine { steps, floor: 0.01 });
        let loss = OverRows::new(program, rows)?;
        let fit = Fitter::with_objective(loss, start).fit(&mut adam, steps)?;
        let found = Found { parameters: fit.parameters, loss: fit.loss };
        println!("| `Adam` | {steps} | {} | {:.0?} |", show(&found), clock.elapsed());
    }
    Ok(())
}

/// Fit by L-BFGS, and print a row for each number of iterations.
fn lbfgs(
    program: &RowProgram,
    rows: Rows<'_>,
    start: &[f64],
    iterations: &[u64],
    show: impl Fn(&Found) -> String,
) -> Result<(), Box<dyn std::error::Error>> {
    // The first step is the gradient itself, so the cost is weighted to give it the length 0.1.
    let gradient = ArgminProblem::over_rows(program, rows)?.gradient(&start.to_vec())?;
    let weight = 0.1 / gradient.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
    let weights = vec![weight; rows.count()];
    for &iterations in iterations {
        let clock = Instant::now();
        let loss = ArgminProblem::over_rows(program, rows.weighted(&weights)?)?;
        let search = MoreThuenteLineSearch::new().with_c(1e-4, 0.5)?;
        let run = Executor::new(loss, LBFGS::new(search, 10))
            .configure(|state| state.param(start.to_vec()).max_iters(iterations))
            .run()?;
        let parameters = run.state.get_best_param().expect("there is one").clone();
        let found = Found { parameters, loss: run.state.get_best_cost() / weight };
        println!(
            "| L-BFGS, {} iterations | {} | {} | {:.0?} |",
            run.state.get_iter(),
            run.problem.counts["gradient_count"],
            show(&found),
            clock.elapsed()
        );
    }
    Ok(())
}
