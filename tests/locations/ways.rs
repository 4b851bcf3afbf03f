//! The ways of recording: whichever one an operation takes, the same nodes stand on the tape.
//!
//! The fast path is closed while lines are remembered, while another tape is in use, and for operands that stand
//! between two rewinds. Terms that are gathered may begin on the fast path and end on the slow one.

use super::apply::{apply, operands, scalar_rows};
use super::panics::attempt;
use crate::property::seed::{random, seeds, times};
use fastrand::Rng;
use gradtape::{CustomOp, Tape, Var, affine, custom, dot, log_sum_exp, sum, sum_squares};

/// An earlier value, or a constant.
#[derive(Clone, Copy, Debug)]
enum Operand {
    Value(usize),
    Constant(f64),
    /// A variable that is stale.
    Gone,
}

/// What is done in one step, with its operands.
#[derive(Clone, Debug)]
struct Step {
    kind: u8,
    x: Vec<Operand>,
    y: Vec<Operand>,
    constants: [f64; 2],
    row: usize,
}

#[derive(Clone, Debug)]
struct Case {
    point: Vec<f64>,
    steps: Vec<Step>,
}

const SPECIAL: [f64; 12] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    0.5,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    5e-324,
    f64::MAX,
    -3.0,
];

fn any_number(random: &mut Rng) -> f64 {
    match random.u8(..3) {
        0 => random.choice(SPECIAL).expect("there are some"),
        1 => f64::from_bits(random.u64(..)),
        _ => random.f64() * 4.0 - 2.0,
    }
}

/// Lengths around the ends of a chunk of terms, none and many.
const LENGTHS: [usize; 12] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 17, 40];

impl Case {
    fn new(seed: u64) -> Case {
        let random = &mut Rng::with_seed(seed);
        let point: Vec<f64> = (0..random.usize(1..6)).map(|_| any_number(random)).collect();
        let steps = (0..random.usize(1..8)).map(|i| Case::step(random, point.len() + i));
        Case { steps: steps.collect(), point }
    }

    fn step(random: &mut Rng, len: usize) -> Step {
        // From none to all of the operands are constants, and a few values are taken often.
        let (constants, few) = (random.u8(..5), random.usize(1..=len));
        let operand = |random: &mut Rng| match random.u8(..4) < constants {
            _ if random.u16(..500) == 0 => Operand::Gone,
            true => Operand::Constant(any_number(random)),
            false => Operand::Value(len - 1 - random.usize(..few)),
        };
        let count = random.choice(LENGTHS).expect("there are some");
        Step {
            kind: random.u8(..12),
            x: (0..count.max(3)).map(|_| operand(random)).collect(),
            y: (0..count).map(|_| operand(random)).collect(),
            constants: [any_number(random), any_number(random)],
            row: random.usize(..),
        }
    }
}

/// Two outputs, of any number of inputs.
struct Ends;

impl CustomOp for Ends {
    fn name(&self) -> &str {
        "ends"
    }
    fn outputs(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        (y[0], y[1]) = (x[0], x[x.len() - 1]);
    }
    fn vjp(&self, x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] += w[0];
        dx[x.len() - 1] += w[1];
    }
}

impl Step {
    fn run(&self, values: &[Var], gone: Var) -> Var {
        let var = |operand: &Operand| match *operand {
            Operand::Value(i) => values[i],
            Operand::Constant(c) => Var::from(c),
            Operand::Gone => gone,
        };
        let (x, y) = (|| self.x[..self.y.len()].iter().map(var), || self.y.iter().map(var));
        let all: Vec<Var> = self.x.iter().map(var).collect();
        let [c, d] = self.constants;
        match self.kind {
            0 => sum(x()),
            1 => sum_squares(x()),
            2 => log_sum_exp(x()),
            3 => dot(x(), y()),
            4 => affine(x(), y(), all[0]),
            5 => dot(x(), vec![c; self.y.len()]),
            6 => affine(x(), vec![c; self.y.len()], all[1]),
            // The terms are recorded, in one node each or in n-ary nodes, while they are gathered.
            7 => dot(x().map(|x| x * c), y().map(|y| y + d)),
            8 => sum(x().map(|x| dot([x, all[0]], [all[1], x]))),
            9 => custom(Ends, &all)[1],
            10 => {
                let _ = all[0] < all[1];
                let _ = all[2] == c;
                all[0].clamp(c.min(d), c.max(d))
            }
            _ => {
                let rows: Vec<_> = scalar_rows().collect();
                let op = rows[self.row % rows.len()];
                // Numbers that every row takes.
                let (low, high) = (c.min(d).min(0.5), c.max(d).max(1.0));
                let constants = match op.constants() {
                    2 => vec![low, high],
                    n => vec![(self.row % 7) as f64; n],
                };
                apply(op, &all[..operands(op)], &constants)
            }
        }
    }
}

/// Which way is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Fast,
    Located,
    /// Switched on and off between the steps.
    Switched,
    /// Another tape was in use before each step.
    Foreign,
    /// The inputs stand between rewinds.
    Rewound,
}

const WAYS: [Way; 5] = [Way::Fast, Way::Located, Way::Switched, Way::Foreign, Way::Rewound];

/// All that is known of what was recorded, but for the lines; any NaN is as good as another.
fn recorded(case: &Case, way: Way, other: &Tape) -> String {
    let tape = Tape::new();
    tape.record_locations(way == Way::Located);
    let mut values: Vec<Var> = Vec::new();
    for &x in &case.point {
        values.push(tape.var(x));
        if way == Way::Rewound {
            let mark = tape.mark();
            let _ = sum(&values) * 2.0 + dot(&values, &values);
            tape.rewind(mark);
        }
    }
    let inputs = values.clone();
    let mark = tape.mark();
    let gone = tape.var(1.0).label("gone");
    tape.rewind(mark);
    let mut told: Vec<String> = Vec::new();
    for (i, step) in case.steps.iter().enumerate() {
        match way {
            Way::Switched => tape.record_locations(i % 2 == 1),
            Way::Foreign => drop(other.var(1.0)),
            _ => {}
        }
        let found = attempt(|| step.run(&values, gone));
        values.push(found.unwrap_or_else(|message| {
            assert!(message.contains("`gone`"), "{message}");
            told.push(format!("step {i} is refused"));
            Var::from(0.5)
        }));
    }
    let result = values[values.len() - 1];
    told.extend(values.iter().map(|v| format!("{:?}", (v.value(), v.index()))));
    if !result.is_constant() {
        told.push(format!("{:?}", tape.backward(&[(result, 1.0)]).wrt_all(&inputs)));
    }
    told.push(format!("{:?}", tape.guards()));
    told.extend(tape.nodes().map(|mut node| {
        node.location = None;
        format!("{node:?}")
    }));
    told.join("\n")
}

#[test]
fn every_way_of_recording_leaves_the_same_nodes() {
    let other = Tape::new();
    for seed in seeds(1500) {
        other.clear();
        let case = Case::new(seed);
        let fast = recorded(&case, Way::Fast, &other);
        for way in &WAYS[1..] {
            assert_eq!(recorded(&case, *way, &other), fast, "{way:?}, seed {seed}: {case:#?}");
        }
    }
}

/// In a pair of a variable and a constant the variable stands first, wherever the first constant is met.
#[test]
fn a_constant_among_variables_is_the_second_of_its_pair() {
    let mut random = random(1);
    for located in [false, true] {
        let tape = Tape::new();
        tape.record_locations(located);
        let x = tape.vars(&[0.5, 1.5]);
        for _ in 0..100 * times() {
            let mark = tape.mark();
            let length = random.usize(2..20);
            let mixed = random.usize(..length);
            let pairs: Vec<[Var; 2]> = (0..length)
                .map(|i| match i == mixed {
                    true => [x[0], x[1]],
                    false => [Var::from(3.0), x[random.usize(..2)]],
                })
                .collect();
            let (left, right) =
                (pairs.iter().map(|pair| pair[0]), pairs.iter().map(|pair| pair[1]));
            let node = dot(left, right).index().expect("a node");
            for (pair, given) in tape.node(node).operands.chunks(2).zip(&pairs) {
                assert!(pair[0] < 2, "{pair:?} of {given:?}");
                assert_eq!(
                    tape.node(pair[1]).op == gradtape::op::Op::Const,
                    given[0].is_constant()
                );
            }
            tape.rewind(mark);
        }
    }
}
