//! The same objective as `gmm`, written with `dot`, `sum` and their kin: one node a row of `Q z`
//! instead of two an entry.

use super::{NaryObjective, below_diagonal, gmm::Gmm};
use gradtape::{Real, log_sum_exp, sum, sum_squares};

impl NaryObjective for Gmm {
    fn eval_nary<S: Real>(&self, params: &[S]) -> S {
        let components = self.components(params);
        // Buffers for the loop over the points.
        let mut beta = vec![S::from(0.0); self.k];
        let mut buffers = [vec![S::from(0.0); self.d], vec![S::from(0.0); self.d]];
        let points = self.x.chunks_exact(self.d);
        let likelihoods = points.map(|x| likelihood(&components, x, &mut beta, &mut buffers));
        sum(likelihoods) + self.common(params, &components)
    }
}

impl Gmm {
    /// The part of the objective that one point contributes, and its share of the rest: summed over all
    /// points it is the objective.
    pub fn eval_row<S: Real>(&self, params: &[S], x: &[S]) -> S {
        let components = self.components(params);
        let mut beta = vec![S::from(0.0); self.k];
        let mut buffers = [vec![S::from(0.0); self.d], vec![S::from(0.0); self.d]];
        let own = likelihood(&components, x, &mut beta, &mut buffers);
        own + self.common(params, &components) / self.points() as f64
    }

    /// How many numbers a point has.
    pub fn dimensions(&self) -> usize {
        self.d
    }

    /// The points, one after the other.
    pub fn data(&self) -> &[f64] {
        &self.x
    }

    /// `gamma` and `m` of the prior, and what does not depend on the parameters.
    pub fn hyperparameters(&self) -> [f64; 3] {
        [self.gamma, self.m, self.constant]
    }

    fn components<'a, S: Real>(&self, params: &'a [S]) -> Vec<Component<'a, S>> {
        let (d, k) = (self.d, self.k);
        let (alpha, rest) = params.split_at(k);
        let (mu, rest) = rest.split_at(k * d);
        let (q, l) = rest.split_at(k * d);
        let width = below_diagonal(d);
        (0..k)
            .map(|c| {
                Component::new(
                    alpha[c],
                    &mu[c * d..][..d],
                    &q[c * d..][..d],
                    &l[c * width..][..width],
                )
            })
            .collect()
    }

    /// What does not depend on the points.
    fn common<S: Real>(&self, params: &[S], components: &[Component<'_, S>]) -> S {
        let half_gamma2 = 0.5 * self.gamma * self.gamma;
        let prior = components.iter().map(|component| {
            sum_squares(component.diagonal.iter().chain(component.below)) * half_gamma2
                - component.log_det * self.m
        });
        let weights = log_sum_exp(&params[..self.k]) * self.points() as f64;
        S::from(self.constant) - weights - sum(prior)
    }
}

/// The logarithm of the density at one point.
fn likelihood<S: Real, X: Real + Into<S>>(
    components: &[Component<'_, S>],
    x: &[X],
    beta: &mut [S],
    [centered, scaled]: &mut [Vec<S>; 2],
) -> S {
    for (beta, component) in beta.iter_mut().zip(components) {
        *beta = component.log_density(x, centered, scaled);
    }
    log_sum_exp(&*beta)
}

/// What one component needs for every point, computed once.
struct Component<'a, S> {
    mu: &'a [S],
    below: &'a [S],
    diagonal: Vec<S>,
    /// `Q` row by row, each up to its diagonal.
    rows: Vec<Vec<S>>,
    log_det: S,
    weight: S,
}

impl<'a, S: Real> Component<'a, S> {
    fn new(alpha: S, mu: &'a [S], q: &[S], below: &'a [S]) -> Self {
        let d = mu.len();
        let diagonal: Vec<S> = q.iter().map(|q| q.exp()).collect();
        // Column c of the strict lower part starts after the d-1, d-2, ... entries before it.
        let entry = |row: usize, column: usize| {
            below[column * (d - 1) - column * column.saturating_sub(1) / 2 + row - column - 1]
        };
        let rows =
            (0..d).map(|r| (0..r).map(|c| entry(r, c)).chain([diagonal[r]]).collect()).collect();
        let log_det = sum(q);
        Component { mu, below, diagonal, rows, log_det, weight: alpha + log_det }
    }

    /// `alpha + log det Q - ½ |Q (x - mu)|²`
    fn log_density<X: Real + Into<S>>(&self, x: &[X], centered: &mut [S], scaled: &mut [S]) -> S {
        for ((centered, &mu), &x) in centered.iter_mut().zip(self.mu).zip(x) {
            *centered = x.into() - mu;
        }
        for (scaled, row) in scaled.iter_mut().zip(&self.rows) {
            *scaled = gradtape::dot(row, &centered[..row.len()]);
        }
        self.weight - sum_squares(&*scaled) * 0.5
    }
}
