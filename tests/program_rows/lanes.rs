//! A row's numbers are its own: whichever rows stand before, after or beside it, and whichever instructions
//! compute it.

use crate::property::seed::random;
use crate::{All, Table, available, bits};
use gradtape::program::{RowProgram, Workspace};
use gradtape::{Var, dot, log_sum_exp};

/// Kernels, sums, pieces and a uniform part.
fn mixed() -> RowProgram {
    RowProgram::record(
        |p, x| {
            let uniform = (p[0].exp() + p[1]).sin() * p[2];
            let inner = dot(&p[..2], x) + uniform;
            let pieces =
                inner.max(x[0]).abs().sqrt() + Var::select(x[1], x[0] / p[2], inner.tanh());
            pieces + log_sum_exp([inner, x[0], x[1] * p[1]]) + (x[0] % x[1]).floor().atan2(p[0])
        },
        &[0.5, -1.0, 2.0],
        &[0.1, 0.2],
    )
}

const SHARED: [f64; 3] = [0.25, -0.75, 1.5];

fn table(count: usize) -> Table {
    let mut random = random(3);
    Table { numbers: (0..2 * count).map(|_| (random.f64() - 0.5) * 6.0).collect(), width: 2 }
}

fn run(table: &Table) -> All {
    All::of(&mixed(), &SHARED, table.rows(), &mut Workspace::new()).expect("no guard")
}

#[test]
fn permuted_rows_have_permuted_values_and_gradients() {
    let table = table(150);
    let mut order: Vec<usize> = (0..150).collect();
    random(4).shuffle(&mut order);
    let (before, after) = (run(&table), run(&table.chosen(&order)));
    for (place, &row) in order.iter().enumerate() {
        assert_eq!(after.values[place].to_bits(), before.values[row].to_bits());
        let slopes = |all: &All, row: usize| bits(&all.gradients[5 * row..][..5]);
        assert_eq!(slopes(&after, place), slopes(&before, row));
    }
}

#[test]
fn the_first_rows_have_the_same_numbers_however_many_follow() {
    let whole = run(&table(150));
    for count in (0..35).chain(125..150) {
        let part = run(&table(count));
        assert_eq!(bits(&part.values), bits(&whole.values[..count]));
        assert_eq!(bits(&part.gradients), bits(&whole.gradients[..5 * count]));
    }
}

#[test]
fn a_row_of_nan_changes_no_other() {
    let clean = table(40);
    let expected = run(&clean);
    for spoilt_row in [0, 7, 8, 15, 16, 38, 39] {
        let mut spoilt = clean.clone();
        spoilt.numbers[2 * spoilt_row..][..2].fill(f64::NAN);
        let found = run(&spoilt);
        for row in (0..40).filter(|&row| row != spoilt_row) {
            assert_eq!(found.values[row].to_bits(), expected.values[row].to_bits());
            let slopes = |all: &All| bits(&all.gradients[5 * row..][..5]);
            assert_eq!(slopes(&found), slopes(&expected));
        }
        assert!(found.values[spoilt_row].is_nan() && found.sum.is_nan());
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits_for_every_number_of_rows() {
    let program = mixed();
    for count in (0..=35).chain([127, 128, 129, 1000]) {
        let table = table(count);
        let weights: Vec<f64> = (0..count).map(|row| (row % 5) as f64 - 1.5).collect();
        let rows = table.rows().weighted(&weights).expect("one for each");
        let all = |isa| {
            let mut workspace = Workspace::new().with_isa(isa);
            All::of(&program, &SHARED, rows, &mut workspace).expect("no guard").bits()
        };
        let baseline = all(gradtape::lanes::Isa::Baseline);
        for isa in available() {
            assert_eq!(all(isa), baseline, "{count} rows with {isa}");
        }
    }
}

#[test]
fn one_workspace_serves_any_programs_and_numbers_of_rows() {
    let line = RowProgram::record(|p, x| p[0] * x[0] - x[1], &[1.0], &[1.0, 1.0]);
    let mut workspace = Workspace::new();
    for count in [300, 1, 17, 0, 8, 9, 300] {
        let table = table(count);
        let (large, small) = (mixed(), &line);
        for (program, shared) in [(&large, &SHARED[..]), (small, &SHARED[..1])] {
            let used = All::of(program, shared, table.rows(), &mut workspace).expect("no guard");
            let fresh = All::of(program, shared, table.rows(), &mut Workspace::new());
            assert_eq!(used.bits(), fresh.expect("no guard").bits(), "{count} rows");
        }
    }
}

#[test]
fn programs_are_shared_between_threads() {
    fn is_shared<T: Send + Sync>(value: T) -> T {
        value
    }
    let (program, table) = (is_shared(mixed()), table(100));
    let expected = run(&table).bits();
    std::thread::scope(|scope| {
        let one = || All::of(&program, &SHARED, table.rows(), &mut Workspace::new());
        let threads = [scope.spawn(one), scope.spawn(one)];
        for thread in threads {
            assert_eq!(thread.join().expect("no panic").expect("no guard").bits(), expected);
        }
    });
}

#[test]
fn unoptimized_it_fits_the_smallest_stack_of_a_main_thread() {
    // One megabyte, on Windows.
    let run = || run(&table(20)).bits();
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run).expect("a thread");
    assert_eq!(thread.join().expect("no panic"), run());
}
