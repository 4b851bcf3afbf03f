//! A small network learns the exclusive or, which no single unit can.
//!
//! `cargo run --release --example 18_mlp`

use gradtape::nn::{Activation, Init, Mlp, binary_cross_entropy_with_logits};
use gradtape::optim::{Adam, FitError, Fitter};
use gradtape::{Real, Var};

const INPUTS: [[f64; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
const OBSERVED: [f64; 4] = [0.0, 1.0, 1.0, 0.0];

/// The logits of the network for all four inputs.
fn logits<S: Real>(network: &Mlp, p: &[S]) -> [S; 4] {
    INPUTS.map(|x| network.forward(p, &x.map(S::from))[0])
}

fn main() -> Result<(), FitError> {
    let network = Mlp::new(2).dense(4, Activation::Tanh).dense(1, Activation::Identity);
    let parameters = network.initialize(Init::XavierUniform, 1);
    println!("{} parameters:", parameters.len());
    for (name, values) in parameters.iter() {
        println!("  {name:<15} {:?} {values:.3?}", parameters.shape(name).unwrap_or_default());
    }

    let start = parameters.as_slice().to_vec();
    let loss = |p: &[Var]| binary_cross_entropy_with_logits(&logits(&network, p), &OBSERVED);
    let fitter = Fitter::new(loss, &start).stop_at_loss(1e-3);
    let trained = fitter.fit(&mut Adam::new(0.05), 5000)?;

    println!("\nstep      loss");
    for record in trained.history.records.iter().step_by(50) {
        println!("{:>4}  {:.6}", record.step, record.loss);
    }
    println!("{:>4}  {:.6}  stopped because {}", trained.steps, trained.loss, trained.reason);

    println!("\ninput     observed   probability before    and after");
    let [before, after] = [&start, &trained.parameters].map(|p| logits(&network, p));
    for (i, input) in INPUTS.iter().enumerate() {
        let [p0, p1] = [before[i].sigmoid(), after[i].sigmoid()];
        println!("{input:?} {:>8} {p0:>20.4} {p1:>12.4}", OBSERVED[i]);
    }
    Ok(())
}
