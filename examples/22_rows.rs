//! Rows: one observation is recorded, and the program runs over all of them.
//!
//! `cargo run --release --example 22_rows`

use gradtape::Real;
use gradtape::program::{RowProgram, Rows, Workspace};

/// Logistic growth: size, growth rate, and the time of the steepest growth.
fn height<S: Real>(p: &[S], day: S) -> S {
    p[0] * (p[1] * (day - p[2])).sigmoid()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The days a sunflower was measured on, its height in cm, and how far to trust the ruler.
    let (days, heights) =
        ([7.0, 21.0, 35.0, 49.0, 63.0, 84.0], [18.0, 68.0, 131.0, 206.0, 247.0, 255.0]);
    let trust = [1.0, 1.0, 1.0, 1.0, 1.0, 0.25];
    let p = [260.0, 0.09, 35.0];

    // Parameters are shared by all rows, the data are each row's own.
    let curve = RowProgram::record(|p, row| height(p, row[0]), &p, &[7.0]);
    let mut workspace = Workspace::new();
    let columns = [&days[..]];
    let mut predicted = [0.0; 6];
    curve.values(&p, Rows::columns(&columns)?, &mut predicted, &mut workspace)?;
    println!("day    measured   predicted");
    for ((day, height), predicted) in days.iter().zip(heights).zip(predicted) {
        println!("{day:>3} {height:>11} {predicted:>11.2}");
    }

    let residual = RowProgram::record(
        |p, row| (row[1] - height(p, row[0])).label("residual").square(),
        &p,
        &[7.0, 18.0],
    );
    let (once, each) = residual.instructions();
    println!("\none squared residual: {each} instructions a row, {once} for all rows together");

    let columns = [&days[..], &heights];
    let rows = Rows::columns(&columns)?;
    let mut slopes = [0.0; 3];
    let ssr = residual.sum_and_gradient(&p, rows, &mut slopes, &mut workspace)?;
    println!("sum over all rows   {ssr:>10.4}, gradient {slopes:>10.4?}");
    let weighted = rows.weighted(&trust)?;
    let ssr = residual.sum_and_gradient(&p, weighted, &mut slopes, &mut workspace)?;
    println!("with weights        {ssr:>10.4}, gradient {slopes:>10.4?}");
    let early = rows.choose(&[0, 1, 2])?;
    let ssr = residual.sum_and_gradient(&p, early, &mut slopes, &mut workspace)?;
    println!("the first three     {ssr:>10.4}, gradient {slopes:>10.4?}");

    // Each row's own gradient: three shared inputs, then day and height.
    let mut each = [0.0; 6 * 5];
    residual.gradients(&p, rows, &mut each, &mut workspace)?;
    println!("\nrow   with respect to size, rate, time");
    for (row, slopes) in each.chunks(5).enumerate() {
        println!("{row:>3}   {:>12.4?}", &slopes[..3]);
    }

    // A comparison is checked in every row.
    let branching = RowProgram::record(
        |p, row| {
            let day = row[0].label("day");
            if day < 70.0 { height(p, day) } else { p[0] }
        },
        &p,
        &[7.0],
    );
    let columns = [&days[..]];
    if let Err(error) = branching.sum(&p, Rows::columns(&columns)?, &mut workspace) {
        println!("\n{error}");
    }
    Ok(())
}
