//! Numbers side by side.

#![allow(dead_code, reason = "each test uses its part")]

/// The same number: equal (0 and -0 count as equal), or both NaN.
pub fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// The same bits; any NaN is as good as another.
pub fn same_bits(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// `|a - b| / |b|`; 0 for the same number, infinite where only one is 0 or not finite.
pub fn relative_error(a: f64, b: f64) -> f64 {
    if same(a, b) { 0.0 } else { ((a - b) / b).abs() }
}

/// How many representable numbers lie between `a` and `b`.
pub fn ulps(a: f64, b: f64) -> u64 {
    if same(a, b) {
        return 0;
    }
    if !a.is_finite() || !b.is_finite() {
        return u64::MAX;
    }
    // Folded so that the order of the integers is the order of the numbers.
    let place = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
    };
    place(a).abs_diff(place(b))
}

/// Assert that each number is off by `bound` at most, relative to the largest. A NaN is off.
#[track_caller]
pub fn close(found: &[f64], expected: &[f64], bound: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1e-300, |m: f64, e| m.max(e.abs()));
    let error = found.iter().zip(expected).fold(0.0, |m: f64, (f, e)| {
        let error = (f - e).abs();
        if error > m || error.is_nan() { error } else { m }
    });
    assert!(error <= bound * scale, "{what}: off by {:e}\n{found:?}\n{expected:?}", error / scale);
}
