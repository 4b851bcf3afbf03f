//! The functions of `Real` on plain numbers, against references of 60 digits, and their special values.

use gradtape::{Real, log_sum_exp};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn assert_close(actual: f64, expected: f64, tolerance: f64) {
    let error = (actual - expected).abs();
    assert!(error <= tolerance * expected.abs(), "{actual}, not {expected}");
}

/// Compare bit for bit, except that all NaN are the same.
fn assert_same(actual: f64, expected: f64) {
    let same = actual.to_bits() == expected.to_bits() || actual.is_nan() && expected.is_nan();
    assert!(same, "{actual}, not {expected}");
}

#[test]
fn error_functions() {
    assert_close(Real::erf(0.5), 0.5204998778130465, 2.3e-16);
    assert_close(Real::erfc(-3.0), 1.9999779095030015, 5e-16);
    assert_close(Real::erfc(26.0), 5.663192408856143e-296, 5e-16);
    for x in [0.0, -0.0, INF, -INF, NAN] {
        assert_same(Real::erf(x), x.clamp(-1.0, 1.0));
        assert_same(Real::erfc(x), 1.0 - x.clamp(-1.0, 1.0));
    }
}

/// `std` has formulas of its own for these, which lose digits near ±1 and overflow early.
#[test]
fn inverse_hyperbolic_functions_are_right_to_their_poles_and_the_ends_of_the_range() {
    for (x, expected) in [
        (-1e308, -709.889355822726),
        (9e307, 709.7839953070682),
        (f64::MAX, 710.475860073944),
        (1.4e154, 355.6277237382642),
        (-3.5, -1.9657204716496515),
        (0.3, 0.29567304756342244),
        (-1e-9, -1e-9),
        (5e-324, 5e-324),
    ] {
        assert_close(Real::asinh(x), expected, 3e-16);
    }
    for (x, expected) in [
        (1.0 + f64::EPSILON, 2.1073424255447014e-08),
        (1.000000001, 4.4721361396399915e-05),
        (1.0001, 0.014142017775251545),
        (1.5, 0.9624236501192069),
        (3.0, 1.762747174039086),
        (1.4e154, 355.6277237382642),
        (9e307, 709.7839953070682),
        (f64::MAX, 710.475860073944),
    ] {
        assert_close(Real::acosh(x), expected, 3e-16);
    }
    for (x, expected) in [
        (-0.999999999, -10.708206522644144),
        (-0.9999999999999999, -18.714973875118524),
        (-0.99999, -6.1030338227611125),
        (0.999999999, 10.708206522644144),
        (0.9999999999999999, 18.714973875118524),
        (-0.5, -0.5493061443340549),
        (0.49, 0.5360603366105666),
        (1e-9, 1e-9),
        (-5e-324, -5e-324),
    ] {
        assert_close(Real::atanh(x), expected, 3e-16);
    }
    assert_same(Real::asinh(-0.0), -0.0);
    assert_same(Real::asinh(-INF), -INF);
    assert_same(Real::acosh(INF), INF);
    for below in [0.5, -1.0, -2.5, -1e5, -1e8, -1e10, -1e300, f64::NEG_INFINITY] {
        assert_same(Real::acosh(below), NAN);
    }
    assert_same(Real::atanh(-1.0), -INF);
    assert_same(Real::atanh(2.0), NAN);
}

#[test]
fn scaled_error_function() {
    for (x, expected) in [
        (-26.62, 1.1290070599146823e+308),
        (-20.25, 2.4485613000901127e+178),
        (-5.5, 27443409954929.71),
        (-1.0, 5.008980080762283),
        (-0.3, 1.4537492328427655),
        (-1e-09, 1.0000000011283792),
        (1e-09, 0.9999999988716208),
        (0.2, 0.8090195199015807),
        (0.4999, 0.6157416166688975),
        (0.5, 0.6156903441929259),
        (0.75, 0.5069376502931449),
        (1.0, 0.427583576155807),
        (2.0, 0.25539567631050575),
        (3.5, 0.1552936556088943),
        (8.0, 0.06998516620088092),
        (26.0, 0.021683584850562907),
        (100.0, 0.005641613782989433),
        (100000000.0, 5.641895835477562e-09),
        (1e+300, 5.641895835477562e-301),
    ] {
        assert_close(Real::erfcx(x), expected, 5e-16);
    }
    for (x, expected) in
        [(0.0, 1.0), (-0.0, 1.0), (INF, 0.0), (-INF, INF), (-27.0, INF), (NAN, NAN)]
    {
        assert_same(Real::erfcx(x), expected);
    }
}

#[test]
fn log_gamma() {
    assert_close(Real::lgamma(0.9999990463256836), 5.504765026737053e-7, 5e-16);
    assert_close(Real::lgamma(1.9999990463256836), -4.0319826848018475e-7, 5e-16);
    assert_close(Real::lgamma(2.0000000009313226), 3.937485957506932e-10, 5e-16);
    assert_close(Real::lgamma(100.5), 361.4355404677776, 5e-16);
    assert_close(Real::lgamma(-1.5), 0.860047015376481, 7e-16);
    assert_same(Real::lgamma(1.0), 0.0);
    assert_same(Real::lgamma(2.0), 0.0);
    for x in [0.0, -0.0, -3.0, INF, -INF] {
        assert_same(Real::lgamma(x), INF);
    }
    assert_same(Real::lgamma(NAN), NAN);
}

#[test]
fn polygamma_values() {
    for (n, x, expected) in [
        (0, 1e-300, -9.999999999999999e299),
        (0, 1.0, -0.5772156649015329),
        (0, 1.4616321449683622, -9.241265521729427e-17),
        (0, 1.4616321449683625, 1.2245374622004068e-16),
        (0, -1.5, 0.7031566406452432),
        (1, 1e300, 1e-300),
        (1, -3.75, 19.504980060599575),
        (2, 1.0, -2.4041138063191885),
        (2, -1.5, -0.2362040516417274),
        (5, 30.0, 1.0726994936161623e-6),
        (10, -4.875, -3.1171154632675904e16),
    ] {
        assert_close(Real::polygamma(x, n), expected, 5e-16 * f64::from(n.clamp(1, 6)));
    }
    // Orders with a factorial near and beyond the largest number.
    assert_close(Real::polygamma(2.0, 170), -2.4246705428834072e255, 1e-13);
    assert_close(Real::polygamma(150.0, 200), -4.3209480046542493e-63, 1e-12);
    assert_close(Real::polygamma(-100.5, 172), -1.990848548408598e-36, 1e-12);
    assert_same(Real::polygamma(0.5, u32::MAX), INF);
    assert_same(Real::polygamma(-0.75, u32::MAX - 1), -INF);
}

#[test]
fn polygamma_special_values() {
    for (x, expected) in [
        (0.0, [-INF, INF, -INF]),
        (-0.0, [INF, INF, INF]),
        (-2.0, [NAN, INF, NAN]),
        (INF, [INF, 0.0, -0.0]),
        (-INF, [NAN; 3]),
        (NAN, [NAN; 3]),
    ] {
        for (n, expected) in (0..).zip(expected) {
            assert_same(Real::polygamma(x, n), expected);
        }
    }
}

/// Check `f` to 7e-16 at points with a 60-digit reference, and bit for bit at special values.
fn check(f: fn(f64) -> f64, points: &[(f64, f64)], special: &[(f64, f64)]) {
    for &(x, expected) in points {
        let error = (f(x) - expected).abs();
        assert!(error <= 3.0 * f64::EPSILON * expected.abs(), "f({x}) = {}", f(x));
    }
    for &(x, expected) in special {
        assert_eq!(f(x).to_bits(), expected.to_bits(), "f({x}) = {}", f(x));
    }
    assert!(f(f64::NAN).is_nan());
}

#[test]
fn smooth_activations() {
    let softplus_points = [
        (-700.5, 5.980196118639791e-305),
        (-20.0, 2.061153620314381e-9),
        (-1.0, 0.3132616875182228),
        (0.1, 0.7443966600735709),
        (10.0, 10.000045398899218),
    ];
    check(Real::softplus, &softplus_points, &[(-INF, 0.0), (800.0, 800.0), (INF, INF)]);
    let sigmoid_points = [
        (-700.5, 5.980196118639791e-305),
        (-40.0, 4.248354255291589e-18),
        (-0.1, 0.47502081252106),
        (0.5, 0.6224593312018546),
    ];
    let special = [(-INF, 0.0), (-800.0, 0.0), (0.0, 0.5), (-0.0, 0.5), (INF, 1.0)];
    check(Real::sigmoid, &sigmoid_points, &special);
    let silu_points = [
        (-740.0, -3.09967e-319),
        (-700.5, -4.189127381107174e-302),
        (-20.0, -4.122307236380407e-8),
        (-0.1, -0.047502081252106004),
        (2.0, 1.7615941559557649),
    ];
    let special = [(-INF, -0.0), (-0.0, -0.0), (0.0, 0.0), (1e308, 1e308), (INF, INF)];
    check(Real::silu, &silu_points, &special);
    let gelu_points = [
        (-37.0, -2.1184613523340935e-298),
        (-20.3, -1.3051366269427644e-90),
        (-5.0, -1.4332578593959695e-6),
        (-0.75, -0.16997051428265114),
        (0.1, 0.053982783727702904),
        (3.0, 2.99595030590511),
    ];
    check(Real::gelu, &gelu_points, &special);
}

#[test]
fn piecewise() {
    let special = [(-INF, 0.0), (-2.0, 0.0), (-0.0, 0.0), (0.0, 0.0), (1e-9, 1e-9), (INF, INF)];
    check(Real::relu, &[], &special);
    let special = [(-INF, -INF), (-2.0, -0.02), (-0.0, -0.0), (3.0, 3.0), (INF, INF)];
    check(|x| Real::leaky_relu(x, 0.01), &[], &special);
    let special = [(-INF, -1.0), (-1.0, -1.0), (0.5, 0.5), (3.0, 2.0), (INF, 2.0)];
    check(|x| Real::clamp(x, -1.0, 2.0), &[], &special);
    assert_eq!(Real::clamp(5.0, 2.0, 1.0), 1.0);
    assert_eq!(Real::clamp(5.0, f64::NAN, f64::NAN), 5.0);
    assert_eq!(
        (Real::compare(1.0, 2.0), Real::compare(0.0, -0.0), Real::compare(INF, 1.0)),
        (-1.0, 0.0, 1.0)
    );
    assert!(Real::compare(f64::NAN, 1.0).is_nan() && Real::compare(1.0, f64::NAN).is_nan());
}

#[test]
fn log_sum_exp_values() {
    let lse = |values: &[f64]| log_sum_exp(values.iter().copied());
    for (values, expected) in [
        (&[0.1, 0.7, -2.0][..], 1.179964571944687),
        (&[1000.0; 3], 1001.0986122886682),
        (&[-1000.0; 3], -998.9013877113318),
        (&[-50.0, 0.0], 1.9287498479639178e-22),
    ] {
        assert!((lse(values) - expected).abs() <= 2.0 * f64::EPSILON * expected.abs());
    }
    assert_eq!(lse(&[]), -INF);
    assert_eq!(lse(&[-INF; 2]), -INF);
    assert_eq!(lse(&[-INF, 3.0]), 3.0);
    assert_eq!(lse(&[1.0, INF, INF, -INF]), INF);
    assert_eq!(lse(&[f64::MAX, -f64::MAX]), f64::MAX);
    assert!(lse(&[INF, f64::NAN, 1.0]).is_nan());
}
