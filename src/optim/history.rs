//! [`Record`] of one step, [`History`] of all.

/// The state before the step with its number: a point, and the loss and its gradient there.
#[derive(Clone, Debug, PartialEq)]
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

/// What happened in a fit: one [`Record`] a step, from the start to the end.
///
/// It holds two numbers a parameter and step;
/// [`Fitter::record_every`](super::Fitter::record_every) thins it for long fits.
///
/// ```
/// use gradtape::optim::{Sgd, fit};
///
/// let fit = fit(|p| p[0].square(), &[4.0], &mut Sgd::new(0.25), 3)?;
/// assert_eq!(fit.history.losses().collect::<Vec<_>>(), [16.0, 4.0, 1.0, 0.25]);
/// for record in fit.history.records() {
///     println!("{:>3} {:>8} {:>8}", record.step, record.parameters[0], record.gradient[0]);
/// }
/// # Ok::<(), gradtape::optim::FitError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    records: Vec<Record>,
    names: Vec<String>,
    every: usize,
}

impl History {
    pub(super) fn new(names: Vec<String>, every: usize) -> History {
        History { records: Vec::new(), names, every }
    }

    /// Keep a record if its turn has come.
    pub(super) fn offer(&mut self, record: &Record) {
        if record.step.is_multiple_of(self.every) {
            self.records.push(record.clone());
        }
    }

    /// Keep a record as the last one, whosever turn it is.
    pub(super) fn close(&mut self, record: &Record) {
        if self.last().is_none_or(|last| last.step != record.step) {
            self.records.push(record.clone());
        }
    }

    /// Read the records kept, in the order of steps.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Read the losses of the records kept.
    pub fn losses(&self) -> impl Iterator<Item = f64> {
        self.records.iter().map(|record| record.loss)
    }

    /// Read the values that one parameter took, or nothing if no parameter has this name.
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
        let i = self.names.iter().position(|known| known == name)?;
        Some(self.records.iter().map(move |record| record.parameters[i]))
    }

    /// Read the names of the parameters; none if none were given.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Read the last record. It is that of the end of the fit.
    #[must_use]
    pub fn last(&self) -> Option<&Record> {
        self.records.last()
    }

    /// Count the records kept: one more than there were steps, unless thinned.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Tell whether there is no record, as when the very first loss was not finite.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The name that messages call a parameter by.
    pub(super) fn name(&self, parameter: usize) -> String {
        match self.names.get(parameter) {
            Some(name) => format!("`{name}`"),
            None => format!("`parameters[{parameter}]`"),
        }
    }
}
