//! Random expressions: any operation on any earlier value, tame enough to compare engines on.

#![allow(dead_code, reason = "each test uses its part")]

use super::apply::{apply, operands, scalar_rows, split};
use super::naive::{Node, textbook};
use gradtape::op::Op;
use gradtape::{Real, affine, dot, log_sum_exp, sum, sum_squares};
use proptest::prelude::*;

/// One step of an expression; operands are indices of earlier values, the inputs first.
#[derive(Clone, Debug)]
pub enum Step {
    Constant(f64),
    Scalar(Op, Vec<usize>, Vec<f64>),
    Sum(Vec<usize>),
    SumSquares(Vec<usize>),
    Dot(Vec<usize>, Vec<usize>),
    Linear(Vec<usize>, Vec<f64>),
    Affine(Vec<usize>, Vec<usize>, usize),
    AffineData(Vec<usize>, Vec<f64>, usize),
    LogSumExp(Vec<usize>),
}

/// A point, and an expression that is defined and smooth around it. Its result is the last value.
#[derive(Clone, Debug)]
pub struct Expression {
    pub point: Vec<f64>,
    pub steps: Vec<Step>,
    /// Bounds how strongly rounding anywhere moves the result and its derivatives: the sum over all
    /// paths from an input to the result of `Π (1 + |partial|)`.
    pub size: f64,
}

/// No path sum in an expression is larger than this, nor any value or partial than its square root.
const LARGEST: f64 = 1e4;

impl Step {
    /// Evaluate on any scalar, given all earlier values.
    pub fn run<S: Real>(&self, values: &[S]) -> S {
        let all = |at: &[usize]| at.iter().map(|&i| values[i]).collect::<Vec<S>>();
        match self {
            Step::Constant(c) => S::from(*c),
            Step::Scalar(op, x, c) => apply(*op, &all(x), c),
            Step::Sum(x) => sum(x.iter().map(|&i| values[i])),
            Step::SumSquares(x) => sum_squares(&all(x)),
            Step::Dot(x, y) => dot(&all(x), y.iter().map(|&i| values[i])),
            Step::Linear(x, c) => dot(&all(x), c),
            Step::Affine(x, y, b) => affine(&all(x), &all(y), values[*b]),
            Step::AffineData(x, c, b) => affine(all(x), c.iter().copied(), values[*b]),
            Step::LogSumExp(x) => log_sum_exp(&all(x)),
        }
    }

    /// Evaluate by the textbook, given all earlier nodes.
    pub fn naive(&self, nodes: &[Node]) -> Option<Node> {
        let at = |i: usize| nodes[i].value;
        let pairs = |x: &[usize], y: &[usize]| {
            x.iter().zip(y).flat_map(|(&i, &j)| [(i, at(j)), (j, at(i))]).collect::<Vec<_>>()
        };
        let product = |x: &[usize], y: &[usize]| -> f64 {
            x.iter().zip(y).map(|(&i, &j)| at(i) * at(j)).sum()
        };
        let weighted =
            |x: &[usize], c: &[f64]| -> f64 { x.iter().zip(c).map(|(&i, c)| at(i) * c).sum() };
        let data =
            |x: &[usize], c: &[f64]| x.iter().copied().zip(c.iter().copied()).collect::<Vec<_>>();
        let (value, edges) = match self {
            Step::Constant(c) => (*c, vec![]),
            Step::Scalar(op, x, c) => {
                let operands: Vec<f64> = x.iter().map(|&i| at(i)).collect();
                let (value, partials) = textbook(*op, &operands, c)?;
                (value, x.iter().copied().zip(partials).collect())
            }
            Step::Sum(x) => (x.iter().map(|&i| at(i)).sum(), x.iter().map(|&i| (i, 1.0)).collect()),
            Step::SumSquares(x) => (product(x, x), pairs(x, x)),
            Step::Dot(x, y) => (product(x, y), pairs(x, y)),
            Step::Linear(x, c) => (weighted(x, c), data(x, c)),
            Step::Affine(x, y, b) => {
                (product(x, y) + at(*b), [pairs(x, y), vec![(*b, 1.0)]].concat())
            }
            Step::AffineData(x, c, b) => {
                (weighted(x, c) + at(*b), [data(x, c), vec![(*b, 1.0)]].concat())
            }
            Step::LogSumExp(x) => {
                let total: f64 = x.iter().map(|&i| at(i).exp()).sum();
                (total.ln(), x.iter().map(|&i| (i, at(i).exp() / total)).collect())
            }
        };
        Some(Node { value, edges })
    }
}

/// What a random step is made of.
#[derive(Clone, Debug)]
struct Gene {
    kind: u8,
    op: usize,
    picks: Vec<usize>,
    constants: Vec<f64>,
}

fn gene() -> impl Strategy<Value = Gene> {
    let picks = prop::collection::vec(any::<usize>(), 1..8);
    let constants = prop::collection::vec(-2.0..2.0, 8);
    (any::<u8>(), any::<usize>(), picks, constants).prop_map(|(kind, op, picks, constants)| Gene {
        kind,
        op,
        picks,
        constants,
    })
}

/// Random expressions of one to four inputs and up to 30 steps.
pub fn expressions() -> impl Strategy<Value = Expression> {
    let point = prop::collection::vec(-2.0..2.0, 1..5);
    (point, prop::collection::vec(gene(), 1..30)).prop_map(|(point, genes)| build(point, &genes))
}

impl Gene {
    /// The step of this gene among `len` earlier values: mostly a scalar operation.
    fn step(&self, len: usize) -> Step {
        // Half of the operands are recent, so that expressions get deep.
        let pick = |p: &usize| {
            if p.is_multiple_of(2) { p / 2 % len } else { len - 1 - p / 2 % len.min(4) }
        };
        let x: Vec<usize> = self.picks.iter().map(pick).collect();
        let y: Vec<usize> = self.picks.iter().map(|p| p / 7 % len).collect();
        let c = self.constants[..x.len()].to_vec();
        match self.kind % 24 {
            0 => Step::Constant(self.constants[0]),
            1 => Step::Sum(x[1..].to_vec()),
            2 => Step::SumSquares(x),
            3 => Step::Dot(x, y),
            4 => Step::Linear(x, c),
            5 => Step::Affine(x, y, self.picks[0] % len),
            6 => Step::AffineData(x, c, self.picks[0] % len),
            7 => Step::LogSumExp(x),
            _ => {
                let rows: Vec<Op> = scalar_rows().collect();
                let op = rows[self.op % rows.len()];
                let samples = op.info().samples;
                let (_, constants) = split(op, samples[self.op / rows.len() % samples.len()]);
                let operands = (0..operands(op)).map(|i| x[i % x.len()]);
                Step::Scalar(op, operands.collect(), constants.to_vec())
            }
        }
    }
}

/// Turn genes into steps that are defined, smooth and tame at the point; one that is not becomes a
/// `tanh` of an earlier value, or of an input where even that would be too much.
fn build(point: Vec<f64>, genes: &[Gene]) -> Expression {
    let mut nodes: Vec<Node> =
        point.iter().map(|&value| Node { value, edges: Vec::new() }).collect();
    let mut sizes = vec![1.0; point.len()];
    let mut steps = Vec::new();
    let mut append = |step: Step| {
        let Some((node, size)) = tame(&step, &nodes, &sizes) else { return false };
        nodes.push(node);
        sizes.push(size);
        steps.push(step);
        true
    };
    for (i, gene) in genes.iter().enumerate() {
        let len = point.len() + i;
        let tanh = |operand: usize| Step::Scalar(Op::Tanh, vec![operand], vec![]);
        let appended = append(gene.step(len))
            || append(tanh(gene.picks[0] % len))
            || append(tanh(gene.picks[0] % point.len()));
        assert!(appended, "the tanh of an input is tame");
    }
    let size = sizes[sizes.len() - 1];
    Expression { point, steps, size }
}

/// The node of a step and its path sum, if the step is smooth and not too large.
fn tame(step: &Step, nodes: &[Node], sizes: &[f64]) -> Option<(Node, f64)> {
    let node = step.naive(nodes)?;
    let size: f64 = node.edges.iter().map(|&(i, partial)| (1.0 + partial.abs()) * sizes[i]).sum();
    let small = |x: f64| x.abs() <= LARGEST.sqrt();
    let is_tame = small(node.value) && node.edges.iter().all(|&(_, p)| small(p)) && size <= LARGEST;
    (is_tame && is_smooth(step, nodes)).then_some((node, size))
}

/// Tell whether nothing jumps near these values, for those of another engine differ in the last
/// digits; and whether second derivatives stay below 1e3.
fn is_smooth(step: &Step, nodes: &[Node]) -> bool {
    let Step::Scalar(op, operands, c) = step else { return true };
    let x: Vec<f64> = operands.iter().map(|&i| nodes[i].value).collect();
    let Some((value, partials)) = textbook(*op, &x, c) else { return false };
    let is_near = |i: usize, shift: f64| {
        let mut x = x.clone();
        x[i] += shift;
        textbook(*op, &x, c).is_some_and(|(v, p)| {
            (v - value).abs() < 1e-3 && p.iter().zip(&partials).all(|(a, b)| (a - b).abs() < 1e-3)
        })
    };
    let point = [&x[..], c].concat();
    op.in_domain(&point)
        && !op.at_kink(&point)
        && (0..x.len()).all(|i| is_near(i, 1e-6) && is_near(i, -1e-6))
}

impl Expression {
    /// Evaluate all steps: every value, the inputs first.
    pub fn values<S: Real>(&self, inputs: &[S]) -> Vec<S> {
        let mut values = inputs.to_vec();
        for step in &self.steps {
            values.push(step.run(&values));
        }
        values
    }

    /// Evaluate the result.
    pub fn run<S: Real>(&self, inputs: &[S]) -> S {
        self.values(inputs).pop().expect("a result")
    }

    /// Run the naive engine.
    pub fn naive(&self) -> Vec<Node> {
        let mut nodes: Vec<Node> =
            self.point.iter().map(|&value| Node { value, edges: Vec::new() }).collect();
        for step in &self.steps {
            let node = step.naive(&nodes).expect("built of known steps");
            nodes.push(node);
        }
        nodes
    }
}
