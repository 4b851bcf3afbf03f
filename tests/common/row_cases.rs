//! Random programs over rows, as data: every operation that a program can hold, on operands of every kind, at numbers
//! of every kind.
//!
//! ```text
//! case    = steps, each on any earlier values; outputs among the values
//!           the point that it is recorded at, and the shared inputs and rows that it runs on
//! probe   = the first row; a step that is not a moderate number there is drawn again, up to a few times, because what
//!           is NaN everywhere compares equal to anything
//! ```

#![allow(dead_code, reason = "each test uses its part")]

use gradtape::op::{Arity, Op};
use gradtape::program::{Pass, Program, RowProgram, Rows};
use gradtape::tape::Relation;
use gradtape::{Tape, Var, gradient};

/// One step; operands are indices of earlier values, the inputs first: shared, then of the row.
#[derive(Clone, Debug)]
pub enum Step {
    Constant(f64),
    Apply(Op, Vec<usize>, Vec<f64>),
    /// The derivative of an operation with respect to one of its operands, recorded: rules, and copies of inputs.
    Slope(Op, Vec<usize>, Vec<f64>, usize),
    /// A comparison in the code, which leaves a guard. Its value is that of the left side.
    Guard(usize, Relation, Side),
    /// An earlier value: what shrinking leaves of a step.
    Same(usize),
}

/// The other side of a guard.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    Value(usize),
    Number(f64),
}

#[derive(Clone, Debug)]
pub struct Case {
    /// The shared inputs, then those of a row.
    pub recorded_at: Vec<f64>,
    pub steps: Vec<Step>,
    pub outputs: Vec<usize>,
    pub passes: Vec<Pass>,
    /// What it runs on.
    pub shared: Vec<f64>,
    pub width: usize,
    /// Row after row.
    pub numbers: Vec<f64>,
    pub weights: Option<Vec<f64>>,
    pub chosen: Option<Vec<usize>>,
    /// Whether the rows are handed over as columns.
    pub by_columns: bool,
}

/// Zeros, subnormals, the ends of the range, and where exponentials over- and underflow.
const SPECIAL: [f64; 22] = [
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    1e-310,
    -1e-310,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::MIN,
    1e300,
    -1e300,
    1e-300,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    709.0,
    710.0,
    -745.0,
    -746.0,
    1e16,
    -4503599627370497.5,
    1.0000000000000002,
];

/// Where pieces meet: inputs and constants share them, so that there are ties.
const KINKS: [f64; 10] = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 1.5, 3.0];

const WEIGHTS: [f64; 12] =
    [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e300, -1e300, 5e-324, 1e-310, f64::INFINITY, f64::NAN];

/// A number: one of the special ones with this probability.
fn number(random: &mut fastrand::Rng, special: f64) -> f64 {
    if random.f64() < special {
        return match random.u32(0..8) {
            0 => f64::from_bits(random.u64(..)),
            _ => SPECIAL[random.usize(0..SPECIAL.len())],
        };
    }
    match random.u32(0..6) {
        0 => KINKS[random.usize(0..KINKS.len())],
        1 => random.f64() * 20.0 - 10.0,
        _ => random.f64() * 4.0 - 2.0,
    }
}

/// How many: mostly few.
fn few(random: &mut fastrand::Rng, most: usize) -> usize {
    let limit = 1 + random.usize(0..=most);
    random.usize(0..limit)
}

/// All operations that a step can be: all but leaves and those of the user's own.
pub fn operations() -> impl Iterator<Item = Op> {
    let rows = Op::ALL.iter().copied();
    rows.filter(|op| !matches!(op.arity(), Arity::Leaf | Arity::Custom))
}

impl Case {
    /// Draw a case of at most so many steps, mostly of few.
    pub fn random(seed: u64, most_steps: usize) -> Case {
        let random = &mut fastrand::Rng::with_seed(seed);
        let length = match random.u32(0..4000) {
            0 => 5000,
            1..=99 => random.usize(100..=400),
            100..=1199 => random.usize(15..=100),
            _ => random.usize(1..=15),
        };
        Case::of_length(random, length.min(most_steps))
    }

    /// Draw a case of so many steps.
    pub fn of_length(random: &mut fastrand::Rng, length: usize) -> Case {
        let many = random.u32(0..20) == 0;
        let shared = few(random, if many { 60 } else { 8 });
        let width = 1 + few(random, if many { 20 } else { 4 });
        let recorded_at: Vec<f64> = (0..shared + width).map(|_| number(random, 0.0)).collect();
        let builder = Builder::new(random, &recorded_at, shared);
        let (steps, outputs) = builder.steps(length);

        let special = [0.0, 0.02, 0.3][random.usize(0..3)];
        let mut run_at = recorded_at[..shared].to_vec();
        if random.u32(0..3) == 0 {
            run_at.fill_with(|| number(random, special));
        }
        let count = match random.u32(0..40) {
            0 => random.usize(60..=300),
            _ => random.usize(1..=40),
        };
        let mut numbers = recorded_at[shared..].to_vec();
        while numbers.len() < count * width {
            let probe = numbers[numbers.len() % width];
            numbers.push(match random.u32(0..2) {
                0 => number(random, special),
                _ => probe * (1.0 + 0.01 * random.f64()),
            });
        }
        let weight = |random: &mut fastrand::Rng| match random.u32(0..4) {
            0 => WEIGHTS[random.usize(0..WEIGHTS.len())],
            _ => random.f64() * 3.0 - 1.0,
        };
        let weights = random.bool().then(|| (0..count).map(|_| weight(random)).collect());
        let chosen = (random.u32(0..3) == 0)
            .then(|| (0..random.usize(0..40)).map(|_| random.usize(0..count)).collect());
        let passes = match random.u32(0..3) {
            0 => vec![],
            1 => Pass::ALL.iter().copied().filter(|_| random.bool()).collect(),
            _ => Pass::ALL.to_vec(),
        };
        let by_columns = random.bool();
        Case {
            recorded_at,
            steps,
            outputs,
            passes,
            shared: run_at,
            width,
            numbers,
            weights,
            chosen,
            by_columns,
        }
    }

    /// How many rows there are, before any are chosen.
    pub fn count(&self) -> usize {
        self.numbers.len() / self.width
    }

    /// Record and freeze it.
    pub fn program(&self) -> RowProgram {
        self.frozen().over_rows(self.shared.len()).expect("no more are shared than there are")
    }

    fn frozen(&self) -> Program {
        let tape = Tape::new();
        let inputs = tape.vars(&self.recorded_at);
        let mut values = inputs.clone();
        for step in &self.steps {
            values.push(step.run(&values));
        }
        let outputs: Vec<Var> = self.outputs.iter().map(|&at| values[at]).collect();
        tape.freeze_with(&inputs, &outputs, &self.passes).expect("the inputs are all there is")
    }

    /// Hand its rows to a function.
    pub fn with_rows<T>(&self, run: impl FnOnce(Rows<'_>) -> T) -> T {
        let column = |j| (0..self.count()).map(|i| self.numbers[i * self.width + j]).collect();
        let columns: Vec<Vec<f64>> = (0..self.width).map(column).collect();
        let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let mut rows = match self.by_columns {
            true => Rows::columns(&columns),
            false => Rows::row_major(&self.numbers, self.width),
        }
        .expect("whole rows");
        if let Some(weights) = &self.weights {
            rows = rows.weighted(weights).expect("one for each");
        }
        if let Some(chosen) = &self.chosen {
            rows = rows.choose(chosen).expect("rows that are there");
        }
        run(rows)
    }
}

impl Step {
    /// Record it, given all earlier values.
    pub fn run(&self, values: &[Var]) -> Var {
        let all = |at: &[usize]| at.iter().map(|&i| values[i]).collect::<Vec<Var>>();
        match self {
            Step::Constant(c) => Var::from(*c),
            Step::Apply(op, at, c) => op.apply(&all(at), c).expect("operands that it takes"),
            Step::Slope(op, at, c, which) => {
                gradient(|x| op.apply(x, c).expect("operands that it takes"), &all(at))[*which]
            }
            Step::Guard(at, relation, side) => {
                let (left, right) = match *side {
                    Side::Value(i) => (values[*at], values[i]),
                    Side::Number(c) => (values[*at], Var::from(c)),
                };
                // The outcome does not matter: both ways go on alike.
                let _ = match relation {
                    Relation::Less => left < right,
                    Relation::LessEqual => left <= right,
                    Relation::Greater => left > right,
                    Relation::GreaterEqual => left >= right,
                    Relation::Equal => left == right,
                    Relation::Unordered => left.partial_cmp(&right).is_none(),
                };
                left
            }
            Step::Same(at) => values[*at],
        }
    }

    /// The operands.
    pub fn operands(&self) -> Vec<usize> {
        match self {
            Step::Constant(_) => vec![],
            Step::Apply(_, at, _) | Step::Slope(_, at, _, _) => at.clone(),
            Step::Guard(at, _, Side::Value(i)) => vec![*at, *i],
            Step::Guard(at, _, Side::Number(_)) | Step::Same(at) => vec![*at],
        }
    }
}

/// A case under way: its steps are recorded at the probe as they are drawn.
struct Builder<'a> {
    random: &'a mut fastrand::Rng,
    _tape: Tape,
    shared: usize,
    values: Vec<Var>,
    /// The operations that are drawn, some more often than others.
    ops: Vec<Op>,
    guards: u32,
    /// How often constants are special.
    special: f64,
}

impl<'a> Builder<'a> {
    fn new(random: &'a mut fastrand::Rng, at: &[f64], shared: usize) -> Builder<'a> {
        let tape = Tape::new();
        let values = tape.vars(at);
        let plain = [Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Neg, Op::Square, Op::MulAdd, Op::Sqrt];
        let all = operations;
        let nary = || all().filter(|op| op.arity() == Arity::Nary);
        let pieces = || all().filter(|op| op.info().kink.is_some() || op.constants() > 0);
        let ops: Vec<Op> = match random.u32(0..6) {
            0 => plain.to_vec(),
            1 => plain.into_iter().chain(nary()).collect(),
            2 => plain.into_iter().chain(pieces()).collect(),
            3 => (0..4).map(|_| all().nth(random.usize(0..all().count())).expect("one")).collect(),
            _ => all().collect(),
        };
        let guards = [0, 0, 2, 20][random.usize(0..4)];
        let special = [0.0, 0.0, 0.1][random.usize(0..3)];
        Builder { random, _tape: tape, shared, values, ops, guards, special }
    }

    fn steps(mut self, length: usize) -> (Vec<Step>, Vec<usize>) {
        let inputs = self.values.len();
        let mut steps = Vec::new();
        while steps.len() < length {
            let mut tries = 0;
            let (step, value) = loop {
                let step = self.step();
                let value = step.run(&self.values);
                tries += 1;
                if value.value().abs() < 1e6 || tries > 6 || self.random.u32(0..50) == 0 {
                    break (step, value);
                }
            };
            steps.push(step);
            self.values.push(value);
        }
        // What nothing has used yet counts too.
        if self.random.bool() {
            let mut used = vec![false; self.values.len()];
            steps.iter().flat_map(Step::operands).for_each(|at| used[at] = true);
            let rest: Vec<usize> = (inputs..used.len()).filter(|&at| !used[at]).collect();
            steps.push(Step::Apply(Op::Sum, rest, vec![]));
        }
        let all = inputs + steps.len();
        let mut outputs = vec![all - 1];
        if self.random.u32(0..4) == 0 {
            outputs = (0..self.random.usize(0..9)).map(|_| self.random.usize(0..all)).collect();
        }
        (steps, outputs)
    }

    fn step(&mut self) -> Step {
        if self.random.u32(0..40) == 0 {
            return Step::Constant(number(self.random, self.special));
        }
        if self.random.u32(0..100) < self.guards {
            return self.guard();
        }
        let op = self.ops[self.random.usize(0..self.ops.len())];
        let operands = match op.arity().operands() {
            Some(count) => count,
            None => self.terms(op),
        };
        let at: Vec<usize> = (0..operands).map(|_| self.operand()).collect();
        let constants = self.constants(op, operands);
        match self.random.u32(0..20) {
            0 if operands > 0 => Step::Slope(op, at, constants, self.random.usize(0..operands)),
            _ => Step::Apply(op, at, constants),
        }
    }

    /// How many operands an operation of any number of them takes.
    fn terms(&mut self, op: Op) -> usize {
        let terms = match self.random.u32(0..8) {
            0 => self.random.usize(0..=70),
            1 => self.random.usize(14..=18),
            _ => self.random.usize(0..6),
        };
        match op {
            Op::Dot => 2 * terms,
            Op::Affine => 2 * terms + 1,
            Op::AffineData => terms + 1,
            _ => terms,
        }
    }

    fn constants(&mut self, op: Op, operands: usize) -> Vec<f64> {
        match op {
            Op::Powi if self.random.u32(0..10) > 0 => vec![f64::from(self.random.i32(-6..=6))],
            Op::Powi => vec![f64::from(self.random.i32(..))],
            Op::Polygamma => vec![f64::from(self.random.u32(0..5))],
            Op::Linear => self.numbers(operands),
            Op::AffineData => self.numbers(operands - 1),
            _ => self.numbers(op.constants()),
        }
    }

    fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| number(self.random, self.special)).collect()
    }

    /// An earlier value: mostly a recent one, often an input, shared or of a row.
    fn operand(&mut self) -> usize {
        let len = self.values.len();
        match self.random.u32(0..10) {
            0..=3 => len - 1 - self.random.usize(0..len.min(4)),
            4 if self.shared > 0 => self.random.usize(0..self.shared),
            // One that everybody uses.
            5 => len / 2,
            _ => self.random.usize(0..len),
        }
    }

    /// A comparison: half of them of what cannot be for ordinary numbers.
    fn guard(&mut self) -> Step {
        let at = self.operand();
        match self.random.u32(0..4) {
            0 => Step::Guard(at, Relation::Less, Side::Number(1e12)),
            1 => Step::Guard(at, Relation::GreaterEqual, Side::Number(-1e12)),
            more => {
                const RELATIONS: [Relation; 6] = [
                    Relation::Less,
                    Relation::LessEqual,
                    Relation::Greater,
                    Relation::GreaterEqual,
                    Relation::Equal,
                    Relation::Unordered,
                ];
                let relation = RELATIONS[self.random.usize(0..6)];
                let side = match more {
                    2 => Side::Value(self.operand()),
                    _ => Side::Number(number(self.random, 0.1)),
                };
                Step::Guard(at, relation, side)
            }
        }
    }
}
