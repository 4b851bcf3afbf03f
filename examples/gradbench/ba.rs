//! `ba`: bundle adjustment. An observation sees a point through a camera; its error has a Jacobian of two rows and 15
//! columns, and all of them together are a sparse matrix.

use super::input::{Input, within_limit};
use super::matrices::{jacobians_of_rows, values_of_rows};
use super::modes::{Mode, Prepare, both};
use super::objective::Outputs;
use super::task::{Module, Task};
use gradtape::{Real, dot, sum_squares};
use serde_json::json;

pub const MODULE: Module = Module {
    name: "ba",
    functions: &[
        ("objective", Mode::Tape, |input| {
            let ba = Ba::read(input)?;
            let p = ba.p;
            // `reproj_error` is what all tools of the suite write, and what it checks; its text says `reproj_err`.
            let present = move |numbers: &[f64]| {
                json!({
                    "reproj_error": {"elements": &numbers[..2], "repeated": p},
                    "w_err": {"element": numbers[2 * p], "repeated": p},
                })
            };
            Ok(Task { prepare: ba.errors(), present: Box::new(present) })
        }),
        ("jacobian", Mode::Rows, |input| {
            let ba = Ba::read(input)?;
            let (rows, columns) = ba.structure();
            // The suite's form: the first 30 and the last of each.
            let present = move |values: &[f64]| {
                let ends = |list: &[usize]| {
                    json!([&list[..30.min(list.len() - 1)], &list[list.len() - 1..]].concat())
                };
                let values = [&values[..30], &values[values.len() - 1..]].concat();
                json!({"rows": ends(&rows), "cols": ends(&columns), "vals": values})
            };
            Ok(Task { prepare: ba.jacobian(), present: Box::new(present) })
        }),
    ],
};

/// A camera: rotation (3), centre (3), focal length, principal point (2), radial distortion (2).
const CAMERA: usize = 11;
/// What an error depends on: camera, point, weight.
const INPUTS: usize = CAMERA + 3 + 1;

/// `p` observations; the i-th is of point i mod m by camera i mod n. Cameras, points and weights are equal, but not to
/// whoever computes.
pub struct Ba {
    pub n: usize,
    pub m: usize,
    pub p: usize,
    /// Of each observation: camera, point, weight, and what was seen (2).
    observations: Vec<f64>,
}

impl Ba {
    pub fn read(input: &Input<'_>) -> Result<Ba, String> {
        let size = |name: &str| input.field(name)?.size(1..=1 << 40);
        let (n, m, p) = (size("n")?, size("m")?, size("p")?);
        within_limit("ba: 31 entries of p observations", &[p, 31])?;
        let mut observation = Vec::new();
        for (name, count) in [("cam", CAMERA), ("x", 3)] {
            observation.extend(input.field(name)?.numbers(Some(count))?);
        }
        observation.push(input.field("w")?.number()?);
        observation.extend(input.field("feat")?.numbers(Some(2))?);
        Ok(Ba { n, m, p, observations: observation.repeat(p) })
    }

    fn weights(&self) -> Vec<f64> {
        self.observations.chunks_exact(INPUTS + 2).map(|row| row[INPUTS - 1]).collect()
    }

    /// All errors of projections, two an observation, then all errors of weights.
    pub fn errors(self) -> Prepare {
        let weights = self.weights();
        let projections = values_of_rows(Reprojection, self.observations, INPUTS + 2);
        both(projections, values_of_rows(WeightError, weights, 1))
    }

    /// All entries of the sparse Jacobian, row by row.
    pub fn jacobian(self) -> Prepare {
        let weights = self.weights();
        let projections = jacobians_of_rows(Reprojection, self.observations, INPUTS + 2, INPUTS);
        both(projections, jacobians_of_rows(WeightError, weights, 1, 1))
    }

    /// Where the entries stand (compressed sparse rows): where each row begins, and the column of each entry.
    pub fn structure(&self) -> (Vec<usize>, Vec<usize>) {
        let Ba { n, m, p, .. } = *self;
        let weight = |i: usize| CAMERA * n + 3 * m + i;
        let columns = (0..p).flat_map(|i| {
            let camera = (0..CAMERA).map(move |j| CAMERA * (i % n) + j);
            let point = (0..3).map(move |j| CAMERA * n + 3 * (i % m) + j);
            let row = camera.chain(point).chain([weight(i)]);
            row.clone().chain(row)
        });
        let rows = (0..=2 * p).map(|row| row * INPUTS).chain((1..=p).map(|i| 2 * p * INPUTS + i));
        (rows.collect(), columns.chain((0..p).map(weight)).collect())
    }
}

/// From camera, point, weight and feature to the weighted error of the projection.
pub struct Reprojection;

impl Outputs for Reprojection {
    fn values<S: Real>(&self, row: &[S]) -> Vec<S> {
        let (camera, rest) = row.split_at(CAMERA);
        let offset = [0, 1, 2].map(|i| rest[i] - camera[3 + i]);
        let seen = rotated([camera[0], camera[1], camera[2]], offset);
        let [x, y] = [seen[0] / seen[2], seen[1] / seen[2]];
        let square = sum_squares([x, y]);
        let distortion = camera[9] * square + camera[10] * square.square() + 1.0;
        let (weight, feature) = (rest[3], [rest[4], rest[5]]);
        let project = |x: S, centre: S| x * distortion * camera[6] + centre;
        let projected = [project(x, camera[7]), project(y, camera[8])];
        vec![(projected[0] - feature[0]) * weight, (projected[1] - feature[1]) * weight]
    }
}

/// How far a weight is from 1: `1 - w²`.
struct WeightError;

impl Outputs for WeightError {
    fn values<S: Real>(&self, row: &[S]) -> Vec<S> {
        vec![-row[0].square() + 1.0]
    }
}

/// Rotate `x` about the axis `r` by the angle `|r|` (Rodrigues).
fn rotated<S: Real>(r: [S; 3], x: [S; 3]) -> [S; 3] {
    let square = sum_squares(r);
    if square == 0.0 {
        let turned = cross(r, x);
        return std::array::from_fn(|i| x[i] + turned[i]);
    }
    let angle = square.sqrt();
    let axis = r.map(|r| r / angle);
    let (sin, cos) = angle.sin_cos();
    let (turned, along) = (cross(axis, x), dot(axis, x) * (-cos + 1.0));
    std::array::from_fn(|i| x[i] * cos + turned[i] * sin + axis[i] * along)
}

fn cross<S: Real>(a: [S; 3], b: [S; 3]) -> [S; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}
