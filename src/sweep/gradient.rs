//! The results of sweeps: [`Gradient`], the adjoints by variable or label, and [`Tangents`].

use super::storage::Kept;
use crate::Var;
use crate::tape::serial::{Segment, locate_in};
use crate::tape::{Labels, live, misuse, serial};
use crate::text::OneLine;
use approx::{AbsDiffEq, RelativeEq, UlpsEq};
use indexmap::IndexMap;
use smallvec::SmallVec;
use std::fmt::{self, Write as _};
use std::ops::Index;
use std::sync::Arc;

/// The adjoint `∂output/∂node` of every node, from one reverse sweep.
///
/// It stays valid when the tape is cleared or dropped, and can be reused as the buffer of another
/// sweep: see [`Tape::backward_into`](crate::Tape::backward_into).
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let (x, y) = (tape.var(2.0).label("x"), tape.var(3.0).label("y"));
/// let gradient = (x * y + x).backward();
/// assert_eq!(gradient.wrt(x), 4.0);
/// assert_eq!(gradient[y], 2.0);
/// assert_eq!(gradient.by_label()["y"], 2.0);
/// ```
#[doc(alias = "grad")]
#[derive(Clone, Debug, Default)]
pub struct Gradient {
    /// Adjoints up to the output; later nodes cannot reach it.
    pub(super) adjoints: Kept,
    /// The tape's nodes at the time of the sweep.
    pub(super) segments: SmallVec<[Segment; 1]>,
    /// The id of the tape; none without one.
    pub(super) tape: Option<u64>,
    /// Whether it is that of a constant, which is on no tape.
    pub(super) of_constant: bool,
    pub(super) labels: Option<Arc<Labels>>,
}

/// A variable that a gradient has no adjoint for: its message says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVariable(String);

impl fmt::Display for UnknownVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownVariable {}

impl Gradient {
    /// Make an empty gradient, to be filled by [`Tape::backward_into`](crate::Tape::backward_into).
    #[must_use]
    pub fn new() -> Gradient {
        Gradient::default()
    }

    /// The gradient of a constant: 0 with respect to every variable there is.
    pub(super) fn of_constant() -> Gradient {
        Gradient { of_constant: true, ..Gradient::default() }
    }

    /// Read the derivative with respect to a variable: a leaf or any node on the way.
    ///
    /// It is 0 for a variable that the output does not depend on;
    /// [`Tape::reach`](crate::Tape::reach) tells the kinds of zero apart.
    ///
    /// # Panics
    /// If the variable was not on the tape when the gradient was taken: one of another tape, a stale
    /// or a later one, or a constant. [`try_wrt`](Gradient::try_wrt) returns that as an error. The gradient of a
    /// constant, [`Var::backward`], is 0 with respect to every variable that is alive.
    #[inline]
    #[must_use]
    #[track_caller]
    pub fn wrt(&self, variable: Var) -> f64 {
        *self.read(variable)
    }

    /// Read the derivative with respect to a variable, or say why there is none.
    ///
    /// # Errors
    /// Where [`wrt`](Gradient::wrt) panics.
    pub fn try_wrt(&self, variable: Var) -> Result<f64, UnknownVariable> {
        match self.find(variable.tag) {
            Some(adjoint) => Ok(*adjoint),
            None => Err(UnknownVariable(self.why_unknown(variable))),
        }
    }

    /// Read the derivatives with respect to several variables, in their order.
    ///
    /// # Panics
    /// As [`wrt`](Gradient::wrt).
    #[must_use]
    #[track_caller]
    pub fn wrt_all(&self, variables: &[Var]) -> Vec<f64> {
        variables.iter().map(|&v| self.wrt(v)).collect()
    }

    /// List the derivatives with respect to all labelled nodes, in the order of labelling.
    ///
    /// A label used again gets `#2`, `#3`, ... so that nothing is lost.
    #[must_use]
    pub fn by_label(&self) -> IndexMap<String, f64> {
        let everywhere = self.of_constant.then(live::all_labels);
        let labels = everywhere.as_ref().or(self.labels.as_deref());
        let named = labels.map(Labels::unique).unwrap_or_default();
        named.into_iter().map(|(name, node)| (name, *self.adjoint(node))).collect()
    }

    /// Read the adjoints in tape order, up to the output's node.
    #[must_use]
    pub fn adjoints(&self) -> &[f64] {
        &self.adjoints
    }

    /// The derivative with respect to the variable with this tag.
    #[inline]
    fn find(&self, tag: u64) -> Option<&f64> {
        if tag == serial::CONSTANT {
            return None;
        }
        match locate_in(&self.segments, tag) {
            Some(i) => Some(self.adjoint(i)),
            None if self.of_constant && live::find(tag).is_some() => Some(&0.0),
            None => None,
        }
    }

    fn adjoint(&self, i: u32) -> &f64 {
        self.adjoints.get(i as usize).unwrap_or(&0.0)
    }

    #[inline]
    #[track_caller]
    fn read(&self, variable: Var) -> &f64 {
        match self.find(variable.tag) {
            Some(adjoint) => adjoint,
            None => self.unknown(variable),
        }
    }

    #[cold]
    #[track_caller]
    fn unknown(&self, variable: Var) -> ! {
        panic!("{}", self.why_unknown(variable))
    }

    fn why_unknown(&self, variable: Var) -> String {
        misuse::not_in_gradient(variable.tag, variable.value, self.tape)
    }
}

impl Index<Var> for Gradient {
    type Output = f64;
    #[track_caller]
    fn index(&self, variable: Var) -> &f64 {
        self.read(variable)
    }
}

/// Gradients compare adjoint by adjoint; of different lengths they differ.
impl PartialEq for Gradient {
    fn eq(&self, other: &Gradient) -> bool {
        *self.adjoints == *other.adjoints
    }
}

impl AbsDiffEq for Gradient {
    type Epsilon = f64;
    fn default_epsilon() -> f64 {
        f64::default_epsilon()
    }
    fn abs_diff_eq(&self, other: &Gradient, epsilon: f64) -> bool {
        self.adjoints.abs_diff_eq(&*other.adjoints, epsilon)
    }
}

impl RelativeEq for Gradient {
    fn default_max_relative() -> f64 {
        f64::default_max_relative()
    }
    fn relative_eq(&self, other: &Gradient, epsilon: f64, max_relative: f64) -> bool {
        self.adjoints.relative_eq(&*other.adjoints, epsilon, max_relative)
    }
}

impl UlpsEq for Gradient {
    fn default_max_ulps() -> u32 {
        f64::default_max_ulps()
    }
    fn ulps_eq(&self, other: &Gradient, epsilon: f64, max_ulps: u32) -> bool {
        self.adjoints.ulps_eq(&*other.adjoints, epsilon, max_ulps)
    }
}

/// The tangent of every node in one direction. Made by [`Tape::forward`](crate::Tape::forward).
#[derive(Clone, Debug)]
pub struct Tangents {
    pub(super) tangents: Kept,
    pub(super) segments: SmallVec<[Segment; 1]>,
    pub(super) tape: u64,
}

impl Tangents {
    /// Read the tangents in tape order.
    #[must_use]
    pub fn tangents(&self) -> &[f64] {
        &self.tangents
    }

    /// Read the tangent of a variable: how fast it changes in the direction of the seeds.
    ///
    /// # Panics
    /// If the variable was not on the tape when the sweep was made.
    #[must_use]
    #[track_caller]
    pub fn wrt(&self, variable: Var) -> f64 {
        if variable.tag == serial::CONSTANT {
            return 0.0;
        }
        match locate_in(&self.segments, variable.tag) {
            Some(i) => self.tangents[i as usize],
            None => {
                panic!("{}", misuse::not_in_gradient(variable.tag, variable.value, Some(self.tape)))
            }
        }
    }
}
