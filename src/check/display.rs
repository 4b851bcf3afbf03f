//! The verdict in words, and the report as a table.

use super::report::{Doubt, GradientReport, InputCheck, Referee, Verdict};
use crate::text;
use std::fmt;

/// The most rows that are printed.
const ROWS: usize = 40;

impl GradientReport {
    /// Say in words what was found.
    #[must_use]
    pub fn summary(&self) -> String {
        let Some(worst) = self.worst() else {
            return match self.verdict() {
                Verdict::Unreliable(doubt) => {
                    format!("not differentiable here: {doubt} ({})", self.taylor_in_words())
                }
                _ => self.agreement(),
            };
        };
        let mut text = match &worst.verdict {
            Verdict::Agree => unreachable!("the worst input is one that does not agree"),
            Verdict::NonFinite { referee } => non_finite(worst, *referee),
            Verdict::Kink { left, right } => kink(worst, *left, *right),
            Verdict::Unreliable(doubt) => unreliable(worst, *doubt),
            Verdict::Disagree { odd, agreeing, by } => self.disagreement(worst, odd, agreeing, *by),
        };
        if let Some(clue) = &worst.clue {
            text += &format!("; {clue}");
        }
        let others = self.inputs().iter().filter(|i| i.verdict != Verdict::Agree).count() - 1;
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
        match self.order() {
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
        let wrong = input.exact().into_iter().find(|(referee, _)| odd.contains(referee));
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
            if self.taylor.is_first_order() {
                text += ", not like h^2";
            }
        }
        text
    }
}

fn non_finite(input: &InputCheck, referee: Referee) -> String {
    let slope = input.exact().into_iter().find(|(who, _)| *who == referee);
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
    let estimate = match &input.difference {
        Some(d) => format!(" ({} ± {})", digits(d.best.value), short(d.uncertainty)),
        None => String::new(),
    };
    format!(
        "numeric difference unreliable at {} = {}{estimate}, do not trust it: {doubt}. The sweeps agree \
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

/// As many digits as a difference can be compared in.
fn digits(x: f64) -> String {
    text::digits(x, 10)
}

/// Two digits, for sizes of errors and steps.
fn short(x: f64) -> String {
    text::digits(x, 2)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Agree => f.write_str("agree"),
            Verdict::Unreliable(_) => f.write_str("difference unreliable"),
            Verdict::Kink { .. } => f.write_str("kink"),
            Verdict::Disagree { by, .. } => write!(f, "disagree by {}", short(*by)),
            Verdict::NonFinite { .. } => f.write_str("not finite"),
        }
    }
}

impl fmt::Display for GradientReport {
    /// The verdict, then a table with a row an input; of many inputs, those that do not agree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "gradient check at f = {}: {}", digits(self.value()), self.summary())?;
        let all = self.inputs().len();
        let shown: Vec<&InputCheck> = self
            .inputs()
            .iter()
            .filter(|input| all <= ROWS || input.verdict != Verdict::Agree)
            .take(ROWS)
            .collect();
        let claims = shown.iter().any(|input| input.claimed.is_some());
        let head =
            ["input", "x", "claimed", "reverse", "forward", "difference", "±", "h", "verdict"];
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
        input.verdict.to_string(),
    ]
}
