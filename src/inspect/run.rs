//! [`Run`]: a training history, with the curves that belong to its steps.

use crate::optim::{History, Record};

/// How many steps curves are kept for.
const FRAMES: usize = 48;
/// Of these, how many first steps come one by one; later ones lie ever farther apart.
const DENSE: usize = 12;

/// A training history to show: every step, and for some steps what the model looked like.
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
///     })
///     .slice("b3", [-0.5, 4.5], |p| A.ssr(p));
/// assert_eq!(run.records.len(), 21);
/// # Ok::<(), gradtape::optim::FitError>(())
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
    /// Show a history. Parameters without names are called `p0`, `p1`, ...
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

    /// Name the loss.
    #[must_use]
    pub fn loss_name(mut self, name: &str) -> Run {
        self.loss = name.into();
        self
    }

    /// Sample the model over its input at some steps: `model` takes parameters and an input, and gives the
    /// parts and the prediction.
    ///
    /// The parts are called `part 0`, `part 1`, ... until [`Run::parts`] names them.
    #[must_use]
    pub fn curves(
        mut self,
        x: &str,
        y: &str,
        data: &[(f64, f64)],
        range: [f64; 2],
        model: impl Fn(&[f64], f64) -> (Vec<f64>, f64),
    ) -> Run {
        let grid = grid(range, 40);
        let frame = |&record: &usize| {
            let parameters = &self.records[record].parameters;
            let (parts, predicted): (Vec<Vec<f64>>, Vec<f64>) =
                grid.iter().map(|&x| model(parameters, x)).unzip();
            let count = parts.first().map_or(0, Vec::len);
            Frame {
                parts: (0..count).map(|i| parts.iter().map(|p| p[i]).collect()).collect(),
                predicted,
                at_data: data.iter().map(|&(x, _)| model(parameters, x).1).collect(),
            }
        };
        let frames: Vec<Frame> = self.frames.iter().map(frame).collect();
        let count = frames.first().map_or(0, |frame| frame.parts.len());
        self.curves = Some(Curves {
            x: x.into(),
            y: y.into(),
            data: data.to_vec(),
            parts: (0..count).map(|i| format!("part {i}")).collect(),
            grid,
            frames,
        });
        self
    }

    /// Name the parts of the curves; names beyond their number are left out.
    #[must_use]
    pub fn parts<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Run {
        if let Some(curves) = &mut self.curves {
            for (part, name) in curves.parts.iter_mut().zip(names) {
                *part = name.into();
            }
        }
        self
    }

    /// Sample the loss against one parameter at some steps; a name that no parameter has changes nothing.
    #[must_use]
    pub fn slice(mut self, parameter: &str, range: [f64; 2], loss: impl Fn(&[f64]) -> f64) -> Run {
        let Some(parameter) = self.parameters.iter().position(|name| name == parameter) else {
            return self;
        };
        let grid = grid(range, 40);
        let at = |record: usize| -> Vec<f64> {
            let mut parameters = self.records[record].parameters.clone();
            let point = |&x: &f64| {
                parameters[parameter] = x;
                loss(&parameters)
            };
            grid.iter().map(point).collect()
        };
        let losses = match self.parameters.len() {
            1 => self.frames.first().map(|&record| at(record)).into_iter().collect(),
            _ => self.frames.iter().map(|&record| at(record)).collect(),
        };
        self.slice = Some(Slice { parameter, grid, losses });
        self
    }

    /// Keep at most `most` records, those of the frames among them, and remember how many there were.
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
        self.frames =
            self.frames.iter().filter_map(|frame| keep.binary_search(frame).ok()).collect();
        self.records = keep.iter().map(|&i| self.records[i].clone()).collect();
        self.thinned_from.get_or_insert(all);
        self
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

/// `steps` + 1 numbers over a range.
fn grid([from, to]: [f64; 2], steps: usize) -> Vec<f64> {
    let at = |k: usize| from + (to - from) * k as f64 / steps as f64;
    (0..=steps).map(at).collect()
}
