//! `kmeans`: `Σᵢ minⱼ |Pᵢ - Cⱼ|²`, and Newton's direction: the gradient over the diagonal of the Hessian, which is all
//! there is in it.

use super::input::Input;
use super::modes::{self, Mode};
use super::objective::SumOverRows;
use super::task::{Module, Task};
use gradtape::{Real, sum_squares};
use std::ops::Sub;

pub const MODULE: Module = Module {
    name: "kmeans",
    functions: &[
        ("cost", Mode::Rows, |input| {
            let (kmeans, centroids) = read(input)?;
            Task::number(modes::value(kmeans, centroids))
        }),
        ("dir", Mode::Rows, |input| {
            let (kmeans, centroids) = read(input)?;
            let d = kmeans.d;
            let parts = modes::gradient_and_row_sums(kmeans, centroids);
            let divide = |numbers: &mut Vec<f64>| {
                let bends = numbers.split_off(numbers.len() / 2);
                numbers.iter_mut().zip(bends).for_each(|(slope, bend)| *slope /= bend);
            };
            Task::rows(modes::then(parts, divide), d)
        }),
    ],
};

/// Points of `d` numbers, for `k` centroids.
struct KMeans {
    d: usize,
    k: usize,
    points: Vec<f64>,
}

fn read(input: &Input<'_>) -> Result<(KMeans, Vec<f64>), String> {
    let points = input.field("points")?.matrix(None, None)?;
    let centroids = input.field("centroids")?.matrix(None, Some(points.columns))?;
    if points.columns == 0 || centroids.rows == 0 {
        return Err(
            "input.points or input.centroids is empty: give at least one of one coordinate"
                .to_string(),
        );
    }
    let (d, k) = (points.columns, centroids.rows);
    Ok((KMeans { d, k, points: points.numbers }, centroids.numbers))
}

impl SumOverRows for KMeans {
    type Shared<S: Real> = Vec<S>;

    fn shared<S: Real>(&self, centroids: &[S]) -> Vec<S> {
        centroids.to_vec()
    }

    fn term<S, X>(&self, centroids: &Vec<S>, point: &[X]) -> S
    where
        S: Real + Sub<X, Output = S>,
        X: Real + Into<S>,
    {
        let distance = |centroid: &[S]| {
            let apart: Vec<S> = centroid.iter().zip(point).map(|(&c, &p)| c - p).collect();
            sum_squares(&apart)
        };
        let distances = centroids.chunks_exact(self.d).map(distance);
        distances.reduce(Real::min).expect("`read` refuses an input without centroids")
    }

    fn rows(&self) -> (&[f64], usize) {
        (&self.points, self.d)
    }

    fn operands_of_a_row(&self) -> usize {
        2 * self.k * (self.d + 1)
    }
}
