//! Measure what `docs/scaling.md` says: steps of training on ranks, messages between them, memory.
//!
//! ```text
//! cargo build --release --features mpi --example ranks
//! mpirun -n 2 --bind-to core target/release/examples/ranks steps 100000
//! mpirun -n 2 --bind-to core target/release/examples/ranks messages
//! target/release/examples/ranks wide 1000
//! target/release/examples/ranks long 10000000
//! ```
//!
//! Without the feature `mpi` it is one rank. Figures are the best of several; the first rank prints.

use gradtape::nn::{Activation, Init, Mlp, mse};
use gradtape::optim::{Adam, OverRows, Training};
use gradtape::program::{Rows, Workspace};
use gradtape::ranks::{Communicator, broadcast};
use std::error::Error;
use std::time::{Duration, Instant};

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// The ranks that `mpirun` has started.
#[cfg(feature = "mpi")]
fn ranks() -> Result<impl Communicator, Box<dyn Error + Send + Sync>> {
    Ok(gradtape::ranks::Mpi::new()?)
}

#[cfg(not(feature = "mpi"))]
fn ranks() -> Result<impl Communicator, Box<dyn Error + Send + Sync>> {
    Ok(gradtape::ranks::Local)
}

/// A network from `layers[0]` inputs to one output.
fn network(layers: &[usize]) -> Mlp {
    let (inputs, hidden) = layers.split_first().expect("a width for the inputs");
    let hidden = hidden.iter();
    hidden
        .fold(Mlp::new(*inputs), |mlp, &width| mlp.dense(width, Activation::Tanh))
        .dense(1, Activation::Identity)
}

/// Numbers that look random, without memory for all ranks' rows.
fn noise(i: usize) -> f64 {
    let x = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((x ^ (x >> 29)) % 1_000_003) as f64 / 1_000_003.0 - 0.5
}

/// The most memory that this process has had, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    number.unwrap_or(f64::NAN) / 1024.0
}

/// Take steps with all rows: the best time of a step.
fn steps(comm: &dyn Communicator, layers: &[usize], rows: usize, count: usize) -> Outcome {
    let network = network(layers);
    let width = layers[0] + 1;
    let began = Instant::now();
    let program = network.over_rows(1, |predicted, observed| mse(predicted, observed));
    let own = Rows::share(rows, comm);
    let numbers: Vec<f64> = (own.start * width..own.end * width).map(noise).collect();
    let data = Rows::row_major(&numbers, width)?;
    let start = network.initialize(Init::XavierUniform, 1);
    let loss = OverRows::share(&program, data, comm)?.mean();
    let mut loss = Some(loss.workspace(workspace()));
    let mut training =
        Training::new(loss.take().expect("just made"), start.as_slice(), Adam::new(0.01));
    let ready = began.elapsed();
    let mut best = Duration::MAX;
    for _ in 0..count {
        let began = Instant::now();
        training.step()?;
        best = best.min(began.elapsed());
    }
    if comm.rank() == 0 {
        println!(
            "{} ranks, {} parameters, {rows} rows of {width}: ready after {:.2} s, a step {:.3} ms, {:.1} ns a row, \
             {:.0} MB",
            comm.size(),
            start.len(),
            ready.as_secs_f64(),
            best.as_secs_f64() * 1e3,
            best.as_secs_f64() * 1e9 / rows as f64,
            peak()
        );
    }
    Ok(())
}

/// One thread a rank; where there is one rank alone and rayon, all cores.
fn workspace() -> Workspace {
    #[cfg(feature = "rayon")]
    if std::env::var_os("RAYON_NUM_THREADS").is_some() {
        return Workspace::new().parallel();
    }
    Workspace::new()
}

/// Sums of so many numbers, sent to the first rank and told to all, as a step does.
fn messages(comm: &dyn Communicator) -> Outcome {
    for width in [1, 10, 100, 1000, 10_000, 100_000, 1_000_000] {
        let (mut numbers, mut best) = (vec![1.0; width], Duration::MAX);
        for _ in 0..(20_000_000 / (width + 10_000)).max(5) {
            let began = Instant::now();
            // To the first rank by halves, as the tree of sums is.
            let mut apart = 1;
            while apart < comm.size() {
                let rank = comm.rank();
                if rank % (2 * apart) == apart {
                    comm.send(&numbers, rank - apart)?;
                    break;
                }
                if rank + apart < comm.size() {
                    comm.receive(&mut numbers, rank + apart)?;
                }
                apart *= 2;
            }
            broadcast(comm, &mut numbers, 0)?;
            best = best.min(began.elapsed());
        }
        if comm.rank() == 0 {
            let best = best.as_secs_f64() * 1e6;
            println!("{} ranks, {width} numbers: all-reduce {best:.2} µs", comm.size());
        }
    }
    Ok(())
}

fn main() -> Outcome {
    let comm = ranks()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows = arguments.get(1).and_then(|rows| rows.parse().ok());
    match arguments.first().map(String::as_str) {
        Some("messages") => messages(&comm),
        Some("wide") => steps(&comm, &[1000, 900, 100], rows.unwrap_or(1000), 3),
        Some("middle") => steps(&comm, &[100, 300, 200], rows.unwrap_or(1000), 5),
        Some("long") => steps(&comm, &[3, 16], rows.unwrap_or(10_000_000), 3),
        _ => steps(&comm, &[8, 32, 16], rows.unwrap_or(100_000), 20),
    }
}
