//! The loss of the dosage network: two softplus units, seven parameters, three doses.

use super::{NaryObjective, Objective, scalar::Scalar, total};
use gradtape::{Real, sum_squares};

/// Sum of squared residuals of
/// `w3 softplus(w1 dose + b1) + w4 softplus(w2 dose + b2) + b3`.
pub struct Dosage;

impl Dosage {
    /// Dose and observed efficacy.
    pub const DATA: [(f64, f64); 3] = [(0.0, 0.0), (0.5, 1.0), (1.0, 0.0)];

    /// Where training starts, in the order `w1 b1 w2 b2 w3 w4 b3`.
    pub fn start() -> Vec<f64> {
        vec![2.74, 0.0, -1.13, 0.0, 0.36, 0.63, 0.0]
    }
}

impl Objective for Dosage {
    fn eval<S: Scalar>(&self, x: &[S]) -> S {
        let &[w1, b1, w2, b2, w3, w4, b3] = x else {
            panic!("the dosage network has 7 parameters, not {}", x.len());
        };
        let squares = Self::DATA.into_iter().map(|(dose, observed)| {
            let blue = w3 * (w1 * dose + b1).softplus();
            let orange = w4 * (w2 * dose + b2).softplus();
            let residual = (blue + orange + b3).rsub(observed);
            residual * residual
        });
        total(squares).expect("the data is not empty")
    }
}

/// With the engine's own softplus, and the sum of squares as one node.
impl NaryObjective for Dosage {
    fn eval_nary<S: Real>(&self, x: &[S]) -> S {
        let &[w1, b1, w2, b2, w3, w4, b3] = x else {
            panic!("the dosage network has 7 parameters, not {}", x.len());
        };
        sum_squares(Self::DATA.map(|(dose, observed)| {
            let blue = w3 * (w1 * dose + b1).softplus();
            let orange = w4 * (w2 * dose + b2).softplus();
            S::from(observed) - (blue + orange + b3)
        }))
    }
}

/// One step of gradient descent on all seven parameters, written out by hand; returns the loss.
pub fn step_by_hand(parameters: &mut [f64], rate: f64) -> f64 {
    let &mut [w1, b1, w2, b2, w3, w4, b3] = parameters else {
        panic!("the dosage network has 7 parameters, not {}", parameters.len());
    };
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (mut ssr, mut slopes) = (0.0, [0.0; 7]);
    for (dose, observed) in Dosage::DATA {
        let (z1, z2) = (w1 * dose + b1, w2 * dose + b2);
        let (blue, orange) = (softplus(z1), softplus(z2));
        let residual = observed - (w3 * blue + w4 * orange + b3);
        ssr += residual * residual;
        let d = -2.0 * residual;
        let (d1, d2) = (d * w3 * sigmoid(z1), d * w4 * sigmoid(z2));
        let terms = [d1 * dose, d1, d2 * dose, d2, d * blue, d * orange, d];
        slopes.iter_mut().zip(terms).for_each(|(slope, term)| *slope += term);
    }
    parameters.iter_mut().zip(slopes).for_each(|(p, slope)| *p -= rate * slope);
    ssr
}
