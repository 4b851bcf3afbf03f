//! Sums and gradients.

use crate::property::config;
use crate::{Held, RANKS, Table, bits, on_rank, on_ranks, wave, with_threads};
use gradtape::optim::{Objective, OverRows};
use gradtape::program::{RowProgram, Workspace};
use proptest::prelude::*;

/// Sum, and slopes with the sum again.
fn numbers(loss: &mut OverRows<'_>, at: &[f64]) -> Vec<u64> {
    let mut slopes = vec![f64::NAN; at.len()];
    let value = loss.value(at).expect("no guard");
    let sum = loss.value_and_gradient(at, &mut slopes).expect("no guard");
    bits(&[vec![value, sum], slopes].concat())
}

/// By the program itself, on one thread and without any ranks.
fn expected(program: &RowProgram, table: &Table, at: &[f64]) -> Vec<u64> {
    let mut workspace = Workspace::new();
    let mut slopes = vec![f64::NAN; at.len()];
    let value = program.sum(at, table.rows(), &mut workspace).expect("no guard");
    let sum = program.sum_and_gradient(at, table.rows(), &mut slopes, &mut workspace);
    bits(&[vec![value, sum.expect("no guard")], slopes].concat())
}

fn agree(table: &Table, ranks: usize, threads: usize) {
    let (program, at) = (wave(table.width), vec![0.3; table.width + 1]);
    let alone = expected(&program, table, &at);
    for held in [Held::Shares, Held::Everywhere] {
        let found = on_ranks(ranks, |comm| {
            with_threads(threads, |workspace| {
                let run = |loss: OverRows<'_>| Ok(numbers(&mut loss.workspace(workspace), &at));
                on_rank(comm, held, &program, table, run).expect("rows are fine")
            })
        });
        for (rank, found) in found.iter().enumerate() {
            assert_eq!(found, &alone, "{held:?}, rank {rank} of {ranks}, {threads} threads");
        }
    }
}

#[test]
fn sums_and_gradients_have_the_same_bits_on_any_number_of_ranks_and_threads() {
    for rows in [1, 7, 64, 65, 500, 1000, 4096, 4105, 20_001] {
        let table = Table::new(rows, 2, rows % 2 == 1);
        for ranks in RANKS {
            for threads in [0, 1, 2] {
                agree(&table, ranks, threads);
            }
        }
    }
}

#[test]
fn another_order_of_addition_would_have_other_bits() {
    let differs = |rows: usize| {
        let (program, table) = (wave(2), Table::new(rows, 2, false));
        let sum = |table: &Table| {
            program.sum(&[0.3; 3], table.rows(), &mut Workspace::new()).expect("no guard")
        };
        let parts = on_ranks(3, |comm| sum(&table.share(comm)));
        parts.iter().sum::<f64>().to_bits() != sum(&table).to_bits()
    };
    assert!((1..20).filter(|i| differs(i * 321)).count() > 3);
}

#[test]
fn more_ranks_than_chunks_leave_some_without_rows_and_change_nothing() {
    agree(&Table::new(100, 2, true), 7, 1);
    agree(&Table::new(3, 1, false), 16, 0);
}

proptest! {
    #![proptest_config(config(40))]
    #[test]
    fn random_rows_widths_weights_and_ranks_agree(
        rows in 1_usize..3000,
        width in 1_usize..5,
        weighted in any::<bool>(),
        ranks in 1_usize..10,
        threads in 0_usize..3,
    ) {
        agree(&Table::new(rows, width, weighted), ranks, threads);
    }
}
