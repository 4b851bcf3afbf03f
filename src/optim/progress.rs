//! [`Progress`]: what an optimizer carries from step to step, and what all of ours do beside their formula.

use super::Schedule;
use super::error::{FitError, setting};
use super::norm::Shortening;
use super::optimizer::OptimizerState;
use crate::text::{assert_same_length, counted, quoted};
use std::fmt;
use std::ops::Range;

/// More than any optimizer takes, and few enough that all of them can still be counted.
const MOST_STEPS: usize = 1 << 53;

/// What an optimizer carries from step to step.
#[derive(Clone, PartialEq)]
pub(super) struct Progress<const N: usize> {
    rate: f64,
    schedule: Schedule,
    /// The longest gradient and the largest slope.
    pub clip_norm: f64,
    pub clip_value: f64,
    /// Stretches of parameters with their own factor of decay, in order and apart.
    decay_factors: Vec<(Range<usize>, f64)>,
    /// How many steps were taken.
    pub steps: usize,
    memory: Vec<[f64; N]>,
}

/// Without the memory, which is as long as the parameters.
impl<const N: usize> fmt::Debug for Progress<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress { rate, schedule, clip_norm, clip_value, decay_factors, steps, memory } = self;
        let (steps, memory) = (counted(*steps, "step"), counted(memory.len(), "parameter"));
        write!(f, "rate {rate}, {schedule:?}, ")?;
        for (what, limit) in [("norm", clip_norm), ("value", clip_value)] {
            if limit.is_finite() {
                write!(f, "clipped at the {what} {limit}, ")?;
            }
        }
        for (range, factor) in decay_factors {
            write!(f, "decay of {range:?} times {factor}, ")?;
        }
        write!(f, "after {steps} of {memory}")
    }
}

impl<const N: usize> Progress<N> {
    #[track_caller]
    pub fn new(rate: f64) -> Progress<N> {
        let rate = not_negative("the learning rate", rate);
        Progress {
            rate,
            schedule: Schedule::Constant,
            clip_norm: f64::INFINITY,
            clip_value: f64::INFINITY,
            decay_factors: Vec::new(),
            steps: 0,
            memory: Vec::new(),
        }
    }

    #[track_caller]
    pub fn set_rate(&mut self, rate: f64) {
        self.rate = not_negative("the learning rate", rate);
    }

    /// Give a stretch its own factor of decay.
    #[track_caller]
    pub fn decay_factor(&mut self, range: Range<usize>, factor: f64) {
        not_negative("the factor of the decay", factor);
        assert!(range.start <= range.end, "the range {range:?} ends before it begins");
        if range.is_empty() {
            return;
        }
        let place = self.decay_factors.partition_point(|(other, _)| other.start < range.start);
        let before = place.checked_sub(1).map(|before| &self.decay_factors[before].0);
        let beside =
            before.into_iter().chain(self.decay_factors.get(place).map(|(range, _)| range));
        for other in beside {
            let apart = other.end <= range.start || range.end <= other.start;
            assert!(
                apart,
                "the ranges {other:?} and {range:?} overlap: give each parameter one factor"
            );
        }
        self.decay_factors.insert(place, (range, factor));
    }

    /// The stretches of all parameters, each with its factor of decay.
    pub fn stretches(&self, count: usize) -> impl Iterator<Item = (Range<usize>, f64)> + '_ {
        let mut at = 0;
        let ends = self.decay_factors.iter().map(|(range, factor)| (range.clone(), *factor));
        ends.chain([(count..count, 1.0)]).flat_map(move |(range, factor)| {
            let between = at..range.start;
            at = range.end;
            [(between, 1.0), (range, factor)]
        })
    }

    /// What shortens a gradient to the longest that is allowed, if it is longer.
    pub fn shortening(&self, gradient: &[f64]) -> Option<Shortening> {
        match self.clip_norm {
            f64::INFINITY => None,
            longest => Shortening::to(longest, gradient),
        }
    }

    pub fn state(&self, rule: &str) -> OptimizerState {
        let column = |n: usize| self.memory.iter().map(|memory| memory[n]).collect();
        OptimizerState {
            rule: rule.into(),
            learning_rate: self.rate,
            steps: self.steps,
            memory: (0..N).map(column).collect(),
        }
    }

    /// `root` is the list of the memory, if there is one, whose numbers are roots.
    pub fn restore(
        &mut self,
        rule: &str,
        root: Option<usize>,
        state: &OptimizerState,
    ) -> Result<(), FitError> {
        let OptimizerState { rule: found, learning_rate, steps, memory } = state;
        if found != rule {
            return setting(format!(
                "the state is one of {}, and this optimizer is {rule}: resume with the settings it began with",
                quoted(found)
            ));
        }
        let count = memory.first().map_or(0, Vec::len);
        let lengths_fit = memory.len() == N && memory.iter().all(|column| column.len() == count);
        let numbers = memory.iter().flatten().chain([learning_rate]);
        if !(lengths_fit && *learning_rate >= 0.0 && numbers.clone().all(|x| x.is_finite()))
            || (*steps == 0) != (count == 0)
            || *steps > MOST_STEPS
            || root.is_some_and(|root| memory[root].iter().any(|root| *root < 0.0))
        {
            return setting(format!("the state of {rule} is damaged: no steps lead to it"));
        }
        self.rate = *learning_rate;
        self.steps = *steps;
        self.memory = (0..count).map(|i| std::array::from_fn(|n| memory[n][i])).collect();
        Ok(())
    }

    #[track_caller]
    pub fn follow(&mut self, schedule: Schedule) {
        for (what, number) in schedule.numbers() {
            not_negative(what, number);
        }
        self.schedule = schedule;
    }

    pub fn learning_rate(&self) -> f64 {
        self.rate * self.schedule.factor(self.steps)
    }

    pub fn reset(&mut self) {
        self.memory.clear();
        self.steps = 0;
    }

    /// Check what a step is given, and hand out the memory for it until [`done`](Progress::done).
    #[track_caller]
    pub fn begin(&mut self, parameters: &[f64], gradient: &[f64]) -> Vec<[f64; N]> {
        assert_same_length("the gradient", gradient.len(), "the point", parameters.len());
        if self.memory.is_empty() {
            self.memory.resize(parameters.len(), [0.0; N]);
        }
        assert!(
            self.memory.len() == parameters.len(),
            "the optimizer has taken steps with {} and is now given {}: call `reset` between fits, or use \
             an optimizer for each",
            counted(self.memory.len(), "parameter"),
            parameters.len()
        );
        if let Some((range, _)) = self.decay_factors.last() {
            let count = counted(parameters.len(), "parameter");
            assert!(range.end <= parameters.len(), "a factor of decay for {range:?} of {count}");
        }
        std::mem::take(&mut self.memory)
    }

    pub fn done(&mut self, memory: Vec<[f64; N]>) {
        self.memory = memory;
        self.steps += 1;
    }
}

/// Refuse a setting that is not a finite number of at least 0.
#[track_caller]
pub(super) fn not_negative(what: &str, value: f64) -> f64 {
    assert!(
        value.is_finite() && value >= 0.0,
        "{what} is {value}: give a finite number, 0 or more"
    );
    value
}

/// Refuse a setting that is not in `[0, 1)`: the sums it weighs would grow without bound.
#[track_caller]
pub(super) fn below_one(what: &str, value: f64) -> f64 {
    assert!((0.0..1.0).contains(&value), "{what} is {value}: give a number from 0 to just below 1");
    value
}

/// Refuse a setting that is not a finite number above 0.
#[track_caller]
pub(super) fn above_zero(what: &str, value: f64) -> f64 {
    assert!(
        value.is_finite() && value > 0.0,
        "{what} is {value}: give a finite number above 0, or a slope of 0 divides 0 by 0"
    );
    value
}

/// Refuse a limit that is not a finite number above 0: nothing would be let through.
#[track_caller]
pub(super) fn limit(what: &str, value: f64) -> f64 {
    assert!(value.is_finite() && value > 0.0, "{what} is {value}: give a finite number above 0");
    value
}
