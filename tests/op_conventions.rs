//! The conventions of the op table: kinks, blocked paths, and the forms with a constant operand.

mod common {
    pub mod apply;
    pub mod numeric;
    pub mod partials;
}

use common::apply::{apply, scalar_rows};
use common::numeric::{same, same_bits};
use common::partials::{dual, forward, on_grid, reverse};
use gradtape::op::Op;
use gradtape::{Dual, Real, Tape, Var, gradient};

const INF: f64 = f64::INFINITY;

/// A row, its operands and constants, and the partials that are the convention there.
type Kink = (Op, &'static [f64], &'static [f64], &'static [f64]);

#[test]
fn the_conventions_at_kinks_are_kept() {
    let kinks: &[Kink] = &[
        (Op::Abs, &[0.0], &[], &[0.0]),
        (Op::Abs, &[-0.0], &[], &[0.0]),
        (Op::Relu, &[0.0], &[], &[0.0]),
        (Op::Relu, &[-0.0], &[], &[0.0]),
        (Op::LeakyRelu, &[0.0], &[0.1], &[0.1]),
        (Op::Min, &[2.0, 2.0], &[], &[0.5, 0.5]),
        (Op::Max, &[2.0, 2.0], &[], &[0.5, 0.5]),
        (Op::Max, &[-0.0, 0.0], &[], &[0.5, 0.5]),
        (Op::MinConst, &[2.0], &[2.0], &[0.5]),
        (Op::MaxConst, &[2.0], &[2.0], &[0.5]),
        // clamp = min(max(x, lo), hi): each tie shares ½.
        (Op::Clamp, &[0.0], &[0.0, 1.0], &[0.5]),
        (Op::Clamp, &[1.0], &[0.0, 1.0], &[0.5]),
        (Op::Clamp, &[1.0], &[1.0, 1.0], &[0.25]),
        (Op::Clamp, &[0.5], &[0.0, 1.0], &[1.0]),
        (Op::Clamp, &[-3.0], &[0.0, 1.0], &[0.0]),
        (Op::Clamp, &[0.5], &[1.0, 0.0], &[0.0]),
        (Op::Sqrt, &[0.0], &[], &[INF]),
        (Op::Sqrt, &[-0.0], &[], &[INF]),
        (Op::Cbrt, &[0.0], &[], &[INF]),
        (Op::Cbrt, &[-0.0], &[], &[INF]),
        (Op::Hypot, &[0.0, 0.0], &[], &[0.0, 0.0]),
        (Op::Hypot, &[-0.0, 0.0], &[], &[0.0, 0.0]),
        (Op::HypotSlope, &[0.0, 0.0], &[], &[0.0, 0.0]),
        (Op::Signum, &[0.0], &[], &[0.0]),
        (Op::Floor, &[2.0], &[], &[0.0]),
        (Op::Ceil, &[2.0], &[], &[0.0]),
        (Op::Round, &[2.5], &[], &[0.0]),
        (Op::Trunc, &[2.0], &[], &[0.0]),
        (Op::Fract, &[2.0], &[], &[1.0]),
        (Op::Compare, &[2.0, 2.0], &[], &[0.0, 0.0]),
        (Op::Select, &[0.0, 2.0, 3.0], &[], &[0.0, 0.0, 1.0]),
        (Op::Rem, &[6.0, 2.0], &[], &[1.0, -3.0]),
        (Op::Pow, &[0.0, 2.0], &[], &[0.0, 0.0]),
        (Op::Pow, &[0.0, 1.0], &[], &[1.0, 0.0]),
        (Op::Pow, &[0.0, 0.0], &[], &[0.0, 0.0]),
        (Op::Powi, &[0.0], &[0.0], &[0.0]),
        (Op::Powi, &[0.0], &[1.0], &[1.0]),
        (Op::Powf, &[0.0], &[0.0], &[0.0]),
        (Op::Powf, &[0.0], &[1.0], &[1.0]),
    ];
    for &(op, x, c, partials) in kinks {
        for linear in [reverse(op, x, c), forward(op, x, c), dual(op, x, c)] {
            assert_eq!(linear.partials, partials, "{op:?} at {x:?} {c:?}");
        }
    }
    // No kink that a row declares is left out here.
    for op in scalar_rows().filter(|op| op.info().kink.is_some()) {
        let asserted = kinks.iter().any(|(o, x, c, _)| *o == op && op.at_kink(&[*x, *c].concat()));
        assert!(
            asserted,
            "no convention is asserted for the kink of {op:?}: add a line to `kinks` in tests/op_conventions.rs"
        );
    }
}

#[test]
fn a_blocked_path_does_not_turn_an_infinite_slope_into_nan() {
    let x = 0.0;
    assert_eq!(gradient(|v| v[0].sqrt() * 0.0 + v[0], &[x]), [1.0]);
    assert_eq!((Dual::new(x, 0.0).sqrt()).tangent(), 0.0);
    assert_eq!(gradient(|v| Var::select(v[0], v[0].ln(), v[0] * 3.0), &[x]), [3.0]);
}

/// The remainder's slope counts whole quotients: the exact one, not the rounded `x / y`.
#[test]
fn the_remainder_counts_the_quotient_that_its_value_has() {
    // 1.0 / 0.1 rounds to 10, but 1.0 % 0.1 = 1.0 - 9 · 0.1.
    assert_eq!(reverse(Op::Rem, &[1.0, 0.1], &[]).partials, [1.0, -9.0]);
    assert_eq!(reverse(Op::Rem, &[-1.0, 0.1], &[]).partials, [1.0, 9.0]);
    assert_eq!(reverse(Op::Rem, &[5.5, -2.0], &[]).partials, [1.0, 2.0]);
}

#[test]
fn forms_with_a_constant_operand_equal_those_with_two_variables() {
    type Binary = (Op, Op, Op);
    /// The row of two variables, that of `x ∘ c`, that of `c ∘ x`.
    const FORMS: [Binary; 7] = [
        (Op::Add, Op::AddConst, Op::AddConst),
        (Op::Sub, Op::AddConst, Op::ConstSub),
        (Op::Mul, Op::MulConst, Op::MulConst),
        (Op::Div, Op::DivConst, Op::ConstDiv),
        (Op::Pow, Op::Powf, Op::ConstPow),
        (Op::Min, Op::MinConst, Op::MinConst),
        (Op::Max, Op::MaxConst, Op::MaxConst),
    ];
    for (op, right, left) in FORMS {
        on_grid(op, |point, _| {
            let &[x, c] = point else { unreachable!("two operands") };
            let both = reverse(op, point, &[]);
            let tape = Tape::new();
            let v = tape.var(x);
            let kept = apply(op, &[v, Var::from(c)], &[]);
            assert_eq!((tape.node(1).op, tape.len()), (right, 2));
            assert!(same_bits(kept.value(), both.value), "{op:?} at {x} with constant {c} right");
            // NaN^0 is 1: flat for an exponent that is the constant 0, unknown for one that moves.
            if !(op == Op::Pow && x.is_nan() && c == 0.0) {
                let partial = kept.backward().wrt(v);
                assert!(same(partial, both.partials[0]), "{op:?} at {x} with constant {c} right");
            }

            let (c, x) = (x, c);
            let tape = Tape::new();
            let v = tape.var(x);
            let kept = apply(op, &[Var::from(c), v], &[]);
            assert_eq!((tape.node(1).op, tape.len()), (left, 2));
            assert!(same_bits(kept.value(), both.value), "{op:?} at {x} with constant {c} left");
            // 0 / x and 1^x are flat, also where they are NaN for a number on the left that moves.
            if !(op == Op::Div && c == 0.0 || op == Op::Pow && c == 1.0 && x.is_nan()) {
                let partial = kept.backward().wrt(v);
                assert!(same(partial, both.partials[1]), "{op:?} at {x} with constant {c} left");
            }
        });
    }
}

#[test]
fn a_plain_number_beside_an_operator_is_the_same_as_a_constant() {
    let tape = Tape::new();
    let x = tape.var(0.3);
    for c in [-2.5, 0.1, 3.0] {
        let k = Var::from(c);
        let pairs: [(Var, Var); 10] = [
            (x + c, x + k),
            (c + x, k + x),
            (x - c, x - k),
            (c - x, k - x),
            (x * c, x * k),
            (c * x, k * x),
            (x / c, x / k),
            (c / x, k / x),
            (x % c, x % k),
            (c % x, k % x),
        ];
        for (i, (number, constant)) in pairs.into_iter().enumerate() {
            assert!(same_bits(number.value(), constant.value()), "form {i} with {c}");
            assert_eq!(number.backward().wrt(x), constant.backward().wrt(x), "form {i} with {c}");
        }
    }
}

#[test]
fn an_integer_power_at_the_ends_of_its_range_has_a_slope() {
    assert_eq!(gradient(|v| v[0].powi(i32::MAX), &[1.0]), [f64::from(i32::MAX)]);
    assert_eq!(gradient(|v| v[0].powi(i32::MIN), &[1.0]), [f64::from(i32::MIN)]);
    assert_eq!(gradient(|v| v[0].powi(i32::MIN), &[-1.0]), [-f64::from(i32::MIN)]);
    assert_eq!(Dual::new(1.0, 1.0).powi(i32::MIN).tangent(), f64::from(i32::MIN));
}
