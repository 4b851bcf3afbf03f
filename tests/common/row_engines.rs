//! One case on every engine and instruction set: the interpreter of the baseline says what is right.

#![allow(dead_code, reason = "each test uses its part")]

use super::row_cases::Case;
use gradtape::lanes::Isa;
use gradtape::program::{Engine, ReplayError, RowProgram, Workspace};
use std::fmt;

/// What a case is computed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Values,
    Sum,
    SumAndGradient,
    Gradients,
}

pub const PURPOSES: [Purpose; 4] =
    [Purpose::Values, Purpose::Sum, Purpose::SumAndGradient, Purpose::Gradients];

/// The numbers, or the words of the error.
type Answer = Result<Vec<f64>, String>;

/// Run a case for one purpose.
pub fn answer(
    case: &Case,
    program: &RowProgram,
    purpose: Purpose,
    workspace: &mut Workspace,
) -> Answer {
    let mut run = |out: &mut Vec<f64>| -> Result<(), ReplayError> {
        case.with_rows(|rows| {
            let (shared, count) = (&case.shared[..], rows.count());
            match purpose {
                Purpose::Values => {
                    out.resize(count * program.program().outputs(), 7.0);
                    program.values(shared, rows, out, workspace)
                }
                Purpose::Sum => {
                    out.push(program.sum(shared, rows, workspace)?);
                    Ok(())
                }
                Purpose::SumAndGradient => {
                    out.resize(shared.len(), 7.0);
                    let sum = program.sum_and_gradient(shared, rows, out, workspace)?;
                    out.push(sum);
                    Ok(())
                }
                Purpose::Gradients => {
                    out.resize(count * program.program().inputs(), 7.0);
                    program.gradients(shared, rows, out, workspace)
                }
            }
        })
    };
    let mut out = Vec::new();
    run(&mut out).map(|()| out).map_err(|error| format!("{error} {error:?}"))
}

/// Tell whether there is native code for a purpose.
fn is_native(program: &RowProgram, purpose: Purpose, workspace: &Workspace) -> bool {
    let stats = program.stats(workspace);
    stats.methods.get(purpose as usize).is_some_and(|method| method.code.is_some())
}

/// Bits, with one NaN for all: IEEE 754 leaves its sign and payload open.
fn same(a: &Answer, b: &Answer) -> bool {
    let same_number = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    match (a, b) {
        (Ok(a), Ok(b)) => a.len() == b.len() && a.iter().zip(b).all(same_number),
        (Err(a), Err(b)) => a == b,
        _ => false,
    }
}

/// Two engines that differ.
#[derive(Clone, Debug)]
pub struct Difference {
    pub purpose: Purpose,
    pub engine: Engine,
    pub isa: Isa,
    pub expected: Answer,
    pub found: Answer,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { purpose, engine, isa, expected, found } = self;
        writeln!(f, "{purpose:?} by {engine:?} with {isa} is not that of the baseline:")?;
        match (expected, found) {
            (Ok(expected), Ok(found)) => {
                let pairs = expected.iter().zip(found).enumerate();
                for (i, (a, b)) in pairs.filter(|(_, (a, b))| a.to_bits() != b.to_bits()).take(8) {
                    let bits = [a.to_bits(), b.to_bits()];
                    writeln!(f, "  [{i}] {a:e} and {b:e}, {:016x} and {:016x}", bits[0], bits[1])?;
                }
                Ok(())
            }
            _ => writeln!(f, "  {expected:?}\n  {found:?}"),
        }
    }
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compared {
    pub runs: u64,
    /// Runs that were refused.
    pub refused: u64,
    /// Numbers, and those that are NaN: they compare equal to any other NaN.
    pub numbers: u64,
    pub nan: u64,
    /// Runs for which there was native code.
    pub native: u64,
}

/// The workspaces of all engines, used again and again, so that what one run leaves behind meets the next.
pub struct Engines {
    oracle: Workspace,
    others: Vec<(Engine, Isa, Workspace)>,
    pub compared: Compared,
}

impl Engines {
    pub fn new() -> Engines {
        let sets = || Isa::ALL.into_iter().filter(|isa| isa.is_available());
        let with = |engine, isa| (engine, isa, Workspace::new().with_engine(engine).with_isa(isa));
        let interpreters = sets().skip(1).map(|isa| with(Engine::Interpreter, isa));
        let native = sets().map(|isa| with(Engine::Native, isa));
        #[cfg_attr(not(feature = "rayon"), allow(unused_mut))]
        let mut others: Vec<_> = interpreters.chain(native).collect();
        #[cfg(feature = "rayon")]
        others.push((Engine::Native, Isa::best(), others[others.len() - 1].2.clone().parallel()));
        Engines {
            oracle: Workspace::new().with_engine(Engine::Interpreter).with_isa(Isa::Baseline),
            others,
            compared: Compared::default(),
        }
    }

    /// Run a case in every way.
    ///
    /// # Errors
    /// If two differ.
    pub fn check(&mut self, case: &Case) -> Result<(), Box<Difference>> {
        let program = case.program();
        for purpose in PURPOSES {
            let expected = answer(case, &program, purpose, &mut self.oracle);
            match &expected {
                Ok(numbers) => {
                    self.compared.numbers += numbers.len() as u64;
                    self.compared.nan += numbers.iter().filter(|x| x.is_nan()).count() as u64;
                }
                Err(_) => self.compared.refused += 1,
            }
            for (engine, isa, workspace) in &mut self.others {
                let found = answer(case, &program, purpose, workspace);
                self.compared.runs += 1;
                self.compared.native += u64::from(is_native(&program, purpose, workspace));
                if !same(&expected, &found) {
                    let (engine, isa) = (*engine, *isa);
                    return Err(Box::new(Difference { purpose, engine, isa, expected, found }));
                }
            }
        }
        Ok(())
    }
}
