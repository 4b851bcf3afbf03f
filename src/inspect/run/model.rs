//! [`Run`]: the steps, and which of them have a frame.

use super::thin::frames;
use crate::optim::{History, Record};

/// A training history to show: every step, and for some steps what the model looked like.
///
/// The steps that have a *frame*, with the curves and the losses of that step, are the first twelve, then
/// fewer and fewer, and the last: at most 36.
///
/// ```
/// use gradtape::inspect::Run;
/// use gradtape::nn::Dosage;
///
/// let dosage = Dosage::main_ideas();
/// let fit = dosage.fit()?;
/// let run = Run::new("only b3", &fit.history)
///     .curves("dosage", "efficacy", &Dosage::DATA.map(<(f64, f64)>::from), [0.0, 1.0], |p, x| {
///         let [blue, orange, green] = dosage.curves(p, x);
///         (vec![blue, orange], green)
///     })?
///     .parts(["blue", "orange"])
///     .slice("b3", [-0.5, 4.5], |p| dosage.ssr(p))?;
/// assert_eq!((run.records.len(), run.frames.len()), (11, 11));
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
}
