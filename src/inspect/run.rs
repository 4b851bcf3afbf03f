//! [`Run`]: a training history, with the curves that belong to its steps.

use super::RunError;
use crate::optim::{History, Record};

/// How many steps curves are kept for.
const FRAMES: usize = 36;
/// Of these, how many first steps come one by one; later ones lie ever farther apart.
const DENSE: usize = 12;
/// How many intervals a curve is sampled in.
const INTERVALS: usize = 40;

/// A training history to show: every step, and for some steps what the model looked like.
///
/// The steps that have a *frame*, with the curves and the losses of that step, are the first twelve, then
/// fewer and fewer, and the last: at most 36.
///
/// ```
/// use gradtape::inspect::Run;
/// use gradtape::nn::dosage::{self, A};
/// use gradtape::optim::{Fitter, Sgd, Stop};
///
/// let stop = Stop::after(20);
/// let fit = Fitter::new(&stop).names(["b3"]).fit(|p| A.ssr(p), &[0.0], &mut Sgd::new(0.1))?;
/// let run = Run::new("only b3", &fit.history)
///     .curves("dosage", "efficacy", &dosage::DATA, [0.0, 1.0], |p, x| {
///         let p = A.place(p);
///         (vec![dosage::blue(&p, x), dosage::orange(&p, x)], dosage::predict(&p, x))
///     })?
///     .parts(["blue", "orange"])
///     .slice("b3", [-0.5, 4.5], |p| A.ssr(p))?;
/// assert_eq!((run.records.len(), run.frames.len()), (21, 21));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Run {
    /// Its name.
    pub name: String,
    /// What the loss is called.
    pub loss: String,
    /// The parameters' names.
    pub parameters: Vec<String>,
    /// The steps, as the fit kept them.
    pub records: Vec<Record>,
    /// How many records there were before [`Run::thinned`] left some out.
    pub thinned_from: Option<usize>,
    /// The records that `curves` and `slice` have a frame for, as indices.
    pub frames: Vec<usize>,
    /// The model over its input, frame by frame.
    pub curves: Option<Curves>,
    /// The loss against one parameter, frame by frame.
    pub slice: Option<Slice>,
}

/// A model of one input over that input: scaled parts, and what their shifted sum predicts.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Curves {
    /// What the input is called.
    pub x: String,
    /// What is predicted.
    pub y: String,
    /// The observations, input and output.
    pub data: Vec<(f64, f64)>,
    /// The inputs at which curves are sampled.
    pub grid: Vec<f64>,
    /// The names of the parts.
    pub parts: Vec<String>,
    /// What the model looked like, for each of [`Run::frames`].
    pub frames: Vec<Frame>,
}

/// The curves at one step.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Frame {
    /// Each part over the grid.
    pub parts: Vec<Vec<f64>>,
    /// The prediction over the grid.
    pub predicted: Vec<f64>,
    /// The prediction for each observation.
    pub at_data: Vec<f64>,
}

/// The loss against one parameter, all others as they are at each step.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Slice {
    /// Which parameter, as an index into [`Run::parameters`].
    pub parameter: usize,
    /// The values it takes.
    pub grid: Vec<f64>,
    /// The losses over the grid, for each of [`Run::frames`]; one for all if only this parameter moves.
    pub losses: Vec<Vec<f64>>,
}

impl Run {
    /// Show a history, every record of it. Parameters without names are called `p0`, `p1`, ...
    ///
    /// An empty history, as of a fit whose very first loss was not finite, makes a run without frames.
    #[must_use]
    pub fn new(name: &str, history: &History) -> Run {
        let count = history.last().map_or(0, |record| record.parameters.len());
        let parameters = match history.names() {
            [] => (0..count).map(|i| format!("p{i}")).collect(),
            names => names.to_vec(),
        };
        Run {
            name: name.into(),
            loss: "loss".into(),
            parameters,
            records: history.records().to_vec(),
            frames: frames(history.len()),
            ..Run::default()
        }
    }

    /// Name the loss; until then it is called `loss`.
    #[must_use]
    pub fn loss_name(mut self, name: &str) -> Run {
        self.loss = name.into();
        self
    }

    /// Sample a model of one input over a range of it, at the steps that have a frame.
    ///
    /// `model` takes the parameters of a step and an input, and gives the parts and the prediction. `x` and
    /// `y` say what its input and its prediction are called; `data` are observations, input and output, at
    /// which it is asked too. A reversed range is turned round. What is not finite is kept as it is.
    ///
    /// The parts are called `part 0`, `part 1`, ... until [`Run::parts`] names them. Curves that were there
    /// before are replaced.
    ///
    /// # Errors
    /// If the ends of the range are equal or not finite, or the model does not give the same number of parts
    /// everywhere.
    ///
    /// ```
    /// use gradtape::inspect::{Run, RunError};
    /// use gradtape::optim::{Sgd, Stop, fit};
    /// let fit = fit(|p| (p[0] * 2.0 - 6.0).square(), &[0.0], &mut Sgd::new(0.1), &Stop::after(3))?;
    /// let run = Run::new("a line", &fit.history);
    /// let line = |p: &[f64], x: f64| (vec![], p[0] * x);
    /// let curves = run.clone().curves("x", "y", &[(2.0, 6.0)], [0.0, 4.0], line)?.curves.unwrap();
    /// assert_eq!(curves.frames[3].at_data, [fit.parameters[0] * 2.0]);
    /// let nothing = run.curves("x", "y", &[], [1.0, 1.0], line);
    /// assert_eq!(nothing, Err(RunError::Range { from: 1.0, to: 1.0 }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn curves(
        mut self,
        x: &str,
        y: &str,
        data: &[(f64, f64)],
        range: [f64; 2],
        model: impl Fn(&[f64], f64) -> (Vec<f64>, f64),
    ) -> Result<Run, RunError> {
        let grid = grid(range)?;
        let records = self.frames.iter().map(|&i| &self.records[i]);
        let mut sampler = Sampler { model, parts: None };
        let frames: Result<Vec<Frame>, RunError> =
            records.map(|record| sampler.frame(record, &grid, data)).collect();
        self.curves = Some(Curves {
            x: x.into(),
            y: y.into(),
            data: data.to_vec(),
            parts: (0..sampler.parts.unwrap_or(0)).map(|i| format!("part {i}")).collect(),
            frames: frames?,
            grid,
        });
        Ok(self)
    }

    /// Name the parts of the curves that were sampled; names beyond their number are left out.
    #[must_use]
    pub fn parts<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Run {
        if let Some(curves) = &mut self.curves {
            for (part, name) in curves.parts.iter_mut().zip(names) {
                *part = name.into();
            }
        }
        self
    }

    /// Sample the loss against one parameter, at the steps that have a frame: the others are as they are in
    /// that step.
    ///
    /// If it is the only parameter the curve is the same in every step, and is sampled once. A reversed range
    /// is turned round. What is not finite is kept as it is. A slice that was there before is replaced.
    ///
    /// # Errors
    /// If no parameter has this name, or the ends of the range are equal or not finite.
    ///
    /// ```
    /// use gradtape::inspect::Run;
    /// use gradtape::optim::{Sgd, Stop, fit};
    /// let fit = fit(|p| p[0].square(), &[4.0], &mut Sgd::new(0.25), &Stop::after(3))?;
    /// let run = Run::new("a parabola", &fit.history);
    /// let wrong = run.clone().slice("p1", [-4.0, 4.0], |p| p[0] * p[0]);
    /// assert_eq!(wrong.unwrap_err().to_string(), "no parameter is called `p1`: there are `p0`");
    /// let slice = run.slice("p0", [-4.0, 4.0], |p| p[0] * p[0])?.slice.unwrap();
    /// assert_eq!((slice.losses.len(), slice.losses[0][0]), (1, 16.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn slice(
        mut self,
        parameter: &str,
        range: [f64; 2],
        loss: impl Fn(&[f64]) -> f64,
    ) -> Result<Run, RunError> {
        let grid = grid(range)?;
        let Some(parameter) = self.parameters.iter().position(|name| name == parameter) else {
            return Err(RunError::UnknownParameter {
                name: parameter.into(),
                known: self.parameters,
            });
        };
        let at = |&record: &usize| -> Vec<f64> {
            let mut parameters = self.records[record].parameters.clone();
            let point = |&x: &f64| {
                parameters[parameter] = x;
                loss(&parameters)
            };
            grid.iter().map(point).collect()
        };
        let different = if self.parameters.len() == 1 { 1 } else { self.frames.len() };
        let losses = self.frames.iter().take(different).map(at).collect();
        self.slice = Some(Slice { parameter, grid, losses });
        Ok(self)
    }

    /// Keep at most `most` records, and remember how many there were.
    ///
    /// The records of the frames always stay, also if they are more than that; the others lie evenly among
    /// the steps.
    ///
    /// ```
    /// use gradtape::inspect::Run;
    /// use gradtape::optim::{Sgd, Stop, fit};
    /// let fit = fit(|p| p[0].square(), &[4.0], &mut Sgd::new(1e-3), &Stop::after(1000))?;
    /// let run = Run::new("a long one", &fit.history).thinned(100);
    /// assert!(run.records.len() <= 100);
    /// assert_eq!((run.records.last(), run.thinned_from), (fit.history.last(), Some(1001)));
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    #[must_use]
    pub fn thinned(mut self, most: usize) -> Run {
        let all = self.records.len();
        if all <= most {
            return self;
        }
        let mut keep = spread(all, most.saturating_sub(self.frames.len()));
        keep.extend(&self.frames);
        keep.sort_unstable();
        keep.dedup();
        if keep.len() == all {
            return self;
        }
        self.frames =
            self.frames.iter().filter_map(|frame| keep.binary_search(frame).ok()).collect();
        self.records = keep.iter().map(|&i| self.records[i].clone()).collect();
        self.thinned_from.get_or_insert(all);
        self
    }
}

/// Asks a model, and sees to it that it always gives the same number of parts.
struct Sampler<M> {
    model: M,
    parts: Option<usize>,
}

impl<M: Fn(&[f64], f64) -> (Vec<f64>, f64)> Sampler<M> {
    fn ask(&mut self, record: &Record, x: f64) -> Result<(Vec<f64>, f64), RunError> {
        let (parts, predicted) = (self.model)(&record.parameters, x);
        let (expected, found) = (*self.parts.get_or_insert(parts.len()), parts.len());
        match found == expected {
            true => Ok((parts, predicted)),
            false => Err(RunError::Parts { expected, found, step: record.step, x }),
        }
    }

    fn frame(
        &mut self,
        record: &Record,
        grid: &[f64],
        data: &[(f64, f64)],
    ) -> Result<Frame, RunError> {
        let mut frame = Frame::default();
        for &x in grid {
            let (parts, predicted) = self.ask(record, x)?;
            frame.parts.resize(parts.len(), Vec::new());
            for (curve, part) in frame.parts.iter_mut().zip(parts) {
                curve.push(part);
            }
            frame.predicted.push(predicted);
        }
        for &(x, _) in data {
            frame.at_data.push(self.ask(record, x)?.1);
        }
        Ok(frame)
    }
}

/// Which of `all` records get a frame: the first ones, then fewer and fewer, and the last.
fn frames(all: usize) -> Vec<usize> {
    if all <= FRAMES {
        return (0..all).collect();
    }
    let (first, last) = (DENSE as f64, (all - 1) as f64);
    let later = FRAMES - DENSE;
    let growing = (0..later).map(|k| {
        let part = k as f64 / (later - 1) as f64;
        (first * (last / first).powf(part)).round() as usize
    });
    let mut frames: Vec<usize> = (0..DENSE).chain(growing).collect();
    frames.dedup();
    frames
}

/// `count` of `all` indices, evenly.
fn spread(all: usize, count: usize) -> Vec<usize> {
    match count {
        0 => vec![],
        1 => vec![0],
        _ => (0..count).map(|k| k * (all - 1) / (count - 1)).collect(),
    }
}

/// Numbers over a range, from the lower end to the upper.
fn grid([from, to]: [f64; 2]) -> Result<Vec<f64>, RunError> {
    let (low, high) = (from.min(to), from.max(to));
    if !(low < high && (high - low).is_finite()) {
        return Err(RunError::Range { from, to });
    }
    let at = |k: usize| match k {
        INTERVALS => high,
        _ => low + (high - low) * k as f64 / INTERVALS as f64,
    };
    Ok((0..=INTERVALS).map(at).collect())
}
