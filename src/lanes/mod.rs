//! SIMD lanes: the same operation on several numbers at once, written so that the compiler uses vector
//! instructions.
//!
//! | file | idea |
//! |---|---|
//! | `isa` | [`Isa`]: which instructions, found out at run time, and as types (the only `unsafe` code here) |
//! | `kernels` | elementary functions without branches: [`Kernel`], [`pow`] |
//! | `real` | `Lanes` as a [`Real`](crate::Real), so that the op table runs on it |
//!
//! ```
//! use gradtape::lanes::{Isa, Kernel};
//! let x = [-1.0, 0.0, 0.5, 700.0];
//! let mut y = [0.0; 4];
//! Kernel::Exp.map(Isa::best(), &x, &mut y);
//! assert!((y[2] - 0.5_f64.exp()).abs() <= 2.0 * f64::EPSILON * y[2]);
//! ```

mod isa;
mod kernels;
mod real;

pub use isa::Isa;
pub(crate) use isa::{Available, Baseline, Job, Target, run_baseline};
pub use kernels::{Kernel, map_pow, pow};
#[cfg(native_code)]
pub(crate) use kernels::{Number, traced};
use std::marker::PhantomData;

/// How many numbers are computed with together: one vector of AVX-512, two of AVX2, four of the baseline.
pub(crate) const WIDTH: usize = 8;

/// Numbers that are computed with together, by the instructions `T`. Elementary functions are calls of code that is
/// compiled for these.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Lanes<T = Baseline>(pub [f64; WIDTH], PhantomData<T>);

impl<T: Target> Lanes<T> {
    #[inline(always)]
    pub const fn new(numbers: [f64; WIDTH]) -> Self {
        Lanes(numbers, PhantomData)
    }

    /// The same numbers, for other instructions to compute with.
    #[inline(always)]
    pub fn to<U: Target>(self) -> Lanes<U> {
        Lanes::new(self.0)
    }

    /// The same number in every lane.
    #[inline(always)]
    pub fn splat(x: f64) -> Self {
        Lanes::new([x; WIDTH])
    }

    /// Written out, as those below: a loop of eight in each rule made the crate take twice as long to compile.
    #[inline(always)]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let [a, b, c, d, e, g, h, i] = self.0;
        Lanes::new([f(a), f(b), f(c), f(d), f(e), f(g), f(h), f(i)])
    }

    #[inline(always)]
    pub fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let (x, y) = (self.0, other.0);
        Lanes::new([
            f(x[0], y[0]),
            f(x[1], y[1]),
            f(x[2], y[2]),
            f(x[3], y[3]),
            f(x[4], y[4]),
            f(x[5], y[5]),
            f(x[6], y[6]),
            f(x[7], y[7]),
        ])
    }

    #[inline(always)]
    pub fn zip3(self, b: Self, c: Self, f: impl Fn(f64, f64, f64) -> f64) -> Self {
        let (x, y, z) = (self.0, b.0, c.0);
        Lanes::new([
            f(x[0], y[0], z[0]),
            f(x[1], y[1], z[1]),
            f(x[2], y[2], z[2]),
            f(x[3], y[3], z[3]),
            f(x[4], y[4], z[4]),
            f(x[5], y[5], z[5]),
            f(x[6], y[6], z[6]),
            f(x[7], y[7], z[7]),
        ])
    }
}
