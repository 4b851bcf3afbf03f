//! The tools of the kernels: powers of two and heads of numbers by their bits, and arithmetic with more
//! digits than a number holds.
//!
//! There are no conversions between `f64` and integers here: AVX2 has none for several 64-bit integers at
//! once. Adding 1.5 · 2⁵² rounds to an integer and leaves it in the low bits of the sum instead. Nothing
//! fuses a multiplication and an addition: products are made exact by keeping the factors short. Sources:
//! T. J. Dekker, *A floating-point technique for extending the available precision*, Numer. Math. 18 (1971);
//! J.-M. Muller et al., *Handbook of Floating-Point Arithmetic*, 2nd ed. (2018), chapter 4 and section 10.2.

use crate::Real;

/// What a kernel computes with: a number, or the trace of one, from which the same operations are compiled.
pub(crate) trait Number: Real {
    /// 64 bits, as an integer.
    type Bits: Copy;

    /// `yes` if it is less than `bound`, else `no`.
    fn if_less(self, bound: f64, yes: Self, no: Self) -> Self;
    /// `yes` if it is more than `bound`, else `no`.
    fn if_more(self, bound: f64, yes: Self, no: Self) -> Self;
    /// Read the bits.
    fn bits(self) -> Self::Bits;
    /// `bits / 2`.
    fn half(bits: Self::Bits) -> Self::Bits;
    /// `bits - other`.
    fn minus(bits: Self::Bits, other: Self::Bits) -> Self::Bits;
    /// The same number with another's sign.
    fn with_sign_of(self, other: Self) -> Self;
    /// The number whose exponent is the low 12 bits, all else 0.
    fn of_exponent(bits: Self::Bits) -> Self;
}

impl Number for f64 {
    type Bits = u64;

    #[inline(always)]
    fn if_less(self, bound: f64, yes: f64, no: f64) -> f64 {
        if self < bound { yes } else { no }
    }
    #[inline(always)]
    fn if_more(self, bound: f64, yes: f64, no: f64) -> f64 {
        if self > bound { yes } else { no }
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        self.to_bits()
    }
    #[inline(always)]
    fn half(bits: u64) -> u64 {
        bits >> 1
    }
    #[inline(always)]
    fn minus(bits: u64, other: u64) -> u64 {
        bits.wrapping_sub(other)
    }
    #[inline(always)]
    fn with_sign_of(self, other: f64) -> f64 {
        self.copysign(other)
    }
    #[inline(always)]
    fn of_exponent(bits: u64) -> f64 {
        f64::from_bits(bits << 52)
    }
}

/// `1.5 · 2⁵²`: a sum with it is rounded to an integer, which stands in its lowest bits.
pub(super) const SHIFT: f64 = 6_755_399_441_055_744.0;

/// 2⁵²: from here on every number is an integer, and its lowest bits take one.
pub(super) const INTEGERS: f64 = 4_503_599_627_370_496.0;

/// ln 2 in two parts. The first has 32 bits: its product with an exponent is exact.
pub(super) const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
pub(super) const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// Evaluate `c₀ + c₁·x + c₂·x² + ...` by Horner's rule.
macro_rules! polynomial {
    ($x:expr; $c:expr) => { $c };
    ($x:expr; $c:expr, $($rest:expr),+) => { $c + $x * polynomial!($x; $($rest),+) };
}
pub(super) use polynomial;

/// Twice the exponent bias of `f64`.
const BIAS_TWICE: u64 = 2 * 1023;

/// With twice the exponent bias, so that what ends up in the low bits is positive.
const SHIFT_BIASED: f64 = SHIFT + BIAS_TWICE as f64;

/// An integer `k` with `|k| < 1100`, as a number and as an exponent.
#[derive(Clone, Copy)]
pub(super) struct Exponent<T: Number = f64> {
    pub number: T,
    /// `k + 2046` in the low 12 bits.
    bits: T::Bits,
}

impl<T: Number> Exponent<T> {
    /// Round to the nearest integer.
    #[inline(always)]
    pub fn nearest(x: T) -> Exponent<T> {
        let shifted = x + SHIFT_BIASED;
        Exponent { number: shifted - SHIFT_BIASED, bits: shifted.bits() }
    }

    /// Compute `y · 2ᵏ` with one rounding, also where `2ᵏ` or the product overflows or is subnormal.
    ///
    /// `k` is split into two halves, whose powers are normal numbers. The first product is exact as
    /// long as `y` is not near the ends of the range itself.
    #[inline(always)]
    pub fn scale(self, y: T) -> T {
        // The shifts keep 12 bits: the sum of the half and the bias, and a sign bit of zero.
        let half = T::half(self.bits);
        let rest = T::minus(self.bits, half);
        y * T::of_exponent(half) * T::of_exponent(rest)
    }

    /// Compute `2⁻ᵏ` for `-1023 <= k < 1023`; undefined for any other.
    #[inline(always)]
    pub fn inverse_power(self) -> T {
        let biased = T::from(f64::from_bits(3 * 1023)).bits();
        T::of_exponent(T::minus(biased, self.bits))
    }
}

impl Exponent {
    /// One less. The number is left as it is.
    #[inline(always)]
    pub fn halved(self) -> Exponent {
        Exponent { bits: self.bits.wrapping_sub(1), ..self }
    }

    /// Compute `2ᵏ` for `-1022 <= k <= 1023`; undefined for any other.
    #[inline(always)]
    pub fn power(self) -> f64 {
        f64::from_bits(self.bits.wrapping_sub(1023) << 52)
    }
}

/// A positive normal number as `2ᵏ · m` with `√½ <= m < √2`, roughly.
pub(super) struct Split {
    /// The exponent `k`.
    pub exponent: f64,
    pub significand: f64,
    /// `2⁻ᵏ` for `k < 1023`; 0 for 1023.
    pub inverse_power: f64,
}

impl Split {
    /// The bits of 1 and the high bits of √½: the significand is at least the latter.
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const LEAST: u64 = 0x3fe6_a09e_0000_0000;

    /// Split a positive normal number; undefined for any other.
    #[inline(always)]
    pub fn new(x: f64) -> Split {
        let bits = x.to_bits().wrapping_add(Split::ONE - Split::LEAST);
        let biased = bits >> 52;
        let significand = (bits & 0x000f_ffff_ffff_ffff) + Split::LEAST;
        Split {
            exponent: f64::from_bits(biased | INTEGERS.to_bits()) - (INTEGERS + 1023.0),
            significand: f64::from_bits(significand),
            inverse_power: f64::from_bits(BIAS_TWICE.wrapping_sub(biased) << 52),
        }
    }
}

/// Compute `1 / x` to 6 %, for `0.7 <= x <= 2.42`: enough to correct a last bit.
///
/// A minimax polynomial by the algorithm of Remez.
#[inline(always)]
pub(super) fn rough_reciprocal<T: Number>(x: T) -> T {
    -(x * (-(x * 0.3411707068101767) + 1.596678907871627)) + 2.301571705212133
}

/// Drop the low 32 bits: what is left has 21, and the product of two such heads is exact.
#[inline(always)]
pub(super) fn head(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_0000_0000)
}

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
