//! `lstm`: the loss of a recurrent network whose weight matrices are diagonal.

use super::input::{Input, within_limit};
use super::modes::{self, Mode};
use super::objective::Objective;
use super::task::{Module, Task};
use gradtape::{Real, dot, sum};

pub const MODULE: Module = Module {
    name: "lstm",
    functions: &[
        ("objective", Mode::Tape, |input| {
            let (lstm, x) = read(input)?;
            Task::number(modes::value(lstm, x))
        }),
        ("jacobian", Mode::Program, |input| {
            let (lstm, x) = read(input)?;
            Task::list(modes::gradient(lstm, x))
        }),
    ],
};

/// The data: `b` numbers a character, `layers` layers. Parameters are those of the layers, then three rows more.
struct Lstm {
    b: usize,
    layers: usize,
    state: Vec<f64>,
    sequence: Vec<f64>,
}

fn read(input: &Input<'_>) -> Result<(Lstm, Vec<f64>), String> {
    let extra = input.field("extra_params")?.matrix(Some(3), None)?;
    let state = input.field("state")?.matrix(None, Some(extra.columns))?;
    let (b, layers) = (extra.columns, state.rows / 2);
    if b == 0 || layers == 0 || state.rows % 2 == 1 {
        let rows = state.rows;
        return Err(format!(
            "input.state has {rows} rows of {b}: give two rows a layer, hidden state and cell"
        ));
    }
    let main = input.field("main_params")?.matrix(Some(2 * layers), Some(4 * b))?;
    let sequence = input.field("sequence")?.matrix(None, Some(b))?;
    if sequence.rows < 2 {
        return Err(format!("input.sequence has {} characters: give at least 2", sequence.rows));
    }
    within_limit("lstm: characters × layers × b", &[sequence.rows, layers, b, 8])?;
    let x = [main.numbers, extra.numbers].concat();
    Ok((Lstm { b, layers, state: state.numbers, sequence: sequence.numbers }, x))
}

impl Objective for Lstm {
    fn value<S: Real>(&self, x: &[S]) -> S {
        let b = self.b;
        let (layers, extra) = x.split_at(8 * b * self.layers);
        let [in_weight, out_weight, out_bias] = [0, 1, 2].map(|row| &extra[row * b..][..b]);
        let mut state: Vec<S> = self.state.iter().map(|&number| S::from(number)).collect();
        let characters: Vec<&[f64]> = self.sequence.chunks_exact(b).collect();
        let terms = characters.windows(2).map(|pair| {
            let mut signal: Vec<S> = in_weight.iter().zip(pair[0]).map(|(&w, &x)| w * x).collect();
            for (layer, state) in layers.chunks_exact(8 * b).zip(state.chunks_exact_mut(2 * b)) {
                let (weights, biases) = layer.split_at(4 * b);
                let (hidden, cell) = state.split_at_mut(b);
                for j in 0..b {
                    // Forget, input, output, change.
                    let gate = |g: usize, x: S| x * weights[g * b + j] + biases[g * b + j];
                    let forget = gate(0, signal[j]).sigmoid();
                    let admit = gate(1, hidden[j]).sigmoid();
                    let emit = gate(2, signal[j]).sigmoid();
                    let change = gate(3, hidden[j]).tanh();
                    cell[j] = cell[j] * forget + admit * change;
                    hidden[j] = emit * cell[j].tanh();
                    signal[j] = hidden[j];
                }
            }
            let predicted = signal.iter().zip(out_weight).zip(out_bias);
            let predicted: Vec<S> = predicted.map(|((&x, &w), &bias)| x * w + bias).collect();
            let exponentials: Vec<S> = predicted.iter().map(|y| y.exp()).collect();
            let norm = (sum(&exponentials) + 2.0).ln();
            let normalized: Vec<S> = predicted.iter().map(|&y| y - norm).collect();
            dot(&normalized, pair[1])
        });
        let total = sum(&terms.collect::<Vec<S>>());
        -total / ((characters.len() - 1) * b) as f64
    }
}
