//! Functions whose formula cancels: value and derivatives against numbers computed to 60 digits (mpmath 1.3), by
//! every route to a derivative.

mod common {
    pub mod numeric;
}

use common::numeric::relative_error;
use gradtape::program::{Program, Workspace};
use gradtape::{Dual, Real, Var, hessian, nth_derivative};
use std::f64::consts::{FRAC_2_SQRT_PI, LN_2};

/// A point, then the value and the derivatives there.
type Row<const N: usize> = [f64; N];

#[rustfmt::skip]
const LN_1M_EXP: [Row<4>; 9] = [
    [-1e-12, -27.631021115929048, -999999999999.5, -1e+24],
    [-0.001, -6.908255237315471, -999.5000833333319, -999999.9166666708],
    [-0.3, -1.3502256128148467, -2.8582959135100827, -11.02815144269852],
    [-LN_2, -LN_2, -1.0, -2.0],
    [-0.7, -0.6863410028083852, -0.9864338636344634, -1.9594856309592785],
    [-1.0, -0.4586751453870819, -0.5819767068693265, -0.9206735942077923],
    [-3.0, -0.05106918094270159, -0.05239569649125595, -0.05514100550205976],
    [-40.0, -4.248354255291589e-18, -4.248354255291589e-18, -4.248354255291589e-18],
    [-700.0, -9.85967654375977e-305, -9.85967654375977e-305, -9.85967654375977e-305],
];

#[rustfmt::skip]
const ERFCX: [Row<4>; 17] = [
    [-20.0, 1.0442939379528289e+174, -4.1771757518113154e+175, 1.6729588886004316e+177],
    [-5.5, 27443409954929.71, -301877509504227.94, 3375539424456366.5],
    [-1.0, 5.008980080762283, -11.14633932862008, 32.31063881876472],
    [-0.1, 1.1236433541992095, -1.3531078379353545, 2.51790827598549],
    [0.0, 1.0, -FRAC_2_SQRT_PI, 2.0],
    [0.2, 0.8090195199015807, -0.8047713591348803, 1.2961304961492093],
    [0.4999, 0.6157416166688975, -0.5127606987499489, 0.718825086727596],
    [0.5, 0.6156903441929259, -0.5126888229025867, 0.718691865483265],
    [0.75, 0.5069376502931449, -0.3679726916557954, 0.4619162631025966],
    [1.0, 0.427583576155807, -0.27321201478389856, 0.3087431227438169],
    [2.0, 0.25539567631050575, -0.1067964618534896, 0.0836055052070531],
    [5.0, 0.11070463773306863, -0.02133278976482631, 0.008081377817874151],
    [10.0, 0.05614099274382259, -0.0055593122190608565, 0.0010957411064280369],
    [50.0, 0.011281536265323773, -0.00022554056313532387, 9.016217115157223e-06],
    [1000.0, 0.0005641893014533876, -5.641887372654967e-07, 1.1283757819707055e-09],
    [100000000.0, 5.641895835477562e-09, -5.641895835477562e-17, 1.1283791670955122e-24],
    [1e+100, 5.6418958354775625e-101, -5.641895835477563e-201, 1.1283791670955125e-300],
];

#[rustfmt::skip]
const SINC: [Row<5>; 13] = [
    [0.0, 1.0, 0.0, -0.3333333333333333, 0.0],
    [1e-20, 1.0, -3.3333333333333333e-21, -0.3333333333333333, 2e-21],
    [1e-08, 1.0, -3.3333333333333334e-09, -0.3333333333333333, 2e-09],
    [-0.1, 0.9983341664682815, 0.033300011902557575, -0.3323339284171301, -0.019976199733646196],
    [0.7, 0.9203109817681301, -0.22209827783377378, -0.2857444736716335, 0.1319874767577317],
    [1.0, 0.8414709848078965, -0.3011686789397568, -0.23913362692838294, 0.17709857491700906],
    [1.4999, 0.6650362743492396, -0.39615929297735086, -0.1367886672056289, 0.22636779172236524],
    [1.5, 0.6649966577360363, -0.39617297071222224, -0.13676603011973995, 0.22637392579434462],
    [1.6, 0.6247335019009407, -0.4087081401263934, -0.11384832674294895, 0.23171531408133478],
    [-2.5, 0.2393888576415826, 0.4162129892754065, 0.09358153377874262, -0.20815960568428235],
    [5.0, -0.1917848549326277, 0.0950894080791708, 0.15374909170095938, -0.14898189211322088],
    [20.0, 0.045647262536381385, 0.01812173996385053, -0.047459436532766436, -0.013285187610754635],
    [100.5, -0.0003080593709778243, 0.009948544126361486, 0.00011007839333878979, -0.00994876478117779],
];

/// A function on any scalar.
trait Function: Copy {
    fn of<S: Real>(self, x: S) -> S;
}

macro_rules! functions {
    ($($Name:ident $method:ident;)*) => {$(
        #[derive(Clone, Copy)]
        struct $Name;
        impl Function for $Name {
            fn of<S: Real>(self, x: S) -> S {
                x.$method()
            }
        }
    )*};
}
functions! { Ln1mExp ln_1m_exp; Erfcx erfcx; Sinc sinc; }

#[track_caller]
fn close(what: &str, x: f64, found: f64, expected: f64, tolerance: f64) {
    let error = relative_error(found, expected);
    assert!(error <= tolerance, "{what} at {x}: {found}, not {expected}, off by {error:e}");
}

/// Compare the value, and each derivative by every route, with relative tolerances.
fn check<const N: usize>(f: impl Function, rows: &[Row<N>], tolerances: &[f64]) {
    let on_tape = |x: Var| f.of(x);
    for &row in rows {
        let x = row[0];
        let second = Dual::new(Dual::new(x, 1.0), Dual::new(1.0, 0.0));
        close("the value", x, f.of(x), row[1], tolerances[0]);
        close("the slope forwards", x, f.of(Dual::new(x, 1.0)).tangent(), row[2], tolerances[1]);
        let twice = f.of(second).tangent().tangent();
        close("the second derivative forwards twice", x, twice, row[3], tolerances[2]);
        let mixed = hessian(|x| on_tape(x[0]), &[x])[(0, 0)];
        close("the second derivative both ways", x, mixed, row[3], tolerances[2]);
        for (n, &tolerance) in tolerances.iter().enumerate() {
            let swept = nth_derivative(on_tape, x, n);
            close(&format!("derivative {n} by recorded sweeps"), x, swept, row[n + 1], tolerance);
        }
    }
}

/// A program recorded at one point has value, slope and second derivative at all others.
fn check_replay<const N: usize>(f: impl Function, rows: &[Row<N>], tolerances: &[f64]) {
    let program = Program::record(|x| [f.of(x[0])], &[rows[rows.len() / 2][0]]);
    let slope = program.gradient_program().expect("no branch");
    let mut workspace = Workspace::new();
    for &row in rows {
        let value = program.value(&[row[0]], &mut workspace).expect("no branch");
        close("the replayed value", row[0], value, row[1], tolerances[0]);
        let mut second = [f64::NAN];
        let first = slope.value_and_gradient(&[row[0]], &mut second, &mut workspace);
        close("the replayed slope", row[0], first.expect("no branch"), row[2], tolerances[1]);
        close("the replayed second derivative", row[0], second[0], row[3], tolerances[2]);
    }
}

#[test]
fn ln_1m_exp_keeps_its_digits_near_zero_and_far_from_it() {
    let tolerances = [5e-16, 1e-15, 2e-15];
    check(Ln1mExp, &LN_1M_EXP, &tolerances);
    check_replay(Ln1mExp, &LN_1M_EXP, &tolerances);
    assert_eq!((-0.0).ln_1m_exp(), f64::NEG_INFINITY);
    assert!(1e-300.ln_1m_exp().is_nan());
    assert_eq!(f64::NEG_INFINITY.ln_1m_exp(), 0.0);
    assert_eq!(Dual::new(f64::NEG_INFINITY, 1.0).ln_1m_exp().tangent(), 0.0);
}

#[test]
fn erfcx_and_its_derivatives_keep_their_digits_where_the_textbook_cancels() {
    let tolerances = [5e-16, 2e-15, 2e-14];
    check(Erfcx, &ERFCX, &tolerances);
    check_replay(Erfcx, &ERFCX, &tolerances);
    assert_eq!(Dual::new(f64::INFINITY, 1.0).erfcx().tangent(), 0.0);
}

#[test]
fn sinc_is_smooth_at_zero_to_third_order() {
    let tolerances = [3e-16, 1e-15, 4e-15, 1e-14];
    check(Sinc, &SINC, &tolerances);
    check_replay(Sinc, &SINC, &tolerances);
    for zero in [0.0, -0.0] {
        let h = hessian(|v| v[0].sinc() * v[1], &[zero, 2.0]);
        assert_eq!(h.as_slice(), [-2.0 / 3.0, 0.0, 0.0, 0.0]);
        close("the fourth derivative", zero, nth_derivative(Var::sinc, zero, 4), 0.2, 1e-15);
    }
}
