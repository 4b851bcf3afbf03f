//! Sums over rows beside JAX, which maps one row over all and compiles that, and epochs of training beside PyTorch.

use super::peer::{Peer, Workload};
use super::{Bench, engines, of_peer, over_rows};
use crate::common::markdown::{Comparison, print_comparisons, progress};
use crate::common::side_by_side::{Contender, assert_close, side_by_side};
use crate::common::workloads::by_rows::{ByRows, RATE, epoch};
use gradtape::program::Workspace;

const REFERENCE: &str = "gradtape, rows";
const ROWS: usize = 1024;
const NETWORKS: [&[usize]; 2] = [&[8, 32, 16, 1], &[64, 128, 64, 10]];

/// Time what is wanted, and print it.
pub(super) fn run(bench: &mut Bench, wanted: &dyn Fn(&str) -> bool) {
    let sums = [ByRows::kmeans(10, 1000, 8), ByRows::ba(1000), ByRows::lse(1000, 32)];
    let networks = NETWORKS.map(|sizes| ByRows::mlp(ROWS, sizes));
    let mut all = vec![];
    for work in &sums {
        // The first word says which function a row is of.
        let title = format!("rows-{}", work.title.replace(',', ""));
        if wanted(&title) {
            all.push(beside(bench, "JAX", &title, work, &[("sizes", &[work.width as f64])]));
        }
    }
    for (sizes, work) in NETWORKS.iter().zip(&networks) {
        if wanted(&work.title) {
            let sizes: Vec<f64> = sizes.iter().map(|&size| size as f64).collect();
            all.push(beside(bench, "JAX", &work.title, work, &[("layers", &sizes)]));
        }
    }
    if !all.is_empty() {
        println!("### Rows beside JAX\n");
        print_comparisons(&all, REFERENCE);
    }
    let mut all = vec![];
    for (sizes, work) in NETWORKS.iter().zip(&networks) {
        for batch in [32, ROWS] {
            let title = format!("epoch of {}, batches of {batch}", work.title);
            if wanted(&title) {
                all.push(epochs(bench, &title, work, sizes, batch));
            }
        }
    }
    if !all.is_empty() {
        println!("### Epochs beside PyTorch\n");
        print_comparisons(&all, REFERENCE);
    }
}

/// The peers with this in their names.
fn named<'a>(bench: &'a Bench, name: &str) -> impl Iterator<Item = &'a Peer> {
    bench.peers.iter().filter(move |peer| peer.name.contains(name))
}

/// Value and gradient of the sum over all rows.
fn value_and_gradient(work: &ByRows) -> (f64, Vec<f64>) {
    let mut gradient = vec![0.0; work.at.len()];
    let mut workspace = Workspace::new();
    let sum = work.program.sum_and_gradient(&work.at, work.rows(), &mut gradient, &mut workspace);
    (sum.expect("no branches"), gradient)
}

/// Time sum and gradient.
fn beside(
    bench: &mut Bench,
    name: &str,
    title: &str,
    work: &ByRows,
    arrays: &[(&str, &[f64])],
) -> Comparison {
    progress(title);
    let (value, expected) = value_and_gradient(work);
    let mut contenders = vec![];
    for (name, mut gradient) in over_rows(&work.program, &work.data, work.width) {
        assert_close(&expected, &gradient(&work.at));
        contenders.push(Contender::new(name, &work.at[..], gradient));
    }
    let arrays = [arrays, &[("rows", &work.data[..])]].concat();
    let workload = Workload::write(title, &work.at, &arrays);
    let mut about = std::mem::take(&mut bench.about);
    for peer in named(bench, name) {
        contenders.push(of_peer(&mut about, peer, title, &workload, value, &expected));
    }
    bench.about = about;
    let rows = side_by_side(REFERENCE, 15, contenders);
    Comparison { title: title.to_owned(), nodes: vec![], rows }
}

/// Time an epoch of stochastic gradient descent; each goes on from where the last one ended.
fn epochs(
    bench: &mut Bench,
    title: &str,
    work: &ByRows,
    sizes: &[usize],
    batch: usize,
) -> Comparison {
    progress(title);
    let (value, gradient) = value_and_gradient(work);
    let mean = 1.0 / ROWS as f64;
    let expected: Vec<f64> = gradient.iter().map(|slope| slope * mean).collect();
    let mut contenders: Vec<Contender<'_>> = engines()
        .map(|(name, workspace)| Contender::new(name, &(), epoch(work, batch, workspace)))
        .collect();
    let sizes: Vec<f64> = sizes.iter().map(|&size| size as f64).collect();
    let arrays: [(_, &[f64]); 4] =
        [("layers", &sizes), ("batch", &[batch as f64]), ("rate", &[RATE]), ("rows", &work.data)];
    let workload = Workload::write(title, &work.at, &arrays);
    let mut about = std::mem::take(&mut bench.about);
    for peer in named(bench, "PyTorch") {
        let peer = peer.with_script("epoch_torch.py");
        contenders.push(of_peer(&mut about, &peer, title, &workload, value * mean, &expected));
    }
    bench.about = about;
    let rows = side_by_side(REFERENCE, 11, contenders);
    Comparison { title: title.to_owned(), nodes: vec![], rows }
}
