//! Training on rows: a network learns a curve in mini-batches.
//!
//! `cargo run --release --example 23_train_on_rows`

use gradtape::nn::{Activation, Dosage, Init, Mlp, mse};
use gradtape::optim::{Adam, Fitter, OverRows, Schedule, Sgd};
use gradtape::program::{RowProgram, Rows, Workspace};

/// How many points the network learns from.
const POINTS: usize = 400;

/// Points on sin(3 x), with seeded noise.
fn noisy_sine(rng: &mut fastrand::Rng) -> Vec<f64> {
    let mut point = |i: usize| {
        let x = 2.0 * i as f64 / POINTS as f64 - 1.0;
        [x, (3.0 * x).sin() + 0.1 * (rng.f64() - 0.5)]
    };
    (0..POINTS).flat_map(&mut point).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // All rows at every step: the dosage network, whose three rows are its whole data.
    let dosage = Dosage::main_ideas();
    let program = dosage.over_rows();
    let loss = OverRows::new(&program, dosage.rows())?;
    let fitter = Fitter::with_objective(loss, &dosage.trained_start());
    let fit = fitter.fit(&mut Sgd::new(dosage.learning_rate), 100)?;
    println!("{}:", dosage.title);
    for record in &fit.history.records[..4] {
        let ([b3], [slope]) = (&record.parameters[..], &record.gradient[..]) else { continue };
        println!(
            "  step {}   b3 {b3:.4}   SSR {:>7.4}   slope {slope:>8.4}",
            record.step, record.loss
        );
    }
    println!("  step {}, b3 {:.6}\n", fit.steps, fit.parameters[0]);

    // Thirty-two rows at a step, shuffled anew for every epoch.
    let data = noisy_sine(&mut fastrand::Rng::with_seed(1));
    let rows = Rows::row_major(&data, 2)?;
    let network = Mlp::new(1).dense(12, Activation::Tanh).dense(1, Activation::Identity);
    let start = network.initialize(Init::XavierUniform, 7);
    let program: RowProgram = network.over_rows(1, |predicted, observed| mse(predicted, observed));
    let loss = OverRows::new(&program, rows)?.mean().batches(32, 42);

    let epoch = loss.steps_an_epoch();
    let steps = 200 * epoch;
    let mut adam = Adam::new(0.03).schedule(Schedule::Cosine { steps, floor: 0.01 });
    let fitter = Fitter::with_objective(loss, start.as_slice())
        .names(start.element_names())
        .record_every(epoch);
    let fit = fitter.fit(&mut adam, steps)?;

    let mut workspace = Workspace::new();
    println!("a network with {} parameters, {epoch} batches an epoch:", start.len());
    println!("epoch   loss of a batch   mean over all rows   layer 2.bias");
    for record in fit.history.records.iter().step_by(40) {
        let all = program.sum(&record.parameters, rows, &mut workspace)? / rows.count() as f64;
        let bias = start.view("layer 2.bias", &record.parameters)?[0];
        println!("{:>5} {:>17.6} {all:>20.6} {bias:>14.4}", record.step / epoch, record.loss);
    }

    println!("\n    x   sin(3 x)   network");
    for x in [-1.0, -0.5, 0.0, 0.5, 1.0] {
        let y = network.forward(&fit.parameters, &[x])[0];
        println!("{x:>5} {:>10.4} {y:>9.4}", f64::sin(3.0 * x));
    }
    Ok(())
}
