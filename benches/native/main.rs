//! Programs over rows as native code beside the interpreter, in turns, in one run.
//!
//! `taskset -c 1 cargo bench --features native --bench native` prints the tables of `docs/benchmarks.md`, and what became
//! of the budgets. Arguments run only the workloads whose title contains one of them.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;
mod emission;
mod training;

use common::markdown::{Budgets, Comparison, print_comparisons, print_setting, progress};
use common::side_by_side::{Contender, assert_close, find, geometric_mean, side_by_side};
use common::workloads::by_rows::ByRows;
use gradtape::lanes::Isa;
use gradtape::program::{Engine, Rows, Workspace};
use std::env;

/// What all is compared with: the interpreter with the best instruction set.
const REFERENCE: &str = "interpreter";

/// The names of the contenders: what runs, and with which instructions.
const CONTENDERS: [(&str, Engine, Isa); 4] = [
    ("interpreter, AVX2", Engine::Interpreter, Isa::Avx2),
    (REFERENCE, Engine::Interpreter, Isa::Avx512),
    ("native, AVX2", Engine::Native, Isa::Avx2),
    (NATIVE, Engine::Native, Isa::Avx512),
];
const NATIVE: &str = "native";

fn main() {
    let filters: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |title: &str| filters.is_empty() || filters.iter().any(|f| title.contains(f));
    let mut budgets = Budgets::default();
    print_setting(&[]);
    println!(
        "The best instruction set here is {}; without a word behind it, it is that.\n",
        Isa::best()
    );
    let workloads = || workloads().into_iter().filter(|work| wanted(&work.title));

    let all: Vec<Comparison> = workloads().map(|work| compare(&work, usize::MAX)).collect();
    if !all.is_empty() {
        println!("### Native code: sums over rows\n");
        print_comparisons(&all, REFERENCE);
        let faster = |comparison: &Comparison| 1.0 / find(&comparison.rows, NATIVE).ratio.median;
        let gains: Vec<f64> = all.iter().map(faster).collect();
        let what = format!("native code, geometric mean of {}", gains.len());
        budgets.at_least(&what, 2.2, geometric_mean(&gains), "× as fast as the interpreter");
        let costs = all.iter().map(|c| (c.title.clone(), find(&c.rows, NATIVE).ratio.median));
        budgets.all_at_most("native code", 1.0, costs, "× the interpreter");
    }
    let few: Vec<Comparison> = workloads()
        .filter(|work| !work.title.contains("d=32"))
        .flat_map(|work| [3, 16, 64].map(|rows| compare(&work, rows)))
        .collect();
    if !few.is_empty() {
        println!("### Native code: few rows\n");
        print_comparisons(&few, REFERENCE);
    }
    if wanted("emission") {
        emission::of_workloads(&mut budgets);
        emission::by_size(&mut budgets);
    }
    if wanted("training") {
        training::dosage(&mut budgets);
        training::networks();
    }
    println!("### Budgets of native code\n");
    budgets.print();
}

/// All sums over rows.
fn workloads() -> Vec<ByRows> {
    vec![
        ByRows::gmm(1000, 2, 5),
        ByRows::gmm(1000, 10, 25),
        ByRows::gmm(1000, 32, 10),
        ByRows::kmeans(10, 1000, 8),
        ByRows::llsq(1024, 128),
        ByRows::ba(1000),
        ByRows::lse(1000, 32),
    ]
}

/// Time one workload on its first rows, by all engines.
fn compare(work: &ByRows, rows: usize) -> Comparison {
    let count = work.rows().count().min(rows);
    let title = match rows {
        usize::MAX => format!("{}, {count} rows", work.title),
        _ => format!("{}, few: {count} rows", work.title),
    };
    progress(&title);
    let rows = Rows::row_major(&work.data[..count * work.width], work.width).expect("whole rows");
    let with = |engine, isa| Workspace::new().with_engine(engine).with_isa(isa);
    let expected = work.run(rows, with(Engine::Interpreter, Isa::Baseline))(&work.at);
    let available = CONTENDERS.into_iter().filter(|(_, _, isa)| isa.is_available());
    let contenders = available.map(|(name, engine, isa)| {
        let mut run = work.run(rows, with(engine, isa));
        assert_close(&expected, &run(&work.at));
        Contender::new(name, &work.at[..], run)
    });
    let rounds = if count > 64 { 15 } else { 21 };
    let rows = side_by_side(REFERENCE, rounds, contenders.collect());
    Comparison { title, nodes: vec![work.program.instructions().1], rows }
}
