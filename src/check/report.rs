//! [`GradientReport`]: what every referee slopes about every input, and the verdict.

use super::difference::{Difference, Estimate};
use super::probe::Clues;
use super::taylor::Taylor;
use std::fmt;

/// A way to compute a derivative, independent of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Referee {
    /// The gradient handed to [`check_claimed`](super::check_claimed).
    Claim,
    /// The reverse sweep.
    Reverse,
    /// The forward sweep of the same recording.
    Forward,
    /// The central difference.
    Difference,
    /// The order of the Taylor remainder.
    Taylor,
}

impl fmt::Display for Referee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Referee::Claim => "the claimed gradient",
            Referee::Reverse => "the reverse sweep",
            Referee::Forward => "the forward sweep",
            Referee::Difference => "the central difference",
            Referee::Taylor => "the Taylor remainder",
        })
    }
}

/// Why a numeric difference is not to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Doubt {
    /// The values of `f` are mostly rounding: large intermediate values cancel.
    Cancellation,
    /// The estimates do not settle at any step: a jump, noise, or variation finer than the steps.
    Unsettled,
    /// `f` is not finite on one side, or nearly everywhere around.
    DomainEdge,
    /// Each input agrees, but across them the remainder shrinks with the first power only: `f` is not
    /// differentiable here.
    AcrossInputs,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Doubt::Cancellation => "cancellation leaves little but rounding in the values of f",
            Doubt::Unsettled => {
                "its estimates settle at no step: a jump, noise, or variation finer than the steps"
            }
            Doubt::DomainEdge => "f is not finite on both sides of the point",
            Doubt::AcrossInputs => {
                "along each input it agrees, but across them f has a kink: the Taylor remainder \
                 shrinks with the first power of the step only"
            }
        })
    }
}

/// What the referees say about one input, or about all.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// All agree.
    Agree,
    /// The numeric difference cannot be trusted here, so nothing is confirmed.
    Unreliable(Doubt),
    /// The point is at a kink, or nearer to one than the steps: the derivative is a convention between
    /// the slopes on the two sides.
    Kink {
        /// The slope on the left.
        left: f64,
        /// The slope on the right.
        right: f64,
    },
    /// Some disagree with the others.
    Disagree {
        /// Those that are wrong; if that cannot be told, those that contradict each other.
        odd: Vec<Referee>,
        /// Those that agree with each other against them; none if that cannot be told.
        agreeing: Vec<Referee>,
        /// How far apart they are.
        by: f64,
    },
    /// A derivative is NaN or infinite although `f` is finite.
    NonFinite {
        /// The first that returns it.
        referee: Referee,
    },
}

impl Verdict {
    /// Rank by gravity: 0 is agreement.
    pub(super) fn gravity(&self) -> u8 {
        match self {
            Verdict::Agree => 0,
            Verdict::Unreliable(_) => 1,
            Verdict::Kink { .. } => 2,
            Verdict::Disagree { .. } => 3,
            Verdict::NonFinite { .. } => 4,
        }
    }
}

/// Compare the referees' derivatives of one input.
pub(super) fn judge(check: &InputCheck, tolerance: f64) -> Verdict {
    let slopes = check.exact();
    if let Some(&(referee, _)) = slopes.iter().find(|(_, slope)| !slope.is_finite()) {
        return Verdict::NonFinite { referee };
    }
    let largest = slopes.iter().fold(0.0_f64, |largest, (_, slope)| largest.max(slope.abs()));
    let apart = tolerance * largest + check.sweep_rounding;
    let Some(difference) = &check.difference else {
        return among_sweeps(check, apart).unwrap_or(Verdict::Unreliable(Doubt::DomainEdge));
    };
    let best = difference.best;
    let uncertainty = difference.uncertainty + check.sweep_rounding;
    if difference.kinked {
        let (low, high) =
            (difference.left.min(difference.right), difference.left.max(difference.right));
        let slack = uncertainty + tolerance * low.abs().max(high.abs());
        return against(&slopes, [low, high], slack)
            .unwrap_or(Verdict::Kink { left: difference.left, right: difference.right });
    }
    if !difference.resolves(largest) {
        let doubt = match difference.is_rounding() {
            true => Doubt::Cancellation,
            false => Doubt::Unsettled,
        };
        return among_sweeps(check, apart).unwrap_or(Verdict::Unreliable(doubt));
    }
    let slack = uncertainty + tolerance * best.value.abs();
    against(&slopes, [best.value; 2], slack).unwrap_or(Verdict::Agree)
}

/// Find those whose slope is farther than `slack` from the interval that the differences vouch for.
fn against(slopes: &[(Referee, f64)], [low, high]: [f64; 2], slack: f64) -> Option<Verdict> {
    let distance = |slope: f64| (low - slope).max(slope - high).max(0.0);
    let by = slopes.iter().map(|&(_, slope)| distance(slope)).fold(0.0, f64::max);
    let is_odd = |slope: f64| distance(slope) > slack;
    let those = |odd: bool| {
        slopes.iter().filter(move |(_, slope)| is_odd(*slope) == odd).map(|&(referee, _)| referee)
    };
    (by > slack).then(|| Verdict::Disagree {
        odd: those(true).collect(),
        agreeing: those(false).chain([Referee::Difference]).collect(),
        by,
    })
}

/// Compare claim and sweeps with each other, where no difference can decide.
fn among_sweeps(check: &InputCheck, slack: f64) -> Option<Verdict> {
    let sweeps = [Referee::Reverse, Referee::Forward].to_vec();
    let by = (check.reverse - check.forward).abs();
    if by > slack {
        return Some(Verdict::Disagree { odd: sweeps, agreeing: vec![], by });
    }
    let by = (check.claimed? - check.reverse).abs();
    let odd = vec![Referee::Claim];
    (by > slack).then_some(Verdict::Disagree { odd, agreeing: sweeps, by })
}

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
    pub verdict: Verdict,
    /// What on the tape may explain a verdict other than agreement.
    pub clue: Option<String>,
    pub(super) clues: Clues,
    /// How far the sweeps may be apart for rounding alone.
    pub(super) sweep_rounding: f64,
}

impl InputCheck {
    /// The exact derivatives and who slopes them: claim if there is one, reverse, forward.
    pub(super) fn exact(&self) -> Vec<(Referee, f64)> {
        let claim = self.claimed.map(|slope| (Referee::Claim, slope));
        let sweeps = [(Referee::Reverse, self.reverse), (Referee::Forward, self.forward)];
        claim.into_iter().chain(sweeps).collect()
    }

    /// The derivative that is being checked: the claim, else the reverse sweep's.
    pub(super) fn subject(&self) -> (Referee, f64) {
        self.exact()[0]
    }

    /// Judge this input, with the Taylor remainder as a further witness of a disagreement.
    fn judge(&mut self, tolerance: f64, taylor: &Taylor) {
        self.verdict = judge(self, tolerance);
        let (subject, _) = self.subject();
        if let Verdict::Disagree { odd, agreeing, .. } = &mut self.verdict {
            let accuses = taylor.order.is_some() && taylor.is_first_order();
            let acquits = taylor.order.is_some() && !taylor.is_first_order();
            let is_odd = odd.contains(&subject);
            if !agreeing.is_empty() && ((is_odd && accuses) || (!is_odd && acquits)) {
                agreeing.push(Referee::Taylor);
            }
        }
        let sweeps_odd = |odd: &[Referee]| odd.contains(&Referee::Reverse);
        self.clue = match &self.verdict {
            Verdict::Agree => None,
            Verdict::Disagree { odd, .. } if sweeps_odd(odd) => self.clues.path.clone(),
            Verdict::Disagree { .. } => None,
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
    /// The relative deviation that is let pass at first, beside the uncertainty of the difference.
    pub const TOLERANCE: f64 = 1e-6;

    /// Judge anew with another tolerance: the relative deviation from the difference that is let pass
    /// beside the difference's own uncertainty. It is [`TOLERANCE`](GradientReport::TOLERANCE) at first.
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
        *self.verdict() == Verdict::Agree
    }

    /// Find the gravest verdict.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        match self.worst() {
            Some(input) => &input.verdict,
            None if self.is_kinked_across() => &Verdict::Unreliable(Doubt::AcrossInputs),
            None => &Verdict::Agree,
        }
    }

    /// Find the first input with the gravest verdict; none if all agree.
    #[must_use]
    pub fn worst(&self) -> Option<&InputCheck> {
        let gravest = self.inputs.iter().map(|input| input.verdict.gravity()).max()?;
        let first = self.inputs.iter().find(|input| input.verdict.gravity() == gravest);
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

    /// Read the power of the step that the Taylor remainder shrinks with: 2, or more, for a right gradient, 1 for a
    /// wrong one or at a kink. None if the remainder is lost in rounding, as that of a linear function, or
    /// follows no power.
    #[must_use]
    pub fn order(&self) -> Option<f64> {
        self.taylor.order
    }

    /// Read the Taylor remainders, largest step first; those where `f` is not finite are missing.
    #[must_use]
    pub fn remainders(&self) -> &[Estimate] {
        &self.taylor.remainders
    }

    /// Read the direction of the Taylor remainders: random, of half to the whole scale of each coordinate.
    #[must_use]
    pub fn direction(&self) -> &[f64] {
        &self.taylor.direction
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
