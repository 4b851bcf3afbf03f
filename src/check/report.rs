//! [`GradientReport`]: the outcome of a check as plain data, and as a table.

use crate::text::{digits, on_one_line};
use std::fmt;

/// The outcome of a gradient check. Made by [`check_gradient`](super::check_gradient) and
/// [`GradientReport::of`].
///
/// Printed, it is the verdict and a table with a row an input.
///
/// ```
/// use gradtape::check_gradient;
/// let report = check_gradient(|x| (x[0].label("dose") * 2.0).sin() * x[1], &[0.3, 5.0]).unwrap();
/// assert!(report.confirmed);
/// assert_eq!(report.inputs[0].name, "dose");
/// println!("{report}");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GradientReport {
    /// The verdict in words: who says what of the gravest input, and what may explain it.
    pub verdict: String,
    /// Whether all agree on every input. A kink or an unreliable difference confirms nothing.
    pub confirmed: bool,
    /// The value of the function.
    pub value: f64,
    /// The relative deviation that was let pass, beside the uncertainty of the difference.
    pub tolerance: f64,
    /// What was found about each input.
    pub inputs: Vec<InputCheck>,
    /// The power of the step that the Taylor remainder shrinks with: 2, or more, for a right gradient,
    /// 1 for a wrong one or at a kink. None if the remainder is lost in rounding, as that of a linear
    /// function, or follows no power.
    pub order: Option<f64>,
    /// The Taylor remainders, largest step first; those where the function is not finite are missing.
    pub remainders: Vec<Estimate>,
}

/// What the referees say about one input.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct InputCheck {
    /// The label that the function gives the input, else `x[i]`.
    pub name: String,
    /// Its value.
    pub x: f64,
    /// The derivative that was claimed, if one was.
    pub claimed: Option<f64>,
    /// The derivative by the reverse sweep.
    pub reverse: f64,
    /// The derivative by the forward sweep.
    pub forward: f64,
    /// The derivative by central differences; none if the function is not finite around the point.
    pub difference: Option<Difference>,
    /// What follows, in a few words.
    pub finding: String,
    /// What follows.
    pub kind: Verdict,
    /// What on the tape may explain a verdict other than agreement.
    pub clue: Option<String>,
}

/// What follows from what the referees say about an input; a later one is graver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// All agree.
    Agree,
    /// The numeric difference cannot be trusted here, so nothing is confirmed: cancellation, a jump,
    /// noise, the edge of the domain.
    Unreliable,
    /// The point is at a kink, or nearer to one than the steps: the derivative is a convention between
    /// the slopes on the two sides.
    Kink,
    /// Some disagree with the others.
    Disagree,
    /// A derivative is NaN or infinite although the function is finite.
    NonFinite,
}

/// The derivative in one coordinate as values of the function tell it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The estimate on the plateau.
    pub value: f64,
    /// How far it may be off: how far its neighbours are from it, and rounding.
    pub uncertainty: f64,
    /// The step of the plateau.
    pub step: f64,
    /// The estimate at every step, largest step first; those where the function is not finite are missing.
    pub estimates: Vec<Estimate>,
}

/// A number that was computed with a step: a central difference `(f(x+h) - f(x-h)) / 2h`, or a Taylor
/// remainder `|f(x + tv) - f(x) - t g·v|`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// The step, `h` or `t`.
    pub step: f64,
    /// The number.
    pub value: f64,
    /// How much of it may be rounding.
    pub rounding: f64,
}

impl GradientReport {
    /// The relative deviation that [`check_gradient`](super::check_gradient) lets pass, beside the
    /// uncertainty of the difference.
    pub const TOLERANCE: f64 = 1e-6;

    /// Find the first input with the gravest verdict; none if all agree.
    #[must_use]
    pub fn worst(&self) -> Option<&InputCheck> {
        let gravest = self.inputs.iter().map(|input| input.kind).max()?;
        let first = self.inputs.iter().find(|input| input.kind == gravest);
        first.filter(|_| gravest != Verdict::Agree)
    }
}

/// The most rows that are printed.
const ROWS: usize = 40;

const HEAD: [&str; 9] =
    ["input", "x", "claimed", "reverse", "forward", "difference", "±", "h", "verdict"];

impl fmt::Display for GradientReport {
    /// The verdict, then a table with a row an input; of many inputs, those that do not agree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = on_one_line(&self.verdict);
        writeln!(f, "gradient check at f = {}: {verdict}", precise(self.value))?;
        let all = self.inputs.len();
        let is_shown = |input: &&InputCheck| all <= ROWS || input.kind != Verdict::Agree;
        let shown: Vec<&InputCheck> = self.inputs.iter().filter(is_shown).take(ROWS).collect();
        let claims = shown.iter().any(|input| input.claimed.is_some());
        let mut rows = vec![HEAD.map(str::to_string)];
        rows.extend(shown.iter().map(|input| row(input)));
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 9] = std::array::from_fn(width);
        for row in &rows {
            write!(f, "  {:<1$}", row[0], widths[0])?;
            for column in (1..8).filter(|&column| claims || column != 2) {
                write!(f, "  {:>1$}", row[column], widths[column])?;
            }
            writeln!(f, "  {}", row[8])?;
        }
        if shown.len() < all {
            writeln!(f, "  {} of {all} inputs are not shown", all - shown.len())?;
        }
        Ok(())
    }
}

fn row(input: &InputCheck) -> [String; 9] {
    let or_missing = |text: Option<String>| text.unwrap_or_else(|| "-".to_string());
    let difference = input.difference.as_ref();
    [
        on_one_line(&input.name),
        precise(input.x),
        or_missing(input.claimed.map(precise)),
        precise(input.reverse),
        precise(input.forward),
        or_missing(difference.map(|d| precise(d.value))),
        or_missing(difference.map(|d| rough(d.uncertainty))),
        or_missing(difference.map(|d| rough(d.step))),
        on_one_line(&input.finding),
    ]
}

/// As many digits as a difference can be compared in.
pub(super) fn precise(x: f64) -> String {
    digits(x, 10)
}

/// Two digits, for sizes of errors and steps.
pub(super) fn rough(x: f64) -> String {
    digits(x, 2)
}
