//! Times several ways of doing the same thing, interleaved: A, B, C, A, B, C, ...
//!
//! What slows the machine down for a while slows all of them down, so ratios within a table are reliable
//! where absolute times are not.

use cpu_time::ThreadTime;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// A sample repeats the work until it takes about this long.
const SAMPLE: Duration = Duration::from_millis(2);

/// A named piece of work that can be repeated.
pub struct Contender<'a> {
    pub name: &'a str,
    run: Box<dyn FnMut(u64) -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    /// Work on this thread, which is timed by the processor's time of the thread: what else the machine does adds
    /// little to it. `work` is called with `input` and its result is dropped; the compiler can see neither. The
    /// loop is in here, so there is no dynamic call within a sample.
    pub fn new<I: ?Sized, T>(name: &'a str, input: &'a I, work: impl FnMut(&I) -> T + 'a) -> Self {
        Self::by_clock(name, input, work, ThreadTime::now, |start| start.elapsed())
    }

    /// Work on several threads, which is timed by the clock.
    pub fn on_threads<I: ?Sized, T>(
        name: &'a str,
        input: &'a I,
        work: impl FnMut(&I) -> T + 'a,
    ) -> Self {
        Self::by_clock(name, input, work, Instant::now, |start| start.elapsed())
    }

    fn by_clock<I: ?Sized, T, C: 'a>(
        name: &'a str,
        input: &'a I,
        mut work: impl FnMut(&I) -> T + 'a,
        now: fn() -> C,
        since: fn(&C) -> Duration,
    ) -> Self {
        Self::elsewhere(name, move |times| {
            let start = now();
            for _ in 0..times {
                black_box(work(black_box(input)));
            }
            since(&start)
        })
    }

    /// Work that is timed elsewhere: `run` does it so many times and says how long that took.
    pub fn elsewhere(name: &'a str, run: impl FnMut(u64) -> Duration + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }

    /// Warms up, and finds how often to repeat the work for a sample.
    fn calibrate(&mut self) -> u64 {
        let mut times = 1;
        loop {
            let took = (self.run)(times);
            if took >= SAMPLE {
                // Once more, if that was the first, cold run.
                return if times == 1 && (self.run)(1) < SAMPLE { 2 } else { times };
            }
            times *= 2;
        }
    }
}

/// The quartiles of what was measured: a quarter of it lies below `low`, half below the median.
#[derive(Clone, Copy)]
pub struct Spread {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Spread {
    /// Panics if there is nothing.
    pub fn of(mut values: Vec<f64>) -> Spread {
        values.sort_by(f64::total_cmp);
        let quantile = |part: f64| {
            let at = part * (values.len() - 1) as f64;
            let (below, above) = (values[at.floor() as usize], values[at.ceil() as usize]);
            below + (above - below) * at.fract()
        };
        Spread { low: quantile(0.25), median: quantile(0.5), high: quantile(0.75) }
    }

    /// Each number times a factor.
    pub fn times(self, factor: f64) -> Spread {
        let Spread { low, median, high } = self;
        Spread { low: low * factor, median: median * factor, high: high * factor }
    }
}

/// What one contender took.
pub struct Row {
    pub name: String,
    /// Nanoseconds of one run.
    pub time: Spread,
    /// Time as a multiple of the reference's within the same round.
    pub ratio: Spread,
}

/// Runs all contenders for `rounds` rounds. One untimed run before each sample brings
/// its data back into the caches that the others have used.
///
/// Panics unless one of them is called `reference`.
pub fn side_by_side(reference: &str, rounds: usize, mut all: Vec<Contender>) -> Vec<Row> {
    let named = |c: &Contender| c.name == reference;
    let reference = all.iter().position(named).expect("the reference takes part");
    let times: Vec<u64> = all.iter_mut().map(Contender::calibrate).collect();
    let mut samples = vec![Vec::with_capacity(rounds); all.len()];
    for _ in 0..rounds {
        for ((contender, &times), samples) in all.iter_mut().zip(&times).zip(&mut samples) {
            (contender.run)(1);
            samples.push((contender.run)(times).as_nanos() as f64 / times as f64);
        }
    }
    let in_round = |s: &[f64]| s.iter().zip(&samples[reference]).map(|(a, b)| a / b).collect();
    let rows = all.iter().zip(&samples).map(|(contender, samples)| Row {
        name: contender.name.to_owned(),
        time: Spread::of(samples.clone()),
        ratio: Spread::of(in_round(samples)),
    });
    rows.collect()
}

/// The row of a contender that took part.
pub fn find<'a>(rows: &'a [Row], name: &str) -> &'a Row {
    rows.iter().find(|row| row.name == name).expect("it took part")
}

/// The number whose logarithm is the mean of the logarithms.
pub fn geometric_mean(ratios: &[f64]) -> f64 {
    (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp()
}

/// A benchmark of wrong answers is worth nothing: all contenders must agree first, to 1e-9 of the largest entry.
pub fn assert_close(expected: &[f64], found: &[f64]) {
    let scale = expected.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
    assert_eq!(expected.len(), found.len());
    for (expected, found) in expected.iter().zip(found) {
        let error = (expected - found).abs();
        assert!(error <= 1e-9 * scale, "{found} is not {expected}");
    }
}
