//! Thirteen data sets of NIST StRD by least squares, from both starts: right digits beside those that lmfit reaches. The
//! table is that of `docs/solvers.md`. Then the report of one fit.
//!
//! `cargo run --release --features levenberg-marquardt --example nist`

mod models;

use gradtape::optim::least_squares;
use gradtape::program::Rows;
use models::{SETS, digits};
use std::time::Instant;

/// Digits of parameters and standard errors that lmfit reaches, as `with_lmfit.py` beside the data has found.
const LMFIT: &str = include_str!("../../tests/data/nist/lmfit.txt");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!(
        "| set | start | parameters | standard errors | evaluations | time | lmfit: parameters | standard errors |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut report = None;
    for set in &SETS {
        let data = set.read();
        for (i, start) in data.starts.iter().enumerate() {
            let x = Rows::row_major(&data.x, set.inputs())?;
            let clock = Instant::now();
            let fit = least_squares(set.model, x, &data.y, &set.named(start));
            let time = clock.elapsed().as_secs_f64() * 1e3;
            let prefix = format!("{} {} ", set.name, i + 1);
            let line = LMFIT.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or("? ? ?");
            let theirs: Vec<&str> = line.split(' ').collect();
            print!("| {} | {} | ", set.name, i + 1);
            match fit {
                Ok(fit) => {
                    let errors: Vec<f64> =
                        fit.parameters.iter().map(|p| p.standard_error.unwrap_or(0.0)).collect();
                    print!("{:.1} | ", digits(&fit.values(), &data.certified[0]));
                    print!("{:.1} | ", digits(&errors, &data.certified[1]));
                    print!("{} | {time:.1} ms", fit.evaluations);
                    report = Some(fit);
                }
                Err(error) => print!("{error} | | | "),
            }
            println!(" | {} | {} |", theirs[0], theirs[1]);
        }
    }
    if let Some(report) = report {
        println!("\n{report}");
    }
    Ok(())
}
