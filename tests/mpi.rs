//! Ranks that are processes: this very test, started by `mpirun`, with the bits of one machine.
//!
//! Where there is no `mpirun` nothing is tested, and a line says so; `GRADTAPE_REQUIRE_MPI` makes that a failure.

#[path = "common/mpirun.rs"]
mod mpirun;

use gradtape::nn::{Activation, Init, Mlp, mse};
use gradtape::optim::{Adam, FitError, OverRows, Training};
use gradtape::program::Rows;
use gradtape::ranks::{Communicator, Local, Mpi, RankError};
use std::process::Output;

/// What a rank is to do that `mpirun` has started.
const TASK: &str = "GRADTAPE_TEST_RANK";

/// Start ranks with a task; none if there is no `mpirun`.
fn ranks(count: usize, task: &str) -> Option<Output> {
    let this = std::env::current_exe().expect("a test is a file");
    let only = ["a_rank_does_its_task", "--exact", "--nocapture", "--test-threads=1"];
    mpirun::output(mpirun::mpirun(count, this).args(only).env(TASK, task))
}

/// What a process has said, on both ways.
fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text)).concat()
}

/// The losses of a training and its parameters, as bits.
fn trained(comm: &dyn Communicator, then: impl Fn(usize)) -> Result<String, FitError> {
    let network = Mlp::new(1).dense(6, Activation::Tanh).dense(1, Activation::Identity);
    let program = network.over_rows(1, |predicted, observed| mse(predicted, observed));
    let row = |i: usize| [(i as f64 * 0.618).fract(), (i as f64 * 0.382).sin()];
    let own: Vec<f64> = Rows::share(1000, comm).flat_map(row).collect();
    let loss = OverRows::share(&program, Rows::row_major(&own, 2)?, comm)?.mean();
    let start = network.initialize(Init::XavierUniform, 1);
    let mut training = Training::new(loss, start.as_slice(), Adam::new(0.05)).epochs(8);
    let mut bits = Vec::new();
    while let Some(epoch) = training.epoch()? {
        bits.push(epoch.training_loss.to_bits());
        then(epoch.epoch);
    }
    bits.extend(training.parameters().iter().map(|x| x.to_bits()));
    Ok(bits.iter().map(|bits| format!("{bits:016x}")).collect::<Vec<_>>().join(" "))
}

#[test]
fn a_rank_does_its_task() {
    let Ok(task) = std::env::var(TASK) else { return };
    let comm = Mpi::new().expect("the first in this process");
    let at = |epoch: usize| {
        if comm.rank() == 1 && epoch == 3 {
            match task.as_str() {
                "panic" => panic!("a panic that the test wants"),
                "abort" => std::process::abort(),
                _ => {}
            }
        }
    };
    match trained(&comm, at) {
        Ok(bits) => println!("rank {} has bits {bits}", comm.rank()),
        Err(error) => println!("rank {} says: {error}", comm.rank()),
    }
    let again = Mpi::new().expect_err("it is in this process");
    assert!(matches!(again, RankError::Unavailable(_)), "{again}");
}

#[test]
fn every_rank_of_any_number_has_the_bits_of_one_machine() {
    let alone = trained(&Local, |_| {}).expect("a training that goes well");
    for count in 1..=4 {
        let Some(output) = ranks(count, "train") else { return };
        let said = said(&output);
        assert!(output.status.success(), "{said}");
        for rank in 0..count {
            assert!(said.contains(&format!("rank {rank} has bits {alone}")), "{said}\n{alone}");
        }
    }
}

#[test]
fn a_rank_that_panics_ends_the_others_which_name_it() {
    let Some(output) = ranks(3, "panic") else { return };
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    for rank in [0, 2] {
        let expected = format!("rank {rank} says: there is no loss after step 3: rank 1 has ended");
        assert!(said.contains(&expected), "{said}");
    }
}

#[test]
fn a_rank_that_is_killed_ends_the_others_and_mpirun_names_it() {
    let Some(output) = ranks(3, "abort") else { return };
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("rank 1"), "{said}");
}
