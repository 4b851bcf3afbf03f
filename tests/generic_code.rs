//! Code of other crates that is generic over `num_traits` runs on variables as it is: complex numbers, Fourier
//! transforms, geometry, test functions of optimization. Gradients are held against closed forms, or against the
//! derivatives that those crates have themselves.

mod common {
    pub mod numeric;
}

use argmin_testfunctions as functions;
use common::numeric::close;
use gradtape::{Dual, Real, Tape, Var, gradient, hessian};
use num_complex::Complex;
use rustfft::FftPlanner;
use std::f64::consts::TAU;

/// A function of variables, and its gradient and Hessian on numbers.
type Known<const N: usize> =
    (&'static str, fn(&[Var]) -> Var, fn(&[f64; N]) -> Vec<f64>, fn(&[f64; N]) -> Vec<Vec<f64>>);

/// The functions of a crate by their names: `of` makes of a slice what they take.
macro_rules! known {
    ($N:literal, $of:expr; $($f:ident $derivative:ident $hessian:ident)*) => {
        [$((
            stringify!($f),
            |x: &[Var]| functions::$f($of(x)),
            |x: &[f64; $N]| functions::$derivative(x).to_vec(),
            |x: &[f64; $N]| functions::$hessian(x).iter().map(|row| row.to_vec()).collect(),
        )),*]
    };
}

#[track_caller]
fn holds<const N: usize>(known: &[Known<N>], points: &[[f64; N]]) {
    for (name, f, derivative, second) in known {
        for point in points {
            close(&gradient(*f, point), &derivative(point), 1e-12, name);
            let expected = second(point).concat();
            close(hessian(*f, point).as_slice(), &expected, 1e-11, name);
        }
    }
}

#[test]
fn objectives_of_argmin_have_the_derivatives_that_their_crate_gives() {
    fn pair(x: &[Var]) -> &[Var; 2] {
        x.try_into().expect("two")
    }
    fn all(x: &[Var]) -> &[Var] {
        x
    }
    let of_two: [Known<2>; 9] = known! { 2, pair;
        beale beale_derivative beale_hessian
        booth booth_derivative booth_hessian
        goldsteinprice goldsteinprice_derivative goldsteinprice_hessian
        himmelblau himmelblau_derivative himmelblau_hessian
        matyas matyas_derivative matyas_hessian
        mccormick mccormick_derivative mccormick_hessian
        schaffer_n2 schaffer_n2_derivative schaffer_n2_hessian
        threehumpcamel threehumpcamel_derivative threehumpcamel_hessian
        easom easom_derivative easom_hessian
    };
    holds(&of_two, &[[0.3, -0.7], [1.5, 2.5], [3.0, 2.2]]);
    let of_many: [Known<4>; 5] = known! { 4, all;
        ackley ackley_derivative ackley_hessian
        rastrigin rastrigin_derivative rastrigin_hessian
        rosenbrock rosenbrock_derivative rosenbrock_hessian
        sphere sphere_derivative sphere_hessian
        styblinski_tang styblinski_tang_derivative styblinski_tang_hessian
    };
    holds(&of_many, &[[0.3, -0.7, 1.1, 2.0], [-1.5, 0.4, 0.9, -0.2]]);
}

#[test]
fn complex_numbers_obey_the_equations_of_cauchy_and_riemann() {
    type Holomorphic = fn(Complex<Var>) -> Complex<Var>;
    type Slope = fn(Complex<f64>) -> Complex<f64>;
    let functions: [(&str, Holomorphic, Slope); 8] = [
        ("z³", |z| z.powu(3), |z| z.powu(2) * 3.0),
        ("1/z", |z| z.inv(), |z| -z.powi(-2)),
        ("exp", |z| z.exp(), |z| z.exp()),
        ("ln", |z| z.ln(), |z| z.inv()),
        ("sqrt", |z| z.sqrt(), |z| (z.sqrt() * 2.0).inv()),
        ("sin", |z| z.sin(), |z| z.cos()),
        ("tanh", |z| z.tanh(), |z| z.cosh().powi(-2)),
        ("exp(z) / z", |z| z.exp() / z, |z| z.exp() * (z - 1.0) / (z * z)),
    ];
    for (name, f, slope) in functions {
        for z in [Complex::new(0.7, 0.4), Complex::new(1.2, -2.0)] {
            let point = [z.re, z.im];
            let real = gradient(|x| f(Complex::new(x[0], x[1])).re, &point);
            let imaginary = gradient(|x| f(Complex::new(x[0], x[1])).im, &point);
            let d = slope(z);
            close(&real, &[d.re, -d.im], 1e-13, name);
            close(&imaginary, &[d.im, d.re], 1e-13, name);
        }
    }
}

/// What a spectrum weighs: `Σₖ wₖ |Xₖ|²`, `X` being the Fourier transform of a signal.
fn weighed<S: Real + rustfft::FftNum>(signal: &[S], weights: &[f64]) -> S {
    let mut spectrum: Vec<Complex<S>> =
        signal.iter().map(|&x| Complex::new(x, S::from(0.0))).collect();
    FftPlanner::new().plan_fft_forward(spectrum.len()).process(&mut spectrum);
    spectrum.iter().zip(weights).map(|(x, &w)| x.norm_sqr() * w).sum()
}

#[test]
fn the_gradient_of_a_spectrum_is_an_inverse_transform() {
    // By powers of two and three, mixed, and of a prime, for which other algorithms are taken.
    for n in [1, 2, 8, 12, 27, 60, 64, 97] {
        let signal: Vec<f64> = (0..n).map(|j| (j as f64 * 0.7).sin() + 0.1).collect();
        let weights: Vec<f64> = (0..n).map(|k| 1.0 / (1.0 + k as f64)).collect();
        let tape = Tape::new();
        let x = tape.vars(&signal);
        let slopes = weighed(&x, &weights).backward();
        assert_eq!(tape.guards(), [], "a transform does not branch");
        // ∂/∂xⱼ = 2 Re Σₖ wₖ Xₖ exp(2πi jk / n), with X by its definition.
        let turn =
            |j: usize, k: usize| Complex::from_polar(1.0, TAU * (j * k % n) as f64 / n as f64);
        let spectrum: Vec<Complex<f64>> =
            (0..n).map(|k| (0..n).map(|j| turn(j, k).conj() * signal[j]).sum()).collect();
        let slope = |j| (0..n).map(|k| (spectrum[k] * turn(j, k)).re * 2.0 * weights[k]).sum();
        let expected: Vec<f64> = (0..n).map(slope).collect();
        close(&slopes.wrt_all(&x), &expected, 1e-12, &format!("{n} samples"));
        let moving: Vec<Dual> = signal.iter().map(|&x| Dual::new(x, 1.0)).collect();
        let total: f64 = expected.iter().sum();
        close(&[weighed(&moving, &weights).tangent()], &[total], 1e-12, "dual numbers");
    }
}

#[test]
fn points_turn_about_a_point_with_the_slopes_of_the_formula() {
    use euclid::default::{Point2D, Transform2D, Vector2D};
    // euclid's own rotations ask for its trait `Trig`, which it has for plain numbers.
    let turned = |p: &[Var]| {
        let (sin, cos) = p[0].sin_cos();
        let zero = Var::from(0.0);
        let about = Transform2D::translation(-p[1], -p[2])
            .then(&Transform2D::new(cos, sin, -sin, cos, zero, zero))
            .then_translate(Vector2D::new(p[1], p[2]));
        about.transform_point(Point2D::new(Var::from(2.0), Var::from(1.0)))
    };
    let (angle, a, b) = (0.3_f64, 0.5, -0.4);
    let (sin, cos) = angle.sin_cos();
    let (x, y) = (2.0 - a, 1.0 - b);
    let of_x = [-sin * x - cos * y, 1.0 - cos, sin];
    let of_y = [cos * x - sin * y, -sin, 1.0 - cos];
    close(&gradient(|p| turned(p).x, &[angle, a, b]), &of_x, 1e-15, "x");
    close(&gradient(|p| turned(p).y, &[angle, a, b]), &of_y, 1e-15, "y");
}
