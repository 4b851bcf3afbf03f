//! What the benchmarks print: Markdown that goes into `docs/benchmarks.md` as it is.
//!
//! Tables go to the standard output, once all is measured; what is being measured to the standard error.

use super::side_by_side::{Row, Spread};
use std::process::Command;

/// Say what is being measured.
pub fn progress(what: &str) {
    eprintln!("{what} ...");
}

/// Print what the figures depend on: machine, compiler, flags, and the versions of these packages.
pub fn print_setting(packages: &[&str]) {
    let first_line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let processor = model.map_or(std::env::consts::ARCH, |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let compiler = Command::new("rustc").arg("--version").output();
    let compiler = compiler.map_or_else(
        |_| "rustc of unknown version".into(),
        |output| first_line(&String::from_utf8_lossy(&output.stdout)),
    );
    // Cargo's variables change the profile; they are read when this is compiled.
    let lto = option_env!("CARGO_PROFILE_BENCH_LTO").unwrap_or("fat");
    let units = option_env!("CARGO_PROFILE_BENCH_CODEGEN_UNITS").unwrap_or("1");
    let target = if cfg!(target_feature = "avx2") { "with AVX2 or more" } else { "the default" };
    let mut setting = format!(
        "{processor}, {cores} of its cores; {compiler}, `opt-level = 3`, `lto = \"{lto}\"`, \
         `codegen-units = {units}`, `target-cpu` {target}; gradtape {}",
        env!("CARGO_PKG_VERSION")
    );
    for package in packages {
        setting += &format!(", {package} {}", version(package));
    }
    println!("{setting}.\n");
}

/// The version of a package in `Cargo.lock`.
fn version(package: &str) -> &'static str {
    let lock = include_str!("../../Cargo.lock");
    let entry = lock.split_once(&format!("name = \"{package}\"\nversion = \""));
    entry.and_then(|(_, rest)| rest.split_once('"')).map_or("of unknown version", |(v, _)| v)
}

/// Print a table.
pub fn print_table(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    println!("| {} |", columns.join(" | "));
    println!("|{}", "---|".repeat(columns.len()));
    rows.into_iter().for_each(|row| println!("| {} |", row.join(" | ")));
    println!();
}

/// The contenders of one workload.
pub struct Comparison {
    pub title: String,
    /// How many nodes the tape has, in as many ways as there are to write it; nothing
    /// where that is not said.
    pub nodes: Vec<usize>,
    pub rows: Vec<Row>,
}

/// Print two tables with a line for each workload and a column for each contender: ratios to the reference, and
/// times.
pub fn print_comparisons(all: &[Comparison], reference: &str) {
    let mut names: Vec<&str> = vec![];
    for row in all.iter().flat_map(|comparison| &comparison.rows) {
        if !names.contains(&row.name.as_str()) {
            names.push(&row.name);
        }
    }
    let has_nodes = all.iter().any(|comparison| !comparison.nodes.is_empty());
    let print = |names: &[&str], cell: &dyn Fn(&Row) -> String| {
        let lines = all.iter().map(|Comparison { title, nodes, rows }| {
            let nodes: Vec<String> = nodes.iter().copied().map(thousands).collect();
            let find = |name: &&str| rows.iter().find(|row| row.name == *name);
            let cells = names.iter().map(|name| find(name).map_or(String::new(), cell));
            let nodes = has_nodes.then(|| nodes.join("; "));
            [title.clone()].into_iter().chain(nodes).chain(cells).collect()
        });
        let nodes = has_nodes.then_some("nodes");
        let columns: Vec<&str> =
            ["workload"].into_iter().chain(nodes).chain(names.iter().copied()).collect();
        print_table(&columns, lines);
    };
    println!("Ratios to {reference} within a round, medians and quartiles:\n");
    let others: Vec<&str> = names.iter().copied().filter(|name| *name != reference).collect();
    print(&others, &|row| ratios(row.ratio));
    println!("Times, medians and quartiles:\n");
    print(&names, &|row| times(row.time));
}

/// `1,234,567`
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group));
    groups.collect::<Vec<_>>().join(",")
}

/// `0.54 (0.53 to 0.56)`
pub fn ratios(Spread { low, median, high }: Spread) -> String {
    let digits = |x: f64| match x {
        x if x < 0.01 => format!("{x:.4}"),
        x if x < 0.1 => format!("{x:.3}"),
        x if x < 10.0 => format!("{x:.2}"),
        x => format!("{x:.0}"),
    };
    format!("{} ({} to {})", digits(median), digits(low), digits(high))
}

/// `5.58 µs (5.53 to 5.70)`, all in the unit of the median.
pub fn times(Spread { low, median, high }: Spread) -> String {
    let (unit, size) = match median {
        ns if ns < 1e3 => ("ns", 1.0),
        ns if ns < 1e6 => ("µs", 1e3),
        ns if ns < 1e9 => ("ms", 1e6),
        _ => ("s", 1e9),
    };
    let [low, median, high] = [low, median, high].map(|ns| three_digits(ns / size));
    format!("{median} {unit} ({low} to {high})")
}

/// `5.58`, `55.8` or `558`
pub fn three_digits(x: f64) -> String {
    match x {
        x if x < 9.995 => format!("{x:.2}"),
        x if x < 99.95 => format!("{x:.1}"),
        x => format!("{x:.0}"),
    }
}

/// What was promised, and what was found. It is printed, not enforced: a shared machine is no judge.
#[derive(Default)]
pub struct Budgets(Vec<Vec<String>>);

impl Budgets {
    /// Note a cost and the most that it may be.
    pub fn at_most(&mut self, what: &str, most: f64, found: f64, unit: &str) {
        self.note(what, &format!("≤ {most} {unit}"), found, unit, found <= most);
    }

    /// Note costs that may all be as much, by the highest; titles and costs, at least one.
    pub fn all_at_most(
        &mut self,
        what: &str,
        most: f64,
        found: impl Iterator<Item = (String, f64)>,
        unit: &str,
    ) {
        let mut all: Vec<(String, f64)> = found.collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        let kept = all.iter().filter(|(_, cost)| *cost <= most).count();
        let (highest, cost) = &all[0];
        let what = format!("{what}, kept by {kept} of {}; the highest: {highest}", all.len());
        self.at_most(&what, most, *cost, unit);
    }

    /// Note a gain and the least that it may be.
    pub fn at_least(&mut self, what: &str, least: f64, found: f64, unit: &str) {
        self.note(what, &format!("≥ {least} {unit}"), found, unit, found >= least);
    }

    fn note(&mut self, what: &str, wanted: &str, found: f64, unit: &str, is_kept: bool) {
        let verdict = if is_kept { "kept" } else { "**missed**" };
        let found = format!("{} {unit}", three_digits(found));
        self.0.push(vec![what.into(), wanted.into(), found, verdict.into()]);
    }

    /// Print all, if there are any.
    pub fn print(self) {
        if !self.0.is_empty() {
            print_table(&["budget", "wanted", "median", ""], self.0);
        }
    }
}
