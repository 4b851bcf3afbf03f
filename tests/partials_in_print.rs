//! The local partials as they are printed are the local partials that a sweep computes.

mod common {
    pub mod apply;
    pub mod formula;
    pub mod numeric;
    pub mod partials;
}

use common::apply::scalar_rows;
use common::formula::evaluate;
use common::numeric::{relative_error, same};
use common::partials::{on_grid, on_samples, reverse};
use gradtape::op::{Arity, Op};
use gradtape::{Tape, Var, affine, dot, gradient, log_sum_exp, sum, sum_squares};
use std::collections::BTreeSet;

/// Printed forms that are words and not formulas, and why.
const WORDS: [(Op, &str); 1] = [(Op::Custom, "what its vjp computes is the user's code")];

/// A point: operands and constants.
type Point = (&'static [f64], &'static [f64]);

/// Where a formula has no value, or another one, and the convention of the row stands in.
const CONVENTIONS: [(Op, &[Point], &str); 7] = [
    (Op::Powi, &[(&[0.0], &[0.0])], "0 * 0^(0 - 1): x^0 is constant"),
    (Op::Powf, &[(&[0.0], &[0.0])], "0 * 0^(0 - 1): x^0 is constant"),
    (
        Op::Pow,
        &[
            (&[0.0, 0.0], &[]),
            (&[0.0, 0.5], &[]),
            (&[0.0, 1.0], &[]),
            (&[0.0, 2.0], &[]),
            (&[0.0, 3.0], &[]),
        ],
        "0 * 0^(0 - 1) and 0^y * ln(0): d/dx x^0 = 0, d/dy 0^y = 0",
    ),
    (
        Op::ConstPow,
        &[(&[0.0], &[0.0]), (&[0.5], &[0.0]), (&[1.0], &[0.0]), (&[2.0], &[0.0]), (&[3.0], &[0.0])],
        "0^x * ln(0): 0^x is constant",
    ),
    (Op::Hypot, &[(&[0.0, 0.0], &[])], "0 / 0: hypot'(0, 0) = (0, 0)"),
    (Op::HypotSlope, &[(&[0.0, 0.0], &[])], "0 / 0: hypot''(0, 0) = 0"),
    (Op::Clamp, &[(&[1.0], &[1.0, 1.0])], "two ties at one point share ½ · ½"),
];

/// Rows whose textbook formula subtracts numbers that may be all but equal: it has as many digits as they
/// have, and no more. The rule that is run keeps them.
const CANCELS: [(Op, &str); 1] = [(Op::Tanh, "1 - r² of an r near 1")];

/// Evaluate a printed partial by the letters in its places.
fn printed(form: &str, letters: &[(&str, f64)]) -> f64 {
    let place = |name: &str| {
        let letter = name.strip_prefix('{')?.strip_suffix('}')?;
        letters.iter().find(|(l, _)| *l == letter).map(|(_, value)| *value)
    };
    evaluate(form, &place).unwrap_or_else(|why| panic!("{why}"))
}

/// The letters of a scalar row at a point.
fn letters(x: &[f64], c: &[f64], r: f64) -> Vec<(&'static str, f64)> {
    let operands = ["x", "y", "z"].into_iter().zip(x.iter().copied());
    let constants = ["c", "d"].into_iter().zip(c.iter().copied());
    operands.chain(constants).chain([("r", r)]).collect()
}

/// The printed partials of a scalar row at a point, and those of the reverse sweep.
fn both(op: Op, x: &[f64], c: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let swept = reverse(op, x, c);
    let letters = letters(x, c, swept.value);
    let printed = op.info().partial_forms.iter().map(|form| printed(form, &letters));
    (printed.collect(), swept.partials)
}

fn agree(op: Op, printed: f64, swept: f64) -> bool {
    let cancels = CANCELS.iter().any(|(o, _)| *o == op);
    let digits_of_1 = cancels && (printed - swept).abs() <= 2.0 * f64::EPSILON;
    relative_error(printed, swept) <= 1e-12 || digits_of_1
}

fn is_convention(op: Op, x: &[f64], c: &[f64]) -> bool {
    CONVENTIONS.iter().any(|(o, points, _)| *o == op && points.contains(&(x, c)))
}

/// The rows that the samples and the grid compare.
fn compare_scalar_rows() -> (BTreeSet<String>, usize) {
    let (mut rows, mut count) = (BTreeSet::new(), 0);
    let mut check = |op: Op, x: &[f64], c: &[f64]| {
        let (printed, swept) = both(op, x, c);
        assert_eq!(printed.len(), swept.len(), "{op:?}");
        for (i, (&printed, &swept)) in printed.iter().zip(&swept).enumerate() {
            let form = op.info().partial_forms[i];
            let excused = !printed.is_finite() && is_convention(op, x, c);
            assert!(
                excused || agree(op, printed, swept),
                "{op:?} at {x:?} {c:?}: `{form}` is {printed}, but the sweep gives {swept}"
            );
            count += 1;
        }
        rows.insert(format!("{op:?}"));
    };
    on_samples(&mut check);
    // In print -0 is 0, and has no side to be approached from.
    let ordinary = |v: &f64| v.is_finite() && v.to_bits() != (-0.0_f64).to_bits();
    for op in scalar_rows() {
        on_grid(op, |x, c| {
            let point = [x, c].concat();
            if point.iter().all(ordinary) && op.in_domain(&point) {
                check(op, x, c);
            }
        });
    }
    (rows, count)
}

#[test]
fn printed_partials_of_scalar_rows_are_those_of_the_reverse_sweep() {
    let (rows, count) = compare_scalar_rows();
    let expected: BTreeSet<String> = scalar_rows().map(|op| format!("{op:?}")).collect();
    assert_eq!(rows, expected);
    assert!(count > 5000, "only {count} partials were compared");
}

#[test]
fn a_formula_gives_way_to_a_convention_only_where_it_must() {
    for (op, points, why) in CONVENTIONS {
        for &(x, c) in points {
            let (printed, swept) = both(op, x, c);
            let differs = printed.iter().zip(&swept).any(|(p, s)| !same(*p, *s));
            assert!(differs, "{op:?} at {x:?} {c:?} needs no exception for `{why}`");
        }
    }
    for (op, why) in CANCELS {
        let lost = op.info().samples.iter().any(|&x| {
            let (printed, swept) = both(op, x, &[]);
            relative_error(printed[0], swept[0]) > 1e-12
        });
        assert!(lost, "{op:?} needs no exception for `{why}`");
    }
}

/// An n-ary row recorded: its variables in operand order, the letters of each, the result.
struct Recorded {
    op: Op,
    variables: Vec<Var>,
    letters: Vec<Vec<(&'static str, f64)>>,
    result: Var,
}

/// One node of each n-ary row and of `Copy`.
fn record(tape: &Tape) -> Vec<Recorded> {
    let values = [0.5, -1.25, 2.0, 0.75];
    let [x, y] = [tape.vars(&values), tape.vars(&[3.0, -0.5, 0.25, 1.5])];
    let (bias, c) = (tape.var(0.1), [2.5, -3.0, 0.5, 4.0]);
    let pairs: Vec<Var> = x.iter().zip(&y).flat_map(|(&x, &y)| [x, y]).collect();
    let with_bias = |operands: &[Var]| [operands, &[bias]].concat();
    let alone: Vec<_> = values.map(|x| vec![("x", x)]).into();
    // Each of a pair knows both; a bias knows nothing.
    let paired: Vec<_> = pairs
        .chunks(2)
        .flat_map(|pair| vec![vec![("x", pair[0].value()), ("y", pair[1].value())]; 2])
        .collect();
    let weighted: Vec<_> = values.iter().zip(c).map(|(&x, c)| vec![("x", x), ("c", c)]).collect();
    let and_none = |letters: &Vec<_>| [&letters[..], &[vec![]]].concat();
    let of = |op, variables: &[Var], letters: &Vec<_>, result| Recorded {
        op,
        variables: variables.to_vec(),
        letters: letters.clone(),
        result,
    };
    vec![
        of(Op::Sum, &x, &alone, sum(&x)),
        of(Op::SumSquares, &x, &alone, sum_squares(&x)),
        of(Op::LogSumExp, &x, &alone, log_sum_exp(&x)),
        of(Op::Dot, &pairs, &paired, dot(&x, &y)),
        of(Op::Linear, &x, &weighted, dot(&x, c)),
        of(Op::Affine, &with_bias(&pairs), &and_none(&paired), affine(&x, &y, bias)),
        of(Op::AffineData, &with_bias(&x), &and_none(&weighted), affine(&x, c, bias)),
    ]
}

/// The form of each operand, by the layout that the documentation of the rows promises.
fn form_of(op: Op, which: usize, operands: usize) -> &'static str {
    let forms = op.info().partial_forms;
    match (op, which + 1 == operands) {
        (Op::Affine | Op::AffineData, true) => forms[forms.len() - 1],
        (Op::Dot | Op::Affine, _) => forms[which % 2],
        _ => forms[0],
    }
}

#[test]
fn printed_partials_of_n_ary_rows_are_those_of_the_reverse_sweep() {
    let tape = Tape::new();
    for Recorded { op, variables, letters, result } in record(&tape) {
        let node = tape.node(result.index().expect("recorded"));
        assert_eq!((node.op, node.operands.len()), (op, variables.len()));
        let gradient = result.backward();
        for (i, (&v, known)) in variables.iter().zip(&letters).enumerate() {
            let form = form_of(op, i, variables.len());
            let known = [&known[..], &[("r", result.value())]].concat();
            let (printed, swept) = (printed(form, &known), gradient.wrt(v));
            let error = relative_error(printed, swept);
            assert!(error <= 1e-12, "{op:?}, operand {i}: `{form}` is {printed}, not {swept}");
        }
    }
}

#[test]
fn the_printed_partial_of_a_copy_is_that_of_the_sweep() {
    let tape = Tape::new();
    let x = tape.var(-1.5);
    let _ = gradient(|y| y[0].square(), &[x]);
    assert_eq!(tape.node(1).op, Op::Copy);
    let swept = tape.forward(&[(x, 1.0)]).wrt(tape.var_at(1));
    assert_eq!(printed(Op::Copy.info().partial_forms[0], &[("x", -1.5), ("r", -1.5)]), swept);
}

#[test]
fn no_printed_partial_is_left_out() {
    let tape = Tape::new();
    let compared: Vec<Op> =
        scalar_rows().chain(record(&tape).iter().map(|r| r.op)).chain([Op::Copy]).collect();
    for &op in Op::ALL {
        let is_leaf = op.info().arity == Arity::Leaf;
        let is_words = WORDS.iter().any(|(o, _)| *o == op);
        let ways = [is_leaf, is_words, compared.contains(&op)];
        assert_eq!(ways.iter().filter(|&&way| way).count(), 1, "{op:?} is compared once: {ways:?}");
        assert_eq!(op.info().partial_forms.is_empty(), is_leaf, "{op:?}");
    }
}

#[test]
fn a_printed_partial_has_no_places_but_those_of_its_row() {
    for op in Op::ALL {
        let info = op.info();
        let places: &[&str] = match (op, op.arity().operands()) {
            (_, Some(n)) => {
                let constants = info.samples.first().map_or(0, |point| point.len() - n);
                &[&["x", "y", "z"][..n], &["c", "d"][..constants], &["r"]].concat()
            }
            (Op::Sum | Op::SumSquares | Op::LogSumExp, _) => &["x", "r"],
            (Op::Dot | Op::Affine, _) => &["x", "y", "r"],
            (Op::Linear | Op::AffineData, _) => &["x", "c", "r"],
            (Op::Custom, _) => &["name"],
            _ => &[],
        };
        for form in info.partial_forms {
            for part in form.split('{').skip(1) {
                let place = part.split('}').next().unwrap_or(part);
                assert!(
                    places.contains(&place),
                    "{op:?}: `{form}` has {{{place}}}, not {places:?}"
                );
            }
        }
    }
}

/// The comparison is worth as much as the reader of formulas.
#[test]
fn formulas_are_read_as_people_read_them() {
    let names = |name: &str| match name {
        "a" => Some(3.0),
        "%12" => Some(-0.5),
        _ => None,
    };
    let read = |text: &str| evaluate(text, &names);
    let right = [
        ("1 - 2 - 3", -4.0),
        ("-a² / 2", -4.5),
        ("2 * (-a)²", 18.0),
        ("12 / 3 / 2", 2.0),
        ("a^(1 - a) * 9", 1.0),
        ("1e-3 + 2.5", 2.501),
        ("½ if a = %12, 7 if a < 2 or a > 2.5, else 0", 7.0),
        ("1 if -1 < %12 < 0, else a", 1.0),
        ("exp(0) + sqrt(4) * cos(0)", 3.0),
    ];
    for (text, value) in right {
        assert_eq!(read(text), Ok(value), "{text}");
    }
    let digamma_of_1 = -0.577_215_664_901_532_9;
    assert!(relative_error(read("digamma(1)").unwrap(), digamma_of_1) < 1e-14);
    assert!(relative_error(read("polygamma(2, 1)").unwrap(), -2.404_113_806_319_188_6) < 1e-14);
    let unclear = [
        "2 * -a",
        "a - -1",
        "a^-1",
        "a²²",
        "2^3^4",
        "2 a",
        "b",
        "(a",
        "a)",
        "1 if a, else 2",
        "1 if a > 2, 3 if a > 1",
        "sqrt()",
        "gamma(a)",
        "",
    ];
    for text in unclear {
        assert!(read(text).is_err(), "`{text}` is read as {:?}", read(text));
    }
}
