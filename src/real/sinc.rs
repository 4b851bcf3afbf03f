//! `sin(x) / x` and its first two derivatives, each with its digits also beside its zeros.
//!
//! Near 0 the derivatives are power series in `x²`. Further out
//!
//! ```text
//! sinc'(x)  = (x cos x - sin x) / x²
//! sinc''(x) = ((2 - x²) sin x - 2 x cos x) / x³
//! ```
//!
//! whose numerators cancel beside every zero but the first. There sine and cosine are computed with some 31 digits, as
//! sums of two numbers (T. J. Dekker, *A floating-point technique for extending the available precision*, Numer. Math.
//! 18 (1971)). Far out the zeros are those of cosine and sine to the last bit, and nothing cancels.

use super::special::horner;
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// Compute `sin(x) / x`, which is 1 at 0 (unnormalized, as in physics).
///
/// Accuracy: 1.5 ulp. `±0 → 1`, `±inf → 0` (the limit), `NaN → NaN`.
pub(crate) fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        1.0
    } else if x.is_infinite() {
        0.0
    } else {
        x.sin() / x
    }
}

/// Where the series end and, beyond it, where a numerator can cancel.
const SERIES_END: f64 = 1.5;
const CANCELS_END: f64 = 1e7;

/// Compute `sinc'(x)`; `±inf → 0`.
pub(crate) fn sinc_slope(x: f64) -> f64 {
    /// `(-1)ᵏ 2k / (2k + 1)!` for `k` from 1 on.
    const SERIES: [f64; 12] = [
        -0.3333333333333333,
        0.03333333333333333,
        -0.0011904761904761906,
        2.2045855379188714e-05,
        -2.505210838544172e-07,
        1.9270852604185937e-09,
        -1.0706029224547743e-11,
        4.498331606952833e-14,
        -1.4797143443923793e-16,
        3.9145882126782523e-19,
        -8.509974375387505e-22,
        1.5472680682522736e-24,
    ];
    if x.abs() < SERIES_END {
        return x * horner(x * x, &SERIES);
    }
    if x.is_infinite() {
        return 0.0;
    }
    let (sin, cos) = x.sin_cos();
    let slope = (cos - sin / x) / x;
    if x.abs() > CANCELS_END || (cos - sin / x).abs() > 0.1 * cos.abs() {
        return slope;
    }
    let [sin, cos] = sin_cos(x);
    cos.times(Two(x, 0.0)).plus(sin.minus()).rounded() / x / x
}

/// Compute `sinc''(x)`; `±inf → 0`.
pub(crate) fn sinc_bend(x: f64) -> f64 {
    /// `(-1)ᵏ 2k (2k - 1) / (2k + 1)!` for `k` from 1 on.
    const SERIES: [f64; 13] = [
        -0.3333333333333333,
        0.1,
        -0.005952380952380952,
        0.00015432098765432098,
        -2.2546897546897547e-06,
        2.1197937864604532e-08,
        -1.3917837991912066e-10,
        6.74749741042925e-13,
        -2.515514385467045e-15,
        7.437717604088679e-18,
        -1.787094618831376e-20,
        3.5587165569802293e-23,
        -5.969398411467106e-26,
    ];
    if x.abs() < SERIES_END {
        return horner(x * x, &SERIES);
    }
    if x.is_infinite() {
        return 0.0;
    }
    let (sin, cos) = x.sin_cos();
    let turned = (cos - sin / x) / x * 2.0;
    let bend = -(sin + turned) / x;
    if x.abs() > CANCELS_END || (sin + turned).abs() > 0.1 * sin.abs() {
        return bend;
    }
    let [sin, cos] = sin_cos(x);
    let square = Two::product(x, x);
    let factor = Two(2.0, 0.0).plus(square.minus());
    let numerator = sin.times(factor).plus(cos.times(Two(-2.0 * x, 0.0)));
    numerator.rounded() / x / x / x
}

/// A number as the sum of two, of which the second is at most half an ulp of the first.
#[derive(Clone, Copy)]
struct Two(f64, f64);

impl Two {
    fn product(a: f64, b: f64) -> Two {
        let product = a * b;
        Two(product, a.mul_add(b, -product))
    }

    fn times(self, other: Two) -> Two {
        let Two(high, low) = Two::product(self.0, other.0);
        Two::quick(high, low + (self.0 * other.1 + self.1 * other.0))
    }

    fn plus(self, other: Two) -> Two {
        let sum = self.0 + other.0;
        let part = sum - self.0;
        let error = (self.0 - (sum - part)) + (other.0 - part);
        Two::quick(sum, error + (self.1 + other.1))
    }

    fn over(self, divisor: f64) -> Two {
        let quotient = self.0 / divisor;
        let rest = (-quotient).mul_add(divisor, self.0) + self.1;
        Two::quick(quotient, rest / divisor)
    }

    fn quick(high: f64, low: f64) -> Two {
        let sum = high + low;
        Two(sum, low - (sum - high))
    }

    fn minus(self) -> Two {
        Two(-self.0, -self.1)
    }

    fn rounded(self) -> f64 {
        self.0 + self.1
    }
}

/// Sine and cosine for `|x| ≤ 1e7`: less a multiple of `π/2`, which is a sum of three numbers, by their power series.
fn sin_cos(x: f64) -> [Two; 2] {
    const HALF_PI: [f64; 3] = [FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33];
    let turns = (x * FRAC_2_PI).round();
    let rest = |r: Two, part| r.plus(Two::product(turns, part).minus());
    let r = HALF_PI.into_iter().fold(Two(x, 0.0), rest);
    let square = r.times(r).minus();
    // Term by term: 1, r, r²/2, ... with the signs of the series; 30 leave 1e-35 at π/4.
    let mut terms = [r, Two(1.0, 0.0)];
    let mut sums = terms;
    for k in 1..15 {
        let even = f64::from(2 * k);
        terms[0] = terms[0].times(square).over(even * (even + 1.0));
        terms[1] = terms[1].times(square).over(even * (even - 1.0));
        sums = [sums[0].plus(terms[0]), sums[1].plus(terms[1])];
    }
    let [sin, cos] = sums;
    match (turns - 4.0 * (turns * 0.25).floor()) as u8 {
        0 => [sin, cos],
        1 => [cos, sin.minus()],
        2 => [sin.minus(), cos.minus()],
        _ => [cos.minus(), sin],
    }
}
