//! The error function and the functions made of it.
//!
//! Below 1/2 a polynomial in `x²`; from there on `erfc(a) = exp(-a²)·G(t)/(1 + 2a)`, where `G` is a
//! polynomial in `t = (a - k)/(a + k)`. Source of the form: M. M. Shepherd & J. G. Laframboise,
//! *Chebyshev approximation of (1 + 2x)exp(x²)erfc x*, Math. Comp. 36 (1981). All polynomials here
//! interpolate at Chebyshev points, computed to 50 digits.

use super::arithmetic::{Exponent, polynomial, quotient, upper};
use super::exponential::exp_of_sum;
use crate::real::special::erfcx_of_positive;
use std::f64::consts::FRAC_1_SQRT_2;

/// Where the tail begins.
const TAIL: f64 = 0.5;
/// Beyond it the tail is no number but zero.
const NOTHING: f64 = 28.0;

/// Compute `erfc(a + a_low)` for `1/2 ≤ a ≤ 28`, whose square is `factor` times that of `root`, as a number
/// and the power of two that it is yet to be scaled by.
///
/// The relative derivative of `exp(-a²)` is `2a²`, so the square is taken in two parts, and that of a
/// number that is not rounded. Relative error of the polynomial: 2⁻⁶⁰.
#[inline(always)]
fn tail((a, a_low): (f64, f64), root: f64, factor: f64) -> (f64, Exponent) {
    /// `G` lies between 1.12 and 1.28. The product of the exponential and this is exact.
    const MIDDLE: f64 = 1.25;
    let root_high = upper(root);
    let square = factor * root_high * root_high;
    let e = exp_of_sum(-square, -factor * ((root - root_high) * (root + root_high)));
    let t = (a - 3.75) / (a + 3.75);
    // Even and odd powers apart: two chains of operations, not one twice as long.
    let z = t * t;
    let even = polynomial!(z;
        -0.012487369162172418, 0.0035854154854636595, -0.10880393014170636, -0.05869339859054539,
        -0.009746579548166516, 0.0002937136043202179, 5.1649326909767004e-5, -1.1444641937967576e-5,
        1.75214771128159e-6, -2.5850163288067115e-7, 3.7583855859610034e-8, -4.0212457113843435e-9);
    let odd = polynomial!(z;
        -0.14024059858554702, 0.08227673849015016, 0.09230432116023739, 0.028362277420698606,
        0.001755625841894791, -0.00029015404631649295, 2.2384216613092637e-5, -9.73758289937511e-7,
        -5.648771529264381e-8, 2.2091655986090673e-8, -2.7999520568103726e-9);
    let g = even + t * odd;
    let below = 1.0 + 2.0 * a;
    let value = quotient(
        (e.high * MIDDLE, e.high * g + e.low * (MIDDLE + g)),
        (below, (1.0 - (below - 2.0 * a)) + 2.0 * a_low),
    );
    (value, e.k)
}

/// Limit `a` from above; a NaN stays.
#[inline(always)]
fn at_most(a: f64, limit: f64) -> f64 {
    if a > limit { limit } else { a }
}

/// Compute `erf(x) - x` for `|x| < 1/2`.
#[inline(always)]
fn erf_less_argument(x: f64) -> f64 {
    let z = x * x;
    x * polynomial!(z;
        0.1283791670955126, -0.3761263890318375, 0.1128379167095487, -0.02686617064499972,
        0.0052239776220169365, -0.0008548326510724796, 0.00012055286202005714,
        -1.4923003368152099e-5, 1.637123442577e-6, -1.462091340945175e-7)
}

/// Compute the error function.
///
/// Accuracy: 1.1 ulp. `±0 → ±0`, `±inf → ±1`, `NaN → NaN`.
#[inline(always)]
pub(crate) fn erf(x: f64) -> f64 {
    let a = x.abs();
    let near = a + erf_less_argument(a);
    let limited = at_most(a, NOTHING);
    let (value, k) = tail((limited, 0.0), limited, 1.0);
    let far = 1.0 - k.scale(value);
    (if a < TAIL { near } else { far }).copysign(x)
}

/// Compute the complementary error function.
///
/// Accuracy: 1.2 ulp. `-inf → 2`, `inf → 0`, `NaN → NaN`.
#[inline(always)]
pub(crate) fn erfc(x: f64) -> f64 {
    let a = x.abs();
    let near = 0.5 - (erf_less_argument(x) + (x - 0.5));
    let limited = at_most(a, NOTHING);
    let (value, k) = tail((limited, 0.0), limited, 1.0);
    let tail = k.scale(value);
    let far = if x < 0.0 { 2.0 - tail } else { tail };
    if a < TAIL { near } else { far }
}

/// Compute `exp(x²) erfc(x)`, for negative `x` as `2 exp(x²) - erfcx(-x)`.
///
/// Accuracy: 2 ulp. `-inf → inf`, `inf → 0`, `NaN → NaN`.
#[inline(always)]
pub(crate) fn erfcx(x: f64) -> f64 {
    let a = x.abs();
    let positive = erfcx_of_positive(a);
    let limited = at_most(a, NOTHING);
    let high = upper(limited);
    let e = exp_of_sum(high * high, (limited - high) * (limited + high));
    let negative = e.k.scale(2.0 * (e.high + e.low)) - positive;
    if x < 0.0 { negative } else { positive }
}

/// Compute `x · Φ(x)`, `Φ` being the standard normal distribution function (the exact GELU).
///
/// Accuracy: 1.6 ulp, subnormal results included. `±0 → ±0`, `-inf → -0` (the limit), `inf → inf`,
/// `NaN → NaN`.
#[inline(always)]
pub(crate) fn gelu(x: f64) -> f64 {
    /// `1/√2 - upper(1/√2)`.
    const SECOND_FRAC_1_SQRT_2: f64 = 1.210161710447897e-08;
    let a = x.abs();
    let z = x * x;
    // Φ(x) is 1/2, an exact multiple of the upper part of x, and a small rest.
    let rest = x * polynomial!(z;
        0.02394228040143268, -0.06649038006690544, 0.00997355701003559,
        -0.0011873282154746415, 0.0001154346875404672, -9.444655693016003e-6,
        6.659667673892859e-7, -4.121936280191421e-8, 2.260978687276684e-9,
        -1.0096237323207673e-10);
    let near = x * ((0.5 + 0.375 * upper(x)) + (0.375 * (x - upper(x)) + rest));
    let limited = at_most(a, NOTHING / FRAC_1_SQRT_2);
    // x/√2 in two parts: the first product is exact.
    let first = upper(limited) * upper(FRAC_1_SQRT_2);
    let second = upper(limited) * SECOND_FRAC_1_SQRT_2 + (limited - upper(limited)) * FRAC_1_SQRT_2;
    let root = first + second;
    let (value, k) = tail((root, (first - root) + second), limited, 0.5);
    let negative = k.scale(-0.5 * limited * value);
    let far = if x < 0.0 { negative } else { x * (1.0 - 0.5 * k.scale(value)) };
    if a < FRAC_1_SQRT_2 { near } else { far }
}
