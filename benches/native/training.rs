//! Training: a step of the dosage network beside the loop by hand, and epochs of two networks.

use super::{CONTENDERS, REFERENCE};
use crate::common::markdown::{Budgets, Comparison, print_comparisons, progress};
use crate::common::side_by_side::{Contender, assert_close, find, side_by_side};
use crate::common::workloads::by_rows::{ByRows, epoch};
use crate::common::workloads::dosage;
use gradtape::lanes::Isa;
use gradtape::nn;
use gradtape::optim::{Objective as _, Optimizer as _, OverRows, Sgd};
use gradtape::program::{Engine, Workspace};

const RATE: f64 = 0.01;

/// One full-batch step of gradient descent on all seven parameters of the dosage network.
pub fn dosage(budgets: &mut Budgets) {
    const BY_HAND: &str = "by hand";
    const NATIVE: &str = "rows, native";
    progress("training, dosage");
    let start = dosage::Dosage::start();
    let network = nn::Dosage::details_2();
    let program = network.over_rows();
    let mut by_hand = start.clone();
    let mut contenders = vec![];
    let engines = [
        ("rows, interpreter", Engine::Interpreter, Isa::best()),
        (NATIVE, Engine::Native, Isa::best()),
        ("rows, native, AVX2", Engine::Native, Isa::Avx2),
    ];
    (0..100).for_each(|_| _ = dosage::step_by_hand(&mut by_hand, RATE));
    for (name, engine, isa) in engines {
        let workspace = Workspace::new().with_engine(engine).with_isa(isa);
        let loss = OverRows::new(&program, network.rows()).expect("it fits");
        let mut loss = loss.workspace(workspace);
        let (mut parameters, mut gradient) = (start.clone(), vec![0.0; 7]);
        let mut sgd = Sgd::new(RATE);
        let mut step = move || {
            let value = loss.value_and_gradient(&parameters, &mut gradient);
            sgd.step(&mut parameters, &gradient);
            value.expect("no branches");
            parameters[0]
        };
        let after = (0..100).map(|_| step()).last().expect("steps");
        assert_close(&by_hand[..1], &[after]);
        contenders.push(Contender::new(name, &(), move |()| step()));
    }
    let mut at = by_hand;
    contenders
        .insert(0, Contender::new(BY_HAND, &(), move |()| dosage::step_by_hand(&mut at, RATE)));
    let rows = side_by_side(BY_HAND, 41, contenders);
    let step = find(&rows, NATIVE).ratio.median;
    budgets.at_most("a step of the dosage network, native", 1.0, step, "× by hand");
    println!("### Native code: a step of training\n");
    let title = "dosage network, three rows, `Sgd`".to_owned();
    print_comparisons(&[Comparison { title, nodes: vec![], rows }], BY_HAND);
}

/// Epochs of stochastic gradient descent over 1024 rows: in batches of 32, drawn anew for each epoch, and all at once.
pub fn networks() {
    let mut all = vec![];
    for sizes in [&[8, 32, 16, 1][..], &[64, 128, 64, 10]] {
        let work = ByRows::mlp(1024, sizes);
        for batch in [32, 1024] {
            let title = format!("training, {}, batches of {batch}", work.title);
            progress(&title);
            let available = CONTENDERS.into_iter().filter(|(_, _, isa)| isa.is_available());
            let contenders = available.map(|(name, engine, isa)| {
                let workspace = Workspace::new().with_engine(engine).with_isa(isa);
                Contender::new(name, &(), epoch(&work, batch, workspace))
            });
            let rows = side_by_side(REFERENCE, 9, contenders.collect());
            all.push(Comparison { title, nodes: vec![work.program.instructions().1], rows });
        }
    }
    println!("### Native code: an epoch of training\n");
    print_comparisons(&all, REFERENCE);
}
