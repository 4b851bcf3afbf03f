//! A reference for derivatives that only evaluates the function.

#![allow(dead_code, reason = "each test uses its part")]

/// Weights of the central difference of order 8 (B. Fornberg, *Generation of finite difference
/// formulas on arbitrarily spaced grids*, Math. Comp. 51 (1988), table 1).
const WEIGHTS: [f64; 4] = [4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0];

/// Differentiate `f` at `x`: the derivative, and a bound on its error.
///
/// The step is halved from `|x| / 16` on. Truncation falls by 2⁸ with each halving while rounding
/// doubles, so where two neighbours differ least their difference bounds what is left of the
/// truncation; added to it is the rounding of the differences themselves, below
/// `2 Σ|weights| · 2⁻⁵² · 4 max|f| / h` for an `f` that is good to 4 ulps.
pub fn derivative(f: impl Fn(f64) -> f64, x: f64) -> (f64, f64) {
    let first = x.abs().max(1.0 / 16.0) / 16.0;
    let at = |halvings: i32| {
        // A power of two, so that x ± kh is off by no more than its own rounding, which `wobble`
        // accounts for.
        let h = first.log2().floor().exp2() * f64::from(-halvings).exp2();
        let (mut slope, mut largest) = (0.0, 0.0_f64);
        for (k, weight) in (1..).zip(WEIGHTS) {
            let (ahead, behind) = (f(x + f64::from(k) * h), f(x - f64::from(k) * h));
            slope += weight * (ahead - behind) / h;
            largest = largest.max(ahead.abs()).max(behind.abs());
        }
        let rounding = 8.0 * f64::EPSILON * largest / h;
        let wobble = 2.0 * f64::EPSILON * (x.abs() + h) / h * slope.abs();
        (slope, rounding + wobble)
    };
    let mut best = (f64::NAN, f64::INFINITY);
    for halvings in 0..9 {
        let ((coarse, _), (fine, rounding)) = (at(halvings), at(halvings + 1));
        let error = (coarse - fine).abs() + rounding;
        if error < best.1 {
            best = (fine, error);
        }
    }
    best
}

/// Refuse a sample point where differences say too little: `error` bounds that of a derivative of size `scale`.
#[track_caller]
pub fn assert_fine(op: impl std::fmt::Debug, point: &[f64], error: f64, scale: f64) {
    assert!(
        error <= 1e-9 * (1e-3 + scale),
        "the sample point {point:?} in the row of {op:?} in src/op/table.rs does not suit finite differences, \
         which are only good to {error:e} there: it lies too near the edge of the domain, a kink, a jump or a \
         pole, or the function is too large or too steep; take numbers between about 1/4 and 10, away from those"
    );
}
