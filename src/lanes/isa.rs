//! [`Isa`]: which vector instructions to use, detected at run time.
//!
//! The code of a [`Job`] is written once, for arrays of numbers, and compiled once per instruction set.
//! This is the only place that knows that there is more than one.

use std::fmt;
#[cfg(not(unoptimized))]
use std::marker::PhantomData;

/// An instruction set that lanes can be computed with.
///
/// All give the same bits: no multiplication and addition are contracted into one rounding, and every
/// elementary function is the same sequence of IEEE operations. Compiled without optimization there is only the
/// code of the baseline, whichever is asked for.
///
/// ```
/// use gradtape::lanes::Isa;
/// assert!(Isa::Baseline.is_available());
/// assert!(Isa::best().is_available());
/// println!("this machine computes lanes with {}", Isa::best());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Isa {
    /// What every machine of the target has: SSE2 on x86-64, NEON on AArch64.
    Baseline,
    /// AVX2 and FMA: four numbers in an instruction.
    Avx2,
    /// AVX-512 (F, VL, DQ, BW): eight numbers in an instruction.
    Avx512,
}

/// Something to compute with one instruction set.
///
/// `run` and all it calls must be `#[inline(always)]`: what is not inlined is compiled for the
/// baseline. What is long is a job of its own, run by [`Target::call`].
pub(crate) trait Job {
    type Output;
    fn run<T: Target>(self) -> Self::Output;
}

/// An instruction set as a type, for code that is compiled for it: [`Available::run`] chooses one.
pub(crate) trait Target: Copy + PartialEq + fmt::Debug + 'static {
    /// The same with all jobs inlined.
    type Inlined: Target;

    /// Run a job with the same instructions, in a function of its own.
    ///
    /// Only for code that [`Available::run`] runs with this type: the machine must have the instructions.
    fn call<J: Job>(job: J) -> J::Output;
}

/// [`Isa::Baseline`] as a type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Baseline;

impl Target for Baseline {
    #[cfg(not(unoptimized))]
    type Inlined = Within<Self>;
    #[cfg(unoptimized)]
    type Inlined = Self;

    #[inline(always)]
    fn call<J: Job>(job: J) -> J::Output {
        baseline(job)
    }
}

/// The same instructions, for code that has the jobs it calls inlined: faster by some nanoseconds a call, and longer.
#[cfg(not(unoptimized))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Within<T>(PhantomData<T>);

#[cfg(not(unoptimized))]
impl<T: Target> Target for Within<T> {
    type Inlined = Self;

    #[inline(always)]
    fn call<J: Job>(job: J) -> J::Output {
        job.run::<Self>()
    }
}

#[cfg(all(target_arch = "x86_64", not(unoptimized)))]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Avx2;

#[cfg(all(target_arch = "x86_64", not(unoptimized)))]
impl Target for Avx2 {
    type Inlined = Within<Self>;

    #[inline(always)]
    #[allow(unsafe_code)]
    fn call<J: Job>(job: J) -> J::Output {
        // SAFETY: the type is private, and only `Available::run` hands it on, after a look at the machine.
        unsafe { avx2(job) }
    }
}

#[cfg(all(target_arch = "x86_64", not(unoptimized)))]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Avx512;

#[cfg(all(target_arch = "x86_64", not(unoptimized)))]
impl Target for Avx512 {
    type Inlined = Within<Self>;

    #[inline(always)]
    #[allow(unsafe_code)]
    fn call<J: Job>(job: J) -> J::Output {
        // SAFETY: as above.
        unsafe { avx512(job) }
    }
}

impl Isa {
    /// Every instruction set, the slowest first.
    pub const ALL: [Isa; 3] = [Isa::Baseline, Isa::Avx2, Isa::Avx512];

    /// Tell whether this machine has it.
    #[must_use]
    #[inline]
    pub fn is_available(self) -> bool {
        match self {
            Isa::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => {
                Isa::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// Find the fastest that this machine has.
    #[must_use]
    #[inline]
    pub fn best() -> Isa {
        Isa::ALL.into_iter().rfind(|isa| isa.is_available()).unwrap_or(Isa::Baseline)
    }

    /// Fall back to the baseline if the machine lacks it; the bits are the same.
    pub(crate) fn available(self) -> Available {
        Available(if self.is_available() { self } else { Isa::Baseline })
    }
}

/// An instruction set that the machine has. Only [`Isa::available`] makes one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Available(Isa);

impl Available {
    pub fn isa(self) -> Isa {
        self.0
    }

    /// Run a job. Where nothing is optimized there is only the code of the baseline: the others would take time to compile
    /// and not be faster.
    #[inline]
    pub fn run<J: Job>(self, job: J) -> J::Output {
        // The machine has the instructions, as `Isa::available` has found.
        match self.0 {
            #[cfg(all(target_arch = "x86_64", not(unoptimized)))]
            Isa::Avx2 => Avx2::call(job),
            #[cfg(all(target_arch = "x86_64", not(unoptimized)))]
            Isa::Avx512 => Avx512::call(job),
            _ => Baseline::call(job),
        }
    }
}

#[cfg(native_code)]
impl Available {
    /// Run a job that has no code for AVX-512: by AVX2 there.
    #[inline]
    pub fn run_up_to_avx2<J: Job>(self, job: J) -> J::Output {
        match self.0 {
            #[cfg(not(unoptimized))]
            Isa::Avx2 | Isa::Avx512 => Avx2::call(job),
            _ => Baseline::call(job),
        }
    }
}

/// Run a job with the instructions of the baseline.
pub(crate) fn run_baseline<J: Job>(job: J) -> J::Output {
    baseline(job)
}

/// A function of its own, as the other two are: unoptimized, `Available::run` would take the stack of all three.
#[inline(never)]
fn baseline<J: Job>(job: J) -> J::Output {
    job.run::<Baseline>()
}

#[cfg(all(target_arch = "x86_64", not(unoptimized)))]
#[target_feature(enable = "avx2,fma")]
#[inline(never)]
fn avx2<J: Job>(job: J) -> J::Output {
    job.run::<Avx2>()
}

#[cfg(all(target_arch = "x86_64", not(unoptimized)))]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
#[inline(never)]
fn avx512<J: Job>(job: J) -> J::Output {
    job.run::<Avx512>()
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Isa::Baseline => "baseline",
            Isa::Avx2 => "AVX2",
            Isa::Avx512 => "AVX-512",
        })
    }
}
