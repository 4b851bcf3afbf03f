//! Elementary functions without branches.
//!
//! Each is an ordinary function of one number, written so that a loop over an array of them becomes vector
//! instructions: no branch, no call, no table look-up. None uses a fused multiplication and addition,
//! so that every instruction set gives the same bits.
//!
//! | file | functions |
//! |---|---|
//! | `arithmetic` | the tools: powers of two, heads of numbers, sums and quotients in two parts |
//! | `exponential` | `exp`, `exp_m1`, `sigmoid`, `silu`, `sinh`, `cosh`, `tanh` |
//! | `power` | `ln`, `ln_1p`, `softplus`, [`pow`], `sqrt`, `cbrt`, `round` |
//! | `error` | `erf`, `erfc`, `erfcx`, `gelu` |
//! | `trigonometric` | `sin`, `cos`, `tan`, `atan`, and huge angles one by one |

mod arithmetic;
mod error;
mod exponential;
mod power;
mod trigonometric;

#[cfg(native_code)]
pub(crate) use arithmetic::Number;

use super::isa::{Isa, Job, Target};
use super::{Lanes, WIDTH};
pub(crate) use error::{erf, erfc, erfcx, gelu};
pub(crate) use exponential::{cosh, exp, exp_m1, sigmoid, silu, sinh, tanh};
pub use power::pow;
pub(crate) use power::{cbrt, ln, ln_1p, round, softplus, sqrt};
pub(crate) use trigonometric::{atan, cos, recompute_large, sin, tan};

macro_rules! kernels {
    ($($Variant:ident $name:ident $form:literal $(, beyond $exact:path)?;)*) => {
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
                    $(Kernel::$Variant => slices::$name(isa, x, y),)*
                }
            }
        }

        /// Each kernel over a slice, in a function of its name: the benchmark finds its machine code by
        /// that.
        mod slices {
            use super::{Isa, Job, Target};
            $(
                #[inline(never)]
                pub fn $name(isa: Isa, x: &[f64], y: &mut [f64]) {
                    // A type for each kernel: a function that is passed as a value is inlined only where
                    // it is small.
                    struct Slices<'a> {
                        x: &'a [f64],
                        y: &'a mut [f64],
                    }
                    impl Job for Slices<'_> {
                        type Output = ();
                        #[inline(always)]
                        fn run<T: Target>(self) {
                            for (y, &x) in self.y.iter_mut().zip(self.x) {
                                *y = super::$name(x);
                            }
                        }
                    }
                    isa.available().run(Slices { x, y: &mut *y });
                    $(super::recompute_large(x, y, $exact);)?
                }
            )*
        }

        /// Each kernel over a block, in a function of its own: loops over all operations that had the kernels
        /// in them took minutes to compile.
        pub(crate) mod blocks {
            use super::{Job, Lanes, Target, WIDTH};
            pub(crate) use super::pow_of_blocks as pow;
            $(
                #[inline(always)]
                pub fn $name<T: Target>(x: &Lanes<T>) -> Lanes<T> {
                    struct Block<'a, T>(&'a Lanes<T>);
                    impl<T: Target> Job for Block<'_, T> {
                        type Output = Lanes<T>;
                        #[inline(always)]
                        fn run<I: Target>(self) -> Lanes<T> {
                            let mut y = *self.0;
                            for lane in 0..WIDTH {
                                y.0[lane] = super::$name(self.0.0[lane]);
                            }
                            $(super::recompute_large(&self.0.0, &mut y.0, $exact);)?
                            y
                        }
                    }
                    T::call(Block(x))
                }
            )*
        }
    };
}

/// Kernels that are traced where they are compiled: the same operations in registers, and no call.
#[cfg(native_code)]
pub(crate) mod traced {
    pub(crate) use super::{exp, sigmoid, softplus, tanh};
}

/// Raise every number of a slice to a power of its own: `y[i] = x[i]` to the power `exponents[i]`, as [`pow`] does.
///
/// # Panics
/// If the slices differ in length.
///
/// ```
/// use gradtape::lanes::{Isa, map_pow};
/// let mut y = [0.0; 3];
/// map_pow(Isa::best(), &[2.0, 9.0, -2.0], &[10.0, 0.5, 3.0], &mut y);
/// assert_eq!(y, [1024.0, 3.0, -8.0]);
/// ```
#[inline(never)]
#[track_caller]
pub fn map_pow(isa: Isa, x: &[f64], exponents: &[f64], y: &mut [f64]) {
    struct Slices<'a> {
        x: &'a [f64],
        exponents: &'a [f64],
        y: &'a mut [f64],
    }
    impl Job for Slices<'_> {
        type Output = ();
        #[inline(always)]
        fn run<T: Target>(self) {
            for ((y, &x), &exponent) in self.y.iter_mut().zip(self.x).zip(self.exponents) {
                *y = pow(x, exponent);
            }
        }
    }
    let [numbers, powers, results] = [x.len(), exponents.len(), y.len()];
    assert!(
        numbers == powers && numbers == results,
        "{results} results for {numbers} numbers and {powers} exponents: give as many of each"
    );
    isa.available().run(Slices { x, exponents, y });
}

/// [`pow`] over a block, as [`blocks`] are.
#[inline(always)]
pub(crate) fn pow_of_blocks<T: Target>(x: &Lanes<T>, y: &Lanes<T>) -> Lanes<T> {
    struct Blocks<'a, T>(&'a Lanes<T>, &'a Lanes<T>);
    impl<T: Target> Job for Blocks<'_, T> {
        type Output = Lanes<T>;
        #[inline(always)]
        fn run<I: Target>(self) -> Lanes<T> {
            let mut powers = *self.0;
            for lane in 0..WIDTH {
                powers.0[lane] = pow(self.0.0[lane], self.1.0[lane]);
            }
            powers
        }
    }
    T::call(Blocks(x, y))
}

kernels! {
    Exp exp "exp(x)";
    ExpM1 exp_m1 "exp(x) - 1";
    Ln ln "ln(x)";
    Ln1p ln_1p "ln(1 + x)";
    Sin sin "sin(x)", beyond libm::sin;
    Cos cos "cos(x)", beyond libm::cos;
    Tan tan "tan(x)", beyond libm::tan;
    Atan atan "atan(x)";
    Sinh sinh "sinh(x)";
    Cosh cosh "cosh(x)";
    Tanh tanh "tanh(x)";
    Sqrt sqrt "√x";
    Cbrt cbrt "∛x";
    Round round "x, rounded to an integer";
    Sigmoid sigmoid "1 / (1 + exp(-x))";
    Softplus softplus "ln(1 + exp(x))";
    Silu silu "x / (1 + exp(-x))";
    Gelu gelu "x · Φ(x)";
    Erf erf "erf(x)";
    Erfc erfc "1 - erf(x)";
    Erfcx erfcx "exp(x²) erfc(x)";
}
