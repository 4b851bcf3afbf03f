//! [`Recipe`]: where training starts, what it moves, and how fast.

use super::super::dense::takes;
use super::network;
use crate::Real;

/// How to train the dosage network by gradient descent on the whole data.
///
/// Only some of the parameters may be trained; the others stay where they start, as constants that
/// record nothing. Change a field to make a variant: `Recipe { learning_rate: 0.1, ..C }`.
///
/// ```
/// use gradtape::{gradient, nn::dosage::{A, C, Recipe}};
/// assert_eq!(A.trained_names(), ["b3"]);
/// let slope = gradient(|b3| A.ssr(b3), &A.trained_start())[0];
/// assert!((slope + 15.655108380577747).abs() < 1e-14);
///
/// let hidden_only = Recipe { trained: &[0, 1, 2, 3], ..C };
/// assert_eq!(hidden_only.place(&[1.0, 2.0, 3.0, 4.0])[3..], [4.0, 0.36, 0.63, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// What is trained, in a few words.
    pub title: &'static str,
    /// All seven parameters at the start, in the order of [`NAMES`](super::NAMES).
    pub start: [f64; 7],
    /// Which of the seven are trained.
    pub trained: &'static [usize],
    /// new = old - learning rate · slope.
    pub learning_rate: f64,
}

/// Main ideas: only b3 is unknown. It ends at b3 = 2.609184730096291.
pub const A: Recipe = Recipe {
    title: "Main ideas: only b3 is unknown",
    start: [3.34, -1.43, -3.53, 0.57, -1.22, -2.30, 0.0],
    trained: &[6],
    learning_rate: 0.1,
};

/// Details, part 1: w3, w4 and b3 together. It ends at -1.215898, -2.303807, 2.606661, where the
/// SSR is 0.
pub const B: Recipe = Recipe {
    title: "Details, part 1: w3, w4 and b3 together",
    start: [3.34, -1.43, -3.53, 0.57, 0.36, 0.63, 0.0],
    trained: &[4, 5, 6],
    learning_rate: 0.1,
};

/// Details, part 2: all seven parameters. With learning rates from 0.01 to 0.03 it ends at the
/// [`PUBLISHED`](super::PUBLISHED) parameters, to two decimals.
///
/// The SSR has many zeros. At a learning rate of 0.1 the first steps overshoot, and descent ends at
/// another one: 3.2616 -1.9333 -3.3466 0.5432 -1.4815 -2.2453 2.4482.
pub const C: Recipe = Recipe {
    title: "Details, part 2: all seven parameters",
    start: [2.74, 0.0, -1.13, 0.0, 0.36, 0.63, 0.0],
    trained: &[0, 1, 2, 3, 4, 5, 6],
    learning_rate: 0.03,
};

/// The three recipes of the explanation, in its order.
pub const ALL: [Recipe; 3] = [A, B, C];

impl Recipe {
    /// List the trained parameters' values at the start.
    #[must_use]
    pub fn trained_start(&self) -> Vec<f64> {
        self.trained.iter().map(|&i| self.start[i]).collect()
    }

    /// List the trained parameters' names.
    #[must_use]
    pub fn trained_names(&self) -> Vec<&'static str> {
        self.trained.iter().map(|&i| network::NAMES[i]).collect()
    }

    /// Put the trained parameters among the others: all seven.
    ///
    /// # Panics
    /// If there are not as many values as trained parameters.
    #[must_use]
    #[track_caller]
    pub fn place<S: Real>(&self, trained: &[S]) -> [S; 7] {
        takes("the recipe", "trained parameters", self.trained.len(), trained.len());
        let mut all = self.start.map(S::from);
        for (&i, &value) in self.trained.iter().zip(trained) {
            all[i] = value;
        }
        all
    }

    /// Compute the [`ssr`](super::ssr) as a function of the trained parameters.
    ///
    /// # Panics
    /// If there are not as many values as trained parameters.
    #[must_use]
    #[track_caller]
    pub fn ssr<S: Real>(&self, trained: &[S]) -> S {
        network::ssr(&self.place(trained))
    }
}
