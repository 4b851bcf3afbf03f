//! `silu`.

use super::precise::{exponential, quotient};

/// Compute `x / (1 + e⁻ˣ)`.
///
/// For `x < 0` as `x·eˣ / (1 + eˣ)` with the power of two of the exponential multiplied last, so that the
/// left tail goes through the subnormal numbers to zero. Accuracy: 1.6 ulp, subnormal results
/// included. `±0 → ±0`, `-inf → -0` (the limit), `inf → inf`, `NaN → NaN`.
#[inline(always)]
pub(crate) fn silu(x: f64) -> f64 {
    /// `silu(-800)` is zero, and -inf must not reach a product with zero.
    const NOTHING: f64 = 800.0;
    let a = if x.abs() > NOTHING { NOTHING } else { x.abs() };
    let e = exponential(-a, 0.0);
    let power = (e.high + e.low) * e.scale[0] * e.scale[1];
    let below = 1.0 + power;
    let negative = x < 0.0;
    let above = if negative { e.high } else { 1.0 };
    let above_low = if negative { e.low } else { 0.0 };
    let sigmoid = quotient((above, above_low), (below, (1.0 - below) + power));
    let scaled = -a * sigmoid * e.scale[0] * e.scale[1];
    if negative { scaled } else { x * sigmoid }
}
