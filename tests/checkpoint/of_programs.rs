//! Steps that are programs.

use super::counting::allocations;
use gradtape::checkpoint::{self, Binomial, CheckpointError, Checkpointed};
use gradtape::program::{Program, ReplayError};
use gradtape::{Var, gradient};

const STATE: [f64; 2] = [0.4, 1.2];
const PARAMETERS: [f64; 3] = [0.9, 0.3, 0.05];

/// Lotka and Volterra's equations by Euler's method, with a season.
fn hunt(s: &[Var], p: &[Var], i: Var) -> [Var; 2] {
    let (prey, hunters) = (s[0], s[1]);
    let season = (i * 0.01).sin() * p[2] + 1.0;
    [
        prey + prey * (p[0] * season - hunters * 0.5) * 0.01,
        hunters + hunters * (prey * 0.4 - p[1]) * 0.01,
    ]
}

fn program() -> Program {
    let all = [&STATE[..], &PARAMETERS, &[0.0]].concat();
    Program::record(|x| hunt(&x[..2], &x[2..5], x[5]), &all)
}

fn run(steps: usize, program: &Program) -> Result<Checkpointed, CheckpointError> {
    let schedule = Binomial::new(steps, 7)?;
    checkpoint::gradient_of_program(steps, schedule, &STATE, &PARAMETERS, program, |s| s[0] * s[1])
}

#[test]
fn a_program_gives_the_loss_and_the_gradient_of_its_code() {
    for steps in [0, 1, 2, 50, 400] {
        let found = run(steps, &program()).expect("no branches");
        let step = |s: &[Var], p: &[Var], i: usize| hunt(s, p, Var::from(i as f64));
        let schedule = Binomial::new(steps, 7).expect("slots");
        let expected =
            checkpoint::gradient(steps, schedule, &STATE, &PARAMETERS, step, |s| s[0] * s[1]);
        let expected = expected.expect("it repeats itself");
        assert_eq!(found.loss.to_bits(), expected.loss.to_bits());
        approx::assert_relative_eq!(found.state[..], expected.state[..], max_relative = 1e-12);
        approx::assert_relative_eq!(
            found.parameters[..],
            expected.parameters[..],
            max_relative = 1e-12
        );
        assert_eq!(found.forward_steps, expected.forward_steps);
    }
}

#[test]
fn a_step_of_a_program_allocates_nothing() {
    let program = program();
    run(1_000, &program).expect("no branches");
    let few = allocations(|| drop(run(100, &program)));
    let many = allocations(|| drop(run(1_000, &program)));
    // The hashes of 1,000 states grow four times more.
    assert!(many <= few + 4, "{few}, then {many} for ten times the steps");
}

#[test]
fn another_branch_is_refused_with_its_step() {
    let program = Program::record(|x| [if x[0] < 2.0 { x[0] * x[1] } else { x[0] }], &[1.0, 1.5]);
    let run = |steps| {
        let schedule = Binomial::new(steps, 3).expect("slots");
        checkpoint::gradient_of_program(steps, schedule, &[1.0], &[1.1], &program, |s| s[0])
    };
    // 1.1⁷ < 2 < 1.1⁸: the step from state 8 is another.
    let found = run(8).expect("the branch that was recorded");
    approx::assert_relative_eq!(found.parameters[0], 8.0 * 1.1_f64.powi(7), max_relative = 1e-14);
    let error = run(20).unwrap_err();
    let CheckpointError::Program { step: Some(8), error: ReplayError::BranchChanged(_) } = &error
    else {
        panic!("{error}")
    };
    assert!(
        error.to_string().starts_with("step 8: input 0 < 2 is false, and was true when recorded"),
        "{error}"
    );
}

#[test]
fn a_program_of_other_sizes_is_refused_with_them() {
    let schedule = || Binomial::new(5, 2).expect("slots");
    let of = |program: &Program, state: &[f64], parameters: &[f64]| {
        checkpoint::gradient_of_program(5, schedule(), state, parameters, program, |s| s[0])
            .unwrap_err()
            .to_string()
    };
    let two = Program::record(|x| [x[0] * x[1]], &[1.0, 1.0]);
    assert_eq!(
        of(&two, &[1.0], &[1.0, 2.0, 3.0]),
        "state and parameters, and the index if it is used: the program takes 2 numbers, not 4"
    );
    assert_eq!(
        of(&two, &[1.0, 1.0], &[]),
        "step 0 was given a state of 2 numbers and returned 1: a state keeps its length"
    );
    let growing = Program::record(|x| [x[0] * 1e200], &[1.0]);
    assert_eq!(
        of(&growing, &[1.0], &[]),
        "step 1 made number 0 of the state inf: it must be finite"
    );
}

/// Blocked and infinite slopes are told apart from step to step here too.
#[test]
fn zero_and_infinity_are_as_on_one_tape() {
    let step = |s: &[Var]| [Var::select(s[1], s[0], s[0].sqrt()), s[1] - 1.0];
    let program = Program::record(|x| step(x), &[0.0, 1.0]);
    let schedule = Binomial::new(2, 2).expect("slots");
    // The root comes second and is blocked there.
    let loss = |s: &[Var]| Var::select(s[1] + 5.0, s[1], s[0]);
    let found = checkpoint::gradient_of_program(2, schedule, &[0.0, 1.0], &[], &program, loss)
        .expect("finite");
    let whole = gradient(|x| loss(&(0..2).fold([x[0], x[1]], |s, _| step(&s))), &[0.0, 1.0]);
    assert_eq!(found.state, whole);
    assert_eq!(found.state, [0.0, 1.0]);
}
