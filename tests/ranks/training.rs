//! Fits, trainings, their histories, and states that go on with another number of ranks.

use crate::{Held, RANKS, Table, network, on_rank, on_ranks, with_threads};
use gradtape::optim::{Adam, Epoch, Fitter, History, OverRows, Plateau, Training, TrainingState};
use gradtape::program::{RowProgram, Workspace};
use gradtape::ranks::Communicator;

/// What a training is at its end, with everything that a checkpoint has.
type End = (TrainingState, Vec<Epoch>);

struct Setting {
    program: RowProgram,
    start: Vec<f64>,
    train: Table,
    validation: Table,
    held: Held,
}

impl Setting {
    fn new(held: Held, rows: usize) -> Setting {
        let (_, program, start) = network();
        let validation = Table::new(rows / 4, 3, false);
        Setting { program, start, train: Table::new(rows, 3, true), validation, held }
    }

    /// Train on a rank, from a state if there is one, for so many steps or to the end.
    fn run(
        &self,
        comm: &dyn Communicator,
        mut workspace: impl FnMut() -> Workspace,
        from: Option<&TrainingState>,
        steps: usize,
    ) -> End {
        let Setting { program, held, .. } = self;
        on_rank(comm, *held, program, &self.train, |loss| {
            on_rank(comm, *held, program, &self.validation, |validation| {
                let loss = loss.mean().workspace(workspace());
                let loss = match held {
                    Held::Shares => loss,
                    Held::Everywhere => loss.batches(150, 5),
                };
                let mut training = Training::new(loss, &self.start, Adam::new(0.02))
                    .validation(validation.mean().workspace(workspace()))
                    .plateau(Plateau::new(0.5, 1))
                    .epochs(6);
                if let Some(state) = from {
                    training.restore(state)?;
                }
                for _ in 0..steps {
                    training.step()?;
                }
                Ok((training.state(), training.history().to_vec()))
            })
        })
        .expect("a training that goes well")
    }
}

#[test]
fn trainings_have_the_same_history_and_state_on_any_number_of_ranks_and_threads() {
    for held in [Held::Shares, Held::Everywhere] {
        let setting = Setting::new(held, 700);
        let alone = on_ranks(1, |comm| setting.run(comm, Workspace::new, None, 40)).remove(0);
        assert_eq!(alone.1.len(), 6, "all epochs are run");
        for ranks in RANKS {
            for threads in [1, 2] {
                let ends = on_ranks(ranks, |comm| {
                    with_threads(threads, |first| {
                        let workspace = || first.clone();
                        setting.run(comm, workspace, None, 40)
                    })
                });
                for (rank, end) in ends.iter().enumerate() {
                    assert_eq!(end, &alone, "{held:?}, rank {rank} of {ranks}, {threads} threads");
                }
            }
        }
    }
}

#[test]
fn a_state_goes_on_with_another_number_of_ranks_to_the_same_bits() {
    for held in [Held::Shares, Held::Everywhere] {
        let setting = Setting::new(held, 500);
        let whole = on_ranks(1, |comm| setting.run(comm, Workspace::new, None, 30)).remove(0);
        for (before, after) in [(1, 3), (3, 2), (2, 7), (4, 1)] {
            let stopped = on_ranks(before, |comm| setting.run(comm, Workspace::new, None, 3));
            let state = &stopped[before - 1].0;
            let ends = on_ranks(after, |comm| setting.run(comm, Workspace::new, Some(state), 30));
            assert!(ends.iter().all(|end| *end == whole), "{held:?} on {before}, then {after}");
        }
    }
}

#[test]
fn fits_have_the_same_records_on_every_rank() {
    let (_, program, start) = network();
    let table = Table::new(300, 3, false);
    let fit = |loss: OverRows<'_>| -> Result<(Vec<f64>, History), _> {
        let fit = Fitter::with_objective(loss.mean(), &start).fit(&mut Adam::new(0.05), 20)?;
        Ok((fit.parameters, fit.history))
    };
    let alone = fit(OverRows::new(&program, table.rows()).expect("rows")).expect("a fit");
    for ranks in RANKS {
        let fits = on_ranks(ranks, |comm| on_rank(comm, Held::Shares, &program, &table, fit));
        for found in fits {
            assert_eq!(found.expect("a fit"), alone, "{ranks} ranks");
        }
    }
}
