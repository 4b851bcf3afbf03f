//! Nanoseconds and bytes a node, from a thousand nodes to a hundred million.
//!
//! ```text
//! cargo bench --bench sizes            to ten million nodes
//! cargo bench --bench sizes -- full    to a hundred million, and draw docs/pictures/ns-a-node.svg; takes 10 GB
//! cargo bench --bench sizes -- small   to ten thousand: that it works
//! ```
//!
//! It prints the tables of `docs/benchmarks.md`. Other arguments run only the workloads whose title contains one of them.

#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;

use common::markdown::{Budgets, print_setting, print_table, progress, thousands, three_digits};
use common::plot::{Curve, Panel, draw};
use common::side_by_side::Spread;
use common::workloads::sized::{CHAIN, SMALL_GMM, Size, WIDE};
use cpu_time::ThreadTime;
use gradtape::{Gradient, Tape, release_memory, value_and_gradient};
use std::hint::black_box;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

const WORKLOADS: [Size; 3] = [CHAIN, WIDE, SMALL_GMM];

/// What is timed: a recording that is the first thing a process does; recording on a cleared tape; the sweep into a kept
/// gradient; and a call of `value_and_gradient`, which keeps tape and adjoints for the next call.
const WAYS: [&str; 4] = ["first recording", "recording again", "sweep", "value_and_gradient"];

/// The budget of the first recording holds at this size.
const BUDGET: (usize, f64) = (10_000_000, 8.0);

/// What was found for a workload at one size.
struct Found {
    nodes: usize,
    /// Nanoseconds a node in each of the ways.
    times: [Spread; 4],
    /// Bytes a node: of the tape, of the gradient, and of the process at its peak while it records and sweeps once.
    bytes: [f64; 3],
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    if let [first, title, nodes] = &arguments[..]
        && first == FIRST
    {
        let (took, peak) = first_recording(title, nodes.parse().expect("a number of nodes"));
        return println!("{took} {peak}");
    }
    let is_asked = |mode: &str| arguments.iter().any(|argument| argument == mode);
    let largest = match (is_asked("full"), is_asked("small")) {
        (true, _) => 8,
        (_, true) => 4,
        _ => 7,
    };
    let filters: Vec<&String> =
        arguments.iter().filter(|a| !["full", "small"].contains(&a.as_str())).collect();
    let wanted = |title: &str| filters.is_empty() || filters.iter().any(|f| title.contains(*f));

    print_setting(&[]);
    let mut all = vec![];
    for workload in WORKLOADS.iter().filter(|(title, _)| wanted(title)) {
        let sizes = (3..=largest).map(|power| measure(workload, 10_usize.pow(power)));
        all.push((workload.0, sizes.collect::<Vec<Found>>()));
    }
    print(&all);
    if is_asked("full") {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pictures/ns-a-node.svg");
        fs::write(path, picture(&all)).expect("docs/pictures can be written");
    }
}

/// Measure all ways in turns.
fn measure((title, make): &Size, size: usize) -> Found {
    progress(&format!("{title}, {size} nodes"));
    let (f, at) = make(size);
    let (tape, mut gradient) = (Tape::new(), Gradient::new());
    let rounds = (30_000_000 / size).clamp(3, 21);
    let repeats = (200_000 / size).max(1);
    let mut times = [const { Vec::new() }; 4];
    let (mut nodes, mut peaks) = (0, vec![]);
    for round in 0..=rounds {
        let [first, peak] = in_a_new_process(title, size);
        let record = || {
            tape.clear();
            f(&tape.vars(black_box(&at)))
        };
        let again = time(repeats, || _ = black_box(record()));
        let seed = [(record(), 1.0)];
        nodes = tape.len();
        let sweep = time(repeats, || tape.backward_into(black_box(&seed), &mut gradient));
        let mut slopes = vec![];
        let door = time(repeats, || slopes = value_and_gradient(&*f, black_box(&at)).1);
        assert!(slopes == gradient.adjoints()[..at.len()], "both ways give the same bits");
        peaks.push(peak);
        // The first round warms up, but for the process that is always new.
        if round > 0 {
            for (times, time) in times.iter_mut().zip([first, again, sweep, door]) {
                times.push(time / nodes as f64);
            }
        }
    }
    let adjoints = size_of_val(gradient.adjoints());
    let bytes = [tape.bytes_used() as f64, adjoints as f64, Spread::of(peaks).median];
    let bytes = bytes.map(|bytes| bytes / nodes as f64);
    release_memory();
    Found { nodes, times: times.map(Spread::of), bytes }
}

/// The nanoseconds that the processor takes for some work, which is repeated so often.
fn time(repeats: usize, mut work: impl FnMut()) -> f64 {
    let start = ThreadTime::now();
    (0..repeats).for_each(|_| work());
    nanoseconds(start.elapsed()) / repeats as f64
}

fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}

/// The argument that asks this program for one recording, which is what it does in a process of its own.
const FIRST: &str = "first-recording";

/// Have a recording made in a new process, where no memory is there yet; returns the nanoseconds that it took, and how many
/// bytes the process grew by until it was swept: NaN where `/proc` does not tell.
fn in_a_new_process(title: &str, size: usize) -> [f64; 2] {
    let this = env::current_exe().expect("a program knows where it is");
    let output = Command::new(this).args([FIRST, title, &size.to_string()]).output();
    let text = String::from_utf8(output.expect("it starts once more").stdout).unwrap_or_default();
    let numbers: Vec<f64> = text.split_whitespace().map_while(|word| word.parse().ok()).collect();
    numbers.try_into().expect("it prints two numbers")
}

/// Record on a new tape, and then sweep: the time of the recording, and the growth.
fn first_recording(title: &str, size: usize) -> (f64, f64) {
    let (_, make) = WORKLOADS.iter().find(|(known, _)| *known == title).expect("a known workload");
    let (f, at) = make(size);
    let before = status("VmRSS:");
    // Forget the peak so far: the data were made, too.
    let is_forgotten = fs::write("/proc/self/clear_refs", "5").is_ok();
    let start = ThreadTime::now();
    let tape = Tape::new();
    let y = f(&tape.vars(&at));
    let took = nanoseconds(start.elapsed());
    black_box(y.backward());
    let peak = if is_forgotten { status("VmHWM:") } else { f64::NAN };
    (took, peak - before)
}

/// A size in bytes from `/proc/self/status`, or NaN.
fn status(key: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.trim().strip_suffix(" kB"));
    line.and_then(|kilobytes| kilobytes.parse::<f64>().ok()).map_or(f64::NAN, |kb| kb * 1024.0)
}

/// Print the tables and the budget.
fn print(all: &[(&str, Vec<Found>)]) {
    println!("Nanoseconds a node, medians and quartiles:\n");
    let columns: Vec<&str> = ["workload", "nodes"].into_iter().chain(WAYS).collect();
    let lines = all.iter().flat_map(|(title, sizes)| sizes.iter().map(move |found| (title, found)));
    let times = lines.clone().map(|(title, found)| {
        let cells = found.times.iter().map(|&Spread { low, median, high }| {
            let [low, median, high] = [low, median, high].map(three_digits);
            format!("{median} ({low} to {high})")
        });
        [(*title).to_owned(), thousands(found.nodes)].into_iter().chain(cells).collect()
    });
    print_table(&columns, times);
    println!("Bytes a node:\n");
    let largest = lines.filter(|(_, found)| found.nodes > 500_000);
    let columns = ["workload", "nodes", "tape", "adjoints", "process at its peak"];
    let bytes = largest.map(|(title, found)| {
        let cells = found.bytes.iter().map(|&bytes| three_digits(bytes));
        [(*title).to_owned(), thousands(found.nodes)].into_iter().chain(cells).collect()
    });
    print_table(&columns, bytes);
    let mut budgets = Budgets::default();
    let (size, most) = BUDGET;
    for (title, sizes) in all {
        for found in sizes.iter().filter(|found| (found.nodes as f64 / size as f64).round() == 1.0)
        {
            let what = format!("{title}: a first recording of 10⁷, a node");
            budgets.at_most(&what, most, found.times[0].median, "ns");
        }
    }
    // No node of this one has a constant, which would take 8 bytes more.
    for (title, sizes) in all.iter().filter(|(title, _)| *title == CHAIN.0) {
        let found = sizes.last().map_or(f64::NAN, |found| found.bytes[0]);
        budgets.at_most(&format!("{title}: the tape, a node"), 17.0, found, "B");
    }
    budgets.print();
}

/// A panel for each workload.
fn picture(all: &[(&str, Vec<Found>)]) -> String {
    let panels = all.iter().map(|(title, sizes)| {
        let curve = |way: usize| {
            let point = |found: &Found| {
                let Spread { low, median, high } = found.times[way];
                [found.nodes as f64, low, median, high]
            };
            Curve { name: WAYS[way], points: sizes.iter().map(point).collect() }
        };
        Panel { title: (*title).to_owned(), curves: (0..WAYS.len()).map(curve).collect() }
    });
    let panels: Vec<Panel> = panels.collect();
    draw("Nanoseconds a node", "nodes", "nanoseconds a node (median and quartiles)", &panels)
}
