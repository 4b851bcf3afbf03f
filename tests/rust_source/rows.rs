//! Sums over rows: from the first row to the last, what they share computed once.

use super::common::numeric::{same, same_bits};
use super::common::rustc::{Answer, Case, Shape, assert_formatted, run};
use super::property::seed::random;
use gradtape::nn::{Activation, Dosage, Init, Mlp};
use gradtape::program::{ReplayError, RowProgram, RustOptions, Workspace};
use gradtape::{Var, log_sum_exp, sum, sum_squares};

/// What the loop over rows gives: value and slopes added up from 0, or the error of the first row that is refused.
fn expected(rows: &RowProgram, shared: &[f64], data: &[f64]) -> Result<Vec<f64>, usize> {
    let (program, count) = (rows.program(), shared.len());
    let mut sums = vec![0.0; 1 + count];
    let mut workspace = Workspace::new();
    for (row, x) in data.chunks(rows.row_inputs()).enumerate() {
        let mut slopes = vec![0.0; program.inputs()];
        let x = [shared, x].concat();
        match program.value_and_gradient(&x, &mut slopes, &mut workspace) {
            Ok(value) => {
                sums[0] += value;
                sums[1..].iter_mut().zip(&slopes).for_each(|(sum, slope)| *sum += slope);
            }
            Err(ReplayError::BranchChanged(_)) => return Err(row),
            Err(error) => panic!("{error}"),
        }
    }
    Ok(sums)
}

/// A mixture: what its parameters alone determine is shared.
fn mixture(p: &[Var], x: &[Var]) -> Var {
    let terms = (0..4).map(|k| {
        let [weight, mean, scale] = [p[k], p[4 + k], p[8 + k].exp()];
        weight - p[8 + k] - ((x[0] - mean) / scale).square() * 0.5
    });
    log_sum_exp(&terms.collect::<Vec<Var>>()) - log_sum_exp(&p[..4])
}

/// A mixture in `D` dimensions with a Cholesky factor for each of `K` components, as in GradBench.
fn gmm<const D: usize, const K: usize>(p: &[Var], x: &[Var]) -> Var {
    let below = D * (D - 1) / 2;
    let (alpha, rest) = p.split_at(K);
    let (means, rest) = rest.split_at(K * D);
    let (logs, lower) = rest.split_at(K * D);
    let term = |k: usize| {
        let z: Vec<Var> = (0..D).map(|i| x[i] - means[k * D + i]).collect();
        let mut scaled: Vec<Var> = (0..D).map(|i| logs[k * D + i].exp() * z[i]).collect();
        let pairs = (0..D).flat_map(|j| (j + 1..D).map(move |i| (i, j)));
        for ((i, j), &l) in pairs.zip(&lower[k * below..]) {
            scaled[i] += l * z[j];
        }
        alpha[k] + sum(&logs[k * D..][..D]) - sum_squares(&scaled) * 0.5
    };
    log_sum_exp(&(0..K).map(term).collect::<Vec<Var>>())
}

fn programs() -> Vec<(RowProgram, Vec<f64>)> {
    let mut rng = random(21);
    let mut numbers = |n: usize| (0..n).map(|_| rng.f64() - 0.5).collect::<Vec<f64>>();
    let mlp = Mlp::new(6).dense(12, Activation::Tanh).dense(2, Activation::Softplus);
    let network = mlp.initialize(Init::XavierUniform, 2).as_slice().to_vec();
    let loss = |p: &[Var], x: &[Var]| {
        let y = mlp.forward(p, &x[..6]);
        [sum_squares([y[0] - x[6], y[1]])]
    };
    let guarded = |p: &[Var], x: &[Var]| {
        let limit = p[0].exp();
        let scale = if limit > 0.5 { p[1] } else { p[0] };
        if x[0].label("day") < limit { [scale * x[0]] } else { [scale * x[1]] }
    };
    let of_shared = |p: &[Var], x: &[Var]| [if p[0] > 0.0 { x[0] * p[0] } else { p[1] }];
    let large = |p: &[Var], x: &[Var]| [(sum_squares(p) * x[0] - x[1]).square()];
    let many = numbers(9000);
    let twelve = numbers(12);
    let of_gmm = numbers(5 * (1 + 2 * 10 + 45));
    vec![
        (Dosage::details_2().over_rows(), Dosage::details_2().start.to_vec()),
        (RowProgram::record(|p, x| [mixture(p, x)], &twelve, &[0.3]), twelve.clone()),
        (RowProgram::record(loss, &network, &numbers(7)), network.clone()),
        (RowProgram::record(guarded, &[0.1, 2.0], &[0.5, 0.5]), vec![0.1, 2.0]),
        (RowProgram::record(|_, x| [x[0].sin()], &[], &[0.5]), vec![]),
        (RowProgram::record(|p, _| [p[0].sin()], &[0.5], &[1.0]), vec![0.5]),
        (RowProgram::record(|p, x| [p[0] * 2.0 + x[0]], &[0.5], &[1.0]), vec![0.5]),
        (RowProgram::record(|p, x| [gmm::<10, 5>(p, x)], &of_gmm, &[0.3; 10]), of_gmm.clone()),
        // Only what is shared is compared.
        (RowProgram::record(of_shared, &[1.0, 2.0], &[0.5]), vec![1.0, 2.0]),
        // More sums than the stack should hold.
        (RowProgram::record(large, &many, &[0.5, 0.5]), many.clone()),
    ]
}

#[test]
fn sums_over_rows_have_the_bits_of_a_loop_from_the_first_to_the_last() {
    let programs = programs();
    let mut rng = random(22);
    for statements in [10, 200] {
        let options = RustOptions::new().statements(statements);
        let (mut cases, mut at) = (Vec::new(), Vec::new());
        for (case, (program, shared)) in programs.iter().enumerate() {
            let text = program.to_rust(&options).expect("no custom operation");
            let (shape, row) = (program.shared(), program.row_inputs());
            let guarded = text.contains("BranchChanged");
            let shape = Shape::Rows { shared: shape, row, guarded };
            cases.push(Case { text, shape });
            for rows in [0, 1, 2, 7] {
                let data = (0..rows * row).map(|_| rng.f64() + 0.3);
                at.push((case, shared.iter().copied().chain(data).collect::<Vec<f64>>()));
            }
        }
        // The branch of the parameters is another one.
        at.push((3, vec![-2.0, 2.0, 0.1, 0.1]));
        let texts: Vec<&str> = cases.iter().map(|case| &*case.text).collect();
        let test = format!("rows-{statements}");
        assert_formatted(&test, &texts);
        let answers = run(&test, "f64", &cases, &at);
        let mut refused = 0;
        for ((case, x), answer) in at.iter().zip(answers) {
            let (program, shared) = &programs[*case];
            let (p, data) = x.split_at(shared.len());
            let what = || match x.len() {
                0..1000 => format!("{statements}, case {case} at {x:?}\n{}", cases[*case].text),
                count => format!("{statements}, case {case} at {count} numbers"),
            };
            match (expected(program, p, data), answer) {
                (Ok(sums), Answer::Numbers(found)) => {
                    assert!(same_bits(found[0], sums[0]), "{found:?} {sums:?}: {}", what());
                    let all_same = found[1..].iter().zip(&sums[1..]).all(|(a, b)| same(*a, *b));
                    assert!(
                        all_same && found.len() == sums.len(),
                        "{found:?} {sums:?}: {}",
                        what()
                    );
                }
                (Err(row), Answer::Changed(message)) => {
                    refused += 1;
                    let of_row = message.starts_with(&format!("row {row}: day < "));
                    assert!(of_row || message.starts_with("v"), "{message}: {}", what());
                }
                (expected, answer) => panic!("{expected:?} {answer:?}: {}", what()),
            }
        }
        assert!(refused >= 1);
        assert!(cases[9].text.contains("let mut totals = vec![0.0; 9001];"), "{}", cases[9].text);
    }
}

/// A component is a turn of a loop that takes several functions.
#[test]
fn a_mixture_is_a_loop_over_its_components() {
    let point = vec![0.1; 5 * (1 + 2 * 10 + 45)];
    let program = RowProgram::record(|p, x| [gmm::<10, 5>(p, x)], &point, &[0.3; 10]);
    let text = program.to_rust(&RustOptions::new().statements(60)).expect("no custom operation");
    let sum = text.split("pub fn sum_and_gradient").nth(1).expect("it has one output");
    let calls = "        for i in 0..5 {\n            sum_and_gradient_3(&mut v, &mut sums, i);\n";
    assert!(sum.contains(calls), "{sum}");
    let instructions = program.program().value_and_gradient_program().expect("one output").len();
    let lines = sum.lines().count();
    assert!(lines < instructions, "{lines} lines for {instructions} instructions");
}

#[test]
fn what_rows_share_is_computed_before_the_loop() {
    let twelve = [0.1; 12];
    let program = RowProgram::record(|p, x| [mixture(p, x)], &twelve, &[0.3]);
    let text = program.to_rust(&RustOptions::new()).expect("no custom operation");
    let sum = text.split("pub fn sum_and_gradient").nth(1).expect("it has one output");
    let (before, after) = sum.split_once("for row in rows {").expect("a loop");
    let (each, _) = after.split_once("\n    }\n").expect("the end of the loop");
    // The scales and the weights before it; in it the mixture, of whose terms the gradient needs the shares.
    assert_eq!(before.matches("v[").count(), 0, "{text}");
    assert!(before.matches(".exp()").count() >= 4, "{text}");
    assert_eq!([before, each].map(|part| part.matches("log_sum_exp(").count()), [1, 1], "{text}");
    assert!(!each.contains("= shared["), "{text}");
}
