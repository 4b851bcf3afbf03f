//! The curves and the loss of the dosage network.

use super::super::Parameters;
use super::super::dense::takes;
use crate::{Real, sum_squares};

/// The names of the seven parameters, in the order of every slice of them here.
pub const NAMES: [&str; 7] = ["w1", "b1", "w2", "b2", "w3", "w4", "b3"];

/// What was observed: (dosage, efficacy).
pub const DATA: [(f64, f64); 3] = [(0.0, 0.0), (0.5, 1.0), (1.0, 0.0)];

/// The parameters of the published end, which are rounded to two decimals.
pub const PUBLISHED: [f64; 7] = [3.34, -1.43, -3.53, 0.57, -1.22, -2.30, 2.61];

/// Split the parameters, in the order of [`NAMES`].
#[inline]
#[track_caller]
fn seven<S: Real>(parameters: &[S]) -> [S; 7] {
    takes("the dosage network", "parameters", NAMES.len(), parameters.len());
    std::array::from_fn(|i| parameters[i])
}

/// Compute the blue curve, `w3 softplus(w1 x + b1)`. The dosage may be plain data or a variable.
///
/// # Panics
/// If there are not seven parameters.
#[must_use]
#[track_caller]
pub fn blue<S: Real, X: Real + Into<S>>(parameters: &[S], dosage: X) -> S {
    let [w1, b1, _, _, w3, _, _] = seven(parameters);
    w3 * (w1 * dosage.into() + b1).softplus()
}

/// Compute the orange curve, `w4 softplus(w2 x + b2)`.
///
/// # Panics
/// If there are not seven parameters.
#[must_use]
#[track_caller]
pub fn orange<S: Real, X: Real + Into<S>>(parameters: &[S], dosage: X) -> S {
    let [_, _, w2, b2, _, w4, _] = seven(parameters);
    w4 * (w2 * dosage.into() + b2).softplus()
}

/// Compute the green squiggle, `blue + orange + b3`.
///
/// # Panics
/// If there are not seven parameters.
#[must_use]
#[track_caller]
pub fn squiggle<S: Real, X: Real + Into<S>>(parameters: &[S], dosage: X) -> S {
    blue(parameters, dosage) + orange(parameters, dosage) + parameters[6]
}

/// Predict the efficacy of a dosage: the height of the green [`squiggle`] there.
///
/// # Panics
/// If there are not seven parameters.
///
/// ```
/// use gradtape::nn::dosage::{PUBLISHED, predict};
/// let efficacy = [0.0, 0.5, 1.0].map(|dosage| predict(&PUBLISHED, dosage));
/// assert_eq!(efficacy.map(|e| (e * 100.0).round() / 100.0), [0.01, 1.0, -0.0]);
/// ```
#[must_use]
#[track_caller]
pub fn predict<S: Real, X: Real + Into<S>>(parameters: &[S], dosage: X) -> S {
    squiggle(parameters, dosage)
}

/// Compute the sum of squared residuals over [`DATA`], `Σ (observed - predicted)²`.
///
/// # Panics
/// If there are not seven parameters.
///
/// ```
/// use gradtape::{gradient, nn::dosage};
/// assert!(dosage::ssr(&dosage::PUBLISHED) < 1e-4);
/// assert!(gradient(dosage::ssr, &dosage::PUBLISHED).iter().all(|slope| slope.abs() < 0.02));
/// ```
#[must_use]
#[track_caller]
pub fn ssr<S: Real>(parameters: &[S]) -> S {
    takes("the dosage network", "parameters", NAMES.len(), parameters.len());
    let residual =
        |&(dosage, observed): &(f64, f64)| S::from(observed) - predict(parameters, dosage);
    sum_squares(DATA.iter().map(residual))
}

/// Compute the [`ssr`] for a tape that will be looked at: one scope an observation (`dosage 0.5`),
/// with labels `blue 0.5`, `orange 0.5`, `predicted 0.5`, `residual 0.5`; the parameters get their
/// [`NAMES`], the result is `SSR`.
///
/// # Panics
/// If there are not seven parameters.
///
/// ```
/// use gradtape::{Tape, nn::dosage};
/// let tape = Tape::new();
/// let ssr = dosage::ssr_labelled(&tape.vars(&dosage::A.start));
/// let slopes = ssr.backward().by_label();
/// let terms = ["predicted 1", "predicted 0.5", "predicted 0"].map(|name| slopes[name]);
/// assert_eq!(slopes["b3"], terms.iter().sum::<f64>());
/// ```
#[must_use]
#[track_caller]
pub fn ssr_labelled<S: Real>(parameters: &[S]) -> S {
    let p = seven(parameters);
    for (x, name) in p.iter().zip(NAMES) {
        let _named = x.label(name);
    }
    let residual = |&(dosage, observed): &(f64, f64)| {
        S::scope(&format!("dosage {dosage}"), || {
            let blue = blue(&p, dosage).label(&format!("blue {dosage}"));
            let orange = orange(&p, dosage).label(&format!("orange {dosage}"));
            let predicted = (blue + orange + p[6]).label(&format!("predicted {dosage}"));
            (S::from(observed) - predicted).label(&format!("residual {dosage}"))
        })
    };
    sum_squares(DATA.iter().map(residual)).label("SSR")
}

/// Name seven values.
///
/// ```
/// use gradtape::nn::dosage;
/// assert_eq!(dosage::parameters(&dosage::PUBLISHED).get("w4")?, [-2.3]);
/// # Ok::<(), gradtape::nn::ParameterError>(())
/// ```
#[must_use]
pub fn parameters(values: &[f64; 7]) -> Parameters {
    let mut parameters = Parameters::new();
    for (name, value) in NAMES.iter().zip(values) {
        let inserted = parameters.insert(name, &[], &[*value]);
        inserted.expect("the seven names differ");
    }
    parameters
}
