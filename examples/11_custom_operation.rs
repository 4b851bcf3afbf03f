//! An operation of your own: Kepler's equation, solved by iteration, differentiated by one formula.
//!
//! `cargo run --example 11_custom_operation`

use gradtape::{CustomOp, Tape, Var, custom, gradient};

/// The eccentric anomaly E with E - e sin E = M: inputs M and e, output E.
struct Kepler;

impl CustomOp for Kepler {
    fn name(&self) -> &str {
        "kepler"
    }

    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0];
        for _ in 0..50 {
            y[0] -= (y[0] - x[1] * y[0].sin() - x[0]) / (1.0 - x[1] * y[0].cos());
        }
    }

    // Implicitly: (1 - e cos E) dE = dM + sin E de. No sweep through the iteration.
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] / (1.0 - x[1] * y[0].cos());
        dx[1] = dx[0] * y[0].sin();
    }

    // The same on variables, so that second derivatives work too.
    fn vjp_recorded(&self, x: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let slope = w[0] / (1.0 - x[1] * y[0].cos());
        Some(vec![slope, slope * y[0].sin()])
    }
}

fn main() {
    let tape = Tape::new();
    let (mean, eccentricity) = (tape.var(1.0), tape.var(0.6));
    let anomaly = custom(Kepler, &[mean, eccentricity])[0];
    // The distance from the sun, in units of the semi-major axis.
    let distance = 1.0 - eccentricity * anomaly.cos();
    let slopes = distance.backward();
    println!("E = {anomaly:.12}, distance = {distance:.12}");
    println!("d distance / dM = {:.12}", slopes[mean]);
    println!("d distance / de = {:.12}", slopes[eccentricity]);

    println!("\nThe whole iteration is one node of the tape:");
    for node in tape.nodes() {
        println!("  %{} {:<10} {:?} = {:.6}", node.index, node.name, node.operands, node.value);
    }

    // Nested gradients go through `vjp_recorded`.
    let anomaly_at = |m: Var| custom(Kepler, &[m, Var::from(0.6)])[0];
    let bend = gradient(|m| gradient(|m| anomaly_at(m[0]), &[m[0]])[0], &[1.0])[0];
    let (sin, cos) = anomaly.value().sin_cos();
    println!("\nd²E/dM² = {bend:.12}");
    println!("by hand   {:.12}", -0.6 * sin / (1.0 - 0.6 * cos).powi(3));
}
