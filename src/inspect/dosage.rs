//! The report of the dosage network: its descent, to step through.

use super::Report;
use crate::nn::Dosage;
use crate::optim::{FitError, History};
use crate::{Tape, check_gradient};

impl Dosage {
    /// Report on the network and its descent: the tape at the start, a gradient check, the training history.
    ///
    /// The tape is that of [`ssr_labelled`](Dosage::ssr_labelled), with all seven parameters as nodes. The run is
    /// that of [`fit`](Dosage::fit), with the curves over dosages from 0 to 1, or as far as the data go, and
    /// `blue` and `orange` as parts; where b3 is trained, also with the SSR against b3.
    ///
    /// # Errors
    /// As [`fit`](Dosage::fit).
    ///
    /// ```
    /// use gradtape::nn::Dosage;
    /// let mut own = Dosage::new(&[[0.0, 0.1], [0.5, 0.8], [1.0, 0.0]]);
    /// own.steps = 100;
    /// let report = own.report()?;
    /// assert_eq!(report.network.as_ref().unwrap().samples.len(), 3);
    /// assert_eq!(report.runs[0].records.len(), 101);
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    pub fn report(&self) -> Result<Report, FitError> {
        let fit = self.fit()?;
        let tape = Tape::new();
        let ssr = self.ssr_labelled(&tape.vars(&self.start));
        let check = check_gradient(|p| self.ssr_labelled(p), &self.start);
        Ok(tape
            .report(ssr)
            .title("The dosage network")
            .with_check(check.expect("the SSR is finite at the start, or the fit had failed"))
            .with_run(self.run(&fit.history)))
    }

    /// Report on the descents of the explanation: [`main_ideas`](Dosage::main_ideas), with the run of
    /// [`details_2`](Dosage::details_2) added.
    ///
    /// ```
    /// use gradtape::nn::Dosage;
    /// let report = Dosage::published_report();
    /// let b3 = report.find("b3").unwrap();
    /// assert_eq!(format!("{:.1}", report.nodes[b3].adjoint), "-15.7");
    /// let descent: Vec<f64> = report.runs[0].records.iter().map(|r| r.parameters[0]).collect();
    /// assert_eq!(format!("{:.2?}", &descent[..3]), "[0.00, 1.57, 2.19]");
    /// ```
    #[must_use]
    pub fn published_report() -> Report {
        let (one, all) = (Dosage::main_ideas(), Dosage::details_2());
        let whole = || Ok::<_, FitError>(one.report()?.with_run(all.run(&all.fit()?.history)));
        whole().expect("the published descents descend")
    }

    /// A descent, with its curves.
    fn run(&self, history: &History) -> History {
        let widened = |range: [f64; 2], numbers: &mut dyn Iterator<Item = f64>| {
            numbers.fold(range, |[low, high], x| [low.min(x), high.max(x)])
        };
        let dosages = widened([0.0, 1.0], &mut self.data.iter().map(|row| row[0]));
        let data: Vec<(f64, f64)> = self.data.iter().map(|&[x, y]| (x, y)).collect();
        let curves = |trained: &[f64], x: f64| {
            let [blue, orange, green] = self.curves(trained, x);
            (vec![blue, orange], green)
        };
        let run = history
            .clone()
            .named(&self.title)
            .loss_name("SSR")
            .curves("dosage", "efficacy", &data, dosages, curves)
            .expect("there are two parts everywhere")
            .parts(["blue", "orange"]);
        let Some(b3) = self.trained.iter().position(|&i| Dosage::NAMES[i] == "b3") else {
            return run;
        };
        let visited = &mut history.records.iter().map(|record| record.parameters[b3]);
        let range = widened([-0.5, 4.5], visited);
        run.slice("b3", range, |trained| self.ssr(trained)).expect("b3 is trained")
    }
}
