//! What rows do where arithmetic ends: at NaN, outside their domain, and at infinite operands, through every door.

mod common {
    pub mod apply;
    pub mod doors;
    pub mod numeric;
    pub mod partials;
}

use common::apply::{apply, operands, scalar_rows, split};
use common::doors::Doors;
use common::numeric::same;
use common::partials::{GRID, constants};
use gradtape::Var;
use gradtape::op::Op;
use gradtape::program::{Program, Workspace};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Partials that do not depend on the operand: the function is linear in it, or a step.
fn is_constant_in(op: Op, partial: usize, operand: usize) -> bool {
    match op {
        Op::Neg | Op::Add | Op::Sub | Op::AddConst | Op::ConstSub | Op::MulConst | Op::DivConst => {
            true
        }
        Op::Signum | Op::Floor | Op::Ceil | Op::Round | Op::Trunc | Op::Compare => true,
        Op::Mul => partial == operand,
        Op::Div => partial == 0 && operand == 0,
        Op::MulAdd => partial == operand || partial == 2 || operand == 2,
        // A NaN condition is not above 0.
        Op::Select => true,
        _ => false,
    }
}

#[test]
fn a_nan_operand_makes_every_partial_that_depends_on_it_nan() {
    let mut asked = 0;
    for op in scalar_rows() {
        let (sample, c) = split(op, op.info().samples[0]);
        let doors = Doors::new(op, sample, c);
        for operand in 0..sample.len() {
            let mut x = sample.to_vec();
            x[operand] = NAN;
            for (door, partials) in doors.gradients(&x) {
                for (which, partial) in partials.into_iter().enumerate() {
                    let expected = !is_constant_in(op, which, operand);
                    assert_eq!(
                        partial.is_nan(),
                        expected,
                        "{op:?} at {x:?} {c:?}, {door}: {partial}"
                    );
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 1000, "{asked} partials");
}

/// Its value is not taken. Recorded at an ordinary point, and run where the row's partials are no numbers.
#[test]
fn a_row_that_is_blocked_has_no_derivative_whatever_its_operands() {
    let (mut workspace, mut asked) = (Workspace::new(), 0);
    for op in scalar_rows() {
        let (sample, c) = split(op, op.info().samples[0]);
        let n = sample.len();
        let f = |v: &[Var]| [Var::select(v[n], v[n], apply(op, &v[..n], c))];
        let program = Program::record(f, &[sample, &[1.0]].concat());
        let derived = program.gradient_program().expect("one output");
        for at in [NAN, INF, -INF, 0.0] {
            for operand in 0..n {
                let mut x = [sample, &[1.0]].concat();
                x[operand] = at;
                let (mut slopes, mut seconds) = (vec![NAN; n + 1], vec![NAN; (n + 1) * (n + 1)]);
                let mut expected = vec![0.0; n];
                expected.push(1.0);
                program.value_and_gradient(&x, &mut slopes, &mut workspace).expect("no guard");
                assert_eq!(slopes, expected, "{op:?} at {x:?} {c:?}, swept");
                derived.values(&x, &mut slopes, &mut workspace).expect("no guard");
                assert_eq!(slopes, expected, "{op:?} at {x:?} {c:?}, recorded");
                derived.jacobian(&x, &mut seconds, &mut workspace).expect("no guard");
                let none = seconds.iter().all(|&second| second == 0.0);
                assert!(none, "{op:?} at {x:?} {c:?}: {seconds:?}");
                asked += 1;
            }
        }
    }
    assert!(asked > 200, "{asked} points");
}

/// Points outside the domain at which one partial is still that of a function of the other operand.
fn has_a_partial_outside(op: Op, x: &[f64], which: usize) -> bool {
    // A negative base with a whole exponent.
    op == Op::Pow && x[0] < 0.0 && x[1] == x[1].trunc() && which == 0
}

/// NaN where the value is; at a pole the limit from inside may be infinite.
#[test]
fn outside_its_domain_no_row_has_a_finite_partial() {
    let mut outside = 0;
    for op in scalar_rows() {
        let sample = split(op, op.info().samples[0]).0;
        for c in constants(op).iter().filter(|c| c.iter().all(|c| c.is_finite())) {
            let doors = Doors::new(op, sample, c);
            let finite = GRID.iter().filter(|x| x.is_finite());
            let ones: Vec<Vec<f64>> = finite.clone().map(|&x| vec![x]).collect();
            let points = (1..operands(op)).fold(ones, |points, _| {
                let longer =
                    |p: &Vec<f64>| finite.clone().map(|&x| [&p[..], &[x]].concat()).collect();
                points.iter().flat_map(|p| -> Vec<Vec<f64>> { longer(p) }).collect()
            });
            for x in points.iter().filter(|x| !op.in_domain(&[x, &c[..]].concat())) {
                for (door, partials) in doors.gradients(x) {
                    for (which, partial) in partials.into_iter().enumerate() {
                        assert!(
                            !partial.is_finite()
                                || has_a_partial_outside(op, x, which)
                                // What does not move is a constant there, and 0 / x is flat.
                                || (op == Op::Div && x[0] == 0.0 && which == 1 && door == "dual")
                                || (op == Op::ConstDiv && c[0] == 0.0),
                            "{op:?} at {x:?} {c:?}, {door}: {partial} along operand {which}"
                        );
                    }
                }
                outside += 1;
            }
        }
    }
    assert!(outside > 100, "only {outside} points outside");
}

/// A row, its operands and constants; value, gradient and Hessian there, the limits from inside.
type Limit = (Op, &'static [f64], &'static [f64], f64, &'static [f64], &'static [f64]);

#[rustfmt::skip]
const LIMITS: &[Limit] = &[
    (Op::Recip, &[INF], &[], 0.0, &[0.0], &[0.0]), (Op::Recip, &[-INF], &[], -0.0, &[0.0], &[0.0]),
    (Op::Square, &[-INF], &[], INF, &[-INF], &[2.0]), (Op::Sqrt, &[INF], &[], INF, &[0.0], &[0.0]),
    (Op::Cbrt, &[INF], &[], INF, &[0.0], &[0.0]), (Op::Cbrt, &[-INF], &[], -INF, &[0.0], &[0.0]),
    (Op::Exp, &[INF], &[], INF, &[INF], &[INF]), (Op::Exp, &[-INF], &[], 0.0, &[0.0], &[0.0]),
    (Op::Exp2, &[INF], &[], INF, &[INF], &[INF]), (Op::Exp2, &[-INF], &[], 0.0, &[0.0], &[0.0]),
    (Op::ExpM1, &[INF], &[], INF, &[INF], &[INF]), (Op::ExpM1, &[-INF], &[], -1.0, &[0.0], &[0.0]),
    (Op::Ln, &[INF], &[], INF, &[0.0], &[0.0]), (Op::Ln1p, &[INF], &[], INF, &[0.0], &[0.0]),
    (Op::Log2, &[INF], &[], INF, &[0.0], &[0.0]), (Op::Log10, &[INF], &[], INF, &[0.0], &[0.0]),
    (Op::Atan, &[INF], &[], std::f64::consts::FRAC_PI_2, &[0.0], &[0.0]),
    (Op::Atan, &[-INF], &[], -std::f64::consts::FRAC_PI_2, &[0.0], &[0.0]),
    (Op::Sinh, &[-INF], &[], -INF, &[INF], &[-INF]), (Op::Cosh, &[-INF], &[], INF, &[-INF], &[INF]),
    (Op::Tanh, &[INF], &[], 1.0, &[0.0], &[0.0]), (Op::Tanh, &[-INF], &[], -1.0, &[0.0], &[0.0]),
    (Op::Asinh, &[INF], &[], INF, &[0.0], &[0.0]), (Op::Asinh, &[-INF], &[], -INF, &[0.0], &[0.0]),
    (Op::Acosh, &[INF], &[], INF, &[0.0], &[0.0]),
    (Op::Abs, &[-INF], &[], INF, &[-1.0], &[0.0]), (Op::Signum, &[-INF], &[], -1.0, &[0.0], &[0.0]),
    (Op::Relu, &[INF], &[], INF, &[1.0], &[0.0]), (Op::Relu, &[-INF], &[], 0.0, &[0.0], &[0.0]),
    (Op::LeakyRelu, &[-INF], &[0.1], -INF, &[0.1], &[0.0]), (Op::LeakyRelu, &[-INF], &[0.0], 0.0, &[0.0], &[0.0]),
    (Op::Clamp, &[INF], &[-1.0, 2.0], 2.0, &[0.0], &[0.0]),
    (Op::Softplus, &[INF], &[], INF, &[1.0], &[0.0]), (Op::Softplus, &[-INF], &[], 0.0, &[0.0], &[0.0]),
    (Op::Ln1mExp, &[-INF], &[], -0.0, &[0.0], &[0.0]),
    (Op::Sigmoid, &[INF], &[], 1.0, &[0.0], &[0.0]), (Op::Sigmoid, &[-INF], &[], 0.0, &[0.0], &[0.0]),
    (Op::Silu, &[INF], &[], INF, &[1.0], &[0.0]), (Op::Silu, &[-INF], &[], 0.0, &[0.0], &[0.0]),
    (Op::Gelu, &[INF], &[], INF, &[1.0], &[0.0]), (Op::Gelu, &[-INF], &[], 0.0, &[0.0], &[0.0]),
    (Op::Erf, &[INF], &[], 1.0, &[0.0], &[0.0]), (Op::Erf, &[-INF], &[], -1.0, &[0.0], &[0.0]),
    (Op::Erfc, &[INF], &[], 0.0, &[0.0], &[0.0]), (Op::Erfc, &[-INF], &[], 2.0, &[0.0], &[0.0]),
    (Op::Erfcx, &[INF], &[], 0.0, &[0.0], &[0.0]), (Op::Erfcx, &[-INF], &[], INF, &[-INF], &[INF]),
    (Op::Sinc, &[INF], &[], 0.0, &[0.0], &[0.0]), (Op::Sinc, &[-INF], &[], 0.0, &[0.0], &[0.0]),
    (Op::Lgamma, &[INF], &[], INF, &[INF], &[0.0]),
    (Op::Polygamma, &[INF], &[0.0], INF, &[0.0], &[0.0]), (Op::Polygamma, &[INF], &[1.0], 0.0, &[0.0], &[0.0]),
    (Op::Powi, &[-INF], &[3.0], -INF, &[INF], &[-INF]), (Op::Powi, &[INF], &[1.0], INF, &[1.0], &[0.0]),
    (Op::Powi, &[-INF], &[-7.0], -0.0, &[0.0], &[0.0]), (Op::Powi, &[INF], &[0.0], 1.0, &[0.0], &[0.0]),
    (Op::Powf, &[INF], &[0.5], INF, &[0.0], &[0.0]), (Op::Powf, &[INF], &[-0.5], 0.0, &[0.0], &[0.0]),
    (Op::Powf, &[2.0], &[-INF], 0.0, &[0.0], &[0.0]), (Op::Powf, &[0.5], &[INF], 0.0, &[0.0], &[0.0]),
    (Op::ConstPow, &[-INF], &[2.0], 0.0, &[0.0], &[0.0]), (Op::ConstPow, &[INF], &[0.5], 0.0, &[0.0], &[0.0]),
    (Op::ConstPow, &[INF], &[2.0], INF, &[INF], &[INF]), (Op::ConstPow, &[INF], &[0.0], 0.0, &[0.0], &[0.0]),
    (Op::ConstDiv, &[INF], &[2.0], 0.0, &[0.0], &[0.0]),
    (Op::Div, &[2.0, INF], &[], 0.0, &[0.0, 0.0], &[0.0; 4]), (Op::Div, &[INF, 2.0], &[], INF, &[0.5, -INF], &[0.0, -0.25, -0.25, INF]),
    (Op::Pow, &[INF, -2.0], &[], 0.0, &[0.0, 0.0], &[0.0; 4]), (Op::Pow, &[2.0, -INF], &[], 0.0, &[0.0, 0.0], &[0.0; 4]),
    (Op::Pow, &[0.5, INF], &[], 0.0, &[0.0, 0.0], &[0.0; 4]), (Op::Pow, &[0.0, INF], &[], 0.0, &[0.0, 0.0], &[0.0; 4]),
    (Op::Pow, &[2.0, INF], &[], INF, &[INF, INF], &[INF; 4]),
    (Op::Hypot, &[INF, 1.0], &[], INF, &[1.0, 0.0], &[0.0; 4]), (Op::Hypot, &[2.0, -INF], &[], INF, &[0.0, -1.0], &[0.0; 4]),
    (Op::Atan2, &[INF, 1.0], &[], std::f64::consts::FRAC_PI_2, &[0.0, 0.0], &[0.0; 4]),
    (Op::Atan2, &[1.0, -INF], &[], std::f64::consts::PI, &[0.0, 0.0], &[0.0; 4]),
    (Op::Atan2, &[INF, INF], &[], std::f64::consts::FRAC_PI_4, &[0.0, 0.0], &[0.0; 4]),
    (Op::Max, &[-INF, 2.0], &[], 2.0, &[0.0, 1.0], &[0.0; 4]), (Op::Min, &[INF, INF], &[], INF, &[0.5, 0.5], &[0.0; 4]),
    (Op::LogSumExp, &[INF], &[], INF, &[1.0], &[0.0]), (Op::LogSumExp, &[-INF], &[], -INF, &[1.0], &[0.0]),
    (Op::LogSumExp, &[INF, 0.0], &[], INF, &[1.0, 0.0], &[0.0; 4]), (Op::LogSumExp, &[-INF, 0.0], &[], 0.0, &[0.0, 1.0], &[0.0; 4]),
    (Op::LogSumExp, &[INF, f64::MAX], &[], INF, &[1.0, 0.0], &[0.0; 4]),
    // Alike, they share as a tie does.
    (Op::LogSumExp, &[-INF, -INF], &[], -INF, &[0.5, 0.5], &[0.0; 4]), (Op::LogSumExp, &[INF, INF], &[], INF, &[0.5, 0.5], &[0.0; 4]),
];

#[test]
fn a_limit_that_is_known_is_the_answer_at_infinity() {
    for &(op, x, c, value, gradient, hessian) in LIMITS {
        let doors = Doors::new(op, &vec![0.5; x.len()], c);
        let expected = [&[value][..], gradient, hessian];
        for (order, found) in
            [doors.values(x), doors.gradients(x), doors.hessians(x)].into_iter().enumerate()
        {
            for (door, found) in found {
                let right = found.len() == expected[order].len()
                    && found.iter().zip(expected[order]).all(|(&a, &b)| same(a, b));
                assert!(
                    right,
                    "derivative {order} of {op:?} at {x:?} {c:?}, {door}: {found:?}, not {:?}",
                    expected[order]
                );
            }
        }
    }
}

/// Every row that has a value at an infinite operand is in the table, but for sums, products and roundings.
#[test]
fn every_row_with_a_limit_is_tried_at_infinity() {
    const PLAIN: [Op; 19] = [
        Op::Neg,
        Op::Add,
        Op::Sub,
        Op::Mul,
        Op::MulAdd,
        Op::AddConst,
        Op::ConstSub,
        Op::MulConst,
        Op::DivConst,
        Op::Rem,
        Op::Floor,
        Op::Ceil,
        Op::Round,
        Op::Trunc,
        Op::MinConst,
        Op::MaxConst,
        Op::Compare,
        Op::Select,
        Op::Fract,
    ];
    let without_limit = [Op::Sin, Op::Cos, Op::Tan, Op::Asin, Op::Acos, Op::Atanh];
    let is_slope = |op: &Op| op.info().form.contains('\'');
    for op in scalar_rows()
        .filter(|op| !is_slope(op) && !PLAIN.contains(op) && !without_limit.contains(op))
    {
        assert!(
            LIMITS.iter().any(|limit| limit.0 == op),
            "{op:?} is not tried at infinity: add a line to `LIMITS`"
        );
    }
}
