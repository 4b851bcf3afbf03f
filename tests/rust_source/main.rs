//! Programs as Rust source: compiled by `rustc`, and run beside the programs themselves.
//!
//! Each test writes many programs into one file and compiles that once. Values and gradients are compared with the program
//! of the gradient to the bit, and with the sweep but for the sign of a zero, which is what `to_rust` promises.

#[path = "../common/property.rs"]
mod property;

#[path = "../common"]
mod common {
    pub mod apply;
    pub mod expression;
    pub mod formula;
    pub mod naive;
    pub mod numeric;
    pub mod partials;
    pub mod programs;
    pub mod rustc;
}
mod every_operation;
mod example;
mod guards;
mod large;
mod names;
mod numbers;
mod random;
mod rows;

use common::numeric::{same, same_bits};
use common::rustc::{Answer, Case, Shape, assert_formatted, run};
use gradtape::program::{Program, ReplayError, RustOptions, Workspace};

/// A program of one output as a case.
fn one(program: &Program, options: &RustOptions) -> Case {
    let text = program.to_rust(options).expect("no custom operation");
    let (inputs, guarded) = (program.inputs(), text.contains("BranchChanged"));
    Case { text, shape: Shape::One { inputs, guarded } }
}

/// Run programs of one output at points, compiled and as they are, and compare.
fn assert_same(test: &str, options: &RustOptions, programs: &[Program], at: &[(usize, Vec<f64>)]) {
    let cases: Vec<Case> = programs.iter().map(|program| one(program, options)).collect();
    let texts: Vec<&str> = cases.iter().map(|case| &*case.text).collect();
    assert_formatted(test, &texts);
    let answers = run(test, "f64", &cases, at);
    let mut workspace = Workspace::new();
    let gradient = |program: &Program| program.value_and_gradient_program().expect("one output");
    let written: Vec<Program> = programs.iter().map(gradient).collect();
    for ((case, x), answer) in at.iter().zip(answers) {
        let program = &programs[*case];
        let mut gradient = vec![f64::NAN; program.inputs()];
        let what = || format!("case {case} at {x:?}: {answer:?}\n{program}\n{}", cases[*case].text);
        match program.value_and_gradient(x, &mut gradient, &mut workspace) {
            Ok(value) => {
                let Answer::Numbers(numbers) = &answer else { panic!("{}", what()) };
                let [of_value, of_both, found @ ..] = &numbers[..] else { panic!("{}", what()) };
                assert!(same_bits(*of_value, value), "value {value:?}: {}", what());
                assert!(same_bits(*of_both, value), "value {value:?}: {}", what());
                assert_eq!(found.len(), gradient.len(), "{}", what());
                // The program that was written, to the bit.
                let mut y = vec![f64::NAN; 1 + gradient.len()];
                written[*case].values(x, &mut y, &mut workspace).expect("the same branches");
                let all_same = found.iter().zip(&y[1..]).all(|(a, b)| same_bits(*a, *b));
                assert!(all_same, "{y:?}: {}", what());
                // And the sweep.
                let all_same = found.iter().zip(&gradient).all(|(a, b)| same(*a, *b));
                assert!(all_same, "{gradient:?}: {}", what());
            }
            Err(ReplayError::BranchChanged(_)) => {
                assert!(matches!(answer, Answer::Changed(_)), "{}", what());
            }
            Err(error) => panic!("{error}: {}", what()),
        }
    }
}
