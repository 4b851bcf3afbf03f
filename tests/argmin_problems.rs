//! Programs as problems for argmin's solvers: numbers against closed forms, solvers to known minima, refusals.
#![cfg(feature = "argmin")]

use argmin::core::{CostFunction, Error, Executor, Gradient, Hessian, Jacobian, Operator, State};
use argmin::solver::linesearch::condition::ArmijoCondition;
use argmin::solver::linesearch::{BacktrackingLineSearch, MoreThuenteLineSearch};
use argmin::solver::newton::NewtonCG;
use argmin::solver::quasinewton::LBFGS;
use argmin::solver::trustregion::{Steihaug, TrustRegion};
use argmin_testfunctions::{beale, beale_derivative, beale_hessian};
use gradtape::optim::ArgminProblem;
use gradtape::program::{ReplayError, RowProgram, Rows};
use gradtape::{Program, Real, Var};

fn rosenbrock<S: Real>(x: &[S]) -> S {
    (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
}

const START: [f64; 2] = [-1.2, 1.0];

fn beales<S: Real>(x: &[S]) -> S {
    let term = |c: f64, k: i32| (x[0] * x[1].powi(k) - x[0] + c).square();
    term(1.5, 1) + term(2.25, 2) + term(2.625, 3)
}

/// The squared residual of a decay, of the row (t, y).
fn decay(p: &[Var], row: &[Var]) -> Var {
    (p[0] * (-p[1] * row[0]).exp() - row[1]).square()
}

const DECAY: [f64; 8] = [0.0, 2.0, 1.0, 1.25, 2.0, 0.75, 3.0, 0.5];

#[test]
fn cost_gradient_and_hessian_are_those_of_the_objectives_authors() {
    let program = Program::record(beales, &[1.0, 1.0]);
    let problem = ArgminProblem::new(&program);
    for x in [[1.0, 1.0], [3.0, 0.5], [-2.0, 1.5], [0.25, -0.75]] {
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs().max(1.0);
        assert!(close(problem.cost(&x.to_vec()).unwrap(), beale(&x)), "{x:?}");
        let (found, known) = (problem.gradient(&x.to_vec()).unwrap(), beale_derivative(&x));
        assert!(found.iter().zip(known).all(|(a, b)| close(*a, b)), "{x:?}: {found:?}, {known:?}");
        let (found, known) = (problem.hessian(&x.to_vec()).unwrap(), beale_hessian(&x));
        let same = found.concat().into_iter().zip(known.concat()).all(|(a, b)| close(a, b));
        assert!(same, "{x:?}: {found:?}, {known:?}");
    }
}

#[test]
fn operator_and_jacobian_are_all_outputs() {
    let program = Program::record(|x| [x[0] * x[1], x[0] + x[1], x[1].square()], &[1.0, 1.0]);
    let problem = ArgminProblem::new(&program);
    let x = vec![2.0, 3.0];
    assert_eq!(problem.apply(&x).unwrap(), [6.0, 5.0, 9.0]);
    assert_eq!(problem.jacobian(&x).unwrap(), [[3.0, 2.0], [1.0, 1.0], [0.0, 6.0]]);
    let error = problem.cost(&x).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&ReplayError::OutputCount { outputs: 3 }));
}

/// Sums, gradients and Hessians over rows against the formulas, with weights and a choice of rows.
#[test]
fn over_rows_everything_is_that_of_the_weighted_sum() {
    let program = RowProgram::record(decay, &[1.0; 2], &[0.0; 2]);
    let (weights, chosen) = ([1.0, 2.0, 0.0, 0.5], [3, 0, 1, 2, 1]);
    let rows = Rows::row_major(&DECAY, 2).unwrap();
    let rows = rows.weighted(&weights).unwrap().choose(&chosen).unwrap();
    let problem = ArgminProblem::over_rows(&program, rows).unwrap();
    let (a, b) = (1.75, 0.625);
    let (mut cost, mut slope, mut second) = (0.0, [0.0; 2], [[0.0; 2]; 2]);
    let mut jacobian = Vec::new();
    for row in chosen {
        let (t, y, w) = (DECAY[2 * row], DECAY[2 * row + 1], weights[row]);
        let e = f64::exp(-b * t);
        let (r, d) = (a * e - y, [e, -a * t * e]);
        let dd = [[0.0, -t * e], [-t * e, a * t * t * e]];
        cost += w * r * r;
        jacobian.push(vec![2.0 * r * d[0], 2.0 * r * d[1]]);
        for i in 0..2 {
            slope[i] += w * 2.0 * r * d[i];
            (0..2).for_each(|j| second[i][j] += w * 2.0 * (d[i] * d[j] + r * dd[i][j]));
        }
    }
    let (x, close) = (vec![a, b], |p: f64, q: f64| (p - q).abs() < 1e-13);
    assert!(close(problem.cost(&x).unwrap(), cost));
    let found = problem.gradient(&x).unwrap();
    assert!(found.iter().zip(slope).all(|(p, q)| close(*p, q)), "{found:?}, {slope:?}");
    let found = problem.hessian(&x).unwrap();
    let same = found.concat().into_iter().zip(second.concat()).all(|(p, q)| close(p, q));
    assert!(same, "{found:?}, {second:?}");
    let found = problem.jacobian(&x).unwrap();
    assert!(found.concat().into_iter().zip(jacobian.concat()).all(|(p, q)| close(p, q)));
    assert!(close(problem.apply(&x).unwrap()[1], (a - 2.0_f64).powi(2)));
}

#[test]
fn a_hessian_over_rows_is_not_spoilt_by_an_infinite_one_elsewhere() {
    // ∂²/∂p₁² is infinite at 0; the first row of the matrix has nothing to do with it.
    let f = |p: &[Var], row: &[Var]| p[0].square() * row[0] + p[1].powf(1.5);
    let program = RowProgram::record(f, &[1.0, 1.0], &[1.0]);
    let rows = Rows::row_major(&[1.0, 2.0], 1).unwrap();
    let problem = ArgminProblem::over_rows(&program, rows).unwrap();
    let error = problem.hessian(&vec![3.0, 0.0]).unwrap_err().to_string();
    assert!(error.starts_with("the second derivative in [1][1] is inf at [3, 0]: "), "{error}");
    assert_eq!(problem.hessian(&vec![3.0, 4.0]).unwrap(), [[6.0, 0.0], [0.0, 0.75]]);
}

/// Run a solver, and compare the best parameters.
macro_rules! reaches {
    ($problem:expr, $solver:expr, $start:expr, $iterations:expr, $minimum:expr) => {{
        let run = Executor::new($problem, $solver)
            .configure(|state| state.param($start.to_vec()).max_iters($iterations))
            .run()
            .unwrap();
        let best = run.state.get_best_param().unwrap().clone();
        let far =
            best.iter().zip($minimum).map(|(a, b): (&f64, f64)| (a - b).abs()).fold(0.0, f64::max);
        assert!(far < 1e-7, "{best:?}, {}", run.state.get_termination_status());
    }};
}

#[test]
fn lbfgs_newton_cg_and_trust_region_reach_the_minimum_of_rosenbrocks_function() {
    let program = Program::record(rosenbrock, &START);
    let problem = || ArgminProblem::new(&program);
    let search = MoreThuenteLineSearch::new;
    reaches!(problem(), LBFGS::new(search(), 7), START, 100, [1.0, 1.0]);
    // It compares the square of a residual with a gradient, so it needs a cost whose gradients are large.
    let large = Program::record(|x| rosenbrock(x) * 1e4, &START);
    let large = ArgminProblem::new(&large);
    reaches!(large, NewtonCG::new(search()), START, 100, [1.0, 1.0]);
    reaches!(problem(), TrustRegion::new(Steihaug::new()), START, 100, [1.0, 1.0]);
}

#[test]
fn lbfgs_newton_cg_and_trust_region_fit_rows() {
    // On 2 exp(-t/2) without noise.
    let data: Vec<f64> =
        (0..20).flat_map(|t| [f64::from(t) / 4.0, 2.0 * (-f64::from(t) / 8.0).exp()]).collect();
    let program = RowProgram::record(decay, &[1.0; 2], &[0.0; 2]);
    let rows = Rows::row_major(&data, 2).unwrap();
    let problem = || ArgminProblem::over_rows(&program, rows).unwrap();
    let search = MoreThuenteLineSearch::new;
    reaches!(problem(), LBFGS::new(search(), 7), [1.0, 1.0], 200, [2.0, 0.5]);
    reaches!(problem(), NewtonCG::new(search()), [1.0, 1.0], 200, [2.0, 0.5]);
    reaches!(problem(), TrustRegion::new(Steihaug::new()), [1.0, 1.0], 200, [2.0, 0.5]);
}

#[test]
fn a_search_that_only_asks_for_costs_turns_back_from_where_there_is_none() {
    // ln(x) has no value below 0, where the first step of length 1 leads to.
    let program = Program::record(|x| x[0] * 40.0 - x[0].ln(), &[1.0]);
    let search = BacktrackingLineSearch::new(ArmijoCondition::new(1e-4).unwrap());
    reaches!(ArgminProblem::new(&program), LBFGS::new(search, 3), [1.0], 100, [0.025]);
}

fn message<T>(result: Result<T, Error>) -> String {
    result.err().expect("it is refused").to_string()
}

#[test]
fn what_a_solver_would_go_on_with_is_refused() {
    let program = Program::record(|x| x[0].sqrt() + x[1], &[1.0, 1.0]);
    let problem = ArgminProblem::new(&program);
    assert!(problem.cost(&vec![-1.0, 0.0]).unwrap().is_nan());
    assert_eq!(
        message(problem.gradient(&vec![0.0, 2.5])),
        "the slope with respect to parameters[0] is inf at [0, 2.5]: choose another start, a line search that turns \
         back, or write the cost so that it is smooth there"
    );
    let found = message(problem.apply(&vec![-1.0, 2.5]));
    assert!(found.starts_with("output 0 is NaN at [-1, 2.5]: "), "{found}");
    let found = message(problem.jacobian(&vec![0.0, 2.5]));
    assert!(found.starts_with("the derivative in [0][0] is inf at [0, 2.5]: "), "{found}");
    assert_eq!(
        message(problem.gradient(&vec![1.0, 2.0, 3.0])),
        "the parameters: the program takes 2 numbers, not 3"
    );
    let branching = Program::record(|x| if x[0] > 0.0 { x[0] } else { x[0].square() }, &[3.0]);
    let error = ArgminProblem::new(&branching).gradient(&vec![-3.0]).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(ReplayError::BranchChanged(_))), "{error}");
}

#[test]
fn a_run_ends_with_the_error_of_the_problem() {
    let program = Program::record(|x| x[0].sqrt() + x[0], &[1.0]);
    let run = |start: f64| {
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), 3);
        Executor::new(ArgminProblem::new(&program), solver)
            .configure(|state| state.param(vec![start]).max_iters(100))
            .run()
    };
    let found = message(run(-1.0).map(|_| ()));
    assert!(found.starts_with("the slope with respect to parameters[0] is NaN at [-1]"), "{found}");
    // Later it is what L-BFGS says of its line search.
    let state = run(1.0).unwrap().state;
    let found = state.get_termination_status().to_string();
    assert!(found.contains("the slope with respect to parameters[0] is NaN at [-0.5]"), "{found}");
    assert_eq!(state.get_best_param().unwrap(), &[1.0]);
}

#[test]
fn rows_that_nothing_can_be_fitted_to_are_refused_before_the_first_step() {
    let program = RowProgram::record(decay, &[1.0; 2], &[0.0; 2]);
    let refused = |data: &[f64], width| {
        let rows = Rows::row_major(data, width).unwrap();
        ArgminProblem::over_rows(&program, rows).unwrap_err().to_string()
    };
    assert_eq!(refused(&[1.0; 3], 3), "a row: the program takes 2 numbers, not 3");
    assert_eq!(refused(&[], 2), "there are no rows to fit: give at least one");
    let found = refused(&[1.0, 2.0, f64::NAN, 3.0], 2);
    assert!(found.starts_with("row 1, column 0 of the data is NaN: "), "{found}");
    let two = RowProgram::record(|p, _| [p[0], p[1]], &[1.0; 2], &[0.0; 2]);
    let found = ArgminProblem::over_rows(&two, Rows::row_major(&DECAY, 2).unwrap()).unwrap_err();
    assert!(found.to_string().contains("the program has 2"), "{found}");
}

#[test]
fn threads_share_a_problem_and_get_the_same_bits() {
    let program = RowProgram::record(decay, &[1.0; 2], &[0.0; 2]);
    let rows = Rows::row_major(&DECAY, 2).unwrap();
    let problem = ArgminProblem::over_rows(&program, rows).unwrap();
    let all = |x: &Vec<f64>| {
        (problem.cost(x).unwrap(), problem.gradient(x).unwrap(), problem.hessian(x).unwrap())
    };
    let x = vec![1.5, 0.25];
    let alone = all(&x);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| all(&x))).collect();
        threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), alone));
    });
}
