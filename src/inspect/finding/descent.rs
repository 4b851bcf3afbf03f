//! What a training history shows: a loss that rises, stands still or goes round in circles, and steps that are too large or
//! too small.
//!
//! **Steps.** Two records in a row give the step `d` between them and the slopes `g·d` along it at both ends. If the slope
//! changes evenly, the loss is lowest at `m` lengths of the step, `m = -g·d / (g' - g)·d`; plain descent with the rate `r` on a
//! quadratic of curvature `L` has `m = 1 / (r L)`, so that `m < ½` is a rate beyond `2 / L`, where descent diverges
//! (Nocedal & Wright, *Numerical Optimization*, 2nd ed., §3.1). Too large are steps that land beyond that, whose loss is
//! higher than every one before. Too small are steps if even the nearest lowest point is a hundred times as many steps away as
//! were taken, for then not a hundredth of the way is done.
//!
//! **The size of a gradient** is relative, as in the test of Dennis & Schnabel (*Numerical Methods for Unconstrained
//! Optimization and Nonlinear Equations*, §7.2) for the end of a descent: `max |gᵢ| max(|xᵢ|, 1) / |loss|`, practically 0 below
//! the third root of the precision.
//!
//! **The loss** may be noisy, as that of batches is. So medians of stretches are compared, against the quartiles of the best
//! stretch; and a cycle is told from noise by its autocorrelation, which must fall below 0 and come back.

use super::code::{Code, Finding};
use super::describe::six_digits as six;
use crate::inspect::Report;
use crate::optim::{History, Record, norm};
use crate::text::{counted, quoted};

/// The fewest losses that say anything of their course.
const FEWEST: usize = 10;
/// How many times as many steps as were taken the lowest point is away if they are too small.
const AWAY: f64 = 100.0;
/// The part of itself by which a loss that stands still moves at most, and one that hardly moves.
const STILL: f64 = 1e-3;
const HARDLY: f64 = 1e-2;
/// The part of a loss that is rounding, and no course.
const ROUNDING: f64 = 1e-9;
/// The relative gradient that is practically 0: the third root of the precision.
const FLAT: f64 = 6.1e-6;
/// The part of the whole descent by which a loss must have risen, or goes up and down.
const RISE: f64 = 0.1;
const SWING: f64 = 0.01;
/// How many times as high as ever a single step takes the loss that is too large.
const LEAP: f64 = 10.0;
/// How many steps in a row are too large.
const STREAK: usize = 3;

pub(in crate::inspect) fn find(report: &Report) -> Vec<Finding> {
    (0..report.runs.len()).flat_map(|run| of(report, run)).collect()
}

/// What one run shows.
pub(in crate::inspect) fn of(report: &Report, run: usize) -> Vec<Finding> {
    let history = &report.runs[run];
    let Some(losses) = losses(history) else { return Vec::new() };
    let course = Course { history, losses };
    let still = course.too_small().or_else(|| course.flat());
    let found = [course.too_large(), course.rises(), course.oscillates(), still];
    let placed = |finding: Finding| Finding { run: Some(run), ..finding };
    found.into_iter().flatten().map(placed).collect()
}

/// The losses with their steps, if all are finite.
fn losses(history: &History) -> Option<Vec<(usize, f64)>> {
    let records = || history.records.iter().map(|record| (record.step, record.loss)).collect();
    let losses: Vec<_> = match history.losses.is_empty() {
        true => records(),
        false => history.losses.iter().copied().enumerate().collect(),
    };
    losses.iter().all(|(_, loss)| loss.is_finite()).then_some(losses)
}

struct Course<'a> {
    history: &'a History,
    losses: Vec<(usize, f64)>,
}

/// One step, or several at once where records were left out.
struct Step<'a> {
    from: &'a Record,
    to: &'a Record,
    /// Where the loss is lowest, in lengths of one step; infinite if it falls on and on.
    lowest: f64,
}

impl Course<'_> {
    fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.history.records.windows(2).filter_map(|two| {
            let [from, to] = two else { return None };
            let dot = |of: &dyn Fn(usize) -> f64| {
                let moved = |i: usize| to.parameters[i] - from.parameters[i];
                (0..from.parameters.len()).map(|i| of(i) * moved(i)).sum::<f64>()
            };
            let down = -dot(&|i| from.gradient[i]);
            let bend = dot(&|i| to.gradient[i] - from.gradient[i]);
            let is_lost = from.parameters == to.parameters && norm(&from.gradient) > 0.0;
            let is_down = down > 0.0 && bend.is_finite();
            let lengths = if bend > 0.0 && !is_lost { down / bend } else { f64::INFINITY };
            let lowest = lengths * (to.step - from.step) as f64;
            (is_lost || is_down).then_some(Step { from, to, lowest })
        })
    }

    fn finding(&self, code: Code, step: usize, what: String, evidence: String) -> Finding {
        let History { name, loss, .. } = self.history;
        let loss = if loss.is_empty() { "loss" } else { loss };
        let of = if name.is_empty() { String::new() } else { format!(" of {}", quoted(name)) };
        let message = format!("the {loss}{of} {what}");
        Finding { step: Some(step), ..Finding::new(code, None, message, evidence) }
    }

    fn too_large(&self) -> Option<Finding> {
        let (mut streak, mut highest) = (0, f64::NEG_INFINITY);
        let mut first: Option<Step<'_>> = None;
        for step in self.steps() {
            let (from, to) = (step.from, step.to);
            let overshoots = to.step == from.step + 1
                && step.lowest <= 0.5
                && to.loss >= from.loss
                && relative_gradient(from) > FLAT;
            if !overshoots {
                (streak, first) = (0, None);
            }
            if streak == 0 {
                highest = self
                    .losses
                    .iter()
                    .filter(|(s, _)| *s <= from.step)
                    .map(|x| x.1)
                    .fold(f64::NEG_INFINITY, f64::max);
            }
            if overshoots {
                let leaps = streak == 0 && highest > 0.0 && to.loss > LEAP * highest;
                (streak, first) = (streak + 1, first.or(Some(step)));
                if leaps || streak >= STREAK && to.loss >= highest {
                    break;
                }
            }
        }
        let is_found = |step: &Step<'_>| streak >= STREAK || step.to.loss > LEAP * highest;
        let Step { from, to, lowest } = first.filter(is_found)?;
        let what = format!("rises because the steps are too large, from step {} on", from.step);
        let evidence = format!(
            "at a rate of {} the step from {} to {} takes it from {} to {}; along that step it is lowest at {} of \
             its length, so that a rate of {} would have met that point",
            six(from.learning_rate),
            from.step,
            to.step,
            six(from.loss),
            six(to.loss),
            six(lowest),
            six(from.learning_rate * lowest)
        );
        Some(self.finding(Code::StepTooLarge, from.step, what, evidence))
    }

    fn rises(&self) -> Option<Finding> {
        if self.losses.len() < FEWEST {
            return None;
        }
        let stretches: Vec<_> = self
            .losses
            .chunks((self.losses.len() / 10).max(5))
            .filter(|stretch| stretch.len() > 2)
            .collect();
        let quartiles: Vec<[f64; 3]> = stretches.iter().map(|stretch| quartiles(stretch)).collect();
        let best =
            (0..quartiles.len()).min_by(|&a, &b| quartiles[a][1].total_cmp(&quartiles[b][1]))?;
        let ([low, least, high], first, last) =
            (quartiles[best], quartiles[0][1], quartiles.last()?[1]);
        let enough = [RISE * (first - least), STILL * least.abs(), 3.0 * (high - low)];
        if !enough.iter().all(|&enough| last - least > enough) {
            return None;
        }
        let step = stretches[best][stretches[best].len() / 2].0;
        let what = format!("rises: it is higher at the end than around step {step}");
        let evidence = format!(
            "its median is {} around step {step} and {} over the last {}, after {} at the start",
            six(least),
            six(last),
            counted(stretches[stretches.len() - 1].len(), "step"),
            six(self.losses[0].1)
        );
        Some(self.finding(Code::LossRises, step, what, evidence))
    }

    /// The lowest and the highest loss.
    fn range(&self) -> [f64; 2] {
        range(self.losses.iter().map(|x| x.1))
    }

    /// Whether all losses lie within this part of the first, and the gradient has not become smaller: what has an
    /// offset may descend within it.
    fn stands(&self, part: f64) -> Option<&Record> {
        let ([low, high], first) = (self.range(), self.losses.first()?.1);
        let records = &self.history.records;
        let (start, end) = (records.first()?, records.last()?);
        let is_still =
            first != 0.0 && high - low <= part * first.abs() && self.losses.len() >= FEWEST;
        (is_still && norm(&end.gradient) >= 0.5 * norm(&start.gradient)).then_some(end)
    }

    fn too_small(&self) -> Option<Finding> {
        let end = self.stands(HARDLY)?;
        let nearest = self.steps().map(|step| step.lowest).reduce(f64::min)?;
        let taken = end.step.max(1);
        if !(nearest >= AWAY * taken as f64 && relative_gradient(end) > FLAT) {
            return None;
        }
        let first = &self.history.records[0];
        let moved = first
            .parameters
            .iter()
            .zip(&end.parameters)
            .map(|(a, b)| (b - a).abs())
            .fold(0.0, f64::max);
        let what = format!(
            "hardly changes because the steps are too small, in all {}",
            counted(taken, "step")
        );
        let away = match nearest.is_finite() {
            true => format!(
                "the nearest point where it is lowest along a step is {} steps away",
                six(nearest)
            ),
            false => "along no step does the slope become less".into(),
        };
        let evidence = format!(
            "from {} to {} at a rate of {}, while no parameter moved by more than {}; the norm of the gradient is {}; {away}",
            six(first.loss),
            six(end.loss),
            six(first.learning_rate),
            six(moved),
            six(norm(&end.gradient))
        );
        Some(self.finding(Code::StepTooSmall, first.step, what, evidence))
    }

    fn flat(&self) -> Option<Finding> {
        let [low, high] = self.range();
        let is_zero = |end: &Record| relative_gradient(end) <= FLAT || norm(&end.gradient) == 0.0;
        let is_flat = |end: &&Record| is_zero(end) || high - low <= ROUNDING * high.abs();
        let Some(end) = self.stands(STILL).filter(is_flat) else { return self.plateau() };
        let what = format!("does not change, in all {}", counted(end.step, "step"));
        let zero = if is_zero(end) { ", which is practically 0" } else { "" };
        let evidence = format!(
            "it stays between {} and {}; the norm of the gradient is {} at the end{zero}",
            six(low),
            six(high),
            six(norm(&end.gradient))
        );
        Some(self.finding(Code::LossFlat, self.losses[0].0, what, evidence))
    }

    /// The longest stretch in which the loss stands still, if that is a fifth of all steps and it falls before and after.
    fn plateau(&self) -> Option<Finding> {
        if self.losses.len() < FEWEST {
            return None;
        }
        let [low, high] = self.range();
        let (count, fall) = (self.losses.len(), high - low);
        let (mut from, mut longest) = (0, (0, 0));
        for to in 0..count {
            while (self.losses[from].1 - self.losses[to].1).abs() > STILL * fall {
                from += 1;
            }
            // One that it ends on may be the lowest point.
            let falls_on = self.losses[to].1 - self.losses[count - 1].1 > RISE * fall;
            if falls_on && to - from > longest.1 - longest.0 {
                longest = (from, to);
            }
        }
        let (from, to) = longest;
        let loss = |k: usize| self.losses[k].1;
        if to - from < (count / 5).max(20) {
            return None;
        }
        let [first, last] = [from, to].map(|k| self.losses[k].0);
        let what = format!("stands still from step {first} to {last}, and then falls again");
        let evidence = format!(
            "{} at step {first}, {} at step {last}, {} at the end, step {}",
            six(loss(from)),
            six(loss(to)),
            six(loss(count - 1)),
            self.losses[count - 1].0
        );
        Some(self.finding(Code::LossFlat, first, what, evidence))
    }

    fn oscillates(&self) -> Option<Finding> {
        let window = &self.losses[self.losses.len().saturating_sub(64)..];
        let count = window.len();
        if count < 16 {
            return None;
        }
        let level = without_trend(window);
        let period = period(&level)?;
        let swing = |part: &[f64]| {
            let [low, high] = range(part.iter().copied());
            high - low
        };
        let (before, after) = level.split_at(count / 2);
        let [low, high] = range(window.iter().map(|x| x.1));
        let [lowest, highest] = self.range();
        let lasts = swing(after) >= 0.7 * swing(before);
        let matters =
            swing(after) >= SWING * (highest - lowest) && swing(after) >= 1e-6 * high.abs();
        if !(lasts && matters) {
            return None;
        }
        let step = window[0].0;
        let what = format!("goes up and down, at the latest from step {step} on");
        let evidence = format!(
            "between {} and {}, with a period of {}",
            six(low),
            six(high),
            counted(period, "step")
        );
        Some(self.finding(Code::LossOscillates, step, what, evidence))
    }
}

fn range(numbers: impl Iterator<Item = f64>) -> [f64; 2] {
    numbers.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)])
}

/// The lower quartile, the median, the upper quartile.
fn quartiles(losses: &[(usize, f64)]) -> [f64; 3] {
    let mut sorted: Vec<f64> = losses.iter().map(|x| x.1).collect();
    sorted.sort_by(f64::total_cmp);
    [1, 2, 3].map(|k| sorted[k * (sorted.len() - 1) / 4])
}

fn relative_gradient(record: &Record) -> f64 {
    let sizes =
        record.gradient.iter().zip(&record.parameters).map(|(g, x)| g.abs() * x.abs().max(1.0));
    sizes.fold(0.0, f64::max) / record.loss.abs()
}

/// What is left of the losses, in parts of the largest, without the line through them.
fn without_trend(window: &[(usize, f64)]) -> Vec<f64> {
    let largest = window.iter().map(|x| x.1.abs()).fold(f64::MIN_POSITIVE, f64::max);
    let (count, middle) = (window.len() as f64, (window.len() - 1) as f64 / 2.0);
    let scaled: Vec<f64> = window.iter().map(|x| x.1 / largest).collect();
    let mean = scaled.iter().sum::<f64>() / count;
    let at = |k: usize| k as f64 - middle;
    let slope = scaled.iter().enumerate().map(|(k, y)| at(k) * y).sum::<f64>()
        / (0..window.len()).map(|k| at(k).powi(2)).sum::<f64>();
    scaled.iter().enumerate().map(|(k, y)| (y - mean - slope * at(k)) * largest).collect()
}

/// The period of a cycle, if it is one: the autocorrelation falls below 0 and comes back to 0.8.
fn period(level: &[f64]) -> Option<usize> {
    let largest = level.iter().map(|x| x.abs()).fold(0.0, f64::max);
    let at = |k: usize| level[k] / largest;
    let all: f64 = (0..level.len()).map(|k| at(k).powi(2)).sum();
    let correlation = |lag: usize| {
        let together: f64 = (lag..level.len()).map(|k| at(k) * at(k - lag)).sum();
        together / all * level.len() as f64 / (level.len() - lag) as f64
    };
    let mut fell = false;
    (1..=level.len() / 4).find(|&lag| {
        let r = correlation(lag);
        fell |= r < 0.0;
        fell && r >= 0.8
    })
}
