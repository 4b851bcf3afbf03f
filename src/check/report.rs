//! [`GradientReport`]: what every referee said about every input, and the verdict.

use super::clue::Clues;
use super::difference::Difference;
use super::finding::{Doubt, Finding, Referee, judge};
use super::taylor::Taylor;

/// What the referees say about one input.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct InputCheck {
    /// The label that `f` gives the input, else `x[i]`.
    pub name: String,
    /// Its value.
    pub x: f64,
    /// The derivative that was claimed, in [`check_claimed`](super::check_claimed).
    pub claimed: Option<f64>,
    /// The derivative by the reverse sweep.
    pub reverse: f64,
    /// The derivative by the forward sweep.
    pub forward: f64,
    /// The derivative by central differences; none if `f` is not finite around the point.
    pub difference: Option<Difference>,
    /// What follows.
    pub finding: Finding,
    /// What on the tape may explain a finding other than agreement.
    pub clue: Option<String>,
    pub(super) clues: Clues,
    /// How far the sweeps may be apart for rounding alone.
    pub(super) sweep_rounding: f64,
}

impl InputCheck {
    /// The exact derivatives and who said them: claim if there is one, reverse, forward.
    pub(super) fn said(&self) -> Vec<(Referee, f64)> {
        let claim = self.claimed.map(|slope| (Referee::Claim, slope));
        let sweeps = [(Referee::Reverse, self.reverse), (Referee::Forward, self.forward)];
        claim.into_iter().chain(sweeps).collect()
    }

    /// The derivative that is being checked: the claim, else the reverse sweep's.
    pub(super) fn subject(&self) -> (Referee, f64) {
        self.said()[0]
    }

    /// Judge this input, with the Taylor remainder as a further witness of a disagreement.
    fn judge(&mut self, tolerance: f64, taylor: &Taylor) {
        self.finding = judge(self, tolerance);
        let (subject, _) = self.subject();
        if let Finding::Disagree { odd, agreeing, .. } = &mut self.finding {
            let accuses = taylor.order.is_some() && taylor.is_first_order();
            let acquits = taylor.order.is_some() && !taylor.is_first_order();
            let is_odd = odd.contains(&subject);
            if !agreeing.is_empty() && ((is_odd && accuses) || (!is_odd && acquits)) {
                agreeing.push(Referee::Taylor);
            }
        }
        let sweeps_odd = |odd: &[Referee]| odd.contains(&Referee::Reverse);
        self.clue = match &self.finding {
            Finding::Agree => None,
            Finding::Disagree { odd, .. } if sweeps_odd(odd) => self.clues.path.clone(),
            Finding::Disagree { .. } => None,
            _ => self.clues.kink.clone(),
        };
    }
}

/// The outcome of a gradient check. Made by [`check_gradient`](super::check_gradient) and
/// [`check_claimed`](super::check_claimed).
///
/// Printed, it is the verdict and a table with a row an input.
///
/// ```
/// use gradtape::check_gradient;
/// let report = check_gradient(|x| (x[0].label("dose") * 2.0).sin() * x[1], &[0.3, 5.0]).unwrap();
/// assert!(report.is_ok());
/// assert_eq!(report.inputs()[0].name, "dose");
/// println!("{report}");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GradientReport {
    pub(super) value: f64,
    pub(super) tolerance: f64,
    pub(super) inputs: Vec<InputCheck>,
    pub(super) taylor: Taylor,
}

impl GradientReport {
    /// Judge anew with another tolerance: the relative deviation from the difference that is let pass
    /// beside the difference's own uncertainty. It is [`TOLERANCE`](super::TOLERANCE) at first.
    ///
    /// # Panics
    /// If the tolerance is negative or NaN.
    #[must_use]
    #[track_caller]
    pub fn with_tolerance(mut self, tolerance: f64) -> GradientReport {
        assert!(tolerance >= 0.0, "the tolerance is {tolerance}: give one of 0 or more");
        self.tolerance = tolerance;
        for input in &mut self.inputs {
            input.judge(tolerance, &self.taylor);
        }
        self
    }

    /// Tell whether the gradient is confirmed: all referees agree on every input. A kink or an
    /// unreliable difference confirms nothing.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        *self.finding() == Finding::Agree
    }

    /// Find the gravest finding.
    #[must_use]
    pub fn finding(&self) -> &Finding {
        match self.worst() {
            Some(input) => &input.finding,
            None if self.is_kinked_across() => &Finding::Unreliable(Doubt::AcrossInputs),
            None => &Finding::Agree,
        }
    }

    /// Find the first input with the gravest finding; none if all agree.
    #[must_use]
    pub fn worst(&self) -> Option<&InputCheck> {
        let gravest = self.inputs.iter().map(|input| input.finding.gravity()).max()?;
        let first = self.inputs.iter().find(|input| input.finding.gravity() == gravest);
        first.filter(|_| gravest > 0)
    }

    /// Read the value of `f`.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Read what was found about each input.
    #[must_use]
    pub fn inputs(&self) -> &[InputCheck] {
        &self.inputs
    }

    /// Read the Taylor remainder of the gradient that was checked.
    #[must_use]
    pub fn taylor(&self) -> &Taylor {
        &self.taylor
    }

    /// Read the tolerance that was judged with.
    #[must_use]
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    /// Tell whether the gradient leaves part of the slope along the direction unexplained: more than
    /// what tolerance and uncertainties of the inputs amount to.
    fn is_kinked_across(&self) -> bool {
        let open = |(input, v): (&InputCheck, &f64)| {
            let (_, slope) = input.subject();
            let uncertainty = input.difference.as_ref().map_or(0.0, |d| d.uncertainty);
            (self.tolerance * slope.abs() + uncertainty) * v.abs()
        };
        let open: f64 = self.inputs.iter().zip(&self.taylor.direction).map(open).sum();
        self.taylor.is_first_order() && self.taylor.missing_slope > open
    }
}
