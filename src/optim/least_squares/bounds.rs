//! [`Bounds`] of a parameter, kept by a transformation of it.
//!
//! The solver moves an *internal* number that may be anything. The formulas are those of MINUIT (F. James and M. Winkler,
//! *MINUIT User's Guide*, 2004, section 1.2.1), in the form that lmfit gives them where there is one bound:
//!
//! ```text
//! both    p = lo + (hi - lo) / 2 · (sin u + 1)
//! lower   p = lo - 1 + √(u² + 1)
//! upper   p = hi + 1 - √(u² + 1)
//! ```
//!
//! `√(u² + 1) - 1` is computed as `u² / (√(u² + 1) + 1)`, which loses no digits beside the bound. With both, u is kept as
//! `v = u + π/2`: then `p = lo + (hi - lo) sin²(v/2)`, which has the digits of p also where the bounds are far away.

use crate::optim::error::{FitError, setting};
use crate::text::number;
use std::cmp::Ordering;
use std::f64::consts::PI;
use std::ops::{Bound, RangeBounds};

/// The least and the greatest value of a parameter; infinite where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    pub low: f64,
    pub high: f64,
}

impl Bounds {
    /// No bounds.
    pub const NONE: Bounds = Bounds { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// Read a range, whose ends belong to it or not.
    pub fn new(name: &str, range: impl RangeBounds<f64>) -> Result<Bounds, FitError> {
        let end = |bound: Bound<&f64>, none: f64| match bound {
            Bound::Included(&end) | Bound::Excluded(&end) => end,
            Bound::Unbounded => none,
        };
        let low = end(range.start_bound(), f64::NEG_INFINITY);
        let high = end(range.end_bound(), f64::INFINITY);
        let (from, to) = (number(low), number(high));
        if low.partial_cmp(&high) != Some(Ordering::Less) {
            return setting(format!(
                "the bounds of {name} are {from} and {to}: give a lower one that is less than the upper one"
            ));
        }
        if low.is_finite() && high.is_finite() && !(high - low).is_finite() {
            return setting(format!(
                "the bounds of {name}, {from} and {to}, are too far apart: leave one out"
            ));
        }
        Ok(Bounds { low, high })
    }

    /// Refuse a start that is not inside. On a bound the transformation has no slope, and a solver stays there.
    pub fn check_start(&self, name: &str, start: f64) -> Result<(), FitError> {
        let Bounds { low, high } = *self;
        if low < start && start < high {
            return Ok(());
        }
        let (on, bound) = match start {
            _ if start == low || start == high => ("on", start),
            _ if start < low => ("below", low),
            _ => ("above", high),
        };
        setting(format!(
            "the start of {name}, {}, is {on} its bound {}: give one inside, or fix the parameter",
            number(start),
            number(bound)
        ))
    }

    /// The parameter that belongs to an internal number.
    pub fn external(&self, u: f64) -> f64 {
        let Bounds { low, high } = *self;
        let inside = u / (u.hypot(1.0) + 1.0) * u;
        match (low.is_finite(), high.is_finite()) {
            (false, false) => u,
            (true, false) => low + inside,
            (false, true) => high - inside,
            (true, true) => {
                let (sine, cosine) = (u / 2.0).sin_cos();
                let p = match sine.abs() < cosine.abs() {
                    true => low + (high - low) * sine * sine,
                    false => high - (high - low) * cosine * cosine,
                };
                // Rounding must not lead out.
                p.clamp(low, high)
            }
        }
    }

    /// The internal number of a parameter.
    pub fn internal(&self, p: f64) -> f64 {
        let Bounds { low, high } = *self;
        let root = |inside: f64| inside.sqrt() * (inside + 2.0).sqrt();
        match (low.is_finite(), high.is_finite()) {
            (false, false) => p,
            (true, false) => root(p - low),
            (false, true) => root(high - p),
            (true, true) => {
                let half_angle = |inside: f64| (inside / (high - low)).sqrt().asin();
                match p - low < high - p {
                    true => 2.0 * half_angle(p - low),
                    false => PI - 2.0 * half_angle(high - p),
                }
            }
        }
    }

    /// How the parameter moves with the internal number.
    pub fn slope(&self, u: f64) -> f64 {
        let Bounds { low, high } = *self;
        match (low.is_finite(), high.is_finite()) {
            (false, false) => 1.0,
            (true, false) => u / u.hypot(1.0),
            (false, true) => -u / u.hypot(1.0),
            (true, true) => (high - low) / 2.0 * u.sin(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bounds;

    #[test]
    fn the_transformation_keeps_inside_and_has_the_slope_it_says() {
        for bounds in [
            Bounds::NONE,
            Bounds::new("p", 2.0..).unwrap(),
            Bounds::new("p", ..=2.0).unwrap(),
            Bounds::new("p", -3.0..=2.0).unwrap(),
        ] {
            for u in [-1e200, -50.0, -2.5, -1e-9, 0.0, 0.5, 1.0, 7.0, 1e9] {
                let p = bounds.external(u);
                assert!(bounds.low <= p && p <= bounds.high, "{bounds:?} at {u}: {p}");
            }
            for u in [-1.25, -0.5, 0.25, 0.5, 1.25_f64] {
                let h = 1e-5;
                let difference = (bounds.external(u + h) - bounds.external(u - h)) / (2.0 * h);
                assert!((bounds.slope(u) - difference).abs() < 1e-9, "{bounds:?} at {u}");
            }
        }
    }

    #[test]
    fn a_start_comes_back_also_close_to_a_bound() {
        for (bounds, inside) in [
            (Bounds::new("p", 1.0..).unwrap(), [1.0 + 1e-12, 1.5, 1e12]),
            (Bounds::new("p", ..1.0).unwrap(), [1.0 - 1e-12, 0.5, -1e12]),
            (Bounds::new("p", 0.0..10.0).unwrap(), [1e-3, 5.0, 9.9]),
            (Bounds::new("p", 0.0..1e9).unwrap(), [1e-9, 2e-3, 9e8]),
        ] {
            for p in inside {
                let again = bounds.external(bounds.internal(p));
                assert!((again - p).abs() <= 1e-14 * p.abs(), "{bounds:?}: {p} becomes {again}");
            }
        }
    }

    #[test]
    fn ranges_and_starts_that_make_no_sense_are_refused_with_their_numbers() {
        let message =
            |bounds: Result<Bounds, _>| bounds.map_err(|e: super::FitError| e.to_string());
        let crossed = message(Bounds::new("`p`", 2.0..=1.0)).unwrap_err();
        assert_eq!(
            crossed,
            "the bounds of `p` are 2 and 1: give a lower one that is less than the upper one"
        );
        for (low, high) in [(1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::NAN), (f64::INFINITY, f64::NAN)]
        {
            assert!(message(Bounds::new("p", low..=high)).is_err(), "{low}, {high}");
        }
        assert!(
            message(Bounds::new("p", f64::MIN..=f64::MAX)).unwrap_err().contains("too far apart")
        );
        let bounds = Bounds::new("`p`", 0.0..=1.0).unwrap();
        for (start, what) in
            [(0.0, "0, is on its bound 0"), (-1.0, "-1, is below"), (2.0, "2, is above")]
        {
            let error = bounds.check_start("`p`", start).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        assert!(
            bounds.check_start("`p`", 0.5).is_ok() && bounds.check_start("`p`", f64::NAN).is_err()
        );
    }
}
