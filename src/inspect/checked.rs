//! [`Checked`]: a gradient check as plain data.

use super::Report;
use crate::check::{self, GradientReport, InputCheck};

/// What the referees of a gradient check said.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Checked {
    /// The verdict in words.
    pub verdict: String,
    /// Whether all agree on every input.
    pub confirmed: bool,
    /// The value of the function.
    pub value: f64,
    /// The relative deviation that was let pass.
    pub tolerance: f64,
    /// What was said about each input.
    pub inputs: Vec<CheckedInput>,
    /// The power of the step that the Taylor remainder shrinks with, if it follows one.
    pub order: Option<f64>,
    /// The Taylor remainders, largest step first.
    pub remainders: Vec<CheckedStep>,
}

/// What the referees said about one input.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CheckedInput {
    /// Its name.
    pub name: String,
    /// Its value.
    pub x: f64,
    /// The derivative that was claimed, if one was.
    pub claimed: Option<f64>,
    /// The derivative by the reverse sweep.
    pub reverse: f64,
    /// The derivative by the forward sweep.
    pub forward: f64,
    /// The derivative by central differences, if the function is finite around the point.
    pub difference: Option<CheckedDifference>,
    /// What follows: `agree`, `kink`, ...
    pub finding: String,
    /// Which kind of finding that is: `agree`, `unreliable`, `kink`, `disagree` or `non-finite`.
    pub kind: String,
    /// What on the tape may explain it.
    pub clue: Option<String>,
}

/// A derivative as values of the function tell it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CheckedDifference {
    /// The estimate on the plateau.
    pub value: f64,
    /// How far it may be off.
    pub uncertainty: f64,
    /// The step of the plateau.
    pub step: f64,
    /// The estimate at every step, largest step first.
    pub estimates: Vec<CheckedStep>,
}

/// A number that was computed with a step, and how much of it may be rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CheckedStep {
    /// The step.
    pub step: f64,
    /// The number.
    pub value: f64,
    /// How much of it may be rounding.
    pub rounding: f64,
}

impl Report {
    /// Add what the three referees of a gradient check said.
    ///
    /// A check that confirms nothing becomes a finding. A second check takes the place of the first.
    ///
    /// ```
    /// use gradtape::{Tape, Var, check_gradient};
    /// let f = |x: &[Var]| (x[0] * x[1]).sin();
    /// let tape = Tape::new();
    /// let y = f(&tape.vars(&[0.5, 2.0]));
    /// let report = tape.report(y).with_check(&check_gradient(f, &[0.5, 2.0])?);
    /// assert!(report.check.unwrap().confirmed);
    /// # Ok::<(), gradtape::check::CheckError>(())
    /// ```
    #[must_use]
    pub fn with_check(mut self, check: &GradientReport) -> Report {
        self.checked_again(Checked::of(check));
        self
    }
}

impl Checked {
    /// Copy what a check found.
    #[must_use]
    pub fn of(check: &GradientReport) -> Checked {
        let taylor = check.taylor();
        let sample = |r: &check::Estimate| CheckedStep {
            step: r.step,
            value: r.value,
            rounding: r.rounding,
        };
        Checked {
            verdict: check.summary(),
            confirmed: check.is_ok(),
            value: check.value(),
            tolerance: check.tolerance(),
            inputs: check.inputs().iter().map(input).collect(),
            order: taylor.order,
            remainders: taylor.remainders.iter().map(sample).collect(),
        }
    }
}

fn input(input: &InputCheck) -> CheckedInput {
    let difference = input.difference.as_ref().map(|difference| CheckedDifference {
        value: difference.best.value,
        uncertainty: difference.uncertainty,
        step: difference.best.step,
        estimates: difference
            .estimates
            .iter()
            .map(|e| CheckedStep { step: e.step, value: e.value, rounding: e.rounding })
            .collect(),
    });
    CheckedInput {
        name: input.name.clone(),
        x: input.x,
        claimed: input.claimed,
        reverse: input.reverse,
        forward: input.forward,
        difference,
        finding: input.verdict.to_string(),
        kind: kind(&input.verdict).into(),
        clue: input.clue.clone(),
    }
}

fn kind(verdict: &check::Verdict) -> &'static str {
    match verdict {
        check::Verdict::Agree => "agree",
        check::Verdict::Unreliable(_) => "unreliable",
        check::Verdict::Kink { .. } => "kink",
        check::Verdict::Disagree { .. } => "disagree",
        check::Verdict::NonFinite { .. } => "non-finite",
    }
}
