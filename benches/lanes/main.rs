//! The lane kernels: nanoseconds a number with each instruction set, and whether the machine code is packed.
//!
//! `cargo bench --bench lanes` prints both tables of `docs/benchmarks.md`. Arguments run only the
//! kernels whose name contains one of them.

mod machine_code;

use gradtape::Real;
use gradtape::lanes::{Isa, Kernel, map_pow};
use machine_code::MachineCode;
use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// So few that they stay in the first-level cache.
const NUMBERS: usize = 1024;
const ROUNDS: usize = 15;
const SAMPLE: Duration = Duration::from_millis(1);

/// A loop over one function of `f64` after the other.
type Loop = fn(&[f64], &mut [f64]);

type Contender = Box<dyn FnMut(&[f64], &mut [f64])>;

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
    erfc
}

fn main() {
    let filters: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |name: &str| filters.is_empty() || filters.iter().any(|f| name.contains(f));
    let isas: Vec<Isa> = Isa::ALL.into_iter().filter(|isa| isa.is_available()).collect();

    print!("{:10} {:>9}", "ns/number", "on f64");
    isas.iter().for_each(|isa| print!(" {:>9}", isa.to_string()));
    println!();
    for kernel in Kernel::ALL.iter().filter(|kernel| wanted(kernel.name())) {
        let on_f64 = on_f64(kernel.name()).expect("every kernel is a method of `Real`");
        let mut contenders: Vec<Contender> = vec![Box::new(on_f64)];
        for &isa in &isas {
            contenders.push(Box::new(move |x, y| kernel.map(isa, x, y)));
        }
        print_times(kernel.name(), contenders);
    }
    if wanted("pow") {
        let mut contenders: Vec<Contender> = vec![Box::new(std_pow)];
        for &isa in &isas {
            contenders.push(Box::new(move |x, y| map_pow(isa, x, &[1.7; NUMBERS], y)));
        }
        print_times("pow", contenders);
    }

    let Some(code) = MachineCode::of_this_executable() else {
        return println!("\nno objdump here: the machine code is not looked at");
    };
    println!("\nThe main loop of each: double arithmetic packed + scalar, widest register");
    let kernels = Kernel::ALL.iter().map(|kernel| (kernel.name(), code_of(kernel.name())));
    let pow = [("pow", "map_pow".to_string())];
    for (name, function) in kernels.chain(pow).filter(|(name, _)| wanted(name)) {
        print!("{name:10} {:9}", "");
        for isa in &isas {
            let found = code.main_loop(&function, *isa);
            print!(" {:>16}", found.map_or("not found".into(), |found| found.to_string()));
        }
        println!();
    }
}

/// Where the code of a kernel is, in the module of all kernels.
fn code_of(kernel: &str) -> String {
    format!("along::{kernel}")
}

fn std_pow(x: &[f64], y: &mut [f64]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = x.powf(1.7);
    }
}

/// Time the contenders in turns and print the best of each: other work on the machine only ever adds.
fn print_times(name: &str, mut contenders: Vec<Contender>) {
    let mut random = fastrand::Rng::with_seed(8);
    // Positive for the logarithms, and in the middle of what all functions take.
    let x: Vec<f64> = (0..NUMBERS).map(|_| 0.01 + 9.0 * random.f64()).collect();
    let mut y = vec![0.0; NUMBERS];
    let mut best = vec![f64::INFINITY; contenders.len()];
    for _ in 0..ROUNDS {
        for (work, best) in contenders.iter_mut().zip(&mut best) {
            let (start, mut runs) = (Instant::now(), 0);
            while start.elapsed() < SAMPLE {
                work(black_box(&x), black_box(&mut y));
                runs += 1;
            }
            let took = start.elapsed().as_nanos() as f64 / f64::from(runs * NUMBERS as u32);
            *best = best.min(took);
        }
    }
    print!("{name:10}");
    best.iter().for_each(|best| print!(" {best:9.2}"));
    println!();
}
