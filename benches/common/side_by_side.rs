//! Times several ways of doing the same thing, interleaved: A, B, C, A, B, C, ...
//!
//! What slows the machine down for a while slows all of them down, so ratios within a table are reliable
//! where absolute times are not.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// A sample repeats the work until it takes about this long.
const SAMPLE: Duration = Duration::from_millis(2);

/// A named piece of work that can be repeated.
pub struct Contender<'a> {
    name: &'a str,
    run: Box<dyn FnMut(u64) -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    /// `work` is called with `input` and its result is dropped; the compiler can see neither. The loop is in
    /// here, so there is no dynamic call within a sample.
    pub fn new<I: ?Sized, T>(
        name: &'a str,
        input: &'a I,
        mut work: impl FnMut(&I) -> T + 'a,
    ) -> Self {
        let run = move |times| {
            let start = Instant::now();
            for _ in 0..times {
                black_box(work(black_box(input)));
            }
            start.elapsed()
        };
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

/// One line of the table.
pub struct Row {
    pub name: String,
    /// Nanoseconds of one run: the median and the best of all samples.
    pub median: f64,
    pub best: f64,
    /// Time as a multiple of the reference's: the median over the rounds of the ratio
    /// within the round.
    pub ratio: f64,
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
        median: median(samples.clone()),
        best: samples.iter().copied().fold(f64::INFINITY, f64::min),
        ratio: median(in_round(samples)),
    });
    rows.collect()
}

/// Prints an aligned table.
pub fn print_table(title: &str, reference: &str, rows: &[Row]) {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    println!("{title}");
    println!("  {:width$}  {:>10}  {:>10}  x {reference}", "", "median", "best");
    for Row { name, median, best, ratio } in rows {
        println!("  {name:width$}  {:>10}  {:>10}  {ratio:8.3}", time(*median), time(*best));
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    f64::midpoint(low, high)
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e3 => format!("{ns:.2} ns"),
        ns if ns < 1e6 => format!("{:.2} us", ns / 1e3),
        ns => format!("{:.3} ms", ns / 1e6),
    }
}
