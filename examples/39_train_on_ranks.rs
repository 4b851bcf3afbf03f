//! Train one network on several ranks: each has its own rows, all end with the same bits.
//!
//! `cargo run --example 39_train_on_ranks` takes ranks that are threads. With MPI they are processes, on one machine or on
//! many, and not a line of the training is another:
//!
//! ```text
//! cargo build --release --features mpi --example 39_train_on_ranks
//! mpirun -n 4 target/release/examples/39_train_on_ranks
//! ```

use gradtape::nn::{Activation, Init, Mlp, mse};
use gradtape::optim::{Adam, OverRows, Training};
use gradtape::program::Rows;
use gradtape::ranks::{Communicator, RankError, Threads};
use std::error::Error;

/// Observation `i` of `y = sin 3x`, as a file would have it.
fn observation(i: usize) -> [f64; 2] {
    let x = (i as f64 * 0.618).fract();
    [x, (3.0 * x).sin()]
}

fn train(comm: &dyn Communicator) -> Result<Vec<f64>, Box<dyn Error + Send + Sync>> {
    const ALL: usize = 2000;
    let network = Mlp::new(1).dense(8, Activation::Tanh).dense(1, Activation::Identity);
    let program = network.over_rows(1, |predicted, observed| mse(predicted, observed));
    let own: Vec<f64> = Rows::share(ALL, comm).flat_map(observation).collect();
    let loss = OverRows::share(&program, Rows::row_major(&own, 2)?, comm)?.mean();
    let start = network.initialize(Init::XavierUniform, 1);
    let mut training = Training::new(loss, start.as_slice(), Adam::new(0.05)).epochs(20);
    while let Some(epoch) = training.epoch()? {
        if comm.rank() == 0 && epoch.epoch % 10 == 0 {
            println!("{} rows here, {ALL} on all {} ranks: {epoch}", own.len() / 2, comm.size());
        }
    }
    Ok(training.parameters().to_vec())
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    #[cfg(feature = "mpi")]
    {
        let comm = gradtape::ranks::Mpi::new()?;
        if comm.size() > 1 {
            train(&comm)?;
            return Ok(());
        }
    }
    let on = |ranks| -> Result<Vec<f64>, Box<dyn Error + Send + Sync>> {
        let ends: Result<Vec<_>, RankError> =
            Threads::run(ranks, |comm| train(comm)).into_iter().collect();
        ends?.remove(0)
    };
    let alone = on(1)?;
    for ranks in [2, 3] {
        assert_eq!(on(ranks)?, alone, "to the last bit");
    }
    Ok(())
}
