//! Published problems as neutral tapes: Moré-Garbow-Hillstrom test functions, NIST regressions and
//! worked examples, with value and gradient from a 50-digit sweep.
//!
//! Each value and each entry of each gradient is within 1e-10 of the reference, relatively. The only
//! exceptions are two gradients with an entry that cancels: see [`CANCELLING`].

use gradtape::{Real, Tape};
use std::path::PathBuf;

/// One tape as its file gives it.
struct Neutral {
    name: String,
    inputs: Vec<f64>,
    nodes: Vec<Vec<String>>,
    output: usize,
    value: f64,
    gradient: Vec<f64>,
}

fn numbers<'a>(fields: impl Iterator<Item = &'a str>) -> Vec<f64> {
    fields.map(|field| field.parse().expect("a number")).collect()
}

fn read(path: PathBuf) -> Neutral {
    let text = std::fs::read_to_string(&path).expect("readable");
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let mut tape = Neutral {
        name,
        inputs: Vec::new(),
        nodes: Vec::new(),
        output: 0,
        value: f64::NAN,
        gradient: Vec::new(),
    };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split_whitespace();
        match fields.next().expect("no empty lines") {
            "inputs" => {
                let count: usize = fields.next().expect("a count").parse().expect("a count");
                tape.inputs = numbers(fields);
                assert_eq!(tape.inputs.len(), count, "{line}");
            }
            "nodes" => {}
            "out" => tape.output = fields.next().expect("a node").parse().expect("a node"),
            // Given twice: to 20 digits, and as the nearest f64.
            "val" => tape.value = numbers(fields)[0],
            "grad" => tape.gradient = numbers(fields),
            id => {
                assert_eq!(id, tape.nodes.len().to_string(), "{line}");
                tape.nodes.push(fields.map(str::to_string).collect());
            }
        }
    }
    assert_eq!(tape.gradient.len(), tape.inputs.len(), "{}", tape.name);
    tape
}

fn neutral_tapes() -> Vec<Neutral> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/tapes");
    let entries = std::fs::read_dir(folder).expect("a folder of tapes");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().map(read).collect()
}

impl Neutral {
    /// Run the tape: the values of all nodes.
    fn run<S: Real>(&self, inputs: &[S]) -> Vec<S> {
        let mut values: Vec<S> = Vec::with_capacity(self.nodes.len());
        for (id, node) in self.nodes.iter().enumerate() {
            let at = |i: usize| values[node[i].parse::<usize>().expect("a node")];
            let value = match &*node[0] {
                "input" => inputs[id],
                "const" => S::from(node[1].parse().expect("a number")),
                "add" => at(1) + at(2),
                "sub" => at(1) - at(2),
                "mul" => at(1) * at(2),
                "div" => at(1) / at(2),
                "neg" => -at(1),
                "powi" => at(1).powi(node[2].parse().expect("an integer")),
                "powf" => at(1).powf(node[2].parse().expect("a number")),
                "pow" => at(1).pow(at(2)),
                "exp" => at(1).exp(),
                "log" => at(1).ln(),
                "sqrt" => at(1).sqrt(),
                "sin" => at(1).sin(),
                "cos" => at(1).cos(),
                "tanh" => at(1).tanh(),
                "atan" => at(1).atan(),
                "abs" => at(1).abs(),
                "erf" => at(1).erf(),
                other => panic!("{}: node {id} is a `{other}`", self.name),
            };
            values.push(value);
        }
        values
    }
}

/// The tapes whose problem is symmetric, so that an entry of the gradient is 0 but for the rounding of
/// the data: 1e-10 of the terms that cancel is all that can be asked of it, here 1e-13 of the largest
/// entry.
const CANCELLING: [&str; 2] = ["mgh_chebyquad_9_x0", "mgh_gaussian_x0"];

/// How far an entry of the gradient may be off.
fn tolerance(name: &str, expected: f64, largest: f64) -> f64 {
    if CANCELLING.contains(&name) && expected.abs() < 1e-10 * largest {
        1e-13 * largest
    } else {
        1e-10 * expected.abs()
    }
}

#[test]
fn values_and_gradients_of_all_published_problems_are_right() {
    let neutral_tapes = neutral_tapes();
    assert_eq!(neutral_tapes.len(), 62);
    for neutral in neutral_tapes {
        let name = &neutral.name;
        let tape = Tape::new();
        let x = tape.vars(&neutral.inputs);
        let output = neutral.run(&x)[neutral.output];
        let (found, expected) = (output.value(), neutral.value);
        assert!(
            (found - expected).abs() <= 1e-10 * expected.abs(),
            "{name}: {found}, not {expected}"
        );
        let largest = neutral.gradient.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
        for (i, found) in output.backward().wrt_all(&x).into_iter().enumerate() {
            let expected = neutral.gradient[i];
            assert!(
                (found - expected).abs() <= tolerance(name, expected, largest),
                "{name}: entry {i} of the gradient is {found}, not {expected}"
            );
        }
    }
}

#[test]
fn the_recorded_values_are_the_bits_of_plain_f64() {
    for neutral in neutral_tapes() {
        let tape = Tape::new();
        let plain = neutral.run(&neutral.inputs);
        let recorded = neutral.run(&tape.vars(&neutral.inputs));
        for (id, (a, b)) in plain.iter().zip(&recorded).enumerate() {
            assert_eq!(a.to_bits(), b.value().to_bits(), "{}: node {id}", neutral.name);
        }
    }
}

/// The forward sweep adds the same products in another order: the difference is rounding, at most
/// 1e-13 of the products' absolute sum.
#[test]
fn the_forward_sweep_agrees_with_the_gradient_along_a_direction() {
    for neutral in neutral_tapes() {
        let tape = Tape::new();
        let x = tape.vars(&neutral.inputs);
        let output = neutral.run(&x)[neutral.output];
        let direction: Vec<f64> = (0..x.len()).map(|i| 1.0 - 0.3 * i as f64).collect();
        let seeds: Vec<_> = x.iter().copied().zip(direction.iter().copied()).collect();
        let along = tape.forward(&seeds).wrt(output);
        let products: Vec<f64> =
            output.backward().wrt_all(&x).iter().zip(&direction).map(|(g, d)| g * d).collect();
        let (sum, size) = products.iter().fold((0.0, 0.0), |(s, m), p| (s + p, m + p.abs()));
        assert!((along - sum).abs() <= 1e-13 * size, "{}: {along} and {sum}", neutral.name);
    }
}
