//! A gradient as Rust source: the dosage network, written by its program, and compiled into this example.
//!
//! `cargo run --release --example 40_gradient_as_rust`

use gradtape::Var;
use gradtape::nn::Dosage;
use gradtape::program::{Program, RustOptions, Workspace};

/// What this example prints, as it was printed before.
#[allow(clippy::all, missing_docs)]
mod exported {
    include!("exported/dosage.rs");
}

/// The range of a throw, as long as it hits the ground and not the wall.
fn range(x: &[Var]) -> [Var; 1] {
    let (speed, angle) = (x[0].label("speed"), x[1].label("angle"));
    let range = speed.square() * (angle * 2.0).sin() / 9.81;
    if range < 50.0 { [range] } else { [Var::from(50.0)] }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let network = Dosage::details_2();
    let program = network.over_rows();
    println!("{}", program.to_rust(&RustOptions::new())?);

    // Train with the text alone: no tape, no program.
    let mut parameters = network.start;
    let mut slopes = [0.0; 7];
    for _ in 0..network.steps {
        exported::sum_and_gradient(&parameters, &Dosage::DATA, &mut slopes);
        parameters
            .iter_mut()
            .zip(slopes)
            .for_each(|(p, slope)| *p -= network.learning_rate * slope);
    }
    let ssr = exported::sum_and_gradient(&parameters, &Dosage::DATA, &mut slopes);
    println!("// {parameters:.2?}, as published: {:?}, SSR {ssr:.1e}", Dosage::PUBLISHED);
    let squares = Dosage::DATA.map(|row| exported::value(&parameters, &row));
    println!("// squared residuals {squares:.4?}\n");

    // The program itself has the same slopes, but for the order in which rows are added.
    let mut again = [0.0; 7];
    program.sum_and_gradient(&parameters, network.rows(), &mut again, &mut Workspace::new())?;
    assert!(slopes.iter().zip(again).all(|(a, b)| (a - b).abs() < 1e-12));

    // A comparison becomes an error; without `std`, functions are those of the crate `libm`.
    let program = Program::record(range, &[20.0, 0.6]);
    println!("{}", program.to_rust(&RustOptions::new().f32().no_std())?);
    Ok(())
}
