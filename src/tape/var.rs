//! [`Var`]: a number that remembers where it is recorded.

use super::serial::CONSTANT;
use super::{record, recording, store};
use crate::Operand;
use crate::op::Op;
use std::fmt;
use std::sync::Arc;

/// A variable: a value, and the place on a tape where it was computed.
///
/// It is 16 bytes, `Copy` and has no lifetime, so it goes wherever an `f64` goes: into your structs,
/// your generic functions, `nalgebra` and `ndarray` containers. Arithmetic on it records; a
/// comparison remembers its outcome as a [`Guard`](super::Guard).
///
/// `Var::from(2.0)` is a constant. It belongs to no tape, and operations between constants are not
/// recorded.
///
/// # Panics
/// Using a variable whose tape was cleared, rewound before it, or dropped, a variable of another
/// thread, or variables of two tapes in one operation panics, in release builds too, with a message
/// that names the tapes and the label. It never gives a silent number.
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let x = tape.var(3.0);
/// let y = x * x + 2.0 / x;
/// assert_eq!(y.backward().wrt(x), 2.0 * 3.0 - 2.0 / 9.0);
/// ```
#[derive(Clone, Copy)]
#[must_use = "a variable that is not used contributes nothing"]
pub struct Var {
    pub(crate) value: f64,
    pub(crate) tag: u64,
}

impl Var {
    /// Make a constant, which belongs to no tape.
    #[inline(always)]
    pub const fn constant(value: f64) -> Var {
        Var { value, tag: CONSTANT }
    }

    /// Tell whether this is a constant.
    #[inline]
    #[must_use]
    pub fn is_constant(self) -> bool {
        self.tag == CONSTANT
    }

    /// Read the value.
    ///
    /// What is computed from it leaves the tape: no derivative flows through, and no guard sees a
    /// branch taken on it.
    #[inline(always)]
    #[must_use]
    pub fn value(self) -> f64 {
        self.value
    }

    /// Find the index of the node on its tape; a constant has none.
    ///
    /// # Panics
    /// If the variable is stale.
    #[must_use]
    #[track_caller]
    pub fn index(self) -> Option<usize> {
        if self.is_constant() {
            return None;
        }
        match recording::find(self.tag) {
            Some((_, index)) => Some(index as usize),
            None => super::misuse::lost(self.tag),
        }
    }

    /// Name the node, for listings, messages and [`Gradient::by_label`](crate::Gradient::by_label).
    ///
    /// A second label replaces the first. A constant has no node and keeps no label.
    ///
    /// # Panics
    /// If the variable is stale.
    #[track_caller]
    pub fn label(self, name: &str) -> Var {
        if !self.is_constant() {
            match recording::find(self.tag) {
                Some((home, i)) => {
                    home.annotated.set(true);
                    Arc::make_mut(&mut home.labels.borrow_mut()).set(i, name);
                }
                None => super::misuse::lost(self.tag),
            }
        }
        self
    }

    #[inline(always)]
    #[track_caller]
    pub(crate) fn unary(self, op: Op, value: f64) -> Var {
        let tag = match store::unary(op, self.tag, value) {
            Some(tag) => tag,
            None => record::unary(op, self.tag, value),
        };
        Var { value, tag }
    }

    #[inline(always)]
    #[track_caller]
    pub(crate) fn binary(self, op: Op, other: Var, value: f64) -> Var {
        match store::binary(op, self.tag, other.tag, value) {
            Some(tag) => Var { value, tag },
            None => record::binary(op, op.forms(), self, other, value),
        }
    }

    /// Record an operation that keeps one constant.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn data(self, op: Op, c: f64, value: f64) -> Var {
        let tag = match store::data(op, self.tag, c, value) {
            Some(tag) => tag,
            None => record::data(op, self.tag, &[c], value),
        };
        Var { value, tag }
    }
}

impl From<f64> for Var {
    #[inline(always)]
    fn from(value: f64) -> Var {
        Var::constant(value)
    }
}

impl Operand for Var {
    type Scalar = Var;
    #[inline(always)]
    fn scalar(self) -> Var {
        self
    }
}

impl Default for Var {
    /// The constant 0.
    fn default() -> Var {
        Var::constant(0.0)
    }
}

impl fmt::Display for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}

impl fmt::Debug for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_constant(), recording::find(self.tag)) {
            (true, _) => write!(f, "Var({:?})", self.value),
            (_, Some((home, i))) => match home.labels.borrow().get(i) {
                Some(label) => write!(f, "Var({:?}, %{i} `{label}`)", self.value),
                None => write!(f, "Var({:?}, %{i})", self.value),
            },
            (_, None) => write!(f, "Var({:?}, stale)", self.value),
        }
    }
}
