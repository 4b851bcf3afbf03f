// What arrays of variables do, in one version of ndarray.

use super::numeric::{close, same_bits};
use gradtape::{Dual, Gradient, Tape, Var};
use library::linalg::{general_mat_mul, general_mat_vec_mul, kron};
use library::{
    Array, Array1, Array2, ArrayBase, Axis, Data, Dimension, LinalgScalar, ScalarOperand, Zip,
    arr1, s,
};

fn numbers(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 7 + j * 3 + 2) as f64).sin() + 1.5)
}

fn recorded<D: Dimension>(tape: &Tape, a: &Array<f64, D>) -> Array<Var, D> {
    a.mapv(|x| tape.var(x))
}

/// `Σ wᵢ yᵢ`
fn weighed<S: Data<Elem = Var>, D: Dimension>(y: &ArrayBase<S, D>, w: &Array<f64, D>) -> Var {
    y.iter().zip(w).map(|(&y, &w)| y * w).sum()
}

#[track_caller]
fn slopes_are<D: Dimension>(
    of: &Gradient,
    x: &Array<Var, D>,
    expected: &Array<f64, D>,
    what: &str,
) {
    let found: Vec<f64> = x.iter().map(|&x| of.wrt(x)).collect();
    let expected: Vec<f64> = expected.iter().copied().collect();
    close(&found, &expected, 1e-12, what);
}

/// A name, what is done to an array with a number, and the slopes of the entries and of the number.
type Factor = (
    &'static str,
    fn(&Array2<Var>, Var) -> Array2<Var>,
    fn(f64, f64) -> f64,
    fn(f64, f64) -> (f64, f64),
);

#[test]
fn a_variable_is_a_factor_of_an_array() {
    let cases: [Factor; 8] = [
        ("a * s", |a, s| a * s, |a, s| a * s, |a, s| (s, a)),
        ("a / s", |a, s| a / s, |a, s| a / s, |a, s| (1.0 / s, -a / (s * s))),
        ("a + s", |a, s| a + s, |a, s| a + s, |_, _| (1.0, 1.0)),
        ("a - s", |a, s| a.clone() - s, |a, s| a - s, |_, _| (1.0, -1.0)),
        ("a % s", |a, s| a % s, |a, s| a % s, |a, s| (1.0, -(a / s).trunc())),
        (
            "a *= s",
            |a, s| {
                let mut a = a.clone();
                a *= s;
                a
            },
            |a, s| a * s,
            |a, s| (s, a),
        ),
        (
            "a /= s",
            |a, s| {
                let mut a = a.clone();
                a /= s;
                a
            },
            |a, s| a / s,
            |a, s| (1.0 / s, -a / (s * s)),
        ),
        ("a * 2.0 - 1.0", |a, _| a * 2.0 - 1.0, |a, _| a * 2.0 - 1.0, |_, _| (2.0, 0.0)),
    ];
    let (a, w, s) = (numbers(3, 4), numbers(4, 3).reversed_axes(), 0.7);
    for (what, f, plain, slopes) in cases {
        let tape = Tape::new();
        let (x, factor) = (recorded(&tape, &a), tape.var(s));
        let y = f(&x, factor);
        assert!(y.iter().zip(&a).all(|(y, &a)| same_bits(y.value(), plain(a, s))), "{what}");
        let gradient = weighed(&y, &w).backward();
        slopes_are(
            &gradient,
            &x,
            &Zip::from(&a).and(&w).map_collect(|&a, w| w * slopes(a, s).0),
            what,
        );
        let of_factor = Zip::from(&a).and(&w).fold(0.0, |sum, &a, w| sum + w * slopes(a, s).1);
        close(&[gradient.wrt(factor)], &[of_factor], 1e-12, what);
        assert_eq!(tape.guards(), [], "{what}");
    }
    let moving = a.mapv(|a| Dual::new(a, 1.0)) * Dual::new(s, 10.0);
    assert!(moving.iter().zip(&a).all(|(y, &a)| (y.tangent() - (s + 10.0 * a)).abs() < 1e-14));
}

#[test]
fn arrays_combine_with_each_other_and_with_plain_arrays_on_the_right() {
    let (a, b, w) = (numbers(3, 4), numbers(3, 4) + 0.25, numbers(3, 4) * 0.5);
    let tape = Tape::new();
    let (x, y) = (recorded(&tape, &a), recorded(&tape, &b));
    let gradient = weighed(&(&x * &y + &x - &y / &x), &w).backward();
    slopes_are(&gradient, &x, &(&w * &(&b + 1.0 + &b / &(&a * &a))), "x");
    slopes_are(&gradient, &y, &(&w * &(&a - &(1.0 / &a))), "y");
    // Numbers on the right are data of the nodes.
    let before = tape.len();
    let gradient = weighed(&(&x * &b - &b), &w).backward();
    assert_eq!(
        tape.len() - before,
        2 * 12 + 12 + 1,
        "products, differences, and the sum with its weights"
    );
    slopes_are(&gradient, &x, &(&w * &b), "by plain");
    // Broadcasts, pieces, and changes in place.
    let row = recorded(&tape, &arr1(&[1.0, 2.0, 3.0, 4.0]));
    let mut sum = &x + &row;
    sum.scaled_add(Var::from(2.0), &y);
    sum.slice_mut(s![.., 1..;2]).mapv_inplace(|x| x * x);
    let gradient = weighed(&sum, &w).backward();
    let plain = &a + &row.mapv(Var::value) + &b * 2.0;
    let outer = Array2::from_shape_fn((3, 4), |(i, j)| {
        if j % 2 == 1 { w[(i, j)] * 2.0 * plain[(i, j)] } else { w[(i, j)] }
    });
    slopes_are(&gradient, &x, &outer, "in place");
    slopes_are(&gradient, &y, &(&outer * 2.0), "scaled");
    slopes_are(&gradient, &row, &outer.sum_axis(Axis(0)), "broadcast");
}

#[test]
fn products_of_every_shape_have_the_slopes_of_matrix_calculus() {
    // uᵀ A B v
    let (a, b) = (numbers(3, 5), numbers(4, 5) + 0.5);
    let (u, v) = (numbers(1, 3).row(0).to_owned(), numbers(1, 4).row(0).to_owned());
    let tape = Tape::new();
    let (ra, rb) = (recorded(&tape, &a), recorded(&tape, &b));
    let (ru, rv) = (recorded(&tape, &u), recorded(&tape, &v));
    let bt = b.t();
    let outer = |x: &Array1<f64>, y: &Array1<f64>| {
        Array2::from_shape_fn((x.len(), y.len()), |(i, j)| x[i] * y[j])
    };
    let by_left = ru.dot(&ra).dot(&rb.t()).dot(&rv);
    let by_right = ru.dot(&ra.dot(&rb.t().dot(&rv)));
    let by_both = ru.dot(&ra.dot(&rb.t())).dot(&rv);
    for (what, y) in
        [("from the left", by_left), ("from the right", by_right), ("from the middle", by_both)]
    {
        let gradient = y.backward();
        slopes_are(&gradient, &ra, &outer(&u, &bt.dot(&v)), what);
        slopes_are(&gradient, &rb, &outer(&v, &u.dot(&a)), what);
        slopes_are(&gradient, &ru, &a.dot(&bt).dot(&v), what);
        slopes_are(&gradient, &rv, &b.dot(&a.t().dot(&u)), what);
    }
    assert_eq!(tape.guards(), [], "a product does not branch");
    // C ← α A Bᵀ + β C, and a vector likewise: each asks whether β is 0.
    let (c, w) = (numbers(3, 4), numbers(3, 4) - 0.5);
    let (rc, alpha, beta) = (recorded(&tape, &c), tape.var(0.7), tape.var(-0.3));
    let mut out = rc.clone();
    general_mat_mul(alpha, &ra, &rb.t(), beta, &mut out);
    let gradient = weighed(&out, &w).backward();
    slopes_are(&gradient, &ra, &(w.dot(&b) * 0.7), "general_mat_mul");
    slopes_are(&gradient, &rb, &(w.t().dot(&a) * 0.7), "general_mat_mul");
    slopes_are(&gradient, &rc, &(&w * -0.3), "general_mat_mul");
    close(&[gradient.wrt(alpha)], &[(&w * &a.dot(&bt)).sum()], 1e-12, "general_mat_mul");
    let mut out = ru.clone();
    general_mat_vec_mul(alpha, &ra.dot(&rb.t()), &rv, beta, &mut out);
    let gradient = out.sum().backward();
    slopes_are(&gradient, &ru, &Array1::from_elem(3, -0.3), "general_mat_vec_mul");
    slopes_are(&gradient, &rv, &(a.dot(&bt).sum_axis(Axis(0)) * 0.7), "general_mat_vec_mul");
    let gradient = kron(&ra, &rb).sum().backward();
    slopes_are(&gradient, &ra, &Array2::from_elem((3, 5), b.sum()), "kron");
    assert_eq!(tape.guards().len(), 2, "one for each β");
}

#[test]
fn statistics_have_the_slopes_of_their_formulas() {
    let a = numbers(4, 3);
    let (n, mean) = (12.0, a.mean().expect("not empty"));
    let tape = Tape::new();
    let x = recorded(&tape, &a);
    let each = |f: &dyn Fn(f64) -> f64| a.mapv(f);
    let var = a.var(1.0);
    let cases: [(&str, Var, Array2<f64>); 6] = [
        ("sum", x.sum(), each(&|_| 1.0)),
        ("mean", x.mean().expect("not empty"), each(&|_| 1.0 / n)),
        ("product", x.product(), each(&|x| a.product() / x)),
        ("var", x.var(Var::from(1.0)), each(&|x| 2.0 * (x - mean) / (n - 1.0))),
        ("std", x.std(Var::from(1.0)), each(&|x| (x - mean) / ((n - 1.0) * var.sqrt()))),
        ("fold", x.fold(Var::from(0.0), |sum, &x| sum + x.exp()), each(&f64::exp)),
    ];
    for (what, y, expected) in cases {
        slopes_are(&y.backward(), &x, &expected, what);
    }
    let w = arr1(&[0.5, -1.0, 2.0]);
    let along = |w: &Array1<f64>, f: &dyn Fn(usize, usize) -> f64| {
        Array2::from_shape_fn((4, 3), |(i, j)| w[j] * f(i, j))
    };
    let means = a.mean_axis(Axis(0)).expect("not empty");
    let cases: [(&str, Array1<Var>, Array2<f64>); 3] = [
        ("sum_axis", x.sum_axis(Axis(0)), along(&w, &|_, _| 1.0)),
        ("mean_axis", x.mean_axis(Axis(0)).expect("not empty"), along(&w, &|_, _| 0.25)),
        (
            "var_axis",
            x.var_axis(Axis(0), Var::from(0.0)),
            along(&w, &|i, j| (a[(i, j)] - means[j]) / 2.0),
        ),
    ];
    for (what, y, expected) in cases {
        slopes_are(&weighed(&y, &w).backward(), &x, &expected, what);
    }
}

#[test]
fn plain_matrices_become_constants_which_record_nothing() {
    let (a, x) = (numbers(3, 4), numbers(1, 4).row(0).to_owned());
    let tape = Tape::new();
    let x = recorded(&tape, &x);
    let before = tape.len();
    let square = a.mapv(Var::from).dot(&a.t().mapv(Var::from));
    assert!(square.iter().all(|y| y.is_constant()));
    assert_eq!(tape.len(), before, "constants alone");
    let y = a.mapv(Var::from).dot(&x);
    // Each entry: products, their sum from 0, and ndarray's factor 1.
    assert_eq!(tape.len() - before, 3 * (4 + 4 + 1));
    assert!(tape.nodes().skip(before).all(|node| !node.is_leaf()), "the data are no nodes");
    let w = arr1(&[1.0, -2.0, 0.5]);
    slopes_are(&weighed(&y, &w).backward(), &x, &a.t().dot(&w), "data times variables");
}

#[test]
fn code_that_is_generic_over_the_traits_of_ndarray_takes_variables() {
    fn power<T: LinalgScalar + ScalarOperand>(a: &Array2<T>, n: usize, scale: T) -> Array2<T> {
        (0..n).fold(Array2::eye(a.nrows()), |power, _| power.dot(a) * scale)
    }
    let a = numbers(3, 3) * 0.5;
    let tape = Tape::new();
    let (x, scale) = (recorded(&tape, &a), tape.var(0.9));
    let y = power(&x, 3, scale).diag().sum();
    let gradient = y.backward();
    // d tr(s³ A³) / dA = 3 s³ (A²)ᵀ
    slopes_are(&gradient, &x, &(a.dot(&a).t().to_owned() * (3.0 * 0.9_f64.powi(3))), "trace");
    let trace = a.dot(&a).dot(&a).diag().sum();
    close(&[gradient.wrt(scale)], &[3.0 * 0.9 * 0.9 * trace], 1e-12, "scale");
    let moving = power(&a.mapv(Dual::from), 3, Dual::new(0.9, 1.0)).diag().sum();
    close(&[moving.tangent()], &[3.0 * 0.9 * 0.9 * trace], 1e-12, "dual numbers");
}
