//! Programs that take several functions, and loops.

use super::common::rustc::assert_formatted;
use super::property::seed::random;
use super::{assert_same, one};
use gradtape::nn::{Activation, Init, Mlp};
use gradtape::program::{Program, RustOptions};
use gradtape::{Var, affine, dot, log_sum_exp, sum, sum_squares};

/// Points around one, the first the point itself.
fn around(point: &[f64], seed: u64) -> Vec<(usize, Vec<f64>)> {
    let mut rng = random(seed);
    let mut at = vec![(0, point.to_vec())];
    for _ in 0..3 {
        at.push((0, point.iter().map(|x| x + rng.f64() - 0.5).collect()));
    }
    at
}

/// The lines of statements in the longest function that is called by another.
fn longest(text: &str) -> usize {
    let lines = |function: &str| {
        let end = function.find("\n}").unwrap_or(function.len());
        function[..end].lines().skip(1).filter(|line| line.ends_with([';', '{'])).count()
    };
    text.split("\nfn ").skip(1).map(lines).max().unwrap_or(0)
}

fn network(layers: &[usize], activation: Activation) -> (Program, Vec<f64>) {
    let mut mlp = Mlp::new(layers[0]);
    for &units in &layers[1..layers.len() - 1] {
        mlp = mlp.dense(units, activation);
    }
    let mlp = mlp.dense(layers[layers.len() - 1], Activation::Identity);
    let parameters = mlp.initialize(Init::XavierUniform, 3);
    let mut rng = random(5);
    let mut point = parameters.as_slice().to_vec();
    let count = point.len();
    point.extend((0..layers[0]).map(|_| rng.f64() - 0.5));
    let loss = |x: &[Var]| [sum_squares(mlp.forward(&x[..count], &x[count..]))];
    (Program::record(loss, &point), point)
}

#[test]
fn a_network_is_loops_and_has_the_bits_of_its_program() {
    let (program, point) = network(&[8, 32, 16, 1], Activation::Tanh);
    let text = program.to_rust(&RustOptions::new()).expect("no custom operation");
    let lines = text.lines().count();
    assert!(lines < 400, "{lines} lines for {} instructions", program.len());
    assert!(text.contains("        for j in "), "a layer is a loop of loops:\n{text}");
    for statements in [10, 200, 100_000] {
        let options = RustOptions::new().statements(statements);
        assert_same("network", &options, std::slice::from_ref(&program), &around(&point, 1));
    }
}

/// The value and the slopes may follow each other as evenly as the slopes do, and are handed out to different places.
#[test]
fn a_value_that_is_like_the_slopes_does_not_take_their_place() {
    let mut programs = Vec::new();
    let mut at = Vec::new();
    for count in [1, 2, 3, 8, 9, 10, 30] {
        let point: Vec<f64> = (0..count).map(|i| 0.3 + i as f64 * 0.7).collect();
        let functions: [fn(&[Var]) -> Var; 4] = [
            |x| sum_squares(x),
            |x| sum(x),
            |x| x[0] * 2.0,
            |x| x.iter().fold(x[0], |product, &factor| product * factor),
        ];
        for function in functions {
            at.push((programs.len(), point.clone()));
            programs.push(Program::record(|x| [function(x)], &point));
        }
    }
    for statements in [10, 200] {
        assert_same("slopes", &RustOptions::new().statements(statements), &programs, &at);
    }
}

#[test]
fn a_function_has_no_more_statements_than_asked_for() {
    let (program, _) = network(&[5, 7, 3], Activation::Softplus);
    let mut rng = random(8);
    // Nothing even about it.
    let picks: Vec<[usize; 2]> = (0..300).map(|_| [rng.usize(..5), rng.usize(..5)]).collect();
    let odd = Program::record(
        |x| {
            let mut x = x.to_vec();
            for [i, j] in picks {
                let n = x.len();
                x.push((x[n - 1 - i] * x[n - 1 - j]).sin() + x[i]);
            }
            [x[x.len() - 1]]
        },
        &[0.1, 0.2, 0.3, 0.4, 0.5],
    );
    for statements in [10, 25, 100] {
        for (program, least) in [(&program, 0), (&odd, statements / 2)] {
            let options = RustOptions::new().statements(statements);
            let text = program.to_rust(&options).expect("no custom operation");
            // A result may take a line to be computed, and one to be kept.
            let most = longest(&text);
            assert!(least <= most && most <= 2 * statements, "{statements}: {most}");
        }
    }
    let options = RustOptions::new().statements(10);
    assert_same("uneven", &options, &[odd], &around(&[0.1, 0.2, 0.3, 0.4, 0.5], 9));
}

/// Each with terms that are written out, that are evenly spread, and that are anywhere.
#[test]
fn long_sums_of_every_kind_are_loops_with_the_same_bits() {
    let mut rng = random(11);
    let data: Vec<f64> = (0..40).map(|_| rng.f64() - 0.5).collect();
    let point: Vec<f64> = (0..40).map(|_| rng.f64() - 0.5).collect();
    let anywhere: Vec<usize> = (0..40).map(|_| rng.usize(..40)).collect();
    type Order<'a> = Box<dyn Fn(usize) -> usize + 'a>;
    let orders: [Order<'_>; 3] = [Box::new(|i| i), Box::new(|i| 39 - i), Box::new(|i| anywhere[i])];
    let mut programs = Vec::new();
    for count in [3, 8, 9, 40] {
        for order in &orders {
            let f = |x: &[Var]| {
                let a: Vec<Var> = (0..count).map(|i| x[order(i)]).collect();
                let b: Vec<Var> = (0..count).map(|i| x[i].sin()).collect();
                let data = &data[..count];
                let all = [
                    sum(&a),
                    sum_squares(&a),
                    dot(&a, &b),
                    dot(&a, data),
                    affine(&a, &b, x[1]),
                    affine(&b, data, x[2]),
                    log_sum_exp(&b),
                    log_sum_exp(&a),
                ];
                [sum(all.map(|y| y.cos()))]
            };
            programs.push(Program::record(f, &point));
        }
    }
    let near = around(&point, 12);
    let at: Vec<(usize, Vec<f64>)> =
        (0..programs.len()).flat_map(|k| near.iter().map(move |(_, x)| (k, x.clone()))).collect();
    assert_same("long-sums", &RustOptions::new(), &programs, &at);
}

/// A loss with its data written into it: constants that differ from turn to turn are a table.
#[test]
fn observations_that_are_constants_become_a_table() {
    let mut rng = random(14);
    let data: Vec<[f64; 2]> = (0..100).map(|_| [rng.f64(), rng.f64()]).collect();
    let loss = |p: &[Var]| {
        let residual = |&[x, y]: &[f64; 2]| (p[0] * x + p[1]).tanh() * p[2] - y;
        [sum_squares(data.iter().map(residual))]
    };
    let program = Program::record(loss, &[0.3, -0.2, 1.5]);
    let text = program.to_rust(&RustOptions::new()).expect("no custom operation");
    assert!(text.contains("static VALUE_AND_GRADIENT_DATA: [f64; "), "{text}");
    assert!(text.lines().count() < 400, "{text}");
    let near = around(&[0.3, -0.2, 1.5], 15);
    assert_same("table", &RustOptions::new(), &[program], &near);
}

/// Entries of arrays that are too long to stand in a call, among variables that are called as the text's own could be.
#[test]
fn long_entries_become_variables_that_hide_none() {
    let f = |x: &[Var]| {
        let [a, b, c, d, total, changed] = ["a", "b", "c", "d", "total", "changed"]
            .map(|name| (x[0] * 2.0 + x[1]).sin().label(name));
        let mut all = Vec::new();
        for k in 0..40 {
            let bound = f64::from(k) / 40.0;
            let y = (x[k as usize % 7] * x[3] + bound).clamp(bound - 0.4, bound + 0.7) * a;
            if y > bound - 100.0 {
                all.push(Var::select(y - b, y * c, y + d));
            }
        }
        let every_other: Vec<Var> = all.iter().copied().step_by(2).collect();
        let picked: Vec<Var> = (0..30).map(|k| all[k * k % 37]).collect();
        [log_sum_exp(&every_other) * total + log_sum_exp(&picked) * changed + sum(&all)]
    };
    let point = [0.3, -0.2, 0.5, 0.9, 1.1, 0.1, -0.7];
    let program = Program::record(f, &point);
    for statements in [10, 60, 5000] {
        let options = RustOptions::new().statements(statements);
        let one = std::slice::from_ref(&program);
        assert_same("entries", &options, one, &around(&point, 18));
    }
}

/// More numbers than fit on a small stack.
#[test]
fn a_program_of_many_results_keeps_them_in_memory_that_is_allocated() {
    let f = |x: &[Var]| {
        let mut y = x[0];
        let mut all = Vec::new();
        for k in 0..6000 {
            y = (y * x[1]).sin() + f64::from(k % 7);
            all.push(y);
        }
        [sum_squares(&all)]
    };
    let program = Program::record(f, &[0.3, 0.7]);
    let case = one(&program, &RustOptions::new());
    assert!(case.text.contains("vec![0.0; "), "{}", &case.text[..2000]);
    let no_std = program.to_rust(&RustOptions::new().no_std()).expect("no custom operation");
    assert!(!no_std.contains("vec!"));
    assert_formatted("many-results-no-std", &[&no_std]);
    assert_same("many-results", &RustOptions::new(), &[program], &around(&[0.3, 0.7], 16));
}
