//! Programs beside what they replace, interleaved in one run.
//!
//! `cargo bench --features rayon --bench programs` prints the tables of `docs/benchmarks.md`: rows in lanes and
//! on two threads, one step of training, the replay of one point, freezing. Arguments run only the
//! workloads whose title contains one of them.

#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;

use common::peers::{EchidnaReplay, Gradtape, echidna_grad};
use common::side_by_side::{Contender, Row, print_table, side_by_side};
use common::workloads::{NaryObjective, Objective, dosage, dosage::Dosage, gmm::Gmm};
use gradtape::lanes::Isa;
use gradtape::optim::{Objective as _, Optimizer, OverRows, Sgd};
use gradtape::program::{Program, RowProgram, Rows, Workspace};
use gradtape::{Gradient, Tape, Var, nn};
use std::env;

fn main() {
    let filters: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |title: &str| filters.is_empty() || filters.iter().any(|f| title.contains(f));
    println!("lanes: {}", Isa::best());
    for (d, k, rounds) in [(2, 5, 21), (10, 25, 15), (32, 10, 11)] {
        let title = format!("rows, gmm d={d} k={k}");
        if wanted(&title) {
            in_pool(|| rows(&title, rounds, Gmm::random(1000, d, k, 31337)));
        }
    }
    #[cfg(feature = "rayon")]
    if wanted("threads, gmm d=10 k=25, 10000 rows") {
        in_pool(|| threads("threads, gmm d=10 k=25, 10000 rows"));
    }
    if wanted("training, dosage") {
        training();
    }
    if wanted("replay, dosage") {
        replay("replay, dosage", 21, &Dosage, &Dosage::start());
    }
    for (d, k, rounds) in [(2, 5, 21), (10, 25, 11)] {
        let title = format!("replay, gmm d={d} k={k}");
        if wanted(&title) {
            let (gmm, at) = Gmm::random(1000, d, k, 31337);
            replay(&title, rounds, &gmm, &at);
        }
    }
    for points in [1, 100] {
        let title = format!("freezing, gmm d=10 k=25, {points} points");
        if wanted(&title) {
            let (gmm, at) = Gmm::random(points, 10, 25, 31337);
            freezing(&title, &gmm, &at);
        }
    }
    for (name, record) in SIZES {
        let title = format!("freezing by size, {name}");
        if wanted(&title) {
            freezing_by_size(&title, *record);
        }
    }
}

/// The gradient of a sum over observations: parameters shared, observations in rows.
fn rows(title: &str, rounds: usize, (gmm, at): (Gmm, Vec<f64>)) {
    const REFERENCE: &str = "echidna replay";
    let width = gmm.dimensions();
    let program = RowProgram::record(|p, x| gmm.eval_row(p, x), &at, &gmm.data()[..width]);
    let data = Rows::row_major(gmm.data(), width).expect("whole rows");
    let mut replay = EchidnaReplay::record(&gmm, &at);
    let (once, each) = program.instructions();
    println!("{title}: {once} instructions once, {each} a row; echidna {} entries", replay.nodes());

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
        Contender::new(REFERENCE, &at[..], |x: &[f64]| replay.gradient(x)),
        Contender::new("rows, baseline", &at[..], run(Workspace::new().with_isa(Isa::Baseline))),
        Contender::new("rows, AVX2", &at[..], run(Workspace::new().with_isa(Isa::Avx2))),
        Contender::new(ROWS, &at[..], run(Workspace::new())),
    ];
    #[cfg(feature = "rayon")]
    {
        let mut two = run(Workspace::new().parallel());
        assert_close(&expected, &two(&at));
        contenders.push(Contender::new(TWO, &at[..], two));
    }
    let rows = side_by_side(REFERENCE, rounds, contenders);
    print_table(title, REFERENCE, &rows);
    if title == "rows, gmm d=10 k=25" {
        budget("one thread", find(&rows, ROWS).ratio, 0.16, "x echidna replay");
        if let Some(two) = rows.iter().find(|row| row.name == TWO) {
            budget(
                "one thread / 1.7",
                two.ratio / find(&rows, ROWS).ratio,
                1.0 / 1.7,
                "x one thread",
            );
        }
    }
    println!();
}

/// Run in a pool of two threads, as a program that is parallel throughout would be: a thread that calls into
/// a pool from outside has to wake all of it each time.
fn in_pool(work: impl FnOnce() + Send) {
    #[cfg(feature = "rayon")]
    rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads").install(work);
    #[cfg(not(feature = "rayon"))]
    work();
}

/// One thread and two where there are rows enough for both.
#[cfg(feature = "rayon")]
fn threads(title: &str) {
    let (gmm, at) = Gmm::random(10_000, 10, 25, 31337);
    let width = gmm.dimensions();
    let program = RowProgram::record(|p, x| gmm.eval_row(p, x), &at, &gmm.data()[..width]);
    let data = Rows::row_major(gmm.data(), width).expect("whole rows");
    let run = |mut workspace: Workspace| {
        let (program, mut gradient) = (&program, vec![0.0; at.len()]);
        move |at: &[f64]| program.sum_and_gradient(at, data, &mut gradient, &mut workspace)
    };
    let contenders = vec![
        Contender::new(ROWS, &at[..], run(Workspace::new())),
        Contender::new(TWO, &at[..], run(Workspace::new().parallel())),
    ];
    let rows = side_by_side(ROWS, 15, contenders);
    print_table(title, ROWS, &rows);
    budget("two threads", find(&rows, TWO).ratio, 1.0 / 1.7, "x one thread");
    println!();
}

const ROWS: &str = "rows, best";
const TWO: &str = "rows, best, two threads";

/// One full-batch step of gradient descent on all seven parameters.
fn training() {
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
    for _ in 0..100 {
        dosage::step_by_hand(&mut by_hand, RATE);
        over_rows.value_and_gradient(&parameters, &mut gradient).expect("no branches");
        sgd.step(&mut parameters, &gradient);
    }
    assert_close(&by_hand, &parameters);

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
        ],
    );
    print_table("training, dosage: one step", REFERENCE, &rows);
    budget("rows", find(&rows, "rows").ratio, 2.0, "x by hand");
    println!();
}

/// A gradient of which the first entry is shown.
type FirstSlope<'a> = dyn FnMut(&[f64]) -> f64 + 'a;

/// The gradient at one point: recording and sweeping afresh, or replaying.
fn replay<F: Objective + NaryObjective>(title: &str, rounds: usize, f: &F, at: &[f64]) {
    const REFERENCE: &str = "record and sweep";
    let plain_program = Program::record(|x| f.eval(x), at);
    let nary_program = Program::record(|x| f.eval_nary(x), at);
    let (mut plain, mut nary) = (Gradtape::default(), Gradtape::default());
    let again = |program| {
        let (mut gradient, mut workspace) = (vec![0.0; at.len()], Workspace::new());
        move |x: &[f64]| {
            let program: &Program = program;
            let run = program.value_and_gradient(x, &mut gradient, &mut workspace);
            run.expect("the recorded point");
            gradient[0]
        }
    };
    for (operators, program) in [("plain operators", &plain_program), ("dot/sum", &nary_program)] {
        let mut record: Box<FirstSlope<'_>> = match operators {
            "dot/sum" => Box::new(|x| nary.gradient_in_place(|x| f.eval_nary(x), x)),
            _ => Box::new(|x| plain.gradient_in_place(|x| f.eval(x), x)),
        };
        let contenders = vec![
            Contender::new(REFERENCE, at, |x: &[f64]| record(x)),
            Contender::new("replay", at, again(program)),
        ];
        let rows = side_by_side(REFERENCE, rounds, contenders);
        print_table(&format!("{title}, {operators}"), REFERENCE, &rows);
        budget("replay", find(&rows, "replay").ratio, 0.7, "x record and sweep");
    }
    println!();
}

/// What freezing costs a node, all passes included.
fn freezing<F: Objective + NaryObjective>(title: &str, f: &F, at: &[f64]) {
    let tape = Tape::new();
    for (operators, nary) in [("plain operators", false), ("dot/sum", true)] {
        tape.clear();
        let inputs = tape.vars(at);
        let output = if nary { f.eval_nary(&inputs) } else { f.eval(&inputs) };
        let name = format!("{title}, {operators}");
        let freeze = |(): &()| tape.freeze(&inputs, &[output]).expect("all inputs are listed");
        let program = freeze(&());
        println!("{name}: {} nodes, frozen {}", tape.len(), program.len());
        let rows = side_by_side("freeze", 21, vec![Contender::new("freeze", &(), freeze)]);
        budget("freezing a node", rows[0].median / tape.len() as f64, 60.0, "ns");
    }
    println!();
}

/// Records about so many nodes; returns the inputs and the output.
type Record = fn(&Tape, usize) -> (Vec<Var>, Var);

/// What is frozen at every size: results that are read at once; sums whose operands lie anywhere; a mixture; minors
/// that are computed again and again, nearly all of which are shared.
const SIZES: &[(&str, Record)] = &[
    ("chain", |tape, nodes| {
        let x = tape.vars(&[0.5, 0.999]);
        let y = (0..nodes / 2).fold(x[0], |y, _| y * x[1] + x[0]);
        (x, y)
    }),
    ("wide sum", |tape, nodes| {
        let count = nodes / 3;
        let x: Vec<Var> = (0..count).map(|i| tape.var((i as f64).sin())).collect();
        let y = (1..count).fold(x[0], |sum, i| sum + x[i] * x[i * 7919 % count]);
        (x, y)
    }),
    ("gmm d=10 k=25", |tape, nodes| {
        // The first point takes 8,405 nodes, each other one 3,352.
        let points = 1 + nodes.saturating_sub(8405) / 3352;
        let (gmm, at) = Gmm::random(points, 10, 25, 31337);
        let x = tape.vars(&at);
        let y = gmm.eval(&x);
        (x, y)
    }),
    ("determinant", |tape, nodes| {
        // Minors of k rows take about e · k! · 2 nodes.
        let mut size = 2;
        let mut recorded = 6;
        while recorded < nodes / 2 {
            size += 1;
            recorded *= size;
        }
        let entries: Vec<f64> = (0..size * size).map(|i| (i as f64).sin()).collect();
        let x = tape.vars(&entries);
        let y = determinant(&x, size, &(0..size).collect::<Vec<usize>>());
        (x, y)
    }),
];

/// The determinant of the last rows of a matrix in these columns, by minors.
fn determinant(entries: &[Var], size: usize, columns: &[usize]) -> Var {
    let row = &entries[(size - columns.len()) * size..][..size];
    if let [column] = columns {
        return row[*column];
    }
    let term = |i: usize| {
        let others = [&columns[..i], &columns[i + 1..]].concat();
        row[columns[i]] * determinant(entries, size, &others)
    };
    let add = |sum: Var, i: usize| if i.is_multiple_of(2) { sum + term(i) } else { sum - term(i) };
    (1..columns.len()).fold(term(0), add)
}

/// What freezing costs a node from a thousand nodes to ten million.
fn freezing_by_size(title: &str, record: Record) {
    for power in 3..=7 {
        let tape = Tape::new();
        let (inputs, output) = record(&tape, 10_usize.pow(power));
        let freeze = |(): &()| tape.freeze(&inputs, &[output]).expect("all inputs are listed");
        println!("{title}: {} nodes, frozen {}", tape.len(), freeze(&()).len());
        let rows = side_by_side("freeze", 9, vec![Contender::new("freeze", &(), freeze)]);
        budget("freezing a node", rows[0].median / tape.len() as f64, 60.0, "ns");
    }
    println!();
}

fn find<'a>(rows: &'a [Row], name: &str) -> &'a Row {
    rows.iter().find(|row| row.name == name).expect("it took part")
}

fn budget(what: &str, found: f64, most: f64, unit: &str) {
    let verdict = if found <= most { "kept" } else { "missed" };
    println!("  budget {verdict}: {what} {found:.3} {unit}, at most {most:.3}");
}

/// A benchmark of wrong answers is worth nothing: all must agree first.
fn assert_close(expected: &[f64], found: &[f64]) {
    let scale = expected.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
    assert_eq!(expected.len(), found.len());
    for (expected, found) in expected.iter().zip(found) {
        assert!((expected - found).abs() <= 1e-9 * scale, "{found} is not {expected}");
    }
}
