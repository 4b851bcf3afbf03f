//! Derivative programs: the gradient of a program is a program, to print, to replay, to differentiate.
//!
//! `cargo run --release --example 21_derivative_programs`

use gradtape::Real;
use gradtape::program::{Program, ReplayError, Workspace};

/// How far an elliptic orbit's eccentric anomaly `x[0]` is from Kepler's equation `E - e sin E = M`.
fn kepler<S: Real>(x: &[S]) -> S {
    let (anomaly, eccentricity) = (x[0].label("E"), x[1].label("e"));
    (anomaly - eccentricity * anomaly.sin() - 1.0).label("miss")
}

fn main() -> Result<(), ReplayError> {
    let mut workspace = Workspace::new();

    let miss = Program::record(kepler, &[1.0, 0.5]);
    let gradient = miss.gradient_program()?;
    println!("{miss}\nits gradient, 1 - e cos E and -sin E:\n\n{gradient}");

    let mut hessian = [0.0; 4];
    gradient.jacobian(&[1.2, 0.3], &mut hessian, &mut workspace)?;
    println!("the Jacobian of the gradient is the Hessian, e sin E, -cos E, 0:\n{hessian:.6?}");
    let (sin, cos) = 1.2_f64.sin_cos();
    println!("by hand {:.6} {:.6}\n", 0.3 * sin, -cos);

    // Again and again, in one variable: the bell and its derivatives.
    let mut program = Program::record(|x| (x[0].square() * -0.5).exp(), &[1.0]);
    let hermite: [fn(f64) -> f64; 5] = [
        |_| 1.0,
        |x| -x,
        |x| x * x - 1.0,
        |x| 3.0 * x - x.powi(3),
        |x| x.powi(4) - 6.0 * x * x + 3.0,
    ];
    println!("order  recorded  instructions   at 0.5                 in closed form");
    for (order, polynomial) in hermite.iter().enumerate() {
        if order > 0 {
            program = program.gradient_program()?;
        }
        let value = program.value(&[0.5], &mut workspace)?;
        let exact = polynomial(0.5) * (-0.125_f64).exp();
        let recorded = program.stats().recorded;
        println!("{order:>5} {recorded:>9} {:>13}   {value:<20.16}   {exact:.16}", program.len());
    }
    Ok(())
}
