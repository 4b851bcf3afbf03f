//! What a module offers, and how a function of it is run and timed.

use super::input::Input;
use super::modes::{Mode, Prepare};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A module of the suite.
pub struct Module {
    pub name: &'static str,
    /// The functions by name, with the mode that is the fastest for it: taken unless one is asked for.
    pub functions: &'static [(&'static str, Mode, Function)],
}

/// Read an input and say what is to be done with it.
pub type Function = fn(&Input<'_>) -> Result<Task, String>;

/// How the output is written: from the numbers of a run.
pub type Present = Box<dyn Fn(&[f64]) -> Value>;

/// A function of a module at an input.
pub struct Task {
    pub prepare: Prepare,
    pub present: Present,
}

/// A name, and how long it took.
pub type Timing = (&'static str, Duration);

impl Task {
    /// A task whose output is a number.
    pub fn number(prepare: Prepare) -> Result<Task, String> {
        Ok(Task { prepare, present: Box::new(|numbers| numbers[0].into()) })
    }

    /// A task whose output is a list of numbers.
    pub fn list(prepare: Prepare) -> Result<Task, String> {
        Ok(Task { prepare, present: Box::new(|numbers| numbers.into()) })
    }

    /// A task whose output is a list of rows.
    pub fn rows(prepare: Prepare, columns: usize) -> Result<Task, String> {
        Ok(Task { prepare, present: Box::new(move |numbers| nested(numbers, columns)) })
    }

    /// Prepare once, then run at least `min_runs` times and until the runs together took `min_seconds`.
    pub fn run(self, input: &Input<'_>, mode: Mode) -> Result<(Value, Vec<Timing>), String> {
        let min_runs = match input.has("min_runs") {
            true => input.field("min_runs")?.size(1..=1_000_000)?,
            false => 1,
        };
        let min_seconds = match input.has("min_seconds") {
            true => input.field("min_seconds")?.number()?,
            false => 0.0,
        };
        if !(0.0..=86_400.0).contains(&min_seconds) {
            return Err(format!(
                "input.min_seconds is {min_seconds}: give at least 0 and at most a day, 86400"
            ));
        }
        let start = Instant::now();
        let mut evaluate = (self.prepare)(mode)?;
        let mut timings = vec![("prepare", start.elapsed())];
        let (mut output, mut total) = (Vec::new(), Duration::ZERO);
        while timings.len() <= min_runs || total.as_secs_f64() < min_seconds {
            output.clear();
            let start = Instant::now();
            evaluate(&mut output)?;
            let time = start.elapsed();
            total += time;
            timings.push(("evaluate", time));
        }
        match output.iter().position(|number| !number.is_finite()) {
            None => Ok(((self.present)(&output), timings)),
            Some(i) => Err(format!(
                "number {i} of the output is {}, which JSON cannot say: give an input at which the function has a value",
                output[i]
            )),
        }
    }
}

/// Numbers as a list of rows. A row of no columns cannot be told from none: there are none.
pub fn nested(numbers: &[f64], columns: usize) -> Value {
    numbers.chunks(columns.max(1)).map(Value::from).collect()
}
