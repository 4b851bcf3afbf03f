//! Programs with so many terms in long sums that these are loops in native code.

use super::same::assert_same;
use super::{numbers, rows, seed};
use gradtape::program::RowProgram;
use gradtape::{Tape, Var, affine, dot, log_sum_exp, sum, sum_squares};

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
                    // They differ from row to row for whoever does not look into them, and are one number.
                    "select of one" => weights.iter().map(|&w| Var::select(x[0], w, w)).collect(),
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
        "select of one",
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

/// An affine form of one loop and the factor 1 is that loop and a bias. Without passes the 1 is computed.
#[test]
fn a_loop_and_a_bias_are_not_the_terms_of_the_loop() {
    let shared = numbers(200);
    let tape = Tape::new();
    let p: Vec<Var> = shared.iter().map(|&x| tape.var(x)).collect();
    let x: Vec<Var> = numbers(WIDTH).iter().map(|&x| tape.var(x)).collect();
    let units: Vec<Var> = (0..30).map(|j| x[j % WIDTH] * p[j]).collect();
    let forms: Vec<Var> = (0..80)
        .map(|j| {
            let inner = dot(&units, &p[j..j + 30]);
            affine([inner], [x[0].powi(0)], p[j + 31]).sin()
        })
        .collect();
    let inputs: Vec<Var> = p.iter().chain(&x).copied().collect();
    let program = tape.freeze_with(&inputs, &[sum(&forms)], &[]).expect("all is on the tape");
    let program = program.over_rows(shared.len()).expect("so many inputs");
    let data = numbers(40 * WIDTH);
    for count in [3, 20, 40] {
        let rows = rows(&data[..count * WIDTH], WIDTH);
        assert_same(&format!("{count} rows"), &program, &shared, rows);
    }
}

/// Long sums of whatever there is: parameters once or many times, inputs, results and their likes in any place, between
/// functions, choices and other sums.
#[test]
fn random_programs_of_long_sums_have_the_same_bits() {
    let mut random = seed::random(61);
    for case in 0..10 {
        let (shared, columns) = (numbers(30 + random.usize(0..200)), random.usize(3..15));
        let count = [1, 3, 5, 9, 17, 33, 40, 70][random.usize(0..8)];
        let mut data = numbers(columns * count);
        if case % 3 == 0 {
            let at = random.usize(0..data.len());
            data[at] = [0.0, -0.0, f64::INFINITY, f64::NAN, 1e300][random.usize(0..5)];
        }
        let weights: Vec<f64> =
            (0..count).map(|_| [1.0, 0.0, 2.0, -1.0][random.usize(0..4)]).collect();
        let each_once = random.bool();
        let program = RowProgram::record(
            |p, x| {
                let mut all: Vec<Var> = x.to_vec();
                all.extend((0..20).map(|j| x[j % columns] * p[j]));
                let (mut sums, mut next) = (Vec::new(), 0);
                let length = random.usize(6..46);
                for _ in 0..4400 / (2 * length) + 3 {
                    let terms = if random.usize(0..6) == 0 { random.usize(1..9) } else { length };
                    let kind = random.usize(0..5);
                    let (mut left, mut right) = (Vec::new(), Vec::new());
                    for i in 0..terms {
                        next += 1;
                        let parameter =
                            p[if each_once { next } else { random.usize(0..p.len()) } % p.len()];
                        let results = all.len() - columns;
                        let varies = match kind {
                            0 => x[random.usize(0..columns)],
                            1 => all[random.usize(0..all.len())],
                            2 => all[columns + i % results],
                            3 => all[all.len() - 1 - i % results],
                            _ if i == 3 => Var::select(x[0], p[i], p[i]),
                            _ => all[columns + random.usize(0..results)],
                        };
                        let turned = random.usize(0..40) == 0;
                        left.push(if turned { parameter } else { varies });
                        right.push(if turned { varies } else { parameter });
                    }
                    let other = all[random.usize(0..all.len())];
                    let z = match random.usize(0..3) {
                        0 => dot(&left, &right),
                        1 => affine(&left, &right, p[next % p.len()]),
                        _ => affine(&right, &left, other),
                    };
                    let z = match random.usize(0..8) {
                        0 => z.tanh(),
                        1 => z.relu(),
                        2 => z.exp().min(p[0]),
                        3 => z.sin(),
                        4 => z * other,
                        5 => z.max(other),
                        6 => Var::select(other, z, p[1]),
                        _ => z,
                    } * 0.2;
                    all.push(z);
                    if random.usize(0..3) == 0 {
                        sums.push(z);
                    }
                }
                sums.push(all[all.len() - 1]);
                [if random.bool() { log_sum_exp(sums) } else { sum(&sums) }]
            },
            &shared,
            &data[..columns],
        );
        let rows = rows(&data, columns).weighted(&weights).expect("one for each row");
        assert_same(&format!("case {case}, {count} rows"), &program, &shared, rows);
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
