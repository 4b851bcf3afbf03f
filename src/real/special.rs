//! Error functions, the log-gamma function and its derivatives of every order.
//!
//! Sources: A&S is M. Abramowitz, I. A. Stegun, *Handbook of Mathematical Functions* (1964);
//! DLMF is the NIST *Digital Library of Mathematical Functions*, <https://dlmf.nist.gov>.

use super::Real;
use std::f64::consts::{FRAC_2_SQRT_PI, PI};

/// `1 / √(2π)`, the normal density at 0.
pub(crate) const INV_SQRT_2PI: f64 = 0.398_942_280_401_432_7;

/// Compute the error function `2/√π ∫₀ˣ exp(-t²) dt` (A&S 7.1.1).
///
/// Algorithm: rational approximations of FreeBSD's msun, `s_erf.c`. Accuracy: 1 ulp.
/// `±0 → ±0`, `±inf → ±1`, `NaN → NaN`.
pub(crate) fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// Compute the complementary error function `1 - erf(x)` (A&S 7.1.2) without cancellation.
///
/// Algorithm: rational approximations of FreeBSD's msun, `s_erf.c`. Accuracy: 2.5 ulp for
/// normal results, that is, up to `x = 26.5`. `-inf → 2`, `inf → 0`, `NaN → NaN`.
pub(crate) fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// Evaluate `c₀ + c₁ x + c₂ x² + ...` by Horner's rule.
#[inline(always)]
pub(crate) fn horner<T: Real>(x: T, c: &[f64]) -> T {
    let Some((&last, rest)) = c.split_last() else {
        return T::from(0.0);
    };
    rest.iter().rev().fold(T::from(last), |sum, &c| sum * x + c)
}

/// Compute the scaled complementary error function `exp(x²) erfc(x)` (A&S 7.1.13, DLMF 7.2.5 at `iz`).
///
/// For negative arguments `2 exp(x²) - erfcx(-x)`. Accuracy: 2 ulp. `-inf → inf`, `inf → 0`, `NaN → NaN`;
/// below -26.6287 it overflows.
pub(crate) fn erfcx(x: f64) -> f64 {
    let a = x.abs();
    let positive = erfcx_of_positive(a);
    if x >= 0.0 || x.is_nan() {
        return positive;
    }
    if a > 26.64 {
        return f64::INFINITY;
    }
    // The rounding error of the square counts: the exponential magnifies it by the square.
    let square = a * a;
    let exponential = square.exp();
    2.0 * (exponential + exponential * a.mul_add(a, -square)) - positive
}

/// Compute `erfcx(a)` for `a ≥ 0`: below ½ by a polynomial, then from its decay.
#[inline(always)]
pub(crate) fn erfcx_of_positive(a: f64) -> f64 {
    /// `(erfcx(a) - 1) / a` on `[0, ½]`, interpolated at Chebyshev points to 2⁻⁵⁵ of `erfcx`.
    const NEAR: [f64; 14] = [
        -FRAC_2_SQRT_PI,
        0.9999999999999921,
        -0.7522527780626426,
        0.4999999999469097,
        -0.30090110979802326,
        0.166666643619642,
        -0.08597150424659482,
        0.041664937329539374,
        -0.01909616331171827,
        0.008302447962224286,
        -0.00339528871552086,
        0.001249066044093852,
        -0.0003629473685367837,
        5.963332280303804e-05,
    ];
    let near = a * horner(a, &NEAR) + 1.0;
    let far = 0.5 * FRAC_2_SQRT_PI / (a + 0.5 * erfcx_decay(a));
    if a < 0.5 { near } else { far }
}

/// Compute how fast `erfcx` decays, `-erfcx'(x) / erfcx(x) = 2 / (√π erfcx(x)) - 2x`, for `x ≥ ½`.
///
/// The formula cancels for large `x`, where the decay is about `1 / x`. Here `(1 + 2x)` times it is a
/// polynomial in `t = 1 - 5 / (x + 2)`, which maps `[½, ∞]` to `[-1, 1]`; it interpolates at Chebyshev points,
/// to 2⁻⁵³, computed to 60 digits. The map is that of M. M. Shepherd & J. G. Laframboise, *Chebyshev approximation of
/// (1 + 2x)exp(x²)erfc x*, Math. Comp. 36 (1981).
#[inline(always)]
pub(crate) fn erfcx_decay<T: Real>(x: T) -> T {
    const DECAY: [f64; 27] = [
        2.126275823022641,
        0.05513220611915144,
        -0.31420272108449304,
        0.13879466531609239,
        0.022087602383146127,
        -0.03296658246242301,
        -0.001674219722702631,
        0.007900779247192676,
        0.00035391218104086834,
        -0.0019511970969296921,
        -0.0002109751481677733,
        0.00047067228814717533,
        0.00010904998563007756,
        -0.00010129240386510007,
        -4.3906046051027306e-05,
        1.6125564939085217e-05,
        1.3907647591156909e-05,
        -4.527272611793404e-07,
        -3.2957115659077957e-06,
        -8.461404050506667e-07,
        4.727433854396024e-07,
        3.460368815148347e-07,
        7.771630729241586e-09,
        -7.190771742425566e-08,
        -1.9837116687638302e-08,
        6.8674987681193315e-09,
        3.113730147860122e-09,
    ];
    let t = T::from(-5.0) / (x + 2.0) + 1.0;
    horner(t, &DECAY) / (x * 2.0 + 1.0)
}

/// Compute `ln |Γ(x)|` (A&S 6.1).
///
/// Algorithm: FreeBSD's msun, `e_lgamma_r.c`. Accuracy: 2.5 ulp for `x > 0`, near the zeros 1 and
/// 2 as well (1 ulp); 3 ulp for `-2 < x < 0`. Below -2 the reflection formula cancels near the
/// zeros, two between each two poles, where only the absolute error stays small, a few times
/// `1e-16 · (1 + ln Γ(1-x))`.
///
/// The poles `±0, -1, -2, …` give `inf`, as do `±inf`; `NaN → NaN`.
pub(crate) fn lgamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Compute the polygamma function `ψ⁽ⁿ⁾(x) = dⁿ⁺¹/dxⁿ⁺¹ ln Γ(x)`; `n = 0` is digamma.
///
/// Negative arguments are reflected, `(-1)ⁿ ψ⁽ⁿ⁾(1-x) - ψ⁽ⁿ⁾(x) = dⁿ/dxⁿ π cot(πx)` (A&S 6.4.7,
/// DLMF 5.15.6).
///
/// Relative accuracy for normal results: 5e-16 for `n = 0` and `x > 0`, around the zero 1.4616…
/// as well; 1e-15 for `n = 1` and 4e-15 up to `n = 10`, on both sides of 0; then `4e-16 · n` up to
/// `n = 170` and a few `1e-16 · n ln n` beyond. For even `n` and `x < 0` there is a zero between
/// each two poles, near which the error is as small only relative to `ψ⁽ⁿ⁾(1-x)`.
///
/// Special values are the limits: `0 → -inf` and `-0 → inf` for even `n`, `±0 → inf` for odd `n`;
/// the poles -1, -2, … give NaN for even `n`, where the limits from the two sides differ, and
/// `inf` for odd `n`; `inf → inf` for `n = 0`, else a zero; `-inf` and NaN give NaN.
pub(crate) fn polygamma(n: u32, x: f64) -> f64 {
    let even = n.is_multiple_of(2);
    if x > 0.0 {
        return polygamma_positive(n, x);
    }
    if x.is_nan() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    if x == x.floor() {
        return match (even, x == 0.0) {
            (false, _) => f64::INFINITY,
            (true, true) => f64::INFINITY.copysign(-x),
            (true, false) => f64::NAN,
        };
    }
    let cot = cot_pi_derivative(n, x);
    // When the derivative overflows it outweighs the other term, which must not make it NaN.
    let mut difference = cot;
    if !cot.is_infinite() {
        difference -= polygamma_positive(n, 1.0 - x);
    }
    if even { -difference } else { difference }
}

/// The asymptotic series are exact to rounding from this argument plus `n` on.
const ASYMPTOTIC: f64 = 10.0;

/// `2j` and the Bernoulli number `B₂ⱼ` for `j = 1, …, 10` (A&S table 23.2).
const BERNOULLI: [(f64, f64); 10] = [
    (2.0, 1.0 / 6.0),
    (4.0, -1.0 / 30.0),
    (6.0, 1.0 / 42.0),
    (8.0, -1.0 / 30.0),
    (10.0, 5.0 / 66.0),
    (12.0, -691.0 / 2730.0),
    (14.0, 7.0 / 6.0),
    (16.0, -3617.0 / 510.0),
    (18.0, 43867.0 / 798.0),
    (20.0, -174611.0 / 330.0),
];

/// The positive zero `x₀` of digamma (DLMF §5.4(iii)), rounded, and the rest.
const DIGAMMA_ROOT: (f64, f64) = (1.4616321449683622, 9.549995429965697e-17);

/// The largest integer with a finite factorial.
const MAX_FACTORIAL: u32 = 170;

/// Compute `ψ(x)` for `x > 0`.
///
/// From 10 on by the asymptotic expansion `ln x - 1/2x - Σ B₂ⱼ/(2j x²ʲ)` (A&S 6.3.18). The usual
/// way from there to smaller arguments, the recurrence `ψ(x) = ψ(x+1) - 1/x`, cancels around the
/// zero `x₀`. Applied to `ψ(x) - ψ(x₀)` instead, with `h = x - x₀`, `y = x + 10` and
/// `y₀ = x₀ + 10`, it gives
///
/// `ψ(x) = h Σ 1/((x+k)(x₀+k)) + ln(y/y₀) + h/(2y y₀) + Σ B₂ⱼ/2j (y₀⁻²ʲ - y⁻²ʲ)`
///
/// over `k = 0, …, 9`, where each part has the sign of `h` and `h` can be divided out of the last
/// sum as well, so that the relative error is a few roundings throughout.
fn digamma_positive(x: f64) -> f64 {
    // Horner's scheme starts from the highest power.
    let terms = BERNOULLI.iter().rev();
    if x >= ASYMPTOTIC {
        let u = 1.0 / (x * x);
        let series = terms.fold(0.0, |s, (j2, b)| s * u + b / j2);
        return x.ln() - 0.5 / x - series * u;
    }
    let (root, rest) = DIGAMMA_ROOT;
    let h = (x - root) - rest;
    let (y, y0) = (x + ASYMPTOTIC, root + ASYMPTOTIC);
    let (u, u0) = (1.0 / (y * y), 1.0 / (y0 * y0));
    // Evaluate S(u) = Σ B₂ⱼ/2j uʲ and, along with it, (S(u) - S(u₀)) / (u - u₀).
    let (mut value, mut slope) = (0.0, 0.0);
    for (j2, b) in terms {
        slope = slope * u0 + value;
        value = value * u + b / j2;
    }
    slope = slope * u0 + value;
    // u₀ - u = h (y + y₀) u u₀.
    let mut sum = 0.5 / (y * y0) + slope * ((y + y0) * u * u0);
    for k in (0..10).rev().map(f64::from) {
        sum += 1.0 / ((x + k) * (root + k));
    }
    h * sum + (h / y0).ln_1p()
}

/// Compute `ψ⁽ⁿ⁾(x)` for `x > 0`; for `n ≥ 1`, `(-1)ⁿ⁺¹ n! Σ 1/(x+k)ⁿ⁺¹` over `k = 0, 1, …`.
///
/// The terms below `y ≥ n + 10` are summed (A&S 6.4.6), the rest is the asymptotic expansion
/// `(n-1)!/yⁿ [1 + n/2y + Σ B₂ⱼ n(n+1)…(n+2j-1)/(2j)! y⁻²ʲ]` (A&S 6.4.11). All of it is taken
/// relative to `(n-1)!/xⁿ` because the factorial and the power overflow long before the quotient.
fn polygamma_positive(n: u32, x: f64) -> f64 {
    if n == 0 {
        return digamma_positive(x);
    }
    let order = f64::from(n);
    let magnitude = if n <= MAX_FACTORIAL {
        (1..n).fold(1.0 / x, |p, k| p * (f64::from(k) / x))
    } else {
        (libm::lgamma(order) - order * x.ln()).exp()
    };
    let even = n.is_multiple_of(2);
    let scale = if even { -magnitude } else { magnitude };
    if x == f64::INFINITY {
        return scale;
    }
    // Trigamma is the one in frequent use, as second derivative of ln Γ.
    let power = |q: f64| if n == 1 { q } else { q.powf(order) };
    let (mut y, mut k, mut sum) = (x, 0.0, 0.0);
    while y < order + ASYMPTOTIC {
        let p = power(x / y);
        sum += p * (order / y);
        // The terms to come sum to less than ∫ n xⁿ/tⁿ⁺¹ dt = p, taken from y to infinity. Without
        // this exit a huge n would mean as many terms.
        if p < 1e-18 * sum {
            return scale * sum;
        }
        k += 1.0;
        y = x + k;
    }
    let u = 1.0 / (y * y);
    let (mut coefficient, mut series) = (1.0, 1.0 + 0.5 * order / y);
    for (j2, b) in BERNOULLI {
        coefficient *= (order + j2 - 2.0) * (order + j2 - 1.0) / ((j2 - 1.0) * j2) * u;
        series += b * coefficient;
    }
    scale * (sum + power(x / y) * series)
}

/// Compute `(-1)ⁿ dⁿ/dxⁿ π cot(πx)`; `x` is no integer.
///
/// `g(x) = π cot(πx)` solves `g' = -(π² + g²)`, so `aₖ = (-1)ᵏ g⁽ᵏ⁾(x) / k!` satisfies
/// `(k+1) aₖ₊₁ = Σ aⱼ aₖ₋ⱼ (+ π² for k = 0)`, summed over `j = 0, …, k`. The terms of each such
/// sum agree in sign: nothing cancels, not even where `g` is small.
fn cot_pi_derivative(n: u32, x: f64) -> f64 {
    // Both reductions are exact; the second keeps a small cotangent accurate.
    let r = x - x.round();
    let cot = if r.abs() <= 0.25 {
        PI / (PI * r).tan()
    } else {
        (PI * (PI * (0.5 - r.abs())).tan()).copysign(r)
    };
    let even = n.is_multiple_of(2);
    // The derivatives of even order are odd functions about the zeros of the cotangent.
    if n == 0 || even && cot == 0.0 {
        return cot;
    }
    if n > MAX_FACTORIAL {
        // |aₙ| exceeds 1e34 for every other argument, and the factorial overflows.
        return f64::INFINITY.copysign(if even { cot } else { 1.0 });
    }
    let mut a = [0.0; MAX_FACTORIAL as usize + 1];
    a[0] = cot;
    let (mut factorial, mut next) = (1.0, 0.0);
    for k in 0..n as usize {
        let square: f64 = (0..=k).map(|j| a[j] * a[k - j]).sum();
        next += 1.0;
        factorial *= next;
        a[k + 1] = (square + if k == 0 { PI * PI } else { 0.0 }) / next;
    }
    factorial * a[n as usize]
}
