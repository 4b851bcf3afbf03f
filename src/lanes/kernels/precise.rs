//! Arithmetic with more digits than a number holds, and other parts of kernels.
//!
//! Nothing here fuses a multiplication and an addition: products are made exact by keeping the factors
//! short. Source: T. J. Dekker, *A floating-point technique for extending the available
//! precision*, Numer. Math. 18 (1971); J.-M. Muller et al., *Handbook of Floating-Point Arithmetic*, 2nd
//! ed. (2018), chapter 4.

/// `1.5 · 2⁵²`: a sum with it is rounded to an integer, which stands in its lowest bits.
///
/// Instruction sets before AVX-512 have no other conversion of numbers in step.
pub(super) const SHIFT: f64 = 6_755_399_441_055_744.0;

/// Evaluate `c₀ + c₁·x + c₂·x² + ...` by Horner's rule.
macro_rules! polynomial {
    ($x:expr; $c:expr) => { $c };
    ($x:expr; $c:expr, $($rest:expr),+) => { $c + $x * polynomial!($x; $($rest),+) };
}
pub(super) use polynomial;

/// Keep the upper 26 bits of a number, so that the product of two such is exact.
#[inline(always)]
pub(super) fn upper(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xFFFF_FFFF_F800_0000)
}

/// The sum of two numbers and its rounding error, which is exact (Møller and Knuth).
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

/// The quotient of two numbers in two parts, of which the second is at most a fifth of the first.
///
/// Accuracy: 0.5 ulp and about one of the second parts' own.
#[inline(always)]
pub(super) fn quotient(above: (f64, f64), below: (f64, f64)) -> f64 {
    let reciprocal = 1.0 / (below.0 + below.1);
    let high = upper(above.0 * reciprocal);
    let below_high = upper(below.0);
    let below_low = (below.0 - below_high) + below.1;
    high + ((above.0 - high * below_high) + (above.1 - high * below_low)) * reciprocal
}

/// `(high + low) · scale[0] · scale[1]`, which is out of range only when multiplied out.
pub(super) struct Exponential {
    /// Has 33 bits.
    pub high: f64,
    /// At most a tenth of `high`.
    pub low: f64,
    /// Powers of two.
    pub scale: [f64; 2],
}

/// Compute `exp(x + low)` for `-1400 ≤ x ≤ 0` and `|low| ≤ 2⁻¹⁵`.
///
/// `x = n·ln 2 + s` with a two-part `ln 2` (Cody & Waite), and on `|s| ≤ 0.3467` a polynomial that
/// interpolates `(exp(s) - 1 - s)/s²` at Chebyshev points. Accuracy: 2⁻⁵⁶ relative, measured through the
/// kernels that use it.
#[inline(always)]
pub(super) fn exponential(x: f64, low: f64) -> Exponential {
    use std::f64::consts::LOG2_E;
    /// 40 bits of `ln 2`, and the rest.
    const LN_2: [f64; 2] = [0.6931471805592082, 7.371002565167799e-13];
    /// Rounds a number near 1 to a multiple of 2⁻³².
    const TO_33_BITS: f64 = 1.5 * 1_048_576.0;
    let shifted = x * LOG2_E + SHIFT;
    let n = shifted - SHIFT;
    let (s, s_low) = two_sum(x - n * LN_2[0], low - n * LN_2[1]);
    let high = (s + (1.0 + TO_33_BITS)) - TO_33_BITS;
    let curve = polynomial!(s;
        0.5, 0.1666666666666667, 0.04166666666666667, 0.00833333333332612, 0.0013888888888883737,
        0.00019841269874873975, 2.480158732558584e-5, 2.755725533255441e-6, 2.7557273594799413e-7,
        2.510524515390137e-8, 2.0914707069612355e-9);
    // 2ⁿ may be below all numbers while a product with it is not: two factors.
    let half = n * 0.5 + SHIFT;
    Exponential {
        high,
        low: (s - (high - 1.0)) + (s * s * curve + s_low * high),
        scale: [power_of_two(half), power_of_two((n - (half - SHIFT)) + SHIFT)],
    }
}

/// `2ⁿ` for the integer `-1022 ≤ n ≤ 1023` in the lowest bits of `n + SHIFT`.
#[inline(always)]
pub(super) fn power_of_two(shifted: f64) -> f64 {
    f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}
