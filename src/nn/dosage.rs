//! [`Dosage`]: seven parameters, three observations, one squiggle.

use super::parameters::takes;
use super::{Activation, Parameters};
use crate::optim::{Fit, FitError, Fitter, Sgd, setting};
use crate::program::{RowProgram, Rows};
use crate::tape::network::{Evaluation, Unit};
use crate::tape::remember_network;
use crate::{Real, Var, sum_squares};

/// The dosage network with its data, and how to train it by gradient descent on all of them.
///
/// Does a drug work? A low and a high dosage did not, a middle one did. Two softplus curves, *blue* and
/// *orange*, are scaled and added up to the *green squiggle*, which goes through the observations once the
/// parameters are right. It is the network on which Josh Starmer explains backpropagation (StatQuest, *Neural
/// Networks Pt. 2: Backpropagation Main Ideas* and the two *Backpropagation Details* that follow):
///
/// ```text
/// blue      = w3 softplus(w1 x + b1)
/// orange    = w4 softplus(w2 x + b2)
/// predicted = blue + orange + b3
/// SSR       = Σ (observed - predicted)²
/// ```
///
/// Only some of the parameters may be trained; the others stay where they start, as constants that record
/// nothing. Functions of the parameters take the trained ones, in the order of [`trained`](Dosage::trained), or
/// all seven.
///
/// ```
/// use gradtape::{gradient, nn::Dosage};
/// // The three descents of the explanation.
/// let one = Dosage::main_ideas();
/// assert_eq!(one.trained_names(), ["b3"]);
/// let slope = gradient(|b3| one.ssr(b3), &[0.0])[0];
/// assert!((slope + 15.655108380577747).abs() < 1e-14);
/// assert_eq!(format!("{:.2}", one.fit()?.parameters[0]), "2.61");
///
/// // Data of your own.
/// let mut own = Dosage::new(&[[0.0, 0.1], [0.4, 0.9], [0.6, 0.8], [1.0, 0.2]]);
/// own.learning_rate = 0.02;
/// own.steps = 4000;
/// assert!(own.fit()?.loss < 0.1);
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Dosage {
    /// What is trained, in a few words.
    pub title: String,
    /// What was observed, each a dosage and an efficacy.
    pub data: Vec<[f64; 2]>,
    /// All seven parameters at the start, in the order of [`NAMES`](Dosage::NAMES).
    pub start: [f64; 7],
    /// Which of the seven are trained, as indices.
    pub trained: Vec<usize>,
    /// new = old - learning rate · slope.
    pub learning_rate: f64,
    /// The most steps to take.
    pub steps: usize,
    /// Descent ends early, after a step that changes no parameter by more than this.
    pub step_size: Option<f64>,
}

impl Dosage {
    /// The names of the seven parameters, in the order of every slice of them.
    pub const NAMES: [&'static str; 7] = ["w1", "b1", "w2", "b2", "w3", "w4", "b3"];

    /// What was observed in the explanation.
    pub const DATA: [[f64; 2]; 3] = [[0.0, 0.0], [0.5, 1.0], [1.0, 0.0]];

    /// The parameters of the published end, which are rounded to two decimals.
    pub const PUBLISHED: [f64; 7] = [3.34, -1.43, -3.53, 0.57, -1.22, -2.30, 2.61];

    /// Fit all seven parameters to data of your own, from the start of [`details_2`](Dosage::details_2).
    ///
    /// Nothing is checked here, for all fields may be changed: [`fit`](Dosage::fit) and
    /// [`report`](Dosage::report) do.
    #[must_use]
    pub fn new(data: &[[f64; 2]]) -> Dosage {
        Dosage { data: data.to_vec(), title: "All seven parameters".into(), ..Dosage::details_2() }
    }

    /// Main ideas: only b3 is unknown. It ends at b3 = 2.609184730096291; here it stops where the step size is
    /// close to 0, at 0.001.
    #[must_use]
    pub fn main_ideas() -> Dosage {
        Dosage {
            title: "Main ideas: only b3 is unknown".into(),
            start: [3.34, -1.43, -3.53, 0.57, -1.22, -2.30, 0.0],
            trained: vec![6],
            learning_rate: 0.1,
            steps: 100,
            step_size: Some(0.001),
            ..Dosage::details_2()
        }
    }

    /// Details, part 1: w3, w4 and b3 together. It ends at -1.215898, -2.303807, 2.606661, where the
    /// SSR is 0.
    #[must_use]
    pub fn details_1() -> Dosage {
        Dosage {
            title: "Details, part 1: w3, w4 and b3 together".into(),
            start: [3.34, -1.43, -3.53, 0.57, 0.36, 0.63, 0.0],
            trained: vec![4, 5, 6],
            learning_rate: 0.1,
            steps: 2000,
            ..Dosage::details_2()
        }
    }

    /// Details, part 2: all seven parameters. With learning rates from 0.01 to 0.03 it ends at the
    /// [`PUBLISHED`](Dosage::PUBLISHED) parameters, to two decimals.
    ///
    /// The SSR has many zeros. At a learning rate of 0.1 the first steps overshoot, and descent ends at
    /// another one: 3.2616 -1.9333 -3.3466 0.5432 -1.4815 -2.2453 2.4482.
    #[must_use]
    pub fn details_2() -> Dosage {
        Dosage {
            title: "Details, part 2: all seven parameters".into(),
            data: Dosage::DATA.to_vec(),
            start: [2.74, 0.0, -1.13, 0.0, 0.36, 0.63, 0.0],
            trained: (0..7).collect(),
            learning_rate: 0.03,
            steps: 6000,
            step_size: None,
        }
    }

    /// List the trained parameters' values at the start.
    #[must_use]
    pub fn trained_start(&self) -> Vec<f64> {
        self.trained.iter().map(|&i| self.start[i]).collect()
    }

    /// List the trained parameters' names.
    #[must_use]
    pub fn trained_names(&self) -> Vec<&'static str> {
        self.trained.iter().map(|&i| Dosage::NAMES[i]).collect()
    }

    /// Put the trained parameters among the others: all seven. If all seven are given, it returns them.
    ///
    /// # Panics
    /// If there are neither seven values nor as many as trained parameters.
    ///
    /// ```
    /// use gradtape::nn::Dosage;
    /// let mut hidden_only = Dosage::details_2();
    /// hidden_only.trained = vec![0, 1, 2, 3];
    /// assert_eq!(hidden_only.place(&[1.0, 2.0, 3.0, 4.0])[3..], [4.0, 0.36, 0.63, 0.0]);
    /// ```
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn place<S: Real>(&self, parameters: &[S]) -> [S; 7] {
        if parameters.len() == 7 && self.trained.len() != 7 {
            return std::array::from_fn(|i| parameters[i]);
        }
        takes("the dosage network", "parameters", self.trained.len(), parameters.len());
        let mut all = self.start.map(S::from);
        for (&i, &value) in self.trained.iter().zip(parameters) {
            all[i] = value;
        }
        all
    }

    /// Name all seven values.
    ///
    /// # Panics
    /// As [`place`](Dosage::place).
    #[must_use]
    #[track_caller]
    pub fn parameters(&self, parameters: &[f64]) -> Parameters {
        let mut named = Parameters::new();
        for (name, value) in Dosage::NAMES.iter().zip(self.place(parameters)) {
            named.insert(name, &[], &[value]).expect("the seven names differ");
        }
        named
    }

    /// Compute the blue curve, the orange curve and the green squiggle at a dosage. The dosage may be plain data
    /// or a variable.
    ///
    /// # Panics
    /// As [`place`](Dosage::place).
    #[must_use]
    #[track_caller]
    pub fn curves<S: Real, X: Real + Into<S>>(&self, parameters: &[S], dosage: X) -> [S; 3] {
        evaluate(&self.place(parameters), dosage).curves
    }

    /// Predict the efficacy of a dosage: the height of the green squiggle there.
    ///
    /// # Panics
    /// As [`place`](Dosage::place).
    #[must_use]
    #[track_caller]
    pub fn predict<S: Real, X: Real + Into<S>>(&self, parameters: &[S], dosage: X) -> S {
        let [_blue, _orange, squiggle] = self.curves(parameters, dosage);
        squiggle
    }

    /// Compute the sum of squared residuals over the data, `Σ (observed - predicted)²`.
    ///
    /// # Panics
    /// As [`place`](Dosage::place).
    ///
    /// ```
    /// use gradtape::{gradient, nn::Dosage};
    /// let dosage = Dosage::details_2();
    /// assert!((dosage.ssr(&dosage.start) - 1.8958781559).abs() < 1e-10);
    /// let slopes = gradient(|p| dosage.ssr(p), &dosage.start);
    /// assert!((slopes[6] - 3.4594544122).abs() < 1e-10); // with respect to b3
    /// ```
    #[must_use]
    #[track_caller]
    pub fn ssr<S: Real>(&self, parameters: &[S]) -> S {
        let p = self.place(parameters);
        let residual = |&[dosage, observed]: &[f64; 2]| {
            let [_blue, _orange, predicted] = evaluate(&p, dosage).curves;
            S::from(observed) - predicted
        };
        sum_squares(self.data.iter().map(residual))
    }

    /// Compute the [`ssr`](Dosage::ssr) for a tape that will be looked at: one scope an observation (`dosage
    /// 0.5`), with labels `blue 0.5`, `orange 0.5`, `predicted 0.5`, `residual 0.5`; the parameters get their
    /// [`NAMES`](Dosage::NAMES), the result is `SSR`. The network is written down on the tape too.
    ///
    /// # Panics
    /// As [`place`](Dosage::place).
    ///
    /// ```
    /// use gradtape::{Tape, nn::Dosage};
    /// let (tape, dosage) = (Tape::new(), Dosage::main_ideas());
    /// let ssr = dosage.ssr_labelled(&tape.vars(&dosage.start));
    /// let slopes = ssr.backward().by_label();
    /// let terms = ["predicted 1", "predicted 0.5", "predicted 0"].map(|name| slopes[name]);
    /// assert_eq!(slopes["b3"], terms.iter().sum::<f64>());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn ssr_labelled<S: Real>(&self, parameters: &[S]) -> S {
        let p = self.place(parameters);
        for (x, name) in p.iter().zip(Dosage::NAMES) {
            x.label(name);
        }
        let residual = |&[dosage, observed]: &[f64; 2]| {
            S::scope(&format!("dosage {dosage}"), || {
                let run = evaluate(&p, dosage);
                let [blue, orange, predicted] = run.curves;
                blue.label(&format!("blue {dosage}"));
                orange.label(&format!("orange {dosage}"));
                predicted.label(&format!("predicted {dosage}"));
                remember_network(&run.network(&p, dosage));
                (S::from(observed) - predicted).label(&format!("residual {dosage}"))
            })
        };
        sum_squares(self.data.iter().map(residual)).label("SSR")
    }

    /// List the data as rows of a dosage and an efficacy, for [`over_rows`](Dosage::over_rows).
    #[must_use]
    pub fn rows(&self) -> Rows<'_> {
        Rows::row_major(self.data.as_flattened(), 2).expect("pairs are rows of two")
    }

    /// Record the squared residual of one row, a dosage and an efficacy, as a function of the trained
    /// parameters; the others are constants. Over [`rows`](Dosage::rows) it adds up to the
    /// [`ssr`](Dosage::ssr).
    ///
    /// # Panics
    /// If [`trained`](Dosage::trained) has an index above 6, or one twice.
    ///
    /// ```
    /// use gradtape::{nn::Dosage, program::Workspace};
    /// let dosage = Dosage::main_ideas();
    /// let (program, mut slope, mut workspace) = (dosage.over_rows(), [0.0], Workspace::new());
    /// let ssr = program.sum_and_gradient(&[0.0], dosage.rows(), &mut slope, &mut workspace)?;
    /// assert!((ssr - 20.423597677589214).abs() < 1e-13);
    /// assert!((slope[0] + 15.655108380577747).abs() < 1e-13);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn over_rows(&self) -> RowProgram {
        if let Err(error) = self.check_trained() {
            panic!("{error}");
        }
        let residual = |trained: &[Var], row: &[Var]| {
            for (p, name) in trained.iter().zip(self.trained_names()) {
                p.label(name);
            }
            let (dosage, observed) = (row[0].label("dosage"), row[1].label("efficacy"));
            (observed - self.predict(trained, dosage)).square()
        };
        RowProgram::record(residual, &self.trained_start(), &Dosage::DATA[0])
    }

    /// Descend from the start, with the parameters' names in the history.
    ///
    /// # Errors
    /// If there are no data; if a number of the data or the start, or a setting, is not one to begin with; if on the
    /// way a number is not finite, as at too high a learning rate.
    ///
    /// ```
    /// use gradtape::nn::Dosage;
    /// let mut dosage = Dosage::main_ideas();
    /// assert_eq!(dosage.fit()?.history.records[1].parameters, [1.565510838057775]);
    /// dosage.learning_rate = -0.1;
    /// let error = dosage.fit().unwrap_err().to_string();
    /// assert_eq!(error, "the learning rate is -0.1: give a finite number, 0 or more");
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    pub fn fit(&self) -> Result<Fit, FitError> {
        self.fitter()?.fit(&mut Sgd::new(self.learning_rate), self.steps)
    }

    /// Plan the descent of [`fit`](Dosage::fit), to be observed: what it is fitted with is
    /// `Sgd::new(dosage.learning_rate)` for `dosage.steps` steps.
    ///
    /// # Errors
    /// If there are no data; if a number of the data or the start, or a setting, is not one to begin with.
    pub fn fitter(&self) -> Result<Fitter<'_>, FitError> {
        self.check()?;
        let fitter = Fitter::new(|trained| self.ssr(trained), &self.trained_start());
        let fitter = match self.step_size {
            Some(size) => fitter.stop_at_step_size(size),
            None => fitter,
        };
        Ok(fitter.names(self.trained_names()))
    }

    /// Refuse what cannot be fitted.
    fn check(&self) -> Result<(), FitError> {
        if self.data.is_empty() {
            return setting("there are no rows to fit: give at least one");
        }
        let of_data = self.data.iter().flatten().enumerate().map(|(i, &x)| {
            (format!("the {} of data[{}]", ["dosage", "efficacy"][i % 2], i / 2), x)
        });
        let of_start = Dosage::NAMES.iter().zip(self.start);
        let of_start = of_start.map(|(name, x)| (format!("the start of {name}"), x));
        let rate = ("the learning rate".to_string(), self.learning_rate);
        let size = ("the step size to stop at".to_string(), self.step_size.unwrap_or(0.0));
        let finite = of_data.chain(of_start).map(|setting| (setting, f64::MIN, ""));
        let positive = [rate, size].map(|setting| (setting, 0.0, ", 0 or more"));
        for ((what, x), least, more) in finite.chain(positive) {
            if !(x.is_finite() && x >= least) {
                return setting(format!("{what} is {x}: give a finite number{more}"));
            }
        }
        self.check_trained()
    }

    /// Refuse what is trained if it is no parameter, or one twice.
    fn check_trained(&self) -> Result<(), FitError> {
        for (k, &i) in self.trained.iter().enumerate() {
            if i > 6 || self.trained[..k].contains(&i) {
                let advice = "give indices of `Dosage::NAMES`, from 0 to 6, each once";
                return setting(format!("trained[{k}] is {i}: {advice}"));
            }
        }
        Ok(())
    }
}

/// What is computed at a dosage.
struct Evaluated<S> {
    /// Of each hidden unit the straight line, and its softplus.
    hidden: [[S; 2]; 2],
    /// Blue, orange and green.
    curves: [S; 3],
}

/// Evaluate the network of all seven parameters.
#[inline]
#[track_caller]
fn evaluate<S: Real, X: Real + Into<S>>(p: &[S; 7], dosage: X) -> Evaluated<S> {
    let [w1, b1, w2, b2, w3, w4, b3] = *p;
    let line = w1 * dosage.into() + b1;
    let top = [line, line.softplus()];
    let blue = w3 * top[1];
    let line = w2 * dosage.into() + b2;
    let bottom = [line, line.softplus()];
    let orange = w4 * bottom[1];
    Evaluated { hidden: [top, bottom], curves: [blue, orange, blue + orange + b3] }
}

impl<S: Real> Evaluated<S> {
    /// The network that ran, for the drawing of a report.
    fn network(&self, p: &[S; 7], dosage: f64) -> Evaluation<S> {
        let [w1, b1, w2, b2, w3, w4, b3] = *p;
        let unit = |part: usize, name: &'static str, weight: S, bias: S| Unit {
            name,
            activation: Activation::Softplus.name(),
            part: Some(part),
            weights: vec![weight],
            bias,
            form: self.hidden[part][0],
            output: self.hidden[part][1],
        };
        let last = Unit {
            name: "predicted",
            activation: "",
            part: None,
            weights: vec![w3, w4],
            bias: b3,
            form: self.curves[2],
            output: self.curves[2],
        };
        // The unit is not called as the curve that its weight makes of it.
        Evaluation {
            sample: None,
            inputs: vec![("dosage", S::from(dosage))],
            layers: vec![
                vec![unit(0, "blue unit", w1, b1), unit(1, "orange unit", w2, b2)],
                vec![last],
            ],
        }
    }
}
