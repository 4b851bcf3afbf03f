//! `gmm`: the log-posterior of a Gaussian mixture with a Wishart prior.
//!
//! `β_ik = α_k + Σ_j q_kj - ½|Q_k (x_i - μ_k)|²`; the likelihood is `Σ_i LSE_k β_ik - n LSE(α) - n d/2 ln 2π`. `Q_k` is
//! lower triangular, with `exp(q_k)` on the diagonal and `l_k` below it, column by column.

use super::input::{Input, within_limit};
use super::modes::{self, Mode};
use super::objective::SumOverRows;
use super::task::{Module, Task, nested};
use gradtape::{Real, dot, log_sum_exp, sum, sum_squares};
use serde_json::json;
use std::f64::consts::{LN_2, PI};
use std::ops::Sub;

pub const MODULE: Module = Module {
    name: "gmm",
    functions: &[
        ("objective", Mode::Rows, |input| {
            let (gmm, x) = read(input)?;
            Task::number(modes::value(gmm, x))
        }),
        ("jacobian", Mode::Rows, |input| {
            let (gmm, x) = read(input)?;
            let (d, k, below) = (gmm.d, gmm.k, gmm.below());
            let present = move |slopes: &[f64]| {
                let (alpha, rest) = slopes.split_at(k);
                let (mu, rest) = rest.split_at(k * d);
                let (q, l) = rest.split_at(k * d);
                let l = if below == 0 { json!(vec![[0.0; 0]; k]) } else { nested(l, below) };
                json!({"alpha": alpha, "mu": nested(mu, d), "q": nested(q, d), "l": l})
            };
            Ok(Task { prepare: modes::gradient(gmm, x), present: Box::new(present) })
        }),
    ],
};

/// The data. Parameters are `alpha[k]`, `mu[k][d]`, `q[k][d]`, `l[k][d(d-1)/2]`, one after the other.
struct Gmm {
    d: usize,
    k: usize,
    points: Vec<f64>,
    m: f64,
    gamma: f64,
}

fn read(input: &Input<'_>) -> Result<(Gmm, Vec<f64>), String> {
    let size = |name: &str, most| input.field(name)?.size(1..=most);
    let (d, k, n) = (size("d", 10_000)?, size("k", 1_000_000)?, size("n", 1 << 28)?);
    within_limit("gmm: k × d × d", &[k, d, d])?;
    let mut x = input.field("alpha")?.numbers(Some(k))?;
    for (name, columns) in [("mu", d), ("q", d), ("l", d * (d - 1) / 2)] {
        x.extend(input.field(name)?.matrix(Some(k), Some(columns))?.numbers);
    }
    let points = input.field("x")?.matrix(Some(n), Some(d))?.numbers;
    let m = input.field("m")?.size(0..=1_000_000)? as f64;
    let gamma = input.field("gamma")?.number()?;
    if gamma <= 0.0 {
        return Err(format!("input.gamma is {gamma}: give a precision above 0"));
    }
    Ok((Gmm { d, k, points, m, gamma }, x))
}

/// What all points share. Rows of `lower` are those of a `Q_k`, with its diagonal, one after the other.
struct Shared<S> {
    alpha: Vec<S>,
    mu: Vec<S>,
    weights: Vec<S>,
    lower: Vec<Vec<S>>,
    sum_q: Vec<S>,
    below: Vec<Vec<S>>,
    diagonal: Vec<Vec<S>>,
}

impl Gmm {
    /// Count the entries of a `Q_k` below the diagonal.
    fn below(&self) -> usize {
        self.d * (self.d - 1) / 2
    }

    /// Compute `k C - n d/2 ln 2π`, where no parameter is in.
    fn constant(&self) -> f64 {
        let (d, freedom) = (self.d as f64, self.d as f64 + self.m + 1.0);
        let gammas = (0..self.d).map(|j| Real::lgamma((freedom - j as f64) / 2.0));
        let ln_gamma_d = d * (d - 1.0) / 4.0 * PI.ln() + gammas.sum::<f64>();
        let prior = freedom * d * (self.gamma.ln() - 0.5 * LN_2) - ln_gamma_d;
        self.k as f64 * prior - self.points.len() as f64 / 2.0 * (2.0 * PI).ln()
    }
}

impl SumOverRows for Gmm {
    type Shared<S: Real> = Shared<S>;

    fn shared<S: Real>(&self, x: &[S]) -> Shared<S> {
        let (d, k) = (self.d, self.k);
        let (alpha, rest) = x.split_at(k);
        let (mu, rest) = rest.split_at(k * d);
        let (q, l) = rest.split_at(k * d);
        let below: Vec<Vec<S>> =
            (0..k).map(|c| l[c * self.below()..][..self.below()].to_vec()).collect();
        let diagonal: Vec<Vec<S>> =
            q.chunks_exact(d).map(|q| q.iter().map(|q| q.exp()).collect()).collect();
        let sum_q: Vec<S> = q.chunks_exact(d).map(sum).collect();
        let lower = below.iter().zip(&diagonal).map(|(below, diagonal)| {
            // Column c begins after those left of it, which have d - 1, d - 2, ... entries.
            let entry = |row: usize, c: usize| below[c * d - c * (c + 1) / 2 + row - c - 1];
            let row = |row: usize| (0..row).map(move |c| entry(row, c)).chain([diagonal[row]]);
            (0..d).flat_map(row).collect()
        });
        Shared {
            lower: lower.collect(),
            weights: alpha.iter().zip(&sum_q).map(|(&alpha, &sum)| alpha + sum).collect(),
            alpha: alpha.to_vec(),
            mu: mu.to_vec(),
            sum_q,
            below,
            diagonal,
        }
    }

    fn term<S, X>(&self, shared: &Shared<S>, point: &[X]) -> S
    where
        S: Real + Sub<X, Output = S>,
        X: Real + Into<S>,
    {
        let d = self.d;
        let components = shared.mu.chunks_exact(d).zip(&shared.lower).zip(&shared.weights);
        let betas = components.map(|((mu, lower), &weight)| {
            let from_centre: Vec<S> = mu.iter().zip(point).map(|(&mu, &x)| mu - x).collect();
            let row = |r: usize| dot(&lower[r * (r + 1) / 2..][..=r], &from_centre[..=r]);
            let scaled: Vec<S> = (0..d).map(row).collect();
            weight - sum_squares(&scaled) * 0.5
        });
        log_sum_exp(&betas.collect::<Vec<S>>())
    }

    fn rest<S: Real>(&self, shared: &Shared<S>) -> S {
        let squares = shared.diagonal.iter().chain(&shared.below).map(sum_squares);
        let squares = sum(&squares.collect::<Vec<S>>());
        let prior = squares * (0.5 * self.gamma * self.gamma) - sum(&shared.sum_q) * self.m;
        let n = (self.points.len() / self.d) as f64;
        -(log_sum_exp(&shared.alpha) * n + prior) + self.constant()
    }

    fn rows(&self) -> (&[f64], usize) {
        (&self.points, self.d)
    }

    fn operands_of_a_row(&self) -> usize {
        self.k * self.d * (self.d + 4)
    }
}
