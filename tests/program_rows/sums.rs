//! The order in which rows are added is the one that `RowProgram::sum` describes, to the bit.

use crate::property::seed::random;
use crate::{Table, available};
use gradtape::program::{RowProgram, Workspace};

/// The numbers of a chunk, every eighth to one, and these eight as a tree.
fn chunk(numbers: &[f64]) -> f64 {
    let every_eighth = |first: usize| numbers.iter().skip(first).step_by(8).fold(0.0, |a, b| a + b);
    let s: [f64; 8] = std::array::from_fn(every_eighth);
    ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

/// `tree` of the description.
fn tree(chunks: &[f64]) -> f64 {
    match chunks {
        [] => 0.0,
        [one] => *one,
        _ => {
            let mut p = 1;
            while 2 * p < chunks.len() {
                p *= 2;
            }
            tree(&chunks[..p]) + tree(&chunks[p..])
        }
    }
}

fn rows_of_a_chunk(rows: usize) -> usize {
    let few = rows.div_ceil(64).min(2048);
    few.max(rows.div_ceil(4096)).div_ceil(8).max(8) * 8
}

fn added(numbers: &[f64]) -> f64 {
    let chunks = numbers.chunks(rows_of_a_chunk(numbers.len()));
    tree(&chunks.map(chunk).collect::<Vec<f64>>())
}

/// Numbers of which every other order of addition gives other bits.
fn table(count: usize) -> Table {
    let mut random = random(count as u64);
    let number = |_| (random.f64() - 0.5) * 10_f64.powi(random.i32(-3..6));
    Table { numbers: (0..count).map(number).collect(), width: 1 }
}

/// `p₀ x + p₁`, whose slopes are x and 1.
fn line() -> RowProgram {
    RowProgram::record(|p, x| p[0] * x[0] + p[1], &[1.0, 0.0], &[1.0])
}

/// The bits of the sum, and of the sum and both slopes.
fn sums(
    program: &RowProgram,
    table: &Table,
    weights: Option<&[f64]>,
    mut w: Workspace,
) -> [u64; 4] {
    let (shared, mut slopes) = ([0.7, 0.1], [f64::NAN; 2]);
    let rows = match weights {
        Some(weights) => table.rows().weighted(weights).expect("one for each"),
        None => table.rows(),
    };
    let sum = program.sum(&shared, rows, &mut w).expect("no guard");
    let total = program.sum_and_gradient(&shared, rows, &mut slopes, &mut w).expect("no guard");
    [sum, total, slopes[0], slopes[1]].map(f64::to_bits)
}

/// No rows, one, a part of a chunk, every number of chunks to 64, larger chunks, and more of the largest.
const LARGER: [usize; 7] = [4096, 4097, 5000, 10_000, 20_001, 131_072, 131_073 + 9 * 2048];

fn counts() -> impl Iterator<Item = usize> {
    let chunks = (1..64).map(|chunks| 64 * chunks + 9);
    [0, 1, 7, 8, 63, 64, 65].into_iter().chain(chunks).chain(LARGER)
}

#[test]
fn rows_are_added_in_the_order_that_is_described() {
    let program = line();
    let mut differs_from_a_loop = 0;
    for count in counts() {
        let table = table(count);
        let values: Vec<f64> = table.numbers.iter().map(|x| 0.7 * x + 0.1).collect();
        let weights: Vec<f64> = (0..count).map(|row| (row % 5) as f64 * 0.3).collect();
        let weighed = |numbers: &[f64]| -> Vec<f64> {
            numbers.iter().zip(&weights).map(|(x, w)| w * x).collect()
        };
        let sum = added(&values);
        let expected = [sum, sum, added(&table.numbers), count as f64].map(f64::to_bits);
        let sum = added(&weighed(&values));
        let of_weights = [sum, sum, added(&weighed(&table.numbers)), added(&weights)];
        for isa in available() {
            let workspace = || Workspace::new().with_isa(isa);
            assert_eq!(sums(&program, &table, None, workspace()), expected, "{count} rows, {isa}");
            let found = sums(&program, &table, Some(&weights), workspace());
            assert_eq!(found, of_weights.map(f64::to_bits), "{count} weighted rows, {isa}");
        }
        let in_a_loop = values.iter().fold(0.0, |sum, value| sum + value);
        differs_from_a_loop += u32::from(in_a_loop.to_bits() != expected[0]);
    }
    assert!(differs_from_a_loop > 30, "the numbers would not show another order");
}

#[cfg(feature = "rayon")]
#[test]
fn any_number_of_threads_adds_rows_in_that_order() {
    let program = line();
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pools = [1, 2, 5].map(|threads| pool(threads).expect("threads"));
    for count in counts() {
        let table = table(count);
        let expected =
            sums(&program, &table, None, Workspace::new().with_isa(gradtape::lanes::Isa::Baseline));
        for pool in &pools {
            let found = pool.install(|| sums(&program, &table, None, Workspace::new().parallel()));
            assert_eq!(found, expected, "{count} rows, {pool:?}");
        }
        // From a thread outside of any pool.
        let found = sums(&program, &table, None, Workspace::new().parallel());
        assert_eq!(found, expected, "{count} rows");
    }
}

/// What lets a split over machines at powers of two reproduce the sum.
#[test]
fn a_run_of_chunks_at_a_power_of_two_is_a_branch_of_the_tree() {
    let (program, p) = (line(), [0.7, 0.1]);
    // 64 chunks of 64 rows; a half has 32 of the same size, a quarter 16.
    let table = table(4096);
    let sum = |numbers: &[f64]| {
        let table = Table { numbers: numbers.to_vec(), width: 1 };
        program.sum(&p, table.rows(), &mut Workspace::new()).expect("no guard")
    };
    let whole = sum(&table.numbers);
    for parts in [2, 4, 8, 64] {
        let partial: Vec<f64> = table.numbers.chunks(4096 / parts).map(sum).collect();
        assert_eq!(tree(&partial).to_bits(), whole.to_bits(), "{parts} parts");
    }
}
