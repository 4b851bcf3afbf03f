//! Log-posterior of a Gaussian mixture with a Wishart prior: GradBench's `gmm`.
//!
//! Parameters, flattened in this order: `alpha[k]`, `mu[k][d]`, `q[k][d]`,
//! `l[k][d(d-1)/2]`. Component `k` has the inverse Cholesky factor `Q_k`, lower
//! triangular with diagonal `exp(q_k)` and its strict lower part filled from `l_k`
//! column by column.

use std::f64::consts::{LN_2, PI};

use super::{Objective, below_diagonal, scalar::Scalar, total};

/// Data and hyperparameters of one instance.
pub struct Gmm {
    pub(super) d: usize,
    pub(super) k: usize,
    /// `n` points, one after the other.
    pub(super) x: Vec<f64>,
    pub(super) gamma: f64,
    pub(super) m: f64,
    /// Everything in the objective that does not depend on the parameters.
    pub(super) constant: f64,
}

impl Gmm {
    /// `x` holds the points one after the other, `d` numbers each; `gamma` and `m` are
    /// the parameters of the Wishart prior.
    pub fn new(d: usize, k: usize, x: Vec<f64>, gamma: f64, m: usize) -> Self {
        assert!(d > 0 && k > 0 && !x.is_empty() && x.len().is_multiple_of(d));
        let data = -(x.len() as f64) / 2.0 * (2.0 * PI).ln();
        let freedom = d + m + 1;
        let prior = (freedom * d) as f64 * (gamma.ln() - 0.5 * LN_2) - ln_gamma_d(d, freedom);
        Self { d, k, x, gamma, m: m as f64, constant: data + k as f64 * prior }
    }

    /// A random instance and a point to evaluate it at, drawn as GradBench draws its
    /// own: `mu` uniform in `[0, 1)`, everything else standard normal, gamma 1, m 0.
    pub fn random(n: usize, d: usize, k: usize, seed: u64) -> (Self, Vec<f64>) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut params = normals(&mut rng, k);
        params.extend((0..k * d).map(|_| rng.f64()));
        params.extend(normals(&mut rng, k * d + k * below_diagonal(d)));
        let x = normals(&mut rng, n * d);
        (Self::new(d, k, x, 1.0, 0), params)
    }

    /// How many parameters the objective takes.
    pub fn parameters(&self) -> usize {
        self.k * (1 + 2 * self.d + below_diagonal(self.d))
    }

    pub(super) fn points(&self) -> usize {
        self.x.len() / self.d
    }
}

impl Objective for Gmm {
    fn eval<S: Scalar>(&self, params: &[S]) -> S {
        let (d, k) = (self.d, self.k);
        assert_eq!(params.len(), self.parameters());
        let (alpha, rest) = params.split_at(k);
        let (mu, rest) = rest.split_at(k * d);
        let (q, l) = rest.split_at(k * d);
        let components = || (0..k).map(|c| (row(mu, c, k), row(l, c, k)));

        let diagonal: Vec<S> = q.iter().map(|q| q.exp()).collect();
        let log_det: Vec<S> = q.chunks_exact(d).map(sum).collect();
        let weight: Vec<S> = (0..k).map(|c| alpha[c] + log_det[c]).collect();

        // Buffers for the loop over the points.
        let mut centered = Vec::with_capacity(d);
        let mut scaled = Vec::with_capacity(d);
        let mut beta = Vec::with_capacity(k);
        let likelihoods = self.x.chunks_exact(d).map(|x| {
            beta.clear();
            for (c, (mu, l)) in components().enumerate() {
                centered.clear();
                centered.extend(mu.iter().zip(x).map(|(mu, &x)| mu.rsub(x)));
                lower_times(&diagonal[c * d..][..d], l, &centered, &mut scaled);
                beta.push(weight[c] - sum_of_squares(&scaled) * 0.5);
            }
            log_sum_exp(&beta)
        });
        let likelihood = total(likelihoods).expect("at least one point")
            - log_sum_exp(alpha) * self.points() as f64;

        let half_gamma2 = 0.5 * self.gamma * self.gamma;
        let penalties = components().zip(diagonal.chunks_exact(d)).zip(&log_det);
        let prior = penalties.map(|(((_, l), diagonal), &log_det)| {
            let mut squares = sum_of_squares(diagonal);
            if !l.is_empty() {
                squares = squares + sum_of_squares(l);
            }
            squares * half_gamma2 - log_det * self.m
        });
        likelihood - total(prior).expect("at least one component") + self.constant
    }
}

/// The part of `all` that belongs to component `c` of `k`; empty where `all` is.
fn row<S>(all: &[S], c: usize, k: usize) -> &[S] {
    let width = all.len() / k;
    &all[c * width..][..width]
}

/// `out = Q x` for the lower triangular `Q` with the given diagonal and the part below
/// it stored column by column.
fn lower_times<S: Scalar>(diagonal: &[S], below: &[S], x: &[S], out: &mut Vec<S>) {
    out.clear();
    out.extend(diagonal.iter().zip(x).map(|(&q, &x)| q * x));
    let mut below = below;
    for (column, &x) in x.iter().enumerate() {
        let rows = &mut out[column + 1..];
        let (entries, rest) = below.split_at(rows.len());
        for (out, &entry) in rows.iter_mut().zip(entries) {
            *out = *out + entry * x;
        }
        below = rest;
    }
}

/// `ln(sum exp x)` with the largest term shifted out.
fn log_sum_exp<S: Scalar>(x: &[S]) -> S {
    let larger = |a: S, b: S| if b.value() > a.value() { b } else { a };
    let max = x.iter().copied().reduce(larger).expect("not empty");
    let scaled = total(x.iter().map(|&x| (x - max).exp())).expect("not empty");
    scaled.ln() + max
}

fn sum<S: Scalar>(x: &[S]) -> S {
    total(x.iter().copied()).expect("not empty")
}

fn sum_of_squares<S: Scalar>(x: &[S]) -> S {
    total(x.iter().map(|&x| x * x)).expect("not empty")
}

/// Logarithm of the multivariate gamma function of `d` dimensions at `n / 2`.
fn ln_gamma_d(d: usize, n: usize) -> f64 {
    let pairs = (d * (d - 1)) as f64 / 4.0;
    let terms = (0..d).map(|j| ln_gamma_half(n - j));
    pairs * PI.ln() + terms.sum::<f64>()
}

/// `ln Γ(n / 2)`: down to `Γ(1/2) = sqrt(π)` or `Γ(1) = 1` by `Γ(a + 1) = a Γ(a)`.
fn ln_gamma_half(n: usize) -> f64 {
    let last = if n.is_multiple_of(2) { 0.0 } else { 0.5 * PI.ln() };
    let steps = (1..n).rev().skip(1).step_by(2);
    last + steps.map(|twice| (twice as f64 / 2.0).ln()).sum::<f64>()
}

/// `n` standard normal numbers, by Box and Muller.
fn normals(rng: &mut fastrand::Rng, n: usize) -> Vec<f64> {
    let mut draw = || {
        let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
        radius * (2.0 * PI * rng.f64()).cos()
    };
    (0..n).map(|_| draw()).collect()
}
