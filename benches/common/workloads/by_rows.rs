//! Sums over rows of data, each as a program over rows: parameters shared, observations in rows.

use super::{gmm::Gmm, llsq::Llsq, uniform};
use gradtape::nn::{Activation, Init, Mlp, mse};
use gradtape::op::{Arity, Op};
use gradtape::optim::{Objective as _, Optimizer as _, OverRows, Sgd};
use gradtape::program::{RowProgram, Rows, Workspace};
use gradtape::{Node, Real, Tape, Var, dot, log_sum_exp, sum_squares};
use std::iter::zip;

const SEED: u64 = 31337;

/// The learning rate of [`epoch`].
pub const RATE: f64 = 1e-3;

/// A program, where it runs, and on what.
pub struct ByRows {
    pub title: String,
    pub program: RowProgram,
    pub at: Vec<f64>,
    /// Row after row.
    pub data: Vec<f64>,
    pub width: usize,
    /// How many operations a row takes beside what is the same for all; one of many terms counts as so many.
    pub operations: usize,
}

impl ByRows {
    fn new(
        title: String,
        f: impl Fn(&[Var], &[Var]) -> Var,
        at: Vec<f64>,
        data: Vec<f64>,
        width: usize,
    ) -> ByRows {
        let program = RowProgram::record(&f, &at, &data[..width]);
        let operations = operations(f, &at, &data[..width]);
        ByRows { title, program, at, data, width, operations }
    }

    /// GradBench's mixture, with so many points in `d` dimensions.
    pub fn gmm(n: usize, d: usize, k: usize) -> ByRows {
        let (gmm, at) = Gmm::random(n, d, k, SEED);
        let title = format!("gmm d={d} k={k}");
        let data = gmm.data().to_vec();
        ByRows::new(title, |p, x| gmm.eval_row(p, x), at, data, d)
    }

    /// The squared distance of a point from the nearest of `k` centroids.
    pub fn kmeans(k: usize, n: usize, d: usize) -> ByRows {
        let data = uniform(n * d, SEED);
        let at = data[(n - k) * d..].to_vec();
        let nearest = |p: &[Var], x: &[Var]| {
            let apart = |centroid: &[Var]| sum_squares(zip(centroid, x).map(|(&c, &x)| c - x));
            p.chunks_exact(d).map(apart).reduce(Real::min).expect("at least one centroid")
        };
        ByRows::new(format!("kmeans k={k} d={d}"), nearest, at, data, d)
    }

    /// Half the squared residual of a polynomial of `m` coefficients; a row is the powers and the sign.
    pub fn llsq(n: usize, m: usize) -> ByRows {
        let llsq = Llsq::new(n, m);
        let row = |(powers, sign): (&[f64], &f64)| [powers, &[*sign]].concat();
        let data: Vec<f64> =
            zip(llsq.powers().chunks_exact(m), llsq.signs()).flat_map(row).collect();
        let square = |p: &[Var], x: &[Var]| (dot(p, &x[..m]) - x[m]).square() * 0.5;
        ByRows::new(format!("llsq m={m}"), square, uniform(m, SEED), data, m + 1)
    }

    /// GradBench's `ba` for one camera: the squared error of where it sees a point. A row is the point, its weight, and
    /// where it was seen.
    pub fn ba(n: usize) -> ByRows {
        // Rotation, centre, focal length, principal point, radial distortion.
        let camera = [0.1, -0.2, 0.15, 0.3, -0.1, -6.0, 500.0, 320.0, 240.0, -0.2, 0.05].to_vec();
        let numbers = uniform(6 * n, SEED);
        let data = numbers
            .chunks_exact(6)
            .flat_map(|u| [u[0] - 0.5, u[1] - 0.5, u[2] - 0.5, 1.0, 640.0 * u[4], 480.0 * u[5]]);
        let data = data.collect();
        ByRows::new("ba, one camera".into(), squared_error, camera, data, 6)
    }

    /// `ln Σ exp(pᵢ + xᵢ)` of `m` numbers a row.
    pub fn lse(n: usize, m: usize) -> ByRows {
        let terms = |p: &[Var], x: &[Var]| log_sum_exp(zip(p, x).map(|(&p, &x)| p + x));
        ByRows::new(format!("lse m={m}"), terms, uniform(m, SEED), uniform(n * m, SEED + 1), m)
    }

    /// The mean squared error of a network of `tanh` units; a row is the inputs and what was observed.
    pub fn mlp(n: usize, sizes: &[usize]) -> ByRows {
        let (first, last) = (sizes[0], sizes[sizes.len() - 1]);
        let mut network = Mlp::new(first);
        for &size in &sizes[1..sizes.len() - 1] {
            network = network.dense(size, Activation::Tanh);
        }
        let network = network.dense(last, Activation::Identity);
        let program = network.over_rows(last, |predicted, observed| mse(predicted, observed));
        let at = network.initialize(Init::XavierUniform, 7).as_slice().to_vec();
        let width = first + last;
        let title = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        let (title, data) = (format!("mlp {title}"), uniform(n * width, SEED));
        ByRows { title, program, operations: at.len(), at, data, width }
    }

    /// The rows.
    pub fn rows(&self) -> Rows<'_> {
        Rows::row_major(&self.data, self.width).expect("whole rows")
    }

    /// The sum over some rows and its gradient, as work that can be repeated.
    pub fn run<'a>(
        &'a self,
        rows: Rows<'a>,
        mut workspace: Workspace,
    ) -> impl FnMut(&[f64]) -> Vec<f64> + 'a {
        let mut gradient = vec![0.0; self.at.len()];
        move |at| {
            let run = self.program.sum_and_gradient(at, rows, &mut gradient, &mut workspace);
            run.expect("no branches");
            gradient.clone()
        }
    }
}

/// Count the operations of a row, the parameters being numbers.
fn operations(f: impl Fn(&[Var], &[Var]) -> Var, at: &[f64], row: &[f64]) -> usize {
    let (tape, numbers) = (Tape::new(), at.iter().map(|&p| Var::from(p)).collect::<Vec<Var>>());
    let x = tape.vars(row);
    f(&numbers, &x);
    let of_node = |node: Node| match node.op {
        Op::Dot | Op::Affine => node.operands.len() / 2,
        op if op.arity() == Arity::Nary => node.operands.len(),
        _ => 1,
    };
    tape.nodes().skip(x.len()).map(of_node).sum()
}

/// An epoch of stochastic gradient descent as work that can be repeated; each goes on from where the last one ended.
/// Batches are drawn anew each time; if one has all rows, an epoch is one step.
pub fn epoch(work: &ByRows, batch: usize, workspace: Workspace) -> impl FnMut(&()) -> f64 {
    let loss = OverRows::new(&work.program, work.rows()).expect("it fits");
    let mut loss = loss.mean().workspace(workspace);
    if batch < work.rows().count() {
        loss = loss.batches(batch, 1);
    }
    let (mut parameters, mut gradient) = (work.at.clone(), vec![0.0; work.at.len()]);
    let mut sgd = Sgd::new(RATE);
    move |()| {
        let mut last = 0.0;
        for _ in 0..loss.steps_an_epoch() {
            last = loss.value_and_gradient(&parameters, &mut gradient).expect("no branches");
            sgd.step(&mut parameters, &gradient);
        }
        last
    }
}

/// The squared, weighted error of a projection.
fn squared_error(camera: &[Var], row: &[Var]) -> Var {
    let offset = [0, 1, 2].map(|i| row[i] - camera[3 + i]);
    let seen = rotated([camera[0], camera[1], camera[2]], offset);
    let [x, y] = [seen[0] / seen[2], seen[1] / seen[2]];
    let square = sum_squares([x, y]);
    let distortion = camera[9] * square + camera[10] * square.square() + 1.0;
    let error = |x: Var, centre: Var, feature: Var| {
        (x * distortion * camera[6] + centre - feature) * row[3]
    };
    sum_squares([error(x, camera[7], row[4]), error(y, camera[8], row[5])])
}

/// Rotate `x` about the axis `r` by the angle `|r|` (Rodrigues), which is not 0.
fn rotated(r: [Var; 3], x: [Var; 3]) -> [Var; 3] {
    let angle = sum_squares(r).sqrt();
    let axis = r.map(|r| r / angle);
    let (sin, cos) = angle.sin_cos();
    let turned = [
        axis[1] * x[2] - axis[2] * x[1],
        axis[2] * x[0] - axis[0] * x[2],
        axis[0] * x[1] - axis[1] * x[0],
    ];
    let along = dot(axis, x) * (-cos + 1.0);
    std::array::from_fn(|i| x[i] * cos + turned[i] * sin + axis[i] * along)
}
