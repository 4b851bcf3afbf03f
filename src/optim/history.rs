//! [`Record`] of one step, [`History`] of all, [`Reason`] of the end, with what a model looked like at some of them.

use crate::text::{brief, counted, number, quoted};
use std::fmt;

/// The state before the step with its number: a point, and the loss and its gradient there.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// How many steps led here; 0 is the start.
    pub step: usize,
    /// The loss at these parameters.
    pub loss: f64,
    /// The parameters.
    pub parameters: Vec<f64>,
    /// The gradient of the loss at these parameters.
    pub gradient: Vec<f64>,
    /// The learning rate of the step that follows.
    pub learning_rate: f64,
}

impl Record {
    /// Start a record at a point where nothing is computed yet.
    pub(super) fn at(parameters: &[f64]) -> Record {
        Record {
            step: 0,
            loss: f64::NAN,
            parameters: parameters.to_vec(),
            gradient: vec![f64::NAN; parameters.len()],
            learning_rate: f64::NAN,
        }
    }
}

/// Which rule ended a fit. If several held at once, the observer's goes first, then the loss, the
/// gradient, the step size and the number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Reason {
    /// All steps were taken.
    Steps,
    /// The last step changed no parameter by more than [`Fitter::stop_at_step_size`](super::Fitter::stop_at_step_size) says.
    StepSize,
    /// The gradient is no longer than [`Fitter::stop_at_gradient_norm`](super::Fitter::stop_at_gradient_norm) says.
    GradientNorm,
    /// The loss is no more than [`Fitter::stop_at_loss`](super::Fitter::stop_at_loss) says.
    Loss,
    /// The observer broke off.
    Observer,
    /// All epochs of a [`Training`](super::Training) were run.
    Epochs,
    /// The loss of a [`Training`](super::Training) has not become better for as many epochs as its patience has.
    Patience,
}

impl fmt::Display for Reason {
    /// What happened, to follow "stopped because".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Steps => "all steps were taken",
            Reason::StepSize => "the step size is close to 0",
            Reason::GradientNorm => "the gradient is close to 0",
            Reason::Loss => "the loss is low enough",
            Reason::Observer => "the observer asked for it",
            Reason::Epochs => "all epochs were run",
            Reason::Patience => "the loss has not become better for a while",
        })
    }
}

/// What happened in a fit: the loss at every step, a [`Record`] of every step or of some, and, if asked for, what the
/// model looked like at some of them.
///
/// A record holds two numbers a parameter, so those of a long fit of many parameters do not all stay: not more than
/// 4 MiB of them, or 48 if these take more. Once there are more, every second one goes, and from then on every second
/// is kept, then every fourth, and so on; the first twelve and the last always stay. Then
/// [`thinned_from`](History::thinned_from) says how many there were.
/// [`Fitter::record_every`](super::Fitter::record_every) keeps all of them, or as many as you like.
///
/// Of the records, those that [`curves`](History::curves) and [`slice`](History::slice) sample are the *frames*: the
/// first twelve, then fewer and fewer, and the last, at most 36. A [`Report`](crate::inspect::Report) shows a history as
/// animated panels.
///
/// ```
/// use gradtape::optim::{Sgd, fit};
///
/// let fit = fit(|p| p[0].square(), &[4.0], &mut Sgd::new(0.25), 3)?;
/// assert_eq!(fit.history.losses, [16.0, 4.0, 1.0, 0.25]);
/// for record in &fit.history.records {
///     println!("{:>3} {:>8} {:>8}", record.step, record.parameters[0], record.gradient[0]);
/// }
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct History {
    /// Its name; empty until [`named`](History::named).
    pub name: String,
    /// What the loss is called; empty until [`named`](History::named).
    pub loss: String,
    /// The names of the parameters; none if none were given, until [`named`](History::named) numbers them.
    pub parameters: Vec<String>,
    /// The loss at every step, the start being the first, whichever records are kept.
    pub losses: Vec<f64>,
    /// The records kept, in the order of steps. The last is that of the end of the fit.
    pub records: Vec<Record>,
    /// How many records there were before some were left out, to bound the memory or by
    /// [`thinned`](History::thinned).
    pub thinned_from: Option<usize>,
    /// The rule that ended the fit; none if an error did.
    pub reason: Option<Reason>,
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
    /// What the model looked like, for each of [`History::frames`].
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
    /// Which parameter, as an index into [`History::parameters`].
    pub parameter: usize,
    /// The values it takes.
    pub grid: Vec<f64>,
    /// The losses over the grid, for each of [`History::frames`]; one for all if only this parameter moves.
    pub losses: Vec<Vec<f64>>,
}

/// How many steps curves are kept for.
const FRAMES: usize = 36;
/// Of these, how many first steps come one by one; later ones lie ever farther apart.
const DENSE: usize = 12;

impl History {
    pub(super) fn new(parameters: Vec<String>) -> History {
        History { parameters, ..History::default() }
    }

    /// A history of losses alone, each with its step and learning rate, as epochs have them.
    pub(crate) fn of_losses(losses: impl Iterator<Item = (usize, f64, f64)>) -> History {
        let record = |(step, loss, learning_rate)| {
            let [parameters, gradient] = [Vec::new(), Vec::new()];
            Record { step, loss, parameters, gradient, learning_rate }
        };
        let records: Vec<Record> = losses.map(record).collect();
        History { frames: frames(records.len()), records, ..History::default() }
    }

    /// Name the history, as a report shows it. Parameters without names are called `p0`, `p1`, ..., and the loss
    /// `loss`.
    #[must_use]
    pub fn named(mut self, name: &str) -> History {
        self.name = name.into();
        self.complete()
    }

    /// Name what has no name yet.
    pub(crate) fn complete(mut self) -> History {
        if self.parameters.is_empty() {
            let count = self.records.last().map_or(0, |record| record.parameters.len());
            self.parameters = (0..count).map(|i| format!("p{i}")).collect();
        }
        if self.loss.is_empty() {
            self.loss = "loss".into();
        }
        self
    }

    /// Name the loss; until then it is called `loss`.
    #[must_use]
    pub fn loss_name(mut self, name: &str) -> History {
        self.loss = name.into();
        self
    }

    /// Read the values that one parameter took, in the records kept, or nothing if no parameter has this name.
    ///
    /// ```
    /// use gradtape::optim::{Fitter, Sgd};
    /// let fit = Fitter::new(|p| p[0].square(), &[4.0]).names(["x"]).fit(&mut Sgd::new(0.25), 2)?;
    /// assert_eq!(fit.history.values_of("x").unwrap().collect::<Vec<_>>(), [4.0, 2.0, 1.0]);
    /// assert!(fit.history.values_of("y").is_none());
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    #[must_use]
    pub fn values_of(&self, name: &str) -> Option<impl Iterator<Item = f64>> {
        let i = self.parameters.iter().position(|known| known == name)?;
        Some(self.records.iter().map(move |record| record.parameters[i]))
    }

    /// Keep at most `most` records, and remember how many there were.
    ///
    /// The records of the frames always stay, also if they are more than that; the others lie evenly among
    /// the steps.
    ///
    /// ```
    /// use gradtape::optim::{Sgd, fit};
    /// let fit = fit(|p| p[0].square(), &[4.0], &mut Sgd::new(1e-3), 1000)?;
    /// let thinned = fit.history.clone().thinned(100);
    /// assert!(thinned.records.len() <= 100);
    /// assert_eq!(thinned.records.last(), fit.history.records.last());
    /// assert_eq!(thinned.thinned_from, Some(1001));
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    #[must_use]
    pub fn thinned(mut self, most: usize) -> History {
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

    /// The name that messages call a parameter by.
    pub(super) fn parameter(&self, i: usize) -> String {
        match self.parameters.get(i) {
            Some(name) => quoted(name),
            None => format!("`parameters[{i}]`"),
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record { step, loss, parameters, gradient, learning_rate } = self;
        let ([loss, rate], [at, slopes]) =
            ([loss, learning_rate].map(|&x| number(x)), [parameters, gradient].map(|x| brief(x)));
        write!(f, "Record(step {step}: loss {loss} at {at}, gradient {slopes}, rate {rate})")
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (losses, records) = (self.losses.len(), counted(self.records.len(), "record"));
        let named =
            if self.name.is_empty() { String::new() } else { format!("{}: ", quoted(&self.name)) };
        write!(f, "History({named}{losses} losses, {records}")?;
        if let (Some(first), Some(last)) = (self.records.first(), self.records.last()) {
            let losses = [first, last].map(|record| number(record.loss));
            write!(
                f,
                " of steps {} to {}, loss {} to {}",
                first.step, last.step, losses[0], losses[1]
            )?;
        }
        f.write_str(")")
    }
}

/// Which records a fit keeps.
pub(super) struct Keep {
    /// Of every so many steps, if asked for.
    every: Option<usize>,
    /// Otherwise of every so many, as many as there is room for.
    stride: usize,
}

/// How many numbers of records are kept unless otherwise asked for: 4 MiB.
const NUMBERS: usize = 1 << 19;
/// How many records are kept although they are more numbers.
const LEAST: usize = 48;

impl Keep {
    pub fn new(every: Option<usize>) -> Keep {
        Keep { every, stride: 1 }
    }

    /// Keep a loss, and its record if its step is one of those to keep.
    pub fn record(&mut self, history: &mut History, record: &Record) {
        history.losses.push(record.loss);
        let stays = |step: usize, stride| step < DENSE || step.is_multiple_of(stride);
        match self.every {
            Some(every) if !record.step.is_multiple_of(every) => {}
            None if !stays(record.step, self.stride) => {}
            _ => history.records.push(record.clone()),
        }
        let most = (NUMBERS / (2 * record.parameters.len())).max(LEAST);
        if self.every.is_none() && history.records.len() > most {
            self.stride *= 2;
            history.records.retain(|record| stays(record.step, self.stride));
        }
    }

    /// Keep a record as the last one.
    pub fn last(&self, history: &mut History, record: &Record) {
        if history.records.last().is_none_or(|last| last.step != record.step) {
            history.records.push(record.clone());
        }
        if self.stride > 1 {
            history.thinned_from = Some(record.step + 1);
        }
        history.frames = frames(history.records.len());
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

/// At most `count` of `all` indices, evenly, the first and the last among them if there are two.
pub(crate) fn spread(all: usize, count: usize) -> Vec<usize> {
    match count {
        0 => vec![],
        _ if count >= all => (0..all).collect(),
        1 => vec![0],
        _ => (0..count).map(|k| k * (all - 1) / (count - 1)).collect(),
    }
}
