//! Any number of threads gives the same bits, and refuses the same row.

use crate::property::seed::random;
use crate::{All, Table};
use gradtape::program::{ReplayError, RowProgram, Workspace};
use gradtape::{CustomOp, Var, custom};
use rayon::{ThreadPool, ThreadPoolBuilder};

fn pools() -> Vec<ThreadPool> {
    let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    [1, 2, 3, 7].map(pool).into()
}

/// Chunks of 64 rows and more; 4096 rows are the most that 64 chunks of the least size hold.
const COUNTS: [usize; 10] = [0, 1, 63, 64, 65, 128, 1000, 4096, 4104, 8200];

fn table(count: usize) -> Table {
    let mut random = random(11);
    Table { numbers: (0..2 * count).map(|_| random.f64() - 0.5).collect(), width: 2 }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let program = RowProgram::record(
        |p, x| {
            let uniform = p[0].exp() * p[1];
            (uniform * x[0] + p[1]).tanh() + Var::select(x[1], uniform, p[0] / x[1])
        },
        &[0.5, -1.0],
        &[0.1, 0.2],
    );
    let pools = pools();
    for count in COUNTS {
        let table = table(count);
        let weights: Vec<f64> = (0..count).map(|row| (row % 3) as f64 - 0.5).collect();
        let rows = table.rows().weighted(&weights).expect("one for each");
        let all = |mut workspace: Workspace| {
            All::of(&program, &[0.3, 0.7], rows, &mut workspace).expect("no guard").bits()
        };
        let serial = all(Workspace::new());
        for pool in &pools {
            let parallel = pool.install(|| all(Workspace::new().parallel()));
            assert_eq!(parallel, serial, "{count} rows, {pool:?}");
        }
    }
}

#[test]
fn any_number_of_threads_refuses_the_first_row() {
    let program = RowProgram::record(
        |p, x| {
            let y = if x[0] > 0.0 { p[0] * x[0] } else { p[0] };
            if y < 10.0 { y } else { -y }
        },
        &[1.0],
        &[0.5],
    );
    let row_of = |error: ReplayError| match error {
        ReplayError::BranchChanged(change) => change.row,
        other => panic!("{other}"),
    };
    let (pools, mut random) = (pools(), random(5));
    for count in [2, 130, 1000, 4100] {
        for round in 0..5 {
            let mut numbers = vec![1.0; count];
            for bad in [-1.0, 20.0, -1.0, 20.0] {
                numbers[random.usize(0..count)] = bad;
            }
            if round == 0 && count > 128 {
                // The last of the first chunk, and the first of every other: those are found sooner.
                numbers.fill(1.0);
                numbers[127] = -1.0;
                numbers[128..].iter_mut().step_by(128).for_each(|x| *x = 20.0);
            }
            let first = numbers.iter().position(|&x| x != 1.0);
            let table = Table { numbers, width: 1 };
            for pool in &pools {
                let mut workspace = Workspace::new().parallel();
                let (mut values, mut gradients) = (vec![0.0; count], vec![0.0; 2 * count]);
                let errors = pool.install(|| {
                    let rows = table.rows();
                    [
                        program.sum(&[1.0], rows, &mut workspace).map(|_| ()),
                        program
                            .sum_and_gradient(&[1.0], rows, &mut [0.0], &mut workspace)
                            .map(|_| ()),
                        program.values(&[1.0], rows, &mut values, &mut workspace),
                        program.gradients(&[1.0], rows, &mut gradients, &mut workspace),
                    ]
                });
                for error in errors {
                    assert_eq!(row_of(error.expect_err("a row is bad")), first);
                }
            }
        }
    }
}

/// An operation that waits for the pool, as one that calls a parallel library does.
struct Waits;

impl CustomOp for Waits {
    fn name(&self) -> &str {
        "waits"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        // Long enough for the other half to be taken by another thread, which this one then waits for.
        let nap = || std::thread::sleep(std::time::Duration::from_micros(50));
        let (a, b) = rayon::join(|| (nap(), x[0] * 0.5).1, || (nap(), x[0] * 1.5).1);
        y[0] = a + b;
    }
    fn vjp(&self, _: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        (dx[0], _) = rayon::join(|| 2.0 * w[0], || 0.0);
    }
}

/// While it waits, its thread may be given another chunk, which needs memory too.
#[test]
fn a_custom_operation_may_use_the_pool_that_its_rows_run_in() {
    let program =
        RowProgram::record(|p, x| custom(Waits, &[p[0] * x[0]])[0] + x[1], &[0.5], &[0.1, 0.2]);
    let table = table(300);
    let mut serial = [0.0];
    let expected = program
        .sum_and_gradient(&[0.5], table.rows(), &mut serial, &mut Workspace::new())
        .expect("no branches");
    for pool in pools() {
        let (mut slope, mut workspace) = ([0.0], Workspace::new().parallel());
        let sum = pool
            .install(|| program.sum_and_gradient(&[0.5], table.rows(), &mut slope, &mut workspace));
        assert_eq!((sum.expect("no branches"), slope), (expected, serial));
    }
}
