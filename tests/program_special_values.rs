//! Every row of the op table, recorded at a sample point and run at zeros of either sign, infinities, NaN,
//! subnormal and huge numbers: the bits of the code on `f64`, and the derivatives of a tape recorded there.

mod common {
    pub mod apply;
    pub mod numeric;
    pub mod partials;
    pub mod programs;
}

use common::apply::{apply, scalar_rows};
use common::numeric::{same, same_bits};
use common::partials::{constants, on_f64, reverse};
use common::programs::{SPECIAL, outputs, record_plain, value_and_gradient};
use gradtape::op::Op;
use gradtape::program::{Pass, Program, Workspace};
use gradtape::{Real, Tape, affine, dot, log_sum_exp, sum, sum_squares};

/// All points of `n` special numbers; of three, without those that only differ in size or sign.
fn grid(n: usize) -> Vec<Vec<f64>> {
    let alike = |x: f64| n > 2 && [-1.0, 0.5, 3.0, -5e-324, 1e-310, f64::MIN_POSITIVE].contains(&x);
    let numbers: Vec<f64> = SPECIAL.into_iter().filter(|&x| !alike(x)).collect();
    (0..n).fold(vec![vec![]], |points, _| {
        let longer = |p: &Vec<f64>| numbers.iter().map(|&x| [&p[..], &[x]].concat()).collect();
        points.iter().flat_map(|p| -> Vec<Vec<f64>> { longer(p) }).collect()
    })
}

/// A row with constants, as programs of one operation: plain and optimized.
fn programs(op: Op, c: &[f64]) -> [Program; 2] {
    let sample = op.info().samples[0];
    let x0 = &sample[..common::apply::operands(op)];
    let plain = record_plain(|x| [apply(op, x, c)], x0);
    [plain.clone(), plain.optimized(&Pass::ALL)]
}

/// Slopes may have either zero.
#[track_caller]
fn assert_same(found: &[f64], expected: &[f64], context: &str) {
    let same = found.iter().zip(expected).all(|(a, b)| same(*a, *b));
    assert!(same, "{context}: {found:?}, not {expected:?}");
}

#[test]
fn every_row_gives_the_bits_of_f64_and_the_slopes_of_a_fresh_tape() {
    let mut rows = 0;
    for op in scalar_rows() {
        for c in constants(op) {
            for (program, passes) in programs(op, &c).iter().zip(["plain", "optimized"]) {
                for x in grid(program.inputs()) {
                    let context = format!("{op:?} at {x:?}, {c:?}, {passes}");
                    let expected = reverse(op, &x, &c);
                    let (value, gradient) = value_and_gradient(program, &x);
                    assert!(same_bits(value, on_f64(op, &x, &c)), "{context}: {value}");
                    assert!(same_bits(outputs(program, &x)[0], value), "{context}");
                    assert_same(&gradient, &expected.partials, &context);
                }
            }
        }
        rows += 1;
    }
    assert!(rows > 60, "{rows} rows");
}

/// Forward too: in the direction of each operand alone, so that there is no 0 · ∞.
#[test]
fn every_row_has_the_tangents_of_a_fresh_tape() {
    for op in scalar_rows().filter(|&op| common::apply::operands(op) < 3) {
        for c in constants(op) {
            let [program, _] = programs(op, &c);
            let n = program.inputs();
            for x in grid(n) {
                let expected = common::partials::forward(op, &x, &c).partials;
                let along = |i: usize| {
                    let (mut v, mut dy) = (vec![0.0; n], [0.0]);
                    v[i] = 1.0;
                    program.jvp(&x, &v, &mut dy, &mut Workspace::new()).expect("no branch");
                    dy[0]
                };
                let found: Vec<f64> = (0..n).map(along).collect();
                assert_same(&found, &expected, &format!("{op:?} at {x:?}, {c:?}"));
            }
        }
    }
}

/// A name and what it stands for.
type Form<S> = (&'static str, fn(&[S]) -> S);

/// Expressions that a pass replaces, and the n-ary rows: 3 inputs.
#[allow(clippy::eq_op)]
fn forms<S: Real>() -> Vec<Form<S>> {
    vec![
        ("sum", |x| sum(x)),
        ("sum of one", |x| sum(&x[..1])),
        ("sum of none", |x| sum(&x[..0]) + x[0]),
        ("sum with constants", |x| sum([S::from(-0.0), x[0], S::from(0.0)])),
        ("squares", |x| sum_squares(x)),
        ("squares of one", |x| sum_squares(&x[..1])),
        ("dot", |x| dot(&x[..2], &x[1..])),
        ("dot of one", |x| dot(&x[..1], &x[1..2])),
        ("dot with itself", |x| dot(x, x)),
        ("linear", |x| dot(x, [-0.0, 2.0, 1.0])),
        ("linear of one", |x| dot(&x[..1], [-1.0])),
        ("affine", |x| affine(&x[..1], &x[1..2], x[2])),
        ("affine data", |x| affine(&x[..2], [1.0, -1.0], x[2])),
        ("affine of none", |x| affine(&x[..0], &x[..0], x[0])),
        ("log-sum-exp", |x| log_sum_exp(x)),
        ("log-sum-exp of one", |x| log_sum_exp(&x[..1])),
        ("a chain", |x| x[0] + x[1] + x[2]),
        ("a chain to the right", |x| x[0] + (x[1] + x[2])),
        ("products", |x| x[0] * x[1] + x[1] * x[2]),
        ("products and a bias", |x| x[0] * x[1] + x[1] * x[2] + x[0]),
        ("a bias first", |x| x[2] + x[0] * x[1]),
        ("a product and a square", |x| x[0] * x[1] + x[2].square()),
        ("squares by hand", |x| x[0].square() + x[1] * x[1] + x[2].square()),
        ("weights", |x| x[0] * 2.0 + x[1] * -1.0 + x[2] * 0.5),
        ("weights and a bias", |x| x[0] * 2.0 + x[1] * 3.0 + x[2]),
        ("plus zero", |x| x[0] + 0.0),
        ("plus minus zero", |x| x[0] + -0.0),
        ("less zero", |x| x[0] - 0.0),
        ("less minus zero", |x| x[0] - -0.0),
        ("zero less", |x| S::from(0.0) - x[0]),
        ("minus zero less", |x| S::from(-0.0) - x[0]),
        ("times zero", |x| x[0] * 0.0),
        ("times one", |x| x[0] * 1.0),
        ("times minus one", |x| x[0] * -1.0 * -1.0),
        ("over one", |x| x[0] / 1.0),
        ("over minus one", |x| x[0] / -1.0),
        ("over three", |x| x[0] / 3.0),
        ("over four", |x| x[0] / 4.0),
        ("over the least with a reciprocal", |x| x[0] / f64::MIN_POSITIVE),
        ("over the largest power of two", |x| x[0] / f64::from_bits(0x7fe << 52)),
        ("over a subnormal number", |x| x[0] / f64::from_bits(1 << 51)),
        ("negated twice", |x| -(-x[0])),
        ("plus a negated", |x| x[0] + -x[1]),
        ("a negated plus", |x| -x[0] + x[1]),
        ("two negated", |x| -x[0] + -x[1]),
        ("less a negated", |x| x[0] - -x[1]),
        ("less itself", |x| x[0] - x[0]),
        ("plus itself negated", |x| x[0] + -x[0]),
        ("twice absolute", |x| x[0].abs().abs()),
        ("absolute of a negated", |x| (-x[0]).abs()),
        ("square of a negated", |x| (-x[0]).square()),
        ("times itself", |x| x[0] * x[0]),
        ("to the 0", |x| x[0].powi(0)),
        ("to the 1", |x| x[0].powi(1)),
        ("to the 2", |x| x[0].powi(2)),
        ("smaller of the two", |x| x[0].min(x[1]) * 1.0 + x[1].min(x[0])),
        ("larger of the two", |x| x[0].max(x[1]) * 1.0 + x[1].max(x[0])),
        ("smaller of zero and it", |x| S::from(0.0).min(x[0])),
        ("smaller of it and zero", |x| x[0].min(S::from(0.0))),
        ("larger of minus zero and it", |x| S::from(-0.0).max(x[0])),
        ("larger of it and minus zero", |x| x[0].max(S::from(-0.0))),
        ("larger of NaN and it", |x| S::from(f64::NAN).max(x[0])),
        ("smaller of a folded zero and it", |x| x[1].powi(0).ln().min(x[0])),
        ("larger of it and a folded zero", |x| x[0].max(-x[1].powi(0).ln())),
        ("over a folded constant", |x| x[0] / (x[1].powi(0) + 2.0)),
        ("a folded constant over", |x| (x[1].powi(0) + 2.0) / x[0]),
        ("less a folded constant", |x| x[0] - x[1].powi(0).ln()),
        ("a folded constant less", |x| x[1].powi(0).ln() - x[0]),
        ("to a folded constant", |x| x[0].pow(x[1].powi(0) + 1.0)),
        ("a folded constant to the", |x| (x[1].powi(0) - 1.0).pow(x[0])),
        ("a folded constant remainder", |x| (x[1].powi(0) + 1.5) % x[0]),
    ]
}

#[test]
fn forms_that_passes_replace_give_the_bits_of_f64() {
    for ((name, on_vars), (_, on_numbers)) in forms().into_iter().zip(forms::<f64>()) {
        let plain = record_plain(|x| [on_vars(x)], &[1.5, 0.75, -2.0]);
        let optimized = plain.clone().optimized(&Pass::ALL);
        for x in grid(3) {
            let expected = on_numbers(&x);
            for (program, passes) in [(&plain, "plain"), (&optimized, "optimized")] {
                let found = outputs(program, &x)[0];
                assert!(
                    same_bits(found, expected),
                    "{name} at {x:?}, {passes}: {found:?}, not {expected:?}"
                );
            }
        }
    }
}

#[test]
fn their_slopes_are_those_of_a_fresh_tape() {
    for (name, f) in forms() {
        let plain = record_plain(|x| [f(x)], &[1.5, 0.75, -2.0]);
        let optimized = plain.clone().optimized(&Pass::ALL);
        for x in grid(3) {
            let tape = Tape::new();
            let inputs = tape.vars(&x);
            let expected = tape.backward(&[(f(&inputs), 1.0)]).wrt_all(&inputs);
            let context = format!("{name} at {x:?}");
            assert_same(&value_and_gradient(&plain, &x).1, &expected, &context);
            let found = value_and_gradient(&optimized, &x).1;
            assert_same(&found, &expected, &format!("{context}, optimized"));
        }
    }
}
