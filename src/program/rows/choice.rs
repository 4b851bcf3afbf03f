//! [`Choice`]: which engine runs a program over rows, for each purpose and number of rows, and the native code once it is made.
//!
//! Native code is made where it has been shown to be worth it, by the rule for renting skis (Karlin, Manasse, Rudolph and
//! Sleator, 1988: competitive snoopy caching): rent until the rent would have bought a pair. So it costs at most twice of
//! what is best, whatever comes.
//!
//! ```text
//! native(purpose, rows):
//!     if code is made, or refused: that
//!     blocks[purpose, shape] += blocks of eight rows of this run
//!     if they are at least PAYS, or native code is asked for: make it
//! ```
//!
//! The blocks of a run count before it runs, so that a long first run has native code already, and that nothing is
//! allocated later.

use super::kind::{Kind, Refusal};
use super::split::Split;
#[cfg(native_code)]
use super::trace::compile;
use crate::lanes::Isa;
#[cfg(native_code)]
use crate::native::{Code, Form};
use crate::program::body::Body;
use crate::program::engine::Engine;
use crate::program::workspace::WIDTH;
use std::fmt;
use std::sync::Arc;
#[cfg(native_code)]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// After how many blocks native code has paid for itself, roughly. Of the benchmarks it was 20 to 180 blocks where rows are
/// arithmetic, and 1200 where they are exponentials, on a quiet machine; more on a busy one, and where code is long.
const PAYS: u64 = 512;

/// The native code of a program, for one purpose.
#[cfg(native_code)]
pub(super) type Native<'a> = &'a Code;
/// There is none, on this system or without the feature.
#[cfg(not(native_code))]
pub(super) type Native<'a> = &'a std::convert::Infallible;

/// What was made, or why not.
type Made<'a> = Result<Native<'a>, Refusal>;

/// What is known of a program's engines. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Choice(Arc<[OfKind; 4]>);

/// What is known for one [`Kind`], in its order.
#[derive(Default)]
struct OfKind {
    /// How many blocks have been run for each [`Shape`], as far as that was asked.
    blocks: [AtomicU64; Shape::COUNT],
    /// The same.
    #[cfg(native_code)]
    made: [OnceLock<Result<Code, Refusal>>; Shape::COUNT],
}

/// Whom the engine of a run is chosen for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub split: &'a Split,
    pub body: &'a Body,
    pub engine: Engine,
    pub isa: Isa,
}

/// What runs, and why.
pub(super) enum Runs {
    Native { bytes: usize, why: &'static str },
    Interpreter(String),
}

impl Choice {
    /// Choose for a run of so many rows. None for the interpreter.
    #[inline]
    pub fn native(&self, kind: Kind, rows: usize, asked: &Asked<'_>) -> Option<Native<'_>> {
        let known = &self.0[kind as usize];
        let mut shapes = shapes(asked).ok()?.iter().copied();
        let shape = shapes.find(|shape| rows <= shape.rows())?;
        if let Some(made) = known.made(shape) {
            return made.ok();
        }
        let blocks = rows.div_ceil(WIDTH) as u64;
        let counted = &known.blocks[shape as usize];
        let blocks = counted.fetch_add(blocks, Relaxed).saturating_add(blocks);
        let pays = asked.engine == Engine::Native || blocks >= PAYS;
        if pays { known.make(shape, kind, asked).ok() } else { None }
    }

    /// Say what the next run has.
    pub fn runs(&self, kind: Kind, asked: &Asked<'_>) -> Runs {
        let known = &self.0[kind as usize];
        // That for the most rows.
        let made = shapes(asked).map(|all| all.iter().rev().find_map(|&shape| known.made(shape)));
        let blocks = known.blocks.iter().map(|blocks| blocks.load(Relaxed)).max().unwrap_or(0);
        let asked_for = asked.engine == Engine::Native;
        Runs::Interpreter(match made {
            Err(why) => why.to_string(),
            Ok(Some(Ok(code))) => {
                let why = if asked_for { "asked for" } else { "it pays" };
                return Runs::Native { bytes: bytes(code), why };
            }
            Ok(Some(Err(refusal))) => refusal.to_string(),
            Ok(None) => match refusal(kind, asked) {
                Some(refusal) => refusal.to_string(),
                None if asked_for => "native code is made at the first run".to_string(),
                None => format!("native code does not pay yet: {blocks} of {PAYS} blocks"),
            },
        })
    }
}

#[cfg(native_code)]
fn bytes(code: Native<'_>) -> usize {
    code.bytes()
}

#[cfg(not(native_code))]
fn bytes(code: Native<'_>) -> usize {
    match *code {}
}

/// What native code is made for: an instruction set, and how many rows there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// AVX2, a block at a time.
    Avx2,
    /// AVX2, several blocks at a time.
    Avx2Many,
    /// AVX-512, at most four rows: half a block.
    Avx512Few,
    /// AVX-512, a block at a time.
    Avx512,
    /// AVX-512, several blocks at a time.
    Avx512Many,
}

impl Shape {
    const COUNT: usize = Shape::Avx512Many as usize + 1;

    /// The most rows that it is made for.
    fn rows(self) -> usize {
        match self {
            Shape::Avx512Few => WIDTH / 2,
            Shape::Avx2 | Shape::Avx512 => 3 * WIDTH,
            Shape::Avx2Many | Shape::Avx512Many => usize::MAX,
        }
    }
}

/// What there is native code for, from few rows to many, or why there is none.
fn shapes(asked: &Asked<'_>) -> Result<&'static [Shape], &'static str> {
    if asked.engine == Engine::Interpreter {
        return Err("asked for");
    }
    if cfg!(not(native_code)) {
        return Err(match cfg!(feature = "native") {
            false => "built without the feature `native`",
            true => "native code is for x86-64 under Unix",
        });
    }
    match asked.isa {
        Isa::Avx512 => Ok(&[Shape::Avx512Few, Shape::Avx512, Shape::Avx512Many]),
        Isa::Avx2 => Ok(&[Shape::Avx2, Shape::Avx2Many]),
        Isa::Baseline if Isa::Avx2.is_available() => Err("the baseline was asked for"),
        Isa::Baseline => Err("this processor has no AVX2"),
    }
}

/// What is refused before anything is made.
fn refusal(kind: Kind, asked: &Asked<'_>) -> Option<Refusal> {
    // A sweep over custom operations is a careful one.
    let calls = if kind.sweeps() { &asked.body.code.calls } else { &asked.split.row.code.calls };
    (!calls.is_empty()).then_some(Refusal::CustomOperations)
}

#[cfg(native_code)]
impl OfKind {
    #[inline]
    fn made(&self, shape: Shape) -> Option<Made<'_>> {
        self.made[shape as usize].get().map(|made| made.as_ref().map_err(|&refusal| refusal))
    }

    #[cold]
    fn make(&self, shape: Shape, kind: Kind, asked: &Asked<'_>) -> Made<'_> {
        let make = || match refusal(kind, asked) {
            Some(refusal) => Err(refusal),
            None => {
                let (form, blocks) = match shape {
                    Shape::Avx2 => (Form::Vex4, 1),
                    Shape::Avx2Many => (Form::Vex4, 4),
                    Shape::Avx512Few => (Form::Evex4, 1),
                    Shape::Avx512 => (Form::Evex8, 1),
                    Shape::Avx512Many => (Form::Evex8, 4),
                };
                compile(asked.split, asked.body, kind, form, blocks).ok_or(Refusal::NotExecutable)
            }
        };
        self.made[shape as usize].get_or_init(make).as_ref().map_err(|&refusal| refusal)
    }
}

#[cfg(not(native_code))]
impl OfKind {
    fn made(&self, _: Shape) -> Option<Made<'_>> {
        None
    }

    fn make(&self, _: Shape, _: Kind, _: &Asked<'_>) -> Made<'_> {
        Err(Refusal::NotExecutable)
    }
}

/// Nothing: what a program has run is no part of it.
impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choice")
    }
}
