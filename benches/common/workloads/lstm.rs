//! GradBench's `lstm`: the loss of a recurrent network whose weight matrices are diagonal.

use super::{NaryObjective, Objective, scalar::Scalar, total, uniform};
use gradtape::{Real, dot, log_sum_exp, sum};
use std::{
    f64::consts::LN_2,
    iter::zip,
    ops::{Add, Mul},
};

/// `b` numbers a character. Parameters are two rows of `4 b` a layer, weights and biases of the gates, and
/// three of `b`; the state is two rows of `b` a layer, hidden and cell.
pub struct Lstm {
    b: usize,
    state: Vec<f64>,
    sequence: Vec<f64>,
}

impl Lstm {
    pub fn new(b: usize, state: Vec<f64>, sequence: Vec<f64>) -> Self {
        Self { b, state, sequence }
    }

    /// Parameters and state as uniform as in GradBench's data; where that has a text, this has letters, each
    /// as the 14 digits of its code.
    pub fn random(layers: usize, characters: usize, seed: u64) -> (Self, Vec<f64>) {
        let b = 14;
        let mut rng = fastrand::Rng::with_seed(seed);
        let codes: Vec<u8> = (0..characters).map(|_| rng.u8(b'a'..=b'z')).collect();
        let digits =
            |code: u8| (0..b).rev().map(move |digit| f64::from(u16::from(code) >> digit & 1));
        let sequence = codes.into_iter().flat_map(digits).collect();
        let mut numbers = uniform(b * (10 * layers + 3), seed);
        let state = numbers.split_off(b * (8 * layers + 3));
        (Self::new(b, state, sequence), numbers)
    }

    /// Hidden and cell at the start, layer by layer.
    pub fn state(&self) -> &[f64] {
        &self.state
    }

    /// The characters, one after the other.
    pub fn sequence(&self) -> &[f64] {
        &self.sequence
    }

    /// What each prediction adds to the loss, by `term`, but for the [scale](Self::scale).
    fn terms<S>(
        &self,
        x: &[S],
        constant: impl Fn(f64) -> S,
        sigmoid: impl Fn(S) -> S,
        tanh: impl Fn(S) -> S,
        term: impl Fn(&[S], &[f64]) -> S,
    ) -> Vec<S>
    where
        S: Copy + Add<Output = S> + Mul<Output = S> + Mul<f64, Output = S>,
    {
        let b = self.b;
        let (layers, extra) = x.split_at(4 * self.state.len());
        let (in_weight, out) = extra.split_at(b);
        let (out_weight, out_bias) = out.split_at(b);
        let mut state: Vec<S> = self.state.iter().map(|&number| constant(number)).collect();
        let (mut signal, mut predicted) = (Vec::with_capacity(b), Vec::with_capacity(b));
        let characters = zip(self.sequence.chunks_exact(b), self.sequence[b..].chunks_exact(b));
        let terms = characters.map(|(character, next)| {
            signal.clear();
            signal.extend(zip(in_weight, character).map(|(&w, &x)| w * x));
            for (layer, state) in zip(layers.chunks_exact(8 * b), state.chunks_exact_mut(2 * b)) {
                let (weights, biases) = layer.split_at(4 * b);
                let (hidden, cell) = state.split_at_mut(b);
                for j in 0..b {
                    // Forget, input, output, change.
                    let gate = |g: usize, x: S| x * weights[g * b + j] + biases[g * b + j];
                    let forget = sigmoid(gate(0, signal[j]));
                    let admit = sigmoid(gate(1, hidden[j]));
                    let emit = sigmoid(gate(2, signal[j]));
                    let change = tanh(gate(3, hidden[j]));
                    cell[j] = cell[j] * forget + admit * change;
                    hidden[j] = emit * tanh(cell[j]);
                    signal[j] = hidden[j];
                }
            }
            predicted.clear();
            predicted.extend(
                zip(&signal, zip(out_weight, out_bias)).map(|(&x, (&w, &bias))| x * w + bias),
            );
            term(&predicted, next)
        });
        terms.collect()
    }

    /// What the sum of the terms is to be multiplied by.
    fn scale(&self) -> f64 {
        -1.0 / (self.sequence.len() - self.b) as f64
    }
}

impl Objective for Lstm {
    fn eval<S: Scalar>(&self, x: &[S]) -> S {
        let term = |predicted: &[S], next: &[f64]| {
            let exponentials = total(predicted.iter().map(|y| y.exp())).expect("not empty");
            let norm = (exponentials + 2.0).ln();
            total(zip(predicted, next).map(|(&y, &next)| (y - norm) * next)).expect("not empty")
        };
        let terms = self.terms(x, |c| x[0].lift(c), S::sigmoid, S::tanh, term);
        total(terms).expect("two characters") * self.scale()
    }
}

/// With the engine's own sigmoid, and `ln(2 + Σ exp)` as one node.
impl NaryObjective for Lstm {
    fn eval_nary<S: Real>(&self, x: &[S]) -> S {
        let term = |predicted: &[S], next: &[f64]| {
            let norm = log_sum_exp(predicted.iter().copied().chain([S::from(LN_2)]));
            dot(predicted.iter().map(|&y| y - norm), next)
        };
        sum(self.terms(x, S::from, S::sigmoid, S::tanh, term)) * self.scale()
    }
}
