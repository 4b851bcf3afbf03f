//! The models of thirteen data sets of NIST StRD, and their files: https://www.itl.nist.gov/div898/strd/
//!
//! Tests and examples share this file, and none of them uses all of it.
#![allow(dead_code)]

use gradtape::{Real, Var};
use std::f64::consts::{PI, TAU};
use std::path::Path;

/// A data set: its model, and what its parameters are called.
pub struct Set {
    pub name: &'static str,
    pub parameters: &'static [&'static str],
    pub model: fn(&[Var], &[Var]) -> Var,
    /// What is observed is a function of what the file has.
    pub observed: fn(f64) -> f64,
}

const fn set(
    name: &'static str,
    parameters: &'static [&'static str],
    model: fn(&[Var], &[Var]) -> Var,
) -> Set {
    Set { name, parameters, model, observed: std::convert::identity }
}

/// All of them, from lower to higher difficulty as NIST sees it.
pub const SETS: [Set; 13] = [
    set("Misra1a", &["saturation", "rate"], misra1a),
    set("Chwirut1", &["decay", "offset", "slope"], chwirut1),
    set("Lanczos3", &["a1", "rate1", "a2", "rate2", "a3", "rate3"], lanczos3),
    set("DanWood", &["factor", "power"], dan_wood),
    set(
        "Gauss1",
        &["decaying", "rate", "a1", "center1", "width1", "a2", "center2", "width2"],
        gauss1,
    ),
    set("Kirby2", &["n0", "n1", "n2", "d1", "d2"], kirby2),
    Set { observed: f64::ln, ..set("Nelson", &["log_strength", "factor", "heat"], nelson) },
    set("Roszman1", &["level", "drift", "scale", "pole"], roszman1),
    set(
        "ENSO",
        &["mean", "year_cos", "year_sin", "period1", "cos1", "sin1", "period2", "cos2", "sin2"],
        enso,
    ),
    set("MGH09", &["scale", "n1", "d1", "d0"], mgh09),
    set("Thurber", &["n0", "n1", "n2", "n3", "d1", "d2", "d3"], thurber),
    set("Rat42", &["capacity", "delay", "rate"], rat42),
    set("Bennett5", &["scale", "shift", "power"], bennett5),
];

fn misra1a<S: Real>(p: &[S], x: &[S]) -> S {
    -p[0] * (-p[1] * x[0]).exp_m1()
}

fn chwirut1<S: Real>(p: &[S], x: &[S]) -> S {
    (-p[0] * x[0]).exp() / (p[1] + p[2] * x[0])
}

fn lanczos3<S: Real>(p: &[S], x: &[S]) -> S {
    let decay = |i: usize| p[i] * (-p[i + 1] * x[0]).exp();
    decay(0) + decay(2) + decay(4)
}

fn dan_wood<S: Real>(p: &[S], x: &[S]) -> S {
    p[0] * x[0].pow(p[1])
}

fn gauss1<S: Real>(p: &[S], x: &[S]) -> S {
    let bell = |i: usize| p[i] * (-((x[0] - p[i + 1]) / p[i + 2]).square()).exp();
    p[0] * (-p[1] * x[0]).exp() + bell(2) + bell(5)
}

fn kirby2<S: Real>(p: &[S], x: &[S]) -> S {
    (p[0] + x[0] * (p[1] + x[0] * p[2])) / (x[0] * (p[3] + x[0] * p[4]) + 1.0)
}

fn nelson<S: Real>(p: &[S], x: &[S]) -> S {
    p[0] - p[1] * x[0] * (-p[2] * x[1]).exp()
}

fn roszman1<S: Real>(p: &[S], x: &[S]) -> S {
    p[0] - p[1] * x[0] - (p[2] / (x[0] - p[3])).atan() / PI
}

fn enso<S: Real>(p: &[S], x: &[S]) -> S {
    let year = x[0] * TAU / 12.0;
    let wave = |i: usize| {
        let phase = x[0] * TAU / p[i];
        p[i + 1] * phase.cos() + p[i + 2] * phase.sin()
    };
    p[0] + p[1] * year.cos() + p[2] * year.sin() + wave(3) + wave(6)
}

fn mgh09<S: Real>(p: &[S], x: &[S]) -> S {
    p[0] * x[0] * (x[0] + p[1]) / (x[0] * (x[0] + p[2]) + p[3])
}

fn thurber<S: Real>(p: &[S], x: &[S]) -> S {
    (p[0] + x[0] * (p[1] + x[0] * (p[2] + x[0] * p[3])))
        / (x[0] * (p[4] + x[0] * (p[5] + x[0] * p[6])) + 1.0)
}

fn rat42<S: Real>(p: &[S], x: &[S]) -> S {
    p[0] / ((p[1] - p[2] * x[0]).exp() + 1.0)
}

fn bennett5<S: Real>(p: &[S], x: &[S]) -> S {
    p[0] * (p[1] + x[0]).pow(-p[2].recip())
}

/// What the file of a set has.
pub struct Data {
    /// Both starts.
    pub starts: [Vec<f64>; 2],
    /// The certified parameters and their standard errors.
    pub certified: [Vec<f64>; 2],
    /// The certified sum of the squares of the residuals.
    pub ssr: f64,
    pub x: Vec<f64>,
    pub y: Vec<f64>,
}

impl Set {
    /// How many numbers a row of x has.
    pub fn inputs(&self) -> usize {
        if self.name == "Nelson" { 2 } else { 1 }
    }

    /// The parameters' names with one of the starts.
    pub fn named(&self, start: &[f64]) -> Vec<(&'static str, f64)> {
        self.parameters.iter().copied().zip(start.iter().copied()).collect()
    }

    /// Read the set's file.
    pub fn read(&self) -> Data {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/nist");
        let text = std::fs::read_to_string(folder.join(format!("{}.dat", self.name)))
            .expect("the data are part of the project");
        let number = |word: &str| word.parse::<f64>().ok();
        let mut columns: [Vec<f64>; 4] = Default::default();
        let mut ssr = f64::NAN;
        for line in text.lines().take(60) {
            if let Some((name, numbers)) = line.split_once('=')
                && name.trim().starts_with('b')
                && let Some(row) =
                    numbers.split_whitespace().map(number).collect::<Option<Vec<_>>>()
                && row.len() == 4
            {
                columns.iter_mut().zip(row).for_each(|(column, number)| column.push(number));
            }
            if let Some(number) = line.strip_prefix("Residual Sum of Squares:") {
                ssr = number.trim().parse().expect("a number");
            }
        }
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for row in text.lines().skip(60) {
            let numbers: Vec<f64> = row.split_whitespace().filter_map(number).collect();
            if let [observed, inputs @ ..] = &numbers[..] {
                y.push((self.observed)(*observed));
                x.extend(inputs);
            }
        }
        let [first, second, values, errors] = columns;
        Data { starts: [first, second], certified: [values, errors], ssr, x, y }
    }
}

/// How many digits of the worst number are right, 11 at most, for so many are certified.
pub fn digits(found: &[f64], certified: &[f64]) -> f64 {
    let right = |(a, b): (&f64, &f64)| -((a - b) / b).abs().log10();
    let worst = found.iter().zip(certified).map(right).fold(11.0, f64::min);
    if found.iter().all(|x| x.is_finite()) { worst.max(0.0) } else { 0.0 }
}
