//! [`Var`]: a number that remembers where it is recorded.

use super::serial::CONSTANT;
use crate::Operand;
use std::fmt;

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
pub struct Var {
    pub(crate) value: f64,
    pub(crate) tag: u64,
}

impl Var {
    /// Make a constant, which belongs to no tape.
    #[inline(always)]
    #[must_use]
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
    #[doc(alias("detach", "stop_gradient"))]
    #[inline(always)]
    #[must_use]
    pub fn value(self) -> f64 {
        self.value
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
