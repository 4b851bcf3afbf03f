//! Rows that are spread over ranks: the same bits for every number of them and of threads, and the same errors.

#[cfg(all(feature = "csv", feature = "json"))]
mod data;
mod failures;
mod sums;
mod training;

#[path = "../common/property.rs"]
mod property;

use gradtape::Var;
use gradtape::nn::{Activation, Init, Mlp, mse};
use gradtape::optim::{FitError, OverRows};
use gradtape::program::{RowProgram, Rows, Workspace};
use gradtape::ranks::{Communicator, Threads};
use property::seed::random;

/// How many ranks are tried.
const RANKS: [usize; 5] = [1, 2, 3, 4, 7];

/// Numbers row after row, and how much each row counts.
#[derive(Clone, Debug)]
struct Table {
    numbers: Vec<f64>,
    width: usize,
    weights: Option<Vec<f64>>,
}

impl Table {
    /// Numbers of which every other order of addition gives other bits.
    fn new(rows: usize, width: usize, weighted: bool) -> Table {
        let mut random = random((rows * width) as u64);
        let mut numbers = |count: usize| -> Vec<f64> {
            (0..count).map(|_| (random.f64() - 0.5) * 10_f64.powi(random.i32(-3..2))).collect()
        };
        let weights: Option<Vec<f64>> =
            weighted.then(|| numbers(rows).iter().map(|x| x.abs()).collect());
        Table { numbers: numbers(rows * width), width, weights }
    }

    fn rows(&self) -> Rows<'_> {
        let rows = Rows::row_major(&self.numbers, self.width).expect("whole rows");
        match &self.weights {
            Some(weights) => rows.weighted(weights).expect("one for each"),
            None => rows,
        }
    }

    fn count(&self) -> usize {
        self.numbers.len() / self.width
    }

    /// What a rank has of it.
    fn share(&self, comm: &dyn Communicator) -> Table {
        let own = Rows::share(self.count(), comm);
        Table {
            numbers: self.numbers[own.start * self.width..own.end * self.width].to_vec(),
            width: self.width,
            weights: self.weights.as_ref().map(|weights| weights[own].to_vec()),
        }
    }
}

/// A function with a uniform part, so that slopes come by the frontier.
fn wave(width: usize) -> RowProgram {
    let wave = |p: &[Var], x: &[Var]| {
        let phase = p[0].exp() * 0.1;
        let inner = x.iter().zip(&p[1..]).map(|(&x, &p)| x * p).sum::<Var>();
        (inner + phase).sin() * p[0] + inner.square()
    };
    RowProgram::record(wave, &vec![0.5; width + 1], &vec![0.25; width])
}

fn network() -> (Mlp, RowProgram, Vec<f64>) {
    let network = Mlp::new(2).dense(5, Activation::Tanh).dense(1, Activation::Identity);
    let program = network.over_rows(1, |predicted, observed| mse(predicted, observed));
    let start = network.initialize(Init::XavierUniform, 3);
    let start = start.as_slice().to_vec();
    (network, program, start)
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

/// Ways to spread rows: alone, each rank with its own, each with all.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Held {
    Shares,
    Everywhere,
}

/// Make the loss on a rank, and use it there.
fn on_rank<T>(
    comm: &dyn Communicator,
    held: Held,
    program: &RowProgram,
    table: &Table,
    then: impl FnOnce(OverRows<'_>) -> Result<T, FitError>,
) -> Result<T, FitError> {
    let own = table.share(comm);
    then(match held {
        Held::Shares => OverRows::share(program, own.rows(), comm)?,
        Held::Everywhere => OverRows::new(program, table.rows())?.ranks(comm)?,
    })
}

/// Run on ranks; each must end.
fn on_ranks<T: Send>(ranks: usize, run: impl Fn(&Threads) -> T + Sync) -> Vec<T> {
    let ends = Threads::run(ranks, run).into_iter();
    ends.map(|end| end.expect("no rank is lost")).collect()
}

/// Workspaces of one thread and, where there is rayon, of several; what runs in them runs in such a pool.
fn with_threads<T: Send>(threads: usize, run: impl FnOnce(Workspace) -> T + Send) -> T {
    #[cfg(feature = "rayon")]
    if threads > 0 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        return pool.install(|| run(Workspace::new().parallel()));
    }
    let _ = threads;
    run(Workspace::new())
}
