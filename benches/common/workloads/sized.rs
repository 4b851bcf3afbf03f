//! Objectives of about as many nodes as one asks for, from a thousand to a hundred million.

use super::{Objective, gmm::Gmm};
use gradtape::Var;

/// An objective on the tape, and a point.
pub type Recipe = (Box<dyn Fn(&[Var]) -> Var>, Vec<f64>);

/// A title, and what makes an objective of about so many nodes.
pub type Size = (&'static str, fn(usize) -> Recipe);

/// Every operation waits for the one before, whose result it takes.
pub const CHAIN: Size = ("chain", |nodes| {
    let f = move |x: &[Var]| (0..nodes / 2).fold(x[0], |y, _| y * x[1] + x[0]);
    // So close to 1 that no adjoint underflows: a sweep leaves out what is 0.
    (Box::new(f), vec![0.5, 0.999_999_999])
});

/// A sum whose operands lie anywhere in memory.
pub const WIDE: Size = ("wide sum", |nodes| {
    let count = nodes / 3;
    let at = (0..count).map(|i| (i as f64).sin()).collect();
    let f = move |x: &[Var]| (1..count).fold(x[0], |sum, i| sum + x[i] * x[i * 7919 % count]);
    (Box::new(f), at)
});

/// A mixture of small components, with as many points as there is room for.
pub const SMALL_GMM: Size = ("gmm d=2 k=5", |nodes| {
    // What does not depend on the points takes 113 nodes, each point 72.
    let (gmm, at) = Gmm::random(1.max(nodes / 72), 2, 5, 31337);
    (Box::new(move |x: &[Var]| gmm.eval(x)), at)
});

/// A mixture of large components.
pub const GMM: Size = ("gmm d=10 k=25", |nodes| {
    // The first point takes 8,405 nodes, each other one 3,352.
    let points = 1 + nodes.saturating_sub(8405) / 3352;
    let (gmm, at) = Gmm::random(points, 10, 25, 31337);
    (Box::new(move |x: &[Var]| gmm.eval(x)), at)
});

/// Minors that are computed again and again, nearly all of which a program shares.
pub const DETERMINANT: Size = ("determinant", |nodes| {
    // Minors of k rows take about e · k! · 2 nodes.
    let mut size = 2;
    let mut recorded = 6;
    while recorded < nodes / 2 {
        size += 1;
        recorded *= size;
    }
    let entries = (0..size * size).map(|i| (i as f64).sin()).collect();
    let f = move |x: &[Var]| determinant(x, size, &(0..size).collect::<Vec<usize>>());
    (Box::new(f), entries)
});

/// The determinant of the last rows of a matrix in these columns, by minors.
fn determinant(entries: &[Var], size: usize, columns: &[usize]) -> Var {
    let row = &entries[(size - columns.len()) * size..][..size];
    if let [column] = columns {
        return row[*column];
    }
    let term = |i: usize| {
        let others = [&columns[..i], &columns[i + 1..]].concat();
        row[columns[i]] * determinant(entries, size, &others)
    };
    let add = |sum: Var, i: usize| if i.is_multiple_of(2) { sum + term(i) } else { sum - term(i) };
    (1..columns.len()).fold(term(0), add)
}
