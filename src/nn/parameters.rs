//! [`Parameters`]: names and shapes over one flat vector; [`Init`]: the random numbers it starts with.

use super::activation::NetworkError;
use crate::Real;
use crate::optim::{Draw, generator};
use crate::text::{counted, list, on_one_line, quoted};
use fastrand::Rng;
use indexmap::IndexMap;
use std::f64::consts::TAU;
use std::fmt;
use std::ops::Range;

/// Named parameters over one flat vector, in the order they were inserted.
///
/// People and reports ask by name; optimizers and front doors take [`as_slice`](Self::as_slice). A
/// parameter has a shape: `[]` is a scalar, `[n]` a vector, `[rows, columns]` a matrix by rows.
///
/// ```
/// use gradtape::nn::Parameters;
/// let mut parameters = Parameters::new();
/// parameters.insert("w", &[2, 2], &[1.0, 2.0, 3.0, 4.0])?;
/// parameters.insert("b", &[], &[0.5])?;
/// assert_eq!(parameters.as_slice(), [1.0, 2.0, 3.0, 4.0, 0.5]);
/// assert_eq!(parameters.range("b")?, 4..5);
/// print!("{parameters}");
/// // name  shape   at    values
/// // w     2 × 2   0..4  1 2 3 4
/// // b     scalar  4..5  0.5
/// assert!(parameters.to_string().ends_with("b     scalar  4..5  0.5\n"));
/// # Ok::<(), gradtape::nn::NetworkError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    values: Vec<f64>,
    blocks: IndexMap<String, Block>,
}

/// Where a parameter lies, and how it is shaped.
#[derive(Clone, Debug, PartialEq)]
struct Block {
    range: Range<usize>,
    shape: Vec<usize>,
}

impl Parameters {
    /// Start without any.
    #[must_use]
    pub fn new() -> Parameters {
        Parameters::default()
    }

    /// Append a parameter; `values` are by rows.
    ///
    /// # Errors
    /// If the name is taken, or the shape does not hold as many values as there are.
    pub fn insert(
        &mut self,
        name: &str,
        shape: &[usize],
        values: &[f64],
    ) -> Result<(), NetworkError> {
        if self.blocks.contains_key(name) {
            let known = self.known();
            return refuse(format!(
                "a parameter is called {} already, choose another name: {known}",
                quoted(name)
            ));
        }
        // Saturated, a shape beyond all memory fits no slice.
        let expected = shape.iter().fold(1, |product: usize, &n| product.saturating_mul(n));
        same_length(&format!("{} takes", quoted(name)), expected, values.len())?;
        let start = self.values.len();
        self.values.extend_from_slice(values);
        let block = Block { range: start..self.values.len(), shape: shape.to_vec() };
        self.blocks.insert(name.into(), block);
        Ok(())
    }

    /// Read a parameter by name.
    ///
    /// # Errors
    /// If there is none of that name; the message lists those there are.
    pub fn get(&self, name: &str) -> Result<&[f64], NetworkError> {
        Ok(&self.values[self.block(name)?.range.clone()])
    }

    /// Overwrite a parameter by name.
    ///
    /// # Errors
    /// If there is none of that name, or it has another number of values.
    pub fn set(&mut self, name: &str, values: &[f64]) -> Result<(), NetworkError> {
        let range = self.range(name)?;
        same_length(&format!("{} takes", quoted(name)), range.len(), values.len())?;
        self.values[range].copy_from_slice(values);
        Ok(())
    }

    /// Find where a parameter lies in the flat vector.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn range(&self, name: &str) -> Result<Range<usize>, NetworkError> {
        Ok(self.block(name)?.range.clone())
    }

    /// Read the shape of a parameter; that of a scalar is empty.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn shape(&self, name: &str) -> Result<&[usize], NetworkError> {
        Ok(&self.block(name)?.shape)
    }

    /// Pick a parameter by name out of another flat vector of this layout: variables, a gradient.
    ///
    /// # Errors
    /// If there is none of that name, or the vector has another length.
    ///
    /// ```
    /// use gradtape::{gradient, nn::Parameters, sum_squares};
    /// let mut parameters = Parameters::new();
    /// parameters.insert("w", &[2], &[1.0, 2.0])?;
    /// parameters.insert("b", &[], &[3.0])?;
    /// let slopes = gradient(|p| sum_squares(p), parameters.as_slice());
    /// assert_eq!(parameters.view("b", &slopes)?, [6.0]);
    /// # Ok::<(), gradtape::nn::NetworkError>(())
    /// ```
    pub fn view<'a, S>(&self, name: &str, flat: &'a [S]) -> Result<&'a [S], NetworkError> {
        let range = self.range(name)?;
        self.fits(flat.len())?;
        Ok(&flat[range])
    }

    /// Label every element of a flat vector of this layout: `b`, `w[3]`, `m[0,2]`.
    ///
    /// For a tape that will be looked at; labels cost time and memory, so training does without.
    ///
    /// # Errors
    /// If the vector has another length.
    ///
    /// ```
    /// use gradtape::{Tape, nn::Parameters};
    /// let mut parameters = Parameters::new();
    /// parameters.insert("w", &[1, 2], &[1.0, 2.0])?;
    /// let tape = Tape::new();
    /// let w = parameters.label(&tape.vars(parameters.as_slice()))?;
    /// assert_eq!((w[0] * w[1]).backward().by_label()["w[0,1]"], 1.0);
    /// # Ok::<(), gradtape::nn::NetworkError>(())
    /// ```
    pub fn label<S: Real>(&self, flat: &[S]) -> Result<Vec<S>, NetworkError> {
        self.fits(flat.len())?;
        Ok(flat.iter().zip(self.element_names()).map(|(&x, name)| x.label(&name)).collect())
    }

    /// Name every element of the flat vector, in order.
    pub fn element_names(&self) -> impl Iterator<Item = String> {
        self.blocks.iter().flat_map(|(name, block)| {
            (0..block.range.len()).map(move |i| format!("{name}{}", subscript(&block.shape, i)))
        })
    }

    /// List the names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.blocks.keys().map(String::as_str)
    }

    /// List names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.blocks.iter().map(|(name, block)| (name.as_str(), &self.values[block.range.clone()]))
    }

    /// Count the elements of all parameters: the length of the flat vector.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Tell whether there is no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Read the flat vector.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        &self.values
    }

    /// Change the flat vector in place.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// Overwrite the flat vector, for instance with what an optimizer found.
    ///
    /// # Errors
    /// If `flat` has another length.
    pub fn assign(&mut self, flat: &[f64]) -> Result<(), NetworkError> {
        self.fits(flat.len())?;
        self.values.copy_from_slice(flat);
        Ok(())
    }

    fn block(&self, name: &str) -> Result<&Block, NetworkError> {
        match self.blocks.get(name) {
            Some(block) => Ok(block),
            None => refuse(format!("no parameter is called {}: {}", quoted(name), self.known())),
        }
    }

    fn fits(&self, found: usize) -> Result<(), NetworkError> {
        same_length("the flat vector of all parameters has", self.len(), found)
    }

    /// The names there are, for messages.
    fn known(&self) -> String {
        match self.blocks.is_empty() {
            true => "there are none yet".to_string(),
            false => format!("there are {}", list(self.names(), quoted, 12)),
        }
    }
}

fn same_length(name: &str, expected: usize, found: usize) -> Result<(), NetworkError> {
    match expected == found {
        true => Ok(()),
        false => refuse(format!("{name} {}, not {found}", counted(expected, "value"))),
    }
}

fn refuse<T>(message: String) -> Result<T, NetworkError> {
    Err(NetworkError(message))
}

/// The place of element `i` in a shape: nothing for a scalar, else `[row,column]`.
fn subscript(shape: &[usize], mut i: usize) -> String {
    let mut places: Vec<String> = Vec::with_capacity(shape.len());
    for &n in shape.iter().rev() {
        places.push((i % n).to_string());
        i /= n;
    }
    places.reverse();
    if places.is_empty() { String::new() } else { format!("[{}]", places.join(",")) }
}

impl fmt::Display for Parameters {
    /// One aligned line a parameter, of a long one the first values; `{:.3}` sets the digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 6;
        let number = |x: &f64| match f.precision() {
            Some(digits) => format!("{x:.digits$}"),
            None => x.to_string(),
        };
        let mut rows = vec![["name", "shape", "at", "values"].map(String::from)];
        for (name, Block { range, shape }) in &self.blocks {
            let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
            let shape = if sizes.is_empty() { "scalar".into() } else { sizes.join(" × ") };
            let values = &self.values[range.clone()];
            let mut shown: Vec<String> = values.iter().take(SHOWN).map(number).collect();
            if values.len() > SHOWN {
                shown.push(format!("and {} more", values.len() - SHOWN));
            }
            rows.push([on_one_line(name), shape, format!("{range:?}"), shown.join(" ")]);
        }
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
        let [a, b, c] = [0, 1, 2].map(|column| width(column).unwrap_or(0));
        for [name, shape, at, values] in &rows {
            writeln!(f, "{name:<a$}  {shape:<b$}  {at:<c$}  {values}")?;
        }
        Ok(())
    }
}

/// Refuse a wrong number of something.
#[inline]
#[track_caller]
pub(super) fn takes(who: &str, what: &str, expected: usize, found: usize) {
    assert!(
        expected == found,
        "{who} takes {expected} {what}, not {found}: give one number for each"
    );
}

/// The numbers in so many rows, which must be possible to count.
#[track_caller]
pub(super) fn size(who: &str, rows: usize, width: usize) -> usize {
    match rows.checked_mul(width) {
        Some(size) if size <= isize::MAX as usize / size_of::<f64>() => size,
        _ => panic!("{who} of {rows} × {width} numbers: give sizes that a memory holds"),
    }
}

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
    /// Uniform in [`low`, `high`), whatever the layer; if the two are equal, all are that.
    Uniform {
        /// The smallest value drawn.
        low: f64,
        /// The end of the interval: not below `low`, and both finite.
        high: f64,
    },
}

impl Init {
    /// Draw the weights of one layer, `fan_out` rows of `fan_in`.
    ///
    /// # Panics
    /// If an interval is not one of finite numbers, from the lower to the higher; if there are more weights than can
    /// be counted.
    #[must_use]
    #[track_caller]
    pub fn weights(self, fan_in: usize, fan_out: usize, seed: u64) -> Vec<f64> {
        self.draw(fan_in, fan_out, &mut generator(seed, Draw::Weights))
    }

    /// Draw the weights of one layer from a generator that goes on to the next.
    #[track_caller]
    pub(super) fn draw(self, fan_in: usize, fan_out: usize, rng: &mut Rng) -> Vec<f64> {
        if let Init::Uniform { low, high } = self {
            assert!(
                low <= high && (high - low).is_finite(),
                "weights are to be drawn between {low} and {high}: give two finite numbers, the lower first"
            );
        }
        let count = size("a layer", fan_out, fan_in);
        let (fan_in_f, both) = (fan_in as f64, fan_in as f64 + fan_out as f64);
        let mut next = || match self {
            Init::XavierUniform => uniform(rng, -(6.0 / both).sqrt(), (6.0 / both).sqrt()),
            Init::XavierNormal => (2.0 / both).sqrt() * normal(rng),
            Init::HeUniform => uniform(rng, -(6.0 / fan_in_f).sqrt(), (6.0 / fan_in_f).sqrt()),
            Init::HeNormal => (2.0 / fan_in_f).sqrt() * normal(rng),
            Init::Uniform { low, high } => uniform(rng, low, high),
        };
        (0..count).map(|_| next()).collect()
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
