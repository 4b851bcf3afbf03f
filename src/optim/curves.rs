//! Curves of a model, and losses against a parameter, at the steps of a history that have a frame.

use super::error::{FitError, setting};
use super::history::{Curves, Frame, History, Record, Slice};
use crate::text::{counted, list, number, quoted};

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
    /// use gradtape::optim::{Sgd, fit};
    /// let fit = fit(|p| (p[0] * 2.0 - 6.0).square(), &[0.0], &mut Sgd::new(0.1), 3)?;
    /// let run = fit.history.named("a line");
    /// let line = |p: &[f64], x: f64| (vec![], p[0] * x);
    /// let curves = run.curves("x", "y", &[(2.0, 6.0)], [0.0, 4.0], line)?.curves.unwrap();
    /// assert_eq!(curves.frames[3].at_data, [fit.parameters[0] * 2.0]);
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    pub fn curves(
        mut self,
        x: &str,
        y: &str,
        data: &[(f64, f64)],
        range: [f64; 2],
        model: impl Fn(&[f64], f64) -> (Vec<f64>, f64),
    ) -> Result<History, FitError> {
        let grid = grid(range)?;
        let mut count = None;
        let mut ask = |record: &Record, x: f64| {
            let (parts, predicted) = model(&record.parameters, x);
            let (expected, found) = (*count.get_or_insert(parts.len()), parts.len());
            if found == expected {
                return Ok((parts, predicted));
            }
            let (found, x, step) = (counted(found, "part"), number(x), record.step);
            setting(format!(
                "the model has {found} at {x} in step {step} and {expected} before: it must give the same \
                 parts, in the same order, everywhere"
            ))
        };
        let mut frames = Vec::with_capacity(self.frames.len());
        for &i in &self.frames {
            let (record, mut frame) = (&self.records[i], Frame::default());
            for &x in &grid {
                let (parts, predicted) = ask(record, x)?;
                frame.parts.resize(parts.len(), Vec::new());
                frame.parts.iter_mut().zip(parts).for_each(|(curve, part)| curve.push(part));
                frame.predicted.push(predicted);
            }
            for &(x, _) in data {
                frame.at_data.push(ask(record, x)?.1);
            }
            frames.push(frame);
        }
        self.curves = Some(Curves {
            x: x.into(),
            y: y.into(),
            data: data.to_vec(),
            parts: (0..count.unwrap_or(0)).map(|i| format!("part {i}")).collect(),
            frames,
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
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    pub fn slice(
        mut self,
        parameter: &str,
        range: [f64; 2],
        loss: impl Fn(&[f64]) -> f64,
    ) -> Result<History, FitError> {
        let grid = grid(range)?;
        self = self.complete();
        let Some(parameter) = self.parameters.iter().position(|name| name == parameter) else {
            let known = match self.parameters.is_empty() {
                true => "the history has no parameters".to_string(),
                false => {
                    format!("there are {}", list(self.parameters.iter(), |name| quoted(name), 12))
                }
            };
            let name = quoted(parameter);
            return setting(format!("no parameter is called {name}: {known}"));
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

/// Numbers over a range, from the lower end to the upper.
fn grid([from, to]: [f64; 2]) -> Result<Vec<f64>, FitError> {
    let (low, high) = (from.min(to), from.max(to));
    if !(low < high && low.is_finite() && high.is_finite()) {
        let (from, to) = (number(from), number(to));
        return setting(format!(
            "there is nothing to sample between {from} and {to}: give two finite ends that differ"
        ));
    }
    let at = |k: usize| match k {
        INTERVALS => high,
        // Of a range so wide that the differences of numbers in it overflow, each end has its share.
        _ if ((high - low) * INTERVALS as f64).is_infinite() => {
            let share = k as f64 / INTERVALS as f64;
            low * (1.0 - share) + high * share
        }
        _ => low + (high - low) * k as f64 / INTERVALS as f64,
    };
    Ok((0..=INTERVALS).map(at).collect())
}
