//! GradBench's `kmeans`: the squared distances of points from the nearest of some centroids.

use super::{NaryObjective, Objective, scalar::Scalar, total, uniform};
use gradtape::{Real, sum, sum_squares};

/// `Σᵢ minⱼ |Pᵢ - Cⱼ|²`, the centroids being the parameters.
pub struct KMeans {
    d: usize,
    points: Vec<f64>,
}

impl KMeans {
    pub fn new(d: usize, points: Vec<f64>) -> Self {
        Self { d, points }
    }

    /// Points drawn as GradBench draws its own, the last `k` of them being the centroids.
    pub fn random(k: usize, n: usize, d: usize, seed: u64) -> (Self, Vec<f64>) {
        let points = uniform(n * d, seed);
        let centroids = points[(n - k) * d..].to_vec();
        (Self::new(d, points), centroids)
    }

    /// The sum over the points of the least over the centroids.
    fn nearest<S: Copy>(
        &self,
        centroids: &[S],
        distance: impl Fn(&[S], &[f64]) -> S,
        smaller: impl Fn(S, S) -> S,
    ) -> impl Iterator<Item = S> {
        self.points.chunks_exact(self.d).map(move |point| {
            let distances =
                centroids.chunks_exact(self.d).map(|centroid| distance(centroid, point));
            distances.reduce(&smaller).expect("at least one centroid")
        })
    }
}

impl Objective for KMeans {
    fn eval<S: Scalar>(&self, centroids: &[S]) -> S {
        let distance = |centroid: &[S], point: &[f64]| {
            let apart = centroid.iter().zip(point).map(|(&c, &p)| c - p);
            total(apart.map(|apart| apart * apart)).expect("at least one coordinate")
        };
        let smaller = |a: S, b: S| if b.value() < a.value() { b } else { a };
        total(self.nearest(centroids, distance, smaller)).expect("at least one point")
    }
}

impl NaryObjective for KMeans {
    fn eval_nary<S: Real>(&self, centroids: &[S]) -> S {
        let distance = |centroid: &[S], point: &[f64]| {
            sum_squares(centroid.iter().zip(point).map(|(&c, &p)| c - p))
        };
        sum(self.nearest(centroids, distance, Real::min))
    }
}
