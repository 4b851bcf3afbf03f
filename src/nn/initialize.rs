//! [`Init`]: seeded random weights.

use fastrand::Rng;
use std::f64::consts::TAU;

/// Choose how random weights are drawn. The same seed gives the same weights.
///
/// `fan_in` and `fan_out` are the inputs and the outputs of the layer. The aim of the first two
/// pairs is that values keep their spread from layer to layer. Sources: X. Glorot, Y. Bengio,
/// *Understanding the difficulty of training deep feedforward neural networks*, AISTATS (2010),
/// eqs. (12) and (16), also called Xavier, for tanh, sigmoid and the like; K. He, X. Zhang, S. Ren,
/// J. Sun, *Delving deep into rectifiers*, ICCV (2015), eq. (10), also called Kaiming, for relu and
/// its smooth kin.
///
/// ```
/// use gradtape::nn::Init;
/// let weights = Init::XavierUniform.weights(2, 8, 42);
/// assert_eq!(weights.len(), 16);
/// assert!(weights.iter().all(|w| w.abs() <= (6.0_f64 / 10.0).sqrt()));
/// assert_eq!(weights, Init::XavierUniform.weights(2, 8, 42));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// Uniform in ±√(6 / (fan_in + fan_out)).
    XavierUniform,
    /// Normal with standard deviation √(2 / (fan_in + fan_out)).
    XavierNormal,
    /// Uniform in ±√(6 / fan_in).
    HeUniform,
    /// Normal with standard deviation √(2 / fan_in).
    HeNormal,
    /// Uniform in [`low`, `high`), whatever the layer.
    Uniform {
        /// The smallest value drawn.
        low: f64,
        /// The end of the interval.
        high: f64,
    },
}

impl Init {
    /// Draw the weights of one layer, `fan_out` rows of `fan_in`.
    #[must_use]
    pub fn weights(self, fan_in: usize, fan_out: usize, seed: u64) -> Vec<f64> {
        self.draw(fan_in, fan_out, &mut Rng::with_seed(seed))
    }

    /// Draw the weights of one layer from a generator that goes on to the next.
    pub(super) fn draw(self, fan_in: usize, fan_out: usize, rng: &mut Rng) -> Vec<f64> {
        let (fan_in_f, both) = (fan_in as f64, (fan_in + fan_out) as f64);
        let mut next = || match self {
            Init::XavierUniform => uniform(rng, -(6.0 / both).sqrt(), (6.0 / both).sqrt()),
            Init::XavierNormal => (2.0 / both).sqrt() * normal(rng),
            Init::HeUniform => uniform(rng, -(6.0 / fan_in_f).sqrt(), (6.0 / fan_in_f).sqrt()),
            Init::HeNormal => (2.0 / fan_in_f).sqrt() * normal(rng),
            Init::Uniform { low, high } => uniform(rng, low, high),
        };
        (0..fan_in * fan_out).map(|_| next()).collect()
    }
}

fn uniform(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.f64()
}

/// Draw from the standard normal distribution: G. E. P. Box, M. E. Muller, *A note on the
/// generation of random normal deviates*, Ann. Math. Statist. 29 (1958).
fn normal(rng: &mut Rng) -> f64 {
    // 1 - u is in (0, 1], so its logarithm is finite.
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (TAU * rng.f64()).cos()
}
