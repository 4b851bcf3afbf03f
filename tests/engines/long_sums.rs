//! Programs with so many terms in long sums that these are loops in native code.

use super::same::assert_same;
use super::{numbers, rows};
use gradtape::program::RowProgram;
use gradtape::{Var, affine, dot, sum, sum_squares};

/// How many numbers a row has.
const WIDTH: usize = 24;

/// Dense layers with more operands than straight code has; `twist` says what is unusual about them.
fn layers(twist: &str) -> (RowProgram, Vec<f64>) {
    let sizes = [WIDTH, 40, 36, 7];
    let count: usize = sizes.windows(2).map(|w| w[0] * w[1] + w[1]).sum();
    let parameters: Vec<f64> = numbers(count).iter().map(|x| x * 0.3).collect();
    let network = |p: &[Var], x: &[Var]| {
        let (mut units, mut at) = (x.to_vec(), 0);
        for (layer, w) in sizes.windows(2).enumerate() {
            let (before, after) = (w[0], w[1]);
            let biases = &p[at + before * after..][..after];
            let mut next = Vec::new();
            for j in 0..after {
                let weights = &p[at + j * before..][..before];
                let mut inputs = units.clone();
                match twist {
                    // One unit feeds a sum twice.
                    "repeated" => inputs[1] = inputs[0],
                    // A uniform number and one that differs have changed places in some terms.
                    "turned" if layer > 0 => {}
                    // One term differs less than the others: both factors are uniform, or neither is.
                    "uniform" if j == 2 => inputs[3] = p[0] * p[1],
                    "of two inputs" if layer == 1 => inputs[5] = units[5] * x[2],
                    // Inputs of the row among results.
                    "mixed" => inputs[4] = x[j % WIDTH],
                    _ => {}
                }
                let weights: Vec<Var> = match twist {
                    // The same parameters in all sums: each is added to many times.
                    "shared" => p[at..][..before].to_vec(),
                    _ => weights.to_vec(),
                };
                let z = match (twist, j % 2) {
                    ("turned", 0) => affine(&weights, &inputs, biases[j]),
                    ("without bias", _) => dot(&inputs, &weights),
                    _ => affine(&inputs, &weights, biases[j]),
                };
                next.push(if layer < 2 { z.tanh() } else { z });
            }
            if twist == "across" && layer == 1 {
                // Units that loops add to are also used outside of them, before and after.
                next[0] = next[0] * units[3] + units[4].sin();
                next[1] = sum(&units) * 0.1;
            }
            at += before * after + after;
            units = next;
        }
        [sum_squares(units.iter().zip(x).map(|(&a, &b)| a - b))]
    };
    (RowProgram::record(network, &parameters, &numbers(WIDTH)), parameters)
}

#[test]
fn loops_have_the_same_bits() {
    let data = numbers(70 * WIDTH);
    let twists = [
        "none",
        "repeated",
        "turned",
        "uniform",
        "of two inputs",
        "mixed",
        "shared",
        "without bias",
        "across",
    ];
    for twist in twists {
        let (program, parameters) = layers(twist);
        for count in [3, 5, 70] {
            let what = format!("{twist}, {count} rows");
            assert_same(&what, &program, &parameters, rows(&data[..count * WIDTH], WIDTH));
        }
    }
}

/// Parameters that are constants of the derivative, and inputs of the row alone: nothing is wanted of some factors.
#[test]
fn loops_give_only_what_is_wanted() {
    let count = 60 * 60;
    let constants = numbers(count);
    let f = |p: &[Var], x: &[Var]| {
        let units: Vec<Var> = (0..60).map(|j| x[j % WIDTH] * p[j] + p[j + 1]).collect();
        let sums: Vec<Var> = (0..60)
            .map(|j| {
                let of_data = dot(&units, &constants[j * 60..][..60]);
                let of_inputs = dot((0..WIDTH).map(|i| x[i]), &p[j..j + WIDTH]);
                of_data + of_inputs * dot(&units, &units)
            })
            .collect();
        [sum(&sums)]
    };
    let shared = numbers(100);
    let program = RowProgram::record(f, &shared, &numbers(WIDTH));
    let data = numbers(40 * WIDTH);
    for count in [3, 20, 40] {
        let rows = rows(&data[..count * WIDTH], WIDTH);
        assert_same(&format!("{count} rows"), &program, &shared, rows);
    }
}

/// What a loop reads may be infinite or NaN in one row: its numbers stay in its lane.
#[test]
fn loops_keep_rows_apart() {
    let (program, parameters) = layers("none");
    let mut data = numbers(33 * WIDTH);
    (data[5], data[WIDTH * 9 + 1]) = (f64::INFINITY, f64::NAN);
    (data[WIDTH * 20], data[WIDTH * 21 + 3]) = (1e308, -0.0);
    assert_same("special values", &program, &parameters, rows(&data, WIDTH));
}
