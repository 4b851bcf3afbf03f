//! SIMD lanes: the same operation on several numbers at once, written so that the compiler uses vector
//! instructions.
//!
//! | file | idea |
//! |---|---|
//! | `isa` | [`Isa`]: which instructions, found out at run time (the only `unsafe` code here) |
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
pub(crate) use isa::{Available, Job, run_baseline};
pub use kernels::{Kernel, map_pow, pow};

/// `W` numbers, computed with together.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Lanes<const W: usize>(pub [f64; W]);

impl<const W: usize> Lanes<W> {
    /// The same number in every lane.
    #[inline(always)]
    pub fn splat(x: f64) -> Self {
        Lanes([x; W])
    }

    #[inline(always)]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let mut out = self;
        for lane in 0..W {
            out.0[lane] = f(self.0[lane]);
        }
        out
    }

    #[inline(always)]
    pub fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut out = self;
        for lane in 0..W {
            out.0[lane] = f(self.0[lane], other.0[lane]);
        }
        out
    }

    #[inline(always)]
    pub fn zip3(self, b: Self, c: Self, f: impl Fn(f64, f64, f64) -> f64) -> Self {
        let mut out = self;
        for lane in 0..W {
            out.0[lane] = f(self.0[lane], b.0[lane], c.0[lane]);
        }
        out
    }
}
