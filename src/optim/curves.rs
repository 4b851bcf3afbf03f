//! Curves of a model, and losses against a parameter, at the steps of a history that have a frame.

use super::history::{Curves, Frame, History, Record, Slice};
use crate::text::{counted, number, on_one_line};
use std::fmt;

/// How many intervals a curve is sampled in.
const INTERVALS: usize = 40;

impl History {
    /// Sample a model of one input over a range of it, at the steps that have a frame.
    ///
    /// `model` takes the parameters of a step and an input, and gives the parts and the prediction. `x` and
    /// `y` say what its input and its prediction are called; `data` are observations, input and output, at
    /// which it is evaluated too. The ends of the range may be swapped. Values that are not finite are kept.
    ///
    /// The parts are called `part 0`, `part 1`, ... until [`History::parts`] names them. Curves that were there
    /// before are replaced.
    ///
    /// # Errors
    /// If the ends of the range are equal or not finite, or the model does not give the same number of parts
    /// everywhere.
    ///
    /// ```
    /// use gradtape::optim::{CurveError, Sgd, fit};
    /// let fit = fit(|p| (p[0] * 2.0 - 6.0).square(), &[0.0], &mut Sgd::new(0.1), 3)?;
    /// let run = fit.history.named("a line");
    /// let line = |p: &[f64], x: f64| (vec![], p[0] * x);
    /// let curves = run.clone().curves("x", "y", &[(2.0, 6.0)], [0.0, 4.0], line)?.curves.unwrap();
    /// assert_eq!(curves.frames[3].at_data, [fit.parameters[0] * 2.0]);
    /// let nothing = run.curves("x", "y", &[], [1.0, 1.0], line);
    /// assert_eq!(nothing, Err(CurveError::Range { from: 1.0, to: 1.0 }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn curves(
        mut self,
        x: &str,
        y: &str,
        data: &[(f64, f64)],
        range: [f64; 2],
        model: impl Fn(&[f64], f64) -> (Vec<f64>, f64),
    ) -> Result<History, CurveError> {
        let grid = grid(range)?;
        let records = self.frames.iter().map(|&i| &self.records[i]);
        let mut sampler = Sampler { model, parts: None };
        let frames: Result<Vec<Frame>, CurveError> =
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
    pub fn parts<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> History {
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
    /// If it is the only parameter the curve is the same in every step, and is sampled once. The ends of the
    /// range may be swapped. Values that are not finite are kept. An earlier slice is replaced.
    ///
    /// # Errors
    /// If no parameter has this name, or the ends of the range are equal or not finite.
    ///
    /// ```
    /// use gradtape::optim::{Sgd, fit};
    /// let fit = fit(|p| p[0].square(), &[4.0], &mut Sgd::new(0.25), 3)?;
    /// let run = fit.history.named("a parabola");
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
    ) -> Result<History, CurveError> {
        let grid = grid(range)?;
        self = self.complete();
        let Some(parameter) = self.parameters.iter().position(|name| name == parameter) else {
            return Err(CurveError::UnknownParameter {
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
}

/// Evaluates a model, and checks that it always has the same number of parts.
struct Sampler<M> {
    model: M,
    parts: Option<usize>,
}

impl<M: Fn(&[f64], f64) -> (Vec<f64>, f64)> Sampler<M> {
    fn ask(&mut self, record: &Record, x: f64) -> Result<(Vec<f64>, f64), CurveError> {
        let (parts, predicted) = (self.model)(&record.parameters, x);
        let (expected, found) = (*self.parts.get_or_insert(parts.len()), parts.len());
        match found == expected {
            true => Ok((parts, predicted)),
            false => Err(CurveError::Parts { expected, found, step: record.step, x }),
        }
    }

    fn frame(
        &mut self,
        record: &Record,
        grid: &[f64],
        data: &[(f64, f64)],
    ) -> Result<Frame, CurveError> {
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

/// Numbers over a range, from the lower end to the upper.
fn grid([from, to]: [f64; 2]) -> Result<Vec<f64>, CurveError> {
    let (low, high) = (from.min(to), from.max(to));
    if !(low < high && (high - low).is_finite()) {
        return Err(CurveError::Range { from, to });
    }
    let at = |k: usize| match k {
        INTERVALS => high,
        _ => low + (high - low) * k as f64 / INTERVALS as f64,
    };
    Ok((0..=INTERVALS).map(at).collect())
}

/// Say why curves or a slice cannot be added to a [`History`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CurveError {
    /// No parameter has this name.
    UnknownParameter {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// There is nothing between the ends of the range, or one of them is not finite.
    Range {
        /// Its first end.
        from: f64,
        /// Its other end.
        to: f64,
    },
    /// The model has another number of parts here than where it was first asked.
    Parts {
        /// The number of parts at first.
        expected: usize,
        /// The number of parts here.
        found: usize,
        /// The step whose parameters were in use.
        step: usize,
        /// The input.
        x: f64,
    },
}

impl fmt::Display for CurveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CurveError::UnknownParameter { name, known } if known.is_empty() => {
                let name = on_one_line(name);
                write!(f, "no parameter is called `{name}`: the history has no parameters")
            }
            CurveError::UnknownParameter { name, known } => {
                let [name, known] = [name, &known.join("`, `")].map(|text| on_one_line(text));
                write!(f, "no parameter is called `{name}`: there are `{known}`")
            }
            CurveError::Range { from, to } => write!(
                f,
                "there is nothing to sample between {} and {}: give two finite ends that differ",
                number(*from),
                number(*to)
            ),
            CurveError::Parts { expected, found, step, x } => write!(
                f,
                "the model has {} at {} in step {step} and {expected} before: it must give the same parts, in \
                 the same order, everywhere",
                counted(*found, "part"),
                number(*x)
            ),
        }
    }
}

impl std::error::Error for CurveError {}
