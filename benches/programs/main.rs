//! Programs beside what they replace, interleaved in one run.
//!
//! `cargo bench --features rayon --bench programs` prints the tables of `docs/benchmarks.md`, and what became of the
//! budgets: rows in lanes and on two threads, one step of training, the replay of one point, freezing; and sparse
//! derivatives. Arguments run only the workloads whose title contains one of them.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;
mod freezing;
/// What `RowProgram::to_rust` writes of the dosage network.
#[allow(clippy::all, dead_code, missing_docs, reason = "it is as it was written")]
mod exported {
    include!("../../examples/exported/dosage.rs");
}
mod replay;
mod sparse;

use common::markdown::{Budgets, Comparison, print_comparisons, print_setting, progress};
use common::peers::{EchidnaReplay, echidna_grad};
use common::side_by_side::{Contender, assert_close, find, side_by_side};
use common::workloads::{NaryObjective, dosage, dosage::Dosage, gmm::Gmm};
use gradtape::lanes::Isa;
use gradtape::optim::{Objective as _, Optimizer, OverRows, Sgd};
use gradtape::program::{RowProgram, Rows, Workspace};
use gradtape::{Gradient, Tape, nn};
use std::env;

const ROWS: &str = "rows, best";
const TWO: &str = "rows, best, two threads";

fn main() {
    let filters: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |title: &str| filters.is_empty() || filters.iter().any(|f| title.contains(f));
    let mut budgets = Budgets::default();
    print_setting(&["echidna"]);
    println!("The best instruction set here is {}.\n", Isa::best());
    two_threads();
    let mut all = vec![];
    for (n, d, k, rounds) in
        [(1000, 2, 5, 21), (1000, 10, 25, 15), (1000, 32, 10, 11), (10_000, 10, 25, 9)]
    {
        let title = format!("rows, gmm n={n} d={d} k={k}");
        if wanted(&title) {
            all.push(rows(&title, rounds, Gmm::random(n, d, k, 31337), &mut budgets));
        }
    }
    if !all.is_empty() {
        println!("### Rows\n");
        print_comparisons(&all, ECHIDNA);
    }
    if wanted("training, dosage") {
        println!("### A step of training\n");
        training(&mut budgets);
    }
    replay::run(&wanted, &mut budgets);
    freezing::run(&wanted, &mut budgets);
    sparse::run(&wanted);
    println!("### Budgets of programs\n");
    budgets.print();
}

/// Let all that runs on several threads run on two, and call it from outside of them, as most programs do.
fn two_threads() {
    #[cfg(feature = "rayon")]
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().expect("nothing ran before");
}

const ECHIDNA: &str = "echidna replay";

/// The gradient of a sum over observations: parameters shared, observations in rows.
fn rows(
    title: &str,
    rounds: usize,
    (gmm, at): (Gmm, Vec<f64>),
    budgets: &mut Budgets,
) -> Comparison {
    progress(title);
    let width = gmm.dimensions();
    let program = RowProgram::record(|p, x| gmm.eval_row(p, x), &at, &gmm.data()[..width]);
    let data = Rows::row_major(gmm.data(), width).expect("whole rows");
    let mut replay = EchidnaReplay::record(&gmm, &at);

    let run = |mut workspace: Workspace| {
        let (program, mut gradient) = (&program, vec![0.0; at.len()]);
        move |at: &[f64]| {
            let run = program.sum_and_gradient(at, data, &mut gradient, &mut workspace);
            run.expect("no branches");
            gradient.clone()
        }
    };
    let expected = echidna_grad(&gmm, &at);
    assert_close(&expected, &replay.gradient(&at));
    assert_close(&expected, &run(Workspace::new())(&at));
    #[cfg_attr(not(feature = "rayon"), allow(unused_mut))]
    let mut contenders = vec![
        Contender::new("f64 value", &at[..], |x: &[f64]| gmm.eval_nary(x)),
        Contender::new(ECHIDNA, &at[..], |x: &[f64]| replay.gradient(x)),
        Contender::new("rows, baseline", &at[..], run(Workspace::new().with_isa(Isa::Baseline))),
        Contender::new("rows, AVX2", &at[..], run(Workspace::new().with_isa(Isa::Avx2))),
        Contender::new(ROWS, &at[..], run(Workspace::new())),
    ];
    #[cfg(feature = "rayon")]
    {
        let mut two = run(Workspace::new().parallel());
        assert_close(&expected, &two(&at));
        contenders.push(Contender::on_threads(TWO, &at[..], two));
    }
    let rows = side_by_side(ECHIDNA, rounds, contenders);
    let one = find(&rows, ROWS);
    if title.ends_with("n=1000 d=10 k=25") {
        budgets.at_most(
            &format!("{title}: one thread"),
            0.16,
            one.ratio.median,
            "× echidna replay",
        );
    }
    if let Some(two) = rows.iter().find(|row| row.name == TWO && title.contains("n=10000")) {
        let faster = one.time.median / two.time.median;
        budgets.at_least(&format!("{title}: two threads, from outside the pool"), 1.8, faster, "×");
    }
    Comparison { title: title.to_owned(), nodes: vec![], rows }
}

/// One full-batch step of gradient descent on all seven parameters.
fn training(budgets: &mut Budgets) {
    progress("training, dosage");
    const REFERENCE: &str = "by hand";
    const RATE: f64 = 0.01;
    let start = Dosage::start();
    let mut by_hand = start.clone();
    let network = nn::Dosage::details_2();
    let program = network.over_rows();
    let mut over_rows = OverRows::new(&program, network.rows()).expect("it fits");
    let (mut parameters, mut gradient) = (start.clone(), vec![0.0; 7]);
    let mut sgd = Sgd::new(RATE);
    let (tape, mut adjoints) = (Tape::new(), Gradient::new());
    let (mut taped_at, mut leaves) = (start.clone(), Vec::new());
    let mut taped_sgd = Sgd::new(RATE);
    let mut exported: [f64; 7] = network.start;
    for _ in 0..100 {
        dosage::step_by_hand(&mut by_hand, RATE);
        exported_step(&mut exported, RATE);
        over_rows.value_and_gradient(&parameters, &mut gradient).expect("no branches");
        sgd.step(&mut parameters, &gradient);
    }
    assert_close(&by_hand, &parameters);
    assert_close(&by_hand, &exported);

    let rows = side_by_side(
        REFERENCE,
        41,
        vec![
            Contender::new(REFERENCE, &(), move |()| dosage::step_by_hand(&mut by_hand, RATE)),
            Contender::new("rows", &(), move |()| {
                let loss = over_rows.value_and_gradient(&parameters, &mut gradient);
                sgd.step(&mut parameters, &gradient);
                loss.expect("no branches")
            }),
            Contender::new("tape", &(), move |()| {
                tape.clear();
                leaves.clear();
                leaves.extend(taped_at.iter().map(|&value| tape.var(value)));
                let loss = Dosage.eval_nary(&leaves);
                tape.backward_into(&[(loss, 1.0)], &mut adjoints);
                taped_sgd.step(&mut taped_at, &adjoints.adjoints()[..7]);
                loss.value()
            }),
            Contender::new("exported", &(), move |()| exported_step(&mut exported, RATE)),
        ],
    );
    for (name, most) in [("rows", 2.0), ("tape", 2.2), ("exported", 1.0)] {
        let what = format!("a step of the dosage network: {name}");
        budgets.at_most(&what, most, find(&rows, name).ratio.median, "× by hand");
    }
    let title = "dosage network, three rows, `Sgd`".to_owned();
    print_comparisons(&[Comparison { title, nodes: vec![], rows }], REFERENCE);
}

/// One step of gradient descent by the exported text; returns the loss.
fn exported_step(parameters: &mut [f64; 7], rate: f64) -> f64 {
    let mut slopes = [0.0; 7];
    let loss = exported::sum_and_gradient(parameters, &nn::Dosage::DATA, &mut slopes);
    parameters.iter_mut().zip(slopes).for_each(|(p, slope)| *p -= rate * slope);
    loss
}
