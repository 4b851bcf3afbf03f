//! Derivatives of derivatives: what a function captures from outside is a constant to the inner
//! derivative and a variable to the outer one. No perturbation confusion.

use gradtape::{
    Dual, Real, Tape, Var, derivative as d, gradient, hessian, hessian_vector, jacobian,
    nth_derivative, value_and_gradient,
};

#[test]
fn the_classic_example_of_confusion_is_one() {
    // d/dx ( x · d/dy (x + y) at y = 1 ) at x = 1. Confused engines say 2.
    // (Siskind & Pearlmutter, "Nesting forward-mode AD in a functional framework", 2008.)
    assert_eq!(d(|x| x * d(|y| x + y, Var::from(1.0)), 1.0), 1.0);
    // The inner point may be the outer variable itself.
    assert_eq!(d(|x| x * d(|y| x + y, x), 1.0), 1.0);
}

#[test]
fn the_inner_derivative_sees_only_its_own_variable() {
    // d/dx ( x · d/dy (x·y²) at y = 3 ) = d/dx 6x² = 12x.
    assert_eq!(d(|x| x * d(|y| x * y * y, Var::from(3.0)), 2.0), 24.0);
    // At y = x: d/dx ( x · 2x² ) = 6x², and not the derivative of x³ alone.
    assert_eq!(d(|x| x * d(|y| x * y * y, x), 2.0), 24.0);
    // d/dx d/dy (x² y²) at y = x: d/dx 2x³ = 6x².
    assert_eq!(d(|x| d(|y| x * x * y * y, x), 2.0), 24.0);
    // The inner function does not use its variable at all.
    assert_eq!(d(|x| x + d(|_| x * x, x), 2.0), 1.0);
}

#[test]
fn three_levels_keep_apart() {
    // f(x, y, z) = x² y³ z²: d/dx ( d/dy ( d/dz f at z = y ) at y = x ).
    // d/dz f = 2x² y³ z → 2x² y⁴ as a function of y; d/dy = 8x² y³ → 8x⁵; d/dx = 40x⁴.
    let f = |x: Var, y: Var, z: Var| x * x * y.powi(3) * z * z;
    assert_eq!(d(|x| d(|y| d(|z| f(x, y, z), y), x), 2.0), 640.0);
    // At points of their own: d/dz f at 5 = 10 x² y³; d/dy at 3 = 270 x²; d/dx at 2 = 1080.
    let at = |v: f64| Var::from(v);
    assert_eq!(d(|x| d(|y| d(|z| f(x, y, z), at(5.0)), at(3.0)), 2.0), 1080.0);
}

#[test]
fn an_outer_variable_captured_by_an_inner_vector_function_is_differentiated_outside() {
    // g(a) = Σ (d/dw (a·w₀ + w₀·w₁·a²))², at w = (2, 3): (a + 3a²)² + (2a²)².
    let f = |a: &[Var]| {
        let a = a[0];
        let inner = |w: &[Var]| a * w[0] + w[0] * w[1] * a * a;
        let slopes = gradient(inner, &[Var::from(2.0), Var::from(3.0)]);
        slopes[0].square() + slopes[1].square()
    };
    // 2(a + 3a²)(1 + 6a) + 16a³ at a = 1: 2·4·7 + 16.
    assert_eq!(gradient(f, &[1.0]), [72.0]);
}

#[test]
fn value_and_gradient_at_variables_gives_a_value_that_is_connected() {
    let f = |x: &[Var]| {
        let (y, slopes) = value_and_gradient(|z| z[0].powi(3), &[x[0]]);
        y * slopes[0]
    };
    // x³ · 3x² = 3x⁵.
    assert_eq!(gradient(f, &[2.0]), [15.0 * 16.0]);
}

#[test]
fn points_may_mix_variables_and_constants_and_repeat_them() {
    let f = |x: &[Var]| {
        let point = [x[0], Var::from(3.0), x[0], x[1]];
        let slopes = gradient(|z| z[0] * z[1] * z[2] * z[3], &point);
        // yzw, xzw, xyw, xyz
        slopes[0] + slopes[1] * 10.0 + slopes[3] * 100.0
    };
    // With a = x₀, b = x₁: 3ab + 10a²b + 300a².
    assert_eq!(gradient(f, &[2.0, 5.0]), [15.0 + 200.0 + 1200.0, 6.0 + 40.0]);
}

#[test]
fn a_variable_that_leaks_from_one_level_is_a_constant_to_the_next() {
    let g = d(
        |x| {
            let mut leaked = Var::from(0.0);
            let first = d(
                |y| {
                    leaked = y * 2.0;
                    y * y
                },
                x,
            );
            // leaked = 2x, first = 2x: d/dz (leaked·z) at x is 2x; the sum is 4x.
            first + d(|z| leaked * z, x)
        },
        3.0,
    );
    assert_eq!(g, 4.0);
}

#[test]
fn gradients_nest_inside_loops_and_branches() {
    // Newton's iteration for f = y² - x by its own derivative: √x, and d√x/dx = 1/(2√x).
    let root = |x: Var| {
        let mut y = x;
        for _ in 0..20 {
            let f = |y: Var| y * y - x;
            let step = f(y) / d(f, y);
            y -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        y
    };
    approx::assert_relative_eq!(d(root, 2.0), 0.5 / 2f64.sqrt(), max_relative = 1e-14);
}

/// A function of one variable with its `n`-th derivative in closed form.
type Case = (&'static str, fn(Var) -> Var, f64, fn(f64, usize) -> f64);

fn falling(a: f64, n: usize) -> f64 {
    (0..n).map(|k| a - k as f64).product()
}

const CASES: [Case; 9] = [
    ("sin", |x| x.sin(), 0.7, |x, n| [x.sin(), x.cos(), -x.sin(), -x.cos()][n % 4]),
    (
        "cos 2x",
        |x| (x * 2.0).cos(),
        0.7,
        |x, n| {
            let (s, c) = (2.0 * x).sin_cos();
            [c, -s, -c, s][n % 4] * 2f64.powi(n as i32)
        },
    ),
    ("exp", |x| x.exp(), 0.7, |x, _| x.exp()),
    ("exp 3x", |x| (x * 3.0).exp(), 0.4, |x, n| 3f64.powi(n as i32) * (3.0 * x).exp()),
    ("1/x", |x| 1.0 / x, 1.3, |x, n| falling(-1.0, n) * x.powi(-1 - n as i32)),
    ("recip", |x| x.recip(), -1.3, |x, n| falling(-1.0, n) * x.powi(-1 - n as i32)),
    (
        "ln",
        |x| x.ln(),
        1.7,
        |x, n| match n {
            0 => x.ln(),
            _ => falling(-1.0, n - 1) * x.powi(-(n as i32)),
        },
    ),
    ("x^2.5", |x| x.powf(2.5), 1.7, |x, n| falling(2.5, n) * x.powf(2.5 - n as f64)),
    ("sqrt", |x| x.sqrt(), 1.7, |x, n| falling(0.5, n) * x.powf(0.5 - n as f64)),
];

#[test]
fn derivatives_up_to_the_sixth_are_their_closed_forms() {
    for (name, f, x, closed) in CASES {
        for n in 0..=6 {
            let (got, want) = (nth_derivative(f, x, n), closed(x, n));
            assert!((got - want).abs() <= 1e-12 * want.abs(), "{name}, n = {n}: {got} not {want}");
        }
    }
}

#[test]
fn derivatives_of_a_polynomial_are_exact_and_end() {
    // x⁵ - 2x³ + 4x at 2.
    let f = |x: Var| x.powi(5) - x.powi(3) * 2.0 + x * 4.0;
    let want = [24.0, 60.0, 136.0, 228.0, 240.0, 120.0, 0.0, 0.0];
    let by_product = |x: Var| x * x * x * x * x - 2.0 * x * x * x + 4.0 * x;
    for (n, want) in want.into_iter().enumerate() {
        assert_eq!(nth_derivative(f, 2.0, n), want, "n = {n}");
        // Products triple the tape at each order.
        if n <= 5 {
            assert_eq!(nth_derivative(by_product, 2.0, n), want, "n = {n}, as products");
        }
    }
}

#[test]
fn an_nth_derivative_can_be_differentiated_again() {
    // d/dx of the third derivative is the fourth.
    for (name, f, x, closed) in CASES {
        let got = d(|x| nth_derivative(f, x, 3), x);
        let want = closed(x, 4);
        assert!((got - want).abs() <= 1e-12 * want.abs(), "{name}: {got} not {want}");
    }
}

/// Something with every mixed derivative, and several kinds of node.
fn f(x: &[Var]) -> Var {
    let inner = gradtape::dot(x, &[x[1], x[2], x[0]]);
    (x[0] * x[1]).sin() + x[2].exp() / x[0] + inner.powi(2) + gradtape::log_sum_exp(x) * x[1].tanh()
}

const POINT: [f64; 3] = [0.8, -0.6, 1.1];

#[test]
fn the_hessian_is_the_gradient_of_the_gradient() {
    let h = hessian(f, &POINT);
    for i in 0..3 {
        let row = gradient(|x| gradient(f, x)[i], &POINT);
        for j in 0..3 {
            approx::assert_relative_eq!(h[(i, j)], row[j], max_relative = 1e-13);
            approx::assert_relative_eq!(h[(i, j)], h[(j, i)], max_relative = 1e-13);
        }
    }
    // And the Jacobian of the gradient.
    let j = jacobian(|x| gradient(f, x), &POINT);
    approx::assert_relative_eq!(h, j, max_relative = 1e-13);
}

#[test]
fn a_hessian_vector_product_is_the_gradient_of_a_directional_derivative() {
    let v = [0.3, -1.2, 2.0];
    let product = hessian_vector(f, &POINT, &v);
    let along = gradient(|x| gradtape::dot(&gradient(f, x), &v), &POINT);
    approx::assert_relative_eq!(product[..], along[..], max_relative = 1e-13);
}

#[test]
fn a_third_derivative_by_nesting_is_the_slope_of_the_hessian() {
    let third = gradient(|x| gradient(|x| gradient(f, x)[0], x)[1], &POINT)[2];
    let h = 1e-5;
    let moved = |by: f64| {
        let mut x = POINT;
        x[2] += by;
        hessian(f, &x)[(0, 1)]
    };
    let difference = (moved(h) - moved(-h)) / (2.0 * h);
    approx::assert_relative_eq!(third, difference, max_relative = 1e-8);
}

/// A rational function for any real number.
fn rational<S: Real>(x: S) -> S {
    (x * x + 1.0) / (x.exp() - x)
}

#[test]
fn dual_numbers_over_variables_and_over_themselves_agree_with_the_tape() {
    let want = nth_derivative(rational, 0.9, 2);
    // Forward over reverse: a dual number whose parts are variables.
    let tape = Tape::new();
    let x = tape.var(0.9);
    let slope = rational(Dual::new(x, Var::from(1.0))).tangent();
    approx::assert_relative_eq!(slope.backward().wrt(x), want, max_relative = 1e-14);
    // Forward over forward.
    let x = Dual::new(Dual::new(0.9, 1.0), Dual::new(1.0, 0.0));
    approx::assert_relative_eq!(rational(x).tangent().tangent(), want, max_relative = 1e-14);
    // Reverse over a gradient through duals captured from outside.
    let mixed = d(|x| d(|y| rational(Dual::new(x, y)).tangent(), Var::from(1.0)), 0.9);
    approx::assert_relative_eq!(mixed, want, max_relative = 1e-14);
}

// The recorded sweep.

#[test]
fn a_recorded_sweep_gives_the_same_numbers_as_a_plain_one() {
    let tape = Tape::new();
    let x = tape.vars(&POINT);
    let y = f(&x);
    let plain = tape.backward(&[(y, 1.0)]).wrt_all(&x);
    let recorded = tape.backward_recorded(y, &x).expect("there is no custom operation");
    for (r, p) in recorded.iter().zip(&plain) {
        approx::assert_relative_eq!(r.value(), p, max_relative = 1e-15);
    }
    // And again: the second derivatives.
    let h = hessian(f, &POINT);
    for (i, r) in recorded.iter().enumerate() {
        approx::assert_relative_eq!(*r.backward().wrt_all(&x), *h.row(i), max_relative = 1e-13);
    }
}

#[test]
fn a_recorded_sweep_takes_intermediate_nodes_in_any_order() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let h = x * x;
    let y = h * h * x; // x⁵
    let slopes = tape.backward_recorded(y, &[h, x, y, h]).expect("there is no custom operation");
    let values: Vec<f64> = slopes.iter().map(|s| s.value()).collect();
    // ∂y/∂h = 2hx, dy/dx = 5x⁴, ∂y/∂y = 1.
    assert_eq!(values, [54.0, 405.0, 1.0, 54.0]);
    // d(2hx)/dx = 6x², through h too.
    assert_eq!(slopes[0].backward().wrt(x), 54.0);
    assert_eq!(slopes[1].backward().wrt(x), 540.0);
}

#[test]
fn a_recorded_sweep_from_what_does_not_depend_gives_constant_zeros() {
    let tape = Tape::new();
    let (x, y) = (tape.var(1.0), tape.var(2.0));
    let zeros = |slopes: Vec<Var>| slopes.iter().all(|s| s.is_constant() && s.value() == 0.0);
    let recorded = |output, wrt: &[Var]| {
        tape.backward_recorded(output, wrt).expect("there is no custom operation")
    };
    assert!(zeros(recorded(x * x, &[y])));
    assert!(zeros(recorded(x, &[y])));
    assert!(zeros(recorded(Var::from(2.0), &[x, y])));
    assert!(recorded(x * y, &[]).is_empty());
}

#[test]
fn a_recorded_sweep_after_a_rewind_is_right() {
    let tape = Tape::new();
    let w = tape.var(2.0);
    let mark = tape.mark();
    for x in [1.0, 2.0, 3.0] {
        let loss = (w * x).powi(3);
        let slope = tape.backward_recorded(loss, &[w]).expect("there is no custom operation")[0];
        assert_eq!(slope.value(), 3.0 * 4.0 * x * x * x);
        assert_eq!(slope.backward().wrt(w), 6.0 * 2.0 * x * x * x);
        tape.rewind(mark);
    }
    // Nested gradients with parameters from before the mark.
    let curvature = d(|z| d(|y| (y * w).exp(), z), w);
    approx::assert_relative_eq!(curvature.value(), 4.0 * 4f64.exp(), max_relative = 1e-15);
}

#[test]
fn a_gradient_has_the_shape_of_its_point() {
    let f = |x: &[Var]| x[0] * x[1];
    let _: [f64; 2] = gradient(f, &[3.0, 4.0]);
    let _: Vec<f64> = gradient(f, &vec![3.0, 4.0]);
    let point: &[f64] = &[3.0, 4.0];
    let slopes: Vec<f64> = gradient(f, point);
    assert_eq!(slopes, gradient(f, &point));
    assert_eq!(slopes, [4.0, 3.0]);
    let recorded = |x: &[Var]| -> Var {
        let [a, b]: [Var; 2] = gradient(f, &[x[0], x[1]]);
        let also: Vec<Var> = gradient(f, x);
        a * b * also[0]
    };
    assert_eq!(gradient(recorded, &[3.0, 4.0]), [16.0, 24.0]);
    // A constant, and an input that nothing depends on.
    assert_eq!(gradient(|_| Var::from(1.0), &[1.0, 2.0]), [0.0, 0.0]);
    assert_eq!(gradient(|x| x[0], &[1.0, 2.0, 3.0]), [1.0, 0.0, 0.0]);
    assert_eq!(hessian_vector(|x| x[0].square(), &[1.0, 2.0], &[1.0, 1.0]), [2.0, 0.0]);
    assert_eq!(gradtape::vjp(|x| x[0], &[1.0, 2.0], &[3.0]), (vec![1.0], [3.0, 0.0]));
}

#[test]
fn a_function_that_fails_leaves_nothing_behind() {
    use gradtape::{try_gradient, try_value_and_gradient};
    let f = |x: &[Var]| if x[0] > 0.0 { Ok(x[0].ln()) } else { Err("not positive") };
    for _ in 0..3 {
        assert_eq!(try_gradient(f, &[-1.0]), Err("not positive"));
        assert_eq!(try_value_and_gradient(f, &[1.0]), Ok((0.0, [1.0])));
    }
    // Nested, the error comes through, and the outer tape goes on recording.
    let tape = Tape::new();
    let x = tape.var(2.0);
    assert_eq!(try_gradient(f, &[-x]).err(), Some("not positive"));
    let slope = try_gradient(f, &[x]).unwrap()[0];
    assert_eq!(slope.backward().wrt(x), -0.25);
    // The outer function may pass the inner error on: d/dx (x · 1/x) = 0.
    let outer = |x: &[Var]| Ok::<Var, &str>(x[0] * try_gradient(f, &[x[0]])?[0]);
    assert_eq!(try_gradient(outer, &[5.0]), Ok([0.0]));
}
