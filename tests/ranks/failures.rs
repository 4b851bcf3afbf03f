//! Ranks that are lost, ranks that disagree, rows that fail: errors that say who and what, the same on all ranks.

use crate::{Held, Table, network, on_rank, on_ranks, wave};
use gradtape::Var;
use gradtape::optim::{Adam, FitError, Fitter, Objective, OverRows};
use gradtape::program::{ReplayError, RowProgram, Rows, Workspace};
use gradtape::ranks::{Communicator, Local, RankError, Threads};

/// The error of a fit, on every rank.
fn errors(
    ranks: usize,
    held: Held,
    program: &RowProgram,
    table: &Table,
    start: &[f64],
) -> Vec<String> {
    let fit = |comm: &Threads| {
        on_rank(comm, held, program, table, |loss| {
            Fitter::with_objective(loss, start).fit(&mut Adam::new(0.1), 5)
        })
    };
    on_ranks(ranks, |comm| fit(comm).expect_err("a fit that fails").to_string())
}

/// On one machine, without ranks.
fn error_alone(program: &RowProgram, table: &Table, start: &[f64]) -> String {
    let fit = OverRows::new(program, table.rows())
        .and_then(|loss| Fitter::with_objective(loss, start).fit(&mut Adam::new(0.1), 5));
    fit.expect_err("a fit that fails").to_string()
}

/// A branch, a root of a negative number, a number of the data that is NaN, weights: the first row that has one wins,
/// whoever has it.
#[test]
fn a_row_that_fails_is_the_error_of_all_ranks_and_the_one_of_a_machine_alone() {
    let branch = |p: &[Var], x: &[Var]| if x[0] > 0.0 { p[0] * x[0] } else { p[0] };
    let branch = RowProgram::record(branch, &[1.0], &[1.0]);
    let root = RowProgram::record(|p, x| (x[0] * p[0]).sqrt(), &[1.0], &[1.0]);
    let pole = RowProgram::record(|p, x| (p[0] - x[0]).sqrt(), &[1.0], &[0.5]);
    let fine = |rows: usize| Table { numbers: vec![1.0; rows], width: 1, weights: None };
    for rows in [40, 300, 1000] {
        for first in [0, rows / 3, rows - 2] {
            let mut bad = fine(rows);
            (bad.numbers[first], bad.numbers[rows - 1]) = (-1.0, -2.0);
            let mut nan = fine(rows);
            (nan.numbers[first], nan.numbers[rows - 1]) = (f64::NAN, f64::INFINITY);
            let mut flat = fine(rows);
            flat.numbers.fill(0.5);
            (flat.numbers[first], flat.numbers[rows - 1]) = (1.0, 1.0);
            let mut weights = fine(rows);
            let mut numbers = vec![1.0; rows];
            (numbers[first], numbers[rows - 1]) = (f64::INFINITY, f64::NAN);
            weights.weights = Some(numbers);
            for (program, table) in
                [(&branch, &bad), (&root, &bad), (&root, &nan), (&pole, &flat), (&root, &weights)]
            {
                let alone = error_alone(program, table, &[1.0]);
                assert!(alone.contains(&format!("row {first}")), "{alone}");
                for ranks in [1, 2, 3, 7] {
                    for held in [Held::Shares, Held::Everywhere] {
                        if held == Held::Everywhere && OverRows::new(program, table.rows()).is_err()
                        {
                            continue;
                        }
                        let found = errors(ranks, held, program, table, &[1.0]);
                        assert!(found.iter().all(|found| *found == alone), "{found:?}\n{alone}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_guard_of_the_parameters_is_refused_on_every_rank() {
    let program = |p: &[Var], x: &[Var]| if p[0] > 0.0 { p[0] * x[0] } else { x[0] * 1.0 };
    let program = RowProgram::record(program, &[1.0], &[1.0]);
    let table = Table::new(200, 1, false);
    let alone = error_alone(&program, &table, &[-1.0]);
    let found = errors(3, Held::Shares, &program, &table, &[-1.0]);
    assert!(found.iter().all(|found| *found == alone), "{found:?}");
}

#[test]
fn a_rank_that_ends_ends_the_others_which_name_it() {
    for lost in 0..4 {
        let ends = Threads::run(4, |comm| {
            let (program, table) = (wave(2), Table::new(1000, 2, false));
            on_rank(comm, Held::Shares, &program, &table, |mut loss| {
                for step in 0.. {
                    if step == 3 && comm.rank() == lost {
                        // As an error of its own would make it.
                        return Ok(None);
                    }
                    if let Err(error) = loss.value(&[0.25; 3]) {
                        return Ok(Some(error));
                    }
                }
                Ok(None)
            })
        });
        for (rank, end) in ends.into_iter().enumerate() {
            let error = end.expect("no panic").expect("rows are fine");
            let expected =
                (rank != lost).then_some(ReplayError::Ranks(RankError::Lost { rank: lost }));
            assert_eq!(error, expected, "rank {rank} of those that lose {lost}");
        }
    }
}

#[test]
fn a_panic_in_one_rank_is_an_error_of_the_others_and_names_it() {
    let ends = Threads::run(3, |comm| {
        let (program, table) = (wave(2), Table::new(1000, 2, false));
        on_rank(comm, Held::Shares, &program, &table, |mut loss| {
            assert!(comm.rank() != 1, "a panic that the test wants");
            Ok(loss.value(&[0.25; 3]))
        })
    });
    assert_eq!(ends[1].as_ref().expect_err("it panicked"), &RankError::Lost { rank: 1 });
    for rank in [0, 2] {
        let end = ends[rank].as_ref().expect("no panic").as_ref().expect("rows are fine");
        assert_eq!(end, &Err(ReplayError::Ranks(RankError::Lost { rank: 1 })));
    }
    let message = RankError::Lost { rank: 1 }.to_string();
    assert!(message.starts_with("rank 1 has ended before its work was done"), "{message}");
}

#[test]
fn ranks_that_disagree_are_refused_with_both_values() {
    let refused = |run: &(dyn Fn(&Threads) -> Result<(), FitError> + Sync), parts: &[&str]| {
        for error in on_ranks(3, run) {
            let error = error.expect_err("they disagree").to_string();
            for part in parts {
                assert!(error.contains(part), "{error}");
            }
        }
    };
    let table = Table::new(400, 2, false);
    // Another program on rank 2.
    let programs = |comm: &Threads| {
        let program = match comm.rank() {
            2 => RowProgram::record(|p, x| p[0] * x[0] * x[1], &[1.0; 3], &[1.0; 2]),
            _ => wave(2),
        };
        on_rank(comm, Held::Shares, &program, &table, |_| Ok(()))
    };
    refused(&programs, &["the program", "rank 0 has", "rank 2 has one of 3 parameters"]);
    // Another number in the rows of rank 1.
    let rows = |comm: &Threads| {
        let mut table = table.clone();
        table.numbers[7] += comm.rank().min(1) as f64;
        on_rank(comm, Held::Everywhere, &wave(2), &table, |_| Ok(()))
    };
    refused(&rows, &["the rows: rank 0 has 400 rows with the fingerprint", "rank 1 has 400 rows"]);
    // Not its share.
    let shares = |comm: &Threads| {
        let own = table.share(comm);
        let rows = if comm.rank() == 1 { &own.numbers[2..] } else { &own.numbers[..] };
        OverRows::share(&wave(2), Rows::row_major(rows, 2)?, comm).map(|_| ())
    };
    refused(
        &shares,
        &["rank 1 has 127 rows of 399, and its share is 128: give each rank those of"],
    );
}

#[test]
fn parameters_that_differ_are_refused_at_the_step_that_would_use_them() {
    let (_, program, start) = network();
    let table = Table::new(500, 3, false);
    for held in [Held::Shares, Held::Everywhere] {
        let ends = on_ranks(3, |comm| {
            on_rank(comm, held, &program, &table, |mut loss| {
                let mut slopes = vec![0.0; start.len()];
                let mut at = start.clone();
                loss.value_and_gradient(&at, &mut slopes).expect("the same");
                if comm.rank() == 2 {
                    at[0] = at[0].next_up();
                }
                Ok(loss.value_and_gradient(&at, &mut slopes).expect_err("one bit").to_string())
            })
        });
        for end in ends {
            let error = end.expect("rows are fine");
            assert!(
                error.contains("the parameters and the batch of a step: rank 0 has"),
                "{error}"
            );
            assert!(error.contains("and rank 2 has"), "{error}");
        }
    }
    // On a rank without rows too, which has nothing that it sends.
    let few = Table::new(100, 3, false);
    let ends = Threads::run(5, |comm| {
        on_rank(comm, Held::Shares, &program, &few, |mut loss| {
            let mut at = start.clone();
            at[0] += f64::from(u8::from(comm.rank() == 4));
            Ok(loss.value(&at).map_err(|error| error.to_string()))
        })
    });
    for (rank, end) in ends.into_iter().enumerate() {
        match end.expect("no panic").expect("rows are fine") {
            Ok(_) => assert!(rank < 4, "rank 4 has other parameters"),
            Err(error) => {
                assert!(error.contains("rank 0 has") && error.contains("rank 4 has"), "{error}")
            }
        }
    }
    // Another seed, so another batch.
    let ends = on_ranks(2, |comm| {
        on_rank(comm, Held::Everywhere, &program, &table, |loss| {
            let mut loss = loss.batches(200, comm.rank() as u64);
            Ok(loss.value_and_gradient(&start, &mut vec![0.0; start.len()]).is_err())
        })
    });
    assert!(ends.into_iter().all(|end| end.expect("rows are fine")));
}

#[test]
fn what_cannot_be_the_same_on_many_ranks_is_refused() {
    let (program, table) = (wave(2), Table::new(200, 2, false));
    let rerecord = OverRows::rerecord(|p: &[Var], x: &[Var]| p[0] * x[0], table.rows())
        .expect("rows are fine")
        .ranks(&Local);
    assert!(rerecord.expect_err("paths").to_string().contains("`select`"));
    let chosen = table.rows().choose(&[1, 2]).expect("there are such rows");
    let error = OverRows::share(&program, chosen, &Local).expect_err("a choice").to_string();
    assert!(error.contains("no choice of rows"), "{error}");
    let batches = Threads::run(1, |comm| {
        _ = OverRows::share(&program, table.rows(), comm).expect("rows are fine").batches(8, 1);
    });
    assert!(batches[0].is_err(), "batches of rows that other ranks have");
    let empty = Rows::row_major(&[], 2).expect("no rows");
    let error = OverRows::share(&program, empty, &Local).expect_err("no rows").to_string();
    assert!(error.contains("there are no rows to fit"), "{error}");
}

#[test]
fn a_message_of_another_length_names_its_sender() {
    let ends = on_ranks(2, |comm| match comm.rank() {
        0 => comm.send(&[1.0, 2.0], 1),
        _ => comm.receive(&mut [0.0; 3], 0),
    });
    let error = ends[1].as_ref().expect_err("another length").to_string();
    assert!(error.starts_with("rank 0 sent 2 numbers where 3 were due"), "{error}");
}

#[test]
fn a_run_after_an_error_is_as_if_there_had_been_none() {
    let program = RowProgram::record(
        |p: &[Var], x: &[Var]| if x[0] < p[0] { p[0] * x[0] } else { p[0].sin() },
        &[100.0],
        &[1.0],
    );
    let table = Table::new(1000, 1, false);
    let at = |p: f64, w: &mut Workspace| program.sum(&[p], table.rows(), w);
    let expected = at(100.0, &mut Workspace::new()).expect("no branch");
    let mut workspace = Workspace::new();
    for _ in 0..3 {
        at(0.0, &mut workspace).expect_err("another branch");
        assert_eq!(at(100.0, &mut workspace).expect("no branch").to_bits(), expected.to_bits());
    }
}
