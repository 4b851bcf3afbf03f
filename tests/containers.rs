//! A variable goes wherever a number goes: into the containers of other crates, structs of the user's
//! own, code written for `num_traits`, and the comparisons of `approx`.

use approx::{
    AbsDiffEq, RelativeEq, UlpsEq, abs_diff_eq, assert_abs_diff_eq, assert_relative_eq,
    assert_ulps_eq, relative_eq, ulps_eq,
};
use gradtape::{Dual, Gradient, Real, Tape, Var, gradient, jacobian};
use std::collections::HashMap;

mod with_nalgebra {
    use super::*;
    use nalgebra::{DMatrix, Matrix2, Vector2};

    #[test]
    fn a_small_matrix_times_a_vector_is_differentiated() {
        // y = A x; Σ y² has the gradient 2 Aᵀ A x with respect to x and 2 y xᵀ to A.
        let tape = Tape::new();
        let a = Matrix2::new(1.0, 2.0, 3.0, 4.0).map(|v| tape.var(v));
        let x = Vector2::new(5.0, 6.0).map(|v| tape.var(v));
        let y = a * x;
        assert_eq!(y.map(Var::value), Vector2::new(17.0, 39.0));
        let loss = y[0] * y[0] + y[1] * y[1];
        let slopes = loss.backward();
        assert_eq!(x.map(|v| slopes.wrt(v)), Vector2::new(268.0, 380.0));
        assert_eq!(a.map(|v| slopes.wrt(v)), Matrix2::new(170.0, 204.0, 390.0, 468.0));
        assert_eq!(tape.guards(), [], "a product does not branch");
    }

    #[test]
    fn matrices_of_any_size_multiply_add_and_transpose() {
        let tape = Tape::new();
        let a = DMatrix::from_fn(7, 5, |i, j| tape.var((i * 5 + j) as f64 * 0.1));
        let b = DMatrix::from_fn(5, 7, |i, j| Var::from((i + j) as f64));
        let trace = (&a * &b + a.clone() * b).trace();
        let slopes = trace.backward();
        // d trace(2 A B) / dA = 2 Bᵀ
        assert!(a.iter().enumerate().all(|(k, &v)| {
            let (i, j) = (k % 7, k / 7);
            slopes.wrt(v) == 2.0 * (i + j) as f64
        }));
        assert_eq!(
            (a.transpose() * &a)[(0, 1)].value(),
            (0..7).map(|i| a[(i, 0)].value() * a[(i, 1)].value()).fold(0.0, |t, p| t + p)
        );
    }
}

mod with_ndarray {
    use super::*;
    use ndarray::{Array1, Array2, arr1, arr2};

    #[test]
    fn a_matrix_times_a_vector_is_differentiated() {
        let tape = Tape::new();
        let a: Array2<Var> = arr2(&[[1.0, 2.0], [3.0, 4.0]]).mapv(|v| tape.var(v));
        let x: Array1<Var> = arr1(&[5.0, 6.0]).mapv(|v| tape.var(v));
        let y = a.dot(&x);
        assert_eq!(y.mapv(Var::value), arr1(&[17.0, 39.0]));
        let slopes = y.dot(&y).backward();
        assert_eq!(x.mapv(|v| slopes.wrt(v)), arr1(&[268.0, 380.0]));
        assert_eq!(a.mapv(|v| slopes.wrt(v)), arr2(&[[170.0, 204.0], [390.0, 468.0]]));
        assert_eq!(tape.guards(), [], "a product does not branch");
    }

    #[test]
    fn sums_products_and_broadcasts_are_differentiated() {
        let tape = Tape::new();
        let x = Array1::from_iter((1..=20).map(|i| tape.var(f64::from(i))));
        let y = (&x * &x + &x).sum() + x.iter().sum::<Var>();
        let slopes = y.backward();
        assert!(x.iter().all(|&v| slopes.wrt(v) == 2.0 * v.value() + 2.0));
        let m = Array2::from_shape_fn((3, 20), |(i, j)| x[j] * (i as f64));
        let columns = m.sum_axis(ndarray::Axis(0)).product();
        let slopes = columns.backward();
        // Π 3xⱼ
        let product: f64 = (1..=20).map(|i| 3.0 * f64::from(i)).product();
        assert_relative_eq!(slopes.wrt(x[4]), product / 5.0, max_relative = 1e-14);
    }
}

#[test]
fn standard_collections_hold_variables() {
    let tape = Tape::new();
    let mut named: HashMap<&str, Var> = HashMap::new();
    named.insert("w", tape.var(2.0));
    named.insert("b", tape.var(3.0));
    let boxed: Box<[Var]> = vec![named["w"]; 3].into();
    let y: Var = boxed.iter().product::<Var>() + named["b"];
    assert_eq!(y.backward().wrt(named["w"]), 12.0);
}

/// A line of the user's own, for any real number.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Line<S> {
    slope: S,
    intercept: S,
}

impl<S: Real> Line<S> {
    fn at(self, x: f64) -> S {
        self.slope * x + self.intercept
    }

    fn loss(self, data: &[(f64, f64)]) -> S {
        gradtape::sum_squares(data.iter().map(|&(x, y)| self.at(x) - y))
    }
}

#[test]
fn a_struct_for_any_real_number_works_on_each() {
    let data = [(0.0, 1.0), (1.0, 3.0), (2.0, 6.0)];
    let (slope, intercept) = (2.0, 0.5);
    assert_eq!(Line { slope, intercept }.loss(&data), 0.25 + 0.25 + 2.25);
    let grad = gradient(|p| Line { slope: p[0], intercept: p[1] }.loss(&data), &[slope, intercept]);
    assert_eq!(grad, [-7.0, -5.0]);
    let line = Line { slope: Dual::new(slope, 1.0), intercept: Dual::from(intercept) };
    assert_eq!(line.loss(&data).tangent(), -7.0);
}

/// Horner's scheme, written for `num_traits`.
fn horner<T: num_traits::Num + Copy>(coefficients: &[T], x: T) -> T {
    coefficients.iter().rev().fold(T::zero(), |sum, &c| sum * x + c)
}

/// A statistic, written for `num_traits::Float`.
fn standard_deviation<T: num_traits::Float + std::iter::Sum>(x: &[T]) -> T {
    let n = T::from(x.len()).expect("a length is a number");
    let mean = x.iter().copied().sum::<T>() / n;
    (x.iter().map(|&x| (x - mean).powi(2)).sum::<T>() / (n - T::one())).sqrt()
}

#[test]
fn code_for_num_traits_is_differentiated() {
    let f = |x: &[Var]| horner(&[1.0.into(), 2.0.into(), 3.0.into()], x[0]);
    assert_eq!(gradient(f, &[2.0]), [2.0 + 12.0]);
    let x = [1.0, 2.0, 4.0, 8.0];
    let sd = standard_deviation(&x);
    // ∂sd/∂xᵢ = (xᵢ - mean) / ((n - 1) sd)
    let want: Vec<f64> = x.iter().map(|x| (x - 3.75) / (3.0 * sd)).collect();
    assert_relative_eq!(
        gradient(standard_deviation::<Var>, &x)[..],
        want[..],
        max_relative = 1e-14
    );
    let duals = [1.0, 2.0, 4.0, 8.0].map(|v| Dual::new(v, f64::from(u8::from(v == 8.0))));
    assert_relative_eq!(standard_deviation(&duals).tangent(), want[3], max_relative = 1e-14);
}

#[test]
fn constants_of_num_traits_are_constants() {
    use num_traits::{Bounded, Float, FloatConst, FromPrimitive, Num, NumCast, One, Zero};
    let constants = [
        Var::PI(),
        Var::E(),
        <Var as Zero>::zero(),
        <Var as One>::one(),
        <Var as Float>::epsilon(),
        <Var as Bounded>::max_value(),
        Var::from_f64(2.0).expect("it is a number"),
        <Var as NumCast>::from(3).expect("it is a number"),
        Var::from_str_radix("2.5", 10).expect("it is a number"),
    ];
    assert!(constants.iter().all(|c| c.is_constant()));
    assert_eq!(constants[8].value(), 2.5);
}

/// The three macros of `approx` on something equal, nearly equal and different.
fn approximates<T>(a: &T, same: &T, near: &T, far: &T)
where
    T: AbsDiffEq<Epsilon: From<f64> + Copy> + RelativeEq + UlpsEq + std::fmt::Debug + ?Sized,
{
    let is = <T::Epsilon as From<f64>>::from;
    assert_abs_diff_eq!(*a, *same);
    assert_relative_eq!(*a, *same);
    assert_ulps_eq!(*a, *same);
    assert_abs_diff_eq!(*a, *near, epsilon = is(1e-6));
    assert_relative_eq!(*a, *near, max_relative = is(1e-6));
    assert_ulps_eq!(*a, *near, max_ulps = 1_000_000_000);
    assert!(!abs_diff_eq!(*a, *near, epsilon = is(1e-12)));
    assert!(!relative_eq!(*a, *near, epsilon = is(0.0), max_relative = is(1e-12)));
    assert!(!ulps_eq!(*a, *near, epsilon = is(0.0), max_ulps = 4));
    assert!(!abs_diff_eq!(*a, *far, epsilon = is(1e-6)));
    assert!(!relative_eq!(*a, *far, max_relative = is(1e-6)));
    assert!(!ulps_eq!(*a, *far, max_ulps = 1_000_000_000));
}

const NEAR: f64 = 2.000_000_01;

#[test]
fn approx_compares_variables_and_duals_by_value() {
    let tape = Tape::new();
    let other = Tape::new();
    let (a, same) = (tape.var(2.0), other.var(2.0));
    approximates(&a, &same, &Var::from(NEAR), &tape.var(3.0));
    assert_eq!(tape.guards(), [], "an approximate comparison is no branch");
    let dual = |v: f64| Dual::new(v, 7.0);
    approximates(&dual(2.0), &Dual::new(2.0, 8.0), &dual(NEAR), &dual(3.0));
}

#[test]
fn approx_compares_slices_of_variables_and_duals_entry_by_entry() {
    fn all<T>(a: T, same: T, near: T, far: T)
    where
        T: Copy + std::fmt::Debug + AbsDiffEq<Epsilon = T> + RelativeEq + UlpsEq + From<f64>,
    {
        approximates(&[a, a][..], &[a, same][..], &[a, near][..], &[a, far][..]);
        assert_relative_eq!(&vec![a, same][..], &[same, a][..]);
        assert!(!abs_diff_eq!([a, a][..], [a][..], epsilon = T::from(1e9)), "of different lengths");
    }
    let tape = Tape::new();
    let [a, far] = [2.0, 3.0].map(|x| tape.var(x));
    all(a, Tape::new().var(2.0), Var::from(NEAR), far);
    assert_eq!(tape.guards(), [], "an approximate comparison is no branch");
    all(Dual::new(2.0, 7.0), Dual::new(2.0, 8.0), Dual::new(NEAR, 7.0), Dual::new(3.0, 7.0));
}

#[test]
fn approx_compares_gradients_entry_by_entry() {
    let of = |slope: f64| -> Gradient {
        let tape = Tape::new();
        let x = tape.var(1.0);
        (x * slope).backward()
    };
    approximates(&of(2.0), &of(2.0), &of(NEAR), &of(3.0));
    let tape = Tape::new();
    let y = tape.var(1.0) * 2.0 + 0.0;
    assert!(!abs_diff_eq!(y.backward(), of(2.0), epsilon = 1e9), "of different lengths");
}

#[test]
fn approx_compares_jacobians_of_one_shape_entry_by_entry() {
    let of = |slope: f64| jacobian(|x| [x[0] * slope, x[1] * 2.0], &[1.0, 1.0]);
    approximates(&of(2.0), &of(2.0), &of(NEAR), &of(3.0));
    let wide = jacobian(|x| x[0] * 2.0 + x[1], &[1.0, 1.0]);
    let tall = jacobian(|x| [x[0] * 2.0, x[0]], &[1.0]);
    assert_eq!(wide.as_slice(), tall.as_slice());
    assert!(wide != tall && !abs_diff_eq!(wide, tall, epsilon = 1e9));
}
