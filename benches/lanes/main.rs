//! The lane kernels: nanoseconds a number with each instruction set, and whether the machine code is packed.
//!
//! `cargo bench --bench lanes` prints both tables of `docs/benchmarks.md`. Arguments run only the
//! kernels whose name contains one of them.

mod machine_code;
#[path = "../common/markdown.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod markdown;
#[path = "../common/side_by_side.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod side_by_side;

use gradtape::Real;
use gradtape::lanes::{Isa, Kernel, map_pow};
use machine_code::MachineCode;
use markdown::{print_setting, print_table, progress, three_digits};
use side_by_side::{Contender, Spread, side_by_side};
use std::env;
use std::hint::black_box;

/// So few that they stay in the first-level cache.
const NUMBERS: usize = 1024;
const ROUNDS: usize = 15;

/// A loop over one function of `f64` after the other.
type Loop = fn(&[f64], &mut [f64]);

type Work = Box<dyn FnMut(&[f64], &mut [f64])>;

macro_rules! one_after_the_other {
    ($($name:ident)*) => {
        /// The function of the same name on `f64`, which is mostly the standard library's.
        fn on_f64(name: &str) -> Option<Loop> {
            match name {
                $(stringify!($name) => Some(|x, y| {
                    for (y, &x) in y.iter_mut().zip(x) {
                        *y = Real::$name(x);
                    }
                }),)*
                _ => None,
            }
        }
    };
}
one_after_the_other! {
    exp exp_m1 ln ln_1p sin cos tan atan sinh cosh tanh sqrt cbrt round sigmoid softplus silu gelu erf
    erfc erfcx
}

fn main() {
    let filters: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |name: &str| filters.is_empty() || filters.iter().any(|f| name.contains(f));
    let isas: Vec<Isa> = Isa::ALL.into_iter().filter(|isa| isa.is_available()).collect();

    print_setting(&[]);
    let names: Vec<String> = isas.iter().map(Isa::to_string).collect();
    let columns = |first: &[&'static str]| -> Vec<String> {
        first.iter().map(|&name| name.to_owned()).chain(names.iter().cloned()).collect()
    };
    let mut lines = vec![];
    for kernel in Kernel::ALL.iter().filter(|kernel| wanted(kernel.name())) {
        let on_f64 = on_f64(kernel.name()).expect("every kernel is a method of `Real`");
        let mut contenders: Vec<Work> = vec![Box::new(on_f64)];
        for &isa in &isas {
            contenders.push(Box::new(move |x, y| kernel.map(isa, x, y)));
        }
        lines.push(times(kernel.name(), contenders));
    }
    if wanted("pow") {
        let mut contenders: Vec<Work> = vec![Box::new(std_pow)];
        for &isa in &isas {
            contenders.push(Box::new(move |x, y| map_pow(isa, x, &[1.7; NUMBERS], y)));
        }
        lines.push(times("pow", contenders));
    }
    println!("Nanoseconds a number, medians and quartiles:\n");
    print_strings(&columns(&["", "on f64"]), lines);

    let Some(code) = MachineCode::of_this_executable() else {
        return println!("There is no objdump here: the machine code is not looked at.");
    };
    println!("The main loop of each: double arithmetic packed + scalar, widest register:\n");
    let kernels = Kernel::ALL.iter().map(|kernel| (kernel.name(), code_of(kernel.name())));
    let pow = [("pow", "map_pow".to_string())];
    let lines = kernels.chain(pow).filter(|(name, _)| wanted(name)).map(|(name, function)| {
        let found = isas.iter().map(|isa| code.main_loop(&function, *isa));
        let found = found.map(|found| found.map_or("not found".into(), |found| found.to_string()));
        [format!("`{name}`")].into_iter().chain(found).collect()
    });
    print_strings(&columns(&[""]), lines.collect());
}

fn print_strings(columns: &[String], lines: Vec<Vec<String>>) {
    print_table(&columns.iter().map(String::as_str).collect::<Vec<&str>>(), lines);
}

/// Where the code of a kernel is, in the module of all kernels.
fn code_of(kernel: &str) -> String {
    format!("slices::{kernel}")
}

fn std_pow(x: &[f64], y: &mut [f64]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = x.powf(1.7);
    }
}

/// Time all in turns; returns a line of the table.
fn times(name: &str, all: Vec<Work>) -> Vec<String> {
    const ON_F64: &str = "on f64";
    progress(name);
    let mut random = fastrand::Rng::with_seed(8);
    // Positive for the logarithms, and in the middle of what all functions take.
    let x: Vec<f64> = (0..NUMBERS).map(|_| 0.01 + 9.0 * random.f64()).collect();
    let contenders = all.into_iter().enumerate().map(|(i, mut work)| {
        let mut y = vec![0.0; NUMBERS];
        let name = if i == 0 { ON_F64 } else { "in lanes" };
        Contender::new(name, &x[..], move |x: &[f64]| work(x, black_box(&mut y)))
    });
    let cells = side_by_side(ON_F64, ROUNDS, contenders.collect()).into_iter().map(|row| {
        let Spread { low, median, high } = row.time.times(1.0 / NUMBERS as f64);
        let [low, median, high] = [low, median, high].map(three_digits);
        format!("{median} ({low} to {high})")
    });
    [format!("`{name}`")].into_iter().chain(cells).collect()
}
