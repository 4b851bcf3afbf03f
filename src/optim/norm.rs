//! Squares of slopes, added up: of numbers above 1e154 the square overflows, of those below 1e-162 it is 0, and neither
//! may stop a fit or a parameter.

use std::convert::Infallible;

/// The numbers from whose square nothing is lost, other numbers of the sum being smaller.
const SQUARES: std::ops::Range<f64> = 1e-100..1e100;
/// Powers of two that bring every other number there.
const UP: f64 = f64::from_bits((1023 + 700) << 52);
const DOWN: f64 = f64::from_bits((1023 - 700) << 52);

/// Compute something of the same size as numbers of which `largest` is the largest, having brought them to a size at
/// which they can be squared; `of` takes a factor for the numbers.
#[inline]
fn in_range(largest: f64, of: impl Fn(f64) -> f64) -> f64 {
    match try_in_range(largest, |scale| Ok::<f64, Infallible>(of(scale))) {
        Ok(computed) => computed,
    }
}

/// The same of what may fail.
#[inline]
pub(crate) fn try_in_range<E>(largest: f64, of: impl Fn(f64) -> Result<f64, E>) -> Result<f64, E> {
    if largest == 0.0 || SQUARES.contains(&largest) {
        return of(1.0);
    }
    let (scale, back) = if largest < 1.0 { (UP, DOWN) } else { (DOWN, UP) };
    Ok(of(scale)? * back)
}

/// Compute the Euclidean norm. It is infinite only if a number is, or the norm is above `f64::MAX`.
pub(crate) fn norm(numbers: &[f64]) -> f64 {
    let largest = numbers.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    in_range(largest, |scale| numbers.iter().map(|x| (x * scale).powi(2)).sum::<f64>().sqrt())
}

/// Numbers that are divided, then multiplied, so that their Euclidean norm is what is asked for. Two numbers, for the
/// quotient of norms that are far apart is no number that there is; otherwise nothing is divided.
pub(super) struct Shortening {
    by: f64,
    to: f64,
}

impl Shortening {
    /// Find how to shorten numbers to a norm; nothing if they are no longer than that, or one is NaN.
    pub fn to(most: f64, numbers: &[f64]) -> Option<Shortening> {
        let length = norm(numbers);
        if length <= most || length.is_nan() {
            return None;
        }
        let ratio = most / length;
        if ratio.is_normal() {
            return Some(Shortening { by: 1.0, to: ratio });
        }
        if length.is_finite() {
            return Some(Shortening { by: length, to: most });
        }
        // Longer than any number: the norm of their proportions is not.
        let largest = numbers.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let length = numbers.iter().map(|x| (x / largest).powi(2)).sum::<f64>().sqrt();
        Some(Shortening { by: largest, to: most / length })
    }

    #[inline]
    pub fn shorten(&self, number: f64) -> f64 {
        number / self.by * self.to
    }
}

/// Compute `√(ρ root² + (1 - ρ) x²)`: the root of a moving mean of squares, from the root before.
#[inline]
pub(super) fn root_mean(rho: f64, root: f64, x: f64) -> f64 {
    in_range(root.max(x.abs()), |scale| {
        let (root, x) = (root * scale, x * scale);
        (rho * root * root + (1.0 - rho) * x * x).sqrt()
    })
}

#[cfg(test)]
mod tests {
    use super::{Shortening, norm, root_mean};

    const SIZES: [f64; 12] = [
        f64::MAX / 8.0,
        1e300,
        1e155,
        1e101,
        1e99,
        1.0,
        1e-99,
        1e-101,
        1e-155,
        1e-162,
        1e-200,
        1e-300,
    ];

    #[test]
    fn norms_and_means_of_numbers_of_any_size_are_right() {
        for size in SIZES {
            let found = norm(&[3.0 * size, -4.0 * size]);
            assert!((found / (5.0 * size) - 1.0).abs() < 1e-15, "{size:e}: {found:e}");
            let found = norm(&[size, f64::MIN_POSITIVE, -0.0]);
            assert!((found / size - 1.0).abs() < 1e-15, "{size:e}: {found:e}");
            let found = root_mean(0.36, size, size * 2.0) / size;
            assert!((found - 2.92_f64.sqrt()).abs() < 1e-15, "{size:e}: {found}");
            // Only the root before, only the new number.
            assert!((root_mean(0.25, size, 0.0) / size - 0.5).abs() < 1e-15, "{size:e}");
            assert!((root_mean(0.75, 0.0, -size) / size - 0.5).abs() < 1e-15, "{size:e}");
        }
        let tiny = f64::from_bits(1);
        assert_eq!(
            (norm(&[]), norm(&[0.0]), norm(&[tiny]), norm(&[3.0 * tiny, 4.0 * tiny])),
            (0.0, 0.0, tiny, 5.0 * tiny)
        );
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        assert!(norm(&[1.0, f64::NAN]).is_nan() && norm(&[f64::NAN]).is_nan());
        assert!(root_mean(0.5, 1.0, f64::NAN).is_nan() && root_mean(0.5, f64::NAN, 1.0).is_nan());
        assert_eq!(norm(&[f64::NEG_INFINITY, 1.0]), f64::INFINITY);
        assert_eq!(root_mean(0.5, 1.0, f64::NEG_INFINITY), f64::INFINITY);
        assert_eq!(norm(&[f64::MAX; 4]), f64::INFINITY);
    }

    #[test]
    fn numbers_of_any_size_are_shortened_to_a_norm_of_any_size() {
        for size in SIZES {
            for most in SIZES.into_iter().filter(|most| *most < size) {
                let shortening = Shortening::to(most, &[3.0 * size, -4.0 * size]).unwrap();
                let found = [3.0 * size, -4.0 * size].map(|x| shortening.shorten(x));
                let expected = [0.6 * most, -0.8 * most];
                let right = |i: usize| (found[i] / expected[i] - 1.0).abs() < 1e-15;
                assert!(right(0) && right(1), "{size:e} to {most:e}: {found:?}");
            }
        }
        let longest = [f64::MAX, -f64::MAX, f64::MAX, f64::MAX];
        let shortening = Shortening::to(2.0, &longest).unwrap();
        assert_eq!(longest.map(|x| shortening.shorten(x)), [1.0, -1.0, 1.0, 1.0]);
        assert!(Shortening::to(5.0, &[3.0, -4.0]).is_none() && Shortening::to(1.0, &[]).is_none());
        assert!(Shortening::to(1.0, &[9.0, f64::NAN]).is_none());
    }
}
