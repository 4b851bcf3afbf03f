//! Powers of two, signs and heads of numbers, by their bits.
//!
//! There are no conversions between `f64` and integers here: AVX2 has none for several 64-bit integers at
//! once. Adding 1.5 · 2⁵² rounds to an integer and leaves it in the low bits of the sum instead. Source:
//! J.-M. Muller et al., *Handbook of Floating-Point Arithmetic*, 2nd ed. (2018), section 10.2.

/// Twice the exponent bias of `f64`.
const BIAS_TWICE: u64 = 2 * 1023;

/// 1.5 · 2⁵², and twice the exponent bias, so that what ends up in the low bits is positive.
const SHIFTER: f64 = 6755399441055744.0 + BIAS_TWICE as f64;

/// An integer `k` with `|k| < 1100`, as a number and as an exponent.
#[derive(Clone, Copy)]
pub(super) struct Exponent {
    pub number: f64,
    /// `k + 2046` in the low 12 bits.
    bits: u64,
}

impl Exponent {
    /// Round to the nearest integer.
    #[inline(always)]
    pub fn nearest(x: f64) -> Exponent {
        let shifted = x + SHIFTER;
        Exponent { number: shifted - SHIFTER, bits: shifted.to_bits() }
    }

    /// One less. The number is left as it is.
    #[inline(always)]
    pub fn halved(self) -> Exponent {
        Exponent { bits: self.bits.wrapping_sub(1), ..self }
    }

    /// Compute `y · 2ᵏ` with one rounding, also where `2ᵏ` or the product overflows or is subnormal.
    ///
    /// `k` is split into two halves, whose powers are normal numbers. The first product is exact as
    /// long as `y` is not near the ends of the range itself.
    #[inline(always)]
    pub fn scale(self, y: f64) -> f64 {
        // The shifts keep 12 bits: the sum of the half and the bias, and a sign bit of zero.
        let half = self.bits >> 1;
        let rest = self.bits.wrapping_sub(half);
        y * f64::from_bits(half << 52) * f64::from_bits(rest << 52)
    }

    /// Compute `2⁻ᵏ` for `-1023 <= k < 1023`; anything else gives anything.
    #[inline(always)]
    pub fn inverse_power(self) -> f64 {
        f64::from_bits((3 * 1023_u64).wrapping_sub(self.bits) << 52)
    }
}

/// Drop the low 32 bits: what is left has 21, and the product of two such heads is exact.
#[inline(always)]
pub(super) fn head(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_0000_0000)
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

    /// Split a positive normal number; anything else gives anything.
    #[inline(always)]
    pub fn new(x: f64) -> Split {
        /// 2⁵², whose low bits take an integer.
        const INTEGERS: f64 = 4503599627370496.0;
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
pub(super) fn rough_reciprocal(x: f64) -> f64 {
    2.301571705212133 - x * (1.596678907871627 - x * 0.3411707068101767)
}
