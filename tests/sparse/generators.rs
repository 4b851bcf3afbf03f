//! Random patterns, and programs of many inputs and outputs.

use fastrand::Rng;
use gradtape::program::Program;
use gradtape::sparse::Pattern;
use gradtape::{Real, dot, log_sum_exp, sum, sum_squares};

/// A pattern with about so many entries; now and then a dense row or column.
pub fn pattern(rng: &mut Rng, rows: usize, columns: usize) -> Pattern {
    let mut entries = Vec::new();
    if rows * columns > 0 {
        for _ in 0..rng.usize(0..3 * (rows + columns)) {
            entries.push((rng.usize(0..rows), rng.usize(0..columns)));
        }
        for _ in 0..rng.usize(0..3) {
            let row = rng.usize(0..rows);
            entries.extend((0..columns).filter(|_| rng.u8(..) > 40).map(|column| (row, column)));
            let column = rng.usize(0..columns);
            entries.extend((0..rows).filter(|_| rng.u8(..) > 40).map(|row| (row, column)));
        }
    }
    Pattern::from_entries(rows, columns, entries).unwrap()
}

/// A symmetric pattern, with some diagonal entries.
pub fn symmetric(rng: &mut Rng, size: usize) -> Pattern {
    let mut entries = Vec::new();
    if size > 0 {
        let hubs = rng.usize(0..3);
        let hubs: Vec<usize> = (0..hubs).map(|_| rng.usize(0..size)).collect();
        for _ in 0..rng.usize(0..3 * size) {
            let (i, j) = (rng.usize(0..size), rng.usize(0..size));
            entries.extend([(i, j), (j, i)]);
        }
        for hub in hubs {
            for i in (0..size).filter(|_| rng.bool()) {
                entries.extend([(i, hub), (hub, i)]);
            }
        }
        entries.extend((0..size).filter(|_| rng.bool()).map(|i| (i, i)));
    }
    Pattern::from_entries(size, size, entries).unwrap()
}

/// What random pieces are made of.
#[derive(Clone, Copy)]
pub struct Kind {
    /// How far the inputs of a piece are apart.
    pub reach: usize,
    /// Whether there are no choices and no steps: then every derivative is not 0, where it is not 0 everywhere.
    pub smooth: bool,
}

/// A function of a few inputs.
fn piece<S: Real>(rng: &mut Rng, x: &[S], at: usize, kind: Kind) -> S {
    // Three that differ, or a sum of squares would be one square.
    let mut near: Vec<S> = (0..kind.reach).map(|k| x[(at + k) % x.len()]).collect();
    rng.shuffle(&mut near);
    let (a, b, c) = (near[0], near[1], near[2]);
    match rng.u8(0..if kind.smooth { 11 } else { 14 }) {
        0 => a * b,
        1 => (a + b * 0.5).sin(),
        2 => (a - c * 0.25).exp() * b,
        3 => sum([a, b, c]),
        4 => sum_squares([a, b]),
        5 => dot([a, b], [c, a]),
        6 => log_sum_exp([a, b, c]),
        7 => (a * 0.5).tanh() + b,
        8 => a / (b.square() + 1.0),
        9 => (a.square() + 2.0).sqrt(),
        10 => (a.square() + 1.0).ln() - b.atan(),
        11 => S::select(a - 0.0321, b * c, c.sin()),
        12 => a.max(b) * 2.0,
        _ => a.floor() + b.compare(c) + c,
    }
}

/// Outputs that depend on a few inputs each, some on many, some on none.
pub fn outputs<S: Real>(mut rng: Rng, x: &[S], count: usize) -> Vec<S> {
    let mut all: Vec<S> = Vec::new();
    for _ in 0..count {
        let at = rng.usize(0..x.len());
        let y = match rng.u8(0..24) {
            0 => x[at],
            1 => S::from(2.5),
            2 => (0..x.len()).fold(S::from(0.0), |y, i| y + x[i].sin()),
            3 if !all.is_empty() => all[rng.usize(0..all.len())],
            4 if !all.is_empty() => all[rng.usize(0..all.len())] * x[at],
            _ => {
                let kind = Kind { reach: 4, smooth: false };
                let first = piece(&mut rng, x, at, kind);
                let second = piece(&mut rng, x, at, kind);
                if rng.bool() { first * 0.5 + second } else { (first * 0.3).cos() * second }
            }
        };
        all.push(y);
    }
    all
}

/// One number made of many pieces.
pub fn objective<S: Real>(mut rng: Rng, x: &[S], pieces: usize, kind: Kind) -> S {
    let hub = x[rng.usize(0..x.len())];
    let terms: Vec<S> = (0..pieces)
        .map(|_| {
            let at = rng.usize(0..x.len());
            let term = piece(&mut rng, x, at, kind);
            match rng.u8(0..8) {
                0 => term * hub,
                1 => term.sin(),
                _ => term,
            }
        })
        .collect();
    sum(&terms)
}

/// A point away from the kinks of [`piece`].
pub fn point(rng: &mut Rng, size: usize) -> Vec<f64> {
    (0..size).map(|_| rng.f64() * 3.0 - 1.5).collect()
}

/// A program of [`outputs`], recorded somewhere.
pub fn program(rng: &mut Rng, inputs: usize, count: usize) -> Program {
    let (at, same) = (point(rng, inputs), rng.fork());
    Program::record(|x| outputs(same, x, count), &at)
}

/// Values in the order of a pattern, as a dense matrix.
pub fn dense(pattern: &Pattern, values: &[f64]) -> Vec<f64> {
    let mut matrix = vec![0.0; pattern.rows() * pattern.columns()];
    for row in 0..pattern.rows() {
        for (&column, k) in pattern.row(row).iter().zip(pattern.starts()[row]..) {
            matrix[row * pattern.columns() + column] = values[k];
        }
    }
    matrix
}
