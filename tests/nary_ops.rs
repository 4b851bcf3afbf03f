//! Sums, dot products and their kin: one node each, the bits of `f64`, the right partials, whatever
//! mix of variables, constants and data they are given.

mod common {
    pub mod differences;
    pub mod numeric;
    pub mod panics;
    pub mod seed;
}

use common::differences::derivative;
use common::numeric::{same, same_bits};
use common::panics::panics_saying;
use common::seed::random;
use gradtape::op::Op;
use gradtape::{
    Dual, Operand, Real, Tape, Var, affine, dot, gradient, hessian, log_sum_exp, sum, sum_squares,
};

/// Numbers whose sum depends on the order of addition.
const A: [f64; 5] = [0.1, -1e16, 3.0, 1e16, -0.7];
const B: [f64; 5] = [2.5, 1.0, -0.3, 1.0, 1e-3];

/// Every n-ary function of two vectors and a bias, by name.
fn all<S: Real>(a: &[S], b: &[S], bias: S) -> [(&'static str, S); 5] {
    [
        ("sum", sum(a)),
        ("sum_squares", sum_squares(a)),
        ("dot", dot(a, b)),
        ("affine", affine(a, b, bias)),
        ("log_sum_exp", log_sum_exp(a)),
    ]
}

/// What they compute, term by term from left to right.
fn in_order(a: &[f64], b: &[f64], bias: f64) -> [f64; 4] {
    let mut sums = [0.0; 3];
    for i in 0..a.len() {
        sums[0] += a[i];
        sums[1] += a[i] * a[i];
        sums[2] += a[i] * b[i];
    }
    [sums[0], sums[1], sums[2], sums[2] + bias]
}

#[test]
fn each_is_one_node_with_the_bits_of_f64() {
    for n in 0..=A.len() {
        let (a, b) = (&A[..n], &B[..n]);
        let plain = all(a, b, 0.25);
        for (expected, (name, value)) in in_order(a, b, 0.25).into_iter().zip(plain) {
            assert_eq!(value, expected, "{name} of {n} terms");
        }
        let tape = Tape::new();
        let (x, y, bias) = (tape.vars(a), tape.vars(b), tape.var(0.25));
        let before = tape.len();
        let recorded = all(&x, &y, bias);
        // An empty sum is a constant; an empty affine form is still its bias.
        let nodes = if n == 0 { 1 } else { recorded.len() };
        assert_eq!(tape.len() - before, nodes, "{n} terms");
        let constant = Dual::constant;
        let [d, e] = [a, b].map(|v| v.iter().map(|&v| constant(v)).collect::<Vec<_>>());
        let duals = all(&d, &e, constant(0.25));
        for i in 0..plain.len() {
            let (name, value) = plain[i];
            assert!(same_bits(recorded[i].1.value(), value), "{name} of {n} variables");
            assert!(same_bits(duals[i].1.primal(), value), "{name} of {n} dual numbers");
        }
    }
}

#[test]
fn an_empty_sum_is_zero_and_an_empty_log_sum_exp_is_minus_infinity() {
    let none: [Var; 0] = [];
    assert_eq!(sum(&none).value(), 0.0);
    assert_eq!(sum_squares(&none).value(), 0.0);
    assert_eq!(dot(&none, &none).value(), 0.0);
    assert_eq!(log_sum_exp(&none).value(), f64::NEG_INFINITY);
    assert_eq!(none.iter().sum::<Var>().value(), 0.0);
    assert!(sum(&none).is_constant() && log_sum_exp(&none).is_constant());
    let tape = Tape::new();
    let bias = tape.var(4.0);
    let data: [f64; 0] = [];
    for empty in [affine(&none, &none, bias), affine(&none, &data, bias)] {
        assert_eq!(empty.value(), 4.0);
        assert_eq!((empty * 3.0).backward().wrt(bias), 3.0);
        assert_eq!(tape.forward(&[(bias, 2.0)]).wrt(empty), 2.0);
    }
}

#[test]
fn partials_are_what_the_table_says() {
    let tape = Tape::new();
    let (a, b) = ([0.5, -1.5, 2.0], [3.0, 0.25, -4.0]);
    let (x, y, bias) = (tape.vars(&a), tape.vars(&b), tape.var(7.0));
    let functions = all(&x, &y, bias);
    let total: f64 = a.iter().map(|v| v.exp()).sum();
    let softmax = a.map(|v| v.exp() / total);
    let by_x = [[1.0; 3], a.map(|v| 2.0 * v), b, b, softmax];
    let by_y = [[0.0; 3], [0.0; 3], a, a, [0.0; 3]];
    let by_bias = [0.0, 0.0, 0.0, 1.0, 0.0];
    for (i, (name, f)) in functions.into_iter().enumerate() {
        let gradient = f.backward();
        for (found, expected) in gradient.wrt_all(&x).into_iter().zip(by_x[i]) {
            let tolerance = if name == "log_sum_exp" { 4.0 * f64::EPSILON } else { 0.0 };
            assert!((found - expected).abs() <= tolerance, "{name}: {found}, not {expected}");
        }
        assert_eq!(gradient.wrt_all(&y), by_y[i], "{name}");
        assert_eq!(gradient.wrt(bias), by_bias[i], "{name}");
    }
}

/// Which of the terms are variables; the others are constants.
fn mixed(tape: &Tape, values: &[f64], pattern: u32) -> Vec<Var> {
    let term = |(i, &v): (usize, &f64)| match pattern >> i & 1 {
        1 => tape.var(v),
        _ => Var::from(v),
    };
    values.iter().enumerate().map(term).collect()
}

#[test]
fn any_mix_of_variables_and_constants_gives_the_same_value_and_partials() {
    let (a, b) = ([0.5, -1.5, 2.0], [3.0, 0.25, -4.0]);
    let whole = Tape::new();
    let (x, y, bias) = (whole.vars(&a), whole.vars(&b), whole.var(7.0));
    let expected = all(&x, &y, bias);
    for pattern in 0..1 << 7 {
        let tape = Tape::new();
        let (p, q) = (mixed(&tape, &a, pattern), mixed(&tape, &b, pattern >> 3));
        let r = mixed(&tape, &[7.0], pattern >> 6)[0];
        let found = all(&p, &q, r);
        for ((name, found), (_, expected)) in found.into_iter().zip(expected) {
            assert!(same_bits(found.value(), expected.value()), "{name}, pattern {pattern:b}");
            let (g, h) = (found.backward(), expected.backward());
            let pairs = p.iter().chain(&q).chain([&r]).zip(x.iter().chain(&y).chain([&bias]));
            for (&mine, &theirs) in pairs.filter(|(mine, _)| !mine.is_constant()) {
                if !found.is_constant() {
                    assert_eq!(g.wrt(mine), h.wrt(theirs), "{name}, pattern {pattern:b}");
                }
                let tangents = tape.forward(&[(mine, 1.0)]);
                assert_eq!(tangents.wrt(found), h.wrt(theirs), "{name}, pattern {pattern:b}");
            }
        }
    }
}

#[test]
fn only_constants_record_nothing() {
    let tape = Tape::new();
    let a = A.map(Var::from);
    for (name, value) in all(&a, &a, Var::from(1.0)) {
        assert!(value.is_constant(), "{name}");
    }
    assert_eq!(tape.len(), 0);
}

#[test]
fn plain_data_is_kept_as_data_without_nodes_of_its_own() {
    let tape = Tape::new();
    let (w, bias) = (tape.vars(&A), tape.var(0.5));
    let before = tape.len();
    let (d, f) = (dot(&w, &B), affine(&w, &B, bias));
    let (e, g) = (dot(&w, B.map(Var::from)), affine(w.iter(), B.iter(), bias));
    let h = dot(B.map(Var::from), &w);
    assert_eq!(tape.len() - before, 5);
    let ops: Vec<Op> = tape.nodes().skip(before).map(|node| node.op).collect();
    assert_eq!(ops, [Op::Linear, Op::AffineData, Op::Linear, Op::AffineData, Op::Linear]);
    for (form, bias_slope) in [(d, 0.0), (e, 0.0), (f, 1.0), (g, 1.0), (h, 0.0)] {
        assert_eq!(form.backward().wrt_all(&w), B);
        assert_eq!(form.backward().wrt(bias), bias_slope);
    }
    assert!(same_bits(d.value(), dot(&A, &B)) && same_bits(f.value(), affine(&A, &B, 0.5)));
}

#[test]
fn repeated_operands_add_up() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    assert_eq!(sum([x, x, x]).backward().wrt(x), 3.0);
    assert_eq!(sum_squares([x, x]).backward().wrt(x), 12.0);
    assert_eq!(dot([x, x], [x, x]).backward().wrt(x), 12.0);
    assert_eq!(affine([x], [x], x).backward().wrt(x), 7.0);
    assert_eq!(affine([x], [2.0], x).backward().wrt(x), 3.0);
    assert_eq!(log_sum_exp([x, x]).backward().wrt(x), 1.0);
    let forward = tape.forward(&[(x, 1.0)]);
    for (i, slope) in [(1, 3.0), (2, 12.0), (3, 12.0), (4, 7.0), (5, 3.0), (6, 1.0)] {
        assert_eq!(forward.wrt(tape.var_at(i)), slope, "node {i}");
    }
}

#[test]
fn slices_arrays_and_iterators_are_all_taken() {
    let tape = Tape::new();
    let v = tape.vars(&[1.0, 2.0]);
    let forms = [
        sum(&v),
        sum(v.clone()),
        sum([v[0], v[1]]),
        sum(v.iter()),
        sum(v.iter().copied()),
        v.iter().sum(),
        v.iter().copied().sum(),
    ];
    for form in forms {
        assert_eq!((form.value(), form.backward().wrt_all(&v)), (3.0, vec![1.0, 1.0]));
    }
}

#[test]
fn dual_numbers_and_the_tape_agree_on_partials() {
    for seeded in 0..3 {
        let a = [0.5, -1.5, 2.0];
        let tape = Tape::new();
        let x = tape.vars(&a);
        let recorded = all(&x, &[x[2], x[0], x[1]], x[1]);
        let d: Vec<Dual> =
            (0..3).map(|i| Dual::new(a[i], if i == seeded { 1.0 } else { 0.0 })).collect();
        let duals = all(&d, &[d[2], d[0], d[1]], d[1]);
        for ((name, f), (_, g)) in recorded.into_iter().zip(duals) {
            let (backward, tangent) = (f.backward().wrt(x[seeded]), g.tangent());
            // At most four terms, added in different orders.
            let close = (backward - tangent).abs() <= 4.0 * f64::EPSILON * backward.abs();
            assert!(close, "{name}: {backward} and {tangent}");
            assert!(same(tape.forward(&[(x[seeded], 1.0)]).wrt(f), tangent), "{name}");
        }
    }
}

#[test]
fn the_softmax_keeps_its_digits_under_a_common_shift_and_in_any_number() {
    for n in [1, 3, 32, 33, 100] {
        for shift in [0.0, 700.0, -745.0, 1e3, 1e6, -1e9] {
            let steps: Vec<f64> = (0..n).map(|i| f64::from(i % 7) * 0.5).collect();
            let values: Vec<f64> = steps.iter().map(|step| shift + step).collect();
            let tape = Tape::new();
            let x = tape.vars(&values);
            let softmax = log_sum_exp(&x).backward().wrt_all(&x);
            let total: f64 = steps.iter().map(|step| step.exp()).sum();
            for (p, step) in softmax.into_iter().zip(&steps) {
                let expected = step.exp() / total;
                let error = ((p - expected) / expected).abs();
                // The sums of n terms on both sides, and a few roundings more.
                let bound = (f64::from(n) + 4.0) * f64::EPSILON;
                assert!(error < bound, "{n} terms at {shift}: {p} is off by {error:e}");
            }
        }
    }
}

#[test]
fn the_shares_of_a_log_sum_exp_have_the_bits_of_their_recorded_rule() {
    let mut random = random(11);
    for case in 0..2000 {
        // Equal terms; one that has more than half; all else of no weight.
        let spread = [0.0, 0.1, 1.0, 10.0, 1e3][case % 5];
        let shift = [0.0, 1e6, -1e3][case % 3];
        let count = 1 + random.usize(..50);
        let tape = Tape::new();
        let values: Vec<f64> = (0..count).map(|_| shift + spread * random.f64()).collect();
        let x = tape.vars(&values);
        let y = log_sum_exp(&x);
        let swept = y.backward().wrt_all(&x);
        let recorded = tape.backward_recorded(y, &x).expect("no custom operation");
        let recorded: Vec<f64> = recorded.iter().map(|v| v.value()).collect();
        assert_eq!(swept, recorded, "{values:?}");
    }
}

#[test]
fn second_derivatives_of_log_sum_exp_are_those_of_the_softmax() {
    for n in [2, 5, 40] {
        let point: Vec<f64> = (0..n).map(|i| 1e3 + f64::from(i % 5) * 0.7).collect();
        let p = gradient(|x| log_sum_exp(x), &point);
        let h = hessian(|x| log_sum_exp(x), &point);
        let row = gradient(|x| gradient(|x| log_sum_exp(x), x)[0], &point);
        for i in 0..p.len() {
            for j in 0..p.len() {
                let expected = if i == j { p[i] - p[i] * p[i] } else { -p[i] * p[j] };
                assert!((h[(i, j)] - expected).abs() < 1e-15, "{n} terms, ({i}, {j})");
            }
            assert!((row[i] - h[(0, i)]).abs() < 1e-15, "{n} terms, reverse over reverse, {i}");
        }
    }
}

#[test]
fn log_sum_exp_keeps_the_small_term_beside_a_large_one() {
    // ln(1 + e^-40) = 4.248354255291589e-18 to all digits.
    assert_eq!(log_sum_exp([0.0, -40.0]), 4.248354255291589e-18);
    let (slope, error) = derivative(|x| log_sum_exp([x, 0.5, -1.0]), 1.25);
    let tape = Tape::new();
    let x = tape.var(1.25);
    let found = log_sum_exp([x, Var::from(0.5), Var::from(-1.0)]).backward().wrt(x);
    assert!((found - slope).abs() <= error && error < 1e-11, "{found}, {slope} ± {error:e}");
}

#[test]
fn log_sum_exp_of_infinities_and_nan_is_the_limit() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let cases: [(&[f64], f64); 6] = [
        (&[-inf, -inf], -inf),
        (&[-inf, 2.0], 2.0),
        (&[inf, 2.0], inf),
        (&[inf, -inf], inf),
        (&[nan, 2.0], nan),
        (&[inf, nan], nan),
    ];
    for (values, expected) in cases {
        let tape = Tape::new();
        let y = log_sum_exp(tape.vars(values));
        assert!(same(log_sum_exp(values), expected), "{values:?}");
        assert!(same(y.value(), expected), "{values:?}");
    }
    let tape = Tape::new();
    let x = tape.vars(&[-inf, 2.0]);
    assert_eq!(log_sum_exp(&x).backward().wrt_all(&x), [0.0, 1.0]);
}

#[test]
fn a_pair_of_sequences_of_different_length_is_refused_with_the_numbers() {
    panics_saying(&["the first sequence", "after 2 terms,"], || dot(&A[..2], &B));
    panics_saying(&["the second sequence", "after 1 term,"], || affine(&A, &B[..1], 0.0));
}

/// A scalar of the user's own needs one line to be a term.
#[test]
fn references_and_scalars_are_operands() {
    fn total<T: Operand>(terms: Vec<T>) -> T::Scalar {
        sum(terms)
    }
    assert_eq!(total(vec![1.0, 2.0]), 3.0);
    assert_eq!(total(vec![&1.0, &2.0]), 3.0);
}

/// Numbers at which products and sums are special.
const SPECIAL: [f64; 8] =
    [0.0, -0.0, 1.5, -2.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MIN_POSITIVE];

/// What one operator says is recorded as that: the same node, with constants too.
#[test]
fn a_sum_of_two_and_a_product_are_the_operators() {
    type Form = fn(Var, Var) -> Var;
    let forms: [(&str, Form, Form); 4] = [
        ("sum", |x, y| sum([x, y]), |x, y| x + y),
        ("iterator", |x, y| [x, y].into_iter().sum(), |x, y| x + y),
        ("dot", |x, y| dot([x], [y]), |x, y| x * y),
        ("sum_squares", |x, _| sum_squares([x]), |x, _| x.square()),
    ];
    for (name, nary, operator) in forms {
        for located in [false, true] {
            for (a, b) in SPECIAL.iter().flat_map(|&a| SPECIAL.map(|b| (a, b))) {
                for constants in [[false, false], [true, false], [false, true], [true, true]] {
                    let run = |form: Form| {
                        let tape = Tape::new();
                        tape.record_locations(located);
                        let leaves = tape.vars(&[a, b]);
                        let pick = |i: usize| {
                            if constants[i] { Var::from(leaves[i].value()) } else { leaves[i] }
                        };
                        let y = form(pick(0), pick(1));
                        let nodes: Vec<_> = tape
                            .nodes()
                            .map(|node| (node.op, node.operands, node.constants))
                            .collect();
                        let slopes = tape.backward(&[(y, 1.0)]).wrt_all(&leaves);
                        (y.value(), format!("{nodes:?} {slopes:?}"))
                    };
                    let (found, wanted) = (run(nary), run(operator));
                    let context = format!("{name} of {a} and {b}, constants: {constants:?}");
                    assert!(same(found.0, wanted.0), "{context}");
                    assert_eq!(found.1, wanted.1, "{context}");
                }
            }
        }
    }
}

/// A constant bias is a node before the form that adds it, as one given as a variable is.
#[test]
fn constants_among_the_operands_are_nodes_in_their_order() {
    let tape = Tape::new();
    let x = tape.vars(&[0.5, 2.0]);
    let c = Var::from;
    let forms = [
        (affine(x.iter(), [3.0, 4.0], c(7.0)), Op::AffineData, vec![7.0]),
        (affine(x.iter(), &x, c(7.0)), Op::Affine, vec![7.0]),
        (sum([x[0], c(1.0), x[1], c(2.0)]), Op::Sum, vec![1.0, 2.0]),
        (dot([x[0], c(3.0)], [x[1], x[1]]), Op::Dot, vec![3.0]),
        (x[0].mul_add(c(3.0), c(5.0)), Op::MulAdd, vec![3.0, 5.0]),
        (Var::select(x[0], c(3.0), x[1]), Op::Select, vec![3.0]),
        (log_sum_exp([c(1.0), x[0]]), Op::LogSumExp, vec![1.0]),
    ];
    let mut end = 2;
    for (y, op, constants) in forms {
        let nodes: Vec<_> = (end..).take(constants.len()).map(|i| tape.node(i)).collect();
        assert!(nodes.iter().all(|node| node.op == Op::Const), "{op:?}");
        let values: Vec<f64> = nodes.iter().map(|node| node.value).collect();
        assert_eq!(values, constants, "{op:?}");
        end += constants.len();
        assert_eq!((y.index(), tape.node(end).op), (Some(end), op));
        end += 1;
    }
    assert_eq!(tape.len(), end);
}
