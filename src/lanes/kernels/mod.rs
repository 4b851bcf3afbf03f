//! Elementary functions without branches.
//!
//! Each is an ordinary function of one number, written so that a loop over an array of them becomes vector
//! instructions: no branch, no call, no table look-up. None uses a fused multiplication and addition,
//! so that every instruction set gives the same bits.

mod bits;
mod exponential;
mod hyperbolic;
mod logarithm;
mod power;

use super::{Isa, Job};
pub(crate) use exponential::{exp, exp_m1, sigmoid, softplus};
pub(crate) use hyperbolic::{cosh, sinh, tanh};
pub(crate) use logarithm::{ln, ln_1p};
pub use power::pow;

macro_rules! kernels {
    ($($Variant:ident $name:ident $form:literal;)*) => {
        /// An elementary function of one number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Kernel {
            $(#[doc = concat!("`", $form, "`")] $Variant,)*
        }

        impl Kernel {
            /// Every kernel.
            pub const ALL: &'static [Kernel] = &[$(Kernel::$Variant,)*];

            /// Name the function.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Kernel::$Variant => stringify!($name),)*
                }
            }

            /// Compute it for every number of a slice: `y[i] = f(x[i])`.
            ///
            /// # Panics
            /// If `x` and `y` differ in length.
            #[track_caller]
            pub fn map(self, isa: Isa, x: &[f64], y: &mut [f64]) {
                assert!(x.len() == y.len(), "{} results for {} numbers", y.len(), x.len());
                match self {
                    $(Kernel::$Variant => along::$name(isa, x, y),)*
                }
            }
        }

        /// Each kernel along a slice, in a function of its name: `benches/lanes.rs` finds its machine code
        /// by that.
        mod along {
            use super::{Isa, Map};
            $(
                #[inline(never)]
                pub fn $name(isa: Isa, x: &[f64], y: &mut [f64]) {
                    isa.run(Map { x, y, f: super::$name });
                }
            )*
        }
    };
}

kernels! {
    Exp exp "exp(x)";
    ExpM1 exp_m1 "exp(x) - 1";
    Ln ln "ln(x)";
    Ln1p ln_1p "ln(1 + x)";
    Sin sin "sin(x)";
    Cos cos "cos(x)";
    Tan tan "tan(x)";
    Sinh sinh "sinh(x)";
    Cosh cosh "cosh(x)";
    Tanh tanh "tanh(x)";
    Sqrt sqrt "√x";
    Sigmoid sigmoid "1 / (1 + exp(-x))";
    Softplus softplus "ln(1 + exp(x))";
    Erf erf "erf(x)";
}

/// A function applied along a slice.
struct Map<'a, F> {
    x: &'a [f64],
    y: &'a mut [f64],
    f: F,
}

impl<F: Fn(f64) -> f64> Job for Map<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (y, &x) in self.y.iter_mut().zip(self.x) {
            *y = (self.f)(x);
        }
    }
}

macro_rules! of_the_standard_library {
    ($($f:ident)*) => {$(
        #[inline(always)]
        pub(crate) fn $f(x: f64) -> f64 {
            crate::Real::$f(x)
        }
    )*};
}
of_the_standard_library! { sin cos tan sqrt erf }
