//! [`Isa`]: which vector instructions to use, detected at run time.
//!
//! The code of a [`Job`] is written once, for arrays of numbers, and compiled once per instruction set.
//! This is the only place that knows that there is more than one.

use std::fmt;

/// An instruction set that lanes can be computed with.
///
/// All give the same bits: no multiplication and addition are contracted into one rounding, and every
/// elementary function is the same sequence of IEEE operations.
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
/// baseline.
pub(crate) trait Job {
    type Output;
    fn run(self) -> Self::Output;
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

    /// Run a job.
    #[inline]
    pub fn run<J: Job>(self, job: J) -> J::Output {
        match self.0 {
            // SAFETY: the machine has the instructions, as `Isa::available` has found.
            #[cfg(target_arch = "x86_64")]
            #[allow(unsafe_code)]
            Isa::Avx2 => unsafe { avx2(job) },
            // SAFETY: as above, checked by `Isa::available`.
            #[cfg(target_arch = "x86_64")]
            #[allow(unsafe_code)]
            Isa::Avx512 => unsafe { avx512(job) },
            _ => baseline(job),
        }
    }
}

/// Run a job with the instructions of the baseline.
pub(crate) fn run_baseline<J: Job>(job: J) -> J::Output {
    baseline(job)
}

/// A function of its own, as the other two are: unoptimized, a loop over all operations takes half a megabyte of
/// stack, and `Available::run` would take that again for what it does not run.
#[inline(never)]
fn baseline<J: Job>(job: J) -> J::Output {
    job.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<J: Job>(job: J) -> J::Output {
    job.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
fn avx512<J: Job>(job: J) -> J::Output {
    job.run()
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
