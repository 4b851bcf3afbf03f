//! The report of the dosage network: the explanation of backpropagation, to step through.

use super::{Report, Run, RunError};
use crate::derive::RestoreActive;
use crate::nn::dosage::{self, A, C, Recipe};
use crate::optim::{Fitter, Sgd, Stop};
use crate::{Tape, check_gradient};

/// Between which values of b3 the SSR is drawn.
const B3: [f64; 2] = [-0.5, 4.5];

/// Report on the dosage network: the tape where b3 is 0, the network, a gradient check, two descents.
///
/// The tape is that of [`ssr_labelled`](dosage::ssr_labelled) at the start of recipe [`A`], with all seven
/// parameters as nodes. The first run is the descent of b3 alone, until the step size is 0.001 or less; the
/// second is recipe [`C`], in which all seven descend, for 6000 steps. Both have the curves over dosages from
/// 0 to 1, with `blue` and `orange` as parts, and the SSR against b3.
///
/// ```
/// use gradtape::inspect;
/// let report = inspect::dosage_report();
/// let b3 = report.find("b3").unwrap();
/// assert_eq!(format!("{:.1}", report.nodes[b3].adjoint), "-15.7");
/// let descent: Vec<f64> = report.runs[0].records.iter().map(|r| r.parameters[0]).collect();
/// assert_eq!(format!("{:.2?}", &descent[..3]), "[0.00, 1.57, 2.19]");
/// ```
#[must_use]
pub fn dosage_report() -> Report {
    // Whoever was recording goes on recording there.
    let _restore = RestoreActive::on_drop();
    let tape = Tape::new();
    let ssr = dosage::ssr_labelled(&tape.vars(&A.start));
    let check = check_gradient(dosage::ssr_labelled, &A.start);
    let settled = Stop::after(100).step_size(0.001);
    let run = |recipe, stop| run(recipe, stop).expect("b3 is trained, and there are two parts");
    tape.report(ssr)
        .title("The dosage network")
        .with_check(&check.expect("the SSR is finite at a finite point"))
        .with_run(run(&A, &settled))
        .with_run(run(&C, &Stop::after(6000)))
}

/// The descent of a recipe, with its curves.
fn run(recipe: &Recipe, stop: &Stop) -> Result<Run, RunError> {
    let fit = Fitter::new(stop).names(recipe.trained_names()).fit(
        |trained| recipe.ssr(trained),
        &recipe.trained_start(),
        &mut Sgd::new(recipe.learning_rate),
    );
    let history = fit.expect("the recipes descend").history;
    let curves = |trained: &[f64], x: f64| {
        let p = recipe.place(trained);
        (vec![dosage::blue(&p, x), dosage::orange(&p, x)], dosage::predict(&p, x))
    };
    let run = Run::new(recipe.title, &history)
        .loss_name("SSR")
        .curves("dosage", "efficacy", &dosage::DATA, [0.0, 1.0], curves)?
        .parts(["blue", "orange"])
        .slice("b3", B3, |trained| recipe.ssr(trained))?;
    Ok(run)
}
