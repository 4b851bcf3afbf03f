//! What native code costs before it runs: time and bytes for each operation of a program, and after how many blocks of
//! eight rows it has paid for itself. A sum of many terms counts as so many operations.

use super::workloads;
use crate::common::markdown::{Budgets, print_table, progress, thousands, three_digits};
use crate::common::side_by_side::Spread;
use crate::common::workloads::uniform;
use cpu_time::ThreadTime;
use gradtape::Var;
use gradtape::program::{Engine, RowProgram, Rows, Workspace};
use std::hint::black_box;

/// The most that emission may take, in nanoseconds an operation.
const MOST: f64 = 300.0;

/// The rows that are timed: sixteen blocks.
const ROWS: usize = 128;

/// What was measured of one program: a sum over rows and its gradient.
struct Cost {
    operations: usize,
    bytes: usize,
    /// Nanoseconds of emission, and of a block of eight rows interpreted and natively.
    emission: Spread,
    interpreted: f64,
    native: f64,
}

impl Cost {
    /// Time a program; `data` has at least one row.
    fn of(program: &RowProgram, at: &[f64], data: &[f64], operations: usize) -> Cost {
        let width = program.row_inputs();
        let data: Vec<f64> = data.iter().copied().cycle().take(ROWS * width).collect();
        let rows = Rows::row_major(&data, width).expect("whole rows");
        let mut gradient = vec![0.0; at.len()];
        let mut once = |program: &RowProgram, workspace: &mut Workspace, rows: Rows<'_>| {
            let start = ThreadTime::now();
            let sum = program.sum_and_gradient(at, rows, &mut gradient, workspace);
            black_box(sum.expect("no branches"));
            start.elapsed().as_nanos() as f64
        };
        let one = rows.choose(&[0]).expect("a row that is there");
        let rounds = if operations > 200_000 { 3 } else { 9 };
        let [mut interpreter, mut workspace] = [Engine::Interpreter, Engine::Native]
            .map(|engine| Workspace::new().with_engine(engine));
        let (mut emission, mut interpreted, mut native) = (vec![], vec![], vec![]);
        let mut bytes = 0;
        for _ in 0..rounds {
            // A copy that has no code yet.
            let fresh = program.program().clone().over_rows(at.len()).expect("as before");
            once(&fresh, &mut interpreter, one);
            let first = once(&fresh, &mut workspace, one);
            emission.push(first - once(&fresh, &mut workspace, one));
            bytes = code_bytes(&fresh, &workspace);
            let blocks = (ROWS / 8) as f64;
            for (engine, times) in
                [(&mut interpreter, &mut interpreted), (&mut workspace, &mut native)]
            {
                once(&fresh, engine, rows);
                times.push(once(&fresh, engine, rows) / blocks);
            }
        }
        let median = |times: Vec<f64>| Spread::of(times).median;
        let (interpreted, native) = (median(interpreted), median(native));
        Cost { operations, bytes, emission: Spread::of(emission), interpreted, native }
    }

    /// Nanoseconds of emission an operation.
    fn an_operation(&self) -> f64 {
        self.emission.median / self.operations as f64
    }

    fn cells(&self, title: &str) -> Vec<String> {
        let Cost { operations, bytes, emission, interpreted, native } = self;
        let each = 1.0 / *operations as f64;
        let Spread { low, median, high } = emission.times(each);
        let [low, median, high] = [low, median, high].map(three_digits);
        vec![
            title.to_owned(),
            thousands(*operations),
            format!("{median} ({low} to {high})"),
            three_digits(*bytes as f64 * each),
            three_digits(interpreted * each),
            three_digits(native * each),
            match interpreted > native {
                true => format!("{:.0}", (emission.median / (interpreted - native)).ceil()),
                false => "never".to_owned(),
            },
        ]
    }
}

const COLUMNS: [&str; 7] = [
    "",
    "operations a row",
    "ns to emit one",
    "bytes of one",
    "ns of one on eight rows, interpreted",
    "native",
    "blocks that pay for it",
];

/// The workloads.
pub fn of_workloads(budgets: &mut Budgets) {
    println!("### Native code: emission\n\nMedians and quartiles, for the sum and its gradient:\n");
    let (mut lines, mut costs) = (vec![], vec![]);
    for work in workloads() {
        progress(&format!("emission, {}", work.title));
        let cost = Cost::of(&work.program, &work.at, &work.data, work.operations);
        lines.push(cost.cells(&work.title));
        costs.push((work.title.clone(), cost.an_operation()));
    }
    print_table(&COLUMNS, lines);
    budgets.all_at_most("emission, workloads", MOST, costs.into_iter(), "ns an operation");
}

/// Programs of a thousand to a million operations.
pub fn by_size(budgets: &mut Budgets) {
    let (mut lines, mut costs) = (vec![], vec![]);
    for power in 3..=6 {
        let title = format!("sums of products, 10^{power}");
        progress(&format!("emission, {title}"));
        let (program, at, row) = products(10_usize.pow(power));
        let cost = Cost::of(&program, &at, &row, program.instructions().1);
        lines.push(cost.cells(&title));
        costs.push((title, cost.an_operation()));
    }
    print_table(&COLUMNS, lines);
    let (first, last) = (costs[0].1, costs[costs.len() - 1].1);
    budgets.all_at_most("emission by size", MOST, costs.into_iter(), "ns an operation");
    budgets.at_most("emission, 10^6 operations", 1.5, last / first, "× of 10^3, each");
}

/// About so many instructions, each on results of the last thirty: shared inputs, and a row.
fn products(instructions: usize) -> (RowProgram, Vec<f64>, Vec<f64>) {
    let (at, row) = (uniform(8, 1), uniform(4, 2));
    let f = |p: &[Var], x: &[Var]| {
        let mut random = fastrand::Rng::with_seed(3);
        let mut y: Vec<Var> = x.to_vec();
        for i in 0..instructions / 3 {
            let other = y[y.len() - 1 - random.usize(0..y.len().min(30))];
            y.push(y[y.len() - 1] * p[i % 8] * 0.5 + other * p[(i + 3) % 8]);
        }
        y[y.len() - 1]
    };
    let program = RowProgram::record(f, &at, &row);
    (program, at, row)
}

/// How many bytes of machine code the sum and its gradient has; 0 if there is none.
fn code_bytes(program: &RowProgram, workspace: &Workspace) -> usize {
    let stats = program.stats(workspace);
    let method = stats.methods.iter().find(|method| method.method == "sum_and_gradient");
    method.and_then(|method| method.code).unwrap_or(0)
}
