//! Answers that other engines get wrong, and the conventions at kinks: each a test of its own.
//!
//! Every slope is asked for three times: of the reverse sweep, of the forward sweep, and of a reverse
//! sweep that is recorded; they must agree to the bit.

use gradtape::{
    Gradient, Tape, Var, affine, dot, gradient, hessian, log_sum_exp, sum, sum_squares,
};

/// The derivatives of `f` at `x` in both modes, which agree.
#[track_caller]
fn slopes<const N: usize>(f: impl Fn(&[Var]) -> Var, x: [f64; N]) -> [f64; N] {
    let tape = Tape::new();
    let variables = tape.vars(&x);
    let y = f(&variables);
    let reverse = tape.backward(&[(y, 1.0)]).wrt_all(&variables);
    let forward: Vec<f64> = variables.iter().map(|&v| tape.forward(&[(v, 1.0)]).wrt(y)).collect();
    let recorded = tape.backward_recorded(y, &variables).expect("there is no custom operation");
    let recorded: Vec<f64> = recorded.into_iter().map(Var::value).collect();
    for other in [&forward, &recorded] {
        let agree = reverse.iter().zip(other).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()));
        assert!(agree, "reverse {reverse:?}, but {other:?}");
    }
    reverse.try_into().expect("one slope a variable")
}

/// The derivative of a function of one variable.
#[track_caller]
fn slope(f: impl Fn(Var) -> Var, x: f64) -> f64 {
    slopes(|x| f(x[0]), [x])[0]
}

// Numbers on the left of an operator.

#[test]
#[allow(clippy::op_ref)] // Operators take references too.
fn a_number_divided_by_a_variable_has_the_slope_of_the_quotient() {
    assert_eq!(slope(|x| 2.0 / x, 3.0), -2.0 / 9.0);
    assert_eq!(slope(|x| 2.0 / &x, 3.0), -2.0 / 9.0);
    assert_eq!(slope(|x| &2.0 / &x, 3.0), -2.0 / 9.0);
    assert_eq!(slope(|x| Var::from(2.0) / x, 3.0), -2.0 / 9.0);
}

#[test]
fn a_number_less_a_variable_has_slope_minus_one() {
    assert_eq!(slope(|x| 2.0 - x, 3.0), -1.0);
    assert_eq!(slope(|x| Var::from(2.0) - x, 3.0), -1.0);
    assert_eq!((Var::from(2.0) - Tape::new().var(3.0)).value(), -1.0);
}

#[test]
fn a_variable_less_or_over_a_number_keeps_its_sides() {
    assert_eq!(slope(|x| x - 2.0, 3.0), 1.0);
    assert_eq!(slope(|x| x / 4.0, 3.0), 0.25);
    assert_eq!(slope(|x| x % 2.0, 3.0), 1.0);
    // 7 % x = 7 - x·trunc(7 / x)
    assert_eq!(slope(|x| 7.0 % x, 3.0), -2.0);
}

#[test]
fn two_to_the_x_has_slope_eight_ln_two_at_three() {
    let want = 8.0 * 2f64.ln();
    assert_eq!(slope(|x| Var::from(2.0).pow(x), 3.0), want);
    assert_eq!(slope(|x| x.exp2(), 3.0), want);
    assert_eq!(slope(|x| num_traits::Float::powf(Var::from(2.0), x), 3.0), want);
    assert_eq!(slope(|x| num_traits::Pow::pow(Var::from(2.0), x), 3.0), want);
}

#[test]
fn compound_assignment_is_the_operator() {
    let f = |x: Var| {
        let mut y = x;
        y += 1.0; // x + 1
        y *= x; // x² + x
        y -= x; // x²
        y /= 2.0; // x²/2
        y += y; // x²
        y
    };
    assert_eq!(slope(f, 3.0), 6.0);
}

#[test]
fn both_edges_of_a_repeated_operand_count() {
    assert_eq!(slope(|x| x * x, 3.0), 6.0);
    assert_eq!(slope(|x| x + x, 3.0), 2.0);
    assert_eq!(slope(|x| x - x, 3.0), 0.0);
    assert_eq!(slope(|x| x / x, 3.0), 0.0);
    assert_eq!(slope(|x| x.mul_add(x, x), 3.0), 7.0);
    assert_eq!(slope(|x| dot(&[x, x], &[x, x]), 3.0), 12.0);
    assert_eq!(slope(|x| sum(&[x, x, x]), 3.0), 3.0);
    assert_eq!(slope(|x| x.pow(x), 2.0), 4.0 * (2f64.ln() + 1.0));
    assert_eq!(slope(|x| x.max(x), 2.0), 1.0);
}

// Powers and roots.

#[test]
fn x_to_the_zero_at_zero_has_slope_zero() {
    assert_eq!(slope(|x| x.powi(0), 0.0), 0.0);
    assert_eq!(slope(|x| x.powf(0.0), 0.0), 0.0);
    assert_eq!(slope(|x| x.pow(0.0), 0.0), 0.0);
    assert_eq!(slopes(|x| x[0].pow(x[1]), [0.0, 0.0]), [0.0, 0.0]);
}

#[test]
fn small_powers_at_zero_have_their_slopes() {
    assert_eq!(slope(|x| x.powi(1), 0.0), 1.0);
    assert_eq!(slope(|x| x.powi(2), 0.0), 0.0);
    assert_eq!(slope(|x| x.powf(1.0), 0.0), 1.0);
    assert_eq!(slope(|x| x.powf(2.0), 0.0), 0.0);
    assert_eq!(slopes(|x| x[0].pow(x[1]), [0.0, 1.0]), [1.0, 0.0]);
}

#[test]
fn zero_to_the_two_does_not_depend_on_the_exponent() {
    assert_eq!(slopes(|x| x[0].pow(x[1]), [0.0, 2.0]), [0.0, 0.0]);
}

#[test]
fn powers_of_negative_numbers_have_slopes() {
    assert_eq!(slope(|x| x.powi(3), -2.0), 12.0);
    assert_eq!(slope(|x| x.powi(-1), -2.0), -0.25);
    assert_eq!(slope(|x| x.powf(3.0), -2.0), 12.0);
    assert_eq!(slope(|x| x.pow(3.0), -2.0), 12.0);
}

#[test]
fn the_least_integer_power_has_a_slope() {
    // (1 + h)ⁿ with n h = -1/2: the slope is n (1 + h)ⁿ⁻¹.
    let (n, x) = (f64::from(i32::MIN), 1.0 + 2f64.powi(-32));
    let want = n * ((n - 1.0) * 2f64.powi(-32).ln_1p()).exp();
    for got in [
        slope(|x| x.powi(i32::MIN), x),
        gradtape::Real::powi(gradtape::Dual::new(x, 1.0), i32::MIN).tangent(),
    ] {
        assert!((got / want - 1.0).abs() < 1e-9, "{got} against {want}");
    }
}

#[test]
fn the_cube_root_of_minus_eight_is_minus_two_with_slope_a_twelfth() {
    assert_eq!(Tape::new().var(-8.0).cbrt().value(), -2.0);
    assert_eq!(slope(|x| x.cbrt(), -8.0), 1.0 / 12.0);
}

#[test]
fn the_square_root_at_zero_is_infinitely_steep() {
    assert_eq!(slope(|x| x.sqrt(), 0.0), f64::INFINITY);
    assert_eq!(slope(|x| x.sqrt(), -0.0), f64::INFINITY);
    assert_eq!(slope(|x| x.cbrt(), 0.0), f64::INFINITY);
}

#[test]
fn what_is_blocked_beats_an_infinite_slope_and_a_zero_by_value_does_not() {
    let tape = Tape::new();
    let x = tape.vars(&[0.0, 0.0]);
    let scaled = x[0].sqrt() * 0.0;
    assert_eq!(scaled.backward().wrt(x[0]), 0.0);
    let untaken = Var::select(x[0], x[0].sqrt(), Var::from(1.0));
    assert_eq!(untaken.backward().wrt(x[0]), 0.0);
    assert_eq!(tape.forward(&[(x[1], 1.0)]).wrt(untaken), 0.0);
    // d/dx = y / 2√x with y = 0, which has no value.
    let y = x[0].sqrt() * x[1];
    let slopes = y.backward().wrt_all(&x);
    assert!(slopes[0].is_nan() && slopes[1] == 0.0, "{slopes:?}");
}

// Kinks.

#[test]
fn abs_at_zero_has_slope_zero() {
    assert_eq!(slope(|x| x.abs(), 0.0), 0.0);
    assert_eq!(slope(|x| x.abs(), -0.0), 0.0);
    assert_eq!(slope(|x| num_traits::Signed::abs(&x), 0.0), 0.0);
    assert_eq!((slope(|x| x.abs(), -1.5), slope(|x| x.abs(), 1.5)), (-1.0, 1.0));
}

#[test]
fn relu_at_zero_has_slope_zero() {
    assert_eq!(slope(|x| x.relu(), 0.0), 0.0);
    assert_eq!((slope(|x| x.relu(), -1.0), slope(|x| x.relu(), 1.0)), (0.0, 1.0));
}

#[test]
fn leaky_relu_at_zero_has_the_slope_of_its_left() {
    assert_eq!(slope(|x| x.leaky_relu(0.1), 0.0), 0.1);
}

#[test]
fn a_tie_of_max_or_min_is_shared() {
    assert_eq!(slopes(|x| x[0].max(x[1]), [2.0, 2.0]), [0.5, 0.5]);
    assert_eq!(slopes(|x| x[0].min(x[1]), [2.0, 2.0]), [0.5, 0.5]);
    assert_eq!(slopes(|x| x[0].max(x[1]), [0.0, -0.0]), [0.5, 0.5]);
    assert_eq!(slope(|x| x.max(2.0), 2.0), 0.5);
    assert_eq!(slope(|x| Var::from(2.0).min(x), 2.0), 0.5);
    assert_eq!(slopes(|x| x[0].max(x[1]), [1.0, 2.0]), [0.0, 1.0]);
    assert_eq!(slopes(|x| x[0].min(x[1]), [1.0, 2.0]), [1.0, 0.0]);
}

#[test]
fn clamp_is_min_of_max_also_at_its_bounds() {
    for (x, lo, hi) in [
        (0.5, 0.0, 1.0),
        (0.0, 0.0, 1.0),
        (1.0, 0.0, 1.0),
        (-3.0, 0.0, 1.0),
        (3.0, 0.0, 1.0),
        (1.0, 1.0, 1.0),
        // Bounds in the wrong order.
        (0.5, 1.0, 0.0),
        (1.0, 1.0, 0.0),
    ] {
        let tape = Tape::new();
        let v = tape.var(x);
        assert_eq!(v.clamp(lo, hi).value(), v.max(lo).min(hi).value(), "clamp({x}, {lo}, {hi})");
        let composed = slope(|x| x.max(lo).min(hi), x);
        assert_eq!(slope(|x| x.clamp(lo, hi), x), composed, "clamp'({x}, {lo}, {hi})");
    }
    assert_eq!(slope(|x| x.clamp(0.0, 1.0), 0.0), 0.5);
}

#[test]
fn hypot_at_the_origin_is_flat() {
    assert_eq!(slopes(|x| x[0].hypot(x[1]), [0.0, 0.0]), [0.0, 0.0]);
    assert_eq!(slopes(|x| x[0].hypot(x[1]), [3.0, -4.0]), [0.6, -0.8]);
    assert_eq!(slopes(|x| x[0].hypot(x[1]), [0.0, 2.0]), [0.0, 1.0]);
}

#[test]
fn steps_have_slope_zero_also_at_their_jumps() {
    let steps: [fn(Var) -> Var; 5] = [Var::signum, Var::floor, Var::ceil, Var::round, Var::trunc];
    for step in steps {
        for x in [-1.5, -1.0, 0.0, 0.5, 2.0] {
            assert_eq!(slope(step, x), 0.0);
        }
    }
    assert_eq!((slope(|x| x.fract(), 2.0), slope(|x| x.fract(), -0.5)), (1.0, 1.0));
}

// Sums of nothing, and of one.

#[test]
fn an_empty_sum_is_zero_and_an_empty_product_one() {
    let none: [Var; 0] = [];
    assert_eq!(none.iter().sum::<Var>().value(), 0.0);
    assert_eq!(none.into_iter().sum::<Var>().value(), 0.0);
    assert_eq!(none.iter().product::<Var>().value(), 1.0);
    assert_eq!(sum(&none).value(), 0.0);
    assert_eq!(sum_squares(&none).value(), 0.0);
    assert_eq!(dot(&none, &none).value(), 0.0);
    assert_eq!(log_sum_exp(&none).value(), f64::NEG_INFINITY);
    assert_eq!(gradient(|_| none.iter().sum(), &[1.0]), [0.0]);
}

#[test]
fn an_affine_form_without_terms_is_its_bias() {
    let none: [f64; 0] = [];
    let tape = Tape::new();
    let before = tape.vars(&[5.0, 6.0]);
    let bias = tape.var(7.0);
    let y = affine(&[] as &[Var], &none, bias) * 2.0;
    let after = dot(&before, &before);
    assert_eq!(y.value(), 14.0);
    assert_eq!(y.backward().wrt_all(&[before[0], before[1], bias]), [0.0, 0.0, 2.0]);
    assert_eq!((y + after).backward().wrt_all(&before), [10.0, 12.0]);
    assert_eq!(affine(&[] as &[f64], &none, 7.0), 7.0);
}

#[test]
fn constants_among_the_terms_of_a_sum_change_no_derivative() {
    let c = Var::from(10.0);
    assert_eq!(slopes(|x| sum(&[x[0], c, x[1], c]), [1.0, 2.0]), [1.0, 1.0]);
    assert_eq!(slopes(|x| sum_squares(&[x[0], c, x[1]]), [1.0, 2.0]), [2.0, 4.0]);
    assert_eq!(slopes(|x| dot(&[x[0], c, c], &[c, x[1], c]), [1.0, 2.0]), [10.0, 10.0]);
    assert_eq!(slopes(|x| dot(&[x[0], c, x[1]], &[c, c, x[0]]), [1.0, 2.0]), [12.0, 1.0]);
    assert_eq!(slopes(|x| affine(&[x[0], c], &[x[1], c], c), [1.0, 2.0]), [2.0, 1.0]);
    assert_eq!(slopes(|x| affine(&[x[0], c], &[3.0, 4.0], x[1]), [1.0, 2.0]), [3.0, 1.0]);
    let long: Vec<f64> = (0..100).map(f64::from).collect();
    let mixed = |x: &[Var]| {
        let terms = (0..100).map(|i| if i % 7 == 3 { c } else { x[i % 2] });
        dot(terms.collect::<Vec<_>>(), &long)
    };
    let want = |parity: usize| -> f64 {
        (0..100).filter(|i| i % 7 != 3 && i % 2 == parity).map(|i| long[i]).sum()
    };
    assert_eq!(slopes(mixed, [1.0, 2.0]), [want(0), want(1)]);
}

#[test]
fn a_sum_whose_terms_are_recorded_on_the_way_is_right() {
    // The iterator records while the sum is gathered, more terms than fit on the stack.
    let f = |x: &[Var]| sum((0..100).map(|i| x[i % 2] * f64::from(i as u32)));
    assert_eq!(slopes(f, [1.0, 2.0]), [2450.0, 2500.0]);
    let f = |x: &[Var]| sum((0..50).map(|i| sum((0..50).map(|j| x[(i + j) % 2] * x[0]))));
    assert_eq!(slopes(f, [1.0, 2.0]), [1250.0 * 2.0 + 1250.0 * 2.0, 1250.0]);
    let f = |x: &[Var]| dot((0..40).map(|_| x[0] + x[1]), (0..40).map(|_| x[0] * x[1]));
    assert_eq!(slopes(f, [1.0, 2.0]), [40.0 * (2.0 + 6.0), 40.0 * (2.0 + 3.0)]);
}

#[test]
fn a_product_with_a_zero_factor_has_slopes() {
    let f = |x: &[Var]| x.iter().product();
    assert_eq!(slopes(f, [2.0, 0.0, 3.0]), [0.0, 6.0, 0.0]);
    assert_eq!(slopes(f, [0.0, 0.0, 3.0]), [0.0, 0.0, 0.0]);
}

// What belongs to another tape, or to none.

#[test]
fn a_variable_of_another_tape_is_an_error_not_a_number() {
    let (a, b) = (Tape::new(), Tape::new());
    let (x, y) = (a.var(1.0), b.var(2.0));
    let gradient = (x * x).backward();
    assert_eq!(gradient.try_wrt(x), Ok(2.0));
    assert!(gradient.try_wrt(y).is_err());
    assert!(Gradient::new().try_wrt(x).is_err());
}

#[test]
fn a_variable_of_a_dropped_tape_is_no_node_of_the_next() {
    let stale = {
        let tape = Tape::new();
        tape.var(1.0)
    };
    let tape = Tape::new();
    let x = tape.var(3.0);
    assert!((x * x).backward().try_wrt(stale).is_err());
}

#[test]
fn what_an_output_does_not_use_has_slope_zero() {
    assert_eq!(slopes(|x| x[1] * 2.0, [1.0, 2.0, 3.0]), [0.0, 2.0, 0.0]);
    assert_eq!(slopes(|_| Var::from(2.0), [1.0]), [0.0]);
    assert_eq!(slopes(|x| x[2], [1.0, 2.0, 3.0]), [0.0, 0.0, 1.0]);
}

// Digits.

#[test]
fn slopes_in_the_tails_are_not_lost() {
    let close = |got: f64, want: f64| (got / want - 1.0).abs() < 1e-13;
    assert!(close(slope(|x| x.tanh(), 30.0), 4.0 * (-60f64).exp()));
    assert!(close(slope(|x| x.sigmoid(), 50.0), (-50f64).exp()));
    assert!(close(slope(|x| x.softplus(), -50.0), (-50f64).exp()));
    assert_eq!(slope(|x| x.softplus(), 800.0), 1.0);
    assert!(close(slope(|x| x.ln_1p(), 1e-20), 1.0));
    assert!(close(
        slope(|x| x.atanh(), 1.0 - 1e-10),
        1.0 / ((1.0 - (1.0 - 1e-10)) * (2.0 - 1e-10))
    ));
}

#[test]
fn second_derivatives_at_kinks_and_zeros_are_numbers() {
    let second = |f: fn(Var) -> Var, x: f64| hessian(|x| f(x[0]), &[x])[(0, 0)];
    assert_eq!(second(|x| x.abs(), 0.0), 0.0);
    assert_eq!(second(|x| x.relu(), 0.0), 0.0);
    assert_eq!(second(|x| x.max(0.0), 0.0), 0.0);
    assert_eq!(second(|x| x.clamp(0.0, 1.0), 0.0), 0.0);
    assert_eq!(second(|x| x.powi(2), 0.0), 2.0);
    assert_eq!(second(|x| x.powi(1), 0.0), 0.0);
    assert_eq!(second(|x| x.powf(2.0), 0.0), 2.0);
    assert_eq!(second(|x| x * x.abs(), -1.0), -2.0);
}
