//! Neutral tapes: published problems, with value and gradient from a 50-digit sweep.

#![allow(dead_code, reason = "each test uses its part")]

use gradtape::Real;
use std::path::PathBuf;

/// One tape as its file gives it.
pub struct Neutral {
    pub name: String,
    pub inputs: Vec<f64>,
    pub nodes: Vec<Vec<String>>,
    pub output: usize,
    pub value: f64,
    pub gradient: Vec<f64>,
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

pub fn neutral_tapes() -> Vec<Neutral> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/tapes");
    let entries = std::fs::read_dir(folder).expect("a folder of tapes");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().map(read).collect()
}

impl Neutral {
    /// Run the tape: the values of all nodes.
    pub fn run<S: Real>(&self, inputs: &[S]) -> Vec<S> {
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
pub const CANCELLING: [&str; 2] = ["mgh_chebyquad_9_x0", "mgh_gaussian_x0"];

/// How far an entry of the gradient may be off.
pub fn tolerance(name: &str, expected: f64, largest: f64) -> f64 {
    if CANCELLING.contains(&name) && expected.abs() < 1e-10 * largest {
        1e-13 * largest
    } else {
        1e-10 * expected.abs()
    }
}
