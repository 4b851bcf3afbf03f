//! A page of your own: a model is fitted, and the page shows its tape, its descent and its curves.
//!
//! `cargo run --example 27_report_page` writes into the folder for temporary files;
//! `cargo run --example 27_report_page -- FILE.html` writes where you say.

use gradtape::optim::{Fitter, Sgd};
use gradtape::{Real, Tape, Var, check_gradient, sum};
use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

/// The hour of the day, and how warm it was.
const DATA: [(f64, f64); 5] = [(0.0, 4.1), (6.0, 5.2), (12.0, 14.8), (18.0, 11.9), (21.0, 7.3)];

/// A wave above a level: the parts, and what they predict.
fn parts<S: Real>(p: &[S], hour: f64) -> [S; 2] {
    let [sine, cosine, _level] = [p[0], p[1], p[2]];
    let angle = hour * std::f64::consts::TAU / 24.0;
    [sine * angle.sin(), cosine * angle.cos()]
}

fn predicted<S: Real>(p: &[S], hour: f64) -> S {
    let [sine, cosine] = parts(p, hour);
    sine + cosine + p[2]
}

fn loss<S: Real>(p: &[S]) -> S {
    let squares = DATA.map(|(hour, warmth)| (predicted(p, hour) - warmth).square());
    sum(squares) / DATA.len() as f64
}

fn main() -> Result<(), Box<dyn Error>> {
    let (names, start) = (["sine", "cosine", "level"], [0.0; 3]);
    let fit = Fitter::new(loss::<Var>, &start).names(names).fit(&mut Sgd::new(0.2), 60)?;

    // The tape that is stepped through: the loss at the start, each observation in its scope.
    let tape = Tape::new();
    let p: Vec<Var> = start.iter().zip(names).map(|(&x, name)| tape.var(x).label(name)).collect();
    let squares = DATA.map(|(hour, warmth)| {
        let _scope = tape.scope(&format!("{hour} h"));
        (predicted(&p, hour).label("predicted") - warmth).square()
    });
    let mse = (sum(squares) / DATA.len() as f64).label("mean square");

    let run = fit
        .history
        .named("plain descent")
        .loss_name("mean square")
        .curves("hour", "warmth", &DATA, [0.0, 24.0], |p, hour| {
            (parts(p, hour).to_vec(), predicted(p, hour))
        })?
        .parts(names)
        .slice("level", [-5.0, 20.0], loss)?;
    let report = tape
        .report(mse)
        .title("Warmth by the hour")
        .with_check(check_gradient(loss::<Var>, &start)?)
        .with_run(run);

    let default = || env::temp_dir().join("gradtape-warmth.html");
    let file = env::args_os().nth(1).map_or_else(default, PathBuf::from);
    fs::write(&file, report.html().to_string())?;

    println!("After {} steps the loss is {:.4}:", fit.steps, fit.loss);
    for (name, x) in names.iter().zip(&fit.parameters) {
        println!("  {name:<7} {x:>8.4}");
    }
    println!("The gradient at the start: {}.", report.check.map_or(String::new(), |c| c.verdict));
    println!("The page is {}. Open it in any browser.", file.display());
    Ok(())
}
