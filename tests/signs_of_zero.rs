//! The sign of a zero is the same through every door: 1 / 0 and 1 / -0 are as far apart as numbers can be.

mod common {
    pub mod apply;
    pub mod doors;
    pub mod numeric;
}

use common::doors::Doors;
use common::numeric::same_bits;
use gradtape::op::Op;
use gradtape::program::Program;
use gradtape::{Real, Tape, Var};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// A row, its operands and constants, and the value there.
type Case = (Op, &'static [f64], &'static [f64], f64);

#[rustfmt::skip]
const CASES: &[Case] = &[
    (Op::Min, &[0.0, -0.0], &[], -0.0), (Op::Min, &[-0.0, 0.0], &[], -0.0),
    (Op::Min, &[0.0, 0.0], &[], 0.0), (Op::Min, &[-0.0, -0.0], &[], -0.0),
    (Op::Min, &[0.0, NAN], &[], 0.0), (Op::Min, &[NAN, -0.0], &[], -0.0),
    (Op::Min, &[-0.0, INF], &[], -0.0), (Op::Min, &[0.0, -INF], &[], -INF),
    (Op::Min, &[NAN, NAN], &[], NAN), (Op::Min, &[5e-324, -0.0], &[], -0.0),
    (Op::Max, &[0.0, -0.0], &[], 0.0), (Op::Max, &[-0.0, 0.0], &[], 0.0),
    (Op::Max, &[0.0, 0.0], &[], 0.0), (Op::Max, &[-0.0, -0.0], &[], -0.0),
    (Op::Max, &[-0.0, NAN], &[], -0.0), (Op::Max, &[NAN, 0.0], &[], 0.0),
    (Op::Max, &[-0.0, -INF], &[], -0.0), (Op::Max, &[0.0, INF], &[], INF),
    (Op::Max, &[NAN, NAN], &[], NAN), (Op::Max, &[-5e-324, -0.0], &[], -0.0),
    (Op::MinConst, &[0.0], &[-0.0], -0.0), (Op::MinConst, &[-0.0], &[0.0], -0.0),
    (Op::MinConst, &[NAN], &[-0.0], -0.0), (Op::MinConst, &[-0.0], &[NAN], -0.0),
    (Op::MaxConst, &[0.0], &[-0.0], 0.0), (Op::MaxConst, &[-0.0], &[0.0], 0.0),
    (Op::MaxConst, &[NAN], &[-0.0], -0.0), (Op::MaxConst, &[-0.0], &[NAN], -0.0),
    (Op::Clamp, &[-0.0], &[0.0, 1.0], 0.0), (Op::Clamp, &[0.0], &[-0.0, 1.0], 0.0),
    (Op::Clamp, &[0.0], &[-1.0, -0.0], -0.0), (Op::Clamp, &[-0.0], &[-1.0, 0.0], -0.0),
    (Op::Clamp, &[0.0], &[0.0, -0.0], -0.0), (Op::Clamp, &[5.0], &[-1.0, -0.0], -0.0),
    (Op::Relu, &[-0.0], &[], 0.0), (Op::Relu, &[0.0], &[], 0.0), (Op::Relu, &[-2.0], &[], 0.0),
    (Op::LeakyRelu, &[-0.0], &[0.0], -0.0), (Op::LeakyRelu, &[0.0], &[0.0], 0.0),
    (Op::LeakyRelu, &[-2.0], &[0.0], -0.0), (Op::LeakyRelu, &[-INF], &[0.0], -0.0),
    (Op::LeakyRelu, &[-INF], &[-0.0], 0.0), (Op::LeakyRelu, &[-INF], &[0.1], -INF),
    (Op::Abs, &[-0.0], &[], 0.0), (Op::Signum, &[-0.0], &[], -1.0), (Op::Signum, &[0.0], &[], 1.0),
    (Op::Compare, &[-0.0, 0.0], &[], 0.0), (Op::Select, &[0.0, 1.0, -0.0], &[], -0.0),
    (Op::Floor, &[-0.0], &[], -0.0), (Op::Ceil, &[-0.5], &[], -0.0), (Op::Round, &[-0.5], &[], -1.0),
    (Op::Round, &[-0.4], &[], -0.0), (Op::Trunc, &[-0.5], &[], -0.0), (Op::Fract, &[-0.0], &[], 0.0),
    (Op::Rem, &[-4.0, 2.0], &[], -0.0), (Op::Rem, &[4.0, -2.0], &[], 0.0),
    (Op::Hypot, &[-0.0, -0.0], &[], 0.0), (Op::Sqrt, &[-0.0], &[], -0.0), (Op::Cbrt, &[-0.0], &[], -0.0),
    (Op::Sum, &[-0.0], &[], -0.0), (Op::Sum, &[-0.0, 0.0], &[], 0.0), (Op::SumSquares, &[-0.0], &[], 0.0),
    (Op::Dot, &[-0.0, 1.0], &[], -0.0), (Op::Linear, &[-0.0], &[1.0], -0.0),
    (Op::Affine, &[-0.0, 1.0, -0.0], &[], -0.0), (Op::AffineData, &[0.0, -0.0], &[-1.0], -0.0),
    (Op::LogSumExp, &[-0.0], &[], -0.0), (Op::LogSumExp, &[0.0], &[], 0.0),
    (Op::LogSumExp, &[-0.0, -800.0], &[], 0.0), (Op::LogSumExp, &[-INF, -0.0], &[], 0.0),
];

#[test]
fn every_door_gives_a_zero_the_same_sign() {
    for &(op, x, c, expected) in CASES {
        let ones = vec![1.5; x.len()];
        for (door, value) in Doors::new(op, &ones, c).values(x) {
            let found = value[0];
            assert!(
                same_bits(found, expected),
                "{op:?} at {x:?} {c:?}, {door}: {found:?}, not {expected:?}"
            );
        }
    }
}

/// The numbers among which `min` and `max` choose.
const NUMBERS: [f64; 11] =
    [0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, f64::MAX, -f64::MAX, INF, -INF, NAN];

/// As `minimumNumber` and `maximumNumber` of IEEE 754-2019, §9.6, read aloud: order all numbers, with -0 below
/// +0, and leave out a NaN if there is a number.
fn chosen(of: [f64; 2], largest: bool) -> f64 {
    let mut numbers: Vec<f64> = of.into_iter().filter(|x| !x.is_nan()).collect();
    numbers.sort_by(f64::total_cmp);
    let which = if largest { numbers.last() } else { numbers.first() };
    which.copied().unwrap_or(NAN)
}

/// Of constants too, on either side and folded away.
#[test]
fn min_and_max_are_those_of_ieee_754_in_either_order_of_their_operands() {
    for (x, y) in NUMBERS.into_iter().flat_map(|x| NUMBERS.map(|y| (x, y))) {
        for largest in [false, true] {
            let of = |x: Var, y: Var| if largest { x.max(y) } else { x.min(y) };
            let plain = if largest { Real::max(x, y) } else { Real::min(x, y) };
            let expected = chosen([x, y], largest);
            let tape = Tape::new();
            let (v, w) = (tape.var(x), tape.var(y));
            let constant = |c: f64| move |v: Var| v.powi(0) * c;
            // Program::record folds what does not depend on its inputs.
            let run = |program: Program, at: &[f64]| common::doors::value(&program, at);
            let found = [
                plain,
                of(v, w).value(),
                of(v, Var::from(y)).value(),
                of(Var::from(x), w).value(),
                of(Var::from(x), Var::from(y)).value(),
                run(Program::record(|v| [of(v[0], v[1])], &[3.0, 4.0]), &[x, y]),
                run(Program::record(|v| [of(v[0], Var::from(y))], &[3.0]), &[x]),
                run(Program::record(|v| [of(Var::from(x), v[0])], &[3.0]), &[y]),
                run(Program::record(|v| [of(constant(x)(v[0]), v[0])], &[3.0]), &[y]),
                run(Program::record(|v| [of(v[0], constant(y)(v[0]))], &[3.0]), &[x]),
                run(
                    Program::record(|v| [of(constant(x)(v[0]), constant(y)(v[0]))], &[3.0]),
                    &[9.0],
                ),
            ];
            for (way, found) in found.into_iter().enumerate() {
                assert!(
                    same_bits(found, expected),
                    "way {way}, {x} and {y}: {found:?}, not {expected:?}"
                );
            }
        }
    }
}

#[test]
fn one_over_a_positive_part_that_is_zero_is_plus_infinity() {
    let positive_part: [fn(Var) -> Var; 3] =
        [|x| Var::from(0.0).max(x), |x| x.max(Var::from(0.0)), Var::relu];
    for f in positive_part {
        let program = Program::record(|x| [f(x[0]).recip()], &[2.0]);
        for zero in [0.0, -0.0] {
            let tape = Tape::new();
            assert_eq!(f(tape.var(zero)).recip().value(), INF);
            assert_eq!(common::doors::value(&program, &[zero]), INF);
        }
    }
    assert_eq!(Real::max(0.0, -0.0).recip(), INF);
}

/// So a program computes `min(x, y)` and `min(y, x)` once.
#[test]
fn min_and_max_of_swapped_operands_are_shared() {
    let swapped: [fn(Var, Var) -> Var; 2] =
        [|x, y| x.min(y) + y.min(x), |x, y| x.max(y) + y.max(x)];
    for f in swapped {
        assert_eq!(Program::record(|x| [f(x[0], x[1])], &[1.0, 2.0]).len(), 2);
    }
}
