//! What follows from what the referees say.
//!
//! ```text
//! for each input, with what the claim, if there is one, and the two sweeps say:
//!     one is not finite                       -> that
//!     no plateau, or one too uncertain        -> the sweeps and the claim against each other; else unreliable
//!     a plateau with two slopes, at a kink    -> those outside the interval of the slopes; else a kink
//!     a plateau                               -> those farther from it than uncertainty and tolerance; else agreement
//! over all inputs: the gravest, the first of them; if none, whether the Taylor remainder hides a kink across them
//! ```

use super::difference::Plateau;
use super::report::{GradientReport, InputCheck, Verdict, precise, rough};
use super::taylor::Taylor;

/// What was computed about one input, and what on the tape may explain a verdict.
pub(super) struct Evidence {
    pub name: String,
    pub x: f64,
    pub claimed: Option<f64>,
    pub reverse: f64,
    pub forward: f64,
    pub plateau: Option<Plateau>,
    /// How far the sweeps may be apart for rounding alone.
    pub sweep_rounding: f64,
    /// An operation at its kink, or a comparison with another outcome a step away.
    pub kink: Option<String>,
    /// A missing path, or a custom operation on the way.
    pub path: Option<String>,
}

/// Who computes a derivative, and what it is.
type Slope = (&'static str, f64);

/// What follows for one input that is not confirmed, with a sentence that says who says what.
struct Opinion {
    kind: Verdict,
    finding: String,
    sentence: String,
    clue: Option<String>,
}

/// Judge every input, and all of them.
pub(super) fn judge(
    value: f64,
    evidence: Vec<Evidence>,
    taylor: Taylor,
    tolerance: f64,
) -> GradientReport {
    let opinions: Vec<Option<Opinion>> =
        evidence.iter().map(|input| input.judge(tolerance, &taylor)).collect();
    // The first of the gravest: of equals, `max_by_key` takes the last.
    let gravest = opinions.iter().flatten().rev().max_by_key(|opinion| opinion.kind);
    let across = gravest.is_none() && is_kinked_across(&evidence, &taylor, tolerance);
    let verdict = match gravest {
        Some(opinion) => {
            let clue = opinion.clue.as_ref().map(|clue| format!("; {clue}"));
            let (unconfirmed, all) = (opinions.iter().flatten().count(), evidence.len());
            let others = match unconfirmed - 1 {
                0 => String::new(),
                others => format!(" ({others} more of {all} inputs are not confirmed)"),
            };
            format!("{}{}{others}", opinion.sentence, clue.unwrap_or_default())
        }
        None if across => format!(
            "not differentiable here: along each input it agrees, but across them f has a kink: the Taylor \
             remainder shrinks with the first power of the step only ({})",
            taylor.in_words()
        ),
        None => agreement(&evidence, &taylor),
    };
    let confirmed = gravest.is_none() && !across;
    let inputs = evidence.into_iter().zip(opinions).map(|(input, opinion)| {
        let (kind, finding, clue) = match opinion {
            Some(opinion) => (opinion.kind, opinion.finding, opinion.clue),
            None => (Verdict::Agree, "agree".into(), None),
        };
        let difference = input.plateau.map(|plateau| plateau.difference);
        let Evidence { name, x, claimed, reverse, forward, .. } = input;
        InputCheck { name, x, claimed, reverse, forward, difference, finding, kind, clue }
    });
    let inputs = inputs.collect();
    let Taylor { order, remainders, .. } = taylor;
    GradientReport { verdict, confirmed, value, tolerance, inputs, order, remainders }
}

fn agreement(evidence: &[Evidence], taylor: &Taylor) -> String {
    let claim = if evidence[0].claimed.is_some() { "claim, " } else { "" };
    let on = match evidence {
        [input] => format!("on {}", input.name),
        all => format!("on all {} inputs", all.len()),
    };
    let taylor = taylor.in_words();
    format!("{claim}reverse sweep, forward sweep and central differences agree {on}; {taylor}")
}

/// Tell whether the gradient leaves part of the slope along the direction unexplained: more than what
/// tolerance and uncertainties of the inputs amount to.
fn is_kinked_across(evidence: &[Evidence], taylor: &Taylor, tolerance: f64) -> bool {
    let open = |(input, v): (&Evidence, &f64)| {
        let uncertainty = input.plateau.as_ref().map_or(0.0, |p| p.difference.uncertainty);
        (tolerance * input.subject().1.abs() + uncertainty) * v.abs()
    };
    let open: f64 = evidence.iter().zip(&taylor.direction).map(open).sum();
    taylor.is_first_order() && taylor.missing_slope > open
}

impl Evidence {
    /// The exact derivatives and whose they are.
    fn slopes(&self) -> Vec<Slope> {
        let claim = self.claimed.map(|slope| ("the claimed gradient", slope));
        let forward = ("the forward sweep", self.forward);
        claim.into_iter().chain([self.reverse_slope(), forward]).collect()
    }

    fn reverse_slope(&self) -> Slope {
        ("the reverse sweep", self.reverse)
    }

    /// The derivative that is being checked: the claim, else the reverse sweep's.
    pub fn subject(&self) -> Slope {
        self.slopes()[0]
    }

    /// The input and its value.
    fn place(&self) -> String {
        format!("{} = {}", self.name, precise(self.x))
    }

    /// What is wrong; nothing if all agree.
    fn judge(&self, tolerance: f64, taylor: &Taylor) -> Option<Opinion> {
        let slopes = self.slopes();
        if let Some((referee, slope)) = slopes.iter().find(|(_, slope)| !slope.is_finite()) {
            let sentence =
                format!("{referee} says {slope} at {}, where f itself is finite", self.place());
            return Some(self.opinion(Verdict::NonFinite, "not finite", sentence));
        }
        let largest = slopes.iter().fold(0.0_f64, |largest, (_, slope)| largest.max(slope.abs()));
        let doubt = match &self.plateau {
            None => "f is not finite on both sides of the point",
            Some(plateau) if plateau.kinked || plateau.resolves(largest) => {
                let Plateau { left, right, .. } = *plateau;
                let [low, high] = match plateau.kinked {
                    true => [left.min(right), left.max(right)],
                    false => [plateau.difference.value; 2],
                };
                let uncertainty = plateau.difference.uncertainty + self.sweep_rounding;
                let slack = uncertainty + tolerance * low.abs().max(high.abs());
                let wrong = self.against(plateau, [low, high], slack, taylor);
                return wrong.or_else(|| plateau.kinked.then(|| self.kink(plateau)));
            }
            Some(plateau) if plateau.is_rounding() => {
                "cancellation leaves little but rounding in the values of f"
            }
            Some(_) => {
                "its estimates settle at no step: a jump, noise, or variation finer than the steps"
            }
        };
        let apart = tolerance * largest + self.sweep_rounding;
        self.among_sweeps(apart, taylor).or_else(|| Some(self.unreliable(doubt)))
    }

    /// Find those whose slope is farther than `slack` from the interval that the differences vouch for.
    fn against(
        &self,
        plateau: &Plateau,
        [low, high]: [f64; 2],
        slack: f64,
        taylor: &Taylor,
    ) -> Option<Opinion> {
        let distance = |slope: f64| (low - slope).max(slope - high).max(0.0);
        let slopes = self.slopes();
        let by = slopes.iter().map(|&(_, slope)| distance(slope)).fold(0.0, f64::max);
        let (odd, mut agreeing): (Vec<Slope>, Vec<Slope>) =
            slopes.into_iter().partition(|&(_, slope)| distance(slope) > slack);
        let right = plateau.difference.value;
        agreeing.push(("the central difference", right));
        (by > slack).then(|| self.disagreement(&odd, agreeing, right, by, taylor))
    }

    /// Compare claim and sweeps with each other, where no difference can decide.
    fn among_sweeps(&self, slack: f64, taylor: &Taylor) -> Option<Opinion> {
        let by = (self.reverse - self.forward).abs();
        if by > slack {
            let sentence = format!(
                "the reverse sweep and the forward sweep disagree at {} by {}, and the difference is too \
                 uncertain to tell who is right",
                self.name,
                rough(by)
            );
            return Some(self.disagree(sentence, by, true));
        }
        let by = (self.claimed? - self.reverse).abs();
        let slopes = self.slopes();
        let (claim, sweeps) = slopes.split_at(1);
        (by > slack).then(|| self.disagreement(claim, sweeps.to_vec(), self.reverse, by, taylor))
    }

    /// Say who is wrong, and who agrees on what is right. The Taylor remainder is a further witness, for
    /// or against the derivative that is being checked.
    fn disagreement(
        &self,
        odd: &[Slope],
        mut agreeing: Vec<Slope>,
        right: f64,
        by: f64,
        taylor: &Taylor,
    ) -> Opinion {
        let is_odd = |slope: Slope| odd.iter().any(|(referee, _)| *referee == slope.0);
        let accuses = taylor.is_first_order();
        let is_witness = taylor.order.is_some() && accuses == is_odd(self.subject());
        if is_witness {
            agreeing.push(("the Taylor remainder", right));
        }
        let relative = match right == 0.0 {
            true => String::new(),
            false => format!(" (relative {})", rough(by / right.abs())),
        };
        let mut sentence = format!(
            "{} {} {} at {}, but {} {} {}: off by {}{relative}",
            join(odd),
            if odd.len() == 1 { "says" } else { "say" },
            precise(odd[0].1),
            self.name,
            join(&agreeing),
            if agreeing.len() == 1 { "says" } else { "agree on" },
            precise(right),
            rough(by)
        );
        if is_witness {
            let unlike = if accuses { ", not like h^2" } else { "" };
            sentence += &format!("; {}{unlike}", taylor.in_words());
        }
        self.disagree(sentence, by, is_odd(self.reverse_slope()))
    }

    fn disagree(&self, sentence: String, by: f64, is_reverse_odd: bool) -> Opinion {
        Opinion {
            kind: Verdict::Disagree,
            finding: format!("disagree by {}", rough(by)),
            sentence,
            clue: self.path.clone().filter(|_| is_reverse_odd),
        }
    }

    fn kink(&self, plateau: &Plateau) -> Opinion {
        let (referee, slope) = self.subject();
        let sentence = format!(
            "kink at {} (or nearer than {}): the slope is {} on the left and {} on the right, and \
             the {} of {referee} is a convention between them; check at another point",
            self.place(),
            rough(plateau.difference.step),
            precise(plateau.left),
            precise(plateau.right),
            precise(slope)
        );
        self.opinion(Verdict::Kink, "kink", sentence)
    }

    fn unreliable(&self, doubt: &str) -> Opinion {
        let estimate = self.plateau.as_ref().map(|plateau| {
            let difference = &plateau.difference;
            format!(" ({} ± {})", precise(difference.value), rough(difference.uncertainty))
        });
        let sentence = format!(
            "numeric difference unreliable at {}{}, do not trust it: {doubt}. The sweeps agree with each \
             other on {}",
            self.place(),
            estimate.unwrap_or_default(),
            precise(self.reverse)
        );
        self.opinion(Verdict::Unreliable, "difference unreliable", sentence)
    }

    /// What a kink on the tape may explain.
    fn opinion(&self, kind: Verdict, finding: &str, sentence: String) -> Opinion {
        Opinion { kind, finding: finding.into(), sentence, clue: self.kink.clone() }
    }
}

fn join(slopes: &[Slope]) -> String {
    let names: Vec<&str> = slopes.iter().map(|(name, _)| *name).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
