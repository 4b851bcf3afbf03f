//! Profiling.
#[path = "../benches/common/mod.rs"]
#[allow(dead_code)]
mod common;
use common::workloads::{NaryObjective, Objective};
use common::peers::*;
use common::workloads::gmm::Gmm;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (d, k, reps, nary) = (a[1].parse().unwrap(), a[2].parse().unwrap(), a[3].parse::<usize>().unwrap(), a[4] == "nary");
    let (gmm, at) = Gmm::random(1000, d, k, 31337);
    let mut e = Gradtape::default();
    let mut s = 0.0;
    let mut best = f64::MAX;
    for _ in 0..reps {
        let t = std::time::Instant::now();
        s += if nary { e.gradient(|x| gmm.eval_nary(x), &at)[0] } else { e.gradient(|x| gmm.eval(x), &at)[0] };
        best = best.min(t.elapsed().as_secs_f64());
    }
    println!("{s} best {} us", best * 1e6);
}
