//! What nalgebra's algorithms record when the entries are variables: a table of `docs/other-crates.md`.
//!
//! ```text
//! cargo run --release --features simba-0_9 --example matrices
//! ```
//!
//! The matrix is symmetric and positive definite. Each algorithm ends in one number, whose gradient is swept.

use gradtape::{Tape, Var};
use nalgebra::{DMatrix, DVector};
use std::time::Instant;

/// An algorithm, and the number that it ends in.
pub type Algorithm = fn(DMatrix<Var>, &DVector<Var>) -> Var;

/// Each by the name that its row has.
pub const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("`m * v`", |m, v| (m * v).sum()),
    ("`m * m`", |m, _| (&m * &m).trace()),
    ("`norm`", |m, _| m.norm()),
    ("`lu().determinant()`", |m, _| m.lu().determinant()),
    ("`lu().solve(v)`", |m, v| m.lu().solve(v).expect("regular").sum()),
    ("`full_piv_lu().solve(v)`", |m, v| m.full_piv_lu().solve(v).expect("regular").sum()),
    ("`qr().solve(v)`", |m, v| m.qr().solve(v).expect("regular").sum()),
    ("`cholesky().solve(v)`", |m, v| m.cholesky().expect("positive definite").solve(v).sum()),
    ("`try_inverse()`", |m, _| m.try_inverse().expect("regular").sum()),
    ("`symmetric_eigenvalues()`", |m, _| m.symmetric_eigenvalues().max()),
    ("`symmetric_eigen()`", |m, _| m.symmetric_eigen().eigenvectors.sum()),
    ("`singular_values()`", |m, _| m.singular_values().sum()),
    ("`svd(true, true)`", |m, _| m.svd(true, true).u.expect("asked for").sum()),
];

fn main() {
    let sizes = [3, 10, 100];
    println!("| | nodes, n = 3 | n = 10 | n = 100 | guards | recorded and swept | on constants |");
    println!("|---|---|---|---|---|---|---|");
    for (name, algorithm) in ALGORITHMS {
        let mut cells = vec![(*name).to_string()];
        for n in sizes {
            let (m, v) = numbers(n);
            let start = Instant::now();
            let tape = Tape::new();
            let y = record(*algorithm, &tape, &m, &v);
            let nodes = tape.len() - m.len() - v.len();
            let gradient = y.backward();
            let milliseconds = start.elapsed().as_secs_f64() * 1e3;
            assert!(gradient.adjoints().iter().all(|slope| slope.is_finite()), "{name}");
            cells.push(nodes.to_string());
            if n == sizes[2] {
                let (m, v) = (m.map(Var::from), v.map(Var::from));
                let start = Instant::now();
                std::hint::black_box(algorithm(m, &v));
                let plain = start.elapsed().as_secs_f64() * 1e3;
                cells.push(tape.guards().len().to_string());
                cells.push(format!("{milliseconds:.2} ms"));
                cells.push(format!("{plain:.2} ms"));
            }
        }
        println!("| {} |", cells.join(" | "));
    }
}

/// Run an algorithm on variables.
pub fn record(algorithm: Algorithm, tape: &Tape, m: &DMatrix<f64>, v: &DVector<f64>) -> Var {
    algorithm(m.map(|x| tape.var(x)), &v.map(|x| tape.var(x)))
}

/// A symmetric positive definite matrix, and a vector.
pub fn numbers(n: usize) -> (DMatrix<f64>, DVector<f64>) {
    let mut random = fastrand::Rng::with_seed(1);
    let m = DMatrix::from_fn(n, n, |_, _| random.f64() - 0.5);
    let v = DVector::from_fn(n, |_, _| random.f64());
    (&m * m.transpose() + DMatrix::identity(n, n), v)
}
