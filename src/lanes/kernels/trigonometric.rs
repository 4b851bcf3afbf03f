//! `sin`, `cos`, `tan` and `atan`.
//!
//! Source: fdlibm (Sun Microsystems 1993; FreeBSD msun `e_rem_pio2.c`, `k_sin.c`, `k_cos.c`,
//! `s_atan.c`), whose polynomials these are, with every branch made a selection.

use super::arithmetic::{SHIFT, polynomial, quotient, two_sum};
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2, FRAC_PI_4};

/// The largest argument that `sin`, `cos` and `tan` hold for: about 2²⁰·π/2.
const NEAR: f64 = 1_647_099.0;
const SIGN: u64 = 1 << 63;

/// Compute the results of arguments that are too large for a kernel again, one by one.
///
/// Such an argument needs a thousand bits of 2/π, which has no place in a loop over lanes. `exact` is the
/// same function whatever the instruction set.
#[inline(always)]
pub(crate) fn recompute_large(x: &[f64], y: &mut [f64], exact: fn(f64) -> f64) {
    let any = x.iter().fold(false, |any, x| any | (x.abs() > NEAR));
    if any {
        recompute_each(x, y, exact);
    }
}

#[cold]
#[inline(never)]
fn recompute_each(x: &[f64], y: &mut [f64], exact: fn(f64) -> f64) {
    for (&x, y) in x.iter().zip(y).filter(|(x, _)| x.abs() > NEAR) {
        *y = exact(x);
    }
}

/// An angle less a multiple of π/2: within 2⁻³⁰ of `[-π/4, π/4]`.
struct Reduced {
    high: f64,
    low: f64,
    /// The multiple, in the lowest bits.
    quadrant: u64,
}

/// Reduce `0 ≤ x ≤ NEAR`.
///
/// π/2 in three parts of 33 bits, whose product with a multiple up to 2²⁰ is exact, and a last one
/// (Cody & Waite, *Software Manual for the Elementary Functions*, 1980). The absolute error is about 2⁻¹³²;
/// no number comes closer than about 2⁻⁶¹ to a multiple of π/2 other than 0 (J.-M. Muller,
/// *Elementary Functions*, 3rd ed. 2016, section 11.3.2).
#[inline(always)]
fn reduce(x: f64) -> Reduced {
    const PARTS: [f64; 4] =
        [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32];
    let shifted = x * FRAC_2_PI + SHIFT;
    let n = shifted - SHIFT;
    let a = x - n * PARTS[0];
    let (b, b_low) = two_sum(a, -(n * PARTS[1]));
    let (c, c_low) = two_sum(b, -(n * PARTS[2]));
    let rest = (b_low - n * PARTS[3]) + c_low;
    let high = c + rest;
    Reduced { high, low: (c - high) + rest, quadrant: shifted.to_bits() }
}

/// `sin(r) - r.high`.
#[inline(always)]
fn sin_less_angle(r: &Reduced) -> f64 {
    let z = r.high * r.high;
    let cube = z * r.high;
    let series = polynomial!(z;
        0.00833333333332249, -0.0001984126982985795, 2.7557313707070068e-6,
        -2.5050760253406863e-8, 1.58969099521155e-10);
    (r.low - z * (0.5 * r.low - cube * series)) - cube * 0.16666666666666632
}

/// `cos(r)` as a number and a small one.
#[inline(always)]
fn cos_parts(r: &Reduced) -> (f64, f64) {
    let z = r.high * r.high;
    let series = polynomial!(z;
        0.0416666666666666, -0.001388888888887411, 2.480158728947673e-5,
        -2.7557314351390663e-7, 2.087572321298175e-9, -1.1359647557788195e-11);
    let half = 0.5 * z;
    let high = 1.0 - half;
    (high, ((1.0 - high) - half) + (z * (z * series) - r.high * r.low))
}

/// `sin(r)` in even quadrants, `cos(r)` in odd ones, and the sign of the quadrant.
#[inline(always)]
fn sine_of(r: &Reduced, quadrant: u64) -> u64 {
    let sin = r.high + sin_less_angle(r);
    let (cos, cos_low) = cos_parts(r);
    let cos = cos + cos_low;
    let magnitude = if quadrant & 1 == 0 { sin } else { cos };
    magnitude.to_bits() ^ ((quadrant & 2) << 62)
}

/// Compute the sine of `|x| ≤ NEAR`; `recompute_large` does the rest.
///
/// Accuracy: 0.8 ulp. `±0 → ±0`, `±inf → NaN`, `NaN → NaN`.
#[inline(always)]
pub(crate) fn sin(x: f64) -> f64 {
    let r = reduce(x.abs());
    f64::from_bits(sine_of(&r, r.quadrant) ^ (x.to_bits() & SIGN))
}

/// Compute the cosine of `|x| ≤ NEAR`; `recompute_large` does the rest.
///
/// Accuracy: 0.8 ulp. `±inf → NaN`, `NaN → NaN`.
#[inline(always)]
pub(crate) fn cos(x: f64) -> f64 {
    let r = reduce(x.abs());
    f64::from_bits(sine_of(&r, r.quadrant.wrapping_add(1)))
}

/// Compute the tangent of `|x| ≤ NEAR`; `recompute_large` does the rest.
///
/// The quotient of sine and cosine, or `-cos/sin` in odd quadrants, each in two parts.
/// Accuracy: 1.2 ulp. `±0 → ±0`, `±inf → NaN`, `NaN → NaN`.
#[inline(always)]
pub(crate) fn tan(x: f64) -> f64 {
    let r = reduce(x.abs());
    let (sin, sin_low) = (r.high, sin_less_angle(&r));
    let (cos, cos_low) = cos_parts(&r);
    let odd = r.quadrant & 1 != 0;
    let above = if odd { cos } else { sin };
    let above_low = if odd { cos_low } else { sin_low };
    let below = if odd { sin } else { cos };
    let below_low = if odd { sin_low } else { cos_low };
    let magnitude = quotient((above, above_low), (below, below_low));
    f64::from_bits(magnitude.to_bits() ^ ((r.quadrant & 1) << 63) ^ (x.to_bits() & SIGN))
}

/// Compute the arc tangent.
///
/// `atan(a) = atan(c) + atan((a - c)/(1 + a·c))` with `c` = 0, 1/2, 1, 3/2 or ∞. Accuracy: 0.85 ulp.
/// `±0 → ±0`, `±inf → ±π/2`, `NaN → NaN`.
#[inline(always)]
pub(crate) fn atan(x: f64) -> f64 {
    let a = x.abs();
    // The later bounds win. Each line is the numerator, the denominator and atan(c) in two parts.
    let (mut above, mut below, mut high, mut low) = (a, 1.0, 0.0, 0.0);
    for (from, numerator, denominator, angle, angle_low) in [
        (0.4375, 2.0 * a - 1.0, 2.0 + a, 0.4636476090008061, 2.2698777452961687e-17),
        (0.6875, a - 1.0, a + 1.0, FRAC_PI_4, 3.061616997868383e-17),
        (1.1875, a - 1.5, 1.0 + 1.5 * a, 0.982793723247329, 1.3903311031230998e-17),
        (2.4375, -1.0, a, FRAC_PI_2, 6.123233995736766e-17),
    ] {
        let beyond = a >= from;
        above = if beyond { numerator } else { above };
        below = if beyond { denominator } else { below };
        high = if beyond { angle } else { high };
        low = if beyond { angle_low } else { low };
    }
    let t = above / below;
    let z = t * t;
    let w = z * z;
    let odd = polynomial!(w;
        0.3333333333333293, 0.14285714272503466, 0.09090887133436507,
        0.06661073137387531, 0.049768779946159324, 0.016285820115365782);
    let even = polynomial!(w;
        -0.19999999999876483, -0.11111110405462356, -0.0769187620504483,
        -0.058335701337905735, -0.036531572744216916);
    let angle = high - ((t * (z * odd + w * even) - low) - t);
    angle.copysign(x)
}
