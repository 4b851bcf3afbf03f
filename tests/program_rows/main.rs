//! Programs over rows give the numbers of the engine for one point, whatever the number of rows, their
//! layout, the instruction set and the number of threads.

mod custom;
mod guards;
mod lanes;
mod lengths;
#[path = "../common/property.rs"]
mod property;
mod random;
mod refusals;
mod rerecord;
mod special;
mod stack;
mod sums;
#[cfg(feature = "rayon")]
mod threads;
mod zeros;

#[path = "../common/apply.rs"]
mod apply;
#[path = "../common/expression.rs"]
mod expression;
#[path = "../common/formula.rs"]
mod formula;
#[path = "../common/naive.rs"]
mod naive;
#[path = "../common/numeric.rs"]
mod numeric;
#[path = "../common/programs.rs"]
mod programs;

use expression::{Expression, Step};
use gradtape::lanes::Isa;
use gradtape::op::Op;
use gradtape::program::{ReplayError, RowProgram, Rows, Workspace};
use gradtape::{Tape, gradient};
use property::config;
use std::sync::LazyLock;

/// Whether the value or the partials of a row are computed by lane kernels: they may differ from those of the
/// standard library by a few units in the last place. All others have the same bits.
///
/// The partials call what their recording has: a gradient of variables of a tape is recorded on it.
fn uses_kernels(op: Op) -> bool {
    static ROWS: LazyLock<Vec<Op>> = LazyLock::new(|| {
        let calls_kernels = |op: &Op| {
            op.has_lane_kernel()
                || op.info().samples.iter().any(|sample| {
                    let (x, c) = apply::split(*op, sample);
                    let tape = Tape::new();
                    gradient(|x| apply::apply(*op, x, c), &tape.vars(x));
                    tape.nodes().any(|node| node.op.has_lane_kernel())
                })
        };
        apply::scalar_rows().filter(calls_kernels).collect()
    });
    ROWS.contains(&op)
}

fn available() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

/// Bits, with one NaN for all: IEEE 754 leaves its sign and payload open.
fn bits(numbers: &[f64]) -> Vec<u64> {
    let one = |x: &f64| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
    numbers.iter().map(one).collect()
}

/// Numbers of every kind.
fn wild(random: &mut fastrand::Rng) -> f64 {
    const SPECIAL: [f64; 8] =
        [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324, 1e300, -1.0];
    match random.u32(0..4) {
        0 => SPECIAL[random.usize(0..SPECIAL.len())],
        1 => f64::from_bits(random.u64(..)),
        _ => (random.f64() - 0.5) * 8.0,
    }
}

fn has_kernels(expression: &Expression) -> bool {
    expression.steps.iter().any(|step| match step {
        Step::LogSumExp(_) => true,
        Step::Scalar(op, ..) => uses_kernels(*op),
        _ => false,
    })
}

/// The same with other operations in place of those that have kernels.
fn without_kernels(mut expression: Expression) -> Expression {
    for step in &mut expression.steps {
        match step {
            Step::LogSumExp(x) => *step = Step::Sum(x.clone()),
            Step::Scalar(op, x, c) if uses_kernels(*op) => {
                let other = match (x.len(), c.len()) {
                    (2, _) => Op::Mul,
                    (_, 0) => Op::Sqrt,
                    _ => Op::DivConst,
                };
                *step = Step::Scalar(other, x.clone(), c.clone());
            }
            _ => {}
        }
    }
    expression
}

/// Rows in one piece, row after row.
#[derive(Clone, Debug)]
struct Table {
    numbers: Vec<f64>,
    width: usize,
}

impl Table {
    fn rows(&self) -> Rows<'_> {
        Rows::row_major(&self.numbers, self.width).expect("whole rows")
    }

    fn each(&self) -> impl Iterator<Item = &[f64]> {
        self.numbers.chunks_exact(self.width.max(1))
    }

    /// The same numbers column after column.
    fn columns(&self) -> Vec<Vec<f64>> {
        (0..self.width).map(|column| self.each().map(|row| row[column]).collect()).collect()
    }

    fn chosen(&self, rows: &[usize]) -> Table {
        let row = |&row: &usize| &self.numbers[row * self.width..][..self.width];
        Table { numbers: rows.iter().flat_map(row).copied().collect(), width: self.width }
    }
}

/// Everything that a program over rows computes of a function with one output.
#[derive(Clone, Debug)]
struct All {
    values: Vec<f64>,
    gradients: Vec<f64>,
    sum: f64,
    total: (f64, Vec<f64>),
}

impl All {
    fn of(
        program: &RowProgram,
        shared: &[f64],
        rows: Rows<'_>,
        workspace: &mut Workspace,
    ) -> Result<All, ReplayError> {
        let mut all = All {
            values: vec![f64::NAN; rows.count()],
            gradients: vec![f64::NAN; rows.count() * (shared.len() + rows.width())],
            sum: program.sum(shared, rows, workspace)?,
            total: (0.0, vec![f64::NAN; shared.len()]),
        };
        program.values(shared, rows, &mut all.values, workspace)?;
        program.gradients(shared, rows, &mut all.gradients, workspace)?;
        all.total.0 = program.sum_and_gradient(shared, rows, &mut all.total.1, workspace)?;
        Ok(all)
    }

    fn bits(&self) -> [Vec<u64>; 4] {
        let sums = bits(&[self.sum, self.total.0]);
        [bits(&self.values), bits(&self.gradients), sums, bits(&self.total.1)]
    }
}

/// Value and gradient of every row by the engine for one point.
fn one_by_one(program: &RowProgram, shared: &[f64], table: &Table) -> (Vec<f64>, Vec<f64>) {
    let (mut values, mut gradients) = (Vec::new(), Vec::new());
    let mut workspace = Workspace::new();
    for row in table.each() {
        let x = [shared, row].concat();
        let mut gradient = vec![0.0; x.len()];
        let one = program.program();
        values.push(one.value(&x, &mut workspace).expect("no guard"));
        one.vjp(&x, &[1.0], &mut gradient, &mut workspace).expect("no guard");
        gradients.extend(gradient);
    }
    (values, gradients)
}
