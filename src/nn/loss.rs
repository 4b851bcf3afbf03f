//! Losses: how far predictions are from what was observed.
//!
//! All are generic over [`Real`] and take the observations as plain data or as variables, so that they can
//! be recorded once and run over rows; only [`cross_entropy_with_logits`] takes a class, and
//! [`soft_cross_entropy_with_logits`] stands in for it there. A mean over nothing is NaN.

use crate::text::assert_same_length;
use crate::{Real, log_sum_exp, sum, sum_squares};
use std::any::TypeId;

/// The residuals, observed - predicted.
#[inline]
#[track_caller]
fn residuals<'a, S: Real, X: Real + Into<S>>(
    predicted: &'a [S],
    observed: &'a [X],
) -> impl Iterator<Item = S> + 'a {
    let found = predicted.len();
    assert_same_length("the list of predictions", found, "that of observations", observed.len());
    predicted.iter().zip(observed).map(|(&predicted, &observed)| observed.into() - predicted)
}

/// Compute the sum of squared residuals, `Σ (observed - predicted)²`.
///
/// # Panics
/// If there are not as many observations as predictions.
///
/// ```
/// use gradtape::{gradient, nn::ssr};
/// assert_eq!(ssr(&[1.0, 2.0], &[0.0, 4.0]), 5.0);
/// assert_eq!(gradient(|p| ssr(p, &[0.0, 4.0]), &[1.0, 2.0]), [2.0, -4.0]);
/// ```
#[must_use]
#[track_caller]
pub fn ssr<S: Real, X: Real + Into<S>>(predicted: &[S], observed: &[X]) -> S {
    sum_squares(residuals(predicted, observed))
}

/// Compute the mean squared error, `Σ (observed - predicted)² / n`.
///
/// # Panics
/// If there are not as many observations as predictions.
///
/// ```
/// assert_eq!(gradtape::nn::mse(&[1.0, 2.0], &[0.0, 4.0]), 2.5);
/// ```
#[must_use]
#[track_caller]
pub fn mse<S: Real, X: Real + Into<S>>(predicted: &[S], observed: &[X]) -> S {
    ssr(predicted, observed) / predicted.len() as f64
}

/// Compute the mean absolute error, `Σ |observed - predicted| / n`.
///
/// At its kink, a prediction without error, the derivative is 0.
///
/// # Panics
/// If there are not as many observations as predictions.
///
/// ```
/// assert_eq!(gradtape::nn::mae(&[1.0, 2.0], &[0.0, 4.0]), 1.5);
/// ```
#[must_use]
#[track_caller]
pub fn mae<S: Real, X: Real + Into<S>>(predicted: &[S], observed: &[X]) -> S {
    sum(residuals(predicted, observed).map(Real::abs)) / predicted.len() as f64
}

/// Compute the mean Huber loss: of a residual `r`, `r² / 2` where `|r| ≤ delta`, else
/// `delta (|r| - delta / 2)`.
///
/// An outlier pulls no harder than `delta`. The derivative is continuous, the second one jumps at
/// `|r| = delta`. Written as `q (|r| - q / 2)` with `q = min(|r|, delta)` it branches nowhere, so a
/// recording of it replays for any residual. Source: P. J. Huber, *Robust estimation of a location
/// parameter*, Ann. Math. Statist. 35 (1964), eq. (10).
///
/// # Panics
/// If there are not as many observations as predictions, or `delta` is not above 0.
///
/// ```
/// use gradtape::{gradient, nn::huber};
/// assert_eq!(huber(&[1.0, 2.0], &[0.5, 12.0], 1.0), (0.125 + 9.5) / 2.0);
/// assert_eq!(gradient(|p| huber(p, &[0.5, 12.0], 1.0), &[1.0, 2.0]), [0.25, -0.5]);
/// ```
#[must_use]
#[track_caller]
pub fn huber<S: Real, X: Real + Into<S>>(predicted: &[S], observed: &[X], delta: f64) -> S {
    assert!(delta > 0.0, "the delta of the Huber loss is {delta}: give a number above 0");
    let one = |residual: S| {
        let size = residual.abs();
        let inner = size.min(S::from(delta));
        inner * (size - inner * 0.5)
    };
    sum(residuals(predicted, observed).map(one)) / predicted.len() as f64
}

/// Compute the mean binary cross entropy of logits `z` against probabilities `y`, most often 0 or
/// 1: `-y ln sigmoid(z) - (1 - y) ln sigmoid(-z)`.
///
/// Logits, not probabilities: `z` is what stands before the sigmoid. (Functions without `_with_logits` in their
/// name elsewhere, as `binary_cross_entropy` of PyTorch, take the sigmoid.)
///
/// Evaluated as `y softplus(-z) + (1 - y) softplus(z)`, which neither overflows nor loses the small
/// loss of a confident, right logit, also of an infinite one. It branches nowhere on variables, so a
/// recording of it replays for any logits and probabilities. Source: I. Goodfellow, Y. Bengio,
/// A. Courville, *Deep Learning* (2016), §6.2.2.2.
///
/// # Panics
/// If there are not as many observations as logits.
///
/// ```
/// use gradtape::nn::binary_cross_entropy_with_logits;
/// assert_eq!(binary_cross_entropy_with_logits(&[0.0, 0.0], &[1.0, 0.0]), 2.0_f64.ln());
/// assert_eq!(binary_cross_entropy_with_logits(&[800.0], &[0.0]), 800.0);
/// assert_eq!(binary_cross_entropy_with_logits(&[40.0], &[1.0]), (-40.0_f64).exp());
/// ```
#[must_use]
#[track_caller]
pub fn binary_cross_entropy_with_logits<S: Real, X: Real + Into<S>>(
    logits: &[S],
    observed: &[X],
) -> S {
    assert_same_length("the list of logits", logits.len(), "that of observations", observed.len());
    let one = |(&z, &y): (&S, &X)| match y.value() {
        // Both halves of the mixture would cost twice, and plain data stays what it is.
        0.0 if is_plain::<X>() => z.softplus(),
        1.0 if is_plain::<X>() => (-z).softplus(),
        _ => share(y, (-z).softplus()) + share(-y + 1.0, z.softplus()),
    };
    sum(logits.iter().zip(observed).map(one)) / logits.len() as f64
}

/// Tell whether this is the type of plain data, on which code may branch: a variable can have another
/// value in a replay.
fn is_plain<X: 'static>() -> bool {
    TypeId::of::<X>() == TypeId::of::<f64>()
}

/// The part `weight · loss`, where a weight of 0 leaves nothing: 0 · ∞ is no number. Plain weights of 0 are the
/// caller's to leave out.
#[track_caller]
fn share<S: Real, X: Real + Into<S>>(weight: X, loss: S) -> S {
    if is_plain::<X>() {
        return loss * weight.value();
    }
    // 1 for a weight of 0, else 0, or NaN, with which the product is NaN as it should be.
    let nothing = -weight.compare(X::from(0.0)).abs() + 1.0;
    // Still a product: its slope in the weight is the loss, also where the weight is 0.
    let finite = loss.min(S::from(f64::MAX));
    S::select(nothing.into(), finite, loss) * weight.into()
}

/// Compute the cross entropy of one row of logits against the class observed:
/// `-ln softmax(z)[class] = ln Σ exp(zᵢ) - z[class]`.
///
/// Logits, not probabilities: `z` is what stands before the softmax.
/// Its gradient is `softmax(z)`, less 1 at the class. For the loss of many rows, [`sum`] or average
/// the rows. Evaluated as `softplus(m - z[class])` with `m` the logarithm for the other classes: nothing overflows, the
/// small loss of a confident, right logit keeps its digits, and a class whose logit alone is infinite is certain: the
/// loss is 0, and infinite for the others. Source: I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning* (2016), §6.2.2.3.
///
/// # Panics
/// If there is no logit for the class.
///
/// ```
/// use gradtape::{gradient, nn::cross_entropy_with_logits};
/// assert_eq!(cross_entropy_with_logits(&[1000.0, 0.0], 1), 1000.0);
/// let slopes = gradient(|z| cross_entropy_with_logits(z, 0), &[5.0, 5.0]);
/// assert!((slopes[0] + 0.5).abs() < 1e-15 && (slopes[1] - 0.5).abs() < 1e-15);
/// ```
#[must_use]
#[track_caller]
pub fn cross_entropy_with_logits<S: Real>(logits: &[S], class: usize) -> S {
    let n = logits.len();
    assert!(class < n, "class {class} has no logit: there are {n}, and classes count from 0");
    against_others(logits, class)
}

/// The cross entropy of a class, `ln (Σ exp zⱼ / exp zᵢ)`, as a function of the distance to the others.
#[track_caller]
fn against_others<S: Real>(logits: &[S], class: usize) -> S {
    let (before, after) = (&logits[..class], &logits[class + 1..]);
    (log_sum_exp(before.iter().chain(after)) - logits[class]).softplus()
}

/// Compute the cross entropy of one row of logits against probabilities `p` of the classes, most often 1
/// for one of them and 0 for the others: `Σ pᵢ (ln Σ exp zⱼ - zᵢ)`.
///
/// For a class as such it is [`cross_entropy_with_logits`], to the bit. It branches nowhere on variables, so the
/// probabilities may be the data of a row. A class without a probability counts for nothing, also if its
/// logit is infinite; as plain data it also costs nothing, while each other takes as long as
/// [`cross_entropy_with_logits`]. Source: as [`cross_entropy_with_logits`].
///
/// # Panics
/// If there are not as many probabilities as logits.
///
/// ```
/// use gradtape::nn::{cross_entropy_with_logits, soft_cross_entropy_with_logits};
/// let logits = [0.5, -1.0, 2.0];
/// assert_eq!(soft_cross_entropy_with_logits(&logits, &[0.0, 1.0, 0.0]), cross_entropy_with_logits(&logits, 1));
/// assert!((soft_cross_entropy_with_logits(&[0.0, 0.0], &[0.75, 0.25]) - 2.0_f64.ln()).abs() < 1e-15);
/// ```
#[must_use]
#[track_caller]
pub fn soft_cross_entropy_with_logits<S: Real, X: Real + Into<S>>(
    logits: &[S],
    observed: &[X],
) -> S {
    assert_same_length("the list of logits", logits.len(), "that of observations", observed.len());
    let classes = observed.iter().enumerate();
    sum(classes.map(|(class, &p)| match p.value() {
        0.0 if is_plain::<X>() => S::from(0.0),
        _ => share(p, against_others(logits, class)),
    }))
}

/// Compute the probabilities that logits stand for, `exp zᵢ / Σ exp zⱼ`.
///
/// Evaluated as `exp(zᵢ - ln Σ exp zⱼ)`, which does not overflow and branches nowhere; the relative error is about that
/// of the largest logit, 1e-16 times its size. A logit of -∞ has the probability 0; with one of ∞ they are NaN. For a loss, use the cross entropies of this module, which take the logits and keep more digits.
/// Source: I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning* (2016), §6.2.2.3.
///
/// ```
/// use gradtape::nn::softmax;
/// assert_eq!(softmax(&[1000.0, 0.0]), [1.0, 0.0]);
/// let [p, q] = softmax(&[0.0, 3.0_f64.ln()])[..] else { unreachable!("two logits") };
/// assert!((p - 0.25).abs() < 1e-15 && (q - 0.75).abs() < 1e-15);
/// ```
#[must_use]
#[track_caller]
pub fn softmax<S: Real>(logits: &[S]) -> Vec<S> {
    let total = log_sum_exp(logits);
    logits.iter().map(|&z| (z - total).exp()).collect()
}

/// Compute the share of rows whose largest logit, or probability, is that of the class observed.
///
/// `logits` are by rows, a row for each class observed. Of equal ones the first counts as the largest; a row with NaN
/// is not right. Of no rows it is NaN.
///
/// # Panics
/// If the logits do not fill the rows, or there is none for a class.
///
/// ```
/// use gradtape::nn::accuracy;
/// assert_eq!(accuracy(&[2.0, 1.0, 0.0, 0.5], &[0, 0]), 0.5);
/// ```
#[must_use]
#[track_caller]
pub fn accuracy(logits: &[f64], observed: &[usize]) -> f64 {
    let rows = observed.len();
    let width = logits.len().checked_div(rows).unwrap_or(0);
    assert!(
        width * rows == logits.len(),
        "{} logits for {rows} rows: give as many for each",
        logits.len()
    );
    let is_right = |(row, &class): (&[f64], &usize)| {
        assert!(
            class < width,
            "class {class} has no logit: there are {width}, and classes count from 0"
        );
        let before = row[..class].iter().all(|&z| z < row[class]);
        before && row[class..].iter().all(|&z| z <= row[class])
    };
    let right =
        logits.chunks_exact(width.max(1)).zip(observed).filter(|&row| is_right(row)).count();
    right as f64 / rows as f64
}
