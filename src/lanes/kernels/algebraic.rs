//! `sqrt`, `cbrt` and `round`.

use super::precise::{SHIFT, polynomial, power_of_two, upper};

/// Compute the square root. Correctly rounded: every instruction set has one for numbers in step.
#[inline(always)]
pub(crate) fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// Round to the nearest integer, ties away from zero. Exact, and the sign of a zero is kept.
#[inline(always)]
pub(crate) fn round(x: f64) -> f64 {
    /// From here on every number is an integer.
    const INTEGERS: f64 = 4_503_599_627_370_496.0;
    let a = x.abs();
    // Ties go to the even integer here, so some are one too low.
    let even = (a + INTEGERS) - INTEGERS;
    let away = if a - even == 0.5 { even + 1.0 } else { even };
    (if a < INTEGERS { away } else { a }).copysign(x)
}

/// Compute the cube root.
///
/// `x = m·8ᵏ` with `1 ≤ m < 8`; a polynomial for `m^(-1/3)`, one step of a fourth-order iteration,
/// and a correction by the exact remainder `m - c³`. Accuracy: 0.55 ulp. `±0 → ±0`, `±inf → ±inf`,
/// `NaN → NaN`.
#[inline(always)]
pub(crate) fn cbrt(x: f64) -> f64 {
    /// 2⁵², whose lowest bits take an integer.
    const INTEGERS: f64 = 4_503_599_627_370_496.0;
    const THIRD: f64 = 1.0 / 3.0;
    let subnormal = x.abs() < f64::MIN_POSITIVE;
    let a = if subnormal { x.abs() * 18_014_398_509_481_984.0 } else { x.abs() };
    let shrink = if subnormal { -341.0 - 18.0 } else { -341.0 };
    // The exponent, biased by 1023 = 3 · 341, is 3k or one or two more.
    let exponent = f64::from_bits((a.to_bits() >> 52) | INTEGERS.to_bits()) - INTEGERS;
    let k = ((exponent - 1.0) * THIRD + SHIFT) - SHIFT;
    let mantissa = f64::from_bits(a.to_bits() & ((1 << 52) - 1) | 1.0_f64.to_bits());
    let m = mantissa * power_of_two((exponent - 3.0 * k) + SHIFT);
    let inverse = polynomial!(m;
        1.4788960205839452, -0.7149181219383872, 0.29903962657323746, -0.07512465780891567,
        0.010852833515977007, -0.0008304424299961852, 2.6034477433439637e-05);
    let h = 1.0 - m * inverse * (inverse * inverse);
    let inverse = inverse + inverse * h * (THIRD + h * (2.0 / 9.0 + h * (14.0 / 81.0)));
    let inverse_square = inverse * inverse;
    let c = upper(m * inverse_square);
    let square = c * c;
    let square_high = upper(square);
    let remainder = (m - square_high * c) - (square - square_high) * c;
    let step = THIRD * remainder * inverse_square;
    // m - c³ = 3·r²·(r - c) - 3·r·(r - c)² + ..., with 1/r at hand rather than 1/c.
    let root = c + (step + step * step * inverse);
    let finite = root * power_of_two((k + shrink) + SHIFT);
    // Zeros, infinities and NaN are their own roots.
    (if (a > 0.0) & (a < f64::INFINITY) { finite } else { a }).copysign(x)
}
