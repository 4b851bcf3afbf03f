//! Random programs over random rows, on the interpreter and as native code, with every instruction set of this machine:
//! the bits must be the same, and so must the errors.
//!
//! ```text
//! cargo run --release --features native --example fuzz_native -- --seconds 60
//! cargo run --release --features native --example fuzz_native -- --seed 12345 --count 1
//! ```
//!
//! | option | what it is |
//! |---|---|
//! | `--seconds N` | stop after so many seconds (60) |
//! | `--count N` | stop after so many programs |
//! | `--seed N` | the seed of the first program; the next ones count on from there (drawn, if not given) |
//! | `--steps N` | programs of at most so many steps (5000) |
//! | `--trace` | say each seed before it is tried: the last one said is that of a crash |
//!
//! At the first difference it prints the seed, makes the program as small as it can, prints that too, and ends with 1.

#[path = "../tests/common/row_cases.rs"]
mod row_cases;
#[path = "../tests/common/row_engines.rs"]
mod row_engines;
#[path = "../tests/common/row_shrink.rs"]
mod row_shrink;

use gradtape::lanes::Isa;
use row_cases::Case;
use row_engines::{Compared, Engines};
use std::env;
use std::process::ExitCode;
use std::time::{Duration, Instant};

struct Options {
    seconds: u64,
    count: u64,
    seed: u64,
    steps: usize,
    trace: bool,
}

fn options() -> Result<Options, String> {
    let seed = fastrand::u64(..1 << 40);
    let mut options = Options { seconds: 60, count: u64::MAX, seed, steps: 5000, trace: false };
    let mut arguments = env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--trace" {
            options.trace = true;
            continue;
        }
        let number = arguments.next().ok_or(format!("{name} needs a number"))?;
        let number = number.parse().map_err(|_| format!("{name} {number}: not a whole number"))?;
        match &name[..] {
            "--seconds" => options.seconds = number,
            "--count" => options.count = number,
            "--seed" => options.seed = number,
            "--steps" => options.steps = usize::try_from(number).unwrap_or(usize::MAX).max(1),
            _ => return Err(format!("{name}: see the head of examples/fuzz_native.rs")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let Options { seconds, count, seed, steps, trace } = match options() {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    let sets: Vec<String> =
        Isa::ALL.iter().filter(|isa| isa.is_available()).map(Isa::to_string).collect();
    println!("from seed {seed}; instruction sets: {}", sets.join(", "));
    let (start, mut engines) = (Instant::now(), Engines::new());
    let mut said = Instant::now();
    let mut done = 0;
    while done < count && start.elapsed() < Duration::from_secs(seconds) {
        let seed = seed.wrapping_add(done);
        if trace {
            eprintln!("seed {seed}");
        }
        let case = Case::random(seed, steps);
        if let Err(difference) = engines.check(&case) {
            println!("seed {seed}: {difference}");
            println!("again: --seed {seed} --count 1 --steps {steps}");
            tell(case);
            return ExitCode::FAILURE;
        }
        done += 1;
        if said.elapsed() > Duration::from_secs(10) {
            say(done, &engines.compared);
            said = Instant::now();
        }
    }
    say(done, &engines.compared);
    ExitCode::SUCCESS
}

/// Make a case that fails small, and print it.
fn tell(case: Case) {
    let difference = |case: &Case| Engines::new().check(case).err();
    if difference(&case).is_none() {
        println!("It passes with fresh workspaces: what an earlier run left behind matters.");
        return;
    }
    let small = row_shrink::shrink(case, |case| difference(case).is_some());
    println!("made small:\n{}", row_shrink::print(&small));
    if let Some(difference) = difference(&small) {
        println!("{difference}");
    }
}

fn say(programs: u64, compared: &Compared) {
    let Compared { runs, refused, numbers, nan, native } = compared;
    println!(
        "{programs} programs, {runs} runs ({native} of native code, {refused} refused), \
         {numbers} numbers ({nan} of them NaN)"
    );
}
