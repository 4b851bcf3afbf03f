//! Sums and dot products are one node each: what that saves.
//!
//! `cargo run --example 10_dot_and_sum`

use gradtape::{Tape, Var, dot, log_sum_exp, sum, sum_squares};

const DATA: [f64; 8] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];

/// The nodes that `f` adds to a tape of eight variables, and the gradient that comes of it.
fn record(f: fn(&[Var]) -> Var) -> (usize, Vec<f64>) {
    let tape = Tape::new();
    let x = tape.vars(&[0.5, -1.0, 2.0, 0.25, 3.0, -0.75, 1.5, 1.0]);
    let leaves = tape.len();
    let y = f(&x);
    (tape.len() - leaves, y.backward().wrt_all(&x))
}

/// Add up by operators, one node a step.
fn added(terms: impl Iterator<Item = Var>) -> Var {
    terms.fold(Var::from(0.0), |total, term| total + term)
}

fn compare(name: &str, by_operators: fn(&[Var]) -> Var, by_function: fn(&[Var]) -> Var) {
    let (many, slow) = record(by_operators);
    let (one, fast) = record(by_function);
    let difference = slow.iter().zip(&fast).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("  {name:<18} {many:>12} {one:>14} {difference:>22.1e}");
}

fn main() {
    println!("eight variables   by operators   by one function   gradients differ by");
    compare("sum", |x| added(x.iter().copied()), |x| sum(x));
    compare("sum_squares", |x| added(x.iter().map(|&x| x * x)), |x| sum_squares(x));
    compare("dot with data", |x| added(x.iter().zip(DATA).map(|(&x, d)| x * d)), |x| dot(x, &DATA));
    compare("log_sum_exp", |x| added(x.iter().map(|x| x.exp())).ln(), |x| log_sum_exp(x));
    compare(
        "sines, summed up",
        |x| added(x.iter().map(|x| x.sin())),
        |x| x.iter().map(|x| x.sin()).sum(), // `Sum` for variables is `sum`
    );
    println!(
        "\nA node takes {} bytes; a node of many operands 4 more for each, 8 for a constant.",
        Tape::BYTES_PER_NODE
    );
}
