//! [`Finding`]: what the referees say about one input.

use super::report::InputCheck;
use std::fmt;

/// One who says what a derivative is.
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
pub enum Finding {
    /// All say the same.
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
    /// Some say otherwise than the others.
    Disagree {
        /// Those who are wrong; if nobody can tell, those who contradict each other.
        odd: Vec<Referee>,
        /// Those who agree with each other against them; none if nobody can tell.
        agreeing: Vec<Referee>,
        /// How far apart they are.
        by: f64,
    },
    /// A derivative is NaN or infinite although `f` is finite.
    NonFinite {
        /// The first who says so.
        referee: Referee,
    },
}

impl Finding {
    /// Rank by gravity: 0 is agreement.
    pub(super) fn gravity(&self) -> u8 {
        match self {
            Finding::Agree => 0,
            Finding::Unreliable(_) => 1,
            Finding::Kink { .. } => 2,
            Finding::Disagree { .. } => 3,
            Finding::NonFinite { .. } => 4,
        }
    }
}

/// Compare what the referees say about one input.
pub(super) fn judge(check: &InputCheck, tolerance: f64) -> Finding {
    let said = check.said();
    if let Some(&(referee, _)) = said.iter().find(|(_, slope)| !slope.is_finite()) {
        return Finding::NonFinite { referee };
    }
    let largest = said.iter().fold(0.0_f64, |largest, (_, slope)| largest.max(slope.abs()));
    let apart = tolerance * largest + check.sweep_rounding;
    let Some(difference) = &check.difference else {
        return among_sweeps(check, apart).unwrap_or(Finding::Unreliable(Doubt::DomainEdge));
    };
    let best = difference.best;
    let uncertainty = difference.uncertainty + check.sweep_rounding;
    if difference.kinked {
        let (low, high) = (best.left.min(best.right), best.left.max(best.right));
        let slack = uncertainty + tolerance * low.abs().max(high.abs());
        return against(&said, [low, high], slack)
            .unwrap_or(Finding::Kink { left: best.left, right: best.right });
    }
    if !difference.resolves(largest) {
        let doubt = match difference.is_rounding() {
            true => Doubt::Cancellation,
            false => Doubt::Unsettled,
        };
        return among_sweeps(check, apart).unwrap_or(Finding::Unreliable(doubt));
    }
    let slack = uncertainty + tolerance * best.value.abs();
    against(&said, [best.value; 2], slack).unwrap_or(Finding::Agree)
}

/// Find those who say a slope farther than `slack` from the interval that the differences vouch for.
fn against(said: &[(Referee, f64)], [low, high]: [f64; 2], slack: f64) -> Option<Finding> {
    let distance = |slope: f64| (low - slope).max(slope - high).max(0.0);
    let by = said.iter().map(|&(_, slope)| distance(slope)).fold(0.0, f64::max);
    let is_odd = |slope: f64| distance(slope) > slack;
    let those = |odd: bool| {
        said.iter().filter(move |(_, slope)| is_odd(*slope) == odd).map(|&(referee, _)| referee)
    };
    (by > slack).then(|| Finding::Disagree {
        odd: those(true).collect(),
        agreeing: those(false).chain([Referee::Difference]).collect(),
        by,
    })
}

/// Compare claim and sweeps with each other, where no difference can decide.
fn among_sweeps(check: &InputCheck, slack: f64) -> Option<Finding> {
    let sweeps = [Referee::Reverse, Referee::Forward].to_vec();
    let by = (check.reverse - check.forward).abs();
    if by > slack {
        return Some(Finding::Disagree { odd: sweeps, agreeing: vec![], by });
    }
    let by = (check.claimed? - check.reverse).abs();
    let odd = vec![Referee::Claim];
    (by > slack).then_some(Finding::Disagree { odd, agreeing: sweeps, by })
}
