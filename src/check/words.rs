//! The verdict in words, and the report as a table.

use super::finding::{Doubt, Finding, Referee};
use super::report::{GradientReport, InputCheck};
use std::fmt;

/// The most rows that are printed.
const ROWS: usize = 40;

impl GradientReport {
    /// Say in words what was found.
    #[must_use]
    pub fn verdict(&self) -> String {
        let Some(worst) = self.worst() else {
            return match self.finding() {
                Finding::Unreliable(doubt) => {
                    format!("not differentiable here: {doubt} ({})", self.taylor_in_words())
                }
                _ => self.agreement(),
            };
        };
        let mut text = match &worst.finding {
            Finding::Agree => unreachable!("the worst input is one that does not agree"),
            Finding::NonFinite { referee } => non_finite(worst, *referee),
            Finding::Kink { left, right } => kink(worst, *left, *right),
            Finding::Unreliable(doubt) => unreliable(worst, *doubt),
            Finding::Disagree { odd, agreeing, by } => self.disagreement(worst, odd, agreeing, *by),
        };
        if let Some(clue) = &worst.clue {
            text += &format!("; {clue}");
        }
        let others = self.inputs().iter().filter(|i| i.finding != Finding::Agree).count() - 1;
        if others > 0 {
            text +=
                &format!(" ({others} more of {} inputs are not confirmed)", self.inputs().len());
        }
        text
    }

    fn agreement(&self) -> String {
        let who = match self.inputs()[0].claimed {
            Some(_) => "claim, reverse sweep, forward sweep and central differences agree",
            None => "reverse sweep, forward sweep and central differences agree",
        };
        let on = match self.inputs().len() {
            1 => format!("on {}", self.inputs()[0].name),
            n => format!("on all {n} inputs"),
        };
        format!("{who} {on}; {}", self.taylor_in_words())
    }

    fn taylor_in_words(&self) -> String {
        match self.taylor().order {
            Some(order) => format!("the Taylor remainder shrinks like h^{order:.2}"),
            None => "the Taylor remainder is below rounding or follows no power of h".to_string(),
        }
    }

    fn disagreement(
        &self,
        input: &InputCheck,
        odd: &[Referee],
        agreeing: &[Referee],
        by: f64,
    ) -> String {
        let name = &input.name;
        if agreeing.is_empty() {
            return format!(
                "{} disagree at {name} by {}, and the difference is too uncertain to tell who is \
                 right",
                join(odd),
                short(by)
            );
        }
        let right = match (&input.difference, agreeing.contains(&Referee::Difference)) {
            (Some(difference), true) => difference.best.value,
            _ => input.reverse,
        };
        let wrong = input.said().into_iter().find(|(referee, _)| odd.contains(referee));
        let wrong = wrong.map_or(f64::NAN, |(_, slope)| slope);
        let relative = match right == 0.0 {
            true => String::new(),
            false => format!(" (relative {})", short(by / right.abs())),
        };
        let verb = if odd.len() == 1 { "says" } else { "say" };
        let agree = if agreeing.len() == 1 { "says" } else { "agree on" };
        let mut text = format!(
            "{} {verb} {} at {name}, but {} {agree} {}: off by {}{relative}",
            join(odd),
            digits(wrong),
            join(agreeing),
            digits(right),
            short(by)
        );
        if agreeing.contains(&Referee::Taylor) {
            text += &format!("; {}", self.taylor_in_words());
            if self.taylor().is_first_order() {
                text += ", not like h^2";
            }
        }
        text
    }
}

fn non_finite(input: &InputCheck, referee: Referee) -> String {
    let slope = input.said().into_iter().find(|(who, _)| *who == referee);
    format!(
        "{referee} says {} at {} = {}, where f itself is finite",
        slope.map_or(f64::NAN, |(_, slope)| slope),
        input.name,
        digits(input.x)
    )
}

fn kink(input: &InputCheck, left: f64, right: f64) -> String {
    let (referee, slope) = input.subject();
    let step = input.difference.as_ref().map_or(0.0, |difference| difference.best.step);
    format!(
        "kink at {} = {} (or nearer than {}): the slope is {} on the left and {} on the right, and \
         the {} of {referee} is a convention between them; check at another point",
        input.name,
        digits(input.x),
        short(step),
        digits(left),
        digits(right),
        digits(slope)
    )
}

fn unreliable(input: &InputCheck, doubt: Doubt) -> String {
    let said = match &input.difference {
        Some(d) => format!(" ({} ± {})", digits(d.best.value), short(d.uncertainty)),
        None => String::new(),
    };
    format!(
        "numeric difference unreliable at {} = {}{said}, do not trust it: {doubt}. The sweeps agree \
         with each other on {}",
        input.name,
        digits(input.x),
        digits(input.reverse)
    )
}

fn join(referees: &[Referee]) -> String {
    let names: Vec<String> = referees.iter().map(Referee::to_string).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Ten digits, as many as a difference can be compared in.
fn digits(x: f64) -> String {
    rounded(x, format!("{x:.9e}"))
}

/// Two digits, for sizes of errors and steps.
pub(super) fn short(x: f64) -> String {
    rounded(x, format!("{x:.1e}"))
}

/// A number whose digits were cut, without an exponent where that reads better.
fn rounded(x: f64, cut: String) -> String {
    let rounded: f64 = cut.parse().unwrap_or(x);
    let is_plain = rounded == 0.0 || (1e-4..1e7).contains(&rounded.abs());
    if is_plain || !x.is_finite() { rounded.to_string() } else { format!("{rounded:e}") }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Agree => f.write_str("agree"),
            Finding::Unreliable(_) => f.write_str("difference unreliable"),
            Finding::Kink { .. } => f.write_str("kink"),
            Finding::Disagree { by, .. } => write!(f, "disagree by {}", short(*by)),
            Finding::NonFinite { .. } => f.write_str("not finite"),
        }
    }
}

impl fmt::Display for GradientReport {
    /// The verdict, then a table with a row an input; of many inputs, those that do not agree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "gradient check at f = {}: {}", digits(self.value()), self.verdict())?;
        let all = self.inputs().len();
        let shown: Vec<&InputCheck> = self
            .inputs()
            .iter()
            .filter(|input| all <= ROWS || input.finding != Finding::Agree)
            .take(ROWS)
            .collect();
        let claims = shown.iter().any(|input| input.claimed.is_some());
        let head =
            ["input", "x", "claimed", "reverse", "forward", "difference", "±", "h", "finding"];
        let mut rows = vec![head.map(str::to_string)];
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
    let missing = || "-".to_string();
    let best = input.difference.as_ref();
    [
        input.name.clone(),
        digits(input.x),
        input.claimed.map_or_else(missing, digits),
        digits(input.reverse),
        digits(input.forward),
        best.map_or_else(missing, |difference| digits(difference.best.value)),
        best.map_or_else(missing, |difference| short(difference.uncertainty)),
        best.map_or_else(missing, |difference| short(difference.best.step)),
        input.finding.to_string(),
    ]
}
